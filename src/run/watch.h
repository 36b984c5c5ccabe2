/*
 * Folders that are watched for new mail (idlefolders): for each a thread with
 * a connection of its own, which rings the account's bell when the server
 * tells a change.  Started by the account's runner after its first round,
 * ended by it; the watchers have copies of the login, so that the runner may
 * change its own.  RFC 2177.
 *
 * A watcher rings as well when it has just selected the folder: what came
 * before that was told to nobody.  Lost connections are opened again, with
 * growing pauses.
 */
#ifndef RUN_WATCH_H
#define RUN_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"

struct connector;
struct watch;
struct worker;

/* names: of char *, as they stand in the option; at most as many as there are
 * bells.  bell_fd: gets the number of the folder, from 1, as a byte. */
struct watch *watch_start(const struct connector *c, const struct worker *w,
	const struct vec *names, int bell_fd) ATTR_RETURNS_NONNULL;
/* Ends and joins the watchers.  NULL is allowed. */
void watch_free(struct watch *watch);

/* The name of the folder with this number, from 0, as the store has it. */
const char *watch_name(const struct watch *watch, size_t number);

#endif
