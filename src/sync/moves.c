#include "config.h"

#include "sync/moves.h"

#include <stdlib.h>

#include "base/task.h"
#include "mem.h"
#include "sync/apply.h"
#include "sync/folder.h"
#include "sync/moves_impl.h"

struct moves *moves_new(void)
{
	struct moves *m = mem_calloc(1, sizeof(*m));

	m->party = (struct vec)VEC(struct party *);
	m->move = (struct vec)VEC(struct move);
	m->waiting = (struct vec)VEC(struct task *);
	return m;
}

static void party_free(struct party *p)
{
	for (int side = PLAN_REMOTE; side <= PLAN_LOCAL; side++) {
		match_side_clear(&p->lost[side]);
		match_side_clear(&p->found[side]);
	}
	free(p);
}

void moves_free(struct moves *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->party.len; i++)
		party_free(*(struct party **)vec_at(&m->party, i));
	for (size_t i = 0; i < m->move.len; i++)
		free(((struct move *)vec_at(&m->move, i))->intent.name);
	vec_clear(&m->party);
	vec_clear(&m->move);
	vec_clear(&m->waiting);
	free(m);
}

/* ---- Waiting for each other ---- */

/* Until all that are left have come here. */
static void meet(struct moves *m, struct task *task)
{
	*(struct task **)vec_add(&m->waiting) = task;
	if (m->waiting.len == m->members)
		vec_reset(&m->waiting);
	while (moves_holds(m, task))
		task_pause(task);
}

bool moves_holds(const struct moves *m, const struct task *task)
{
	for (size_t i = 0; i < m->waiting.len; i++)
		if (*(struct task **)vec_at(&m->waiting, i) == task)
			return true;
	return false;
}

void moves_join(struct moves *m)
{
	m->members++;
}

void moves_leave(struct moves *m, const struct apply *a)
{
	for (size_t i = 0; i < m->party.len; i++) {
		struct party *p = *(struct party **)vec_at(&m->party, i);

		p->left = p->left || p->a == a;
	}
	m->members--;
	if (m->waiting.len == m->members)
		vec_reset(&m->waiting);
}

/* ---- The steps ---- */

static struct party *enter(struct moves *m, struct apply *a)
{
	struct party *p = mem_calloc(1, sizeof(*p));

	p->a = a;
	moves_collect(p);
	*(struct party **)vec_add(&m->party) = p;
	return p;
}

static bool carry_out(struct moves *m, struct party *p, bool *changed,
	struct error *err)
{
	struct task *task = p->a->job->task;

	if (!moves_identify(m, p, err))
		return false;
	meet(m, task);
	if (!m->found)
		moves_find(m);
	m->found = true;
	if (m->move.len == 0)
		return true;
	if (!moves_prepare(m, p, err))
		return false;
	meet(m, task);
	if (!moves_send(m, p, err))
		return false;
	meet(m, task);
	return moves_settle(m, p, changed, err);
}

bool moves_run(struct apply *a, bool *changed, struct error *err)
{
	struct moves *m = a->job->moves;
	struct party *p;

	*changed = false;
	if (!m)
		return true;
	p = enter(m, a);
	meet(m, a->job->task);
	if (!moves_possible(m, PLAN_REMOTE) && !moves_possible(m, PLAN_LOCAL))
		return true;
	return carry_out(m, p, changed, err);
}
