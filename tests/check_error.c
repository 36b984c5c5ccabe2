#include "config.h"

#include <errno.h>
#include <string.h>

#include "error.h"
#include "suites.h"

START_TEST(setting_says_false_and_keeps_what_was_said)
{
	struct error err = {0};

	ck_assert(!error_set(&err, ERROR_FOLDER, ERROR_AUTH, "no %s", "way"));
	ck_assert_str_eq(err.text, "no way");
	ck_assert_int_eq(err.severity, ERROR_FOLDER);
	ck_assert_int_eq(err.kind, ERROR_AUTH);
	error_clear(&err);
	ck_assert_str_eq(err.text, "");
	ck_assert_int_eq(err.severity, ERROR_NONE);
	ck_assert_int_eq(err.kind, ERROR_OTHER);
}
END_TEST

START_TEST(context_comes_before_the_text)
{
	struct error err = {0};

	error_set(&err, ERROR_FOLDER, ERROR_OTHER, "no");
	ck_assert(!error_add(&err, "folder %s", "A"));
	ck_assert(!error_add(&err, "account %s", "B"));
	ck_assert_str_eq(err.text, "account B: folder A: no");
}
END_TEST

START_TEST(its_own_text_may_be_an_argument)
{
	struct error err = {0};

	error_set(&err, ERROR_FOLDER, ERROR_OTHER, "old");
	error_set(&err, ERROR_FOLDER, ERROR_OTHER, "(%s)", err.text);
	ck_assert_str_eq(err.text, "(old)");
}
END_TEST

START_TEST(severity_is_only_raised)
{
	struct error err = {0};

	error_set(&err, ERROR_FOLDER, ERROR_OTHER, "x");
	ck_assert(!error_raise(&err, ERROR_ACCOUNT));
	ck_assert_int_eq(err.severity, ERROR_ACCOUNT);
	error_raise(&err, ERROR_MESSAGE);
	ck_assert_int_eq(err.severity, ERROR_ACCOUNT);
}
END_TEST

START_TEST(system_errors_carry_the_system_text)
{
	struct error err = {0};

	ck_assert(!error_set_errno(&err, ERROR_FOLDER, ERROR_OTHER, EACCES,
		"cannot open %s", "/x"));
	ck_assert_str_eq(err.text, "cannot open /x: Permission denied");
	ck_assert_int_eq(err.kind, ERROR_OTHER);
}
END_TEST

START_TEST(what_is_not_there_is_gone_unless_the_caller_knows_better)
{
	struct error err = {0};

	error_set_errno(&err, ERROR_FOLDER, ERROR_OTHER, ENOENT, "x");
	ck_assert_int_eq(err.kind, ERROR_GONE);
	error_set_errno(&err, ERROR_FOLDER, ERROR_CONFIG, ENOENT, "x");
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
}
END_TEST

/* Fills the text up to each alignment of a character at the cut. */
START_TEST(a_long_text_is_cut_between_characters)
{
	struct error err = {0};
	char text[2 * ERROR_TEXT_SIZE] = "";
	size_t used = (size_t)_i, len;

	memset(text, 'a', used);
	while (used + 4 < sizeof(text)) {
		memcpy(text + used, "\xf0\x9f\x93\xac", 4);
		used += 4;
	}
	error_set(&err, ERROR_FOLDER, ERROR_OTHER, "%s", text);
	len = strlen(err.text);
	ck_assert_uint_le(len, ERROR_TEXT_SIZE - 1);
	ck_assert_uint_ge(len, ERROR_TEXT_SIZE - 4);
	ck_assert_uint_eq((len - (size_t)_i) % 4, 0);
	ck_assert_mem_eq(err.text, text, len);
}
END_TEST

START_TEST(a_text_that_just_fits_is_not_cut)
{
	struct error err = {0};
	char text[ERROR_TEXT_SIZE];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	error_set(&err, ERROR_FOLDER, ERROR_OTHER, "%s", text);
	ck_assert_str_eq(err.text, text);
	error_add(&err, "b");
	ck_assert_uint_eq(strlen(err.text), ERROR_TEXT_SIZE - 1);
	ck_assert_mem_eq(err.text, "b: aaa", 6);
}
END_TEST

Suite *error_suite(void)
{
	Suite *suite = suite_create("error");
	TCase *tcase = tcase_create("error");

	tcase_add_test(tcase, setting_says_false_and_keeps_what_was_said);
	tcase_add_test(tcase, context_comes_before_the_text);
	tcase_add_test(tcase, its_own_text_may_be_an_argument);
	tcase_add_test(tcase, severity_is_only_raised);
	tcase_add_test(tcase, system_errors_carry_the_system_text);
	tcase_add_test(tcase,
		what_is_not_there_is_gone_unless_the_caller_knows_better);
	tcase_add_loop_test(tcase, a_long_text_is_cut_between_characters, 0,
		4);
	tcase_add_test(tcase, a_text_that_just_fits_is_not_cut);
	suite_add_tcase(suite, tcase);
	return suite;
}
