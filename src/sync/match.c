#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "mail/header_cut.h"
#include "mail/store.h"
#include "mem.h"
#include "sync/match.h"

/* With more left over than this, bodies are compared only where something
 * else agrees: all else is new mail, which is fetched anyway. */
#define DIGEST_ALL_MAX 2000

void match_side_init(struct match_side *side, struct store *store,
	const struct msglist *list, bool fetched)
{
	*side = (struct match_side){.store = store, .list = list,
		.fetched = fetched, .entry = VEC(struct match_entry)};
}

static struct match_entry *entry_at(const struct match_side *side, size_t i)
{
	return vec_at(&side->entry, i);
}

void match_side_add(struct match_side *side, uint32_t index)
{
	struct match_entry *e = vec_add(&side->entry);

	e->index = index;
	e->uid = side->list->at[index].uid;
}

void match_side_clear(struct match_side *side)
{
	vec_clear(&side->entry);
}

/* ---- Sizes and header keys ---- */

struct identifying {
	struct match_side *side;
	struct worker *w;
	uint64_t done;
};

static int compare_index(const void *a, const void *b)
{
	const struct match_entry *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

static bool note_identity(void *arg, const struct identity *id,
	struct error *err)
{
	struct identifying *run = arg;
	struct vec *entries = &run->side->entry;
	struct match_entry key = {.index = id->index}, *e;

	e = bsearch(&key, entries->data, entries->len, sizeof(key),
		compare_index);
	if (e) {
		e->size = id->size;
		e->id = id->id;
		e->identified = true;
	}
	worker_progress(run->w, &(struct event_progress){
		.phase = PHASE_MATCHING, .done = ++run->done,
		.total = entries->len});
	return !worker_stopped(run->w) || error_set(err, ERROR_FOLDER_RETRY,
		ERROR_STOPPED, "stopped");
}

bool match_identify(struct match_side *side, struct worker *w,
	struct error *err)
{
	struct identifying run = {side, w, 0};
	struct msgset set = {side->list, NULL, 0};
	uint32_t *index = mem_calloc(side->entry.len + 1, sizeof(*index));
	bool ok;

	for (size_t i = 0; i < side->entry.len; i++)
		if (!entry_at(side, i)->identified)
			index[set.len++] = entry_at(side, i)->index;
	set.index = index;
	ok = set.len == 0 || side->store->ops->identify(side->store, &set,
		note_identity, &run, err);
	free(index);
	return ok;
}

/* ---- Digests ---- */

/* A sink that keeps only the digest of what comes. */
struct digesting {
	struct match_side *side;
	const bool *wanted;
	struct digest *digest;
	struct header_cut cut;
	uint64_t size;
	struct str piece;
	struct worker *w;
};

static bool sink_begin(void *arg, uint64_t size, struct error *err)
{
	struct digesting *run = arg;
	unsigned char unused[DIGEST_SHA256_SIZE];

	(void)size;
	(void)err;
	/* one that was cut off may have left something */
	digest_end(run->digest, unused);
	run->cut = (struct header_cut){.names = run->side->names};
	run->size = 0;
	return true;
}

static void add_piece(struct digesting *run, struct span piece)
{
	run->size += piece.len;
	digest_add(run->digest, piece.data, piece.len);
}

static bool sink_data(void *arg, struct span data, struct error *err)
{
	struct digesting *run = arg;

	(void)err;
	if (!run->cut.names) {
		add_piece(run, data);
		return true;
	}
	str_reset(&run->piece);
	str_reserve(&run->piece, data.len + HEADER_CUT_HELD);
	add_piece(run, (struct span){run->piece.data,
		header_cut(&run->cut, data, run->piece.data)});
	return true;
}

static int compare_uid(const void *a, const void *b)
{
	const struct match_entry *x = a, *y = b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

/* A server's list is sorted by UID, and so are the entries. */
static struct match_entry *entry_of_uid(struct digesting *run, uint32_t uid)
{
	const struct vec *entries = &run->side->entry;
	struct match_entry key = {.uid = uid}, *e;

	e = bsearch(&key, entries->data, entries->len, sizeof(key),
		compare_uid);
	return e && run->wanted[e - (struct match_entry *)entries->data]
		? e : NULL;
}

static bool sink_end(void *arg, const struct response_fetch *f,
	struct error *err)
{
	struct digesting *run = arg;
	unsigned char result[DIGEST_SHA256_SIZE];
	char held[HEADER_CUT_HELD];
	struct match_entry *e;

	add_piece(run, (struct span){held, header_cut_end(&run->cut, held)});
	digest_end(run->digest, result);
	if (!(f->has & FETCH_UID) || !(f->has & FETCH_STREAMED))
		return true;
	e = entry_of_uid(run, f->uid);
	if (e && !e->digested) {
		memcpy(e->digest, result, sizeof(result));
		e->size = run->size;
		e->digested = true;
	}
	return !worker_stopped(run->w) || error_set(err, ERROR_FOLDER_RETRY,
		ERROR_STOPPED, "stopped");
}

static bool digest_remote(struct digesting *run, struct error *err)
{
	const struct body_sink sink = {sink_begin, sink_data, sink_end, run,
		NULL};
	struct store *store = run->side->store;
	struct seqset uids = {0};
	struct str refused = {0};
	bool ok = true;

	for (size_t i = 0; i < run->side->entry.len; i++)
		if (run->wanted[i] && !entry_at(run->side, i)->digested)
			seqset_add(&uids, entry_at(run->side, i)->uid);
	if (!seqset_empty(&uids))
		ok = store->ops->fetch(store, &uids, &sink, &refused, err);
	seqset_clear(&uids);
	str_clear(&refused);
	return ok;
}

static bool digest_one_local(struct digesting *run, struct match_entry *e,
	struct error *err)
{
	struct match_side *side = run->side;
	const struct store_ops *ops = side->store->ops;
	struct outgoing out = {0};

	if (worker_stopped(run->w))
		return error_set(err, ERROR_FOLDER_RETRY, ERROR_STOPPED,
			"stopped");
	if (!ops->outgoing_open(side->store, side->list,
		&side->list->at[e->index], &out, err)) {
		if (err->severity > ERROR_MESSAGE)
			return false;
		error_clear(err);
		e->identified = false;
		return true;
	}
	memcpy(e->digest, out.digest, sizeof(e->digest));
	e->size = out.source.size;
	e->digested = true;
	ops->outgoing_close(side->store, &out);
	return true;
}

static void expect(const struct digesting *run)
{
	const struct match_side *side = run->side;
	uint32_t *index = mem_calloc(side->entry.len + 1, sizeof(*index));
	struct msgset set = {side->list, index, 0};

	for (size_t i = 0; i < side->entry.len; i++)
		if (run->wanted[i] && !entry_at(side, i)->digested)
			index[set.len++] = entry_at(side, i)->index;
	side->store->ops->outgoing_expect(side->store, &set);
	free(index);
}

static bool digest_local(struct digesting *run, struct error *err)
{
	if (run->side->store->ops->outgoing_expect)
		expect(run);
	for (size_t i = 0; i < run->side->entry.len; i++) {
		struct match_entry *e = entry_at(run->side, i);

		if (run->wanted[i] && !e->digested &&
			!digest_one_local(run, e, err))
			return false;
	}
	return true;
}

bool match_digest(struct match_side *side, const bool *wanted,
	struct worker *w, struct error *err)
{
	struct digesting run = {.side = side, .wanted = wanted,
		.digest = digest_new(), .w = w};
	bool ok = side->fetched ? digest_remote(&run, err)
		: digest_local(&run, err);

	digest_free(run.digest);
	str_clear(&run.piece);
	return ok;
}

/* ---- Pairing ---- */

/* Pointers to the unpaired entries of a side, in some order. */
struct order {
	struct match_entry **at;
	size_t len;
};

static struct order order_make(const struct match_side *side,
	bool (*use)(const struct match_entry *),
	int (*compare)(const void *, const void *))
{
	struct order o = {mem_calloc(side->entry.len + 1, sizeof(*o.at)), 0};

	for (size_t i = 0; i < side->entry.len; i++)
		if (!entry_at(side, i)->paired && use(entry_at(side, i)))
			o.at[o.len++] = entry_at(side, i);
	if (o.len > 1)
		qsort(o.at, o.len, sizeof(*o.at), compare);
	return o;
}

static int by_key_size(const struct match_entry *x,
	const struct match_entry *y)
{
	int order = memcmp(x->id.key, y->id.key, sizeof(x->id.key));

	return order ? order : (x->size > y->size) - (x->size < y->size);
}

static int by_digest(const struct match_entry *x, const struct match_entry *y)
{
	return memcmp(x->digest, y->digest, sizeof(x->digest));
}

static int sort_key_size(const void *a, const void *b)
{
	return by_key_size(*(struct match_entry *const *)a,
		*(struct match_entry *const *)b);
}

static int sort_digest(const void *a, const void *b)
{
	const struct match_entry *x = *(struct match_entry *const *)a;
	const struct match_entry *y = *(struct match_entry *const *)b;
	int order = by_digest(x, y);

	return order ? order : compare_index(x, y);
}

static bool use_identified(const struct match_entry *e)
{
	return e->identified;
}

static bool use_digested(const struct match_entry *e)
{
	return e->digested;
}

static void pair(struct match_entry *r, struct match_entry *l,
	struct vec *pairs)
{
	r->paired = true;
	l->paired = true;
	*(struct match_pair *)vec_add(pairs) =
		(struct match_pair){r->index, l->index};
}

/* How many from here on are equal to the first. */
static size_t run_length(const struct order *o, size_t from,
	int (*compare)(const struct match_entry *, const struct match_entry *))
{
	size_t end = from + 1;

	while (end < o->len && compare(o->at[from], o->at[end]) == 0)
		end++;
	return end - from;
}

/* Those that are alone with their key on both sides. */
static void pair_unique(struct match_side *remote, struct match_side *local,
	struct vec *pairs)
{
	struct order r = order_make(remote, use_identified, sort_key_size);
	struct order l = order_make(local, use_identified, sort_key_size);
	size_t i = 0, j = 0;

	while (i < r.len && j < l.len) {
		size_t rs = run_length(&r, i, by_key_size);
		size_t ls = run_length(&l, j, by_key_size);
		int order = by_key_size(r.at[i], l.at[j]);

		if (order == 0 && rs == 1 && ls == 1 &&
			r.at[i]->id.has_message_id &&
			l.at[j]->id.has_message_id)
			pair(r.at[i], l.at[j], pairs);
		i += order <= 0 ? rs : 0;
		j += order >= 0 ? ls : 0;
	}
	free(r.at);
	free(l.at);
}

/* All of one digest: who has kept the number goes first, then by order. */
static void pair_equal(struct match_entry **r, size_t rlen,
	struct match_entry **l, size_t llen, struct vec *pairs)
{
	size_t at = 0;

	for (size_t i = 0; i < rlen; i++)
		for (size_t j = 0; j < llen && !r[i]->paired; j++)
			if (!l[j]->paired && l[j]->uid == r[i]->uid)
				pair(r[i], l[j], pairs);
	for (size_t i = 0; i < rlen; i++) {
		while (at < llen && l[at]->paired)
			at++;
		if (at == llen)
			return;
		if (!r[i]->paired)
			pair(r[i], l[at], pairs);
	}
}

static void pair_digests(struct match_side *remote, struct match_side *local,
	struct vec *pairs)
{
	struct order r = order_make(remote, use_digested, sort_digest);
	struct order l = order_make(local, use_digested, sort_digest);
	size_t i = 0, j = 0;

	while (i < r.len && j < l.len) {
		size_t rs = run_length(&r, i, by_digest);
		size_t ls = run_length(&l, j, by_digest);
		int order = by_digest(r.at[i], l.at[j]);

		if (order == 0)
			pair_equal(&r.at[i], rs, &l.at[j], ls, pairs);
		i += order <= 0 ? rs : 0;
		j += order >= 0 ? ls : 0;
	}
	free(r.at);
	free(l.at);
}

static bool use_any(const struct match_entry *e)
{
	(void)e;
	return true;
}

static int by_key(const struct match_entry *x, const struct match_entry *y)
{
	return memcmp(x->id.key, y->id.key, sizeof(x->id.key));
}

static int by_size(const struct match_entry *x, const struct match_entry *y)
{
	return (x->size > y->size) - (x->size < y->size);
}

static int sort_size(const void *a, const void *b)
{
	return by_size(*(struct match_entry *const *)a,
		*(struct match_entry *const *)b);
}

/* Wants those of a side that agree in something with one in sorted. */
static void want_equal(const struct match_side *side, bool *wanted,
	const struct order *sorted,
	int (*compare)(const struct match_entry *, const struct match_entry *))
{
	for (size_t i = 0; i < side->entry.len; i++) {
		const struct match_entry *e = entry_at(side, i);
		size_t low = 0, high = sorted->len;

		while (!e->paired && low < high) {
			size_t mid = low + (high - low) / 2;
			int order = compare(e, sorted->at[mid]);

			if (order == 0)
				wanted[i] = true;
			if (order == 0)
				break;
			if (order < 0)
				high = mid;
			else
				low = mid + 1;
		}
	}
}

/* Keys do not agree where the fields that they are made of do not count. */
static bool has_keys(const struct match_side *side)
{
	for (const char *const *n = side->names; n && *n; n++)
		if (header_is_key(*n))
			return false;
	return true;
}

/* Which entries of side are worth reading, given those left of other. */
static bool *want(const struct match_side *side,
	const struct match_side *other)
{
	bool *wanted = mem_calloc(side->entry.len + 1, sizeof(*wanted));
	struct order key = order_make(other, use_any, sort_key_size);
	struct order size = order_make(other, use_any, sort_size);
	size_t left = key.len;

	for (size_t i = 0; i < side->entry.len; i++)
		left += !entry_at(side, i)->paired;
	if (left <= DIGEST_ALL_MAX || !has_keys(side) || !has_keys(other)) {
		for (size_t i = 0; i < side->entry.len; i++)
			wanted[i] = key.len > 0 && !entry_at(side, i)->paired;
	} else {
		want_equal(side, wanted, &key, by_key);
		want_equal(side, wanted, &size, by_size);
	}
	free(key.at);
	free(size.at);
	return wanted;
}

static bool digest_left(struct match_side *remote, struct match_side *local,
	struct worker *w, struct error *err)
{
	bool *from_remote = want(remote, local);
	bool *from_local = want(local, remote);
	bool ok = match_digest(local, from_local, w, err) &&
		match_digest(remote, from_remote, w, err);

	free(from_remote);
	free(from_local);
	return ok;
}

bool match_find(struct match_side *remote, struct match_side *local,
	struct vec *pairs, struct worker *w, struct error *err)
{
	if (remote->entry.len == 0 || local->entry.len == 0)
		return true;
	if (!match_identify(remote, w, err) || !match_identify(local, w, err))
		return false;
	pair_unique(remote, local, pairs);
	if (!digest_left(remote, local, w, err))
		return false;
	pair_digests(remote, local, pairs);
	return true;
}
