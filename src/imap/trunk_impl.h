/*
 * The inside of a trunk: its branches, and one physical flight made of theirs.
 * trunk.c makes branches and takes their flights, trunk_fly.c puts them
 * together, trunk_route.c hands on what the server says.  The member's thread
 * and that of the task whose turn it is.
 */
#ifndef IMAP_TRUNK_IMPL_H
#define IMAP_TRUNK_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "imap/session_impl.h"

struct task;
struct trunk;

/* What a branch's flight needs, in the order in which flights leave. */
enum segment_kind {
	SEGMENT_MAILBOX, /* a selected mailbox, its own or SELECT again */
	SEGMENT_FREE,    /* none */
	SEGMENT_APPEND,  /* none; it may have to wait for "+" */
	SEGMENT_CAREFUL, /* it deletes: the answer to a SELECT comes before */
};

/* Beside the session that a job has: session->branch. */
struct branch {
	struct trunk *trunk;
	struct task *task;   /* NULL: it does not wait for others */
	unsigned generation; /* of the trunk's connection */
	/* what it has selected */
	bool selected;
	struct cmd select; /* as it is to be repeated */
	uint32_t uidvalidity;
	/* its flight, while that waits or is under way */
	bool waiting;
	struct session *session;
	struct flight *f;
	const struct response_handler *handler; /* NULL: none */
	enum segment_kind kind;
	bool own_select; /* SELECT or EXAMINE of its own come first */
	bool failed;     /* what comes for it is dropped */
	bool gave_up;    /* ... because its handler said so */
	struct error err;
	size_t left;     /* unanswered */
	size_t expected[EXPECT_COUNT]; /* the same by kind */
	bool reached;    /* see session_reached */
};

struct trunk {
	struct session *session;
	unsigned generation;
	struct vec waiting;      /* of struct branch *, in order */
	struct branch *selected; /* whose mailbox is; NULL: nobody's */
	bool open;               /* some mailbox may be */
	bool lost_at_one;        /* in the middle of a branch's flight */
	bool flying;
};

/* One command of the physical flight. */
enum place_kind {
	PLACE_OWN,      /* the branch's */
	PLACE_SELECT,   /* its SELECT again */
	PLACE_UNSELECT, /* nobody's */
};

struct place {
	enum place_kind kind;
	struct branch *branch;
	size_t index; /* in the branch's flight */
	enum expect verb;
};

struct passage {
	struct trunk *trunk;
	struct flight f;
	struct vec places;   /* of struct place, one for each command */
	struct vec branches; /* of struct branch *: whose commands these are */
	/* while it is made: after the last command */
	struct branch *will;  /* as here */
	bool will_open;       /* a mailbox may be selected */
	/* while answers come */
	uint32_t first_tag;
	size_t low;           /* the first unanswered command */
	struct branch *here;  /* whose mailbox is open; NULL: nobody's */
	bool old_open;        /* what comes before the OK of a SELECT may be
	                         of another mailbox */
	bool closed;          /* that one was closed: CLOSED */
	uint32_t uidvalidity; /* told since the last answer to a SELECT */
};

/* From session_flight, in the task. */
bool trunk_flight(struct session *s, struct flight *f,
	const struct response_handler *handler, struct error *err)
	ATTR_MUST_CHECK;
bool trunk_branch_alive(const struct session *s);
void trunk_branch_close(struct session *s);

/* Counts the commands of its flight, from this one on. */
void branch_count(struct branch *b, size_t from);

/* trunk_route.c */
/* The handler of the physical flight; it gives the session up (false) only
 * when nobody wants what is still to come. */
struct response_handler passage_handler(struct passage *p);
/* Its flight fails, the others go on. */
void branch_fail(struct branch *b, const struct error *err);
void branch_unselect(struct branch *b);

#endif
