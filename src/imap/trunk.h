/*
 * One connection that many folder jobs share.  Each job has a branch: a
 * struct session like any other for the operations of ops.h, but its flights
 * are gathered, and all that wait leave in one write, with a SELECT before
 * each that needs its own mailbox (protocol.md 4.2).  So a round trip is paid
 * once for all folders, whatever each of them is at.
 *
 *	trunk = trunk_new(session);
 *	each task: branch = trunk_branch(trunk, task, w); ... session_close
 *	until all tasks have ended: resume those that trunk_waits does not
 *		hold back; then trunk_fly(trunk)
 *	session = trunk_detach(trunk);
 *
 * A worker's thread and its tasks.  What a branch has selected is remembered:
 * where another branch has selected something else since, the trunk sends
 * SELECT (or EXAMINE) again and looks at UIDVALIDITY: when it is another, the
 * flight fails (ERROR_FOLDER, "replaced"), and none of its data is delivered.
 * UNSELECT comes before, where the server has it.  ENABLE and such concern the
 * connection, not the branch: see session_root.
 * Flags may be stored behind such a SELECT in the same write; what deletes or
 * moves (STORE of \Deleted, EXPUNGE, MOVE) leaves only when the answer to its
 * SELECT was read (rule 3, D1).
 *
 * A handler that gives up (false) costs its own flight alone: the rest of its
 * answers is dropped, its session_flight fails with its error, the connection
 * lives on, unless bodies come that nobody else waits for.  A lost connection
 * fails all flights, each with that error, kind NETWORK; every branch is dead
 * then.
 */
#ifndef IMAP_TRUNK_H
#define IMAP_TRUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"

struct session;
struct task;
struct trunk;
struct worker;

/* Takes the session, logged in. */
struct trunk *trunk_new(struct session *session);
/* Gives the session back; NULL when it is over (it is closed then).  No
 * branch is left.  Frees. */
struct session *trunk_detach(struct trunk *t);
bool trunk_alive(const struct trunk *t);
/* As session_turn_ms. */
int64_t trunk_turn_ms(const struct trunk *t);
/* Lends the session, which is dead, to be hung up; NULL: it is alive. */
struct session *trunk_lost(const struct trunk *t);
/* In place of one that is dead: branches made before stay dead. */
void trunk_replace(struct trunk *t, struct session *session);
/* A session of the task; events go through w, which is the task's.  Ended by
 * session_close, which does not log out.  task NULL: its flights leave at
 * once. */
struct session *trunk_branch(struct trunk *t, struct task *task,
	struct worker *w);
/* How many flights wait to leave. */
size_t trunk_waiting(const struct trunk *t);
/* Whether this task waits for a flight that was not flown yet. */
bool trunk_holds(const struct trunk *t, const struct task *task);
/* Sends all that wait in one write and reads until each has its answers; what
 * deletes may need a further turn for each mailbox. */
void trunk_fly(struct trunk *t);

#endif
