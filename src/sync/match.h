/*
 * Which message of one side is which of the other, by content: used when the
 * numbers mean nothing any more (UIDVALIDITY changed, the server came back from
 * a backup, the state was lost) and to find uploads whose answer was never
 * read (D1, D8, N3 to N5, N9).  Worker's thread.  Changes nothing.
 *
 * Where filterheaders is set, a local message counts as it is sent.  Its copy
 * may have those fields, when it came from the server, or not: names takes them
 * off such copies too, so that either is found.
 *
 * Two messages are the same when both have a Message-ID and the same header
 * key and size and nobody else on either side has; or when their bytes have
 * the same digest.  A size told by a server is a hint only (Q95), so what is
 * left over on both sides is compared by digest.
 */
#ifndef SYNC_MATCH_H
#define SYNC_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "base/digest.h"
#include "base/vec.h"
#include "error.h"
#include "mail/header.h"
#include "mail/msg.h"

struct store;
struct worker;

/* What is known of one message. */
struct match_entry {
	uint32_t index; /* into the list */
	uint32_t uid;
	uint64_t size;
	struct header_id id;
	unsigned char digest[DIGEST_SHA256_SIZE];
	bool identified; /* size and id are valid; false in the end for a local
	                    message that could not be read */
	bool digested;   /* digest is valid */
	bool paired;
};

/* One side: the store with its folder open, and some messages of its list. */
struct match_side {
	struct store *store;
	const struct msglist *list;
	bool fetched;     /* bodies come by fetch, not by outgoing_open */
	const char *const *names; /* fields that do not count in bodies that
	                             are fetched; NULL: all count */
	struct vec entry; /* of struct match_entry */
};

struct match_pair {
	uint32_t remote, local; /* indexes into the lists */
};

/* An empty side; add the messages to be compared by index, ascending. */
void match_side_init(struct match_side *side, struct store *store,
	const struct msglist *list, bool fetched);
void match_side_add(struct match_side *side, uint32_t index);
void match_side_clear(struct match_side *side);

/* Fills size and id of all entries that lack them; a message gone meanwhile
 * stays without. */
bool match_identify(struct match_side *side, struct worker *w,
	struct error *err) ATTR_MUST_CHECK;
/* Fills the digests of the entries for which wanted (same order) is true:
 * reads local files, fetches remote bodies and drops them.  A message that
 * cannot be read stays without. */
bool match_digest(struct match_side *side, const bool *wanted,
	struct worker *w, struct error *err) ATTR_MUST_CHECK;

/* Pairs what is not paired yet; entries are marked, pairs is a vec of struct
 * match_pair to which is appended.  The remote store has fetch, the local one
 * outgoing_open. */
bool match_find(struct match_side *remote, struct match_side *local,
	struct vec *pairs, struct worker *w, struct error *err)
	ATTR_MUST_CHECK;

#endif
