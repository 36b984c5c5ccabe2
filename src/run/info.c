#include "config.h"

#include "run/info.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "base/worker.h"
#include "conf/conf.h"
#include "conf/show.h"
#include "imap/response.h"
#include "imap/session.h"
#include "mail/store.h"
#include "mem.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "run/info_left.h"
#include "run/naming.h"
#include "str.h"

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

/* ---- One side (compat 1.5) ---- */

static void show_rule(struct worker *w, const char *name,
	const struct conf_rule *rule)
{
	if (!rule->text)
		return;
	line(w, "%s= %s", name, rule->text);
	line(w, "%s", "");
}

static void show_rules(const struct conf_repo *repo, bool all,
	struct worker *w)
{
	if (!all) {
		show_rule(w, "folderfilter", &repo->folderfilter);
		show_rule(w, "folderincludes", &repo->folderincludes);
		show_rule(w, "folders", &repo->folders);
	}
	show_rule(w, "nametrans", &repo->nametrans);
	show_rule(w, "rename", &repo->rename);
}

struct shown {
	const struct tree_name *name;
	const char *visible;
};

static int by_visible(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;
	int order = ascii_casecmp(x->visible, y->visible);

	return order ? order : strcmp(x->name->name, y->name->name);
}

static int by_rank(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;

	return (x->name->rank > y->name->rank) -
		(x->name->rank < y->name->rank);
}

/* Why a folder is not synchronised, as a word behind its name. */
static char *disabled(const struct naming_side *side,
	const struct tree_name *name)
{
	if (!rules_asked_for(&side->rules, name->name))
		return mem_strdup(" (disabled: -f)");
	if (name->attributes & MAILBOX_UNWANTED)
		return mem_strdup(" (disabled: not subscribed)");
	if (!name->filtered)
		return mem_strdup("");
	if (!side->rules.folders)
		return name->why && *name->why ?
			mem_printf(" (disabled: %s)", name->why) :
			mem_strdup(" (disabled)");
	return mem_printf(" (disabled: folders: %s)", name->why && *name->why ?
		name->why : "no pattern fits");
}

static void show_list(const struct naming_side *side, struct worker *w)
{
	struct vec all = VEC(struct shown);

	for (size_t i = 0; i < side->listed; i++) {
		const struct tree_name *name = vec_at(&side->names, i);

		*(struct shown *)vec_add(&all) = (struct shown){name,
			name->visible ? name->visible : name->name};
	}
	if (all.len > 1)
		qsort(all.data, all.len, all.size, side->repo->foldersort.text
			? by_rank : by_visible);
	line(w, "Folderlist:");
	for (size_t i = 0; i < all.len; i++) {
		const struct shown *at = vec_at(&all, i);
		char *why = disabled(side, at->name);

		if (strcmp(at->name->name, at->visible) == 0)
			line(w, " %s%s", at->visible, why);
		else
			line(w, " %s -> %s%s", at->name->name, at->visible,
				why);
		free(why);
	}
	line(w, "%s", "");
	vec_clear(&all);
}

static void show_server(const struct session *session, struct worker *w)
{
	if (session_has(session, CAP_ID))
		line(w, "Server supports ID extension.");
	line(w, "Server welcome string: %s", session_greeting(session));
	line(w, "Server capabilities: %s", session_capabilities(session));
	line(w, "%s", "");
}

static void show_host(const char *kind, const struct login *login,
	const char *type, struct worker *w)
{
	const struct conf_repo *repo = login->repo;

	line(w, "%s repository '%s': type '%s'", kind, repo->name, type);
	if (repo->localfolders)
		return;
	line(w, "Host: %s Port: %lld SSL: %s",
		login->host != NULL ? login->host : "(tunnel)",
		(long long)login->port, repo->ssl ? "True" : "False");
}

/* ---- Both ---- */

static void pair_line(struct worker *w, const struct tree_pair *pair)
{
	struct str text = {0};

	str_printf(&text, " %s", pair->remote);
	if (pair->create_remote)
		str_add(&text, " (to be created)");
	str_printf(&text, " -> %s", *pair->local ? pair->local :
		"the Maildir itself");
	if (pair->create_local)
		str_add(&text, " (to be created)");
	for (size_t i = 0; i < rules_use_count; i++)
		if ((pair->attributes & rules_uses[i].bit) != 0)
			str_printf(&text, " %s", rules_uses[i].name);
	line(w, "%s", str_get(&text));
	str_clear(&text);
}

static void left_line(void *arg, const char *sentence)
{
	line(arg, " left out: %s", sentence);
}

static void show_pairs(const struct naming *n, struct worker *w)
{
	if (n->tree.faults.len > 0) {
		line(w, "Nothing can be synchronised, names do not go "
			"together:");
		naming_tell_faults(n);
	} else {
		line(w, "Synchronised folders, remote -> local:");
		for (size_t i = 0; i < n->tree.pairs.len; i++)
			pair_line(w, vec_at(&n->tree.pairs, i));
	}
	for (size_t i = 0; i < n->tree.problems.len; i++)
		line(w, " %s", ((const struct tree_problem *)vec_at(
			&n->tree.problems, i))->text);
	if (n->tree.faults.len == 0)
		info_left(n, left_line, w);
	line(w, "%s", "");
}

static void setting(void *arg, const char *text)
{
	line(arg, "  %s", text);
}

static void show_settings(const struct connector *c, struct worker *w)
{
	const struct conf_account *account = c->account;

	line(w, "Settings of [general]:");
	show_general(engine_conf(c->engine), setting, w);
	line(w, "Settings of [Account %s]:", account->name);
	show_account(account, setting, w);
	line(w, "Settings of [Repository %s]:", account->remote->name);
	show_repo(account->remote, setting, w);
	line(w, "Settings of [Repository %s]:", account->local->name);
	show_repo(account->local, setting, w);
}

/* near: of the local side, when that is a server. */
static bool show_folders(struct connector *c, struct store *remote,
	struct store *local, const struct session *near, struct worker *w,
	struct error *err)
{
	const char *const *only = engine_options(c->engine)->folders;
	struct naming n;
	bool good;

	naming_init(&n, c, w);
	good = naming_list(&n, remote, local, err);
	good = good && naming_run(&n, err);
	if (good) {
		show_rules(n.remote.repo, only != NULL, w);
		show_list(&n.remote, w);
		show_host("Local", &c->login[CONNECTOR_LOCAL],
			store_type_name(local), w);
		if (near)
			show_server(near, w);
		show_rules(n.local.repo, false, w);
		show_list(&n.local, w);
		show_pairs(&n, w);
	}
	naming_clear(&n);
	return good;
}

static bool show_all(struct connector *c, struct session *session,
	struct worker *w, struct error *err)
{
	const struct conf_account *account = c->account;
	struct store_config config = {
		.repo = account->remote, .account = account, .worker = w,
		.utf8foldernames = account->utf8foldernames,
		.session = session,
	};
	struct store *remote, *local = NULL;
	struct session *near = NULL;
	bool good = false;

	show_server(session, w);
	remote = store_open(&config, err);
	if (remote != NULL && connector_is_server(c, CONNECTOR_LOCAL))
		near = connector_session(c, CONNECTOR_LOCAL, w, err);
	if (remote != NULL)
		local = connector_open(c, CONNECTOR_LOCAL, w, near, err);
	if (local != NULL)
		good = show_folders(c, remote, local, near, w, err);
	store_close(local);
	store_close(remote);
	return good;
}

bool info_show(struct connector *c, struct worker *w, struct error *err)
{
	struct login *login = &c->login[CONNECTOR_REMOTE];
	struct session *session = NULL;
	bool good = login_prepare(login, c->python, err);

	show_host("Remote", login, login->repo->type == CONF_GMAIL ? "Gmail" :
		"IMAP", w);
	if (good)
		session = connector_session(c, CONNECTOR_REMOTE, w, err);
	if (session == NULL)
		line(w, "Failed to connect. Reason %s", err->text);
	good = session != NULL && show_all(c, session, w, err);
	show_settings(c, w);
	return good;
}
