/*
 * What the IMAP parser makes of some input, as text: one line for each
 * response (response_print) and each literal that passes by.  For tests of
 * the parser and its fuzz target; any thread.
 */
#ifndef SUPPORT_TRANSCRIPT_H
#define SUPPORT_TRANSCRIPT_H

#include <stddef.h>

#include "imap/parse.h"
#include "str.h"

/* Feeds the input in pieces of that many bytes, all at once for 0, and appends
 * to out.  Each piece is a block of memory of its own, freed behind the
 * parser, so that a sanitizer sees every wrong look. */
void transcript(const struct parse_limits *limits, struct span input,
	size_t piece, struct str *out);

#endif
