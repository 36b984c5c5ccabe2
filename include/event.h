/*
 * What the core tells the front ends: values in one queue.  A worker fills a
 * template on its stack with borrowed strings and emits it; event_copy makes
 * the one block that travels, with its strings inside.  The receiver (main
 * thread) frees it.  No pointer into the sender survives.
 *
 * Facts are queued in order and never dropped.  EVENT_PROGRESS is state: one
 * cell per worker, a newer value replaces an older one that was not read yet.
 *
 * Order of facts, for one account:
 *
 *	ACCOUNT_START (CONNECTING | WARNING | PASSWORD)*
 *	(FOLDER_FOUND | FOLDER_CREATE)* STRUCTURE?
 *	(FOLDER_START ... FOLDER_END)* ACCOUNT_END
 *	SLEEPING* ACCOUNT_START ...
 *
 * and for one folder between FOLDER_START and FOLDER_END:
 *
 *	(LOADING LOADED)* PLAN? HELD*
 *		DIRECTION (IGNORED | COPY | DELETE | FLAGS | FILE)*
 *
 * To add a kind: one row in EVENT_KINDS, its struct in the union, its strings
 * in event.c's table; the compiler names the switches that want a case.
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"

#define EVENT_KINDS(X) \
	X(LOG)           /* u.log: a sentence for people */ \
	X(THREAD_START)  /* a thread begins work for .account */ \
	X(THREAD_END)    /* .thread ended */ \
	X(ACCOUNT_START) \
	X(ACCOUNT_END)   /* u.end */ \
	X(CONNECTING)    /* u.connect */ \
	X(STRUCTURE)     /* u.sides: folder lists of both sides compared */ \
	X(FOLDER_FOUND)  /* .folder will be synchronised in this run */ \
	X(FOLDER_CREATE) /* u.create */ \
	X(FOLDER_START)  /* u.sides */ \
	X(FOLDER_END)    /* u.end */ \
	X(LOADING)       /* u.list, count 0: about to read a message list */ \
	X(LOADED)        /* u.list */ \
	X(PLAN)          /* u.plan: what is to be done in .folder */ \
	X(DIRECTION)     /* u.sides: operations from first to second */ \
	X(COPY)          /* u.copy: one message */ \
	X(IGNORED)       /* u.copy: one message that copy_ignore_eval names; \
	                    index, count and bytes are 0 */ \
	X(DELETE)        /* u.change: messages deleted on one side */ \
	X(FLAGS)         /* u.change: flags added or removed on one side */ \
	X(FILE)          /* u.file: a message's file; only when asked for */ \
	X(HELD)          /* u.held: deletions not done, and how to approve */ \
	X(VALIDITY)      /* u.validity: UIDVALIDITY changed */ \
	X(SLEEPING)      /* u.sleep */ \
	X(PASSWORD)      /* u.password: a question; answer with a command */ \
	X(HOOK)          /* u.log.text */ \
	X(ERROR)         /* u.error */ \
	X(PROGRESS)      /* u.progress: state, not fact */ \
	X(FINISHED)      /* u.finished: the engine has ended; the last event */

#define EVENT_ENUM(name) EVENT_##name,
enum event_kind { EVENT_KINDS(EVENT_ENUM) EVENT_KIND_COUNT };
#undef EVENT_ENUM

enum event_level { EVENT_DEBUG, EVENT_INFO, EVENT_NOTICE, EVENT_WARNING };

/* What a debug line is about; the types of option -d. */
enum event_area { AREA_GENERAL, AREA_IMAP, AREA_MAILDIR, AREA_THREAD };

/* What a worker is at, for the screen. */
enum event_phase {
	PHASE_WAITING,
	PHASE_CONNECTING,
	PHASE_LISTING,   /* folder lists */
	PHASE_LOADING,   /* message lists */
	PHASE_COPYING,   /* messages, either way */
	PHASE_FLAGS,
	PHASE_DELETING,
	PHASE_MATCHING,  /* pairing by content after UIDVALIDITY changed */
};

/* How a folder or an account ended; the worst counts. */
enum event_outcome {
	OUTCOME_OK,
	OUTCOME_SKIPPED,     /* nothing had changed */
	OUTCOME_HELD,        /* deletions wait for approval */
	OUTCOME_PARTIAL,     /* some messages or folders were not done */
	OUTCOME_INTERRUPTED, /* stopped by the user */
	OUTCOME_FAILED,
};

struct event_log {
	enum event_level level;
	enum event_area area;
	const char *text;
	bool dry_run; /* HOOK: it is not run */
};

struct event_end {
	enum event_outcome outcome;
	enum error_kind why; /* when FAILED */
	int64_t elapsed_ms;
	uint64_t downloaded, uploaded, deleted, flagged; /* messages */
	const char *name; /* FOLDER_END: the folder's on the remote side */
	bool quick;       /* SKIPPED: by what quick rounds go by */
};

struct event_connect {
	const char *host; /* or "tunnel" */
	const char *port; /* or the tunnel's command */
	const char *repository;
};

struct event_sides {
	const char *from_type, *from_folder; /* "IMAP", raw name */
	const char *to_type, *to_folder;
};

struct event_create {
	const char *name;
	const char *repository;
	bool dry_run;
};

struct event_list {
	const char *type;
	const char *name;
	uint64_t count;
	const char *visible; /* the name after that side's own translation */
};

struct event_plan {
	uint64_t download, upload, delete_remote, delete_local, flag_remote,
		flag_local, /* messages */
		download_bytes, upload_bytes; /* 0: not known */
	bool dry_run;
};

struct event_copy {
	int64_t uid; /* negative: a provisional number of a local message */
	uint64_t index, count;
	const char *from_type, *from_repository, *from_folder;
	const char *to_type, *to_repository, *to_folder;
	uint64_t bytes; /* 0: not known */
	bool dry_run;
};

struct event_change {
	const char *type, *folder, *repository; /* the side changed */
	const char *uids;  /* comma list of UIDs and ranges: "1:3,7" */
	uint64_t count;
	const char *flags; /* Maildir letters; FLAGS only */
	bool add;          /* FLAGS: added, else removed */
	bool dry_run;
};

enum event_file_change {
	FILE_NEW,     /* a message arrived */
	FILE_MOVED,   /* another name, the same message: it got its UID */
	FILE_FLAGGED, /* another name, or directory: other flags */
	FILE_DELETED,
};

/* Told right after the directory changed, never in a dry run. */
struct event_file {
	enum event_file_change change;
	const char *path;     /* absolute; DELETED: the one that is gone */
	const char *old_path; /* MOVED, FLAGGED: the one before, else "" */
	uint32_t uid;         /* 0: none yet */
	const char *flags;    /* Maildir letters of the name */
};

struct event_held {
	const char *repository; /* the side on which nothing was deleted */
	uint64_t count;         /* deletions held */
	uint64_t total;         /* messages known in the folder */
	const char *command;    /* the shell command that approves */
};

struct event_validity {
	const char *repository;
	uint64_t saved, current;
	const char *name; /* the folder's, in that repository */
};

struct event_sleep {
	int64_t seconds_left; /* 0: awake again */
};

struct event_password {
	uint64_t id; /* to be given back in the answer */
	const char *repository, *host, *user;
	const char *reason; /* the server's words after a refusal, or "" */
};

struct event_error {
	enum error_severity severity;
	enum error_kind kind;
	int64_t uid; /* 0: none */
	const char *text;
};

struct event_progress {
	enum event_phase phase;
	uint64_t done, total;             /* messages */
	uint64_t bytes_done, bytes_total; /* total 0: not known */
};

struct event_finished {
	int exit_status; /* enum exit_status of engine.h */
};

struct event {
	enum event_kind kind;
	int64_t time_ms;     /* wall clock, milliseconds since the epoch */
	unsigned cell;       /* the worker's progress cell, unique per worker */
	const char *thread;  /* "MainThread", "Account sync A"; never NULL */
	const char *account; /* "" when it concerns none; never NULL */
	const char *folder;  /* visible name; "" when none; never NULL */
	union {
		struct event_log log;
		struct event_end end;
		struct event_connect connect;
		struct event_sides sides;
		struct event_create create;
		struct event_list list;
		struct event_plan plan;
		struct event_copy copy;
		struct event_change change;
		struct event_file file;
		struct event_held held;
		struct event_validity validity;
		struct event_sleep sleep;
		struct event_password password;
		struct event_error error;
		struct event_progress progress;
		struct event_finished finished;
	} u;
};

/* One block with the strings inside; NULL strings become "". */
struct event *event_copy(const struct event *templ) ATTR_RETURNS_NONNULL;
void event_free(struct event *ev);
/* "COPY" and so on. */
const char *event_kind_name(enum event_kind kind);

#endif
