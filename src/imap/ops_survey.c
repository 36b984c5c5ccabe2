#include "config.h"

#include "imap/ops_survey.h"

#include <stdlib.h>
#include <string.h>

#include "imap/session_impl.h"
#include "imap/survey_flight.h"
#include "mem.h"

void survey_init(struct survey *v, const char *reference, bool subscribed)
{
	*v = (struct survey){
		.reference = mem_strdup(reference),
		.subscribed = subscribed,
		.known = VEC(struct survey_known),
		.mailboxes = VEC(struct mailbox),
		.subscribed_ones = VEC(struct mailbox),
		.folder = VEC(struct survey_folder),
	};
}

void survey_forget(struct survey *v)
{
	for (size_t i = 0; i < v->folder.len; i++) {
		struct survey_folder *folder = vec_at(&v->folder, i);

		free(folder->name);
		free(folder->mailboxid);
	}
	vec_clear(&v->folder);
	ops_list_clear(&v->mailboxes);
	ops_list_clear(&v->subscribed_ones);
	v->done = false;
}

void survey_clear(struct survey *v)
{
	survey_forget(v);
	for (size_t i = 0; i < v->known.len; i++)
		free(((struct survey_known *)vec_at(&v->known, i))->name);
	vec_clear(&v->known);
	free(v->reference);
	free(v->capabilities);
	v->reference = v->capabilities = NULL;
}

void survey_know(struct survey *v, const char *name, uint32_t questions)
{
	*(struct survey_known *)vec_add(&v->known) = (struct survey_known){
		.name = mem_strdup(name), .questions = questions};
}

static int by_name(const void *key, const void *folder)
{
	return strcmp(key, ((const struct survey_folder *)folder)->name);
}

/* RFC 9051 section 5.1: INBOX is the same in any case. */
static const struct survey_folder *find_inbox(const struct survey *v)
{
	for (size_t i = 0; i < v->folder.len; i++) {
		const struct survey_folder *folder = vec_at(&v->folder, i);

		if (ascii_casecmp(folder->name, "INBOX") == 0)
			return folder;
	}
	return NULL;
}

const struct survey_folder *survey_find(const struct survey *v,
	const char *name)
{
	if (v->folder.len == 0)
		return NULL;
	if (ascii_casecmp(name, "INBOX") == 0)
		return find_inbox(v);
	return bsearch(name, v->folder.data, v->folder.len,
		sizeof(struct survey_folder), by_name);
}

static bool on_response(void *arg, const struct response *r,
	struct error *err)
{
	return survey_flight_response(arg, r, err);
}

static bool on_tagged(void *arg, size_t index, const struct response *r,
	struct error *err)
{
	(void)err;
	survey_flight_tagged(arg, index, r);
	return true;
}

/* The words of the first that says no. */
static bool refused(const struct flight *f, const struct survey_flight *sf,
	struct error *err)
{
	bool list = !sf->v->subscribed ||
		f->cmd[sf->list].result != CONDITION_OK;

	return session_refused(err, ERROR_FOLDER, ERROR_REFUSED,
		list ? "LIST" : "LSUB",
		span_str(&f->cmd[list ? sf->list : sf->lsub].text));
}

/* One flight; a refusal is left in *err with v->done false. */
static bool ask(struct session *s, struct survey *v,
	const bool has[CAP_COUNT], struct error *err)
{
	struct survey_flight sf = {.s = s, .v = v};
	const struct response_handler handler = {.response = on_response,
		.tagged = on_tagged, .arg = &sf};
	struct flight f = {0};
	bool ok;

	memcpy(sf.has, has, sizeof(sf.has));
	ok = survey_flight_add(&sf, &f, err);
	if (ok)
		session_compress_last(s, has, &f);
	ok = ok && session_flight(s, &f, &handler, err);
	survey_flight_end(&sf, &f);
	if (ok && !v->done)
		refused(&f, &sf, err);
	flight_clear(&f);
	return ok;
}

/* A server that says no to what it offers is asked the plain way. */
bool ops_survey(struct session *s, struct survey *v, struct error *err)
{
	bool has[CAP_COUNT];

	if (v->done)
		return true;
	memcpy(has, s->has, sizeof(has));
	if (!ask(s, v, has, err))
		return false;
	if (!v->done && has[CAP_LIST_STATUS] && session_alive(s)) {
		has[CAP_LIST_STATUS] = false;
		error_clear(err);
		if (!ask(s, v, has, err))
			return false;
	}
	return v->done;
}
