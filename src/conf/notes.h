/*
 * Warnings collected while the configuration is read, to be shown once.  Main
 * thread.  The sentences live in the arena, the list is the caller's.
 */
#ifndef CONF_NOTES_H
#define CONF_NOTES_H

#include "attr.h"
#include "base/vec.h"

struct arena;

struct notes {
	struct arena *arena;
	struct vec list; /* of const char * */
};

void notes_add(struct notes *notes, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* The list as a NULL-terminated array in the arena; notes is empty then. */
const char *const *notes_detach(struct notes *notes);
void notes_clear(struct notes *notes);

#endif
