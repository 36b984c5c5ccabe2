#include "config.h"

#include <stdlib.h>

#include "conf/conf.h"
#include "imap/session.h"
#include "mail/imapstore.h"
#include "mail/mapstore.h"
#include "mail/store.h"

/* By the type of a [Repository ...]. */
static const struct {
	const struct store_ops *ops;
	const char *type;
} rows[] = {
	[CONF_MAILDIR] = {&maildir_ops, "Maildir"},
	[CONF_GMAIL_MAILDIR] = {&maildir_ops, "GmailMaildir"},
	[CONF_IMAP] = {&imapstore_ops, "IMAP"},
	[CONF_GMAIL] = {&imapstore_ops, "Gmail"},
};

struct store *store_open(const struct store_config *config, struct error *err)
{
	const struct store_ops *ops = rows[config->repo->type].ops;
	bool server = ops == &imapstore_ops;
	struct store *store;

	if (server && config->map_dir)
		ops = &mapstore_ops;
	store = ops->open(config, err);
	if (store)
		store->type = rows[config->repo->type].type;
	/* Only a row that talks to a server has a use for it. */
	if (config->session && (!store || !server))
		session_close(config->session);
	return store;
}

void store_close(struct store *store)
{
	if (store)
		store->ops->close(store);
}

struct session *store_detach(struct store *store)
{
	if (store && store->ops == &imapstore_ops)
		return imapstore_detach(store);
	if (store && store->ops == &mapstore_ops)
		return mapstore_detach(store);
	store_close(store);
	return NULL;
}

const char *store_capabilities(const struct store *store)
{
	return store->ops == &imapstore_ops ? session_capabilities(
		((const struct imapstore *)store)->session) : NULL;
}

void store_keywords(struct store *store, struct flag_keywords *keywords)
{
	if (store->ops == &imapstore_ops)
		imapstore_keywords(store, keywords);
	else if (store->ops == &mapstore_ops)
		imapstore_keywords(&mapstore_of(store)->imap->store, keywords);
}

void store_folders_clear(struct vec *folders)
{
	for (size_t i = 0; i < folders->len; i++)
		free(((struct folder *)vec_at(folders, i))->name);
	vec_clear(folders);
}

uint32_t store_own_uid(const struct msglist *list, const struct msg *m)
{
	struct str buf = {0};
	uint64_t n;
	bool is = span_number(span_of(msglist_name(list, m, &buf)),
		UINT32_MAX, &n);

	str_clear(&buf);
	return is ? (uint32_t)n : 0;
}

const char *store_type_name(const struct store *store)
{
	return store->type;
}
