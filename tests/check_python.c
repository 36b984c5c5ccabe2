#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "mem.h"
#include "suites.h"
#include "support/python_fixture.h"

/* ---- values ---- */

static const struct {
	const char *expression, *wanted;
} texts[] = {
	{"'a' + 'b'", "ab"},
	{"'literal'", "literal"},
	{"None", "None"},
	{"None or None", "None"},
	{"b'by' + b'tes'", "bytes"},
	{"chr(0xe9) + chr(0x1f600)", "\xc3\xa9\xf0\x9f\x98\x80"},
	{"'\\u00e9'", "\xc3\xa9"},
	{"''.join([])", ""},
	{"\"%s\" % (1,)", "1"},
	{"  re.sub('a', 'b', 'aa')", "bb"},
	{"('a'\n.upper())", "A"},
};

START_TEST(a_text_comes_back)
{
	begin(NULL);
	assert_text(texts[_i].expression, texts[_i].wanted);
	end();
}
END_TEST

static const struct {
	const char *expression;
	int64_t wanted;
} numbers[] = {
	{"993", 993}, {"900 + 93", 993}, {"'9' + '93'", 993}, {"None", 0},
	{"-2**63", INT64_MIN}, {"True", 1},
};

START_TEST(a_number_comes_back)
{
	int64_t number;

	begin(NULL);
	ck_assert_msg(python_number(f.python, RULE(numbers[_i].expression),
		&number, &f.err), "%s", f.err.text);
	ck_assert_int_eq(number, numbers[_i].wanted);
	end();
}
END_TEST

static const struct {
	const char *expression, *wanted;
} lists[] = {
	{"['INBOX', 'Sent',]", "INBOX,Sent,"},
	{"[]", ""}, {"None", ""}, {"list()", ""},
	{"[x + 'x' for x in 'ab']", "ax,bx,"},
	{"(x for x in ('a', 'b'))", "a,b,"},
	{"sorted({'b', 'a'} | {'c'})", "a,b,c,"},
	{"dict(a=1)", "a,"},
	{"'a', 'b'", "a,b,"},
	{"[chr(0xe9)]", "\xc3\xa9,"},
};

START_TEST(a_list_comes_back_each_time)
{
	struct vec names = VEC(char *);
	struct str got = {0};

	begin(NULL);
	for (int round = 0; round < 2; round++) {
		ck_assert_msg(python_list(f.python,
			RULE(lists[_i].expression), &names, &f.err), "%s",
			f.err.text);
		for (size_t i = 0; i < names.len; i++)
			str_printf(&got, "%s,", *(char **)vec_at(&names, i));
		ck_assert_str_eq(str_get(&got), lists[_i].wanted);
		str_reset(&got);
		vec_clear_pointers(&names);
		names = (struct vec)VEC(char *);
	}
	str_clear(&got);
	end();
}
END_TEST

START_TEST(names_are_translated)
{
	begin(NULL);
	assert_translated("lambda f: 'x.' + f", "x.INBOX",
		"x.Entw\xc3\xbcrfe");
	assert_translated("lambda f: re.sub('^I', 'i', f)", "iNBOX",
		"Entw\xc3\xbcrfe");
	end();
}
END_TEST

START_TEST(names_are_filtered)
{
	bool out[2] = {true, false};

	begin(NULL);
	ck_assert(python_filter(f.python, RULE("lambda f: f != 'INBOX'"),
		false, two, 2, out, &f.err));
	ck_assert(!out[0] && out[1]);
	ck_assert(python_filter(f.python, RULE("lambda f: re.search('N', f)"),
		false, two, 2, out, &f.err));
	ck_assert(out[0] && !out[1]);
	end();
}
END_TEST

START_TEST(names_are_sorted_and_equal_ones_keep_their_order)
{
	const char *const names[] = {"b2", "a1", "b1", "a2"};
	static const size_t wanted[] = {1, 3, 0, 2};
	size_t order[4];

	begin(NULL);
	ck_assert_msg(python_sort(f.python, RULE("lambda a, b: "
		"(a[0] > b[0]) - (a[0] < b[0])"), names, 4, order, &f.err),
		"%s", f.err.text);
	ck_assert_mem_eq(order, wanted, sizeof(wanted));
	end();
}
END_TEST

START_TEST(uids_come_back_for_each_name)
{
	struct vec out[2];

	begin(NULL);
	ck_assert_msg(python_uids(f.python, RULE("lambda f: f == 'INBOX' and "
		"(7, 4294967295, 0, -1, 2**32) or None"), two, 2, out,
		&f.err), "%s", f.err.text);
	ck_assert_uint_eq(out[0].len, 2);
	ck_assert_uint_eq(*(uint32_t *)vec_at(&out[0], 0), 7);
	ck_assert_uint_eq(*(uint32_t *)vec_at(&out[0], 1), UINT32_MAX);
	ck_assert_uint_eq(out[1].len, 0);
	vec_clear(&out[0]);
	vec_clear(&out[1]);
	end();
}
END_TEST

START_TEST(items_are_filtered_and_sorted)
{
	static const size_t wanted[] = {2, 1, 0};
	bool out[3];
	size_t order[3];

	begin(NULL);
	ck_assert_msg(python_item_filter(f.python, RULE("lambda a, f: "
		"a == 'A' and f == 'x'"), items, 3, out, &f.err), "%s",
		f.err.text);
	ck_assert(!out[0] && !out[1] && out[2]);
	ck_assert_msg(python_item_sort(f.python, RULE("lambda d: "
		"(d['accountname'], d['foldername'], d['localfolders'])"),
		items, 3, order, &f.err), "%s", f.err.text);
	ck_assert_mem_eq(order, wanted, sizeof(wanted));
	end();
}
END_TEST

START_TEST(no_names_make_no_answers)
{
	struct vec uids[1];
	size_t order[1];
	char *names[1];
	bool fits[1];

	begin(NULL);
	ck_assert(python_translate(f.python, RULE("str"), NULL, 0, names,
		&f.err));
	ck_assert(python_filter(f.python, RULE("str"), false, NULL, 0, fits,
		&f.err));
	ck_assert(python_sort(f.python, RULE("str"), NULL, 0, order, &f.err));
	ck_assert(python_uids(f.python, RULE("str"), NULL, 0, uids, &f.err));
	end();
}
END_TEST

/* ---- the pythonfile ---- */

START_TEST(expressions_see_the_names_of_the_pythonfile)
{
	begin("import os\nPREFIX = 'p.'\n_hidden = 'h'\n"
		"def trans(f):\n\treturn PREFIX + f\n");
	assert_translated("trans", "p.INBOX", "p.Entw\xc3\xbcrfe");
	assert_text("PREFIX + _hidden + os.sep", "p.h/");
	assert_text("__name__", "<none>");
	assert_text("__file__", f.pythonfile);
	end();
}
END_TEST

START_TEST(what_the_pythonfile_prints_is_logged)
{
	char *text;

	begin("import os, sys\nprint('one')\nos.system('echo two')\n"
		"print('three', file=sys.stderr)\n"
		"sys.stdout.write('half')\n");
	assert_text("str(print('four'))", "None");
	text = logged();
	ck_assert_str_eq(text, "python: one\npython: two\npython: three\n"
		"python: halffour\n");
	free(text);
	end();
}
END_TEST

/* OfflineIMAP is not started there, so its users have nothing there. */
START_TEST(modules_of_the_working_directory_are_not_found)
{
	char *path;

	begin(NULL);
	path = file_join(f.dir, "json.py");
	ck_assert(file_write(path, span_of("raise 1"), false, &f.err));
	ck_assert_int_eq(chdir(f.dir), 0);
	assert_text("str('' in __import__('sys').path)", "False");
	ck_assert_int_eq(chdir("/"), 0);
	free(path);
	end();
}
END_TEST

START_TEST(the_module_re_goes_before_a_name_of_the_pythonfile)
{
	begin("class re:\n\tdef sub(*args):\n\t\treturn 'mine'\n");
	assert_translated("lambda f: re.sub('.*', 'x', f, 1)", "x", "x");
	assert_text("re.sub('a', 'b', 'a')", "mine");
	end();
}
END_TEST

START_TEST(the_pythonfile_is_executed_once)
{
	char *text;

	begin("import os, sys\ncount = 0\n"
		"def up():\n\tglobal count\n\tcount += 1\n\treturn str(count)\n"
		"open(__file__ + '.runs', 'a').write('x')\n");
	assert_text("up()", "1");
	assert_text("up()", "2");
	text = text_of("open(__file__ + '.runs').read()", false);
	ck_assert_str_eq(text, "x");
	free(text);
	end();
}
END_TEST

START_TEST(a_function_is_made_once_and_may_be_made_anew)
{
	bool out[2];

	begin("count = 0\ndef make():\n\tglobal count\n\tcount += 1\n"
		"\tbound = count\n\treturn lambda f: bound > 1\n");
	for (int i = 0; i < 2; i++) {
		ck_assert(python_filter(f.python, RULE("make()"), false, two,
			2, out, &f.err));
		ck_assert(!out[0]);
	}
	ck_assert(python_filter(f.python, RULE("make()"), true, two, 2, out,
		&f.err));
	ck_assert(out[0]);
	end();
}
END_TEST

Suite *python_suite(void)
{
	Suite *suite = suite_create("python");
	TCase *tc = tcase_create("python");

	suite_add_tcase(suite, tc);
	if (!has_python("python"))
		return suite;
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_text_comes_back, 0, ARRAY_LEN(texts));
	tcase_add_loop_test(tc, a_number_comes_back, 0, ARRAY_LEN(numbers));
	tcase_add_loop_test(tc, a_list_comes_back_each_time, 0,
		ARRAY_LEN(lists));
	tcase_add_test(tc, names_are_translated);
	tcase_add_test(tc, names_are_filtered);
	tcase_add_test(tc, names_are_sorted_and_equal_ones_keep_their_order);
	tcase_add_test(tc, uids_come_back_for_each_name);
	tcase_add_test(tc, items_are_filtered_and_sorted);
	tcase_add_test(tc, no_names_make_no_answers);
	tcase_add_test(tc, expressions_see_the_names_of_the_pythonfile);
	tcase_add_test(tc, what_the_pythonfile_prints_is_logged);
	tcase_add_test(tc, modules_of_the_working_directory_are_not_found);
	tcase_add_test(tc, the_module_re_goes_before_a_name_of_the_pythonfile);
	tcase_add_test(tc, the_pythonfile_is_executed_once);
	tcase_add_test(tc, a_function_is_made_once_and_may_be_made_anew);
	return suite;
}
