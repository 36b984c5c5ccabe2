/*
 * The folders of both sides of an account and what the rules say of them:
 * lists them, asks each rule once about all names, and gives the answers to
 * the tree (sync/tree.h).  Without expressions nothing is started.
 *
 *	struct naming n;
 *	naming_init(&n, connector, w);
 *	if (naming_list(&n, remote, local, &err) && naming_run(&n, &err) &&
 *		naming_check(&n, &err))
 *		use n.tree
 *	naming_clear(&n);
 *
 * Account runner.  Rules: offlineimap-compat 2.3, 4.2, 4.3; -f: 1.
 */
#ifndef RUN_NAMING_H
#define RUN_NAMING_H

#include <stdbool.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"
#include "run/rules.h"
#include "sync/tree.h"

struct connector;
struct store;
struct worker;

struct naming_side {
	const struct conf_repo *repo;
	struct store *store; /* lent by naming_list */
	struct rules rules;
	struct vec names;   /* of struct tree_name; whose strings it owns */
	size_t listed;      /* how many of them are there */
	char separator;
	bool may_create;
	bool server;
};

/* A remote folder and the local name that it leads to. */
struct naming_image {
	char *local;
	const struct tree_name *remote;
};

struct naming {
	struct connector *connector; /* borrowed, as is w */
	struct worker *w;
	struct naming_side remote, local;
	struct tree_result tree;
	struct vec images;  /* of struct naming_image, sorted by local name */
	bool ruled; /* a rule changes names */
};

void naming_init(struct naming *n, struct connector *connector,
	struct worker *w);
void naming_clear(struct naming *n);

bool naming_list(struct naming *n, struct store *remote, struct store *local,
	struct error *err) ATTR_MUST_CHECK;
/* Asks, and builds the tree.  False: a rule cannot be asked. */
bool naming_run(struct naming *n, struct error *err) ATTR_MUST_CHECK;
/* False when the tree has faults: they are told line by line, *err sums up;
 * then nothing may be done. */
bool naming_check(struct naming *n, struct error *err) ATTR_MUST_CHECK;
/* Tells the table of faults, and a rule that may help. */
void naming_tell_faults(const struct naming *n);

#endif
