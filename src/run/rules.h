/*
 * The rules of one repository for its folders' names: folders or folderfilter
 * and folderincludes, rename or nametrans.  Whatever a side's rules are
 * written in, they are asked about all names at once.  Account runner.
 */
#ifndef RUN_RULES_H
#define RUN_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "attr.h"
#include "base/vec.h"
#include "conf/pattern.h"
#include "error.h"

struct conf_repo;
struct python;
struct tree_name;

struct rules {
	const struct conf_repo *repo; /* borrowed, as is python */
	struct python *python;
	const char *const *only; /* names of -f: in whatever the filter says;
	                            NULL: there are none */
	struct folders_rule *folders; /* NULL: none */
	struct rename_rule *rename;   /* NULL: none */
	struct vec includes;          /* of char *: folderincludes */
};

/* A special use and its bit, also for those who show them. */
extern const struct pattern_use rules_uses[];
extern const size_t rules_use_count;

/* only: borrowed.  To be cleared in any case. */
bool rules_init(struct rules *rules, const struct conf_repo *repo,
	struct python *python, const char *const *only, struct error *err)
	ATTR_MUST_CHECK;
void rules_clear(struct rules *rules);

/* Whether names are changed; whether anything at all is asked that cannot be
 * asked about a name that is no UTF-8. */
bool rules_translates(const struct rules *rules);
bool rules_needs_text(const struct rules *rules);

/* Whether -f names this folder, or there is no -f. */
bool rules_asked_for(const struct rules *rules, const char *name);
/* Sets filtered and why of each. */
bool rules_filter(const struct rules *rules, struct tree_name *const *names,
	size_t len, char separator, struct error *err) ATTR_MUST_CHECK;
/* out: len malloc'd names; NULLs when nothing is translated. */
bool rules_translate(const struct rules *rules, const char *const *names,
	size_t len, char **out, struct error *err) ATTR_MUST_CHECK;

#endif
