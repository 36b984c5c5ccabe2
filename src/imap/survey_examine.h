/*
 * The part of a survey for servers without CONDSTORE: EXAMINE and exception
 * sets of each folder that has questions, all in the one write.  What cannot
 * be told apart, protocol.md 4.2 rules 1 and 2, counts as not told.  For
 * survey_flight.c; worker's thread.
 */
#ifndef IMAP_SURVEY_EXAMINE_H
#define IMAP_SURVEY_EXAMINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "imap/exceptions.h"
#include "imap/session.h"

struct response;

/* One folder. */
struct examined {
	const char *name;    /* lent */
	size_t command;      /* EXAMINE's number in the flight */
	bool open;           /* it was answered by OK */
	bool exists_told;
	bool spoilt;         /* whose the data are is not clear, or they changed
	                        meanwhile */
	uint32_t exists, uidvalidity, uidnext; /* 0: not told */
	struct exceptions sets;
};

struct survey_examine {
	struct vec folder;   /* of struct examined *, in the order asked */
	size_t next;         /* the first whose EXAMINE has no answer */
	struct examined *current; /* that is open; NULL: none */
};

void survey_examine_init(struct survey_examine *x);
void survey_examine_clear(struct survey_examine *x);
/* False: the name cannot be sent in one line, nothing was added. */
bool survey_examine_add(struct survey_examine *x, struct session *s,
	struct flight *f, const char *name, uint32_t questions);
void survey_examine_response(struct survey_examine *x,
	const struct response *r);
void survey_examine_tagged(struct survey_examine *x, size_t index,
	const struct response *r);
/* The numbers are valid. */
bool survey_examine_told(const struct examined *folder);

#endif
