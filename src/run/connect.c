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
		.cells = VEC(unsigned)};
}

static void forget_secret(struct connector *c)
{
	secret_clear(&c->secret);
	c->known = false;
}

void connector_clear(struct connector *c)
{
	forget_secret(c);
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

static struct session *open_session(const struct connector *c,
	struct worker *w, struct error *err)
{
	const struct conf_repo *repo = c->account->remote;
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

static bool ask(struct connector *c, struct worker *w, const char *reason,
	struct error *err)
{
	const struct conf_repo *repo = c->account->remote;
	struct event_password question = {
		.repository = repo->name,
		.host = repo->remotehost,
		.user = c->secret.user,
		.reason = reason,
	};
	struct str answer = {0};

	if (!engine_ask(c->engine, w, &question, &answer, err))
		return false;
	mem_free_secret(c->secret.password);
	c->secret.password = mem_strdup(str_get(&answer));
	str_clear_secret(&answer);
	c->asked = true;
	return true;
}

static bool get_secret(struct connector *c, struct worker *w,
	struct error *err)
{
	if (c->known)
		return true;
	if (!secret_get(c->account->remote, &c->secret, err))
		return false;
	if (c->secret.user != NULL && c->secret.password == NULL &&
		!ask(c, w, "", err)) {
		forget_secret(c);
		return false;
	}
	c->known = true;
	return true;
}

static struct session *try_login(const struct connector *c, struct worker *w,
	struct error *err)
{
	const struct conf_repo *repo = c->account->remote;
	struct session_login login = {
		.user = c->secret.user,
		.password = c->secret.password,
		.authzid = repo->remote_identity,
		.mechanisms = repo->auth_mechanisms,
	};
	struct session *session = open_session(c, w, err);

	if (session == NULL || session_login(session, &login, err))
		return session;
	session_close(session);
	return NULL;
}

struct session *connector_session(struct connector *c, struct worker *w,
	struct error *err)
{
	struct session *session;

	if (!get_secret(c, w, err))
		return NULL;
	session = try_login(c, w, err);
	for (int n = 1; session == NULL && n < PASSWORD_TRIES; n++) {
		struct error refusal = *err;

		if (err->kind != ERROR_AUTH || !c->asked)
			return NULL;
		if (!ask(c, w, refusal.text, err)) {
			/* No other password: then the refusal stands. */
			if (err->kind == ERROR_AUTH)
				*err = refusal;
			break;
		}
		session = try_login(c, w, err);
	}
	/* What was typed in and refused is not to be tried for ever. */
	if (session == NULL && err->kind == ERROR_AUTH && c->asked)
		forget_secret(c);
	return session;
}

static struct store_config store_config(const struct connector *c,
	const struct conf_repo *repo, struct worker *w)
{
	return (struct store_config){
		.repo = repo,
		.account = c->account,
		.worker = w,
		.fsync = engine_conf(c->engine)->fsync,
		.utf8foldernames = c->account->utf8foldernames,
	};
}

static struct store *open_remote(const struct connector *c, struct worker *w,
	struct session *session, struct error *err)
{
	struct store_config config = store_config(c, c->account->remote, w);

	if (session == NULL)
		return NULL;
	config.session = session;
	return store_open(&config, err);
}

struct store *connector_remote(struct connector *c, struct worker *w,
	struct error *err)
{
	return open_remote(c, w, connector_session(c, w, err), err);
}

struct store *connector_remote_again(const struct connector *c,
	struct worker *w, struct error *err)
{
	return open_remote(c, w, try_login(c, w, err), err);
}

struct store *connector_local(const struct connector *c, struct worker *w,
	struct error *err)
{
	struct store_config config = store_config(c, c->account->local, w);

	return store_open(&config, err);
}
