#include "config.h"

#include <string.h>

#include "imap/utf7.h"
#include "suites.h"

static const struct {
	const char *utf8, *utf7;
} names[] = {
	{"", ""},
	{"INBOX", "INBOX"},
	{"Entw\303\274rfe", "Entw&APw-rfe"},
	{"a & b", "a &- b"},
	{"&-", "&--"},
	{"~peter/mail/\345\217\260\345\214\227/"
	 "\346\227\245\346\234\254\350\252\236",
		"~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
	{"\342\230\272!", "&Jjo-!"},
	{"\360\237\230\200", "&2D3eAA-"},
	{"a\tb", "a&AAk-b"},
	{"\177", "&AH8-"},
	{"\357\277\277", "&,,8-"},
	{"\303\244\303\266\303\274", "&AOQA9gD8-"},
	{"gr\303\274n&blau", "gr&APw-n&-blau"},
};

START_TEST(names_go_both_ways)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct str out = {0};

		ck_assert(utf7_encode(span_of(names[i].utf8), &out));
		ck_assert_str_eq(str_get(&out), names[i].utf7);
		str_reset(&out);
		ck_assert(utf7_decode(span_of(names[i].utf7), &out));
		ck_assert_str_eq(str_get(&out), names[i].utf8);
		str_clear(&out);
	}
}
END_TEST

START_TEST(output_is_appended_and_unchanged_on_failure)
{
	struct str out = {0};

	str_add(&out, "x/");
	ck_assert(!utf7_encode(span_of("ok\377"), &out));
	ck_assert_str_eq(str_get(&out), "x/");
	ck_assert(!utf7_decode(span_of("ok&"), &out));
	ck_assert_str_eq(str_get(&out), "x/");
	ck_assert(utf7_encode(span_of("\303\274"), &out));
	ck_assert_str_eq(str_get(&out), "x/&APw-");
	str_clear(&out);
}
END_TEST

START_TEST(what_is_not_utf8_is_not_encoded)
{
	static const char *const texts[] = {"\200", "\300\257", "\301\277",
		"\303", "\303(", "\340\200\257", "\340\237\277", "\342\230",
		"\355\240\200", "\355\277\277", "\360\200\200\257",
		"\360\217\277\277", "\364\220\200\200", "\365\200\200\200",
		"\377", "a\303\244\200"};
	struct str out = {0};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		ck_assert_msg(!utf7_encode(span_of(texts[i]), &out), "row %zu",
			i);
	ck_assert(!utf7_encode((struct span){"a\0b", 3}, &out));
	ck_assert_uint_eq(out.len, 0);
	str_clear(&out);
}
END_TEST

/* Each of these would be another name for a folder that has one already, or
 * none at all. */
START_TEST(what_encode_would_not_have_made_is_not_decoded)
{
	static const char *const texts[] = {"&", "a&", "&Jjo", "&Jjo!",
		"&AGE-", "&AGEA,A-", "&APx-", "&APwA-", "&A-", "&AP-",
		"&APw-&APw-", "&AAA-", "&2D0-", "&3gA-", "&2D0A,A-",
		"&2D3eAA", "&/-", "&Jj=-", "gr\303\274n", "\200", "a\tb",
		"&ACY-", "&&-", "&APw-\n"};
	struct str out = {0};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		ck_assert_msg(!utf7_decode(span_of(texts[i]), &out), "%s",
			texts[i]);
	ck_assert_uint_eq(out.len, 0);
	str_clear(&out);
}
END_TEST

static void add_utf8(uint32_t c, struct str *out)
{
	if (c < 0x80) {
		str_add_char(out, (char)c);
	} else if (c < 0x800) {
		str_add_char(out, (char)(0xc0 | c >> 6));
		str_add_char(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		str_add_char(out, (char)(0xe0 | c >> 12));
		str_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		str_add_char(out, (char)(0x80 | (c & 0x3f)));
	} else {
		str_add_char(out, (char)(0xf0 | c >> 18));
		str_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
		str_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		str_add_char(out, (char)(0x80 | (c & 0x3f)));
	}
}

START_TEST(every_character_comes_back)
{
	struct str name = {0}, utf7 = {0}, back = {0};

	for (uint32_t c = 1; c <= 0x10ffff; c += c < 0x3000 ? 1 : 61) {
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		str_set(&name, "a");
		add_utf8(c, &name);
		add_utf8(c, &name);
		str_reset(&utf7);
		str_reset(&back);
		/* One assertion: each costs a write to a file. */
		ck_assert_msg(utf7_encode(span_str(&name), &utf7) &&
				utf7_decode(span_str(&utf7), &back) &&
				strcmp(str_get(&back), str_get(&name)) == 0,
			"%lx", (unsigned long)c);
	}
	str_clear(&name);
	str_clear(&utf7);
	str_clear(&back);
}
END_TEST

Suite *utf7_suite(void)
{
	Suite *s = suite_create("utf7");
	TCase *t = tcase_create("utf7");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, names_go_both_ways);
	tcase_add_test(t, output_is_appended_and_unchanged_on_failure);
	tcase_add_test(t, what_is_not_utf8_is_not_encoded);
	tcase_add_test(t, what_encode_would_not_have_made_is_not_decoded);
	tcase_add_test(t, every_character_comes_back);
	suite_add_tcase(s, t);
	return s;
}
