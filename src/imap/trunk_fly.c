#include "config.h"

#include <assert.h>

#include "base/worker.h"
#include "imap/trunk.h"
#include "imap/trunk_impl.h"

/* ---- Making a flight ---- */

/* Moves the command; that of a branch is lent, see take_back. */
static void add(struct passage *p, const struct place *place,
	const struct cmd *cmd)
{
	struct place *to = vec_add(&p->places);

	flight_add(&p->f)->cmd = *cmd;
	*to = *place;
	to->verb = accept_verb(cmd);
}

/* Where the server can, a mailbox is left before another is selected: then a
 * SELECT that fails leaves nothing selected for certain, and what is told
 * before its OK can only be of the new one (rules 1 and 2). */
static void leave_mailbox(struct passage *p)
{
	struct cmd cmd;

	if (!p->will_open || !session_has(p->trunk->session, CAP_UNSELECT))
		return;
	cmd_init(&cmd, "UNSELECT");
	add(p, &(struct place){.kind = PLACE_UNSELECT}, &cmd);
}

static void selects(struct passage *p, struct branch *b)
{
	p->will = b;
	p->will_open = true;
}

static void add_select(struct passage *p, struct branch *b)
{
	struct cmd cmd;

	leave_mailbox(p);
	cmd_copy(&cmd, &b->select);
	add(p, &(struct place){.kind = PLACE_SELECT, .branch = b}, &cmd);
	selects(p, b);
}

/* A mailbox that was selected before. */
static bool needs_selected(const struct branch *b)
{
	return !b->own_select && (b->kind == SEGMENT_MAILBOX ||
		b->kind == SEGMENT_CAREFUL);
}

static void add_own(struct passage *p, struct branch *b, size_t from)
{
	for (size_t i = from; i < b->f->len; i++)
		add(p, &(struct place){.kind = PLACE_OWN, .branch = b,
			.index = i}, &b->f->cmd[i].cmd);
}

static void add_branch(struct passage *p, struct branch *b)
{
	*(struct branch **)vec_add(&p->branches) = b;
	if (b->own_select)
		leave_mailbox(p);
	else if (needs_selected(b) && p->will != b)
		add_select(p, b);
	if (b->own_select)
		selects(p, b);
	add_own(p, b, 0);
}

static struct branch *waiting_at(const struct trunk *t, size_t i)
{
	return *(struct branch **)vec_at(&t->waiting, i);
}

static bool is_left(const struct branch *b)
{
	return !b->failed && b->left > 0;
}

static void add_all(struct passage *p, enum segment_kind kind,
	const struct branch *but)
{
	const struct trunk *t = p->trunk;

	for (size_t i = 0; i < t->waiting.len; i++) {
		struct branch *b = waiting_at(t, i);

		if (b->kind == kind && is_left(b) && b != but)
			add_branch(p, b);
	}
}

/* The first that deletes, and for which another mailbox is selected. */
static struct branch *next_careful(const struct trunk *t)
{
	for (size_t i = 0; i < t->waiting.len; i++) {
		struct branch *b = waiting_at(t, i);

		if (b->kind == SEGMENT_CAREFUL && is_left(b) &&
			b != t->selected)
			return b;
	}
	return NULL;
}

/* Who deletes, and whose mailbox is selected, goes first: then it needs no turn
 * of its own.  All else in the order of the jobs, which is the user's wish. */
static void compose(struct passage *p)
{
	struct branch *first = p->trunk->selected;
	struct branch *careful = next_careful(p->trunk);

	if (first && !(first->waiting && is_left(first) &&
		first->kind == SEGMENT_CAREFUL))
		first = NULL;
	if (first)
		add_branch(p, first);
	add_all(p, SEGMENT_MAILBOX, first);
	add_all(p, SEGMENT_FREE, first);
	add_all(p, SEGMENT_APPEND, first);
	if (careful)
		add_select(p, careful);
}

/* A flight that is made longer on its way is longer for all who are in it:
 * only one that is alone may go on; the others have theirs one by one. */
static void add_more(void *arg, struct flight *f, size_t unanswered)
{
	struct passage *p = arg;
	struct branch *b = p->branches.len == 1
		? *(struct branch **)vec_at(&p->branches, 0) : NULL;
	size_t before;

	(void)f;
	(void)unanswered;
	if (!b || b->failed || b->kind != SEGMENT_MAILBOX || p->will != b ||
		!b->selected || !b->handler || !b->handler->more)
		return;
	before = b->f->len;
	b->handler->more(b->handler->arg, b->f, b->left);
	branch_count(b, before);
	assert(b->kind == SEGMENT_MAILBOX);
	add_own(p, b, before);
}

/* ---- Flying it ---- */

/* What the branches have lent. */
static void take_back(struct passage *p)
{
	for (size_t i = 0; i < p->f.len; i++)
		if (((struct place *)vec_at(&p->places, i))->kind ==
			PLACE_OWN)
			p->f.cmd[i].cmd = (struct cmd){0};
	flight_clear(&p->f);
	vec_clear(&p->places);
	vec_clear(&p->branches);
}

/* Whose answer is the next: the connection was lost there. */
static struct branch *lost_at(const struct passage *p)
{
	for (size_t i = p->low; i < p->places.len; i++) {
		const struct place *place = vec_at(&p->places, i);

		if (place->branch)
			return place->branch;
	}
	return NULL;
}

/* Everything that was not answered is lost. */
static void lose(struct passage *p, struct error *err)
{
	struct trunk *t = p->trunk;
	struct branch *at = lost_at(p);

	t->lost_at_one = at != NULL;
	if (err->kind != ERROR_STOPPED)
		err->severity = ERROR_FOLDER_RETRY;
	for (size_t i = 0; i < t->waiting.len; i++) {
		struct branch *b = waiting_at(t, i);

		if (!is_left(b))
			continue;
		branch_fail(b, err);
		b->reached = b == at;
	}
}

static void fly_once(struct trunk *t)
{
	struct passage p = {.trunk = t, .places = VEC(struct place),
		.branches = VEC(struct branch *), .will = t->selected,
		.will_open = t->open, .here = t->selected,
		.old_open = t->open, .first_tag = t->session->tag + 1};
	struct response_handler handler = passage_handler(&p);
	struct error err = {0};

	handler.more = add_more;
	compose(&p);
	worker_log(t->session->worker, EVENT_DEBUG, AREA_IMAP,
		"flight: %zu commands of %zu folders", p.f.len,
		p.branches.len);
	if (!session_flight(t->session, &p.f, &handler, &err))
		lose(&p, &err);
	t->open = p.old_open;
	take_back(&p);
}

static bool any_left(const struct trunk *t)
{
	for (size_t i = 0; i < t->waiting.len; i++)
		if (is_left(waiting_at(t, i)))
			return true;
	return false;
}

void trunk_fly(struct trunk *t)
{
	assert(!t->flying);
	t->flying = true;
	while (any_left(t))
		fly_once(t);
	for (size_t i = 0; i < t->waiting.len; i++)
		waiting_at(t, i)->waiting = false;
	vec_reset(&t->waiting);
	t->flying = false;
}
