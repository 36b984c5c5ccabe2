/*
 * --delete-folder: one folder is deleted on the server of an account
 * (offlineimap-compat 1.6).  Runner's thread, under the account's lock.
 */
#ifndef RUN_REMOVE_H
#define RUN_REMOVE_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"

struct connector;
struct worker;

/* The folder that the run's options name, as the server or, with
 * utf8foldernames, as UTF-8.  Nothing is done in a dry run. */
bool remove_folder(struct connector *c, struct worker *w, struct error *err)
	ATTR_MUST_CHECK;

#endif
