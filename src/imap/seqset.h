/*
 * Sets of UIDs or sequence numbers, kept as ranges from the parser to the
 * wire, never expanded (S15, D9).  sequence-set of RFC 9051 section 9.
 * Belongs to one thread.
 *
 * Invariant: ranges are ascending, do not overlap and do not touch.
 */
#ifndef IMAP_SEQSET_H
#define IMAP_SEQSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "str.h"

struct seqrange {
	uint32_t first, last; /* inclusive, first <= last, never 0 */
};

/* A zeroed value is an empty set. */
struct seqset {
	struct seqrange *range;
	size_t len, cap;
};

void seqset_clear(struct seqset *set);
/* Empty, memory kept. */
void seqset_reset(struct seqset *set);
/* n > 0 is asserted; amortised O(1) for ascending order. */
void seqset_add(struct seqset *set, uint32_t n);
/* Either order of the ends. */
void seqset_add_range(struct seqset *set, uint32_t a, uint32_t b);
/* For many numbers in any order, O(n log n) together: after pushes the
 * invariant holds again only once settle was called. */
void seqset_push(struct seqset *set, uint32_t a, uint32_t b);
void seqset_settle(struct seqset *set);
/* The same for the text of one number or range: false for any other. */
bool seqset_push_text(struct seqset *set, struct span text) ATTR_MUST_CHECK;
bool seqset_has(const struct seqset *set, uint32_t n);
bool seqset_empty(const struct seqset *set);
/* How many numbers. */
uint64_t seqset_count(const struct seqset *set);
/* Takes up to max numbers off the front of from into the empty set to. */
void seqset_split(struct seqset *from, uint64_t max, struct seqset *to);
/* "1:3,7" appended to out; nothing for an empty set. */
void seqset_print(const struct seqset *set, struct str *out);
/* The same but at most max_len bytes from range index *next on; advances
 * *next.  For commands that must stay short; max_len >= 21 is asserted. */
void seqset_print_part(const struct seqset *set, size_t *next, size_t max_len,
	struct str *out);
/* Replaces out.  Numbers, ranges in either order; "*" and 0 are refused.  At
 * most max_ranges.  False: out is empty. */
bool seqset_parse(struct span text, size_t max_ranges, struct seqset *out)
	ATTR_MUST_CHECK;
/* Whether the numbers of this sequence-set stand in ascending order, so that
 * the n-th of the text is the n-th of the set. */
bool seqset_ascends(struct span text);

/* for (iter = seqset_iter(&set); seqset_next(&iter, &uid);) */
struct seqset_iter {
	const struct seqset *set;
	size_t index;
	uint64_t next;
};
struct seqset_iter seqset_iter(const struct seqset *set);
bool seqset_next(struct seqset_iter *iter, uint32_t *n);

#endif
