#include "config.h"

#include "run/assist.h"

#include <stdlib.h>

#include "base/vec.h"
#include "base/worker.h"
#include "mail/store.h"
#include "mem.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "run/member.h"
#include "sync/help.h"
#include "sync/slices.h"
#include "sync/tree.h"

static bool open_stores(const struct member_round *round, struct worker *w,
	struct store **remote, struct store **local, struct error *err)
{
	const struct connector *c = round->connector;

	if (*local == NULL)
		*local = connector_store_again(c, CONNECTOR_LOCAL, w, NULL,
			err);
	if (*local != NULL && *remote == NULL)
		*remote = connector_store_again(c, CONNECTOR_REMOTE, w, NULL,
			err);
	return *local != NULL && *remote != NULL;
}

static void leave(struct slices *s)
{
	const struct vec none = VEC(uint32_t);

	slices_leave(s, &none);
}

static void run_named(struct slices *s, struct worker *w,
	struct store **remote, struct store *local, struct error *err)
{
	const struct tree_pair *pair = slices_get(s)->pair;
	char *thread = mem_printf("Folder %s [acc: %s], worker %u",
		pair->remote, w->account, w->cell);
	char *visible = mem_strdup(pair->visible);
	const char *own_thread = w->thread;

	w->thread = thread;
	w->folder = visible;
	worker_emit(w, &(struct event){.kind = EVENT_THREAD_START});
	worker_log(w, EVENT_DEBUG, AREA_THREAD, "worker %u helps with folder "
		"%s", w->cell, visible);
	if (!help_run(s, *remote, local, w, err)) {
		store_close(*remote);
		*remote = NULL;
	}
	worker_emit(w, &(struct event){.kind = EVENT_THREAD_END});
	w->thread = own_thread;
	w->folder = "";
	free(visible);
	free(thread);
}

/* Whoever meets an error leaves the rest to the owner, who tells of it where
 * it meets it too. */
static bool help_with(const struct member_round *round, struct slices *s,
	struct worker *w, struct store **remote, struct store **local)
{
	struct error err = {0};

	if (open_stores(round, w, remote, local, &err))
		run_named(s, w, remote, *local, &err);
	else
		leave(s);
	if (err.severity == ERROR_NONE)
		return true;
	if (err.kind != ERROR_STOPPED)
		worker_log(w, EVENT_NOTICE, AREA_GENERAL,
			"going on with fewer connections: %s", err.text);
	return false;
}

static struct slices *join(const struct member_round *round,
	const struct worker *w)
{
	char *first = engine_first(round->connector->engine, w->account);
	struct slices *s = slices_join(round->share, first);

	free(first);
	return s;
}

void assist_work(const struct member_round *round, struct worker *w,
	struct store **remote, struct store **local, bool willing)
{
	struct slices *s;

	if (round->share == NULL)
		return;
	share_leave(round->share);
	while (willing && !worker_stopped(w) &&
		(s = join(round, w)) != NULL)
		willing = help_with(round, s, w, remote, local);
}
