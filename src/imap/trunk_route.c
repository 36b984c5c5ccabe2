#include "config.h"

#include <stdio.h>

#include "base/worker.h"
#include "imap/flight_impl.h"
#include "imap/trunk_impl.h"

static const struct place *place_at(const struct passage *p, size_t i)
{
	return vec_at(&p->places, i);
}

void branch_fail(struct branch *b, const struct error *err)
{
	b->failed = true;
	b->err = *err;
}

/* ---- Whose it is ---- */

/* The SELECT that is being answered: nothing before it is unanswered, or the
 * server has told that the mailbox before is closed. */
static const struct place *selecting(const struct passage *p)
{
	for (size_t i = p->low; i < p->f.len; i++) {
		if (p->f.cmd[i].result != CONDITION_NONE)
			continue;
		if (place_at(p, i)->verb == EXPECT_SELECT)
			return place_at(p, i);
		if (!p->closed)
			break;
	}
	return NULL;
}

/* Rule 2: before the OK of a SELECT these may be of the mailbox before, until
 * the UIDVALIDITY of the next was told. */
static bool is_ambiguous(const struct passage *p, const struct response *r)
{
	if (!p->old_open || p->uidvalidity > 0)
		return false;
	return r->kind == RESPONSE_FETCH || r->kind == RESPONSE_EXPUNGE ||
		r->kind == RESPONSE_SEARCH || r->kind == RESPONSE_ESEARCH ||
		(r->kind == RESPONSE_VANISHED && !r->earlier);
}

/* NULL: nobody's.  What is told for a SELECT that is repeated is the trunk's
 * own. */
static struct branch *owner(const struct passage *p, const struct response *r)
{
	const struct place *select = selecting(p);

	if (!select)
		return p->here;
	if (select->kind != PLACE_OWN || is_ambiguous(p, r))
		return NULL;
	return select->branch;
}

/* ---- Giving it to them ---- */

/* Who has given up need not be answered, but that cannot be told to a server:
 * what it still sends is dropped while somebody else waits for more.  When
 * nobody does, a connection costs less than the rest of the bodies. */
static bool is_wanted(const struct passage *p)
{
	bool bodies = false;

	for (size_t i = 0; i < p->branches.len; i++) {
		const struct branch *b =
			*(struct branch **)vec_at(&p->branches, i);

		if (b->left > 0 && !b->failed)
			return true;
		bodies = bodies || (b->left > 0 && b->gave_up &&
			b->expected[EXPECT_FETCH] > 0);
	}
	return !bodies;
}

static bool go_on(const struct passage *p, struct error *err)
{
	return is_wanted(p) || error_set(err, ERROR_FOLDER_RETRY, ERROR_OTHER,
		"%s: the connection was given up with messages nobody could "
		"take any more", p->trunk->session->repository);
}

static bool give_up(const struct passage *p, struct branch *b,
	const struct error *why, struct error *err)
{
	branch_fail(b, why);
	b->gave_up = true;
	return go_on(p, err);
}

static bool is_heard(const struct branch *b)
{
	return b && b->left > 0 && !b->failed && b->handler;
}

static bool deliver(const struct passage *p, struct branch *b,
	const struct response *r, struct error *err)
{
	struct error why = {0};

	if (!is_heard(b) || !b->handler->response)
		return true;
	return b->handler->response(b->handler->arg, r, &why) ||
		give_up(p, b, &why, err);
}

/* LIST and so on: to each who has asked for such. */
static bool to_all(const struct passage *p, const struct response *r,
	struct error *err)
{
	for (size_t i = 0; i < p->branches.len; i++) {
		struct branch *b = *(struct branch **)vec_at(&p->branches, i);

		if (accept_response(STATE_SELECTED, r->kind, b->expected) &&
			!deliver(p, b, r, err))
			return false;
	}
	return true;
}

static bool to_owner(const struct passage *p, const struct response *r,
	struct error *err)
{
	struct branch *b = owner(p, r);

	if (!b || !accept_response(STATE_SELECTED, r->kind, b->expected))
		return true;
	return deliver(p, b, r, err);
}

/* search-correlator = SP "(" "TAG" SP tag-string ")"; the tag becomes what it
 * were if the branch had a connection of its own. */
static bool on_esearch(const struct passage *p, const struct response *r,
	struct error *err)
{
	uint32_t tag = flight_tag_number(r->u.search.tag);
	struct response told = *r;
	const struct place *place;
	char text[16];
	int len;

	if (r->u.search.tag.len == 0)
		return to_owner(p, r, err);
	if (tag < p->first_tag || tag - p->first_tag >= p->f.len)
		return true;
	place = place_at(p, tag - p->first_tag);
	if (place->kind != PLACE_OWN || place->branch != owner(p, r))
		return true;
	len = snprintf(text, sizeof(text), "A%lu", (unsigned long)
		(place->branch->session->tag + 1 + place->index));
	told.u.search.tag = (struct span){text, (size_t)len};
	return to_owner(p, &told, err);
}

static bool on_condition(struct passage *p, const struct response *r,
	struct error *err)
{
	struct response told = *r;
	struct branch *b;

	if (r->code.kind == CODE_CLOSED) {
		p->closed = true;
		p->old_open = false;
		p->here = NULL;
	}
	if (r->code.kind == CODE_UIDVALIDITY && selecting(p))
		p->uidvalidity = (uint32_t)r->code.number;
	b = owner(p, r);
	if (!b)
		return true;
	if (!accept_code(STATE_SELECTED, r->code.kind, b->expected))
		told.code = (struct code){0};
	return deliver(p, b, &told, err);
}

static bool on_response(void *arg, const struct response *r,
	struct error *err)
{
	struct passage *p = arg;

	switch (r->kind) {
	case RESPONSE_CONDITION:
		return on_condition(p, r, err);
	case RESPONSE_ESEARCH:
		return on_esearch(p, r, err);
	case RESPONSE_SEARCH:
	case RESPONSE_FLAGS:
	case RESPONSE_EXISTS:
	case RESPONSE_RECENT:
	case RESPONSE_EXPUNGE:
	case RESPONSE_VANISHED:
	case RESPONSE_FETCH:
		return to_owner(p, r, err);
	case RESPONSE_ENABLED:
	case RESPONSE_LIST:
	case RESPONSE_LSUB:
	case RESPONSE_STATUS:
	case RESPONSE_NAMESPACE:
	case RESPONSE_ID:
		return to_all(p, r, err);
	case RESPONSE_TAGGED:
	case RESPONSE_CONTINUE:
	case RESPONSE_CAPABILITY:
	case RESPONSE_OTHER:
	case RESPONSE_KIND_COUNT:
		break;
	}
	return true;
}

/* No SELECT brings bodies. */
static bool on_literal(void *arg, enum literal_event what, uint64_t size,
	struct span data, struct error *err)
{
	struct passage *p = arg;
	struct branch *b = selecting(p) ? NULL : p->here;
	struct error why = {0};

	if (!is_heard(b) || !b->handler->literal ||
		b->expected[EXPECT_FETCH] == 0)
		return true;
	return b->handler->literal(b->handler->arg, what, size, data, &why) ||
		give_up(p, b, &why, err);
}

/* ---- What is selected ---- */

/* Where the mailbox's name ends, in a SELECT without a literal. */
static size_t name_end(struct span text)
{
	size_t at = 0;
	bool quoted;

	while (at < text.len && text.data[at] != ' ')
		at++;
	at++;
	quoted = at < text.len && text.data[at] == '"';
	for (at += quoted; at < text.len; at++) {
		if (text.data[at] == (quoted ? '"' : ' '))
			return at + quoted;
		if (quoted && text.data[at] == '\\')
			at++;
	}
	return text.len;
}

/* The command to be repeated, without its parameters. */
static void remember_command(struct branch *b, const struct cmd *cmd)
{
	struct cmd *select = &b->select;
	size_t parts;

	cmd_copy(select, cmd);
	str_truncate(&select->part[0].text,
		name_end(span_str(&select->part[0].text)));
	parts = select->len > 1 && select->part[1].kind == PART_LITERAL ? 2 : 1;
	while (select->len > parts)
		str_clear(&select->part[--select->len].text);
}

static void failed_again(struct branch *b, const struct response *r)
{
	struct error err = {0};

	session_refused(&err, ERROR_FOLDER, ERROR_REFUSED, "SELECT",
		r->words);
	if (r->code.kind == CODE_NONEXISTENT)
		err.kind = ERROR_GONE;
	branch_fail(b, &err);
	branch_unselect(b);
}

static void was_replaced(struct branch *b)
{
	struct error err = {0};

	error_set(&err, ERROR_FOLDER, ERROR_OTHER, "folder %s was replaced by "
		"another one during the run", b->session->worker->folder);
	branch_fail(b, &err);
	branch_unselect(b);
}

static void on_select(struct passage *p, size_t index,
	const struct response *r)
{
	const struct place *place = place_at(p, index);
	bool own = place->kind == PLACE_OWN;
	bool ok = r->condition == CONDITION_OK;
	struct branch *b = place->branch;
	bool same = p->uidvalidity == b->uidvalidity;

	if (own) {
		branch_unselect(b);
		b->selected = ok;
		b->uidvalidity = p->uidvalidity;
	}
	if (own && ok)
		remember_command(b, &p->f.cmd[index].cmd);
	else if (!own && !ok)
		failed_again(b, r);
	else if (!own && !same)
		was_replaced(b);
	p->here = p->trunk->selected = b->selected ? b : NULL;
	p->old_open = p->old_open || ok;
	p->closed = false;
	p->uidvalidity = 0;
}

static void on_unselect(struct passage *p, const struct place *place,
	const struct response *r)
{
	p->here = p->trunk->selected = NULL;
	if (place->branch)
		branch_unselect(place->branch);
	if (r->condition == CONDITION_OK)
		p->old_open = false;
}

/* ---- Tagged answers ---- */

/* The words and all else go to the branch's command. */
static void hand_over(struct flight_cmd *own, struct flight_cmd *answered)
{
	struct cmd cmd = own->cmd;

	str_clear(&own->text);
	*own = *answered;
	own->cmd = cmd;
	*answered = (struct flight_cmd){.cmd = cmd, .result = own->result};
}

static bool own_answer(const struct passage *p, size_t index,
	const struct response *r, struct error *err)
{
	const struct place *place = place_at(p, index);
	struct branch *b = place->branch;
	struct error why = {0};
	bool heard = is_heard(b) && b->handler->tagged;

	hand_over(&b->f->cmd[place->index], &p->f.cmd[index]);
	b->left--;
	b->expected[place->verb]--;
	if (heard && !b->handler->tagged(b->handler->arg, place->index, r,
		&why))
		return give_up(p, b, &why, err);
	return go_on(p, err);
}

static bool on_tagged(void *arg, size_t index, const struct response *r,
	struct error *err)
{
	struct passage *p = arg;
	const struct place *place = place_at(p, index);

	if (place->verb == EXPECT_SELECT)
		on_select(p, index, r);
	else if (place->verb == EXPECT_UNSELECT)
		on_unselect(p, place, r);
	while (p->low < p->f.len &&
		p->f.cmd[p->low].result != CONDITION_NONE)
		p->low++;
	return place->kind != PLACE_OWN || own_answer(p, index, r, err);
}

struct response_handler passage_handler(struct passage *p)
{
	return (struct response_handler){.response = on_response,
		.literal = on_literal, .tagged = on_tagged, .arg = p};
}
