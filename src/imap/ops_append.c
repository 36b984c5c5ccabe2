#include "config.h"

#include "imap/ops_impl.h"
#include "imap/session_impl.h"

struct appending {
	struct append *item;
	const struct flight *flight;
	ops_append_fn *done; /* NULL: not to be told */
	void *arg;
};

static bool on_tagged(void *arg, size_t index, const struct response *r,
	struct error *err)
{
	struct appending *a = arg;
	const struct flight_cmd *c = &a->flight->cmd[index];
	struct append *item = &a->item[index];

	item->result = r->condition;
	if (r->condition == CONDITION_OK && c->code == CODE_APPENDUID) {
		item->uid = c->code_uid;
		item->uidvalidity = item->uid ? c->code_number : 0;
	}
	str_reset(&item->text);
	str_add_span(&item->text, span_str(&c->text));
	return !a->done || a->done(a->arg, item, err);
}

/* append = "APPEND" SP mailbox SP [flag-list SP] [date-time SP] literal */
static bool add_append(const struct session *s, struct flight *f,
	const char *mailbox, struct append *item, struct error *err)
{
	struct cmd *cmd = &flight_add(f)->cmd;

	item->result = CONDITION_NONE;
	item->uid = item->uidvalidity = 0;
	cmd_init(cmd, "APPEND");
	if (!ops_mailbox_arg(cmd, mailbox, err))
		return false;
	cmd_flags(cmd, item->flags, s->keywords);
	cmd_date(cmd, item->date);
	cmd_source(cmd, &item->source);
	return true;
}

bool ops_append(struct session *s, const char *mailbox, struct append *item,
	size_t len, ops_append_fn *done, void *arg, struct error *err)
{
	struct flight f = {0};
	struct appending a = {.item = item, .flight = &f, .done = done,
		.arg = arg};
	struct response_handler handler = {.tagged = on_tagged, .arg = &a};
	bool ok = true;

	for (size_t i = 0; i < len && ok; i++)
		ok = add_append(s, &f, mailbox, &item[i], err);
	ok = ok && session_flight(s, &f, &handler, err);
	flight_clear(&f);
	return ok;
}
