/*
 * What naming*.c share, and nobody else sees.  Account runner.
 */
#ifndef RUN_NAMING_IMPL_H
#define RUN_NAMING_IMPL_H

#include "attr.h"
#include "run/naming.h"

/* The listed or planned name; NULL: none. */
struct tree_name *naming_find(const struct naming_side *s, const char *name);

/* Folders of folderincludes that the server does not list but opens. */
bool naming_add_includes(struct naming *n, struct naming_side *s,
	struct error *err) ATTR_MUST_CHECK;
/* Rules see text.  A folder whose name is none is left out on both sides. */
void naming_leave_out_bytes(struct naming *n, struct naming_side *s);
/* Whether the rules of its side can be asked about it; if not, it is left
 * out. */
void naming_leave_out(struct tree_name *name);

/* Asks a side's rules about all its names, or about these. */
bool naming_filter(struct naming_side *s, struct error *err) ATTR_MUST_CHECK;
bool naming_translate_side(struct naming_side *s, struct error *err)
	ATTR_MUST_CHECK;
bool naming_translate(const struct naming_side *s,
	struct tree_name *const *names, size_t len, struct error *err)
	ATTR_MUST_CHECK;
/* decodefoldernames: the local side has UTF-8 where the server has modified
 * UTF-7. */
void naming_decode(const struct naming *n, struct tree_name *name);

/* Adds the local folders that remote ones lead to: the local rules are asked
 * about them as well, before they are there. */
void naming_plan_local(struct naming *n);
/* What the remote rules make of the names that local folders would have on
 * the server, in one question for those that it does not list. */
bool naming_ask_back(struct naming *n, struct error *err) ATTR_MUST_CHECK;
/* The order of foldersort. */
bool naming_sort(struct naming *n, struct error *err) ATTR_MUST_CHECK;

#endif
