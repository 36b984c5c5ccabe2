/*
 * Sessions with one server that stay open between two rounds of an account
 * (holdconnectionopen).  Account's runner; workers get one from it before they
 * start and give one back when they have ended.
 */
#ifndef RUN_HOLD_H
#define RUN_HOLD_H

#include <stdbool.h>

#include "base/vec.h"

struct hosts_guest;
struct session;
struct worker;

struct hold {
	bool on; /* else nothing is kept */
	struct hosts_guest *guest; /* whose places they have */
	struct vec sessions; /* of struct session * */
};

void hold_init(struct hold *h, struct hosts_guest *guest);
/* Takes the session, which may be NULL; w is the runner's.  Where another
 * account will need its place, it is closed. */
void hold_put(struct hold *h, struct session *session, struct worker *w);
/* One of them, the caller's now; NULL: none is left. */
struct session *hold_take(struct hold *h);
/* For this worker, in its thread: the session if its server still answers,
 * else NULL and it is closed.  NULL is allowed. */
struct session *hold_check(struct session *session, struct worker *w);
/* A sign of life to each; those that show none are closed. */
void hold_keepalive(struct hold *h, struct worker *w);
/* Closes all. */
void hold_clear(struct hold *h);

#endif
