#include "config.h"

#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

#include "base/mutex.h"
#include "imap/sasl.h"
#include "mem.h"

struct sasl {
	const struct sasl_mechanism *mechanism;
	const struct session_login *login; /* outlives this */
	Gsasl *library;
	Gsasl_session *session;
	struct str first; /* GSSAPI's first answer, made ahead */
	bool finished; /* all was said; a further challenge makes no sense */
};

static const struct sasl_mechanism mechanisms[] = {
	{.name = "PLAIN", .cap = CAP_AUTH_PLAIN, .client_first = true,
		.shows_password = true, .tells_identity = true},
	{.name = "CRAM-MD5", .cap = CAP_AUTH_CRAM_MD5},
	{.name = "XOAUTH2", .cap = CAP_AUTH_XOAUTH2, .client_first = true,
		.shows_password = true, .by_token = true},
	{.name = "GSSAPI", .cap = CAP_AUTH_GSSAPI, .client_first = true,
		.tells_identity = true, .by_ticket = true},
};

const struct sasl_mechanism *sasl_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
		if (ascii_casecmp(mechanisms[i].name, name) == 0)
			return &mechanisms[i];
	return NULL;
}

static bool failed(int code, struct error *err)
{
	return error_set(err, ERROR_ACCOUNT, ERROR_AUTH, "SASL: %s",
		gsasl_strerror(code));
}

/* ---- GNU SASL's ---- */

/* GSSAPI has no other place for the user's name than the identity. */
static const char *identity(const struct sasl *sasl)
{
	const struct session_login *login = sasl->login;

	return sasl->mechanism->by_ticket && !login->authzid ? login->user :
		login->authzid;
}

static bool set_properties(struct sasl *sasl, struct error *err)
{
	const struct session_login *login = sasl->login;
	const struct {
		Gsasl_property property;
		const char *value;
	} rows[] = {
		{GSASL_AUTHID, login->user},
		{GSASL_PASSWORD, login->password},
		{GSASL_AUTHZID, identity(sasl)},
		{GSASL_SERVICE, "imap"},
		{GSASL_HOSTNAME, login->host},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int code = GSASL_OK;

		if (rows[i].value)
			code = gsasl_property_set(sasl->session,
				rows[i].property, rows[i].value);
		if (code != GSASL_OK)
			return failed(code, err);
	}
	return true;
}

static bool start_library(struct sasl *sasl, struct error *err)
{
	int code = gsasl_init(&sasl->library);

	if (code == GSASL_OK)
		code = gsasl_client_start(sasl->library,
			sasl->mechanism->name, &sasl->session);
	return code == GSASL_OK ? set_properties(sasl, err)
		: failed(code, err);
}

/* What GNU SASL asks for tickets keeps a list of mechanisms that it makes when
 * it is first used, without a lock: two accounts that log in at the same time
 * made it twice.  Guards that library, nothing of ours. */
static pthread_mutex_t tickets = PTHREAD_MUTEX_INITIALIZER;

static void lock_tickets(const struct sasl *sasl)
{
	if (sasl->mechanism->by_ticket)
		mutex_lock(&tickets);
}

static void unlock_tickets(const struct sasl *sasl)
{
	if (sasl->mechanism->by_ticket)
		mutex_unlock(&tickets);
}

static int step_locked(const struct sasl *sasl, const char *in, char **out)
{
	int code;

	lock_tickets(sasl);
	code = gsasl_step64(sasl->session, in, out);
	unlock_tickets(sasl);
	return code;
}

static bool step_library(struct sasl *sasl, struct span challenge,
	struct str *answer, struct error *err)
{
	char *in = span_dup(challenge), *out = NULL;
	int code = step_locked(sasl, in, &out);

	free(in);
	sasl->finished = code == GSASL_OK;
	if (code != GSASL_OK && code != GSASL_NEEDS_MORE)
		return failed(code, err);
	if (out) {
		str_add(answer, out);
		mem_wipe(out, strlen(out));
		gsasl_free(out);
	}
	return true;
}

/* ---- XOAUTH2 ---- */

/* "user=" user ^A "auth=Bearer " token ^A ^A.  A further challenge is the
 * server's reason for a refusal: the empty answer to it lets the refusal
 * come. */
static bool step_token(struct sasl *sasl, struct str *answer,
	struct error *err)
{
	const struct session_login *login = sasl->login;
	struct str text = {0};
	char *base64 = NULL;
	size_t len = 0;
	int code;

	if (sasl->finished)
		return true;
	sasl->finished = true;
	str_reserve(&text, strlen(login->user) + strlen(login->token) + 32);
	str_printf(&text, "user=%s\1auth=Bearer %s\1\1", login->user,
		login->token);
	code = gsasl_base64_to(str_get(&text), text.len, &base64, &len);
	str_clear_secret(&text);
	if (code != GSASL_OK)
		return failed(code, err);
	str_add_mem(answer, base64, len);
	mem_wipe(base64, len);
	gsasl_free(base64);
	return true;
}

/* ---- both ---- */

bool sasl_ready(const struct sasl_mechanism *mechanism,
	const struct session_login *login)
{
	struct error ignored = {0};
	struct sasl *sasl;

	if (mechanism->by_token)
		return login->token != NULL;
	if (!mechanism->by_ticket)
		return login->password != NULL;
	sasl = login->host ? sasl_new(mechanism, login, &ignored) : NULL;
	sasl_free(sasl);
	return sasl != NULL;
}

struct sasl *sasl_new(const struct sasl_mechanism *mechanism,
	const struct session_login *login, struct error *err)
{
	struct sasl *sasl = mem_calloc(1, sizeof(*sasl));
	bool ok;

	sasl->mechanism = mechanism;
	sasl->login = login;
	ok = mechanism->by_token || start_library(sasl, err);
	if (ok && mechanism->by_ticket)
		ok = step_library(sasl, span_of(""), &sasl->first, err);
	if (ok)
		return sasl;
	sasl_free(sasl);
	return NULL;
}

void sasl_free(struct sasl *sasl)
{
	if (!sasl)
		return;
	if (sasl->session) {
		lock_tickets(sasl);
		gsasl_finish(sasl->session);
		unlock_tickets(sasl);
	}
	if (sasl->library)
		gsasl_done(sasl->library);
	str_clear_secret(&sasl->first);
	free(sasl);
}

bool sasl_step(struct sasl *sasl, struct span challenge, struct str *answer,
	struct error *err)
{
	if (sasl->mechanism->by_token)
		return step_token(sasl, answer, err);
	if (sasl->first.len > 0 && challenge.len == 0) {
		str_add_span(answer, span_str(&sasl->first));
		str_clear_secret(&sasl->first);
		return true;
	}
	if (sasl->finished)
		return failed(GSASL_MECHANISM_CALLED_TOO_MANY_TIMES, err);
	return step_library(sasl, challenge, answer, err);
}
