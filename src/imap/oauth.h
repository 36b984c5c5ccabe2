/*
 * Access tokens of OAuth2, asked for with a refresh token (RFC 6749 section
 * 6).  One HTTPS request, without redirects, with a deadline and the stop
 * pipe; in the thread of the worker that needs the token.  Tokens are kept by
 * the caller, who wipes them; none of them gets into an error's text.
 */
#ifndef IMAP_OAUTH_H
#define IMAP_OAUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"
#include "str.h"

struct stop;

struct oauth_request {
	const char *url; /* https; http only to this very machine */
	const char *client_id, *client_secret; /* NULL: left out */
	const char *refresh_token;
	const char *proxy; /* as that of struct net_options; NULL: none */
	int64_t timeout_ms;
	const struct stop *stop; /* NULL: none */
};

struct oauth_answer {
	struct str access_token;
	struct str refresh_token; /* a new one; empty: the old one is good */
	int64_t expires_s;        /* 0: not told */
};

/* Severity ACCOUNT; kinds AUTH (refused), NETWORK, CONFIG, STOPPED.  *out is
 * zeroed first; cleared by the caller in any case. */
bool oauth_refresh(const struct oauth_request *request,
	struct oauth_answer *out, struct error *err) ATTR_MUST_CHECK;
/* Wipes. */
void oauth_answer_clear(struct oauth_answer *answer);

#endif
