/*
 * One side of a synchronisation: a table of operations that Maildir, IMAP and
 * the tests' memory store fill.  A store belongs to one worker thread, with
 * its connection for life.  At most one folder is open in it.
 *
 * The values in them are in store_value.h.
 *
 * Names are the store's own (raw, with its own separator).  Every change that
 * cannot be repeated harmlessly is announced through worker_effect first.
 *
 * A row may lack operations (NULL): fetch, append and status belong to
 * servers; incoming_*, outgoing_*, adopt and detach to local sides; the
 * memory store has all.  A local side that is a server itself has
 * incoming_identity, incoming_send and outgoing_expect as well.
 *
 * Failing: severity ERROR_MESSAGE (that message alone), ERROR_FOLDER (this
 * folder; the store goes on), ERROR_FOLDER_RETRY (connection lost: the store
 * is unusable, close it and open another), ERROR_ACCOUNT.
 */
#ifndef MAIL_STORE_H
#define MAIL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"
#include "mail/store_value.h"
#include "str.h"

struct flag_keywords;
struct session;
struct store;
struct worker;

struct store_ops {
	const char *type; /* as in the configuration: "Maildir", "IMAP" */
	struct store *(*open)(const struct store_config *config,
		struct error *err);
	void (*close)(struct store *store);

	/* Folders that can be opened, vec of struct folder.  Names that are not
	 * safe are left out with a warning (S4). */
	bool (*list)(struct store *store, struct vec *folders,
		struct error *err);
	/* 0: flat.  Valid after list. */
	char (*separator)(struct store *store);
	/* With missing parents; already there is success. */
	bool (*create)(struct store *store, const char *name,
		struct error *err);
	/* With those below it; the new name's missing parents are made.  Never
	 * over a folder that is there.  NULL: it cannot be done. */
	bool (*rename)(struct store *store, const char *from, const char *to,
		struct error *err);
	/* UIDVALIDITY, UIDNEXT, MESSAGES without opening; NULL: not offered. */
	bool (*status)(struct store *store, struct ops_status *at, size_t len,
		struct error *err);

	/* Opens the folder and lists it, in place of what out held.
	 * out->complete only with proof. */
	bool (*load)(struct store *store, const char *name, bool readonly,
		struct folder_info *info, struct msglist *out,
		struct error *err);
	/* Opens the folder without listing it, to receive messages or to be
	 * asked for them alone; of info only uidvalidity, uidnext and exists
	 * are set, where the store knows them. */
	bool (*enter)(struct store *store, const char *name, bool readonly,
		struct folder_info *info, struct error *err);
	/* The folder's stamp, without opening it; NULL: a server. */
	bool (*stamp)(struct store *store, const char *name,
		struct store_stamp *out);
	/* The open folder is done with for now; NULL: nothing to do then. */
	void (*leave)(struct store *store);
	/* Sizes and header keys of some messages of the open folder. */
	bool (*identify)(struct store *store, const struct msgset *which,
		store_identify_fn *each, void *arg, struct error *err);
	/* out, in the order of which: whether the message is of that day or
	 * later, and larger than that (both when both are asked for).  IMAP:
	 * by INTERNALDATE and RFC822.SIZE; Maildir: by the time that the file
	 * name begins with (UTC; none: true) and the size of the CRLF form.
	 * Those gone meanwhile are not. */
	bool (*search)(struct store *store, const struct msgset *which,
		const struct ops_search *what, bool *out, struct error *err);
	/* Each message once: begin, data*, end; see ops_fetch_bodies. */
	bool (*fetch)(struct store *store, const struct seqset *uids,
		const struct body_sink *sink, struct str *refused,
		struct error *err);
	/* done is called once for each item as soon as its fate is known. */
	bool (*append)(struct store *store, struct append *item, size_t len,
		ops_append_fn *done, void *arg, struct error *err);
	/* All of these changes; one that fails stops no other.  Messages gone
	 * meanwhile are nothing to do. */
	bool (*flags)(struct store *store, struct store_change *at, size_t len,
		struct error *err);
	/* Gone meanwhile is success. */
	bool (*remove)(struct store *store, const struct msgset *which,
		enum remove_reason reason, struct error *err);

	/* Moves messages of the open folder to another one, by name; each is
	 * called for those that arrived.  *refused: all are where they were;
	 * else the others may be either here or there.  NULL, or not
	 * store.moves: it cannot be done. */
	bool (*move)(struct store *store, const struct msgset *which,
		const char *to, store_moved_fn *each, void *arg, bool *refused,
		struct error *err);
	/* Takes a message's file out of the open folder of another store of
	 * the same kind into this one's, with this UID and the flags it has.
	 * ERROR_GONE when it vanished. */
	bool (*bring)(struct store *store, struct store *from,
		const struct msglist *list, const struct msg *m, uint32_t uid,
		struct error *err);

	/* Receiving: begin, data*, then end (staged, not yet visible) or drop.
	 * commit makes all staged ones durable and then visible, in a group. */
	bool (*incoming_begin)(struct store *store, uint64_t size,
		struct error *err);
	bool (*incoming_data)(struct store *store, struct span wire,
		struct error *err);
	bool (*incoming_end)(struct store *store, uint32_t uid, uint32_t flags,
		int64_t date, struct error *err);
	/* The one begun or the last one ended. */
	void (*incoming_drop)(struct store *store);
	/* Of the last one ended.  NULL: commit is harmless when repeated; else
	 * it takes incoming_send first, and that needs an announcement. */
	void (*incoming_identity)(struct store *store, struct identity *id,
		unsigned char digest[DIGEST_SHA256_SIZE]);
	/* Sends all staged ones; each is called for those that were answered.
	 * None is staged afterwards, whatever happened. */
	bool (*incoming_send)(struct store *store, store_sent_fn *each,
		void *arg, struct error *err);
	/* Also makes what adopt and detach renamed durable: to be called
	 * before the state tells of it.  Failing, it drops what was not yet
	 * visible. */
	bool (*incoming_commit)(struct store *store, struct error *err);

	/* These are going to be opened, in this order, so that they can be
	 * fetched together; NULL: no use. */
	void (*outgoing_expect)(struct store *store,
		const struct msgset *which);
	/* A message of the list for reading; ERROR_GONE when it vanished (a
	 * renamed file is found again). */
	bool (*outgoing_open)(struct store *store, const struct msglist *list,
		const struct msg *m, struct outgoing *out, struct error *err);
	void (*outgoing_close)(struct store *store, struct outgoing *out);
	/* Gives a local message its remote UID (Maildir: renames it). */
	bool (*adopt)(struct store *store, const struct msglist *list,
		const struct msg *m, uint32_t uid, struct error *err);
	/* Takes its remote UID away: it is a new message again. */
	bool (*detach)(struct store *store, const struct msglist *list,
		const struct msg *m, struct error *err);
};

/* Every store begins with this. */
struct store {
	const struct store_ops *ops;
	struct worker *worker;
	const char *repository; /* its name */
	const char *type;       /* shown name, of the configuration's type */
	const char *const *filterheaders; /* fields that are not uploaded;
	                           NULL: none */
	bool moves;             /* the operation move can be done */
	uint32_t letters;       /* of flags: those that stand for keywords of
	                           this side's server; may grow with load */
	const char *visible;    /* set before load: the folder's name after this
	                           side's own translation, which FMD5= is made
	                           from; NULL: its name */
	const struct store_known *known; /* set before load; NULL: nothing */
	const struct store_since *since; /* set before load; NULL: nothing */
	bool unreached; /* the connection was lost, but at something that
	                   another store had asked for over it */
};

extern const struct store_ops maildir_ops, imapstore_ops, mapstore_ops;

/* The row for the repository's type (GmailMaildir as Maildir, Gmail as IMAP),
 * opened.  Takes config->session in any case. */
struct store *store_open(const struct store_config *config, struct error *err)
	ATTR_MUST_CHECK;
/* The same, but a session that it holds and that is still good is the
 * caller's now; NULL: there is none. */
struct session *store_detach(struct store *store);
/* What its server offers, as after the login, lent; NULL: it is none. */
const char *store_capabilities(const struct store *store);
/* NULL is allowed. */
void store_close(struct store *store);
/* Between two servers both have one table, that of the folder pair; NULL: each
 * its own again.  Nothing for a directory. */
void store_keywords(struct store *store, struct flag_keywords *keywords);
/* Frees the names, then the vec. */
void store_folders_clear(struct vec *folders);
/* The message's own UID, of a local side that is a server: its name there is
 * that number, in ten digits.  0: of any other side. */
uint32_t store_own_uid(const struct msglist *list, const struct msg *m);
/* The type's shown name: "IMAP", "Maildir", "Gmail", "GmailMaildir". */
const char *store_type_name(const struct store *store);

#endif
