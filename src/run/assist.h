/*
 * A member of a round that has no job left helps with the big folders of the
 * others (sync/slices.h).  The member's thread.
 */
#ifndef RUN_ASSIST_H
#define RUN_ASSIST_H

#include <stdbool.h>

struct member_round;
struct store;
struct worker;

/* The member offers nothing from now on; it helps until all others have ended
 * too, or its connection is lost.  The stores are the member's; those that are
 * not open (NULL) are opened once there is something to do.  willing: false,
 * it does not help. */
void assist_work(const struct member_round *round, struct worker *w,
	struct store **remote, struct store **local, bool willing);

#endif
