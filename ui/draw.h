/*
 * Text and colours in a curses window.  Every text is cleaned here once more,
 * cut or wrapped by the columns it takes, and reduced to ASCII where the
 * terminal shows nothing else.  Main thread, between newterm and endwin.
 */
#ifndef UI_DRAW_H
#define UI_DRAW_H

#include <curses.h>
#include <stdbool.h>

enum draw_role {
	DRAW_NORMAL,
	DRAW_TITLE,
	DRAW_DIM,
	DRAW_BUSY,
	DRAW_OK,
	DRAW_WARNING,
	DRAW_ERROR,
	DRAW_ASK,
};

/* What the terminal can. */
struct draw_look {
	bool utf8;
	bool colour;
};

/* After newterm; finds out about colours. */
void draw_init(struct draw_look *look, bool utf8);
/* How the following text looks. */
void draw_set(WINDOW *win, const struct draw_look *look, enum draw_role role,
	bool selected);
/* At most width columns of text from y, x on, blanks up to width.  Returns
 * the columns that the text itself took. */
int draw_text(WINDOW *win, const struct draw_look *look, int y, int x,
	int width, const char *text);
/* The same, ending at the right edge of the width. */
void draw_right(WINDOW *win, const struct draw_look *look, int y, int x,
	int width, const char *text);
/* Columns that text takes. */
int draw_columns(const struct draw_look *look, const char *text);
/* Rows that text takes when wrapped, at least 1. */
int draw_rows(const struct draw_look *look, int width, const char *text);
/* Draws text wrapped over the window's width from row y on, which may be
 * negative: rows outside the window are left out. */
void draw_wrapped(WINDOW *win, const struct draw_look *look, int y,
	const char *text);

#endif
