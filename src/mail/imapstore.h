/*
 * The IMAP store's own insides, shared by imapstore*.c only: the operations of
 * store.h on a logged-in session (imap/ops.h).  Worker's thread.
 */
#ifndef MAIL_IMAPSTORE_H
#define MAIL_IMAPSTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "imap/flag.h"
#include "imap/ops_changes.h"
#include "mail/store.h"

struct imapstore {
	struct store store;
	struct session *session;
	const struct conf_repo *repo;
	struct survey *survey; /* lent; NULL: none, or no longer of use */
	bool listed;           /* from it, which is done once */
	struct flag_keywords *keywords; /* lent, or own */
	struct flag_keywords own;
	bool utf8;
	char separator;
	char *open; /* as on the wire; NULL: none */
	uint32_t uidvalidity; /* of the open one */
	unsigned distrust; /* CACHE_NO_* earned so far, each told once */
};

/* What an operation's failure means to the caller: a refusal costs the
 * folder, anything else has cost the connection. */
bool imapstore_checked(struct imapstore *s, bool ok, struct error *err);

/* Frees all but the session, which is the caller's; NULL when it is over. */
struct session *imapstore_detach(struct store *store);

/* NULL: its own. */
void imapstore_keywords(struct store *store, struct flag_keywords *keywords);

/* imapstore_move.c */
bool imapstore_move(struct store *store, const struct msgset *which,
	const char *to, store_moved_fn *each, void *arg, bool *refused,
	struct error *err) ATTR_MUST_CHECK;

/* imapstore_folder.c */
/* The folder's name as on the wire, malloc'd. */
char *imapstore_wire(const struct imapstore *s, const char *name);
bool imapstore_list(struct store *store, struct vec *folders,
	struct error *err) ATTR_MUST_CHECK;
char imapstore_separator(struct store *store);
bool imapstore_create(struct store *store, const char *name,
	struct error *err) ATTR_MUST_CHECK;
bool imapstore_rename(struct store *store, const char *from, const char *to,
	struct error *err) ATTR_MUST_CHECK;
bool imapstore_status(struct store *store, struct ops_status *at, size_t len,
	struct error *err) ATTR_MUST_CHECK;
/* imapstore.c: changes of flags, each on its set of this server's UIDs. */
bool imapstore_change(struct imapstore *s, struct store_change *at,
	const struct seqset *uids, size_t len, struct error *err)
	ATTR_MUST_CHECK;
/* imapstore_load.c */
bool imapstore_load(struct store *store, const char *name, bool readonly,
	struct folder_info *info, struct msglist *out, struct error *err)
	ATTR_MUST_CHECK;

bool imapstore_enter(struct store *store, const char *name, bool readonly,
	struct folder_info *info, struct error *err) ATTR_MUST_CHECK;

/* imapstore_changes.c: what a shortcut said.  Cleared by the caller. */
struct patch {
	const struct store_since *since; /* NULL: nothing is asked */
	struct changes changes;
	struct msglist changed, fresh; /* as told */
	struct seqset left;     /* of the UIDs known, if asked for */
	bool left_known;
	struct msglist list;    /* what was known with the changes */
};
/* Asks for changes if there is a way.  *done: p->list is the folder's list,
 * as complete as one that was read whole; false: that has to be read. */
bool imapstore_changes(struct imapstore *s, const char *wire, bool readonly,
	struct patch *p, bool *done, struct error *err) ATTR_MUST_CHECK;
/* CACHE_NO_* that the server has earned, now that the whole list is there. */
unsigned imapstore_judge(const struct patch *p,
	const struct selected *selected, const struct msglist *whole);
void imapstore_patch_clear(struct patch *p);
/* Sorts; a server that tells a message twice is believed the second time. */
void imapstore_tidy(struct msglist *list);

#endif
