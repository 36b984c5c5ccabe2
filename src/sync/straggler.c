#include "config.h"

#include <string.h>

#include "base/worker.h"
#include "sync/apply.h"
#include "sync/folder.h"
#include "sync/intent.h"
#include "sync/recover.h"
#include "sync/state.h"
#include "sync/tree.h"

static struct intent *intent_at(const struct apply *a, size_t i)
{
	return vec_at(&a->intents, i);
}

static struct msglist *list_of(struct apply *a, enum plan_side side)
{
	return side == PLAN_REMOTE ? &a->now.remote : &a->now.local;
}

/* The number that the side's server has given. */
static uint32_t number_of(struct apply *a, enum plan_side side,
	const struct match_entry *e)
{
	const struct msglist *list = list_of(a, side);

	return side == PLAN_REMOTE ? e->uid
		: store_own_uid(list, &list->at[e->index]);
}

static bool is_sent_to(const struct intent *it, enum plan_side side)
{
	return it->id != 0 && it->twin != 0 &&
		it->to_local == (side == PLAN_LOCAL);
}

/* The lowest number that a second copy can have. */
static uint32_t lowest(const struct apply *a, enum plan_side side)
{
	uint32_t low = UINT32_MAX;

	for (size_t i = 0; i < a->intents.len; i++) {
		const struct intent *it = intent_at(a, i);

		if (is_sent_to(it, side) && it->uidnext < low)
			low = it->uidnext;
	}
	return low;
}

static bool is_unpaired(struct apply *a, enum plan_side side,
	const struct msg *m)
{
	return side == PLAN_LOCAL ? m->uid == 0
		: !msglist_find(&a->now.rows, m->uid) &&
		!msglist_find(&a->now.local, m->uid);
}

/* Those that nobody has paired and that are not older than what was sent. */
static void add_unpaired(struct apply *a, enum plan_side side,
	struct match_side *out)
{
	const struct msglist *list = list_of(a, side);
	uint32_t low = lowest(a, side);

	match_side_init(out, apply_store(a, side), list, side == PLAN_REMOTE);
	for (size_t i = 0; i < list->len; i++) {
		const struct msg *m = &list->at[i];
		uint32_t number = side == PLAN_LOCAL ? store_own_uid(list, m)
			: m->uid;

		if (number >= low && is_unpaired(a, side, m))
			match_side_add(out, (uint32_t)i);
	}
}

/* A twin without a row is new mail, of a message that is gone here. */
static bool is_there(struct apply *a, enum plan_side side, uint32_t uid)
{
	return msglist_find(list_of(a, side), uid) &&
		(side == PLAN_REMOTE || msglist_find(&a->now.rows, uid));
}

/* The intent that explains this message as a second copy: equal bytes, and
 * its twin is there now. */
static struct intent *explain(struct apply *a, enum plan_side side,
	const struct match_entry *e)
{
	for (size_t i = 0; i < a->intents.len; i++) {
		struct intent *it = intent_at(a, i);

		if (is_sent_to(it, side) && it->twin != e->uid &&
			number_of(a, side, e) >= it->uidnext &&
			recover_same(it, e) && is_there(a, side, it->twin))
			return it;
	}
	return NULL;
}

static bool drop_intent(struct apply *a, struct intent *it, struct error *err)
{
	if (!state_begin(a->state, err))
		return false;
	if (!intent_drop(a->state, it->id, err) ||
		!state_commit(a->state, err)) {
		state_cancel(a->state);
		return false;
	}
	it->id = 0;
	return true;
}

/* The intent goes after the effect: it explains one copy and no more. */
static bool remove_one(struct apply *a, enum plan_side side,
	const struct match_entry *e, struct intent *it, struct error *err)
{
	const struct msgset set = {list_of(a, side), &e->index, 1};
	struct store *store = apply_store(a, side);

	report_direction(a, side);
	report_delete(a, side, &set);
	if (a->job->dry_run) {
		it->id = 0;
		return true;
	}
	worker_log(a->w, EVENT_NOTICE, AREA_GENERAL,
		"folder %s: UID %lu of %s is a second copy, sent by an "
		"interrupted run; it is removed from the server",
		apply_folder(a, side), (unsigned long)number_of(a, side, e),
		store->repository);
	if (store->ops->remove(store, &set, REMOVE_STRAGGLER, err))
		return drop_intent(a, it, err);
	if (err->kind != ERROR_REFUSED && err->kind != ERROR_READONLY)
		return false;
	/* then it is carried over as new mail */
	report_problem(a, err, e->uid);
	error_clear(err);
	return true;
}

static bool may_remove(struct apply *a, enum plan_side side)
{
	if (lowest(a, side) == UINT32_MAX || !list_of(a, side)->complete)
		return false;
	return side == PLAN_REMOTE ? a->job->expunge && !a->remote_readonly
		: !a->job->local_marks && !a->local_readonly;
}

/* index: of uint32_t, ascending. */
static void leave_out(struct msglist *list, const struct vec *index)
{
	size_t kept = 0, next = 0;

	for (size_t i = 0; i < list->len; i++) {
		if (next < index->len &&
			*(const uint32_t *)vec_at(index, next) == i)
			next++;
		else
			list->at[kept++] = list->at[i];
	}
	list->len = kept;
}

/* Who saw two may have deleted the other one at that moment: nobody wanted
 * both to go, and without its row it is a new message. */
static bool keep_last(struct apply *a, enum plan_side side,
	const struct vec *twins, struct error *err)
{
	bool ok = state_begin(a->state, err);
	size_t lost = 0;

	for (size_t i = 0; ok && i < twins->len; i++) {
		uint32_t twin = *(const uint32_t *)vec_at(twins, i);

		if (msglist_find(list_of(a, side), twin))
			continue;
		ok = state_drop(a->state, twin, err);
		lost++;
	}
	ok = ok && state_commit(a->state, err);
	state_cancel(a->state);
	return ok && (lost == 0 || state_load(a->state, &a->now.rows, err));
}

bool straggler_remove(struct apply *a, enum plan_side side, bool *removed,
	struct error *err)
{
	struct match_side those;
	struct vec gone = VEC(uint32_t), twins = VEC(uint32_t);
	bool ok;

	if (!may_remove(a, side))
		return true;
	add_unpaired(a, side, &those);
	ok = recover_sift(a, &those, err) &&
		recover_digest(&those, a->w, err);
	for (size_t i = 0; ok && i < those.entry.len; i++) {
		const struct match_entry *e = vec_at(&those.entry, i);
		struct intent *it = explain(a, side, e);

		if (!it)
			continue;
		ok = remove_one(a, side, e, it, err);
		if (it->id != 0)
			continue;
		*(uint32_t *)vec_add(&gone) = e->index;
		*(uint32_t *)vec_add(&twins) = it->twin;
	}
	match_side_clear(&those);
	if (ok && a->job->dry_run)
		leave_out(list_of(a, side), &gone);
	else if (ok && gone.len > 0)
		ok = apply_load(a, side, list_of(a, side), err) &&
			keep_last(a, side, &twins, err);
	*removed = *removed || (gone.len > 0 && !a->job->dry_run);
	vec_clear(&gone);
	vec_clear(&twins);
	return ok;
}
