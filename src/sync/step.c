#include "config.h"

#include "sync/step.h"

#include <string.h>

#include "base/clock.h"
#include "mail/exceptions_of.h"
#include "sync/apply.h"
#include "sync/folder.h"
#include "sync/intent.h"
#include "sync/state.h"

/* Between two full comparisons. */
#define FULL_EVERY_MS (7 * INT64_C(24) * 3600 * 1000)

bool step_is_old(int64_t full_ms)
{
	int64_t now = clock_wall_ms();

	return full_ms > now || now - full_ms > FULL_EVERY_MS;
}

/* ---- Whether all was done ---- */

static bool is_whole(const struct plan *p)
{
	uint64_t left = p->deferred;

	for (int side = PLAN_REMOTE; side <= PLAN_LOCAL; side++)
		left += p->denied[side] + p->ignored[side].len +
			p->deletes[side].held + p->deletes[side].deferred +
			p->deletes[side].denied;
	return left == 0;
}

static bool no_limits(const struct folder_limits *l)
{
	return l->maxage.year == 0 && l->start[PLAN_REMOTE].year == 0 &&
		l->start[PLAN_LOCAL].year == 0;
}

static bool is_done(const struct apply *a)
{
	return !a->job->dry_run && !a->partial && !a->held &&
		!a->remote_dead && a->result->outcome == OUTCOME_OK &&
		a->now.remote.complete && a->now.local.complete &&
		is_whole(&a->plan) && no_limits(&a->job->limits);
}

/* Nothing was sent of which it is not known what became of it. */
static bool all_settled(struct apply *a)
{
	struct vec intents = VEC(struct intent);
	struct error ignored = {0};
	bool ok = intent_load(a->state, &intents, &ignored);

	for (size_t i = 0; ok && i < intents.len; i++)
		ok = ((struct intent *)vec_at(&intents, i))->status !=
			INTENT_BEGUN;
	intent_clear(&intents);
	return ok;
}

/* ---- The lists after the plan ---- */

static struct msglist *list_of(struct apply *a, enum plan_side side)
{
	return side == PLAN_REMOTE ? &a->now.remote : &a->now.local;
}

static void change_flags(struct msglist *list, const struct plan_group *g)
{
	for (size_t i = 0; i < g->index.len; i++) {
		uint32_t index = *(const uint32_t *)vec_at(&g->index, i);
		struct msg *m = &list->at[index];

		m->flags = (m->flags | g->add) & ~g->remove;
	}
}

static void drop_messages(struct msglist *list, const struct vec *index)
{
	size_t to = 0, next = 0;

	for (size_t i = 0; i < list->len; i++) {
		if (next < index->len &&
			*(const uint32_t *)vec_at(index, next) == i)
			next++;
		else
			list->at[to++] = list->at[i];
	}
	list->len = to;
}

static void mark_messages(struct msglist *list, const struct vec *index)
{
	for (size_t i = 0; i < index->len; i++)
		list->at[*(const uint32_t *)vec_at(index, i)].flags |=
			FLAG_DELETED;
}

static void carry_out(struct apply *a, enum plan_side side)
{
	const struct plan *p = &a->plan;
	const struct vec *gone = &p->deletes[side].index;
	bool marked = side == PLAN_REMOTE ? !a->job->expunge
		: a->job->local_marks;

	for (size_t i = 0; i < p->group[side].len; i++)
		change_flags(list_of(a, side), vec_at(&p->group[side], i));
	if (marked)
		mark_messages(list_of(a, side), gone);
	else
		drop_messages(list_of(a, side), gone);
}

/* ---- Comparing ---- */

/* How many messages of the list are in the rows, with the same flags among
 * these; those without a number are left aside.  False: one is not. */
static bool count_equal(const struct apply *a, const struct msglist *list,
	uint32_t flags, size_t *equal)
{
	const struct msglist *rows = &a->now.rows;
	size_t at = 0;

	*equal = 0;
	for (size_t i = 0; i < list->len; i++) {
		const struct msg *m = &list->at[i];

		if (m->uid == 0)
			continue;
		while (at < rows->len && rows->at[at].uid < m->uid)
			at++;
		if (at == rows->len || rows->at[at].uid != m->uid ||
			(rows->at[at].flags ^ m->flags) & flags)
			return false;
		++*equal;
	}
	return true;
}

/* What the rows have beyond a list is what was copied there; what was
 * uploaded has got its number since the local list was read.  Flags that the
 * server cannot keep may be on the local side alone. */
static bool lists_equal_rows(struct apply *a)
{
	const struct folder_result *r = a->result;
	uint32_t shared = apply_shared(a);
	uint32_t kept = shared & a->remote_info.flags_allowed;
	size_t rows = a->now.rows.len, remote, local;

	carry_out(a, PLAN_REMOTE);
	carry_out(a, PLAN_LOCAL);
	return count_equal(a, &a->now.remote, shared, &remote) &&
		count_equal(a, &a->now.local, kept, &local) &&
		rows - remote == r->uploaded &&
		r->uploaded == a->plan.upload.len &&
		rows - local == r->downloaded + r->uploaded &&
		a->now.local.len - local == r->uploaded;
}

/* ---- The numbers ---- */

static uint32_t next_uid(const struct apply *a)
{
	const struct msglist *rows = &a->now.rows;
	uint32_t told = a->remote_info.uidnext;
	uint32_t last = rows->len > 0 ? rows->at[rows->len - 1].uid : 0;
	uint32_t next = last < UINT32_MAX ? last + 1 : last;

	return told > next ? told : next;
}

/* A server without mod-sequences is known by its flags themselves. */
static void take_digest(const struct apply *a, struct cache_folder *seen)
{
	struct exceptions e = {0};

	seen->questions = exceptions_wanted(&a->now.rows, a->remote->letters);
	exceptions_of(&a->now.rows, seen->questions, &e);
	seen->digest = exceptions_digest(&e);
	exceptions_clear(&e);
}

static void take_numbers(struct apply *a)
{
	const struct cache_folder *cached = a->job->cached;
	struct cache_folder *seen = &a->result->seen;

	*seen = (struct cache_folder){
		.uidvalidity = a->remote_info.uidvalidity,
		.uidnext = next_uid(a),
		.messages = (uint32_t)a->now.rows.len,
		.modseq = a->modseq,
		.full_ms = a->shortcut && cached ? cached->full_ms
			: clock_wall_ms(),
	};
	if (seen->modseq == 0)
		take_digest(a, seen);
	a->result->in_step = true;
}

/* ---- The closing look ---- */

static bool changed_server(const struct apply *a)
{
	const struct plan *p = &a->plan;

	return a->result->uploaded + p->group[PLAN_REMOTE].len +
		p->deletes[PLAN_REMOTE].index.len +
		a->moved_in[PLAN_REMOTE] + a->moved_out[PLAN_REMOTE] > 0;
}

/* Without mod-sequences a message that came between ours, when another one
 * went, leaves all numbers as they are with it: none may be missing since
 * UIDNEXT was told. */
static bool none_between(const struct apply *a)
{
	const struct msglist *rows = &a->now.rows;
	uint32_t told = a->remote_info.uidnext;
	uint32_t from = told > 0 ? told : a->uidnext;
	size_t since = 0;

	while (since < rows->len && rows->at[rows->len - 1 - since].uid >= from)
		since++;
	return next_uid(a) - from == since;
}

/* Whether the closing look is one by mod-sequences. */
static bool sees_all(const struct apply *a)
{
	unsigned distrust = a->job->distrust | a->result->distrust;

	return a->modseq > 0 && !(distrust & CACHE_NO_CONDSTORE);
}

/* Everything that has changed since the first look is in the rows: then the
 * mod-sequence of this one may be remembered (protocol.md 4.2, rule 7). */
static bool look_again(struct apply *a, struct error *err)
{
	const struct store_since since = {.rows = &a->now.rows,
		.uidvalidity = a->remote_info.uidvalidity,
		.uidnext = next_uid(a), .modseq = a->modseq, .glance = true,
		.distrust = a->job->distrust | a->result->distrust};
	bool first = a->shortcut, ok;
	size_t equal;

	a->since = &since;
	ok = apply_load(a, PLAN_REMOTE, &a->now.remote, err);
	a->since = NULL;
	a->shortcut = first;
	if (ok && a->now.remote.complete && a->modseq > 0 &&
		count_equal(a, &a->now.remote, apply_shared(a), &equal) &&
		equal == a->now.rows.len)
		take_numbers(a);
	return ok;
}

bool step_take(struct apply *a, struct error *err)
{
	struct error ignored = {0};

	if (!is_done(a) || !all_settled(a) ||
		!state_load(a->state, &a->now.rows, &ignored) ||
		!lists_equal_rows(a))
		return true;
	if (!sees_all(a) && !none_between(a))
		return true;
	if (!changed_server(a) || a->modseq == 0) {
		take_numbers(a);
		return true;
	}
	if (look_again(a, err))
		return true;
	if (err->severity == ERROR_FOLDER_RETRY)
		return false;
	error_clear(err);
	return true;
}
