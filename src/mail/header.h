/*
 * What identifies a message beside its UID: a digest over a few header fields.
 * Used to pair messages after UIDVALIDITY changed or the state was lost, and
 * to find an upload whose answer was never read.  Pure.  RFC 5322 section 2.2.
 */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "str.h"

/* The fields, as the IMAP server is asked for them. */
#define HEADER_FIELDS "MESSAGE-ID DATE FROM TO SUBJECT"

struct header_id {
	unsigned char key[DIGEST_SHA256_SIZE];
	bool has_message_id;
};

/* header: lines with CRLF or LF, up to and without the empty line or to the
 * end; other fields than ours are skipped, so a whole header and the answer to
 * BODY[HEADER.FIELDS (...)] give the same key.  Folding and white space at
 * both ends do not count; the case of names does not. */
void header_id(struct span header, struct header_id *out);

#endif
