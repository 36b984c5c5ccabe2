#include "config.h"

#include "run/hold.h"

#include <stdint.h>

#include "base/worker.h"
#include "error.h"
#include "imap/session.h"
#include "run/hosts.h"

/* A server that is there answers a NOOP at once; who waits is a user. */
#define CHECK_MS ((int64_t)5000)

void hold_init(struct hold *h, struct hosts_guest *guest)
{
	*h = (struct hold){.guest = guest, .sessions = VEC(struct session *)};
}

void hold_put(struct hold *h, struct session *session, struct worker *w)
{
	if (session == NULL)
		return;
	session_lend(session, w);
	if (h->on && session_alive(session) && !worker_stopped(w) &&
		hosts_may_stay(h->guest))
		*(struct session **)vec_add(&h->sessions) = session;
	else
		session_close(session);
}

struct session *hold_take(struct hold *h)
{
	struct session *session;

	if (h->sessions.len == 0)
		return NULL;
	session = *(struct session **)vec_at(&h->sessions,
		h->sessions.len - 1);
	h->sessions.len--;
	return session;
}

struct session *hold_check(struct session *session, struct worker *w)
{
	struct error err = {0};
	bool news;

	if (session == NULL)
		return NULL;
	session_lend(session, w);
	if (session_check(session, CHECK_MS, &news, &err))
		return session;
	worker_log(w, EVENT_DEBUG, AREA_IMAP, "a held connection is gone: %s",
		err.text);
	session_close(session);
	return NULL;
}

void hold_keepalive(struct hold *h, struct worker *w)
{
	struct vec kept = VEC(struct session *);
	struct session *session;

	while ((session = hold_take(h)) != NULL) {
		session = hold_check(session, w);
		if (session != NULL)
			*(struct session **)vec_add(&kept) = session;
	}
	vec_clear(&h->sessions);
	h->sessions = kept;
}

void hold_clear(struct hold *h)
{
	struct session *session;

	while ((session = hold_take(h)) != NULL)
		session_close(session);
	vec_clear(&h->sessions);
}
