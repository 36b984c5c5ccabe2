/*
 * Three lists of messages (what both sides had, what each has now) and the
 * policy become operations.  Pure; cannot fail; worker's thread.  Rules:
 * offlineimap-compat 4.4, needs N1 and N2, safety D9.
 *
 * Indexes point into the lists, which must live as long as the plan; each
 * vector of them is ascending, as struct msgset wants it.
 */
#ifndef SYNC_PLAN_H
#define SYNC_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"
#include "imap/seqset.h"
#include "mail/msg.h"

enum plan_side { PLAN_REMOTE, PLAN_LOCAL };

struct plan_input {
	const struct msglist *rows, *remote, *local;
	uint32_t remote_allowed, local_allowed; /* flags that a side can keep */
	uint32_t letters; /* those that stand for keywords of a server */
	bool remote_readonly, local_readonly;
	bool deletes_remote, deletes_local; /* deletions made there are carried
	                                       over to the other side */
	bool expunge;  /* false: deleting on the remote only marks */
	bool local_marks; /* deleting on the local side only marks, too */
	bool approved; /* deletions are not held */
	bool deletes_wait; /* the rows were made a moment ago: nothing that is
	                      missing now is proven to be deleted */
	bool copies_wait; /* what was sent before is not settled yet, so a copy
	                     either way could be a second one, and what both
	                     have could be one of it */
	uint32_t first_uid; /* messages with a lower UID are not ours: nothing
	                       becomes of them, and their rows go */
	/* What is not copied, by the side that has it; else it is as any
	 * message.  NULL: none. */
	const struct seqset *ignored[2]; /* UIDs, by the user's word */
	const bool *left_out[2];         /* by index into the side's list */
};

/* Messages of one side that get the same change. */
struct plan_group {
	uint32_t add, remove;
	struct vec index; /* of uint32_t, into the side's list */
	/* for who carries it out */
	bool failed;
	struct seqset missed; /* UIDs that were left as they are */
};

/* The row to be written. */
struct plan_row {
	uint32_t uid, flags;
	/* Not before these groups of the two sides are done; -1: at once. */
	int32_t group[2];
};

/* What is to be deleted on one side. */
struct plan_deletes {
	struct vec index;  /* of uint32_t; empty when held */
	struct vec waiting; /* of uint32_t: what is held */
	uint64_t held;     /* so many are not done without approval */
	uint64_t deferred; /* so many lack proof: a list was not complete */
	uint64_t denied;   /* cannot be done: the side is read-only */
};

struct plan {
	struct vec download; /* of uint32_t, into remote */
	struct vec upload;   /* of uint32_t, into local */
	struct vec forget;   /* of uint32_t: UIDs whose row goes: nobody has
	                        the message, or it is not ours */
	struct vec row;      /* of struct plan_row */
	struct vec group[2]; /* of struct plan_group, by side */
	struct vec ignored[2]; /* of uint32_t, into the side's list: copies
	                          not made by the user's word */
	struct plan_deletes deletes[2]; /* by the side that loses them */
	uint64_t deferred;   /* copies put off: a list was not complete */
	uint64_t denied[2];  /* copies that cannot be made: the side is
	                        read-only */
	uint64_t known;      /* rows there were of messages that are ours */
};

void plan_make(const struct plan_input *in, struct plan *out);
void plan_clear(struct plan *plan);

/* Messages whose flags change on that side. */
uint64_t plan_flagged(const struct plan *plan, enum plan_side side);
/* Nothing is to be done on either side nor in the state. */
bool plan_is_empty(const struct plan *plan);

/* The three values of one message's flags and what becomes of them.  The five
 * of IMAP take part, and in->letters; other letters stay where they are. */
struct plan_flags {
	uint32_t row, remote, local;
};
struct plan_flags plan_merge(const struct plan_input *in,
	struct plan_flags now);

#endif
