#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/python.h"
#include "imap/utf7.h"
#include "mem.h"
#include "run/naming_impl.h"
#include "str.h"

static char *encode(const struct naming *n, char *name)
{
	struct str wire = {0};

	if (!n->remote.repo->decodefoldernames ||
		!utf7_encode(span_of(name), &wire))
		return name;
	free(name);
	return str_detach(&wire);
}

static char *across_local(const struct naming *n,
	const struct tree_name *remote)
{
	return tree_across(remote->visible ? remote->visible : remote->name,
		n->remote.separator, n->local.separator);
}

static int by_local(const void *a, const void *b)
{
	const struct naming_image *x = a, *y = b;
	int order = strcmp(x->local, y->local);

	return order ? order : (x->remote > y->remote) -
		(x->remote < y->remote);
}

static int by_local_key(const void *key, const void *image)
{
	return strcmp(key, ((const struct naming_image *)image)->local);
}

static void find_images(struct naming *n)
{
	for (size_t i = 0; i < n->remote.names.len; i++) {
		const struct tree_name *remote = vec_at(&n->remote.names, i);
		struct naming_image *image;

		if (remote->filtered)
			continue;
		image = vec_add(&n->images);
		image->local = across_local(n, remote);
		image->remote = remote;
	}
	if (n->images.len > 1)
		qsort(n->images.data, n->images.len, n->images.size, by_local);
}

/* The remote folder that leads to this local one, NULL when there is none. */
static const struct tree_name *source(const struct naming *n,
	const char *local)
{
	const struct naming_image *image = n->images.len == 0 ? NULL :
		bsearch(local, n->images.data, n->images.len, n->images.size,
		by_local_key);

	return image ? image->remote : NULL;
}

void naming_plan_local(struct naming *n)
{
	bool text = rules_needs_text(&n->local.rules);

	find_images(n);
	for (size_t i = 0; i < n->images.len; i++) {
		const struct naming_image *image = vec_at(&n->images, i);
		struct tree_name *planned;

		if (naming_find(&n->local, image->local))
			continue;
		planned = vec_add(&n->local.names);
		planned->name = mem_strdup(image->local);
		planned->planned = true;
		if (text && !python_name_fits(image->local))
			naming_leave_out(planned);
	}
}

/* ---- The way back ---- */

/* Whether the server's rename makes this local name of the remote one. */
static bool leads_to(const struct naming *n, char *remote, const char *local)
{
	struct error ignored = {0};
	struct tree_name probe = {.name = remote};
	char *to;
	bool same;

	probe.visible = rename_rule_apply(n->remote.rules.rename, remote,
		&ignored);
	if (!probe.visible)
		return false;
	naming_decode(n, &probe);
	to = across_local(n, &probe);
	same = strcmp(to, local) == 0;
	free(to);
	free(probe.visible);
	return same;
}

/* rename= on the server's side alone needs no inverse on the other: a name
 * that it has made goes back to what it was made from, a new one to what it
 * can be made from.  That comes before the name itself: who takes the prefix
 * of all folders away wants new ones to have it.  INBOX is INBOX. */
static char *undo(const struct naming *n, const struct tree_name *local)
{
	const struct tree_name *from = source(n, local->name);
	char *plain, *back;

	if (from)
		return mem_strdup(from->name);
	plain = encode(n, tree_across(local->name, n->local.separator,
		n->remote.separator));
	if (ascii_casecmp(plain, "INBOX") == 0)
		return plain;
	back = rename_rule_undo(n->remote.rules.rename, plain);
	if (back && leads_to(n, back, local->name)) {
		free(plain);
		return back;
	}
	free(back);
	return plain;
}

static void find_back(struct naming *n, struct tree_name *local)
{
	if (n->remote.rules.rename && !rules_translates(&n->local.rules))
		local->back = undo(n, local);
	else
		local->back = encode(n, tree_across(local->visible ?
			local->visible : local->name, n->local.separator,
			n->remote.separator));
}

bool naming_ask_back(struct naming *n, struct error *err)
{
	struct vec unknown = VEC(struct tree_name *);
	struct tree_name *probe = mem_calloc(n->local.names.len + 1,
		sizeof(*probe));
	size_t len = 0;
	bool good;

	for (size_t i = 0; i < n->local.names.len; i++) {
		struct tree_name *local = vec_at(&n->local.names, i);
		const struct tree_name *listed;

		if (local->filtered)
			continue;
		find_back(n, local);
		listed = naming_find(&n->remote, local->back);
		probe[len].name = local->back;
		if (listed) {
			local->back_filtered = listed->filtered ||
				!rules_asked_for(&n->remote.rules,
				listed->name);
			local->again = listed->visible ?
				mem_strdup(listed->visible) : NULL;
		} else if (local->back[0] && python_name_fits(local->back)) {
			probe[len].rank = i;
			*(struct tree_name **)vec_add(&unknown) = &probe[len++];
		}
	}
	good = rules_filter(&n->remote.rules, unknown.data, unknown.len,
		n->remote.separator, err) &&
		(!rules_translates(&n->remote.rules) ||
		naming_translate(&n->remote, unknown.data, unknown.len, err));
	for (size_t i = 0; i < len; i++) {
		struct tree_name *local = vec_at(&n->local.names,
			probe[i].rank);

		naming_decode(n, &probe[i]);
		local->back_filtered = probe[i].filtered ||
			!rules_asked_for(&n->remote.rules, probe[i].name);
		local->again = probe[i].visible;
	}
	free(probe);
	vec_clear(&unknown);
	return good;
}

/* ---- Order ---- */

/* foldersort compares visible names: of what is there, and of what will be. */
bool naming_sort(struct naming *n, struct error *err)
{
	struct vec at = VEC(struct tree_name *);
	const char **names;
	size_t *order;
	bool good;

	if (!n->remote.repo->foldersort.text)
		return true;
	for (size_t i = 0; i < n->remote.names.len; i++)
		*(struct tree_name **)vec_add(&at) =
			vec_at(&n->remote.names, i);
	for (size_t i = 0; i < n->local.names.len; i++)
		*(struct tree_name **)vec_add(&at) =
			vec_at(&n->local.names, i);
	names = mem_calloc(at.len + 1, sizeof(*names));
	order = mem_calloc(at.len + 1, sizeof(*order));
	for (size_t i = 0; i < at.len; i++) {
		const struct tree_name *name =
			*(struct tree_name **)vec_at(&at, i);

		names[i] = i >= n->remote.names.len ?
			(name->again ? name->again : name->back) :
			name->visible ? name->visible : name->name;
		if (!names[i] || !python_name_fits(names[i]))
			names[i] = "";
	}
	good = python_sort(n->remote.rules.python,
		&n->remote.repo->foldersort, names, at.len, order, err);
	for (size_t i = 0; good && i < at.len; i++)
		(*(struct tree_name **)vec_at(&at, order[i]))->rank = i;
	free(names);
	free(order);
	vec_clear(&at);
	return good;
}
