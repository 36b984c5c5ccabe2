#include "config.h"

#include "run/prune.h"

#include <stdlib.h>

#include "base/thread.h"
#include "mem.h"
#include "run/engine_core.h"
#include "run/jobs.h"
#include "run/mbnames.h"

struct prune {
	struct engine *engine;
	struct worker w;
	struct thread *thread;
};

static void *run(void *arg)
{
	struct prune *p = arg;
	struct mbnames m = {engine_conf(p->engine), &p->w,
		engine_options(p->engine)->dry_run};
	enum exit_status status = EXIT_STATUS_OK;
	struct error err = {0};

	if (!mbnames_prune(&m, &err)) {
		worker_error(&p->w, &err, 0);
		status = jobs_status(OUTCOME_FAILED, err.kind);
	}
	engine_runner_done(p->engine, &p->w, status);
	return NULL;
}

struct prune *prune_start(struct engine *engine)
{
	struct prune *p = mem_calloc(1, sizeof(*p));

	p->engine = engine;
	engine_worker(engine, "MainThread", "", engine_cell(engine), &p->w);
	p->thread = thread_start(run, p);
	return p;
}

void prune_free(struct prune *prune)
{
	if (prune == NULL)
		return;
	thread_join(prune->thread);
	free(prune);
}
