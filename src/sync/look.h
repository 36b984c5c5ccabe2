/*
 * Whether the local side of a folder is what its state says, by one more
 * listing: after a run that has changed the directory itself, its time says
 * nothing of what others did meanwhile.  Runner's thread, under the account's
 * lock; the state is only read.
 */
#ifndef SYNC_LOOK_H
#define SYNC_LOOK_H

#include <stdbool.h>

#include "attr.h"

struct store;
struct tree_pair;
struct worker;

/* Opens the folder in the store, for reading, and leaves it.  False also when
 * that cannot be told. */
bool look_same(const char *state_path, struct store *local,
	const struct tree_pair *pair, struct worker *w) ATTR_MUST_CHECK;

#endif
