#include "config.h"

#include "run/naming.h"

#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "conf/conf.h"
#include "mail/store.h"
#include "mem.h"
#include "run/case_blind.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "run/naming_impl.h"
#include "run/overlap.h"
#include "str.h"

static void side_init(struct naming_side *s, struct connector *c,
	enum connector_side side)
{
	const struct conf_repo *repo = c->login[side].repo;

	s->repo = repo;
	s->names = (struct vec)VEC(struct tree_name);
	s->rules = (struct rules){.repo = repo, .includes = VEC(char *)};
	s->may_create = repo->createfolders && !repo->readonly;
	s->server = connector_is_server(c, side);
}

void naming_init(struct naming *n, struct connector *connector,
	struct worker *w)
{
	*n = (struct naming){.connector = connector, .w = w,
		.images = VEC(struct naming_image), .tree = TREE_RESULT};
	side_init(&n->remote, connector, CONNECTOR_REMOTE);
	side_init(&n->local, connector, CONNECTOR_LOCAL);
}

static void side_clear(struct naming_side *s)
{
	for (size_t i = 0; i < s->names.len; i++) {
		struct tree_name *name = vec_at(&s->names, i);

		free(name->name);
		free(name->visible);
		free(name->back);
		free(name->again);
	}
	vec_clear(&s->names);
	rules_clear(&s->rules);
}

void naming_clear(struct naming *n)
{
	side_clear(&n->remote);
	side_clear(&n->local);
	for (size_t i = 0; i < n->images.len; i++)
		free(((struct naming_image *)vec_at(&n->images, i))->local);
	vec_clear(&n->images);
	tree_result_clear(&n->tree);
}

/* ---- All of it ---- */

/* A rule that leaves out \Trash leaves out nothing when no folder is marked
 * so, which its writer should know. */
static void warn_uses(const struct naming *n, const struct naming_side *s)
{
	const char *use;

	for (size_t i = 0; s->rules.folders &&
		(use = folders_rule_use(s->rules.folders, i)); i++) {
		bool found = false;

		for (size_t k = 0; k < s->names.len * rules_use_count; k++) {
			const struct tree_name *name = vec_at(&s->names,
				k / rules_use_count);
			const struct pattern_use *known =
				&rules_uses[k % rules_use_count];

			found |= (name->attributes & known->bit) != 0 &&
				ascii_casecmp(known->name, use) == 0;
		}
		if (!found)
			worker_log(n->w, EVENT_WARNING, AREA_GENERAL,
				"%s: folders names %s, but the server marks "
				"no folder so", s->repo->name, use);
	}
}

static bool ask(struct naming *n, struct error *err)
{
	const char *const *only =
		engine_options(n->connector->engine)->folders;
	struct python *python = n->connector->python;

	if (!rules_init(&n->remote.rules, n->remote.repo, python, only, err) ||
		!rules_init(&n->local.rules, n->local.repo, python, NULL,
		err) || !naming_add_includes(n, &n->remote, err) ||
		!naming_add_includes(n, &n->local, err))
		return false;
	n->ruled = rules_translates(&n->remote.rules) ||
		rules_translates(&n->local.rules);
	naming_leave_out_bytes(n, &n->remote);
	naming_leave_out_bytes(n, &n->local);
	if (!naming_filter(&n->remote, err) ||
		!naming_translate_side(&n->remote, err))
		return false;
	for (size_t i = 0; i < n->remote.names.len; i++)
		naming_decode(n, vec_at(&n->remote.names, i));
	naming_plan_local(n);
	warn_uses(n, &n->remote);
	warn_uses(n, &n->local);
	return naming_filter(&n->local, err) &&
		naming_translate_side(&n->local, err) &&
		naming_ask_back(n, err) && naming_sort(n, err);
}

static struct tree_side tree_side(const struct naming_side *s)
{
	return (struct tree_side){&s->names, s->separator, s->may_create};
}

static void build(struct naming *n)
{
	struct vec told = n->tree.problems;
	struct tree_input in = {
		.remote = tree_side(&n->remote),
		.local = tree_side(&n->local),
		.only = engine_options(n->connector->engine)->folders,
		.ruled = n->ruled,
		.sorted = n->remote.repo->foldersort.text != NULL,
		.local_server = n->local.server,
		.reference = n->remote.repo->reference,
	};

	n->tree.problems = (struct vec)VEC(struct tree_problem);
	tree_build(&in, &n->tree);
	if (n->tree.case_twins && !n->local.server &&
		case_blind(n->local.repo->localfolders)) {
		tree_result_clear(&n->tree);
		in.case_blind = true;
		tree_build(&in, &n->tree);
	}
	for (size_t i = 0; i < told.len; i++)
		*(struct tree_problem *)vec_add(&n->tree.problems) =
			*(struct tree_problem *)vec_at(&told, i);
	vec_clear(&told);
}

bool naming_run(struct naming *n, struct error *err)
{
	if (!ask(n, err)) {
		error_raise(err, ERROR_ACCOUNT);
		return false;
	}
	build(n);
	if (!n->local.server)
		overlap_check(n->connector, &n->tree);
	return true;
}

void naming_tell_faults(const struct naming *n)
{
	const char *local = n->local.repo->name;

	for (size_t i = 0; i < n->tree.faults.len; i++)
		worker_log(n->w, EVENT_WARNING, AREA_GENERAL, "  %s",
			*(char **)vec_at(&n->tree.faults, i));
	if (n->tree.rename)
		worker_log(n->w, EVENT_WARNING, AREA_GENERAL, "a rule for "
			"[Repository %s] that may help: rename = %s", local,
			n->tree.rename);
	if (n->tree.nametrans && !n->remote.repo->rename.text)
		worker_log(n->w, EVENT_WARNING, AREA_GENERAL, "%s "
			"[Repository %s]: nametrans = %s", n->tree.rename ?
			"or, in Python, for" : "a rule that may help, for",
			local, n->tree.nametrans);
}

bool naming_check(struct naming *n, struct error *err)
{
	if (n->tree.faults.len == 0)
		return true;
	naming_tell_faults(n);
	return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG, "the folders' names "
		"do not go together (%zu, listed above; the first: %s); "
		"nothing was changed.  Change nametrans or rename of the "
		"repositories, or leave folders out with folderfilter or "
		"folders", n->tree.faults.len,
		*(char **)vec_at(&n->tree.faults, 0));
}
