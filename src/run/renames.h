/*
 * Folders that were renamed on one side are renamed on the other, with their
 * state: before anything is created.  A folder that both had is gone on one
 * side, and there alone a new one is what it was: by MAILBOXID (RFC 8474) or
 * all of its numbers on the server, by what the files' names say in a Maildir.
 * Whatever is not certain is left to be created, as without this.  Account
 * runner.
 */
#ifndef RUN_RENAMES_H
#define RUN_RENAMES_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"

struct memory;
struct naming;

/* The tree is built, nothing of it is done.  *changed: both sides are to be
 * listed again.  False: the connection is lost, or the state cannot be
 * written. */
bool renames_run(struct memory *m, const struct naming *n, bool *changed,
	struct error *err) ATTR_MUST_CHECK;

#endif
