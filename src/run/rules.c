#include "config.h"

#include "run/rules.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/python.h"
#include "imap/response.h"
#include "mem.h"
#include "str.h"
#include "sync/tree.h"

const struct pattern_use rules_uses[] = {
	{"\\All", MAILBOX_ALL}, {"\\Archive", MAILBOX_ARCHIVE},
	{"\\Drafts", MAILBOX_DRAFTS}, {"\\Flagged", MAILBOX_FLAGGED},
	{"\\Junk", MAILBOX_JUNK}, {"\\Sent", MAILBOX_SENT},
	{"\\Trash", MAILBOX_TRASH}, {"\\Important", MAILBOX_IMPORTANT},
};
const size_t rules_use_count = ARRAY_LEN(rules_uses);

bool rules_init(struct rules *rules, const struct conf_repo *repo,
	struct python *python, const char *const *only, struct error *err)
{
	*rules = (struct rules){.repo = repo, .python = python, .only = only,
		.includes = VEC(char *)};
	if (repo->rename.text) {
		rules->rename = rename_rule_new(&repo->rename, err);
		if (!rules->rename)
			return false;
	}
	if (repo->folders.text) {
		rules->folders = folders_rule_new(&repo->folders, err);
		if (!rules->folders)
			return false;
	}
	return !repo->folderincludes.text || python_list(python,
		&repo->folderincludes, &rules->includes, err);
}

void rules_clear(struct rules *rules)
{
	folders_rule_free(rules->folders);
	rename_rule_free(rules->rename);
	vec_clear_pointers(&rules->includes);
	rules->folders = NULL;
	rules->rename = NULL;
}

bool rules_translates(const struct rules *rules)
{
	return rules->repo->rename.text || rules->repo->nametrans.text;
}

bool rules_needs_text(const struct rules *rules)
{
	return rules_translates(rules) || rules->repo->foldersort.text ||
		rules->repo->folderfilter.text;
}

/* ---- Filter ---- */

static bool is_included(const struct rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->includes.len; i++)
		if (strcmp(*(char **)vec_at(&rules->includes, i), name) == 0)
			return true;
	return false;
}

bool rules_asked_for(const struct rules *rules, const char *name)
{
	const char *const *at = rules->only;

	for (; at && *at; at++)
		if (strcmp(*at, name) == 0 ||
			(ascii_casecmp(*at, "INBOX") == 0 &&
			ascii_casecmp(name, "INBOX") == 0))
			return true;
	return rules->only == NULL;
}

static bool filter_by_python(const struct rules *rules,
	struct tree_name *const *names, size_t len, struct error *err)
{
	const char **asked = mem_calloc(len + 1, sizeof(*asked));
	bool *wanted = mem_calloc(len + 1, sizeof(*wanted));
	bool good;

	for (size_t i = 0; i < len; i++)
		asked[i] = names[i]->name;
	good = python_filter(rules->python, &rules->repo->folderfilter,
		rules->repo->dynamic_folderfilter, asked, len, wanted, err);
	for (size_t i = 0; good && i < len; i++) {
		names[i]->filtered = !wanted[i] &&
			!is_included(rules, names[i]->name);
		names[i]->why = names[i]->filtered ? "" : NULL;
	}
	free(asked);
	free(wanted);
	return good;
}

/* What -f names is in.  What it does not name keeps the filter's answer: it
 * is left alone now, but may be in the way of the others. */
bool rules_filter(const struct rules *rules, struct tree_name *const *names,
	size_t len, char separator, struct error *err)
{
	if (len > 0 && rules->repo->folderfilter.text &&
		!filter_by_python(rules, names, len, err))
		return false;
	for (size_t i = 0; rules->folders && i < len; i++)
		names[i]->filtered = !folders_rule_fits(rules->folders,
			names[i]->name, separator, names[i]->attributes,
			rules_uses, rules_use_count, &names[i]->why);
	for (size_t i = 0; rules->only && i < len; i++)
		if (rules_asked_for(rules, names[i]->name))
			names[i]->filtered = false;
	return true;
}

/* ---- Translation ---- */

bool rules_translate(const struct rules *rules, const char *const *names,
	size_t len, char **out, struct error *err)
{
	bool good = true;

	memset(out, 0, len * sizeof(*out));
	if (len > 0 && rules->repo->nametrans.text)
		return python_translate(rules->python,
			&rules->repo->nametrans, names, len, out, err);
	for (size_t i = 0; rules->rename && good && i < len; i++) {
		out[i] = rename_rule_apply(rules->rename, names[i], err);
		good = out[i] != NULL;
	}
	for (size_t i = 0; !good && i < len; i++) {
		free(out[i]);
		out[i] = NULL;
	}
	return good;
}
