/*
 * A view is a part of the screen: a table of functions that draw the model
 * into a window and understand requests.  It keeps nothing of the model's
 * but positions, so a model that changes meanwhile does no harm.  Main thread.
 * To add a view: one file, one row in screen.c.
 */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include <curses.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "draw.h"
#include "keys.h"

struct model;
struct view;

#define VIEW_NO_FOLDER SIZE_MAX

struct view_ops {
	/* The window has been erased. */
	void (*draw)(struct view *view);
	/* Whether the request meant something here. */
	bool (*request)(struct view *view, enum key_request request);
};

struct view {
	const struct view_ops *ops;
	struct model *model;
	const struct draw_look *look;
	WINDOW *win; /* NULL: there is no room for it */
	int64_t now_ms;
	bool focused;
	/* The accounts: what is selected (an account's own line when folder
	 * is VIEW_NO_FOLDER), and the first row shown. */
	size_t account, folder;
	bool busy_only;
	size_t top; /* help, too */
	/* The log: the number after the last line shown; while following,
	 * the newest. */
	uint64_t bottom;
	bool scrolled;
};

extern const struct view_ops view_accounts, view_log, view_help;

/* What is worth knowing about the selected row, or NULL: its last error or
 * how to approve what is held. */
const char *view_accounts_note(const struct view *view);
/* Rows and columns that the help would like. */
void view_help_size(int *rows, int *columns);

#endif
