#include "config.h"

#include "imap/flag.h"
#include "imap/ops_impl.h"
#include "imap/session_impl.h"

struct storing {
	struct ops_change *change;
	struct vec of; /* of size_t: the change of each command */
};

/* store = "STORE" SP sequence-set [SP store-modifiers] SP store-att-flags
 * RFC 7162 section 3.1.3: "(" "UNCHANGEDSINCE" SP mod-sequence-valzer ")" */
void ops_add_store(const struct session *s, struct flight *f,
	const struct seqset *uids, const struct ops_storing *what)
{
	size_t next = 0;

	while (next < uids->len) {
		struct cmd *cmd = &flight_add(f)->cmd;
		struct str text = {0};

		seqset_print_part(uids, &next, ops_set_bytes(s), &text);
		cmd_init(cmd, "UID STORE");
		cmd_raw(cmd, str_get(&text));
		str_reset(&text);
		if (what->since > 0) {
			str_printf(&text, "(UNCHANGEDSINCE %llu)",
				(unsigned long long)what->since);
			cmd_raw(cmd, str_get(&text));
		}
		cmd_raw(cmd, what->item);
		cmd_flags(cmd, what->flags, s->keywords);
		str_clear(&text);
	}
}

/* The first command that touches a message gives it a modseq above the one
 * asked about, so only that one may ask. */
static void add_change(struct session *s, struct flight *f, size_t index,
	struct storing *all)
{
	const struct ops_change *c = &all->change[index];
	uint32_t known = FLAG_IMAP_ALL | flag_keywords_mask(s->keywords);
	struct ops_storing add = {"+FLAGS.SILENT", c->add & known, 0};
	struct ops_storing remove = {"-FLAGS.SILENT", c->remove & known, 0};
	uint64_t since = session_has(s, CAP_CONDSTORE) ? c->since : 0;

	if (add.flags)
		add.since = since;
	else
		remove.since = since;
	if (add.flags)
		ops_add_store(s, f, c->uids, &add);
	if (remove.flags)
		ops_add_store(s, f, c->uids, &remove);
	while (all->of.len < f->len)
		*(size_t *)vec_add(&all->of) = index;
}

/* Of what was asked about, S21. */
static void note_modified(struct ops_change *c, const struct seqset *told)
{
	struct seqset_iter iter = seqset_iter(c->uids);
	uint32_t uid;

	while (seqset_next(&iter, &uid))
		if (seqset_has(told, uid))
			seqset_push(&c->modified, uid, uid);
	seqset_settle(&c->modified);
}

static bool on_tagged(void *arg, size_t index, const struct response *r,
	struct error *err)
{
	struct storing *all = arg;
	struct ops_change *c = &all->change[*(size_t *)vec_at(&all->of,
		index)];

	(void)err;
	if (r->condition != CONDITION_OK &&
		c->problem.severity == ERROR_NONE)
		session_refused(&c->problem, ERROR_FOLDER, ERROR_REFUSED,
			"UID STORE", r->words);
	if (r->code.kind == CODE_MODIFIED)
		note_modified(c, &r->code.set);
	return true;
}

bool ops_store(struct session *s, struct ops_change *at, size_t len,
	struct error *err)
{
	struct storing all = {at, VEC(size_t)};
	struct response_handler handler = {.tagged = on_tagged, .arg = &all};
	struct flight f = {0};
	bool ok;

	for (size_t i = 0; i < len; i++)
		add_change(s, &f, i, &all);
	ok = f.len == 0 || session_flight(s, &f, &handler, err);
	flight_clear(&f);
	vec_clear(&all.of);
	return ok;
}
