#include "config.h"

#include "base/worker.h"
#include "imap/flag.h"
#include "imap/seqset.h"
#include "str.h"
#include "sync/apply.h"
#include "sync/folder.h"
#include "sync/tree.h"

static void report_held(struct apply *a, enum plan_side side)
{
	const struct plan_deletes *d = &a->plan.deletes[side];

	if (d->held == 0)
		return;
	a->held = true;
	worker_emit(a->w, &(struct event){.kind = EVENT_HELD, .u.held = {
		.repository = apply_store(a, side)->repository,
		.count = d->held, .total = a->plan.known,
		.command = a->job->approve_command}});
}

/* What the lists could not prove waits for the next run. */
static void report_deferred(struct apply *a)
{
	uint64_t deletes = a->plan.deletes[PLAN_REMOTE].deferred +
		a->plan.deletes[PLAN_LOCAL].deferred;

	if (deletes + a->plan.deferred == 0)
		return;
	a->partial = true;
	worker_log(a->w, EVENT_WARNING, AREA_GENERAL,
		"folder %s: %s, so %llu deletions and %llu copies wait for the "
		"next run", a->job->pair->visible, !a->now.remote.complete
		? "the server sent less than it announced"
		: !a->now.local.complete ? "the directory changed while it was "
		"read" : "messages were paired by content only now",
		(unsigned long long)deletes,
		(unsigned long long)a->plan.deferred);
}

/* The user did not ask for this side to stand: what changed here was meant to
 * get there. */
static void report_denied(struct apply *a)
{
	uint64_t copies = a->plan.denied[PLAN_REMOTE];
	uint64_t deletes = a->plan.deletes[PLAN_REMOTE].denied;

	if (a->job->readonly_remote || copies + deletes == 0)
		return;
	/* To lose sight of new mail is an error even then. */
	if (a->job->ignore_readonly && copies == 0)
		return;
	a->partial = true;
	worker_log(a->w, EVENT_WARNING, AREA_GENERAL, "folder %s is read-only "
		"on the server, so %llu new messages and %llu deletions were "
		"not carried over", a->job->pair->remote,
		(unsigned long long)copies, (unsigned long long)deletes);
}

/* A server that lists less than it announces may keep new mail from us. */
static void report_incomplete(struct apply *a)
{
	if (a->now.remote.complete)
		return;
	a->partial = true;
	worker_log(a->w, EVENT_WARNING, AREA_GENERAL, "folder %s: the server "
		"announced %lu messages and told of %zu; nothing is deleted "
		"for want of the others", a->job->pair->remote,
		(unsigned long)a->remote_info.exists, a->now.remote.len);
}

void report_plan(struct apply *a)
{
	const struct plan *p = &a->plan;

	worker_emit(a->w, &(struct event){.kind = EVENT_PLAN, .u.plan = {
		.download = p->download.len, .upload = p->upload.len,
		.delete_remote = p->deletes[PLAN_REMOTE].index.len,
		.delete_local = p->deletes[PLAN_LOCAL].index.len,
		.flag_remote = plan_flagged(p, PLAN_REMOTE),
		.flag_local = plan_flagged(p, PLAN_LOCAL),
		.dry_run = a->job->dry_run}});
	report_held(a, PLAN_REMOTE);
	report_held(a, PLAN_LOCAL);
	report_incomplete(a);
	report_deferred(a);
	report_denied(a);
}

void report_direction(struct apply *a, enum plan_side to)
{
	enum plan_side from = to == PLAN_REMOTE ? PLAN_LOCAL : PLAN_REMOTE;

	if (a->direction == (int)to)
		return;
	a->direction = (int)to;
	worker_emit(a->w, &(struct event){.kind = EVENT_DIRECTION, .u.sides = {
		.from_type = store_type_name(apply_store(a, from)),
		.from_folder = apply_folder(a, from),
		.to_type = store_type_name(apply_store(a, to)),
		.to_folder = apply_folder(a, to)}});
}

void report_copy(struct apply *a, enum plan_side to, int64_t uid,
	uint64_t bytes)
{
	enum plan_side from = to == PLAN_REMOTE ? PLAN_LOCAL : PLAN_REMOTE;
	const struct vec *all = to == PLAN_REMOTE ? &a->plan.upload
		: &a->plan.download;

	worker_emit(a->w, &(struct event){.kind = EVENT_COPY, .u.copy = {
		.uid = uid, .index = ++a->copied[to], .count = all->len,
		.from_type = store_type_name(apply_store(a, from)),
		.from_repository = apply_store(a, from)->repository,
		.from_folder = apply_folder(a, from),
		.to_type = store_type_name(apply_store(a, to)),
		.to_repository = apply_store(a, to)->repository,
		.to_folder = apply_folder(a, to),
		.bytes = bytes, .dry_run = a->job->dry_run}});
}

void report_ignored(struct apply *a, enum plan_side to)
{
	enum plan_side from = to == PLAN_REMOTE ? PLAN_LOCAL : PLAN_REMOTE;
	const struct vec *which = &a->plan.ignored[from];
	const struct msglist *list = from == PLAN_REMOTE ? &a->now.remote
		: &a->now.local;

	if (which->len == 0 || (to == PLAN_REMOTE ? a->job->readonly_remote
		: a->job->readonly_local))
		return;
	report_direction(a, to);
	for (size_t i = 0; i < which->len; i++)
		worker_emit(a->w, &(struct event){.kind = EVENT_IGNORED,
			.u.copy = {
			.uid = list->at[*(uint32_t *)vec_at(which, i)].uid,
			.from_type = store_type_name(apply_store(a, from)),
			.from_repository = apply_store(a, from)->repository,
			.from_folder = apply_folder(a, from),
			.to_type = store_type_name(apply_store(a, to)),
			.to_repository = apply_store(a, to)->repository,
			.to_folder = apply_folder(a, to),
			.dry_run = a->job->dry_run}});
}

static void report_change(struct apply *a, enum plan_side side,
	const struct msgset *which, struct event *ev)
{
	struct seqset uids = {0};
	struct str text = {0};

	for (size_t i = 0; i < which->len; i++)
		if (msgset_at(which, i)->uid > 0)
			seqset_add(&uids, msgset_at(which, i)->uid);
	seqset_print(&uids, &text);
	ev->u.change.type = store_type_name(apply_store(a, side));
	ev->u.change.repository = apply_store(a, side)->repository;
	ev->u.change.folder = apply_folder(a, side);
	ev->u.change.uids = str_get(&text);
	ev->u.change.count = which->len;
	ev->u.change.dry_run = a->job->dry_run;
	worker_emit(a->w, ev);
	seqset_clear(&uids);
	str_clear(&text);
}

void report_delete(struct apply *a, enum plan_side side,
	const struct msgset *which)
{
	report_change(a, side, which, &(struct event){.kind = EVENT_DELETE});
}

void report_flags(struct apply *a, enum plan_side side,
	const struct msgset *which, uint32_t flags, bool add)
{
	struct event ev = {.kind = EVENT_FLAGS};
	struct str letters = {0};

	if (flags == 0)
		return;
	flag_letters(flags, &letters);
	ev.u.change.flags = str_get(&letters);
	ev.u.change.add = add;
	report_change(a, side, which, &ev);
	str_clear(&letters);
}

void report_problem(struct apply *a, const struct error *err, int64_t uid)
{
	struct error told = *err;

	told.severity = ERROR_MESSAGE;
	a->partial = true;
	a->result->why = err->kind;
	worker_error(a->w, &told, uid);
}
