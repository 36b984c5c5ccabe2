#include "config.h"

#include "base/worker.h"
#include "imap/deflate.h"
#include "imap/session_impl.h"

/* Everything behind the answer's line is compressed (RFC 4978 section 3), the
 * rest of what was asked for before it too: a server goes on there with an
 * answer that it had begun.  So the layer is changed at exactly this byte. */
static bool push_layer(struct session *s, struct error *err)
{
	struct span early = {s->in + s->in_at, s->in_len - s->in_at};

	if (!parser_idle(s->parser))
		return session_broken(s, err, "the server's answer to "
			"COMPRESS has no end");
	if (s->out_at < s->out.len)
		return session_broken(s, err, "the server answered COMPRESS "
			"before it was sent");
	stream_push(s->stream, deflate_new(stream_top(s->stream), early));
	s->in_at = s->in_len = 0;
	worker_log(s->worker, EVENT_DEBUG, AREA_IMAP, "%s: compressed",
		s->repository);
	return true;
}

bool session_compressed(struct session *s, const struct response *r,
	struct error *err)
{
	if (r->condition == CONDITION_OK)
		return push_layer(s, err);
	/* Behind a login that was refused that says nothing. */
	if (s->state >= STATE_KNOWN)
		worker_log(s->worker, EVENT_NOTICE, AREA_IMAP,
			"%s: the server does not compress: %.*s",
			s->repository, (int)r->words.len, r->words.data);
	return true;
}

/* compress = "COMPRESS" SP algorithm; nothing may be sent behind it before
 * its answer came. */
void session_compress_last(struct session *s, const bool has[CAP_COUNT],
	struct flight *f)
{
	if (s->compress && has[CAP_COMPRESS_DEFLATE])
		cmd_init(&flight_add(f)->cmd, "COMPRESS DEFLATE");
	s->compress = false;
}

bool session_compress(struct session *s, struct error *err)
{
	struct flight f = {0};
	bool ok;

	session_compress_last(s, s->has, &f);
	ok = f.len == 0 || session_flight(s, &f, NULL, err);
	flight_clear(&f);
	return ok;
}
