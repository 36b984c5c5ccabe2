#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attr.h"
#include "base/file.h"
#include "base/thread.h"
#include "imap/flag.h"
#include "suites.h"
#include "support/maildir_fixture.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct folder *)a)->name,
		((const struct folder *)b)->name);
}

/* All names, sorted, with a bar behind each. */
static void expect_folders(const char *expect)
{
	struct vec folders = VEC(struct folder);
	struct str names = {0};

	ck_assert_msg(md_store->ops->list(md_store, &folders, &md_err), "%s",
		md_err.text);
	if (folders.len > 0)
		qsort(folders.data, folders.len, folders.size, by_name);
	for (size_t i = 0; i < folders.len; i++)
		str_printf(&names, "%s|",
			((struct folder *)vec_at(&folders, i))->name);
	ck_assert_str_eq(str_get(&names), expect);
	str_clear(&names);
	store_folders_clear(&folders);
}

/* ---- Folders ---- */

START_TEST(folders_are_directories_with_three_parts)
{
	md_make_folder("INBOX");
	md_make_folder("A.B");
	md_make_folder(".Sent");
	md_make_folder("A/deep");
	md_make_dir("half/cur");
	md_make_dir("half/new");
	md_make_file("file", "x");
	expect_folders(".Sent|A.B|INBOX|");
	md_open_store("/");
	expect_folders(".Sent|A.B|A/deep|INBOX|");
	md_make_dir("cur");
	md_make_dir("new");
	md_make_dir("tmp");
	expect_folders("|.Sent|A.B|A/deep|INBOX|");
	ck_assert_int_eq(md_store->ops->separator(md_store), '/');
}
END_TEST

START_TEST(links_to_directories_are_followed_but_not_round)
{
	char other[80];

	snprintf(other, sizeof(other), "%s/real", md_root);
	md_make_folder("real/Archive");
	ck_assert_int_eq(symlink(other, md_path("linked")), 0);
	ck_assert_int_eq(symlink("..", md_path("real/round")), 0);
	md_open_store("/");
	expect_folders("linked/Archive|real/Archive|");
}
END_TEST

START_TEST(a_missing_root_has_no_folders_and_is_not_made_by_looking)
{
	char gone[80];

	snprintf(gone, sizeof(gone), "%s/not/there", md_root);
	md_repo.localfolders = gone;
	md_open_store(".");
	expect_folders("");
	ck_assert(!md_store->ops->load(
		md_store, "INBOX", false, &md_info, &md_list, &md_err));
	ck_assert_int_eq(md_err.kind, ERROR_GONE);
	ck_assert_int_eq(md_err.severity, ERROR_FOLDER);
	ck_assert(!file_exists(gone));
	ck_assert(md_store->ops->create(md_store, "INBOX", &md_err));
	expect_folders("INBOX|");
	md_load("INBOX");
}
END_TEST

START_TEST(a_folder_is_created_with_parents_and_for_the_owner_alone)
{
	struct stat st;
	mode_t mask = umask(0);

	md_open_store("/");
	ck_assert(md_store->ops->create(md_store, "A/B/C", &md_err));
	ck_assert(md_store->ops->create(md_store, "A/B/C", &md_err));
	ck_assert(md_store->ops->create(md_store, "A", &md_err));
	ck_assert(md_store->ops->create(md_store, "", &md_err));
	umask(mask);
	expect_folders("|A|A/B/C|");
	ck_assert_int_eq(stat(md_path("A/B/C/tmp"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0700);
	ck_assert_int_eq(stat(md_path("A/B"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0700);
}
END_TEST

static const struct {
	const char *sep, *name;
} unsafe[] = {
	{".", ".."}, {".", "."}, {".", "a/b"}, {".", "/a"}, {".", "cur"},
	{".", "../a"}, {"/", ".."}, {"/", "../a"}, {"/", "a/../../b"},
	{"/", "/etc"}, {"/", "a//b"}, {"/", "a/"}, {"/", "a/cur"},
	{"/", "tmp/a"}, {"/", "./a"},
};

START_TEST(an_unsafe_name_is_never_a_directory)
{
	md_open_store(unsafe[_i].sep);
	ck_assert(!md_store->ops->create(md_store, unsafe[_i].name, &md_err));
	ck_assert_int_eq(md_err.severity, ERROR_FOLDER);
	ck_assert(!md_store->ops->load(
		md_store, unsafe[_i].name, false, &md_info, &md_list, &md_err));
}
END_TEST

START_TEST(planted_links_for_the_parts_are_not_followed)
{
	static const char *const parts[] = {"cur", "new", "tmp"};
	char part[40];

	md_make_dir("target");
	md_make_folder("INBOX");
	snprintf(part, sizeof(part), "INBOX/%s", parts[_i]);
	ck_assert_int_eq(rmdir(md_path(part)), 0);
	ck_assert_int_eq(symlink("../target", md_path(part)), 0);
	ck_assert(!md_store->ops->load(
		md_store, "INBOX", false, &md_info, &md_list, &md_err));
	ck_assert_int_eq(md_err.severity, ERROR_FOLDER);
	ck_assert_int_ne(md_err.kind, ERROR_GONE);
	ck_assert_ptr_nonnull(strstr(md_err.text, "symbolic link"));
}
END_TEST

/* ---- Listing ---- */

START_TEST(a_listing_knows_ours_from_new_messages)
{
	md_make_folder("INBOX");
	md_make_file("INBOX/cur/a,U=7,FMD5=" INBOX_FMD5 ":2,FS", "");
	md_make_file("INBOX/new/b,U=5,FMD5=" INBOX_FMD5 ":2,", "");
	md_make_file("INBOX/cur/c,U=7,FMD5=" OTHER_FMD5 ":2,S", "");
	md_make_file("INBOX/new/d", "");
	md_make_file("INBOX/cur/.hidden", "");
	md_make_dir("INBOX/cur/sub");
	md_make_file("INBOX/tmp/e,U=9,FMD5=" INBOX_FMD5 ":2,", "");
	md_load("INBOX");
	ck_assert_uint_eq(md_list.len, 4);
	ck_assert_uint_eq(md_info.exists, 4);
	ck_assert_uint_eq(md_info.uidvalidity, 42);
	ck_assert_str_eq(md_name_at(0),
		"cur/c,U=7,FMD5=" OTHER_FMD5 ":2,S");
	ck_assert_str_eq(md_name_at(1), "new/d");
	ck_assert_uint_eq(md_list.at[2].uid, 5);
	ck_assert_uint_eq(md_list.at[3].uid, 7);
	ck_assert_uint_eq(md_list.at[3].flags, FLAG_SEEN | FLAG_FLAGGED);
}
END_TEST

START_TEST(a_copied_file_is_a_new_message)
{
	md_make_folder("INBOX");
	md_make_file("INBOX/cur/b,U=7,FMD5=" INBOX_FMD5 ":2,S", "");
	md_make_file("INBOX/cur/a,U=7,FMD5=" INBOX_FMD5 ":2,S", "");
	md_make_file("INBOX/cur/z,U=3,FMD5=" INBOX_FMD5 ":2,S", "");
	md_make_file("INBOX/new/z,U=3,FMD5=" INBOX_FMD5 ":2,", "");
	md_load("INBOX");
	ck_assert_uint_eq(md_list.len, 3);
	ck_assert_uint_eq(md_list.at[0].uid, 0);
	ck_assert_str_eq(md_name_at(0),
		"cur/b,U=7,FMD5=" INBOX_FMD5 ":2,S");
	ck_assert_uint_eq(md_list.at[1].uid, 3);
	ck_assert_str_eq(md_name_of(3), "cur/z,U=3,FMD5=" INBOX_FMD5 ":2,S");
	ck_assert_str_eq(md_name_of(7), "cur/a,U=7,FMD5=" INBOX_FMD5 ":2,S");
}
END_TEST

/* A mail reader that marks messages read and unread as fast as it can. */
#define RACING 40
struct reader {
	const char *dir;
	const struct stop *stop;
};

static void *read_and_unread(void *arg)
{
	const struct reader *r = arg;
	char from[200], to[200];

	for (unsigned n = 0; !stop_raised(r->stop); n++) {
		unsigned i = n % RACING;
		bool seen = n / RACING % 2 == 0;

		snprintf(from, sizeof(from), "%s/%s/m%u:2,%s", r->dir,
			seen ? "new" : "cur", i, seen ? "" : "S");
		snprintf(to, sizeof(to), "%s/%s/m%u:2,%s", r->dir,
			seen ? "cur" : "new", i, seen ? "S" : "");
		if (rename(from, to) != 0)
			break;
	}
	return NULL;
}

START_TEST(a_listing_that_raced_is_not_complete)
{
	char dir[80], name[60];
	struct stop *stop = stop_new();
	struct reader reader = {dir, stop};
	struct thread *thread;

	md_make_folder("INBOX");
	snprintf(dir, sizeof(dir), "%s/INBOX", md_root);
	for (unsigned i = 0; i < RACING; i++) {
		snprintf(name, sizeof(name), "INBOX/new/m%u:2,", i);
		md_make_file(name, "");
	}
	thread = thread_start(read_and_unread, &reader);
	for (int i = 0; i < 200; i++) {
		ck_assert(md_store->ops->load(
			md_store, "INBOX", false, &md_info, &md_list, &md_err));
		/* none is listed under two names: it would be sent twice */
		ck_assert_uint_le(md_list.len, RACING);
		if (md_list.complete)
			ck_assert_uint_eq(md_list.len, RACING);
	}
	stop_raise(stop);
	thread_join(thread);
	stop_free(stop);
	md_load("INBOX");
	ck_assert_uint_eq(md_list.len, RACING);
}
END_TEST

/* ---- Changing ---- */

static void set_atime(const char *dir, time_t atime)
{
	const struct timespec times[2] = {{.tv_sec = atime},
		{.tv_nsec = UTIME_OMIT}};

	ck_assert_int_eq(utimensat(AT_FDCWD, md_path(dir), times, 0), 0);
}

static time_t get_atime(const char *dir)
{
	struct stat st;

	ck_assert_int_eq(stat(md_path(dir), &st), 0);
	return st.st_atime;
}

/* Reading may leave the time as it is, so it is set by hand. */
START_TEST(access_times_are_put_back_where_that_is_wanted)
{
	md_make_folder("INBOX");
	md_make_file("INBOX/new/m", "x");
	for (int wanted = 0; wanted < 2; wanted++) {
		md_repo.restoreatime = wanted;
		md_open_store(".");
		set_atime("INBOX/new", 1000);
		set_atime("INBOX/cur", 2000);
		md_load("INBOX");
		set_atime("INBOX/new", 3000);
		set_atime("INBOX/cur", 3000);
		/* the first listing of a run counts */
		md_load("INBOX");
		md_store->ops->leave(md_store);
		ck_assert((get_atime("INBOX/new") == 1000) == wanted);
		ck_assert((get_atime("INBOX/cur") == 2000) == wanted);
		set_atime("INBOX/new", 4000);
		md_store->ops->leave(md_store);
		ck_assert_int_eq(get_atime("INBOX/new"), 4000);
	}
}
END_TEST

static void change_flags(uint32_t uid, uint32_t add, uint32_t remove)
{
	struct store_change c = {.which = md_one(uid), .add = add,
		.remove = remove};

	ck_assert_msg(md_store->ops->flags(md_store, &c, 1, &md_err), "%s",
		md_err.text);
	ck_assert_msg(c.problem.severity == ERROR_NONE, "%s", c.problem.text);
}

START_TEST(flags_rename_and_seen_decides_the_directory)
{
	md_make_folder("INBOX");
	md_make_file("INBOX/new/m,U=7,FMD5=" INBOX_FMD5 ":2,Z.x", "");
	md_load("INBOX");
	change_flags(7, FLAG_SEEN | FLAG_FLAGGED, 0);
	md_load("INBOX");
	ck_assert_str_eq(md_name_of(7),
		"cur/m,U=7,FMD5=" INBOX_FMD5 ":2,FSZ.x");
	change_flags(7, 0, FLAG_SEEN);
	/* the list still has the old name */
	change_flags(7, FLAG_ANSWERED, 0);
	md_load("INBOX");
	ck_assert_str_eq(md_name_of(7),
		"new/m,U=7,FMD5=" INBOX_FMD5 ":2,FRZ.x");
}
END_TEST

START_TEST(flags_of_a_gone_message_are_nothing_to_do)
{
	md_make_folder("INBOX");
	md_make_file("INBOX/new/m,U=7,FMD5=" INBOX_FMD5 ":2,", "");
	md_load("INBOX");
	ck_assert_int_eq(unlink(md_path("INBOX/new/m,U=7,FMD5=" INBOX_FMD5
		":2,")), 0);
	change_flags(7, FLAG_SEEN, 0);
	ck_assert_uint_eq(md_count_files("INBOX/cur"), 0);
}
END_TEST

START_TEST(an_uploaded_file_gets_its_uid_in_its_directory)
{
	struct msgset set;

	md_make_folder("INBOX");
	md_make_file("INBOX/cur/m,S=3,U=2,FMD5=" OTHER_FMD5 ":2,F", "");
	md_load("INBOX");
	set = md_one(0);
	ck_assert(md_store->ops->adopt(
		md_store, &md_list, msgset_at(&set, 0), 9, &md_err));
	ck_assert(md_store->ops->incoming_commit(md_store, &md_err));
	/* by the stale list: flags find the adopted file */
	change_flags(0, FLAG_SEEN, 0);
	md_load("INBOX");
	ck_assert_uint_eq(md_list.len, 1);
	ck_assert_str_eq(md_name_of(9), "cur/m,S=3,U=9,FMD5=" INBOX_FMD5
		":2,FS");
	set = md_one(9);
	ck_assert(md_store->ops->detach(
		md_store, &md_list, msgset_at(&set, 0), &md_err));
	md_load("INBOX");
	ck_assert_str_eq(md_name_of(0), "cur/m,S=3:2,FS");
}
END_TEST

START_TEST(adopting_a_gone_message_says_so)
{
	struct msgset set;

	md_make_folder("INBOX");
	md_make_file("INBOX/new/m", "");
	md_load("INBOX");
	ck_assert_int_eq(unlink(md_path("INBOX/new/m")), 0);
	set = md_one(0);
	ck_assert(!md_store->ops->adopt(
		md_store, &md_list, msgset_at(&set, 0), 9, &md_err));
	ck_assert_int_eq(md_err.kind, ERROR_GONE);
}
END_TEST

/* A mail reader that is always faster. */
static unsigned renames;

static void rename_again(void *arg, const char *what)
{
	char from[80], to[80];

	(void)arg;
	if (strcmp(what, "adopt") != 0 && strcmp(what, "flags") != 0 &&
		strcmp(what, "remove") != 0)
		return;
	snprintf(from, sizeof(from), "INBOX/cur/m,U=7,FMD5=" INBOX_FMD5
		":2,%.*s", (int)renames, "abcdefghijklmn");
	renames++;
	snprintf(to, sizeof(to), "INBOX/cur/m,U=7,FMD5=" INBOX_FMD5
		":2,%.*s", (int)renames, "abcdefghijklmn");
	md_rename_file(from, to);
}

/* N26: "gone" is believed after a look at a directory that kept still. */
START_TEST(a_message_renamed_all_the_time_is_not_taken_for_gone)
{
	struct store_change c;
	struct msgset set;

	md_make_folder("INBOX");
	md_make_file("INBOX/cur/m,U=7,FMD5=" INBOX_FMD5 ":2,", "");
	md_load("INBOX");
	set = md_one(7);
	renames = 0;
	md_worker.before_effect = rename_again;
	c = (struct store_change){.which = set, .add = FLAG_SEEN};
	ck_assert(md_store->ops->flags(md_store, &c, 1, &md_err));
	ck_assert_int_eq(c.problem.severity, ERROR_MESSAGE);
	ck_assert(!md_store->ops->adopt(
		md_store, &md_list, msgset_at(&set, 0), 9, &md_err));
	ck_assert_int_eq(md_err.severity, ERROR_MESSAGE);
	ck_assert_int_ne(md_err.kind, ERROR_GONE);
	md_err = (struct error){0};
	ck_assert(!md_store->ops->remove(md_store, &set,
		REMOVE_DELETED_ON_OTHER_SIDE, &md_err));
	ck_assert_int_eq(md_err.severity, ERROR_MESSAGE);
	ck_assert_uint_eq(md_count_files("INBOX/cur"), 1);
}
END_TEST

START_TEST(no_rename_overwrites_another_message)
{
	struct msgset set;

	md_make_folder("INBOX");
	md_make_file("INBOX/new/m", "new");
	md_make_file("INBOX/new/m,U=9,FMD5=" INBOX_FMD5, "old");
	md_load("INBOX");
	set = md_one(0);
	ck_assert(!md_store->ops->adopt(
		md_store, &md_list, msgset_at(&set, 0), 9, &md_err));
	ck_assert_int_eq(md_err.severity, ERROR_MESSAGE);
	ck_assert_uint_eq(md_count_files("INBOX/new"), 2);
}
END_TEST

START_TEST(a_name_without_room_is_replaced)
{
	char name[300] = "INBOX/cur/";
	struct msgset set;

	md_make_folder("INBOX");
	for (size_t i = strlen(name), end = i + 250; i < end; i++)
		name[i] = 'x';
	memcpy(name + strlen(name) - 4, ":2,F", 5);
	md_make_file(name, "text");
	md_rename_file(name, name);
	md_load("INBOX");
	set = md_one(0);
	ck_assert_msg(md_store->ops->adopt(md_store, &md_list,
			      msgset_at(&set, 0), 9, &md_err),
		"%s", md_err.text);
	md_load("INBOX");
	ck_assert_uint_eq(md_list.len, 1);
	ck_assert_uint_eq(md_list.at[0].flags, FLAG_FLAGGED);
	ck_assert_uint_lt(strlen(md_name_of(9)), 120);
}
END_TEST

static unsigned removals;

static void count_effect(void *arg, const char *what)
{
	(void)arg;
	removals += strcmp(what, "remove") == 0;
}

START_TEST(a_removed_message_is_found_under_its_new_flags)
{
	struct msgset set;

	md_make_folder("INBOX");
	md_make_file("INBOX/new/m,U=7,FMD5=" INBOX_FMD5 ":2,", "");
	md_make_file("INBOX/new/m,U=8,FMD5=" INBOX_FMD5 ":2,", "");
	md_load("INBOX");
	md_rename_file("INBOX/new/m,U=7,FMD5=" INBOX_FMD5 ":2,",
		"INBOX/cur/m,U=7,FMD5=" INBOX_FMD5 ":2,S");
	removals = 0;
	md_worker.before_effect = count_effect;
	set = md_one(7);
	ck_assert(md_store->ops->remove(md_store, &set,
		REMOVE_DELETED_ON_OTHER_SIDE, &md_err));
	ck_assert_uint_gt(removals, 0);
	ck_assert(md_store->ops->remove(md_store, &set,
		REMOVE_DELETED_ON_OTHER_SIDE, &md_err));
	md_load("INBOX");
	ck_assert_uint_eq(md_list.len, 1);
	ck_assert_uint_eq(md_list.at[0].uid, 8);
}
END_TEST

START_TEST(reading_only_changes_nothing)
{
	struct store_change c;
	struct msgset set;

	md_make_folder("INBOX");
	md_make_file("INBOX/new/m,U=7,FMD5=" INBOX_FMD5 ":2,", "");
	ck_assert(md_store->ops->load(
		md_store, "INBOX", true, &md_info, &md_list, &md_err));
	ck_assert(md_info.readonly);
	set = md_one(7);
	c = (struct store_change){.which = set, .add = FLAG_SEEN};
	ck_assert(!md_store->ops->flags(md_store, &c, 1, &md_err));
	ck_assert_int_eq(md_err.kind, ERROR_READONLY);
	ck_assert(!md_store->ops->remove(
		md_store, &set, REMOVE_STRAGGLER, &md_err));
	ck_assert(!md_store->ops->detach(md_store, &md_list, msgset_at(&set, 0),
		&md_err));
	ck_assert(!md_store->ops->incoming_begin(md_store, 1, &md_err));
	ck_assert_uint_eq(md_count_files("INBOX/new"), 1);
}
END_TEST

static void add_folder_tests(TCase *tc)
{
	tcase_add_test(tc, folders_are_directories_with_three_parts);
	tcase_add_test(tc, links_to_directories_are_followed_but_not_round);
	tcase_add_test(tc,
		a_missing_root_has_no_folders_and_is_not_made_by_looking);
	tcase_add_test(tc,
		a_folder_is_created_with_parents_and_for_the_owner_alone);
	tcase_add_loop_test(tc, an_unsafe_name_is_never_a_directory, 0,
		ARRAY_LEN(unsafe));
	tcase_add_loop_test(tc, planted_links_for_the_parts_are_not_followed,
		0, 3);
	tcase_add_test(tc, a_listing_knows_ours_from_new_messages);
	tcase_add_test(tc, a_copied_file_is_a_new_message);
	tcase_add_test(tc, a_listing_that_raced_is_not_complete);
}

static void add_change_tests(TCase *tc)
{
	tcase_add_test(tc, access_times_are_put_back_where_that_is_wanted);
	tcase_add_test(tc, flags_rename_and_seen_decides_the_directory);
	tcase_add_test(tc, flags_of_a_gone_message_are_nothing_to_do);
	tcase_add_test(tc, an_uploaded_file_gets_its_uid_in_its_directory);
	tcase_add_test(tc, adopting_a_gone_message_says_so);
	tcase_add_test(tc,
		a_message_renamed_all_the_time_is_not_taken_for_gone);
	tcase_add_test(tc, no_rename_overwrites_another_message);
	tcase_add_test(tc, a_name_without_room_is_replaced);
	tcase_add_test(tc, a_removed_message_is_found_under_its_new_flags);
	tcase_add_test(tc, reading_only_changes_nothing);
}

Suite *maildir_suite(void)
{
	Suite *suite = suite_create("maildir");
	TCase *tc = tcase_create("maildir");

	tcase_add_checked_fixture(tc, md_setup, md_teardown);
	/* Slow file systems and sanitizers. */
	tcase_set_timeout(tc, 60);
	add_folder_tests(tc);
	add_change_tests(tc);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, maildir_transfer_case());
	return suite;
}
