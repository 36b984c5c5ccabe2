/*
 * Bytes from a server to one response at a time: no I/O, resumable at any
 * byte, limits on everything (S6, S18).  One per session; worker's thread.
 * Grammar: RFC 9051 section 9, RFC 3501 where servers still speak it.
 *
 *	while ((r = parser_feed(p, in, &used, &resp)) ...) {
 *	case PARSE_MORE: read more bytes
 *	case PARSE_RESPONSE: handle *resp; valid until the next call, and as
 *		long as the bytes of in stay where they are
 *	case PARSE_LITERAL_BEGIN, _DATA, _END: a message body passes by
 *	case PARSE_ERROR: give the session up
 *	}
 *
 * A literal in a FETCH response that follows a BODY[...], BINARY[...] or
 * RFC822 item and is larger than limits.inline_literal, or any BODY[] literal
 * whatever its size, is not stored: it is handed on in pieces, which point
 * into the input.  Others are stored inside the response (S6: memory grows
 * with bytes received, not with bytes promised).
 *
 * The numbers of SEARCH, the set behind ALL in ESEARCH and that of VANISHED
 * become ranges as they arrive; their text is not stored.
 */
#ifndef IMAP_PARSE_H
#define IMAP_PARSE_H

#include <stdint.h>

#include "attr.h"
#include "str.h"

struct parser;
struct response;

enum parse_result {
	PARSE_MORE,
	PARSE_RESPONSE,
	PARSE_LITERAL_BEGIN,
	PARSE_LITERAL_DATA,
	PARSE_LITERAL_END,
	PARSE_ERROR,
};

/* One value of the grammar; lent until the next parser_feed. */
enum value_kind {
	VALUE_NIL,
	VALUE_ATOM,
	VALUE_STRING,
	VALUE_STREAMED,
	VALUE_LIST,
};

struct value {
	enum value_kind kind;
	struct span text;          /* ATOM (with its [section]), STRING */
	uint64_t size;             /* STREAMED: bytes of the literal */
	const struct value *first; /* LIST */
	const struct value *next;  /* sibling */
};

struct parse_limits {
	/* Bytes of one response without streamed literals, the numbers of
	 * SEARCH and the set of ESEARCH or VANISHED; these may be half as many
	 * ranges. */
	size_t line;
	size_t inline_literal; /* larger ones in a stored value are refused */
	unsigned depth;        /* of nested lists */
	size_t values;         /* in one response */
	uint64_t literal;      /* largest literal at all */
};

/* 16 MiB, 1 MiB, 64, 1,000,000, 2^63-1. */
extern const struct parse_limits parse_limits_default;

struct parser *parser_new(const struct parse_limits *limits);
void parser_free(struct parser *p);

/* Feeds in; *used bytes of it were consumed.  With PARSE_RESPONSE *resp is
 * set.  With LITERAL_BEGIN parser_literal_size tells; with LITERAL_DATA
 * parser_literal_data lends the piece (within in). */
enum parse_result parser_feed(struct parser *p, struct span in, size_t *used,
	const struct response **resp) ATTR_MUST_CHECK;
uint64_t parser_literal_size(const struct parser *p);
struct span parser_literal_data(const struct parser *p);
/* After PARSE_ERROR: what was wrong and where, for the error text. */
const char *parser_error(const struct parser *p);
/* True between two responses: no byte of an unfinished one was taken. */
bool parser_idle(const struct parser *p);

#endif
