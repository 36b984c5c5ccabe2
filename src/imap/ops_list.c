#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "imap/ops_impl.h"
#include "imap/parse.h"
#include "imap/session_impl.h"

/* OfflineIMAP sends the option's text as it stands, so people write it with
 * quotes; the quotes are the wire's, not the name's. */
static struct span reference_of(const char *reference)
{
	struct span s = span_of(reference);

	if (s.len >= 2 && s.data[0] == '"' && s.data[s.len - 1] == '"') {
		s.data++;
		s.len -= 2;
	}
	return s;
}

bool ops_list_make(struct cmd *cmd, const char *verb,
	const char *reference, const char *pattern, struct error *err)
{
	cmd_init(cmd, verb);
	if (!cmd_string(cmd, reference_of(reference))) {
		cmd_clear(cmd);
		return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
			"the option reference cannot be sent");
	}
	cmd_raw(cmd, pattern);
	return true;
}

bool ops_list_take(struct ops_listing *l, const struct response_list *list,
	struct error *err)
{
	struct mailbox *box;

	if (list->name.len == 0 ||
		memchr(list->name.data, '\0', list->name.len))
		return true;
	if (span_is_nocase(list->name, "INBOX")) {
		if (l->inbox)
			return true;
		l->inbox = true;
	}
	if (l->mailboxes->len == OPS_MAILBOXES_MAX)
		return error_set(err, ERROR_ACCOUNT, ERROR_OTHER,
			"the server lists more than %d folders",
			OPS_MAILBOXES_MAX);
	box = vec_add(l->mailboxes);
	box->name = span_dup(list->name);
	box->attributes = list->attributes;
	box->delimiter = list->delimiter;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct mailbox *)a)->name,
		((const struct mailbox *)b)->name);
}

/* A server that names a folder twice means one. */
void ops_list_end(struct vec *mailboxes)
{
	struct mailbox *at = mailboxes->data;
	size_t kept = 0;

	if (mailboxes->len < 2)
		return;
	qsort(at, mailboxes->len, sizeof(*at), by_name);
	for (size_t i = 1; i < mailboxes->len; i++) {
		if (strcmp(at[kept].name, at[i].name) == 0) {
			at[kept].attributes |= at[i].attributes;
			free(at[i].name);
		} else {
			at[++kept] = at[i];
		}
	}
	mailboxes->len = kept + 1;
}

static bool on_list(void *arg, const struct response *r, struct error *err)
{
	if (r->kind != RESPONSE_LIST && r->kind != RESPONSE_LSUB)
		return true;
	return ops_list_take(arg, &r->u.list, err);
}

bool ops_list(struct session *s, const char *reference, bool subscribed,
	struct vec *mailboxes, struct error *err)
{
	struct ops_listing l = {.mailboxes = mailboxes};
	struct response_handler handler = {.response = on_list, .arg = &l};
	struct cmd cmd;

	if (!ops_list_make(&cmd, subscribed ? "LSUB" : "LIST", reference,
		"\"*\"", err) || !session_call(s, &cmd, &handler, err))
		return false;
	ops_list_end(mailboxes);
	return true;
}

void ops_list_clear(struct vec *mailboxes)
{
	for (size_t i = 0; i < mailboxes->len; i++)
		free(((struct mailbox *)vec_at(mailboxes, i))->name);
	vec_clear(mailboxes);
}

static bool on_delimiter(void *arg, const struct response *r,
	struct error *err)
{
	(void)err;
	if (r->kind == RESPONSE_LIST)
		*(char *)arg = r->u.list.delimiter;
	return true;
}

/* RFC 9051 section 6.3.9.1: an empty name asks for the delimiter. */
bool ops_delimiter(struct session *s, const char *reference, char *out,
	struct error *err)
{
	struct response_handler handler = {.response = on_delimiter,
		.arg = out};
	struct cmd cmd;

	*out = '\0';
	return ops_list_make(&cmd, "LIST", reference, "\"\"", err) &&
		session_call(s, &cmd, &handler, err);
}

bool ops_create(struct session *s, const char *name, struct error *err)
{
	struct flight f = {0};
	struct flight_cmd *c = flight_add(&f);
	bool ok;

	cmd_init(&c->cmd, "CREATE");
	ok = ops_mailbox_arg(&c->cmd, name, err) &&
		session_flight(s, &f, NULL, err);
	if (ok && c->code != CODE_ALREADYEXISTS)
		ok = ops_all_ok(&f, "CREATE", err);
	flight_clear(&f);
	return ok;
}

static bool call_with_name(struct session *s, const char *command,
	const char *name, struct error *err)
{
	struct cmd cmd;

	cmd_init(&cmd, command);
	if (ops_mailbox_arg(&cmd, name, err))
		return session_call(s, &cmd, NULL, err);
	cmd_clear(&cmd);
	return false;
}

bool ops_delete_folder(struct session *s, const char *name, struct error *err)
{
	return call_with_name(s, "DELETE", name, err);
}

bool ops_rename_folder(struct session *s, const char *from, const char *to,
	struct error *err)
{
	struct cmd cmd;

	cmd_init(&cmd, "RENAME");
	if (ops_mailbox_arg(&cmd, from, err) && ops_mailbox_arg(&cmd, to, err))
		return session_call(s, &cmd, NULL, err);
	cmd_clear(&cmd);
	return false;
}

bool ops_subscribe(struct session *s, const char *name, struct error *err)
{
	return call_with_name(s, "SUBSCRIBE", name, err);
}

static bool on_namespace(void *arg, const struct response *r,
	struct error *err)
{
	struct session *s = arg;
	const struct value *personal = r->values, *first;

	(void)err;
	if (r->kind != RESPONSE_NAMESPACE || !personal ||
		personal->kind != VALUE_LIST)
		return true;
	/* Namespace = nil / "(" 1*Namespace-Descr ")", Namespace-Descr =
	 * "(" string SP (DQUOTE QUOTED-CHAR DQUOTE / nil) ... ")" */
	first = personal->first;
	if (!first || first->kind != VALUE_LIST || !first->first ||
		first->first->kind != VALUE_STRING)
		return true;
	free(s->namespace_prefix);
	s->namespace_prefix = span_dup(first->first->text);
	return true;
}

bool ops_namespace(struct session *s, const char **prefix, struct error *err)
{
	struct response_handler handler = {.response = on_namespace, .arg = s};
	struct flight f = {0};
	bool ok = true;

	/* Q106: many servers have none, and a refusal changes nothing. */
	if (!s->namespace_known && session_has(s, CAP_NAMESPACE)) {
		ok = session_simple(s, &f, "NAMESPACE", &handler, err) != NULL;
		flight_clear(&f);
	}
	s->namespace_known = ok;
	*prefix = s->namespace_prefix ? s->namespace_prefix : "";
	return ok;
}
