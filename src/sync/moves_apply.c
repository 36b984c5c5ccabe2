#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/worker.h"
#include "mem.h"
#include "sync/apply.h"
#include "sync/folder.h"
#include "sync/moves_impl.h"
#include "sync/recover.h"
#include "sync/state.h"
#include "sync/tree.h"

static struct move *move_at(const struct moves *m, size_t i)
{
	return vec_at(&m->move, i);
}

static const struct msg *found_msg(const struct move *move)
{
	const struct apply_lists *now = &move->to->a->now;

	return move->side == PLAN_REMOTE ? &now->local.at[move->found]
		: &now->remote.at[move->found];
}

/* ---- On the server: what is about to happen ---- */

static void fill_intent(struct apply *a, struct move *move,
	const struct outgoing *out)
{
	move->intent = (struct intent){
		.status = INTENT_BEGUN,
		.name = msglist_name_dup(&a->now.local, found_msg(move)),
		.size = out->source.size,
		.header = out->id,
		.uidvalidity = a->remote_info.uidvalidity,
		.uidnext = a->uidnext,
		.created_ms = clock_wall_ms(),
	};
	memcpy(move->intent.digest, out->digest, sizeof(out->digest));
	move->intent.attempt = settle_attempts(a, &move->intent) + 1;
}

/* A file that cannot be read, or has changed, is no business of ours: it is
 * looked at again as an upload. */
static void read_found(struct apply *a, struct move *move)
{
	struct outgoing out = {0};
	struct error ignored = {0};

	move->fate = MOVE_REFUSED;
	if (!a->local->ops->outgoing_open(a->local, &a->now.local,
		found_msg(move), &out, &ignored))
		return;
	fill_intent(a, move, &out);
	a->local->ops->outgoing_close(a->local, &out);
	move->fate = MOVE_ANNOUNCED;
}

/* D8: the disk knows what may turn up before the command leaves. */
static bool announce(struct moves *m, struct party *p, struct error *err)
{
	struct state *state = p->a->state;
	bool ok = true, begun = false;

	for (size_t i = 0; ok && i < m->move.len; i++) {
		struct move *move = move_at(m, i);

		if (move->to != p || move->side != PLAN_REMOTE ||
			move->from->left)
			continue;
		read_found(p->a, move);
		if (move->fate != MOVE_ANNOUNCED)
			continue;
		ok = (begun || state_begin(state, err)) &&
			intent_put(state, &move->intent, err);
		begun = true;
	}
	ok = ok && (!begun || state_commit(state, err));
	state_cancel(state);
	return ok;
}

/* ---- On the disk ---- */

/* True unless the folder is to be given up. */
static bool bring(struct move *move, struct error *err)
{
	struct apply *from = move->from->a, *to = move->to->a;
	struct error problem = {0};

	if (to->local->ops->bring(to->local, from->local, &from->now.local,
		&from->now.local.at[move->lost], move->uid, &problem)) {
		move->fate = MOVE_DONE;
		return true;
	}
	/* It is copied and deleted then. */
	move->fate = MOVE_REFUSED;
	if (problem.severity <= ERROR_MESSAGE)
		return true;
	*err = problem;
	return false;
}

static bool put_brought(struct moves *m, struct party *p, struct error *err)
{
	struct apply *a = p->a;
	bool ok = state_begin(a->state, err);

	for (size_t i = 0; ok && i < m->move.len; i++) {
		const struct move *move = move_at(m, i);

		if (move->to == p && move->side == PLAN_LOCAL &&
			move->fate == MOVE_DONE)
			ok = state_put(a->state, move->uid, move->row_flags,
				err);
	}
	if (ok)
		return apply_commit(a, err);
	state_cancel(a->state);
	return false;
}

static bool bring_all(struct moves *m, struct party *p, struct error *err)
{
	bool ok = true, any = false;

	for (size_t i = 0; ok && i < m->move.len; i++) {
		struct move *move = move_at(m, i);

		if (move->to != p || move->side != PLAN_LOCAL ||
			move->from->left)
			continue;
		ok = apply_go_on(p->a, err) && bring(move, err);
		any = any || move->fate == MOVE_DONE;
	}
	return ok && (!any || put_brought(m, p, err));
}

bool moves_prepare(struct moves *m, struct party *p, struct error *err)
{
	return announce(m, p, err) && bring_all(m, p, err);
}

/* ---- On the server: the command ---- */

struct sending {
	struct moves *m;
	const size_t *move; /* by place in the set */
	size_t arrived;
};

static void arrived(void *arg, size_t place, uint32_t uid,
	uint32_t uidvalidity)
{
	struct sending *s = arg;
	struct move *move = move_at(s->m, s->move[place]);

	move->fate = MOVE_DONE;
	if (!move->to->left &&
		uidvalidity == move->to->a->remote_info.uidvalidity)
		move->uid = uid;
	s->arrived++;
}

/* Those that lead from the one folder to the other, ascending by UID: their
 * places among the moves, and in the list. */
static size_t gather(const struct moves *m, const struct party *from,
	const struct party *to, size_t *place, uint32_t *index)
{
	size_t len = 0;

	for (size_t i = 0; i < m->move.len; i++) {
		const struct move *move = move_at(m, i);
		size_t at = len;

		if (move->from != from || move->to != to ||
			move->fate != MOVE_ANNOUNCED)
			continue;
		for (; at > 0 && index[at - 1] > move->lost; at--) {
			index[at] = index[at - 1];
			place[at] = place[at - 1];
		}
		index[at] = move->lost;
		place[at] = i;
		len++;
	}
	return len;
}

static void set_fate(struct sending *s, size_t len, enum move_fate from,
	enum move_fate to)
{
	for (size_t i = 0; i < len; i++)
		if (move_at(s->m, s->move[i])->fate == from)
			move_at(s->m, s->move[i])->fate = to;
}

static bool send_to(struct moves *m, struct party *p, struct party *to,
	struct error *err)
{
	struct apply *a = p->a;
	size_t *place = mem_calloc(m->move.len, sizeof(*place));
	uint32_t *index = mem_calloc(m->move.len, sizeof(*index));
	struct sending s = {m, place, 0};
	struct msgset set = {&a->now.remote, index,
		gather(m, p, to, place, index)};
	bool refused = false;
	bool ok = true;

	if (set.len > 0) {
		set_fate(&s, set.len, MOVE_ANNOUNCED, MOVE_SENT);
		ok = apply_go_on(a, err) && a->remote->ops->move(a->remote,
			&set, to->a->job->pair->remote, arrived, &s, &refused,
			err);
	}
	if (ok && refused && s.arrived == 0)
		set_fate(&s, set.len, MOVE_SENT, MOVE_REFUSED);
	free(index);
	free(place);
	return ok;
}

bool moves_send(struct moves *m, struct party *p, struct error *err)
{
	for (size_t i = 0; i < m->party.len; i++) {
		struct party *to = *(struct party **)vec_at(&m->party, i);

		if (to != p && !to->left && !send_to(m, p, to, err))
			return false;
	}
	return true;
}

/* ---- Afterwards ---- */

/* Nobody has this number here yet. */
static bool is_free(const struct apply_lists *now, uint32_t uid)
{
	return uid > 0 && !msglist_find(&now->rows, uid) &&
		!msglist_find(&now->remote, uid) &&
		!msglist_find(&now->local, uid);
}

/* The file takes its number over.  One that is gone leaves a message that
 * comes as new mail. */
static bool adopt(struct apply *a, struct move *move, struct error *err)
{
	if (a->local->ops->adopt(a->local, &a->now.local, found_msg(move),
		move->uid, err))
		return true;
	move->uid = 0;
	if (err->kind != ERROR_GONE)
		return error_raise(err, ERROR_FOLDER);
	error_clear(err);
	return true;
}

static bool settle_arrived(struct apply *a, struct move *move,
	struct error *err)
{
	if (!is_free(&a->now, move->uid))
		return intent_drop(a->state, move->intent.id, err);
	if (!adopt(a, move, err))
		return false;
	return (move->uid == 0 || state_put(a->state, move->uid,
		move->row_flags, err)) &&
		settle_older(a, &move->intent, move->uid, err) &&
		intent_drop(a->state, move->intent.id, err);
}

/* somewhere: it may be there, and nobody said under which number. */
static bool settle_one(struct apply *a, struct move *move, bool *somewhere,
	struct error *err)
{
	switch (move->fate) {
	case MOVE_PLANNED:
		return true;
	case MOVE_ANNOUNCED:
	case MOVE_REFUSED:
		return move->intent.id == 0 ||
			intent_drop(a->state, move->intent.id, err);
	case MOVE_DONE:
		if (move->uid != 0)
			return settle_arrived(a, move, err);
		*somewhere = true;
		return true;
	case MOVE_SENT:
		*somewhere = true;
		return true;
	}
	return true;
}

static bool settle_announced(struct moves *m, struct party *p,
	bool *somewhere, struct error *err)
{
	bool ok = state_begin(p->a->state, err);

	for (size_t i = 0; ok && i < m->move.len; i++) {
		struct move *move = move_at(m, i);

		if (move->to == p && move->side == PLAN_REMOTE)
			ok = settle_one(p->a, move, somewhere, err);
	}
	if (ok)
		return apply_commit(p->a, err);
	state_cancel(p->a->state);
	return false;
}

/* What came in is told, and is in the server's list from now on. */
static void note_arrivals(struct moves *m, struct party *p)
{
	struct apply *a = p->a;
	bool any = false;

	for (size_t i = 0; i < m->move.len; i++) {
		const struct move *move = move_at(m, i);

		if (move->to != p || move->fate != MOVE_DONE ||
			move->uid == 0)
			continue;
		report_direction(a, move->side);
		report_copy(a, move->side, move->uid, 0);
		a->moved_in[move->side]++;
		if (move->side == PLAN_LOCAL)
			continue;
		msglist_add(&a->now.remote, move->uid, move->remote_flags,
			NULL);
		a->remote_info.exists++;
		any = true;
	}
	if (any)
		msglist_sort(&a->now.remote);
}

static void drop_from(struct msglist *list, const struct seqset *uids)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->len; i++)
		if (list->at[i].uid == 0 || !seqset_has(uids, list->at[i].uid))
			list->at[kept++] = list->at[i];
	list->len = kept;
}

/* What left is told while it is in the list. */
static void tell_departures(struct apply *a, enum plan_side side,
	const struct seqset *gone)
{
	struct msglist *list = side == PLAN_REMOTE ? &a->now.remote
		: &a->now.local;
	uint32_t *index = mem_calloc(list->len + 1, sizeof(*index));
	struct msgset set = {list, index, 0};

	for (size_t i = 0; i < list->len; i++)
		if (list->at[i].uid > 0 && seqset_has(gone, list->at[i].uid))
			index[set.len++] = (uint32_t)i;
	report_direction(a, side);
	report_delete(a, side, &set);
	a->moved_out[side] += set.len;
	free(index);
}

static void departed(const struct moves *m, const struct party *p,
	enum plan_side side, struct seqset *out)
{
	for (size_t i = 0; i < m->move.len; i++) {
		const struct move *move = move_at(m, i);

		if (move->from == p && move->side == side &&
			move->fate == MOVE_DONE)
			seqset_push(out, move->lost_uid, move->lost_uid);
	}
	seqset_settle(out);
}

static bool drop_departed(struct apply *a, enum plan_side side,
	const struct seqset *gone, struct error *err)
{
	struct seqset_iter iter = seqset_iter(gone);
	bool ok = state_begin(a->state, err);
	uint32_t uid;

	tell_departures(a, side, gone);
	while (ok && seqset_next(&iter, &uid))
		ok = state_drop(a->state, uid, err);
	if (side == PLAN_REMOTE) {
		drop_from(&a->now.remote, gone);
		a->remote_info.exists -= (uint32_t)seqset_count(gone);
	}
	if (ok)
		return apply_commit(a, err);
	state_cancel(a->state);
	return false;
}

static bool settle_departures(struct moves *m, struct party *p, bool *any,
	struct error *err)
{
	bool ok = true;

	for (int side = PLAN_REMOTE; ok && side <= PLAN_LOCAL; side++) {
		struct seqset gone = {0};

		departed(m, p, side, &gone);
		if (!seqset_empty(&gone)) {
			*any = true;
			ok = drop_departed(p->a, side, &gone, err);
		}
		seqset_clear(&gone);
	}
	return ok;
}

static bool takes_part(const struct moves *m, const struct party *p,
	enum plan_side side)
{
	for (size_t i = 0; i < m->move.len; i++)
		if (move_at(m, i)->to == p && move_at(m, i)->side == side)
			return true;
	return false;
}

/* The lists as they are now. */
static bool refresh(struct apply *a, bool remote_too, struct error *err)
{
	bool planned = a->planned, ok;

	a->planned = true;
	ok = apply_load(a, PLAN_LOCAL, &a->now.local, err) &&
		(!remote_too || apply_load(a, PLAN_REMOTE, &a->now.remote,
			err)) && state_load(a->state, &a->now.rows, err);
	a->planned = planned;
	return ok;
}

static bool is_open(const struct moves *m, const struct party *p, int64_t id)
{
	for (size_t i = 0; i < m->move.len; i++)
		if (move_at(m, i)->to == p && move_at(m, i)->intent.id == id)
			return true;
	return false;
}

/* Looks for what is somewhere.  What is not found may be on its way still:
 * copying it now could double it. */
static bool find_somewhere(struct moves *m, struct party *p,
	struct error *err)
{
	struct vec intents = VEC(struct intent);
	bool ok = settle_stored(p->a, PLAN_REMOTE, err) &&
		intent_load(p->a->state, &intents, err);

	for (size_t i = 0; ok && i < intents.len; i++)
		if (is_open(m, p, ((struct intent *)vec_at(&intents, i))->id))
			ok = error_set(err, ERROR_FOLDER, ERROR_OTHER,
				"folder %s: the server did not tell where it "
				"moved messages to; the next run looks again",
				p->a->job->pair->remote);
	intent_clear(&intents);
	return ok;
}

bool moves_settle(struct moves *m, struct party *p, bool *changed,
	struct error *err)
{
	bool to_remote = takes_part(m, p, PLAN_REMOTE), somewhere = false;

	*changed = to_remote || takes_part(m, p, PLAN_LOCAL);
	if (to_remote && !settle_announced(m, p, &somewhere, err))
		return false;
	note_arrivals(m, p);
	if (!settle_departures(m, p, changed, err) ||
		(somewhere && !find_somewhere(m, p, err)))
		return false;
	return !*changed || refresh(p->a, somewhere, err);
}
