/*
 * Lines on their way to a descriptor: gathered during one round of the loop,
 * written at its end.  Main thread; the descriptor stays the caller's.
 */
#ifndef UI_OUT_H
#define UI_OUT_H

#include <stdbool.h>

#include "str.h"

/* A reader that takes nothing is waited for, but not against the user. */
struct out_wait {
	int fd;     /* readable: a signal wants to be looked at first */
	bool brief; /* the end is wanted: the reader has a moment, no more */
};

struct out {
	int fd;
	const struct out_wait *wait; /* NULL: as long as it takes */
	bool ascii;  /* a terminal that is not UTF-8 */
	bool broken; /* nobody reads any more: what comes is dropped */
	int failure; /* errno of the first failed write, 0: none */
	struct str pending;
};

/* wait may be NULL, and must outlive the value. */
void out_init(struct out *out, int fd, const struct out_wait *wait);
/* Does not flush. */
void out_clear(struct out *out);
void out_add(struct out *out, const char *text);
/* Adds text and a line end. */
void out_line(struct out *out, const char *text);
/* Writes what is pending; when a signal comes meanwhile, the rest stays so.
 * False when the reader is gone for good, or has had its moment. */
bool out_flush(struct out *out);

#endif
