#include "config.h"

#include <string.h>

#include "mail/header_cut.h"

static size_t pass_held(struct header_cut *c, char *out)
{
	size_t len = c->len;

	memcpy(out, c->held, len);
	c->len = 0;
	return len;
}

static bool is_wanted(const struct header_cut *c)
{
	struct span name = span_trim((struct span){c->held, c->len});

	for (const char *const *n = c->names; *n; n++)
		if (span_is_nocase(name, *n))
			return true;
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* ftext = %d33-57 / %d59-126, of which names are made */
static bool is_ftext(char c)
{
	return c > ' ' && c < 0x7f && c != ':';
}

/* The line of an mbox, which some programs leave before the header. */
static bool is_from_line(const struct header_cut *c)
{
	struct span held = {c->held, c->len};

	return !c->behind_first && (span_is(held, "From ") ||
		span_is(held, ">From "));
}

static void begin_line(struct header_cut *c, char first)
{
	c->len = 0;
	c->blank = false;
	if (is_blank(first))
		c->state = c->dropping ? CUT_DROP : CUT_PASS;
	else if (first == '\n' || first == '\r')
		c->state = CUT_BODY;
	else
		c->state = CUT_NAME;
}

/* field = field-name *WSP ":" unstructured; the blanks are obsolete */
static void read_name(struct header_cut *c, char next)
{
	if (next == ':') {
		c->dropping = is_wanted(c);
		c->state = c->dropping ? CUT_DROP : CUT_PASS;
	} else if (is_from_line(c)) {
		c->dropping = false;
		c->state = CUT_PASS;
	} else if (!is_blank(next) && (c->blank || !is_ftext(next))) {
		c->state = CUT_BODY;
	} else if (c->len == HEADER_CUT_HELD) {
		c->dropping = false;
		c->state = CUT_PASS;
	} else {
		c->blank = is_blank(next);
		c->held[c->len++] = next;
	}
}

/* One byte of the header. */
static size_t step(struct header_cut *c, char next, char *out)
{
	size_t len = 0;

	if (c->state == CUT_LINE)
		begin_line(c, next);
	if (c->state == CUT_NAME)
		read_name(c, next);
	if (c->state == CUT_PASS || c->state == CUT_BODY) {
		len = pass_held(c, out);
		out[len++] = next;
	}
	if (next == '\n' && (c->state == CUT_PASS || c->state == CUT_DROP)) {
		c->state = CUT_LINE;
		c->behind_first = true;
	}
	return len;
}

size_t header_cut(struct header_cut *c, struct span in, char *out)
{
	size_t len = 0, i = 0;

	while (c->names && c->state != CUT_BODY && i < in.len)
		len += step(c, in.data[i++], out + len);
	if (i < in.len)
		memcpy(out + len, in.data + i, in.len - i);
	return len + in.len - i;
}

size_t header_cut_end(struct header_cut *c, char *out)
{
	return c->state == CUT_NAME ? pass_held(c, out) : 0;
}
