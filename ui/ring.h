/*
 * The newest lines of the log, for the screen: bounded in lines and in bytes,
 * so that a year of running costs no more than an hour.  Each line has a
 * number that it keeps while older ones are dropped.  Main thread.
 */
#ifndef UI_RING_H
#define UI_RING_H

#include <stddef.h>
#include <stdint.h>

#include "text.h"

#define RING_LINES 5000
#define RING_LINE_BYTES 2000
#define RING_BYTES 2000000

struct ring_line {
	int64_t time_ms;
	enum text_level level;
	char *text; /* one line, clean UTF-8 */
};

struct ring {
	struct ring_line *lines; /* RING_LINES of them once used */
	uint64_t first, end; /* numbers of the oldest, and after the newest */
	size_t bytes;
};

void ring_clear(struct ring *ring);
/* Adds each line of text as a line; overlong ones are cut. */
void ring_add(struct ring *ring, int64_t time_ms, enum text_level level,
	const char *text);
/* The line with this number, first <= number < end; lent until ring_add. */
const struct ring_line *ring_get(const struct ring *ring, uint64_t number);

#endif
