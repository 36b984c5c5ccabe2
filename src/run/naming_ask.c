#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "conf/conf.h"
#include "conf/python.h"
#include "imap/response.h"
#include "imap/utf7.h"
#include "mail/store.h"
#include "mem.h"
#include "run/connect.h"
#include "run/naming_impl.h"
#include "str.h"

/* Why a name is left out that rules cannot be asked about. */
static const char not_text[] = "its name is not UTF-8";

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

struct tree_name *naming_find(const struct naming_side *s, const char *name)
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

bool naming_add_includes(struct naming *n, struct naming_side *s,
	struct error *err)
{
	struct vec asked = VEC(struct ops_status);
	bool good = true;

	/* -f names what it wants among what the server lists. */
	if (!s->server || s->rules.only)
		return true;
	to_wire(n, &s->rules);
	for (size_t i = 0; i < s->rules.includes.len; i++) {
		const char *name = *(char **)vec_at(&s->rules.includes, i);
		struct tree_name *listed = naming_find(s, name);

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

		if (at->ok && !naming_find(s, at->name))
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

void naming_leave_out(struct tree_name *name)
{
	name->filtered = true;
	name->why = not_text;
}

void naming_leave_out_bytes(struct naming *n, struct naming_side *s)
{
	if (!rules_needs_text(&n->remote.rules) &&
		!rules_needs_text(&n->local.rules))
		return;
	for (size_t i = 0; i < s->names.len; i++) {
		struct tree_name *name = vec_at(&s->names, i);

		if (python_name_fits(name->name))
			continue;
		naming_leave_out(name);
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

bool naming_filter(struct naming_side *s, struct error *err)
{
	size_t len;
	struct tree_name **names = askable_names(s, &len);
	bool good = rules_filter(&s->rules, names, len, s->separator, err);

	free(names);
	return good;
}

bool naming_translate(const struct naming_side *s,
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

bool naming_translate_side(struct naming_side *s, struct error *err)
{
	size_t len;
	struct tree_name **names = askable_names(s, &len);
	bool good = !rules_translates(&s->rules) ||
		naming_translate(s, names, len, err);

	free(names);
	return good;
}

/* What is no modified UTF-7 stays as it is. */
void naming_decode(const struct naming *n, struct tree_name *name)
{
	struct str text = {0};
	const char *visible = name->visible ? name->visible : name->name;

	if (!n->remote.repo->decodefoldernames ||
		!utf7_decode(span_of(visible), &text))
		return;
	free(name->visible);
	name->visible = str_detach(&text);
}
