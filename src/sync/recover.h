/*
 * The insides of recover_run, shared by recover.c and straggler.c only: what
 * died half-way is settled against the lists of now.  A dry run does the same
 * with the lists alone: no row, no name and no message changes.  Worker's
 * thread.
 */
#ifndef SYNC_RECOVER_H
#define SYNC_RECOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"
#include "sync/match.h"

struct apply;
struct intent;

struct recovery {
	struct apply *a;
	uint32_t low; /* no copy has a UID below */
	struct match_side remote, local;
	struct vec pairs; /* of struct match_pair */
	bool changed;     /* local names or rows: the lists are old */
	bool dry_run;     /* the lists alone are brought up to date */
};

/* recover.c */
bool recover_same(const struct intent *it, const struct match_entry *e);
/* The side becomes the messages that came to the server since, and that
 * nobody here has yet. */
void recover_add_arrived(const struct recovery *r, struct match_side *side);
/* Entries that can be a copy of what was sent stay, in their order; exact:
 * their sizes are. */
bool recover_sift(struct apply *a, struct match_side *side, bool exact,
	struct error *err) ATTR_MUST_CHECK;
bool recover_digest(struct match_side *side, struct worker *w,
	struct error *err) ATTR_MUST_CHECK;

/* straggler.c: removes second copies from the server. */
bool straggler_remove(struct recovery *r, struct error *err) ATTR_MUST_CHECK;

#endif
