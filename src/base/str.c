#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "str.h"

void str_clear(struct str *s)
{
	free(s->data);
	*s = (struct str){0};
}

void str_clear_secret(struct str *s)
{
	if (s->data)
		mem_wipe(s->data, s->cap);
	str_clear(s);
}

void str_reset(struct str *s)
{
	str_truncate(s, 0);
}

const char *str_get(const struct str *s)
{
	return s->data ? s->data : "";
}

char *str_detach(struct str *s)
{
	char *data = s->data ? s->data : mem_strdup("");

	*s = (struct str){0};
	return data;
}

void str_reserve(struct str *s, size_t more)
{
	size_t need, cap;

	if (more >= SIZE_MAX / 2 - s->len)
		mem_die("a string of impossible length");
	need = s->len + more + 1;
	if (need <= s->cap)
		return;
	cap = s->cap < 16 ? 32 : s->cap + s->cap / 2;
	if (cap < need)
		cap = need;
	s->data = mem_resize(s->data, cap, 1);
	s->cap = cap;
	s->data[s->len] = '\0';
}

void str_add_mem(struct str *s, const void *data, size_t len)
{
	str_reserve(s, len);
	if (len > 0)
		memcpy(s->data + s->len, data, len);
	s->len += len;
	s->data[s->len] = '\0';
}

void str_add(struct str *s, const char *text)
{
	str_add_mem(s, text, strlen(text));
}

void str_add_char(struct str *s, char c)
{
	str_add_mem(s, &c, 1);
}

void str_add_span(struct str *s, struct span text)
{
	str_add_mem(s, text.data, text.len);
}

void str_vprintf(struct str *s, const char *fmt, va_list args)
{
	va_list again;
	int len;

	assert(fmt);
	va_copy(again, args);
	str_reserve(s, 64);
	len = vsnprintf(s->data + s->len, s->cap - s->len, fmt, args);
	if (len < 0)
		mem_die("formatting a text");
	if ((size_t)len >= s->cap - s->len) {
		str_reserve(s, (size_t)len);
		vsnprintf(s->data + s->len, (size_t)len + 1, fmt, again);
	}
	va_end(again);
	s->len += (size_t)len;
}

void str_printf(struct str *s, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	str_vprintf(s, fmt, args);
	va_end(args);
}

void str_set(struct str *s, const char *text)
{
	str_reset(s);
	str_add(s, text);
}

void str_truncate(struct str *s, size_t len)
{
	assert(len <= s->len);
	s->len = len;
	if (s->data)
		s->data[len] = '\0';
}

struct span span_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

struct span span_str(const struct str *s)
{
	return (struct span){str_get(s), s->len};
}

bool span_equal(struct span a, struct span b)
{
	/* memcmp must not see the NULL of an empty span. */
	return a.len == b.len &&
		(a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool span_equal_nocase(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
			return false;
	return true;
}

bool span_is(struct span s, const char *text)
{
	return span_equal(s, span_of(text));
}

bool span_is_nocase(struct span s, const char *text)
{
	return span_equal_nocase(s, span_of(text));
}

bool span_starts_nocase(struct span s, const char *prefix)
{
	size_t len = strlen(prefix);

	if (s.len < len)
		return false;
	s.len = len;
	return span_is_nocase(s, prefix);
}

bool span_number(struct span s, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)(unsigned char)s.data[i] - '0';

		if (digit > 9 || digit > max ||
			value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}

struct span span_trim(struct span s)
{
	while (s.len > 0 && ascii_is_space(s.data[0])) {
		s.data++;
		s.len--;
	}
	while (s.len > 0 && ascii_is_space(s.data[s.len - 1]))
		s.len--;
	return s;
}

char *span_dup(struct span s)
{
	char *copy = mem_alloc(s.len + 1);

	if (s.len > 0)
		memcpy(copy, s.data, s.len);
	copy[s.len] = '\0';
	return copy;
}

bool ascii_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

int ascii_casecmp(const char *a, const char *b)
{
	while (*a && ascii_lower(*a) == ascii_lower(*b)) {
		a++;
		b++;
	}
	return (unsigned char)ascii_lower(*a) - (unsigned char)ascii_lower(*b);
}
