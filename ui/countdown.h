/*
 * The accounts that sleep, counted down in steps of ten seconds as OfflineIMAP
 * does: the core says when a sleep begins and ends and is not woken meanwhile.
 * Owned by one front end; main thread.  Time is handed in (ui_steady_ms), so
 * that tests need no clock.  A zeroed value is a valid empty one.
 */
#ifndef UI_COUNTDOWN_H
#define UI_COUNTDOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNTDOWN_STEP_S 10

struct event;

struct countdown_nap {
	struct event *ev; /* EVENT_SLEEPING, seconds_left counted down */
	int64_t due_ms;   /* of the next step; 0: there is none */
};

struct countdown {
	struct countdown_nap *nap;
	size_t count;
};

void countdown_clear(struct countdown *c);
/* An EVENT_SLEEPING: the account sleeps, or is awake (seconds_left 0).  True:
 * it did not sleep before, and does now. */
bool countdown_set(struct countdown *c, const struct event *ev,
	int64_t now_ms);
/* Until the next step, -1: there is none. */
int countdown_timeout_ms(const struct countdown *c, int64_t now_ms);
/* A step that is due, as an event to be told; NULL: none.  Lent until the
 * next call. */
const struct event *countdown_next(struct countdown *c, int64_t now_ms);

#endif
