#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "base/arena.h"
#include "imap/response.h"
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

START_TEST(each_input_gives_its_responses)
{
	for (size_t i = 0; i < parse_cases_len; i++)
		check_case(&parse_cases[i], 0);
}
END_TEST

START_TEST(pieces_of_any_size_make_no_difference)
{
	for (size_t i = 0; i < parse_cases_len; i++)
		for (size_t piece = 1; piece <= 7; piece++)
			check_case(&parse_cases[i], piece);
}
END_TEST

/* One call; the piece has to be consumed by it. */
static enum parse_result feed(struct parser *p, const char *data, size_t len,
	const struct response **r)
{
	size_t used;
	enum parse_result result =
		parser_feed(p, (struct span){data, len}, &used, r);

	ck_assert(result == PARSE_ERROR || used == len);
	return result;
}

static enum parse_result feed_text(struct parser *p, const char *text)
{
	const struct response *r = NULL;

	return feed(p, text, strlen(text), &r);
}

START_TEST(it_is_idle_only_between_responses)
{
	struct parser *p = parser_new(&parse_limits_default);

	ck_assert(parser_idle(p));
	ck_assert_int_eq(feed_text(p, ""), PARSE_MORE);
	ck_assert(parser_idle(p));
	ck_assert_int_eq(feed_text(p, "*"), PARSE_MORE);
	ck_assert(!parser_idle(p));
	ck_assert_int_eq(feed_text(p, " SEARCH 1"), PARSE_MORE);
	ck_assert(!parser_idle(p));
	ck_assert_int_eq(feed_text(p, "\r\n"), PARSE_RESPONSE);
	ck_assert(parser_idle(p));
	ck_assert_int_eq(feed_text(p, "\r"), PARSE_MORE);
	ck_assert(!parser_idle(p));
	ck_assert_int_eq(feed_text(p, "\n"), PARSE_MORE);
	ck_assert(parser_idle(p));
	parser_free(p);
}
END_TEST

START_TEST(bytes_behind_a_response_are_left_alone)
{
	static const char input[] = "A1 OK begin TLS\r\n* CAPABILITY x\r\n";
	struct parser *p = parser_new(&parse_limits_default);
	const struct response *r = NULL;
	size_t used;

	ck_assert_int_eq(parser_feed(p, span_of(input), &used, &r),
		PARSE_RESPONSE);
	ck_assert_uint_eq(used, strlen("A1 OK begin TLS\r\n"));
	ck_assert(parser_idle(p));
	parser_free(p);
}
END_TEST

START_TEST(after_an_error_it_stays_with_the_error)
{
	struct parser *p = parser_new(&parse_limits_default);

	ck_assert_int_eq(feed_text(p, "rubbish\r\n"), PARSE_ERROR);
	ck_assert_int_eq(feed_text(p, "* 1 EXISTS\r\n"), PARSE_ERROR);
	ck_assert_str_eq(parser_error(p),
		"not an IMAP response, in: rubbish..");
	ck_assert(!parser_idle(p));
	parser_free(p);
}
END_TEST

START_TEST(a_complete_response_and_a_body_are_not_copied)
{
	static const char name[] = "* LIST () \"/\" abc\r\n";
	static const char head[] = "* 1 FETCH (BODY[] {3}\r\n";
	static const char body[] = "xyz";
	struct parser *p = parser_new(&parse_limits_default);
	const struct response *r = NULL;

	ck_assert_int_eq(feed(p, name, strlen(name), &r), PARSE_RESPONSE);
	ck_assert_ptr_eq(r->u.list.name.data, strstr(name, "abc"));
	ck_assert_int_eq(feed(p, head, strlen(head), &r), PARSE_LITERAL_BEGIN);
	ck_assert_int_eq(feed(p, body, strlen(body), &r), PARSE_LITERAL_DATA);
	ck_assert_ptr_eq(parser_literal_data(p).data, body);
	ck_assert_int_eq(feed(p, "", 0, &r), PARSE_LITERAL_END);
	parser_free(p);
}
END_TEST

/* S15: the numbers of SEARCH go past the limit of a line and are ranges. */
START_TEST(a_million_numbers_of_search_become_their_ranges)
{
	struct parse_limits limits = parse_limits_default;
	struct str input = {0};
	struct parser *p;
	const struct response *r = NULL;

	limits.line = 2 * 1000 * 1000;
	str_add(&input, "* SEARCH");
	for (unsigned n = 0; n < 1000000; n++)
		str_printf(&input, " %u", n + 1 + n / 100);
	str_add(&input, "\r\n");
	ck_assert_uint_gt(input.len, limits.line);
	p = parser_new(&limits);
	ck_assert_int_eq(feed(p, input.data, input.len, &r), PARSE_RESPONSE);
	ck_assert_uint_eq(r->set.len, 10000);
	ck_assert_uint_eq(seqset_count(&r->set), 1000000);
	ck_assert(!seqset_has(&r->set, 101));
	parser_free(p);
	str_clear(&input);
}
END_TEST

/* The one response that they make. */
static const struct response *feed_pieces(struct parser *p, struct span input,
	size_t piece)
{
	const struct response *r = NULL;

	for (; input.len > piece; input.len -= piece, input.data += piece)
		ck_assert_int_eq(feed(p, input.data, piece, &r), PARSE_MORE);
	ck_assert_int_eq(feed(p, input.data, input.len, &r), PARSE_RESPONSE);
	return r;
}

static const struct seqset *set_of(const struct response *r)
{
	return r->kind == RESPONSE_ESEARCH ? &r->u.search.all : &r->set;
}

static void check_long_set(const char *head, const char *tail, size_t piece)
{
	struct parse_limits limits = parse_limits_default;
	struct str input = {0};
	struct parser *p;
	const struct seqset *set;

	limits.line = 1000;
	p = parser_new(&limits);
	str_add(&input, head);
	for (unsigned n = 1; n <= 500; n++)
		str_printf(&input, "%s%u:%u", n > 1 ? "," : "", n * 10,
			n * 10 + 5);
	str_add(&input, tail);
	ck_assert_uint_gt(input.len, 4 * limits.line);
	set = set_of(feed_pieces(p, span_str(&input), piece));
	ck_assert_uint_eq(set->len, 500);
	ck_assert_uint_eq(seqset_count(set), 3000);
	parser_free(p);
	str_clear(&input);
}

/* So nothing grows with its text but the ranges. */
START_TEST(a_set_of_more_bytes_than_a_line_is_read_whole)
{
	static const char *const rows[][2] = {
		{"* ESEARCH (TAG \"A5\") UID ALL ", "\r\n"},
		{"* ESEARCH UID COUNT 3000 ALL ", " MODSEQ 9\r\n"},
		{"* VANISHED ", "\r\n"},
		{"* VANISHED (EARLIER) ", "\n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t piece = 1; piece <= 10000; piece *= 10)
			check_long_set(rows[i][0], rows[i][1], piece);
}
END_TEST

START_TEST(a_range_that_pieces_cut_stays_one)
{
	static const char *const rows[] = {"* VANISHED 7,1234:2345,9\r\n",
		"* ESEARCH UID ALL 7,1234:2345,9\r\n"};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t cut = 1; cut < strlen(rows[i]); cut++) {
			struct parser *p = parser_new(&parse_limits_default);
			const struct response *r = NULL;
			struct str text = {0};

			ck_assert_int_eq(
				feed(p, rows[i], cut, &r), PARSE_MORE);
			r = feed_pieces(p, span_of(rows[i] + cut), 100);
			seqset_print(set_of(r), &text);
			ck_assert_str_eq(str_get(&text), "7,9,1234:2345");
			str_clear(&text);
			parser_free(p);
		}
	}
}
END_TEST

/* Each ALL could begin a set: what stands before must not be read again. */
START_TEST(many_words_all_do_not_take_long)
{
	struct str input = {0};
	struct parser *p = parser_new(&parse_limits_default);

	str_add(&input, "* ESEARCH");
	for (size_t i = 0; i < 900000; i++)
		str_add(&input, " ALL");
	str_add(&input, "\r\n");
	ck_assert_int_eq(feed_text(p, str_get(&input)), PARSE_ERROR);
	parser_free(p);
	str_clear(&input);
}
END_TEST

START_TEST(numbers_in_falling_order_do_not_take_long)
{
	struct str input = {0};
	struct parser *p = parser_new(&parse_limits_default);
	const struct response *r = NULL;

	str_add(&input, "* SEARCH");
	for (unsigned n = 500000; n > 0; n--)
		str_printf(&input, " %u", 2 * n);
	str_add(&input, "\r\n");
	ck_assert_int_eq(feed(p, input.data, input.len, &r), PARSE_RESPONSE);
	ck_assert_uint_eq(r->set.len, 500000);
	ck_assert_uint_eq(r->set.range[0].first, 2);
	parser_free(p);
	str_clear(&input);
}
END_TEST

/* The second literal must not make the first be read again, and so on: this
 * would take hours. */
START_TEST(many_literals_behind_a_long_word_do_not_take_long)
{
	struct str input = {0};
	struct parser *p = parser_new(&parse_limits_default);
	const struct response *r = NULL;

	str_add(&input, "* 1 FETCH (X-FOO (");
	for (size_t i = 0; i < 2000000; i++)
		str_add_char(&input, 'x');
	for (size_t i = 0; i < 200000; i++)
		str_add(&input, " {0}\r\n");
	str_add(&input, ") UID 7)\r\n");
	ck_assert_int_eq(feed(p, input.data, input.len, &r), PARSE_RESPONSE);
	ck_assert_uint_eq(r->u.fetch.uid, 7);
	parser_free(p);
	str_clear(&input);
}
END_TEST

/* True if n bytes of a body are handed on as they are. */
static bool passes(struct parser *p, const char *data, size_t n)
{
	const struct response *r = NULL;
	size_t used;

	return parser_feed(p, (struct span){data, n}, &used, &r) ==
		PARSE_LITERAL_DATA && used == n &&
		parser_literal_data(p).data == data &&
		parser_literal_data(p).len == n;
}

static void check_streams(struct parser *p, uint64_t size)
{
	static const char piece[1 << 20];
	struct str head = {0};
	bool ok = true;

	str_printf(&head, "* 1 FETCH (UID 5 BODY[] {%llu}\r\n",
		(unsigned long long)size);
	ck_assert_int_eq(feed_text(p, str_get(&head)), PARSE_LITERAL_BEGIN);
	ck_assert(parser_literal_size(p) == size);
	for (uint64_t left = size; ok && left > 0;) {
		size_t n = left < sizeof(piece) ? (size_t)left : sizeof(piece);

		ok = passes(p, piece, n);
		left -= n;
	}
	ck_assert(ok);
	ck_assert_int_eq(feed_text(p, ""), PARSE_LITERAL_END);
	ck_assert_int_eq(feed_text(p, ")\r\n"), PARSE_RESPONSE);
	str_clear(&head);
}

START_TEST(a_body_larger_than_four_gigabytes_streams)
{
	struct parser *p = parser_new(&parse_limits_default);

	check_streams(p, 3);
	check_streams(p, (UINT64_C(1) << 32) + 1);
	parser_free(p);
}
END_TEST

/* S6: no step that takes the announcement takes its size in memory. */
START_TEST(an_announcement_costs_nothing)
{
	struct parse_limits limits = parse_limits_default;
	struct parser *p;

	limits.inline_literal = (size_t)1 << 62;
	limits.line = SIZE_MAX / 2;
	p = parser_new(&limits);
	ck_assert_int_eq(
		feed_text(p, "* LIST () \"/\" {4611686018427387904}\r\nab"),
		PARSE_MORE);
	ck_assert_int_eq(feed_text(p, "cd"), PARSE_MORE);
	parser_free(p);
}
END_TEST

Suite *parse_suite(void)
{
	Suite *s = suite_create("parse");
	TCase *t = tcase_create("parse");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, each_input_gives_its_responses);
	tcase_add_test(t, pieces_of_any_size_make_no_difference);
	tcase_add_test(t, it_is_idle_only_between_responses);
	tcase_add_test(t, bytes_behind_a_response_are_left_alone);
	tcase_add_test(t, after_an_error_it_stays_with_the_error);
	tcase_add_test(t, a_complete_response_and_a_body_are_not_copied);
	tcase_add_test(t, a_million_numbers_of_search_become_their_ranges);
	tcase_add_test(t, a_set_of_more_bytes_than_a_line_is_read_whole);
	tcase_add_test(t, a_range_that_pieces_cut_stays_one);
	tcase_add_test(t, many_words_all_do_not_take_long);
	tcase_add_test(t, numbers_in_falling_order_do_not_take_long);
	tcase_add_test(t, many_literals_behind_a_long_word_do_not_take_long);
	tcase_add_test(t, a_body_larger_than_four_gigabytes_streams);
	tcase_add_test(t, an_announcement_costs_nothing);
	suite_add_tcase(s, t);
	return s;
}
