#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "mem.h"
#include "suites.h"
#include "support/python_fixture.h"

/* ---- what goes wrong ---- */

static const struct {
	const char *expression, *wanted;
} bad_functions[] = {
	{"lambda f: bar", "for folder 'INBOX': NameError: name 'bar' is not "
		"defined (expression: lambda f: bar)"},
	{"lambda f: f == 'INBOX' and f or 1 // 0",
		"for folder 'Entw\xc3\xbcrfe': "
		"ZeroDivisionError: integer division or modulo by zero"},
	{"lambda f f", "SyntaxError: "},
	{"nobody", "NameError: name 'nobody' is not defined"},
	{"'x'", "its value must be a function, but is the str 'x'"},
	{"None", "its value must be a function, but is None"},
	{"lambda f: None", "the result must be text, but is None"},
	{"lambda f: b'x'", "the result must be text, but is the bytes b'x'"},
	{"lambda f: 7", "for folder 'INBOX': the result must be text, but is "
		"the int 7 (expression: lambda f: 7)"},
	{"lambda f: '\\udc80'", "the result is not Unicode: the str "},
	{"lambda f: 'a\\0b'", "the result holds a NUL"},
	{"lambda: 'x'", "TypeError: "},
	{"lambda f: exit(3)", "SystemExit: 3"},
	{"__import__('sys').exit()", "SystemExit"},
	{"lambda f: (_ for _ in ()).throw(KeyboardInterrupt)",
		"KeyboardInterrupt"},
	{"lambda f: (_ for _ in ()).throw(GeneratorExit)", "GeneratorExit"},
	{"(lambda g: g(g))(lambda g: g(g))", "RecursionError: "},
	{"lambda f: __import__('subprocess').check_call('false')",
		"subprocess.CalledProcessError: Command 'false' returned"},
	{"lambda f: re.sub('(', '', f)", "error: missing ), unterminated "
		"subpattern at position 0"},
};

START_TEST(an_error_says_what_python_said)
{
	char *out[2];

	begin(NULL);
	ck_assert(!translate(bad_functions[_i].expression, out));
	assert_error(bad_functions[_i].wanted);
	ck_assert_ptr_null(out[0]);
	ck_assert_ptr_null(out[1]);
	assert_translated("lambda f: f", two[0], two[1]);
	end();
}
END_TEST


/* What the other questions do not take. */
static const struct {
	const char *expression, *wanted;
} bad_values[] = {
	{"7 + 0", "its value must be text, but is the int 7"},
	{"['a']", "its value must be text, but is the list ['a']"},
	{"b'\\xe9' + b''", "its value is not UTF-8: the bytes b'\\xe9'"},
	{"chr(0xdc80)", "its value is not Unicode: the str '\\udc80'"},
	{"'a\\0b'", "its value holds a NUL: the str 'a\\x00b'"},
	{"'x' * 100 + 1", "TypeError: "},
	{"[''.join(['x'] * 100)]", "is the list ['xxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxx..."},
	{"\xe9", "the text is not UTF-8"},
};

START_TEST(a_text_that_is_none_is_refused)
{
	struct str out;
	bool none;

	begin(NULL);
	ck_assert(!python_text(f.python, RULE(bad_values[_i].expression),
		false, &out, &none, &f.err));
	assert_error(bad_values[_i].wanted);
	ck_assert_uint_eq(out.len, 0);
	end();
}
END_TEST

static const struct {
	const char *expression, *wanted;
} bad_numbers[] = {
	{"'abc'", "must be a whole number, but is the str 'abc'"},
	{"5.0", "must be a whole number, but is the float 5.0"},
	{"2**63", "must be a whole number, but is the int 9223372036854775808"},
	{"[1]", "must be a whole number, but is the list [1]"},
};

START_TEST(a_number_that_is_none_is_refused)
{
	int64_t number;

	begin(NULL);
	ck_assert(!python_number(f.python, RULE(bad_numbers[_i].expression),
		&number, &f.err));
	assert_error(bad_numbers[_i].wanted);
	end();
}
END_TEST

static const struct {
	const char *expression, *wanted;
} bad_lists[] = {
	{"'INBOX'", "its value must be a list, but is the str 'INBOX'"},
	{"b'INBOX'", "its value must be a list, but is the bytes b'INBOX'"},
	{"5", "its value must be a list, but is the int 5"},
	{"['a', 5]", "each name must be text, but is the int 5"},
	{"['a', None]", "each name must be text, but is None"},
	{"lambda f: f", "must be a list, but is the function <function"},
};

START_TEST(a_list_that_is_none_is_refused)
{
	struct vec names = VEC(char *);

	begin(NULL);
	ck_assert(!python_list(f.python, RULE(bad_lists[_i].expression),
		&names, &f.err));
	assert_error(bad_lists[_i].wanted);
	ck_assert_uint_eq(names.len, 0);
	end();
}
END_TEST

START_TEST(a_comparison_that_fails_names_both)
{
	size_t order[2];

	begin(NULL);
	ck_assert(!python_sort(f.python, RULE("lambda a, b: cmp(a, b)"), two,
		2, order, &f.err));
	assert_error("for folders 'Entw\xc3\xbcrfe' and 'INBOX': NameError: "
		"name 'cmp' is not defined");
	ck_assert(!python_sort(f.python, RULE("lambda a, b: None"), two, 2,
		order, &f.err));
	assert_error("the result must be a number, but is None");
	end();
}
END_TEST

START_TEST(uids_that_are_none_are_refused)
{
	struct vec out[2];

	begin(NULL);
	ck_assert(!python_uids(f.python, RULE("lambda f: ['7']"), two, 2, out,
		&f.err));
	assert_error("for folder 'INBOX': a UID must be a number, but one is "
		"the str '7'");
	ck_assert(!python_uids(f.python, RULE("lambda f: 7"), two, 2, out,
		&f.err));
	assert_error("the result must be a list, but is the int 7");
	end();
}
END_TEST

START_TEST(an_item_that_fails_is_named)
{
	bool out[3];
	size_t order[3];

	begin(NULL);
	ck_assert(!python_item_filter(f.python, RULE("lambda a, f: {}[f]"),
		items, 3, out, &f.err));
	assert_error("for folder 'x' of account 'B': KeyError: 'x'");
	ck_assert(!python_item_sort(f.python, RULE("lambda d: d['name']"),
		items, 3, order, &f.err));
	assert_error("for folder 'x' of account 'B': KeyError: 'name'");
	ck_assert(!python_item_sort(f.python, RULE("lambda d: "
		"d['localfolders']"), items, 3, order, &f.err));
	assert_error("TypeError: '<' not supported between");
	end();
}
END_TEST

START_TEST(a_name_that_is_not_utf8_is_refused)
{
	const char *const names[] = {"a", "\xe9t\xe9"};
	const struct python_item item = {"A", "\xe9", NULL};
	char *out[2];
	bool fits;

	begin(NULL);
	ck_assert(python_name_fits("Entw\xc3\xbcrfe"));
	ck_assert(!python_name_fits(names[1]));
	ck_assert(!python_translate(f.python, RULE("str"), names, 2, out,
		&f.err));
	assert_error("for folder '\xe9t\xe9': the name is not UTF-8");
	ck_assert(!python_item_filter(f.python, RULE("str"), &item, 1, &fits,
		&f.err));
	assert_error("for folder '\xe9': the name is not UTF-8");
	end();
}
END_TEST

static const struct {
	const char *text;   /* NULL: the file is removed */
	const char *wanted; /* behind its name */
} bad_files[] = {
	{"a = 1\n\nb = c\n", ":3: NameError: name 'c' is not defined"},
	{"a = 1\ndef f(:\n", ":2: SyntaxError: invalid syntax"},
	{"def g():\n\treturn {}['x']\ng()\n", ":2: KeyError: 'x'"},
	{"import re\nre.compile('(')\n", ":2: re.error: missing ), "},
	{"import no_such_module\n", ":1: ModuleNotFoundError: No module named "
		"'no_such_module'"},
	{"raise SystemExit('bye')\n", ":1: SystemExit: bye"},
	{"raise KeyboardInterrupt\n", ":1: KeyboardInterrupt"},
	{"x = '\xe9'\n", ":"},
	{NULL, ": FileNotFoundError: [Errno 2] No such file"},
};

START_TEST(a_pythonfile_that_fails_is_named_with_its_line)
{
	char *out[2], *wanted;

	begin(bad_files[_i].text ? bad_files[_i].text : "");
	wanted = mem_printf("pythonfile %s%s", f.pythonfile,
		bad_files[_i].wanted);
	if (!bad_files[_i].text)
		unlink(f.pythonfile);
	ck_assert(!translate("lambda f: f", out));
	assert_error(wanted);
	free(wanted);
	end();
}
END_TEST

START_TEST(a_pythonfile_that_was_mended_is_executed)
{
	char *out[2];

	begin("a = b\n");
	ck_assert(!translate("lambda f: a + f", out));
	ck_assert(file_write(f.pythonfile, span_of("a = 'b'"), false,
		&f.err));
	assert_translated("lambda f: a + f", "bINBOX", "bEntw\xc3\xbcrfe");
	end();
}
END_TEST

START_TEST(an_error_inside_the_pythonfile_names_its_line)
{
	char *out[2], *wanted;

	begin("def trans(f):\n\n\treturn {}[f]\n");
	wanted = mem_printf("for folder 'INBOX': KeyError: 'INBOX' (at %s:3) "
		"(expression: lambda f: trans(f))", f.pythonfile);
	ck_assert(!translate("lambda f: trans(f)", out));
	assert_error(wanted);
	free(wanted);
	end();
}
END_TEST

START_TEST(a_long_expression_is_cut_in_the_error)
{
	char *out[2], expression[1000] = "[";

	memset(expression + 1, 'x', 900);
	begin(NULL);
	ck_assert(!translate(expression, out));
	assert_error("xxx...)");
	ck_assert_uint_lt(strlen(f.err.text), 800);
	end();
}
END_TEST

/* ---- secrets ---- */

static const struct {
	const char *expression, *wanted;
} bad_secrets[] = {
	{"hunter2", "NameError: name '***' is not defined"},
	{"(hunter2", "SyntaxError: '(' was never closed"},
	{"['hunter2'][0:]", "its value must be text, but is a value of type "
		"list"},
	{"{}['hunter2']", "KeyError: ***"},
	{"fail('hunter2')", "ValueError: the *** is wrong"},
	{"int('HUNTER2'.lower())", "ValueError: "},
	{"__import__('subprocess').check_output(['false', 'hunter2'])",
		"subprocess.CalledProcessError: Command "},
};

START_TEST(an_error_about_a_secret_does_not_show_it)
{
	char *got;

	begin("def fail(x):\n\traise ValueError('the %s is wrong' % x)\n");
	got = text_of(bad_secrets[_i].expression, true);
	ck_assert_msg(strncmp(got, "! ", 2) == 0, "%s", got);
	assert_error(bad_secrets[_i].wanted);
	ck_assert_msg(!strstr(f.err.text, "hunter") &&
		!strstr(f.err.text, "expression"), "%s", f.err.text);
	free(got);
	got = logged();
	ck_assert_str_eq(got, "");
	free(got);
	end();
}
END_TEST

START_TEST(what_is_printed_beside_a_secret_is_not_logged)
{
	char *got;

	begin("import os, sys\nprint('loaded')\ndef get():\n"
		"\tos.system('echo hunter2; echo please >&2')\n"
		"\tprint('hunter2')\n\treturn 'hunter' + '2'\n");
	got = text_of("get()", true);
	ck_assert_str_eq(got, "hunter2");
	free(got);
	assert_text("str(print('again'))", "None");
	got = logged();
	ck_assert_str_eq(got, "python: loaded\npython: please\n"
		"python: again\n");
	free(got);
	end();
}
END_TEST

START_TEST(a_secret_is_asked_for_each_time)
{
	char *got;

	begin("import itertools\nnumbers = itertools.count()\n");
	for (int i = 0; i < 3; i++) {
		got = text_of("str(next(numbers))", true);
		ck_assert_int_eq(atoi(got), i);
		free(got);
	}
	end();
}
END_TEST

START_TEST(a_secret_may_be_long)
{
	char *got;

	begin(NULL);
	got = text_of("'x' * 1000000", true);
	ck_assert_uint_eq(strspn(got, "x"), 1000000);
	ck_assert_uint_eq(strlen(got), 1000000);
	free(got);
	end();
}
END_TEST

Suite *python_errors_suite(void)
{
	Suite *suite = suite_create("python_errors");
	TCase *tc = tcase_create("python_errors");

	suite_add_tcase(suite, tc);
	if (!has_python("python_errors"))
		return suite;
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, an_error_says_what_python_said, 0,
		ARRAY_LEN(bad_functions));
	tcase_add_loop_test(tc, a_text_that_is_none_is_refused, 0,
		ARRAY_LEN(bad_values));
	tcase_add_loop_test(tc, a_number_that_is_none_is_refused, 0,
		ARRAY_LEN(bad_numbers));
	tcase_add_loop_test(tc, a_list_that_is_none_is_refused, 0,
		ARRAY_LEN(bad_lists));
	tcase_add_test(tc, a_comparison_that_fails_names_both);
	tcase_add_test(tc, uids_that_are_none_are_refused);
	tcase_add_test(tc, an_item_that_fails_is_named);
	tcase_add_test(tc, a_name_that_is_not_utf8_is_refused);
	tcase_add_loop_test(tc,
		a_pythonfile_that_fails_is_named_with_its_line, 0,
		ARRAY_LEN(bad_files));
	tcase_add_test(tc, a_pythonfile_that_was_mended_is_executed);
	tcase_add_test(tc, an_error_inside_the_pythonfile_names_its_line);
	tcase_add_test(tc, a_long_expression_is_cut_in_the_error);
	tcase_add_loop_test(tc, an_error_about_a_secret_does_not_show_it, 0,
		ARRAY_LEN(bad_secrets));
	tcase_add_test(tc, what_is_printed_beside_a_secret_is_not_logged);
	tcase_add_test(tc, a_secret_is_asked_for_each_time);
	tcase_add_test(tc, a_secret_may_be_long);
	return suite;
}
