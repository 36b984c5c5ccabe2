/*
 * One folder pair, from the two lists to both sides equal: load, plan, apply.
 * Worker's thread; the stores are the worker's own.  Emits everything from
 * FOLDER_START to FOLDER_END, errors included.
 */
#ifndef SYNC_FOLDER_H
#define SYNC_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"
#include "event.h"
#include "mail/store.h"
#include "sync/cache.h"

struct moves;
struct share;
struct task;
struct tree_pair;

/* What the user leaves out (window.h); all zero: nothing.  Arrays by enum
 * plan_side of the side that has the messages. */
struct folder_limits {
	struct ops_search maxage;   /* a day; year 0: none */
	struct ops_search start[2]; /* startdate; a day; year 0: none */
	const char *start_dir[2];   /* Repository-X/StartUID */
	uint64_t maxsize;           /* bytes of the CRLF form; 0: any */
	const struct seqset *ignored[2]; /* UIDs never copied; NULL: none */
};

/* Messages at which the connection was lost, over the calls of folder_sync
 * that belong together; begin with limit set and all else zero. */
struct folder_retry {
	unsigned limit;  /* tries for one message, at least 1 */
	uint32_t uid;    /* the one it was lost at; 0: none, or it came */
	unsigned tries;  /* so often at this one */
	unsigned blamed; /* so often at whichever */
	unsigned row;    /* so many given up, and none came since */
	struct seqset given_up; /* not asked for any more */
};

struct folder_job {
	const struct tree_pair *pair;
	struct store *remote, *local;
	const char *state_dir;           /* Account-X/LocalStatus-sqlite */
	const char *legacy_dir;          /* Account-X/LocalStatus; or NULL */
	const char *remote_validity_dir; /* Repository-R/FolderValidity */
	const char *local_validity_dir;
	bool readonly_remote, readonly_local;
	bool deletes_remote, deletes_local; /* deletions made there are carried
	                                       over to the other side */
	bool expunge;         /* the remote repository's */
	bool local_marks;     /* the local side is a server, without expunge */
	bool dry_run;
	bool quick;
	bool fsync;
	bool ignore_readonly; /* denied deletions are nothing to tell of */
	bool approved;        /* held deletions of this folder are allowed */
	const char *approve_command; /* what the user is told to run */
	struct folder_limits limits;
	const struct cache_folder *cached; /* NULL: not known to be in step */
	unsigned distrust;    /* CACHE_NO_* */
	struct moves *moves; /* with the folders done at the same time; NULL:
	                        messages do not move, they are copied */
	struct task *task;   /* the one that this job runs in; with moves */
	struct share *share;  /* who may help; NULL: nobody */
	struct folder_retry *retry; /* NULL: a lost connection blames nobody */
	unsigned peers; /* so many folders share what a worker may hold in
	                   memory and keep open; 0: this one alone */
	int64_t settle_ms; /* pause between two looks for what a dead session
	                      may still be storing; 0: 500 */
};

struct folder_result {
	enum event_outcome outcome;
	enum error_kind why; /* of the worst error */
	uint64_t downloaded, uploaded, deleted, flagged;
	/* a message without \Seen was copied from there: new mail */
	bool new_remote, new_local;
	/* Both sides are equal, and these are the numbers to know it by, but
	 * names, stamps and mailboxid, which the caller adds. */
	bool in_step;
	struct cache_folder seen;
	unsigned distrust; /* CACHE_NO_* earned */
};

/* Refuses or creates nothing before both lists are complete.  True: the stores
 * go on (look at outcome).  False: the remote store is unusable, *err says
 * why; what was done is in the state, calling again with a new store goes on
 * from there.  ERROR was emitted unless stopped or to be retried. */
bool folder_sync(const struct folder_job *job, struct worker *w,
	struct folder_result *out, struct error *err) ATTR_MUST_CHECK;

/* FOLDER_START, also for one that nobody need open. */
void folder_tell_start(const struct tree_pair *pair,
	const struct store *remote, const struct store *local,
	struct worker *w);

/* Before a folder is created on either side: its old state is thrown away, so
 * that the new empty folder is not taken for a mass deletion (compat 4.3). */
bool folder_forget(const struct folder_job *job, struct error *err)
	ATTR_MUST_CHECK;
/* Where the state is, malloc'd; that of an old OfflineIMAP, NULL: no such
 * directory. */
char *folder_state_path(const struct folder_job *job);
char *folder_legacy_path(const struct folder_job *job);
/* Whether any state is recorded in this directory: then a missing Maildir root
 * means a missing disk, not a fresh start (N1). */
bool folder_any_state(const char *state_dir);
/* The same for folders that were synchronised by an old OfflineIMAP last. */
bool folder_any_legacy(const char *state_dir, const char *legacy_dir);

#endif
