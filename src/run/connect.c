#include "config.h"

#include "run/connect.h"

#include <stdlib.h>

#include "base/worker.h"
#include "conf/conf.h"
#include "conf/python.h"
#include "imap/ops_survey.h"
#include "imap/session.h"
#include "mail/store.h"
#include "mem.h"
#include "run/engine_core.h"
#include "run/hosts.h"
#include "run/keyring.h"
#include "run/paths.h"

enum { PASSWORD_TRIES = 3 };

/* As hold.c's for a NOOP. */
#define HELD_PATIENCE_MS ((int64_t)5000)

void connector_init(struct connector *c, struct engine *engine,
	const struct conf_account *account, struct worker *w)
{
	const struct conf *conf = engine_conf(engine);
	struct hosts *hosts = engine_hosts(engine);

	*c = (struct connector){.engine = engine, .account = account,
		.python = python_new(conf->pythonfile, w),
		.cells = VEC(unsigned)};
	login_init(&c->login[CONNECTOR_REMOTE], conf, hosts, account,
		account->remote);
	login_init(&c->login[CONNECTOR_LOCAL], conf, hosts, account,
		account->local);
	for (int side = 0; side < CONNECTOR_SIDES; side++)
		hold_init(&c->hold[side], c->login[side].guest);
}

void connector_clear(struct connector *c)
{
	for (int side = 0; side < CONNECTOR_SIDES; side++)
		login_clear(&c->login[side]);
	python_free(c->python);
	c->python = NULL;
	vec_clear(&c->cells);
}

unsigned connector_cell(struct connector *c, size_t number)
{
	while (c->cells.len <= number)
		*(unsigned *)vec_add(&c->cells) = engine_cell(c->engine);
	return *(unsigned *)vec_at(&c->cells, number);
}

size_t connector_room(const struct connector *c, size_t wanted)
{
	struct hosts_guest *remote = c->login[CONNECTOR_REMOTE].guest;
	struct hosts_guest *local = c->login[CONNECTOR_LOCAL].guest;

	if (!connector_is_server(c, CONNECTOR_LOCAL))
		return hosts_room(remote, NULL, wanted);
	return hosts_room(local, remote, hosts_room(remote, local, wanted));
}

void connector_remember(const struct connector *c, struct worker *w)
{
	for (int side = 0; side < CONNECTOR_SIDES; side++)
		hosts_round(c->login[side].guest);
	hosts_write(engine_hosts(c->engine), w);
}

void connector_end(const struct connector *c)
{
	for (int side = 0; side < CONNECTOR_SIDES; side++)
		hosts_guest_end(c->login[side].guest);
}

bool connector_is_server(const struct connector *c, enum connector_side side)
{
	const struct conf_repo *repo = c->login[side].repo;

	return repo->type == CONF_IMAP || repo->type == CONF_GMAIL;
}

static bool ask(const struct connector *c, struct login *l, struct worker *w,
	const char *reason, struct error *err)
{
	struct event_password question = {
		.repository = l->repo->name,
		.host = l->host,
		.user = l->secret.user,
		.reason = reason,
	};
	struct str answer = {0};

	if (!engine_ask(c->engine, w, &question, &answer, err))
		return false;
	mem_free_secret(l->secret.password);
	l->secret.password = mem_strdup(str_get(&answer));
	str_clear_secret(&answer);
	l->asked = true;
	return true;
}

static struct survey *survey_of(const struct connector *c,
	const struct login *l)
{
	return l == &c->login[CONNECTOR_REMOTE] ? c->survey : NULL;
}

/* A password that was typed in and refused is asked for again. */
static struct session *ask_again(const struct connector *c, struct login *l,
	struct worker *w, struct error *err)
{
	struct session *session = NULL;

	for (int n = 1; session == NULL && n < PASSWORD_TRIES; n++) {
		struct error refusal = *err;

		if (err->kind != ERROR_AUTH || !l->asked)
			return NULL;
		if (!ask(c, l, w, refusal.text, err)) {
			/* No other password: then the refusal stands. */
			if (err->kind == ERROR_AUTH)
				*err = refusal;
			break;
		}
		session = login_session(l, survey_of(c, l), w, err);
	}
	return session;
}

/* refusal: of a token or a ticket; NULL: none was tried.  Who has configured a
 * token is not asked for a password. */
static struct session *with_password(const struct connector *c,
	struct login *l, struct worker *w, const struct error *refusal,
	struct error *err)
{
	const struct run_options *options = engine_options(c->engine);
	struct session *session;

	if (!login_password(l, c->python, err))
		return NULL;
	if (l->token == NULL && !keyring_find(l, options, c->python, w, err))
		return NULL;
	if (l->secret.password == NULL && l->token != NULL &&
		refusal != NULL) {
		*err = *refusal;
		return NULL;
	}
	if (l->secret.password == NULL && l->token == NULL &&
		!ask(c, l, w, refusal != NULL ? refusal->text : "", err))
		return NULL;
	session = login_session(l, survey_of(c, l), w, err);
	if (session == NULL)
		session = ask_again(c, l, w, err);
	/* What was refused is not to be tried for ever. */
	if (session == NULL && err->kind == ERROR_AUTH)
		login_forget(l);
	/* With a token it is not known whether the password was used. */
	if (session != NULL && l->token == NULL)
		keyring_keep(l, options, c->python, w);
	return session;
}

/* Once: it is so each time. */
static void tell_compression(struct login *l, struct worker *w,
	const struct session *session)
{
	if (session == NULL || l->told || !l->repo->usecompression ||
		session_has(session, CAP_COMPRESS_DEFLATE))
		return;
	l->told = true;
	worker_log(w, EVENT_NOTICE, AREA_GENERAL, "%s: usecompression: the "
		"server does not offer it; going on without", l->repo->name);
}

struct session *connector_session(struct connector *c,
	enum connector_side side, struct worker *w, struct error *err)
{
	struct login *l = &c->login[side];
	struct session *session = NULL;

	if (!login_prepare(l, c->python, err))
		return NULL;
	if (l->secret.password != NULL || !login_needs_no_password(l)) {
		session = with_password(c, l, w, NULL, err);
	} else {
		struct error refusal;

		session = login_session(l, survey_of(c, l), w, err);
		refusal = *err;
		if (session == NULL && err->kind == ERROR_AUTH)
			session = with_password(c, l, w, &refusal, err);
	}
	tell_compression(l, w, session);
	return session;
}

/* Takes the session in any case. */
static struct store *open_side(const struct connector *c,
	enum connector_side side, struct worker *w, struct session *session,
	struct survey *survey, struct error *err)
{
	char *map_dir = side == CONNECTOR_LOCAL ? paths_map(
		engine_conf(c->engine), c->login[side].repo) : NULL;
	const struct store_config config = {
		.repo = c->login[side].repo,
		.account = c->account,
		.worker = w,
		.session = session,
		.survey = survey,
		.fsync = engine_conf(c->engine)->fsync,
		.utf8foldernames = c->account->utf8foldernames,
		.map_dir = map_dir,
	};
	struct store *store = NULL;

	if (session != NULL || !connector_is_server(c, side))
		store = store_open(&config, err);
	free(map_dir);
	return store;
}

struct store *connector_open(const struct connector *c,
	enum connector_side side, struct worker *w, struct session *session,
	struct error *err)
{
	return open_side(c, side, w, session, NULL, err);
}

/* The survey's flight shows whether a held connection is still there, as a
 * NOOP would.  NULL: it was not. */
static struct session *survey_held(struct connector *c,
	struct session *session, struct worker *w)
{
	struct error err = {0};

	session_lend(session, w);
	session_patience(session, HELD_PATIENCE_MS);
	if (ops_survey(session, c->survey, &err) || session_alive(session))
		return session;
	worker_log(w, EVENT_DEBUG, AREA_IMAP, "a held connection is gone: %s",
		err.text);
	session_close(session);
	return NULL;
}

static struct session *held_session(struct connector *c,
	enum connector_side side, struct worker *w)
{
	bool surveying = side == CONNECTOR_REMOTE && c->survey != NULL;
	struct session *session = NULL, *held;

	while (session == NULL && !worker_stopped(w) &&
		(held = hold_take(&c->hold[side])) != NULL)
		session = surveying ? survey_held(c, held, w)
			: hold_check(held, w);
	return session;
}

struct store *connector_store(struct connector *c, enum connector_side side,
	struct worker *w, struct error *err)
{
	struct session *session = NULL;

	if (connector_is_server(c, side))
		session = held_session(c, side, w);
	if (connector_is_server(c, side) && session == NULL)
		session = connector_session(c, side, w, err);
	return open_side(c, side, w, session,
		survey_of(c, &c->login[side]), err);
}

struct store *connector_store_again(const struct connector *c,
	enum connector_side side, struct worker *w, struct session *held,
	struct error *err)
{
	struct session *session = hold_check(held, w);

	if (connector_is_server(c, side) && session == NULL)
		session = login_more(&c->login[side], HOSTS_MORE, w, err);
	return connector_open(c, side, w, session, err);
}

void connector_release(struct connector *c, enum connector_side side,
	struct worker *w, struct store *store)
{
	if (c->hold[side].on)
		hold_put(&c->hold[side], store_detach(store), w);
	else
		store_close(store);
}
