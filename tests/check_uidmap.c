#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/worker.h"
#include "mail/uidmap.h"
#include "mem.h"
#include "suites.h"

static char dir[64];
static char *path;
static struct worker worker;
static struct error err;
static struct uidmap map;

static void setup(void)
{
	strcpy(dir, "/tmp/check_uidmap.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	path = mem_printf("%s/UIDMapping/INBOX", dir);
	worker = (struct worker){.thread = "t", .account = "a", .folder = ""};
	err = (struct error){0};
	map = (struct uidmap)UIDMAP_EMPTY;
}

static void teardown(void)
{
	char *command = mem_printf("rm -rf '%s'", dir);

	uidmap_clear(&map);
	ck_assert_int_eq(system(command), 0);
	free(command);
	free(path);
}

static bool load(bool touch)
{
	return uidmap_load(&map, path, touch, &worker, &err);
}

static void save(void)
{
	ck_assert_msg(uidmap_save(&map, path, true, &worker, &err), "%s",
		err.text);
}

static void write_text(const char *text)
{
	char *parent = mem_printf("%s/UIDMapping", dir);

	ck_assert(file_mkdirs(parent, &err));
	ck_assert(file_write(path, span_of(text), false, &err));
	free(parent);
}

static void assert_text(const char *expected)
{
	struct str text = {0};

	ck_assert_msg(file_read(path, 4096, &text, &err), "%s", err.text);
	ck_assert_str_eq(str_get(&text), expected);
	str_clear(&text);
}

START_TEST(pairs_keep_their_order)
{
	ck_assert(load(true));
	ck_assert(map.missing);
	uidmap_set(&map, 30, 1);
	uidmap_set(&map, 10, 2);
	uidmap_set(&map, 20, 3);
	uidmap_set(&map, 10, 9);
	save();
	assert_text("30:1\n10:9\n20:3\n");
	ck_assert(load(true));
	ck_assert(!map.missing);
	ck_assert_uint_eq(uidmap_remote(&map, 10), 9);
	ck_assert_uint_eq(uidmap_remote(&map, 30), 1);
	ck_assert_uint_eq(uidmap_remote(&map, 11), 0);
	ck_assert_uint_eq(uidmap_at(&map, 0)->local, 10);
	ck_assert_uint_eq(map.order.len, 3);
}
END_TEST

START_TEST(a_dropped_pair_leaves_the_file)
{
	write_text("3:1\n4:2\n5:3\n");
	ck_assert(load(true));
	uidmap_drop(&map, 4);
	uidmap_drop(&map, 4);
	uidmap_drop(&map, 77);
	ck_assert_uint_eq(uidmap_remote(&map, 4), 0);
	save();
	assert_text("3:1\n5:3\n");
	uidmap_set(&map, 4, 8);
	save();
	assert_text("3:1\n5:3\n4:8\n");
	ck_assert_uint_eq(uidmap_remote(&map, 5), 3);
	ck_assert_uint_eq(uidmap_remote(&map, 4), 8);
}
END_TEST

START_TEST(a_missing_file_is_written_though_it_is_empty)
{
	ck_assert(load(true));
	save();
	assert_text("");
	ck_assert(load(true));
	ck_assert(!map.missing);
}
END_TEST

START_TEST(what_did_not_change_is_not_written)
{
	struct stat before, after;

	write_text("1:1\n");
	ck_assert(load(true));
	ck_assert_int_eq(stat(path, &before), 0);
	save();
	ck_assert_int_eq(stat(path, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
}
END_TEST

/* As OfflineIMAP reads them: with blanks around the numbers. */
START_TEST(blanks_do_not_count)
{
	write_text(" 12 : 34 \n");
	ck_assert_msg(load(true), "%s", err.text);
	ck_assert_uint_eq(uidmap_remote(&map, 12), 34);
}
END_TEST

static const struct {
	const char *text;
	unsigned line;
} bad[] = {
	{"1:1\n2\n", 2},
	{"1:1\n\n2:2\n", 2},
	{"x:1\n", 1},
	{"1:\n", 1},
	{":1\n", 1},
	{"1:2:3\n", 1},
	{"-1:5\n", 1},
	{"0:5\n", 1},
	{"5:0\n", 1},
	{"5:4294967296\n", 1},
	{"1:1\n2:2", 2},
	{"1:1\n2:2\n1:3\n", 3},
	{"1:1\n2:2\n3:1\n", 3},
};

START_TEST(nothing_is_guessed)
{
	char *place = mem_printf("UIDMapping/INBOX:%u: ", bad[_i].line);

	write_text(bad[_i].text);
	ck_assert(!load(true));
	ck_assert_ptr_nonnull(strstr(err.text, place));
	ck_assert_int_eq(err.severity, ERROR_FOLDER);
	ck_assert_uint_eq(map.order.len, 0);
	assert_text(bad[_i].text);
	free(place);
}
END_TEST

START_TEST(what_an_interrupted_program_left_is_removed)
{
	char *left = mem_printf("%s.tmp", path);

	write_text("1:1\n");
	ck_assert(file_write(left, span_of("1:"), false, &err));
	ck_assert(load(false));
	ck_assert(file_exists(left));
	ck_assert(load(true));
	ck_assert(!file_exists(left));
	ck_assert_uint_eq(uidmap_remote(&map, 1), 1);
	free(left);
}
END_TEST

START_TEST(a_dry_run_makes_nothing)
{
	char *parent = mem_printf("%s/UIDMapping", dir);

	ck_assert_msg(load(false), "%s", err.text);
	ck_assert(map.missing);
	ck_assert(!file_exists(parent));
	free(parent);
}
END_TEST

START_TEST(many_pairs_are_no_burden)
{
	for (uint32_t i = 1; i <= 100000; i++)
		uidmap_set(&map, 200000 - i, i);
	save();
	ck_assert(load(true));
	ck_assert_uint_eq(map.order.len, 100000);
	ck_assert_uint_eq(uidmap_remote(&map, 199999), 1);
	for (uint32_t i = 1; i <= 100000; i += 2)
		uidmap_drop(&map, 200000 - i);
	ck_assert_uint_eq(map.order.len, 50000);
	ck_assert_uint_eq(uidmap_remote(&map, 199998), 2);
}
END_TEST

Suite *uidmap_suite(void)
{
	Suite *suite = suite_create("uidmap");
	TCase *tc = tcase_create("uidmap");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, pairs_keep_their_order);
	tcase_add_test(tc, a_dropped_pair_leaves_the_file);
	tcase_add_test(tc, a_missing_file_is_written_though_it_is_empty);
	tcase_add_test(tc, what_did_not_change_is_not_written);
	tcase_add_test(tc, blanks_do_not_count);
	tcase_add_loop_test(tc, nothing_is_guessed, 0, ARRAY_LEN(bad));
	tcase_add_test(tc, what_an_interrupted_program_left_is_removed);
	tcase_add_test(tc, a_dry_run_makes_nothing);
	tcase_add_test(tc, many_pairs_are_no_burden);
	suite_add_tcase(suite, tc);
	return suite;
}
