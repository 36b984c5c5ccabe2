/*
 * A worker that helps with the download of another one's folder (slices.h):
 * it opens the folder once more on both sides, asks for its slices, and tells
 * the owner what is in the directory now.  The helper's thread; the stores are
 * its own, and a directory on the local side.  Emits COPY and PROGRESS.
 */
#ifndef SYNC_HELP_H
#define SYNC_HELP_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"

struct slices;
struct store;
struct worker;

/* Leaves the slices in any case.  False: the remote store is unusable. */
bool help_run(struct slices *s, struct store *remote, struct store *local,
	struct worker *w, struct error *err) ATTR_MUST_CHECK;

#endif
