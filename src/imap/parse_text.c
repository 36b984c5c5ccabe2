#include "config.h"

#include <stdio.h>
#include <string.h>

#include "imap/parse_private.h"

/* How much of a response an error shows. */
#define SHOWN_MAX 60

bool step_give(struct feed *f, enum parse_result result)
{
	f->result = result;
	return true;
}

bool step_more(struct parser *p, struct feed *f)
{
	text_keep(p, f);
	return step_give(f, PARSE_MORE);
}

/* Shows the beginning of the response, for a person to recognise it. */
bool step_fail(struct parser *p, struct feed *f, const char *why)
{
	struct span text = text_get(p, f);
	size_t shown = text.len < SHOWN_MAX ? text.len : SHOWN_MAX;
	int len = snprintf(p->error, sizeof(p->error), "%s, in: ", why);
	size_t at = len > 0 ? (size_t)len : 0;

	for (size_t i = 0; i < shown && at < sizeof(p->error) - 1; i++) {
		unsigned char c = (unsigned char)text.data[i];

		p->error[at++] = (char)(c < 0x20 || c > 0x7e ? '.' : c);
	}
	p->error[at] = '\0';
	p->state = STATE_ERROR;
	return step_give(f, PARSE_ERROR);
}

bool step_fail_limit(struct parser *p, struct feed *f, const char *what,
	uint64_t limit, const char *unit)
{
	char why[100];

	snprintf(why, sizeof(why), "%s more than %llu %s", what,
		(unsigned long long)limit, unit);
	return step_fail(p, f, why);
}

struct span text_get(const struct parser *p, const struct feed *f)
{
	if (p->buffered)
		return span_str(&p->buffer);
	return (struct span){f->data + f->start, f->at - f->start};
}

void text_keep(struct parser *p, const struct feed *f)
{
	struct span text = text_get(p, f);

	if (p->buffered || text.len == 0)
		return;
	str_add_span(&p->buffer, text);
	p->buffered = true;
}

static void take(struct parser *p, struct feed *f, size_t n)
{
	if (p->buffered)
		str_add_mem(&p->buffer, f->data + f->at, n);
	f->at += n;
}

/* How many of n bytes the text may still take. */
static size_t within_limit(const struct parser *p, const struct feed *f,
	size_t n)
{
	size_t len = text_get(p, f).len;
	size_t room = len < p->limits.line ? p->limits.line - len : 0;

	return n < room ? n : room;
}

bool text_take(struct parser *p, struct feed *f, size_t n)
{
	size_t fitting = within_limit(p, f, n);

	take(p, f, fitting);
	if (fitting == n)
		return true;
	step_fail_limit(p, f, "a response has", p->limits.line, "bytes");
	return false;
}

bool text_take_line(struct parser *p, struct feed *f, size_t n)
{
	const char *from = f->data + f->at;
	const char *nul = memchr(from, '\0', within_limit(p, f, n));

	if (!nul)
		return text_take(p, f, n);
	take(p, f, (size_t)(nul - from));
	step_fail(p, f, "a NUL byte in a line");
	return false;
}

size_t text_line_end(struct span line)
{
	if (line.len == 0 || line.data[line.len - 1] != '\n')
		return 0;
	return line.len > 1 && line.data[line.len - 2] == '\r' ? 2 : 1;
}
