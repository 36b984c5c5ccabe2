/*
 * A configuration file as it is written: sections in order, options in order,
 * values raw (before interpolation), each with its line.  Called by conf.c and
 * its parts, main thread.  ini.c is the only file that sees inih.
 *
 * Everything is owned by struct ini; pointers into it live until ini_free or
 * ini_set.  Values may hold passwords, so ini_free wipes all of them.
 *
 * A section [DEFAULT] always exists, first, maybe empty: its options show
 * through in every section.
 */
#ifndef CONF_INI_H
#define CONF_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"
#include "str.h"

#define INI_DEFAULT "DEFAULT"

struct ini_row {
	char *key;   /* lower case */
	char *value; /* raw, trimmed */
	unsigned line; /* 0: given on the command line */
};

struct ini_section {
	char *name;
	unsigned line; /* 0: a [DEFAULT] that the file does not have */
	struct vec rows; /* of struct ini_row, in order */
};

struct ini;

/* path is what messages call the file.  The text is borrowed for the call. */
struct ini *ini_load(const char *path, struct span text, struct error *err)
	ATTR_MUST_CHECK;
void ini_free(struct ini *ini);

const char *ini_path(const struct ini *ini);
size_t ini_section_count(const struct ini *ini);
const struct ini_section *ini_section_at(const struct ini *ini, size_t index);
/* NULL when there is none; the name is compared exactly. */
const struct ini_section *ini_section(const struct ini *ini, const char *name);
/* The row of this very section, or NULL. */
const struct ini_row *ini_row(const struct ini_section *section,
	const char *key);
/* The row of this section, else of [DEFAULT], else NULL. */
const struct ini_row *ini_find(const struct ini *ini,
	const struct ini_section *section, const char *key);

/* "FILE:12", or for line 0 that the command line gave it.  malloc'd. */
char *ini_where(const struct ini *ini, unsigned line) ATTR_RETURNS_NONNULL;

/* Adds or replaces the row, which then has line 0 (for -k, override.c).
 * False when there is no such section. */
bool ini_set(struct ini *ini, const char *section, const char *key,
	const char *value) ATTR_MUST_CHECK;

#endif
