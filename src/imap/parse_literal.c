#include "config.h"

#include "imap/parse_private.h"

#include <string.h>

/* Cuts "{12}" or "~{12+}" off the end of the line, without its line end. */
static bool cut_announcement(struct span *line, uint64_t *n)
{
	size_t end = line->len - text_line_end(*line);
	size_t first;

	if (end == 0 || line->data[--end] != '}')
		return false;
	if (end > 0 && line->data[end - 1] == '+')
		end--;
	first = end;
	while (first > 0 && ascii_is_digit(line->data[first - 1]))
		first--;
	if (first == end || first == 0 || line->data[first - 1] != '{')
		return false;
	if (!span_number((struct span){line->data + first, end - first},
		    UINT64_MAX, n))
		*n = UINT64_MAX;
	line->len = first - 1;
	if (line->len > 0 && line->data[line->len - 1] == '~')
		line->len--;
	return true;
}

/* literal = "{" number64 ["+"] "}" CRLF, literal8 = "~" literal; what looks so
 * at the end of an atom is part of that, since servers have such keywords */
bool literal_announced(const struct parser *p, struct span *text, uint64_t *n)
{
	struct span line = {text->data + p->line, text->len - p->line};

	if (!cut_announcement(&line, n) || line.len == 0 ||
		!memchr(" (]>", line.data[line.len - 1], 4))
		return false;
	text->len = p->line + line.len;
	return true;
}

/* Its first byte is the one behind the text; stored of them come into it. */
static void add(struct parser *p, struct lex_literal literal, size_t stored)
{
	*(struct lex_literal *)vec_add(&p->literals) = literal;
	p->left = literal.size;
	p->line = literal.at + stored;
	p->scan.at = p->line;
}

static bool begin_stream(struct parser *p, struct feed *f, uint64_t n)
{
	if (p->streamed)
		return step_fail(p, f, "a second body in one FETCH");
	text_keep(p, f);
	add(p, (struct lex_literal){text_get(p, f).len, n, true}, 0);
	p->streamed = true;
	p->size = n;
	p->state = STATE_STREAM;
	return step_give(f, PARSE_LITERAL_BEGIN);
}

static bool begin_stored(struct parser *p, struct feed *f, uint64_t n)
{
	if (n > p->limits.inline_literal)
		return step_fail_limit(p, f, "a literal to be stored has",
			p->limits.inline_literal, "bytes");
	add(p, (struct lex_literal){text_get(p, f).len, n, false}, (size_t)n);
	p->state = STATE_LITERAL;
	return false;
}

/* To which item of a FETCH does it belong? */
static enum fetch_item item_of(struct parser *p, struct span head)
{
	struct span section;

	if (p->head != HEAD_FETCH)
		return ITEM_OTHER;
	fetch_scan(&p->scan, head);
	return fetch_item_kind(p->scan.item, &section);
}

bool literal_begin(struct parser *p, struct feed *f, struct span head,
	uint64_t n)
{
	enum fetch_item item;

	if (n > p->limits.literal)
		return step_fail_limit(
			p, f, "a literal has", p->limits.literal, "bytes");
	if (p->literals.len == p->limits.values)
		return step_fail(p, f, "too many literals in one response");
	item = item_of(p, head);
	if (item == ITEM_BODY ||
		(item == ITEM_SECTION && n > p->limits.inline_literal))
		return begin_stream(p, f, n);
	return begin_stored(p, f, n);
}

static size_t available(const struct parser *p, const struct feed *f)
{
	size_t n = f->len - f->at;

	return n < p->left ? n : (size_t)p->left;
}

bool literal_step(struct parser *p, struct feed *f)
{
	size_t n = available(p, f);

	if (!text_take(p, f, n))
		return true;
	p->left -= n;
	if (p->left > 0)
		return step_more(p, f);
	p->state = STATE_LINE;
	return false;
}

bool literal_step_stream(struct parser *p, struct feed *f)
{
	size_t n = available(p, f);

	if (p->left == 0) {
		p->state = STATE_LINE;
		return step_give(f, PARSE_LITERAL_END);
	}
	if (n == 0)
		return step_give(f, PARSE_MORE);
	p->data = (struct span){f->data + f->at, n};
	p->left -= n;
	f->at += n;
	return step_give(f, PARSE_LITERAL_DATA);
}

bool literal_replay(struct parser *p, struct feed *f, struct span body)
{
	p->data = body;
	p->size = body.len;
	p->state = body.len > 0 ? STATE_REPLAY : STATE_REPLAY_END;
	return step_give(f, PARSE_LITERAL_BEGIN);
}

bool literal_step_replay(struct parser *p, struct feed *f)
{
	p->state = STATE_REPLAY_END;
	return step_give(f, PARSE_LITERAL_DATA);
}

bool literal_step_replay_end(struct parser *p, struct feed *f)
{
	p->state = STATE_REPLAYED;
	return step_give(f, PARSE_LITERAL_END);
}

bool literal_step_replayed(struct parser *p, struct feed *f)
{
	p->state = STATE_DONE;
	return step_give(f, PARSE_RESPONSE);
}

