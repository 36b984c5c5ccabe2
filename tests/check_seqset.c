#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "imap/seqset.h"
#include "suites.h"

/* The naive model (D9): one flag for each number. */
#define MODEL_MAX 200

struct model {
	bool has[MODEL_MAX + 2];
};

/* A small generator of our own, so that a failure can be repeated. */
static uint32_t random_next(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static uint32_t random_number(uint32_t *state)
{
	return random_next(state) % MODEL_MAX + 1;
}

static void model_add(struct model *m, uint32_t a, uint32_t b)
{
	for (uint32_t n = a < b ? a : b; n <= (a < b ? b : a); n++)
		m->has[n] = true;
}

/* One assertion for many comparisons: each costs a write to a file. */
static bool is_settled(const struct seqset *set)
{
	for (size_t i = 0; i < set->len; i++) {
		const struct seqrange *r = &set->range[i];

		if (r->first == 0 || r->first > r->last)
			return false;
		if (i > 0 && r->first <= (uint64_t)r[-1].last + 1)
			return false;
	}
	return true;
}

static bool is_equal(const struct seqset *set, const struct model *m)
{
	uint64_t count = 0;

	for (uint32_t n = 1; n <= MODEL_MAX; n++) {
		if (seqset_has(set, n) != m->has[n])
			return false;
		count += m->has[n];
	}
	return is_settled(set) && seqset_count(set) == count &&
		seqset_empty(set) == (count == 0);
}

static void check_equal(const struct seqset *set, const struct model *m)
{
	struct str text = {0};

	seqset_print(set, &text);
	ck_assert_msg(is_equal(set, m), "%s", str_get(&text));
	str_clear(&text);
}

static void check_iteration(const struct seqset *set, const struct model *m)
{
	struct seqset_iter iter = seqset_iter(set);
	struct model seen = {0};
	uint32_t n, before = 0;
	bool ascending = true;

	while (seqset_next(&iter, &n) && n <= MODEL_MAX) {
		ascending = ascending && n > before;
		before = n;
		seen.has[n] = true;
	}
	ck_assert(ascending);
	ck_assert_mem_eq(&seen, m, sizeof(seen));
}

static void check_text(const struct seqset *set, const struct model *m)
{
	struct seqset again = {0};
	struct str text = {0};

	seqset_print(set, &text);
	if (seqset_empty(set)) {
		ck_assert_uint_eq(text.len, 0);
	} else {
		ck_assert(seqset_parse(span_str(&text), set->len, &again));
		check_equal(&again, m);
	}
	seqset_clear(&again);
	str_clear(&text);
}

static void check_parts(const struct seqset *set, const struct model *m)
{
	struct seqset again = {0};
	struct str text = {0};
	size_t next = 0;

	while (next < set->len) {
		size_t before = text.len;

		if (before > 0)
			str_add_char(&text, ',');
		seqset_print_part(set, &next, 24, &text);
		ck_assert_uint_le(text.len - before, 25);
	}
	if (text.len > 0) {
		ck_assert(seqset_parse(span_str(&text), set->len, &again));
		check_equal(&again, m);
	}
	seqset_clear(&again);
	str_clear(&text);
}

/* Takes set apart. */
static void check_split(struct seqset *set, const struct model *m,
	uint64_t max)
{
	struct seqset all = {0}, part = {0};

	while (!seqset_empty(set)) {
		uint64_t left = seqset_count(set);

		seqset_reset(&part);
		seqset_split(set, max, &part);
		ck_assert(is_settled(&part) && is_settled(set));
		ck_assert(seqset_count(&part) == (left < max ? left : max));
		ck_assert(seqset_count(&part) + seqset_count(set) == left);
		for (size_t i = 0; i < part.len; i++)
			seqset_add_range(&all, part.range[i].first,
				part.range[i].last);
	}
	check_equal(&all, m);
	seqset_clear(&all);
	seqset_clear(&part);
}

static void check_all(struct seqset *set, const struct model *m, uint64_t max)
{
	check_equal(set, m);
	check_iteration(set, m);
	check_text(set, m);
	check_parts(set, m);
	check_split(set, m, max);
}

START_TEST(added_numbers_and_ranges_are_those_of_a_naive_model)
{
	uint32_t seed = 1;

	for (int round = 0; round < 500; round++) {
		struct seqset set = {0};
		struct model m = {0};

		for (uint32_t i = random_next(&seed) % 40; i > 0; i--) {
			uint32_t a = random_number(&seed), b = a;

			if (random_next(&seed) % 3 == 0)
				b = random_number(&seed) % 20 + a;
			if (b > MODEL_MAX)
				b = a;
			seqset_add_range(&set, b, a);
			model_add(&m, a, b);
			ck_assert(is_equal(&set, &m));
		}
		check_all(&set, &m, random_next(&seed) % 30 + 1);
		seqset_clear(&set);
	}
}
END_TEST

START_TEST(pushed_numbers_and_ranges_are_those_of_a_naive_model)
{
	uint32_t seed = 7;

	for (int round = 0; round < 500; round++) {
		struct seqset set = {0};
		struct model m = {0};

		for (uint32_t i = random_next(&seed) % 60; i > 0; i--) {
			uint32_t a = random_number(&seed);
			uint32_t b = random_next(&seed) % 2
				? a
				: random_number(&seed);

			seqset_push(&set, a, b);
			model_add(&m, a, b);
		}
		seqset_settle(&set);
		check_all(&set, &m, random_next(&seed) % 30 + 1);
		seqset_clear(&set);
	}
}
END_TEST

START_TEST(numbers_one_by_one_in_order_stay_one_range)
{
	struct seqset set = {0};

	for (uint32_t n = 1; n <= 100000; n++)
		seqset_add(&set, n);
	ck_assert_uint_eq(set.len, 1);
	ck_assert_uint_eq(seqset_count(&set), 100000);
	seqset_reset(&set);
	ck_assert(seqset_empty(&set));
	ck_assert_ptr_nonnull(set.range);
	seqset_clear(&set);
	ck_assert_ptr_null(set.range);
}
END_TEST

/* S15 */
START_TEST(the_largest_range_is_one_range)
{
	struct seqset set = {0}, part = {0};
	struct str text = {0};

	ck_assert(seqset_parse(span_of("4294967295:1"), 1, &set));
	ck_assert_uint_eq(set.len, 1);
	ck_assert_uint_eq(seqset_count(&set), 4294967295u);
	seqset_add(&set, 1);
	seqset_add(&set, 4294967295u);
	seqset_add_range(&set, 5, 4294967295u);
	ck_assert_uint_eq(set.len, 1);
	seqset_split(&set, 4294967294u, &part);
	seqset_print(&set, &text);
	ck_assert_str_eq(str_get(&text), "4294967295");
	str_reset(&text);
	seqset_print(&part, &text);
	ck_assert_str_eq(str_get(&text), "1:4294967294");
	seqset_reset(&part);
	seqset_split(&set, UINT64_MAX, &part);
	ck_assert(seqset_empty(&set));
	seqset_clear(&set);
	seqset_clear(&part);
	str_clear(&text);
}
END_TEST

START_TEST(the_last_number_of_all_ends_an_iteration)
{
	struct seqset set = {0};
	struct seqset_iter iter;
	uint32_t n;

	seqset_add_range(&set, 4294967294u, 4294967295u);
	iter = seqset_iter(&set);
	ck_assert(seqset_next(&iter, &n));
	ck_assert_uint_eq(n, 4294967294u);
	ck_assert(seqset_next(&iter, &n));
	ck_assert_uint_eq(n, 4294967295u);
	ck_assert(!seqset_next(&iter, &n));
	ck_assert(!seqset_next(&iter, &n));
	seqset_clear(&set);
}
END_TEST

START_TEST(a_million_tiny_ranges_take_eight_bytes_each)
{
	struct seqset set = {0};
	struct str text = {0};

	for (unsigned n = 1; n <= 1000000; n++)
		str_printf(&text, n == 1 ? "%u" : ",%u", 2 * n);
	ck_assert(!seqset_parse(span_str(&text), 999999, &set));
	ck_assert(seqset_empty(&set));
	ck_assert(seqset_parse(span_str(&text), 1000000, &set));
	ck_assert_uint_eq(set.len, 1000000);
	ck_assert_uint_le(set.cap * sizeof(*set.range), (size_t)1 << 24);
	seqset_clear(&set);
	str_clear(&text);
}
END_TEST

START_TEST(whether_a_text_ascends_is_told)
{
	ck_assert(seqset_ascends(span_of("1:3,7,9:4294967295")));
	ck_assert(seqset_ascends(span_of("8")));
	ck_assert(seqset_ascends(span_of("3:1,9")));
	ck_assert(!seqset_ascends(span_of("3:1,2")));
	ck_assert(!seqset_ascends(span_of("5,4")));
	ck_assert(!seqset_ascends(span_of("4,4")));
	ck_assert(!seqset_ascends(span_of("")));
	ck_assert(!seqset_ascends(span_of("1:3x")));
}
END_TEST

START_TEST(sets_are_read_in_any_order)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{"1", "1"}, {"1,2,3", "1:3"}, {"3,1", "1,3"},
		{"5:1,9", "1:5,9"}, {"1:3,2:7,9", "1:7,9"}, {"1,1,1", "1"},
		{"1:1", "1"}, {"007", "7"}, {"4294967295", "4294967295"},
		{"10,8,6,4,2", "2,4,6,8,10"},
	};
	struct seqset set = {0};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str text = {0};

		ck_assert(seqset_parse(span_of(rows[i].text), 10, &set));
		seqset_print(&set, &text);
		ck_assert_str_eq(str_get(&text), rows[i].expected);
		str_clear(&text);
	}
	seqset_clear(&set);
}
END_TEST

START_TEST(what_is_no_set_is_refused)
{
	static const char *const texts[] = {"", "0", "*", "1:*", "*:1", "0:5",
		"5:0", ",", "1,", ",1", "1,,2", "1:", ":1", "1:2:3", "a",
		"1a", "-1", "+1", " 1", "1 ", "1, 2", "4294967296",
		"18446744073709551617", "1:4294967296", "$"};
	struct seqset set = {0};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		ck_assert_msg(!seqset_parse(span_of(texts[i]), 10, &set),
			"'%s'", texts[i]);
		ck_assert(seqset_empty(&set));
	}
	ck_assert(!seqset_parse((struct span){"1\0002", 3}, 10, &set));
	seqset_clear(&set);
}
END_TEST

START_TEST(the_text_of_one_range_is_pushed_and_no_other)
{
	static const char *const texts[] = {
		"", "0", "1:", ":1", "1,2", "1:2:3", "*", "1x", "4294967296"};
	struct seqset set = {0};
	struct str text = {0};

	ck_assert(seqset_push_text(&set, span_of("9:7")));
	ck_assert(seqset_push_text(&set, span_of("4")));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		ck_assert_msg(!seqset_push_text(&set, span_of(texts[i])),
			"'%s'", texts[i]);
	seqset_settle(&set);
	seqset_print(&set, &text);
	ck_assert_str_eq(str_get(&text), "4,7:9");
	seqset_clear(&set);
	str_clear(&text);
}
END_TEST

Suite *seqset_suite(void)
{
	Suite *s = suite_create("seqset");
	TCase *t = tcase_create("seqset");

	tcase_set_timeout(t, 60);
	tcase_add_test(t,
		added_numbers_and_ranges_are_those_of_a_naive_model);
	tcase_add_test(t,
		pushed_numbers_and_ranges_are_those_of_a_naive_model);
	tcase_add_test(t, numbers_one_by_one_in_order_stay_one_range);
	tcase_add_test(t, the_largest_range_is_one_range);
	tcase_add_test(t, the_last_number_of_all_ends_an_iteration);
	tcase_add_test(t, a_million_tiny_ranges_take_eight_bytes_each);
	tcase_add_test(t, whether_a_text_ascends_is_told);
	tcase_add_test(t, sets_are_read_in_any_order);
	tcase_add_test(t, what_is_no_set_is_refused);
	tcase_add_test(t, the_text_of_one_range_is_pushed_and_no_other);
	suite_add_tcase(s, t);
	return s;
}
