#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "str.h"
#include "suites.h"

START_TEST(a_zeroed_string_is_a_valid_empty_one)
{
	struct str s = {0};
	char *detached;

	ck_assert_str_eq(str_get(&s), "");
	str_reset(&s);
	str_truncate(&s, 0);
	ck_assert_uint_eq(span_str(&s).len, 0);
	detached = str_detach(&s);
	ck_assert_str_eq(detached, "");
	free(detached);
	str_clear(&s);
}
END_TEST

START_TEST(text_is_appended_in_every_form)
{
	struct str s = {0};
	const char zeros[] = {'\0', 'x'};

	str_add(&s, "one");
	str_add_char(&s, ' ');
	str_add_span(&s, span_of("two"));
	str_add_span(&s, (struct span){NULL, 0});
	str_printf(&s, " %d%%", 3);
	ck_assert_str_eq(str_get(&s), "one two 3%");
	str_add_mem(&s, zeros, sizeof(zeros));
	ck_assert_uint_eq(s.len, 12);
	ck_assert_int_eq(s.data[11], 'x');
	ck_assert_int_eq(s.data[12], '\0');
	str_set(&s, "new");
	ck_assert_str_eq(str_get(&s), "new");
	str_truncate(&s, 1);
	ck_assert_str_eq(str_get(&s), "n");
	str_clear_secret(&s);
	ck_assert_ptr_null(s.data);
}
END_TEST

START_TEST(a_long_formatted_text_is_whole)
{
	struct str s = {0};
	char *all;

	for (int i = 0; i < 2000; i++)
		str_printf(&s, "%04d", i);
	ck_assert_uint_eq(s.len, 8000);
	all = mem_printf("<%s>", str_get(&s));
	ck_assert_uint_eq(strlen(all), 8002);
	ck_assert_mem_eq(all + 1 + 4 * 1234, "1234", 4);
	free(all);
	str_clear(&s);
}
END_TEST

START_TEST(detached_text_belongs_to_the_caller)
{
	struct str s = {0};
	char *text;

	str_add(&s, "mine");
	text = str_detach(&s);
	ck_assert_str_eq(text, "mine");
	ck_assert_uint_eq(s.cap, 0);
	mem_free_secret(text);
	mem_free_secret(NULL);
}
END_TEST

static const struct number_case {
	const char *text;
	uint64_t max;
	bool ok;
	uint64_t value;
} number_cases[] = {
	{"0", 9, true, 0},
	{"007", 9, true, 7},
	{"10", 9, false, 0},
	{"1", 0, false, 0},
	{"0", 0, true, 0},
	{"", 9, false, 0},
	{"+1", 9, false, 0},
	{"-1", 9, false, 0},
	{" 1", 9, false, 0},
	{"1a", 99, false, 0},
	{"4294967295", UINT32_MAX, true, UINT32_MAX},
	{"4294967296", UINT32_MAX, false, 0},
	{"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
	{"18446744073709551616", UINT64_MAX, false, 0},
	{"99999999999999999999999", UINT64_MAX, false, 0},
};

START_TEST(numbers_are_digits_up_to_the_maximum)
{
	const struct number_case *c = &number_cases[_i];
	uint64_t value = 0;

	ck_assert_int_eq(span_number(span_of(c->text), c->max, &value),
		c->ok);
	ck_assert_uint_eq(value, c->value);
}
END_TEST

START_TEST(spans_compare_with_and_without_case)
{
	const struct span empty = {NULL, 0};

	ck_assert(span_equal(empty, span_of("")));
	ck_assert(span_is(span_of("INBOX"), "INBOX"));
	ck_assert(!span_is(span_of("INBOX"), "Inbox"));
	ck_assert(!span_is(span_of("INBOX"), "INBO"));
	ck_assert(span_is_nocase(span_of("INBOX"), "Inbox"));
	ck_assert(!span_is_nocase(span_of("INBOX"), "Inbo!"));
	ck_assert(span_starts_nocase(span_of("UIDNEXT 3"), "uidnext"));
	ck_assert(!span_starts_nocase(span_of("UID"), "uidnext"));
	/* Bytes above 127 are not letters. */
	ck_assert(!span_is_nocase(span_of("\xc3\x84"), "\xc3\xa4"));
}
END_TEST

START_TEST(blanks_are_trimmed_at_both_ends)
{
	ck_assert(span_is(span_trim(span_of(" \t a b\r\n")), "a b"));
	ck_assert(span_is(span_trim(span_of(" \v\f ")), ""));
	ck_assert(span_is(span_trim((struct span){NULL, 0}), ""));
}
END_TEST

START_TEST(a_copied_span_keeps_its_zeros)
{
	char *copy = span_dup((struct span){"a\0b", 3});
	char *part = mem_strndup("abcdef", 3);

	ck_assert_mem_eq(copy, "a\0b", 4);
	ck_assert_str_eq(part, "abc");
	free(copy);
	free(part);
}
END_TEST

START_TEST(letters_compare_without_the_locale)
{
	ck_assert_int_eq(ascii_casecmp("Sent", "sENT"), 0);
	ck_assert_int_lt(ascii_casecmp("a", "B"), 0);
	ck_assert_int_gt(ascii_casecmp("ab", "A"), 0);
	ck_assert_int_lt(ascii_casecmp("", "a"), 0);
	ck_assert(ascii_is_space('\n') && !ascii_is_space('\0'));
	ck_assert(ascii_is_digit('9') && !ascii_is_digit('a'));
}
END_TEST

Suite *str_suite(void)
{
	Suite *suite = suite_create("str");
	TCase *tcase = tcase_create("str");

	tcase_add_test(tcase, a_zeroed_string_is_a_valid_empty_one);
	tcase_add_test(tcase, text_is_appended_in_every_form);
	tcase_add_test(tcase, a_long_formatted_text_is_whole);
	tcase_add_test(tcase, detached_text_belongs_to_the_caller);
	tcase_add_loop_test(tcase, numbers_are_digits_up_to_the_maximum, 0,
		(int)ARRAY_LEN(number_cases));
	tcase_add_test(tcase, spans_compare_with_and_without_case);
	tcase_add_test(tcase, blanks_are_trimmed_at_both_ends);
	tcase_add_test(tcase, a_copied_span_keeps_its_zeros);
	tcase_add_test(tcase, letters_compare_without_the_locale);
	suite_add_tcase(suite, tcase);
	return suite;
}
