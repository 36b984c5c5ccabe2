/*
 * One folder's run while it lasts, and the steps of it: what died half-way is
 * taken up (recover), numbers are healed by content (heal), the plan is
 * carried out (apply, download, deliver, upload), and all of it is told
 * (report).
 * Called by folder.c, in the worker's thread, in this order:
 *
 *	heal_run? -> recover_run -> window_find -> plan_make -> apply_run
 *
 * Each step leaves both sides and the state such that a run that begins after
 * a sudden end there goes on without loss and without a second copy: a row is
 * written only when its message is durable, and what cannot be repeated
 * harmlessly is announced by an intent first.
 *
 * Failing: severity as in mail/store.h; a step that gives one message up says
 * so in an event, sets partial, and goes on.
 */
#ifndef SYNC_APPLY_H
#define SYNC_APPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"
#include "imap/flag.h"
#include "mail/msg.h"
#include "mail/store.h"
#include "sync/plan.h"

struct folder_job;
struct folder_result;
struct state;
struct worker;

/* What is known of the folder at one moment. */
struct apply_lists {
	struct msglist rows, remote, local;
};

struct apply {
	const struct folder_job *job;
	struct worker *w;
	struct folder_result *result;
	struct store *remote, *local;
	struct state *state;
	struct flag_keywords keywords; /* between two servers: of both */
	struct folder_info remote_info, local_info;
	struct apply_lists now;
	struct vec intents; /* of struct intent, those of earlier runs */
	int64_t began_ms;   /* wall clock: by it intents are old or young */
	struct plan plan;
	/* window.c; left_out by index into the side's list, or NULL */
	uint32_t first_uid, start_uid;
	bool *left_out[2];
	char *folder;       /* the remote one that the rows were made with;
	                       NULL: not known */
	bool state_is_ours; /* it is as it was when both sides were equal */
	const struct store_since *since; /* for loading the remote side; NULL:
	                                    all of it is read */
	/* of the load that now.remote is from */
	uint64_t modseq;
	bool shortcut;
	uint32_t uidnext;   /* no message that comes now has a UID below */
	bool remote_readonly, local_readonly;
	uint32_t local_next; /* as uidnext, of a local side that is a server */
	uint32_t local_saved; /* the local UIDVALIDITY of the last run */
	bool healed;        /* messages were paired by content in this run */
	bool left_moves;    /* it has left job->moves */
	/* moves.c, by the side that was changed: not counted in the result
	 * until the end */
	uint64_t moved_in[2], moved_out[2];
	bool planned;       /* lists are read without events from now on */
	bool partial;       /* something was not done */
	bool held;
	bool remote_dead;   /* the session was given up by us */
	int direction;      /* the last one told: enum plan_side of the side
	                       that is changed; -1: none */
	uint64_t copied[2]; /* COPY events so far, by the side copied to */
};

void apply_lists_clear(struct apply_lists *lists);
/* Reads one list (anew), with LOADING and LOADED. */
bool apply_load(struct apply *a, enum plan_side side, struct msglist *out,
	struct error *err) ATTR_MUST_CHECK;
/* Sets *err and returns false when a stop was asked for. */
bool apply_go_on(const struct apply *a, struct error *err) ATTR_MUST_CHECK;
/* Flushes what was renamed, made or removed locally, then commits the
 * transaction begun.  Failing, the transaction is gone. */
bool apply_commit(struct apply *a, struct error *err) ATTR_MUST_CHECK;
struct store *apply_store(const struct apply *a, enum plan_side side);
/* Flags that both sides know: those of IMAP and letters that stand for
 * keywords.  After both lists are read. */
uint32_t apply_shared(const struct apply *a);
/* The rows are recorded as another folder's of the server. */
bool apply_other_folder(const struct apply *a);
const char *apply_folder(const struct apply *a, enum plan_side side);

/* Carries out a->plan.  A dry run only tells. */
bool apply_run(struct apply *a, struct error *err) ATTR_MUST_CHECK;

/* download.c: a->plan.download. */
bool download_run(struct apply *a, struct error *err) ATTR_MUST_CHECK;
/* upload.c: a->plan.upload. */
bool upload_run(struct apply *a, struct error *err) ATTR_MUST_CHECK;

/* recover.c: settles a->intents against a->now, which is brought up to date.
 * Settled ones get the id 0. */
bool recover_run(struct apply *a, struct error *err) ATTR_MUST_CHECK;
/* The same after lists were read anew: what is in a plan was looked at. */
bool recover_again(struct apply *a, struct error *err) ATTR_MUST_CHECK;

/* heal.c: pairs all messages by content, renumbers local ones and replaces the
 * rows; a->now is brought up to date, intents are kept. */
enum heal_kind {
	HEAL_NONE,
	HEAL_NUMBERS, /* UIDs mean something else than in the rows */
	HEAL_RESUMED, /* an earlier healing died: local ones partly do */
	HEAL_NAMES,   /* the rows are right; local files have lost theirs */
};
bool heal_run(struct apply *a, enum heal_kind kind, struct error *err)
	ATTR_MUST_CHECK;

/* report.c: events. */
void report_plan(struct apply *a);
/* The side that is about to be changed, told when it changed. */
void report_direction(struct apply *a, enum plan_side to);
/* One message copied to that side. */
void report_copy(struct apply *a, enum plan_side to, int64_t uid,
	uint64_t bytes);
/* Those that are not copied to that side by the user's word. */
void report_ignored(struct apply *a, enum plan_side to);
void report_delete(struct apply *a, enum plan_side side,
	const struct msgset *which);
void report_flags(struct apply *a, enum plan_side side,
	const struct msgset *which, uint32_t flags, bool add);
/* One thing was not done; the folder goes on.  uid 0: none. */
void report_problem(struct apply *a, const struct error *err, int64_t uid);

#endif
