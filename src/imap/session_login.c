#include "config.h"

#include <string.h>

#include "base/worker.h"
#include "imap/ops_survey.h"
#include "imap/sasl.h"
#include "imap/session_impl.h"
#include "imap/session_welcome.h"

#define LOGIN_TIMEOUTS 3
/* A login and the lines that go with it; what is more goes out later. */
#define SECRET_ROOM ((size_t)64 * 1024 + 4096)

/* One attempt after the other; what each was told. */
struct login {
	struct session *s;
	const struct session_login *with;
	struct str told; /* "PLAIN: words; LOGIN: words" */
	unsigned tried;
	bool done, final, busy;
	bool strong_failed; /* one that hides the password was refused */
	bool early;    /* the next one line may take the survey with it */
	bool welcomed; /* it did */
	const struct sasl_mechanism *later; /* LOGIN was tried in its place */
	struct welcome welcome;
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

static void conclude(struct login *l, const char *name,
	const struct flight_cmd *c, bool shows_password)
{
	l->tried++;
	l->done = c->result == CONDITION_OK;
	if (!l->done)
		refused(l, name, c, shows_password);
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

static bool begins_at_once(const struct session *s,
	const struct sasl_mechanism *mechanism)
{
	return mechanism->client_first && session_has(s, CAP_SASL_IR);
}

static bool in_one_line(const struct session *s,
	const struct sasl_mechanism *mechanism)
{
	return begins_at_once(s, mechanism) && !mechanism->by_ticket;
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
	if (begins_at_once(l->s, mechanism)) {
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

/* The refusal of a login that took others with it is one although the server
 * cut the connection for what followed.  *told: it was answered, and as a
 * login; when not, it counts for nothing. */
static bool fly_early(struct login *l, struct flight *f, bool *told,
	struct error *err)
{
	struct session *s = l->s;
	const bool compress = s->compress;
	bool ok, no;

	l->early = l->welcome.eaten = false;
	ok = session_welcome(&l->welcome, f, err);
	no = f->cmd[0].result == CONDITION_NO && !l->welcome.eaten;
	l->welcomed = ok && f->cmd[0].result == CONDITION_OK;
	*told = l->welcomed || no;
	if (!l->welcomed) {
		s->compress = compress;
		l->welcome.asked = l->welcome.id_sent =
			l->welcome.enable_sent = false;
	}
	if (ok && !*told && s->dead)
		ok = session_broken(s, err, "BYE");
	if (!ok && no && err->kind == ERROR_NETWORK) {
		error_clear(err);
		return true;
	}
	if (!ok && err->kind == ERROR_NETWORK)
		l->with->survey->refused_early = true;
	return ok;
}

/* A challenge where one line should do: the server does not take what it
 * offers, and is not to be tried so again.  But with a token it is the way of
 * refusing one. */
static void note_challenge(struct login *l,
	const struct sasl_mechanism *mechanism)
{
	struct survey *v = l->with->survey;

	v->refused_early = !mechanism->by_token;
	v->challenged = mechanism->by_token && l->s->dead;
}

static bool try_sasl(struct login *l, const struct sasl_mechanism *mechanism,
	struct error *err)
{
	struct sasl *sasl = sasl_new(mechanism, l->with, err);
	struct flight f = {0};
	bool ok, told = true;

	l->welcome.eaten = false;
	if (!sasl)
		return mechanism->by_ticket && pass_over(l, mechanism, err);
	ok = make_command(l, mechanism, sasl, &flight_add(&f)->cmd, err);
	if (ok && l->early && in_one_line(l->s, mechanism))
		ok = fly_early(l, &f, &told, err);
	else if (ok)
		ok = session_converse(l->s, &f, answer_step, sasl, err);
	if (l->welcome.eaten)
		note_challenge(l, mechanism);
	if (ok && told)
		conclude(l, mechanism->name, &f.cmd[0],
			mechanism->shows_password);
	flight_clear(&f);
	sasl_free(sasl);
	/* once more, by itself */
	return ok && !told ? try_sasl(l, mechanism, err) : ok;
}

/* login = "LOGIN" SP userid SP password */
static bool try_login(struct login *l, struct error *err)
{
	struct flight f = {0};
	struct cmd *cmd = &flight_add(&f)->cmd;
	bool ok, told = true;

	cmd_init(cmd, "LOGIN");
	make_secret(cmd, l->with);
	ok = cmd_quoted(cmd, span_of(l->with->user)) &&
		cmd_quoted(cmd, span_of(l->with->password));
	if (!ok)
		error_set(err, ERROR_ACCOUNT, ERROR_AUTH,
			"the user name or the password cannot be sent");
	else if (l->early && cmd->len == 1)
		ok = fly_early(l, &f, &told, err);
	else
		ok = session_flight(l->s, &f, NULL, err);
	if (ok && told)
		conclude(l, "LOGIN", &f.cmd[0], true);
	flight_clear(&f);
	/* once more, by itself */
	return ok && !told ? try_login(l, err) : ok;
}

/* S10: on a line that others can read, the password itself is not sent after
 * a mechanism that hides it was refused. */
static bool weaker(const struct login *l, bool shows_password)
{
	return shows_password && l->strong_failed && !l->s->sheltered;
}

static bool may_login(const struct login *l)
{
	return !session_has(l->s, CAP_LOGINDISABLED) && l->with->password &&
		!l->with->authzid && !weaker(l, true);
}

/* Where one that shows the password takes two turns, LOGIN, which shows it
 * too, takes one. */
static bool swaps(const struct login *l,
	const struct sasl_mechanism *mechanism)
{
	bool wanted = false;

	for (const char *const *m = l->with->mechanisms; *m; m++)
		wanted |= ascii_casecmp(*m, "LOGIN") == 0;
	return wanted && l->early && mechanism->shows_password &&
		!mechanism->by_token && may_login(l) &&
		!begins_at_once(l->s, mechanism);
}

static bool try_mechanism(struct login *l, const char *name,
	struct error *err)
{
	const struct sasl_mechanism *mechanism = sasl_find(name);

	/* What cannot tell the identity would get at the mail of another. */
	if (l->with->authzid && !(mechanism && mechanism->tells_identity))
		return true;
	if (ascii_casecmp(name, "LOGIN") == 0 && l->later)
		return try_sasl(l, l->later, err);
	if (ascii_casecmp(name, "LOGIN") == 0)
		return !may_login(l) || try_login(l, err);
	if (!mechanism || !session_has(l->s, mechanism->cap) ||
		weaker(l, mechanism->shows_password))
		return true;
	if (!mechanism->by_ticket && !sasl_ready(mechanism, l->with))
		return true;
	if (swaps(l, mechanism)) {
		l->later = mechanism;
		return try_login(l, err);
	}
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
			: "the server refused the login (check remoteuser and "
			"its password or token)",
		span_str(&l->told));
}

static bool authenticate(struct login *l, struct error *err)
{
	const char *const *m = l->with->mechanisms;

	for (; *m && !l->done && !l->final && !l->s->dead; m++)
		if (!try_mechanism(l, *m, err))
			return false;
	if (l->done)
		return true;
	return l->tried == 0 ? none_usable(l, err) : all_refused(l, err);
}

static bool greet(struct login *l, struct error *err)
{
	struct flight f = {0};
	bool ok = session_welcome(&l->welcome, &f, err);

	flight_clear(&f);
	return ok;
}

/* Some of it may be offered only to those who are logged in. */
static bool introduce(struct login *l, struct error *err)
{
	struct welcome *w = &l->welcome;

	if (!l->welcomed && !greet(l, err))
		return false;
	for (int n = 0; n < 2 && session_welcome_wanted(w); n++)
		if (!greet(l, err))
			return false;
	session_welcome_check(w);
	return true;
}

static bool log_in(struct session *s, const struct session_login *with,
	struct error *err)
{
	struct survey *v = with->survey;
	struct login l = {.s = s, .with = with,
		.early = v && v->early && !v->done,
		.welcome = {.s = s, .v = v}};
	bool ok;

	if (s->state == STATE_STRANGER) {
		s->caps_known = false;
		ok = authenticate(&l, err);
		str_clear(&l.told);
		if (!ok)
			return false;
	}
	/* without a survey in sight nothing else takes COMPRESS with it */
	return introduce(&l, err) &&
		((v && !v->done) || session_compress(s, err));
}

bool session_login(struct session *s, const struct session_login *login,
	struct error *err)
{
	bool ok;

	stream_limit(s->stream, LOGIN_TIMEOUTS * s->timeout_ms);
	/* growing would leave unwiped copies here too */
	str_reserve(&s->out, SECRET_ROOM);
	s->token_refused = false;
	s->hidden[0] = login->password;
	s->hidden[1] = login->token;
	ok = log_in(s, login, err);
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
