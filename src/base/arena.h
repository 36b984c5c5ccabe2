/*
 * Memory that dies together: one response, one plan, the configuration.
 * Belongs to one thread.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "attr.h"
#include "str.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);
/* Everything is forgotten; one block is kept for reuse. */
void arena_reset(struct arena *a);
/* Aligned for any type, zeroed. */
void *arena_alloc(struct arena *a, size_t size) ATTR_RETURNS_NONNULL;
char *arena_strdup(struct arena *a, const char *text) ATTR_RETURNS_NONNULL;
/* With a NUL behind. */
char *arena_span(struct arena *a, struct span s) ATTR_RETURNS_NONNULL;
char *arena_printf(struct arena *a, const char *fmt, ...)
	ATTR_PRINTF(2, 3) ATTR_RETURNS_NONNULL;
/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

#endif
