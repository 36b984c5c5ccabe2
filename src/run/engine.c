#include "config.h"

#include "engine.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/queue.h"
#include "base/thread.h"
#include "base/vec.h"
#include "conf/conf.h"
#include "mem.h"
#include "run/account.h"
#include "run/approve.h"
#include "run/engine_core.h"
#include "run/hosts.h"
#include "run/jobs.h"
#include "run/mbnames.h"
#include "run/paths.h"
#include "run/prune.h"
#include "run/wanted.h"

/* A password that somebody waits for, or its answer. */
struct question {
	uint64_t id;
	bool answered;
	char *password; /* NULL: the front end has none */
};

struct engine {
	/* const after start */
	const struct conf *conf;
	const struct run_options *options;
	struct queue *queue; /* has its own lock */
	struct stop *stop;   /* likewise */
	struct hosts *hosts; /* likewise */
	struct account **account;
	size_t account_count;
	struct prune *prune; /* of RUN_PRUNE */

	pthread_mutex_t mutex;
	pthread_cond_t changed;
	/* guarded by mutex */
	bool stopping;   /* COMMAND_STOP came */
	bool ending;     /* no further round */
	size_t running;  /* runners not yet done */
	int64_t places;  /* accounts that may still enter */
	uint64_t tickets; /* drawn */
	uint64_t turn;    /* the ticket that enters next */
	uint64_t last_id;
	struct vec questions; /* of struct question */
	struct vec wanted;    /* see wanted.h */
	enum exit_status status;
};

static void lock(struct engine *engine)
{
	mutex_lock(&engine->mutex);
}

static void unlock(struct engine *engine)
{
	mutex_unlock(&engine->mutex);
}

static void wait_locked(struct engine *engine)
{
	condition_wait(&engine->changed, &engine->mutex);
}

static void announce_locked(struct engine *engine)
{
	condition_announce(&engine->changed);
}

/* From the one that counts most to the one that counts least. */
static const enum exit_status status_order[] = {
	EXIT_STATUS_USAGE, EXIT_STATUS_CONFIG, EXIT_STATUS_AUTH,
	EXIT_STATUS_NETWORK, EXIT_STATUS_LOCKED, EXIT_STATUS_ERROR,
	EXIT_STATUS_HELD, EXIT_STATUS_PARTIAL, EXIT_STATUS_INTERRUPTED,
	EXIT_STATUS_OK,
};

enum exit_status engine_status_worse(enum exit_status a, enum exit_status b)
{
	for (size_t i = 0; i < ARRAY_LEN(status_order); i++)
		if (a == status_order[i] || b == status_order[i])
			return status_order[i];
	return EXIT_STATUS_ERROR;
}

const struct conf *engine_conf(const struct engine *engine)
{
	return engine->conf;
}

const struct run_options *engine_options(const struct engine *engine)
{
	return engine->options;
}

struct hosts *engine_hosts(const struct engine *engine)
{
	return engine->hosts;
}

unsigned engine_cell(struct engine *engine)
{
	return queue_cell_new(engine->queue);
}

void engine_worker(struct engine *engine, const char *thread,
	const char *account, unsigned cell, struct worker *out)
{
	*out = (struct worker){
		.queue = engine->queue,
		.stop = engine->stop,
		.cell = cell,
		.debug = engine->options->debug,
		.files = engine->options->files,
		.thread = thread,
		.account = account,
		.folder = "",
	};
}

uint64_t engine_ticket(struct engine *engine)
{
	uint64_t ticket;

	lock(engine);
	ticket = engine->tickets++;
	unlock(engine);
	return ticket;
}

bool engine_enter(struct engine *engine, uint64_t ticket)
{
	bool entered;

	lock(engine);
	while ((engine->places == 0 || engine->turn != ticket) &&
		!engine->stopping)
		wait_locked(engine);
	entered = !engine->stopping;
	if (entered) {
		engine->places--;
		engine->turn++;
		announce_locked(engine);
	}
	unlock(engine);
	return entered;
}

void engine_leave(struct engine *engine)
{
	lock(engine);
	engine->places++;
	announce_locked(engine);
	unlock(engine);
}

bool engine_ending(struct engine *engine)
{
	bool ending;

	lock(engine);
	ending = engine->ending || engine->stopping;
	unlock(engine);
	return ending;
}

/* Reads the wake-up bytes away, and notes what they stand for. */
static void drain(int fd, struct engine_wake *wake)
{
	unsigned char bytes[64];
	ssize_t len;

	while ((len = read(fd, bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < len; i++) {
			wake->any = true;
			if (bytes[i] == 0)
				wake->called = true;
			else if (bytes[i] <= ENGINE_BELLS)
				wake->rung[bytes[i] - 1] = true;
		}
}

bool engine_sleep(struct engine *engine, int wake_fd, int64_t ms,
	struct engine_wake *wake)
{
	struct pollfd fds[2] = {
		{.fd = stop_fd(engine->stop), .events = POLLIN},
		{.fd = wake_fd, .events = POLLIN},
	};
	int64_t until = clock_mono_ms() + ms;

	*wake = (struct engine_wake){0};
	while (!engine_ending(engine)) {
		int64_t left = until - clock_mono_ms();

		if (left <= 0)
			return true;
		/* An hour at a time: poll takes an int. */
		if (poll(fds, 2, (int)(left < 3600000 ? left : 3600000)) > 0 &&
			fds[1].revents != 0) {
			drain(wake_fd, wake);
			return !engine_ending(engine);
		}
	}
	return false;
}

static struct question *question_find_locked(struct engine *engine, uint64_t id)
{
	for (size_t i = 0; i < engine->questions.len; i++) {
		struct question *q = vec_at(&engine->questions, i);

		if (q->id == id)
			return q;
	}
	return NULL;
}

/* Takes the answered or abandoned question out; its password is the
 * caller's. */
static char *question_take_locked(struct engine *engine, uint64_t id)
{
	struct question *q = question_find_locked(engine, id);
	char *password;

	if (q == NULL)
		return NULL;
	password = q->password;
	*q = *(struct question *)vec_at(&engine->questions,
		engine->questions.len - 1);
	engine->questions.len--;
	return password;
}

static bool question_open_locked(struct engine *engine, uint64_t id)
{
	const struct question *q = question_find_locked(engine, id);

	return q != NULL && !q->answered;
}

static uint64_t question_new(struct engine *engine)
{
	struct question *q;
	uint64_t id;

	lock(engine);
	id = ++engine->last_id;
	q = vec_add(&engine->questions);
	q->id = id;
	unlock(engine);
	return id;
}

bool engine_ask(struct engine *engine, struct worker *w,
	const struct event_password *question, struct str *out,
	struct error *err)
{
	struct event ev = {.kind = EVENT_PASSWORD, .u.password = *question};
	char *password;
	bool stopped;

	ev.u.password.id = question_new(engine);
	worker_emit(w, &ev);
	lock(engine);
	while (!engine->stopping &&
		question_open_locked(engine, ev.u.password.id))
		wait_locked(engine);
	stopped = engine->stopping;
	password = question_take_locked(engine, ev.u.password.id);
	unlock(engine);
	if (password != NULL) {
		str_set(out, password);
		mem_free_secret(password);
		return true;
	}
	if (stopped)
		return error_set(err, ERROR_ACCOUNT, ERROR_STOPPED, "stopped");
	return error_set(err, ERROR_ACCOUNT, ERROR_AUTH,
		"repository %s: no password for user '%s' in the configuration "
		"(remotepass, remotepassfile, netrc), and none was typed in",
		question->repository, question->user);
}

/* By the last runner, in its thread. */
static enum exit_status list_folders(const struct engine *engine,
	const struct worker *w)
{
	struct worker main = *w;
	struct mbnames m = {engine->conf, &main, engine->options->dry_run};
	struct error err = {0};

	main.thread = "MainThread";
	main.account = "";
	if (engine->options->mode != RUN_SYNC ||
		engine->conf->mbnames.incremental || mbnames_write(&m, &err))
		return EXIT_STATUS_OK;
	worker_error(&main, &err, 0);
	return jobs_status(OUTCOME_FAILED, err.kind);
}

void engine_runner_done(struct engine *engine, struct worker *w,
	enum exit_status status)
{
	struct event ev = {.kind = EVENT_FINISHED};
	bool last;

	lock(engine);
	engine->status = engine_status_worse(engine->status, status);
	status = engine->status;
	last = --engine->running == 0;
	unlock(engine);
	if (!last)
		return;
	ev.u.finished.exit_status = (int)engine_status_worse(status,
		list_folders(engine, w));
	ev.thread = "MainThread";
	ev.account = "";
	worker_emit(w, &ev);
}

/* An account named twice is run once: the second would meet its lock. */
static bool is_in(const struct vec *accounts, const struct conf_account *a)
{
	for (size_t i = 0; i < accounts->len; i++)
		if (*(const struct conf_account **)vec_at(accounts, i) == a)
			return true;
	return false;
}

static bool fail_unknown(const struct engine *engine, const char *name,
	struct error *err)
{
	const char *why = conf_why_not(engine->conf, name);
	struct str known = {0};

	if (why != NULL)
		return error_set(err, ERROR_FATAL, ERROR_CONFIG, "%s", why);
	for (size_t i = 0; i < engine->conf->account_count; i++)
		str_printf(&known, "%s%s", i == 0 ? "" : ", ",
			engine->conf->account[i].name);
	error_set(err, ERROR_FATAL, ERROR_CONFIG,
		"%s: there is no account '%s'; the accounts are: %s",
		engine->conf->path, name, str_get(&known));
	str_clear(&known);
	return false;
}

/* An approval that is misspelt would approve nothing, in silence. */
static bool check_approvals(const struct engine *engine, struct error *err)
{
	const char *const *text = engine->options->approved;

	for (; text != NULL && *text != NULL; text++) {
		bool known = false;

		for (size_t i = 0; i < engine->conf->account_count; i++)
			known = known || approve_names(*text,
				engine->conf->account[i].name);
		if (!known)
			return fail_unknown(engine, *text, err) ||
				error_add(err, "--approve-deletions");
	}
	return true;
}

/* The accounts to be run, in the order asked for. */
static bool collect_accounts(struct engine *engine, struct vec *out,
	struct error *err)
{
	const char *const *names = engine->options->accounts != NULL ?
		engine->options->accounts : engine->conf->accounts;

	for (; *names != NULL; names++) {
		const struct conf_account *a =
			conf_account(engine->conf, *names);

		if (a == NULL)
			return fail_unknown(engine, *names, err);
		if (!is_in(out, a))
			*(const struct conf_account **)vec_add(out) = a;
	}
	if (!check_approvals(engine, err))
		return false;
	if (out->len == 0)
		return error_set(err, ERROR_FATAL, ERROR_CONFIG,
			"%s: no account to synchronise: set accounts in "
			"[general] or give -a", engine->conf->path);
	return true;
}

static void tell_first(struct engine *engine)
{
	struct worker w;

	engine_worker(engine, "MainThread", "", engine_cell(engine), &w);
	for (const char *const *text = engine->conf->warnings;
		text != NULL && *text != NULL; text++)
		worker_log(&w, EVENT_WARNING, AREA_GENERAL, "%s", *text);
	if (engine->options->debug != 0 && engine->options->single_thread)
		worker_log(&w, EVENT_INFO, AREA_GENERAL,
			"Debug mode: Forcing to singlethreaded.");
}

static void start_accounts(struct engine *engine, const struct vec *accounts)
{
	engine->account = mem_calloc(accounts->len, sizeof(*engine->account));
	lock(engine);
	engine->running = accounts->len;
	unlock(engine);
	for (size_t i = 0; i < accounts->len; i++)
		engine->account[engine->account_count++] = account_start(engine,
			*(const struct conf_account **)vec_at(accounts, i));
}

static struct engine *engine_new(const struct conf *conf,
	const struct run_options *options)
{
	struct engine *engine = mem_calloc(1, sizeof(*engine));
	char *hosts = paths_hosts(conf);

	engine->conf = conf;
	engine->options = options;
	engine->queue = queue_new();
	engine->stop = stop_new();
	engine->questions = (struct vec)VEC(struct question);
	engine->wanted = (struct vec)WANTED_LIST;
	/* What --info tells of two accounts is not to be mixed. */
	engine->places = options->single_thread || options->mode == RUN_INFO ?
		1 : conf->maxsyncaccounts;
	engine->hosts = hosts_new(hosts, engine->places > 1 ?
		(size_t)engine->places - 1 : 0);
	engine->running = 1; /* until the accounts are known */
	mutex_init(&engine->mutex);
	condition_init(&engine->changed);
	free(hosts);
	return engine;
}

struct engine *engine_start(const struct conf *conf,
	const struct run_options *options, struct error *err)
{
	struct vec accounts = VEC(const struct conf_account *);
	struct engine *engine = engine_new(conf, options);

	tell_first(engine);
	if (options->mode == RUN_PRUNE) {
		engine->prune = prune_start(engine);
		return engine;
	}
	if (!collect_accounts(engine, &accounts, err)) {
		engine_free(engine);
		engine = NULL;
	} else {
		start_accounts(engine, &accounts);
	}
	vec_clear(&accounts);
	return engine;
}

int engine_fd(const struct engine *engine)
{
	return queue_fd(engine->queue);
}

struct event *engine_next(struct engine *engine)
{
	return queue_get(engine->queue);
}

static void wake(struct engine *engine, const char *account)
{
	for (size_t i = 0; i < engine->account_count; i++)
		if (account == NULL ||
			strcmp(account, account_name(engine->account[i])) == 0)
			account_wake(engine->account[i]);
}

static void command_stop(struct engine *engine)
{
	lock(engine);
	engine->stopping = true;
	engine->ending = true;
	announce_locked(engine);
	unlock(engine);
	stop_raise(engine->stop);
}

static void command_stop_after(struct engine *engine)
{
	lock(engine);
	engine->ending = true;
	unlock(engine);
	wake(engine, NULL);
}

static void command_password(struct engine *engine,
	const struct command *command)
{
	struct question *q;

	lock(engine);
	q = question_find_locked(engine, command->id);
	if (q != NULL && !q->answered) {
		q->answered = true;
		if (command->password != NULL)
			q->password = mem_strdup(command->password);
		announce_locked(engine);
	}
	unlock(engine);
}

char *engine_first(struct engine *engine, const char *account)
{
	const char *name;
	char *folder;

	lock(engine);
	name = wanted_get(&engine->wanted, account);
	folder = name != NULL ? mem_strdup(name) : NULL;
	unlock(engine);
	return folder;
}

static void command_first(struct engine *engine,
	const struct command *command)
{
	if (command->account == NULL || command->folder == NULL)
		return;
	lock(engine);
	wanted_set(&engine->wanted, command->account, command->folder);
	unlock(engine);
}

void engine_command(struct engine *engine, const struct command *command)
{
	switch (command->kind) {
	case COMMAND_STOP:
		command_stop(engine);
		break;
	case COMMAND_STOP_AFTER:
		command_stop_after(engine);
		break;
	case COMMAND_SYNC_NOW:
		wake(engine, command->account);
		break;
	case COMMAND_PASSWORD:
		command_password(engine, command);
		break;
	case COMMAND_FIRST:
		command_first(engine, command);
		break;
	}
}

void engine_free(struct engine *engine)
{
	if (engine == NULL)
		return;
	command_stop(engine);
	for (size_t i = 0; i < engine->account_count; i++)
		account_free(engine->account[i]);
	free(engine->account);
	prune_free(engine->prune);
	vec_clear(&engine->questions);
	wanted_clear(&engine->wanted);
	hosts_free(engine->hosts);
	queue_free(engine->queue);
	stop_free(engine->stop);
	condition_destroy(&engine->changed);
	mutex_destroy(&engine->mutex);
	free(engine);
}
