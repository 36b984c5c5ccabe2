/*
 * Who logs in, with what: user and password of a repository from the
 * configuration, the password file or netrc.  Account runner's thread.
 * A secret is wiped by secret_clear and never enters an event (D5).
 */
#ifndef CONF_SECRET_H
#define CONF_SECRET_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"

struct conf_repo;

struct secret {
	char *user;     /* NULL: none needed (preauthtunnel) */
	char *password; /* NULL: to be asked */
};

/* Each fills in its part of *out, unless that is there already.  host: the one
 * to look for in netrc, NULL for none.  An unreadable file is an error naming
 * option and repository. */

/* remoteuser, else ~/.netrc, /etc/netrc by host; no user at all is an error. */
bool secret_user(const struct conf_repo *repo, const char *host,
	struct secret *out, struct error *err) ATTR_MUST_CHECK;
/* remotepass, first line of remotepassfile, netrc entry of that host and
 * user; none of them: NULL, to be asked. */
bool secret_password(const struct conf_repo *repo, const char *host,
	struct secret *out, struct error *err) ATTR_MUST_CHECK;
void secret_clear(struct secret *s);

#endif
