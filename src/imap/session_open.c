#include "config.h"

#include <assert.h>
#include <stdlib.h>

#include "base/worker.h"
#include "imap/net.h"
#include "imap/session_impl.h"
#include "imap/tls.h"
#include "mem.h"

/* The greeting and what follows it, in multiples of the timeout (S21). */
#define OPEN_TIMEOUTS 3

static int64_t timeout_of(const struct session_options *o)
{
	return o->timeout_ms > 0 ? o->timeout_ms : SESSION_TIMEOUT_MS;
}

static struct net *connect_net(const struct session_options *o,
	struct worker *w, struct error *err)
{
	struct net_options options = {
		.host = o->host,
		.port = o->port,
		.ipv6 = o->ipv6,
		.proxy = o->proxy,
		.timeout_ms = timeout_of(o),
		.stop = w->stop,
	};

	return o->tunnel ? net_tunnel(o->tunnel, err)
		: net_connect(&options, err);
}

static void tell_connecting(const struct session_options *o, struct worker *w)
{
	struct event ev = {
		.kind = EVENT_CONNECTING,
		.u.connect = {
			.host = o->tunnel ? "tunnel" : o->host,
			.port = o->tunnel ? o->tunnel : o->port,
			.repository = o->repository,
		},
	};

	worker_emit(w, &ev);
}

static struct session *session_new(struct net *net,
	const struct session_options *o, struct worker *w)
{
	struct session *s = mem_calloc(1, sizeof(*s));
	char *peer = o->host && o->port
		? mem_printf("%s:%s", o->host, o->port)
		: mem_strdup(o->tunnel ? "tunnel" : "server");
	struct stream_options options = {
		.stop = w->stop,
		.timeout_ms = timeout_of(o),
		.peer = peer,
	};

	s->worker = w;
	s->repository = mem_strdup(o->repository ? o->repository : "");
	s->timeout_ms = options.timeout_ms;
	s->in = mem_alloc(SESSION_IN_SIZE);
	s->stream = stream_new(net, &options);
	s->parser = parser_new(&parse_limits_default);
	s->sheltered = s->tunnel = o->tunnel != NULL;
	s->compress = o->compress;
	s->state = STATE_STRANGER;
	free(peer);
	return s;
}

static bool start_tls(struct session *s, const struct session_options *o,
	struct error *err)
{
	struct tls_options options = {
		.host = o->host,
		.ca_file = o->ca_file,
		.fingerprints = o->fingerprints,
		.client_cert = o->client_cert,
		.client_key = o->client_key,
		.only_tls12 = o->only_tls12,
	};
	struct layer *tls = tls_new(stream_top(s->stream), &options, err);

	if (!tls)
		return error_add(err, "%s", stream_peer(s->stream));
	stream_push(s->stream, tls);
	if (!stream_run(s->stream, tls_handshake, err))
		return false;
	worker_log(s->worker, EVENT_DEBUG, AREA_IMAP, "%s: %s",
		stream_peer(s->stream), tls_version(tls));
	s->sheltered = true;
	return true;
}

/* S13d: who is logged in before TLS could be anybody. */
static bool on_preauth(struct session *s, struct error *err)
{
	if (!s->sheltered)
		return session_broken(s, err, "the server's greeting says that "
			"nobody needs to log in (PREAUTH); without TLS or a "
			"tunnel that is not believed");
	s->state = STATE_KNOWN;
	return true;
}

static bool on_ok(struct session *s, const struct session_options *o,
	struct error *err)
{
	if (o->tunnel && o->preauth)
		return session_broken(s, err, "preauthtunnel: the server "
			"wants a login (it greets with OK, not PREAUTH); use "
			"transporttunnel");
	if (o->security == SECURITY_STARTTLS)
		s->state = STATE_CLEAR;
	return true;
}

/* greeting = "*" SP (resp-cond-auth / resp-cond-bye) CRLF */
static bool judge_greeting(struct session *s,
	const struct session_options *o, const struct response *r,
	struct error *err)
{
	if (r->kind == RESPONSE_CONDITION && r->condition == CONDITION_OK)
		return on_ok(s, o, err);
	if (r->kind == RESPONSE_CONDITION && r->condition == CONDITION_PREAUTH)
		return on_preauth(s, err);
	if (r->kind == RESPONSE_CONDITION && r->condition == CONDITION_BYE) {
		str_add_span(&s->bye, r->words);
		return session_broken(s, err, "BYE");
	}
	return session_broken(s, err, "this is no IMAP server");
}

static bool read_greeting(struct session *s, const struct session_options *o,
	struct error *err)
{
	const struct response *r;

	if (!session_read(s, &r, err) || !judge_greeting(s, o, r, err))
		return false;
	str_add_span(&s->greeting, r->text);
	s->greeted_with_caps = r->code.kind == CODE_CAPABILITY;
	if (s->greeted_with_caps)
		caps_set(s, r->code.values);
	if (r->code.kind == CODE_ALERT && s->state != STATE_CLEAR)
		worker_log(s->worker, EVENT_WARNING, AREA_IMAP,
			"%s: the server says: %.*s", s->repository,
			(int)r->text.len, r->text.data);
	return true;
}

/* Stripped, or not there: the same to us (S13a). */
static bool offers_starttls(struct session *s, struct error *err)
{
	if (!session_has(s, CAP_STARTTLS) && !caps_ask(s, err))
		return false;
	if (session_has(s, CAP_STARTTLS))
		return true;
	return session_broken(s, err, "the server does not offer STARTTLS, "
		"so no password is sent to it; use ssl = yes (port 993), or "
		"set starttls = no to send it in the clear");
}

static bool ask_starttls(struct session *s, struct error *err)
{
	struct flight f = {0};
	const struct flight_cmd *c;
	bool ok;

	c = session_simple(s, &f, "STARTTLS", NULL, err);
	ok = c && c->result == CONDITION_OK;
	if (c && !ok) {
		s->dead = true;
		session_refused(err, ERROR_ACCOUNT, ERROR_NETWORK,
			"the server refuses STARTTLS", span_str(&c->text));
	}
	flight_clear(&f);
	return ok;
}

/* S13b, S13c: not one byte from before TLS outlives it. */
static bool forget_the_clear(struct session *s, struct error *err)
{
	if (s->in_at < s->in_len || stream_pending(s->stream) ||
		!parser_idle(s->parser))
		return session_broken(s, err, "the server sent more before "
			"TLS than it may; somebody may be interfering");
	parser_free(s->parser);
	s->parser = parser_new(&parse_limits_default);
	caps_forget(s);
	str_reset(&s->greeting);
	s->in_at = s->in_len = 0;
	return true;
}

static bool starttls(struct session *s, const struct session_options *o,
	struct error *err)
{
	if (s->state != STATE_CLEAR)
		return true;
	if (!offers_starttls(s, err) || !ask_starttls(s, err) ||
		!forget_the_clear(s, err) || !start_tls(s, o, err))
		return false;
	s->state = STATE_STRANGER;
	return true;
}

/* In a tunnel of the user's SECURITY_TLS asks for nothing more: the tunnel
 * is the protection, as it is for OfflineIMAP. */
static bool open_all(struct session *s, const struct session_options *o,
	struct error *err)
{
	bool tls = o->security == SECURITY_TLS && !o->tunnel;

	stream_limit(s->stream, OPEN_TIMEOUTS * s->timeout_ms);
	if (tls && !start_tls(s, o, err))
		return false;
	if (!read_greeting(s, o, err) || !starttls(s, o, err))
		return false;
	if (!s->caps_known && !caps_ask(s, err))
		return false;
	stream_limit(s->stream, 0);
	return true;
}

struct session *session_open_net(struct net *net,
	const struct session_options *o, struct worker *w, struct error *err)
{
	struct session *s = session_new(net, o, w);

	if (open_all(s, o, err))
		return s;
	s->dead = true;
	session_close(s);
	error_raise(err, ERROR_ACCOUNT);
	return NULL;
}

struct session *session_open(const struct session_options *o,
	struct worker *w, struct error *err)
{
	struct net *net;

	assert(o->tunnel || (o->host && o->port));
	tell_connecting(o, w);
	net = connect_net(o, w, err);
	return net ? session_open_net(net, o, w, err) : NULL;
}
