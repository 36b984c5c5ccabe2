/*
 * Takes header fields of some names out of a message that streams by: option
 * filterheaders.  All other bytes pass unchanged.  Constant memory; pure; any
 * thread.  RFC 5322 section 2.2.
 *
 * The header ends at an empty line, or at a line that is no field and
 * continues none, as for OfflineIMAP; a first line "From " is none of these.
 */
#ifndef MAIL_HEADER_CUT_H
#define MAIL_HEADER_CUT_H

#include <stdbool.h>
#include <stddef.h>

#include "str.h"

/* A longer name is no name of a field: RFC 5322 section 2.1.1. */
#define HEADER_CUT_HELD 1000

enum header_cut_state {
	CUT_LINE, /* at the beginning of a line */
	CUT_NAME, /* in what may be a name: it is held */
	CUT_PASS, /* in a line that passes */
	CUT_DROP, /* in a line that does not */
	CUT_BODY, /* behind the header */
};

/* A zeroed value with names is the beginning of a message. */
struct header_cut {
	const char *const *names; /* NULL-terminated; lent.  NULL: none */
	enum header_cut_state state;
	bool behind_first; /* the first line has ended */
	bool blank;        /* the name held has ended in white space */
	bool dropping;     /* the last field was dropped */
	size_t len;
	char held[HEADER_CUT_HELD];
};

/* Writes at most in.len + HEADER_CUT_HELD bytes to out; returns how many. */
size_t header_cut(struct header_cut *c, struct span in, char *out);
/* At the end of the message: at most HEADER_CUT_HELD bytes. */
size_t header_cut_end(struct header_cut *c, char *out);

#endif
