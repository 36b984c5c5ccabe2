#include "config.h"

#include "run/naming.h"

#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "conf/conf.h"
#include "conf/python.h"
#include "imap/response.h"
#include "imap/utf7.h"
#include "mail/store.h"
#include "mem.h"
#include "run/case_blind.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "run/overlap.h"
#include "str.h"

/* Why a name is left out that rules cannot be asked about. */
static const char not_text[] = "its name is not UTF-8";

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

/* ---- What is there ---- */

static bool list_side(struct naming_side *s, struct store *store,
	struct error *err)
{
	struct vec folders = VEC(struct folder);
	bool good = store->ops->list(store, &folders, err);

	s->store = store;
	s->separator = store->ops->separator(store);
	for (size_t i = 0; good && i < folders.len; i++) {
		struct folder *f = vec_at(&folders, i);
		struct tree_name *name = vec_add(&s->names);

		name->name = f->name;
		name->attributes = f->attributes;
		f->name = NULL;
	}
	s->listed = s->names.len;
	store_folders_clear(&folders);
	return good;
}

bool naming_list(struct naming *n, struct store *remote, struct store *local,
	struct error *err)
{
	return list_side(&n->remote, remote, err) &&
		list_side(&n->local, local, err);
}

static struct tree_name *find(const struct naming_side *s, const char *name)
{
	for (size_t i = 0; i < s->names.len; i++) {
		struct tree_name *at = vec_at(&s->names, i);

		if (strcmp(at->name, name) == 0)
			return at;
	}
	return NULL;
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* What folderincludes names is UTF-8; the server's own names are only when
 * the account wants them so. */
static void to_wire(struct naming *n, struct rules *rules)
{
	for (size_t i = 0; i < rules->includes.len; i++) {
		char **name = vec_at(&rules->includes, i);
		struct str wire = {0};

		if (n->connector->account->utf8foldernames ||
			is_ascii(*name) ||
			!utf7_encode(span_of(*name), &wire))
			continue;
		free(*name);
		*name = str_detach(&wire);
	}
}

/* Folders that the server does not list but opens. */
static bool add_includes(struct naming *n, struct naming_side *s,
	struct error *err)
{
	struct vec asked = VEC(struct ops_status);
	bool good = true;

	if (!s->server)
		return true;
	to_wire(n, &s->rules);
	for (size_t i = 0; i < s->rules.includes.len; i++) {
		const char *name = *(char **)vec_at(&s->rules.includes, i);
		struct tree_name *listed = find(s, name);

		if (listed) /* whether it is subscribed or not */
			listed->attributes &= ~MAILBOX_UNWANTED;
		else
			((struct ops_status *)vec_add(&asked))->name = name;
	}
	if (asked.len > 0)
		good = s->store->ops->status(s->store, asked.data, asked.len,
			err);
	for (size_t i = 0; good && i < asked.len; i++) {
		struct ops_status *at = vec_at(&asked, i);

		if (at->ok && !find(s, at->name))
			((struct tree_name *)vec_add(&s->names))->name =
				mem_strdup(at->name);
		else if (!at->ok)
			worker_log(n->w, EVENT_WARNING, AREA_GENERAL,
				"%s: folderincludes names the folder \"%s\", "
				"which the server does not open", s->repo->name,
				at->name);
	}
	vec_clear(&asked);
	return good;
}

/* ---- Asking ---- */

static void add_problem(struct naming *n, char *text)
{
	((struct tree_problem *)vec_add(&n->tree.problems))->text = text;
}

/* Rules see text.  A folder whose name is none is left out on both sides. */
static void leave_out_bytes(struct naming *n, struct naming_side *s)
{
	if (!rules_needs_text(&n->remote.rules) &&
		!rules_needs_text(&n->local.rules))
		return;
	for (size_t i = 0; i < s->names.len; i++) {
		struct tree_name *name = vec_at(&s->names, i);

		if (python_name_fits(name->name))
			continue;
		name->filtered = true;
		name->why = not_text;
		add_problem(n, mem_printf("folder \"%s\" of %s is left out: "
			"its name is not UTF-8, so the rules cannot be asked "
			"about it", name->name, s->repo->name));
	}
}

static bool askable(const struct tree_name *name)
{
	return name->why != not_text;
}

/* The names of a list that rules can be asked about, malloc'd. */
static struct tree_name **askable_names(const struct naming_side *s,
	size_t *len)
{
	struct tree_name **out = mem_calloc(s->names.len + 1, sizeof(*out));

	*len = 0;
	for (size_t i = 0; i < s->names.len; i++)
		if (askable(vec_at(&s->names, i)))
			out[(*len)++] = vec_at(&s->names, i);
	return out;
}

static bool filter(struct naming_side *s, struct error *err)
{
	size_t len;
	struct tree_name **names = askable_names(s, &len);
	bool good = rules_filter(&s->rules, names, len, s->separator, err);

	free(names);
	return good;
}

static bool translate(const struct naming_side *s,
	struct tree_name *const *names, size_t len, struct error *err)
{
	const char **asked = mem_calloc(len + 1, sizeof(*asked));
	char **answers = mem_calloc(len + 1, sizeof(*answers));
	bool good;

	for (size_t i = 0; i < len; i++)
		asked[i] = names[i]->name;
	good = rules_translate(&s->rules, asked, len, answers, err);
	for (size_t i = 0; good && i < len; i++)
		names[i]->visible = answers[i];
	free(asked);
	free(answers);
	return good;
}

static bool translate_side(struct naming_side *s, struct error *err)
{
	size_t len;
	struct tree_name **names = askable_names(s, &len);
	bool good = !rules_translates(&s->rules) ||
		translate(s, names, len, err);

	free(names);
	return good;
}

/* decodefoldernames: the local side has UTF-8 where the server has modified
 * UTF-7.  What is none stays as it is. */
static void decode(const struct naming *n, struct tree_name *name)
{
	struct str text = {0};
	const char *visible = name->visible ? name->visible : name->name;

	if (!n->remote.repo->decodefoldernames ||
		!utf7_decode(span_of(visible), &text))
		return;
	free(name->visible);
	name->visible = str_detach(&text);
}

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

/* Local folders that remote ones lead to: the local rules are asked about
 * them as well, before they are there. */
static void plan_local(struct naming *n)
{
	bool text = rules_needs_text(&n->local.rules);

	for (size_t i = 0; i < n->images.len; i++) {
		const struct naming_image *image = vec_at(&n->images, i);
		struct tree_name *planned;

		if (find(&n->local, image->local))
			continue;
		planned = vec_add(&n->local.names);
		planned->name = mem_strdup(image->local);
		planned->planned = true;
		if (!text || python_name_fits(image->local))
			continue;
		planned->filtered = true;
		planned->why = not_text;
	}
}

/* ---- The way back ---- */

/* rename= on the server's side alone needs no inverse on the other: a name
 * that it has made goes back to what it was made from, a new one to what it
 * can be made from.  INBOX is INBOX. */
static char *undo(const struct naming *n, const struct tree_name *local)
{
	const struct tree_name *from = source(n, local->name);
	char *plain, *back, *again, *to;
	struct error ignored = {0};
	bool same;

	if (from)
		return mem_strdup(from->name);
	plain = tree_across(local->name, n->local.separator,
		n->remote.separator);
	if (ascii_casecmp(plain, "INBOX") == 0)
		return plain;
	back = rename_rule_undo(n->remote.rules.rename, plain);
	again = back ? rename_rule_apply(n->remote.rules.rename, back,
		&ignored) : NULL;
	to = again ? tree_across(again, n->remote.separator,
		n->local.separator) : NULL;
	same = to && strcmp(to, local->name) == 0;
	free(again);
	free(to);
	if (!same) {
		free(back);
		return plain;
	}
	free(plain);
	return back;
}

static void find_back(struct naming *n, struct tree_name *local)
{
	bool native = n->remote.rules.rename &&
		!rules_translates(&n->local.rules);

	if (native)
		local->back = undo(n, local);
	else
		local->back = tree_across(local->visible ? local->visible :
			local->name, n->local.separator, n->remote.separator);
	local->back = encode(n, local->back);
}

/* What the remote rules make of the names that local folders would have on
 * the server, in one question for those that it does not list. */
static bool ask_again(struct naming *n, struct error *err)
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
		listed = find(&n->remote, local->back);
		probe[len].name = local->back;
		if (listed) {
			local->back_filtered = listed->filtered;
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
		translate(&n->remote, unknown.data, unknown.len, err));
	for (size_t i = 0; i < len; i++) {
		struct tree_name *local = vec_at(&n->local.names,
			probe[i].rank);

		decode(n, &probe[i]);
		local->back_filtered = probe[i].filtered;
		local->again = probe[i].visible;
	}
	free(probe);
	vec_clear(&unknown);
	return good;
}

/* ---- Order ---- */

/* foldersort compares visible names: of what is there, and of what will be. */
static bool sort(struct naming *n, struct error *err)
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
	bool only = engine_options(n->connector->engine)->folders != NULL;
	struct python *python = n->connector->python;

	if (!rules_init(&n->remote.rules, n->remote.repo, python, only, err) ||
		!rules_init(&n->local.rules, n->local.repo, python, false,
		err) || !add_includes(n, &n->remote, err) ||
		!add_includes(n, &n->local, err))
		return false;
	n->ruled = rules_translates(&n->remote.rules) ||
		rules_translates(&n->local.rules);
	leave_out_bytes(n, &n->remote);
	leave_out_bytes(n, &n->local);
	if (!filter(&n->remote, err) || !translate_side(&n->remote, err))
		return false;
	for (size_t i = 0; i < n->remote.names.len; i++)
		decode(n, vec_at(&n->remote.names, i));
	find_images(n);
	plan_local(n);
	warn_uses(n, &n->remote);
	warn_uses(n, &n->local);
	return filter(&n->local, err) && translate_side(&n->local, err) &&
		ask_again(n, err) && sort(n, err);
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
