/*
 * Whether both sides of a folder are equal at the end of its run, and by which
 * numbers that is known next time without looking (sync/cache.h).  What is not
 * certain is not in step: the next run looks again, and nothing is lost.
 * Called by folder.c in the worker's thread.
 */
#ifndef SYNC_STEP_H
#define SYNC_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"

struct apply;

/* It is long ago that everything was compared: a shortcut is not enough. */
bool step_is_old(int64_t full_ms);
/* The plan was carried out: fills a->result's in_step and seen.  Where the
 * server was changed and keeps mod-sequences, it is asked once more what has
 * changed, so that our own writes do not make the next run look.  a->now is
 * used up.  False: the connection is lost. */
bool step_take(struct apply *a, struct error *err) ATTR_MUST_CHECK;

#endif
