/*
 * What identifies a message beside its UID: a digest over a few header fields.
 * Used to pair messages after UIDVALIDITY changed or the state was lost, and
 * to find an upload whose answer was never read.  Beside it what else is read
 * in headers.  Pure.  RFC 5322 section 2.2.
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
/* Whether the key is made of a field of that name. */
bool header_is_key(const char *name);

/* The value of the first field of that name, folds and blanks included.  False:
 * there is none. */
bool header_find(struct span header, const char *name, struct span *value);

/* The header of a message that comes in pieces, with its empty line; at most
 * 1 MiB of it.  A zeroed value is the beginning of a message. */
struct header_text {
	struct str text;
	bool ended; /* no more is wanted */
};

void header_text_add(struct header_text *h, struct span piece);
/* The beginning again; what was kept is freed. */
void header_text_clear(struct header_text *h);

#endif
