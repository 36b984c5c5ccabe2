#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mem.h"
#include "str.h"
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
static char *word(const char *text)
{
	return mem_strdup(strcmp(text, "@") == 0 ? "" : text);
}

/* NAME[|VISIBLE[|AGAIN]] with "-" in front of what is filtered, "+" in front
 * of what is planned, "~" where the name on the other side is filtered. */
static void add_name(struct vec *names, char *text)
{
	struct tree_name *n = vec_add(names);
	char *visible, *again;

	n->filtered = *text == '-';
	n->planned = *text == '+';
	n->back_filtered = *text == '~';
	text += n->filtered || n->planned || n->back_filtered;
	visible = strchr(text, '|');
	again = visible ? strchr(visible + 1, '|') : NULL;
	if (again) {
		*again++ = '\0';
		n->again = word(again);
	}
	if (visible) {
		*visible++ = '\0';
		n->visible = word(visible);
	}
	n->name = word(text);
	n->rank = 1000 - names->len;
}

static struct vec folders(const char *names)
{
	struct vec out = VEC(struct tree_name);
	char *copy = mem_strdup(names), *save = NULL;

	for (char *name = strtok_r(copy, ",", &save); name;
		name = strtok_r(NULL, ",", &save))
		add_name(&out, name);
	free(copy);
	return out;
}

static void folders_clear(struct vec *v)
{
	for (size_t i = 0; i < v->len; i++) {
		struct tree_name *n = vec_at(v, i);

		free(n->name);
		free(n->visible);
		free(n->again);
	}
	vec_clear(v);
}

static void print(const struct tree_result *result, struct str *out)
{
	for (size_t i = 0; i < result->pairs.len; i++) {
		const struct tree_pair *p = vec_at(&result->pairs, i);

		str_printf(out, "%s%s>%s%s(%s) ", p->remote,
			p->create_remote ? "*" : "", p->local,
			p->create_local ? "*" : "", p->state_base);
	}
	for (size_t i = 0; i < result->problems.len; i++) {
		const struct tree_problem *p = vec_at(&result->problems, i);

		str_add(out, p->warning ? "?" : "!");
	}
}

START_TEST(two_lists_become_pairs_as_in_the_table)
{
	const struct tree_case *c = &cases[_i];
	struct vec remote = folders(c->remote), local = folders(c->local);
	const char *const only[] = {c->only, NULL};
	struct tree_input in = {
		.remote = {&remote, c->remote_sep, c->may & MAY_REMOTE},
		.local = {&local, c->local_sep, c->may & MAY_LOCAL},
		.only = c->only ? only : NULL,
	};
	struct tree_result result = TREE_RESULT;
	struct str out = {0};

	tree_build(&in, &result);
	print(&result, &out);
	ck_assert_msg(strcmp(str_get(&out), c->expected) == 0,
		"%s | %s: \"%s\", not \"%s\"", c->remote, c->local,
		str_get(&out), c->expected);
	ck_assert_uint_eq(result.faults.len, 0);
	str_clear(&out);
	tree_result_clear(&result);
	folders_clear(&remote);
	folders_clear(&local);
}
END_TEST

START_TEST(files_are_named_as_offlineimap_names_them)
{
	struct vec remote = folders("INBOX/Sent"), local = folders("");
	struct tree_input in = {.remote = {&remote, '/', true},
		.local = {&local, '.', true}};
	struct tree_result result = TREE_RESULT;
	const struct tree_pair *p;

	tree_build(&in, &result);
	ck_assert_uint_eq(result.pairs.len, 1);
	p = vec_at(&result.pairs, 0);
	ck_assert_str_eq(p->visible, "INBOX.Sent");
	ck_assert_str_eq(p->state_base, "INBOX.Sent");
	ck_assert_str_eq(p->remote_base, "INBOX.Sent");
	ck_assert_str_eq(p->local_base, "INBOX.Sent");
	ck_assert(p->create_local && !p->create_remote);
	tree_result_clear(&result);
	folders_clear(&remote);
	folders_clear(&local);
}
END_TEST

START_TEST(a_problem_says_what_to_do)
{
	struct vec remote = folders("a.b"), local = folders("");
	struct tree_input in = {.remote = {&remote, '/', true},
		.local = {&local, '.', true}};
	struct tree_result result = TREE_RESULT;
	const struct tree_problem *p;

	tree_build(&in, &result);
	ck_assert_uint_eq(result.problems.len, 1);
	p = vec_at(&result.problems, 0);
	ck_assert_ptr_nonnull(strstr(p->text, "sep = /"));
	tree_result_clear(&result);
	folders_clear(&remote);
	folders_clear(&local);
}
END_TEST

/* With rules: names as of add_name.  Behind the pairs and problems stand the
 * faults, each as " / " and its text, and what is suggested for nametrans. */
static const struct {
	const char *remote;
	char remote_sep;
	const char *local;
	char local_sep;
	unsigned may;
	const char *only;
	const char *expected;
} ruled[] = {
	/* a prefix goes and comes */
	{"INBOX|INBOX,INBOX/Sent|Sent", '/',
		"+INBOX|INBOX,+Sent|INBOX.Sent", '.', MAY_BOTH, NULL,
		"INBOX>INBOX*(INBOX) INBOX/Sent>Sent*(Sent) "},
	{"INBOX|INBOX,INBOX/a/b|a/b", '/', "INBOX,a.b|INBOX.a.b", '.',
		MAY_BOTH, NULL, "INBOX>INBOX(INBOX) INBOX/a/b>a.b(a.b) "},
	/* the same without a way back: the next run would create Sent */
	{"INBOX,INBOX/Sent|Sent", '/', "+INBOX,+Sent", '.', MAY_BOTH, NULL,
		"INBOX>INBOX*(INBOX) INBOX/Sent>Sent*(Sent)  / remote "
		"\"INBOX/Sent\" is local \"Sent\", which would be remote "
		"\"Sent\" / lambda f: f if f in ('INBOX',) else 'INBOX.' + f"
		" / s,^(?!(?:INBOX)$),INBOX.,"},
	{"a|b,c|d", '/', "+b,+d", '.', MAY_BOTH, NULL,
		"a>b*(b) c>d*(d)  / remote \"a\" is local \"b\", which "
		"would be remote \"b\" / remote \"c\" is local \"d\", "
		"which would be remote \"d\" / "
		"lambda f: {'b': 'a', 'd': 'c'}.get(f, f) / "
		"s,^b$,a,; s,^d$,c,"},
	/* a chain of names is no list of commands */
	{"a|b,b|c", '/', "+b,+c", '.', MAY_BOTH, NULL,
		"a>b*(b) b>c*(c)  / remote \"a\" is local \"b\", which "
		"would be remote \"b\" / remote \"b\" is local \"c\", "
		"which would be remote \"c\" / "
		"lambda f: {'b': 'a', 'c': 'b'}.get(f, f)"},
	/* ... which harms nobody where none may be created, or where the
	 * filter keeps the other name out */
	{"INBOX/Sent|Sent", '/', "Sent", '.', MAY_LOCAL, NULL,
		"INBOX/Sent>Sent(Sent) "},
	{"INBOX/Sent|Sent", '/', "~Sent", '.', MAY_BOTH, NULL,
		"INBOX/Sent>Sent(Sent) "},
	{"INBOX/Sent|Sent", '/', "+Sent", '.', MAY_REMOTE, NULL, ""},
	/* a name that the user sends to the Maildir's root */
	{"INBOX|@,Sent|Sent", '/', "@|INBOX,Sent", '.', MAY_BOTH, NULL,
		"INBOX>(dot) Sent>Sent(Sent) "},
	{"INBOX|.", '.', "+@|INBOX", '/', MAY_BOTH, NULL, "INBOX>*(dot) "},
	{"INBOX|/", '.', "+@|INBOX", '/', MAY_BOTH, NULL, "INBOX>*(dot) "},
	/* two that meet */
	{"a|x,b|x", '/', "+x|a", '.', MAY_BOTH, NULL,
		"a>x*(x)  / remote \"a\" and remote \"b\" have the same "
		"local folder, \"x\" / lambda f: {'x': 'a'}.get(f, f) / "
		"s,^x$,a,"},
	{"a|x,-b|x", '/', "+x|a", '.', MAY_BOTH, NULL, "a>x*(x) "},
	/* ... in one place, one now and the other another time */
	{"a|x,b|x", '/', "+x|a", '.', MAY_BOTH, "a",
		"a>x*(x)  / remote \"a\" and remote \"b\" have the same "
		"local folder, \"x\" / lambda f: {'x': 'a'}.get(f, f) / "
		"s,^x$,a,"},
	{"a|x,-b|x", '/', "+x|a", '.', MAY_BOTH, "a", "a>x*(x) "},
	{"a|x,b|x,c", '/', "+x|a,+c", '.', MAY_BOTH, "c", "c>c*(c) "},
	{"A/B,A.B,c|d", '/', "+A/B,+A.B,+d|c", '/', MAY_BOTH, NULL,
		"A.B>A.B*(A.B) c>d*(d)  / remote \"A.B\" and remote "
		"\"A/B\" have the same state file, \"A.B\" / "
		"lambda f: {'d': 'c'}.get(f, f) / s,^d$,c,"},
	/* hazard of OfflineIMAP: folders without end */
	{"INBOX", '/', "INBOX,x|x|xx", '.', MAY_BOTH, NULL,
		"INBOX>INBOX(INBOX)  / local \"x\" would be remote \"x\", "
		"which would be local \"xx\""},
	{"INBOX", '/', "INBOX,-x|x|xx", '.', MAY_BOTH, NULL,
		"INBOX>INBOX(INBOX) "},
	{"INBOX", '/', "INBOX,~x|x|xx", '.', MAY_BOTH, NULL,
		"INBOX>INBOX(INBOX) "},
	{"INBOX", '/', "INBOX,x|x|xx", '.', MAY_LOCAL, NULL,
		"INBOX>INBOX(INBOX) "},
	/* new ones on both sides */
	{"INBOX/a|a", '/', "+a|INBOX.a,b|INBOX.b|b", '.', MAY_BOTH, NULL,
		"INBOX/a>a*(a) INBOX/b*>b(b) "},
	/* a filter of the local side: not even created */
	{"a|b", '/', "-b|a", '.', MAY_BOTH, NULL, ""},
	{"a|b", '/', "+b|a", '.', MAY_BOTH, "b", "!"},
	/* what another folder has already */
	{"a|b", '/', "+b|a,c|a|b", '.', MAY_BOTH, NULL, "a>b*(b) !"},
	/* a rule makes separators of its own */
	{"a.b|a_b", '/', "+a_b|a.b", '.', MAY_REMOTE | MAY_LOCAL, NULL,
		"a.b>a_b*(a_b)  / remote \"a.b\" is local \"a_b\", which "
		"would be remote \"a/b\""},
	{"a|../x", '/', "", '/', MAY_BOTH, NULL, "!"},
	/* what is left behind when names become readable, or no more */
	{"\xc3\xa4", '/', "\xc3\xa4,&AOQ-", '.', MAY_BOTH, NULL,
		"\xc3\xa4>\xc3\xa4(\xc3\xa4) !"},
	{"&AOQ-", '/', "&AOQ-,\xc3\xa4", '.', MAY_BOTH, NULL,
		"&AOQ->&AOQ-(&AOQ-) !"},
	{"&AOQ-", '/', "&AOQ-,\xc3\xa4", '.', MAY_LOCAL, NULL,
		"&AOQ->&AOQ-(&AOQ-) "},
	{"b", '/', "b,\xc3\xa4", '.', MAY_BOTH, NULL,
		"b>b(b) \xc3\xa4*>\xc3\xa4(\xc3\xa4) "},
};

START_TEST(rules_are_judged_as_in_the_table)
{
	struct vec remote = folders(ruled[_i].remote);
	struct vec local = folders(ruled[_i].local);
	const char *const only[] = {ruled[_i].only, NULL};
	struct tree_input in = {
		.remote = {&remote, ruled[_i].remote_sep,
			ruled[_i].may & MAY_REMOTE},
		.local = {&local, ruled[_i].local_sep,
			ruled[_i].may & MAY_LOCAL},
		.only = ruled[_i].only ? only : NULL,
		.ruled = true,
	};
	struct tree_result result = TREE_RESULT;
	struct str out = {0};

	tree_build(&in, &result);
	print(&result, &out);
	for (size_t i = 0; i < result.faults.len; i++)
		str_printf(&out, " / %s",
			*(char **)vec_at(&result.faults, i));
	if (result.nametrans)
		str_printf(&out, " / %s", result.nametrans);
	if (result.rename)
		str_printf(&out, " / %s", result.rename);
	ck_assert_str_eq(str_get(&out), ruled[_i].expected);
	str_clear(&out);
	tree_result_clear(&result);
	folders_clear(&remote);
	folders_clear(&local);
}
END_TEST

static const struct {
	const char *remote, *local;
	bool ruled, blind;
	const char *expected; /* with the number of faults */
} cased[] = {
	{"Foo,foo", "", false, false, "Foo>Foo*(Foo) foo>foo*(foo) 0"},
	{"Foo,foo", "", false, true, "Foo>Foo*(Foo) !0"},
	{"Foo,foo", "+Foo,+foo", true, true, "Foo>Foo*(Foo) 1"},
	{"Foo,foo", "+Foo,+foo", true, false, "Foo>Foo*(Foo) foo>foo*(foo) 0"},
	{"foo", "Foo", false, true, "Foo*>Foo(Foo) !0"},
	{"a,b", "", false, true, "a>a*(a) b>b*(b) 0"},
};

START_TEST(a_disk_blind_for_case_cannot_hold_both)
{
	struct vec remote = folders(cased[_i].remote);
	struct vec local = folders(cased[_i].local);
	struct tree_input in = {
		.remote = {&remote, '/', true},
		.local = {&local, '/', true},
		.ruled = cased[_i].ruled,
		.case_blind = cased[_i].blind,
	};
	struct tree_result result = TREE_RESULT;
	struct str out = {0};

	tree_build(&in, &result);
	print(&result, &out);
	str_printf(&out, "%zu", result.faults.len);
	ck_assert_str_eq(str_get(&out), cased[_i].expected);
	ck_assert_int_eq(result.case_twins,
		strcasecmp(cased[_i].remote, "a,b") != 0);
	str_clear(&out);
	tree_result_clear(&result);
	folders_clear(&remote);
	folders_clear(&local);
}
END_TEST

START_TEST(files_have_the_names_of_offlineimap_with_rules)
{
	struct vec remote = folders("INBOX/Sent Items|Sent/x");
	struct vec local = folders("+Sent.x|INBOX.Sent Items");
	struct tree_input in = {.remote = {&remote, '/', true},
		.local = {&local, '.', true}, .ruled = true};
	struct tree_result result = TREE_RESULT;
	const struct tree_pair *p;

	tree_build(&in, &result);
	ck_assert_uint_eq(result.pairs.len, 1);
	p = vec_at(&result.pairs, 0);
	ck_assert_str_eq(p->visible, "Sent.x");
	ck_assert_str_eq(p->state_base, "Sent.x");
	ck_assert_str_eq(p->remote_base, "INBOX.Sent Items");
	ck_assert_str_eq(p->local_base, "Sent.x");
	ck_assert_str_eq(p->hash_name, "INBOX.Sent Items");
	tree_result_clear(&result);
	folders_clear(&remote);
	folders_clear(&local);
}
END_TEST

START_TEST(the_user_may_choose_the_order)
{
	struct vec remote = folders("a,INBOX,b"), local = folders("c");
	struct tree_input in = {.remote = {&remote, '/', true},
		.local = {&local, '.', true}, .sorted = true};
	struct tree_result result = TREE_RESULT;
	struct str out = {0};

	tree_build(&in, &result);
	print(&result, &out);
	ck_assert_str_eq(str_get(&out), "b>b*(b) INBOX>INBOX*(INBOX) "
		"a>a*(a) c*>c(c) ");
	str_clear(&out);
	tree_result_clear(&result);
	folders_clear(&remote);
	folders_clear(&local);
}
END_TEST

START_TEST(what_the_server_cannot_show_is_not_sent)
{
	struct vec remote = folders("mail/a");
	struct vec local = folders("mail.b,x,y");
	struct tree_input in = {.remote = {&remote, '/', true},
		.local = {&local, '.', true}, .reference = "mail/"};
	struct tree_result result = TREE_RESULT;
	struct str out = {0};

	tree_build(&in, &result);
	print(&result, &out);
	ck_assert_str_eq(str_get(&out),
		"mail/a>mail.a*(mail.a) mail/b*>mail.b(mail.b) ?");
	str_clear(&out);
	tree_result_clear(&result);
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
	tcase_add_loop_test(tc, rules_are_judged_as_in_the_table, 0,
		ARRAY_LEN(ruled));
	tcase_add_loop_test(tc, a_disk_blind_for_case_cannot_hold_both, 0,
		ARRAY_LEN(cased));
	tcase_add_test(tc, files_have_the_names_of_offlineimap_with_rules);
	tcase_add_test(tc, the_user_may_choose_the_order);
	tcase_add_test(tc, what_the_server_cannot_show_is_not_sent);
	suite_add_tcase(suite, tc);
	return suite;
}
