#include "config.h"

#include "imap/flag.h"
#include "imap/ops_impl.h"
#include "imap/parse.h"
#include "imap/session_impl.h"

struct selecting {
	struct session *session;
	struct selected *out;
	bool flags_told;       /* by PERMANENTFLAGS, else by FLAGS */
	struct str names;
	bool open;             /* the SELECT was answered by OK */
	/* of ops_select_list */
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

	if (code->kind == CODE_UIDVALIDITY)
		out->uidvalidity = (uint32_t)code->number;
	else if (code->kind == CODE_UIDNEXT)
		out->uidnext = (uint32_t)code->number;
	else if (code->kind == CODE_HIGHESTMODSEQ)
		out->highestmodseq = code->number;
	else if (code->kind == CODE_PERMANENTFLAGS)
		take_permanent(sel, code->values);
	else if (code->kind == CODE_READ_ONLY)
		out->readonly = true;
	else if (code->kind == CODE_READ_WRITE)
		out->readonly = false;
}

/* What comes before the SELECT's OK may still be the old folder's: only
 * EXISTS counts, the last one (protocol.md 4.2, rule 2). */
static bool on_fetch(struct selecting *sel, const struct response_fetch *f,
	struct error *err)
{
	unsigned need = FETCH_UID | FETCH_FLAGS;
	struct response_fetch told;

	if (!sel->open || !sel->each || (f->has & need) != need ||
		seqset_has(&sel->seen, f->uid))
		return true;
	seqset_add(&sel->seen, f->uid);
	told = ops_fetched(sel->session, f);
	return sel->each(sel->arg, &told, err);
}

static bool on_response(void *arg, const struct response *r,
	struct error *err)
{
	struct selecting *sel = arg;

	if (r->kind == RESPONSE_FETCH)
		return on_fetch(sel, &r->u.fetch, err);
	if (r->kind == RESPONSE_EXISTS)
		sel->out->exists = r->number;
	else if (r->kind == RESPONSE_EXPUNGE && sel->open &&
		sel->out->exists > 0)
		sel->out->exists--;
	else if (r->kind == RESPONSE_CONDITION && !sel->open)
		take_code(sel, &r->code);
	else if (r->kind == RESPONSE_FLAGS && !sel->open && !sel->flags_told)
		ops_note_names(&sel->names, r->values);
	return true;
}

static bool on_tagged(void *arg, size_t index, const struct response *r,
	struct error *err)
{
	struct selecting *sel = arg;

	(void)err;
	if (index != 0 || r->condition != CONDITION_OK)
		return true;
	take_code(sel, &r->code);
	sel->open = true;
	return true;
}

static bool add_select(struct flight *f, const char *name, bool examine,
	struct error *err)
{
	struct cmd *cmd = &flight_add(f)->cmd;

	cmd_init(cmd, examine ? "EXAMINE" : "SELECT");
	return ops_mailbox_arg(cmd, name, err);
}

static bool select_flight(struct session *s, struct flight *f,
	struct selecting *sel, bool examine, struct error *err)
{
	struct response_handler handler = {
		.response = on_response,
		.tagged = on_tagged,
		.arg = sel,
	};

	*sel->out = (struct selected){.readonly = examine};
	if (!session_flight(s, f, &handler, err))
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

bool ops_select(struct session *s, const char *name, bool examine,
	struct selected *out, struct error *err)
{
	struct selecting sel = {.session = s, .out = out};
	struct flight f = {0};
	bool ok;

	ok = add_select(&f, name, examine, err) &&
		select_flight(s, &f, &sel, examine, err);
	str_clear(&sel.names);
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
static bool judge_list(struct session *s, const struct flight *f,
	const struct selecting *sel, bool *complete, struct error *err)
{
	const struct flight_cmd *fetch = &f->cmd[1];
	bool ok = fetch->result == CONDITION_OK;

	*complete = ok && session_alive(s) &&
		seqset_count(&sel->seen) == sel->out->exists;
	if (ok || sel->out->exists == 0)
		return true;
	return session_refused(err, ERROR_FOLDER, ERROR_REFUSED, "UID FETCH",
		span_str(&fetch->text));
}

bool ops_select_list(struct session *s, const char *name, bool examine,
	struct selected *out, ops_message_fn *each, void *arg, bool *complete,
	struct error *err)
{
	struct selecting sel = {.session = s, .out = out, .each = each,
		.arg = arg};
	struct flight f = {0};
	bool ok;

	*complete = false;
	ok = add_select(&f, name, examine, err);
	add_list(&f);
	ok = ok && select_flight(s, &f, &sel, examine, err) &&
		judge_list(s, &f, &sel, complete, err);
	seqset_clear(&sel.seen);
	str_clear(&sel.names);
	flight_clear(&f);
	return ok;
}
