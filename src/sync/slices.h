/*
 * The download of a big folder, cut into slices that idle workers of the same
 * round take, each with a connection and a local store of its own.  The mutex
 * lives in slices.c.
 *
 *	owner (download.c)                 helper (run/member.c, help.c)
 *	s = slices_offer(...)              while ((s = slices_join(share)))
 *	while (slices_take(s, ...))            while (slices_take(s, ...))
 *		ask; slices_count                      ask; slices_give
 *	slices_wait; slices_collect            slices_leave
 *	slices_close
 *
 * The owner alone writes rows and judges what did not come: a helper tells
 * which messages are durable and visible, and gives back all others.  What was
 * given back is for the owner, so one message that kills connections costs one
 * helper.  A sudden end between a visible file and its row is harmless: the
 * next run finds the message on both sides (plan.h).
 *
 * Waits are ended by the others' network waits, which the stop pipe ends.
 */
#ifndef SYNC_SLICES_H
#define SYNC_SLICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"

struct msglist;
struct share;
struct slices;
struct tree_pair;

/* Messages of one command at most, and in all that one connection may have
 * been asked for. */
#define SLICE_MESSAGES 200

/* What is offered; const, and lent until slices_close. */
struct slices_offer {
	const struct tree_pair *pair;
	uint32_t uidvalidity; /* of the remote side */
	uint32_t flags;       /* those that both sides know */
	const struct msglist *list;
	const struct vec *index;  /* of uint32_t, into list: all that is
	                             wanted */
	const uint32_t *order;    /* places in index, as they are to be asked
	                             for */
	size_t len;               /* of order */
	uint64_t numbered;        /* messages told before */
};

/* What a helper has delivered. */
struct slices_row {
	uint32_t at;    /* place in index */
	uint32_t flags; /* it was stored with */
};

/* ---- A round.  Runner's thread ---- */

struct share *share_new(void);
void share_free(struct share *share);

/* ---- Members of the round ---- */

/* From enter to leave a member may offer something; joining waits for that. */
void share_enter(struct share *share);
void share_leave(struct share *share);
/* Waits until there is something to help with; NULL: the others have ended.
 * first: the folder (remote or visible name) that is to be helped before all
 * others; NULL: any. */
struct slices *slices_join(struct share *share, const char *first);
/* No longer; undone: of uint32_t, places taken and not given. */
void slices_leave(struct slices *s, const struct vec *undone);
/* Whether messages of the group are visible now cannot be told: nobody may ask
 * for them again in this run, the owner fails with this error. */
void slices_spoil(struct slices *s, const struct error *err);

/* ---- Both ---- */

const struct slices_offer *slices_get(const struct slices *s);
/* The next places, for who has been asked for so many that have not come;
 * false: none now.  out: of uint32_t, appended to. */
bool slices_take(struct slices *s, bool helper, size_t outstanding,
	struct vec *out);
/* The number of one more message, for COPY. */
uint64_t slices_number(struct slices *s);

/* ---- Helper ---- */

/* These are durable and visible. */
void slices_give(struct slices *s, const struct vec *rows, uint64_t bytes);

/* ---- Owner ---- */

/* share NULL: nobody is to help. */
struct slices *slices_offer(struct share *share,
	const struct slices_offer *offer);
/* So much came over its own connection. */
void slices_count(struct slices *s, size_t messages, uint64_t bytes);
/* Appends what helpers have given since, of struct slices_row. */
void slices_collect(struct slices *s, struct vec *rows);
/* Nobody takes any more; waits until all helpers have left. */
void slices_withdraw(struct slices *s);
/* Waits until something can be taken (true) or no helper is left. */
bool slices_wait(struct slices *s);
/* False: a helper has spoilt it. */
bool slices_good(struct slices *s, struct error *err) ATTR_MUST_CHECK;
/* After slices_withdraw; frees. */
void slices_close(struct slices *s);

#endif
