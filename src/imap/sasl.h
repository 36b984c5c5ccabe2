/*
 * SASL mechanisms by GNU SASL; the only file that sees it.  Worker's thread.
 * RFC 4422; in IMAP RFC 9051 section 6.2.2; GSSAPI RFC 4752.  XOAUTH2, which
 * GNU SASL does not know, is a single line and made here.
 */
#ifndef IMAP_SASL_H
#define IMAP_SASL_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"
#include "imap/session.h"
#include "str.h"

struct sasl;

struct sasl_mechanism {
	const char *name; /* "PLAIN", as in auth_mechanisms */
	enum capability cap;
	bool client_first;   /* an initial response makes sense */
	bool shows_password; /* whoever reads the wire or the server has it */
	bool tells_identity; /* that of session_login's authzid */
	bool by_token;       /* with session_login's token, no password */
	bool by_ticket;      /* with what the system holds; neither of them */
};

/* NULL for one that this program does not speak. */
const struct sasl_mechanism *sasl_find(const char *name);

/* Whether it can begin without a server: it is in the library, and there is
 * what it logs in with.  A ticket is looked for, which may wait for the
 * ticket's server. */
bool sasl_ready(const struct sasl_mechanism *mechanism,
	const struct session_login *login);

struct sasl *sasl_new(const struct sasl_mechanism *mechanism,
	const struct session_login *login, struct error *err) ATTR_MUST_CHECK;
void sasl_free(struct sasl *sasl);
/* One challenge in base64 (empty for none) to one answer in base64, appended
 * to answer; the caller wipes it. */
bool sasl_step(struct sasl *sasl, struct span challenge, struct str *answer,
	struct error *err) ATTR_MUST_CHECK;

#endif
