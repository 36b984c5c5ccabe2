#include "config.h"

#include "run/info.h"

#include <stdarg.h>

#include "base/vec.h"
#include "base/worker.h"
#include "conf/conf.h"
#include "imap/session.h"
#include "mail/store.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "str.h"
#include "sync/tree.h"

static void line(struct worker *w, const char *fmt, ...) ATTR_PRINTF(2, 3);

static void line(struct worker *w, const char *fmt, ...)
{
	struct str text = {0};
	va_list args;

	va_start(args, fmt);
	str_vprintf(&text, fmt, args);
	va_end(args);
	worker_log(w, EVENT_INFO, AREA_GENERAL, "%s", str_get(&text));
	str_clear(&text);
}

static const struct {
	unsigned bit;
	const char *name;
} uses[] = {
	{MAILBOX_ALL, "\\All"}, {MAILBOX_ARCHIVE, "\\Archive"},
	{MAILBOX_DRAFTS, "\\Drafts"}, {MAILBOX_FLAGGED, "\\Flagged"},
	{MAILBOX_JUNK, "\\Junk"}, {MAILBOX_SENT, "\\Sent"},
	{MAILBOX_TRASH, "\\Trash"}, {MAILBOX_IMPORTANT, "\\Important"},
};

static void folder_line(struct worker *w, const struct tree_pair *pair)
{
	struct str text = {0};

	str_printf(&text, " %s", pair->remote);
	if (pair->create_remote)
		str_add(&text, " (to be created)");
	str_printf(&text, " -> %s", pair->local);
	if (pair->create_local)
		str_add(&text, " (to be created)");
	for (size_t i = 0; i < ARRAY_LEN(uses); i++)
		if ((pair->attributes & uses[i].bit) != 0)
			str_printf(&text, " %s", uses[i].name);
	line(w, "%s", str_get(&text));
	str_clear(&text);
}

static void show_server(const struct login *login, struct session *session,
	struct worker *w)
{
	const struct conf_repo *repo = login->repo;

	line(w, "Remote repository '%s': type '%s'", repo->name,
		repo->type == CONF_GMAIL ? "Gmail" : "IMAP");
	line(w, "Host: %s Port: %lld SSL: %s",
		login->host != NULL ? login->host : "(tunnel)",
		(long long)login->port, repo->ssl ? "True" : "False");
	line(w, "Server welcome string: %s", session_greeting(session));
	line(w, "Server capabilities: %s", session_capabilities(session));
}

static bool show_folders(struct store *remote, struct store *local,
	struct connector *c, struct worker *w, struct error *err)
{
	struct vec theirs = VEC(struct folder), ours = VEC(struct folder);
	struct vec pairs = VEC(struct tree_pair), problems = VEC(char *);
	bool good = remote->ops->list(remote, &theirs, err) &&
		local->ops->list(local, &ours, err);
	struct tree_side far = {&theirs, remote->ops->separator(remote), true};
	struct tree_side near = {&ours, local->ops->separator(local), true};

	if (good) {
		tree_build(&far, &near, engine_options(c->engine)->folders,
			&pairs, &problems);
		line(w, "Local repository '%s': type '%s'", local->repository,
			store_type_name(local));
		line(w, "Folderlist:");
		for (size_t i = 0; i < pairs.len; i++)
			folder_line(w, vec_at(&pairs, i));
		for (size_t i = 0; i < problems.len; i++)
			line(w, " left out: %s",
				*(char **)vec_at(&problems, i));
	}
	tree_clear(&pairs);
	vec_clear_pointers(&problems);
	store_folders_clear(&theirs);
	store_folders_clear(&ours);
	return good;
}

bool info_show(struct connector *c, struct worker *w, struct error *err)
{
	const struct conf_account *account = c->account;
	struct session *session = connector_session(c, CONNECTOR_REMOTE, w,
		err);
	struct store_config config = {
		.repo = account->remote, .account = account, .worker = w,
		.utf8foldernames = account->utf8foldernames,
	};
	struct store *remote, *local = NULL;
	bool good = false;

	if (session == NULL)
		return false;
	show_server(&c->login[CONNECTOR_REMOTE], session, w);
	config.session = session;
	remote = store_open(&config, err);
	if (remote != NULL)
		local = connector_store(c, CONNECTOR_LOCAL, w, err);
	if (local != NULL)
		good = show_folders(remote, local, c, w, err);
	store_close(local);
	store_close(remote);
	return good;
}
