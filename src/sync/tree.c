#include "config.h"

#include "sync/tree.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "imap/response.h"
#include "mem.h"
#include "sync/tree_impl.h"

bool tree_asked_for(const struct tree_builder *b, const char *remote)
{
	if (!b->in->only)
		return true;
	for (const char *const *name = b->in->only; *name; name++)
		if (tree_same_remote(*name, remote))
			return true;
	return false;
}

static void add_problem(struct tree_builder *b, bool warning, const char *fmt,
	va_list args) ATTR_PRINTF(3, 0);

static void add_problem(struct tree_builder *b, bool warning, const char *fmt,
	va_list args)
{
	struct tree_problem *p = vec_add(&b->out->problems);
	struct str text = {0};

	str_vprintf(&text, fmt, args);
	p->text = str_detach(&text);
	p->warning = warning;
}

static void problem(struct tree_builder *b, const char *remote,
	const char *fmt, ...) ATTR_PRINTF(3, 4);

static void problem(struct tree_builder *b, const char *remote,
	const char *fmt, ...)
{
	va_list args;

	if (!tree_asked_for(b, remote))
		return;
	va_start(args, fmt);
	add_problem(b, false, fmt, args);
	va_end(args);
}

static void warning(struct tree_builder *b, const char *fmt, ...)
	ATTR_PRINTF(2, 3);

static void warning(struct tree_builder *b, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_problem(b, true, fmt, args);
	va_end(args);
}

void tree_fault(struct tree_builder *b, const char *fmt, ...)
{
	struct str text = {0};
	va_list args;

	va_start(args, fmt);
	str_vprintf(&text, fmt, args);
	va_end(args);
	*(char **)vec_add(&b->out->faults) = str_detach(&text);
}

/* The first reason against carrying a remote folder over, said once.  A name
 * that the user's rule gave may have the local separator inside: whether it
 * comes back is looked at later. */
static bool check_remote(struct tree_builder *b,
	const struct tree_candidate *c)
{
	const struct tree_pair *p = &c->pair;
	char sep = b->in->local.separator;
	bool own = c->remote->visible &&
		strcmp(c->remote->visible, p->remote) != 0;
	const char *why = NULL;

	if (!own && sep && sep != '/' && sep != b->in->remote.separator &&
		strchr(p->remote, sep)) {
		problem(b, p->remote, "remote folder \"%s\" is left out: its "
			"name contains \"%c\", which separates folders in the "
			"local repository; set \"sep = /\" there", p->remote,
			sep);
		return false;
	}
	/* The empty name is the Maildir's root, which only a rule gives. */
	if (!b->in->local_server && (p->local[0] || !own))
		why = tree_unsafe_path(p->local, sep);
	if (!why && !tree_bases_fit(p))
		why = "it is too long for a file name";
	if (why && own)
		problem(b, p->remote, "remote folder \"%s\" is left out: "
			"\"%s\" cannot be a local name, %s", p->remote,
			p->local, why);
	else if (why)
		problem(b, p->remote, "remote folder \"%s\" is left out: its "
			"name cannot be a local one, %s", p->remote, why);
	return !why;
}

static int compare_ranks(const struct tree_pair *x, const struct tree_pair *y)
{
	return (x->rank > y->rank) - (x->rank < y->rank);
}

static int compare_pairs(const void *a, const void *b)
{
	const struct tree_pair *x = a, *y = b;
	int order = tree_is_inbox(y->remote) - tree_is_inbox(x->remote);

	if (order == 0)
		order = tree_compare_nocase(x->visible, y->visible);
	return order ? order : strcmp(x->remote, y->remote);
}

static int compare_sorted(const void *a, const void *b)
{
	int order = compare_ranks(a, b);

	return order ? order : compare_pairs(a, b);
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

static int compare_local(const void *a, const void *b)
{
	const struct tree_name *x = *(struct tree_name *const *)a;
	const struct tree_name *y = *(struct tree_name *const *)b;

	return strcmp(x->name, y->name);
}

static bool has_name(const struct vec *names, const char *name)
{
	return names->len > 0 && bsearch(&name, names->data, names->len,
		sizeof(char *), compare_names);
}

static int compare_local_key(const void *key, const void *at)
{
	return strcmp(key, (*(struct tree_name *const *)at)->name);
}

const struct tree_name *tree_local(const struct tree_builder *b,
	const char *name)
{
	struct tree_name **at = b->local.len == 0 ? NULL : bsearch(name,
		b->local.data, b->local.len, b->local.size, compare_local_key);

	return at ? *at : NULL;
}

static void add_remote(struct tree_builder *b, const struct tree_name *f)
{
	struct tree_candidate *c;
	const struct tree_name *local;
	char *across;

	if (f->attributes & (MAILBOX_NOSELECT | MAILBOX_NONEXISTENT))
		return;
	across = tree_across(f->visible ? f->visible : f->name,
		b->in->remote.separator, b->in->local.separator);
	local = tree_local(b, across);
	c = vec_add(&b->candidate);
	c->remote = f;
	c->listed = local && !local->planned;
	tree_pair_fill(&c->pair, b->in, f, mem_strdup(f->name), local,
		across);
	c->pair.attributes = f->attributes;
	c->pair.rank = f->rank;
	c->refused = f->filtered || (local && local->filtered) ||
		(f->attributes & MAILBOX_UNWANTED) != 0;
}

/* Two candidates meet in one name: where rules have a hand in it all stops,
 * else the later one in the list goes. */
static void refuse_later(struct tree_builder *b, struct tree_candidate *x,
	struct tree_candidate *y, const char *what)
{
	struct tree_candidate *first = x < y ? x : y, *later = x < y ? y : x;

	if (later->refused)
		return;
	if (b->in->ruled && (tree_asked_for(b, later->pair.remote) ||
		tree_asked_for(b, first->pair.remote)))
		tree_fault(b, "remote \"%s\" and remote \"%s\" have the same "
			"%s, \"%s\"", first->pair.remote, later->pair.remote,
			what, what[0] == 's' ? later->pair.state_base :
			later->pair.local);
	else
		problem(b, later->pair.remote, "remote folder \"%s\" is left "
			"out: it would have the same %s as \"%s\"; rename one "
			"of them on the server", later->pair.remote, what,
			first->pair.remote);
	later->refused = true;
}

static int by_local(const void *a, const void *b)
{
	const struct tree_candidate *x = *(struct tree_candidate *const *)a;
	const struct tree_candidate *y = *(struct tree_candidate *const *)b;
	int order = strcmp(x->pair.local, y->pair.local);

	return order ? order : (x > y) - (x < y);
}

/* INBOX has one name in any case; the others' files are told apart. */
static int compare_files(const struct tree_candidate *x,
	const struct tree_candidate *y)
{
	if (tree_is_inbox(x->pair.state_base) &&
		tree_is_inbox(y->pair.state_base))
		return 0;
	return strcmp(x->pair.state_base, y->pair.state_base);
}

static int by_file(const void *a, const void *b)
{
	const struct tree_candidate *x = *(struct tree_candidate *const *)a;
	const struct tree_candidate *y = *(struct tree_candidate *const *)b;
	int order = tree_compare_nocase(x->pair.state_base,
		y->pair.state_base);

	if (compare_files(x, y) == 0)
		order = 0;
	return order ? order : (x > y) - (x < y);
}

/* After sorting, all that meet in one name are neighbours and the first of
 * them is the one to stay. */
static void refuse_twins(struct tree_builder *b)
{
	struct vec at = VEC(struct tree_candidate *);
	struct tree_candidate *keep = NULL;

	for (size_t i = 0; i < b->candidate.len; i++) {
		struct tree_candidate *c = vec_at(&b->candidate, i);

		if (!c->refused)
			*(struct tree_candidate **)vec_add(&at) = c;
	}
	tree_sort(&at, by_local);
	for (size_t i = 0; i < at.len; i++) {
		struct tree_candidate *c =
			*(struct tree_candidate **)vec_at(&at, i);

		if (keep && strcmp(keep->pair.local, c->pair.local) == 0)
			refuse_later(b, keep, c, "local folder");
		else
			keep = c;
	}
	tree_sort(&at, by_file);
	keep = NULL;
	for (size_t i = 0; i < at.len; i++) {
		struct tree_candidate *c =
			*(struct tree_candidate **)vec_at(&at, i);

		if (keep && compare_files(keep, c) == 0)
			refuse_later(b, keep, c, "state file");
		else if (!c->refused)
			keep = c;
	}
	vec_clear(&at);
}

/* ---- Names that differ in case alone ---- */

struct cased {
	const char *local;
	struct tree_candidate *candidate; /* NULL: a folder that is there */
};

static int by_case(const void *a, const void *b)
{
	const struct cased *x = a, *y = b;
	int order = tree_compare_nocase(x->local, y->local);

	return order ? order : (x->candidate > y->candidate) -
		(x->candidate < y->candidate);
}

static void case_twins(struct tree_builder *b, const struct cased *x,
	const struct cased *y)
{
	struct tree_candidate *c = y->candidate ? y->candidate : x->candidate;

	b->out->case_twins = true;
	if (!b->in->case_blind || !c || c->refused)
		return;
	if (b->in->ruled && tree_asked_for(b, c->pair.remote))
		tree_fault(b, "remote \"%s\" is local \"%s\", which the local "
			"disk takes for \"%s\"", c->pair.remote, c->pair.local,
			c == y->candidate ? x->local : y->local);
	else
		problem(b, c->pair.remote, "remote folder \"%s\" is left out: "
			"the local disk takes \"%s\" for \"%s\"; rename one "
			"of them on the server", c->pair.remote,
			c->pair.local, c == y->candidate ? x->local :
			y->local);
	c->refused = true;
}

/* One directory for two folders would mix them. */
static void refuse_case_twins(struct tree_builder *b)
{
	struct vec all = VEC(struct cased);

	for (size_t i = 0; i < b->candidate.len; i++) {
		struct tree_candidate *c = vec_at(&b->candidate, i);

		if (c->refused)
			continue;
		*(struct cased *)vec_add(&all) = (struct cased){
			c->pair.local, c};
	}
	for (size_t i = 0; i < b->local.len; i++) {
		struct tree_name *n = *(struct tree_name **)vec_at(&b->local,
			i);

		if (!n->planned)
			*(struct cased *)vec_add(&all) = (struct cased){
				n->name, NULL};
	}
	tree_sort(&all, by_case);
	for (size_t i = 1; i < all.len; i++) {
		struct cased *x = vec_at(&all, i - 1), *y = vec_at(&all, i);

		if (ascii_casecmp(x->local, y->local) == 0 &&
			strcmp(x->local, y->local) != 0)
			case_twins(b, x, y);
	}
	vec_clear(&all);
}

static void collect(struct tree_builder *b)
{
	for (size_t i = 0; i < b->in->local.names->len; i++)
		*(struct tree_name **)vec_add(&b->local) =
			vec_at(b->in->local.names, i);
	tree_sort(&b->local, compare_local);
	for (size_t i = 0; i < b->in->remote.names->len; i++)
		add_remote(b, vec_at(b->in->remote.names, i));
	tree_sort(&b->candidate, compare_candidates);
	for (size_t i = 0; i < b->candidate.len; i++) {
		struct tree_candidate *c = vec_at(&b->candidate, i);

		*(const char **)vec_add(&b->taken) = c->pair.local;
		c->refused = c->refused || !check_remote(b, c);
	}
	tree_sort(&b->taken, compare_names);
	refuse_twins(b);
	refuse_case_twins(b);
	tree_check_back(b);
}

/* ---- Pairs ---- */

static void take_pair(struct tree_builder *b, struct tree_pair *p)
{
	*(struct tree_pair *)vec_add(&b->out->pairs) = *p;
	*p = (struct tree_pair){0};
}

static bool stays(const struct tree_builder *b,
	const struct tree_candidate *c)
{
	return !c->refused && tree_asked_for(b, c->remote->name) &&
		(c->listed || b->in->local.may_create);
}

static void take_remote(struct tree_builder *b, struct tree_candidate *c)
{
	struct tree_pair *p = &c->pair;

	p->create_local = !c->listed;
	if (stays(b, c))
		take_pair(b, p);
	else if (b->in->only && !c->refused)
		problem(b, p->remote, "remote folder \"%s\" is left out: the "
			"local repository lacks it and may not create folders",
			p->remote);
}

/* Whether the server may get this folder; hazard 9.6: what does not come
 * back under its own name would grow a new folder with every run. */
static bool check_local(struct tree_builder *b, const struct tree_name *f,
	const struct tree_pair *p)
{
	char *again = tree_again(b->in, f, p->remote);
	bool same = strcmp(again, p->local) == 0;

	if (!same && b->in->ruled)
		tree_fault(b, "local \"%s\" would be remote \"%s\", which "
			"would be local \"%s\"", p->local, p->remote, again);
	else if (!same)
		problem(b, p->remote, "local folder \"%s\" is left out: on the "
			"server it would be \"%s\", which comes back as \"%s\""
			"; rename it", p->local, p->remote, again);
	free(again);
	if (!same)
		return false;
	if (tree_is_inbox(p->remote) && strcmp(p->remote, "INBOX") != 0) {
		problem(b, p->remote, "local folder \"%s\" is left out: on the "
			"server it would be INBOX; rename it", p->local);
		return false;
	}
	if (tree_bases_fit(p))
		return true;
	problem(b, p->remote, "local folder \"%s\" is left out: its name is "
		"too long", p->local);
	return false;
}

/* A pair on the way in with the same state file. */
static const struct tree_pair *same_file(const struct tree_builder *b,
	const struct tree_pair *p)
{
	for (size_t i = 0; i < b->candidate.len; i++) {
		const struct tree_candidate *c = vec_at(&b->candidate, i);

		if (stays(b, c) &&
			strcmp(c->pair.state_base, p->state_base) == 0)
			return &c->pair;
	}
	for (size_t i = 0; i < b->out->pairs.len; i++) {
		const struct tree_pair *other = vec_at(&b->out->pairs, i);

		if (strcmp(other->state_base, p->state_base) == 0)
			return other;
	}
	return NULL;
}

static const struct tree_candidate *find_remote(const struct tree_builder *b,
	const char *name)
{
	for (size_t i = 0; i < b->candidate.len; i++) {
		const struct tree_candidate *c = vec_at(&b->candidate, i);

		if (tree_same_remote(c->remote->name, name))
			return c;
	}
	return NULL;
}

/* A folder that the server can neither get nor show. */
static void tell_outside(struct tree_builder *b, const struct tree_pair *p)
{
	if (!b->outside_told)
		warning(b, "local folder \"%s\" (and others like it) is left "
			"alone: \"%s\" is outside of \"%s\", the reference of "
			"the remote repository", p->local, p->remote,
			b->in->reference);
	b->outside_told = true;
}

static bool is_recoded(struct tree_builder *b, const struct tree_pair *p)
{
	char *name = tree_recoded(b, p->local);

	if (name)
		problem(b, p->remote, "local folder \"%s\" is left out: it is "
			"\"%s\" in another encoding, which is there too",
			p->local, name);
	free(name);
	return name != NULL;
}

static bool may_send(struct tree_builder *b, const struct tree_name *f,
	const struct tree_pair *p)
{
	const struct tree_pair *other = same_file(b, p);
	bool may = b->in->remote.may_create;

	if (!tree_asked_for(b, p->remote) || (may && is_recoded(b, p)))
		return false;
	if (!tree_inside(b->in, p->remote)) {
		tell_outside(b, p);
		return false;
	}
	if (!may && b->in->only)
		problem(b, p->remote, "local folder \"%s\" is left out: the "
			"server lacks it and no folder may be created there",
			p->local);
	if (!may)
		return false;
	/* Its own rule sends it to a folder that has another local one. */
	if (b->in->ruled && find_remote(b, p->remote)) {
		problem(b, p->remote, "local folder \"%s\" is left out: on the "
			"server it would be \"%s\", which is there already "
			"and has another local folder", p->local, p->remote);
		return false;
	}
	if (!other)
		return check_local(b, f, p);
	if (b->in->ruled)
		tree_fault(b, "local \"%s\" and local \"%s\" have the same "
			"state file, \"%s\"", other->local, p->local,
			p->state_base);
	else
		problem(b, p->remote, "local folder \"%s\" is left out: it "
			"would have the same state file as \"%s\"; rename it",
			p->local, other->local);
	return false;
}

static void take_local(struct tree_builder *b, const struct tree_name *f)
{
	struct tree_pair p = {.create_remote = true, .rank = f->rank};
	struct tree_name remote = {.visible = f->again};
	char *back;

	/* An empty name is the root of a Maildir: never sent (Q88). */
	if (f->planned || f->filtered || f->back_filtered ||
		f->name[0] == '\0' || has_name(&b->taken, f->name))
		return;
	back = tree_back(b->in, f);
	tree_pair_fill(&p, b->in, &remote, back, f, mem_strdup(f->name));
	if (back[0] != '\0' && may_send(b, f, &p))
		take_pair(b, &p);
	tree_pair_clear(&p);
}

/* Whether either side has a folder that goes by this remote name. */
static bool known(const struct tree_builder *b, const char *name)
{
	if (find_remote(b, name))
		return true;
	for (size_t i = 0; i < b->local.len; i++) {
		const struct tree_name *f =
			*(struct tree_name **)vec_at(&b->local, i);
		char *back = tree_back(b->in, f);
		bool same = !f->planned && tree_same_remote(back, name);

		free(back);
		if (same)
			return true;
	}
	return false;
}

static void check_only(struct tree_builder *b)
{
	for (const char *const *name = b->in->only; name && *name; name++)
		if (!known(b, *name))
			problem(b, *name, "folder \"%s\": neither side has it",
				*name);
}

void tree_build(const struct tree_input *in, struct tree_result *out)
{
	struct tree_builder b = {
		.in = in,
		.out = out,
		.candidate = VEC(struct tree_candidate),
		.local = VEC(struct tree_name *),
		.taken = VEC(char *),
	};

	collect(&b);
	for (size_t i = 0; i < in->local.names->len; i++)
		take_local(&b, vec_at(in->local.names, i));
	if (out->faults.len > 0)
		tree_suggest(&b);
	for (size_t i = 0; i < b.candidate.len; i++)
		take_remote(&b, vec_at(&b.candidate, i));
	check_only(&b);
	tree_sort(&out->pairs, in->sorted ? compare_sorted : compare_pairs);
	for (size_t i = 0; i < b.candidate.len; i++) {
		struct tree_candidate *c = vec_at(&b.candidate, i);

		tree_pair_clear(&c->pair);
	}
	vec_clear(&b.candidate);
	vec_clear(&b.local);
	vec_clear(&b.taken);
}
