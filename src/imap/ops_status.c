#include "config.h"

#include "imap/ops_impl.h"
#include "imap/session_impl.h"

struct statuses {
	struct ops_status *at;
	size_t len;
	size_t next; /* answers mostly come in the order of the questions */
};

static bool same_mailbox(struct span told, const char *name)
{
	return span_is(told, name) ||
		(span_is_nocase(told, "INBOX") &&
			ascii_casecmp(name, "INBOX") == 0);
}

static struct ops_status *find(struct statuses *st, struct span name)
{
	for (size_t i = 0; i < st->len; i++) {
		size_t at = (st->next + i) % st->len;

		if (!same_mailbox(name, st->at[at].name))
			continue;
		st->next = at + 1;
		return &st->at[at];
	}
	return NULL;
}

static bool on_status(void *arg, const struct response *r, struct error *err)
{
	const unsigned need = STATUS_MESSAGES | STATUS_UIDNEXT |
		STATUS_UIDVALIDITY;
	const struct response_status *told = &r->u.status;
	struct ops_status *st;

	(void)err;
	if (r->kind != RESPONSE_STATUS)
		return true;
	st = find(arg, told->name);
	if (!st || (told->has & need) != need)
		return true;
	st->ok = true;
	st->messages = told->messages;
	st->uidnext = told->uidnext;
	st->uidvalidity = told->uidvalidity;
	st->highestmodseq = told->highestmodseq;
	return true;
}

static bool add_status(struct session *s, struct flight *f, const char *name,
	struct error *err)
{
	struct cmd *cmd = &flight_add(f)->cmd;

	cmd_init(cmd, "STATUS");
	if (!ops_mailbox_arg(cmd, name, err))
		return false;
	cmd_raw(cmd, session_has(s, CAP_CONDSTORE)
		? "(MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)"
		: "(MESSAGES UIDNEXT UIDVALIDITY)");
	return true;
}

static bool add_all(struct session *s, struct flight *f,
	const struct statuses *st, struct error *err)
{
	for (size_t i = 0; i < st->len; i++) {
		const char *name = st->at[i].name;

		st->at[i] = (struct ops_status){.name = name};
		if (!add_status(s, f, name, err))
			return false;
	}
	return true;
}

/* The answer to a STATUS that got NO is not to be believed. */
bool ops_status(struct session *s, struct ops_status *at, size_t len,
	struct error *err)
{
	struct statuses st = {.at = at, .len = len};
	struct response_handler handler = {.response = on_status, .arg = &st};
	struct flight f = {0};
	bool ok;

	ok = add_all(s, &f, &st, err) && session_flight(s, &f, &handler, err);
	for (size_t i = 0; ok && i < len; i++)
		if (f.cmd[i].result != CONDITION_OK)
			at[i].ok = false;
	flight_clear(&f);
	return ok;
}
