/*
 * The questions for passwords that wait for an answer, oldest first; a front
 * end asks one at a time.  Owned by one front end (the model holds one for
 * the screen); main thread.  No password is ever kept here.
 */
#ifndef UI_ASK_H
#define UI_ASK_H

#include <stdbool.h>
#include <stddef.h>

struct event;

struct ask {
	struct event **waiting; /* copies of EVENT_PASSWORD */
	size_t count, cap;
};

void ask_clear(struct ask *ask);
/* Copies the event. */
void ask_add(struct ask *ask, const struct event *question);
/* The question to be answered now, NULL when there is none; lent until
 * ask_next. */
const struct event *ask_current(const struct ask *ask);
/* The current question is done with. */
void ask_next(struct ask *ask);

#endif
