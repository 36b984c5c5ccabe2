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

Suite *flag_suite(void)
{
	Suite *s = suite_create("flag");
	TCase *t = tcase_create("flag");

	tcase_add_test(t, letters_come_sorted_by_code_point);
	tcase_add_test(t, letters_come_back_as_flags);
	tcase_add_test(t, other_characters_are_no_flags);
	tcase_add_test(t, imap_names_are_known_in_any_case);
	tcase_add_test(t, only_flags_of_imap_get_imap_names);
	suite_add_tcase(s, t);
	return s;
}
