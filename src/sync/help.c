#include "config.h"

#include "sync/help.h"

#include <stdlib.h>

#include "base/vec.h"
#include "base/worker.h"
#include "imap/ops.h"
#include "mail/msg.h"
#include "mail/store.h"
#include "sync/slices.h"
#include "sync/tree.h"

/* As those of a folder's owner. */
#define GROUP_MESSAGES 500
#define GROUP_BYTES (32u << 20)

/* One that was taken. */
struct taken {
	uint32_t at; /* place in the offer's index */
	bool came;   /* staged, or told */
	bool given;
};

struct help {
	struct slices *slices;
	const struct slices_offer *offer;
	struct store *remote, *local;
	struct worker *w;
	struct vec taken;  /* of struct taken, as they were asked for */
	size_t first;      /* all before it have come */
	size_t coming;
	struct vec staged; /* of struct slices_row */
	uint64_t staged_bytes;
	uint64_t done, bytes, size;
	bool begun;
	bool broken;       /* the local side failed, or a group is lost */
};

static struct taken *taken_at(const struct help *h, size_t i)
{
	return vec_at(&h->taken, i);
}

static const struct msg *wanted(const struct help *h, uint32_t at)
{
	return &h->offer->list->at[*(const uint32_t *)
		vec_at(h->offer->index, at)];
}

/* Servers answer in the order asked, mostly.  NULL: not asked for, or it came
 * before. */
static struct taken *find(struct help *h, uint32_t uid)
{
	while (h->first < h->taken.len && taken_at(h, h->first)->came)
		h->first++;
	for (size_t i = h->first; i < h->taken.len; i++) {
		struct taken *t = taken_at(h, i);

		if (!t->came && wanted(h, t->at)->uid == uid)
			return t;
	}
	return NULL;
}

/* ---- A group ---- */

static void give(struct help *h)
{
	/* A group is of the newest that came, or nearly so. */
	for (size_t i = 0; i < h->taken.len; i++)
		if (taken_at(h, i)->came)
			taken_at(h, i)->given = true;
	slices_give(h->slices, &h->staged, h->staged_bytes);
	vec_reset(&h->staged);
	h->staged_bytes = 0;
}

/* Failing, some may be visible all the same: the owner must not ask for them
 * in this run. */
static bool finish_group(struct help *h, struct error *err)
{
	if (h->staged.len == 0)
		return true;
	if (!h->local->ops->incoming_commit(h->local, err)) {
		h->broken = true;
		slices_spoil(h->slices, err);
		return false;
	}
	give(h);
	return true;
}

/* ---- One message ---- */

static void drop(struct help *h)
{
	if (h->begun)
		h->local->ops->incoming_drop(h->local);
	h->begun = false;
}

/* What concerns one message alone is told by the owner, who asks for it
 * again. */
static bool local_failed(struct help *h, struct error *err)
{
	if (err->severity != ERROR_MESSAGE) {
		h->broken = true;
		return false;
	}
	drop(h);
	error_clear(err);
	return true;
}

static bool begin(void *arg, uint64_t size, struct error *err)
{
	struct help *h = arg;

	drop(h);
	h->size = size;
	h->begun = h->local->ops->incoming_begin(h->local, size, err);
	return h->begun || local_failed(h, err);
}

static bool data(void *arg, struct span piece, struct error *err)
{
	struct help *h = arg;

	h->bytes += piece.len;
	worker_progress(h->w, &(struct event_progress){
		.phase = PHASE_COPYING, .done = h->done,
		.total = h->offer->index->len, .bytes_done = h->bytes});
	return !h->begun || h->local->ops->incoming_data(h->local, piece,
		err) || local_failed(h, err);
}

static void tell(struct help *h, uint32_t uid)
{
	const struct tree_pair *pair = h->offer->pair;

	worker_emit(h->w, &(struct event){.kind = EVENT_COPY, .u.copy = {
		.uid = uid, .index = slices_number(h->slices),
		.count = h->offer->index->len,
		.from_type = store_type_name(h->remote),
		.from_repository = h->remote->repository,
		.from_folder = pair->remote,
		.to_type = store_type_name(h->local),
		.to_repository = h->local->repository,
		.to_folder = pair->local,
		.bytes = h->size}});
}

static bool stage(struct help *h, const struct response_fetch *f,
	struct taken *t, struct error *err)
{
	uint32_t flags = h->offer->flags & (f->has & FETCH_FLAGS ? f->flags
		: wanted(h, t->at)->flags);

	h->begun = false;
	if (!h->local->ops->incoming_end(h->local, f->uid, flags,
		f->has & FETCH_DATE ? f->date : 0, err))
		return local_failed(h, err);
	*(struct slices_row *)vec_add(&h->staged) =
		(struct slices_row){t->at, flags};
	h->staged_bytes += h->size;
	t->came = true;
	h->coming--;
	h->done++;
	tell(h, f->uid);
	return (h->staged.len < GROUP_MESSAGES &&
		h->staged_bytes < GROUP_BYTES) || finish_group(h, err);
}

static bool end(void *arg, const struct response_fetch *f, struct error *err)
{
	struct help *h = arg;
	struct taken *t = f->has & FETCH_UID ? find(h, f->uid) : NULL;

	if (t && f->has & FETCH_STREAMED && h->begun)
		return stage(h, f, t, err);
	drop(h);
	return true;
}

/* ---- Asking ---- */

static int by_place(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool next(void *arg, struct seqset *uids)
{
	struct help *h = arg;
	struct vec places = VEC(uint32_t);

	if (!slices_take(h->slices, true, h->coming, &places))
		return false;
	qsort(places.data, places.len, sizeof(uint32_t), by_place);
	for (size_t i = 0; i < places.len; i++) {
		uint32_t at = *(const uint32_t *)vec_at(&places, i);

		*(struct taken *)vec_add(&h->taken) = (struct taken){.at = at};
		seqset_add(uids, wanted(h, at)->uid);
	}
	h->coming += places.len;
	vec_clear(&places);
	return true;
}

static bool ask(struct help *h, struct error *err)
{
	const struct body_sink sink = {begin, data, end, h, next};
	struct seqset first = {0};
	struct str refused = {0};
	struct error lost;
	bool ok = true;

	if (next(h, &first))
		ok = h->remote->ops->fetch(h->remote, &first, &sink, &refused,
			err);
	drop(h);
	lost = *err;
	/* what has come is good, whatever became of the connection */
	if (!h->broken && !finish_group(h, err))
		ok = false;
	else
		*err = lost;
	seqset_clear(&first);
	str_clear(&refused);
	return ok;
}

static bool enter(struct help *h, struct error *err)
{
	const struct tree_pair *pair = h->offer->pair;
	struct folder_info info;

	h->local->visible = pair->hash_name;
	if (!h->remote->ops->enter(h->remote, pair->remote, true, &info, err))
		return false;
	if (info.uidvalidity != h->offer->uidvalidity)
		return error_set(err, ERROR_FOLDER, ERROR_OTHER, "folder %s "
			"was replaced by another one during the run",
			pair->remote);
	return h->local->ops->enter(h->local, pair->local, false, &info, err);
}

static void leave(struct help *h)
{
	struct vec undone = VEC(uint32_t);

	for (size_t i = 0; i < h->taken.len; i++)
		if (!taken_at(h, i)->given)
			*(uint32_t *)vec_add(&undone) = taken_at(h, i)->at;
	slices_leave(h->slices, &undone);
	vec_clear(&undone);
}

/* Whether the connection outlives this error. */
static bool goes_on(const struct help *h, const struct error *err)
{
	return !h->broken && err->kind != ERROR_STOPPED &&
		(err->severity == ERROR_FOLDER ||
		err->severity == ERROR_MESSAGE);
}

bool help_run(struct slices *s, struct store *remote, struct store *local,
	struct worker *w, struct error *err)
{
	struct help h = {.slices = s, .offer = slices_get(s),
		.remote = remote, .local = local, .w = w,
		.taken = VEC(struct taken), .staged = VEC(struct slices_row)};
	bool ok = enter(&h, err) && ask(&h, err);

	if (local->ops->leave)
		local->ops->leave(local);
	leave(&h);
	vec_clear(&h.taken);
	vec_clear(&h.staged);
	return ok || goes_on(&h, err);
}
