#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/worker.h"
#include "conf/conf.h"
#include "engine.h"
#include "imap/session.h"
#include "mail/stamp.h"
#include "mail/store.h"
#include "mem.h"
#include "run/approve.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "run/member.h"
#include "run/memory.h"
#include "sync/folder.h"
#include "sync/tree.h"

/* Everything is compared now and then, whatever the numbers say: after a week,
 * and up to a second one later, so that not all folders have their turn in one
 * run. */
#define FULL_EACH_MS ((int64_t)7 * 24 * 3600 * 1000)

/* What one connection does as fast as many. */
#define FEW_PAIRS 64
#define FEW_MESSAGES 1000

static const struct survey_folder *find_told(const struct memory *m,
	const struct tree_pair *pair)
{
	char *wire = memory_wire_name(m, pair->remote);
	const struct survey_folder *told = survey_find(&m->survey, wire);

	free(wire);
	return told && told->ok ? told : NULL;
}

/* The row, if what it says is of this pair and of its state as it stands
 * there: a state that came from a backup is of another time. */
static const struct cache_folder *find_row(const struct memory *m,
	const struct tree_pair *pair)
{
	const struct cache_folder *row = cache_find(&m->cache, pair->remote,
		pair->local);
	struct store_stamp state;
	char *path;
	bool holds;

	if (!row || row->rules != memory_rules(m, pair))
		return NULL;
	path = memory_state_path(m, pair);
	holds = row->state.settled && stamp_file(path, &state) &&
		stamp_equal(&state, &row->state);
	free(path);
	return holds ? row : NULL;
}

/* Without either kind of proof flags may have changed; who asks for quick
 * rounds does not want to know of them (compat 4.7). */
static bool same_flags(const struct memory *m,
	const struct survey_folder *told, const struct cache_folder *row)
{
	if (row->modseq != 0 || told->modseq != 0)
		return row->modseq == told->modseq;
	if (row->digest != 0 && told->digest != 0)
		return row->digest == told->digest;
	return m->quick;
}

static bool same_numbers(const struct memory *m,
	const struct survey_folder *told, const struct cache_folder *row)
{
	return told && told->uidvalidity == row->uidvalidity &&
		told->uidnext == row->uidnext &&
		told->messages == row->messages && same_flags(m, told, row);
}

/* The spread is the folder's own, so that it is the same in each run. */
static bool is_recent(const struct cache_folder *row, int64_t now_ms)
{
	int64_t spread = (int64_t)(row->rules % (uint64_t)FULL_EACH_MS);

	return row->full_ms <= now_ms &&
		now_ms - row->full_ms < FULL_EACH_MS + spread;
}

/* The user wants something done that no number tells of. */
static bool is_wanted(const struct memory *m, const struct tree_pair *pair)
{
	const struct run_options *options =
		engine_options(m->connector->engine);
	const char *account = m->connector->account->name;

	return approve_given(options, account, pair->remote) ||
		approve_given(options, account, pair->visible);
}

static bool is_same(const struct memory *m, const struct memory_pair *p,
	const struct tree_pair *pair)
{
	return p->row && p->row->stamp.settled &&
		stamp_equal(&p->before, &p->row->stamp) &&
		same_numbers(m, find_told(m, pair), p->row) &&
		is_recent(p->row, clock_wall_ms()) && !is_wanted(m, pair);
}

/* What lies inside a window of days is another set each day. */
static bool has_window(const struct memory *m)
{
	const struct conf_account *a = m->connector->account;

	return a->maxage || a->remote->startdate || a->local->startdate;
}

static void find_one(struct memory *m, struct memory_pair *p,
	const struct tree_pair *pair, struct store *local)
{
	p->row = find_row(m, pair);
	if (!local->ops->stamp(local, pair->local, &p->before))
		p->before = (struct store_stamp){0};
	else
		p->same = !has_window(m) && is_same(m, p, pair);
}

void unchanged_find(struct memory *m, const bool *left_out,
	struct store *local)
{
	size_t same = 0, all = 0;

	m->pair = mem_calloc(m->pairs->len + 1, sizeof(*m->pair));
	/* Between two servers each folder is looked at. */
	if (!local->ops->stamp)
		return;
	for (size_t i = 0; i < m->pairs->len; i++) {
		const struct tree_pair *pair = vec_at(m->pairs, i);

		if (left_out[i])
			continue;
		all++;
		if (!pair->create_local && !pair->create_remote)
			find_one(m, &m->pair[i], pair, local);
		same += m->pair[i].same ? 1 : 0;
	}
	worker_log(m->w, EVENT_DEBUG, AREA_THREAD,
		"%zu of %zu folders have nothing new", same, all);
}

void unchanged_tell(const struct memory *m, size_t index,
	const struct store *remote, const struct store *local)
{
	const struct tree_pair *pair = vec_at(m->pairs, index);
	struct worker *w = m->w;
	struct event ev = {.kind = EVENT_THREAD_START};
	char *thread = member_thread(pair, w);
	const char *own_thread = w->thread;

	w->thread = thread;
	w->folder = pair->visible;
	worker_emit(w, &ev);
	folder_tell_start(pair, remote, local, w);
	ev.kind = EVENT_FOLDER_END;
	ev.u.end = (struct event_end){.outcome = OUTCOME_SKIPPED,
		.name = pair->remote, .quick = m->quick};
	worker_emit(w, &ev);
	ev = (struct event){.kind = EVENT_THREAD_END};
	worker_emit(w, &ev);
	w->thread = own_thread;
	w->folder = "";
	free(thread);
}

/* How many messages are new on the server; more than few: not known. */
static uint64_t count_new(const struct memory *m, size_t index)
{
	const struct survey_folder *told = find_told(m,
		vec_at(m->pairs, index));
	const struct cache_folder *row = m->pair[index].row;

	if (!row || !told || told->uidvalidity != row->uidvalidity ||
		told->uidnext < row->uidnext)
		return FEW_MESSAGES + 1;
	return told->uidnext - row->uidnext;
}

bool unchanged_few(const struct memory *m, const bool *left_out)
{
	size_t pairs = 0;
	uint64_t messages = 0;

	for (size_t i = 0; i < m->pairs->len; i++) {
		if (left_out[i] || m->pair[i].same)
			continue;
		messages += count_new(m, i);
		if (++pairs > FEW_PAIRS || messages > FEW_MESSAGES)
			return false;
	}
	return true;
}

uint64_t unchanged_new(const struct memory *m, size_t index)
{
	const struct survey_folder *told = find_told(m,
		vec_at(m->pairs, index));
	const struct cache_folder *row = m->pair[index].row;

	if (!told)
		return UINT64_MAX;
	if (row && told->uidvalidity == row->uidvalidity &&
		told->uidnext >= row->uidnext)
		return told->uidnext - row->uidnext;
	return told->messages;
}
