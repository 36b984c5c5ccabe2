#include "config.h"

#include "base/worker.h"
#include "imap/flag.h"
#include "sync/apply.h"
#include "sync/deliver.h"
#include "sync/download_impl.h"
#include "sync/folder.h"
#include "sync/slices.h"
#include "sync/state.h"
#include "sync/tree.h"

/* One group: made durable together, then recorded in one transaction. */
#define GROUP_MESSAGES 500
#define GROUP_BYTES (32u << 20)

/* ---- A group ---- */

static bool record(struct download *d, struct error *err)
{
	struct apply *a = d->a;
	bool ok = state_begin(a->state, err);

	for (size_t i = 0; ok && i < d->staged.len; i++) {
		const struct plan_row *row = vec_at(&d->staged, i);

		ok = state_put(a->state, row->uid, row->flags, err);
	}
	for (size_t i = 0; ok && i < d->given.len; i++) {
		const struct slices_row *row = vec_at(&d->given, i);

		ok = state_put(a->state, download_wanted(d, row->at)->uid,
			row->flags, err);
	}
	if (ok)
		return apply_commit(a, err);
	state_cancel(a->state);
	return false;
}

static bool keep_group(struct download *d, struct error *err)
{
	if (d->delivery)
		return delivery_send(d->delivery, err);
	if (!d->a->local->ops->incoming_commit(d->a->local, err) ||
		!record(d, err))
		return false;
	d->a->result->downloaded += d->staged.len + d->given.len;
	return true;
}

/* What helpers have delivered meanwhile. */
static void collect(struct download *d)
{
	size_t before = d->given.len;

	if (!d->slices)
		return;
	slices_count(d->slices, d->staged.len, d->staged_bytes);
	slices_collect(d->slices, &d->given);
	for (size_t i = before; i < d->given.len; i++) {
		const struct slices_row *row = vec_at(&d->given, i);

		d->got[row->at] = true;
		d->done++;
	}
}

static bool has_unseen(const struct download *d)
{
	for (size_t i = 0; i < d->staged.len; i++)
		if (!(((const struct plan_row *)vec_at(&d->staged, i))->flags &
			FLAG_SEEN))
			return true;
	for (size_t i = 0; i < d->given.len; i++)
		if (!(((const struct slices_row *)vec_at(&d->given, i))->flags &
			FLAG_SEEN))
			return true;
	return false;
}

bool download_finish_group(struct download *d, struct error *err)
{
	collect(d);
	if (d->staged.len + d->given.len == 0)
		return true;
	if (!keep_group(d, err))
		return false;
	d->a->result->new_remote |= has_unseen(d);
	vec_reset(&d->staged);
	vec_reset(&d->given);
	d->staged_bytes = 0;
	return true;
}

/* ---- One message ---- */

void download_drop(struct download *d)
{
	if (d->begun)
		d->a->local->ops->incoming_drop(d->a->local);
	d->begun = false;
}

/* The local store failed: what concerns this message alone is kept until its
 * UID is known; all else gives up the folder, and with it the connection,
 * which is in the middle of an answer. */
static bool local_failed(struct download *d, struct error *err)
{
	if (err->severity != ERROR_MESSAGE) {
		d->a->remote_dead = true;
		return false;
	}
	download_drop(d);
	d->refused = true;
	d->why = *err;
	error_clear(err);
	return true;
}

bool download_begin(void *arg, uint64_t size, struct error *err)
{
	struct download *d = arg;
	struct store *local = d->a->local;

	download_drop(d);
	d->refused = false;
	d->size = size;
	d->begun = local->ops->incoming_begin(local, size, err);
	return d->begun || local_failed(d, err);
}

bool download_data(void *arg, struct span data, struct error *err)
{
	struct download *d = arg;
	struct store *local = d->a->local;

	d->bytes += data.len;
	worker_progress(d->a->w, &(struct event_progress){
		.phase = PHASE_COPYING, .done = d->done,
		.total = d->index->len, .bytes_done = d->bytes});
	return !d->begun || local->ops->incoming_data(local, data, err) ||
		local_failed(d, err);
}

static bool stage(struct download *d, const struct response_fetch *f,
	uint32_t flags, struct error *err)
{
	struct store *local = d->a->local;

	d->begun = false;
	if (!local->ops->incoming_end(local, f->uid, flags,
		f->has & FETCH_DATE ? f->date : 0, err))
		return local_failed(d, err);
	*(struct plan_row *)vec_add(&d->staged) =
		(struct plan_row){f->uid, flags, {-1, -1}};
	if (d->delivery)
		delivery_add(d->delivery, f->uid, flags);
	d->staged_bytes += d->size;
	if (d->slices)
		d->a->copied[PLAN_LOCAL] = slices_number(d->slices) - 1;
	report_copy(d->a, PLAN_LOCAL, f->uid, d->size);
	if (d->staged.len < GROUP_MESSAGES && d->staged_bytes < GROUP_BYTES)
		return true;
	if (download_finish_group(d, err))
		return true;
	d->a->remote_dead = true;
	return false;
}

static void came(struct download *d, uint32_t uid)
{
	struct folder_retry *retry = d->a->job->retry;

	if (!retry)
		return;
	retry->row = 0;
	if (retry->uid == uid)
		retry->uid = retry->tries = 0;
}

/* Answers that nobody asked for, without a UID, without a body, or given
 * twice are dropped. */
bool download_end(void *arg, const struct response_fetch *f,
	struct error *err)
{
	struct download *d = arg;
	size_t at = f->has & FETCH_UID ? download_find(d, f->uid)
		: d->index->len;
	uint32_t flags;

	if (at == d->index->len || d->got[at] || !d->asked[at] ||
		!(f->has & FETCH_STREAMED) ||
		(!d->begun && !d->refused)) {
		download_drop(d);
		return true;
	}
	flags = f->has & FETCH_FLAGS ? f->flags : download_wanted(d, at)->flags;
	if (d->begun && !stage(d, f, flags & apply_shared(d->a), err))
		return false;
	if (d->refused) {
		error_add(&d->why, "folder %s, UID %lu",
			d->a->job->pair->remote, (unsigned long)f->uid);
		report_problem(d->a, &d->why, f->uid);
	}
	d->got[at] = true;
	d->coming -= d->coming > 0;
	d->done++;
	came(d, f->uid);
	return true;
}
