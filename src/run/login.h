/*
 * How one side of an account is logged in to: the server's address and the
 * credentials, as far as they are known, and sessions made with them.  The
 * account's runner fills it in, evaluating expressions; while its workers open
 * sessions of their own it does not change.
 *
 *	login_prepare -> login_password -> login_session -> login_more ...
 */
#ifndef RUN_LOGIN_H
#define RUN_LOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "conf/secret.h"
#include "error.h"
#include "run/hosts.h"

struct conf;
struct conf_account;
struct conf_repo;
struct python;
struct session;
struct survey;
struct token;
struct worker;

struct login {
	/* const, borrowed */
	const struct conf *conf;
	const struct conf_account *account;
	const struct conf_repo *repo;
	struct hosts_guest *guest; /* its own; has its own lock */
	/* what login_prepare finds out */
	char *host;   /* NULL with a tunnel that needs none */
	int64_t port;
	struct secret secret;
	struct token *token; /* OAuth2; NULL: none is configured */
	bool prepared;
	bool asked;   /* the password came from the front end, or the keyring */
	bool told;    /* that the server does not compress */
};

void login_init(struct login *l, const struct conf *conf, struct hosts *hosts,
	const struct conf_account *account, const struct conf_repo *repo);
/* Wipes. */
void login_clear(struct login *l);
/* Another one with the same credentials and the same token, whose thread need
 * not be that of the first; cleared before the first. */
void login_copy(const struct login *from, struct login *to);
void login_copy_clear(struct login *copy);
/* The password is to be found anew. */
void login_forget(struct login *l);

/* Address, user and OAuth2, with the expressions that stand for them; the host
 * each time, the others once.  Runner's thread. */
bool login_prepare(struct login *l, struct python *python,
	struct error *err) ATTR_MUST_CHECK;
/* Whether a token or a ticket comes before any password. */
bool login_needs_no_password(const struct login *l);
/* Whether sessions can be opened without asking anybody anything. */
bool login_ready(const struct login *l);
/* The password of the configuration, unless there is one; NULL stays where it
 * has none.  Runner's thread. */
bool login_password(struct login *l, struct python *python,
	struct error *err) ATTR_MUST_CHECK;

/* The first connection, logged in; any thread.  A refused token is replaced
 * once.  survey: goes with the login where that may be; where the server loses
 * it, the login is tried once more without; NULL: none. */
struct session *login_session(const struct login *l, struct survey *survey,
	struct worker *w, struct error *err) ATTR_MUST_CHECK;
/* A further one, if the server allows so many (hosts.h). */
struct session *login_more(const struct login *l, enum hosts_wish wish,
	struct worker *w, struct error *err) ATTR_MUST_CHECK;
/* In place of one that is over, which is hung up; NULL: of none. */
struct session *login_again(const struct login *l, struct session *lost,
	struct worker *w, struct error *err) ATTR_MUST_CHECK;

#endif
