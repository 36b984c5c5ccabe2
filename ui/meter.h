/*
 * How far something is, how fast it goes and when it will end.  Time comes
 * with the events, never from the clock, so that the same events always give
 * the same numbers.  A zeroed meter is a valid empty one.  Pure.
 */
#ifndef UI_METER_H
#define UI_METER_H

#include <stdbool.h>
#include <stdint.h>

struct meter {
	uint64_t done, total;             /* messages */
	uint64_t bytes_done, bytes_total; /* total 0: not known */
	uint64_t byte_rate;               /* bytes per second, smoothed */
	uint64_t milli_rate;              /* messages per 1000 s, smoothed */
	int64_t sample_ms;                /* 0: no sample yet */
	uint64_t sample_done, sample_bytes;
};

/* Empty, and time counts from here. */
void meter_start(struct meter *meter, int64_t time_ms);
/* Work begins after a pause, which does not count. */
void meter_resume(struct meter *meter, int64_t time_ms);
/* New values of done and bytes_done. */
void meter_set(struct meter *meter, int64_t time_ms, uint64_t done,
	uint64_t bytes_done);
/* Seconds until the end at this rate, -1 when that cannot be told. */
int64_t meter_left_s(const struct meter *meter);
/* How much is done, 0 to 1000; 0 when the total is not known. */
unsigned meter_permille(const struct meter *meter);

#endif
