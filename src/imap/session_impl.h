/*
 * The inside of a session, shared by session*.c, caps.c, accept.c and
 * flight*.c, and by tests that bring their own socket.  Worker's thread.
 */
#ifndef IMAP_SESSION_IMPL_H
#define IMAP_SESSION_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "imap/parse.h"
#include "imap/session.h"
#include "imap/stream.h"

struct branch;
struct flag_keywords;
struct net;

#define SESSION_IN_SIZE ((size_t)128 * 1024)
#define SESSION_OUT_SIZE ((size_t)64 * 1024)
#define SESSION_TIMEOUT_MS 60000

enum session_state {
	STATE_CLEAR,    /* TLS has still to come: almost nothing is legal */
	STATE_STRANGER, /* not authenticated */
	STATE_KNOWN,    /* authenticated, nothing selected */
	STATE_SELECTED,
};

struct session {
	struct branch *branch; /* it shares a connection (trunk.h), and has none
	                          of its own; NULL: it does not */
	struct worker *worker;
	session_closed_fn *closed; /* NULL: nobody is told */
	void *closed_arg;
	char *repository;
	struct stream *stream;
	struct parser *parser;
	enum session_state state;
	int64_t timeout_ms;
	bool sheltered; /* by TLS or a tunnel: a password may be seen there */
	bool tunnel;    /* a program that ends with the session */
	bool dead;
	bool compress; /* after the login, where the server can */
	bool has[CAP_COUNT];
	bool caps_known; /* since it was last set to false */
	bool qresync;    /* the server confirmed ENABLE QRESYNC (Q52) */
	bool greeted_with_caps; /* it tells them unasked */
	int64_t patience_ms; /* until the next response; 0: the timeout */
	int64_t asked_ms; /* when this flight began; 0: it was answered */
	int64_t turn_ms;  /* the shortest wait for an answer so far ... */
	bool turned;      /* ... if there was one */
	struct str greeting, capabilities, bye;
	uint32_t tag;    /* number of the last one used */
	uint32_t orphan; /* refused without a tag (Q7); its answer may come */
	struct str selected; /* the argument of SELECT, as it was sent */
	bool namespace_known;
	char *namespace_prefix;
	struct flag_keywords *keywords; /* lent; NULL: none are wanted */
	bool keyword_told; /* that there are others */
	/* secrets, lent while logging in; NULL: nothing */
	const char *hidden[2];
	bool token_refused; /* by the last login */
	char *in; /* of SESSION_IN_SIZE bytes */
	size_t in_at, in_len;
	struct str out;
	size_t out_at;
};

/* A command's place in the tables of accept.c: what it may bring. */
enum expect {
	EXPECT_NOTHING,
	EXPECT_LOGIN,
	EXPECT_ID,
	EXPECT_LIST,
	EXPECT_LSUB,
	EXPECT_STATUS,
	EXPECT_NAMESPACE,
	EXPECT_CREATE,
	EXPECT_ENABLE,
	EXPECT_SEARCH,
	EXPECT_SELECT,
	EXPECT_UNSELECT,
	EXPECT_FETCH,
	EXPECT_STORE,
	EXPECT_APPEND,
	EXPECT_COPY,
	EXPECT_COMPRESS,
	EXPECT_LOGOUT,
	EXPECT_COUNT,
};

enum expect accept_verb(const struct cmd *cmd);
/* S5.  waiting: how many unanswered commands of each kind there are. */
bool accept_response(enum session_state state, enum response_kind kind,
	const size_t waiting[EXPECT_COUNT]);
/* The code of an untagged response ... */
bool accept_code(enum session_state state, enum code_kind code,
	const size_t waiting[EXPECT_COUNT]);
/* ... and of the tagged answer to a command. */
bool accept_tagged_code(enum expect verb, enum code_kind code);

/* Replaces all capabilities by this chain of values. */
void caps_set(struct session *s, const struct value *values);
/* What a line of session_capabilities's stands for. */
void caps_parse(const char *text, bool has[CAP_COUNT]);
/* Forgets them all (S13c). */
void caps_forget(struct session *s);
/* Asks for them. */
bool caps_ask(struct session *s, struct error *err) ATTR_MUST_CHECK;

/* Whether a literal of so many bytes has to wait for the server's "+". */
bool session_literal_waits(const struct session *s, uint64_t size);

/* DEFLATE upon the connection, after the login, if that is wanted and the
 * server can. */
bool session_compress(struct session *s, struct error *err) ATTR_MUST_CHECK;
/* The same as the last command of this flight, by these capabilities: what is
 * read before it travels plain, and it costs no turn. */
void session_compress_last(struct session *s, const bool has[CAP_COUNT],
	struct flight *f);
/* The answer to it was read; other answers may still be under way. */
bool session_compressed(struct session *s, const struct response *r,
	struct error *err) ATTR_MUST_CHECK;

/* Over a connection that is there: takes net. */
struct session *session_open_net(struct net *net,
	const struct session_options *options, struct worker *w,
	struct error *err) ATTR_MUST_CHECK;

/* "what: the server's words" and what is known about them. */
bool session_refused(struct error *err, enum error_severity severity,
	enum error_kind kind, const char *what, struct span words);
/* The session is over; kind NETWORK, with the host. */
bool session_broken(struct session *s, struct error *err, const char *why);
/* After a failure of the stream: dead, with the words of a BYE if one came. */
bool session_lost(struct session *s, struct error *err);
/* D5: a server that repeats the password in its refusal does not make it seen.
 * Only while logging in. */
void session_mask(const struct session *s, struct str *text);
void session_trace(struct session *s, const char *direction,
	const struct response *r);

/* Reads until there is a response; for the greeting. */
bool session_read(struct session *s, const struct response **r,
	struct error *err) ATTR_MUST_CHECK;

/* Answers the server's challenges to the one command of a flight.  answer is
 * sent with a line end and wiped. */
typedef bool session_challenge_fn(void *arg, struct span challenge,
	struct str *answer, struct error *err);
bool session_converse(struct session *s, struct flight *f,
	session_challenge_fn *challenge, void *arg, struct error *err)
	ATTR_MUST_CHECK;

/* A flight whose first command is a login of one line.  When the server wants
 * more than that line ("+"), it takes the next command for the answer: *eaten
 * is set, and that command stays without a result. */
bool session_flight_early(struct session *s, struct flight *f,
	const struct response_handler *handler, bool *eaten,
	struct error *err) ATTR_MUST_CHECK;

/* The program's own lines: "what" as a flight of one, answer in *out.  The
 * caller clears the flight. */
struct flight_cmd *session_simple(struct session *s, struct flight *f,
	const char *what, const struct response_handler *handler,
	struct error *err) ATTR_MUST_CHECK;

#endif
