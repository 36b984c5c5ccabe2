#include "config.h"

#include <stdlib.h>

#include "base/worker.h"
#include "mem.h"
#include "sync/apply.h"
#include "sync/folder.h"
#include "sync/tree.h"
#include "sync/validity.h"
#include "sync/window.h"

static const struct folder_limits *limits_of(const struct apply *a)
{
	return &a->job->limits;
}

static struct msglist *list_of(struct apply *a, enum plan_side side)
{
	return side == PLAN_REMOTE ? &a->now.remote : &a->now.local;
}

bool window_moves(const struct folder_limits *limits)
{
	return limits->maxage.year > 0 ||
		limits->start[PLAN_REMOTE].year > 0 ||
		limits->start[PLAN_LOCAL].year > 0;
}

static uint32_t last_uid(const struct msglist *list)
{
	return list->len > 0 ? list->at[list->len - 1].uid : 0;
}

/* No message is as high, now. */
static uint32_t above(const struct msglist *list)
{
	uint32_t last = last_uid(list);

	return last < UINT32_MAX ? last + 1 : last;
}

/* The lowest UID among these that the search finds; 0: none. */
static bool lowest(struct apply *a, enum plan_side side,
	const struct vec *index, const struct ops_search *what, uint32_t *uid,
	struct error *err)
{
	struct store *store = apply_store(a, side);
	const struct msgset set = {list_of(a, side), index->data, index->len};
	bool *found = mem_calloc(index->len + 1, sizeof(*found));
	/* without messages there may be no folder to look in, in a dry run */
	bool ok = index->len == 0 || store->ops->search(store, &set, what,
		found, err);

	*uid = 0;
	for (size_t i = 0; ok && i < set.len && *uid == 0; i++)
		if (found[i])
			*uid = msgset_at(&set, i)->uid;
	free(found);
	return ok;
}

static bool lowest_remote(struct apply *a, const struct ops_search *since,
	uint32_t *uid, struct error *err)
{
	const struct msglist *remote = &a->now.remote;
	struct vec all = VEC(uint32_t);
	bool ok;

	for (size_t i = 0; i < remote->len; i++)
		*(uint32_t *)vec_add(&all) = (uint32_t)i;
	ok = apply_go_on(a, err) && lowest(a, PLAN_REMOTE, &all, since, uid,
		err);
	vec_clear(&all);
	return ok;
}

/* ---- maxage ---- */

/* The server has nothing of these days any more.  What came here in them,
 * and is known, was deleted there; the number above all that is left there
 * tells that it was no old message.  Without such: only new local messages
 * are ours. */
static bool lowest_recent(struct apply *a, struct error *err)
{
	const struct msglist *local = &a->now.local;
	uint32_t last = last_uid(&a->now.remote);
	struct vec recent = VEC(uint32_t);
	bool ok;

	for (size_t i = 0; i < local->len; i++)
		if (local->at[i].uid > last &&
			msglist_find(&a->now.rows, local->at[i].uid))
			*(uint32_t *)vec_add(&recent) = (uint32_t)i;
	ok = lowest(a, PLAN_LOCAL, &recent, &limits_of(a)->maxage,
		&a->first_uid, err);
	if (a->first_uid == 0)
		a->first_uid = UINT32_MAX;
	vec_clear(&recent);
	return ok;
}

static bool find_age(struct apply *a, struct error *err)
{
	return lowest_remote(a, &limits_of(a)->maxage, &a->first_uid, err) &&
		(a->first_uid > 0 || lowest_recent(a, err));
}

/* ---- startdate ---- */

static const char *start_base(const struct apply *a, enum plan_side side)
{
	return side == PLAN_REMOTE ? a->job->pair->remote_base
		: a->job->pair->local_base;
}

static bool save_start(struct apply *a, enum plan_side side, uint32_t uid,
	struct error *err)
{
	return a->job->dry_run || validity_write(limits_of(a)->start_dir[side],
		start_base(a, side), uid, a->job->fsync, a->w, err);
}

static bool check_start(struct apply *a, enum plan_side side,
	struct error *err)
{
	enum plan_side other = side == PLAN_REMOTE ? PLAN_LOCAL : PLAN_REMOTE;

	if (!validity_read(limits_of(a)->start_dir[side], start_base(a, side),
		&a->start_uid, err))
		return false;
	return a->start_uid > 0 || list_of(a, other)->len == 0 ||
		error_set(err, ERROR_FOLDER, ERROR_OTHER, "folder %s: to use "
			"startdate on repository %s, repository %s must be "
			"empty", a->job->pair->visible,
			apply_store(a, side)->repository,
			apply_store(a, other)->repository);
}

bool window_check(struct apply *a, struct error *err)
{
	for (int side = PLAN_REMOTE; side <= PLAN_LOCAL; side++)
		if (limits_of(a)->start[side].year > 0 &&
			!check_start(a, side, err))
			return false;
	return true;
}

/* Found once and kept: what is older and comes later, with a high number, is
 * a new message.  After numbers have changed it must be found anew. */
static bool find_start(struct apply *a, struct error *err)
{
	a->first_uid = a->start_uid;
	if (a->start_uid > 0 && !a->healed)
		return true;
	if (!lowest_remote(a, &limits_of(a)->start[PLAN_REMOTE],
		&a->first_uid, err))
		return false;
	if (a->first_uid == 0)
		a->first_uid = above(&a->now.remote);
	return save_start(a, PLAN_REMOTE, a->first_uid, err);
}

/* Local numbers are the server's, so none can be the first; the file says
 * that it has begun. */
static bool begin_local(struct apply *a, struct error *err)
{
	return a->start_uid > 0 || save_start(a, PLAN_LOCAL, 1, err);
}

bool window_find(struct apply *a, struct error *err)
{
	const struct folder_limits *limits = limits_of(a);
	bool ok = true;

	if (limits->maxage.year > 0)
		ok = find_age(a, err);
	else if (limits->start[PLAN_REMOTE].year > 0)
		ok = find_start(a, err);
	else if (limits->start[PLAN_LOCAL].year > 0)
		ok = begin_local(a, err);
	if (ok && a->first_uid > 0)
		worker_log(a->w, EVENT_DEBUG, AREA_GENERAL, "folder %s: "
			"messages from UID %lu on are synchronised",
			a->job->pair->visible, (unsigned long)a->first_uid);
	return ok;
}

/* ---- Single messages ---- */

/* Leaves out those of the candidates for which the search says so. */
static bool leave_out(struct apply *a, enum plan_side side,
	const struct ops_search *what, bool when, struct error *err)
{
	const struct vec *index = side == PLAN_REMOTE ? &a->plan.download
		: &a->plan.upload;
	const struct msglist *list = list_of(a, side);
	const struct msgset set = {list, index->data, index->len};
	struct store *store = apply_store(a, side);
	bool *found, ok;

	if (index->len == 0)
		return true;
	found = mem_calloc(index->len, sizeof(*found));
	ok = apply_go_on(a, err) && store->ops->search(store, &set, what,
		found, err);
	for (size_t i = 0; ok && i < set.len; i++) {
		if (found[i] != when)
			continue;
		if (!a->left_out[side])
			a->left_out[side] = mem_calloc(list->len,
				sizeof(bool));
		a->left_out[side][set.index[i]] = true;
	}
	free(found);
	return ok;
}

static void log_left_out(struct apply *a, enum plan_side side)
{
	const struct msglist *list = list_of(a, side);
	size_t count = 0;

	for (size_t i = 0; a->left_out[side] && i < list->len; i++)
		count += a->left_out[side][i];
	if (count > 0)
		worker_log(a->w, EVENT_DEBUG, AREA_GENERAL, "folder %s: %zu "
			"messages of %s are too large or too old, they are "
			"not copied", a->job->pair->visible, count,
			apply_store(a, side)->repository);
}

bool window_sift(struct apply *a, bool *any, struct error *err)
{
	const struct folder_limits *limits = limits_of(a);
	const struct ops_search size = {.larger = limits->maxsize};
	bool ok = true;

	if (limits->maxsize > 0)
		ok = leave_out(a, PLAN_REMOTE, &size, true, err) &&
			leave_out(a, PLAN_LOCAL, &size, true, err);
	if (ok && limits->start[PLAN_LOCAL].year > 0)
		ok = leave_out(a, PLAN_LOCAL, &limits->start[PLAN_LOCAL],
			false, err);
	*any = a->left_out[PLAN_REMOTE] || a->left_out[PLAN_LOCAL];
	log_left_out(a, PLAN_REMOTE);
	log_left_out(a, PLAN_LOCAL);
	return ok;
}

void window_clear(struct apply *a)
{
	for (int side = PLAN_REMOTE; side <= PLAN_LOCAL; side++) {
		free(a->left_out[side]);
		a->left_out[side] = NULL;
	}
}
