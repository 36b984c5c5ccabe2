#include "config.h"

#include "run/jobs.h"

#include <stdlib.h>

#include "base/mutex.h"
#include "base/vec.h"
#include "mem.h"
#include "run/engine_core.h"

struct jobs {
	pthread_mutex_t mutex;
	/* guarded by mutex */
	size_t next, count; /* places; all before next are taken */
	bool *taken;
	size_t *order;      /* in which they are taken; NULL: as they are */
	size_t left;        /* not taken */
	struct jobs_result result;
	struct vec done; /* of struct jobs_done */
};

static void lock(struct jobs *jobs)
{
	mutex_lock(&jobs->mutex);
}

static void unlock(struct jobs *jobs)
{
	mutex_unlock(&jobs->mutex);
}

struct jobs *jobs_new(size_t count)
{
	struct jobs *jobs = mem_calloc(1, sizeof(*jobs));

	mutex_init(&jobs->mutex);
	jobs->done = (struct vec)VEC(struct jobs_done);
	jobs->count = jobs->left = count;
	jobs->taken = mem_calloc(count + 1, sizeof(*jobs->taken));
	return jobs;
}

void jobs_free(struct jobs *jobs)
{
	if (jobs == NULL)
		return;
	mutex_destroy(&jobs->mutex);
	vec_clear(&jobs->done);
	free(jobs->taken);
	free(jobs->order);
	free(jobs);
}

void jobs_order(struct jobs *jobs, size_t *order)
{
	lock(jobs);
	free(jobs->order);
	jobs->order = order;
	unlock(jobs);
}

static size_t at_locked(const struct jobs *jobs, size_t place)
{
	return jobs->order ? jobs->order[place] : place;
}

bool jobs_take(struct jobs *jobs, size_t first, size_t *index)
{
	bool got;

	lock(jobs);
	while (jobs->next < jobs->count &&
		jobs->taken[at_locked(jobs, jobs->next)])
		jobs->next++;
	got = jobs->next < jobs->count;
	if (got) {
		*index = first < jobs->count && !jobs->taken[first] ? first
			: at_locked(jobs, jobs->next);
		jobs->taken[*index] = true;
		jobs->left--;
	}
	unlock(jobs);
	return got;
}

size_t jobs_left(struct jobs *jobs)
{
	size_t left;

	lock(jobs);
	left = jobs->left;
	unlock(jobs);
	return left;
}

void jobs_close(struct jobs *jobs)
{
	lock(jobs);
	jobs->next = jobs->count;
	jobs->left = 0;
	unlock(jobs);
}

static enum exit_status failed_status(enum error_kind why)
{
	switch (why) {
	case ERROR_AUTH:
		return EXIT_STATUS_AUTH;
	case ERROR_NETWORK:
		return EXIT_STATUS_NETWORK;
	case ERROR_CONFIG:
		return EXIT_STATUS_CONFIG;
	case ERROR_LOCKED:
		return EXIT_STATUS_LOCKED;
	case ERROR_STOPPED:
		return EXIT_STATUS_INTERRUPTED;
	case ERROR_OTHER:
	case ERROR_GONE:
	case ERROR_READONLY:
	case ERROR_REFUSED:
		return EXIT_STATUS_ERROR;
	}
	return EXIT_STATUS_ERROR;
}

enum exit_status jobs_status(enum event_outcome outcome, enum error_kind why)
{
	switch (outcome) {
	case OUTCOME_OK:
	case OUTCOME_SKIPPED:
		return EXIT_STATUS_OK;
	case OUTCOME_HELD:
		return EXIT_STATUS_HELD;
	case OUTCOME_PARTIAL:
		return EXIT_STATUS_PARTIAL;
	case OUTCOME_INTERRUPTED:
		return EXIT_STATUS_INTERRUPTED;
	case OUTCOME_FAILED:
		return failed_status(why);
	}
	return EXIT_STATUS_ERROR;
}

void jobs_report(struct jobs *jobs, size_t index,
	const struct folder_result *result)
{
	struct jobs_result *sum = &jobs->result;

	lock(jobs);
	*(struct jobs_done *)vec_add(&jobs->done) =
		(struct jobs_done){index, *result};
	sum->done++;
	if (result->outcome > sum->outcome)
		sum->outcome = result->outcome;
	sum->status = engine_status_worse(sum->status,
		jobs_status(result->outcome, result->why));
	sum->downloaded += result->downloaded;
	sum->uploaded += result->uploaded;
	sum->deleted += result->deleted;
	sum->flagged += result->flagged;
	sum->new_remote |= result->new_remote;
	sum->new_local |= result->new_local;
	unlock(jobs);
}

const struct jobs_done *jobs_done(const struct jobs *jobs, size_t n)
{
	return n < jobs->done.len ? vec_at(&jobs->done, n) : NULL;
}

void jobs_get(struct jobs *jobs, struct jobs_result *out)
{
	lock(jobs);
	*out = jobs->result;
	unlock(jobs);
}
