#include "config.h"

#include "imap/parse_private.h"

/*
 * The numbers of SEARCH and the sets of ESEARCH and VANISHED may be without
 * end: they go into the set as they come, and the text keeps the last of them
 * alone.  So it can be cut anywhere, and what is wrong with it is seen, and
 * said, where the text is parsed.
 */

size_t numbers_max(const struct parser *p)
{
	return p->limits.line / 2;
}

/* ---- Where they begin ---- */

/* The blank is not counted. */
static bool begin(struct parser *p, struct feed *f, enum response_numbers kind)
{
	text_keep(p, f);
	str_add_char(&p->buffer, ' ');
	f->at++;
	p->numbers = kind;
	p->number_at = p->buffer.len;
	p->state = STATE_NUMBERS;
	return false;
}

/* A word was read: what may follow it? */
static bool end_word(struct parser *p, struct feed *f)
{
	enum response_numbers kind = NUMBERS_NONE;

	if (f->data[f->at] == ' ')
		kind = response_numbers(text_get(p, f), p->number_at);
	switch (kind) {
	case NUMBERS_NONE:
		p->state = STATE_LINE;
		return false;
	case NUMBERS_LATER:
		return !text_take(p, f, 1);
	case NUMBERS_LIST:
	case NUMBERS_SET:
		break;
	}
	return begin(p, f, kind);
}

bool numbers_step_words(struct parser *p, struct feed *f)
{
	size_t end = f->at;

	while (end < f->len && f->data[end] != ' ' && f->data[end] != '\n')
		end++;
	if (!text_take_line(p, f, end - f->at))
		return true;
	return f->at < f->len ? end_word(p, f) : step_more(p, f);
}

/* ---- The numbers ---- */

static struct span last(const struct parser *p)
{
	return (struct span){p->buffer.data + p->number_at,
		p->buffer.len - p->number_at};
}

/* Bytes of the input that belong to a number, in a set to a range. */
static size_t number_len(const struct parser *p, const struct feed *f)
{
	size_t end = f->at;

	while (end < f->len && (ascii_is_digit(f->data[end]) ||
		(f->data[end] == ':' && p->numbers == NUMBERS_SET)))
		end++;
	return end - f->at;
}

/* With a range that follows a comma, the one before it is not needed. */
static bool take_number(struct parser *p, struct feed *f, size_t n)
{
	struct span before = last(p);

	if (before.len > 0 && before.data[before.len - 1] == ',')
		str_truncate(&p->buffer, p->number_at);
	return !text_take(p, f, n);
}

/* mailbox-data =/ "SEARCH" *(SP nz-number), RFC 3501; what else comes is text
 * again */
static bool end_number(struct parser *p, struct feed *f)
{
	struct span number = last(p);
	bool ok = number.len == 0 || seqset_push_text(&p->sets.set, number);

	str_truncate(&p->buffer, p->number_at);
	if (!ok)
		return step_fail(p, f,
			"SEARCH with a number that is 0 or too large");
	if (p->sets.set.len > numbers_max(p))
		return step_fail(p, f, "SEARCH finds too many");
	if (f->data[f->at] == ' ')
		f->at++;
	else
		p->state = STATE_LINE;
	return false;
}

/* sequence-set = (seq-number / seq-range) ["," sequence-set]
 * Its last range, or the first that is none, stays in the text. */
static bool end_range(struct parser *p, struct feed *f)
{
	struct span range = last(p);
	bool ok = range.len > 0 && seqset_push_text(&p->sets.set, range);

	if (p->sets.set.len > numbers_max(p))
		return step_fail_limit(
			p, f, "a set has", numbers_max(p), "ranges");
	if (ok && f->data[f->at] == ',')
		return !text_take(p, f, 1);
	/* There may be a word before it: "VANISHED (EARLIER)". */
	p->state = range.len > 0 ? STATE_LINE : STATE_START;
	return false;
}

bool numbers_step(struct parser *p, struct feed *f)
{
	size_t n = number_len(p, f);

	if (f->at == f->len)
		return step_give(f, PARSE_MORE);
	if (n > 0)
		return take_number(p, f, n);
	return p->numbers == NUMBERS_SET ? end_range(p, f) : end_number(p, f);
}
