#include "config.h"

#include "imap/flag.h"
#include "imap/ops_impl.h"
#include "imap/session_impl.h"

static void add_expunge(const struct session *s, struct flight *f,
	const struct seqset *uids)
{
	size_t next = 0;

	while (next < uids->len) {
		struct cmd *cmd = &flight_add(f)->cmd;
		struct str set = {0};

		seqset_print_part(uids, &next, ops_set_bytes(s), &set);
		cmd_init(cmd, "UID EXPUNGE");
		cmd_raw(cmd, str_get(&set));
		str_clear(&set);
	}
}

static bool fly(struct session *s, struct flight *f,
	const struct response_handler *handler, const char *what,
	struct error *err)
{
	bool ok = session_flight(s, f, handler, err) &&
		ops_all_ok(f, what, err);

	flight_clear(f);
	return ok;
}

static void mark(const struct session *s, struct flight *f,
	const struct seqset *uids, const char *item)
{
	const struct ops_storing what = {item, FLAG_DELETED, 0};

	ops_add_store(s, f, uids, &what);
}

/* What is on its way out, in batches of the size that is permitted. */
struct leaving {
	struct seqset part[OPS_DELETE_FLIGHT];
	size_t len;
	uint64_t wanted;
	uint64_t gone; /* so many the server told of */
};

static uint64_t count_ours(const struct leaving *l, const struct seqset *told)
{
	uint64_t count = 0;
	uint32_t uid;

	for (size_t i = 0; i < l->len; i++)
		for (struct seqset_iter iter = seqset_iter(&l->part[i]);
			seqset_next(&iter, &uid);)
			count += seqset_has(told, uid);
	return count;
}

static bool on_response(void *arg, const struct response *r,
	struct error *err)
{
	struct leaving *l = arg;

	(void)err;
	if (r->kind == RESPONSE_EXPUNGE)
		l->gone++;
	else if (r->kind == RESPONSE_VANISHED && !r->earlier)
		l->gone += count_ours(l, &r->set);
	return true;
}

static void take_batches(struct leaving *l, struct seqset *left)
{
	for (; l->len < OPS_DELETE_FLIGHT && !seqset_empty(left); l->len++) {
		seqset_split(left, OPS_DELETE_BATCH, &l->part[l->len]);
		l->wanted += seqset_count(&l->part[l->len]);
	}
}

static bool expunge_batches(struct session *s, struct leaving *l, bool mark_too,
	struct error *err)
{
	struct response_handler handler = {.response = on_response, .arg = l};
	struct flight f = {0};

	for (size_t i = 0; mark_too && i < l->len; i++)
		mark(s, &f, &l->part[i], "+FLAGS.SILENT");
	for (size_t i = 0; i < l->len; i++)
		add_expunge(s, &f, &l->part[i]);
	return fly(s, &f, &handler, "deleting", err);
}

/* UID EXPUNGE removes only what carries \Deleted, so it may go out behind
 * the STORE whose answer is not there yet.  Dovecot 2.3 does not always see
 * those marks, and leaves the messages, with OK: unless all are told to be
 * gone, it is asked once more, now that the marks are answered for. */
static bool expunge_some(struct session *s, struct leaving *l,
	struct error *err)
{
	return expunge_batches(s, l, true, err) &&
		(l->gone >= l->wanted || expunge_batches(s, l, false, err));
}

static bool mark_some(struct session *s, struct leaving *l, struct error *err)
{
	struct flight f = {0};

	for (size_t i = 0; i < l->len; i++)
		mark(s, &f, &l->part[i], "+FLAGS.SILENT");
	return fly(s, &f, NULL, "deleting", err);
}

static bool delete_some(struct session *s, struct seqset *left, bool expunge,
	struct error *err)
{
	struct leaving l = {0};
	bool ok;

	take_batches(&l, left);
	ok = expunge ? expunge_some(s, &l, err) : mark_some(s, &l, err);
	for (size_t i = 0; i < l.len; i++)
		seqset_clear(&l.part[i]);
	return ok;
}

static bool in_batches(struct session *s, const struct seqset *uids,
	bool expunge, struct error *err)
{
	struct seqset left = {0};
	bool ok = true;

	for (size_t i = 0; i < uids->len; i++)
		seqset_add_range(&left, uids->range[i].first,
			uids->range[i].last);
	while (ok && !seqset_empty(&left))
		ok = delete_some(s, &left, expunge, err);
	seqset_clear(&left);
	return ok;
}

/* What others have marked and we did not. */
static bool find_foreign(struct session *s, const struct seqset *ours,
	struct seqset *foreign, struct error *err)
{
	struct seqset marked = {0};
	bool ok = ops_search(s, &(struct ops_search){.deleted = true}, NULL,
		&marked, err);
	struct seqset_iter iter = seqset_iter(&marked);
	uint32_t uid;

	while (ok && seqset_next(&iter, &uid))
		if (!seqset_has(ours, uid))
			seqset_add(foreign, uid);
	seqset_clear(&marked);
	return ok;
}

/* Puts the foreign marks back after a refusal; its own failure adds nothing
 * to what went wrong before. */
static bool give_up(struct session *s, const struct seqset *foreign)
{
	struct flight f = {0};
	struct error ignored = {0};

	mark(s, &f, foreign, "+FLAGS.SILENT");
	if (session_alive(s) && f.len > 0)
		return fly(s, &f, NULL, "deleting", &ignored) && false;
	flight_clear(&f);
	return false;
}

/* D3 without UIDPLUS: EXPUNGE takes all that is marked, so it is sent only
 * when the foreign marks are known to be off. */
static bool delete_around(struct session *s, const struct seqset *uids,
	const struct seqset *foreign, struct error *err)
{
	struct flight f = {0};

	mark(s, &f, foreign, "-FLAGS.SILENT");
	mark(s, &f, uids, "+FLAGS.SILENT");
	if (!fly(s, &f, NULL, "deleting", err))
		return give_up(s, foreign);
	cmd_init(&flight_add(&f)->cmd, "EXPUNGE");
	mark(s, &f, foreign, "+FLAGS.SILENT");
	return fly(s, &f, NULL, "EXPUNGE", err);
}

static bool delete_without_uidplus(struct session *s,
	const struct seqset *uids, struct error *err)
{
	struct seqset foreign = {0};
	bool ok = find_foreign(s, uids, &foreign, err) &&
		delete_around(s, uids, &foreign, err);

	seqset_clear(&foreign);
	return ok;
}

bool ops_delete(struct session *s, const struct seqset *uids, bool expunge,
	struct error *err)
{
	if (seqset_empty(uids))
		return true;
	if (expunge && !session_has(s, CAP_UIDPLUS))
		return delete_without_uidplus(s, uids, err);
	return in_batches(s, uids, expunge, err);
}
