#include "config.h"

#include <stdlib.h>

#include "attr.h"
#include "mail/header_date.h"
#include "suites.h"

#define T 1772442000 /* 2 March 2026 09:00:00 UTC */

static const struct {
	const char *text;
	int64_t seconds; /* -1: no date */
} cases[] = {
	{"Mon, 02 Mar 2026 10:00:00 +0100", T},
	{" Mon, 2 Mar 2026 10:00:00 +0100 (CET)", T},
	{"2 Mar 2026 09:00:00 +0000", T},
	{"2 Mar 2026 09:00 GMT", T},
	{"Mon,\r\n 2 Mar\r\n\t2026 05:30:00 -0330", T},
	{"Mon,2 Mar 2026 09:00:00 -0000", T},
	{"(a (nested) comment) 2 Mar (x) 2026 09:00:00 +0000", T},
	{"2 Mar 2026 09:00:60 +0000", T + 60},
	/* obsolete zones */
	{"2 Mar 2026 09:00:00 UT", T}, {"2 Mar 2026 09:00:00 utc", T},
	{"2 Mar 2026 04:00:00 EST", T}, {"2 Mar 2026 05:00:00 EDT", T},
	{"2 Mar 2026 03:00:00 CST", T}, {"2 Mar 2026 04:00:00 CDT", T},
	{"2 Mar 2026 02:00:00 MST", T}, {"2 Mar 2026 03:00:00 MDT", T},
	{"2 Mar 2026 01:00:00 pst", T}, {"2 Mar 2026 02:00:00 PDT", T},
	{"2 Mar 2026 09:00:00 Z", T}, {"2 Mar 2026 09:00:00 K", T},
	{"2 Mar 2026 09:00:00 CEST", T}, {"2 Mar 2026 09:00:00", T},
	{"2 Mar 2026 10:00:00 +100", T},
	/* obsolete years */
	{"2 Mar 26 09:00:00 GMT", T}, {"2 Mar 126 09:00:00 GMT", T},
	{"2 Mar 99 09:00:00 GMT", 920365200},
	{"2 Mar 49 09:00:00 GMT", 2498288400},
	{"2 Mar 50 09:00:00 GMT", -1},
	/* other programs' ways */
	{"Monday, 02-Mar-26 09:00:00 GMT", T},
	{"Mon Mar  2 09:00:00 2026", T},
	{"Mon Mar  2 10:00:00 2026 +0100", T},
	{"Mon, Mar 2 2026 09:00:00 GMT", T},
	{"2 March 2026 10:00:00+0100", T}, {"2 Mar 2026 09.00.00 GMT", T},
	{"2 Mar 2026 09:00:00.123 +0000", T},
	{"Mon, 2 Mar 2026 09:00:00 GMT whatever follows", T},
	/* days of the calendar */
	{"29 Feb 2024 00:00:00 GMT", 1709164800},
	{"29 Feb 2023 00:00:00 GMT", -1}, {"31 Apr 2023 00:00 GMT", -1},
	{"1 Jan 1970 00:00:00 GMT", 0}, {"1 Jan 1970 00:00:00 +0100", -1},
	{"31 Dec 1969 23:59:59 GMT", -1},
	{"31 Dec 9999 23:59:59 GMT", 253402300799},
	/* no dates */
	{"", -1}, {"   ", -1}, {"(only a comment", -1}, {"yesterday", -1},
	{"Mon,", -1}, {"2 Mar 2026", -1}, {"2 Mar 10:00:00 GMT", -1},
	{"32 Mar 2026 10:00:00 GMT", -1}, {"0 Mar 2026 10:00:00 GMT", -1},
	{"2 Mrz 2026 10:00:00 GMT", -1}, {"2 Mar 2026 24:00:00 GMT", -1},
	{"2 Mar 2026 10:60:00 GMT", -1}, {"2 Mar 2026 10:00:61 GMT", -1},
	{"2 Mar 2026 10:00:00 +0160", -1}, {"2 3 4 5 6", -1},
	{"2 Mar 99999 10:00:00 GMT", -1}, {"Mar-02-26 10:00 GMT", -1},
	{"2-Mar 10:00 GMT", -1}, {"2026-03-02 10:00:00 +0000", -1},
	{"2 Mar 2026 10:00:00 10:00:00", -1}, {"+0100", -1}, {"-", -1},
	{"2 Mar 2026 10: GMT", -1}, {"2 Mar 2026 :10 GMT", -1},
};

START_TEST(a_date_is_understood_as_people_write_it)
{
	int64_t seconds = -1;

	if (!header_date(span_of(cases[_i].text), &seconds))
		seconds = -1;
	ck_assert_msg(seconds == cases[_i].seconds, "\"%s\": %lld, not %lld",
		cases[_i].text, (long long)seconds,
		(long long)cases[_i].seconds);
}
END_TEST

/* Nothing is read beyond the end, whatever is missing. */
START_TEST(every_beginning_of_a_date_is_harmless)
{
	struct span text = span_of(cases[_i].text);
	int64_t seconds;

	for (; text.len > 0; text.len--) {
		char *copy = span_dup(text);

		header_date((struct span){copy, text.len}, &seconds);
		free(copy);
	}
}
END_TEST

Suite *header_date_suite(void)
{
	Suite *suite = suite_create("header_date");
	TCase *tc = tcase_create("header_date");

	tcase_add_loop_test(tc, a_date_is_understood_as_people_write_it, 0,
		ARRAY_LEN(cases));
	tcase_add_loop_test(tc, every_beginning_of_a_date_is_harmless, 0,
		ARRAY_LEN(cases));
	suite_add_tcase(suite, tc);
	return suite;
}
