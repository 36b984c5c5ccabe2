/*
 * Text from outside (folder names, server texts, hook output) made harmless:
 * the one place where control characters, C1, bidirectional overrides, other
 * invisible formatting and invalid UTF-8 become '?'.  Everything that a front
 * end shows, logs or sends to a parent program has passed here.  Pure; called
 * by text.c, machine_text.c and draw.c in the main thread.  RFC 3629.
 */
#ifndef UI_CLEAN_H
#define UI_CLEAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

/* The character at the start of the span: its length in bytes (at least 1
 * while len is not 0) and its code point, '?' when it must not be shown or
 * is no UTF-8.  TAB, LF and CR are returned as they are. */
size_t clean_next(struct span text, uint32_t *code);

/* Appends text as one line: TAB, LF and CR become blanks. */
void clean_add(struct str *out, const char *text);

/* Appends text that may have several lines.  TABs stay; every line after the
 * first is indented, so that no foreign text can pass for a line of ours.
 * Line ends at the end are dropped. */
void clean_add_lines(struct str *out, const char *text);

/* Appends text that may have several lines as it is: TAB and LF stay, and no
 * line is indented.  For what is encoded afterwards. */
void clean_add_block(struct str *out, const char *text);

/* Whether a character set of this name (nl_langinfo(CODESET)) is UTF-8. */
bool clean_is_utf8(const char *codeset);

/* In place: every character outside ASCII becomes one '?'. */
void clean_ascii(struct str *text);

#endif
