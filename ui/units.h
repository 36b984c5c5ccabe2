/*
 * Numbers as people read them, without the locale's decimal comma, so that
 * logs look alike everywhere.  Pure; called by text.c and the views.
 */
#ifndef UI_UNITS_H
#define UI_UNITS_H

#include <stdint.h>

#include "str.h"

/* "17 B", "1.2 kB", "34 MB": powers of 1000, at most 6 columns. */
void units_add_bytes(struct str *out, uint64_t bytes);
/* "0:07", "12:34", "1:02:03". */
void units_add_duration(struct str *out, int64_t seconds);
/* "2.5": minutes with one decimal, cut, not rounded. */
void units_add_minutes(struct str *out, int64_t seconds);
/* "999", "12k", "3.4M": a count in at most 5 columns. */
void units_add_count(struct str *out, uint64_t count);

#endif
