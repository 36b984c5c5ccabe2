#include "config.h"

#include <stdio.h>
#include <string.h>

#include "attr.h"
#include "imap/flag.h"
#include "mail/maildir_name.h"
#include "suites.h"

#define OUR "7e33429f656f1e6e9d79b29c3f82c57e"
#define OTHER "d41d8cd98f00b204e9800998ecf8427e"
#define UNIQUE "1795380603_4.3227.vm"

static const struct maildir_naming usual = {OUR, ':'}, windows = {OUR, '!'};

static const struct {
	const char *name;
	uint32_t uid, flags;
} parsed[] = {
	{UNIQUE ",U=4,FMD5=" OUR ":2,FS", 4, FLAG_FLAGGED | FLAG_SEEN},
	{UNIQUE ",U=4,FMD5=" OUR, 4, 0},
	{UNIQUE ",U=4294967295,FMD5=" OUR ":2,", UINT32_MAX, 0},
	/* a number that is no UID */
	{UNIQUE ",U=4294967296,FMD5=" OUR ":2,", 0, 0},
	{UNIQUE ",U=0,FMD5=" OUR ":2,S", 0, FLAG_SEEN},
	{UNIQUE ",U=,FMD5=" OUR ":2,S", 0, FLAG_SEEN},
	{UNIQUE ",U=x,U=5,FMD5=" OUR ":2,", 5, 0},
	/* new messages: no digest, or another folder's, whatever U= says */
	{UNIQUE ",U=4:2,S", 0, FLAG_SEEN},
	{UNIQUE ",U=4,FMD5=" OTHER ":2,S", 0, FLAG_SEEN},
	{UNIQUE ",FMD5=" OUR ":2,S", 0, FLAG_SEEN},
	{"1700000000.M1P2.host,S=100,W=110:2,RT", 0,
		FLAG_ANSWERED | FLAG_DELETED},
	/* fields in any place, several digests */
	{"a,FMD5=" OUR ",U=9,S=3:2,P", 9, FLAG_PASSED},
	{"a,FMD5=" OTHER ",FMD5=" OUR ",U=9:2,", 9, 0},
	{"a:2,S,U=9,FMD5=" OUR, 9, FLAG_SEEN},
	/* the first info counts, up to what is no letter */
	{UNIQUE ":2,S.bak", 0, FLAG_SEEN},
	{UNIQUE ":2,S:2,FS", 0, FLAG_SEEN},
	{UNIQUE ":2,Sab_9Z", 0, FLAG_SEEN | 1u << 6 | 1u << 7},
	{UNIQUE ":1,S", 0, 0},
	{UNIQUE "!2,FS", 0, FLAG_FLAGGED | FLAG_SEEN},
	{UNIQUE, 0, 0},
	{"", 0, 0},
};

START_TEST(a_name_tells_uid_and_flags)
{
	struct maildir_name out;

	maildir_name_parse(parsed[_i].name, &usual, &out);
	ck_assert_uint_eq(out.uid, parsed[_i].uid);
	ck_assert_uint_eq(out.flags, parsed[_i].flags);
}
END_TEST

START_TEST(a_number_for_another_folder_is_known_as_such)
{
	static const struct {
		const char *name;
		bool foreign;
	} row[] = {
		{UNIQUE ",U=4,FMD5=" OTHER ":2,S", true},
		{UNIQUE ",U=4,FMD5=" OUR ":2,S", false},
		{UNIQUE ",U=0,FMD5=" OTHER ":2,S", false},
		{UNIQUE ",FMD5=" OTHER ":2,S", false},
		{UNIQUE ",U=4:2,S", false},
		{UNIQUE, false},
	};
	struct maildir_name out;

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		maildir_name_parse(row[i].name, &usual, &out);
		ck_assert_msg(out.foreign == row[i].foreign, "%s",
			row[i].name);
	}
}
END_TEST

static const struct {
	const char *name;
	uint32_t flags;
	const char *expect;
} flagged[] = {
	{"x:2,", FLAG_SEEN, "x:2,S"},
	{"x", FLAG_SEEN, "x:2,S"},
	{"x", 0, "x:2,"},
	{"x:2,S", 0, "x:2,"},
	{"x:2,S", FLAG_SEEN | FLAG_FLAGGED | FLAG_PASSED | 1u << 6, "x:2,FPSa"},
	{"x,U=4,FMD5=" OUR ":2,TS", FLAG_DRAFT, "x,U=4,FMD5=" OUR ":2,D"},
	/* letters that mean nothing to us stay, in order */
	{"x:2,AS9_", FLAG_FLAGGED, "x:2,9AF_"},
	/* and so does what follows the flags */
	{"x:2,S.bak", FLAG_SEEN | FLAG_FLAGGED, "x:2,FS.bak"},
	{"x:2,S,k=v", 0, "x:2,,k=v"},
	{"x:2,S:2,FS", FLAG_FLAGGED, "x:2,F:2,FS"},
	{"x!2,S", FLAG_FLAGGED, "x:2,F"},
	{"x:1,S", FLAG_SEEN, "x:1,S:2,S"},
};

START_TEST(flags_change_nothing_else_in_a_name)
{
	struct str out = {0};

	maildir_name_with_flags(flagged[_i].name, &usual, flagged[_i].flags,
		&out);
	ck_assert_str_eq(str_get(&out), flagged[_i].expect);
	ck_assert(maildir_name_same_base(flagged[_i].name, str_get(&out)));
	str_clear(&out);
}
END_TEST

static const struct {
	const char *name;
	uint32_t uid;
	const char *expect;
} numbered[] = {
	{"x", 7, "x,U=7,FMD5=" OUR},
	{"x:2,S", 7, "x,U=7,FMD5=" OUR ":2,S"},
	{"x,S=10,W=11:2,S", 7, "x,S=10,W=11,U=7,FMD5=" OUR ":2,S"},
	{"x,U=3,FMD5=" OTHER ":2,Sk.bak", 7,
		"x,U=7,FMD5=" OUR ":2,Sk.bak"},
	{"x,U=3,S=10,FMD5=" OUR ",W=1:2,", 7,
		"x,S=10,W=1,U=7,FMD5=" OUR ":2,"},
	{"x:2,S,U=3,FMD5=" OUR, 7, "x,U=7,FMD5=" OUR ":2,S"},
	{"x,U=3,FMD5=" OUR ":2,FS", 0, "x:2,FS"},
	{"x:2,S,U=3,FMD5=" OUR ",k=1", 0, "x:2,S,k=1"},
	{"x", 0, "x"},
};

START_TEST(a_uid_replaces_the_old_one_and_leaves_the_rest)
{
	struct maildir_name parts;
	struct str out = {0};

	maildir_name_with_uid(numbered[_i].name, &usual, numbered[_i].uid,
		&out);
	ck_assert_str_eq(str_get(&out), numbered[_i].expect);
	maildir_name_parse(str_get(&out), &usual, &parts);
	ck_assert_uint_eq(parts.uid, numbered[_i].uid);
	ck_assert(maildir_name_same_message(numbered[_i].name, str_get(&out)));
	str_clear(&out);
}
END_TEST

static const struct {
	const char *a, *b;
	bool base, message;
} compared[] = {
	{"x:2,S", "x:2,FS", true, true},
	{"x", "x:2,FS", true, true},
	{"x:2,", "y:2,", false, false},
	{"x:2,", "xy:2,", false, false},
	{"x,U=1,FMD5=" OUR ":2,", "x,U=1,FMD5=" OUR ":2,S", true, true},
	{"x:2,", "x,U=1,FMD5=" OUR ":2,S", false, true},
	{"x,U=2,FMD5=" OUR, "x,U=1,FMD5=" OUR ":2,S", false, true},
	{"x,S=1,U=2", "x,S=2,U=2", false, false},
	{"x:2,S", "x!2,FS", true, true},
	{"x:2,S!2,FS", "x!2,", true, true},
	{"x!2,S", "y:2,S", false, false},
	{"", "x", false, false},
	{"", "", true, true},
};

START_TEST(names_of_one_message_are_recognised)
{
	ck_assert(maildir_name_same_base(compared[_i].a, compared[_i].b) ==
		compared[_i].base);
	ck_assert(maildir_name_same_base(compared[_i].b, compared[_i].a) ==
		compared[_i].base);
	ck_assert(maildir_name_same_message(compared[_i].a, compared[_i].b) ==
		compared[_i].message);
	ck_assert(maildir_name_same_message(compared[_i].b, compared[_i].a) ==
		compared[_i].message);
}
END_TEST

static const struct {
	const char *name;
	uint32_t flags; /* that it has */
	const char *with_flagged, *with_uid;
} for_windows[] = {
	{"x!2,S", FLAG_SEEN, "x!2,F", "x,U=7,FMD5=" OUR "!2,S"},
	{"x", 0, "x!2,F", "x,U=7,FMD5=" OUR},
	/* written with the other one */
	{"x:2,S", FLAG_SEEN, "x!2,F", "x,U=7,FMD5=" OUR "!2,S"},
	{"x:2,Rk.bak", FLAG_ANSWERED | 1u << 16, "x!2,F.bak",
		"x,U=7,FMD5=" OUR "!2,Rk.bak"},
	/* as OfflineIMAP leaves it when it was switched */
	{"x:2,S!2,FT", FLAG_FLAGGED | FLAG_DELETED, "x:2,S!2,F",
		"x:2,S,U=7,FMD5=" OUR "!2,FT"},
};

START_TEST(windows_names_are_made_of_either_kind)
{
	struct maildir_name parts;
	struct str out = {0};

	maildir_name_parse(for_windows[_i].name, &windows, &parts);
	ck_assert_uint_eq(parts.flags, for_windows[_i].flags);
	maildir_name_with_flags(for_windows[_i].name, &windows, FLAG_FLAGGED,
		&out);
	ck_assert_str_eq(str_get(&out), for_windows[_i].with_flagged);
	str_reset(&out);
	maildir_name_with_uid(for_windows[_i].name, &windows, 7, &out);
	ck_assert_str_eq(str_get(&out), for_windows[_i].with_uid);
	maildir_name_parse(str_get(&out), &windows, &parts);
	ck_assert_uint_eq(parts.flags, for_windows[_i].flags);
	ck_assert_uint_eq(parts.uid, 7);
	str_reset(&out);
	maildir_name_build(UNIQUE, &windows, 4, FLAG_SEEN, &out);
	ck_assert_str_eq(str_get(&out), UNIQUE ",U=4,FMD5=" OUR "!2,S");
	str_clear(&out);
}
END_TEST

START_TEST(a_new_name_is_as_offlineimap_writes_it)
{
	struct str out = {0};

	maildir_name_build(UNIQUE, &usual, 4, FLAG_SEEN | FLAG_FLAGGED, &out);
	ck_assert_str_eq(str_get(&out), parsed[0].name);
	str_clear(&out);
}
END_TEST

Suite *maildir_name_suite(void)
{
	Suite *suite = suite_create("maildir_name");
	TCase *tc = tcase_create("maildir_name");

	tcase_add_test(tc, a_number_for_another_folder_is_known_as_such);
	tcase_add_loop_test(tc, a_name_tells_uid_and_flags, 0,
		ARRAY_LEN(parsed));
	tcase_add_loop_test(tc, flags_change_nothing_else_in_a_name, 0,
		ARRAY_LEN(flagged));
	tcase_add_loop_test(tc, a_uid_replaces_the_old_one_and_leaves_the_rest,
		0, ARRAY_LEN(numbered));
	tcase_add_loop_test(tc, names_of_one_message_are_recognised, 0,
		ARRAY_LEN(compared));
	tcase_add_loop_test(tc, windows_names_are_made_of_either_kind, 0,
		ARRAY_LEN(for_windows));
	tcase_add_test(tc, a_new_name_is_as_offlineimap_writes_it);
	suite_add_tcase(suite, tc);
	return suite;
}
