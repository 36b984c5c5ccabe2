#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "mem.h"
#include "sync/apply.h"
#include "sync/folder.h"
#include "sync/intent.h"
#include "sync/match.h"
#include "sync/recover.h"
#include "sync/state.h"

static struct intent *intent_at(const struct apply *a, size_t i)
{
	return vec_at(&a->intents, i);
}

static struct match_entry *entry_at(const struct match_side *side, size_t i)
{
	return vec_at(&side->entry, i);
}

bool recover_same(const struct intent *it, const struct match_entry *e)
{
	return e->digested && memcmp(it->digest, e->digest,
		sizeof(it->digest)) == 0;
}

/* What cannot be a copy of anything sent is not looked at: sizes of files are
 * exact, those that a server tells are hints. */
static bool may_be_sent(const struct apply *a, const struct match_entry *e,
	bool exact)
{
	for (size_t i = 0; i < a->intents.len; i++) {
		const struct intent *it = intent_at(a, i);
		bool size = it->size == e->size;
		bool key = memcmp(it->header.key, e->id.key,
			sizeof(e->id.key)) == 0;

		if (it->id != 0 && (exact ? size && key : size || key))
			return true;
	}
	return false;
}

/* Entries that can be a copy stay, in their order. */
bool recover_sift(struct apply *a, struct match_side *side, struct error *err)
{
	bool exact = !side->fetched && !side->store->ops->incoming_send;
	size_t kept = 0;

	if (!match_identify(side, a->w, err))
		return false;
	for (size_t i = 0; i < side->entry.len; i++) {
		struct match_entry e = *entry_at(side, i);

		if (e.identified && may_be_sent(a, &e, exact))
			*entry_at(side, kept++) = e;
	}
	side->entry.len = kept;
	return true;
}

/* Messages that came to the server since, or were on their way from there,
 * and that nobody here has yet. */
static void add_arrived(const struct recovery *r, struct match_side *side)
{
	const struct apply_lists *now = &r->a->now;

	match_side_init(side, r->a->remote, &now->remote, true);
	for (size_t i = 0; i < now->remote.len; i++) {
		uint32_t uid = now->remote.at[i].uid;

		if (uid > 0 && (uid >= r->low || seqset_has(&r->source, uid)) &&
			!msglist_find(&now->rows, uid) &&
			!msglist_find(&now->local, uid))
			match_side_add(side, (uint32_t)i);
	}
}

/* Local messages without a number, or with one that nobody knows: what was
 * sent from here, and what was sent here. */
static void add_unsent(const struct recovery *r, struct match_side *side)
{
	const struct apply_lists *now = &r->a->now;

	match_side_init(side, r->a->local, &now->local, false);
	for (size_t i = 0; i < now->local.len; i++) {
		uint32_t uid = now->local.at[i].uid;

		if (uid == 0 ? r->uploads || store_own_uid(&now->local,
			&now->local.at[i]) >= r->local_low
			: r->uploads && !msglist_find(&now->rows, uid) &&
			!msglist_find(&now->remote, uid))
			match_side_add(side, (uint32_t)i);
	}
}

/* Messages that both have but the state does not know: the run died between
 * taking the number over and recording it. */
static void add_unrecorded(const struct recovery *r, struct match_side *side)
{
	const struct apply_lists *now = &r->a->now;

	match_side_init(side, r->a->local, &now->local, false);
	for (size_t i = 0; i < now->local.len; i++) {
		uint32_t uid = now->local.at[i].uid;

		if (uid > 0 && (uid >= r->low || seqset_has(&r->source, uid)) &&
			!msglist_find(&now->rows, uid) &&
			msglist_find(&now->remote, uid))
			match_side_add(side, (uint32_t)i);
	}
}

bool recover_digest(struct match_side *side, struct worker *w,
	struct error *err)
{
	bool *all = mem_calloc(side->entry.len + 1, sizeof(*all));
	bool ok;

	for (size_t i = 0; i < side->entry.len; i++)
		all[i] = true;
	ok = match_digest(side, all, w, err);
	free(all);
	return ok;
}

/* ---- Recording what was found ---- */

/* A dry run has no transactions. */
static bool begin(const struct recovery *r, struct error *err)
{
	return r->dry_run || state_begin(r->a->state, err);
}

static bool commit(const struct recovery *r, struct error *err)
{
	return r->dry_run || apply_commit(r->a, err);
}

static bool put_row(const struct recovery *r, const struct msg *remote,
	struct error *err)
{
	uint32_t flags = remote->flags & apply_shared(r->a);

	if (!r->dry_run)
		return state_put(r->a->state, remote->uid, flags, err);
	msglist_add(&r->a->now.rows, remote->uid, flags, NULL);
	return true;
}

/* One attempt for these bytes is accounted for, the youngest: earlier ones may
 * still land, and know their twin from now on. */
static bool account(const struct recovery *r, const struct match_entry *e,
	uint32_t uid, struct error *err)
{
	struct apply *a = r->a;
	struct intent *settled = NULL;

	for (size_t i = a->intents.len; i-- > 0;) {
		struct intent *it = intent_at(a, i);

		if (it->id == 0 || !recover_same(it, e))
			continue;
		if (!settled) {
			settled = it;
			continue;
		}
		it->twin = uid;
		if (!r->dry_run && !intent_put(a->state, it, err))
			return false;
	}
	if (!settled)
		return true;
	if (!r->dry_run && !intent_drop(a->state, settled->id, err))
		return false;
	settled->id = 0;
	return true;
}

static bool record_one(struct recovery *r, const struct match_entry *e,
	const struct msg *remote, struct error *err)
{
	r->changed = true;
	return put_row(r, remote, err) && account(r, e, remote->uid, err);
}

static bool record_unrecorded(struct recovery *r, struct error *err)
{
	struct apply *a = r->a;
	struct match_side side;
	bool ok;

	add_unrecorded(r, &side);
	ok = recover_sift(a, &side, err) &&
		recover_digest(&side, a->w, err) &&
		(side.entry.len == 0 || begin(r, err));
	for (size_t i = 0; ok && i < side.entry.len; i++) {
		const struct match_entry *e = entry_at(&side, i);

		ok = record_one(r, e, msglist_find(&a->now.remote, e->uid),
			err);
	}
	if (ok && side.entry.len > 0)
		ok = commit(r, err);
	state_cancel(a->state);
	match_side_clear(&side);
	return ok;
}

static bool adopt(const struct recovery *r, const struct match_pair *p,
	struct error *err)
{
	struct apply *a = r->a;
	struct msg *m = &a->now.local.at[p->local];
	uint32_t uid = a->now.remote.at[p->remote].uid;

	if (!r->dry_run)
		return a->local->ops->adopt(a->local, &a->now.local, m, uid,
			err);
	m->uid = uid;
	return true;
}

/* Local messages take over the numbers of their copies.  One that is gone
 * meanwhile leaves its copy to be downloaded as new mail. */
static bool take_numbers(struct recovery *r, struct error *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->pairs.len; i++) {
		struct match_pair p = *(struct match_pair *)
			vec_at(&r->pairs, i);

		if (adopt(r, &p, err)) {
			*(struct match_pair *)vec_at(&r->pairs, kept++) = p;
			continue;
		}
		/* Going on would send it a second time. */
		if (err->kind != ERROR_GONE)
			return error_raise(err, ERROR_FOLDER);
		error_clear(err);
	}
	r->pairs.len = kept;
	return true;
}

static const struct match_entry *entry_of(const struct match_side *side,
	uint32_t index)
{
	for (size_t i = 0; i < side->entry.len; i++)
		if (entry_at(side, i)->index == index)
			return entry_at(side, i);
	return NULL;
}

static bool record_pairs(struct recovery *r, struct error *err)
{
	struct apply *a = r->a;
	bool ok = begin(r, err);

	for (size_t i = 0; ok && i < r->pairs.len; i++) {
		const struct match_pair *p = vec_at(&r->pairs, i);

		ok = record_one(r, entry_of(&r->local, p->local),
			&a->now.remote.at[p->remote], err);
	}
	if (ok)
		return commit(r, err);
	state_cancel(a->state);
	return false;
}

static bool refresh(struct recovery *r, struct error *err)
{
	struct apply *a = r->a;

	if (!r->changed)
		return true;
	r->changed = false;
	if (r->dry_run) {
		msglist_sort(&a->now.local);
		msglist_sort(&a->now.rows);
		return true;
	}
	return apply_load(a, PLAN_LOCAL, &a->now.local, err) &&
		state_load(a->state, &a->now.rows, err);
}

/* Only what was sent can have a copy there: another message may have the same
 * header and size (a draft saved again). */
static void drop_unsent(const struct apply *a, struct match_side *side)
{
	size_t kept = 0;

	for (size_t i = 0; i < side->entry.len; i++) {
		struct match_entry e = *entry_at(side, i);
		bool sent = false;

		for (size_t j = 0; !sent && j < a->intents.len; j++)
			sent = intent_at(a, j)->id != 0 &&
				recover_same(intent_at(a, j), &e);
		if (sent)
			*entry_at(side, kept++) = e;
	}
	side->entry.len = kept;
}

static bool find_pairs(struct recovery *r, struct error *err)
{
	struct apply *a = r->a;

	add_unsent(r, &r->local);
	add_arrived(r, &r->remote);
	if (r->remote.entry.len == 0)
		return true;
	if (!recover_sift(a, &r->local, err) ||
		!recover_digest(&r->local, a->w, err))
		return false;
	drop_unsent(a, &r->local);
	return recover_sift(a, &r->remote, err) &&
		match_find(&r->remote, &r->local, &r->pairs, a->w, err);
}

/* ---- Copies of messages that are gone here ---- */

/* Of an attempt with a twin there can be no first copy. */
static bool any_open(const struct apply *a)
{
	for (size_t i = 0; i < a->intents.len; i++) {
		const struct intent *it = intent_at(a, i);

		if (it->id != 0 && !it->to_local && it->twin == 0)
			return true;
	}
	return false;
}

/* One copy of these bytes is known already. */
static bool is_second(const struct apply *a, const struct match_entry *e)
{
	for (size_t i = 0; i < a->intents.len; i++) {
		const struct intent *it = intent_at(a, i);

		if (it->id != 0 && it->twin != 0 && recover_same(it, e))
			return true;
	}
	return false;
}

static bool digest_alone(struct recovery *r, bool *any, struct error *err)
{
	struct match_side *side = &r->remote;
	bool *alone = mem_calloc(side->entry.len + 1, sizeof(*alone));
	bool ok;

	*any = false;
	for (size_t i = 0; i < side->entry.len; i++) {
		alone[i] = !entry_at(side, i)->paired;
		*any = *any || alone[i];
	}
	ok = !*any || match_digest(side, alone, r->a->w, err);
	free(alone);
	return ok;
}

/* It is new mail then, and stands for one of the attempts; the copies of the
 * others are second ones. */
static bool account_alone(struct recovery *r, struct error *err)
{
	struct match_side *side = &r->remote;
	bool any, ok;

	if (!any_open(r->a))
		return true;
	if (!digest_alone(r, &any, err))
		return false;
	if (!any)
		return true;
	ok = begin(r, err);
	for (size_t i = 0; ok && i < side->entry.len; i++) {
		const struct match_entry *e = entry_at(side, i);

		if (!e->paired && e->digested && !is_second(r->a, e))
			ok = account(r, e, e->uid, err);
	}
	if (ok)
		return commit(r, err);
	state_cancel(r->a->state);
	return false;
}

/* One look at what is there now; *found: the local list was read anew. */
static bool look_once(struct recovery *r, bool *found, struct error *err)
{
	bool ok;

	r->pairs = (struct vec)VEC(struct match_pair);
	ok = record_unrecorded(r, err) && refresh(r, err) &&
		find_pairs(r, err) && take_numbers(r, err) &&
		(r->pairs.len == 0 || record_pairs(r, err)) &&
		account_alone(r, err);
	*found = r->pairs.len > 0 && !r->dry_run;
	vec_clear(&r->pairs);
	match_side_clear(&r->remote);
	match_side_clear(&r->local);
	return ok && refresh(r, err);
}

bool recover_look(struct recovery *r, struct error *err)
{
	bool found = true;

	while (found)
		if (!look_once(r, &found, err))
			return false;
	return true;
}
