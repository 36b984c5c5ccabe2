#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "mail/msg.h"
#include "mail/packed_name.h"
#include "suites.h"

#define OUR "7e33429f656f1e6e9d79b29c3f82c57e"
#define OTHER "d41d8cd98f00b204e9800998ecf8427e"
#define UNIQUE "1795380603_4.3227.vm"
#define FUZZ_ROUNDS 20000

static const struct maildir_naming usual = {OUR, ':'}, windows = {OUR, '!'};

static const char *const names[] = {
	"cur/" UNIQUE ",U=4,FMD5=" OUR ":2,FS",
	"new/" UNIQUE ",U=4,FMD5=" OUR ":2,",
	"cur/" UNIQUE ",U=4,FMD5=" OUR,
	"cur/" UNIQUE ",U=4,FMD5=" OUR "!2,S",
	"cur/" UNIQUE ",U=4,FMD5=" OUR ":2,S!2,FS",
	"cur/" UNIQUE ",U=4,FMD5=" OUR ":2,S.bak",
	"cur/" UNIQUE ",U=4,FMD5=" OUR ":2",
	"cur/" UNIQUE ",U=4,FMD5=" OUR ":1,S",
	"cur/" UNIQUE ",U=4,FMD5=" OUR ",S=10:2,S",
	"cur/" UNIQUE ",U=4,FMD5=" OUR "0:2,S",
	"cur/" UNIQUE ",U=4294967295,FMD5=" OUR ":2,",
	"cur/" UNIQUE ",U=4294967296,FMD5=" OUR ":2,",
	"cur/" UNIQUE ",U=99999999999999999999,FMD5=" OUR ":2,",
	"cur/" UNIQUE ",U=0,FMD5=" OUR ":2,",
	"cur/" UNIQUE ",U=04,FMD5=" OUR ":2,",
	"cur/" UNIQUE ",U=,FMD5=" OUR ":2,",
	"cur/" UNIQUE ",U=x,U=5,FMD5=" OUR ":2,",
	"cur/" UNIQUE ",U=4,U=5,FMD5=" OUR ":2,",
	"cur/" UNIQUE ",U=4,FMD5=" OTHER ":2,S",
	"cur/" UNIQUE ",U=4,FMD5=7e33429f656f1e6e9d79b29c3f82c57",
	"cur/" UNIQUE ",U=4,FMD5=7E33429F656F1E6E9D79B29C3F82C57E:2,",
	"cur/" UNIQUE ",FMD5=" OUR ",U=4:2,S",
	"cur/" UNIQUE ":2,S,U=9,FMD5=" OUR,
	"cur/,U=4,FMD5=" OUR ":2,S",
	"cur/\001\002\377,U=4,FMD5=" OUR ":2,\001\377",
	"cur/1700000000.M1P2.host,S=100,W=110:2,RT",
	"cur/",
	"new/",
	"",
	"0000000017",
	"Cur/" UNIQUE ",U=4,FMD5=" OUR ":2,",
	"tmp/" UNIQUE ",U=4,FMD5=" OUR ":2,",
	UNIQUE ",U=4,FMD5=" OUR ":2,",
};

static void comes_back(const char *name, const struct maildir_naming *naming)
{
	struct str packed = {0}, buf = {0};

	str_add(&packed, "before");
	packed_name_add(name, naming, &packed);
	str_set(&buf, "what was there");
	ck_assert_str_eq(packed_name_get(packed.data + 6, naming, &buf), name);
	str_clear(&packed);
	str_clear(&buf);
}

START_TEST(every_name_comes_back_as_it_was)
{
	comes_back(names[_i], &usual);
	comes_back(names[_i], &windows);
	comes_back(names[_i], NULL);
}
END_TEST

START_TEST(a_usual_name_takes_a_few_bytes_beside_what_is_unique)
{
	struct str packed = {0};

	packed_name_add(names[0], &usual, &packed);
	ck_assert_uint_le(packed.len, strlen(UNIQUE) + 9);
	str_clear(&packed);
}
END_TEST

/* Pieces of which names are made, and of what they are not made of. */
static const char *const pieces[] = {"cur/", "new/", UNIQUE, ",U=", ",U=4",
	",U=0", "7", ",FMD5=", ",FMD5=" OUR, ",FMD5=" OTHER, OUR, ":2,", "!2,",
	":", "!", ",", "2", "S", "FRS", "a", "\001", "/", "=", " ", "\303\244"};

START_TEST(names_of_any_pieces_come_back)
{
	uint32_t seed = 1;
	struct str name = {0};

	for (int i = 0; i < FUZZ_ROUNDS; i++) {
		uint32_t len;

		str_reset(&name);
		seed = seed * 1664525 + 1013904223;
		len = (seed >> 16) % 9;
		for (uint32_t j = 0; j < len; j++) {
			seed = seed * 1664525 + 1013904223;
			str_add(&name,
				pieces[(seed >> 16) % ARRAY_LEN(pieces)]);
		}
		comes_back(str_get(&name), i % 2 ? &usual : &windows);
	}
	str_clear(&name);
}
END_TEST

START_TEST(a_list_gives_names_whatever_becomes_of_messages)
{
	struct msglist list = {0};
	struct str buf = {0};
	char *copy;

	msglist_restart(&list, &usual);
	for (uint32_t i = 0; i < ARRAY_LEN(names); i++)
		msglist_add(&list, i, i, names[i]);
	for (uint32_t i = 0; i < ARRAY_LEN(names); i++) {
		list.at[i].uid = 0;
		list.at[i].flags = UINT32_MAX;
		ck_assert_str_eq(msglist_name(&list, &list.at[i], &buf),
			names[i]);
		copy = msglist_name_dup(&list, &list.at[i]);
		ck_assert_str_eq(copy, names[i]);
		free(copy);
	}
	msglist_restart(&list, NULL);
	ck_assert_uint_eq(list.len, 0);
	msglist_add(&list, 1, 0, names[0]);
	ck_assert_ptr_eq(msglist_name(&list, &list.at[0], &buf),
		list.names.data + list.at[0].name + 1);
	msglist_clear(&list);
	str_clear(&buf);
}
END_TEST

Suite *packed_name_suite(void)
{
	Suite *suite = suite_create("packed_name");
	TCase *tcase = tcase_create("core");

	tcase_add_loop_test(tcase, every_name_comes_back_as_it_was, 0,
		ARRAY_LEN(names));
	tcase_add_test(tcase,
		a_usual_name_takes_a_few_bytes_beside_what_is_unique);
	tcase_add_test(tcase, names_of_any_pieces_come_back);
	tcase_add_test(tcase, a_list_gives_names_whatever_becomes_of_messages);
	suite_add_tcase(suite, tcase);
	return suite;
}
