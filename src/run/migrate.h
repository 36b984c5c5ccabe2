/*
 * --migrate-fmd5-using-nametrans: files of an old OfflineIMAP, whose FMD5= is
 * made from the folder's name before nametrans, get the one that is made from
 * the name after it (offlineimap-compat 1.7).  Without that they would be new
 * messages.  Runner's thread, under the account's lock.
 */
#ifndef RUN_MIGRATE_H
#define RUN_MIGRATE_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"

struct connector;
struct worker;

/* In all folders of the account's Maildir; says how many, and each one in a
 * dry run, which changes nothing. */
bool migrate_run(struct connector *c, struct worker *w, struct error *err)
	ATTR_MUST_CHECK;

#endif
