/*
 * What an account remembers from one round to the next (sync/cache.h), and
 * what follows from it: which folder pairs have nothing new, so that nothing
 * of them is opened.  The account's runner, in this order; workers read the
 * rows of their folders meanwhile.
 *
 *	memory_begin     before the login: reads, and prepares the survey
 *	unchanged_find   when pairs and stores are there
 *	memory_get       for each pair that is worked at
 *	memory_end       with the results: looks once more where this run has
 *	                 changed the disk itself, and writes
 *	memory_clear
 *
 * A pair has nothing new when the server's numbers, the local folder's stamp
 * and the stamp of its state are those of when both sides were equal.  All of
 * it is only about time: without the file each folder is compared.
 */
#ifndef RUN_MEMORY_H
#define RUN_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "attr.h"
#include "base/vec.h"
#include "imap/ops_survey.h"
#include "sync/cache.h"

struct connector;
struct ignore;
struct jobs;
struct paths;
struct store;
struct tree_pair;
struct worker;

/* What is found out of one pair. */
struct memory_pair {
	const struct cache_folder *row; /* what is recorded still holds of its
	                                   state; NULL: none */
	struct store_stamp before; /* of the local folder, before anybody looked
	                              into it; not settled: not known */
	bool same;                 /* nothing is new */
};

struct memory {
	/* borrowed, set before memory_begin */
	struct connector *connector;
	const struct paths *paths;
	struct worker *w;
	const struct vec *pairs;      /* of struct tree_pair */
	const struct ignore *ignored;
	bool quick;                   /* compat 4.7 */
	bool whole;                   /* pairs are all that there are */
	/* its own */
	struct cache cache;
	struct survey survey;
	struct memory_pair *pair;     /* by index of pairs; NULL: not yet */
};

void memory_begin(struct memory *m);
/* The rows of these folders, for ops that need only what is new; also which
 * shortcuts are not to be taken. */
const struct cache_folder *memory_get(const struct memory *m, size_t index);
unsigned memory_distrust(const struct memory *m);
/* Remembers what the server offers; its store is open. */
void memory_server(struct memory *m, const struct store *remote);
/* All workers have ended.  local may be NULL. */
void memory_end(struct memory *m, const struct jobs *jobs,
	struct store *local);
void memory_clear(struct memory *m);

/* The state file of the pair, malloc'd. */
char *memory_state_path(const struct memory *m, const struct tree_pair *pair)
	ATTR_RETURNS_NONNULL;
/* The server's folder as on the wire, malloc'd. */
char *memory_wire_name(const struct memory *m, const char *name)
	ATTR_RETURNS_NONNULL;
/* A digest of all names that the rules made for the pair, and of who is logged
 * in; after the login. */
uint64_t memory_rules(const struct memory *m, const struct tree_pair *pair);

/* unchanged.c: fills in m->pair.  left_out: by index of pairs, not looked
 * at. */
void unchanged_find(struct memory *m, const bool *left_out,
	struct store *local);
/* Told as one that a worker takes, so that front ends need not know of it. */
void unchanged_tell(const struct memory *m, size_t index,
	const struct store *remote, const struct store *local);
/* Whether what is new is so little that one connection is enough.  What else
 * is told by left_out and m->pair. */
bool unchanged_few(const struct memory *m, const bool *left_out);
/* How many messages of the pair are new on the server, at most; UINT64_MAX: not
 * told. */
uint64_t unchanged_new(const struct memory *m, size_t index);

#endif
