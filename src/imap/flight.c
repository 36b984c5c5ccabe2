#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "imap/flight_impl.h"
#include "imap/trunk_impl.h"
#include "mem.h"

struct flight_cmd *flight_add(struct flight *f)
{
	if (f->len == f->cap) {
		f->cap = f->cap ? f->cap * 2 : 8;
		f->cmd = mem_resize(f->cmd, f->cap, sizeof(*f->cmd));
	}
	memset(&f->cmd[f->len], 0, sizeof(*f->cmd));
	return &f->cmd[f->len++];
}

void flight_clear(struct flight *f)
{
	for (size_t i = 0; i < f->len; i++) {
		cmd_clear(&f->cmd[i].cmd);
		str_clear(&f->cmd[i].text);
	}
	free(f->cmd);
	*f = (struct flight){0};
}

static size_t unsent(const struct session *s)
{
	return s->out.len - s->out_at;
}

/* The first bytes since the flight began: a turn, and what the server took.
 * The shortest is nearest to a turn alone. */
static void note_turn(struct session *s)
{
	int64_t ms = clock_mono_ms() - s->asked_ms;

	s->asked_ms = 0;
	if (!s->turned || ms < s->turn_ms)
		s->turn_ms = ms;
	s->turned = true;
}

/* Some bytes out, some in; whichever the server is ready for. */
bool flight_exchange(struct session *s, struct error *err)
{
	struct stream_io io = {
		.out = {str_get(&s->out) + s->out_at, unsent(s)},
		.in = s->in + s->in_len,
		.cap = SESSION_IN_SIZE - s->in_len,
	};

	if (!stream_exchange(s->stream, &io, err))
		return session_lost(s, err);
	if (io.got > 0 && s->asked_ms > 0)
		note_turn(s);
	s->in_len += io.got;
	s->out_at += io.put;
	if (unsent(s) == 0) {
		str_reset(&s->out);
		s->out_at = 0;
	}
	return true;
}

/* One step of the parser over what was read. */
static enum parse_result parse(struct session *s, const struct response **r)
{
	struct span in = {s->in + s->in_at, s->in_len - s->in_at};
	enum parse_result result;
	size_t used = 0;

	result = parser_feed(s->parser, in, &used, r);
	s->in_at += used;
	return result;
}

/* The parser wants more: makes room behind what it left. */
static void compact(struct session *s)
{
	s->in_len -= s->in_at;
	memmove(s->in, s->in + s->in_at, s->in_len);
	s->in_at = 0;
}

/* One result; *more: nothing is left to be parsed. */
static bool take(struct run *run, bool *more, struct error *err)
{
	struct session *s = run->s;
	const struct response *r = NULL;

	switch (parse(s, &r)) {
	case PARSE_MORE:
		compact(s);
		*more = true;
		return true;
	case PARSE_RESPONSE:
		return flight_response(run, r, err);
	case PARSE_LITERAL_BEGIN:
		return flight_literal(run, LITERAL_BEGIN,
			parser_literal_size(s->parser), (struct span){0}, err);
	case PARSE_LITERAL_DATA:
		return flight_literal(run, LITERAL_DATA, 0,
			parser_literal_data(s->parser), err);
	case PARSE_LITERAL_END:
		return flight_literal(run, LITERAL_END, 0, (struct span){0},
			err);
	case PARSE_ERROR:
		break;
	}
	return session_broken(s, err, parser_error(s->parser));
}

bool flight_finished(const struct run *run)
{
	return run->unanswered == 0 && run->sending == run->f->len &&
		unsent(run->s) == 0;
}

/* What comes behind the last answer is left for the next flight; behind the
 * answer to STARTTLS it must not be looked at (S13b). */
bool flight_take(struct run *run, struct error *err)
{
	bool more = false;

	while (!more && !flight_finished(run))
		if (!take(run, &more, err))
			return false;
	return true;
}

/* The same, but silence for s->patience_ms is the end. */
static bool listen_for(struct session *s, struct error *err)
{
	struct stream_io io = {
		.in = s->in + s->in_len,
		.cap = SESSION_IN_SIZE - s->in_len,
	};
	bool heard = false;

	if (!stream_listen(s->stream, &io, s->patience_ms, &heard, err))
		return session_lost(s, err);
	s->in_len += io.got;
	return heard || session_broken(s, err,
		"the server does not answer what it was asked");
}

/* True: commands were added. */
static bool extend(struct run *run)
{
	const struct response_handler *h = run->handler;
	size_t before = run->f->len;

	if (!h || !h->more || run->s->dead)
		return false;
	h->more(h->arg, run->f, run->unanswered);
	run->unanswered += run->f->len - before;
	return run->f->len > before;
}

/* What was read ahead of this flight is looked at first. */
static bool fly(struct run *run, struct error *err)
{
	struct session *s = run->s;

	for (;;) {
		if (!flight_take(run, err))
			return false;
		if (extend(run))
			continue;
		if (unsent(s) == 0 && !flight_fill(run, err))
			return false;
		if (flight_finished(run))
			return true;
		if (s->patience_ms > 0 && unsent(s) == 0
			? !listen_for(s, err) : !flight_exchange(s, err))
			return false;
	}
}

static bool launch(struct run *run, struct error *err)
{
	struct session *s = run->s;

	assert(!s->branch);
	if (s->dead)
		return session_broken(s, err, "the session is over");
	run->first_tag = s->tag + 1;
	run->unanswered = run->f->len;
	s->asked_ms = clock_mono_ms();
	if (fly(run, err)) {
		s->patience_ms = 0;
		return true;
	}
	s->dead = true;
	return false;
}

bool session_flight(struct session *s, struct flight *f,
	const struct response_handler *handler, struct error *err)
{
	struct run run = {.s = s, .f = f, .handler = handler};

	if (s->branch)
		return trunk_flight(s, f, handler, err);
	return launch(&run, err);
}

bool session_flight_early(struct session *s, struct flight *f,
	const struct response_handler *handler, bool *eaten,
	struct error *err)
{
	struct run run = {.s = s, .f = f, .handler = handler, .eaten = eaten};

	return launch(&run, err);
}

bool session_converse(struct session *s, struct flight *f,
	session_challenge_fn *challenge, void *arg, struct error *err)
{
	struct run run = {.s = s, .f = f, .challenge = challenge,
		.challenge_arg = arg};

	return launch(&run, err);
}

bool session_read(struct session *s, const struct response **r,
	struct error *err)
{
	for (;;) {
		switch (parse(s, r)) {
		case PARSE_RESPONSE:
			session_trace(s, "<", *r);
			return true;
		case PARSE_MORE:
			compact(s);
			if (!flight_exchange(s, err))
				return false;
			break;
		case PARSE_LITERAL_BEGIN:
		case PARSE_LITERAL_DATA:
		case PARSE_LITERAL_END:
			break;
		case PARSE_ERROR:
			return session_broken(s, err, parser_error(s->parser));
		}
	}
}
