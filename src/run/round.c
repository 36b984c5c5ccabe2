#include "config.h"

#include "run/round.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/worker.h"
#include "conf/conf.h"
#include "mail/store.h"
#include "mem.h"
#include "run/approve.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "run/ignore.h"
#include "run/mbnames.h"
#include "run/member.h"
#include "run/memory.h"
#include "run/naming.h"
#include "run/order.h"
#include "run/paths.h"
#include "run/renames.h"
#include "sync/folder.h"
#include "sync/plan.h"
#include "sync/slices.h"
#include "sync/tree.h"

struct round {
	struct connector *connector;
	const struct conf_account *account;
	const struct run_options *options;
	struct worker *w;
	struct paths paths;
	struct store *remote, *local;
	struct naming naming;
	const struct vec *pairs; /* of struct tree_pair; of naming's tree */
	bool *left_out;          /* by index of pairs */
	bool *idle;              /* the same, and those with nothing new */
	const char *only;        /* the one folder wanted; NULL: all */
	struct ignore ignored;
	struct memory memory;
	bool troubles; /* something asked for was left out */
	bool held;     /* the account waits for approval */
};

static void progress(struct round *r, enum event_phase phase)
{
	struct event_progress p = {.phase = phase};

	worker_progress(r->w, &p);
}

/* root NULL: the local side is a server.
 * A Maildir that is gone although it was synchronised before is more likely a
 * disk that is not mounted than a wish (N1). */
static bool guard_root(struct round *r, bool has_folders,
	struct jobs_result *out, struct error *err)
{
	const char *root = r->account->local->localfolders;
	char *command;

	if (root == NULL || has_folders ||
		(!folder_any_state(r->paths.state) &&
		!folder_any_legacy(r->paths.state, r->paths.legacy)) ||
		approve_given(r->options, r->account->name, NULL))
		return true;
	command = approve_command(r->options, r->account->name, NULL);
	r->held = true;
	out->outcome = OUTCOME_HELD;
	out->status = EXIT_STATUS_HELD;
	error_set(err, ERROR_ACCOUNT, ERROR_OTHER,
		"no folder is left in %s, though it was synchronised before; "
		"is a disk not mounted?  Nothing was changed.  To download "
		"everything again: %s", root, command);
	free(command);
	return false;
}

static bool open_stores(struct round *r, struct jobs_result *out,
	struct error *err)
{
	const char *root = r->account->local->localfolders;

	if (!guard_root(r, root != NULL && file_is_dir(root), out, err))
		return false;
	memory_begin(&r->memory);
	progress(r, PHASE_CONNECTING);
	r->local = connector_store(r->connector, CONNECTOR_LOCAL, r->w, err);
	if (r->local == NULL)
		return false;
	r->remote = connector_store(r->connector, CONNECTOR_REMOTE, r->w, err);
	if (r->remote != NULL)
		memory_server(&r->memory, r->remote);
	return r->remote != NULL;
}

static bool list_folders(struct round *r, struct jobs_result *out,
	struct error *err)
{
	progress(r, PHASE_LISTING);
	if (!naming_list(&r->naming, r->remote, r->local, err)) {
		error_raise(err, ERROR_ACCOUNT);
		return error_add(err, "listing the folders");
	}
	return guard_root(r, r->naming.local.listed > 0, out, err);
}

static void tell_folders(struct round *r)
{
	struct event ev = {.kind = EVENT_FOLDER_FOUND};

	for (size_t i = 0; i < r->pairs->len; i++) {
		const struct tree_pair *pair = vec_at(r->pairs, i);

		ev.folder = pair->visible;
		worker_emit(r->w, &ev);
	}
}

static void tell_problems(struct round *r, const struct vec *problems)
{
	for (size_t i = 0; i < problems->len; i++) {
		const struct tree_problem *problem = vec_at(problems, i);
		struct error err = {0};

		if (problem->warning) {
			worker_log(r->w, EVENT_WARNING, AREA_GENERAL, "%s",
				problem->text);
			continue;
		}
		error_set(&err, ERROR_FOLDER, ERROR_OTHER, "%s",
			problem->text);
		worker_error(r->w, &err, 0);
		r->troubles = true;
	}
}

/* A folder that is watched and that the rules leave out stays as it is. */
static void leave_out_others(struct round *r)
{
	bool found = false;

	if (r->only == NULL)
		return;
	for (size_t i = 0; i < r->pairs->len; i++) {
		const struct tree_pair *pair = vec_at(r->pairs, i);

		r->left_out[i] = strcmp(pair->remote, r->only) != 0;
		found |= !r->left_out[i];
	}
	if (!found)
		worker_log(r->w, EVENT_WARNING, AREA_GENERAL, "idlefolders: "
			"'%s' is no folder that is synchronised", r->only);
}

static bool make_pairs(struct round *r, struct jobs_result *out,
	struct error *err)
{
	return list_folders(r, out, err) && naming_run(&r->naming, err) &&
		naming_check(&r->naming, err);
}

/* What was renamed has other names now, on one side. */
static bool carry_renames(struct round *r, struct jobs_result *out,
	struct error *err)
{
	bool changed;

	if (!renames_run(&r->memory, &r->naming, &changed, err))
		return error_raise(err, ERROR_ACCOUNT);
	if (!changed)
		return true;
	naming_clear(&r->naming);
	naming_init(&r->naming, r->connector, r->w);
	return make_pairs(r, out, err);
}

static bool build_tree(struct round *r, struct error *err)
{
	const struct naming_side *remote = &r->naming.remote;
	const struct naming_side *local = &r->naming.local;

	tell_problems(r, &r->naming.tree.problems);
	r->left_out = mem_calloc(r->pairs->len + 1, sizeof(*r->left_out));
	if (r->pairs->len == 0)
		return error_set(err, ERROR_ACCOUNT, ERROR_OTHER,
			"no folder to synchronise: %s and %s have none in "
			"common%s", remote->repo->name, local->repo->name,
			remote->may_create && local->may_create ? "" :
			", and readonly or createfolders forbids to make one");
	tell_folders(r);
	leave_out_others(r);
	return true;
}

static bool ask_ignored(struct round *r, struct error *err)
{
	const char separator[2] = {
		[PLAN_REMOTE] = r->remote->ops->separator(r->remote),
		[PLAN_LOCAL] = r->local->ops->separator(r->local)};

	return ignore_find(&r->ignored, r->account, r->pairs, separator,
		r->connector->python, err);
}

static bool create_on(struct round *r, struct store *store, const char *name,
	const struct tree_pair *pair, struct error *err)
{
	struct event ev = {.kind = EVENT_FOLDER_CREATE,
		.folder = pair->visible};
	struct folder_job job = {
		.pair = pair,
		.state_dir = r->paths.state,
		.legacy_dir = r->paths.legacy,
		.remote_validity_dir = r->paths.remote_validity,
		.local_validity_dir = r->paths.local_validity,
	};

	ev.u.create.name = name;
	ev.u.create.repository = store->repository;
	ev.u.create.dry_run = r->options->dry_run;
	worker_emit(r->w, &ev);
	if (r->options->dry_run)
		return true;
	return folder_forget(&job, err) && store->ops->create(store, name, err);
}

/* One folder that cannot be created is left out; a lost connection ends the
 * account. */
static bool create_folders(struct round *r, struct error *err)
{
	for (size_t i = 0; i < r->pairs->len && !worker_stopped(r->w); i++) {
		const struct tree_pair *pair = vec_at(r->pairs, i);
		bool good = true;

		if (r->left_out[i])
			continue;
		if (pair->create_local)
			good = create_on(r, r->local, pair->local, pair, err);
		if (good && pair->create_remote)
			good = create_on(r, r->remote, pair->remote, pair, err);
		if (good)
			continue;
		error_add(err, "creating folder %s", pair->visible);
		if (err->severity == ERROR_FOLDER_RETRY ||
			err->severity >= ERROR_ACCOUNT)
			return error_raise(err, ERROR_ACCOUNT);
		worker_error(r->w, err, 0);
		error_clear(err);
		r->left_out[i] = true;
		r->troubles = true;
	}
	return true;
}

/* Nothing of these is opened, and they are done. */
static void pass_unchanged(struct round *r, struct jobs *jobs)
{
	static const struct folder_result nothing = {.outcome = OUTCOME_OK};

	r->idle = mem_calloc(r->pairs->len + 1, sizeof(*r->idle));
	for (size_t i = 0; i < r->pairs->len; i++) {
		r->idle[i] = r->left_out[i] || r->memory.pair[i].same;
		if (r->left_out[i] || !r->memory.pair[i].same)
			continue;
		unchanged_tell(&r->memory, i, r->remote, r->local);
		jobs_report(jobs, i, &nothing);
	}
}

static void tell_structure(struct round *r)
{
	struct event ev = {.kind = EVENT_STRUCTURE};

	ev.u.sides.from_type = store_type_name(r->remote);
	ev.u.sides.to_type = store_type_name(r->local);
	worker_emit(r->w, &ev);
}

static size_t wanted(const struct round *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->pairs->len; i++)
		n += r->left_out[i] ? 0 : 1;
	return n;
}

static size_t busy(const struct round *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->pairs->len; i++)
		n += r->idle[i] ? 0 : 1;
	return n;
}

/* Slices of big folders go to directories only: between two servers a message
 * is announced before it is sent, by one who knows all of them. */
static bool may_share(const struct round *r)
{
	return !connector_is_server(r->connector, CONNECTOR_LOCAL) &&
		!r->options->single_thread && !r->options->dry_run;
}

static size_t extra_members(struct round *r)
{
	size_t limit = (size_t)r->account->remote->maxconnections;
	size_t jobs = busy(r);

	if (connector_is_server(r->connector, CONNECTOR_LOCAL) &&
		(size_t)r->account->local->maxconnections < limit)
		limit = (size_t)r->account->local->maxconnections;
	if (r->options->single_thread || limit <= 1 || jobs == 0 ||
		unchanged_few(&r->memory, r->left_out))
		return 0;
	if (jobs < limit && !may_share(r))
		limit = jobs;
	return connector_room(r->connector, limit) - 1;
}

static void work(struct round *r, struct jobs *jobs, bool quick)
{
	struct member_round shared = {
		.connector = r->connector,
		.paths = &r->paths,
		.pairs = r->pairs,
		.left_out = r->idle,
		.memory = &r->memory,
		.ignored = &r->ignored,
		.jobs = jobs,
		.quick = quick,
	};
	size_t count = extra_members(r), jobs_there = busy(r);
	struct member **extra = mem_calloc(count + 1, sizeof(struct member *));

	shared.members = count < jobs_there ? count + 1 : jobs_there;
	if (count > 0 && may_share(r))
		shared.share = share_new();
	/* before anyone can be done */
	for (size_t i = 0; shared.share && i < count + 1; i++)
		share_enter(shared.share);
	for (size_t i = 0; i < count; i++)
		extra[i] = member_start(&shared, r->w, i,
			i + 1 >= jobs_there);
	member_work(&shared, r->w, &r->remote, &r->local);
	for (size_t i = 0; i < count; i++)
		member_join(extra[i], r->w);
	share_free(shared.share);
	free(extra);
}

static void sum_up(struct round *r, struct jobs_result *out)
{
	enum event_outcome outcome = OUTCOME_OK;

	if (r->troubles)
		outcome = OUTCOME_PARTIAL;
	if (out->done < wanted(r))
		outcome = worker_stopped(r->w) ? OUTCOME_INTERRUPTED :
			OUTCOME_FAILED;
	if (outcome > out->outcome)
		out->outcome = outcome;
	out->status = engine_status_worse(out->status,
		jobs_status(outcome, ERROR_NETWORK));
}

static void folders(struct round *r, bool quick, struct jobs_result *out)
{
	struct jobs *jobs = jobs_new(r->pairs->len);

	tell_structure(r);
	unchanged_find(&r->memory, r->left_out, r->local);
	pass_unchanged(r, jobs);
	if (r->account->remote->foldersort.text == NULL)
		jobs_order(jobs, order_pairs(r->pairs, &r->memory));
	if (busy(r) > 0)
		work(r, jobs, quick);
	jobs_get(jobs, out);
	sum_up(r, out);
	memory_end(&r->memory, jobs, r->local);
	jobs_free(jobs);
}

/* The local folders that are there, for the mailbox list. */
static void list_names(struct round *r, struct jobs_result *out)
{
	struct mbnames m = {engine_conf(r->connector->engine), r->w,
		r->options->dry_run};
	struct vec names = VEC(char *);
	struct error err = {0};

	for (size_t i = 0; i < r->pairs->len; i++) {
		const struct tree_pair *pair = vec_at(r->pairs, i);

		if (!r->left_out[i] || !pair->create_local)
			*(char **)vec_add(&names) = mem_strdup(pair->local);
	}
	if (!mbnames_account(&m, r->account, &names,
		r->options->folders != NULL, &err)) {
		worker_error(r->w, &err, 0);
		out->status = engine_status_worse(out->status,
			jobs_status(OUTCOME_FAILED, err.kind));
	}
	vec_clear_pointers(&names);
}

static void round_clear(struct round *r)
{
	connector_release(r->connector, CONNECTOR_REMOTE, r->w, r->remote);
	connector_release(r->connector, CONNECTOR_LOCAL, r->w, r->local);
	naming_clear(&r->naming);
	free(r->left_out);
	free(r->idle);
	ignore_clear(&r->ignored);
	memory_clear(&r->memory);
	paths_clear(&r->paths);
}

bool round_run(struct connector *connector, struct worker *w,
	const struct round_wish *wish, struct jobs_result *out,
	struct error *err)
{
	const struct conf *conf = engine_conf(connector->engine);
	struct round r = {
		.connector = connector,
		.account = connector->account,
		.options = engine_options(connector->engine),
		.w = w,
		.only = wish->only,
	};
	bool good;

	naming_init(&r.naming, connector, w);
	r.pairs = &r.naming.tree.pairs;
	paths_init(&r.paths, conf, r.account);
	r.memory = (struct memory){
		.connector = connector,
		.paths = &r.paths,
		.w = w,
		.pairs = r.pairs,
		.ignored = &r.ignored,
		.quick = wish->quick,
		.whole = wish->only == NULL && r.options->folders == NULL,
	};
	good = (r.options->dry_run || paths_make(&r.paths, conf, err)) &&
		open_stores(&r, out, err) &&
		make_pairs(&r, out, err) && carry_renames(&r, out, err) &&
		build_tree(&r, err) && ask_ignored(&r, err) &&
		create_folders(&r, err);
	if (good) {
		folders(&r, wish->quick, out);
		if (wish->only == NULL)
			list_names(&r, out);
	} else if (r.held) {
		worker_error(w, err, 0);
	}
	if (!r.options->dry_run)
		connector_remember(connector, w);
	round_clear(&r);
	return good || r.held;
}
