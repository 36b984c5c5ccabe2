#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "imap/response.h"
#include "mail/store.h"
#include "mem.h"
#include "str.h"
#include "sync/tree.h"

/* SQLite's journal and file_write's temporary file need room in the name. */
#define BASE_MAX (255 - sizeof("-journal"))

/* One line of the result while it is not yet known to stay. */
struct candidate {
	struct tree_pair pair;
	bool refused;
};

struct builder {
	const struct tree_side *remote, *local;
	const char *const *only;
	struct vec candidate; /* of struct candidate; remote ones, sorted */
	struct vec found;     /* of char *, borrowed: local names, sorted */
	struct vec taken;     /* of char *, borrowed: local names the remote
	                         folders translate to, sorted */
	struct vec *pairs, *problems;
};

static void pair_clear(struct tree_pair *p)
{
	free(p->remote);
	free(p->local);
	free(p->visible);
	free(p->state_base);
	free(p->remote_base);
	free(p->local_base);
	free(p->hash_name);
}

void tree_clear(struct vec *pairs)
{
	for (size_t i = 0; i < pairs->len; i++)
		pair_clear(vec_at(pairs, i));
	vec_clear(pairs);
}

static bool is_inbox(const char *name)
{
	return ascii_casecmp(name, "INBOX") == 0;
}

static bool asked_for(const struct builder *b, const char *remote)
{
	if (!b->only)
		return true;
	for (const char *const *name = b->only; *name; name++)
		if (strcmp(*name, remote) == 0 ||
			(is_inbox(*name) && is_inbox(remote)))
			return true;
	return false;
}

static void problem(struct builder *b, const char *remote,
	const char *fmt, ...) ATTR_PRINTF(3, 4);

static void problem(struct builder *b, const char *remote,
	const char *fmt, ...)
{
	struct str text = {0};
	va_list args;

	if (!asked_for(b, remote))
		return;
	va_start(args, fmt);
	str_vprintf(&text, fmt, args);
	va_end(args);
	*(char **)vec_add(b->problems) = str_detach(&text);
}

/* Each separator of one side becomes that of the other; a flat side has
 * none to give or to take.  A name that is the separator alone is empty. */
static char *translate(const char *name, char from, char to)
{
	char *out = mem_strdup(name);

	if (from && to)
		for (char *c = out; *c; c++)
			if (*c == from)
				*c = to;
	if (to && out[0] == to && out[1] == '\0')
		out[0] = '\0';
	return out;
}

/* A folder's name as a file name: offlineimap-compat 3.2. */
static char *base_of(const char *name, char separator)
{
	bool empty = name[0] == '\0' ||
		(separator && name[0] == separator && name[1] == '\0');
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

static void pair_fill(struct tree_pair *p, const struct builder *b,
	char *remote, char *local)
{
	p->remote = remote;
	p->local = local;
	p->hash_name = mem_strdup(local);
	p->visible = translate(remote, b->remote->separator, '.');
	p->state_base = base_of(p->visible, '.');
	p->remote_base = base_of(remote, b->remote->separator);
	p->local_base = base_of(local, b->local->separator);
}

/* Names of ours inside a Maildir folder. */
static bool is_maildir_part(struct span part)
{
	return span_is(part, "cur") || span_is(part, "new") ||
		span_is(part, "tmp");
}

/* S4: each component of what becomes a path below the local root. */
static const char *unsafe_path(const char *name, char separator)
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

static bool base_fits(const char *base)
{
	return strlen(base) <= BASE_MAX && file_name_safe(span_of(base));
}

static bool bases_fit(const struct tree_pair *p)
{
	return base_fits(p->state_base) && base_fits(p->remote_base) &&
		base_fits(p->local_base);
}

/* The first reason against carrying a remote folder over, said once. */
static bool check_remote(struct builder *b, const struct tree_pair *p)
{
	char sep = b->local->separator;
	const char *why;

	if (sep && sep != '/' && sep != b->remote->separator &&
		strchr(p->remote, sep)) {
		problem(b, p->remote, "remote folder \"%s\" is left out: its "
			"name contains \"%c\", which separates folders in the "
			"local repository; set \"sep = /\" there", p->remote,
			sep);
		return false;
	}
	why = unsafe_path(p->local, sep);
	if (!why && !bases_fit(p))
		why = "it is too long for a file name";
	if (why)
		problem(b, p->remote, "remote folder \"%s\" is left out: its "
			"name cannot be a local one, %s", p->remote, why);
	return !why;
}

static int compare_nocase(const char *a, const char *b)
{
	int order = ascii_casecmp(a, b);

	return order ? order : strcmp(a, b);
}

static int compare_pairs(const void *a, const void *b)
{
	const struct tree_pair *x = a, *y = b;
	int order = is_inbox(y->remote) - is_inbox(x->remote);

	if (order == 0)
		order = compare_nocase(x->visible, y->visible);
	return order ? order : strcmp(x->remote, y->remote);
}

/* The pair is the candidate's first member. */
static int compare_candidates(const void *a, const void *b)
{
	return compare_pairs(a, b);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool has_name(const struct vec *names, const char *name)
{
	return names->len > 0 && bsearch(&name, names->data, names->len,
		sizeof(char *), compare_names);
}

static void sort_vec(struct vec *v, int (*compare)(const void *, const void *))
{
	if (v->len > 1)
		qsort(v->data, v->len, v->size, compare);
}

static void add_remote(struct builder *b, const struct folder *f)
{
	struct candidate *c;

	if (f->attributes & (MAILBOX_NOSELECT | MAILBOX_NONEXISTENT))
		return;
	c = vec_add(&b->candidate);
	pair_fill(&c->pair, b, mem_strdup(f->name), translate(f->name,
		b->remote->separator, b->local->separator));
	c->pair.attributes = f->attributes;
}

/* Two candidates meet in one name; the later one in the list goes. */
static void refuse_later(struct builder *b, struct candidate *x,
	struct candidate *y, const char *what)
{
	struct candidate *first = x < y ? x : y, *later = x < y ? y : x;

	if (later->refused)
		return;
	later->refused = true;
	problem(b, later->pair.remote, "remote folder \"%s\" is left out: it "
		"would have the same %s as \"%s\"; rename one of them on the "
		"server", later->pair.remote, what, first->pair.remote);
}

static int by_local(const void *a, const void *b)
{
	const struct candidate *x = *(struct candidate *const *)a;
	const struct candidate *y = *(struct candidate *const *)b;
	int order = strcmp(x->pair.local, y->pair.local);

	return order ? order : (x > y) - (x < y);
}

/* INBOX has one name in any case; the others' files are told apart. */
static int compare_files(const struct candidate *x, const struct candidate *y)
{
	if (is_inbox(x->pair.state_base) && is_inbox(y->pair.state_base))
		return 0;
	return strcmp(x->pair.state_base, y->pair.state_base);
}

static int by_file(const void *a, const void *b)
{
	const struct candidate *x = *(struct candidate *const *)a;
	const struct candidate *y = *(struct candidate *const *)b;
	int order = compare_nocase(x->pair.state_base, y->pair.state_base);

	if (compare_files(x, y) == 0)
		order = 0;
	return order ? order : (x > y) - (x < y);
}

/* After sorting, all that meet in one name are neighbours and the first of
 * them is the one to stay. */
static void refuse_twins(struct builder *b)
{
	struct vec at = VEC(struct candidate *);
	struct candidate *keep = NULL;

	for (size_t i = 0; i < b->candidate.len; i++) {
		struct candidate *c = vec_at(&b->candidate, i);

		if (!c->refused)
			*(struct candidate **)vec_add(&at) = c;
	}
	sort_vec(&at, by_local);
	for (size_t i = 0; i < at.len; i++) {
		struct candidate *c = *(struct candidate **)vec_at(&at, i);

		if (keep && strcmp(keep->pair.local, c->pair.local) == 0)
			refuse_later(b, keep, c, "local folder");
		else
			keep = c;
	}
	sort_vec(&at, by_file);
	keep = NULL;
	for (size_t i = 0; i < at.len; i++) {
		struct candidate *c = *(struct candidate **)vec_at(&at, i);

		if (keep && compare_files(keep, c) == 0)
			refuse_later(b, keep, c, "state file");
		else if (!c->refused)
			keep = c;
	}
	vec_clear(&at);
}

static void collect(struct builder *b)
{
	for (size_t i = 0; i < b->local->folders->len; i++) {
		const struct folder *f = vec_at(b->local->folders, i);

		*(const char **)vec_add(&b->found) = f->name;
	}
	sort_vec(&b->found, compare_names);
	for (size_t i = 0; i < b->remote->folders->len; i++)
		add_remote(b, vec_at(b->remote->folders, i));
	sort_vec(&b->candidate, compare_candidates);
	for (size_t i = 0; i < b->candidate.len; i++) {
		struct candidate *c = vec_at(&b->candidate, i);

		*(const char **)vec_add(&b->taken) = c->pair.local;
		c->refused = (c->pair.attributes & MAILBOX_UNWANTED) != 0 ||
			!check_remote(b, &c->pair);
	}
	sort_vec(&b->taken, compare_names);
	refuse_twins(b);
}

static void take_pair(struct builder *b, struct tree_pair *p)
{
	*(struct tree_pair *)vec_add(b->pairs) = *p;
	*p = (struct tree_pair){0};
}

static void take_remote(struct builder *b, struct candidate *c)
{
	struct tree_pair *p = &c->pair;

	if (c->refused || !asked_for(b, p->remote))
		return;
	p->create_local = !has_name(&b->found, p->local);
	if (!p->create_local || b->local->may_create)
		take_pair(b, p);
	else if (b->only)
		problem(b, p->remote, "remote folder \"%s\" is left out: the "
			"local repository lacks it and may not create folders",
			p->remote);
}

/* Whether the server may get this folder; hazard 9.6: what does not come
 * back under its own name would grow a new folder with every run. */
static bool check_local(struct builder *b, const struct tree_pair *p)
{
	char *back = translate(p->remote, b->remote->separator,
		b->local->separator);
	bool same = strcmp(back, p->local) == 0;

	if (!same)
		problem(b, p->remote, "local folder \"%s\" is left out: on the "
			"server it would be \"%s\", which comes back as \"%s\""
			"; rename it", p->local, p->remote, back);
	free(back);
	if (!same)
		return false;
	if (is_inbox(p->remote) && strcmp(p->remote, "INBOX") != 0) {
		problem(b, p->remote, "local folder \"%s\" is left out: on the "
			"server it would be INBOX; rename it", p->local);
		return false;
	}
	if (bases_fit(p))
		return true;
	problem(b, p->remote, "local folder \"%s\" is left out: its name is "
		"too long", p->local);
	return false;
}

/* A pair on the way in with the same state file. */
static const struct tree_pair *same_file(const struct builder *b,
	const struct tree_pair *p)
{
	for (size_t i = 0; i < b->pairs->len; i++) {
		const struct tree_pair *other = vec_at(b->pairs, i);

		if (strcmp(other->state_base, p->state_base) == 0)
			return other;
	}
	return NULL;
}

static void take_local(struct builder *b, const struct folder *f)
{
	struct tree_pair p = {.create_remote = true};
	const struct tree_pair *other;

	/* An empty name is the root of a Maildir: never sent (Q88). */
	if (f->name[0] == '\0' || has_name(&b->taken, f->name))
		return;
	pair_fill(&p, b, translate(f->name, b->local->separator,
		b->remote->separator), mem_strdup(f->name));
	other = same_file(b, &p);
	if (!asked_for(b, p.remote))
		;
	else if (!b->remote->may_create && b->only)
		problem(b, p.remote, "local folder \"%s\" is left out: the "
			"server lacks it and no folder may be created there",
			p.local);
	else if (other && b->remote->may_create)
		problem(b, p.remote, "local folder \"%s\" is left out: it "
			"would have the same state file as \"%s\"; rename it",
			p.local, other->local);
	else if (b->remote->may_create && check_local(b, &p))
		take_pair(b, &p);
	pair_clear(&p);
}

/* Whether either side has a folder that goes by this remote name. */
static bool known(const struct builder *b, const char *name)
{
	for (size_t i = 0; i < b->candidate.len; i++) {
		const struct candidate *c = vec_at(&b->candidate, i);

		/* those that were taken have left their place empty */
		if (c->pair.remote && (strcmp(c->pair.remote, name) == 0 ||
			(is_inbox(name) && is_inbox(c->pair.remote))))
			return true;
	}
	for (size_t i = 0; i < b->pairs->len; i++) {
		const struct tree_pair *p = vec_at(b->pairs, i);

		if (strcmp(p->remote, name) == 0 ||
			(is_inbox(name) && is_inbox(p->remote)))
			return true;
	}
	return false;
}

static bool known_local(const struct builder *b, const char *name)
{
	char *local = translate(name, b->remote->separator,
		b->local->separator);
	bool has = has_name(&b->found, local);

	free(local);
	return has;
}

static void check_only(struct builder *b)
{
	for (const char *const *name = b->only; name && *name; name++)
		if (!known(b, *name) && !known_local(b, *name))
			problem(b, *name, "folder \"%s\": neither side has it",
				*name);
}

void tree_build(const struct tree_side *remote, const struct tree_side *local,
	const char *const *only, struct vec *pairs, struct vec *problems)
{
	struct builder b = {
		.remote = remote,
		.local = local,
		.only = only,
		.candidate = VEC(struct candidate),
		.found = VEC(char *),
		.taken = VEC(char *),
		.pairs = pairs,
		.problems = problems,
	};

	collect(&b);
	for (size_t i = 0; i < b.candidate.len; i++)
		take_remote(&b, vec_at(&b.candidate, i));
	for (size_t i = 0; i < local->folders->len; i++)
		take_local(&b, vec_at(local->folders, i));
	check_only(&b);
	sort_vec(pairs, compare_pairs);
	for (size_t i = 0; i < b.candidate.len; i++) {
		struct candidate *c = vec_at(&b.candidate, i);

		pair_clear(&c->pair);
	}
	vec_clear(&b.candidate);
	vec_clear(&b.found);
	vec_clear(&b.taken);
}
