/*
 * Tokens and values of a response whose text is complete: a cursor over that
 * text.  Called by the parser and the response_*.c files; lives on the stack
 * of one call.  Values and unescaped strings go to the arena, all other spans
 * point into the text.  RFC 9051 section 4.
 *
 * A literal is one only where the parser framed one: the content of a message
 * can never be taken for a token, nor a token for a literal.
 */
#ifndef IMAP_LEX_H
#define IMAP_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "imap/parse.h"
#include "str.h"

struct arena;

/* A literal that the parser met on its way. */
struct lex_literal {
	size_t at;     /* offset of its first byte in the text */
	uint64_t size; /* of a streamed one none of them is there */
	bool streamed;
};

struct lex {
	const char *start, *at, *end;
	struct arena *arena;
	const struct lex_literal *literal; /* those not met yet, in order */
	size_t literals;
	unsigned depth;    /* lists that may still be opened */
	size_t values;     /* values that may still be made */
	const char *error; /* what was wrong first, a constant text */
	bool limit;        /* it was a limit, not the grammar */
};

/* Notes the first error.  Always returns false. */
bool lex_fail(struct lex *lex, const char *why);

/* The next byte, 0 at the end. */
char lex_peek(const struct lex *lex);
bool lex_end(const struct lex *lex);
void lex_blanks(struct lex *lex);
/* Takes c if it comes next. */
bool lex_take(struct lex *lex, char c);
/* Letters and "-" only: the word of a response.  May be empty. */
struct span lex_word(struct lex *lex);
/* Everything up to a blank or a parenthesis.  May be empty. */
struct span lex_atom(struct lex *lex);
/* Name of a FETCH item with its "[section]" and "<origin>".  May be empty. */
struct span lex_item(struct lex *lex);
/* An atom that is a number up to max; else nothing is taken. */
bool lex_number(struct lex *lex, uint64_t max, uint64_t *n);
/* True if a quoted string or a literal comes next. */
bool lex_at_string(const struct lex *lex);
/* Steps over a quoted string; inner is what stands between its quotes. */
bool lex_quoted(struct lex *lex, struct span *inner) ATTR_MUST_CHECK;

/* Any value; NULL and an error when there is none. */
struct value *lex_value(struct lex *lex) ATTR_MUST_CHECK;
/* The content of a parenthesised list as a chain, NULL for an empty one. */
bool lex_list(struct lex *lex, const struct value **first) ATTR_MUST_CHECK;
/* All values up to the end as a chain.  False: *first is what there was
 * before the error. */
bool lex_rest(struct lex *lex, const struct value **first) ATTR_MUST_CHECK;

bool lex_is_control(char c);

#endif
