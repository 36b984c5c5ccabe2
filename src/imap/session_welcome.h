/*
 * What is said to a server that knows, or is about to know, who we are, in one
 * flight: CAPABILITY where it was not told, ID, ENABLE, the survey, COMPRESS.
 * For session_login; worker's thread.  protocol.md 4.1.
 *
 * Early means that it leaves in one write with the login, made by what is
 * remembered of the server; it is checked when the fresh capabilities are
 * there.
 */
#ifndef IMAP_SESSION_WELCOME_H
#define IMAP_SESSION_WELCOME_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"
#include "imap/session.h"

struct survey;

struct welcome {
	/* in */
	struct session *s;
	struct survey *v;    /* NULL: none */
	/* out */
	bool asked, id_sent, enable_sent; /* CAPABILITY, ID, ENABLE; so far */
	bool eaten;          /* as session_flight_early */
	bool unchecked;      /* the survey was made by a guess, made_by */
	bool made_by[CAP_COUNT];
};

/* f is empty, or has the login that goes with it, one line (early). */
bool session_welcome(struct welcome *w, struct flight *f, struct error *err)
	ATTR_MUST_CHECK;
/* Whether there is more to be said, now that more is known. */
bool session_welcome_wanted(const struct welcome *w);
/* The capabilities are what they are: a survey that was made by others is
 * forgotten. */
void session_welcome_check(struct welcome *w);

#endif
