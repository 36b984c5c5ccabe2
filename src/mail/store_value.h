/*
 * What a store is given and what it tells: the values in the operations of
 * store.h, where the rules are.  Built and owned by who calls, unless it says
 * otherwise.
 */
#ifndef MAIL_STORE_VALUE_H
#define MAIL_STORE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "error.h"
#include "imap/ops.h"
#include "imap/seqset.h"
#include "mail/header.h"
#include "mail/msg.h"

struct conf_account;
struct conf_repo;
struct flag_keywords;
struct session;
struct survey;
struct worker;

/* Everything a row's open may need. */
struct store_config {
	const struct conf_repo *repo;
	const struct conf_account *account;
	struct worker *worker;
	struct session *session; /* IMAP: logged in; taken */
	bool fsync;
	bool utf8foldernames;    /* IMAP: names are UTF-8 outside the wire */
	struct flag_keywords *keywords; /* IMAP: what letters stand for, lent,
	                                   of the worker's thread; NULL: what
	                                   the account's Maildir has as
	                                   customflag_* */
	struct survey *survey;   /* IMAP: what the first list, and status
	                            before the first load, need not ask;
	                            lent; NULL: they ask */
	const char *map_dir;     /* IMAP as local side: where its UID maps are;
	                            NULL: the remote side */
};

/* What is recorded of a folder, for a side that keeps its pairs itself. */
struct store_known {
	const struct msglist *rows; /* what both sides had */
	uint32_t uidvalidity; /* this side's then; 0: not recorded */
	const char *base;     /* name for files of this folder */
};

/* When something last changed in a folder on the disk.  Two stamps that are
 * equal, and settled, mean that nothing did in between. */
struct store_stamp {
	int64_t changed_ns[2]; /* Maildir: of new and cur */
	uint64_t place[2];     /* inode; a state file: its size */
	bool settled; /* the times are so old that a later change is seen */
};

/* Shortcuts that this server has not deserved (S: second witness). */
#define CACHE_NO_QRESYNC 0x01u
#define CACHE_NO_CONDSTORE 0x02u
#define CACHE_NO_SEARCH 0x04u
#define CACHE_NO_EARLY 0x08u /* loses what is sent with the login */
#define CACHE_NO_LIST_STATUS 0x10u
#define CACHE_NO_MULTIAPPEND 0x20u

/* What the server's side of a folder was when both sides were last equal, so
 * that only what changed since needs to be asked for.  Numbers of 0: not
 * known. */
struct store_since {
	const struct msglist *rows; /* its messages and their flags then */
	uint32_t uidvalidity, uidnext;
	uint64_t modseq;
	bool full;         /* it is time to compare everything */
	bool glance;       /* not to be read as a whole, whatever comes: the
	                      list is not complete then */
	unsigned distrust; /* CACHE_NO_* */
};

struct folder {
	char *name;          /* malloc'd */
	unsigned attributes; /* MAILBOX_* of response.h */
};

struct folder_info {
	uint32_t uidvalidity;   /* Maildir: always 42 */
	uint32_t uidnext;       /* 0: not told, or none */
	uint32_t exists;
	uint32_t foreign;       /* Maildir: files that were numbered for
	                           another folder, or for this one when its
	                           visible name was another */
	uint32_t flags_allowed; /* those that this side can keep */
	bool readonly;
	uint64_t modseq;   /* HIGHESTMODSEQ before the list was read; 0: none */
	bool shortcut;     /* the list is what was known with the changes told;
	                      false: everything was read */
	unsigned distrust; /* CACHE_NO_* that this server has earned now */
	bool numbers_lost; /* which messages are whose was not recorded, or no
	                      longer holds: pairs are to be found by content */
};

/* One message being sent away; filled by outgoing_open.  All of it is about
 * what is sent: the CRLF form without filterheaders. */
struct outgoing {
	struct source source;
	int64_t date;         /* seconds since 1970 */
	struct header_id id;
	unsigned char digest[DIGEST_SHA256_SIZE];
	bool open;            /* a descriptor is held until outgoing_close */
	void *data;           /* the store's own */
};

/* What identify tells of one message. */
struct identity {
	uint32_t index; /* into the list asked about */
	uint64_t size;  /* as sent, see struct outgoing; IMAP: RFC822.SIZE, a
	                   hint (Q95) */
	struct header_id id;
};
typedef bool store_identify_fn(void *arg, const struct identity *id,
	struct error *err);

/* What became of one of a group of messages. */
struct store_sent {
	size_t index; /* among those staged */
	enum condition result; /* OK, NO, BAD */
	bool placed;  /* OK: and it has its number; false: the server did not
	                 tell where it is */
	const char *text; /* the server's words */
};
typedef void store_sent_fn(void *arg, const struct store_sent *sent);

/* The same change of flags on some messages; no message is in two of them. */
struct store_change {
	struct msgset which;
	uint32_t add, remove;
	uint64_t since; /* not on messages that somebody has changed since this
	                   modseq, where the server can tell; 0: on all */
	struct error problem;  /* out: severity ERROR_NONE: it is done ... */
	struct seqset missed;  /* ... but for these UIDs; the caller clears */
};

/* Why messages are removed (D2: the one place that unlinks asks). */
enum remove_reason {
	REMOVE_DELETED_ON_OTHER_SIDE, /* known to the state, gone there */
	REMOVE_STRAGGLER, /* a second copy that a dead session sent */
};

/* One message of a set, by its place there, is now in another folder; uid 0:
 * the server did not tell under which number. */
typedef void store_moved_fn(void *arg, size_t place, uint32_t uid,
	uint32_t uidvalidity);

#endif
