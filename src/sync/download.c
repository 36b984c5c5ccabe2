#include "config.h"

#include <stdlib.h>

#include "base/worker.h"
#include "imap/flag.h"
#include "mem.h"
#include "sync/apply.h"
#include "sync/deliver.h"
#include "sync/folder.h"
#include "sync/recover.h"
#include "sync/state.h"
#include "sync/tree.h"

/* One group: made durable together, then recorded in one transaction. */
#define GROUP_MESSAGES 500
#define GROUP_BYTES (32u << 20)

/* What did not come is asked for once more, alone, up to this many. */
#define RETRY_MAX 100

struct download {
	struct apply *a;
	const struct vec *index; /* of uint32_t, into a->now.remote */
	bool *got;               /* same order */
	struct vec staged;       /* of struct plan_row: received, not durable */
	struct delivery *delivery; /* of the same; NULL: to a directory */
	uint64_t staged_bytes;
	uint64_t done, bytes;
	bool begun;       /* the local store has one open */
	bool refused;     /* the local store does not want this one */
	struct error why; /* ... because */
	uint64_t size;
};

static const struct msg *wanted_at(const struct download *d, size_t i)
{
	return &d->a->now.remote.at[*(const uint32_t *)vec_at(d->index, i)];
}

/* The place of a UID among those wanted, or their number. */
static size_t find(const struct download *d, uint32_t uid)
{
	size_t low = 0, high = d->index->len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (wanted_at(d, mid)->uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < d->index->len && wanted_at(d, low)->uid == uid
		? low : d->index->len;
}

/* ---- A group ---- */

static bool record(struct download *d, struct error *err)
{
	struct apply *a = d->a;
	bool ok = state_begin(a->state, err);

	for (size_t i = 0; ok && i < d->staged.len; i++) {
		const struct plan_row *row = vec_at(&d->staged, i);

		ok = state_put(a->state, row->uid, row->flags, err);
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
	d->a->result->downloaded += d->staged.len;
	return true;
}

/* Never a row before its message is durable. */
static bool finish_group(struct download *d, struct error *err)
{
	if (d->staged.len == 0)
		return true;
	if (!keep_group(d, err))
		return false;
	for (size_t i = 0; i < d->staged.len; i++) {
		const struct plan_row *row = vec_at(&d->staged, i);

		if ((row->flags & FLAG_SEEN) == 0)
			d->a->result->new_remote = true;
	}
	vec_reset(&d->staged);
	d->staged_bytes = 0;
	return true;
}

/* ---- Lost connections ---- */

/* Servers answer in order, so it was lost at the first that did not come, if
 * this folder's turn had come; the next call asks for that one alone, then it
 * is certain. */
static void blame(struct download *d, const struct error *lost)
{
	struct folder_retry *retry = d->a->job->retry;
	struct error err = *lost;
	size_t at = 0;

	if (!retry || err.severity != ERROR_FOLDER_RETRY ||
		err.kind == ERROR_STOPPED || d->a->remote_dead ||
		d->a->remote->unreached)
		return;
	while (at < d->index->len && d->got[at])
		at++;
	if (at == d->index->len)
		return;
	if (retry->uid != wanted_at(d, at)->uid)
		retry->tries = 0;
	retry->uid = wanted_at(d, at)->uid;
	retry->blamed++;
	if (++retry->tries < retry->limit)
		return;
	seqset_add(&retry->given_up, retry->uid);
	retry->row++;
	error_add(&err, "folder %s, UID %lu: the connection was lost %u times "
		"at this message, the others are tried without it",
		d->a->job->pair->remote, (unsigned long)retry->uid,
		retry->tries);
	report_problem(d->a, &err, retry->uid);
	retry->uid = 0;
	retry->tries = 0;
}

/* What was given up counts as answered. */
static void pass_over(struct download *d)
{
	const struct folder_retry *retry = d->a->job->retry;

	for (size_t i = 0; retry && i < d->index->len; i++) {
		if (!seqset_has(&retry->given_up, wanted_at(d, i)->uid))
			continue;
		d->got[i] = true;
		d->a->partial = true;
		d->a->result->why = ERROR_NETWORK;
	}
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

/* ---- One message ---- */

static void drop(struct download *d)
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
	drop(d);
	d->refused = true;
	d->why = *err;
	error_clear(err);
	return true;
}

static bool sink_begin(void *arg, uint64_t size, struct error *err)
{
	struct download *d = arg;
	struct store *local = d->a->local;

	drop(d);
	d->refused = false;
	d->size = size;
	d->begun = local->ops->incoming_begin(local, size, err);
	return d->begun || local_failed(d, err);
}

static bool sink_data(void *arg, struct span data, struct error *err)
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
	report_copy(d->a, PLAN_LOCAL, f->uid, d->size);
	if (d->staged.len < GROUP_MESSAGES && d->staged_bytes < GROUP_BYTES)
		return true;
	if (finish_group(d, err))
		return true;
	d->a->remote_dead = true;
	return false;
}

/* Answers that nobody asked for, without a UID, without a body, or given
 * twice are dropped. */
static bool sink_end(void *arg, const struct response_fetch *f,
	struct error *err)
{
	struct download *d = arg;
	size_t at = f->has & FETCH_UID ? find(d, f->uid) : d->index->len;
	uint32_t flags;

	if (at == d->index->len || d->got[at] || !(f->has & FETCH_STREAMED) ||
		(!d->begun && !d->refused)) {
		drop(d);
		return true;
	}
	flags = f->has & FETCH_FLAGS ? f->flags : wanted_at(d, at)->flags;
	if (d->begun && !stage(d, f, flags & apply_shared(d->a), err))
		return false;
	if (d->refused) {
		error_add(&d->why, "folder %s, UID %lu",
			d->a->job->pair->remote, (unsigned long)f->uid);
		report_problem(d->a, &d->why, f->uid);
	}
	d->got[at] = true;
	d->done++;
	came(d, f->uid);
	return true;
}

/* ---- Asking ---- */

static bool ask(struct download *d, const struct seqset *uids,
	struct str *refused, struct error *err)
{
	const struct body_sink sink = {sink_begin, sink_data, sink_end, d,
		NULL};
	struct store *remote = d->a->remote;
	struct error lost;

	if (remote->ops->fetch(remote, uids, &sink, refused, err)) {
		drop(d);
		return true;
	}
	/* What has come is good, whatever became of the connection. */
	drop(d);
	lost = *err;
	blame(d, err);
	if (!d->a->remote_dead && !finish_group(d, err))
		d->a->remote_dead = true;
	else
		*err = lost;
	return false;
}

static bool ask_again(struct download *d, uint32_t uid, struct str *refused,
	struct error *err)
{
	struct seqset one = {0};
	bool ok;

	seqset_add(&one, uid);
	ok = apply_go_on(d->a, err) && ask(d, &one, refused, err);
	seqset_clear(&one);
	return ok;
}

/* The one at which the connection was lost, before all others. */
static bool ask_blamed(struct download *d, struct str *refused,
	struct error *err)
{
	const struct folder_retry *retry = d->a->job->retry;

	return !retry || retry->uid == 0 ||
		find(d, retry->uid) == d->index->len ||
		ask_again(d, retry->uid, refused, err);
}

static bool ask_all(struct download *d, struct str *refused,
	struct error *err)
{
	struct seqset uids = {0};
	bool ok;

	pass_over(d);
	if (!ask_blamed(d, refused, err))
		return false;
	for (size_t i = 0; i < d->index->len; i++)
		if (!d->got[i])
			seqset_add(&uids, wanted_at(d, i)->uid);
	ok = (seqset_empty(&uids) || ask(d, &uids, refused, err)) &&
		finish_group(d, err);
	seqset_clear(&uids);
	return ok;
}

static size_t missing(const struct download *d)
{
	size_t count = 0;

	for (size_t i = 0; i < d->index->len; i++)
		count += !d->got[i];
	return count;
}

/* The words are those of the answer for this very message, where it was
 * asked for alone. */
static void report_missing(struct download *d, uint32_t uid,
	const struct str *refused)
{
	struct error err = {0};

	error_set(&err, ERROR_MESSAGE, refused->len > 0 ? ERROR_REFUSED
		: ERROR_OTHER, "folder %s, UID %lu: the server did not send "
		"this message%s%s; it will be tried again in the next run",
		d->a->job->pair->remote, (unsigned long)uid,
		refused->len > 0 ? ": " : "", str_get(refused));
	report_problem(d->a, &err, uid);
}

/* words: for the first of those that are missing, in their order.
 * What is in no fresh list was expunged meanwhile: nothing is to be done. */
static bool report_those_there(struct download *d, const struct str *words,
	struct error *err)
{
	struct msglist fresh = {0};
	bool ok = apply_load(d->a, PLAN_REMOTE, &fresh, err);
	size_t nth = 0, more = 0;

	for (size_t i = 0; ok && i < d->index->len; i++) {
		uint32_t uid = wanted_at(d, i)->uid;

		if (d->got[i])
			continue;
		nth++;
		if (fresh.complete && !msglist_find(&fresh, uid))
			continue;
		if (nth <= RETRY_MAX)
			report_missing(d, uid, &words[nth - 1]);
		else
			more++;
	}
	if (more > 0)
		worker_log(d->a->w, EVENT_WARNING, AREA_GENERAL,
			"folder %s: %zu more messages were not sent by the "
			"server", d->a->job->pair->remote, more);
	msglist_clear(&fresh);
	return ok;
}

/* Q1, Q47: one more try for each that did not come, alone. */
static bool retry_missing(struct download *d, const struct str *first,
	struct error *err)
{
	struct str *words = mem_calloc(RETRY_MAX, sizeof(*words));
	size_t asked = 0, kept = 0;
	bool ok = true;

	for (size_t i = 0; ok && i < d->index->len && asked < RETRY_MAX; i++) {
		if (d->got[i])
			continue;
		asked++;
		str_reset(&words[kept]);
		ok = ask_again(d, wanted_at(d, i)->uid, &words[kept], err);
		if (!ok || d->got[i])
			continue;
		if (words[kept].len == 0)
			str_add_span(&words[kept], span_str(first));
		kept++;
	}
	ok = ok && finish_group(d, err) &&
		(missing(d) == 0 || report_those_there(d, words, err));
	for (size_t i = 0; i < RETRY_MAX; i++)
		str_clear(&words[i]);
	free(words);
	return ok;
}

static void tell_only(struct apply *a)
{
	for (size_t i = 0; i < a->plan.download.len; i++) {
		uint32_t index = *(uint32_t *)vec_at(&a->plan.download, i);

		report_copy(a, PLAN_LOCAL, a->now.remote.at[index].uid, 0);
	}
}

bool download_run(struct apply *a, struct error *err)
{
	struct download d = {.a = a, .index = &a->plan.download,
		.staged = VEC(struct plan_row)};
	struct str refused = {0};
	bool ok;

	report_direction(a, PLAN_LOCAL);
	if (d.index->len == 0)
		return true;
	if (a->job->dry_run) {
		tell_only(a);
		return true;
	}
	d.delivery = delivery_new(a);
	d.got = mem_calloc(d.index->len, sizeof(*d.got));
	ok = apply_go_on(a, err) && ask_all(&d, &refused, err) &&
		(missing(&d) == 0 || retry_missing(&d, &refused, err)) &&
		(!delivery_somewhere(d.delivery) ||
		settle_stored(a, PLAN_LOCAL, err));
	delivery_free(d.delivery);
	free(d.got);
	vec_clear(&d.staged);
	str_clear(&refused);
	return ok;
}
