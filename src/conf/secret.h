/*
 * Who logs in, with what: user and password of a repository from the
 * configuration, the password file or netrc.  Account runner's thread.
 * A secret is wiped by secret_clear and never enters an event (D5).
 */
#ifndef CONF_SECRET_H
#define CONF_SECRET_H

#include "attr.h"
#include "error.h"

struct conf_repo;

struct secret {
	char *user;     /* NULL: none needed (preauthtunnel) */
	char *password; /* NULL: to be asked */
};

/* remoteuser, else ~/.netrc, /etc/netrc by host; password from remotepass,
 * first line of remotepassfile, netrc entry of that host and user.  No user
 * at all or an unreadable file is an error naming option and repository. */
bool secret_get(const struct conf_repo *repo, struct secret *out,
	struct error *err) ATTR_MUST_CHECK;
void secret_clear(struct secret *s);

#endif
