#include "config.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mutex.h"
#include "base/thread.h"
#include "mem.h"

struct thread {
	pthread_t id;
};

struct stop {
	int read_fd;
	pthread_mutex_t mutex;
	int write_fd; /* guarded by mutex; -1: raised */
};

static void check(int error, const char *what)
{
	if (error != 0)
		mem_die(what);
}

struct thread *thread_start(void *(*run)(void *arg), void *arg)
{
	struct thread *thread = mem_alloc(sizeof(*thread));
	sigset_t all, before;

	/* A thread inherits the mask: block before, so that no signal comes
	 * between its start and its first line. */
	sigfillset(&all);
	check(pthread_sigmask(SIG_SETMASK, &all, &before), "blocking signals");
	check(pthread_create(&thread->id, NULL, run, arg),
		"no thread can be started");
	check(pthread_sigmask(SIG_SETMASK, &before, NULL),
		"unblocking signals");
	return thread;
}

void *thread_join(struct thread *thread)
{
	void *result;

	check(pthread_join(thread->id, &result), "waiting for a thread");
	free(thread);
	return result;
}

struct stop *stop_new(void)
{
	struct stop *stop = mem_calloc(1, sizeof(*stop));
	int fds[2];

	if (!file_pipe(fds))
		mem_die("no pipe for stopping");
	mutex_init(&stop->mutex);
	stop->read_fd = fds[0];
	stop->write_fd = fds[1];
	return stop;
}

void stop_free(struct stop *stop)
{
	if (!stop)
		return;
	stop_raise(stop);
	mutex_destroy(&stop->mutex);
	close(stop->read_fd);
	free(stop);
}

void stop_raise(struct stop *stop)
{
	mutex_lock(&stop->mutex);
	file_close(&stop->write_fd);
	mutex_unlock(&stop->mutex);
}

bool stop_raised(const struct stop *stop)
{
	struct pollfd pfd = {.fd = stop->read_fd, .events = POLLIN};

	return poll(&pfd, 1, 0) > 0;
}

int stop_fd(const struct stop *stop)
{
	return stop->read_fd;
}
