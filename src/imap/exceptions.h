/*
 * The flags of a whole mailbox as a few sets: which messages are unseen (or
 * seen, whichever are fewer), flagged, answered, deleted, draft, or have a
 * keyword.  A server without CONDSTORE is asked for these instead of for the
 * flags of each message (protocol.md 4.5); numbers are taken from the stream.
 * RFC 9051 section 6.4.4, ESEARCH section 7.3.4.  Pure but for the flight that
 * it adds to; worker's thread.
 */
#ifndef IMAP_EXCEPTIONS_H
#define IMAP_EXCEPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"
#include "imap/flag.h"
#include "imap/seqset.h"

struct flight;
struct response;
struct session;

/* One bit set names the questions: FLAG_* of flag.h and letters of keywords;
 * besides: */
#define EXCEPTIONS_SEEN_ASKED FLAG_PASSED /* SEEN is asked, not UNSEEN; the
	bit of 'P', which no server has */

#define EXCEPTIONS_MAX 32

struct exceptions {
	uint32_t asked;       /* which sets */
	struct seqset set[EXCEPTIONS_MAX]; /* by number of the flag's bit */
	bool answered[EXCEPTIONS_MAX];
	/* private: the flight's commands */
	size_t first, count;
	struct exceptions_command {
		unsigned char bit;
		bool ended;     /* its tagged answer came */
		char tag[16];   /* that an ESEARCH named; "": none */
	} command[EXCEPTIONS_MAX];
	size_t lines;           /* of SEARCH, which names no tag */
	size_t oldest[EXCEPTIONS_MAX]; /* by line: the first command that
	                           had not ended when it came */
	bool late;              /* a command ended before the line of its
	                           number came */
	bool odd;               /* more answers than questions, or none of
	                           ours */
};

void exceptions_clear(struct exceptions *e);
/* One UID SEARCH for each flag asked, of the selected mailbox, among UIDs
 * below end (0: all); RETURN (ALL) with ESEARCH.  e is zeroed.  A letter that
 * stands for no keyword in the session's table is asked but never answered. */
void exceptions_add(struct exceptions *e, struct flight *f,
	struct session *s, uint32_t asked, uint32_t end);
/* From the flight's handler: an untagged response (SEARCH, ESEARCH), a tagged
 * answer by its index in the flight.  True: it was for us. */
bool exceptions_response(struct exceptions *e, const struct response *r);
bool exceptions_tagged(struct exceptions *e, size_t index,
	const struct response *r);
/* Each was answered by OK, and there is no doubt which answer is whose. */
bool exceptions_complete(const struct exceptions *e);
/* The flags of this message by the sets, among those asked. */
uint32_t exceptions_flags(const struct exceptions *e, uint32_t uid);
/* A number for the whole of what was answered, never 0.  Equal sets, equal
 * numbers; kept in the cache to see whether anything has changed. */
uint64_t exceptions_digest(const struct exceptions *e);

#endif
