#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "sync/tree_impl.h"

/* ---- Names that do not come back ---- */

/* Whether the server would get a folder that it must not have: the way back
 * leads elsewhere, and nothing stops who goes it. */
static bool leads_astray(const struct tree_builder *b,
	const struct tree_candidate *c, const struct tree_name *local,
	const char *back)
{
	if (!local || local->filtered || local->back_filtered ||
		local->name[0] == '\0')
		return false;
	if (!c->listed && !b->in->local.may_create)
		return false;
	return back[0] != '\0' && !tree_same_remote(back, c->pair.remote) &&
		tree_inside(b->in, back);
}

/* A remote name whose local name leads to another remote one would be seen as
 * a new local folder by the next run, and be created there. */
void tree_check_back(struct tree_builder *b)
{
	if (!b->in->ruled || !b->in->remote.may_create)
		return;
	for (size_t i = 0; i < b->candidate.len; i++) {
		const struct tree_candidate *c = vec_at(&b->candidate, i);
		const struct tree_name *local;
		char *back;

		if (c->refused || !tree_asked_for(b, c->pair.remote))
			continue;
		local = tree_local(b, c->pair.local);
		back = local ? tree_back(b->in, local) : mem_strdup("");
		if (leads_astray(b, c, local, back))
			tree_fault(b, "remote \"%s\" is local \"%s\", which "
				"would be remote \"%s\"", c->pair.remote,
				c->pair.local, back);
		free(back);
	}
}

/* ---- A rule that would bring them back ---- */

/* The visible name that the local side's rule must give, malloc'd; NULL: the
 * server's name has the local separator inside, no rule can give it. */
static char *wanted_visible(const struct tree_input *in, const char *remote)
{
	char from = in->remote.separator, to = in->local.separator;

	if (from && to && from != to && strchr(remote, to))
		return NULL;
	return tree_across(remote, from, to);
}

static void quote_python(struct str *out, const char *text)
{
	str_add_char(out, '\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			str_add_char(out, '\\');
		str_add_char(out, *text);
	}
	str_add_char(out, '\'');
}

static void quote_rename(struct str *out, const char *text,
	const char *special)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			str_add_char(out, '\\');
		str_add_char(out, *text);
	}
}

static void add_line(const char *local, const char *remote,
	struct str *rename, struct str *dict)
{
	str_add(rename, rename->len > 0 ? "; s,^" : "s,^");
	quote_rename(rename, local, ",^$.[]|()?*+{}\\");
	str_add(rename, "$,");
	quote_rename(rename, remote, ",$\\");
	str_add_char(rename, ',');
	str_add(dict, dict->len > 0 ? ", " : "");
	quote_python(dict, local);
	str_add(dict, ": ");
	quote_python(dict, remote);
}

/* The beginning that all renamed folders lose and the others lack, malloc'd;
 * NULL: there is none. */
static char *common_prefix(struct tree_builder *b)
{
	char *prefix = NULL;

	for (size_t i = 0; i < b->candidate.len; i++) {
		const struct tree_candidate *c = vec_at(&b->candidate, i);
		char *visible = wanted_visible(b->in, c->pair.remote);
		size_t len = visible ? strlen(visible) : 0;
		size_t tail = strlen(c->pair.local);
		bool fits = visible && len > tail && tail > 0 &&
			strcmp(visible + len - tail, c->pair.local) == 0;

		if (c->refused || (visible &&
			strcmp(visible, c->pair.local) == 0)) {
			free(visible);
			continue;
		}
		fits = fits && (!prefix || (strlen(prefix) == len - tail &&
			strncmp(prefix, visible, len - tail) == 0));
		if (fits && !prefix)
			prefix = mem_strndup(visible, len - tail);
		free(visible);
		if (!fits) {
			free(prefix);
			return NULL;
		}
	}
	return prefix;
}

/* Local folders that no remote one leads to: a rule for all would meet them
 * too, and nobody has asked what it makes of them. */
static bool has_strangers(const struct tree_builder *b)
{
	for (size_t i = 0; i < b->local.len; i++) {
		const struct tree_name *local =
			*(struct tree_name **)vec_at(&b->local, i);
		bool known = local->planned || local->filtered;

		for (size_t k = 0; !known && k < b->candidate.len; k++) {
			const struct tree_candidate *c =
				vec_at(&b->candidate, k);

			known = strcmp(c->pair.local, local->name) == 0;
		}
		if (!known)
			return true;
	}
	return false;
}

/* One rule for all but those that keep their names. */
static void suggest_prefix(struct tree_builder *b, const char *prefix)
{
	struct str rename = {0}, lambda = {0};
	bool any = false;

	for (size_t i = 0; i < b->candidate.len; i++) {
		const struct tree_candidate *c = vec_at(&b->candidate, i);
		char *visible = wanted_visible(b->in, c->pair.remote);

		if (!c->refused && visible &&
			strcmp(visible, c->pair.local) == 0) {
			str_add(&rename, any ? "|" : "s,^(?!(?:");
			quote_rename(&rename, visible,
				",^$.[]|()?*+{}\\");
			str_add(&lambda, any ? ", " :
				"lambda f: f if f in (");
			quote_python(&lambda, visible);
			any = true;
		}
		free(visible);
	}
	str_add(&rename, any ? ")$)," : "s,^,");
	quote_rename(&rename, prefix, ",$\\");
	str_add_char(&rename, ',');
	str_add(&lambda, any ? ",) else " : "lambda f: ");
	quote_python(&lambda, prefix);
	str_add(&lambda, " + f");
	b->out->rename = str_detach(&rename);
	b->out->nametrans = str_detach(&lambda);
}

/* Commands act on what those before them made: one that would be met by the
 * result of another cannot be written so. */
static bool is_chained(const struct tree_builder *b, const char *visible)
{
	for (size_t i = 0; i < b->candidate.len; i++) {
		const struct tree_candidate *c = vec_at(&b->candidate, i);

		if (!c->refused && strcmp(c->pair.local, visible) == 0)
			return true;
	}
	return false;
}

/* Each name by itself: right for all that are known now. */
static void suggest_list(struct tree_builder *b)
{
	struct str rename = {0}, dict = {0};
	bool good = true, chained = false;

	for (size_t i = 0; good && i < b->candidate.len; i++) {
		const struct tree_candidate *c = vec_at(&b->candidate, i);
		char *visible = wanted_visible(b->in, c->pair.remote);

		if (!c->refused && tree_asked_for(b, c->pair.remote)) {
			good = visible != NULL;
			if (good && strcmp(visible, c->pair.local) != 0) {
				add_line(c->pair.local, visible, &rename,
					&dict);
				chained |= is_chained(b, visible);
			}
		}
		free(visible);
	}
	if (good && dict.len > 0) {
		if (!chained)
			b->out->rename = mem_strdup(str_get(&rename));
		b->out->nametrans = mem_printf(
			"lambda f: {%s}.get(f, f)", str_get(&dict));
	}
	str_clear(&rename);
	str_clear(&dict);
}

void tree_suggest(struct tree_builder *b)
{
	char *prefix = has_strangers(b) ? NULL : common_prefix(b);

	if (prefix)
		suggest_prefix(b, prefix);
	else
		suggest_list(b);
	free(prefix);
}
