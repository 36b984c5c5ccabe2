/*
 * The configuration: values, const after loading, shared by all threads.
 * Everything lives in one arena and dies with conf_free.  Secrets among the
 * values are wiped then.
 *
 * Grammar and names are OfflineIMAP's (Python's ConfigParser).  A field is one
 * row of option.c; the loader, the manual's check and the error messages read
 * that table.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"

enum conf_type { CONF_MAILDIR, CONF_GMAIL_MAILDIR, CONF_IMAP, CONF_GMAIL };

struct conf_repo {
	const char *name; /* X of [Repository X] */
	enum conf_type type;
	/* all types */
	bool readonly;      /* never modify this side */
	bool createfolders; /* folders may be created here; default yes */
	bool sync_deletes;  /* deletions made here are carried over; default
	                       yes */
	/* Maildir */
	const char *localfolders; /* expanded */
	const char *sep;          /* one byte; default "." */
	/* IMAP */
	const char *remotehost;
	int64_t remoteport;      /* 0: by ssl */
	const char *remoteuser;  /* NULL: netrc */
	const char *remotepass;  /* NULL: passfile, netrc, asked */
	const char *remotepassfile; /* expanded */
	const char *remote_identity; /* SASL authorisation id, or NULL */
	const char *const *auth_mechanisms; /* NULL-terminated, upper case */
	bool ssl, starttls;      /* defaults yes, yes */
	const char *sslcacertfile; /* expanded; NULL: the system store */
	const char *const *cert_fingerprint; /* lower-case hex, or NULL */
	const char *sslclientcert, *sslclientkey; /* expanded, or NULL */
	int ipv6;                /* -1 both, 0 only IPv4, 1 only IPv6 */
	const char *preauthtunnel, *transporttunnel; /* commands, or NULL */
	const char *reference;   /* "" by default */
	bool subscribedonly;
	int64_t maxconnections;  /* default 1 */
	bool expunge;            /* default yes */
};

struct conf_account {
	const char *name;
	const struct conf_repo *local, *remote;
	double autorefresh_min; /* 0: once */
	int64_t quick;          /* 0 never, <0 always, n: n quick ones after
	                           each full one */
	bool utf8foldernames;
	const char *presynchook, *postsynchook; /* "" when none */
};

struct conf {
	const char *path;            /* of the file read */
	const char *metadata;        /* expanded directory */
	const char *ui;              /* NULL: not set */
	const char *const *accounts; /* [general] accounts, NULL-terminated */
	int64_t maxsyncaccounts;
	int64_t socktimeout_s;       /* 0: the program's own default */
	bool fsync;                  /* default yes */
	const struct conf_account *account; /* all [Account *] sections */
	size_t account_count;
	const struct conf_repo *repo;       /* all [Repository *] sections */
	size_t repo_count;
	/* "file:line: ..." sentences about unknown or misplaced keys, to be
	 * shown once; NULL-terminated. */
	const char *const *warnings;
};

/* Where OfflineIMAP looks: given (with ~) when not NULL, else
 * $XDG_CONFIG_HOME/offlineimap/config, ~/.config/offlineimap/config if it
 * exists, else ~/.offlineimaprc.  malloc'd. */
char *conf_find(const char *given) ATTR_RETURNS_NONNULL;

/* overrides: NULL-terminated "[section:]option=value" of -k, or NULL.
 * A bad value is an error that names file, line, section, option, value and
 * what is allowed; kind ERROR_CONFIG.  The caller frees with conf_free. */
struct conf *conf_load(const char *path, const char *const *overrides,
	struct error *err) ATTR_MUST_CHECK;
void conf_free(struct conf *conf);

/* NULL when there is none of that name. */
const struct conf_account *conf_account(const struct conf *conf,
	const char *name);

#endif
