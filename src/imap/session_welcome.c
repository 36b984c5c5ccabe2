#include "config.h"

#include "imap/session_welcome.h"

#include <string.h>

#include "imap/ops_survey.h"
#include "imap/session_impl.h"
#include "imap/survey_flight.h"

/* A server that has answered a login answers what came with it at once; one
 * that drops that says nothing more. */
#define EARLY_MS 10000
#define NOWHERE SIZE_MAX

struct going {
	struct welcome *w;
	struct survey_flight sf;
	bool early, surveying;
	bool know; /* the capabilities are more than a guess of none */
	size_t ask; /* CAPABILITY's number in the flight, or NOWHERE */
};

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

/* Q53: capabilities are those of after the login alone; until they are there
 * those of the last time are the best guess. */
static void guess(struct going *g)
{
	const struct session *s = g->w->s;
	const struct survey *v = g->w->v;
	bool fresh = !g->early && s->caps_known;

	g->know = fresh || (v && v->capabilities);
	if (fresh)
		memcpy(g->sf.has, s->has, sizeof(g->sf.has));
	else if (g->know)
		caps_parse(v->capabilities, g->sf.has);
}

static void add_survey(struct going *g, struct flight *f)
{
	struct error ignored = {0};
	size_t len = f->len;

	if (!g->w->v || g->w->v->done || !(g->early || g->know))
		return;
	g->sf.s = g->w->s;
	g->sf.v = g->w->v;
	g->sf.early = g->early;
	g->surveying = true;
	if (survey_flight_add(&g->sf, f, &ignored))
		return;
	survey_flight_end(&g->sf, f);
	g->surveying = false;
	while (f->len > len)
		cmd_clear(&f->cmd[--f->len].cmd);
}

/* RFC 7162 section 3.2.3: before anything is selected.  ENABLE of what a
 * server does not have does nothing (RFC 5161 section 3.1). */
static bool enables(const struct going *g)
{
	if (!g->know)
		return g->early && session_has(g->w->s, CAP_ENABLE);
	return g->sf.has[CAP_ENABLE] && g->sf.has[CAP_QRESYNC];
}

/* A server whose greeting tells its capabilities mostly tells those of after
 * the login unasked too. */
static void add_all(struct going *g, struct flight *f)
{
	struct welcome *w = g->w;
	struct session *s = w->s;

	if (g->early ? !s->greeted_with_caps : !s->caps_known) {
		g->ask = f->len;
		w->asked = true;
		cmd_init(&flight_add(f)->cmd, "CAPABILITY");
	}
	if (!w->id_sent && (session_has(s, CAP_ID) || g->sf.has[CAP_ID])) {
		w->id_sent = true;
		add_id(f);
	}
	if (!w->enable_sent && enables(g)) {
		w->enable_sent = true;
		add_enable(f);
	}
	add_survey(g, f);
	/* else it goes with the survey, or when the capabilities are there */
	if (g->know && (g->surveying || !w->v || w->v->done))
		session_compress_last(s, g->sf.has, f);
}

static bool on_response(void *arg, const struct response *r,
	struct error *err)
{
	struct going *g = arg;

	return !g->surveying || survey_flight_response(&g->sf, r, err);
}

static bool on_tagged(void *arg, size_t index, const struct response *r,
	struct error *err)
{
	struct going *g = arg;
	struct session *s = g->w->s;

	(void)err;
	if (g->surveying)
		survey_flight_tagged(&g->sf, index, r);
	if (!g->early || index > 0 || r->condition != CONDITION_OK)
		return true;
	s->patience_ms = s->timeout_ms < EARLY_MS ? s->timeout_ms : EARLY_MS;
	/* what follows is no login any more: it may take its time */
	stream_limit(s->stream, 0);
	return true;
}

/* Q110: whatever the answer to ID is, it is no error; nor is a refused
 * ENABLE. */
static bool judge(const struct going *g, const struct flight *f,
	struct error *err)
{
	const struct session *s = g->w->s;

	if (g->ask == NOWHERE || s->state < STATE_KNOWN || s->caps_known ||
		f->cmd[g->ask].result == CONDITION_OK)
		return true;
	return session_refused(err, ERROR_ACCOUNT, ERROR_NETWORK,
		"CAPABILITY", span_str(&f->cmd[g->ask].text));
}

bool session_welcome_wanted(const struct welcome *w)
{
	const struct session *s = w->s;

	return (!s->caps_known && !w->asked) ||
		(!w->id_sent && session_has(s, CAP_ID)) ||
		(!w->enable_sent && session_has(s, CAP_ENABLE) &&
		session_has(s, CAP_QRESYNC));
}

void session_welcome_check(struct welcome *w)
{
	if (w->unchecked && !survey_fits(w->v, w->s, w->made_by))
		survey_forget(w->v);
	w->unchecked = false;
}

static void conclude(struct going *g, const struct flight *f, bool ok)
{
	struct welcome *w = g->w;

	if (g->surveying) {
		survey_flight_end(&g->sf, f);
		if (!ok)
			survey_forget(w->v);
		w->unchecked = w->v->done;
		w->v->was_early = w->v->done && g->early;
		memcpy(w->made_by, g->sf.has, sizeof(w->made_by));
	}
	if (w->s->caps_known)
		session_welcome_check(w);
}

bool session_welcome(struct welcome *w, struct flight *f, struct error *err)
{
	struct going g = {.w = w, .early = f->len > 0, .ask = NOWHERE};
	const struct response_handler handler = {.response = on_response,
		.tagged = on_tagged, .arg = &g};
	bool ok;

	guess(&g);
	add_all(&g, f);
	if (g.surveying && !g.early)
		stream_limit(w->s->stream, 0);
	ok = g.early
		? session_flight_early(w->s, f, &handler, &w->eaten, err)
		: session_flight(w->s, f, &handler, err);
	conclude(&g, f, ok);
	return ok && judge(&g, f, err);
}
