/*
 * What tree*.c share, and nobody else sees: names as files and paths, the
 * work in progress, the check of the whole mapping.  Pure.
 */
#ifndef SYNC_TREE_IMPL_H
#define SYNC_TREE_IMPL_H

#include <stdbool.h>

#include "attr.h"
#include "str.h"
#include "sync/tree.h"

/* A remote folder while it is not yet known to stay. */
struct tree_candidate {
	struct tree_pair pair;
	const struct tree_name *remote;
	bool listed;  /* the local side has it */
	bool refused;
};

struct tree_builder {
	const struct tree_input *in;
	struct tree_result *out;
	struct vec candidate; /* of struct tree_candidate; sorted */
	struct vec local;     /* of struct tree_name *, sorted by name */
	struct vec taken;     /* of char *, borrowed: local names the remote
	                         folders translate to, sorted */
	bool outside_told;
};

bool tree_is_inbox(const char *name);
/* Whether it is INBOX on both sides, or the same bytes. */
bool tree_same_remote(const char *a, const char *b);
/* Byte order where ASCII case makes no difference. */
int tree_compare_nocase(const char *a, const char *b);
void tree_sort(struct vec *v, int (*compare)(const void *, const void *));

/* NULL, or why the name cannot become a path below the local root (S4). */
const char *tree_unsafe_path(const char *name, char separator);
bool tree_bases_fit(const struct tree_pair *p);
/* Takes remote and local.  The names' own rules may be NULL (none). */
void tree_pair_fill(struct tree_pair *p, const struct tree_input *in,
	const struct tree_name *remote_name, char *remote,
	const struct tree_name *local_name, char *local);
void tree_pair_clear(struct tree_pair *p);
/* The name on the server of a local folder, malloc'd. */
char *tree_back(const struct tree_input *in, const struct tree_name *local)
	ATTR_RETURNS_NONNULL;
/* What the local name would be after the way there and back, malloc'd. */
char *tree_again(const struct tree_input *in, const struct tree_name *local,
	const char *back) ATTR_RETURNS_NONNULL;
/* Whether the server can show a folder of this name. */
bool tree_inside(const struct tree_input *in, const char *remote);

/* The local name as listed or planned; NULL: neither. */
const struct tree_name *tree_local(const struct tree_builder *b,
	const char *name);
/* The local name, malloc'd, that a remote folder has and that is this one in
 * the other encoding, modified UTF-7 or UTF-8; NULL: there is none. */
char *tree_recoded(const struct tree_builder *b, const char *name);
bool tree_asked_for(const struct tree_builder *b, const char *remote);
void tree_fault(struct tree_builder *b, const char *fmt, ...)
	ATTR_PRINTF(2, 3);
/* Names of the remote list that do not come back. */
void tree_check_back(struct tree_builder *b);
/* Fills in rename and nametrans. */
void tree_suggest(struct tree_builder *b);

#endif
