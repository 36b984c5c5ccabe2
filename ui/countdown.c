#include "config.h"

#include "countdown.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "mem.h"

#define STEP_MS (COUNTDOWN_STEP_S * (int64_t)1000)

void countdown_clear(struct countdown *c)
{
	for (size_t i = 0; i < c->count; i++)
		event_free(c->nap[i].ev);
	free(c->nap);
	*c = (struct countdown){ 0 };
}

static bool forget(struct countdown *c, const char *account)
{
	for (size_t i = 0; i < c->count; i++) {
		if (strcmp(c->nap[i].ev->account, account) != 0)
			continue;
		event_free(c->nap[i].ev);
		c->nap[i] = c->nap[--c->count];
		return true;
	}
	return false;
}

bool countdown_set(struct countdown *c, const struct event *ev, int64_t now_ms)
{
	int64_t left = ev->u.sleep.seconds_left;
	bool known = forget(c, ev->account);

	if (left <= 0)
		return false;
	c->nap = mem_resize(c->nap, c->count + 1, sizeof(*c->nap));
	c->nap[c->count++] = (struct countdown_nap){
		.ev = event_copy(ev),
		.due_ms = left > COUNTDOWN_STEP_S ? now_ms + STEP_MS : 0,
	};
	return !known;
}

int countdown_timeout_ms(const struct countdown *c, int64_t now_ms)
{
	int64_t least = -1;

	for (size_t i = 0; i < c->count; i++) {
		int64_t left = c->nap[i].due_ms - now_ms;

		if (c->nap[i].due_ms == 0)
			continue;
		if (left < 0)
			left = 0;
		if (least < 0 || left < least)
			least = left;
	}
	return least < INT_MAX ? (int)least : INT_MAX;
}

const struct event *countdown_next(struct countdown *c, int64_t now_ms)
{
	for (size_t i = 0; i < c->count; i++) {
		struct countdown_nap *nap = &c->nap[i];
		int64_t *left = &nap->ev->u.sleep.seconds_left;

		if (nap->due_ms == 0 || nap->due_ms > now_ms)
			continue;
		*left -= COUNTDOWN_STEP_S;
		nap->due_ms += STEP_MS;
		if (*left <= COUNTDOWN_STEP_S)
			nap->due_ms = 0;
		return nap->ev;
	}
	return NULL;
}
