/*
 * The commands of a survey within a flight that begins with the commands of
 * others, those of the login above all; ops_survey's own is made of it too.
 * Worker's thread; lives for one flight.  protocol.md 4.1 to 4.6.
 *
 *	survey_flight_add(&sf, &flight)
 *	... its handlers pass each response on
 *	survey_flight_end(&sf, &flight)    v->done tells whether it went well
 */
#ifndef IMAP_SURVEY_FLIGHT_H
#define IMAP_SURVEY_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"
#include "imap/ops_impl.h"
#include "imap/session.h"
#include "imap/survey_examine.h"
#include "str.h"

struct response;
struct survey;

struct survey_flight {
	/* in */
	struct session *s;
	struct survey *v;
	bool has[CAP_COUNT]; /* the capabilities that it is made by */
	bool early;          /* nothing in it may wait for the server */
	/* private */
	struct ops_listing listing, subscribed;
	size_t unselect, list, lsub; /* numbers in the flight */
	size_t status, end;          /* first STATUS, behind the last of all */
	struct vec asked;    /* of size_t: for each STATUS a number of known */
	struct survey_examine examine;
	struct str selected; /* whose numbers do not count */
	bool premature;      /* it was answered before the login was */
};

/* Adds its commands; false: it cannot be asked at all. */
bool survey_flight_add(struct survey_flight *sf, struct flight *f,
	struct error *err) ATTR_MUST_CHECK;
/* An untagged response; those of others are passed over. */
bool survey_flight_response(struct survey_flight *sf,
	const struct response *r, struct error *err) ATTR_MUST_CHECK;
/* A command of the flight was answered. */
void survey_flight_tagged(struct survey_flight *sf, size_t index,
	const struct response *r);
/* Sets v->done; frees what it has. */
void survey_flight_end(struct survey_flight *sf, const struct flight *f);
/* Whether it was made, by these capabilities, as by those that the server
 * really has, as far as that counts here. */
bool survey_fits(const struct survey *v, const struct session *s,
	const bool has[CAP_COUNT]);
/* As if nothing had been answered. */
void survey_forget(struct survey *v);

#endif
