#include "config.h"

#include "run/token.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/worker.h"
#include "imap/oauth.h"
#include "mem.h"

/* A token that ends within this is not used any more. */
#define MARGIN_S 60

struct token {
	struct token_source source; /* const but for its tokens */
	pthread_mutex_t mutex;
	pthread_cond_t settled;
	/* guarded by mutex, with source's two tokens */
	bool busy;          /* somebody asks for a new one */
	int64_t until_ms;   /* monotonic; 0: not known */
};

static void lock(struct token *t)
{
	mutex_lock(&t->mutex);
}

static void unlock(struct token *t)
{
	mutex_unlock(&t->mutex);
}

struct token *token_new(struct token_source *source)
{
	struct token *t = mem_calloc(1, sizeof(*t));

	mutex_init(&t->mutex);
	condition_init(&t->settled);
	t->source = *source;
	*source = (struct token_source){0};
	return t;
}

void token_source_clear(struct token_source *source)
{
	free(source->url);
	mem_free_secret(source->client_id);
	mem_free_secret(source->client_secret);
	mem_free_secret(source->refresh_token);
	mem_free_secret(source->access_token);
	*source = (struct token_source){0};
}

void token_free(struct token *t)
{
	if (t == NULL)
		return;
	token_source_clear(&t->source);
	condition_destroy(&t->settled);
	mutex_destroy(&t->mutex);
	free(t);
}

static bool is_good_locked(const struct token *t, const char *refused)
{
	if (t->source.access_token == NULL)
		return false;
	if (t->until_ms != 0 && clock_mono_ms() >= t->until_ms)
		return false;
	return refused == NULL || strcmp(t->source.access_token, refused) != 0;
}

static void replace(char **secret, struct str *by)
{
	mem_free_secret(*secret);
	*secret = str_detach(by);
}

/* A token of ten minutes is not thrown away after nine of them unused: the
 * margin is at most half of its time. */
static void keep_locked(struct token *t, struct oauth_answer *answer)
{
	int64_t s = answer->expires_s;

	replace(&t->source.access_token, &answer->access_token);
	if (answer->refresh_token.len > 0)
		replace(&t->source.refresh_token, &answer->refresh_token);
	if (s > 2 * MARGIN_S)
		s -= MARGIN_S;
	else
		s = (s + 1) / 2;
	t->until_ms = s > 0 ? clock_mono_ms() + s * 1000 : 0;
}

static bool can_renew(const struct token *t, struct error *err)
{
	if (t->source.refresh_token == NULL)
		return error_set(err, ERROR_ACCOUNT, ERROR_AUTH,
			"the server refused the oauth2_access_token, and there "
			"is no oauth2_refresh_token to get another one with");
	if (t->source.url == NULL)
		return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
			"oauth2_refresh_token is of no use without "
			"oauth2_request_url");
	return true;
}

/* Called and left with the lock held, which is given up meanwhile; busy keeps
 * the others out. */
static bool renew_locked(struct token *t, struct worker *w, struct error *err)
{
	const struct oauth_request request = {
		.url = t->source.url,
		.client_id = t->source.client_id,
		.client_secret = t->source.client_secret,
		.refresh_token = t->source.refresh_token,
		.proxy = t->source.proxy,
		.timeout_ms = t->source.timeout_ms,
		.stop = w->stop,
	};
	struct oauth_answer answer = {0};
	bool good;

	t->busy = true;
	unlock(t);
	good = oauth_refresh(&request, &answer, err);
	lock(t);
	t->busy = false;
	if (good)
		keep_locked(t, &answer);
	condition_announce(&t->settled);
	oauth_answer_clear(&answer);
	return good;
}

bool token_get(struct token *t, struct worker *w, const char *refused,
	struct str *out, struct error *err)
{
	bool good = true;

	lock(t);
	while (t->busy)
		condition_wait(&t->settled, &t->mutex);
	if (!is_good_locked(t, refused))
		good = can_renew(t, err) && renew_locked(t, w, err);
	if (good)
		str_set(out, t->source.access_token);
	unlock(t);
	return good;
}
