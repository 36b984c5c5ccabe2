#include "config.h"

#include "run/overlap.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "conf/conf.h"
#include "mem.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "sync/tree.h"

/* One part of a path that is not there yet, behind those resolved already.
 * Takes above. */
static char *step(char *above, const char *part)
{
	char *slash = strrchr(above, '/'), *out;

	if (part[0] == '\0' || strcmp(part, ".") == 0)
		return above;
	if (strcmp(part, "..") == 0) {
		if (slash)
			slash[slash == above ? 1 : 0] = '\0';
		return above;
	}
	out = file_join(above, part);
	free(above);
	return out;
}

/* The path without links, as far as it is there, and without dots.
 * malloc'd. */
static char *resolve(const char *path)
{
	char *real = realpath(path, NULL), *up, *out;
	const char *slash;

	if (real)
		return real;
	slash = strrchr(path, '/');
	if (!slash || slash == path)
		return mem_strdup(path);
	up = mem_strndup(path, (size_t)(slash - path));
	out = step(resolve(up), slash + 1);
	free(up);
	return out;
}

static bool lies_in(const char *path, const char *root)
{
	size_t len = strlen(root);

	return strncmp(path, root, len) == 0 &&
		(path[len] == '\0' || path[len] == '/');
}

static void add_fault(struct tree_result *tree, char *text)
{
	*(char **)vec_add(&tree->faults) = text;
}

static bool is_active(const struct connector *c, const char *name)
{
	const char *const *active = engine_options(c->engine)->accounts;

	if (!active)
		active = engine_conf(c->engine)->accounts;
	for (; active && *active; active++)
		if (strcmp(*active, name) == 0)
			return true;
	return false;
}

static void check_account(const struct connector *c, const char *root,
	const struct conf_account *other, struct tree_result *tree)
{
	const struct conf_account *own = c->account;
	char *there;

	if (other == own || !is_active(c, other->name) ||
		!other->local->localfolders)
		return;
	if (other->local == own->local && other->remote == own->remote)
		return;
	there = resolve(other->local->localfolders);
	if (strcmp(there, root) == 0)
		add_fault(tree, mem_printf("account %s and account %s have "
			"the same directory, %s", own->name, other->name,
			root));
	free(there);
}

static void check_folders(const struct connector *c, const char *root,
	const struct conf_repo *other, struct tree_result *tree)
{
	char *there = resolve(other->localfolders);
	bool below = lies_in(there, root) && strcmp(there, root) != 0;

	for (size_t i = 0; below && i < tree->pairs.len; i++) {
		const struct tree_pair *p = vec_at(&tree->pairs, i);
		char *joined = file_join(root, p->local);
		char *path = p->local[0] ? resolve(joined) : mem_strdup(root);

		if (lies_in(path, there))
			add_fault(tree, mem_printf("local \"%s\" of %s is in "
				"%s, the directory of %s", p->local,
				c->account->local->name, other->localfolders,
				other->name));
		free(joined);
		free(path);
	}
	free(there);
}

void overlap_check(const struct connector *c, struct tree_result *tree)
{
	const struct conf *conf = engine_conf(c->engine);
	char *root = resolve(c->account->local->localfolders);

	for (size_t i = 0; i < conf->account_count; i++)
		check_account(c, root, &conf->account[i], tree);
	for (size_t i = 0; i < conf->repo_count; i++)
		if (&conf->repo[i] != c->account->local &&
			conf->repo[i].localfolders)
			check_folders(c, root, &conf->repo[i], tree);
	free(root);
}
