#include "config.h"

#include "base/worker.h"
#include "imap/deflate.h"
#include "imap/session_impl.h"

/* compress = "COMPRESS" SP algorithm; nothing may be sent behind it before
 * its answer came (RFC 4978 section 3). */
static bool ask(struct session *s, bool *agreed, struct error *err)
{
	struct flight f = {0};
	const struct flight_cmd *c = session_simple(s, &f, "COMPRESS DEFLATE",
		NULL, err);

	*agreed = c && c->result == CONDITION_OK;
	if (c && !*agreed)
		worker_log(s->worker, EVENT_NOTICE, AREA_IMAP,
			"%s: the server does not compress: %s", s->repository,
			str_get(&c->text));
	flight_clear(&f);
	return c != NULL;
}

/* What was read behind the answer is compressed already. */
static bool push_layer(struct session *s, struct error *err)
{
	struct span early = {s->in + s->in_at, s->in_len - s->in_at};

	if (!parser_idle(s->parser))
		return session_broken(s, err, "the server's answer to "
			"COMPRESS has no end");
	stream_push(s->stream, deflate_new(stream_top(s->stream), early));
	s->in_at = s->in_len = 0;
	worker_log(s->worker, EVENT_DEBUG, AREA_IMAP, "%s: compressed",
		s->repository);
	return true;
}

bool session_compress(struct session *s, struct error *err)
{
	bool agreed = false;

	if (!s->compress)
		return true;
	s->compress = false;
	if (!session_has(s, CAP_COMPRESS_DEFLATE))
		return true;
	return ask(s, &agreed, err) && (!agreed || push_layer(s, err));
}
