/*
 * Text: struct str owns bytes, struct span borrows them.  Any thread; a value
 * belongs to one thread at a time.
 *
 * Invariants of struct str: a zeroed value is a valid empty string; data is
 * NULL only when cap is 0; otherwise data[len] is NUL.  There may be
 * NULs among the bytes.
 */
#ifndef STR_H
#define STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"

struct span {
	const char *data;
	size_t len;
};

struct str {
	char *data;
	size_t len;
	size_t cap;
};

/* Frees the bytes; the value is empty and usable again. */
void str_clear(struct str *s);
/* As str_clear, overwriting the bytes first. */
void str_clear_secret(struct str *s);
/* Length 0; keeps the memory. */
void str_reset(struct str *s);
/* The bytes as a C string, "" when empty; lent until the next change. */
const char *str_get(const struct str *s);
/* Gives the malloc'd bytes away (never NULL); the value is empty again. */
char *str_detach(struct str *s);

/* Room for at least this many more bytes and a NUL. */
void str_reserve(struct str *s, size_t more);
void str_add(struct str *s, const char *text);
void str_add_char(struct str *s, char c);
void str_add_mem(struct str *s, const void *data, size_t len);
void str_add_span(struct str *s, struct span);
void str_printf(struct str *s, const char *fmt, ...) ATTR_PRINTF(2, 3);
void str_vprintf(struct str *s, const char *fmt, va_list) ATTR_PRINTF(2, 0);
/* Replaces the content. */
void str_set(struct str *s, const char *text);
void str_truncate(struct str *s, size_t len);

struct span span_of(const char *text);
struct span span_str(const struct str *s);
bool span_equal(struct span, struct span);
/* ASCII case is ignored. */
bool span_equal_nocase(struct span, struct span);
bool span_is(struct span, const char *text);
bool span_is_nocase(struct span, const char *text);
bool span_starts_nocase(struct span, const char *prefix);
/* Decimal digits only, the whole span, no sign, at most max. */
bool span_number(struct span, uint64_t max, uint64_t *out);
struct span span_trim(struct span);
/* A malloc'd C string; NUL bytes are kept, so strlen may be shorter. */
char *span_dup(struct span);

/* ASCII, without the locale. */
bool ascii_is_space(char c);
bool ascii_is_digit(char c);
char ascii_lower(char c);
int ascii_casecmp(const char *, const char *);

#endif
