/*
 * One flight under way: what is written, what is awaited.  flight.c moves the
 * bytes, flight_write.c makes them, flight_answer.c takes the answers.  Lives
 * on the stack of one call.
 */
#ifndef IMAP_FLIGHT_IMPL_H
#define IMAP_FLIGHT_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "imap/session_impl.h"

struct run {
	struct session *s;
	struct flight *f;
	const struct response_handler *handler; /* NULL: none */
	session_challenge_fn *challenge;        /* NULL: none */
	void *challenge_arg;
	bool *eaten;  /* the first is an early login; NULL: it is not */
	bool idle;    /* its one command is IDLE ... */
	bool idling;  /* ... and the server said "+" */
	uint32_t first_tag; /* of command 0 */
	/* the place up to which commands were put into the buffer */
	size_t sending;     /* f->len: all were */
	bool begun;         /* its tag was written */
	size_t part;
	size_t offset;      /* in a part of text, or in a literal's bytes */
	uint64_t left;      /* of a literal */
	bool announced;     /* the literal's size was written */
	bool waiting;       /* for "+" before the literal's bytes */
	/* answers */
	size_t unanswered;
	size_t expected[EXPECT_COUNT];
};

/* Fills the output buffer as far as is allowed now. */
bool flight_fill(struct run *run, struct error *err) ATTR_MUST_CHECK;
/* Gives up the command being written: the server has refused it. */
void flight_skip(struct run *run);
/* One response. */
bool flight_response(struct run *run, const struct response *r,
	struct error *err) ATTR_MUST_CHECK;
/* All that was read already, as far as it belongs to this flight. */
bool flight_take(struct run *run, struct error *err) ATTR_MUST_CHECK;
/* Some bytes out, some in. */
bool flight_exchange(struct session *s, struct error *err) ATTR_MUST_CHECK;
/* The n of a tag "An"; 0 for what was never one of ours. */
uint32_t flight_tag_number(struct span tag);
bool flight_finished(const struct run *run);
/* A piece of a message body. */
bool flight_literal(struct run *run, enum literal_event what, uint64_t size,
	struct span data, struct error *err) ATTR_MUST_CHECK;

#endif
