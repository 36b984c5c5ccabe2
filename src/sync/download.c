#include "config.h"

#include <stdlib.h>

#include "base/worker.h"
#include "mem.h"
#include "sync/apply.h"
#include "sync/deliver.h"
#include "sync/download_impl.h"
#include "sync/folder.h"
#include "sync/recover.h"
#include "sync/slices.h"
#include "sync/tree.h"

/* What did not come is asked for once more, alone, up to this many. */
#define RETRY_MAX 100

const struct msg *download_wanted(const struct download *d, size_t at)
{
	return &d->a->now.remote.at[*(const uint32_t *)vec_at(d->index, at)];
}

size_t download_find(const struct download *d, uint32_t uid)
{
	size_t low = 0, high = d->index->len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (download_wanted(d, mid)->uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < d->index->len && download_wanted(d, low)->uid == uid
		? low : d->index->len;
}

static size_t place_at(const struct vec *places, size_t i)
{
	return *(const uint32_t *)vec_at(places, i);
}

/* ---- Lost connections ---- */

/* Servers answer in the order asked, so it was lost at the first that did not
 * come, if this folder's turn had come; the next call asks for that one alone,
 * then it is certain. */
static void blame(struct download *d, const struct error *lost)
{
	struct folder_retry *retry = d->a->job->retry;
	struct error err = *lost;
	const struct msg *first;
	size_t at = 0;

	if (!retry || err.severity != ERROR_FOLDER_RETRY ||
		err.kind == ERROR_STOPPED || d->a->remote_dead ||
		d->a->remote->unreached)
		return;
	while (at < d->turn.len && d->got[place_at(&d->turn, at)])
		at++;
	if (at == d->turn.len)
		return;
	first = download_wanted(d, place_at(&d->turn, at));
	if (retry->uid != first->uid)
		retry->tries = 0;
	retry->uid = first->uid;
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
		if (!seqset_has(&retry->given_up, download_wanted(d, i)->uid))
			continue;
		d->got[i] = true;
		d->a->partial = true;
		d->a->result->why = ERROR_NETWORK;
	}
}

/* ---- The order ---- */

/* Newest first, and of the newest those that are small before the others: who
 * waits for mail has something to read soon. */
#define WINDOW 1000
#define BIG_BYTES (1u << 20)
/* Where everything leaves in one command or two, order is worth no flight. */
#define SORT_FROM 500

/* The newest that are wanted, big: by place among them. */
static bool find_big(struct download *d, size_t first, bool *big,
	struct error *err)
{
	const uint32_t *index = d->index->data;
	const struct msgset newest = {&d->a->now.remote, index + first,
		d->index->len - first};
	const struct ops_search larger = {.larger = BIG_BYTES};
	struct store *remote = d->a->remote;

	if (d->index->len <= SORT_FROM ||
		remote->ops->search(remote, &newest, &larger, big, err))
		return true;
	/* a server that cannot tell */
	if (err->kind != ERROR_REFUSED)
		return false;
	error_clear(err);
	return true;
}

static void add_place(struct vec *order, size_t place)
{
	*(uint32_t *)vec_add(order) = (uint32_t)place;
}

static bool make_order(struct download *d, struct vec *order,
	struct error *err)
{
	size_t len = d->index->len, first = len > WINDOW ? len - WINDOW : 0;
	bool *big = mem_calloc(len - first, sizeof(*big));
	bool ok = find_big(d, first, big, err);

	for (size_t i = len; ok && i-- > first;)
		if (!d->got[i] && !big[i - first])
			add_place(order, i);
	for (size_t i = len; ok && i-- > first;)
		if (!d->got[i] && big[i - first])
			add_place(order, i);
	for (size_t i = first; ok && i-- > 0;)
		if (!d->got[i])
			add_place(order, i);
	free(big);
	return ok;
}

/* ---- Asking ---- */

static void note_asked(struct download *d, size_t place)
{
	d->asked[place] = true;
	d->coming++;
	add_place(&d->turn, place);
}

static int by_place(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The next ones, for one command, which has them ascending (Q67). */
static bool next_part(void *arg, struct seqset *uids)
{
	struct download *d = arg;
	struct vec places = VEC(uint32_t);

	if (d->slices)
		slices_take(d->slices, false, d->coming, &places);
	if (places.len > 1)
		qsort(places.data, places.len, sizeof(uint32_t), by_place);
	for (size_t i = 0; i < places.len; i++) {
		size_t place = place_at(&places, i);

		note_asked(d, place);
		seqset_add(uids, download_wanted(d, place)->uid);
	}
	vec_clear(&places);
	return !seqset_empty(uids);
}

static bool ask(struct download *d, const struct seqset *uids,
	struct str *refused, struct error *err)
{
	const struct body_sink sink = {download_begin, download_data,
		download_end, d, next_part};
	struct store *remote = d->a->remote;
	struct error lost;
	bool ok = remote->ops->fetch(remote, uids, &sink, refused, err);

	download_drop(d);
	d->coming = 0;
	if (ok)
		return true;
	/* What has come is good, whatever became of the connection. */
	lost = *err;
	blame(d, err);
	if (!d->a->remote_dead && !download_finish_group(d, err))
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
	note_asked(d, download_find(d, uid));
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
		download_find(d, retry->uid) == d->index->len ||
		ask_again(d, retry->uid, refused, err);
}

/* As long as there is something to take, or helpers may give some back. */
static bool ask_slices(struct download *d, struct str *refused,
	struct error *err)
{
	bool ok = true;

	while (ok && slices_wait(d->slices)) {
		struct seqset first = {0};
		struct str words = {0};

		if (!next_part(d, &first))
			break;
		ok = ask(d, &first, &words, err);
		if (refused->len == 0)
			str_add_span(refused, span_str(&words));
		str_clear(&words);
		seqset_clear(&first);
	}
	return ok;
}

/* What helpers have done is recorded even when our own connection is lost. */
static bool end_slices(struct download *d, bool asked, struct error *err)
{
	struct error why = {0};
	bool good;

	slices_withdraw(d->slices);
	good = (d->a->remote_dead || download_finish_group(d, &why)) &&
		slices_good(d->slices, &why);
	d->a->copied[PLAN_LOCAL] = slices_number(d->slices) - 1;
	slices_close(d->slices);
	d->slices = NULL;
	if (asked && !good)
		*err = why;
	return asked && good;
}

static bool ask_all(struct download *d, struct str *refused,
	struct error *err)
{
	struct vec order = VEC(uint32_t);
	struct slices_offer offer = {
		.pair = d->a->job->pair,
		.uidvalidity = d->a->remote_info.uidvalidity,
		.flags = apply_shared(d->a),
		.list = &d->a->now.remote,
		.index = d->index,
	};
	bool ok;

	pass_over(d);
	ok = ask_blamed(d, refused, err) && make_order(d, &order, err);
	if (ok && order.len > 0) {
		offer.order = order.data;
		offer.len = order.len;
		offer.numbered = d->a->copied[PLAN_LOCAL];
		d->slices = slices_offer(d->delivery ? NULL : d->a->job->share,
			&offer);
		ok = end_slices(d, ask_slices(d, refused, err), err);
	}
	vec_clear(&order);
	return ok && download_finish_group(d, err);
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
		uint32_t uid = download_wanted(d, i)->uid;

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
		ok = ask_again(d, download_wanted(d, i)->uid, &words[kept],
			err);
		if (!ok || d->got[i])
			continue;
		if (words[kept].len == 0)
			str_add_span(&words[kept], span_str(first));
		kept++;
	}
	ok = ok && download_finish_group(d, err) &&
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
		.turn = VEC(uint32_t), .given = VEC(struct slices_row),
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
	d.asked = mem_calloc(d.index->len, sizeof(*d.asked));
	ok = apply_go_on(a, err) && ask_all(&d, &refused, err) &&
		(missing(&d) == 0 || retry_missing(&d, &refused, err)) &&
		(!delivery_somewhere(d.delivery) ||
		settle_stored(a, PLAN_LOCAL, err));
	delivery_free(d.delivery);
	free(d.got);
	free(d.asked);
	vec_clear(&d.turn);
	vec_clear(&d.given);
	vec_clear(&d.staged);
	str_clear(&refused);
	return ok;
}
