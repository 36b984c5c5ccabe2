/*
 * The folder pairs of one round, taken one by one by the workers of an
 * account.  The mutex lives here.  Made and freed by the account's runner.
 */
#ifndef RUN_JOBS_H
#define RUN_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine.h"
#include "event.h"
#include "sync/folder.h"

struct jobs;

/* What the workers achieved together. */
struct jobs_result {
	enum event_outcome outcome; /* the worst */
	enum exit_status status;
	size_t done;                /* jobs that ended, in whatever way */
	uint64_t downloaded, uploaded, deleted, flagged;
	bool new_remote, new_local; /* of any folder */
};

/* One that ended. */
struct jobs_done {
	size_t index; /* of the folder pair */
	struct folder_result result;
};

struct jobs *jobs_new(size_t count);
void jobs_free(struct jobs *jobs);
/* They are taken in this order from now on, which is of all indexes; taken. */
void jobs_order(struct jobs *jobs, size_t *order);
/* The index of the next job; false: none left, or closed.  first: the one that
 * is wanted before all others, if it is there; JOBS_ANY: none is. */
#define JOBS_ANY SIZE_MAX
bool jobs_take(struct jobs *jobs, size_t first, size_t *index);
/* How many nobody has taken yet. */
size_t jobs_left(struct jobs *jobs);
/* Nobody takes another one. */
void jobs_close(struct jobs *jobs);
/* Adds the result of one job. */
void jobs_report(struct jobs *jobs, size_t index,
	const struct folder_result *result);
/* The nth that ended, lent; NULL: there were fewer.  When no worker is left. */
const struct jobs_done *jobs_done(const struct jobs *jobs, size_t n);
void jobs_get(struct jobs *jobs, struct jobs_result *out);

/* The exit status that stands for an outcome with this reason. */
enum exit_status jobs_status(enum event_outcome outcome, enum error_kind why);

#endif
