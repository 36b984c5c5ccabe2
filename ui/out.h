/*
 * Lines on their way to a descriptor: gathered during one round of the loop,
 * written at its end.  Main thread; the descriptor stays the caller's.
 */
#ifndef UI_OUT_H
#define UI_OUT_H

#include <stdbool.h>

#include "str.h"

struct out {
	int fd;
	bool ascii;  /* a terminal that is not UTF-8 */
	bool broken; /* nobody reads any more: what comes is dropped */
	int failure; /* errno of the first failed write, 0: none */
	struct str pending;
};

void out_init(struct out *out, int fd);
/* Does not flush. */
void out_clear(struct out *out);
void out_add(struct out *out, const char *text);
/* Adds text and a line end. */
void out_line(struct out *out, const char *text);
/* Writes what is pending.  False when the reader is gone for good. */
bool out_flush(struct out *out);

#endif
