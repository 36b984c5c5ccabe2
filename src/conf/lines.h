/*
 * The line rules of Python's ConfigParser: the bytes of a configuration file
 * become sections and options, comments dropped, continuation lines joined.
 * Called by ini.c alone, main thread, before any other thread exists.
 *
 *	struct lines lines = LINES("~/.offlineimaprc", text);
 *	struct lines_item item = {0};
 *	while (lines_next(&lines, &item, &err) && item.kind != LINES_END)
 *		...
 *	lines_item_clear(&item);
 *
 * Path (for messages) and text are borrowed and outlive the value.
 */
#ifndef CONF_LINES_H
#define CONF_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "attr.h"
#include "error.h"
#include "str.h"

struct lines {
	const char *path;
	struct span text;
	size_t pos;
	unsigned line;   /* of the line read last, counted from 1 */
	bool in_section; /* a header has been seen */
};

#define LINES(name, bytes) {.path = (name), .text = (bytes)}

enum lines_kind { LINES_END, LINES_SECTION, LINES_OPTION };

struct lines_item {
	enum lines_kind kind;
	unsigned line;    /* where it starts */
	struct str name;  /* of the section, or the lower-cased key */
	struct str value; /* of an option; continuation joined by newlines */
};

/* The next section or option, or LINES_END. */
bool lines_next(struct lines *lines, struct lines_item *item,
	struct error *err) ATTR_MUST_CHECK;
/* Wipes and frees. */
void lines_item_clear(struct lines_item *item);

#endif
