/*
 * Where the time went (-P): listens to all events and, at the end, writes one
 * file per account: the phases, and the folders with the slowest first.  Main
 * thread, beside the front end; owns nothing but its own notes.
 *
 * Events carry the time at which they were told.  What lies between two events
 * of an account is counted for the phase that the first of them began; so an
 * account should have one worker, as it has with -1, which -P implies.
 */
#ifndef UI_PROFILE_H
#define UI_PROFILE_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"
#include "str.h"

struct event;
struct profile;

/* Makes the directory.  *was_there: it existed.  dir is borrowed. */
struct profile *profile_open(const char *dir, bool *was_there,
	struct error *err) ATTR_MUST_CHECK;
void profile_event(struct profile *profile, const struct event *ev);
/* The text of one account; false: the account never began.  For tests. */
bool profile_print(const struct profile *profile, const char *account,
	struct str *out);
/* Writes DIR/YYYYmmddHHMMSS_<account>.prof for each account that began, and
 * frees.  NULL is allowed. */
bool profile_close(struct profile *profile, struct error *err);

#endif
