#include "config.h"

#include "imap/parse_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "mem.h"

/* What a session's buffer may keep after a large response. */
#define KEEP_BYTES ((size_t)1 << 20)
#define KEEP_RANGES ((size_t)1 << 16)

const struct parse_limits parse_limits_default = {
	.line = (size_t)16 << 20,
	.inline_literal = (size_t)1 << 20,
	.depth = 64,
	.values = 1000000,
	.literal = INT64_MAX,
};

struct parser *parser_new(const struct parse_limits *limits)
{
	struct parser *p = mem_calloc(1, sizeof(*p));

	p->limits = *limits;
	p->arena = arena_new();
	p->literals.size = sizeof(struct lex_literal);
	p->state = STATE_DONE;
	return p;
}

void parser_free(struct parser *p)
{
	if (!p)
		return;
	seqset_clear(&p->sets.set);
	seqset_clear(&p->sets.text);
	seqset_clear(&p->sets.code);
	seqset_clear(&p->sets.code2);
	vec_clear(&p->literals);
	str_clear(&p->buffer);
	arena_free(p->arena);
	free(p);
}

uint64_t parser_literal_size(const struct parser *p)
{
	return p->size;
}

struct span parser_literal_data(const struct parser *p)
{
	return p->data;
}

const char *parser_error(const struct parser *p)
{
	return p->error;
}

bool parser_idle(const struct parser *p)
{
	return p->state == STATE_DONE ||
		(p->state == STATE_START && !p->buffered);
}

static void set_reset(struct seqset *set)
{
	if (set->cap > KEEP_RANGES)
		seqset_clear(set);
	else
		seqset_reset(set);
}

/* Everything of the last response is forgotten. */
static bool begin(struct parser *p, struct feed *f)
{
	arena_reset(p->arena);
	set_reset(&p->sets.set);
	set_reset(&p->sets.text);
	set_reset(&p->sets.code);
	set_reset(&p->sets.code2);
	if (p->buffer.cap > KEEP_BYTES)
		str_clear(&p->buffer);
	else
		str_reset(&p->buffer);
	p->buffered = false;
	p->line = 0;
	p->head = HEAD_UNKNOWN;
	vec_reset(&p->literals);
	p->scan = (struct fetch_scan){0};
	p->streamed = false;
	p->number_at = 0;
	f->start = f->at;
	p->state = STATE_START;
	return false;
}

static bool parse_text(struct parser *p, struct feed *f,
	struct response_input *in)
{
	struct span text = text_get(p, f);
	/* A CR before the LF may still belong to a literal. */
	struct span line = {text.data + p->line, text.len - p->line};

	*in = (struct response_input){
		.lex = {.start = text.data,
			.at = text.data,
			.end = text.data + text.len - text_line_end(line),
			.arena = p->arena,
			.literal = p->literals.data,
			.literals = p->literals.len,
			.depth = p->limits.depth,
			.values = p->limits.values},
		.sets = &p->sets,
		.range = text.data + p->number_at,
		.max_ranges = numbers_max(p),
	};
	p->response = (struct response){0};
	if (response_parse(in, &p->response))
		return true;
	step_fail(p, f, in->lex.error ? in->lex.error : "not IMAP");
	return false;
}

/* The text is complete.  A body in it is handed on first: for that the text
 * must not lie in the input, which may be gone with the next call. */
static bool complete(struct parser *p, struct feed *f)
{
	struct response_input in;

	if (!parse_text(p, f, &in))
		return true;
	if (!in.has_body) {
		p->state = STATE_DONE;
		return step_give(f, PARSE_RESPONSE);
	}
	if (!p->buffered) {
		text_keep(p, f);
		if (!parse_text(p, f, &in))
			return true;
	}
	return literal_replay(p, f, in.body);
}

static bool line_complete(struct parser *p, struct feed *f)
{
	struct span text = text_get(p, f);
	struct span head = text;
	uint64_t size;

	if (text.len == text_line_end(text))
		return begin(p, f); /* an empty line is nothing */
	if (!literal_announced(p, &head, &size))
		return complete(p, f);
	if (p->head == HEAD_UNKNOWN)
		p->head = response_head(text);
	if (p->head == HEAD_TEXT)
		return complete(p, f);
	return literal_begin(p, f, head, size);
}

static bool step_line(struct parser *p, struct feed *f)
{
	size_t rest = f->len - f->at;
	const char *lf = memchr(f->data + f->at, '\n', rest);

	if (lf)
		rest = (size_t)(lf - f->data) + 1 - f->at;
	if (!text_take_line(p, f, rest))
		return true;
	return lf ? line_complete(p, f) : step_more(p, f);
}

static bool step_error(struct parser *p, struct feed *f)
{
	(void)p;
	return step_give(f, PARSE_ERROR);
}

static parser_step *const steps[] = {
	[STATE_DONE] = begin,
	[STATE_START] = numbers_step_words,
	[STATE_LINE] = step_line,
	[STATE_LITERAL] = literal_step,
	[STATE_STREAM] = literal_step_stream,
	[STATE_NUMBERS] = numbers_step,
	[STATE_REPLAY] = literal_step_replay,
	[STATE_REPLAY_END] = literal_step_replay_end,
	[STATE_REPLAYED] = literal_step_replayed,
	[STATE_ERROR] = step_error,
};

enum parse_result parser_feed(struct parser *p, struct span in, size_t *used,
	const struct response **resp)
{
	struct feed f = {.data = in.data ? in.data : "", .len = in.len};

	while (!steps[p->state](p, &f))
		;
	*used = f.at;
	if (f.result == PARSE_RESPONSE)
		*resp = &p->response;
	return f.result;
}
