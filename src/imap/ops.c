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

size_t ops_set_bytes(const struct session *s)
{
	return session_has(s, CAP_CONDSTORE) || session_has(s, CAP_QRESYNC) ||
		session_has(s, CAP_IMAP4REV2) ? OPS_SET_BYTES_LONG
		: OPS_SET_BYTES;
}

bool ops_mailbox_arg(struct cmd *cmd, const char *name, struct error *err)
{
	if (name[0] != '\0' && cmd_string(cmd, span_of(name)))
		return true;
	return error_set(err, ERROR_FOLDER, ERROR_OTHER,
		"\"%s\" cannot be the name of a mailbox", name);
}

bool ops_noop(struct session *s, struct error *err)
{
	struct cmd cmd = {0};

	cmd_init(&cmd, "NOOP");
	return session_call(s, &cmd, NULL, err);
}
