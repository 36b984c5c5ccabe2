/*
 * The user's hooks around a round (compat 4.9).  Runner's thread.
 */
#ifndef RUN_HOOK_H
#define RUN_HOOK_H

#include <stdbool.h>

struct worker;

/* Runs the command with /bin/sh; "" is nothing to do.  mode is the value of
 * OFFLINEIMAPSYNCMODE: "full", "quick" or "idle".  Output and return code are
 * told as HOOK events; a hook that cannot be run is an ERROR event of no
 * consequence for the round. */
void hook_run(const char *command, const char *mode, bool dry_run,
	struct worker *w);

#endif
