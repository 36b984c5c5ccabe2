/*
 * Logging in to the server of an account: credentials from the configuration
 * or from the front end, then as many sessions as there are workers.  The
 * account's runner owns the connector and opens the first session; its workers
 * open more only afterwards, when the password is known and no longer changes.
 */
#ifndef RUN_CONNECT_H
#define RUN_CONNECT_H

#include "attr.h"
#include "base/vec.h"
#include "conf/secret.h"
#include "error.h"

struct conf_account;
struct engine;
struct session;
struct store;
struct worker;

struct connector {
	struct engine *engine;
	const struct conf_account *account;
	struct secret secret;
	bool known; /* secret is filled in */
	bool asked; /* its password came from the front end */
	struct vec cells; /* of unsigned: see connector_cell */
};

void connector_init(struct connector *c, struct engine *engine,
	const struct conf_account *account);
/* Wipes the password. */
void connector_clear(struct connector *c);

/* The progress cell of the account's further worker of that number, the same
 * in every round.  Runner's thread. */
unsigned connector_cell(struct connector *c, size_t number);

/* A session, logged in.  The first call gets the credentials, and asks again
 * when the server refuses a password that was typed in. */
struct session *connector_session(struct connector *c, struct worker *w,
	struct error *err) ATTR_MUST_CHECK;
/* The remote store over such a session. */
struct store *connector_remote(struct connector *c, struct worker *w,
	struct error *err) ATTR_MUST_CHECK;
/* Another one with the credentials of the first, in any worker's thread. */
struct store *connector_remote_again(const struct connector *c,
	struct worker *w, struct error *err) ATTR_MUST_CHECK;
struct store *connector_local(const struct connector *c, struct worker *w,
	struct error *err) ATTR_MUST_CHECK;

#endif
