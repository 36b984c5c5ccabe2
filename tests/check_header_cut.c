#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "mail/header_cut.h"
#include "suites.h"

static const char *const names[] = {"X-Foo", "bcc", NULL};

static const struct {
	const char *in, *out;
} cases[] = {
	{"", ""},
	{"A: b\n\nbody\n", "A: b\n\nbody\n"},
	{"X-Foo: b\n\nbody\n", "\nbody\n"},
	{"A: b\nX-Foo: c\nD: e\n\nbody\n", "A: b\nD: e\n\nbody\n"},
	{"A: b\r\nx-fOO:c\r\n d\r\n\te\r\nD: e\r\n f\r\n\r\nX-Foo: y\r\n",
		"A: b\r\nD: e\r\n f\r\n\r\nX-Foo: y\r\n"},
	{"X-Foo: a\nX-Foo: b\nBcc: c\nBCC:\nA: b\n\n", "A: b\n\n"},
	/* blanks before the colon are obsolete, and seen */
	{"X-Foo \t: a\nA : b\n\nx", "A : b\n\nx"},
	/* other names */
	{"X-Foo2: a\nX-Fo: b\nX: c\n\n", "X-Foo2: a\nX-Fo: b\nX: c\n\n"},
	{"XX-Foo: a\n: b\nA:X-Foo: b\n\n", "XX-Foo: a\n: b\nA:X-Foo: b\n\n"},
	/* a line of blanks continues the field before it */
	{"X-Foo: a\n \n b\nA: b\n\n", "A: b\n\n"},
	{"A: b\n \nX-Foo: a\n\n", "A: b\n \n\n"},
	{" first\nX-Foo: a\n\n", " first\n\n"},
	/* the end of the header is missing, or of the message */
	{"A: b\nX-Foo: a", "A: b\n"}, {"A: b\nX-Foo", "A: b\nX-Foo"},
	{"A: b\nX-Foo ", "A: b\nX-Foo "}, {"X-Foo:", ""}, {"A", "A"},
	{"\nX-Foo: a\n", "\nX-Foo: a\n"},
	{"\r\nX-Foo: a\n", "\r\nX-Foo: a\n"},
	{"\rX-Foo: a\nX-Foo: b\n", "\rX-Foo: a\nX-Foo: b\n"},
	/* a line that is no field begins the body */
	{"no field\nX-Foo: a\n", "no field\nX-Foo: a\n"},
	{"A: b\nno field\nX-Foo: a\n", "A: b\nno field\nX-Foo: a\n"},
	{"A: b\nword\nX-Foo: a\n", "A: b\nword\nX-Foo: a\n"},
	{"\303\244: b\nX-Foo: a\n", "\303\244: b\nX-Foo: a\n"},
	/* but for what an mbox begins with */
	{"From a@b Mon\nX-Foo: a\nA: b\n\n", "From a@b Mon\nA: b\n\n"},
	{">From a b\nX-Foo: a\n\n", ">From a b\n\n"},
	{"From: a\nX-Foo: a\n\n", "From: a\n\n"},
	{"From : a\nX-Foo: a\n\n", "From : a\n\n"},
	{"A: b\nFrom a b\nX-Foo: a\n\n", "A: b\nFrom a b\nX-Foo: a\n\n"},
};

static void check(const char *const *which, struct span in, const char *wanted,
	size_t piece)
{
	struct header_cut cut = {.names = which};
	struct str out = {0};

	while (in.len > 0) {
		struct span part = {in.data, in.len < piece ? in.len : piece};

		str_reserve(&out, part.len + HEADER_CUT_HELD);
		out.len += header_cut(&cut, part, out.data + out.len);
		in.data += part.len;
		in.len -= part.len;
	}
	str_reserve(&out, HEADER_CUT_HELD);
	out.len += header_cut_end(&cut, out.data + out.len);
	out.data[out.len] = '\0';
	ck_assert_str_eq(str_get(&out), wanted);
	str_clear(&out);
}

START_TEST(fields_of_these_names_go_and_all_else_stays)
{
	for (size_t piece = 1; piece < 20; piece++)
		check(names, span_of(cases[_i].in), cases[_i].out, piece);
}
END_TEST

START_TEST(what_was_cut_is_not_changed_by_cutting_again)
{
	check(names, span_of(cases[_i].out), cases[_i].out, 1000);
	check(NULL, span_of(cases[_i].in), cases[_i].in, 3);
}
END_TEST

START_TEST(a_name_beyond_all_measure_passes)
{
	struct str text = {0};

	str_add(&text, "X-Foo: a\n");
	for (int i = 0; i < 2 * HEADER_CUT_HELD; i++)
		str_add_char(&text, 'x');
	str_add(&text, ": b\n");
	check(names, span_str(&text), str_get(&text) + 9, 100);
	check(names, span_str(&text), str_get(&text) + 9, 5000);
	str_clear(&text);
}
END_TEST

Suite *header_cut_suite(void)
{
	Suite *suite = suite_create("header_cut");
	TCase *tc = tcase_create("header_cut");

	tcase_add_loop_test(tc, fields_of_these_names_go_and_all_else_stays, 0,
		ARRAY_LEN(cases));
	tcase_add_loop_test(tc, what_was_cut_is_not_changed_by_cutting_again, 0,
		ARRAY_LEN(cases));
	tcase_add_test(tc, a_name_beyond_all_measure_passes);
	suite_add_tcase(suite, tc);
	return suite;
}
