#include "config.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/thread.h"
#include "base/worker.h"
#include "engine.h"
#include "imap/seqset.h"
#include "mail/stamp.h"
#include "mail/store.h"
#include "mem.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "run/ignore.h"
#include "run/jobs.h"
#include "run/memory.h"
#include "run/paths.h"
#include "sync/folder.h"
#include "sync/look.h"
#include "sync/plan.h"
#include "sync/tree.h"

/* Local folders that this run has changed are listed once more; not when that
 * would be all the work again. */
#define LOOK_MESSAGES_MAX 200000

/* A pair that is in step, on its way to a row. */
struct candidate {
	size_t index;
	const struct cache_folder *seen;
	struct store_stamp stamp, state;
	bool look; /* the local folder was changed in this run */
	bool good;
};

/* The stamps as they are now.  What nobody has touched since before it was
 * read is what was read. */
static void take_stamps(const struct memory *m, struct candidate *c,
	struct store *local)
{
	const struct tree_pair *pair = vec_at(m->pairs, c->index);
	const struct store_stamp *before = &m->pair[c->index].before;
	char *path = memory_state_path(m, pair);

	c->good = stamp_file(path, &c->state) &&
		local->ops->stamp(local, pair->local, &c->stamp);
	c->look = c->good &&
		!(before->settled && stamp_equal(before, &c->stamp));
	free(path);
}

static bool is_settled(const struct candidate *c)
{
	return !c->good || (c->state.settled && c->stamp.settled);
}

/* Until later changes are sure to be seen. */
static void settle(struct worker *w)
{
	struct pollfd stop = {.fd = w->stop ? stop_fd(w->stop) : -1,
		.events = POLLIN};

	(void)poll(&stop, 1, STAMP_SETTLE_MS);
}

static void settle_all(const struct memory *m, struct vec *candidates,
	struct store *local)
{
	bool waited = worker_stopped(m->w);

	for (size_t i = 0; i < candidates->len; i++) {
		struct candidate *c = vec_at(candidates, i);

		if (is_settled(c))
			continue;
		if (!waited)
			settle(m->w);
		waited = true;
		take_stamps(m, c, local);
		c->good = c->good && is_settled(c);
	}
}

/* What this run made of the local folder is as the state says. */
static bool looks_same(const struct memory *m, const struct candidate *c,
	struct store *local)
{
	const struct tree_pair *pair = vec_at(m->pairs, c->index);
	char *path = memory_state_path(m, pair);
	bool same = look_same(path, local, pair, m->w);

	free(path);
	return same;
}

static void look_all(const struct memory *m, struct vec *candidates,
	struct store *local)
{
	uint64_t messages = 0;

	for (size_t i = 0; i < candidates->len; i++) {
		const struct candidate *c = vec_at(candidates, i);

		messages += c->good && c->look ? c->seen->messages : 0;
	}
	for (size_t i = 0; i < candidates->len; i++) {
		struct candidate *c = vec_at(candidates, i);

		if (c->good && c->look)
			c->good = messages <= LOOK_MESSAGES_MAX &&
				!worker_stopped(m->w) &&
				looks_same(m, c, local);
	}
}

static void put_row(struct memory *m, const struct candidate *c)
{
	struct tree_pair *pair = vec_at(m->pairs, c->index);
	char *wire = memory_wire_name(m, pair->remote);
	const struct survey_folder *told = survey_find(&m->survey, wire);
	struct cache_folder row = *c->seen;

	row.remote = pair->remote;
	row.local = pair->local;
	row.stamp = c->stamp;
	row.state = c->state;
	row.rules = memory_rules(m, pair);
	row.mailboxid = told ? told->mailboxid : NULL;
	if (row.full_ms == 0)
		row.full_ms = clock_wall_ms();
	cache_put(&m->cache, &row);
	free(wire);
}

/* Messages that are left alone by the user's word come when the word
 * changes. */
static bool is_whole(const struct memory *m, size_t index)
{
	return !ignore_get(m->ignored, PLAN_REMOTE, index) &&
		!ignore_get(m->ignored, PLAN_LOCAL, index);
}

static void drop_row(struct memory *m, size_t index)
{
	const struct tree_pair *pair = vec_at(m->pairs, index);

	cache_drop(&m->cache, pair->remote, pair->local);
}

/* The results of this round become rows, or leave none. */
static void take_results(struct memory *m, const struct jobs *jobs,
	struct store *local)
{
	struct vec candidates = VEC(struct candidate);
	const struct jobs_done *done;

	for (size_t i = 0; (done = jobs_done(jobs, i)) != NULL; i++) {
		const struct folder_result *result = &done->result;

		m->cache.distrust |= result->distrust;
		/* Its row is what it was, as far as quick can tell. */
		if (m->pair[done->index].same ||
			result->outcome == OUTCOME_SKIPPED)
			continue;
		if (!result->in_step || !local->ops->stamp ||
			!is_whole(m, done->index)) {
			drop_row(m, done->index);
			continue;
		}
		*(struct candidate *)vec_add(&candidates) = (struct candidate){
			.index = done->index, .seen = &result->seen};
		take_stamps(m, vec_at(&candidates, candidates.len - 1), local);
	}
	settle_all(m, &candidates, local);
	look_all(m, &candidates, local);
	for (size_t i = 0; i < candidates.len; i++) {
		struct candidate *c = vec_at(&candidates, i);

		if (c->good)
			put_row(m, c);
		else
			drop_row(m, c->index);
	}
	vec_clear(&candidates);
}

static int by_names(const void *a, const void *b)
{
	const struct tree_pair *x = *(const struct tree_pair *const *)a;
	const struct tree_pair *y = *(const struct tree_pair *const *)b;
	int order = strcmp(x->remote, y->remote);

	return order != 0 ? order : strcmp(x->local, y->local);
}

/* Rows of folders that are no more. */
static void forget_gone(struct memory *m)
{
	const struct tree_pair **pairs = mem_calloc(m->pairs->len + 1,
		sizeof(struct tree_pair *));
	struct vec *rows = &m->cache.folder;

	for (size_t i = 0; i < m->pairs->len; i++)
		pairs[i] = vec_at(m->pairs, i);
	qsort(pairs, m->pairs->len, sizeof(*pairs), by_names);
	for (size_t i = rows->len; i-- > 0;) {
		struct cache_folder *row = vec_at(rows, i);
		const struct tree_pair pair = {.remote = row->remote,
			.local = row->local};
		const struct tree_pair *key = &pair;

		if (!bsearch(&key, pairs, m->pairs->len, sizeof(*pairs),
			by_names))
			cache_drop(&m->cache, pair.remote, pair.local);
	}
	free(pairs);
}

void memory_end(struct memory *m, const struct jobs *jobs,
	struct store *local)
{
	if (engine_options(m->connector->engine)->dry_run || !local)
		return;
	if (m->survey.refused_early)
		m->cache.distrust |= CACHE_NO_EARLY;
	take_results(m, jobs, local);
	if (m->whole)
		forget_gone(m);
	cache_write(&m->cache, m->paths->cache, m->w);
}
