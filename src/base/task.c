#include "config.h"

#include "base/task.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/mutex.h"
#include "mem.h"

/* Deep enough for SQLite and for a sanitizer's larger frames; what is not
 * used costs addresses only. */
#define STACK_SIZE ((size_t)1024 * 1024)

struct task {
	void (*run)(void *arg);
	void *arg;
	bool begun; /* of who resumes: there is a thread */
	pthread_t id;
	pthread_mutex_t mutex;
	pthread_cond_t turned;
	/* guarded by mutex */
	bool running; /* whose turn it is */
	bool ended;
};

static void check(int error, const char *what)
{
	if (error != 0)
		mem_die(what);
}

static void lock(struct task *t)
{
	mutex_lock(&t->mutex);
}

static void unlock(struct task *t)
{
	mutex_unlock(&t->mutex);
}

static void give_turn_locked(struct task *t, bool running)
{
	t->running = running;
	condition_announce(&t->turned);
}

static void await_turn_locked(struct task *t, bool running)
{
	while (t->running != running)
		condition_wait(&t->turned, &t->mutex);
}

struct task *task_new(void (*run)(void *arg), void *arg)
{
	struct task *t = mem_calloc(1, sizeof(*t));

	t->run = run;
	t->arg = arg;
	mutex_init(&t->mutex);
	condition_init(&t->turned);
	return t;
}

static void *begin(void *arg)
{
	struct task *t = arg;

	t->run(t->arg);
	lock(t);
	t->ended = true;
	give_turn_locked(t, false);
	unlock(t);
	return NULL;
}

/* As thread_start does: blocked before, so that no signal comes between. */
static void start(struct task *t)
{
	pthread_attr_t attr;
	sigset_t all, before;

	sigfillset(&all);
	check(pthread_attr_init(&attr), "a task's attributes");
	check(pthread_attr_setstacksize(&attr, STACK_SIZE), "a task's stack");
	check(pthread_sigmask(SIG_SETMASK, &all, &before), "blocking signals");
	check(pthread_create(&t->id, &attr, begin, t),
		"no task can be started");
	check(pthread_sigmask(SIG_SETMASK, &before, NULL),
		"unblocking signals");
	check(pthread_attr_destroy(&attr), "a task's attributes");
	t->begun = true;
}

bool task_resume(struct task *t)
{
	bool ended;

	lock(t);
	if (!t->ended) {
		give_turn_locked(t, true);
		if (!t->begun)
			start(t);
		await_turn_locked(t, false);
	}
	ended = t->ended;
	unlock(t);
	return !ended;
}

void task_pause(struct task *t)
{
	lock(t);
	give_turn_locked(t, false);
	await_turn_locked(t, true);
	unlock(t);
}

void task_free(struct task *t)
{
	if (!t)
		return;
	if (t->begun)
		check(pthread_join(t->id, NULL), "waiting for a task's end");
	mutex_destroy(&t->mutex);
	condition_destroy(&t->turned);
	free(t);
}
