/*
 * The items of the mailbox list: what Python's "%" makes of them, and names
 * that must not become commands.
 */
#include "config.h"

#include <string.h>

#include "conf/peritem.h"
#include "suites.h"

static const struct {
	const char *format, *folder, *wanted;
} formats[] = {
	{"+%(accountname)s/%(foldername)s", "INBOX", "+Te st/INBOX"},
	{"mailboxes \"+%(accountname)s/%(foldername)s\"\n", "Foo bar",
		"mailboxes \"+Te st/Foo bar\"\n"},
	{"'%(localfolders)s/%(foldername)s'", "a", "'/mail/a'"},
	{"%%", "a", "%"},
	{"100%% %(foldername)s%%", "a", "100% a%"},
	{"no name", "a", "no name"},
	{"", "a", ""},
	{"<%(foldername)8s>", "abc", "<     abc>"},
	{"<%(foldername)-8s>", "abc", "<abc     >"},
	{"<%(foldername)-3s>", "abcd", "<abcd>"},
	{"<%(foldername).2s>", "abcd", "<ab>"},
	{"<%(foldername)5.2s>", "abcd", "<   ab>"},
	{"<%(foldername).s>", "abcd", "<>"},
	{"<%(foldername)05s>", "ab", "<   ab>"},
	{"<%(foldername)+# 5s>", "ab", "<   ab>"},
	{"<%(foldername)-05s>", "ab", "<ab   >"},
	{"<%(foldername)ls>", "ab", "<ab>"},
	/* characters are counted, not bytes */
	{"<%(foldername)4s>", "\303\251\303\240", "<  \303\251\303\240>"},
	{"<%(foldername).1s>", "\303\251\303\240", "<\303\251>"},
	{"%(foldername)r", "a'b", "\"a'b\""},
	{"%(foldername)r", "a'\"b", "'a\\'\"b'"},
	{"%(foldername)r", "a\\b", "'a\\\\b'"},
	{"%(foldername)r", "\303\251\302\240", "'\303\251\\xa0'"},
	{"%(foldername)a", "\303\251\342\202\254\360\237\230\200",
		"'\\xe9\\u20ac\\U0001f600'"},
	{"<%(foldername)6.4r>", "abcdef", "<  'abc>"},
};

static struct peritem item_of(const char *folder)
{
	return (struct peritem){"Te st", folder, "/mail"};
}

static void assert_format(const char *format, const struct peritem *item,
	const char *wanted)
{
	struct error err = {0};
	struct str out = {0};

	ck_assert_msg(peritem_format(format, item, &out, &err), "%s", err.text);
	ck_assert_str_eq(str_get(&out), wanted);
	str_clear(&out);
}

START_TEST(formats_are_those_of_python)
{
	struct peritem item = item_of(formats[_i].folder);

	assert_format(formats[_i].format, &item, formats[_i].wanted);
}
END_TEST

START_TEST(a_missing_root_is_none)
{
	struct peritem item = {"A", "F", NULL};

	assert_format("%(localfolders)s|%(localfolders)5r|", &item,
		"None| None|");
}
END_TEST

static const struct {
	const char *format, *why;
} bad[] = {
	{"%(folder)s", "there is no name 'folder'"},
	{"%()s", "there is no name ''"},
	{"%(a(b)c)s", "there is no name 'a(b)c'"},
	{"%(foldername", "lacks its )"},
	{"%(foldername)", "lacks its letter"},
	{"50%", "lacks its letter"},
	{"%s", "no (name)"},
	{"50% of", "no (name)"},
	{"%5%", "no (name)"},
	{"%(foldername)d", "the letter is s"},
	{"%(foldername)y", "the letter is s"},
	{"%(foldername)%", "the letter is s"},
	{"%(foldername)*s", "a width"},
	{"%(foldername).*s", "a precision"},
	{"%(foldername)99999999999999999999s", "a width"},
};

START_TEST(a_bad_format_is_refused_and_explained)
{
	struct error err = {0};

	ck_assert_msg(!peritem_check(bad[_i].format, &err), "%s",
		bad[_i].format);
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ck_assert_msg(strstr(err.text, bad[_i].why) != NULL, "%s", err.text);
}
END_TEST

static const struct {
	const char *format, *folder, *wanted; /* NULL: left out */
} hostile[] = {
	{"mailboxes \"+%(foldername)s\"", "a\"b\\c`id`$HOME", "mailboxes \"+"
		"a\\\"b\\\\c\\`id\\`\\$HOME\""},
	{"mailboxes '+%(foldername)s'", "a'b`id`", "mailboxes '+a'\\''b`id`'"},
	{"\"x\" %(foldername)s", "a`id`", NULL},
	{"\"\\\"%(foldername)s\"", "a`b", "\"\\\"a\\`b\""},
	{"%(foldername)s", "a$(id)", NULL},
	{"%(foldername)s", "a;source x", NULL},
	{"%(foldername)r", "a`id`", NULL},
	{"\"%(foldername)r\"", "a`id`", NULL},
	{"\"%(foldername)s\"", "a\nb", NULL},
	{"\"%(foldername)s\"", "a\033]0;b", NULL},
	{"%(foldername)s", "Bob's $5 \"list\"", "Bob's $5 \"list\""},
	/* the padding is that of the name, not of its quoted form */
	{"\"%(foldername)4s\"", "a$", "\"  a\\$\""},
};

START_TEST(a_name_cannot_become_a_command)
{
	struct peritem item = item_of(hostile[_i].folder);
	struct error err = {0};
	struct str out = {0};

	if (hostile[_i].wanted != NULL) {
		assert_format(hostile[_i].format, &item, hostile[_i].wanted);
		return;
	}
	str_set(&out, "before");
	ck_assert(!peritem_format(hostile[_i].format, &item, &out, &err));
	ck_assert_int_eq(err.kind, ERROR_OTHER);
	ck_assert_str_eq(str_get(&out), "before");
	str_clear(&out);
}
END_TEST

Suite *peritem_suite(void)
{
	Suite *suite = suite_create("peritem");
	TCase *tests = tcase_create("peritem");

	tcase_add_loop_test(tests, formats_are_those_of_python, 0,
		(int)(sizeof(formats) / sizeof(*formats)));
	tcase_add_test(tests, a_missing_root_is_none);
	tcase_add_loop_test(tests, a_bad_format_is_refused_and_explained, 0,
		(int)(sizeof(bad) / sizeof(*bad)));
	tcase_add_loop_test(tests, a_name_cannot_become_a_command, 0,
		(int)(sizeof(hostile) / sizeof(*hostile)));
	suite_add_tcase(suite, tests);
	return suite;
}
