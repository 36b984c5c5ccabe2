#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include "attr.h"
#include "mail/stamp.h"
#include "suites.h"
#include "support/maildir_fixture.h"

static struct store_stamp stamp_of(const char *name)
{
	struct store_stamp stamp;

	ck_assert(md_store->ops->stamp(md_store, name, &stamp));
	return stamp;
}

/* Whether another stamp is taken after what was done. */
static bool has_changed(struct store_stamp *since)
{
	struct store_stamp now = stamp_of("INBOX");
	bool changed = !stamp_equal(&now, since);

	*since = now;
	return changed;
}

/* Until a change from now on is sure to show. */
static void settle(const char *name, struct store_stamp *stamp)
{
	for (int i = 0; i < 1000 && !(*stamp = stamp_of(name)).settled; i++)
		poll(NULL, 0, 5);
	ck_assert(stamp->settled);
}

/* Times as of long ago, so that the clock's tick does not matter. */
static void age(const char *name)
{
	const struct timespec old[2] = {{1000000000, 5}, {1000000000, 5}};

	ck_assert_int_eq(utimensat(AT_FDCWD, md_path(name), old, 0), 0);
}

START_TEST(every_change_of_a_folder_shows_in_its_stamp)
{
	struct store_stamp stamp;

	md_make_folder("INBOX");
	md_make_file("INBOX/new/a", "a");
	age("INBOX/new");
	age("INBOX/cur");
	stamp = stamp_of("INBOX");
	ck_assert(!has_changed(&stamp));
	md_rename_file("INBOX/new/a", "INBOX/cur/a:2,S");
	ck_assert(has_changed(&stamp));
	settle("INBOX", &stamp);
	md_rename_file("INBOX/cur/a:2,S", "INBOX/cur/a:2,FS");
	ck_assert(has_changed(&stamp));
}
END_TEST

START_TEST(a_time_that_is_put_back_hides_nothing)
{
	struct store_stamp stamp;

	md_make_folder("INBOX");
	age("INBOX/new");
	age("INBOX/cur");
	settle("INBOX", &stamp);
	md_make_file("INBOX/cur/a:2,S", "from a backup");
	age("INBOX/cur");
	ck_assert(has_changed(&stamp));
}
END_TEST

START_TEST(a_folder_that_was_replaced_has_another_stamp)
{
	struct store_stamp stamp;

	md_repo.restoreatime = true;
	md_open_store(".");
	md_make_folder("INBOX");
	age("INBOX/new");
	age("INBOX/cur");
	stamp = stamp_of("INBOX");
	md_rename_file("INBOX/cur", "INBOX/old");
	md_make_dir("INBOX/cur");
	age("INBOX/cur");
	ck_assert(has_changed(&stamp));
}
END_TEST

START_TEST(a_folder_without_its_parts_has_no_stamp)
{
	struct store_stamp stamp;

	ck_assert(!md_store->ops->stamp(md_store, "INBOX", &stamp));
	md_make_dir("INBOX");
	md_make_dir("INBOX/new");
	md_make_file("INBOX/cur", "no directory");
	ck_assert(!md_store->ops->stamp(md_store, "INBOX", &stamp));
}
END_TEST

START_TEST(the_root_is_a_folder_too)
{
	struct store_stamp stamp;

	ck_assert(!md_store->ops->stamp(md_store, "", &stamp));
	md_make_dir("new");
	md_make_dir("cur");
	ck_assert(md_store->ops->stamp(md_store, "", &stamp));
}
END_TEST

/* now_ms, the times, whether a later change is sure to be seen. */
static const struct {
	int64_t now_ms;
	struct timespec mtime, ctime;
	bool settled;
} settling[] = {
	{5000, {4, 979000000}, {4, 979000000}, true},
	{5000, {4, 980000000}, {4, 100000000}, false},
	{5000, {4, 100000000}, {4, 980000000}, false},
	{5000, {5, 1}, {5, 1}, false},
	{5000, {9, 1}, {4, 100000000}, false}, /* from the future */
	{5000, {4, 0}, {4, 100000000}, false}, /* no fractions there? */
	{6100, {4, 0}, {4, 0}, false},
	{6101, {4, 0}, {4, 0}, true},
};

START_TEST(a_time_is_settled_when_it_is_older_than_the_tick_of_the_clock)
{
	const struct stat st = {.st_mtim = settling[_i].mtime,
		.st_ctim = settling[_i].ctime};

	ck_assert(stamp_is_settled(&st, settling[_i].now_ms) ==
		settling[_i].settled);
}
END_TEST

Suite *stamp_suite(void)
{
	Suite *suite = suite_create("stamp");
	TCase *tc = tcase_create("stamp");

	tcase_add_checked_fixture(tc, md_setup, md_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, every_change_of_a_folder_shows_in_its_stamp);
	tcase_add_test(tc, a_time_that_is_put_back_hides_nothing);
	tcase_add_test(tc, a_folder_that_was_replaced_has_another_stamp);
	tcase_add_test(tc, a_folder_without_its_parts_has_no_stamp);
	tcase_add_test(tc, the_root_is_a_folder_too);
	tcase_add_loop_test(tc,
		a_time_is_settled_when_it_is_older_than_the_tick_of_the_clock,
		0, ARRAY_LEN(settling));
	suite_add_tcase(suite, tc);
	return suite;
}
