#include "config.h"

#include <stddef.h>

#include "conf/number.h"

#define EXPONENT_MAX 400 /* beyond it every double is 0 or infinite */

/* What is left to read. */
struct cursor {
	struct span rest;
};

static char peek(const struct cursor *c)
{
	return c->rest.len > 0 ? c->rest.data[0] : '\0';
}

static void skip(struct cursor *c)
{
	c->rest.data++;
	c->rest.len--;
}

/* Takes one of the two characters, telling whether it was there. */
static bool take(struct cursor *c, char one, char other)
{
	if (c->rest.len == 0 || (peek(c) != one && peek(c) != other))
		return false;
	skip(c);
	return true;
}

static bool sign_take(struct cursor *c)
{
	bool minus = peek(c) == '-';

	(void)take(c, '+', '-');
	return minus;
}

/* The next digit, passing over one "_" that stands between two; -1: none. */
static int digit_take(struct cursor *c, bool first)
{
	int digit;

	if (!first && c->rest.len > 1 && peek(c) == '_' &&
		ascii_is_digit(c->rest.data[1]))
		skip(c);
	if (!ascii_is_digit(peek(c)))
		return -1;
	digit = peek(c) - '0';
	skip(c);
	return digit;
}

bool number_int(struct span text, int64_t *out)
{
	struct cursor c = {text};
	bool minus = sign_take(&c);
	int64_t value = 0;
	int digit = digit_take(&c, true);

	if (digit < 0)
		return false;
	for (; digit >= 0; digit = digit_take(&c, false)) {
		if (value > (INT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = minus ? -value : value;
	return c.rest.len == 0;
}

/* Adds digits to *value; their number. */
static int digits_take(struct cursor *c, double *value)
{
	int count = 0, digit;

	while ((digit = digit_take(c, count == 0)) >= 0) {
		*value = *value * 10 + digit;
		count++;
	}
	return count;
}

static bool exponent_take(struct cursor *c, int *out)
{
	double value = 0;
	bool minus;

	if (!take(c, 'e', 'E'))
		return true;
	minus = sign_take(c);
	if (digits_take(c, &value) == 0)
		return false;
	if (value > EXPONENT_MAX)
		value = EXPONENT_MAX;
	*out = minus ? -(int)value : (int)value;
	return true;
}

static double scale(double value, int exponent)
{
	for (; exponent > 0; exponent--)
		value *= 10;
	for (; exponent < 0; exponent++)
		value /= 10;
	return value;
}

bool number_float(struct span text, double *out)
{
	struct cursor c = {text};
	bool minus = sign_take(&c);
	double value = 0;
	int whole = digits_take(&c, &value), fraction = 0, exponent = 0;

	if (take(&c, '.', '.'))
		fraction = digits_take(&c, &value);
	if (whole + fraction == 0 || !exponent_take(&c, &exponent) ||
		c.rest.len > 0)
		return false;
	value = scale(value, exponent - fraction);
	*out = minus ? -value : value;
	/* Infinity and what came of it is greater, or not comparable. */
	return value <= 1e300;
}
