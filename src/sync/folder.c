#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/worker.h"
#include "imap/flag.h"
#include "mail/stamp.h"
#include "mem.h"
#include "sync/apply.h"
#include "sync/folder.h"
#include "sync/intent.h"
#include "sync/keyword.h"
#include "sync/legacy.h"
#include "sync/moves.h"
#include "sync/recover.h"
#include "sync/state.h"
#include "sync/step.h"
#include "sync/tree.h"
#include "sync/validity.h"
#include "sync/window.h"

/* Of a folder that a dry run does not make; no message has a UID there. */
#define PRETENDED_VALIDITY 1

/* The UIDVALIDITY of both sides at the last run, and that of the rows, which
 * are this account's alone; 0: none is saved. */
struct saved {
	uint32_t remote, local, rows;
};

/* ---- Reading ---- */

/* What one server has the other may get, as far as it permits. */
static bool share_keywords(struct apply *a, struct error *err)
{
	if (!a->local->ops->incoming_send)
		return true;
	if (!keyword_attach(a->state, &a->keywords, err))
		return false;
	store_keywords(a->remote, &a->keywords);
	store_keywords(a->local, &a->keywords);
	return true;
}

static bool open_state(struct apply *a, struct error *err)
{
	const struct folder_job *job = a->job;
	struct store_stamp stamp;
	char *path, *legacy;

	if (!job->dry_run && !file_mkdirs(job->state_dir, err))
		return false;
	path = folder_state_path(job);
	legacy = folder_legacy_path(job);
	a->state_is_ours = job->cached && stamp_file(path, &stamp) &&
		stamp_equal(&stamp, &job->cached->state);
	a->state = state_open_over(path, legacy, job->dry_run ? STATE_DRY
		: job->fsync ? STATE_FSYNC : STATE_FAST, a->w, err);
	free(legacy);
	free(path);
	return a->state && share_keywords(a, err) &&
		state_load(a->state, &a->now.rows, err) &&
		intent_load(a->state, &a->intents, err);
}

static bool read_saved(struct apply *a, struct saved *saved,
	struct error *err)
{
	const struct folder_job *job = a->job;

	return validity_read(job->remote_validity_dir, job->pair->remote_base,
		&saved->remote, err) &&
		validity_read(job->local_validity_dir, job->pair->local_base,
			&saved->local, err) &&
		state_validity(a->state, &saved->rows, err) &&
		state_folder(a->state, &a->folder, err);
}

/* A dry run, and a real one would make the folder on that side first. */
static bool would_make(const struct apply *a, enum plan_side side)
{
	return a->job->dry_run && (side == PLAN_REMOTE
		? a->job->pair->create_remote : a->job->pair->create_local);
}

/* A dry run over a folder that a real one would have made: it is empty. */
static bool pretend_empty(struct apply *a, enum plan_side side,
	struct msglist *out)
{
	struct folder_info *info = side == PLAN_REMOTE ? &a->remote_info
		: &a->local_info;

	if (!would_make(a, side))
		return false;
	*info = (struct folder_info){.uidvalidity = PRETENDED_VALIDITY,
		.uidnext = 1, .flags_allowed = UINT32_MAX};
	out->complete = true;
	return true;
}

/* A list that changed while it was read is read once more. */
static bool load_whole(struct apply *a, enum plan_side side,
	struct msglist *out, struct error *err)
{
	if (pretend_empty(a, side, out))
		return true;
	return apply_load(a, side, out, err) &&
		(out->complete || apply_load(a, side, out, err));
}

/* The rows were the server's messages when both sides were last equal; that
 * holds as long as nothing was written since. */
static bool load_remote(struct apply *a, const struct saved *saved,
	struct error *err)
{
	const struct cache_folder *cached = a->job->cached;
	struct store_since since = {.rows = &a->now.rows};
	bool ok;

	if (!a->state_is_ours || saved->rows != cached->uidvalidity)
		return load_whole(a, PLAN_REMOTE, &a->now.remote, err);
	since.uidvalidity = cached->uidvalidity;
	since.uidnext = cached->uidnext;
	since.modseq = cached->modseq;
	since.full = step_is_old(cached->full_ms);
	since.distrust = a->job->distrust;
	a->since = &since;
	ok = apply_load(a, PLAN_REMOTE, &a->now.remote, err);
	a->since = NULL;
	return ok && (a->now.remote.complete ||
		load_whole(a, PLAN_REMOTE, &a->now.remote, err));
}

static uint32_t last_uid(const struct msglist *list)
{
	return list->len > 0 ? list->at[list->len - 1].uid : 0;
}

/* Messages may have come between the server's UIDNEXT and its list, and not
 * every server tells the truth: the lower bound is the safe one. */
static void note_uidnext(struct apply *a)
{
	uint32_t last = last_uid(&a->now.remote), told = a->remote_info.uidnext;
	uint32_t next = last < UINT32_MAX ? last + 1 : last;

	a->uidnext = told > 0 && told < next ? told : next;
	a->local_next = recover_last_own(&a->now.local) + 1;
}

/* ---- Quick ---- */

static bool same_as_rows(const struct apply *a)
{
	const struct msglist *rows = &a->now.rows, *local = &a->now.local;

	if (!local->complete || rows->len != local->len)
		return false;
	for (size_t i = 0; i < rows->len; i++)
		if (rows->at[i].uid != local->at[i].uid ||
			(rows->at[i].flags ^ local->at[i].flags) &
			apply_shared(a))
			return false;
	return true;
}

static bool server_unchanged(struct apply *a, const struct saved *saved,
	bool *same, struct error *err)
{
	struct ops_status at = {.name = a->job->pair->remote};
	uint32_t last = last_uid(&a->now.rows);

	if (!a->remote->ops->status ||
		!a->remote->ops->status(a->remote, &at, 1, err))
		return !a->remote->ops->status;
	*same = at.ok && at.uidvalidity == saved->remote &&
		(saved->rows == 0 || saved->rows == saved->remote) &&
		at.messages == a->now.rows.len &&
		(last == 0 || at.uidnext <= last || at.uidnext - last == 1);
	return true;
}

/* Whether numbers alone say that nothing has changed (compat 4.7). */
static bool unchanged(struct apply *a, const struct saved *saved, bool *same,
	struct error *err)
{
	bool matching;

	*same = false;
	if (!state_matching(a->state, &matching, err))
		return false;
	if (matching || a->intents.len > 0 || !same_as_rows(a))
		return true;
	return server_unchanged(a, saved, same, err);
}

/* ---- Numbers that mean something else now ---- */

static void report_validity(struct apply *a, uint32_t saved)
{
	uint32_t now = a->remote_info.uidvalidity;

	if (saved != 0 && saved != now && !would_make(a, PLAN_REMOTE))
		worker_emit(a->w, &(struct event){.kind = EVENT_VALIDITY,
			.u.validity = {a->remote->repository, saved, now,
				a->job->pair->remote}});
}

/* A server that was restored from a backup gives numbers a second time. */
static bool went_back(const struct apply *a)
{
	uint32_t rows = last_uid(&a->now.rows), local = last_uid(&a->now.local);
	uint32_t known = rows > local ? rows : local;

	return a->remote_info.uidnext > 0 && known >= a->remote_info.uidnext &&
		known > last_uid(&a->now.remote);
}

/* D1: whether UIDs may be compared with those of the last run at all. */
static bool must_heal(const struct apply *a, const struct saved *saved)
{
	const struct apply_lists *now = &a->now;

	if (saved->local != 0 && saved->local != a->local_info.uidvalidity)
		return now->rows.len + now->local.len > 0;
	if (a->local_info.numbers_lost && now->local.len > 0 &&
		now->rows.len + now->remote.len > 0)
		return true;
	if (saved->rows != 0 && saved->rows != a->remote_info.uidvalidity)
		return now->rows.len > 0 || now->local.len > 0;
	if (saved->remote == a->remote_info.uidvalidity)
		return went_back(a);
	if (now->rows.len > 0)
		return true;
	return now->local.len > 0 &&
		(saved->remote != 0 || now->remote.len > 0);
}

/* A rule for local names that is changed gives the folder another visible
 * name: its files look like those of other folders then, all of them. */
static bool lost_names(const struct apply *a)
{
	const struct apply_lists *now = &a->now;

	return now->rows.len > 0 && now->remote.len > 0 &&
		a->local_info.foreign > 0 && last_uid(&now->local) == 0;
}

/* Rows that came from another folder, which was renamed by all appearances:
 * their numbers alone are no reason to delete or to keep anything. */
static bool rows_of_other(const struct apply *a)
{
	return a->now.rows.len > 0 && apply_other_folder(a);
}

static bool how_to_heal(struct apply *a, const struct saved *saved,
	enum heal_kind *kind, struct error *err)
{
	bool resumed;

	if (!state_matching(a->state, &resumed, err))
		return false;
	*kind = resumed ? HEAL_RESUMED : must_heal(a, saved) ? HEAL_NUMBERS
		: lost_names(a) || rows_of_other(a) ? HEAL_NAMES : HEAL_NONE;
	return true;
}

/* Whose the rows are from now on. */
static bool save_rows(struct apply *a, struct error *err)
{
	bool ok = state_begin(a->state, err) && state_set_validity(a->state,
		a->remote_info.uidvalidity, err) && state_set_folder(a->state,
		a->job->pair->remote, err) && state_commit(a->state, err);

	state_cancel(a->state);
	return ok;
}

static bool save_validity(struct apply *a, const struct saved *saved,
	struct error *err)
{
	const struct folder_job *job = a->job;
	uint32_t remote = a->remote_info.uidvalidity;
	uint32_t local = a->local_info.uidvalidity;

	if (job->dry_run)
		return true;
	/* From now on what is not recorded was never there. */
	if (a->local_info.numbers_lost &&
		!a->local->ops->incoming_commit(a->local, err))
		return false;
	if ((saved->rows != remote || !a->folder ||
		strcmp(a->folder, job->pair->remote) != 0) &&
		!save_rows(a, err))
		return false;
	if (saved->remote != remote && !validity_write(
		job->remote_validity_dir, job->pair->remote_base, remote,
		job->fsync, a->w, err))
		return false;
	return saved->local == local || validity_write(job->local_validity_dir,
		job->pair->local_base, local, job->fsync, a->w, err);
}

static bool check_validity(struct apply *a, const struct saved *saved,
	struct error *err)
{
	enum heal_kind kind;

	if (a->remote_info.uidvalidity == 0)
		return error_set(err, ERROR_FOLDER, ERROR_OTHER, "folder %s: "
			"the server gives no UIDVALIDITY, so its messages "
			"cannot be told apart from one run to the next; the "
			"folder is left alone", a->job->pair->remote);
	if (!how_to_heal(a, saved, &kind, err))
		return false;
	if (kind != HEAL_NONE) {
		report_validity(a, saved->remote);
		a->healed = true;
		if (!heal_run(a, kind, err))
			return false;
	}
	return save_validity(a, saved, err);
}

/* ---- The run ---- */

static void make_plan(struct apply *a)
{
	const struct folder_job *job = a->job;
	const struct plan_input in = {
		.rows = &a->now.rows,
		.remote = &a->now.remote,
		.local = &a->now.local,
		/* EXAMINE tells that nothing can be kept */
		.remote_allowed = job->dry_run ? apply_shared(a)
			: a->remote_info.flags_allowed,
		.local_allowed = a->local_info.flags_allowed,
		.letters = apply_shared(a) & ~FLAG_IMAP_ALL,
		.remote_readonly = a->remote_readonly,
		.local_readonly = a->local_readonly,
		.deletes_remote = job->deletes_remote,
		.deletes_local = job->deletes_local,
		.expunge = job->expunge,
		.local_marks = job->local_marks,
		.approved = job->approved,
		.deletes_wait = a->healed,
		.copies_wait = a->intents.len > 0 &&
			!(a->now.remote.complete && a->now.local.complete),
		.first_uid = a->first_uid,
		.ignored = {job->limits.ignored[PLAN_REMOTE],
			job->limits.ignored[PLAN_LOCAL]},
		.left_out = {a->left_out[PLAN_REMOTE],
			a->left_out[PLAN_LOCAL]},
	};

	plan_make(&in, &a->plan);
}

/* The second plan is the first without what is not to be copied. */
static bool make_plan_within(struct apply *a, struct error *err)
{
	bool any;

	if (!window_find(a, err))
		return false;
	make_plan(a);
	if (!window_sift(a, &any, err))
		return false;
	if (any) {
		plan_clear(&a->plan);
		make_plan(a);
	}
	return true;
}

/* The server may open a folder for reading only though we asked for more. */
static void note_readonly(struct apply *a)
{
	a->remote_readonly = a->job->readonly_remote ||
		(a->remote_info.readonly && !a->job->dry_run);
	a->local_readonly = a->job->readonly_local ||
		(a->local_info.readonly && !a->job->dry_run);
}

static void leave_moves(struct apply *a)
{
	if (a->job->moves && !a->left_moves)
		moves_leave(a->job->moves, a);
	a->left_moves = true;
}

static void count_moves(struct apply *a)
{
	a->result->uploaded += a->moved_in[PLAN_REMOTE];
	a->result->downloaded += a->moved_in[PLAN_LOCAL];
	a->result->deleted += a->moved_out[PLAN_REMOTE] +
		a->moved_out[PLAN_LOCAL];
}

/* What moved between folders is nothing to be copied any more. */
static bool move_messages(struct apply *a, struct error *err)
{
	bool changed;

	if (!moves_run(a, &changed, err))
		return false;
	leave_moves(a);
	if (!changed)
		return true;
	plan_clear(&a->plan);
	window_clear(a);
	return recover_again(a, err) && make_plan_within(a, err);
}

static bool sync_lists(struct apply *a, const struct saved *saved,
	struct error *err)
{
	if (!load_remote(a, saved, err))
		return false;
	note_uidnext(a);
	note_readonly(a);
	if (!window_check(a, err) || !check_validity(a, saved, err) ||
		!recover_run(a, err) || !make_plan_within(a, err) ||
		!move_messages(a, err))
		return false;
	report_plan(a);
	a->planned = true;
	return apply_run(a, err) && step_take(a, err);
}

/* A real run throws the state away before it makes a folder. */
static void pretend_forgotten(struct apply *a)
{
	if (!would_make(a, PLAN_LOCAL) && !would_make(a, PLAN_REMOTE))
		return;
	msglist_clear(&a->now.rows);
	a->now.rows.complete = true;
	intent_clear(&a->intents);
}

static bool is_quick(const struct apply *a)
{
	if (!a->job->quick || !window_moves(&a->job->limits))
		return a->job->quick;
	worker_log(a->w, EVENT_WARNING, AREA_GENERAL, "Quick syncs (-q) not "
		"supported in conjunction with maxage or startdate; ignoring "
		"-q.");
	return false;
}

static bool sync_inner(struct apply *a, struct error *err)
{
	struct saved saved;
	bool same = false;

	if (!open_state(a, err) || !read_saved(a, &saved, err))
		return false;
	a->local_saved = saved.local;
	pretend_forgotten(a);
	if (!load_whole(a, PLAN_LOCAL, &a->now.local, err))
		return false;
	if (is_quick(a) && !unchanged(a, &saved, &same, err))
		return false;
	if (same)
		a->result->outcome = OUTCOME_SKIPPED;
	return same || sync_lists(a, &saved, err);
}

/* ---- Beginning and end ---- */

void folder_tell_start(const struct tree_pair *pair,
	const struct store *remote, const struct store *local,
	struct worker *w)
{
	worker_emit(w, &(struct event){.kind = EVENT_FOLDER_START,
		.u.sides = {
			.from_type = store_type_name(remote),
			.from_folder = pair->remote,
			.to_type = store_type_name(local),
			.to_folder = pair->local}});
}

static void report_end(struct apply *a, int64_t began_ms)
{
	const struct folder_result *r = a->result;

	worker_emit(a->w, &(struct event){.kind = EVENT_FOLDER_END, .u.end = {
		.outcome = r->outcome, .why = r->why,
		.elapsed_ms = clock_mono_ms() - began_ms,
		.downloaded = r->downloaded, .uploaded = r->uploaded,
		.deleted = r->deleted, .flagged = r->flagged,
		.name = a->job->pair->remote, .quick = a->job->quick}});
}

static void judge(struct apply *a)
{
	if (a->partial)
		a->result->outcome = OUTCOME_PARTIAL;
	else if (a->held)
		a->result->outcome = OUTCOME_HELD;
}

/* True: the remote store is still good. */
static bool judge_failure(struct apply *a, const struct error *err)
{
	a->result->outcome = err->kind == ERROR_STOPPED ? OUTCOME_INTERRUPTED
		: OUTCOME_FAILED;
	a->result->why = err->kind;
	if (err->severity != ERROR_FOLDER_RETRY)
		worker_error(a->w, err, 0);
	return err->kind != ERROR_STOPPED && !a->remote_dead &&
		(err->severity == ERROR_FOLDER ||
		err->severity == ERROR_MESSAGE);
}

static void clear(struct apply *a)
{
	if (a->local->ops->leave)
		a->local->ops->leave(a->local);
	if (a->remote->ops->leave)
		a->remote->ops->leave(a->remote);
	if (a->local->ops->incoming_send) {
		store_keywords(a->remote, NULL);
		store_keywords(a->local, NULL);
	}
	flag_keywords_clear(&a->keywords);
	state_close(a->state);
	intent_clear(&a->intents);
	plan_clear(&a->plan);
	window_clear(a);
	free(a->folder);
	apply_lists_clear(&a->now);
}

bool folder_sync(const struct folder_job *job, struct worker *w,
	struct folder_result *out, struct error *err)
{
	struct apply a = {.job = job, .w = w, .result = out,
		.remote = job->remote, .local = job->local,
		.intents = VEC(struct intent), .direction = -1,
		.began_ms = clock_wall_ms()};
	int64_t began_ms = clock_mono_ms();
	bool ok;

	*out = (struct folder_result){.outcome = OUTCOME_OK};
	folder_tell_start(job->pair, a.remote, a.local, w);
	ok = sync_inner(&a, err);
	leave_moves(&a);
	count_moves(&a);
	if (ok)
		judge(&a);
	else
		ok = judge_failure(&a, err);
	clear(&a);
	report_end(&a, began_ms);
	return ok;
}
