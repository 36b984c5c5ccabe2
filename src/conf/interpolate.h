/*
 * %(name)s in values, as Python's BasicInterpolation has it: replaced by that
 * option of the same section or of [DEFAULT], up to ten levels deep; "%%" is
 * "%"; any other "%" is an error when the value is read.  Main thread.
 */
#ifndef CONF_INTERPOLATE_H
#define CONF_INTERPOLATE_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"
#include "str.h"

struct ini;
struct ini_row;
struct ini_section;

/* The value of a row as the section sees it; out is replaced.  The error says
 * what is wrong with the value, not where it stands, and never shows it. */
bool interpolate(const struct ini *ini, const struct ini_section *section,
	const struct ini_row *row, struct str *out, struct error *err)
	ATTR_MUST_CHECK;
/* Whether every "%" is part of "%%" or "%(name)s". */
bool interpolate_valid(const char *raw);
/* Whether the raw value uses the option of this name. */
bool interpolate_uses(const char *raw, const char *key);

#endif
