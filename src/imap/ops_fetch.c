#include "config.h"

#include "imap/ops_impl.h"
#include "imap/session_impl.h"

/* UIDs in one command of ops_fetch_bodies: a refusal costs only so many, and
 * the server's queue stays short. */
#define BODY_UIDS 200
/* ... and so many commands are unanswered at a time: enough to fill the
 * longest line. */
#define BODY_COMMANDS 10

static void add_fetch(struct flight *f, const struct seqset *uids,
	const char *items)
{
	size_t next = 0;

	while (next < uids->len) {
		struct cmd *cmd = &flight_add(f)->cmd;
		struct str set = {0};

		seqset_print_part(uids, &next, OPS_SET_BYTES, &set);
		cmd_init(cmd, "UID FETCH");
		cmd_raw(cmd, str_get(&set));
		cmd_raw(cmd, items);
		str_clear(&set);
	}
}

struct fetching {
	struct session *session;
	const struct seqset *uids;
	ops_message_fn *each;
	void *arg;
};

static bool on_fetch(void *arg, const struct response *r, struct error *err)
{
	struct fetching *fetching = arg;
	const struct response_fetch *f = &r->u.fetch;
	struct response_fetch told;

	if (r->kind != RESPONSE_FETCH || !(f->has & FETCH_UID) ||
		!seqset_has(fetching->uids, f->uid))
		return true;
	told = ops_fetched(fetching->session, f);
	return fetching->each(fetching->arg, &told, err);
}

bool ops_fetch(struct session *s, const struct seqset *uids,
	const char *items, ops_message_fn *each, void *arg, struct error *err)
{
	struct fetching fetching = {.session = s, .uids = uids, .each = each,
		.arg = arg};
	struct response_handler handler = {.response = on_fetch,
		.arg = &fetching};
	struct flight f = {0};
	bool ok;

	add_fetch(&f, uids, items);
	ok = session_flight(s, &f, &handler, err) &&
		ops_all_ok(&f, "UID FETCH", err);
	flight_clear(&f);
	return ok;
}

struct streaming {
	struct session *session;
	const struct body_sink *sink;
	struct seqset left; /* not yet in a command */
};

static bool on_body(void *arg, const struct response *r, struct error *err)
{
	const struct streaming *streaming = arg;
	const struct body_sink *sink = streaming->sink;
	struct response_fetch told;

	/* Without a body it is news of flags, or Q1: nothing to be stored. */
	if (r->kind != RESPONSE_FETCH || !(r->u.fetch.has & FETCH_STREAMED))
		return true;
	told = ops_fetched(streaming->session, &r->u.fetch);
	return sink->end(sink->arg, &told, err);
}

static bool on_piece(void *arg, enum literal_event what, uint64_t size,
	struct span data, struct error *err)
{
	const struct body_sink *sink = ((const struct streaming *)arg)->sink;

	switch (what) {
	case LITERAL_BEGIN:
		return sink->begin(sink->arg, size, err);
	case LITERAL_DATA:
		return sink->data(sink->arg, data, err);
	case LITERAL_END:
		return true;
	}
	return true;
}

/* False: there is nothing to be asked for now. */
static bool add_bodies(struct streaming *streaming, struct flight *f)
{
	const struct body_sink *sink = streaming->sink;
	struct seqset *left = &streaming->left, part = {0};

	if (seqset_empty(left) &&
		(!sink->next || !sink->next(sink->arg, left)))
		return false;
	seqset_split(left, BODY_UIDS, &part);
	add_fetch(f, &part, "(UID FLAGS INTERNALDATE BODY.PEEK[])");
	seqset_clear(&part);
	return true;
}

static void add_more(void *arg, struct flight *f, size_t unanswered)
{
	size_t before = f->len;

	while (unanswered + (f->len - before) < BODY_COMMANDS)
		if (!add_bodies(arg, f))
			return;
}

static void tell_refused(const struct flight *f, struct str *refused)
{
	for (size_t i = 0; i < f->len && refused->len == 0; i++)
		if (f->cmd[i].result != CONDITION_OK)
			str_add_span(refused, span_str(&f->cmd[i].text));
}

/* One flight, or several where it cannot be extended on its way. */
bool ops_fetch_bodies(struct session *s, const struct seqset *uids,
	const struct body_sink *sink, struct str *refused, struct error *err)
{
	struct streaming streaming = {.session = s, .sink = sink};
	struct response_handler handler = {
		.response = on_body,
		.literal = on_piece,
		.more = add_more,
		.arg = &streaming,
	};
	bool ok = true, any = true;

	str_reset(refused);
	for (size_t i = 0; i < uids->len; i++)
		seqset_add_range(&streaming.left, uids->range[i].first,
			uids->range[i].last);
	while (ok && any) {
		struct flight f = {0};

		add_more(&streaming, &f, 0);
		any = f.len > 0;
		ok = !any || session_flight(s, &f, &handler, err);
		if (ok)
			tell_refused(&f, refused);
		flight_clear(&f);
	}
	seqset_clear(&streaming.left);
	return ok;
}
