/*
 * The insides of the store for a server that is the local side, shared by
 * mapstore*.c only: an IMAP store whose messages go by the remote side's UIDs,
 * by means of a map (uidmap.h).  A message's name in lists is its own UID.
 * Worker's thread.
 *
 * The map in memory is that of the open folder and holds for one UIDVALIDITY;
 * incoming_commit writes it.  A pair whose local message has vanished stays as
 * long as the state has a row for it: so each row has its pair on the disk at
 * any time, and a map that lacks one beside messages that have none is old.
 */
#ifndef MAIL_MAPSTORE_H
#define MAIL_MAPSTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "mail/imapstore.h"
#include "mail/spool.h"
#include "mail/store.h"
#include "mail/uidmap.h"

/* Received, not yet sent to the server. */
struct map_staged {
	struct spooled body;
	uint32_t uid, flags; /* the remote one */
	int64_t date;
};

/* Fetched from the server, to be opened. */
struct map_ready {
	struct spooled body;
	uint32_t own;
	int64_t date;
};

struct mapstore {
	struct store store;
	struct imapstore *imap; /* has the session */
	const struct conf_repo *repo;
	bool fsync;
	char *map_dir, *spool_dir;
	/* of the open folder */
	char *path;           /* of its map; NULL: none is open */
	struct uidmap map;
	uint32_t uidvalidity; /* for which the map holds */
	uint32_t flags_allowed;
	uint32_t last;        /* the highest own UID in the last list */
	bool lost;            /* see folder_info.numbers_lost */
	/* incoming */
	struct spool in;
	bool begun;
	uint64_t announced;
	struct vec staged;    /* of struct map_staged */
	/* outgoing */
	struct spool out;
	struct vec expected;  /* of uint32_t: own UIDs, in order */
	size_t next;          /* into expected */
	struct vec ready;     /* of struct map_ready */
	size_t open;          /* messages being read */
};

static inline struct mapstore *mapstore_of(struct store *store)
{
	return (struct mapstore *)store;
}

/* mapstore.c: closes it but for its session; NULL: that is of no use. */
struct session *mapstore_detach(struct store *store);

/* mapstore_in.c */
bool mapstore_incoming_begin(struct store *store, uint64_t size,
	struct error *err) ATTR_MUST_CHECK;
bool mapstore_incoming_data(struct store *store, struct span wire,
	struct error *err) ATTR_MUST_CHECK;
bool mapstore_incoming_end(struct store *store, uint32_t uid, uint32_t flags,
	int64_t date, struct error *err) ATTR_MUST_CHECK;
void mapstore_incoming_drop(struct store *store);
void mapstore_incoming_identity(struct store *store, struct identity *id,
	unsigned char digest[DIGEST_SHA256_SIZE]);
bool mapstore_incoming_send(struct store *store, store_sent_fn *each,
	void *arg, struct error *err) ATTR_MUST_CHECK;
/* Nothing is begun nor staged any more. */
void mapstore_incoming_forget(struct mapstore *s);
bool mapstore_incoming_commit(struct store *store, struct error *err)
	ATTR_MUST_CHECK;

/* mapstore_out.c */
void mapstore_outgoing_expect(struct store *store, const struct msgset *which);
bool mapstore_outgoing_open(struct store *store, const struct msglist *list,
	const struct msg *m, struct outgoing *out, struct error *err)
	ATTR_MUST_CHECK;
void mapstore_outgoing_close(struct store *store, struct outgoing *out);
/* Nothing is expected nor ready any more. */
void mapstore_outgoing_forget(struct mapstore *s);

#endif
