/*
 * Inside of the parser, for parse.c and the parse_*.c files alone.
 *
 * The parser finds where a response ends: lines, and literals between them.
 * The bytes found are its text; streamed literals, the numbers of SEARCH and
 * all but the last range of the set in ESEARCH and VANISHED are left out of
 * it.  The text stays in the input when all of it is there, and moves to a
 * buffer when it is not.  A complete text is given to response_parse.
 */
#ifndef IMAP_PARSE_PRIVATE_H
#define IMAP_PARSE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "imap/lex.h"
#include "imap/parse.h"
#include "imap/response_parse.h"
#include "str.h"

enum parser_state {
	STATE_DONE,    /* a response was given out */
	STATE_START,   /* its first words: will numbers follow? */
	STATE_LINE,    /* up to a line end */
	STATE_LITERAL, /* bytes that belong to the text */
	STATE_STREAM,  /* bytes that are handed on */
	STATE_NUMBERS, /* of SEARCH, or of a set */
	STATE_REPLAY,  /* a stored body is handed on */
	STATE_REPLAY_END,
	STATE_REPLAYED,
	STATE_ERROR,
};

struct parser {
	struct parse_limits limits;
	struct arena *arena;
	struct response_sets sets;
	struct response response;
	enum parser_state state;
	struct str buffer; /* the text, once it is not in the input */
	bool buffered;
	size_t line;         /* offset in the text where its last line began */
	enum response_head head; /* known from its first literal on */
	struct vec literals; /* struct lex_literal */
	struct fetch_scan scan;
	bool streamed;       /* a literal was handed on */
	uint64_t left;       /* bytes of the literal still to come */
	uint64_t size;       /* for parser_literal_size */
	struct span data;    /* for parser_literal_data */
	enum response_numbers numbers; /* what STATE_NUMBERS takes */
	size_t number_at;    /* ... and where in the text; 0: not yet */
	char error[200];
};

/* The input of one call. */
struct feed {
	const char *data;
	size_t len;
	size_t start; /* the text begins here while it is not buffered */
	size_t at;
	enum parse_result result;
};

/* A step takes bytes or changes the state; true: f->result is set. */
typedef bool parser_step(struct parser *p, struct feed *f);

/* parse_text.c; lent until the text grows */
struct span text_get(const struct parser *p, const struct feed *f);
/* Moves the text out of the input. */
void text_keep(struct parser *p, const struct feed *f);
/* Adds n bytes of the input, within the limit.  False: failed. */
bool text_take(struct parser *p, struct feed *f, size_t n) ATTR_MUST_CHECK;
/* The same for bytes of a line, where no NUL can be. */
bool text_take_line(struct parser *p, struct feed *f, size_t n)
	ATTR_MUST_CHECK;
/* How many bytes at the end of this line are its line end: 0, 1 or 2. */
size_t text_line_end(struct span line);

/* What a step returns. */
bool step_give(struct feed *f, enum parse_result result);
bool step_more(struct parser *p, struct feed *f);
bool step_fail(struct parser *p, struct feed *f, const char *why);
/* "WHAT more than LIMIT UNIT" */
bool step_fail_limit(struct parser *p, struct feed *f, const char *what,
	uint64_t limit, const char *unit);

/* parse_numbers.c.  How many ranges a set may have. */
size_t numbers_max(const struct parser *p);
parser_step numbers_step_words, numbers_step;

/*
 * parse_literal.c.  Is a literal announced at the end of the last line of
 * text?  *n is UINT64_MAX when the number is larger; text is cut before it.
 */
bool literal_announced(const struct parser *p, struct span *text, uint64_t *n)
	ATTR_MUST_CHECK;
/* It was; head is the text before that. */
bool literal_begin(struct parser *p, struct feed *f, struct span head,
	uint64_t n);
/* A body that stands in the text is handed on. */
bool literal_replay(struct parser *p, struct feed *f, struct span body);
parser_step literal_step, literal_step_stream, literal_step_replay,
	literal_step_replay_end, literal_step_replayed;

#endif
