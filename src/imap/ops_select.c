#include "config.h"

#include "imap/flag.h"
#include "imap/ops_impl.h"
#include "imap/parse.h"
#include "imap/session_impl.h"

/* SELECT and the list of all messages. */
struct listing {
	struct selecting sel;
	ops_message_fn *each;  /* NULL: SELECT alone */
	void *arg;
	struct seqset seen;    /* UIDs, so that each counts once */
};

/* RFC 3501 section 7.1: without PERMANENTFLAGS all may be changed; keywords
 * among them, as far as FLAGS tells of them. */
static void set_allowed(struct selecting *sel)
{
	sel->out->flags_allowed = ops_flags_allowed(sel->session,
		&sel->names) | (sel->flags_told ? 0 : FLAG_IMAP_ALL);
}

static void take_permanent(struct selecting *sel, const struct value *names)
{
	sel->flags_told = true;
	ops_note_names(&sel->names, names);
}

static void take_code(struct selecting *sel, const struct code *code)
{
	struct selected *out = sel->out;

	if (code->kind == CODE_UIDVALIDITY) {
		out->uidvalidity = (uint32_t)code->number;
		sel->begun = true;
	}
	else if (code->kind == CODE_UIDNEXT)
		out->uidnext = (uint32_t)code->number;
	else if (code->kind == CODE_HIGHESTMODSEQ)
		out->highestmodseq = code->number;
	else if (code->kind == CODE_NOMODSEQ)
		out->nomodseq = true;
	else if (code->kind == CODE_PERMANENTFLAGS)
		take_permanent(sel, code->values);
	else if (code->kind == CODE_READ_ONLY)
		out->readonly = true;
	else if (code->kind == CODE_READ_WRITE)
		out->readonly = false;
}

/* RFC 7162 section 3.2.10: in place of EXPUNGE, once QRESYNC is enabled. */
static void take_vanished(struct selecting *sel, const struct response *r)
{
	uint64_t gone = seqset_count(&r->set);

	if (r->earlier || !sel->open)
		return;
	sel->out->exists -= gone < sel->out->exists ? (uint32_t)gone
		: sel->out->exists;
}

/* What comes before the SELECT's OK may still be the old folder's: only
 * EXISTS counts, the last one (protocol.md 4.2, rule 2). */
void ops_select_response(struct selecting *sel, const struct response *r)
{
	struct selected *out = sel->out;

	if (r->kind == RESPONSE_EXISTS) {
		sel->grew = sel->grew ||
			(sel->open && r->number > out->exists);
		out->exists = r->number;
	} else if (r->kind == RESPONSE_EXPUNGE) {
		if (sel->open && out->exists > 0)
			out->exists--;
	} else if (r->kind == RESPONSE_VANISHED) {
		take_vanished(sel, r);
	} else if (r->kind == RESPONSE_CONDITION && !sel->open) {
		take_code(sel, &r->code);
	} else if (r->kind == RESPONSE_FLAGS && !sel->open &&
		!sel->flags_told) {
		ops_note_names(&sel->names, r->values);
	}
}

void ops_select_tagged(struct selecting *sel, size_t index,
	const struct response *r)
{
	if (index != 0 || r->condition != CONDITION_OK)
		return;
	take_code(sel, &r->code);
	sel->open = true;
}

static bool on_fetch(struct listing *l, const struct response_fetch *f,
	struct error *err)
{
	unsigned need = FETCH_UID | FETCH_FLAGS;
	struct response_fetch told;

	if (!l->sel.open || !l->each || (f->has & need) != need ||
		seqset_has(&l->seen, f->uid))
		return true;
	seqset_add(&l->seen, f->uid);
	told = ops_fetched(l->sel.session, f);
	return l->each(l->arg, &told, err);
}

static bool on_response(void *arg, const struct response *r,
	struct error *err)
{
	struct listing *l = arg;

	if (r->kind == RESPONSE_FETCH)
		return on_fetch(l, &r->u.fetch, err);
	ops_select_response(&l->sel, r);
	return true;
}

static bool on_tagged(void *arg, size_t index, const struct response *r,
	struct error *err)
{
	struct listing *l = arg;

	(void)err;
	ops_select_tagged(&l->sel, index, r);
	return true;
}

bool ops_select_add(struct flight *f, const char *name, bool examine,
	const char *parameter, struct error *err)
{
	struct cmd *cmd = &flight_add(f)->cmd;

	cmd_init(cmd, examine ? "EXAMINE" : "SELECT");
	if (!ops_mailbox_arg(cmd, name, err))
		return false;
	if (parameter)
		cmd_raw(cmd, parameter);
	return true;
}

bool ops_select_fly(struct selecting *sel, struct flight *f, bool examine,
	const struct response_handler *handler, struct error *err)
{
	*sel->out = (struct selected){.readonly = examine};
	if (!session_flight(sel->session, f, handler, err))
		return false;
	if (f->cmd[0].result != CONDITION_OK) {
		session_refused(err, ERROR_FOLDER, ERROR_REFUSED,
			examine ? "EXAMINE" : "SELECT",
			span_str(&f->cmd[0].text));
		if (f->cmd[0].code == CODE_NONEXISTENT)
			err->kind = ERROR_GONE;
		return false;
	}
	set_allowed(sel);
	if (examine)
		sel->out->readonly = true;
	return true;
}

static bool fly(struct listing *l, struct flight *f, bool examine,
	struct error *err)
{
	const struct response_handler handler = {
		.response = on_response,
		.tagged = on_tagged,
		.arg = l,
	};

	return ops_select_fly(&l->sel, f, examine, &handler, err);
}

bool ops_select(struct session *s, const char *name, bool examine,
	struct selected *out, struct error *err)
{
	struct listing l = {.sel = {.session = s, .out = out}};
	struct flight f = {0};
	bool ok;

	ok = ops_select_add(&f, name, examine, NULL, err) &&
		fly(&l, &f, examine, err);
	str_clear(&l.sel.names);
	flight_clear(&f);
	return ok;
}

/* The upper end is a number: with "*" an empty range would answer with the
 * last message (rule 6). */
static void add_list(struct flight *f)
{
	struct cmd *cmd = &flight_add(f)->cmd;

	cmd_init(cmd, "UID FETCH");
	cmd_raw(cmd, "1:4294967295");
	cmd_raw(cmd, "(UID FLAGS)");
}

/* A folder without messages may refuse the FETCH; that proves nothing and
 * harms nothing. */
static bool judge_list(const struct listing *l, const struct flight *f,
	bool *complete, struct error *err)
{
	const struct flight_cmd *fetch = &f->cmd[1];
	uint32_t exists = l->sel.out->exists;
	bool ok = fetch->result == CONDITION_OK;

	*complete = ok && session_alive(l->sel.session) &&
		seqset_count(&l->seen) == exists;
	if (ok || exists == 0)
		return true;
	return session_refused(err, ERROR_FOLDER, ERROR_REFUSED, "UID FETCH",
		span_str(&fetch->text));
}

bool ops_select_list(struct session *s, const char *name, bool examine,
	struct selected *out, ops_message_fn *each, void *arg, bool *complete,
	struct error *err)
{
	struct listing l = {.sel = {.session = s, .out = out}, .each = each,
		.arg = arg};
	struct flight f = {0};
	bool ok;

	*complete = false;
	ok = ops_select_add(&f, name, examine, NULL, err);
	add_list(&f);
	ok = ok && fly(&l, &f, examine, err) &&
		judge_list(&l, &f, complete, err);
	seqset_clear(&l.seen);
	str_clear(&l.sel.names);
	flight_clear(&f);
	return ok;
}
