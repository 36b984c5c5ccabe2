#include "config.h"

#include <string.h>

#include "base/worker.h"
#include "imap/sasl.h"
#include "imap/session_impl.h"

#define LOGIN_TIMEOUTS 3

/* One attempt after the other; what each was told. */
struct login {
	struct session *s;
	const struct session_login *with;
	struct str told; /* "PLAIN: words; LOGIN: words" */
	unsigned tried;
	bool done, final, busy;
	bool strong_failed; /* one that hides the password was refused */
};

/* A response code after which another mechanism would only be one more wrong
 * try: RFC 5530 section 3. */
static bool is_final(struct span words, bool showed_password)
{
	static const char *const always[] = {"[AUTHORIZATIONFAILED",
		"[EXPIRED", "[PRIVACYREQUIRED", "[CONTACTADMIN"};

	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		if (span_starts_nocase(words, always[i]))
			return true;
	/* A server may know the password in a form that is of no use to a
	 * mechanism which hides it. */
	return showed_password &&
		span_starts_nocase(words, "[AUTHENTICATIONFAILED");
}

static void refused(struct login *l, const char *name,
	const struct flight_cmd *c, bool showed_password)
{
	const struct sasl_mechanism *mechanism = sasl_find(name);
	bool by_token = mechanism && mechanism->by_token;

	str_printf(&l->told, "%s%s: ", l->told.len > 0 ? "; " : "", name);
	str_add_span(&l->told, span_str(&c->text));
	session_mask(l->s, &l->told);
	l->busy = c->code == CODE_UNAVAILABLE || c->code == CODE_LIMIT;
	/* What is wrong with a token is not wrong with the password. */
	l->final = l->busy || (!by_token &&
		is_final(span_str(&c->text), showed_password));
	if (by_token)
		l->s->token_refused = true;
	if (!showed_password)
		l->strong_failed = true;
}

static bool conclude(struct login *l, const char *name,
	const struct flight_cmd *c, bool shows_password)
{
	l->tried++;
	l->done = c->result == CONDITION_OK;
	if (l->done)
		l->s->state = STATE_KNOWN;
	else
		refused(l, name, c, shows_password);
	return true;
}

/* A challenge that makes no sense is answered by "*", which cancels (RFC 9051
 * section 6.2.2); the server's refusal then says why. */
static bool answer_step(void *arg, struct span challenge, struct str *answer,
	struct error *err)
{
	struct error ignored = {0};

	(void)err;
	if (!sasl_step(arg, challenge, answer, &ignored))
		str_set(answer, "*");
	return true;
}

static size_t length_of(const char *text)
{
	return text ? strlen(text) : 0;
}

/* With room for all that follows: growing would leave unwiped copies. */
static void make_secret(struct cmd *cmd, const struct session_login *with)
{
	size_t len = length_of(with->user) + length_of(with->password) +
		length_of(with->token) + length_of(with->authzid);

	cmd->secret = true;
	str_reserve(&cmd->part[0].text, 2 * len + 64);
}

/* initial-resp = base64 / "=", RFC 9051 section 9 */
static bool make_command(struct login *l,
	const struct sasl_mechanism *mechanism, struct sasl *sasl,
	struct cmd *cmd, struct error *err)
{
	struct str initial = {0};
	bool ok = true;

	cmd_init(cmd, "AUTHENTICATE");
	make_secret(cmd, l->with);
	cmd_raw(cmd, mechanism->name);
	if (mechanism->client_first && session_has(l->s, CAP_SASL_IR)) {
		ok = sasl_step(sasl, span_of(""), &initial, err);
		if (ok)
			cmd_raw(cmd, initial.len > 0 ? str_get(&initial) : "=");
	}
	str_clear_secret(&initial);
	return ok;
}

/* Without a ticket there is no more to GSSAPI than without a password to
 * PLAIN. */
static bool pass_over(struct login *l,
	const struct sasl_mechanism *mechanism, const struct error *err)
{
	worker_log(l->s->worker, EVENT_DEBUG, AREA_IMAP,
		"%s: %s is left out: %s", l->s->repository, mechanism->name,
		err->text);
	return true;
}

static bool try_sasl(struct login *l, const struct sasl_mechanism *mechanism,
	struct error *err)
{
	struct sasl *sasl = sasl_new(mechanism, l->with, err);
	struct flight f = {0};
	struct flight_cmd *c;
	bool ok;

	if (!sasl)
		return mechanism->by_ticket && pass_over(l, mechanism, err);
	c = flight_add(&f);
	ok = make_command(l, mechanism, sasl, &c->cmd, err) &&
		session_converse(l->s, &f, answer_step, sasl, err) &&
		conclude(l, mechanism->name, c, mechanism->shows_password);
	flight_clear(&f);
	sasl_free(sasl);
	return ok;
}

/* login = "LOGIN" SP userid SP password */
static bool try_login(struct login *l, struct error *err)
{
	struct flight f = {0};
	struct flight_cmd *c = flight_add(&f);
	bool ok;

	cmd_init(&c->cmd, "LOGIN");
	make_secret(&c->cmd, l->with);
	ok = cmd_quoted(&c->cmd, span_of(l->with->user)) &&
		cmd_quoted(&c->cmd, span_of(l->with->password));
	if (!ok)
		error_set(err, ERROR_ACCOUNT, ERROR_AUTH,
			"the user name or the password cannot be sent");
	ok = ok && session_flight(l->s, &f, NULL, err) &&
		conclude(l, "LOGIN", c, true);
	flight_clear(&f);
	return ok;
}

/* S10: on a line that others can read, the password itself is not sent after
 * a mechanism that hides it was refused. */
static bool weaker(const struct login *l, bool shows_password)
{
	return shows_password && l->strong_failed && !l->s->sheltered;
}

static bool try_mechanism(struct login *l, const char *name,
	struct error *err)
{
	const struct sasl_mechanism *mechanism = sasl_find(name);

	/* What cannot tell the identity would get at the mail of another. */
	if (l->with->authzid && !(mechanism && mechanism->tells_identity))
		return true;
	if (ascii_casecmp(name, "LOGIN") == 0)
		return session_has(l->s, CAP_LOGINDISABLED) ||
			!l->with->password || weaker(l, true) ||
			try_login(l, err);
	if (!mechanism || !session_has(l->s, mechanism->cap) ||
		weaker(l, mechanism->shows_password))
		return true;
	if (!mechanism->by_ticket && !sasl_ready(mechanism, l->with))
		return true;
	return try_sasl(l, mechanism, err);
}

static bool none_usable(struct login *l, struct error *err)
{
	struct str wanted = {0};

	for (const char *const *m = l->with->mechanisms; *m; m++)
		str_printf(&wanted, "%s%s", wanted.len > 0 ? ", " : "", *m);
	error_set(err, ERROR_ACCOUNT, ERROR_AUTH,
		"none of the configured auth_mechanisms (%s) can be used%s; "
		"the server offers: %s%s", str_get(&wanted),
		l->with->authzid ?
			" (with remote_identity only PLAIN and GSSAPI can)" :
			l->with->password ? "" : " without a password",
		session_capabilities(l->s),
		session_has(l->s, CAP_LOGINDISABLED)
			? ".  It takes no passwords on this connection "
			"(LOGINDISABLED): switch TLS on." : "");
	str_clear(&wanted);
	return false;
}

/* Too many connections or a server in trouble is no wrong password. */
static bool all_refused(struct login *l, struct error *err)
{
	return session_refused(err, ERROR_ACCOUNT,
		l->busy ? ERROR_NETWORK : ERROR_AUTH,
		l->busy ? "the server does not log in now"
			: "the server refused the login",
		span_str(&l->told));
}

static bool authenticate(struct login *l, struct error *err)
{
	const char *const *m = l->with->mechanisms;

	for (; *m && !l->done && !l->final; m++)
		if (!try_mechanism(l, *m, err))
			return false;
	if (l->done)
		return true;
	return l->tried == 0 ? none_usable(l, err) : all_refused(l, err);
}

/* Constant text, so no answer of cmd_quoted's can be wrong. */
static void add_id(struct flight *f)
{
	struct cmd *cmd = &flight_add(f)->cmd;

	cmd_init(cmd, "ID");
	cmd_raw(cmd, "(\"name\" \"" PACKAGE_NAME "\" \"version\" \""
		PACKAGE_VERSION "\")");
}

static void add_enable(struct flight *f)
{
	struct cmd *cmd = &flight_add(f)->cmd;

	cmd_init(cmd, "ENABLE");
	cmd_raw(cmd, "QRESYNC");
}

/* What was sent already. */
struct introduced {
	bool id, enable;
};

static bool wants_id(const struct session *s, const struct introduced *sent)
{
	return !sent->id && session_has(s, CAP_ID);
}

/* RFC 7162 section 3.2.3: before anything is selected. */
static bool wants_enable(const struct session *s,
	const struct introduced *sent)
{
	return !sent->enable && session_has(s, CAP_ENABLE) &&
		session_has(s, CAP_QRESYNC);
}

/* Q110: whatever the answer to ID is, it is no error; nor is a refused
 * ENABLE.  Q53: capabilities are those of after the login alone. */
static bool introduce(struct session *s, struct introduced *sent,
	struct error *err)
{
	struct flight f = {0};
	bool ask = !s->caps_known, ok;

	if (ask)
		cmd_init(&flight_add(&f)->cmd, "CAPABILITY");
	if (wants_id(s, sent)) {
		add_id(&f);
		sent->id = true;
	}
	if (!ask && wants_enable(s, sent)) {
		add_enable(&f);
		sent->enable = true;
	}
	ok = session_flight(s, &f, NULL, err);
	if (ok && ask && f.cmd[0].result != CONDITION_OK)
		ok = session_refused(err, ERROR_ACCOUNT, ERROR_NETWORK,
			"CAPABILITY", span_str(&f.cmd[0].text));
	flight_clear(&f);
	return ok;
}

static bool log_in(struct session *s, const struct session_login *with,
	struct error *err)
{
	struct login l = {.s = s, .with = with};
	struct introduced sent = {0};
	bool ok;

	if (s->state == STATE_STRANGER) {
		s->caps_known = false;
		ok = authenticate(&l, err);
		str_clear(&l.told);
		if (!ok)
			return false;
	}
	if (!introduce(s, &sent, err))
		return false;
	return (!wants_id(s, &sent) && !wants_enable(s, &sent)) ||
		introduce(s, &sent, err);
}

bool session_login(struct session *s, const struct session_login *login,
	struct error *err)
{
	bool ok;

	stream_limit(s->stream, LOGIN_TIMEOUTS * s->timeout_ms);
	s->token_refused = false;
	s->hidden[0] = login->password;
	s->hidden[1] = login->token;
	ok = log_in(s, login, err) && session_compress(s, err);
	s->hidden[0] = s->hidden[1] = NULL;
	if (session_alive(s))
		stream_limit(s->stream, 0);
	str_clear_secret(&s->out);
	s->out_at = 0;
	return ok || error_raise(err, ERROR_ACCOUNT);
}

bool session_has_ticket(const struct session_login *login)
{
	for (const char *const *m = login->mechanisms; *m; m++) {
		const struct sasl_mechanism *mechanism = sasl_find(*m);

		if (mechanism && mechanism->by_ticket &&
			sasl_ready(mechanism, login))
			return true;
	}
	return false;
}
