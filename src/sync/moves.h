/*
 * Messages that moved from one folder to another on one side move on the other
 * too: a rename of the file, or UID MOVE on the server, so no body crosses the
 * wire.  Folders that are synchronised at the same time (tasks of one
 * connection) tell each other what they would delete and what they would copy;
 * where one message of each kind, and no other, has the same header key, a
 * Message-ID and the same size, it is one that moved.  All else, and all that
 * fails, is copied and deleted as ever.
 *
 * A worker's thread and its tasks, which never run at the same time.
 *
 *	m = moves_new();
 *	before any task runs: moves_join(m) for each, its job has .moves = m
 *	in each: load, plan, moves_run, then plan again; moves_leave in any case
 *	moves_free(m);
 *
 * Each step waits until all that joined have come as far (or have left).
 *
 * A move on the server is announced in the state of the folder that it leads
 * to, as an upload is (intent.h), so one whose answer was never read is found
 * there; a rename needs no such thing.
 */
#ifndef SYNC_MOVES_H
#define SYNC_MOVES_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"

struct apply;
struct moves;
struct task;

struct moves *moves_new(void);
/* All have left.  NULL is allowed. */
void moves_free(struct moves *m);
void moves_join(struct moves *m);
/* Whether this task waits for the others. */
bool moves_holds(const struct moves *m, const struct task *task);
/* a: as given to moves_run, or NULL when it never came there. */
void moves_leave(struct moves *m, const struct apply *a);

/* After plan_make, with both lists read: carries out what is a move.
 * *changed: a->now was brought up to date, and the plan is an old one. */
bool moves_run(struct apply *a, bool *changed, struct error *err)
	ATTR_MUST_CHECK;

#endif
