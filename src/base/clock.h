/*
 * The seam for time.  Any thread.  Monotonic for deadlines, wall for dates.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds since some start; does not jump; counts suspended time where
 * the system can tell. */
int64_t clock_mono_ms(void);
/* Milliseconds since 1970. */
int64_t clock_wall_ms(void);
/* Thread-safe local time of a second since 1970, and its zone in minutes
 * east of UTC. */
void clock_local(int64_t seconds, struct tm *out, int *zone_min);

#endif
