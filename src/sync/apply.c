#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "imap/flag.h"
#include "mem.h"
#include "sync/apply.h"
#include "sync/folder.h"
#include "sync/state.h"
#include "sync/tree.h"

/* Messages deleted with one transaction; of a server in one flight. */
#define CHANGE_BATCH 2000

void apply_lists_clear(struct apply_lists *lists)
{
	msglist_clear(&lists->rows);
	msglist_clear(&lists->remote);
	msglist_clear(&lists->local);
}

struct store *apply_store(const struct apply *a, enum plan_side side)
{
	return side == PLAN_REMOTE ? a->remote : a->local;
}

bool apply_other_folder(const struct apply *a)
{
	return a->folder && strcmp(a->folder, a->job->pair->remote) != 0;
}

uint32_t apply_shared(const struct apply *a)
{
	return FLAG_IMAP_ALL | a->remote->letters | a->local->letters;
}

const char *apply_folder(const struct apply *a, enum plan_side side)
{
	return side == PLAN_REMOTE ? a->job->pair->remote
		: a->job->pair->local;
}

static void report_list(struct apply *a, enum event_kind kind,
	enum plan_side side, uint64_t count)
{
	if (a->planned)
		return;
	worker_emit(a->w, &(struct event){.kind = kind, .u.list = {
		.type = store_type_name(apply_store(a, side)),
		.name = apply_folder(a, side), .count = count,
		.visible = side == PLAN_LOCAL ? a->job->pair->hash_name
			: a->job->pair->remote_visible}});
}

/* The numbers belong to the list that was read with them. */
static void note_remote(struct apply *a, const struct msglist *list)
{
	a->result->distrust |= a->remote_info.distrust;
	if (list != &a->now.remote)
		return;
	a->modseq = a->remote_info.modseq;
	a->shortcut = a->remote_info.shortcut;
}

bool apply_load(struct apply *a, enum plan_side side, struct msglist *out,
	struct error *err)
{
	struct store *store = apply_store(a, side);
	struct folder_info *info = side == PLAN_REMOTE ? &a->remote_info
		: &a->local_info;
	bool readonly = a->job->dry_run ||
		(side == PLAN_REMOTE && a->job->readonly_remote);
	uint32_t before = info->uidvalidity;
	const struct store_known known = {&a->now.rows, a->local_saved,
		a->job->pair->local_base};
	bool ok;

	msglist_clear(out);
	store->known = side == PLAN_LOCAL ? &known : NULL;
	store->visible = side == PLAN_LOCAL ? a->job->pair->hash_name : NULL;
	store->since = side == PLAN_REMOTE ? a->since : NULL;
	report_list(a, EVENT_LOADING, side, 0);
	ok = apply_go_on(a, err) && store->ops->load(store,
		apply_folder(a, side), readonly, info, out, err);
	store->known = NULL;
	store->since = NULL;
	if (!ok)
		return false;
	if (side == PLAN_REMOTE)
		note_remote(a, out);
	report_list(a, EVENT_LOADED, side, out->len);
	return before == 0 || before == info->uidvalidity || error_set(err,
		ERROR_FOLDER, ERROR_OTHER, "folder %s was replaced by another "
		"one during the run", apply_folder(a, side));
}

bool apply_go_on(const struct apply *a, struct error *err)
{
	return !worker_stopped(a->w) || error_set(err, ERROR_FOLDER_RETRY,
		ERROR_STOPPED, "stopped");
}

bool apply_commit(struct apply *a, struct error *err)
{
	if (a->local->ops->incoming_commit(a->local, err) &&
		state_commit(a->state, err))
		return true;
	state_cancel(a->state);
	return false;
}

/* The server said no to one change, or a side may not be changed: that is
 * not done, all else is. */
static bool tolerable(const struct error *err)
{
	return err->severity == ERROR_MESSAGE || err->kind == ERROR_REFUSED ||
		err->kind == ERROR_READONLY;
}

static struct msgset part_of(const struct msglist *list,
	const struct vec *index, size_t from)
{
	size_t left = index->len - from;
	const uint32_t *at = index->data;

	return (struct msgset){list, at + from,
		left < CHANGE_BATCH ? left : CHANGE_BATCH};
}

static const struct msglist *list_of(const struct apply *a,
	enum plan_side side)
{
	return side == PLAN_REMOTE ? &a->now.remote : &a->now.local;
}

/* ---- Rows that need no effect ---- */

static bool put_rows(struct apply *a, const struct plan_row *row,
	bool with_groups, struct error *err)
{
	bool grouped = false, failed = false;

	for (int side = PLAN_REMOTE; side <= PLAN_LOCAL; side++) {
		const struct plan_group *g;

		if (row->group[side] < 0)
			continue;
		grouped = true;
		g = vec_at(&a->plan.group[side], (size_t)row->group[side]);
		failed = failed || g->failed ||
			seqset_has(&g->missed, row->uid);
	}
	return grouped != with_groups || failed ||
		state_put(a->state, row->uid, row->flags, err);
}

/* with_groups: those whose flags were changed, else the others. */
static bool record_rows(struct apply *a, bool with_groups, struct error *err)
{
	const struct plan *p = &a->plan;
	bool ok = true;

	for (size_t i = 0; ok && i < p->row.len; i++)
		ok = put_rows(a, vec_at(&p->row, i), with_groups, err);
	for (size_t i = 0; ok && !with_groups && i < p->forget.len; i++)
		ok = state_drop(a->state,
			*(uint32_t *)vec_at(&p->forget, i), err);
	if (ok)
		return apply_commit(a, err);
	state_cancel(a->state);
	return false;
}

static bool record_known(struct apply *a, struct error *err)
{
	if (a->plan.row.len + a->plan.forget.len == 0)
		return true;
	return state_begin(a->state, err) && record_rows(a, false, err);
}

/* ---- Flags ---- */

static void tell_flags(struct apply *a, enum plan_side side)
{
	for (size_t i = 0; i < a->plan.group[side].len; i++) {
		const struct plan_group *g = vec_at(&a->plan.group[side], i);
		struct msgset all = {list_of(a, side), g->index.data,
			g->index.len};

		report_direction(a, side);
		report_flags(a, side, &all, g->add, true);
		report_flags(a, side, &all, g->remove, false);
	}
}

static void report_failed(struct apply *a, enum plan_side side,
	struct error *err)
{
	error_add(err, "cannot change flags in folder %s",
		apply_folder(a, side));
	report_problem(a, err, 0);
	error_clear(err);
}

/* What somebody has changed since the list was read is planned anew by the
 * next run, with what it is then. */
static void note_missed(struct apply *a, struct plan_group *g,
	struct store_change *c)
{
	g->missed = c->missed;
	if (seqset_empty(&g->missed))
		return;
	a->partial = true;
	worker_log(a->w, EVENT_NOTICE, AREA_GENERAL, "folder %s: the flags of "
		"messages were changed there at this moment; the next run "
		"looks at them again (%llu)", a->job->pair->remote,
		(unsigned long long)seqset_count(&g->missed));
}

static void note_change(struct apply *a, enum plan_side side,
	struct plan_group *g, struct store_change *c)
{
	g->failed = c->problem.severity != ERROR_NONE;
	note_missed(a, g, c);
	if (g->failed)
		report_failed(a, side, &c->problem);
	else
		a->result->flagged += g->index.len -
			seqset_count(&g->missed);
}

static void progress_flags(struct apply *a, uint64_t done, uint64_t total)
{
	worker_progress(a->w, &(struct event_progress){
		.phase = PHASE_FLAGS, .done = done, .total = total});
}

/* All of one side at once: with a server, one flight. */
static bool change_all(struct apply *a, enum plan_side side,
	struct error *err)
{
	struct store *store = apply_store(a, side);
	size_t len = a->plan.group[side].len;
	struct plan_group *g = a->plan.group[side].data;
	struct store_change *c = mem_calloc(len, sizeof(*c));
	/* what was moved here is newer than the list */
	uint64_t since = side == PLAN_REMOTE && a->moved_in[side] == 0
		? a->modseq : 0;
	bool ok;

	for (size_t i = 0; i < len; i++)
		c[i] = (struct store_change){
			.which = {list_of(a, side), g[i].index.data,
				g[i].index.len},
			.add = g[i].add, .remove = g[i].remove,
			.since = since};
	ok = store->ops->flags(store, c, len, err);
	for (size_t i = 0; i < len; i++) {
		if (ok)
			note_change(a, side, &g[i], &c[i]);
		else
			seqset_clear(&c[i].missed);
		g[i].failed = g[i].failed || !ok;
	}
	free(c);
	return ok;
}

static bool change_flags(struct apply *a, enum plan_side side,
	struct error *err)
{
	uint64_t total = plan_flagged(&a->plan, side);

	tell_flags(a, side);
	if (total == 0 || a->job->dry_run)
		return true;
	if (!apply_go_on(a, err))
		return false;
	progress_flags(a, 0, total);
	if (!change_all(a, side, err)) {
		if (!tolerable(err))
			return false;
		report_failed(a, side, err);
	}
	progress_flags(a, total, total);
	return true;
}

/* ---- Deletions ---- */

/* Rows go after the effect: a run that ends in between finds that neither
 * side has the messages.  Servers that only mark keep the message, and so
 * the row stays, with the mark. */
static bool drop_rows(struct apply *a, enum plan_side side,
	const struct msgset *gone, struct error *err)
{
	bool marked = side == PLAN_REMOTE ? !a->job->expunge
		: a->job->local_marks;
	bool ok = state_begin(a->state, err);

	for (size_t i = 0; ok && i < gone->len; i++) {
		const struct msg *m = msgset_at(gone, i);

		ok = marked ? state_put(a->state, m->uid, FLAG_DELETED |
			(m->flags & apply_shared(a)), err)
			: state_drop(a->state, m->uid, err);
	}
	if (ok)
		return apply_commit(a, err);
	state_cancel(a->state);
	return false;
}

static bool delete_part(struct apply *a, enum plan_side side,
	const struct msgset *part, struct error *err)
{
	struct store *store = apply_store(a, side);

	report_direction(a, side);
	report_delete(a, side, part);
	if (a->job->dry_run)
		return true;
	if (!store->ops->remove(store, part, REMOVE_DELETED_ON_OTHER_SIDE,
		err)) {
		if (!tolerable(err))
			return false;
		error_add(err, "cannot delete in folder %s",
			apply_folder(a, side));
		report_problem(a, err, 0);
		error_clear(err);
		return true;
	}
	a->result->deleted += part->len;
	return drop_rows(a, side, part, err);
}

static bool delete_all(struct apply *a, enum plan_side side,
	const struct vec *index, struct error *err)
{
	for (size_t at = 0; at < index->len;) {
		struct msgset part = part_of(list_of(a, side), index, at);

		if (!apply_go_on(a, err) || !delete_part(a, side, &part, err))
			return false;
		at += part.len;
		worker_progress(a->w, &(struct event_progress){
			.phase = PHASE_DELETING, .done = at,
			.total = index->len});
	}
	return true;
}

/* N26: a second look at the directory before a deletion leaves the machine.
 * What has come back stays. */
static bool delete_remote(struct apply *a, struct error *err)
{
	const struct vec *planned = &a->plan.deletes[PLAN_REMOTE].index;
	struct msglist again = {0};
	struct vec sure = VEC(uint32_t);
	bool ok;

	if (planned->len == 0 || a->job->dry_run)
		return delete_all(a, PLAN_REMOTE, planned, err);
	ok = apply_load(a, PLAN_LOCAL, &again, err);
	for (size_t i = 0; ok && again.complete && i < planned->len; i++) {
		uint32_t index = *(const uint32_t *)vec_at(planned, i);

		if (!msglist_find(&again, a->now.remote.at[index].uid))
			*(uint32_t *)vec_add(&sure) = index;
	}
	if (ok && sure.len < planned->len) {
		a->partial = a->partial || !again.complete;
		worker_log(a->w, EVENT_NOTICE, AREA_GENERAL,
			"%zu deletions in folder %s were not carried over: the "
			"messages are there again, or the directory changes",
			planned->len - sure.len, a->job->pair->visible);
	}
	ok = ok && delete_all(a, PLAN_REMOTE, &sure, err);
	vec_clear(&sure);
	msglist_clear(&again);
	return ok;
}

/* ---- All of it ---- */

static bool flags_both(struct apply *a, struct error *err)
{
	if (a->plan.group[PLAN_LOCAL].len + a->plan.group[PLAN_REMOTE].len == 0)
		return true;
	if (!change_flags(a, PLAN_LOCAL, err) ||
		!change_flags(a, PLAN_REMOTE, err))
		return false;
	return a->job->dry_run ||
		(state_begin(a->state, err) && record_rows(a, true, err));
}

/* Additions first, deletions last. */
bool apply_run(struct apply *a, struct error *err)
{
	if (!a->job->dry_run && !record_known(a, err))
		return false;
	report_ignored(a, PLAN_LOCAL);
	if (!download_run(a, err))
		return false;
	report_ignored(a, PLAN_REMOTE);
	return upload_run(a, err) &&
		flags_both(a, err) &&
		delete_remote(a, err) &&
		delete_all(a, PLAN_LOCAL, &a->plan.deletes[PLAN_LOCAL].index,
			err);
}
