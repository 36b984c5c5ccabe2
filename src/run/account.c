#include "config.h"

#include "run/account.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/thread.h"
#include "conf/conf.h"
#include "conf/python.h"
#include "mem.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "run/hook.h"
#include "run/info.h"
#include "run/migrate.h"
#include "run/paths.h"
#include "run/remove.h"
#include "run/round.h"
#include "run/watch.h"

struct account {
	/* const after start */
	struct engine *engine;
	const struct conf_account *conf;
	struct thread *thread;
	int wake[2]; /* a pipe, both ends non-blocking */
	uint64_t ticket; /* of the first round: accounts begin in order */
	/* the runner's own */
	struct worker w;
	char *thread_name;
	struct connector connector;
	int64_t rounds; /* done since the last full one */
	const char *only; /* in a round of a watched folder: its name */
	struct watch *watch;
	bool watch_tried;
	enum exit_status status; /* of the last round */
};

static bool is_quick(struct account *a)
{
	int64_t quick = a->conf->quick;

	if (engine_options(a->engine)->quick)
		quick = -1;
	if (quick == 0)
		return false;
	return quick < 0 || (a->rounds > 0 && a->rounds <= quick);
}

/* A hook that fails is told; the mail is there all the same. */
static void call_hook(struct account *a, const struct conf_rule *hook,
	struct jobs_result *out)
{
	struct error err = {0};

	if (hook->text == NULL || worker_stopped(&a->w) ||
		python_call(a->connector.python, hook, &err))
		return;
	worker_error(&a->w, &err, 0);
	out->status = engine_status_worse(out->status,
		jobs_status(OUTCOME_FAILED, err.kind));
}

/* Once for all that a round brought (compat 4.9). */
static void new_mail(struct account *a, struct jobs_result *out)
{
	if (out->new_remote)
		call_hook(a, &a->conf->remote->newmail_hook, out);
	if (out->new_local)
		call_hook(a, &a->conf->local->newmail_hook, out);
}

/* Everything of a round that needs the account's lock. */
static bool locked_round(struct account *a, struct jobs_result *out,
	struct error *err)
{
	bool dry_run = engine_options(a->engine)->dry_run;
	struct round_wish wish = {
		.quick = a->only == NULL && is_quick(a),
		.only = a->only,
	};
	const char *mode = a->only != NULL ? "idle" :
		wish.quick ? "quick" : "full";

	hook_run(a->conf->presynchook, mode, dry_run, &a->w);
	if (!round_run(&a->connector, &a->w, &wish, out, err))
		return false;
	if (a->only == NULL)
		a->rounds = wish.quick ? a->rounds + 1 : 1;
	new_mail(a, out);
	hook_run(a->conf->postsynchook, mode, dry_run, &a->w);
	return true;
}

/* What is to be done under the account's lock. */
typedef bool work_fn(struct account *a, struct jobs_result *out,
	struct error *err);

/* A dry run makes no file, and has no need of a lock that nobody else made:
 * it changes nothing. */
static bool needs_lock(const struct account *a, const struct paths *paths)
{
	return !engine_options(a->engine)->dry_run ||
		access(paths->lock, F_OK) == 0;
}

static bool guarded(struct account *a, work_fn *work, struct jobs_result *out,
	struct error *err)
{
	const struct conf *conf = engine_conf(a->engine);
	struct paths paths;
	struct lock *lock = NULL;
	bool good = true;

	paths_init(&paths, conf, a->conf);
	if (needs_lock(a, &paths)) {
		lock = file_mkdirs(conf->metadata, err) ?
			lock_open(paths.lock, err) : NULL;
		good = lock != NULL || error_raise(err, ERROR_ACCOUNT);
	}
	good = good && work(a, out, err);
	lock_close(lock);
	paths_clear(&paths);
	return good;
}

/* Folds the account's own failure into what its folders achieved. */
static void fold_error(struct account *a, struct jobs_result *result,
	const struct error *err)
{
	enum event_outcome outcome = err->kind == ERROR_STOPPED ?
		OUTCOME_INTERRUPTED : OUTCOME_FAILED;

	worker_error(&a->w, err, 0);
	if (outcome > result->outcome)
		result->outcome = outcome;
	result->status = engine_status_worse(result->status,
		jobs_status(outcome, err->kind));
}

static void one_round(struct account *a)
{
	struct event ev = {.kind = EVENT_ACCOUNT_START};
	struct jobs_result result = {0};
	struct error err = {0};
	int64_t start = clock_mono_ms();

	worker_emit(&a->w, &ev);
	if (!guarded(a, locked_round, &result, &err))
		fold_error(a, &result, &err);
	a->status = result.status;
	ev.kind = EVENT_ACCOUNT_END;
	ev.u.end = (struct event_end){
		.outcome = result.outcome,
		.why = err.kind,
		.elapsed_ms = clock_mono_ms() - start,
		.downloaded = result.downloaded,
		.uploaded = result.uploaded,
		.deleted = result.deleted,
		.flagged = result.flagged,
	};
	worker_emit(&a->w, &ev);
}

static void tell_sleep(struct account *a, int64_t seconds)
{
	struct event ev = {.kind = EVENT_SLEEPING};

	ev.u.sleep.seconds_left = seconds;
	worker_emit(&a->w, &ev);
}

static bool enter(struct account *a, uint64_t ticket)
{
	if (engine_enter(a->engine, ticket))
		return true;
	a->status = EXIT_STATUS_INTERRUPTED;
	return false;
}

/* ---- between two rounds (compat 6.3 to 6.5) ---- */

static bool has_rests(const struct account *a)
{
	return a->conf->autorefresh_min > 0.0 &&
		!engine_options(a->engine)->once;
}

static void set_hold(struct account *a)
{
	bool rests = has_rests(a), idle = a->conf->remote->idlefolders.text;

	a->connector.hold[CONNECTOR_REMOTE].on = rests &&
		(a->conf->remote->holdconnectionopen || idle);
	a->connector.hold[CONNECTOR_LOCAL].on = rests &&
		a->conf->local->holdconnectionopen;
}

/* A list that cannot be had is told once; without it there are rounds all the
 * same. */
static void start_watch(struct account *a)
{
	const struct conf_rule *rule = &a->conf->remote->idlefolders;
	struct vec names = VEC(char *);
	struct error err = {0};

	if (a->watch_tried || rule->text == NULL ||
		!login_ready(&a->connector.login[CONNECTOR_REMOTE]))
		return;
	a->watch_tried = true;
	if (!python_list(a->connector.python, rule, &names, &err))
		worker_error(&a->w, &err, 0);
	else if (names.len > ENGINE_BELLS)
		worker_log(&a->w, EVENT_WARNING, AREA_GENERAL, "idlefolders: "
			"only the first %d folders are watched", ENGINE_BELLS);
	if (names.len > 0)
		a->watch = watch_start(&a->connector, &a->w, &names,
			a->wake[1]);
	vec_clear_pointers(&names);
}

static void stop_watch(struct account *a)
{
	watch_free(a->watch);
	a->watch = NULL;
	for (int side = 0; side < CONNECTOR_SIDES; side++)
		hold_clear(&a->connector.hold[side]);
}

/* A round of each folder whose bell rang.  False: the end. */
static bool watched_rounds(struct account *a, const struct engine_wake *wake)
{
	for (size_t i = 0; i < ENGINE_BELLS; i++) {
		if (!wake->rung[i])
			continue;
		if (!enter(a, engine_ticket(a->engine)))
			return false;
		a->only = watch_name(a->watch, i);
		if (a->only != NULL && !engine_ending(a->engine))
			one_round(a);
		a->only = NULL;
		engine_leave(a->engine);
	}
	return !engine_ending(a->engine);
}

/* Milliseconds between two signs of life; 29 minutes where folders are
 * watched, as OfflineIMAP does. */
static int64_t keepalive_ms(const struct account *a)
{
	const struct conf_repo *remote = a->conf->remote;

	if (remote->keepalive_s > 0)
		return remote->keepalive_s * 1000;
	return remote->idlefolders.text != NULL ? (int64_t)1740000 : INT64_MAX;
}

static void keep_alive(struct account *a)
{
	for (int side = 0; side < CONNECTOR_SIDES; side++)
		hold_keepalive(&a->connector.hold[side], &a->w);
}

static bool sleep_until(struct account *a, int64_t until_ms)
{
	int64_t period = keepalive_ms(a), left;
	struct engine_wake wake = {.any = true};
	bool again = true;

	while (again && (left = until_ms - clock_mono_ms()) > 0) {
		if (wake.any)
			tell_sleep(a, left / 1000);
		again = engine_sleep(a->engine, a->wake[0],
			left < period ? left : period, &wake);
		/* Who asks for a round wants all of it (compat 6.4). */
		if (wake.called) {
			a->rounds = 0;
			break;
		}
		if (again && wake.any)
			again = watched_rounds(a, &wake);
		else if (again && period < left)
			keep_alive(a);
	}
	return again;
}

static bool rest(struct account *a)
{
	int64_t ms = (int64_t)(a->conf->autorefresh_min * 60000.0);
	bool again;

	if (!has_rests(a) || engine_ending(a->engine))
		return false;
	start_watch(a);
	again = sleep_until(a, clock_mono_ms() + ms);
	tell_sleep(a, 0);
	return again;
}

static void rounds(struct account *a)
{
	bool again = false;

	set_hold(a);
	do {
		if (!enter(a, again ? engine_ticket(a->engine) : a->ticket))
			return;
		/* The last round may have been called during the wait. */
		if (!again || !engine_ending(a->engine))
			one_round(a);
		engine_leave(a->engine);
		again = true;
	} while (rest(a));
}

static void info(struct account *a)
{
	struct error err = {0};

	if (!enter(a, a->ticket))
		return;
	if (!info_show(&a->connector, &a->w, &err)) {
		worker_error(&a->w, &err, 0);
		a->status = jobs_status(OUTCOME_FAILED, err.kind);
	}
	engine_leave(a->engine);
}

static bool delete_folder(struct account *a, struct jobs_result *out,
	struct error *err)
{
	(void)out;
	return remove_folder(&a->connector, &a->w, err);
}

static bool migrate(struct account *a, struct jobs_result *out,
	struct error *err)
{
	(void)out;
	return migrate_run(&a->connector, &a->w, err);
}

/* Something that is done once, in place of the rounds. */
static void errand(struct account *a, work_fn *work)
{
	struct jobs_result result = {0};
	struct error err = {0};

	if (!enter(a, a->ticket))
		return;
	if (!guarded(a, work, &result, &err)) {
		worker_error(&a->w, &err, 0);
		a->status = jobs_status(OUTCOME_FAILED, err.kind);
	}
	engine_leave(a->engine);
}

static void *run(void *arg)
{
	struct account *a = arg;
	struct event ev = {.kind = EVENT_THREAD_START};

	worker_emit(&a->w, &ev);
	worker_log(&a->w, EVENT_DEBUG, AREA_THREAD, "the runner is worker %u",
		a->w.cell);
	switch (engine_options(a->engine)->mode) {
	case RUN_SYNC:
		rounds(a);
		stop_watch(a);
		break;
	case RUN_INFO:
		info(a);
		break;
	case RUN_DELETE_FOLDER:
		errand(a, delete_folder);
		break;
	case RUN_MIGRATE:
		errand(a, migrate);
		break;
	case RUN_PRUNE: /* is no account's */
		break;
	}
	connector_end(&a->connector);
	ev.kind = EVENT_THREAD_END;
	worker_emit(&a->w, &ev);
	engine_runner_done(a->engine, &a->w, a->status);
	return NULL;
}

static void set_flags(int fd)
{
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
		fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		mem_die("making a pipe");
}

struct account *account_start(struct engine *engine,
	const struct conf_account *conf)
{
	struct account *a = mem_calloc(1, sizeof(*a));

	a->engine = engine;
	a->conf = conf;
	a->thread_name = mem_printf("Account sync %s", conf->name);
	if (pipe(a->wake) != 0)
		mem_die("making a pipe");
	set_flags(a->wake[0]);
	set_flags(a->wake[1]);
	a->ticket = engine_ticket(engine);
	engine_worker(engine, a->thread_name, conf->name,
		engine_cell(engine), &a->w);
	connector_init(&a->connector, engine, conf, &a->w);
	a->thread = thread_start(run, a);
	return a;
}

void account_wake(struct account *account)
{
	/* A full pipe wakes as well. */
	if (write(account->wake[1], "", 1) < 0)
		return;
}

const char *account_name(const struct account *account)
{
	return account->conf->name;
}

void account_free(struct account *account)
{
	if (account == NULL)
		return;
	thread_join(account->thread);
	connector_clear(&account->connector);
	file_close(&account->wake[0]);
	file_close(&account->wake[1]);
	free(account->thread_name);
	free(account);
}
