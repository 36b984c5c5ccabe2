/*
 * Whole messages on their way between two servers, one behind the other in a
 * file that has no name: whatever their size, they take no memory, and nothing
 * of them is left when the program ends.  Worker's thread; used by mapstore*.c.
 *
 *	spool_begin -> spool_add* -> spool_end or spool_drop
 */
#ifndef MAIL_SPOOL_H
#define MAIL_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "base/digest.h"
#include "error.h"
#include "imap/cmd.h"
#include "mail/header.h"
#include "str.h"

/* A message that is in it. */
struct spooled {
	uint64_t at, size;
	struct header_id id;
	unsigned char digest[DIGEST_SHA256_SIZE];
	bool has_nul; /* no IMAP server takes it */
};

/* A zeroed value with fd -1 is a spool that was not used yet. */
struct spool {
	int fd;
	uint64_t end;           /* of what is whole */
	uint64_t got;           /* of the one begun */
	struct digest *digest;
	struct str header;      /* of the one begun, at most 1 MiB of it */
	bool header_ended, has_nul;
};

/* The file is made in dir, which is made when missing. */
bool spool_begin(struct spool *s, const char *dir, struct error *err)
	ATTR_MUST_CHECK;
bool spool_add(struct spool *s, struct span wire, struct error *err)
	ATTR_MUST_CHECK;
void spool_end(struct spool *s, struct spooled *out);
/* What was begun, or everything from this message on. */
void spool_drop(struct spool *s);
void spool_cut(struct spool *s, const struct spooled *from);
/* Nothing is in it; the disk has its room back. */
void spool_reset(struct spool *s);
void spool_clear(struct spool *s);

/* Reads one message; lives as long as what reads from it. */
struct spool_reader {
	const struct spool *spool;
	uint64_t at, left, size;
};
void spool_open(struct spool_reader *r, const struct spool *s,
	const struct spooled *m);
/* For source.read and source.again, arg a struct spool_reader. */
bool spool_read(void *arg, void *buf, size_t cap, size_t *got,
	struct error *err);
void spool_again(void *arg);

#endif
