#include "config.h"

#include "run/login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "conf/conf.h"
#include "conf/python.h"
#include "imap/ops_survey.h"
#include "imap/quirk.h"
#include "imap/session.h"
#include "mem.h"
#include "run/token.h"
#include "str.h"

enum { PORT_TEXT_SIZE = 24 };

#define TOKEN_TIMEOUT_MS ((int64_t)60000)
#define XOAUTH2 "XOAUTH2"

void login_forget(struct login *l)
{
	mem_free_secret(l->secret.password);
	l->secret.password = NULL;
	l->asked = false;
}

void login_clear(struct login *l)
{
	token_free(l->token);
	l->token = NULL;
	login_copy_clear(l);
}

void login_copy_clear(struct login *l)
{
	free(l->host);
	l->host = NULL;
	secret_clear(&l->secret);
	hosts_guest_free(l->guest);
	l->guest = NULL;
}

static char *copy_of(const char *text)
{
	return text != NULL ? mem_strdup(text) : NULL;
}

void login_copy(const struct login *from, struct login *to)
{
	*to = *from;
	to->host = copy_of(from->host);
	to->secret.user = copy_of(from->secret.user);
	to->secret.password = copy_of(from->secret.password);
	to->guest = hosts_guest_twin(from->guest);
}

/* ---- what the configuration tells, expressions first (compat 2.9) ---- */

/* The expression's text, or the plain one; NULL when there is neither.
 * malloc'd. */
static bool text_of(struct python *python, const struct conf_rule *rule,
	const char *plain, bool secret, char **out, struct error *err)
{
	struct str text = {0};
	bool none = false, good = true;

	*out = NULL;
	if (rule->text == NULL) {
		*out = copy_of(plain);
		return true;
	}
	good = python_text(python, rule, secret, &text, &none, err);
	if (good && !none)
		*out = mem_strdup(str_get(&text));
	str_clear_secret(&text);
	return good;
}

static bool fail_empty(const struct conf_rule *rule, struct error *err)
{
	return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
		"%s: the value is None", rule->where);
}

/* What a tunnel leads to is not told. */
static char *host_key(const struct login *l)
{
	const struct conf_repo *repo = l->repo;
	char *key;

	if (l->host == NULL || repo->preauthtunnel != NULL ||
		repo->transporttunnel != NULL)
		return mem_printf("the tunnel of %s", repo->name);
	key = mem_printf("%s:%lld", l->host, (long long)l->port);
	for (char *c = key; *c != '\0'; c++)
		*c = ascii_lower(*c);
	return key;
}

static void visit(const struct login *l)
{
	char *key = host_key(l);

	hosts_guest_move(l->guest, key);
	free(key);
}

static bool find_address(struct login *l, struct python *python,
	struct error *err)
{
	const struct conf_repo *repo = l->repo;

	free(l->host);
	l->host = NULL;
	if (!text_of(python, &repo->remotehosteval, repo->remotehost, false,
		&l->host, err))
		return false;
	if (l->host == NULL && repo->remotehosteval.text != NULL &&
		repo->preauthtunnel == NULL && repo->transporttunnel == NULL)
		return fail_empty(&repo->remotehosteval, err);
	l->port = repo->remoteport;
	if (repo->remoteporteval.text != NULL &&
		!python_number(python, &repo->remoteporteval, &l->port, err))
		return false;
	if (l->port < 0 || l->port > 65535)
		return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
			"%s: %lld is no port", repo->remoteporteval.where,
			(long long)l->port);
	if (l->port == 0)
		l->port = repo->ssl ? 993 : 143;
	visit(l);
	return true;
}

void login_init(struct login *l, const struct conf *conf, struct hosts *hosts,
	const struct conf_account *account, const struct conf_repo *repo)
{
	bool server = repo->type == CONF_IMAP || repo->type == CONF_GMAIL;
	struct error ignored = {0};

	*l = (struct login){.conf = conf, .account = account, .repo = repo,
		.guest = hosts_guest_new(hosts, account, server)};
	/* Others are to know soon that it will come; what is wrong with the
	 * address is told when it is needed. */
	if (server && repo->remotehosteval.text == NULL &&
		repo->remoteporteval.text == NULL &&
		!find_address(l, NULL, &ignored))
		error_clear(&ignored);
}

static bool find_user(struct login *l, struct python *python,
	struct error *err)
{
	const struct conf_rule *rule = &l->repo->remoteusereval;

	/* The tunnel has logged in already. */
	if (l->repo->preauthtunnel != NULL || l->secret.user != NULL)
		return true;
	if (rule->text != NULL &&
		!text_of(python, rule, NULL, false, &l->secret.user, err))
		return false;
	if (rule->text != NULL && l->secret.user == NULL)
		return fail_empty(rule, err);
	return secret_user(l->repo, l->host, &l->secret, err);
}

static bool has_mechanism(const struct login *l, const char *name)
{
	for (const char *const *m = l->repo->auth_mechanisms; *m; m++)
		if (strcmp(*m, name) == 0)
			return true;
	return false;
}

/* The plain option goes first here (compat 2.3), and what an expression
 * yields loses its line ends, as the output of a command has some. */
static bool oauth_text(struct python *python, const struct conf_rule *rule,
	const char *plain, char **out, struct error *err)
{
	const struct conf_rule none = {0};
	char *to;

	if (!text_of(python, plain != NULL ? &none : rule, plain, true, out,
		err))
		return false;
	if (*out == NULL || plain != NULL)
		return true;
	to = *out;
	for (const char *from = *out; *from; from++)
		if (*from != '\n' && *from != '\r')
			*to++ = *from;
	*to = '\0';
	return true;
}

/* An empty option is OfflineIMAP's word for none. */
static const char *proxy_of(const char *option)
{
	return option != NULL && *option != '\0' ? option : NULL;
}

static const char *auth_proxy(const struct conf_account *account)
{
	return proxy_of(account->authproxy != NULL ? account->authproxy :
		account->proxy);
}

static bool find_token(struct login *l, struct python *python,
	struct error *err)
{
	const struct conf_repo *r = l->repo;
	struct token_source source = {
		.url = copy_of(r->oauth2_request_url),
		.proxy = auth_proxy(l->account),
		.timeout_ms = l->conf->socktimeout_s > 0 ?
			l->conf->socktimeout_s * 1000 : TOKEN_TIMEOUT_MS,
	};
	bool good = oauth_text(python, &r->oauth2_client_id_eval,
			r->oauth2_client_id, &source.client_id, err) &&
		oauth_text(python, &r->oauth2_client_secret_eval,
			r->oauth2_client_secret, &source.client_secret, err) &&
		oauth_text(python, &r->oauth2_refresh_token_eval,
			r->oauth2_refresh_token, &source.refresh_token, err) &&
		oauth_text(python, &r->oauth2_access_token_eval,
			r->oauth2_access_token, &source.access_token, err);

	if (good && (source.refresh_token != NULL ||
		source.access_token != NULL))
		l->token = token_new(&source);
	token_source_clear(&source);
	return good;
}

bool login_prepare(struct login *l, struct python *python, struct error *err)
{
	if (!find_address(l, python, err) || !find_user(l, python, err))
		return false;
	if (l->prepared)
		return true;
	if (l->secret.user != NULL && has_mechanism(l, XOAUTH2) &&
		!find_token(l, python, err))
		return false;
	l->prepared = true;
	return true;
}

bool login_password(struct login *l, struct python *python,
	struct error *err)
{
	const struct conf_rule *rule = &l->repo->remotepasseval;

	if (l->secret.user == NULL || l->secret.password != NULL)
		return true;
	if (rule->text != NULL &&
		!text_of(python, rule, NULL, true, &l->secret.password, err))
		return false;
	if (rule->text != NULL && l->secret.password == NULL)
		return fail_empty(rule, err);
	return secret_password(l->repo, l->host, &l->secret, err);
}

bool login_needs_no_password(const struct login *l)
{
	struct session_login with = {.user = l->secret.user, .host = l->host,
		.mechanisms = (const char *const[]){"GSSAPI", NULL}};

	if (l->secret.user == NULL)
		return true;
	for (const char *const *m = l->repo->auth_mechanisms; *m; m++) {
		if (strcmp(*m, XOAUTH2) == 0 && l->token != NULL)
			return true;
		if (strcmp(*m, "GSSAPI") == 0 && session_has_ticket(&with))
			return true;
		if (strcmp(*m, XOAUTH2) != 0 && strcmp(*m, "GSSAPI") != 0)
			return false;
	}
	return false;
}

bool login_ready(const struct login *l)
{
	return l->prepared && (l->secret.password != NULL ||
		login_needs_no_password(l));
}

/* ---- sessions ---- */

static enum session_security security(const struct conf_repo *repo)
{
	/* A tunnel is private already: no TLS inside, whatever is set. */
	if (repo->preauthtunnel != NULL)
		return SECURITY_NONE;
	if (repo->ssl)
		return SECURITY_TLS;
	if (repo->transporttunnel != NULL)
		return SECURITY_NONE;
	return repo->starttls ? SECURITY_STARTTLS : SECURITY_NONE;
}

static struct session *open_session(const struct login *l, struct worker *w,
	struct error *err)
{
	const struct conf_repo *repo = l->repo;
	char port[PORT_TEXT_SIZE];
	struct session_options options = {
		.host = l->host,
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
		.only_tls12 = repo->ssl_version == TLS_VERSION_1_2,
		.proxy = proxy_of(l->account->proxy),
		.compress = repo->usecompression,
		.timeout_ms = l->conf->socktimeout_s * 1000,
		.repository = repo->name,
	};

	snprintf(port, sizeof(port), "%lld", (long long)l->port);
	return session_open(&options, w, err);
}

/* The server's refusal stands unless there is something to say about the new
 * token. */
static bool with_new_token(const struct login *l, struct session *s,
	struct session_login *with, struct worker *w, struct error *err)
{
	static const char *const only[] = {XOAUTH2, NULL};
	struct error why = {0};
	struct str token = {0};
	bool good = token_get(l->token, w, with->token, &token, &why);

	if (good) {
		with->token = str_get(&token);
		with->mechanisms = only;
		good = session_login(s, with, err);
	} else if (why.kind != ERROR_AUTH) {
		*err = why;
	} else {
		error_add(err, "%s", why.text);
	}
	str_clear_secret(&token);
	return good;
}

/* Without a token the other mechanisms have their turn; why there is none is
 * told in any case. */
static bool log_in(const struct login *l, struct session *s,
	struct survey *survey, struct worker *w, struct error *err)
{
	struct session_login with = {
		.user = l->secret.user,
		.password = l->secret.password,
		.host = l->host,
		.authzid = l->repo->remote_identity,
		.mechanisms = l->repo->auth_mechanisms,
		.survey = survey,
	};
	struct error why = {0};
	struct str token = {0};
	bool good;

	if (l->token != NULL && session_has(s, CAP_AUTH_XOAUTH2) &&
		token_get(l->token, w, NULL, &token, &why))
		with.token = str_get(&token);
	good = why.kind != ERROR_STOPPED && session_login(s, &with, err);
	if (!good && session_token_refused(s) && session_alive(s))
		good = with_new_token(l, s, &with, w, err);
	if (good && why.severity != ERROR_NONE)
		worker_log(w, EVENT_WARNING, AREA_GENERAL,
			"%s: logged in without XOAUTH2: %s", l->repo->name,
			why.text);
	if (!good && why.severity != ERROR_NONE)
		*err = why;
	str_clear_secret(&token);
	return good;
}

static struct session *connect_once(const struct login *l,
	struct survey *survey, struct worker *w, struct error *err)
{
	struct session *s = open_session(l, w, err);

	if (s == NULL || log_in(l, s, survey, w, err))
		return s;
	session_close(s);
	return NULL;
}

/* When the second one fails too, it was not for what came with the first; a
 * reset may have swallowed the refusal of a password. */
static struct session *connect_surely(const struct login *l,
	struct survey *survey, struct worker *w, struct error *err)
{
	struct session *s = connect_once(l, survey, w, err);

	if (s != NULL || survey == NULL || worker_stopped(w) ||
		!(survey->refused_early || survey->challenged))
		return s;
	worker_log(w, EVENT_DEBUG, AREA_IMAP, "%s: %s; once more, one after "
		"the other", l->repo->name, err->text);
	survey->early = false;
	error_clear(err);
	s = connect_once(l, survey, w, err);
	survey->refused_early = survey->refused_early && s != NULL;
	return s;
}

static void leave(void *arg)
{
	hosts_leave(arg);
}

/* The place is the session's until that is closed. */
static void settle(struct session *s, struct hosts_place *place)
{
	hosts_connected(place);
	session_at_close(s, leave, place);
}

/* Where there is no session, err says why. */
static void settle_or_leave(struct session *s, struct hosts_place *place,
	const struct error *err)
{
	if (s != NULL)
		settle(s, place);
	else if (quirk_too_many(span_of(err->text)))
		hosts_refused(place);
	else
		hosts_leave(place);
}

struct session *login_session(const struct login *l, struct survey *survey,
	struct worker *w, struct error *err)
{
	struct hosts_place *place = hosts_take(l->guest, HOSTS_FIRST);
	struct session *s = connect_surely(l, survey, w, err);

	settle_or_leave(s, place, err);
	return s;
}

struct session *login_more(const struct login *l, enum hosts_wish wish,
	struct worker *w, struct error *err)
{
	struct hosts_place *place = hosts_take(l->guest, wish);
	struct session *s;

	if (place == NULL) {
		error_set(err, ERROR_ACCOUNT, ERROR_NETWORK, "%s: the server "
			"allows no further connection", l->repo->name);
		return NULL;
	}
	s = connect_once(l, NULL, w, err);
	settle_or_leave(s, place, err);
	return s;
}

/* A refusal tells nothing: the server may count the lost one for a while. */
struct session *login_again(const struct login *l, struct session *lost,
	struct worker *w, struct error *err)
{
	struct hosts_place *place = lost ? session_hang_up(lost) : NULL;
	struct session *s;

	if (place != NULL)
		hosts_lost(place);
	else
		place = hosts_take(l->guest, HOSTS_FIRST);
	s = connect_once(l, NULL, w, err);
	if (s != NULL)
		settle(s, place);
	else
		hosts_leave(place);
	return s;
}
