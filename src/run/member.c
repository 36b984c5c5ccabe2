#include "config.h"

#include "run/member.h"

#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "conf/conf.h"
#include "conf/date.h"
#include "imap/session.h"
#include "mail/store.h"
#include "mem.h"
#include "run/approve.h"
#include "run/assist.h"
#include "run/connect.h"
#include "run/convoy.h"
#include "run/engine_core.h"
#include "run/ignore.h"
#include "run/jobs.h"
#include "run/memory.h"
#include "run/paths.h"
#include "sync/folder.h"
#include "sync/moves.h"
#include "sync/plan.h"
#include "sync/tree.h"

/* A connection lost in mid-folder is replaced this often for each folder. */
enum { FOLDER_TRIES = 3 };

/* Of one task. */
struct stores {
	struct store *remote, *local; /* NULL: not open */
};

struct member {
	const struct member_round *round;
	struct worker w;
	struct thread *thread;
	bool idle; /* there is no job for it */
	/* held before it starts and after it has ended; NULL: none */
	struct session *held[CONNECTOR_SIDES];
};

static void emit_thread(struct worker *w, enum event_kind kind)
{
	struct event ev = {.kind = kind};

	worker_emit(w, &ev);
}

static struct ops_search since(const struct date *day)
{
	return (struct ops_search){.year = day->year, .month = day->month,
		.day = day->day};
}

static struct folder_limits make_limits(const struct member_round *round,
	const struct conf_account *a, const struct tree_pair *pair)
{
	const struct tree_pair *first = round->pairs->data;
	const struct conf_repo *const repo[2] = {
		[PLAN_REMOTE] = a->remote, [PLAN_LOCAL] = a->local};
	struct folder_limits limits = {.maxsize = (uint64_t)a->maxsize,
		.start_dir = {[PLAN_REMOTE] = round->paths->remote_start,
			[PLAN_LOCAL] = round->paths->local_start}};
	struct date day;

	if (a->maxage) {
		day = date_of_age(a->maxage);
		limits.maxage = since(&day);
	}
	/* It was checked when the configuration was loaded. */
	for (int side = PLAN_REMOTE; side <= PLAN_LOCAL; side++) {
		limits.ignored[side] = ignore_get(round->ignored, side,
			(size_t)(pair - first));
		if (repo[side]->startdate && date_parse(
			span_of(repo[side]->startdate), &day))
			limits.start[side] = since(&day);
	}
	return limits;
}

static struct folder_job make_job(const struct member_round *round,
	const struct tree_pair *pair)
{
	const struct tree_pair *first = round->pairs->data;
	const struct conf_account *a = round->connector->account;
	const struct run_options *options =
		engine_options(round->connector->engine);

	return (struct folder_job){
		.pair = pair,
		.state_dir = round->paths->state,
		.legacy_dir = round->paths->legacy,
		.remote_validity_dir = round->paths->remote_validity,
		.local_validity_dir = round->paths->local_validity,
		.readonly_remote = a->remote->readonly,
		.readonly_local = a->local->readonly,
		.deletes_remote = a->remote->sync_deletes,
		.deletes_local = a->local->sync_deletes,
		.expunge = a->remote->expunge,
		.local_marks = connector_is_server(round->connector,
			CONNECTOR_LOCAL) && !a->local->expunge,
		.dry_run = options->dry_run,
		.quick = round->quick,
		.cached = memory_get(round->memory, (size_t)(pair - first)),
		.distrust = memory_distrust(round->memory),
		.limits = make_limits(round, a, pair),
		.fsync = engine_conf(round->connector->engine)->fsync,
		.share = round->share,
		.ignore_readonly = engine_conf(round->connector->engine)->
			ignore_readonly,
		.approved = approve_given(options, a->name, pair->remote) ||
			approve_given(options, a->name, pair->visible),
	};
}

/* Which of two connections was lost is not told: both are given up.  A
 * directory stays as it is. */
static void disconnect(const struct member_round *round, struct stores *s)
{
	store_close(s->remote);
	s->remote = NULL;
	if (!connector_is_server(round->connector, CONNECTOR_LOCAL))
		return;
	store_close(s->local);
	s->local = NULL;
}

/* Opens what is not open; false: it cannot be had. */
static bool reconnect(struct convoy_place *place, struct stores *s,
	struct error *err)
{
	error_clear(err);
	if (s->local == NULL)
		s->local = convoy_store(place, CONNECTOR_LOCAL, err);
	if (s->local != NULL && s->remote == NULL)
		s->remote = convoy_store(place, CONNECTOR_REMOTE, err);
	return s->local != NULL && s->remote != NULL;
}

static void add(struct folder_result *sum, const struct folder_result *part)
{
	sum->downloaded += part->downloaded;
	sum->uploaded += part->uploaded;
	sum->deleted += part->deleted;
	sum->flagged += part->flagged;
	sum->new_remote |= part->new_remote;
	sum->new_local |= part->new_local;
	sum->outcome = part->outcome;
	sum->why = part->why;
	sum->in_step = part->in_step;
	sum->seen = part->seen;
	sum->distrust |= part->distrust;
}

/* What newmail_hook is called for: mail in a folder of this very name. */
static void report(const struct member_round *round,
	const struct tree_pair *pair, struct folder_result *sum)
{
	static const char inbox[] = "INBOX";
	const struct tree_pair *first = round->pairs->data;

	sum->new_remote &= strcmp(pair->remote, inbox) == 0;
	sum->new_local &= strcmp(pair->local, inbox) == 0;
	jobs_report(round->jobs, (size_t)(pair - first), sum);
}

static void fail(struct folder_result *result, const struct error *err)
{
	result->outcome = err->kind == ERROR_STOPPED ? OUTCOME_INTERRUPTED :
		OUTCOME_FAILED;
	result->why = err->kind;
	result->in_step = false;
}

/* Who gets no connection ends, and tells so once; the other members may still
 * have theirs, for a server may count the lost one against its limit.  But a
 * refused password is not to be tried by each of them. */
static bool be_connected(struct convoy_place *place, struct stores *s,
	struct error *err)
{
	if (s->local != NULL && s->remote != NULL)
		return true;
	if (convoy_ended(place, err))
		return false;
	if (reconnect(place, s, err))
		return true;
	worker_error(convoy_worker(place), err, 0);
	convoy_end(place, err);
	if (err->kind == ERROR_AUTH)
		jobs_close(convoy_round(place)->jobs);
	return false;
}

/* What the calls for one folder have in common. */
struct attempts {
	unsigned fruitless;
	unsigned blamed; /* before the last call */
	bool unreached;  /* by the last call: see struct store */
	struct folder_retry retry;
};

/* A lost connection that carried something over before is no reason to give
 * up, one that did not is, after some tries.  Where a message is to blame,
 * its own tries count, unless nothing comes but losses. */
static bool try_again(struct worker *w, const struct folder_result *part,
	const struct error *err, struct attempts *a)
{
	bool blamed = a->retry.blamed > a->blamed;

	if (err->severity != ERROR_FOLDER_RETRY || err->kind == ERROR_STOPPED)
		return false; /* folder_sync has told it */
	if (blamed || part->downloaded + part->uploaded + part->deleted > 0)
		a->fruitless = 0;
	a->blamed = a->retry.blamed;
	if (a->retry.row >= FOLDER_TRIES || (!blamed && !a->unreached &&
		++a->fruitless == FOLDER_TRIES)) {
		worker_error(w, err, 0);
		return false;
	}
	/* Told by the one where it was lost. */
	worker_log(w, a->unreached ? EVENT_DEBUG : EVENT_NOTICE,
		AREA_GENERAL, "%s; connecting again", err->text);
	return true;
}

static void sync_pair(struct convoy_place *place, struct folder_job *job,
	struct stores *s, struct folder_result *sum)
{
	const struct member_round *round = convoy_round(place);
	struct worker *w = convoy_worker(place);
	struct error err = {0};
	int64_t limit = round->connector->account->remote->retrycount;
	struct attempts attempts = {.retry.limit = limit > 1
		? (unsigned)limit : 1};
	bool good = false, again = true;

	job->retry = &attempts.retry;
	job->peers = convoy_peers(place);
	while (again && be_connected(place, s, &err)) {
		struct folder_result part = {0};

		job->remote = s->remote;
		job->local = s->local;
		error_clear(&err);
		good = folder_sync(job, w, &part, &err);
		job->moves = NULL; /* it has left the others */
		add(sum, &part);
		if (good)
			break;
		attempts.unreached = s->remote->unreached;
		disconnect(round, s);
		again = try_again(w, &part, &err, &attempts);
	}
	seqset_clear(&attempts.retry.given_up);
	if (job->moves)
		moves_leave(job->moves, NULL);
	if (!good)
		fail(sum, &err);
}

char *member_thread(const struct tree_pair *pair, const struct worker *w)
{
	return mem_printf("Folder %s [acc: %s]", pair->remote, w->account);
}

/* In a task. */
static void work_at(struct convoy_place *place, size_t index)
{
	const struct member_round *round = convoy_round(place);
	const struct tree_pair *pair = vec_at(round->pairs, index);
	const struct run_options *options =
		engine_options(round->connector->engine);
	struct worker *w = convoy_worker(place);
	struct folder_job job = make_job(round, pair);
	struct folder_result sum = {0};
	struct stores s = {NULL, NULL};
	char *command = approve_command(options, w->account, pair->remote);
	char *thread = member_thread(pair, w);

	job.approve_command = command;
	job.moves = convoy_moves(place);
	job.task = convoy_task(place);
	w->thread = thread;
	w->folder = pair->visible;
	emit_thread(w, EVENT_THREAD_START);
	worker_log(w, EVENT_DEBUG, AREA_THREAD, "worker %u takes folder %s",
		w->cell, pair->visible);
	sync_pair(place, &job, &s, &sum);
	report(round, pair, &sum);
	store_close(s.remote);
	store_close(s.local);
	emit_thread(w, EVENT_THREAD_END);
	free(thread);
	free(command);
}

/* Lends the runner's session to the folders. */
static void lend(struct convoy *c, const struct connector *connector,
	enum connector_side side, struct store **store)
{
	if (!connector_is_server(connector, side))
		return;
	convoy_take(c, side, store_detach(*store));
	*store = NULL;
}

static void give_back(struct convoy *c, const struct connector *connector,
	enum connector_side side, struct worker *w, struct store **store)
{
	struct session *session = convoy_detach(c, side);
	struct error ignored = {0};

	if (session != NULL)
		*store = connector_open(connector, side, w, session, &ignored);
}

/* With the connection that the member's own folders have left. */
static void help_others(const struct member_round *round, struct convoy *c,
	struct worker *w, bool willing)
{
	struct store *remote = NULL, *local = NULL;
	struct session *session;
	struct error ignored = {0};

	if (round->share == NULL)
		return;
	session = convoy_detach(c, CONNECTOR_REMOTE);
	if (session != NULL)
		remote = connector_open(round->connector, CONNECTOR_REMOTE, w,
			session, &ignored);
	assist_work(round, w, &remote, &local, willing);
	if (remote != NULL)
		convoy_take(c, CONNECTOR_REMOTE, store_detach(remote));
	store_close(local);
}

void member_work(const struct member_round *round, struct worker *w,
	struct store **remote, struct store **local)
{
	const struct connector *connector = round->connector;
	struct convoy *c = convoy_new(round, w, work_at);

	lend(c, connector, CONNECTOR_REMOTE, remote);
	lend(c, connector, CONNECTOR_LOCAL, local);
	convoy_run(c);
	help_others(round, c, w, true);
	give_back(c, connector, CONNECTOR_REMOTE, w, remote);
	give_back(c, connector, CONNECTOR_LOCAL, w, local);
	convoy_free(c);
}

/* A session of its own, held or new; true: there is one, or none is needed. */
static bool open_side(struct member *m, struct convoy *c,
	enum connector_side side, struct error *err)
{
	const struct connector *connector = m->round->connector;
	struct session *session = hold_check(m->held[side], &m->w);

	m->held[side] = NULL;
	if (!connector_is_server(connector, side))
		return true;
	if (session == NULL)
		session = login_more(&connector->login[side], HOSTS_MORE,
			&m->w, err);
	convoy_take(c, side, session);
	return session != NULL;
}

static void close_side(struct member *m, struct convoy *c,
	enum connector_side side)
{
	struct session *session = convoy_detach(c, side);

	/* one that was not needed is still held */
	if (m->round->connector->hold[side].on && m->held[side] == NULL)
		m->held[side] = session;
	else
		session_close(session);
}

/* False: there is no connection to be had. */
static bool open_sides(struct member *m, struct convoy *c)
{
	struct error err = {0};

	if (open_side(m, c, CONNECTOR_LOCAL, &err) &&
		open_side(m, c, CONNECTOR_REMOTE, &err))
		return true;
	if (err.kind != ERROR_STOPPED)
		worker_log(&m->w, EVENT_NOTICE, AREA_GENERAL,
			"going on with fewer connections: %s", err.text);
	return false;
}

static void *run(void *arg)
{
	struct member *m = arg;
	struct convoy *c = convoy_new(m->round, &m->w, work_at);
	bool willing = true;

	worker_log(&m->w, EVENT_DEBUG, AREA_THREAD, "worker %u begins",
		m->w.cell);
	if (!m->idle)
		willing = open_sides(m, c);
	if (!m->idle && willing)
		convoy_run(c);
	help_others(m->round, c, &m->w, willing);
	close_side(m, c, CONNECTOR_REMOTE);
	close_side(m, c, CONNECTOR_LOCAL);
	convoy_free(c);
	worker_log(&m->w, EVENT_DEBUG, AREA_THREAD, "worker %u ends",
		m->w.cell);
	return NULL;
}

struct member *member_start(const struct member_round *round,
	const struct worker *w, size_t number, bool idle)
{
	struct member *m = mem_calloc(1, sizeof(*m));

	m->round = round;
	m->idle = idle;
	for (int side = 0; side < CONNECTOR_SIDES; side++)
		m->held[side] = hold_take(&round->connector->hold[side]);
	engine_worker(round->connector->engine, w->thread, w->account,
		connector_cell(round->connector, number), &m->w);
	m->thread = thread_start(run, m);
	return m;
}

void member_join(struct member *member, struct worker *w)
{
	struct connector *c = member->round->connector;

	thread_join(member->thread);
	for (int side = 0; side < CONNECTOR_SIDES; side++)
		hold_put(&c->hold[side], member->held[side], w);
	free(member);
}
