/*
 * Two folder lists become pairs: which folders belong together, which are to
 * be created, which cannot be carried over and why; and whether the names can
 * be trusted at all.  Pure: what the user's rules make of the names is part of
 * the input (run/naming.h asks them).  Account runner.
 * Rules: offlineimap-compat 4.2, 4.3, 3.2; S4; hazards 9.2, 9.6.
 */
#ifndef SYNC_TREE_H
#define SYNC_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "attr.h"
#include "base/vec.h"

/* A folder of one side, and what the rules say of it.  Strings are malloc'd
 * and belong to who made the list. */
struct tree_name {
	char *name;          /* its own side's */
	char *visible;       /* by its own side's rule, separators as in name;
	                        NULL: there is none */
	unsigned attributes; /* the server's */
	size_t rank;         /* place by foldersort */
	bool filtered;       /* its side's filter leaves it out */
	const char *why;     /* the pattern that decided, lent; may be NULL */
	/* Local names only: */
	bool planned;        /* not there; a remote folder leads to it */
	char *back;          /* its name on the server; NULL: by visible */
	char *again;         /* what the remote rule makes of that name; NULL:
	                        there is none */
	bool back_filtered;  /* the remote filter leaves that name out */
};

struct tree_side {
	const struct vec *names; /* of struct tree_name, each once */
	char separator;          /* 0: flat */
	bool may_create;
};

struct tree_input {
	struct tree_side remote, local;
	const char *const *only; /* NULL, or the NULL-terminated remote names
	                            of -f */
	bool ruled;        /* a rule changes names: what is doubtful then is a
	                      fault of the whole, not of one folder */
	bool sorted;       /* by rank; else INBOX, then by visible name */
	bool local_server; /* local names do not become paths */
	bool case_blind;   /* the local disk takes A and a for one name */
	const char *reference; /* server names begin with it, "" for any */
};

struct tree_pair {
	char *remote, *local; /* each side's own name */
	char *visible;        /* remote name by its rule, '.' for the separator:
	                         what the user is told */
	char *remote_visible; /* the same with the server's separator */
	char *state_base, *remote_base, *local_base; /* files, compat 3.2 */
	char *hash_name; /* the local name after the local side's translation:
	                    what FMD5= of its files is made from */
	bool create_remote, create_local;
	unsigned attributes;  /* the server's */
	size_t rank;
};

/* A folder that is left out although it was asked for (unsafe name, separator
 * inside a name, two names that meet in one, INBOX in other case), or a name
 * in only that neither side has. */
struct tree_problem {
	char *text;   /* a sentence */
	bool warning; /* nothing that was asked for is missing */
};

struct tree_result {
	struct vec pairs;    /* of struct tree_pair, in order */
	struct vec problems; /* of struct tree_problem */
	/* vec of char *: lines of a table.  Not empty: nothing may be done. */
	struct vec faults;
	/* Rules for the local side that would repair some of them; NULL when
	 * none is known.  As of rename= and of nametrans=. */
	char *rename, *nametrans;
	bool case_twins; /* names differ in case alone: case_blind matters */
};

#define TREE_RESULT { \
	.pairs = VEC(struct tree_pair), \
	.problems = VEC(struct tree_problem), \
	.faults = VEC(char *), \
}

void tree_build(const struct tree_input *in, struct tree_result *out);
/* Empty, and ready for another tree_build. */
void tree_result_clear(struct tree_result *result);
void tree_clear(struct vec *pairs);

/* A visible name of one side as the other side's name, malloc'd: each
 * separator becomes that of the other; the separator alone is the empty
 * name. */
char *tree_across(const char *visible, char from, char to)
	ATTR_RETURNS_NONNULL;

#endif
