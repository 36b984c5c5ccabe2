#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "imap/utf7.h"
#include "mem.h"
#include "sync/tree_impl.h"

/* SQLite's journal and file_write's temporary file need room in the name. */
#define BASE_MAX (255 - sizeof("-journal"))

bool tree_is_inbox(const char *name)
{
	return ascii_casecmp(name, "INBOX") == 0;
}

bool tree_same_remote(const char *a, const char *b)
{
	return strcmp(a, b) == 0 || (tree_is_inbox(a) && tree_is_inbox(b));
}

int tree_compare_nocase(const char *a, const char *b)
{
	int order = ascii_casecmp(a, b);

	return order ? order : strcmp(a, b);
}

void tree_sort(struct vec *v, int (*compare)(const void *, const void *))
{
	if (v->len > 1)
		qsort(v->data, v->len, v->size, compare);
}

static bool is_separator(const char *name, char separator)
{
	return separator && name[0] == separator && name[1] == '\0';
}

/* A flat side has no separator to give or to take. */
char *tree_across(const char *visible, char from, char to)
{
	char *out = mem_strdup(visible);

	if (from && to)
		for (char *c = out; *c; c++)
			if (*c == from)
				*c = to;
	if (is_separator(out, to) || is_separator(visible, from))
		out[0] = '\0';
	return out;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* An option that makes names readable leaves folders behind that have the
 * other kind of name when it is switched. */
char *tree_recoded(const struct tree_builder *b, const char *name)
{
	bool (*const ways[])(struct span, struct str *) = {utf7_decode,
		utf7_encode};

	for (size_t i = 0; i < ARRAY_LEN(ways) && b->taken.len > 0; i++) {
		struct str other = {0};
		const char *key;

		if (ways[i](span_of(name), &other)) {
			key = str_get(&other);
			if (strcmp(key, name) != 0 && bsearch(&key,
				b->taken.data, b->taken.len, b->taken.size,
				compare_strings))
				return str_detach(&other);
		}
		str_clear(&other);
	}
	return NULL;
}

/* ---- Names of files ---- */

/* A folder's name as a file name: offlineimap-compat 3.2. */
static char *base_of(const char *name, char separator)
{
	bool empty = name[0] == '\0' || is_separator(name, separator);
	char *out = mem_strdup(empty ? "." : name);

	for (char *c = out; *c; c++)
		if (*c == '/')
			*c = '.';
	if (strcmp(out, ".") == 0) {
		free(out);
		out = mem_strdup("dot");
	}
	return out;
}

static bool base_fits(const char *base)
{
	return strlen(base) <= BASE_MAX && file_name_safe(span_of(base));
}

bool tree_bases_fit(const struct tree_pair *p)
{
	return base_fits(p->state_base) && base_fits(p->remote_base) &&
		base_fits(p->local_base);
}

/* ---- Paths ---- */

/* Names of ours inside a Maildir folder. */
static bool is_maildir_part(struct span part)
{
	return span_is(part, "cur") || span_is(part, "new") ||
		span_is(part, "tmp");
}

const char *tree_unsafe_path(const char *name, char separator)
{
	bool nested = separator == '/' || separator == '\0';

	if (!nested && strchr(name, '/'))
		return "it contains \"/\"";
	for (;;) {
		struct span part = {name, strcspn(name, "/")};

		if (!file_name_safe(part))
			return "a part of it is empty, \".\", \"..\" or longer "
				"than 255 bytes";
		if (is_maildir_part(part))
			return "\"cur\", \"new\" and \"tmp\" are parts of a "
				"Maildir folder";
		name += part.len;
		if (*name++ == '\0')
			return NULL;
	}
}

/* ---- Pairs ---- */

static const char *visible_of(const struct tree_name *name, const char *own)
{
	return name && name->visible ? name->visible : own;
}

void tree_pair_fill(struct tree_pair *p, const struct tree_input *in,
	const struct tree_name *remote_name, char *remote,
	const struct tree_name *local_name, char *local)
{
	const char *visible = visible_of(remote_name, remote);
	const char *hash = visible_of(local_name, local);

	p->remote = remote;
	p->local = local;
	p->visible = tree_across(visible, in->remote.separator, '.');
	p->remote_visible = mem_strdup(visible);
	p->state_base = base_of(p->visible, '.');
	if (p->visible[0] == '\0') {
		/* Nothing to show: the Maildir's root. */
		free(p->visible);
		p->visible = mem_strdup(remote);
	}
	p->remote_base = base_of(remote, in->remote.separator);
	p->local_base = base_of(local, in->local.separator);
	p->hash_name = mem_strdup(is_separator(hash, in->local.separator) ?
		"" : hash);
}

void tree_pair_clear(struct tree_pair *p)
{
	free(p->remote);
	free(p->local);
	free(p->visible);
	free(p->remote_visible);
	free(p->state_base);
	free(p->remote_base);
	free(p->local_base);
	free(p->hash_name);
}

void tree_clear(struct vec *pairs)
{
	for (size_t i = 0; i < pairs->len; i++)
		tree_pair_clear(vec_at(pairs, i));
	vec_clear(pairs);
}

void tree_result_clear(struct tree_result *result)
{
	tree_clear(&result->pairs);
	for (size_t i = 0; i < result->problems.len; i++)
		free(((struct tree_problem *)vec_at(&result->problems,
			i))->text);
	vec_clear(&result->problems);
	vec_clear_pointers(&result->faults);
	free(result->rename);
	free(result->nametrans);
	*result = (struct tree_result)TREE_RESULT;
}

/* ---- There and back ---- */

char *tree_back(const struct tree_input *in, const struct tree_name *local)
{
	if (local->back)
		return mem_strdup(local->back);
	return tree_across(visible_of(local, local->name),
		in->local.separator, in->remote.separator);
}

char *tree_again(const struct tree_input *in, const struct tree_name *local,
	const char *back)
{
	return tree_across(local->again ? local->again : back,
		in->remote.separator, in->local.separator);
}

bool tree_inside(const struct tree_input *in, const char *remote)
{
	return !in->reference || strncmp(remote, in->reference,
		strlen(in->reference)) == 0;
}
