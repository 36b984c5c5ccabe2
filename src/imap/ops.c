#include "config.h"

#include "imap/flag.h"
#include "imap/ops_impl.h"
#include "imap/session_impl.h"

bool ops_all_ok(const struct flight *f, const char *what, struct error *err)
{
	for (size_t i = 0; i < f->len; i++)
		if (f->cmd[i].result != CONDITION_OK)
			return session_refused(err, ERROR_FOLDER,
				ERROR_REFUSED, what,
				span_str(&f->cmd[i].text));
	return true;
}

bool ops_mailbox_arg(struct cmd *cmd, const char *name, struct error *err)
{
	if (name[0] != '\0' && cmd_string(cmd, span_of(name)))
		return true;
	return error_set(err, ERROR_FOLDER, ERROR_OTHER,
		"\"%s\" cannot be the name of a mailbox", name);
}

void ops_add_store(struct flight *f, const struct seqset *uids,
	const char *item, uint32_t flags,
	const struct flag_keywords *keywords)
{
	size_t next = 0;

	while (next < uids->len) {
		struct cmd *cmd = &flight_add(f)->cmd;
		struct str set = {0};

		seqset_print_part(uids, &next, OPS_SET_BYTES, &set);
		cmd_init(cmd, "UID STORE");
		cmd_raw(cmd, str_get(&set));
		cmd_raw(cmd, item);
		cmd_flags(cmd, flags, keywords);
		str_clear(&set);
	}
}

bool ops_store(struct session *s, const struct seqset *uids, uint32_t add,
	uint32_t remove, struct error *err)
{
	uint32_t known = FLAG_IMAP_ALL | flag_keywords_mask(s->keywords);
	struct flight f = {0};
	bool ok;

	if (add & known)
		ops_add_store(&f, uids, "+FLAGS.SILENT", add, s->keywords);
	if (remove & known)
		ops_add_store(&f, uids, "-FLAGS.SILENT", remove, s->keywords);
	ok = session_flight(s, &f, NULL, err) &&
		ops_all_ok(&f, "UID STORE", err);
	flight_clear(&f);
	return ok;
}

bool ops_noop(struct session *s, struct error *err)
{
	struct cmd cmd = {0};

	cmd_init(&cmd, "NOOP");
	return session_call(s, &cmd, NULL, err);
}
