/*
 * What copy_ignore_eval names: UIDs of each folder that are not copied from
 * that repository.  Asked once for a round, all folders of a repository in one
 * request, by the account's runner before the workers begin; const while they
 * work.
 */
#ifndef RUN_IGNORE_H
#define RUN_IGNORE_H

#include <stdbool.h>
#include <stddef.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"
#include "imap/seqset.h"

struct conf_account;
struct python;
struct worker;

struct ignore {
	struct seqset *set[2]; /* by enum plan_side, then by index of the
	                          pairs; NULL: nothing is named */
	size_t len;
};

/* pairs: of struct tree_pair.  The separators are those of the two sides; 0:
 * flat.  python is used only when there is an expression. */
bool ignore_find(struct ignore *ignore, const struct conf_account *account,
	const struct vec *pairs, const char separator[2],
	struct python *python, struct error *err) ATTR_MUST_CHECK;
void ignore_clear(struct ignore *ignore);
/* NULL: none. */
const struct seqset *ignore_get(const struct ignore *ignore, int side,
	size_t index);

#endif
