#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/worker.h"
#include "imap/flag.h"
#include "mem.h"
#include "sync/apply.h"
#include "sync/folder.h"
#include "sync/intent.h"
#include "sync/recover.h"
#include "sync/state.h"
#include "sync/tree.h"

/* One batch: announced in one transaction, sent in one flight, settled in
 * another transaction.  Those that hold no descriptor are in memory. */
#define BATCH_MESSAGES 500
#define BATCH_OPEN 32
#define BATCH_MEMORY (4u << 20)
#define BATCH_OPEN_MIN 2
#define BATCH_MEMORY_MIN (256u << 10)
/* The first one shows whether there is room for more. */
#define BATCH_FIRST_BYTES (4u << 20)
#define BATCH_BYTES (16u << 20)

/* So many refusals for want of room, one after the other, and the rest of
 * the folder is not tried in this run. */
#define FULL_MAX 2

/* What became of one message. */
enum fate {
	FATE_UNKNOWN, /* never answered: the intent stays */
	FATE_STORED,  /* under .uid, which the local message has taken over */
	FATE_SOMEWHERE, /* stored, the server did not tell where */
	FATE_SETTLED, /* refused, or nobody is there to get the UID */
};

struct sending {
	const struct msg *m;
	struct outgoing out;
	struct intent intent;
	enum fate fate;
	uint32_t uid;
};

struct upload {
	struct apply *a;
	size_t next;        /* into a->plan.upload */
	struct sending *at; /* the batch */
	struct append *item;
	size_t len;
	size_t open;        /* of the batch: so many descriptors, ... */
	uint64_t memory;    /* so many bytes of others, ... */
	uint64_t size;      /* ... and so many of all */
	uint64_t done, bytes;
	unsigned full;      /* refusals for want of room in a row */
	bool somewhere;     /* some are stored, the server did not tell where */
};

/* ---- Filling a batch ---- */

static void fill_intent(const struct apply *a, struct sending *s)
{
	s->intent = (struct intent){
		.status = INTENT_BEGUN,
		.name = msglist_name_dup(&a->now.local, s->m),
		.size = s->out.source.size,
		.header = s->out.id,
		.uidvalidity = a->remote_info.uidvalidity,
		.uidnext = a->uidnext,
		.created_ms = clock_wall_ms(),
	};
	memcpy(s->intent.digest, s->out.digest, sizeof(s->intent.digest));
	s->intent.attempt = settle_attempts(a, &s->intent) + 1;
}

static void report_unreadable(struct apply *a, const struct msg *m,
	struct error *err)
{
	char *name = msglist_name_dup(&a->now.local, m);

	error_add(err, "folder %s, message %s", a->job->pair->local, name);
	report_problem(a, err, m->uid);
	free(name);
}

static uint32_t flags_sent(const struct apply *a, const struct msg *m)
{
	return m->flags & apply_shared(a) & a->remote_info.flags_allowed;
}

/* Opens the next message.  Gone meanwhile is nothing to do. */
static bool open_next(struct upload *u, struct error *err)
{
	struct apply *a = u->a;
	uint32_t index = *(uint32_t *)vec_at(&a->plan.upload, u->next++);
	struct sending *s = &u->at[u->len];

	*s = (struct sending){.m = &a->now.local.at[index]};
	if (!a->local->ops->outgoing_open(a->local, &a->now.local, s->m,
		&s->out, err)) {
		if (err->severity > ERROR_MESSAGE)
			return false;
		if (err->kind != ERROR_GONE)
			report_unreadable(a, s->m, err);
		u->done++;
		error_clear(err);
		return true;
	}
	fill_intent(a, s);
	u->item[u->len] = (struct append){.source = s->out.source,
		.flags = flags_sent(a, s->m), .date = s->out.date,
		.alone = s->intent.attempt > 1};
	u->size += s->out.source.size;
	u->open += s->out.open;
	u->memory += s->out.open ? 0 : s->out.source.size;
	u->len++;
	return true;
}

/* Of what a worker may hold: those who share it have batches too. */
static size_t part(const struct upload *u, size_t whole, size_t least)
{
	unsigned peers = u->a->job->peers;
	size_t own = peers > 1 ? whole / peers : whole;

	return own > least ? own : least;
}

static bool has_place(const struct upload *u)
{
	return u->len < BATCH_MESSAGES &&
		u->open < part(u, BATCH_OPEN, BATCH_OPEN_MIN) &&
		u->memory < part(u, BATCH_MEMORY, BATCH_MEMORY_MIN) &&
		u->size < (u->done > 0 ? BATCH_BYTES : BATCH_FIRST_BYTES);
}

static bool fill_batch(struct upload *u, struct error *err)
{
	u->open = 0;
	u->memory = u->size = 0;
	while (u->next < u->a->plan.upload.len && has_place(u))
		if (!open_next(u, err))
			return false;
	return true;
}

static void clear_batch(struct upload *u)
{
	for (size_t i = 0; i < u->len; i++) {
		u->a->local->ops->outgoing_close(u->a->local, &u->at[i].out);
		free(u->at[i].intent.name);
		str_clear(&u->item[i].text);
	}
	u->len = 0;
}

/* D8, D10: before the first byte leaves, the disk knows what may turn up. */
static bool announce(struct upload *u, struct error *err)
{
	struct state *state = u->a->state;
	bool ok = state_begin(state, err);

	for (size_t i = 0; ok && i < u->len; i++)
		ok = intent_put(state, &u->at[i].intent, err);
	ok = ok && state_commit(state, err);
	if (!ok)
		state_cancel(state);
	return ok;
}

/* ---- Answers ---- */

static void refused(struct upload *u, struct sending *s,
	const struct append *item)
{
	struct error err = {0};

	s->fate = FATE_SETTLED;
	u->full = settle_says_full(str_get(&item->text)) ? u->full + 1 : 0;
	error_set(&err, ERROR_MESSAGE, ERROR_REFUSED, "folder %s: the server "
		"refused message %s: %s", u->a->job->pair->remote,
		s->intent.name, str_get(&item->text));
	report_problem(u->a, &err, 0);
}

/* A server that keeps one copy of equal messages gives the number of the one
 * it has.  Two local messages cannot share it. */
static bool number_is_taken(const struct upload *u, const struct sending *s)
{
	const struct apply_lists *now = &u->a->now;

	if (msglist_find(&now->rows, s->uid) ||
		msglist_find(&now->remote, s->uid) ||
		msglist_find(&now->local, s->uid))
		return true;
	for (size_t i = 0; i < u->len; i++)
		if (&u->at[i] != s && u->at[i].fate == FATE_STORED &&
			u->at[i].uid == s->uid)
			return true;
	return false;
}

static void say_taken(struct upload *u, const struct sending *s)
{
	struct error err = {0};

	error_set(&err, ERROR_MESSAGE, ERROR_OTHER, "folder %s: the server "
		"took message %s for the one it has as UID %lu; the second "
		"one stays here alone", u->a->job->pair->remote,
		s->intent.name, (unsigned long)s->uid);
	report_problem(u->a, &err, s->uid);
}

static void count(struct apply *a, const struct msg *m)
{
	a->result->uploaded++;
	if ((m->flags & FLAG_SEEN) == 0)
		a->result->new_local = true;
}

/* The local message takes the number over.  Deleted here meanwhile: no row,
 * so the message comes back by download and nothing is lost.  Any other
 * failure: the intent stays, and the next run pairs the two. */
static void take_number(struct upload *u, struct sending *s)
{
	struct apply *a = u->a;
	struct error err = {0};

	if (a->local->ops->adopt(a->local, &a->now.local, s->m, s->uid,
		&err)) {
		s->fate = FATE_STORED;
		count(a, s->m);
		return;
	}
	if (err.kind == ERROR_GONE) {
		s->fate = FATE_SETTLED;
		return;
	}
	error_add(&err, "folder %s, message %s is on the server as UID %lu",
		a->job->pair->local, s->intent.name, (unsigned long)s->uid);
	report_problem(a, &err, s->uid);
}

static void stored(struct upload *u, struct sending *s,
	const struct append *item)
{
	u->full = 0;
	if (item->uid == 0 ||
		item->uidvalidity != u->a->remote_info.uidvalidity) {
		s->fate = FATE_SOMEWHERE;
		u->somewhere = true;
		count(u->a, s->m);
		return;
	}
	s->uid = item->uid;
	if (s->uid == s->m->uid || !number_is_taken(u, s)) {
		take_number(u, s);
		return;
	}
	s->fate = FATE_SETTLED;
	say_taken(u, s);
}

static bool answered(void *arg, struct append *item, struct error *err)
{
	struct upload *u = arg;
	struct sending *s = &u->at[item - u->item];

	(void)err;
	u->done++;
	u->bytes += s->out.source.size;
	switch (item->result) {
	case CONDITION_OK:
		stored(u, s, item);
		break;
	case CONDITION_NO:
	case CONDITION_BAD:
		refused(u, s, item);
		break;
	case CONDITION_NONE:
	case CONDITION_BYE:
	case CONDITION_PREAUTH:
		break;
	}
	worker_progress(u->a->w, &(struct event_progress){
		.phase = PHASE_COPYING, .done = u->done,
		.total = u->a->plan.upload.len, .bytes_done = u->bytes});
	return true;
}

/* ---- Settling ---- */

static bool settle_one(struct upload *u, struct sending *s, struct error *err)
{
	struct state *state = u->a->state;

	switch (s->fate) {
	case FATE_UNKNOWN:
	case FATE_SOMEWHERE:
		return true;
	case FATE_STORED:
		return state_put(state, s->uid, flags_sent(u->a, s->m), err) &&
			settle_older(u->a, &s->intent, s->uid, err) &&
			intent_drop(state, s->intent.id, err);
	case FATE_SETTLED:
		return intent_drop(state, s->intent.id, err);
	}
	return true;
}

static bool settle(struct upload *u, struct error *err)
{
	bool ok = state_begin(u->a->state, err);

	for (size_t i = 0; ok && i < u->len; i++)
		ok = settle_one(u, &u->at[i], err);
	if (ok)
		return apply_commit(u->a, err);
	state_cancel(u->a->state);
	return false;
}

static void tell_batch(struct upload *u)
{
	for (size_t i = 0; i < u->len; i++)
		report_copy(u->a, PLAN_REMOTE, -(int64_t)(u->a->
			copied[PLAN_REMOTE] + 1), u->at[i].out.source.size);
}

/* What was answered is settled even when the connection was lost then. */
static bool send_batch(struct upload *u, struct error *err)
{
	struct store *remote = u->a->remote;
	struct error lost = {0};
	bool sent;

	if (!announce(u, err))
		return false;
	tell_batch(u);
	sent = remote->ops->append(remote, u->item, u->len, answered, u,
		&lost);
	/* Only the session knows whether it still works: it is given up. */
	u->a->remote_dead = u->a->remote_dead || !sent;
	if (!settle(u, err))
		return false;
	if (!sent)
		*err = lost;
	return sent;
}

static bool send_all(struct upload *u, struct error *err)
{
	while (u->next < u->a->plan.upload.len && u->full < FULL_MAX) {
		bool ok = apply_go_on(u->a, err) && fill_batch(u, err) &&
			(u->len == 0 || send_batch(u, err));

		clear_batch(u);
		if (!ok)
			return false;
	}
	return true;
}

/* ---- All of them ---- */

static void report_full(struct upload *u)
{
	size_t left = u->a->plan.upload.len - u->next;

	if (left == 0 || u->full < FULL_MAX)
		return;
	u->a->partial = true;
	worker_log(u->a->w, EVENT_WARNING, AREA_GENERAL,
		"folder %s: the server has no room; %zu more messages were "
		"not sent", u->a->job->pair->remote, left);
}

static void tell_only(struct apply *a)
{
	for (size_t i = 1; i <= a->plan.upload.len; i++)
		report_copy(a, PLAN_REMOTE, -(int64_t)i, 0);
}

static void expect(const struct apply *a)
{
	const struct msgset all = {&a->now.local, a->plan.upload.data,
		a->plan.upload.len};

	if (a->local->ops->outgoing_expect)
		a->local->ops->outgoing_expect(a->local, &all);
}

bool upload_run(struct apply *a, struct error *err)
{
	struct upload u = {.a = a};
	bool ok;

	report_direction(a, PLAN_REMOTE);
	if (a->plan.upload.len == 0)
		return true;
	if (a->job->dry_run) {
		tell_only(a);
		return true;
	}
	expect(a);
	u.at = mem_calloc(BATCH_MESSAGES, sizeof(*u.at));
	u.item = mem_calloc(BATCH_MESSAGES, sizeof(*u.item));
	ok = send_all(&u, err);
	free(u.at);
	free(u.item);
	if (ok)
		report_full(&u);
	return ok && (!u.somewhere ||
		settle_stored(a, PLAN_REMOTE, err));
}
