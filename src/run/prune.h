/*
 * --mbnames-prune: a thread that is the only runner of its engine.  Made and
 * freed by the engine in the main thread.
 */
#ifndef RUN_PRUNE_H
#define RUN_PRUNE_H

#include "attr.h"

struct engine;
struct prune;

/* The engine is borrowed. */
struct prune *prune_start(struct engine *engine) ATTR_RETURNS_NONNULL;
/* Waits for the thread; NULL is allowed. */
void prune_free(struct prune *prune);

#endif
