#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "imap/quirk.h"
#include "imap/session_impl.h"
#include "imap/trunk_impl.h"

/* How long saying goodbye may take. */
#define LOGOUT_MS 2000
/* Shorter than this a password is in every text. */
#define MASKED_MIN 4

bool session_has(const struct session *s, enum capability cap)
{
	return s->has[cap];
}

bool session_resyncs(const struct session *s)
{
	return s->qresync;
}

const char *session_greeting(const struct session *s)
{
	return str_get(&s->greeting);
}

const char *session_capabilities(const struct session *s)
{
	return str_get(&s->capabilities);
}

void session_patience(struct session *s, int64_t ms)
{
	s->patience_ms = ms;
}

bool session_alive(const struct session *s)
{
	return s->branch ? trunk_branch_alive(s) : !s->dead;
}

struct session *session_root(struct session *s)
{
	return s->branch ? s->branch->trunk->session : s;
}

bool session_reached(const struct session *s)
{
	return !s->branch || s->branch->reached;
}

bool session_token_refused(const struct session *s)
{
	return s->token_refused;
}

struct worker *session_worker(const struct session *s)
{
	return s->worker;
}

const char *session_repository(const struct session *s)
{
	return s->repository;
}

void session_keywords(struct session *s, struct flag_keywords *keywords)
{
	s->keywords = keywords;
}

bool session_refused(struct error *err, enum error_severity severity,
	enum error_kind kind, const char *what, struct span words)
{
	const char *advice = quirk_advice(words);

	return error_set(err, severity, kind, "%s: %.*s%s%s", what,
		words.len > 500 ? 500 : (int)words.len,
		words.len > 0 ? words.data : "", advice ? ".  " : "",
		advice ? advice : "");
}

/* A BYE's words say more than what broke after it. */
static bool add_bye(struct session *s, struct error *err)
{
	struct str what = {0};

	str_printf(&what, "%s: the server ended the session",
		stream_peer(s->stream));
	session_mask(s, &s->bye);
	session_refused(err, ERROR_FOLDER_RETRY, ERROR_NETWORK,
		str_get(&what), span_str(&s->bye));
	str_clear(&what);
	return false;
}

bool session_broken(struct session *s, struct error *err, const char *why)
{
	s->dead = true;
	if (s->bye.len > 0)
		return add_bye(s, err);
	return error_set(err, ERROR_FOLDER_RETRY, ERROR_NETWORK, "%s: %s",
		stream_peer(s->stream), why);
}

bool session_lost(struct session *s, struct error *err)
{
	s->dead = true;
	if (s->bye.len > 0 && err->kind != ERROR_STOPPED)
		return add_bye(s, err);
	return false;
}

static void mask(const char *hidden, struct str *text)
{
	size_t len = hidden ? strlen(hidden) : 0;
	const char *at;
	struct str clean = {0};

	if (len < MASKED_MIN || !strstr(str_get(text), hidden))
		return;
	for (const char *from = str_get(text);; from = at + len) {
		at = strstr(from, hidden);
		if (!at) {
			str_add(&clean, from);
			break;
		}
		str_add_mem(&clean, from, (size_t)(at - from));
		str_add(&clean, "(hidden)");
	}
	str_clear_secret(text);
	*text = clean;
}

void session_mask(const struct session *s, struct str *text)
{
	for (size_t i = 0; i < ARRAY_LEN(s->hidden); i++)
		mask(s->hidden[i], text);
}

void session_trace(struct session *s, const char *direction,
	const struct response *r)
{
	struct str line = {0};

	if (!(s->worker->debug & 1u << AREA_IMAP))
		return;
	response_print(r, &line);
	session_mask(s, &line);
	worker_log(s->worker, EVENT_DEBUG, AREA_IMAP, "%s %s", direction,
		str_get(&line));
	str_clear(&line);
}

struct flight_cmd *session_simple(struct session *s, struct flight *f,
	const char *what, const struct response_handler *handler,
	struct error *err)
{
	struct flight_cmd *c = flight_add(f);

	cmd_init(&c->cmd, what);
	return session_flight(s, f, handler, err) ? &f->cmd[0] : NULL;
}

/* The first word or two of a command, "UID STORE", for error texts. */
static void command_name(const struct cmd *cmd, struct str *name)
{
	struct span text = span_str(&cmd->part[0].text);

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c != ' ' && (c < 'A' || c > 'Z'))
			break;
		str_add_char(name, c);
	}
	str_truncate(name, span_trim(span_str(name)).len);
}

bool session_call(struct session *s, struct cmd *cmd,
	const struct response_handler *handler, struct error *err)
{
	struct flight f = {0};
	struct flight_cmd *c = flight_add(&f);
	struct str name = {0};
	bool ok;

	c->cmd = *cmd;
	*cmd = (struct cmd){0};
	ok = session_flight(s, &f, handler, err);
	command_name(&c->cmd, &name);
	if (ok && c->result != CONDITION_OK)
		ok = session_refused(err, ERROR_FOLDER, ERROR_REFUSED,
			str_get(&name), span_str(&c->text));
	str_clear(&name);
	flight_clear(&f);
	return ok;
}

static void await_logout(struct session *s)
{
	struct flight f = {0};
	struct error ignored = {0};

	stream_limit(s->stream, LOGOUT_MS);
	if (!session_simple(s, &f, "LOGOUT", NULL, &ignored))
		s->dead = true;
	flight_clear(&f);
}

/* Q80: a session that was not logged out may count as a connection for
 * minutes.  It has to leave; its answer would be a turn for nothing.  But a
 * tunnel is ended, whether it has passed it on or not. */
static void logout(struct session *s)
{
	bool stopped = worker_stopped(s->worker);
	struct str line = {0};

	if (s->tunnel && !stopped) {
		await_logout(s);
		return;
	}
	s->tag++;
	str_printf(&line, "A%u LOGOUT\r\n", s->tag);
	stream_farewell(s->stream, span_str(&line), stopped ? 0 : LOGOUT_MS);
	str_clear(&line);
}

void session_close(struct session *s)
{
	if (!s)
		return;
	if (s->branch)
		trunk_branch_close(s);
	if (s->stream && !s->dead && s->state != STATE_CLEAR)
		logout(s);
	stream_free(s->stream);
	parser_free(s->parser);
	free(s->repository);
	free(s->namespace_prefix);
	str_clear(&s->greeting);
	str_clear(&s->capabilities);
	str_clear(&s->bye);
	str_clear(&s->selected);
	str_clear_secret(&s->out);
	free(s->in);
	if (s->closed)
		s->closed(s->closed_arg);
	free(s);
}

int64_t session_turn_ms(const struct session *s)
{
	return s->turned ? s->turn_ms : 0;
}

void session_at_close(struct session *s, session_closed_fn *closed, void *arg)
{
	s->closed = closed;
	s->closed_arg = arg;
}

void *session_hang_up(struct session *s)
{
	void *arg = s->closed ? s->closed_arg : NULL;

	assert(s->dead && !s->branch);
	stream_free(s->stream);
	s->stream = NULL;
	s->closed = NULL;
	return arg;
}
