#include "config.h"

#include <string.h>

#include "imap/flag.h"
#include "imap/parse.h"
#include "imap/response_parse.h"
#include "suites.h"
#include "support/parse_cases.h"

static void check_case(const struct parse_case *c, size_t piece)
{
	struct str got = {0};

	parse_case_run(c, piece, &got);
	ck_assert_msg(strcmp(str_get(&got), c->expected) == 0,
		"%s, in pieces of %zu\ngot:\n%s\nexpected:\n%s", c->name, piece,
		str_get(&got), c->expected);
	str_clear(&got);
}

static void check_cases(const struct parse_case *c, size_t len, size_t piece)
{
	for (size_t i = 0; i < len; i++)
		check_case(&c[i], piece);
}

START_TEST(each_input_means_what_it_should)
{
	check_cases(response_cases, response_cases_len, 0);
	check_cases(fetch_cases, fetch_cases_len, 0);
}
END_TEST

START_TEST(pieces_of_any_size_mean_the_same)
{
	for (size_t piece = 1; piece <= 5; piece++) {
		check_cases(response_cases, response_cases_len, piece);
		check_cases(fetch_cases, fetch_cases_len, piece);
	}
}
END_TEST

/* Lent until the next call. */
static const struct response *parse(struct parser *p, const char *text)
{
	const struct response *r = NULL;
	size_t used;

	ck_assert_int_eq(
		parser_feed(p, span_of(text), &used, &r), PARSE_RESPONSE);
	return r;
}

START_TEST(words_keep_the_code_and_text_does_not)
{
	struct parser *p = parser_new(&parse_limits_default);
	const struct response *r = parse(p, "A1 NO [ALERT] Go  away\r\n");

	ck_assert_int_eq(r->kind, RESPONSE_TAGGED);
	ck_assert_int_eq(r->condition, CONDITION_NO);
	ck_assert_int_eq(r->code.kind, CODE_ALERT);
	ck_assert(span_is(r->code.name, "ALERT"));
	ck_assert(span_is(r->tag, "A1"));
	ck_assert(span_is(r->text, "Go  away"));
	ck_assert(span_is(r->words, "[ALERT] Go  away"));
	r = parse(p, "* BYE Go away\r\n");
	ck_assert(span_is(r->text, "Go away"));
	ck_assert(span_is(r->words, "Go away"));
	parser_free(p);
}
END_TEST

START_TEST(chains_of_values_begin_inside_the_parentheses)
{
	struct parser *p = parser_new(&parse_limits_default);
	const struct response *r = parse(p, "* FLAGS (\\Seen x)\r\n");

	ck_assert(span_is(r->values->text, "\\Seen"));
	ck_assert(span_is(r->values->next->text, "x"));
	ck_assert_ptr_null(r->values->next->next);
	r = parse(p, "* OK [PERMANENTFLAGS (a \\*)] x\r\n");
	ck_assert(span_is(r->code.values->next->text, "\\*"));
	r = parse(p, "* 3 FETCH (FLAGS (a b))\r\n");
	ck_assert(span_is(r->u.fetch.flag_names->next->text, "b"));
	r = parse(p, "* CAPABILITY A B\r\n");
	ck_assert(span_is(r->values->next->text, "B"));
	r = parse(p, "* OK [CAPABILITY A B] x\r\n");
	ck_assert(span_is(r->code.values->next->text, "B"));
	parser_free(p);
}
END_TEST

START_TEST(nothing_of_a_response_is_left_in_the_next)
{
	struct parser *p = parser_new(&parse_limits_default);
	const struct response *r;

	parse(p, "A1 OK [COPYUID 5 1:3 4:6] x\r\n");
	r = parse(p, "A2 OK y\r\n");
	ck_assert_int_eq(r->code.kind, CODE_NONE);
	ck_assert(seqset_empty(&r->code.set));
	ck_assert(seqset_empty(&r->code.set2));
	parse(p, "* SEARCH 1 2 3\r\n");
	r = parse(p, "* SEARCH\r\n");
	ck_assert(seqset_empty(&r->set));
	parser_free(p);
}
END_TEST

START_TEST(a_date_time_becomes_seconds)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {
		{"01-Jan-1970 00:00:00 +0000", 0},
		{" 1-Jan-1970 00:00:00 +0000", 0},
		{"1-Jan-1970 00:00:00 +0000", 0},
		{"01-Jan-1970 01:00:00 +0100", 0},
		{"31-Dec-1969 20:30:00 -0330", 0},
		{"17-Jul-1996 02:44:25 -0700", 837596665},
		{"29-Feb-2000 12:00:00 +0000", 951825600},
		{"29-feb-2024 23:59:60 +0000", 1709251200},
		{"01-Mar-1900 00:00:00 +0000", -2203891200},
		{"19-Jan-2038 03:14:08 +0000", 2147483648},
		{"01-Jan-0001 00:00:00 +0000", -62135596800},
		{"31-Dec-9999 23:59:59 +0000", 253402300799},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t seconds;

		ck_assert_msg(
			date_time_parse(span_of(rows[i].text), &seconds),
			"%s", rows[i].text);
		ck_assert_int_eq(seconds, rows[i].seconds);
	}
}
END_TEST

START_TEST(what_is_no_date_time_is_refused)
{
	static const char *const texts[] = {"", "01-Jan-1970",
		"01-Jan-1970 00:00:00", "01-Jan-1970 00:00:00 0000",
		"00-Jan-1970 00:00:00 +0000", "32-Jan-1970 00:00:00 +0000",
		"29-Feb-1900 00:00:00 +0000", "30-Feb-2000 00:00:00 +0000",
		"31-Apr-2000 00:00:00 +0000", "01-Foo-1970 00:00:00 +0000",
		"01-Jan-1970 24:00:00 +0000", "01-Jan-1970 00:60:00 +0000",
		"01-Jan-1970 00:00:61 +0000", "01-Jan-1970 00:00:00 +2400",
		"01-Jan-1970 00:00:00 +0060", "01-Jan-1970 00:00:00 +0000 ",
		"01-Jan-70 00:00:00 +0000", "01-Jan-0000 00:00:00 +0000",
		"-1-Jan-1970 00:00:00 +0000", "01-Jan-+970 00:00:00 +0000",
		"1", "-", " ", "01-Ja"};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		int64_t seconds;

		ck_assert_msg(!date_time_parse(span_of(texts[i]), &seconds),
			"%s", texts[i]);
	}
}
END_TEST

START_TEST(every_kind_has_its_name)
{
	for (int kind = 0; kind < RESPONSE_KIND_COUNT; kind++)
		ck_assert_ptr_nonnull(
			response_kind_name((enum response_kind)kind));
}
END_TEST

Suite *response_suite(void)
{
	Suite *s = suite_create("response");
	TCase *t = tcase_create("response");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, each_input_means_what_it_should);
	tcase_add_test(t, pieces_of_any_size_mean_the_same);
	tcase_add_test(t, words_keep_the_code_and_text_does_not);
	tcase_add_test(t, chains_of_values_begin_inside_the_parentheses);
	tcase_add_test(t, nothing_of_a_response_is_left_in_the_next);
	tcase_add_test(t, a_date_time_becomes_seconds);
	tcase_add_test(t, what_is_no_date_time_is_refused);
	tcase_add_test(t, every_kind_has_its_name);
	suite_add_tcase(s, t);
	return s;
}
