/*
 * Which messages of a folder are synchronised at all: options maxage,
 * startdate and maxsize (offlineimap-compat 4.6, hazard 9.8).  Called by
 * folder.c, in the worker's thread:
 *
 *	window_check -> window_find -> plan_make -> window_sift -> plan_make?
 *
 * maxage and startdate give the lowest UID of the window, from a search by
 * day on the server.  Both lists stay whole, so nothing is ever missing for
 * being too old, wherever the window moves.  maxsize, and startdate on the
 * local side, leave out single copies.
 */
#ifndef SYNC_WINDOW_H
#define SYNC_WINDOW_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"

struct apply;
struct folder_limits;

/* Whether the window moves or began at some day: counts of messages say
 * nothing then, and quick is not possible. */
bool window_moves(const struct folder_limits *limits);

/* With startdate the other side must be empty at first.  Both lists are
 * read. */
bool window_check(struct apply *a, struct error *err) ATTR_MUST_CHECK;
/* Sets a->first_uid; numbers and lists are right.  What startdate found is
 * written down, but in a dry run. */
bool window_find(struct apply *a, struct error *err) ATTR_MUST_CHECK;
/* Looks at what a->plan would copy; *any: some is left out, a->left_out says
 * which, and the plan is to be made anew. */
bool window_sift(struct apply *a, bool *any, struct error *err)
	ATTR_MUST_CHECK;
void window_clear(struct apply *a);

#endif
