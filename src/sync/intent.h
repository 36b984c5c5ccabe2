/*
 * What was begun and may have happened: one row for each message that is sent
 * to a server, on the disk before its first byte leaves (D8, D10).  A row
 * left over by a run that died is looked up on the server before anything is
 * sent again, and stays for a day as a straggler, because a dead session's
 * command may still be carried out.  In the state's file, in a table of our
 * own that is made when it is first needed.  Worker's thread.
 *
 * A row carries a version and a checksum: one that is damaged, or that another
 * version wrote, is passed over.
 */
#ifndef SYNC_INTENT_H
#define SYNC_INTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "base/digest.h"
#include "base/vec.h"
#include "error.h"
#include "mail/header.h"

struct state;

enum intent_status {
	INTENT_BEGUN,     /* sent perhaps; not looked up yet */
	INTENT_STRAGGLER, /* looked up and not found; may still land */
};

struct intent {
	int64_t id;      /* 0: not recorded yet */
	enum intent_status status;
	bool to_local;   /* sent to the local side, which is a server too;
	                    then what is told of the server is told of that */
	char *name;      /* the message's where it comes from, malloc'd; for
	                    people */
	uint64_t size;   /* of the CRLF form, as the digest */
	unsigned char digest[DIGEST_SHA256_SIZE];
	struct header_id header;
	uint32_t uidvalidity;
	uint32_t uidnext; /* the server's before: the copy has none below */
	uint32_t attempt; /* 1, 2... */
	int64_t created_ms; /* wall clock */
	uint32_t twin;   /* the remote UID under which the message is there;
	                    to_local: that it comes from; 0: none */
};

/* vec of struct intent, in the order in which they were recorded. */
bool intent_load(struct state *s, struct vec *out, struct error *err)
	ATTR_MUST_CHECK;
void intent_clear(struct vec *intents);

/* The following inside a transaction (state_begin). */

/* Gives a new one its id. */
bool intent_put(struct state *s, struct intent *it, struct error *err)
	ATTR_MUST_CHECK;
bool intent_drop(struct state *s, int64_t id, struct error *err)
	ATTR_MUST_CHECK;
/* Drops all that were recorded before this time, damaged ones too. */
bool intent_prune(struct state *s, int64_t before_ms, struct error *err)
	ATTR_MUST_CHECK;

#endif
