/*
 * The sync core as a front end sees it.  All calls from the main thread.
 *
 *	struct engine *engine = engine_start(conf, &options, &err);
 *	while (!finished) {
 *		poll(engine_fd(engine), keyboard, signals);
 *		while ((ev = engine_next(engine)) != NULL) {
 *			finished = ev->kind == EVENT_FINISHED;
 *			show(ev);
 *			event_free(ev);
 *		}
 *	}
 *	engine_free(engine);
 */
#ifndef ENGINE_H
#define ENGINE_H

#include <stdbool.h>

#include "attr.h"
#include "command.h"
#include "error.h"
#include "event.h"

struct conf;
struct engine;

/* How the program ends.  When several apply: USAGE before CONFIG, AUTH,
 * NETWORK, LOCKED, ERROR, HELD, PARTIAL, INTERRUPTED, OK. */
enum exit_status {
	EXIT_STATUS_OK = 0,          /* everything asked for was done */
	EXIT_STATUS_ERROR = 1,       /* a folder or account failed */
	EXIT_STATUS_USAGE = 2,       /* bad command line */
	EXIT_STATUS_PARTIAL = 3,     /* some messages were not carried over */
	EXIT_STATUS_HELD = 4,        /* deletions wait for approval */
	EXIT_STATUS_AUTH = 5,        /* a login was refused */
	EXIT_STATUS_NETWORK = 6,     /* a server was not reached, or lost */
	EXIT_STATUS_CONFIG = 7,      /* the configuration is missing or wrong */
	EXIT_STATUS_LOCKED = 8,      /* another process has the account */
	EXIT_STATUS_INTERRUPTED = 9, /* stopped before everything was done */
};

/* Of several that are asked for the last one counts (compat 1). */
enum run_mode {
	RUN_SYNC,
	RUN_DELETE_FOLDER, /* --delete-folder */
	RUN_PRUNE,         /* --mbnames-prune */
	RUN_MIGRATE,       /* --migrate-fmd5-using-nametrans */
	RUN_INFO,
};

struct run_options {
	enum run_mode mode;
	bool dry_run;
	bool single_thread; /* -1 */
	bool once;          /* -o: no autorefresh */
	bool quick;         /* -q */
	bool ignore_keyring, update_keyring;
	unsigned debug;     /* bit set of 1 << enum event_area (-d) */
	bool files;         /* EVENT_FILE is wanted */
	const char *const *accounts; /* -a, NULL-terminated; NULL: configured */
	const char *const *folders;  /* -f, NULL-terminated remote names;
	                                NULL: all */
	/* --approve-deletions, NULL-terminated "account:folder" or "account" */
	const char *const *approved;
	const char *config_path; /* likewise */
	const char *folder; /* of RUN_DELETE_FOLDER */
};

/* Starts the threads.  conf and options are borrowed until engine_free. */
struct engine *engine_start(const struct conf *conf,
	const struct run_options *options, struct error *err) ATTR_MUST_CHECK;
/* Readable while engine_next would return something. */
int engine_fd(const struct engine *engine);
/* The next event, or NULL when there is none now.  The caller frees it. */
struct event *engine_next(struct engine *engine);
/* Copied; never blocks. */
void engine_command(struct engine *engine, const struct command *command);
/* Stops if still running, waits for the threads, frees everything. */
void engine_free(struct engine *engine);

#endif
