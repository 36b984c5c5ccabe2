#include "config.h"

#include "run/watch.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "base/worker.h"
#include "conf/conf.h"
#include "imap/ops.h"
#include "imap/session.h"
#include "imap/utf7.h"
#include "mem.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "str.h"

/* A server may end an IDLE of half an hour (RFC 2177). */
#define IDLE_MAX_S ((int64_t)28 * 60)
/* Of a server that cannot IDLE, without keepalive. */
#define POLL_S ((int64_t)29 * 60)
#define ANSWER_MS ((int64_t)60000)
#define PAUSE_MIN_MS ((int64_t)1000)
#define PAUSE_MAX_MS ((int64_t)300000)

struct watcher {
	/* const while the thread runs */
	struct login login;
	char *wire, *name; /* for the server, for the store */
	char *title;
	unsigned char bell;
	int bell_fd;
	struct thread *thread;
	/* the thread's own */
	struct worker w;
	int64_t pause_ms;
	bool told; /* of a connection that cannot be had */
};

struct watch {
	struct stop *stop;
	struct vec watchers; /* of struct watcher * */
};

/* ---- names ---- */

/* OfflineIMAP sends them as they are, so some have quotes of their own. */
static void unquote(const char *text, struct str *out)
{
	size_t len = strlen(text);

	if (len < 2 || text[0] != '"' || text[len - 1] != '"') {
		str_set(out, text);
		return;
	}
	for (size_t i = 1; i < len - 1; i++) {
		if (text[i] == '\\' && i + 1 < len - 1)
			i++;
		str_add_char(out, text[i]);
	}
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

static void set_names(struct watcher *v, const char *text, bool utf8)
{
	struct str plain = {0}, wire = {0}, name = {0};

	unquote(text, &plain);
	if (is_ascii(str_get(&plain)) || !utf7_encode(span_str(&plain), &wire))
		str_set(&wire, str_get(&plain));
	if (!utf8 || !utf7_decode(span_str(&wire), &name))
		str_set(&name, str_get(&wire));
	v->wire = str_detach(&wire);
	v->name = str_detach(&name);
	str_clear(&plain);
}

/* ---- the thread ---- */

static void ring(struct watcher *v)
{
	/* A full pipe rings as well. */
	if (write(v->bell_fd, &v->bell, 1) < 0)
		return;
}

static void wait_ms(struct watcher *v, int64_t ms)
{
	struct pollfd fd = {.fd = stop_fd(v->w.stop), .events = POLLIN};

	if (poll(&fd, 1, (int)ms) < 0)
		return; /* a signal ends the wait; signals are blocked here */
}

static int64_t interval_ms(const struct watcher *v, int64_t usual_s)
{
	int64_t s = v->login.repo->keepalive_s;

	return (s > 0 && s < usual_s ? s : usual_s) * 1000;
}

/* One wait for news.  False: the connection is lost. */
static bool listen_once(struct watcher *v, struct session *s, bool *can_idle,
	bool *news, struct error *err)
{
	int64_t ms = interval_ms(v, IDLE_MAX_S), start = clock_mono_ms();
	enum idle_end how = IDLE_REFUSED;

	*news = false;
	if (*can_idle && !session_idle(s, ms, &how, err))
		return false;
	if (how == IDLE_REFUSED) {
		*can_idle = false;
		wait_ms(v, interval_ms(v, POLL_S));
		return session_check(s, ANSWER_MS, news, err);
	}
	*news = how == IDLE_NEWS;
	/* A server that ends it by itself is not to be asked all the time. */
	if (how == IDLE_OVER && clock_mono_ms() - start < PAUSE_MIN_MS)
		wait_ms(v, PAUSE_MIN_MS);
	return true;
}

static void listen_on(struct watcher *v, struct session *s, struct error *err)
{
	bool can_idle = session_has(s, CAP_IDLE), news = true, told = false;

	while (!worker_stopped(&v->w)) {
		if (news)
			ring(v);
		if (!can_idle && !told) {
			told = true;
			worker_log(&v->w, EVENT_WARNING, AREA_GENERAL,
				"%s: the server has no IDLE; folder '%s' is "
				"looked at every %lld seconds",
				v->login.repo->name, v->name, (long long)
				(interval_ms(v, POLL_S) / 1000));
		}
		if (!listen_once(v, s, &can_idle, &news, err))
			return;
		v->pause_ms = PAUSE_MIN_MS;
	}
}

/* False: there is no use in another try. */
static bool watch_once(struct watcher *v, struct error *err)
{
	struct session *s = login_more(&v->login, HOSTS_LASTING, &v->w, err);
	struct selected selected;
	bool useful = true;

	if (s == NULL)
		return true;
	if (ops_select(s, v->wire, true, &selected, err)) {
		v->told = false;
		listen_on(v, s, err);
	} else if (session_alive(s)) {
		worker_log(&v->w, EVENT_WARNING, AREA_GENERAL,
			"idlefolders: '%s' cannot be watched: %s", v->name,
			err->text);
		useful = false;
	}
	session_close(s);
	return useful;
}

static void tell_lost(struct watcher *v, const struct error *err)
{
	if (v->told)
		return;
	v->told = true;
	worker_log(&v->w, EVENT_NOTICE, AREA_GENERAL,
		"folder '%s' is not watched for now: %s", v->name, err->text);
}

static void *run(void *arg)
{
	struct watcher *v = arg;
	struct event ev = {.kind = EVENT_THREAD_START};
	bool useful = true;

	worker_emit(&v->w, &ev);
	while (useful && !worker_stopped(&v->w)) {
		struct error err = {0};

		useful = watch_once(v, &err);
		if (!useful || worker_stopped(&v->w))
			break;
		tell_lost(v, &err);
		/* Wrong passwords in a row lock accounts. */
		if (err.kind == ERROR_AUTH)
			v->pause_ms = PAUSE_MAX_MS;
		wait_ms(v, v->pause_ms);
		v->pause_ms *= 2;
		if (v->pause_ms > PAUSE_MAX_MS)
			v->pause_ms = PAUSE_MAX_MS;
	}
	ev.kind = EVENT_THREAD_END;
	worker_emit(&v->w, &ev);
	return NULL;
}

/* ---- the runner's side ---- */

struct watch *watch_start(const struct connector *c, const struct worker *w,
	const struct vec *names, int bell_fd)
{
	struct watch *watch = mem_calloc(1, sizeof(*watch));

	watch->stop = stop_new();
	watch->watchers = (struct vec)VEC(struct watcher *);
	for (size_t i = 0; i < names->len && i < ENGINE_BELLS; i++) {
		struct watcher *v = mem_calloc(1, sizeof(*v));

		login_copy(&c->login[CONNECTOR_REMOTE], &v->login);
		set_names(v, *(char **)vec_at(names, i),
			c->account->utf8foldernames);
		v->title = mem_printf("Idle %s [acc: %s]", v->name, w->account);
		v->bell = (unsigned char)(i + 1);
		v->bell_fd = bell_fd;
		v->pause_ms = PAUSE_MIN_MS;
		engine_worker(c->engine, v->title, w->account,
			engine_cell(c->engine), &v->w);
		v->w.stop = watch->stop;
		*(struct watcher **)vec_add(&watch->watchers) = v;
		v->thread = thread_start(run, v);
	}
	return watch;
}

static void watcher_free(struct watcher *v)
{
	thread_join(v->thread);
	login_copy_clear(&v->login);
	free(v->wire);
	free(v->name);
	free(v->title);
	free(v);
}

void watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	stop_raise(watch->stop);
	for (size_t i = 0; i < watch->watchers.len; i++)
		watcher_free(*(struct watcher **)vec_at(&watch->watchers, i));
	vec_clear(&watch->watchers);
	stop_free(watch->stop);
	free(watch);
}

const char *watch_name(const struct watch *watch, size_t number)
{
	const struct watcher *v;

	if (watch == NULL || number >= watch->watchers.len)
		return NULL;
	v = *(struct watcher *const *)vec_at(&watch->watchers, number);
	return v->name;
}
