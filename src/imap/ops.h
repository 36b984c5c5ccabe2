/*
 * Typed operations on a logged-in session: one function per exchange.
 * Worker's thread.  Mailbox names are raw bytes as the server sends them.
 * Errors carry the server's words verbatim; a NO or BAD has kind REFUSED and
 * leaves the session usable.
 *
 * Flags are bit sets of flag.h; letters stand for keywords by the table of
 * session_keywords, and are left out without it.
 */
#ifndef IMAP_OPS_H
#define IMAP_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"
#include "imap/response.h"
#include "imap/seqset.h"
#include "imap/session.h"
#include "str.h"

struct mailbox {
	char *name; /* malloc'd; names with NUL are left out */
	unsigned attributes;
	char delimiter;
};

/* LIST or LSUB of everything below reference (sent as OfflineIMAP does), one
 * flight; attributes kept.  vec of struct mailbox; each name
 * once, by name; INBOX in whatever case once. */
bool ops_list(struct session *s, const char *reference, bool subscribed,
	struct vec *mailboxes, struct error *err) ATTR_MUST_CHECK;
void ops_list_clear(struct vec *mailboxes);
/* The hierarchy delimiter, LIST reference ""; 0 when NIL. */
bool ops_delimiter(struct session *s, const char *reference, char *out,
	struct error *err) ATTR_MUST_CHECK;
/* ALREADYEXISTS is success.  After a refusal the caller may try below the
 * personal namespace (Q86, ops_namespace). */
bool ops_create(struct session *s, const char *name, struct error *err)
	ATTR_MUST_CHECK;
/* DELETE, RFC 9051 section 6.3.5. */
bool ops_delete_folder(struct session *s, const char *name, struct error *err)
	ATTR_MUST_CHECK;
/* RENAME, RFC 9051 section 6.3.6: those below it go along. */
bool ops_rename_folder(struct session *s, const char *from, const char *to,
	struct error *err) ATTR_MUST_CHECK;
/* SUBSCRIBE. */
bool ops_subscribe(struct session *s, const char *name, struct error *err)
	ATTR_MUST_CHECK;
/* Prefix of the first personal namespace, "" when none; asked once. */
bool ops_namespace(struct session *s, const char **prefix, struct error *err)
	ATTR_MUST_CHECK;

struct selected {
	uint32_t uidvalidity; /* 0: the server gave none */
	uint32_t uidnext;     /* 0: the server gave none */
	uint32_t exists;
	uint64_t highestmodseq; /* 0: not told */
	bool nomodseq;        /* the server keeps none for this folder */
	bool readonly;
	uint32_t flags_allowed; /* by PERMANENTFLAGS; letters for keywords */
};

/* One message of a list.  False stops the session. */
typedef bool ops_message_fn(void *arg, const struct response_fetch *f,
	struct error *err);

/* SELECT or EXAMINE alone. */
bool ops_select(struct session *s, const char *name, bool examine,
	struct selected *out, struct error *err) ATTR_MUST_CHECK;
/* SELECT (or EXAMINE) and UID FETCH 1:4294967295 (UID FLAGS) in one flight.
 * each is called for every message with UID and FLAGS.  *complete: tagged OK,
 * no BYE, and as many different UIDs as EXISTS at the end (N2, D9). */
bool ops_select_list(struct session *s, const char *name, bool examine,
	struct selected *out, ops_message_fn *each, void *arg, bool *complete,
	struct error *err) ATTR_MUST_CHECK;

struct ops_status {
	const char *name;     /* in */
	bool ok;              /* out: numbers below are valid */
	uint32_t messages, uidnext, uidvalidity;
	uint64_t highestmodseq;
};
/* Pipelined STATUS of all of them in one flight. */
bool ops_status(struct session *s, struct ops_status *at, size_t len,
	struct error *err) ATTR_MUST_CHECK;

/* UID FETCH of set in the selected mailbox, items constant text such as
 * "(UID RFC822.SIZE INTERNALDATE)". */
bool ops_fetch(struct session *s, const struct seqset *uids,
	const char *items, ops_message_fn *each, void *arg, struct error *err)
	ATTR_MUST_CHECK;

/* What is looked for; a field of 0 asks for nothing.  At least one does. */
struct ops_search {
	int year, month, day; /* INTERNALDATE on that day or later, whatever
	                         the zone (RFC 9051 section 6.4.4, SINCE) */
	uint64_t larger;      /* RFC822.SIZE above this, at most 2^32-1 */
	bool deleted;         /* marked \Deleted */
};
/* UID SEARCH in the selected mailbox, among these (NULL: all), one flight. */
bool ops_search(struct session *s, const struct ops_search *what,
	const struct seqset *uids, struct seqset *found, struct error *err)
	ATTR_MUST_CHECK;

/* Streams whole messages of the selected mailbox: UID FETCH (UID FLAGS
 * INTERNALDATE BODY.PEEK[]), several commands in flight.  For each message
 * begin, data*, end; end's fetch has UID, FLAGS, DATE (as far as the server
 * sent them).  Messages not asked for and bodies missing are the caller's to
 * notice (Q1).  A NO or BAD to one of the commands: *refused is set to the
 * words of the first, the others go on.
 * Behind uids, what next gives: it is asked whenever few commands are
 * unanswered, so that the server always has something to send and yet what
 * comes last is decided late. */
struct body_sink {
	bool (*begin)(void *arg, uint64_t size, struct error *err);
	bool (*data)(void *arg, struct span data, struct error *err);
	bool (*end)(void *arg, const struct response_fetch *f,
		struct error *err);
	void *arg;
	/* Further ones into the empty set; false: none now.  NULL: none */
	bool (*next)(void *arg, struct seqset *uids);
};
bool ops_fetch_bodies(struct session *s, const struct seqset *uids,
	const struct body_sink *sink, struct str *refused, struct error *err)
	ATTR_MUST_CHECK;

/* One change of flags on a set of messages; no message is in two of them. */
struct ops_change {
	const struct seqset *uids;
	uint32_t add, remove; /* either may be 0 */
	uint64_t since;       /* where the server can, not on messages that
	                         were changed since this modseq; 0: on all */
	struct error problem;   /* out: severity ERROR_NONE: it is done ... */
	struct seqset modified; /* ... but for these, which were changed; the
	                           caller clears */
};
/* UID STORE +FLAGS.SILENT and -FLAGS.SILENT for all of them, one flight. */
bool ops_store(struct session *s, struct ops_change *at, size_t len,
	struct error *err) ATTR_MUST_CHECK;

struct append {
	struct source source; /* in: CRLF form, size exact */
	uint32_t flags;       /* in */
	int64_t date;         /* in: seconds since 1970 */
	bool alone;           /* in: it was sent before without an answer, so
	                         it shares its command with no other */
	enum condition result; /* out: OK, NO, BAD; NONE: never answered */
	uint32_t uid;         /* out: 0 when the server did not tell */
	uint32_t uidvalidity; /* out, with uid */
	struct str text;      /* out: the server's words */
};
/* Called as each answer comes, so that it can be recorded at once. */
typedef bool ops_append_fn(void *arg, struct append *item, struct error *err);
/* APPENDs to one mailbox, several messages in a command with MULTIAPPEND (RFC
 * 3502) where their sources can be read again, pipelined where LITERAL+ or
 * LITERAL- allow, coalesced flights otherwise.  A command of several that is
 * refused is tried in parts, until the message is found that is not wanted; so
 * answers may come in another order than the items.  What is above the
 * server's APPENDLIMIT is refused without being sent (NO, with a text).  The
 * caller clears each text. */
bool ops_append(struct session *s, const char *mailbox, struct append *item,
	size_t len, ops_append_fn *done, void *arg, struct error *err)
	ATTR_MUST_CHECK;

/* Deletes exactly this set of the selected mailbox (D3): STORE \Deleted and
 * UID EXPUNGE with UIDPLUS, in batches of 500, several in flight, and EXPUNGE
 * once more unless the server told that all are gone; without it
 * SEARCH DELETED, foreign ones unmarked for the moment, EXPUNGE, marked again.
 * expunge false: only marked. */
bool ops_delete(struct session *s, const struct seqset *uids, bool expunge,
	struct error *err) ATTR_MUST_CHECK;

/* The server told that this message of the selected mailbox is now that one
 * of the other. */
struct ops_moved {
	uint32_t uidvalidity; /* of the other mailbox */
	uint32_t from, to;    /* UIDs */
};
/* Moves the set from the selected mailbox to another, RFC 6851; COPY and
 * deletion of what was copied where MOVE is not offered.  Needs UIDPLUS.
 * moved: vec of struct ops_moved, what is known to have arrived.  *refused:
 * all commands got NO or BAD, and nothing went: all are where they were; else
 * what is not known to have arrived is somewhere. */
bool ops_move(struct session *s, const struct seqset *uids,
	const char *mailbox, struct vec *moved, bool *refused,
	struct error *err) ATTR_MUST_CHECK;

bool ops_noop(struct session *s, struct error *err) ATTR_MUST_CHECK;

#endif
