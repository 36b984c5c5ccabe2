/*
 * Two folder lists become pairs: which folders belong together, which are to
 * be created, which cannot be carried over and why.  Pure.  Account runner.
 * Rules: offlineimap-compat 4.2, 4.3, 3.2; S4; hazards 9.2, 9.6.
 */
#ifndef SYNC_TREE_H
#define SYNC_TREE_H

#include <stdbool.h>

#include "base/vec.h"

struct tree_side {
	const struct vec *folders; /* of struct folder */
	char separator;            /* 0: flat */
	bool may_create;
};

struct tree_pair {
	char *remote, *local; /* each side's own name */
	char *visible;        /* remote name, '.' for the separator: state */
	char *state_base, *remote_base, *local_base; /* files, compat 3.2 */
	char *hash_name; /* the local name after the local side's translation:
	                    what FMD5= of its files is made from */
	bool create_remote, create_local;
	unsigned attributes;  /* the server's */
};

/* only: NULL, or the NULL-terminated remote names of -f.  pairs: vec of
 * struct tree_pair, ordered INBOX first, then by lower-cased visible name.
 * problems: vec of char *, a sentence for each folder that is left out
 * although it was asked for (unsafe name, separator inside a name, two names
 * that meet in one, INBOX in other case).  A name in only that neither side
 * has is a problem too. */
void tree_build(const struct tree_side *remote, const struct tree_side *local,
	const char *const *only, struct vec *pairs, struct vec *problems);
void tree_clear(struct vec *pairs);

#endif
