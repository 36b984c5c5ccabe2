#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "imap/flag.h"
#include "mem.h"
#include "sync/apply.h"
#include "sync/deliver.h"
#include "sync/folder.h"
#include "sync/intent.h"
#include "sync/recover.h"
#include "sync/state.h"
#include "sync/tree.h"

/* So many refusals for want of room in one group, and the folder is given up
 * in this run. */
#define FULL_MAX 2

enum fate {
	FATE_UNKNOWN,   /* never answered: the intent stays */
	FATE_PLACED,    /* stored, and paired */
	FATE_SOMEWHERE, /* stored, the server did not tell where */
	FATE_REFUSED,
};

struct item {
	uint32_t uid, flags;
	struct intent intent;
	enum fate fate;
};

struct delivery {
	struct apply *a;
	struct vec item; /* of struct item: the group */
	unsigned full;   /* refusals for want of room in the group */
	uint64_t placed; /* of the group */
	bool somewhere;
};

static struct item *item_at(const struct delivery *d, size_t i)
{
	return vec_at(&d->item, i);
}

struct delivery *delivery_new(struct apply *a)
{
	struct delivery *d;

	if (!a->local->ops->incoming_send)
		return NULL;
	d = mem_calloc(1, sizeof(*d));
	d->a = a;
	d->item = (struct vec)VEC(struct item);
	return d;
}

static void clear_group(struct delivery *d)
{
	for (size_t i = 0; i < d->item.len; i++)
		free(item_at(d, i)->intent.name);
	vec_reset(&d->item);
	d->full = 0;
	d->placed = 0;
}

void delivery_free(struct delivery *d)
{
	if (!d)
		return;
	clear_group(d);
	vec_clear(&d->item);
	free(d);
}

bool delivery_somewhere(const struct delivery *d)
{
	return d && d->somewhere;
}

void delivery_add(struct delivery *d, uint32_t uid, uint32_t flags)
{
	struct apply *a = d->a;
	struct item *new = vec_add(&d->item);
	struct identity id;

	new->uid = uid;
	new->flags = flags;
	new->intent = (struct intent){
		.status = INTENT_BEGUN,
		.to_local = true,
		.name = mem_printf("UID %lu", (unsigned long)uid),
		.uidvalidity = a->local_info.uidvalidity,
		/* what comes now has none below, whatever UIDNEXT said */
		.uidnext = a->local_next,
		.created_ms = clock_wall_ms(),
		.twin = uid,
	};
	a->local->ops->incoming_identity(a->local, &id, new->intent.digest);
	new->intent.size = id.size;
	new->intent.header = id.id;
	new->intent.attempt = settle_attempts(a, &new->intent) + 1;
}

/* D8, D10: before the first byte leaves, the disk knows what may turn up. */
static bool announce(struct delivery *d, struct error *err)
{
	struct state *state = d->a->state;
	bool ok = state_begin(state, err);

	for (size_t i = 0; ok && i < d->item.len; i++)
		ok = intent_put(state, &item_at(d, i)->intent, err);
	ok = ok && state_commit(state, err);
	if (!ok)
		state_cancel(state);
	return ok;
}

static void refused(struct delivery *d, const struct item *it,
	const char *words)
{
	struct error err = {0};

	d->full += settle_says_full(words);
	error_set(&err, ERROR_MESSAGE, ERROR_REFUSED, "folder %s: the server "
		"of %s refused the message with %s: %s",
		d->a->job->pair->local, d->a->local->repository,
		it->intent.name, words);
	report_problem(d->a, &err, it->uid);
}

static void answered(void *arg, const struct store_sent *sent)
{
	struct delivery *d = arg;
	struct item *it = item_at(d, sent->index);

	switch (sent->result) {
	case CONDITION_OK:
		it->fate = sent->placed ? FATE_PLACED : FATE_SOMEWHERE;
		d->somewhere = d->somewhere || !sent->placed;
		d->placed++;
		break;
	case CONDITION_NO:
	case CONDITION_BAD:
		it->fate = FATE_REFUSED;
		refused(d, it, sent->text);
		break;
	case CONDITION_NONE:
	case CONDITION_BYE:
	case CONDITION_PREAUTH:
		break;
	}
}

static bool settle_one(struct delivery *d, struct item *it, struct error *err)
{
	struct state *state = d->a->state;

	switch (it->fate) {
	case FATE_UNKNOWN:
	case FATE_SOMEWHERE:
		return true;
	case FATE_PLACED:
		return state_put(state, it->uid, it->flags, err) &&
			settle_older(d->a, &it->intent, it->uid, err) &&
			intent_drop(state, it->intent.id, err);
	case FATE_REFUSED:
		return intent_drop(state, it->intent.id, err);
	}
	return true;
}

/* The map is on the disk before the rows are. */
static bool settle(struct delivery *d, struct error *err)
{
	bool ok = state_begin(d->a->state, err);

	for (size_t i = 0; ok && i < d->item.len; i++)
		ok = settle_one(d, item_at(d, i), err);
	if (ok)
		return apply_commit(d->a, err);
	state_cancel(d->a->state);
	return false;
}

static bool check_room(const struct delivery *d, struct error *err)
{
	return d->full < FULL_MAX || d->placed > 0 || error_set(err,
		ERROR_FOLDER, ERROR_REFUSED, "folder %s: the server of %s has "
		"no room; the rest is not copied in this run",
		d->a->job->pair->local, d->a->local->repository);
}

/* What was answered is settled even when the connection was lost then. */
bool delivery_send(struct delivery *d, struct error *err)
{
	struct store *local = d->a->local;
	struct error lost = {0};
	bool sent, ok;

	if (!announce(d, err))
		return false;
	sent = local->ops->incoming_send(local, answered, d, &lost);
	ok = settle(d, err);
	d->a->result->downloaded += d->placed;
	if (ok && !sent)
		*err = lost;
	ok = ok && sent && check_room(d, err);
	clear_group(d);
	return ok;
}
