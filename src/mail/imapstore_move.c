#include "config.h"

#include <stdlib.h>

#include "base/worker.h"
#include "imap/ops.h"
#include "mail/imapstore.h"

/* Messages in one command: Q20, and a refusal costs only so many. */
#define MOVE_BATCH 500

static void uids_of(const struct msgset *which, size_t from, size_t end,
	struct seqset *out)
{
	for (size_t i = from; i < end; i++)
		seqset_add(out, msgset_at(which, i)->uid);
}

/* The list is sorted by UID. */
static size_t place_of(const struct msgset *which, uint32_t uid)
{
	size_t low = 0, high = which->len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (msgset_at(which, mid)->uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < which->len && msgset_at(which, low)->uid == uid ? low
		: which->len;
}

static bool move_part(struct imapstore *s, const struct seqset *uids,
	const char *wire, struct vec *moved, bool *refused,
	struct error *err)
{
	bool no = false;
	bool ok;

	worker_effect(s->store.worker, "move");
	ok = ops_move(s->session, uids, wire, moved, &no, err);
	*refused = *refused && no && moved->len == 0;
	return imapstore_checked(s, ok, err);
}

bool imapstore_move(struct store *store, const struct msgset *which,
	const char *to, store_moved_fn *each, void *arg, bool *refused,
	struct error *err)
{
	struct imapstore *s = (struct imapstore *)store;
	char *wire = imapstore_wire(s, to);
	struct vec moved = VEC(struct ops_moved);
	bool ok = true;

	*refused = true;
	for (size_t at = 0; ok && at < which->len; at += MOVE_BATCH) {
		size_t end = which->len - at < MOVE_BATCH ? which->len
			: at + MOVE_BATCH;
		struct seqset uids = {0};

		uids_of(which, at, end, &uids);
		ok = move_part(s, &uids, wire, &moved, refused, err);
		seqset_clear(&uids);
	}
	/* What arrived has arrived, whatever came then. */
	for (size_t i = 0; i < moved.len; i++) {
		const struct ops_moved *m = vec_at(&moved, i);
		size_t place = place_of(which, m->from);

		if (place < which->len)
			each(arg, place, m->to, m->uidvalidity);
	}
	vec_clear(&moved);
	free(wire);
	return ok;
}
