/*
 * Bytes from a server and what the parser makes of them (transcript.h), for
 * check_parse.c and check_response.c.  The seeds of tests/fuzz/corpus/parse
 * are the same inputs.
 */
#ifndef SUPPORT_PARSE_CASES_H
#define SUPPORT_PARSE_CASES_H

#include <stddef.h>

#include "str.h"
#include "support/transcript.h"

enum case_limits {
	CASE_DEFAULT,
	CASE_SMALL,  /* lines of 200, literals of 32, depth 4, 20 values */
	CASE_LINE_4, /* the same with shorter lines */
	CASE_LINE_8,
};

struct parse_case {
	const char *name;
	struct span input;
	const char *expected;
	enum case_limits limits;
};

#define CASE(n, bytes, transcript) \
	CASE_LIMITS(CASE_DEFAULT, n, bytes, transcript)
#define CASE_LIMITS(l, n, bytes, transcript) \
	{ \
		.name = n, .input = {bytes, sizeof(bytes) - 1}, \
		.expected = transcript, .limits = l \
	}

/* Where responses end, and limits. */
extern const struct parse_case parse_cases[];
extern const size_t parse_cases_len;
/* What they mean; FETCH. */
extern const struct parse_case response_cases[];
extern const size_t response_cases_len;
extern const struct parse_case fetch_cases[];
extern const size_t fetch_cases_len;

/* The transcript of the case, its input in pieces of that size, 0: whole. */
void parse_case_run(const struct parse_case *c, size_t piece, struct str *out);

#endif
