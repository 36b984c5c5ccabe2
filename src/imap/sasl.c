#include "config.h"

#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

#include "imap/sasl.h"
#include "mem.h"

struct sasl {
	Gsasl *library;
	Gsasl_session *session;
	bool finished; /* all was said; a further challenge makes no sense */
};

static const struct sasl_mechanism mechanisms[] = {
	{.name = "PLAIN", .cap = CAP_AUTH_PLAIN, .client_first = true,
		.shows_password = true, .tells_identity = true},
	{.name = "CRAM-MD5", .cap = CAP_AUTH_CRAM_MD5},
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

static bool set_properties(struct sasl *sasl,
	const struct session_login *login, struct error *err)
{
	const struct {
		Gsasl_property property;
		const char *value;
	} rows[] = {
		{GSASL_AUTHID, login->user},
		{GSASL_PASSWORD, login->password},
		{GSASL_AUTHZID, login->authzid},
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

struct sasl *sasl_new(const struct sasl_mechanism *mechanism,
	const struct session_login *login, struct error *err)
{
	struct sasl *sasl = mem_calloc(1, sizeof(*sasl));
	int code = gsasl_init(&sasl->library);

	if (code == GSASL_OK)
		code = gsasl_client_start(sasl->library, mechanism->name,
			&sasl->session);
	if (code != GSASL_OK ? failed(code, err)
		: set_properties(sasl, login, err))
		return sasl;
	sasl_free(sasl);
	return NULL;
}

void sasl_free(struct sasl *sasl)
{
	if (!sasl)
		return;
	if (sasl->session)
		gsasl_finish(sasl->session);
	if (sasl->library)
		gsasl_done(sasl->library);
	free(sasl);
}

bool sasl_step(struct sasl *sasl, struct span challenge, struct str *answer,
	struct error *err)
{
	char *in, *out = NULL;
	int code;

	if (sasl->finished)
		return failed(GSASL_MECHANISM_CALLED_TOO_MANY_TIMES, err);
	in = span_dup(challenge);
	code = gsasl_step64(sasl->session, in, &out);
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
