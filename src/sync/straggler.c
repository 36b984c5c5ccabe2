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

/* The intent that explains this message as a second copy: equal bytes, and
 * its twin is known to the state and on the server now. */
static struct intent *explain(const struct apply *a,
	const struct match_entry *e)
{
	for (size_t i = 0; i < a->intents.len; i++) {
		struct intent *it = intent_at(a, i);

		if (it->id != 0 && it->twin != 0 && it->twin != e->uid &&
			e->uid >= it->uidnext && recover_same(it, e) &&
			msglist_find(&a->now.rows, it->twin) &&
			msglist_find(&a->now.remote, it->twin))
			return it;
	}
	return NULL;
}

/* The intent goes after the effect: it explains one copy and no more. */
static bool remove_one(struct apply *a, const struct match_entry *e,
	struct intent *it, struct error *err)
{
	const struct msgset set = {&a->now.remote, &e->index, 1};

	report_direction(a, PLAN_REMOTE);
	report_delete(a, PLAN_REMOTE, &set);
	if (a->job->dry_run) {
		it->id = 0;
		return true;
	}
	worker_log(a->w, EVENT_NOTICE, AREA_GENERAL,
		"folder %s: UID %lu is a second copy of UID %lu, sent by an "
		"interrupted run; it is removed from the server",
		a->job->pair->remote, (unsigned long)e->uid,
		(unsigned long)it->twin);
	if (!a->remote->ops->remove(a->remote, &set, REMOVE_STRAGGLER, err)) {
		if (err->kind != ERROR_REFUSED && err->kind != ERROR_READONLY)
			return false;
		/* then it comes here as new mail */
		report_problem(a, err, e->uid);
		error_clear(err);
		return true;
	}
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

static bool has_twins(const struct apply *a)
{
	for (size_t i = 0; i < a->intents.len; i++)
		if (intent_at(a, i)->id != 0 && intent_at(a, i)->twin != 0)
			return true;
	return false;
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

bool straggler_remove(struct recovery *r, struct error *err)
{
	struct apply *a = r->a;
	struct match_side side;
	struct vec removed = VEC(uint32_t);
	bool ok;

	if (!has_twins(a) || !a->now.remote.complete || !a->job->expunge ||
		a->remote_readonly)
		return true;
	recover_add_arrived(r, &side);
	ok = recover_sift(a, &side, false, err) &&
		recover_digest(&side, a->w, err);
	for (size_t i = 0; ok && i < side.entry.len; i++) {
		const struct match_entry *e = vec_at(&side.entry, i);
		struct intent *it = explain(a, e);

		if (!it)
			continue;
		*(uint32_t *)vec_add(&removed) = e->index;
		ok = remove_one(a, e, it, err);
	}
	match_side_clear(&side);
	if (ok && r->dry_run)
		leave_out(&a->now.remote, &removed);
	else if (ok && removed.len > 0)
		ok = apply_load(a, PLAN_REMOTE, &a->now.remote, err);
	vec_clear(&removed);
	return ok;
}
