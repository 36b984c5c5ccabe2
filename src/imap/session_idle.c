#include "config.h"

#include <assert.h>

#include "base/clock.h"
#include "base/worker.h"
#include "imap/flight_impl.h"

/* What tells that the mailbox is no longer what it was. */
static bool is_news(enum response_kind kind)
{
	return kind == RESPONSE_EXISTS || kind == RESPONSE_EXPUNGE ||
		kind == RESPONSE_VANISHED || kind == RESPONSE_FETCH;
}

static bool on_response(void *arg, const struct response *r,
	struct error *err)
{
	bool *news = arg;

	(void)err;
	*news = *news || is_news(r->kind);
	return true;
}

void session_lend(struct session *s, struct worker *w)
{
	s->worker = w;
}

bool session_check(struct session *s, int64_t ms, bool *news,
	struct error *err)
{
	const struct response_handler handler = {.response = on_response,
		.arg = news};
	struct flight f = {0};
	bool ok;

	assert(!s->branch);
	*news = false;
	stream_limit(s->stream, ms);
	ok = session_simple(s, &f, "NOOP", &handler, err) != NULL &&
		session_alive(s);
	flight_clear(&f);
	if (ok)
		stream_limit(s->stream, 0);
	return ok || session_broken(s, err, "the session is over");
}

struct idle {
	struct run run;
	int64_t until_ms;
	bool news, over, done; /* done: the line DONE was written */
};

/* Bytes from the server, or the end of the time. */
static bool wait_for_news(struct idle *i, struct error *err)
{
	struct session *s = i->run.s;
	struct stream_io io = {
		.in = s->in + s->in_len,
		.cap = SESSION_IN_SIZE - s->in_len,
	};
	int64_t left = i->until_ms - clock_mono_ms();
	bool heard = false;

	if (!stream_listen(s->stream, &io, left > 0 ? left : 0, &heard, err))
		return session_lost(s, err);
	s->in_len += io.got;
	i->over = !heard;
	return true;
}

/* idle = "IDLE" CRLF "DONE"; no other command may come between */
static bool step(struct idle *i, struct error *err)
{
	struct session *s = i->run.s;
	bool waiting = i->run.idling && !i->done;

	if (waiting && (i->news || i->over)) {
		str_add(&s->out, "DONE\r\n");
		i->done = true;
	} else if (waiting) {
		return wait_for_news(i, err);
	}
	return flight_exchange(s, err);
}

static bool fly(struct idle *i, struct error *err)
{
	for (;;) {
		if (!flight_take(&i->run, err))
			return false;
		if (i->run.sending == 0 && !flight_fill(&i->run, err))
			return false;
		if (flight_finished(&i->run))
			return true;
		if (!step(i, err))
			return false;
	}
}

bool session_idle(struct session *s, int64_t ms, enum idle_end *how,
	struct error *err)
{
	struct flight f = {0};
	struct idle i = {.until_ms = clock_mono_ms() + ms};
	const struct response_handler handler = {.response = on_response,
		.arg = &i.news};
	bool ok;

	assert(!s->branch);
	if (s->dead)
		return session_broken(s, err, "the session is over");
	cmd_init(&flight_add(&f)->cmd, "IDLE");
	i.run = (struct run){.s = s, .f = &f, .handler = &handler,
		.idle = true, .first_tag = s->tag + 1, .unanswered = 1};
	ok = fly(&i, err);
	if (!ok)
		s->dead = true;
	else if (f.cmd[0].result != CONDITION_OK)
		*how = IDLE_REFUSED;
	else
		*how = i.news ? IDLE_NEWS : IDLE_OVER;
	flight_clear(&f);
	return ok;
}
