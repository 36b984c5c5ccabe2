#include "config.h"

#include "imap/ops_changes.h"

#include "imap/ops_impl.h"
#include "imap/session_impl.h"

struct changing {
	struct selecting sel;
	struct changes *c;
	ops_message_fn *each;
	void *arg;
	bool told; /* something was */
};

void changes_clear(struct changes *c)
{
	seqset_clear(&c->vanished);
	exceptions_clear(&c->sets);
}

/* ---- Questions ---- */

/*
 * select-param =/ "CONDSTORE" / "QRESYNC" SP "(" uidvalidity SP
 *                 mod-sequence-value [SP known-uids] ")", RFC 7162 section 7
 */
static bool add_select(struct changing *ch, struct flight *f,
	const char *name, bool examine, struct error *err)
{
	const struct changes *c = ch->c;
	const char *parameter = session_has(ch->sel.session, CAP_CONDSTORE)
		? "(CONDSTORE)" : NULL;
	struct str resync = {0};
	bool ok;

	if (c->how == CHANGES_QRESYNC) {
		str_printf(&resync, "(QRESYNC (%lu %llu 1:%lu))",
			(unsigned long)c->uidvalidity,
			(unsigned long long)c->modseq,
			(unsigned long)c->uidnext - 1);
		parameter = str_get(&resync);
	} else if (session_resyncs(ch->sel.session)) {
		parameter = NULL; /* that has switched it on already */
	}
	ok = ops_select_add(f, name, examine, parameter, err);
	str_clear(&resync);
	return ok;
}

static struct cmd *add_fetch(struct flight *f, uint32_t from, uint32_t to)
{
	struct cmd *cmd = &flight_add(f)->cmd;
	struct seqset range = {0};

	seqset_add_range(&range, from, to);
	cmd_init(cmd, "UID FETCH");
	cmd_seqset(cmd, &range);
	cmd_raw(cmd, "(UID FLAGS)");
	seqset_clear(&range);
	return cmd;
}

/* fetch-modifier =/ chgsince-fetch-mod
 * chgsince-fetch-mod = "CHANGEDSINCE" SP mod-sequence-value */
static void add_changed(struct flight *f, const struct changes *c)
{
	struct cmd *cmd = add_fetch(f, 1, c->uidnext - 1);
	struct str since = {0};

	str_printf(&since, "(CHANGEDSINCE %llu)",
		(unsigned long long)c->modseq);
	cmd_raw(cmd, str_get(&since));
	str_clear(&since);
}

static void add_questions(struct changing *ch, struct flight *f)
{
	struct changes *c = ch->c;

	switch (c->how) {
	case CHANGES_QRESYNC:
		break;
	case CHANGES_CONDSTORE:
		add_changed(f, c);
		break;
	case CHANGES_SETS:
		exceptions_add(&c->sets, f, ch->sel.session, c->asked,
			c->uidnext);
		break;
	}
	add_fetch(f, c->uidnext, UINT32_MAX);
}

/* ---- Answers ---- */

/* RFC 7162 section 3.2.5: what QRESYNC tells comes before the SELECT's OK. */
static bool is_ours(const struct changing *ch)
{
	return ch->sel.open ||
		(ch->c->how == CHANGES_QRESYNC && ch->sel.begun);
}

static bool on_fetch(struct changing *ch, const struct response_fetch *f,
	struct error *err)
{
	const unsigned need = FETCH_UID | FETCH_FLAGS;
	struct response_fetch told;

	if (!is_ours(ch) || (f->has & need) != need)
		return true;
	ch->told = true;
	told = ops_fetched(ch->sel.session, f);
	return ch->each(ch->arg, &told, err);
}

static void on_vanished(struct changing *ch, const struct response *r)
{
	struct changes *c = ch->c;

	ops_select_response(&ch->sel, r);
	if (!is_ours(ch))
		return;
	c->broken = c->broken || r->unclear;
	ch->told = ch->told || r->set.len > 0;
	for (size_t i = 0; i < r->set.len; i++)
		seqset_push(&c->vanished, r->set.range[i].first,
			r->set.range[i].last);
}

static bool on_response(void *arg, const struct response *r,
	struct error *err)
{
	struct changing *ch = arg;

	if (exceptions_response(&ch->c->sets, r))
		return true;
	if (r->kind == RESPONSE_FETCH)
		return on_fetch(ch, &r->u.fetch, err);
	if (r->kind == RESPONSE_VANISHED)
		on_vanished(ch, r);
	else
		ops_select_response(&ch->sel, r);
	return true;
}

static bool on_tagged(void *arg, size_t index, const struct response *r,
	struct error *err)
{
	struct changing *ch = arg;

	(void)err;
	exceptions_tagged(&ch->c->sets, index, r);
	ops_select_tagged(&ch->sel, index, r);
	return true;
}

/* ---- Judging ---- */

static bool all_ok(const struct flight *f)
{
	for (size_t i = 0; i < f->len; i++)
		if (f->cmd[i].result != CONDITION_OK)
			return false;
	return true;
}

/* BAD: not for this moment, but for ever. */
static bool any_bad(const struct flight *f)
{
	for (size_t i = 0; i < f->len; i++)
		if (f->cmd[i].result == CONDITION_BAD)
			return true;
	return false;
}

/* The numbers are those of a folder that went on from where it was. */
static bool goes_on(const struct changing *ch)
{
	const struct changes *c = ch->c;
	const struct selected *now = &c->selected;

	if (now->uidvalidity != c->uidvalidity || ch->sel.grew ||
		(now->uidnext > 0 && now->uidnext < c->uidnext))
		return false;
	return c->how == CHANGES_SETS ||
		(!now->nomodseq && now->highestmodseq >= c->modseq);
}

/* Without the code CLOSED what QRESYNC told looks as if it were of the mailbox
 * before, and is dropped: there was a change then, and no word of it. */
static bool says_what(const struct changing *ch)
{
	const struct changes *c = ch->c;

	return c->how != CHANGES_QRESYNC || ch->told ||
		c->selected.highestmodseq == c->modseq;
}

static bool makes_sense(const struct changing *ch, const struct flight *f)
{
	const struct changes *c = ch->c;

	if (!all_ok(f) || c->broken || !session_alive(ch->sel.session) ||
		!goes_on(ch) || !says_what(ch))
		return false;
	return c->how != CHANGES_SETS || (exceptions_complete(&c->sets) &&
		ops_keywords_searchable(ch->sel.session, &ch->sel.names));
}

bool ops_changes(struct session *s, const char *name, bool examine,
	struct changes *c, ops_message_fn *each, void *arg, struct error *err)
{
	struct changing ch = {.sel = {.session = s, .out = &c->selected},
		.c = c, .each = each, .arg = arg};
	const struct response_handler handler = {.response = on_response,
		.tagged = on_tagged, .arg = &ch};
	struct flight f = {0};
	bool ok;

	c->valid = c->refused = c->broken = false;
	ok = add_select(&ch, &f, name, examine, err);
	if (ok) {
		add_questions(&ch, &f);
		ok = ops_select_fly(&ch.sel, &f, examine, &handler, err);
	}
	seqset_settle(&c->vanished);
	c->refused = any_bad(&f);
	c->valid = ok && makes_sense(&ch, &f);
	str_clear(&ch.sel.names);
	flight_clear(&f);
	return ok;
}

/* ---- What is left ---- */

static bool on_search(void *arg, const struct response *r, struct error *err)
{
	struct seqset *left = arg;
	const struct seqset *told = r->kind == RESPONSE_ESEARCH
		? &r->u.search.all : &r->set;

	(void)err;
	if (r->kind != RESPONSE_SEARCH &&
		!(r->kind == RESPONSE_ESEARCH && r->u.search.uid))
		return true;
	for (size_t i = 0; i < told->len; i++)
		seqset_push(left, told->range[i].first, told->range[i].last);
	return true;
}

bool ops_left(struct session *s, uint32_t end, struct seqset *left, bool *told,
	struct error *err)
{
	const struct response_handler handler = {.response = on_search,
		.arg = left};
	struct flight f = {0};
	struct cmd *cmd = &flight_add(&f)->cmd;
	struct seqset range = {0};
	bool ok;

	seqset_add_range(&range, 1, end - 1);
	cmd_init(cmd, "UID SEARCH");
	if (session_has(s, CAP_ESEARCH))
		cmd_raw(cmd, "RETURN (ALL)");
	cmd_raw(cmd, "UID");
	cmd_seqset(cmd, &range);
	ok = session_flight(s, &f, &handler, err);
	seqset_settle(left);
	*told = ok && f.cmd[0].result == CONDITION_OK;
	seqset_clear(&range);
	flight_clear(&f);
	return ok;
}
