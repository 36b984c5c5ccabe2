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

/* A rule: a Python expression (python.h) or one of our own (pattern.h), and
 * the place to name when it is wrong. */
struct conf_rule {
	const char *text;  /* NULL: the option is not set */
	const char *where; /* "FILE:LINE: [Section] option" */
};

#define CONF_CUSTOMFLAGS 26

/* In the order of their names in the configuration. */
enum conf_tls_level { TLS_LEVEL_COMPAT, TLS_LEVEL_NO_SSL, TLS_LEVEL_SECURE };
enum conf_tls_version {
	TLS_VERSION_ANY, /* not set */
	TLS_VERSION_1_2,
	TLS_VERSION_1_1,
	TLS_VERSION_1,
	TLS_VERSION_SSL23, /* OfflineIMAP's word for whatever both can */
	TLS_VERSION_SSL3,
};

struct conf_repo {
	const char *name; /* X of [Repository X] */
	enum conf_type type;
	/* all types */
	bool readonly;      /* never modify this side */
	bool createfolders; /* folders may be created here; default yes */
	bool sync_deletes;  /* deletions made here are carried over; default
	                       yes */
	struct conf_rule nametrans, folderfilter, folderincludes, foldersort;
	bool dynamic_folderfilter; /* folderfilter is asked again each time */
	struct conf_rule folders, rename; /* the native way, see pattern.h */
	const char *startdate;    /* "YYYY-MM-DD", checked; NULL: none */
	/* Maildir */
	const char *localfolders; /* expanded */
	const char *sep;          /* one byte; default "." */
	bool restoreatime;
	bool filename_use_mail_timestamp, utime_from_header; /* default: those
	                                                        of [general] */
	/* The IMAP keyword that the letter 'a' + index stands for, or NULL. */
	const char *customflag[CONF_CUSTOMFLAGS];
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
	struct conf_rule remotehosteval, remoteporteval, remoteusereval,
		remotepasseval;
	const char *oauth2_client_id, *oauth2_client_secret,
		*oauth2_request_url,
		*oauth2_refresh_token, *oauth2_access_token; /* or NULL */
	struct conf_rule oauth2_client_id_eval, oauth2_client_secret_eval,
		oauth2_refresh_token_eval, oauth2_access_token_eval;
	enum conf_tls_level tls_level;
	enum conf_tls_version ssl_version;
	bool decodefoldernames;
	struct conf_rule idlefolders, newmail_hook, copy_ignore_eval;
	bool singlethreadperfolder, holdconnectionopen;
	int64_t keepalive_s;     /* 0: none */
	bool usecompression;
	int64_t retrycount;      /* tries for one message; default 2 */
};

struct conf_account {
	const char *name;
	const struct conf_repo *local, *remote;
	double autorefresh_min; /* 0: once */
	int64_t quick;          /* 0 never, <0 always, n: n quick ones after
	                           each full one */
	bool utf8foldernames;
	const char *presynchook, *postsynchook; /* "" when none */
	int64_t maxsize;        /* bytes; 0: no limit */
	const char *maxage;     /* days or "YYYY-MM-DD", checked; NULL: none */
	bool maildir_windows_compatible; /* '!' for ':' in file names */
	const char *const *filterheaders; /* NULL-terminated, or NULL */
	const char *proxy;      /* "TYPE:host:port"; NULL or "": none */
	const char *authproxy;  /* NULL: as proxy; "": none */
};

/* An account of the file that nobody can use as it stands there. */
struct conf_broken {
	const char *name;
	const char *why; /* a whole error text */
};

struct conf_mbnames {
	bool enabled;
	bool incremental;       /* written after each account */
	const char *filename;   /* expanded */
	const char *peritem;    /* raw: Python's % format */
	struct conf_rule header, sep, footer, folderfilter, sort_keyfunc;
};

struct conf {
	const char *path;            /* of the file read */
	const char *metadata;        /* expanded directory */
	const char *ui;              /* NULL: not set */
	const char *const *accounts; /* [general] accounts, NULL-terminated */
	int64_t maxsyncaccounts;
	int64_t socktimeout_s;       /* 0: the program's own default */
	bool fsync;                  /* default yes */
	bool ignore_readonly;        /* no warnings about read-only folders */
	const char *pythonfile;      /* expanded, or NULL */
	bool filename_use_mail_timestamp, utime_from_header; /* defaults of
	                                                        repositories */
	bool dry_run, ignore_keyring, update_keyring;
	struct conf_mbnames mbnames;
	const struct conf_account *account; /* all that can be used */
	size_t account_count;
	const struct conf_broken *broken;   /* the others */
	size_t broken_count;
	const struct conf_repo *repo;       /* those of the accounts */
	size_t repo_count;
	/* "file:line: ..." sentences about unknown or misplaced keys, to be
	 * shown once; NULL-terminated. */
	const char *const *warnings;
};

/* Where OfflineIMAP looks: given (with ~) when not NULL, else
 * $XDG_CONFIG_HOME/offlineimap/config, ~/.config/offlineimap/config if it
 * exists, else ~/.offlineimaprc.  malloc'd. */
char *conf_find(const char *given) ATTR_RETURNS_NONNULL;

/* What the command line says of the configuration. */
struct conf_request {
	/* NULL-terminated "[section:]option=value" of -k, or NULL. */
	const char *const *overrides;
	/* The accounts of -a, or NULL for those that [general] names, which
	 * must all be good.  Sections of others are left out when they are
	 * wrong. */
	const char *const *chosen;
	bool once; /* -o: autorefresh is not looked at */
};

/* request: NULL for nothing.
 * A bad value is an error that names file, line, section, option, value and
 * what is allowed; kind ERROR_CONFIG.  The caller frees with conf_free. */
struct conf *conf_load(const char *path, const struct conf_request *request,
	struct error *err) ATTR_MUST_CHECK;
void conf_free(struct conf *conf);

/* NULL when there is none of that name. */
const struct conf_account *conf_account(const struct conf *conf,
	const char *name);
/* Why conf_account does not know an account that the file has; NULL when it
 * does, or the file has none of that name. */
const char *conf_why_not(const struct conf *conf, const char *name);

#endif
