/*
 * ~/.netrc and /etc/netrc: who logs in at which host, in the old format of
 * ftp(1) as Python's netrc module reads it.  Account runner's thread.
 */
#ifndef CONF_NETRC_H
#define CONF_NETRC_H

#include "attr.h"
#include "error.h"
#include "str.h"

struct netrc_entry {
	struct str machine; /* empty for "default" */
	struct str login, password;
	bool has_password;
};

enum netrc_result { NETRC_FOUND, NETRC_NONE, NETRC_ERROR };

/* The last entry of this host, else the default one; of those with this login
 * when login is not NULL.  (The last, as OfflineIMAP has it: ftp takes the
 * first, but to log in as another user after an upgrade would be worse.)
 * path is what messages call the text.  The caller clears *out in any case.
 * Errors never show a word of the text. */
enum netrc_result netrc_search(const char *path, struct span text,
	const char *host, const char *login, struct netrc_entry *out,
	struct error *err) ATTR_MUST_CHECK;
/* Wipes. */
void netrc_entry_clear(struct netrc_entry *entry);

#endif
