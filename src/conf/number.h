/*
 * Numbers as Python's int() and float() read them, without the locale (whose
 * decimal comma would change the configuration's meaning).  Any thread.
 */
#ifndef CONF_NUMBER_H
#define CONF_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

/* Sign, digits, "_" between digits.  The text is trimmed already. */
bool number_int(struct span text, int64_t *out);
/* The same with a fraction and an exponent; not inf, not nan, and nothing
 * beyond the range of double. */
bool number_float(struct span text, double *out);

#endif
