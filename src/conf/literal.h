/*
 * Python's literals, read without Python: texts, whole numbers, None, True and
 * False, and lists, tuples and sets of texts (The Python Language Reference,
 * 2.4 and 6.2).  Pure; any thread.  What is not sure to mean the same there is
 * left to python3.
 */
#ifndef CONF_LITERAL_H
#define CONF_LITERAL_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "str.h"

enum literal_kind {
	LITERAL_NONE,
	LITERAL_BOOL,   /* number: 0, 1 */
	LITERAL_NUMBER,
	LITERAL_TEXT,   /* str, or bytes that are UTF-8 */
	LITERAL_LIST,
};

struct literal {
	enum literal_kind kind;
	int64_t number;
	struct str text;
	struct vec list; /* of char *, malloc'd */
};

/* False: the text is something else; *out is empty then.  The caller clears
 * it. */
bool literal_read(const char *text, struct literal *out) ATTR_MUST_CHECK;
/* Wipes the text. */
void literal_clear(struct literal *l);

#endif
