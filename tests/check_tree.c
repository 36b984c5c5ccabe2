#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "mail/store.h"
#include "mem.h"
#include "suites.h"
#include "sync/tree.h"

#define MAY_REMOTE 1u
#define MAY_LOCAL 2u
#define MAY_BOTH 3u

/* Names are separated by commas; expected: "remote>local(state)" with "*"
 * behind what is to be created; then "!" for each problem. */
static const struct tree_case {
	const char *remote;
	char remote_sep;
	const char *local;
	char local_sep;
	unsigned may;
	const char *only;
	const char *expected;
} cases[] = {
	{"INBOX", '/', "INBOX", '/', MAY_BOTH, NULL, "INBOX>INBOX(INBOX) "},
	{"b,INBOX,A", '/', "", '/', MAY_BOTH, NULL,
		"INBOX>INBOX*(INBOX) A>A*(A) b>b*(b) "},
	{"Arch/2020", '/', "Arch.2020", '.', MAY_BOTH, NULL,
		"Arch/2020>Arch.2020(Arch.2020) "},
	{"Arch.2020", '.', "", '/', MAY_BOTH, NULL,
		"Arch.2020>Arch/2020*(Arch.2020) "},
	{"", '/', "x.y", '.', MAY_BOTH, NULL, "x/y*>x.y(x.y) "},
	{"", '/', "x", '.', MAY_LOCAL, NULL, ""},
	{"x", '/', "", '.', MAY_REMOTE, NULL, ""},
	{"x", '/', "", '.', MAY_REMOTE, "x", "!"},
	/* a separator of the local side inside a remote name (9.6): neither
	 * here nor, when the directory is there already, the other way */
	{"a.b", '/', "", '.', MAY_BOTH, NULL, "!"},
	{"a.b", '/', "a.b", '.', MAY_BOTH, NULL, "!"},
	{"a.b", '/', "", '/', MAY_BOTH, NULL, "a.b>a.b*(a.b) "},
	{"a/b", '.', "", '/', MAY_BOTH, NULL, "a/b>a/b*(a.b) "},
	/* two that meet (9.2) */
	{"A/B,A.B", '/', "", '/', MAY_BOTH, NULL, "A.B>A.B*(A.B) !"},
	{"A/B,A.B", '.', "", '/', MAY_BOTH, NULL, "A.B>A/B*(A.B) !"},
	{"INBOX,Inbox", '/', "", '/', MAY_BOTH, NULL, "INBOX>INBOX*(INBOX) !"},
	{"INBOX", '/', "Inbox", '/', MAY_BOTH, NULL, "INBOX>INBOX*(INBOX) !"},
	{"Foo,foo", '/', "", '/', MAY_BOTH, NULL,
		"Foo>Foo*(Foo) foo>foo*(foo) "},
	/* not as a path */
	{"../x", '/', "", '/', MAY_BOTH, NULL, "!"},
	{"a/../../x", '/', "", '/', MAY_BOTH, NULL, "!"},
	{"/etc", '/', "", '/', MAY_BOTH, NULL, "!"},
	{"a//b", '/', "", '/', MAY_BOTH, NULL, "!"},
	{".,..", '/', "", '/', MAY_BOTH, NULL, "!!"},
	{"a/cur,new,tmp/x", '/', "", '/', MAY_BOTH, NULL, "!!!"},
	{"cur", '/', "", '.', MAY_BOTH, NULL, "!"},
	{"a/b", '.', "", '.', MAY_BOTH, NULL, "!"},
	{".hidden", '/', "", '/', MAY_BOTH, NULL, ".hidden>.hidden*(.hidden) "},
	/* what would not come back under its own name */
	{"", '.', "a.b", '/', MAY_BOTH, NULL, "!"},
	/* a Maildir root is never sent */
	{"", '/', "@", '/', MAY_BOTH, NULL, ""},
	/* only some */
	{"a,b", '/', "c", '/', MAY_BOTH, "b", "b>b*(b) "},
	{"a", '/', "c", '/', MAY_BOTH, "c", "c*>c(c) "},
	{"a", '/', "", '/', MAY_BOTH, "x", "!"},
	{"INBOX,..", '/', "", '/', MAY_BOTH, "inbox", "INBOX>INBOX*(INBOX) "},
	/* a flat server */
	{"a/b", '\0', "", '/', MAY_BOTH, NULL, "a/b>a/b*(a.b) "},
};

/* "@" stands for the empty name. */
static struct vec folders(const char *names)
{
	struct vec out = VEC(struct folder);
	char *copy = mem_strdup(names), *save = NULL;

	for (char *name = strtok_r(copy, ",", &save); name;
		name = strtok_r(NULL, ",", &save))
		((struct folder *)vec_add(&out))->name =
			mem_strdup(strcmp(name, "@") == 0 ? "" : name);
	free(copy);
	return out;
}

static void folders_clear(struct vec *v)
{
	for (size_t i = 0; i < v->len; i++)
		free(((struct folder *)vec_at(v, i))->name);
	vec_clear(v);
}

static void print(const struct vec *pairs, const struct vec *problems,
	struct str *out)
{
	for (size_t i = 0; i < pairs->len; i++) {
		const struct tree_pair *p = vec_at(pairs, i);

		str_printf(out, "%s%s>%s%s(%s) ", p->remote,
			p->create_remote ? "*" : "", p->local,
			p->create_local ? "*" : "", p->state_base);
	}
	for (size_t i = 0; i < problems->len; i++)
		str_add(out, "!");
}

START_TEST(two_lists_become_pairs_as_in_the_table)
{
	const struct tree_case *c = &cases[_i];
	struct vec remote = folders(c->remote), local = folders(c->local);
	struct tree_side r = {&remote, c->remote_sep, c->may & MAY_REMOTE};
	struct tree_side l = {&local, c->local_sep, c->may & MAY_LOCAL};
	const char *const only[] = {c->only, NULL};
	struct vec pairs = VEC(struct tree_pair), problems = VEC(char *);
	struct str out = {0};

	tree_build(&r, &l, c->only ? only : NULL, &pairs, &problems);
	print(&pairs, &problems, &out);
	ck_assert_msg(strcmp(str_get(&out), c->expected) == 0,
		"%s | %s: \"%s\", not \"%s\"", c->remote, c->local,
		str_get(&out), c->expected);
	str_clear(&out);
	tree_clear(&pairs);
	vec_clear_pointers(&problems);
	folders_clear(&remote);
	folders_clear(&local);
}
END_TEST

START_TEST(files_are_named_as_offlineimap_names_them)
{
	struct vec remote = folders("INBOX/Sent"), local = folders("");
	struct tree_side r = {&remote, '/', true}, l = {&local, '.', true};
	struct vec pairs = VEC(struct tree_pair), problems = VEC(char *);
	const struct tree_pair *p;

	tree_build(&r, &l, NULL, &pairs, &problems);
	ck_assert_uint_eq(pairs.len, 1);
	p = vec_at(&pairs, 0);
	ck_assert_str_eq(p->visible, "INBOX.Sent");
	ck_assert_str_eq(p->state_base, "INBOX.Sent");
	ck_assert_str_eq(p->remote_base, "INBOX.Sent");
	ck_assert_str_eq(p->local_base, "INBOX.Sent");
	ck_assert(p->create_local && !p->create_remote);
	tree_clear(&pairs);
	folders_clear(&remote);
	folders_clear(&local);
}
END_TEST

START_TEST(a_problem_says_what_to_do)
{
	struct vec remote = folders("a.b"), local = folders("");
	struct tree_side r = {&remote, '/', true}, l = {&local, '.', true};
	struct vec pairs = VEC(struct tree_pair), problems = VEC(char *);

	tree_build(&r, &l, NULL, &pairs, &problems);
	ck_assert_uint_eq(problems.len, 1);
	ck_assert_ptr_nonnull(strstr(*(char **)vec_at(&problems, 0),
		"sep = /"));
	vec_clear_pointers(&problems);
	folders_clear(&remote);
	folders_clear(&local);
}
END_TEST

Suite *tree_suite(void)
{
	Suite *suite = suite_create("tree");
	TCase *tc = tcase_create("tree");

	tcase_add_loop_test(tc, two_lists_become_pairs_as_in_the_table, 0,
		ARRAY_LEN(cases));
	tcase_add_test(tc, files_are_named_as_offlineimap_names_them);
	tcase_add_test(tc, a_problem_says_what_to_do);
	suite_add_tcase(suite, tc);
	return suite;
}
