#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "imap/flag.h"
#include "mem.h"
#include "sync/apply.h"
#include "sync/folder.h"
#include "sync/intent.h"
#include "sync/match.h"
#include "sync/state.h"
#include "sync/tree.h"

#define NO_PAIR UINT32_MAX

/* Order of the effects, and what a sudden end in between leaves:
 *
 *	mark "matching"    the next run heals again, whatever the numbers say
 *	renumber locally   the next run pairs by content, finds some done
 *	rows, mark gone    the new rows are good; UIDVALIDITY's file is old, so
 *	                   the next run heals once more and changes nothing
 *	UIDVALIDITY's file (folder.c)
 */
struct healing {
	struct apply *a;
	enum heal_kind kind;
	struct vec pairs; /* of struct match_pair */
	uint32_t *partner; /* of each local message: index into remote, or
	                      NO_PAIR */
};

/* A message that could not be read just now may be the one that the server
 * has: without its number it would be sent once more, and received too. */
static bool all_read(const struct healing *h, const struct match_side *local,
	struct error *err)
{
	const struct msglist *list = &h->a->now.local;
	struct str name = {0};
	bool ok = true;

	for (size_t i = 0; ok && i < local->entry.len; i++) {
		const struct match_entry *e = vec_at(&local->entry, i);

		if (!e->paired && !e->identified && e->uid > 0)
			ok = error_set(err, ERROR_FOLDER, ERROR_OTHER,
				"folder %s: its messages must be paired by "
				"content, but %s cannot be read; nothing is "
				"done before it can", h->a->job->pair->visible,
				msglist_name(list, &list->at[e->index],
				&name));
	}
	str_clear(&name);
	return ok;
}

static bool pair_all(struct healing *h, struct error *err)
{
	struct apply *a = h->a;
	struct match_side remote, local;
	bool ok;

	match_side_init(&remote, a->remote, &a->now.remote, true);
	match_side_init(&local, a->local, &a->now.local, false);
	remote.names = a->local->filterheaders;
	for (size_t i = 0; i < a->now.remote.len; i++)
		if (a->now.remote.at[i].uid > 0)
			match_side_add(&remote, (uint32_t)i);
	for (size_t i = 0; i < a->now.local.len; i++)
		match_side_add(&local, (uint32_t)i);
	ok = match_find(&remote, &local, &h->pairs, a->w, err) &&
		(remote.entry.len == 0 || all_read(h, &local, err));
	match_side_clear(&remote);
	match_side_clear(&local);
	for (size_t i = 0; i < a->now.local.len; i++)
		h->partner[i] = NO_PAIR;
	for (size_t i = 0; ok && i < h->pairs.len; i++) {
		const struct match_pair *p = vec_at(&h->pairs, i);

		h->partner[p->local] = p->remote;
	}
	return ok;
}

/* The number that a local message is to have; 0: none. */
static uint32_t new_uid(const struct healing *h, size_t local)
{
	uint32_t remote = h->partner[local];

	return remote == NO_PAIR ? 0 : h->a->now.remote.at[remote].uid;
}

static bool is_renumbered(const struct healing *h)
{
	for (size_t i = 0; i < h->a->now.local.len; i++)
		if (h->a->now.local.at[i].uid != new_uid(h, i))
			return true;
	return false;
}

/* A message that vanished meanwhile: its row will look like a deletion that
 * nobody has proven, so it must get none. */
static bool renumber_one(struct healing *h, size_t i, struct error *err)
{
	struct store *local = h->a->local;
	const struct msglist *list = &h->a->now.local;
	uint32_t uid = new_uid(h, i);

	if (list->at[i].uid == uid)
		return true;
	if (uid ? local->ops->adopt(local, list, &list->at[i], uid, err)
		: local->ops->detach(local, list, &list->at[i], err))
		return true;
	if (err->kind != ERROR_GONE)
		return error_raise(err, ERROR_FOLDER);
	error_clear(err);
	h->partner[i] = NO_PAIR;
	return true;
}

/* Numbers that mean nothing go first, so that none is held by two for longer
 * than it must be. */
static bool renumber(struct healing *h, struct error *err)
{
	struct apply *a = h->a;
	bool ok = true;

	if (!is_renumbered(h))
		return true;
	if (!state_begin(a->state, err))
		return false;
	ok = state_set_matching(a->state, true, err) &&
		state_commit(a->state, err);
	state_cancel(a->state);
	for (size_t i = 0; ok && i < a->now.local.len; i++)
		if (new_uid(h, i) == 0)
			ok = apply_go_on(a, err) && renumber_one(h, i, err);
	for (size_t i = 0; ok && i < a->now.local.len; i++)
		if (new_uid(h, i) != 0)
			ok = apply_go_on(a, err) && renumber_one(h, i, err);
	return ok;
}

static const struct msg *row_of(const struct healing *h, const struct msg *l,
	const struct msg *r)
{
	const struct msglist *rows = &h->a->now.rows;

	if (h->kind == HEAL_NAMES)
		return msglist_find(rows, r->uid);
	return l->uid > 0 && h->kind == HEAL_NUMBERS
		? msglist_find(rows, l->uid) : NULL;
}

static int compare_uids(const void *a, const void *b)
{
	const struct state_pair *x = a, *y = b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

/* Those that no local message was found for stay known. */
static void keep_rows(const struct healing *h, struct vec *rows)
{
	const struct msglist *known = &h->a->now.rows;
	size_t paired = rows->len;

	if (paired > 1)
		qsort(rows->data, paired, rows->size, compare_uids);
	for (size_t i = 0; i < known->len; i++) {
		struct state_pair p = {known->at[i].uid, known->at[i].uid,
			known->at[i].flags};

		if (paired == 0 || !bsearch(&p, rows->data, paired,
			rows->size, compare_uids))
			*(struct state_pair *)vec_add(rows) = p;
	}
}

/* What both had is known where the local message still has the number of its
 * row, or the server's message; else as if the state were lost: the remote's
 * flags, so that local differences win. */
static void collect_rows(const struct healing *h, struct vec *rows)
{
	const struct apply_lists *now = &h->a->now;

	for (size_t i = 0; i < now->local.len; i++) {
		const struct msg *l = &now->local.at[i], *row, *r;

		if (h->partner[i] == NO_PAIR)
			continue;
		r = &now->remote.at[h->partner[i]];
		row = row_of(h, l, r);
		*(struct state_pair *)vec_add(rows) = (struct state_pair){
			.old_uid = row ? row->uid : 0, .uid = r->uid,
			.flags = row ? row->flags
				: r->flags & apply_shared(h->a)};
	}
}

/* The number that the message of an old row has now; 0: none. */
static uint32_t renamed(const struct vec *rows, uint32_t old_uid)
{
	for (size_t i = 0; old_uid != 0 && i < rows->len; i++) {
		const struct state_pair *p = vec_at(rows, i);

		if (p->old_uid == old_uid)
			return p->uid;
	}
	return 0;
}

/* Those of another UIDVALIDITY are nothing to look for; the others' copies
 * that are here are paired now, and what comes later comes late. */
static bool age_intents(struct apply *a, const struct vec *rows,
	struct error *err)
{
	for (size_t i = 0; i < a->intents.len; i++) {
		struct intent *it = vec_at(&a->intents, i);

		it->status = INTENT_STRAGGLER;
		/* the number may be another message's now */
		it->twin = renamed(rows, it->twin);
		if (!intent_put(a->state, it, err))
			return false;
	}
	return true;
}

static bool replace_rows(struct healing *h, const struct vec *rows,
	struct error *err)
{
	struct apply *a = h->a;

	if (!state_begin(a->state, err))
		return false;
	if (state_replace(a->state, rows, err) &&
		state_set_validity(a->state, a->remote_info.uidvalidity, err) &&
		state_set_matching(a->state, false, err) &&
		age_intents(a, rows, err))
		return apply_commit(a, err) &&
			apply_load(a, PLAN_LOCAL, &a->now.local, err) &&
			state_load(a->state, &a->now.rows, err);
	state_cancel(a->state);
	return false;
}

/* A dry run goes on with what the lists would be. */
static void pretend(const struct healing *h, const struct vec *rows)
{
	struct apply_lists *now = &h->a->now;
	struct msglist local = {.complete = now->local.complete};
	struct str name = {0};

	for (size_t i = 0; i < now->local.len; i++)
		msglist_add(&local, new_uid(h, i), now->local.at[i].flags,
			msglist_name(&now->local, &now->local.at[i], &name));
	str_clear(&name);
	msglist_sort(&local);
	msglist_clear(&now->local);
	now->local = local;
	msglist_clear(&now->rows);
	for (size_t i = 0; i < rows->len; i++) {
		const struct state_pair *p = vec_at(rows, i);

		msglist_add(&now->rows, p->uid, p->flags, NULL);
	}
	msglist_sort(&now->rows);
	now->rows.complete = true;
}

/* A rule that is changed may send one folder of the server to the local
 * folder of another.  To mix them is nothing that anyone can have meant. */
static bool is_same_folder(const struct healing *h, struct error *err)
{
	const struct apply *a = h->a;
	const struct tree_pair *pair = a->job->pair;

	return h->kind != HEAL_NUMBERS || !apply_other_folder(a) ||
		h->pairs.len >= a->now.local.len - h->pairs.len ||
		error_set(err, ERROR_FOLDER, ERROR_OTHER, "folder %s: so far "
			"the local folder \"%s\" was that of \"%s\", and its "
			"messages are not those of \"%s\"; they are left "
			"alone.  Change the rules back, or move the local "
			"folder away", pair->visible, pair->local, a->folder,
			pair->remote);
}

static void report_pairs(const struct healing *h)
{
	const struct apply *a = h->a;

	/* A first run over two sides that have nothing in common. */
	if (h->pairs.len == 0 && a->now.rows.len == 0)
		return;
	worker_log(a->w, EVENT_NOTICE, AREA_GENERAL,
		"folder %s: %zu of %zu local messages were found among %zu on "
		"the server by their content; nothing is deleted in this run",
		a->job->pair->visible, h->pairs.len, a->now.local.len,
		a->now.remote.len);
}

bool heal_run(struct apply *a, enum heal_kind kind, struct error *err)
{
	struct healing h = {.a = a, .kind = kind,
		.pairs = VEC(struct match_pair)};
	struct vec rows = VEC(struct state_pair);
	bool ok;

	if (!a->now.remote.complete || !a->now.local.complete)
		return error_set(err, ERROR_FOLDER, ERROR_OTHER, "folder %s: "
			"its messages must be paired by content, but the list "
			"of one side was not complete; the next run retries",
			a->job->pair->visible);
	h.partner = mem_calloc(a->now.local.len + 1, sizeof(*h.partner));
	ok = pair_all(&h, err) && is_same_folder(&h, err) &&
		(a->job->dry_run || renumber(&h, err));
	if (ok) {
		report_pairs(&h);
		collect_rows(&h, &rows);
		if (kind == HEAL_NAMES && !apply_other_folder(a))
			keep_rows(&h, &rows);
		if (a->job->dry_run)
			pretend(&h, &rows);
		else
			ok = replace_rows(&h, &rows, err);
	}
	vec_clear(&rows);
	vec_clear(&h.pairs);
	free(h.partner);
	return ok;
}
