#include "config.h"

#include "ask.h"

#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "mem.h"

void ask_clear(struct ask *ask)
{
	for (size_t i = 0; i < ask->count; i++)
		event_free(ask->waiting[i]);
	free(ask->waiting);
	*ask = (struct ask){ 0 };
}

void ask_add(struct ask *ask, const struct event *question)
{
	if (ask->count == ask->cap) {
		ask->cap = ask->cap == 0 ? 4 : ask->cap * 2;
		ask->waiting = mem_resize(
			ask->waiting, ask->cap, sizeof(*ask->waiting));
	}
	ask->waiting[ask->count++] = event_copy(question);
}

const struct event *ask_current(const struct ask *ask)
{
	return ask->count > 0 ? ask->waiting[0] : NULL;
}

void ask_next(struct ask *ask)
{
	if (ask->count == 0)
		return;
	event_free(ask->waiting[0]);
	ask->count--;
	memmove(ask->waiting, ask->waiting + 1,
		ask->count * sizeof(*ask->waiting));
}
