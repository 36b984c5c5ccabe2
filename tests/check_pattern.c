#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/pattern.h"
#include "mem.h"
#include "str.h"
#include "suites.h"

#define TRASH 1u
#define SENT 2u

static const struct pattern_use uses[] = {
	{"\\Trash", TRASH}, {"\\Sent", SENT},
};

/* why: NULL where a wanted folder needs no reason. */
static const struct {
	const char *rule, *name;
	char separator;
	unsigned attributes;
	bool in;
	const char *why;
} fits[] = {
	{"INBOX", "INBOX", '/', 0, true, "INBOX"},
	{"inbox", "Inbox", '/', 0, true, "inbox"},
	{"INBOX", "inboxes", '/', 0, false, ""},
	{"INBOX, Work", "Work", '/', 0, true, "Work"},
	{"INBOX,Work", "work", '/', 0, false, ""},
	{"Lists/*", "Lists/a/b", '/', 0, true, NULL},
	{"Lists/%", "Lists/a/b", '/', 0, false, ""},
	{"Lists/%", "Lists/a", '/', 0, true, NULL},
	{"Lists.%", "Lists.a/b", '.', 0, true, NULL},
	{"%", "a/b", '\0', 0, true, NULL},
	{"%/b", "a/b", '/', 0, true, NULL},
	{"*b*", "abc", '/', 0, true, NULL},
	{"*", "", '/', 0, true, NULL},
	{"?", "\303\244", '/', 0, true, NULL},
	{"??", "\303\244", '/', 0, false, NULL},
	{"?", "\377", '/', 0, true, NULL},
	{"a?c", "abc", '/', 0, true, NULL},
	{"\303\244*", "\303\244b", '/', 0, true, NULL},
	/* the last one that fits decides */
	{"Lists/*, !Lists/spam*", "Lists/spam1", '/', 0, false,
		"!Lists/spam*"},
	{"Lists/*, !Lists/spam*, Lists/spam2", "Lists/spam2", '/', 0, true,
		"Lists/spam2"},
	{"Lists/*, !Lists/spam*", "Lists/ham", '/', 0, true, "Lists/*"},
	{"Lists/*, !Lists/spam*", "other", '/', 0, false, ""},
	{"!Junk", "other", '/', 0, true, ""},
	{"!Junk", "Junk", '/', 0, false, "!Junk"},
	{"! Junk ", "Junk", '/', 0, false, NULL},
	/* lines as well as commas */
	{"\nINBOX,\nWork\n!Work/old", "Work", '/', 0, true, NULL},
	{"INBOX\nWork\n!Work", "Work", '/', 0, false, NULL},
	/* quotes */
	{"\"a, b\"", "a, b", '/', 0, true, "\"a, b\""},
	{"\" a \", c", " a ", '/', 0, true, NULL},
	{"\"x\\\"y\"", "x\"y", '/', 0, true, NULL},
	{"!\"a, b\"", "a, b", '/', 0, false, NULL},
	{"\"!a\"", "!a", '/', 0, true, NULL},
	{"\"\\Sent\"", "\\Sent", '/', 0, true, NULL},
	{"a b", "a b", '/', 0, true, NULL},
	/* special uses */
	{"!\\Trash", "Bin", '/', TRASH, false, "!\\Trash"},
	{"!\\Trash", "Bin", '/', SENT, true, NULL},
	{"\\sent", "Gesendet", '/', SENT, true, "\\sent"},
	{"\\Sent", "Sent", '/', 0, false, ""},
};

START_TEST(a_folder_is_in_as_the_table_says)
{
	struct conf_rule rule = {fits[_i].rule, "f:1"};
	struct error err = {0};
	struct folders_rule *folders = folders_rule_new(&rule, &err);
	const char *why = "?";

	ck_assert_msg(folders, "%s", err.text);
	ck_assert_msg(folders_rule_fits(folders, fits[_i].name,
		fits[_i].separator, fits[_i].attributes, uses,
		ARRAY_LEN(uses), &why) == fits[_i].in, "%s: %s",
		fits[_i].rule, fits[_i].name);
	if (fits[_i].why)
		ck_assert_str_eq(why, fits[_i].why);
	folders_rule_free(folders);
}
END_TEST

/* A matcher that goes back would need longer than anybody waits. */
START_TEST(a_pattern_of_many_wildcards_takes_no_time)
{
	struct str text = {0}, name = {0};
	struct conf_rule rule = {0};
	struct error err = {0};
	struct folders_rule *folders;

	for (int i = 0; i < 300; i++) {
		str_add(&text, i % 2 ? "%a" : "*a");
		str_add(&name, "aaaaaaaaaa");
	}
	str_add(&text, "b");
	rule.text = str_get(&text);
	folders = folders_rule_new(&rule, &err);
	ck_assert_ptr_nonnull(folders);
	ck_assert(!folders_rule_fits(folders, str_get(&name), '/', 0, uses,
		ARRAY_LEN(uses), NULL));
	str_add(&name, "b");
	ck_assert(folders_rule_fits(folders, str_get(&name), '/', 0, uses,
		ARRAY_LEN(uses), NULL));
	folders_rule_free(folders);
	str_clear(&text);
	str_clear(&name);
}
END_TEST

START_TEST(the_uses_that_a_rule_names_are_told)
{
	struct conf_rule rule = {"INBOX, \\Sent, !\\Trash", "f:1"};
	struct error err = {0};
	struct folders_rule *folders = folders_rule_new(&rule, &err);

	ck_assert_str_eq(folders_rule_use(folders, 0), "\\Sent");
	ck_assert_str_eq(folders_rule_use(folders, 1), "\\Trash");
	ck_assert_ptr_null(folders_rule_use(folders, 2));
	folders_rule_free(folders);
}
END_TEST

/* says: what the error must hold beside the place. */
static const struct {
	const char *rule, *says;
} bad_folders[] = {
	{"", "names no folder"},
	{" ,, ", "names no folder"},
	{"a, \"b", "\"\"b\": a double quote"},
	{"\"a\" b", "comma is missing"},
	{"a, !", "\"!\": a name is missing"},
	{"\\Bin", "\"\\Bin\": is none of \\All"},
};

START_TEST(what_is_no_pattern_is_refused)
{
	struct conf_rule rule = {bad_folders[_i].rule, "f:1: [R] folders"};
	struct error err = {0};

	ck_assert_ptr_null(folders_rule_new(&rule, &err));
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, "f:1: [R] folders"));
	ck_assert_msg(strstr(err.text, bad_folders[_i].says), "%s", err.text);
}
END_TEST

static const struct {
	const char *rule, *name, *result;
} renames[] = {
	{"s,^INBOX/,,", "INBOX/Sent", "Sent"},
	{"s,^INBOX/,,", "INBOX", "INBOX"},
	{"s,^INBOX/,,; s,^Sent Items$,Sent,", "INBOX/Sent Items", "Sent"},
	{"s,^INBOX/,,; s,^Sent Items$,Sent,", "Sent Items/x",
		"Sent Items/x"},
	{"s,a,b,\n s,b,c,;", "a", "c"},
	{"s/a/b/", "aa", "ba"},
	{"s/a/b/g", "aXa", "bXb"},
	{"s/A/b/gi", "aXA", "bXb"},
	{"s,(.)(.),\\2$1,", "ab", "ba"},
	{"s,(a)|(b),<\\2>,", "a", "<>"},
	{"s,b,[\\0],", "abc", "a[b]c"},
	{"s,x,$&{1}\\\\,", "x", "$&{1}\\"},
	{"s,x,\\$1,", "x", "$1"},
	{"s,a\\,b,c\\,d,", "a,b", "c,d"},
	{"s.a\\.b.c.", "a.b", "c"},
	{"s.a\\.b.c.", "axb", "axb"},
	{"s,;,:,", "a;b", "a:b"},
	{"s,^.,X,", "\303\244b", "Xb"},
	{"s,x*,-,g", "ab", "-a-b-"},
	{"s,^\\[Gmail\\]/,,", "[Gmail]/All", "All"},
	{"s,^,Mail/,", "a", "Mail/a"},
	{"s,a,\303\244,", "a", "\303\244"},
};

START_TEST(a_folder_is_renamed_as_the_table_says)
{
	struct conf_rule rule = {renames[_i].rule, "f:1"};
	struct error err = {0};
	struct rename_rule *rename = rename_rule_new(&rule, &err);
	char *result;

	ck_assert_msg(rename, "%s", err.text);
	result = rename_rule_apply(rename, renames[_i].name, &err);
	ck_assert_msg(result, "%s", err.text);
	ck_assert_str_eq(result, renames[_i].result);
	free(result);
	rename_rule_free(rename);
}
END_TEST

static const struct {
	const char *rule, *says;
} bad_renames[] = {
	{"", "no command"},
	{"y,a,b,", "a command is s"},
	{"s", "a command is s"},
	{"saabb", "a command is s"},
	{"s,a,b", "\"s,a,b\": a delimiter is missing"},
	{"s,a", "a delimiter is missing"},
	{"s,a\n,b,", "a delimiter is missing"},
	{"s,a,b,x", "there may be g and i"},
	{"s,a,b, s,b,c,", "there may be g and i"},
	{"s,(a,b,", "\"s,(a,b,\": the expression is wrong at character 2"},
	{"s,a,\\1,", "names a group"},
	{"s,(a),\\2,", "names a group"},
	{"s,a,\\n,", "unknown \"\\\""},
	{"s,\\C,b,", "the expression is wrong"},
	{"s,\377,b,", "the expression is wrong"},
};

START_TEST(what_is_no_command_is_refused)
{
	struct conf_rule rule = {bad_renames[_i].rule, "f:1: [R] rename"};
	struct error err = {0};

	ck_assert_ptr_null(rename_rule_new(&rule, &err));
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, "f:1: [R] rename"));
	ck_assert_msg(strstr(err.text, bad_renames[_i].says), "%s", err.text);
}
END_TEST

static const struct {
	const char *rule, *name;
} endless[] = {
	{"s,^(a+)+$,b,", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"},
	{"s,^(.*)$,\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1,;"
		"s,^(.*)$,\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1,;"
		"s,^(.*)$,\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1,", "abcdefg"},
	{"s,a,b,", "\377"},
};

START_TEST(what_would_never_end_is_an_error)
{
	struct conf_rule rule = {endless[_i].rule, "f:1"};
	struct error err = {0};
	struct rename_rule *rename = rename_rule_new(&rule, &err);

	ck_assert_msg(rename, "%s", err.text);
	ck_assert_ptr_null(rename_rule_apply(rename, endless[_i].name, &err));
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, "f:1"));
	rename_rule_free(rename);
}
END_TEST

/* NULL: there is no way back. */
static const struct {
	const char *rule, *name, *before;
} undone[] = {
	{"s,^INBOX/,,", "Sent", "INBOX/Sent"},
	{"s,^INBOX/,,; s,^Sent Items$,Sent,", "Sent", "INBOX/Sent Items"},
	{"s,^Sent Items$,Sent,", "other", "other"},
	{"s,^\\[Gmail\\]/,G/,", "G/All", "[Gmail]/All"},
	{"s,^a,b,", "c", "c"},
	{"s,x$,y,", "ay", "ax"},
	{"s,a\\$,b,", "b", NULL},
	{"s,a\\\\$,b,", "xb", "xa\\"},
	{"s,a,b,", "b", NULL},
	{"s,^a.,b,", "b", NULL},
	{"s,^(a),\\1b,", "ab", NULL},
	{"s,^a,b,i", "b", NULL},
	{"s,^\\w,b,", "b", NULL},
};

START_TEST(plain_commands_are_undone)
{
	struct conf_rule rule = {undone[_i].rule, "f:1"};
	struct error err = {0};
	struct rename_rule *rename = rename_rule_new(&rule, &err);
	char *before = rename_rule_undo(rename, undone[_i].name);

	ck_assert_pstr_eq(before, undone[_i].before);
	free(before);
	rename_rule_free(rename);
}
END_TEST

Suite *pattern_suite(void)
{
	Suite *suite = suite_create("pattern");
	TCase *tc = tcase_create("pattern");

	tcase_add_loop_test(tc, a_folder_is_in_as_the_table_says, 0,
		ARRAY_LEN(fits));
	tcase_add_test(tc, a_pattern_of_many_wildcards_takes_no_time);
	tcase_add_test(tc, the_uses_that_a_rule_names_are_told);
	tcase_add_loop_test(tc, what_is_no_pattern_is_refused, 0,
		ARRAY_LEN(bad_folders));
	tcase_add_loop_test(tc, a_folder_is_renamed_as_the_table_says, 0,
		ARRAY_LEN(renames));
	tcase_add_loop_test(tc, what_is_no_command_is_refused, 0,
		ARRAY_LEN(bad_renames));
	tcase_add_loop_test(tc, what_would_never_end_is_an_error, 0,
		ARRAY_LEN(endless));
	tcase_add_loop_test(tc, plain_commands_are_undone, 0,
		ARRAY_LEN(undone));
	suite_add_tcase(suite, tc);
	return suite;
}
