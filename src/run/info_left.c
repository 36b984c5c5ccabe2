#include "config.h"

#include "run/info_left.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "imap/response.h"
#include "mem.h"
#include "run/naming.h"
#include "run/rules.h"

#define NOT_OURS (MAILBOX_NOSELECT | MAILBOX_NONEXISTENT | MAILBOX_UNWANTED)

static bool is_paired(const struct naming *n, const char *remote,
	const char *local)
{
	for (size_t i = 0; i < n->tree.pairs.len; i++) {
		const struct tree_pair *p = vec_at(&n->tree.pairs, i);

		if ((remote && strcmp(p->remote, remote) == 0) ||
			(local && strcmp(p->local, local) == 0))
			return true;
	}
	return false;
}

static const struct tree_name *find_local(const struct naming *n,
	const char *name)
{
	for (size_t i = 0; i < n->local.names.len; i++) {
		const struct tree_name *local = vec_at(&n->local.names, i);

		if (strcmp(local->name, name) == 0)
			return local;
	}
	return NULL;
}

/* Why the other side may not get a folder. */
static const char *forbidden(const struct conf_repo *repo)
{
	return repo->readonly ? "readonly" : "createfolders = no";
}

static char *remote_reason(const struct naming *n,
	const struct naming_image *image)
{
	const struct tree_name *local = find_local(n, image->local);
	const char *name = image->remote->name;

	if (local && local->filtered)
		return mem_printf("remote folder \"%s\": the rules of %s leave "
			"out \"%s\"", name, n->local.repo->name,
			image->local);
	if ((local && !local->planned) || n->local.may_create)
		return NULL;
	return mem_printf("remote folder \"%s\": %s lacks it (%s)", name,
		n->local.repo->name, forbidden(n->local.repo));
}

static char *local_reason(const struct naming *n,
	const struct tree_name *local)
{
	if (local->back_filtered)
		return mem_printf("local folder \"%s\": the rules of %s leave "
			"it out", local->name, n->remote.repo->name);
	if (n->remote.may_create)
		return NULL;
	return mem_printf("local folder \"%s\": %s lacks it (%s)",
		local->name, n->remote.repo->name,
		forbidden(n->remote.repo));
}

static void tell(char *sentence, info_left_fn *each, void *arg)
{
	if (sentence)
		each(arg, sentence);
	free(sentence);
}

/* What -f leaves out is no news. */
static bool is_wanted(const struct naming *n, const struct tree_name *remote)
{
	return !(remote->attributes & NOT_OURS) &&
		rules_asked_for(&n->remote.rules, remote->name) &&
		!is_paired(n, remote->name, NULL);
}

void info_left(const struct naming *n, info_left_fn *each, void *arg)
{
	for (size_t i = 0; i < n->images.len; i++) {
		const struct naming_image *image = vec_at(&n->images, i);

		if (is_wanted(n, image->remote))
			tell(remote_reason(n, image), each, arg);
	}
	for (size_t i = 0; i < n->local.listed; i++) {
		const struct tree_name *local = vec_at(&n->local.names, i);

		if (!local->filtered && local->name[0] != '\0' &&
			!n->remote.rules.only &&
			!is_paired(n, NULL, local->name))
			tell(local_reason(n, local), each, arg);
	}
}
