#include "config.h"

#include "imap/ops_impl.h"
#include "imap/session_impl.h"

struct moving {
	struct vec *moved;
	bool gone; /* messages went from the mailbox meanwhile */
};

/* Pairs the n-th UID of the one set with the n-th of the other. */
static void take_pairs(struct vec *moved, const struct code *code)
{
	struct seqset_iter from = seqset_iter(&code->set);
	struct seqset_iter to = seqset_iter(&code->set2);
	struct ops_moved m = {.uidvalidity = (uint32_t)code->number};

	if (code->kind != CODE_COPYUID ||
		seqset_count(&code->set) != seqset_count(&code->set2))
		return;
	while (seqset_next(&from, &m.from) && seqset_next(&to, &m.to))
		*(struct ops_moved *)vec_add(moved) = m;
}

/* RFC 6851 section 4.3: COPYUID comes before the messages go. */
static bool on_response(void *arg, const struct response *r,
	struct error *err)
{
	struct moving *run = arg;

	(void)err;
	if (r->kind == RESPONSE_CONDITION && r->condition == CONDITION_OK)
		take_pairs(run->moved, &r->code);
	run->gone = run->gone || r->kind == RESPONSE_EXPUNGE ||
		r->kind == RESPONSE_VANISHED;
	return true;
}

static bool on_tagged(void *arg, size_t index, const struct response *r,
	struct error *err)
{
	const struct moving *run = arg;

	(void)index;
	(void)err;
	if (r->condition == CONDITION_OK)
		take_pairs(run->moved, &r->code);
	return true;
}

static bool add_commands(struct flight *f, const char *verb,
	const struct seqset *uids, const char *mailbox, struct error *err)
{
	size_t next = 0;
	bool ok = true;

	while (ok && next < uids->len) {
		struct cmd *cmd = &flight_add(f)->cmd;
		struct str set = {0};

		seqset_print_part(uids, &next, OPS_SET_BYTES, &set);
		cmd_init(cmd, verb);
		cmd_raw(cmd, str_get(&set));
		ok = ops_mailbox_arg(cmd, mailbox, err);
		str_clear(&set);
	}
	return ok;
}

/* Only what is known to have arrived goes. */
static bool delete_copied(struct session *s, const struct vec *moved,
	struct error *err)
{
	struct seqset copied = {0};
	bool ok;

	for (size_t i = 0; i < moved->len; i++) {
		uint32_t uid = ((struct ops_moved *)vec_at(moved, i))->from;

		seqset_push(&copied, uid, uid);
	}
	seqset_settle(&copied);
	ok = ops_delete(s, &copied, true, err);
	seqset_clear(&copied);
	return ok;
}

/* RFC 6851 section 3: a MOVE may fail when some have been moved already, and
 * one command does not speak for the next. */
static bool is_refused(const struct flight *f, const struct moving *run)
{
	for (size_t i = 0; i < f->len; i++)
		if (f->cmd[i].result == CONDITION_OK)
			return false;
	return !run->gone && run->moved->len == 0;
}

bool ops_move(struct session *s, const struct seqset *uids,
	const char *mailbox, struct vec *moved, bool *refused,
	struct error *err)
{
	struct moving run = {.moved = moved};
	struct response_handler handler = {.response = on_response,
		.tagged = on_tagged, .arg = &run};
	bool can_move = session_has(s, CAP_MOVE);
	struct flight f = {0};
	bool ok;

	ok = add_commands(&f, can_move ? "UID MOVE" : "UID COPY", uids,
		mailbox, err) && session_flight(s, &f, &handler, err);
	*refused = ok && is_refused(&f, &run);
	flight_clear(&f);
	return ok && (can_move || moved->len == 0 ||
		delete_copied(s, moved, err));
}
