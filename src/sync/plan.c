#include "config.h"

#include <assert.h>

#include "imap/flag.h"
#include "imap/seqset.h"
#include "sync/plan.h"

/* N1: more than this at once, and more than this share, is held. */
#define HOLD_COUNT 20
#define HOLD_SHARE 4

/* One UID and who has it. */
struct place {
	uint32_t uid;
	const struct msg *row, *remote, *local;
};

struct planner {
	const struct plan_input *in;
	struct plan *out;
};

static void add_index(struct vec *to, const struct msglist *list,
	const struct msg *m)
{
	*(uint32_t *)vec_add(to) = (uint32_t)(m - list->at);
}

/* What differs between a side and the row.  That a side lacks a flag which
 * it cannot keep says nothing. */
static uint32_t changed(uint32_t now, uint32_t row, uint32_t informative)
{
	uint32_t added = now & ~row, removed = row & ~now;

	return added | (removed & informative);
}

/* Flags that can be compared: those of IMAP, and letters that stand for
 * keywords.  The others are the Maildir's own. */
static uint32_t shared(const struct plan_input *in)
{
	return FLAG_IMAP_ALL | in->letters;
}

/* First what the remote changed, as OfflineIMAP's passes do: the row follows
 * it in any case, the local side where it can.  Then what is left of local
 * changes.  Bits are taken from where they changed, so both sides' changes of
 * different flags survive. */
struct plan_flags plan_merge(const struct plan_input *in,
	struct plan_flags now)
{
	uint32_t all = shared(in);
	uint32_t can_local = in->local_readonly ? 0
		: in->local_allowed & all;
	uint32_t can_remote = in->remote_readonly ? 0
		: in->remote_allowed & all;
	uint32_t tells_local = in->local_readonly ? all : can_local;
	uint32_t tells_remote = in->remote_readonly ? all : can_remote;
	struct plan_flags end = now;
	uint32_t bits;

	if (!in->local_readonly) {
		bits = changed(now.remote, now.row, tells_remote) & can_local;
		end.local = (now.local & ~bits) | (now.remote & bits);
		end.row = (now.row & ~all) | (now.remote & all);
	}
	bits = changed(end.local & all, end.row & all, tells_local) &
		can_remote;
	end.remote = (now.remote & ~bits) | (end.local & bits);
	end.row = (end.row & ~bits) | (end.local & bits);
	return end;
}

static int32_t add_group(struct planner *p, enum plan_side side,
	const struct msg *m, uint32_t wanted)
{
	const struct msglist *list = side == PLAN_REMOTE ? p->in->remote
		: p->in->local;
	uint32_t add = wanted & ~m->flags, remove = m->flags & ~wanted;
	struct vec *groups = &p->out->group[side];
	struct plan_group *g = NULL;
	size_t i;

	if (!add && !remove)
		return -1;
	for (i = 0; i < groups->len; i++) {
		g = vec_at(groups, i);
		if (g->add == add && g->remove == remove)
			break;
	}
	if (i == groups->len) {
		g = vec_add(groups);
		*g = (struct plan_group){.add = add, .remove = remove,
			.index = VEC(uint32_t)};
	}
	add_index(&g->index, list, m);
	return (int32_t)i;
}

/* Both have it.  Without a row it is only recorded, with the flags of the
 * side that the first pass reads from: so local differences are pushed. */
static void plan_both(struct planner *p, const struct place *at)
{
	struct plan_row row = {.uid = at->uid};
	struct plan_flags now = {0, at->remote->flags, at->local->flags}, end;

	now.row = at->row ? at->row->flags
		: p->in->local_readonly && !p->in->remote_readonly
		? now.local & shared(p->in) : now.remote & shared(p->in);
	end = plan_merge(p->in, now);
	row.flags = end.row;
	row.group[PLAN_REMOTE] = add_group(p, PLAN_REMOTE, at->remote,
		end.remote);
	row.group[PLAN_LOCAL] = add_group(p, PLAN_LOCAL, at->local, end.local);
	if (!at->row || at->row->flags != end.row ||
		row.group[PLAN_REMOTE] >= 0 || row.group[PLAN_LOCAL] >= 0)
		*(struct plan_row *)vec_add(&p->out->row) = row;
}

/* Whether the user lets this message of that side be copied. */
static bool is_wanted(struct planner *p, enum plan_side from,
	const struct msg *m)
{
	const struct msglist *list = from == PLAN_REMOTE ? p->in->remote
		: p->in->local;
	const struct seqset *ignored = p->in->ignored[from];
	const bool *left_out = p->in->left_out[from];

	if (ignored && m->uid > 0 && seqset_has(ignored, m->uid)) {
		add_index(&p->out->ignored[from], list, m);
		return false;
	}
	return !left_out || !left_out[m - list->at];
}

/* A deletion, once it is proven that the other side lacks the message. */
static void plan_delete(struct planner *p, enum plan_side side,
	const struct msg *m)
{
	bool remote = side == PLAN_REMOTE;
	const struct msglist *witness = remote ? p->in->local : p->in->remote;
	struct plan_deletes *to = &p->out->deletes[side];

	if (!witness->complete || p->in->deletes_wait)
		to->deferred++;
	else if (remote ? p->in->remote_readonly : p->in->local_readonly)
		to->denied++;
	else
		add_index(&to->index, remote ? p->in->remote : p->in->local, m);
}

/* Known, on the server, not here. */
static void plan_gone_local(struct planner *p, const struct place *at)
{
	bool marked = at->remote->flags & FLAG_DELETED;

	if (!p->in->deletes_local)
		return;
	/* Servers that only mark: marked is done, and who takes the mark away
	 * again wants the message back. */
	if (!p->in->expunge && marked)
		return;
	if (p->in->expunge || !(at->row->flags & FLAG_DELETED) ||
		p->in->local_readonly || !p->in->local->complete)
		plan_delete(p, PLAN_REMOTE, at->remote);
	else if (is_wanted(p, PLAN_REMOTE, at->remote))
		add_index(&p->out->download, p->in->remote, at->remote);
}

/* Known, here, not on the server.  Marks as above. */
static void plan_gone_remote(struct planner *p, const struct place *at)
{
	bool marked = at->local->flags & FLAG_DELETED;

	if (!p->in->deletes_remote || (p->in->local_marks && marked))
		return;
	if (p->in->local_marks && at->row->flags & FLAG_DELETED &&
		!p->in->remote_readonly && p->in->remote->complete)
		add_index(&p->out->upload, p->in->local, at->local);
	else
		plan_delete(p, PLAN_LOCAL, at->local);
}

static void plan_known(struct planner *p, const struct place *at)
{
	if (at->remote && at->local)
		plan_both(p, at);
	else if (at->remote)
		plan_gone_local(p, at);
	else if (at->local)
		plan_gone_remote(p, at);
	else if (p->in->remote->complete && p->in->local->complete)
		*(uint32_t *)vec_add(&p->out->forget) = at->uid;
}

/* A copy is made only where the other side is known to lack the message:
 * made on the word of half a list it could be a second one. */
static void plan_unknown(struct planner *p, const struct place *at)
{
	enum plan_side from = at->remote ? PLAN_REMOTE : PLAN_LOCAL;

	if (at->remote && at->local && p->in->copies_wait)
		p->out->deferred++;
	else if (at->remote && at->local)
		plan_both(p, at);
	else if (!is_wanted(p, from, at->remote ? at->remote : at->local))
		return;
	else if (at->remote && p->in->local_readonly)
		p->out->denied[PLAN_LOCAL]++;
	else if (at->local && p->in->remote_readonly)
		p->out->denied[PLAN_REMOTE]++;
	else if (p->in->copies_wait)
		p->out->deferred++;
	else if (at->remote && p->in->local->complete)
		add_index(&p->out->download, p->in->remote, at->remote);
	else if (at->local && p->in->remote->complete)
		add_index(&p->out->upload, p->in->local, at->local);
	else
		p->out->deferred++;
}

static bool side_emptied(const struct msglist *other, uint64_t known)
{
	return other->len == 0 && known >= 2;
}

static void hold(struct planner *p, enum plan_side side)
{
	struct plan_deletes *d = &p->out->deletes[side];
	const struct msglist *other = side == PLAN_REMOTE ? p->in->local
		: p->in->remote;
	uint64_t count = d->index.len, known = p->out->known;
	bool many = count > HOLD_COUNT && count * HOLD_SHARE > known;

	if (p->in->approved || count == 0 ||
		(!many && !side_emptied(other, known)))
		return;
	d->held = count;
	vec_clear(&d->waiting);
	d->waiting = d->index;
	d->index = (struct vec)VEC(uint32_t);
}

/* New local messages have no UID and come first. */
static size_t plan_new(struct planner *p)
{
	const struct msglist *local = p->in->local;
	size_t i;

	for (i = 0; i < local->len && local->at[i].uid == 0; i++) {
		if (!is_wanted(p, PLAN_LOCAL, &local->at[i]))
			continue;
		if (p->in->remote_readonly)
			p->out->denied[PLAN_REMOTE]++;
		else if (p->in->copies_wait)
			p->out->deferred++;
		else
			add_index(&p->out->upload, local, &local->at[i]);
	}
	return i;
}

static const struct msg *peek(const struct msglist *list, size_t at)
{
	return at < list->len ? &list->at[at] : NULL;
}

static uint32_t lower(uint32_t uid, const struct msg *m)
{
	return m && m->uid < uid ? m->uid : uid;
}

static const struct msg *take(const struct msglist *list, size_t *at,
	uint32_t uid)
{
	const struct msg *m = peek(list, *at);

	if (!m || m->uid != uid)
		return NULL;
	(*at)++;
	return m;
}

static void plan_one(struct planner *p, const struct place *at)
{
	if (at->uid < p->in->first_uid) {
		if (at->row)
			*(uint32_t *)vec_add(&p->out->forget) = at->uid;
		return;
	}
	if (!at->row) {
		plan_unknown(p, at);
		return;
	}
	p->out->known++;
	plan_known(p, at);
}

/* The three sorted lists side by side. */
static void walk(struct planner *p, size_t local)
{
	const struct plan_input *in = p->in;
	size_t row = 0, remote = 0;

	/* No server may give 0; such an entry is nothing to compare. */
	while (remote < in->remote->len && in->remote->at[remote].uid == 0)
		remote++;
	while (row < in->rows->len || remote < in->remote->len ||
		local < in->local->len) {
		struct place at = {.uid = UINT32_MAX};

		at.uid = lower(at.uid, peek(in->rows, row));
		at.uid = lower(at.uid, peek(in->remote, remote));
		at.uid = lower(at.uid, peek(in->local, local));
		at.row = take(in->rows, &row, at.uid);
		at.remote = take(in->remote, &remote, at.uid);
		at.local = take(in->local, &local, at.uid);
		plan_one(p, &at);
	}
}

void plan_make(const struct plan_input *in, struct plan *out)
{
	struct planner p = {in, out};

	*out = (struct plan){
		.download = VEC(uint32_t),
		.upload = VEC(uint32_t),
		.forget = VEC(uint32_t),
		.row = VEC(struct plan_row),
		.group = {VEC(struct plan_group), VEC(struct plan_group)},
		.ignored = {VEC(uint32_t), VEC(uint32_t)},
		.deletes = {{.index = VEC(uint32_t),
			.waiting = VEC(uint32_t)}, {.index = VEC(uint32_t),
			.waiting = VEC(uint32_t)}},
	};
	walk(&p, plan_new(&p));
	hold(&p, PLAN_REMOTE);
	hold(&p, PLAN_LOCAL);
}

static void clear_group(struct plan_group *g)
{
	vec_clear(&g->index);
	seqset_clear(&g->missed);
}

void plan_clear(struct plan *plan)
{
	for (int side = PLAN_REMOTE; side <= PLAN_LOCAL; side++) {
		struct vec *groups = &plan->group[side];

		for (size_t i = 0; i < groups->len; i++)
			clear_group(vec_at(groups, i));
		vec_clear(groups);
		vec_clear(&plan->ignored[side]);
		vec_clear(&plan->deletes[side].index);
		vec_clear(&plan->deletes[side].waiting);
	}
	vec_clear(&plan->download);
	vec_clear(&plan->upload);
	vec_clear(&plan->forget);
	vec_clear(&plan->row);
}

uint64_t plan_flagged(const struct plan *plan, enum plan_side side)
{
	uint64_t count = 0;

	for (size_t i = 0; i < plan->group[side].len; i++) {
		const struct plan_group *g = vec_at(&plan->group[side], i);

		count += g->index.len;
	}
	return count;
}

bool plan_is_empty(const struct plan *plan)
{
	return plan->download.len == 0 && plan->upload.len == 0 &&
		plan->forget.len == 0 && plan->row.len == 0 &&
		plan->deletes[PLAN_REMOTE].index.len == 0 &&
		plan->deletes[PLAN_LOCAL].index.len == 0;
}
