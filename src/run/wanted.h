/*
 * Which folder of each account is wanted before its others (COMMAND_FIRST).
 * Values; the engine holds one, guarded by its mutex.
 */
#ifndef RUN_WANTED_H
#define RUN_WANTED_H

#include "base/vec.h"

struct wanted {
	char *account, *folder; /* visible name */
};

#define WANTED_LIST VEC(struct wanted)

/* In place of the one before. */
void wanted_set(struct vec *list, const char *account, const char *folder);
/* Lent until the next change; NULL: none. */
const char *wanted_get(const struct vec *list, const char *account);
void wanted_clear(struct vec *list);

#endif
