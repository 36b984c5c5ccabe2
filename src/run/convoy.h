/*
 * The folders that a member works at at the same time: each is a task with
 * stores of its own, and all share the member's connection (imap/trunk.h), so
 * that their commands leave together.  A connection that was lost is replaced
 * by the first task that misses it.  Member's thread, and that of the task
 * whose turn it is.
 */
#ifndef RUN_CONVOY_H
#define RUN_CONVOY_H

#include <stdbool.h>
#include <stddef.h>

#include "attr.h"
#include "error.h"
#include "run/connect.h"

struct convoy;
struct convoy_place; /* of one task */
struct member_round;
struct moves;
struct session;
struct store;
struct task;
struct worker;

/* In a task: one folder pair, by its index. */
typedef void convoy_fn(struct convoy_place *place, size_t index);

struct convoy *convoy_new(const struct member_round *round, struct worker *w,
	convoy_fn *work);
/* Taken; NULL: one is made when it is needed. */
void convoy_take(struct convoy *c, enum connector_side side,
	struct session *session);
/* Until no job is left, or no connection is to be had. */
void convoy_run(struct convoy *c);
/* The session of that side, if it is still good. */
struct session *convoy_detach(struct convoy *c, enum connector_side side);
void convoy_free(struct convoy *c);

/* From the task.  Its own worker. */
struct worker *convoy_worker(struct convoy_place *place);
const struct member_round *convoy_round(const struct convoy_place *place);
/* What the folders begun together tell each other; NULL: it was begun later.
 * Who gets it has joined, and is to leave. */
struct moves *convoy_moves(const struct convoy_place *place);
struct task *convoy_task(const struct convoy_place *place);
/* How many are at work in this convoy. */
unsigned convoy_peers(const struct convoy_place *place);
/* A store of its own over the shared connection, or over the directory; to be
 * closed before the task ends. */
struct store *convoy_store(struct convoy_place *place,
	enum connector_side side, struct error *err) ATTR_MUST_CHECK;
/* There is no connection any more: no task is to try again. */
void convoy_end(struct convoy_place *place, const struct error *why);
bool convoy_ended(const struct convoy_place *place, struct error *why);

#endif
