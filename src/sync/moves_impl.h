/*
 * What the moves*.c files share.  moves.c is the order of steps, moves_find.c
 * tells what moved, moves_apply.c does it.  A worker's thread and its tasks.
 */
#ifndef SYNC_MOVES_IMPL_H
#define SYNC_MOVES_IMPL_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"
#include "sync/intent.h"
#include "sync/match.h"
#include "sync/plan.h"

struct apply;
struct task;

/* A folder that takes part.  By the side to be changed: lost are the messages
 * to be deleted there (of that side's list), found those to be copied there
 * (of the other side's). */
struct party {
	struct apply *a;
	bool left;
	struct match_side lost[2], found[2];
};

enum move_fate {
	MOVE_PLANNED,
	MOVE_ANNOUNCED, /* remote: its intent is recorded */
	MOVE_SENT,      /* remote: it may have happened */
	MOVE_REFUSED,   /* nothing has happened */
	MOVE_DONE,      /* in the other folder; .uid where that is known */
};

struct move {
	enum plan_side side;
	struct party *from, *to;
	uint32_t lost, found; /* indexes into the lists */
	uint32_t lost_uid;    /* in the folder that it leaves, both sides */
	uint32_t row_flags, remote_flags;
	enum move_fate fate;
	uint32_t uid;         /* in the folder that it came to; 0: not told */
	struct intent intent; /* remote */
};

struct moves {
	size_t members;
	struct vec waiting; /* of struct task *, at the gate */
	struct vec party;  /* of struct party * */
	bool found;
	struct vec move;   /* of struct move, once found */
};

/* Collects what this folder would delete and copy. */
void moves_collect(struct party *p);
/* Whether some folder loses what another one may have found, on that side. */
bool moves_possible(const struct moves *m, enum plan_side side);
/* Sizes and header keys of the candidates; one flight. */
bool moves_identify(const struct moves *m, struct party *p, struct error *err)
	ATTR_MUST_CHECK;
/* Fills m->move.  Pure but for reading lists. */
void moves_find(struct moves *m);

/* What moves into this folder is announced (remote), or done (local). */
bool moves_prepare(struct moves *m, struct party *p, struct error *err)
	ATTR_MUST_CHECK;
/* What moves out of this folder on the server. */
bool moves_send(struct moves *m, struct party *p, struct error *err)
	ATTR_MUST_CHECK;
/* Numbers, rows and lists of this folder. */
bool moves_settle(struct moves *m, struct party *p, bool *changed,
	struct error *err) ATTR_MUST_CHECK;

#endif
