/*
 * The two sides of an account as stores.  A side that is a server is logged in
 * to: credentials from the configuration or from the front end, then as many
 * sessions as there are workers.  The account's runner owns the connector and
 * opens the first session of each side; its workers open more only afterwards,
 * when the passwords are known and no longer change.
 */
#ifndef RUN_CONNECT_H
#define RUN_CONNECT_H

#include <stdbool.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"
#include "run/hold.h"
#include "run/login.h"

struct conf_account;
struct engine;
struct python;
struct session;
struct store;
struct survey;
struct worker;

enum connector_side { CONNECTOR_REMOTE, CONNECTOR_LOCAL, CONNECTOR_SIDES };

struct connector {
	struct engine *engine;
	const struct conf_account *account;
	struct login login[CONNECTOR_SIDES];
	struct hold hold[CONNECTOR_SIDES]; /* between two rounds */
	struct python *python; /* the account's expressions; runner's thread */
	struct vec cells; /* of unsigned: see connector_cell */
	/* lent by the runner for the time of a round, filled by the first
	 * store of the remote side; NULL: its folders are asked for */
	struct survey *survey;
};

/* In the thread that starts the accounts; the worker is the runner's. */
void connector_init(struct connector *c, struct engine *engine,
	const struct conf_account *account, struct worker *w);
/* Wipes the passwords. */
void connector_clear(struct connector *c);

/* The progress cell of the account's further worker of that number, the same
 * in every round.  Runner's thread. */
unsigned connector_cell(struct connector *c, size_t number);

/* How many connections of so many the servers have room for now. */
size_t connector_room(const struct connector *c, size_t wanted);
/* A round is over: remembers what the servers allow.  Runner's thread. */
void connector_remember(const struct connector *c, struct worker *w);
/* There is no further round. */
void connector_end(const struct connector *c);

/* Whether the side is a server. */
bool connector_is_server(const struct connector *c, enum connector_side side);
/* A session with a server, logged in.  The first call gets the credentials,
 * and asks again when the server refuses a password that was typed in. */
struct session *connector_session(struct connector *c,
	enum connector_side side, struct worker *w, struct error *err)
	ATTR_MUST_CHECK;
/* The side's store over this session, which is taken; NULL: of a directory, or
 * it could not be had and *err says why. */
struct store *connector_open(const struct connector *c,
	enum connector_side side, struct worker *w, struct session *session,
	struct error *err) ATTR_MUST_CHECK;
/* The side's store; of a server, over a session that was held, or one as
 * above. */
struct store *connector_store(struct connector *c, enum connector_side side,
	struct worker *w, struct error *err) ATTR_MUST_CHECK;
/* Another one with the credentials of the first, in any worker's thread.
 * held: one that the runner took from hold, taken; NULL: none. */
struct store *connector_store_again(const struct connector *c,
	enum connector_side side, struct worker *w, struct session *held,
	struct error *err) ATTR_MUST_CHECK;
/* Closes the store, whose session is held when that is on.  Runner's thread. */
void connector_release(struct connector *c, enum connector_side side,
	struct worker *w, struct store *store);

#endif
