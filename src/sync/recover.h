/*
 * What the parts of recovery share.  recover.c: what died half-way is settled
 * against the lists of now, one look at them is recover_look.c; straggler.c
 * removes what landed too late; settle.c looks once more when a server does
 * not tell where it has stored something.
 * A dry run does the same with the lists alone: no row, no name and no message
 * changes.  Worker's thread.
 */
#ifndef SYNC_RECOVER_H
#define SYNC_RECOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"
#include "imap/seqset.h"
#include "sync/match.h"
#include "sync/plan.h"

struct apply;
struct intent;
struct msglist;

struct recovery {
	struct apply *a;
	bool uploads;  /* something was sent to the remote side */
	uint32_t low;  /* no copy of that has a UID below */
	uint32_t local_low; /* the same of what was sent to the local side */
	struct seqset source; /* the remote UIDs of what was sent to the
	                         local side */
	struct match_side remote, local;
	struct vec pairs; /* of struct match_pair */
	bool changed;     /* local names or rows: the lists are old */
	bool dry_run;     /* the lists alone are brought up to date */
};

/* recover_look.c */

/* Pairs what was sent with what is there, and records it; until a look has
 * seen the lists that the plan is made of. */
bool recover_look(struct recovery *r, struct error *err) ATTR_MUST_CHECK;
bool recover_same(const struct intent *it, const struct match_entry *e);
/* Entries that can be a copy of what was sent stay, in their order. */
bool recover_sift(struct apply *a, struct match_side *side, struct error *err)
	ATTR_MUST_CHECK;
bool recover_digest(struct match_side *side, struct worker *w,
	struct error *err) ATTR_MUST_CHECK;

/* recover.c: the highest own UID in the list of a local side that is a server; 0: there
 * is none. */
uint32_t recover_last_own(const struct msglist *local);

/* straggler.c: what a dead session has stored on this side after its message
 * was sent there once more.  *removed is set when the list of that side was
 * read anew. */
bool straggler_remove(struct apply *a, enum plan_side side, bool *removed,
	struct error *err) ATTR_MUST_CHECK;

/* settle.c */
/* How often these bytes were sent to that side before without an answer. */
uint32_t settle_attempts(const struct apply *a, const struct intent *it);
/* Earlier attempts for the same bytes may still land: they know their twin.
 * Inside a transaction. */
bool settle_older(struct apply *a, const struct intent *it, uint32_t twin,
	struct error *err) ATTR_MUST_CHECK;
/* The server said that it has no room (RFC 9208; Q22, Q73, Q74). */
bool settle_says_full(const char *text);
/* N9: what was stored on this side in this run, and the server did not tell
 * where, is found as after a crash. */
bool settle_stored(struct apply *a, enum plan_side side, struct error *err)
	ATTR_MUST_CHECK;

#endif
