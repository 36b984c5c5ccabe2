/*
 * A worker of a round: its connection, and the folder pairs that it takes until
 * none is left, many at once (convoy.h).  The first is the runner itself,
 * further ones have threads of their own.
 */
#ifndef RUN_MEMBER_H
#define RUN_MEMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "attr.h"
#include "base/vec.h"
#include "base/worker.h"

struct connector;
struct ignore;
struct jobs;
struct member;
struct memory;
struct paths;
struct share;
struct store;
struct tree_pair;

/* What all members of a round share; const while they run. */
struct member_round {
	struct connector *connector;
	const struct paths *paths;
	const struct vec *pairs; /* of struct tree_pair */
	const bool *left_out;    /* by index: not to be done */
	const struct memory *memory; /* of earlier rounds */
	const struct ignore *ignored; /* by index: not to be copied */
	struct jobs *jobs;       /* has its own lock */
	struct share *share;     /* likewise; NULL: nobody helps */
	size_t members;          /* how many there are that take jobs */
	bool quick;
};

/* Works in the caller's thread with the sessions of these stores; a store is
 * replaced by another over the same, or another, connection (NULL when there
 * is none any more). */
void member_work(const struct member_round *round, struct worker *w,
	struct store **remote, struct store **local);

/* Starts a thread with a connection of its own; when that cannot be had, the
 * others go on without it.  number: its place among the further workers.
 * idle: there is no job for it, it connects when there are slices. */
struct member *member_start(const struct member_round *round,
	const struct worker *w, size_t number, bool idle);
/* The name of the thread that works at a folder, malloc'd. */
char *member_thread(const struct tree_pair *pair, const struct worker *w)
	ATTR_RETURNS_NONNULL;
/* Waits, frees; a session that it leaves is held.  Runner's thread. */
void member_join(struct member *member, struct worker *w);

#endif
