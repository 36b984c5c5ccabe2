#include "config.h"

#include <errno.h>
#include <poll.h>

#include "base/clock.h"
#include "base/thread.h"
#include "base/worker.h"
#include "mail/store.h"
#include "sync/apply.h"
#include "sync/folder.h"
#include "sync/intent.h"
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

uint32_t recover_last_own(const struct msglist *local)
{
	uint32_t last = 0;

	for (size_t i = 0; i < local->len; i++) {
		uint32_t own = store_own_uid(local, &local->at[i]);

		last = own > last ? own : last;
	}
	return last;
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

/* Whether more has come; then the list is read anew.  Of a folder that is
 * open, STATUS may tell what was (protocol.md 4.2, rule 8). */
static bool remote_grew(struct apply *a, bool *more, struct error *err)
{
	size_t before = a->now.remote.len;
	uint32_t last = before > 0 ? a->now.remote.at[before - 1].uid : 0;
	struct folder_info at;

	if (!a->remote->ops->enter(a->remote, a->job->pair->remote,
		a->job->dry_run || a->job->readonly_remote, &at, err))
		return false;
	if (at.uidvalidity == a->remote_info.uidvalidity &&
		at.exists == before && at.uidnext > 0 &&
		at.uidnext <= last + 1)
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

	if (!recover_look(r, err))
		return false;
	for (unsigned n = 0; n < LOOKS_MAX && quiet < QUIET_LOOKS &&
		!r->dry_run && (is_waited_for(r->a, false) ||
		is_waited_for(r->a, true)); n++) {
		bool more;

		if (!pause_a_moment(r->a, err) || !grew(r->a, &more, err))
			return false;
		quiet = more ? 0 : quiet + 1;
		if (more && !recover_look(r, err))
			return false;
	}
	return true;
}

/* ---- The end ---- */

/* What was not found may still land, for a day; none grows old within a run,
 * in which several lists of them are in use.  The number of one that has
 * left the state is given to another. */
static bool keep_rest(struct apply *a, struct error *err)
{
	int64_t oldest_ms = a->began_ms - KEEP_MS;
	bool ok = state_begin(a->state, err);

	for (size_t i = 0; ok && i < a->intents.len; i++) {
		struct intent *it = intent_at(a, i);

		if (it->created_ms < oldest_ms)
			it->id = 0;
		if (it->id == 0 || it->status != INTENT_BEGUN)
			continue;
		it->status = INTENT_STRAGGLER;
		ok = intent_put(a->state, it, err);
	}
	ok = ok && intent_prune(a->state, oldest_ms, err) &&
		state_commit(a->state, err);
	state_cancel(a->state);
	return ok;
}

static bool needs_keeping(const struct apply *a)
{
	for (size_t i = 0; i < a->intents.len; i++) {
		const struct intent *it = intent_at(a, i);

		if (it->id != 0 && (it->status == INTENT_BEGUN ||
			it->created_ms < a->began_ms - KEEP_MS))
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
			seqset_push(&r->source, it->twin, it->twin);
	}
	seqset_settle(&r->source);
}

static bool is_whole(const struct apply *a)
{
	return a->now.remote.complete && a->now.local.complete;
}

/* Where a late copy was removed the list was read anew, and may show others:
 * it is looked at again.  Each takes an intent with it, so this ends. */
static bool settle_lists(struct recovery *r, struct error *err)
{
	bool removed = true;

	while (removed && is_whole(r->a)) {
		removed = false;
		if (!look_on(r, err) ||
			!straggler_remove(r->a, PLAN_REMOTE, &removed, err) ||
			!straggler_remove(r->a, PLAN_LOCAL, &removed, err))
			return false;
	}
	return true;
}

bool recover_again(struct apply *a, struct error *err)
{
	if (a->intents.len == 0)
		return true;
	intent_clear(&a->intents);
	a->intents = (struct vec)VEC(struct intent);
	return intent_load(a->state, &a->intents, err) && recover_run(a, err);
}

bool recover_run(struct apply *a, struct error *err)
{
	struct recovery r = {.a = a, .low = UINT32_MAX,
		.local_low = UINT32_MAX, .dry_run = a->job->dry_run};
	bool ok;

	if (a->intents.len == 0)
		return true;
	/* Half a list cannot tell what is missing. */
	if (!is_whole(a))
		return true;
	if (!drop_foreign(&r, err))
		return false;
	take_stock(&r);
	ok = settle_lists(&r, err) && (r.dry_run || !needs_keeping(a) || keep_rest(a, err));
	seqset_clear(&r.source);
	return ok;
}
