#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/thread.h"
#include "base/worker.h"
#include "imap/flag.h"
#include "mem.h"
#include "sync/apply.h"
#include "sync/folder.h"
#include "sync/intent.h"
#include "sync/match.h"
#include "sync/recover.h"
#include "sync/state.h"
#include "sync/tree.h"

/* A dead session's commands may still be carried out: as long as the folder
 * grows we look again, for at most this long. */
#define PAUSE_MS 500
#define LOOKS_MAX 10
#define QUIET_LOOKS 2

/* An older intent is not waited for. */
#define YOUNG_MS 60000

/* So long a late copy is recognised as one. */
#define KEEP_MS ((int64_t)24 * 3600 * 1000)

static struct intent *intent_at(const struct apply *a, size_t i)
{
	return vec_at(&a->intents, i);
}

static struct match_entry *entry_at(const struct match_side *side, size_t i)
{
	return vec_at(&side->entry, i);
}

static int compare_uid(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

uint32_t recover_last_own(const struct msglist *local)
{
	uint32_t last = 0;

	for (size_t i = 0; i < local->len; i++) {
		uint32_t own = store_own_uid(local, &local->at[i]);

		last = own > last ? own : last;
	}
	return last;
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

static bool is_source(const struct recovery *r, uint32_t uid)
{
	return r->source.len > 0 && bsearch(&uid, r->source.data,
		r->source.len, sizeof(uid), compare_uid);
}

/* Messages that came to the server since, or were on their way from there,
 * and that nobody here has yet. */
static void add_arrived(const struct recovery *r, struct match_side *side)
{
	const struct apply_lists *now = &r->a->now;

	match_side_init(side, r->a->remote, &now->remote, true);
	for (size_t i = 0; i < now->remote.len; i++) {
		uint32_t uid = now->remote.at[i].uid;

		if (uid > 0 && (uid >= r->low || is_source(r, uid)) &&
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

		if (uid > 0 && (uid >= r->low || is_source(r, uid)) &&
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
	if (r->local.entry.len == 0 || r->remote.entry.len == 0)
		return true;
	if (!recover_sift(a, &r->local, err) ||
		!recover_digest(&r->local, a->w, err))
		return false;
	drop_unsent(a, &r->local);
	return recover_sift(a, &r->remote, err) &&
		match_find(&r->remote, &r->local, &r->pairs, a->w, err);
}

/* One look at what is there now. */
static bool look(struct recovery *r, struct error *err)
{
	bool ok;

	r->pairs = (struct vec)VEC(struct match_pair);
	ok = record_unrecorded(r, err) && refresh(r, err) &&
		find_pairs(r, err) && take_numbers(r, err) &&
		(r->pairs.len == 0 || record_pairs(r, err));
	vec_clear(&r->pairs);
	match_side_clear(&r->remote);
	match_side_clear(&r->local);
	return ok && refresh(r, err);
}

/* ---- Waiting for a dead session ---- */

static bool is_waited_for(const struct apply *a, bool to_local)
{
	int64_t now_ms = clock_wall_ms();

	for (size_t i = 0; i < a->intents.len; i++) {
		const struct intent *it = intent_at(a, i);
		int64_t age_ms = now_ms - it->created_ms;

		if (it->id != 0 && it->to_local == to_local &&
			it->status == INTENT_BEGUN && age_ms >= 0 &&
			age_ms < YOUNG_MS)
			return true;
	}
	return false;
}

static bool pause_a_moment(const struct apply *a, struct error *err)
{
	struct pollfd fd = {.fd = a->w->stop ? stop_fd(a->w->stop) : -1,
		.events = POLLIN};
	int64_t ms = a->job->settle_ms > 0 ? a->job->settle_ms : PAUSE_MS;
	int64_t end_ms = clock_mono_ms() + ms;

	while (ms > 0 && poll(&fd, 1, (int)ms) < 0 && errno == EINTR)
		ms = end_ms - clock_mono_ms();
	return apply_go_on(a, err);
}

/* Whether more has come; then the list is read anew. */
static bool remote_grew(struct apply *a, bool *more, struct error *err)
{
	struct ops_status at = {.name = a->job->pair->remote};
	size_t before = a->now.remote.len;
	uint32_t last = before > 0 ? a->now.remote.at[before - 1].uid : 0;

	if (a->remote->ops->status && !a->remote->ops->status(a->remote, &at,
		1, err))
		return false;
	if (at.ok && at.messages == before && at.uidnext <= last + 1)
		return true;
	if (!apply_load(a, PLAN_REMOTE, &a->now.remote, err))
		return false;
	*more = a->now.remote.len > 0 &&
		a->now.remote.at[a->now.remote.len - 1].uid > last;
	return true;
}

static bool local_grew(struct apply *a, bool *more, struct error *err)
{
	uint32_t last = recover_last_own(&a->now.local);

	if (!apply_load(a, PLAN_LOCAL, &a->now.local, err))
		return false;
	*more = *more || recover_last_own(&a->now.local) > last;
	return true;
}

static bool grew(struct apply *a, bool *more, struct error *err)
{
	*more = false;
	return (!is_waited_for(a, false) || remote_grew(a, more, err)) &&
		(!is_waited_for(a, true) || local_grew(a, more, err));
}

static bool look_on(struct recovery *r, struct error *err)
{
	unsigned quiet = 0;

	if (!look(r, err))
		return false;
	for (unsigned n = 0; n < LOOKS_MAX && quiet < QUIET_LOOKS &&
		!r->dry_run && (is_waited_for(r->a, false) ||
		is_waited_for(r->a, true)); n++) {
		bool more;

		if (!pause_a_moment(r->a, err) || !grew(r->a, &more, err))
			return false;
		quiet = more ? 0 : quiet + 1;
		if (more && !look(r, err))
			return false;
	}
	return true;
}

/* ---- The end ---- */

/* What was not found may still land, for a day. */
static bool keep_rest(struct apply *a, struct error *err)
{
	int64_t now_ms = clock_wall_ms();
	bool ok = state_begin(a->state, err);

	for (size_t i = 0; ok && i < a->intents.len; i++) {
		struct intent *it = intent_at(a, i);

		if (it->id == 0 || it->status != INTENT_BEGUN)
			continue;
		it->status = INTENT_STRAGGLER;
		ok = intent_put(a->state, it, err);
	}
	ok = ok && intent_prune(a->state, now_ms - KEEP_MS, err) &&
		state_commit(a->state, err);
	state_cancel(a->state);
	return ok;
}

static bool needs_keeping(const struct apply *a)
{
	int64_t now_ms = clock_wall_ms();

	for (size_t i = 0; i < a->intents.len; i++) {
		const struct intent *it = intent_at(a, i);

		if (it->id != 0 && (it->status == INTENT_BEGUN ||
			it->created_ms < now_ms - KEEP_MS))
			return true;
	}
	return false;
}

static bool is_foreign(const struct apply *a, const struct intent *it)
{
	return it->uidvalidity != (it->to_local ? a->local_info.uidvalidity
		: a->remote_info.uidvalidity);
}

/* Numbers under another UIDVALIDITY say nothing. */
static bool drop_foreign(struct recovery *r, struct error *err)
{
	struct apply *a = r->a;
	bool any = false, ok = true;

	for (size_t i = 0; ok && i < a->intents.len; i++) {
		struct intent *it = intent_at(a, i);

		if (it->id == 0 || !is_foreign(a, it))
			continue;
		ok = r->dry_run || ((any || state_begin(a->state, err)) &&
			intent_drop(a->state, it->id, err));
		any = !r->dry_run;
		it->id = 0;
	}
	ok = ok && (!any || state_commit(a->state, err));
	state_cancel(a->state);
	return ok;
}

static uint32_t lower(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void take_stock(struct recovery *r)
{
	for (size_t i = 0; i < r->a->intents.len; i++) {
		const struct intent *it = intent_at(r->a, i);

		if (it->id == 0)
			continue;
		if (!it->to_local) {
			r->uploads = true;
			r->low = lower(r->low, it->uidnext);
			continue;
		}
		r->local_low = lower(r->local_low, it->uidnext);
		if (it->twin != 0)
			*(uint32_t *)vec_add(&r->source) = it->twin;
	}
	if (r->source.len > 1)
		qsort(r->source.data, r->source.len, sizeof(uint32_t),
			compare_uid);
}

bool recover_run(struct apply *a, struct error *err)
{
	struct recovery r = {.a = a, .low = UINT32_MAX,
		.local_low = UINT32_MAX, .source = VEC(uint32_t),
		.dry_run = a->job->dry_run};
	bool ok;

	if (a->intents.len == 0)
		return true;
	/* Half a list cannot tell what is missing. */
	if (!a->now.remote.complete || !a->now.local.complete)
		return true;
	if (!drop_foreign(&r, err))
		return false;
	take_stock(&r);
	ok = look_on(&r, err) && straggler_remove(a, PLAN_REMOTE, err) &&
		straggler_remove(a, PLAN_LOCAL, err) &&
		(r.dry_run || !needs_keeping(a) || keep_rest(a, err));
	vec_clear(&r.source);
	return ok;
}
