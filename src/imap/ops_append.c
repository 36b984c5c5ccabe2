#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "imap/ops_impl.h"
#include "imap/session_impl.h"

/* One command stores all that it carries or nothing, so not too much. */
#define GROUP_MESSAGES 100
#define GROUP_BYTES (4u << 20)

/* The items of one command. */
struct group {
	size_t first, len;
};

struct appending {
	struct session *session;
	const char *mailbox;
	struct append *item;
	size_t len;
	struct vec group; /* of struct group, one for each command */
	struct vec parts; /* of those that were refused as a whole */
	ops_append_fn *done; /* NULL: not to be told */
	void *arg;
};

/* ---- Answers ---- */

static bool finish(struct appending *a, struct append *item,
	enum condition result, struct span text, struct error *err)
{
	item->result = result;
	str_reset(&item->text);
	str_add_span(&item->text, text);
	return !a->done || a->done(a->arg, item, err);
}

/* resp-code-apnd: as many UIDs as messages, in their order; else nobody knows
 * which one is whose. */
static bool tells_uids(const struct code *code, size_t len)
{
	return code->kind == CODE_APPENDUID &&
		(len == 1 || code->ordered) &&
		seqset_count(&code->set) == len;
}

static bool stored(struct appending *a, const struct group *g,
	const struct response *r, struct error *err)
{
	struct seqset_iter iter = seqset_iter(&r->code.set);
	bool told = tells_uids(&r->code, g->len);
	bool ok = true;

	for (size_t i = 0; ok && i < g->len; i++) {
		struct append *item = &a->item[g->first + i];

		if (told && seqset_next(&iter, &item->uid))
			item->uidvalidity = (uint32_t)r->code.number;
		ok = finish(a, item, CONDITION_OK, r->text, err);
	}
	return ok;
}

static bool refused(struct appending *a, const struct group *g,
	const struct response *r, struct error *err)
{
	bool ok = true;

	for (size_t i = 0; ok && i < g->len; i++)
		ok = finish(a, &a->item[g->first + i], r->condition, r->words,
			err);
	return ok;
}

static void add_part(struct appending *a, size_t first, size_t len)
{
	*(struct group *)vec_add(&a->parts) = (struct group){first, len};
}

/* A server without room, or one that does not understand what it offered,
 * refuses each half as well. */
static bool is_for_all(const struct response *r)
{
	return r->condition == CONDITION_BAD ||
		r->code.kind == CODE_OVERQUOTA;
}

static void try_parts(struct appending *a, const struct group *g,
	const struct response *r)
{
	size_t part = is_for_all(r) ? 1 : (g->len + 1) / 2;

	if (r->condition == CONDITION_BAD)
		a->session->has[CAP_MULTIAPPEND] = false;
	for (size_t at = 0; at < g->len; at += part)
		add_part(a, g->first + at,
			part < g->len - at ? part : g->len - at);
}

/* The refusal is not about the messages. */
static bool is_of_mailbox(const struct code *code)
{
	return code->kind == CODE_TRYCREATE || code->kind == CODE_NONEXISTENT;
}

static bool on_tagged(void *arg, size_t index, const struct response *r,
	struct error *err)
{
	struct appending *a = arg;
	const struct group *g = vec_at(&a->group, index);

	if (r->condition == CONDITION_OK)
		return stored(a, g, r, err);
	if (g->len == 1 || is_of_mailbox(&r->code))
		return refused(a, g, r, err);
	try_parts(a, g, r);
	return true;
}

/* ---- Commands ---- */

/* append = "APPEND" SP mailbox 1*append-message
 * append-message = [SP flag-list] [SP date-time] SP literal */
static bool add_append(struct appending *a, struct flight *f,
	const struct group *g, struct error *err)
{
	struct cmd *cmd = &flight_add(f)->cmd;

	cmd_init(cmd, "APPEND");
	if (!ops_mailbox_arg(cmd, a->mailbox, err))
		return false;
	for (size_t i = 0; i < g->len; i++) {
		const struct append *item = &a->item[g->first + i];

		cmd_flags(cmd, item->flags, a->session->keywords);
		cmd_date(cmd, item->date);
		cmd_source(cmd, &item->source);
	}
	return true;
}

static bool fly(struct appending *a, struct error *err)
{
	struct response_handler handler = {.tagged = on_tagged, .arg = a};
	struct flight f = {0};
	bool ok = true;

	for (size_t i = 0; i < a->group.len && ok; i++)
		ok = add_append(a, &f, vec_at(&a->group, i), err);
	ok = ok && session_flight(a->session, &f, &handler, err);
	flight_clear(&f);
	return ok;
}

/* What was refused as a whole becomes the next flight, from its beginning. */
static void take_parts(struct appending *a)
{
	struct vec done = a->group;

	a->group = a->parts;
	a->parts = done;
	vec_reset(&a->parts);
	for (size_t i = 0; i < a->group.len; i++) {
		const struct group *g = vec_at(&a->group, i);

		for (size_t n = 0; n < g->len; n++) {
			struct source *source = &a->item[g->first + n].source;

			source->again(source->arg);
		}
	}
}

/* ---- Groups ---- */

/* A literal that has to be waited for would make all others wait. */
static bool may_share(const struct appending *a, const struct append *item)
{
	return session_has(a->session, CAP_MULTIAPPEND) && !item->alone &&
		item->source.again &&
		!session_literal_waits(a->session, item->source.size);
}

static bool fits(const struct appending *a, const struct group *g, size_t i)
{
	uint64_t bytes = a->item[i].source.size;

	if (g->first + g->len != i || g->len == GROUP_MESSAGES ||
		!may_share(a, &a->item[i]))
		return false;
	for (size_t n = 0; n < g->len; n++)
		bytes += a->item[g->first + n].source.size;
	return bytes <= GROUP_BYTES && may_share(a, &a->item[g->first]);
}

static void add_item(struct appending *a, size_t i)
{
	struct group *last = a->group.len > 0
		? vec_at(&a->group, a->group.len - 1) : NULL;

	if (last && fits(a, last, i))
		last->len++;
	else
		*(struct group *)vec_add(&a->group) = (struct group){i, 1};
}

/* RFC 7889 section 2: the server would read all of it and refuse it then. */
static bool refuse_large(struct appending *a, struct append *item,
	uint64_t limit, struct error *err)
{
	struct str text = {0};
	bool ok;

	str_printf(&text, "it takes no message above %llu bytes (APPENDLIMIT), "
		"and this one has %llu; it was not sent",
		(unsigned long long)limit,
		(unsigned long long)item->source.size);
	ok = finish(a, item, CONDITION_NO, span_str(&text), err);
	str_clear(&text);
	return ok;
}

static bool make_groups(struct appending *a, struct error *err)
{
	uint64_t limit = session_append_limit(a->session);
	bool ok = true;

	for (size_t i = 0; ok && i < a->len; i++) {
		struct append *item = &a->item[i];

		item->result = CONDITION_NONE;
		item->uid = item->uidvalidity = 0;
		if (limit > 0 && item->source.size > limit)
			ok = refuse_large(a, item, limit, err);
		else
			add_item(a, i);
	}
	return ok;
}

bool ops_append(struct session *s, const char *mailbox, struct append *item,
	size_t len, ops_append_fn *done, void *arg, struct error *err)
{
	struct appending a = {.session = s, .mailbox = mailbox, .item = item,
		.len = len, .group = VEC(struct group),
		.parts = VEC(struct group), .done = done, .arg = arg};
	bool ok = make_groups(&a, err);

	while (ok && a.group.len > 0) {
		ok = fly(&a, err);
		take_parts(&a);
	}
	vec_clear(&a.group);
	vec_clear(&a.parts);
	return ok;
}
