/*
 * The OAuth2 access token of one login, shared by all who log in with it: the
 * account's runner, its workers and its watchers, any thread.  It is asked for
 * when the first of them needs it, kept until it is stale or was refused, and
 * wiped at the end.  The mutex lives here; while one thread asks for a token
 * the others wait for its answer, and no lock is held meanwhile.
 */
#ifndef RUN_TOKEN_H
#define RUN_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"
#include "str.h"

struct token;
struct worker;

/* What a token is made from; strings are malloc'd and wiped, NULL: not set. */
struct token_source {
	char *url, *client_id, *client_secret, *refresh_token, *access_token;
	const char *proxy; /* borrowed; NULL: none */
	int64_t timeout_ms;
};

/* Takes the source's strings. */
struct token *token_new(struct token_source *source) ATTR_RETURNS_NONNULL;
/* NULL is allowed. */
void token_free(struct token *token);
void token_source_clear(struct token_source *source);

/* The token as it is, or a new one.  refused: the one that the server did not
 * take, NULL: none.  The caller wipes *out.  Kind AUTH: there is no other. */
bool token_get(struct token *token, struct worker *w, const char *refused,
	struct str *out, struct error *err) ATTR_MUST_CHECK;

#endif
