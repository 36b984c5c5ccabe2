#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mutex.h"
#include "base/queue.h"
#include "base/vec.h"
#include "event.h"
#include "mem.h"

struct fact {
	struct fact *next;
	struct event *ev;
};

struct queue {
	int pipe[2]; /* holds one byte exactly while something is unread */
	pthread_mutex_t mutex;
	/* Guarded by mutex: */
	struct fact *first, **end;
	struct vec cells; /* of struct event *, NULL: nothing new */
	size_t unread;    /* facts and cells */
	size_t turn;      /* the cell to be looked at first */
};

static void lock(struct queue *q)
{
	mutex_lock(&q->mutex);
}

static void unlock(struct queue *q)
{
	mutex_unlock(&q->mutex);
}

struct queue *queue_new(void)
{
	struct queue *q = mem_calloc(1, sizeof(*q));

	if (!file_pipe(q->pipe))
		mem_die("no pipe for the event queue");
	mutex_init(&q->mutex);
	q->end = &q->first;
	q->cells.size = sizeof(struct event *);
	return q;
}

void queue_free(struct queue *q)
{
	struct event *ev;

	if (!q)
		return;
	while ((ev = queue_get(q)))
		event_free(ev);
	vec_clear(&q->cells);
	mutex_destroy(&q->mutex);
	close(q->pipe[0]);
	close(q->pipe[1]);
	free(q);
}

/* One byte at most is in the pipe, so neither of these waits. */
static void count_up_locked(struct queue *q)
{
	if (q->unread++ > 0)
		return;
	while (write(q->pipe[1], "", 1) < 0)
		if (errno != EINTR)
			mem_die("waking the main thread");
}

static void count_down_locked(struct queue *q)
{
	char byte;

	if (--q->unread > 0)
		return;
	while (read(q->pipe[0], &byte, 1) < 0)
		if (errno != EINTR)
			mem_die("reading the wake-up pipe");
}

static struct event **cell_locked(struct queue *q, size_t number)
{
	return vec_at(&q->cells, number);
}

unsigned queue_cell_new(struct queue *q)
{
	unsigned number;

	lock(q);
	number = (unsigned)q->cells.len;
	vec_add(&q->cells);
	unlock(q);
	return number;
}

void queue_put(struct queue *q, struct event *ev)
{
	struct fact *fact = mem_alloc(sizeof(*fact));

	fact->next = NULL;
	fact->ev = ev;
	lock(q);
	*q->end = fact;
	q->end = &fact->next;
	count_up_locked(q);
	unlock(q);
}

void queue_put_progress(struct queue *q, struct event *ev)
{
	struct event **cell, *old;

	lock(q);
	cell = cell_locked(q, ev->cell);
	old = *cell;
	*cell = ev;
	if (!old)
		count_up_locked(q);
	unlock(q);
	event_free(old);
}

static struct event *take_fact_locked(struct queue *q)
{
	struct fact *fact = q->first;
	struct event *ev = fact->ev;

	q->first = fact->next;
	if (!q->first)
		q->end = &q->first;
	free(fact);
	return ev;
}

/* Round robin, so that a busy worker does not hide the others. */
static struct event *take_progress_locked(struct queue *q)
{
	for (size_t i = 0; i < q->cells.len; i++) {
		size_t number = (q->turn + i) % q->cells.len;
		struct event **cell = cell_locked(q, number);
		struct event *ev = *cell;

		if (!ev)
			continue;
		*cell = NULL;
		q->turn = number + 1;
		return ev;
	}
	return NULL;
}

struct event *queue_get(struct queue *q)
{
	struct event *ev;

	lock(q);
	ev = q->first ? take_fact_locked(q) : take_progress_locked(q);
	if (ev)
		count_down_locked(q);
	unlock(q);
	return ev;
}

int queue_fd(const struct queue *q)
{
	return q->pipe[0];
}
