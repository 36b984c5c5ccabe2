#include "config.h"

#include "run/connect.h"

#include <stdio.h>

#include "conf/conf.h"
#include "imap/session.h"
#include "mail/store.h"
#include "mem.h"
#include "run/engine_core.h"

enum { PASSWORD_TRIES = 3, PORT_TEXT_SIZE = 24 };

void connector_init(struct connector *c, struct engine *engine,
	const struct conf_account *account)
{
	*c = (struct connector){.engine = engine, .account = account,
		.login = {
			[CONNECTOR_REMOTE] = {.repo = account->remote},
			[CONNECTOR_LOCAL] = {.repo = account->local},
		},
		.cells = VEC(unsigned)};
}

static void forget_secret(struct login *l)
{
	secret_clear(&l->secret);
	l->known = false;
}

void connector_clear(struct connector *c)
{
	for (int side = 0; side < CONNECTOR_SIDES; side++)
		forget_secret(&c->login[side]);
	vec_clear(&c->cells);
}

unsigned connector_cell(struct connector *c, size_t number)
{
	while (c->cells.len <= number)
		*(unsigned *)vec_add(&c->cells) = engine_cell(c->engine);
	return *(unsigned *)vec_at(&c->cells, number);
}

static enum session_security security(const struct conf_repo *repo)
{
	if (repo->ssl)
		return SECURITY_TLS;
	return repo->starttls ? SECURITY_STARTTLS : SECURITY_NONE;
}

bool connector_is_server(const struct connector *c, enum connector_side side)
{
	const struct conf_repo *repo = c->login[side].repo;

	return repo->type == CONF_IMAP || repo->type == CONF_GMAIL;
}

static struct session *open_session(const struct connector *c,
	const struct conf_repo *repo, struct worker *w, struct error *err)
{
	const struct conf *conf = engine_conf(c->engine);
	char port[PORT_TEXT_SIZE];
	struct session_options options = {
		.host = repo->remotehost,
		.port = port,
		.tunnel = repo->preauthtunnel != NULL ? repo->preauthtunnel :
			repo->transporttunnel,
		.preauth = repo->preauthtunnel != NULL,
		.security = security(repo),
		.ipv6 = repo->ipv6,
		.ca_file = repo->sslcacertfile,
		.fingerprints = repo->cert_fingerprint,
		.client_cert = repo->sslclientcert,
		.client_key = repo->sslclientkey,
		.timeout_ms = conf->socktimeout_s * 1000,
		.repository = repo->name,
	};
	int64_t number = repo->remoteport != 0 ? repo->remoteport :
		repo->ssl ? 993 : 143;

	/* A tunnel is private already: no TLS inside, whatever is set. */
	if (options.tunnel != NULL && !repo->ssl)
		options.security = SECURITY_NONE;
	if (options.preauth)
		options.security = SECURITY_NONE;
	snprintf(port, sizeof(port), "%lld", (long long)number);
	return session_open(&options, w, err);
}

static bool ask(const struct connector *c, struct login *l, struct worker *w,
	const char *reason, struct error *err)
{
	struct event_password question = {
		.repository = l->repo->name,
		.host = l->repo->remotehost,
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

static bool get_secret(const struct connector *c, struct login *l,
	struct worker *w, struct error *err)
{
	if (l->known)
		return true;
	if (!secret_get(l->repo, &l->secret, err))
		return false;
	if (l->secret.user != NULL && l->secret.password == NULL &&
		!ask(c, l, w, "", err)) {
		forget_secret(l);
		return false;
	}
	l->known = true;
	return true;
}

static struct session *try_login(const struct connector *c,
	const struct login *l, struct worker *w, struct error *err)
{
	struct session_login login = {
		.user = l->secret.user,
		.password = l->secret.password,
		.authzid = l->repo->remote_identity,
		.mechanisms = l->repo->auth_mechanisms,
	};
	struct session *session = open_session(c, l->repo, w, err);

	if (session == NULL || session_login(session, &login, err))
		return session;
	session_close(session);
	return NULL;
}

struct session *connector_session(struct connector *c,
	enum connector_side side, struct worker *w, struct error *err)
{
	struct login *l = &c->login[side];
	struct session *session;

	if (!get_secret(c, l, w, err))
		return NULL;
	session = try_login(c, l, w, err);
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
		session = try_login(c, l, w, err);
	}
	/* What was typed in and refused is not to be tried for ever. */
	if (session == NULL && err->kind == ERROR_AUTH && l->asked)
		forget_secret(l);
	return session;
}

/* session: of a server, NULL: there is none; taken. */
static struct store *open_store(const struct connector *c,
	enum connector_side side, struct worker *w, struct session *session,
	struct error *err)
{
	const struct store_config config = {
		.repo = c->login[side].repo,
		.account = c->account,
		.worker = w,
		.session = session,
		.fsync = engine_conf(c->engine)->fsync,
		.utf8foldernames = c->account->utf8foldernames,
	};

	if (session == NULL && connector_is_server(c, side))
		return NULL;
	return store_open(&config, err);
}

struct store *connector_store(struct connector *c, enum connector_side side,
	struct worker *w, struct error *err)
{
	struct session *session = NULL;

	if (connector_is_server(c, side))
		session = connector_session(c, side, w, err);
	return open_store(c, side, w, session, err);
}

struct store *connector_store_again(const struct connector *c,
	enum connector_side side, struct worker *w, struct error *err)
{
	struct session *session = NULL;

	if (connector_is_server(c, side))
		session = try_login(c, &c->login[side], w, err);
	return open_store(c, side, w, session, err);
}
