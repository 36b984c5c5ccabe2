/*
 * Line ends: CRLF on the wire, LF on disk.  The one change that a message
 * undergoes (offlineimap-compat 4.11, D4).  Streaming, constant memory; pure.
 *
 * In: every CRLF becomes LF; a bare CR or LF stays.
 * Out: a file whose every LF has a CR before it is sent as it is; in any other
 * each LF becomes CRLF.  A bare CR stays.
 */
#ifndef MAIL_CRLF_H
#define MAIL_CRLF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

/* From the wire.  A zeroed value is the beginning of a message. */
struct crlf_in {
	bool cr; /* the last piece ended in a CR that was not yet written */
};

/* Writes at most in.len + 1 bytes to out; returns how many. */
size_t crlf_in(struct crlf_in *c, struct span in, char *out);
/* At the end of the message: at most one byte. */
size_t crlf_in_end(struct crlf_in *c, char *out);

/* What lines a file has.  A zeroed value is the beginning of a file. */
struct crlf_count {
	uint64_t lf, crlf; /* all LF; those with a CR before */
	bool cr;           /* the last byte was a CR */
};

void crlf_count(struct crlf_count *c, struct span in);

/* To the wire: LF to CRLF.  A zeroed value is the beginning. */
struct crlf_out {
	bool lf; /* out was full between a CR and its LF */
};

/* Takes bytes off in until it is empty or out, of cap > 0 bytes, is full;
 * returns how many were written. */
size_t crlf_out(struct crlf_out *c, struct span *in, char *out, size_t cap);

#endif
