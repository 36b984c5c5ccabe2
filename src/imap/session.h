/*
 * One connection to a server, in the worker's thread that opened it: tags,
 * capabilities, state, and flights: many commands written at once, answers
 * matched by tag in whatever order they come.  Reading goes on while writing.
 * RFC 9051 sections 2.2, 3, 5.5; protocol.md 4.2.
 *
 *	session_open -> session_login -> session_flight* -> session_close
 *
 * Any failure but a tagged NO or BAD makes the session unusable; only
 * session_close is allowed then.
 */
#ifndef IMAP_SESSION_H
#define IMAP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"
#include "imap/cmd.h"
#include "imap/response.h"
#include "str.h"

struct flag_keywords;
struct session;
struct survey;
struct worker;

enum session_security {
	SECURITY_TLS,      /* implicit TLS */
	SECURITY_STARTTLS, /* no credential before TLS is up (S13) */
	SECURITY_NONE,     /* plain, because the user said so */
};

struct session_options {
	const char *host;         /* NULL with a tunnel */
	const char *port;         /* decimal */
	const char *tunnel;       /* shell command, or NULL; SECURITY_TLS asks
	                             for nothing more inside of one */
	bool preauth;             /* the tunnel's server greets with PREAUTH */
	enum session_security security;
	int ipv6;                 /* -1 both, 0 IPv4, 1 IPv6 */
	const char *ca_file;      /* NULL: the system store */
	const char *const *fingerprints; /* lower-case hex; NULL: none */
	const char *client_cert, *client_key;
	bool only_tls12;          /* no other version of TLS */
	const char *proxy;        /* "SOCKS5:host:port", see net.h; or NULL */
	bool compress;            /* where the server can (RFC 4978) */
	int64_t timeout_ms;       /* without any progress; 0: a minute */
	const char *repository;   /* for error texts */
};

struct session_login {
	const char *user, *authzid;
	const char *password; /* NULL: none, what needs one is left out */
	const char *token;    /* for XOAUTH2; NULL: none */
	const char *host;     /* for GSSAPI; NULL: none */
	const char *const *mechanisms; /* in order; NULL-terminated */
	struct survey *survey; /* may leave together with it; NULL: none */
};

enum capability {
	CAP_IMAP4REV1, CAP_IMAP4REV2, CAP_STARTTLS, CAP_LOGINDISABLED,
	CAP_AUTH_PLAIN, CAP_AUTH_LOGIN, CAP_AUTH_CRAM_MD5, CAP_AUTH_XOAUTH2,
	CAP_AUTH_GSSAPI, CAP_SASL_IR,
	CAP_ID, CAP_NAMESPACE, CAP_LITERAL_PLUS, CAP_LITERAL_MINUS, CAP_UIDPLUS,
	CAP_MOVE, CAP_SPECIAL_USE, CAP_LIST_EXTENDED, CAP_LIST_STATUS,
	CAP_ESEARCH, CAP_ENABLE, CAP_CONDSTORE, CAP_QRESYNC, CAP_MULTIAPPEND,
	CAP_COMPRESS_DEFLATE, CAP_IDLE, CAP_UNSELECT, CAP_APPENDLIMIT,
	CAP_OBJECTID,
	CAP_COUNT,
};

/* Connects, greeting, STARTTLS, capabilities.  Emits CONNECTING through w.
 * Severity ERROR_ACCOUNT; kinds NETWORK, STOPPED. */
struct session *session_open(const struct session_options *options,
	struct worker *w, struct error *err) ATTR_MUST_CHECK;
/* The first usable mechanism of the list, others after a NO (never weaker,
 * S10); capabilities again; ID.  Kind AUTH with the server's words; NETWORK
 * for a server that is busy ([UNAVAILABLE], [LIMIT]).  After a refusal it may
 * be called again.  login may be NULL where the server greets with PREAUTH. */
bool session_login(struct session *s, const struct session_login *login,
	struct error *err) ATTR_MUST_CHECK;
/* Whether the last login was refused the token; another may do. */
bool session_token_refused(const struct session *s);
/* Whether there is a ticket for GSSAPI, and that is one of the mechanisms: no
 * password has to be asked for then. */
bool session_has_ticket(const struct session_login *login);
/* Whether the server still answers, by a NOOP within ms; false: it is over.
 * *news: it told a change of the selected mailbox. */
bool session_check(struct session *s, int64_t ms, bool *news,
	struct error *err) ATTR_MUST_CHECK;
/* From now on for this worker, in its thread; both have the same stop. */
void session_lend(struct session *s, struct worker *w);

/* In the selected mailbox: IDLE (RFC 2177) until the server tells a change or
 * ms are over. */
enum idle_end { IDLE_NEWS, IDLE_OVER, IDLE_REFUSED };
bool session_idle(struct session *s, int64_t ms, enum idle_end *how,
	struct error *err) ATTR_MUST_CHECK;
/* LOGOUT where the session still works, its answer not waited for (but in a
 * tunnel, and not for long); frees. */
void session_close(struct session *s);
/* What session_close does last, when the connection is closed; once. */
typedef void session_closed_fn(void *arg);
void session_at_close(struct session *s, session_closed_fn *closed, void *arg);
/* Closes the connection of a session that is over.  Gives the argument for
 * what was to be done at its close, which is left to the caller; NULL: nothing
 * was. */
void *session_hang_up(struct session *s);

/* The next flight ends the session when nothing at all is heard for so long;
 * for one that may be dead. */
void session_patience(struct session *s, int64_t ms);
/* How long an answer takes, by the shortest wait so far; 0: nothing was
 * asked. */
int64_t session_turn_ms(const struct session *s);

bool session_has(const struct session *s, enum capability cap);
/* Bytes of a message, from APPENDLIMIT (RFC 7889); 0: not told. */
uint64_t session_append_limit(const struct session *s);
/* QRESYNC is enabled: offering it is not enough (Q52). */
bool session_resyncs(const struct session *s);
/* The server's greeting text and its capability line, for --info. */
const char *session_greeting(const struct session *s);
const char *session_capabilities(const struct session *s);
/* False once it is unusable. */
bool session_alive(const struct session *s);
/* The one that has the connection: itself, or that of its trunk.  What the
 * server was told for the whole connection (ENABLE) is noted there. */
struct session *session_root(struct session *s);
/* After a flight that failed: false where the connection was lost at another's
 * flight, before the server came to this one. */
bool session_reached(const struct session *s);
struct worker *session_worker(const struct session *s);
const char *session_repository(const struct session *s);
/* From now on operations tell and take the letters that stand for keywords.
 * Lent, and learned into while the session lives; NULL: none. */
void session_keywords(struct session *s, struct flag_keywords *keywords);

struct flight;

/* Untagged responses and streamed literals during a flight, in order.  False
 * with *err set gives the session up. */
enum literal_event { LITERAL_BEGIN, LITERAL_DATA, LITERAL_END };

struct response_handler {
	/* untagged ones; NULL: ignored */
	bool (*response)(void *arg, const struct response *r,
		struct error *err);
	/* NULL: bytes dropped.  BEGIN: size; DATA: data */
	bool (*literal)(void *arg, enum literal_event what, uint64_t size,
		struct span data, struct error *err);
	/* a command of the flight got its tagged answer; may be NULL */
	bool (*tagged)(void *arg, size_t index, const struct response *r,
		struct error *err);
	/* Asked again and again while commands are under way, unanswered so
	 * many: it may add some to the flight, so that there is always enough
	 * to answer and never all of it.  NULL: none are added.  On a branch
	 * of a trunk it is not asked while others are under way with it: look
	 * afterwards. */
	void (*more)(void *arg, struct flight *f, size_t unanswered);
	void *arg;
};

/* One command of a flight and what became of it. */
struct flight_cmd {
	struct cmd cmd;
	enum condition result;  /* NONE until answered; then OK, NO, BAD */
	enum code_kind code;
	uint32_t code_number;   /* APPENDUID: UIDVALIDITY */
	uint32_t code_uid;      /* APPENDUID: the first UID */
	bool eaten;             /* taken for something else: no result */
	struct str text;        /* the server's words, verbatim */
};

struct flight {
	struct flight_cmd *cmd;
	size_t len, cap;
};

/* A new zeroed command at the end; fill it with cmd_init and so on.  Lent
 * until the next call. */
struct flight_cmd *flight_add(struct flight *f);
void flight_clear(struct flight *f);

/* Writes all commands, reads until each has its answer.  True even when some
 * got NO or BAD: look at each result.  False: the session is gone. */
bool session_flight(struct session *s, struct flight *f,
	const struct response_handler *handler, struct error *err)
	ATTR_MUST_CHECK;
/* A flight of one; NO or BAD is an error too (kind REFUSED, severity FOLDER,
 * text: the command's name and the server's words).  Clears cmd. */
bool session_call(struct session *s, struct cmd *cmd,
	const struct response_handler *handler, struct error *err)
	ATTR_MUST_CHECK;

#endif
