#include "config.h"

#include <string.h>

#include "imap/flag.h"
#include "suites.h"

START_TEST(letters_come_sorted_by_code_point)
{
	struct str out = {0};

	flag_letters(UINT32_MAX, &out);
	ck_assert_str_eq(str_get(&out), "DFPRSTabcdefghijklmnopqrstuvwxyz");
	flag_letters(0, &out);
	ck_assert_uint_eq(out.len, 32);
	str_clear(&out);
}
END_TEST

START_TEST(letters_come_back_as_flags)
{
	struct str out = {0};

	for (unsigned bit = 0; bit < 32; bit++) {
		uint32_t flag = (uint32_t)1 << bit;

		str_reset(&out);
		flag_letters(flag, &out);
		ck_assert_uint_eq(out.len, 1);
		ck_assert_uint_eq(flag_of_letter(out.data[0]), flag);
		ck_assert_uint_eq(flag_parse_letters(span_str(&out)), flag);
	}
	ck_assert_uint_eq(flag_of_letter('a'), (uint32_t)1 << 6);
	ck_assert_uint_eq(flag_of_letter('z'), (uint32_t)1 << 31);
	str_clear(&out);
}
END_TEST

START_TEST(other_characters_are_no_flags)
{
	for (int c = 0; c < 256; c++) {
		bool lower = c >= 'a' && c <= 'z';
		bool upper = c != 0 && strchr("DFPRST", c);

		ck_assert_int_eq(
			flag_of_letter((char)c) != 0, lower || upper);
	}
	ck_assert_uint_eq(flag_parse_letters(span_of("S,? XD")),
		FLAG_SEEN | FLAG_DRAFT);
}
END_TEST

START_TEST(imap_names_are_known_in_any_case)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} rows[] = {
		{"\\Seen", FLAG_SEEN}, {"\\SEEN", FLAG_SEEN},
		{"\\answered", FLAG_ANSWERED}, {"\\Flagged", FLAG_FLAGGED},
		{"\\Deleted", FLAG_DELETED}, {"\\Draft", FLAG_DRAFT},
		{"\\Recent", 0}, {"Seen", 0}, {"\\", 0}, {"", 0},
		{"\\Seen2", 0}, {"$Forwarded", 0}, {"\\*", 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_uint_eq(
			flag_of_imap(span_of(rows[i].name)), rows[i].flag);
}
END_TEST

START_TEST(only_flags_of_imap_get_imap_names)
{
	struct str out = {0};

	flag_imap_names(UINT32_MAX, &out);
	ck_assert_str_eq(str_get(&out),
		"\\Draft \\Flagged \\Answered \\Seen \\Deleted");
	str_reset(&out);
	flag_imap_names(~FLAG_IMAP_ALL, &out);
	ck_assert_str_eq(str_get(&out), "");
	str_clear(&out);
}
END_TEST

START_TEST(only_what_a_server_can_have_is_a_keyword)
{
	static const struct {
		const char *name;
		bool ok;
	} rows[] = {
		{"$Forwarded", true}, {"NonJunk", true}, {"a+b.c", true},
		{"[x", true}, {"", false}, {"two words", false},
		{"\\Seen", false}, {"x)", false}, {"x\r\n", false},
		{"gr\303\274n", false}, {"a*", false}, {"a]", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct flag_keywords k = {0};

		ck_assert_msg(flag_keywords_set(&k, 25,
			span_of(rows[i].name)) == rows[i].ok, "%s",
			rows[i].name);
		ck_assert_uint_eq(flag_keywords_mask(&k), rows[i].ok ?
			flag_of_letter('z') : 0);
		flag_keywords_clear(&k);
	}
	ck_assert_uint_eq(flag_keywords_mask(NULL), 0);
}
END_TEST

START_TEST(a_keyword_has_the_last_letter_that_was_given_to_it)
{
	struct flag_keywords k = {0};

	ck_assert(flag_keywords_set(&k, 0, span_of("one")));
	ck_assert(flag_keywords_set(&k, 1, span_of("two")));
	ck_assert(flag_keywords_set(&k, 2, span_of("one")));
	ck_assert_uint_eq(flag_of_keyword(&k, span_of("one")),
		flag_of_letter('c'));
	ck_assert_uint_eq(flag_keywords_mask(&k), flag_of_letter('b') |
		flag_of_letter('c'));
	ck_assert(flag_keywords_set(&k, 1, span_of("three")));
	ck_assert_uint_eq(flag_of_keyword(&k, span_of("two")), 0);
	flag_keywords_clear(&k);
}
END_TEST

START_TEST(the_case_of_keywords_counts_but_not_while_learning)
{
	struct flag_keywords k = {0};

	ck_assert(flag_keywords_set(&k, 5, span_of("$Junk")));
	ck_assert_uint_eq(flag_of_keyword(&k, span_of("$junk")), 0);
	ck_assert_uint_eq(flag_of_keyword(&k, span_of("\\Junk")), 0);
	ck_assert_uint_eq(flag_of_keyword(&k, span_of("")), 0);
	ck_assert(!k.changed);
	k.learning = true;
	ck_assert_uint_eq(flag_of_keyword(&k, span_of("$junk")),
		flag_of_letter('f'));
	ck_assert_uint_eq(flag_of_keyword(&k, span_of("\\Recent")), 0);
	ck_assert_uint_eq(flag_of_keyword(&k, span_of("no good")), 0);
	ck_assert(!k.changed);
	flag_keywords_clear(&k);
}
END_TEST

START_TEST(letters_are_learnt_until_there_is_none_left)
{
	struct flag_keywords k = {.learning = true};
	char name[] = "ka";

	for (unsigned i = 0; i < FLAG_LETTERS; i++, name[1]++)
		ck_assert_uint_eq(flag_of_keyword(&k, span_of(name)),
			flag_letter(i));
	ck_assert(k.changed);
	ck_assert_uint_eq(flag_of_keyword(&k, span_of("more")), 0);
	ck_assert_uint_eq(flag_of_keyword(&k, span_of("kz")),
		flag_of_letter('z'));
	flag_keywords_clear(&k);
}
END_TEST

START_TEST(letters_are_sent_as_their_keywords)
{
	static const struct {
		const char *letters, *names;
	} rows[] = {
		{"", ""}, {"S", "\\Seen"}, {"a", "one"}, {"Pab", "one"},
		{"SPTabz", "\\Seen \\Deleted one $Z"}, {"az", "one $Z"},
	};
	struct flag_keywords k = {0};

	ck_assert(flag_keywords_set(&k, 0, span_of("one")));
	ck_assert(flag_keywords_set(&k, 25, span_of("$Z")));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t flags = flag_parse_letters(span_of(rows[i].letters));
		struct str out = {0};

		flag_names(flags, &k, &out);
		ck_assert_str_eq(str_get(&out), rows[i].names);
		str_clear(&out);
	}
	flag_keywords_clear(&k);
}
END_TEST

Suite *flag_suite(void)
{
	Suite *s = suite_create("flag");
	TCase *t = tcase_create("flag");

	tcase_add_test(t, letters_come_sorted_by_code_point);
	tcase_add_test(t, letters_come_back_as_flags);
	tcase_add_test(t, other_characters_are_no_flags);
	tcase_add_test(t, imap_names_are_known_in_any_case);
	tcase_add_test(t, only_flags_of_imap_get_imap_names);
	tcase_add_test(t, only_what_a_server_can_have_is_a_keyword);
	tcase_add_test(t, a_keyword_has_the_last_letter_that_was_given_to_it);
	tcase_add_test(t, the_case_of_keywords_counts_but_not_while_learning);
	tcase_add_test(t, letters_are_learnt_until_there_is_none_left);
	tcase_add_test(t, letters_are_sent_as_their_keywords);
	suite_add_tcase(s, t);
	return s;
}
