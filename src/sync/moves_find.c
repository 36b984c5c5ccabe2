#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "sync/apply.h"
#include "sync/folder.h"
#include "sync/moves_impl.h"

/* Headers of more messages than this are not asked for. */
#define CANDIDATES_MAX 10000

static struct party *party_at(const struct moves *m, size_t i)
{
	return *(struct party **)vec_at(&m->party, i);
}

/* ---- What may have moved ---- */

/* A server that only marks keeps the message where it was; what is sent
 * without some header fields is another message there. */
static bool can_move(const struct apply *a, enum plan_side side)
{
	const struct folder_job *job = a->job;

	if (job->dry_run || a->local->filterheaders)
		return false;
	if (side == PLAN_LOCAL)
		return a->local->ops->bring != NULL && !job->local_marks;
	return a->remote->ops->move && a->remote->moves && job->expunge &&
		a->local->ops->adopt;
}

static void add_all(struct match_side *to, const struct vec *index)
{
	if (index->len > CANDIDATES_MAX)
		return;
	for (size_t i = 0; i < index->len; i++)
		match_side_add(to, *(const uint32_t *)vec_at(index, i));
}

/* Only what has no number yet is new here. */
static void add_new(struct match_side *to, const struct vec *index)
{
	if (index->len > CANDIDATES_MAX)
		return;
	for (size_t i = 0; i < index->len; i++) {
		uint32_t at = *(const uint32_t *)vec_at(index, i);

		if (to->list->at[at].uid == 0)
			match_side_add(to, at);
	}
}

/* What is held back as too many deletions may be moves all the same. */
static void add_deletes(struct match_side *to, const struct plan_deletes *d)
{
	add_all(to, d->held > 0 ? &d->waiting : &d->index);
}

void moves_collect(struct party *p)
{
	struct apply *a = p->a;
	const struct apply_lists *now = &a->now;

	match_side_init(&p->lost[PLAN_REMOTE], a->remote, &now->remote, true);
	match_side_init(&p->found[PLAN_REMOTE], a->local, &now->local, false);
	match_side_init(&p->lost[PLAN_LOCAL], a->local, &now->local, false);
	match_side_init(&p->found[PLAN_LOCAL], a->remote, &now->remote, true);
	if (can_move(a, PLAN_REMOTE)) {
		add_deletes(&p->lost[PLAN_REMOTE],
			&a->plan.deletes[PLAN_REMOTE]);
		add_new(&p->found[PLAN_REMOTE], &a->plan.upload);
	}
	if (can_move(a, PLAN_LOCAL)) {
		add_deletes(&p->lost[PLAN_LOCAL],
			&a->plan.deletes[PLAN_LOCAL]);
		add_all(&p->found[PLAN_LOCAL], &a->plan.download);
	}
}

bool moves_possible(const struct moves *m, enum plan_side side)
{
	const struct party *loser = NULL;
	bool more = false, other = false;

	for (size_t i = 0; i < m->party.len; i++) {
		const struct party *p = party_at(m, i);

		if (p->left || p->lost[side].entry.len == 0)
			continue;
		more = loser != NULL;
		loser = loser ? loser : p;
	}
	for (size_t i = 0; loser && i < m->party.len; i++) {
		const struct party *p = party_at(m, i);

		other |= !p->left && p->found[side].entry.len > 0 &&
			(more || p != loser);
	}
	return other;
}

bool moves_identify(const struct moves *m, struct party *p, struct error *err)
{
	for (int side = PLAN_REMOTE; side <= PLAN_LOCAL; side++)
		if (moves_possible(m, side) &&
			(!match_identify(&p->lost[side], p->a->w, err) ||
			!match_identify(&p->found[side], p->a->w, err)))
			return false;
	return true;
}

/* ---- What has moved ---- */

struct candidate {
	struct party *party;
	const struct match_entry *entry;
	bool lost;
};

static int compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = memcmp(x->entry->id.key, y->entry->id.key,
		sizeof(x->entry->id.key));

	if (order != 0)
		return order;
	return (x->entry->size > y->entry->size) -
		(x->entry->size < y->entry->size);
}

static void add_candidates(struct vec *all, struct party *p,
	const struct match_side *side, bool lost)
{
	for (size_t i = 0; i < side->entry.len; i++) {
		const struct match_entry *e = vec_at(&side->entry, i);

		if (e->identified && e->id.has_message_id)
			*(struct candidate *)vec_add(all) =
				(struct candidate){p, e, lost};
	}
}

static uint32_t flags_of(const struct msglist *list, uint32_t uid)
{
	const struct msg *m = msglist_find(list, uid);

	return m ? m->flags : 0;
}

static void add_move(struct moves *m, enum plan_side side,
	const struct candidate *lost, const struct candidate *found)
{
	const struct apply_lists *from = &lost->party->a->now;
	uint32_t uid = lost->entry->uid;

	*(struct move *)vec_add(&m->move) = (struct move){
		.side = side,
		.from = lost->party,
		.to = found->party,
		.lost = lost->entry->index,
		.found = found->entry->index,
		.lost_uid = uid,
		.row_flags = flags_of(&from->rows, uid),
		.remote_flags = flags_of(&from->remote, uid),
		.uid = side == PLAN_LOCAL ? found->entry->uid : 0,
	};
}

/* Two that are alike, and no third. */
static void judge(struct moves *m, enum plan_side side,
	const struct candidate *at, size_t count)
{
	const struct candidate *lost = at[0].lost ? &at[0] : &at[1];
	const struct candidate *found = at[0].lost ? &at[1] : &at[0];

	if (count == 2 && lost->lost && !found->lost &&
		lost->party != found->party && lost->entry->uid > 0)
		add_move(m, side, lost, found);
}

static void find_side(struct moves *m, enum plan_side side)
{
	struct vec all = VEC(struct candidate);
	const struct candidate *at;

	for (size_t i = 0; i < m->party.len; i++) {
		struct party *p = party_at(m, i);

		if (p->left)
			continue;
		add_candidates(&all, p, &p->lost[side], true);
		add_candidates(&all, p, &p->found[side], false);
	}
	if (all.len > 1)
		qsort(all.data, all.len, sizeof(*at), compare);
	at = all.data;
	for (size_t i = 0, end; i < all.len; i = end) {
		for (end = i + 1; end < all.len &&
			compare(&at[i], &at[end]) == 0; end++)
			;
		if (end - i > 1)
			judge(m, side, &at[i], end - i);
	}
	vec_clear(&all);
}

void moves_find(struct moves *m)
{
	find_side(m, PLAN_REMOTE);
	find_side(m, PLAN_LOCAL);
}
