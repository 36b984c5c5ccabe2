/*
 * The mailbox list and what accounts leave for it, on real files.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/thread.h"
#include "base/worker.h"
#include "conf/conf.h"
#include "mem.h"
#include "run/mbnames.h"
#include "run/mbnames_cache.h"
#include "suites.h"

static char directory[] = "/tmp/check_mbnames.XXXXXX";

static void setup(void)
{
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void teardown(void)
{
	char *command = mem_printf("rm -rf '%s'", directory);

	ck_assert_int_eq(system(command), 0);
	free(command);
}

static char *path_of(const char *name)
{
	return file_join(directory, name);
}

/* Accounts A, B and C, of which A and B are active. */
static struct conf *make_conf(const char *mbnames)
{
	char *path = path_of("rc");
	FILE *file = fopen(path, "w");
	struct error err = {0};
	struct conf *conf;

	ck_assert_ptr_nonnull(file);
	fprintf(file, "[general]\naccounts = A, B\nmetadata = %s/meta\n",
		directory);
	for (const char *name = "ABC"; *name != '\0'; name++)
		fprintf(file, "[Account %c]\nlocalrepository = L\n"
			"remoterepository = R\n", *name);
	fprintf(file, "[Repository L]\ntype = Maildir\nlocalfolders = /m\n"
		"[Repository R]\ntype = IMAP\nremotehost = h\n"
		"remoteuser = u\nremotepass = p\n"
		"[mbnames]\nfilename = %s/list\nheader = '<'\nsep = ' '\n"
		"footer = '>'\nperitem = %%(accountname)s/%%(foldername)s\n%s",
		directory, mbnames);
	fclose(file);
	conf = conf_load(path, NULL, &err);
	ck_assert_msg(conf != NULL, "%s", err.text);
	free(path);
	return conf;
}

/* One account's names, with blanks between. */
static bool leave(const struct conf *conf, const char *account,
	const char *names, bool some, struct error *err)
{
	struct worker w = {.account = account, .thread = "", .folder = ""};
	struct mbnames m = {conf, &w, false};
	struct vec list = VEC(char *);
	char *copy = mem_strdup(names), *rest = copy, *name;
	bool good;

	while ((name = strtok_r(rest, " ", &rest)) != NULL)
		*(char **)vec_add(&list) = mem_strdup(name);
	good = mbnames_account(&m, conf_account(conf, account), &list, some,
		err);
	vec_clear_pointers(&list);
	free(copy);
	return good;
}

static void must_leave(const struct conf *conf, const char *account,
	const char *names)
{
	struct error err = {0};

	ck_assert_msg(leave(conf, account, names, false, &err), "%s",
		err.text);
}

static bool write_list(const struct conf *conf, struct error *err)
{
	struct worker w = {.account = "", .thread = "", .folder = ""};
	struct mbnames m = {conf, &w, false};

	return mbnames_write(&m, err);
}

static void assert_file(const char *name, const char *wanted)
{
	struct error err = {0};
	struct str text = {0};
	char *path = path_of(name);

	ck_assert_msg(file_read(path, 100000, &text, &err), "%s", err.text);
	ck_assert_str_eq(str_get(&text), wanted);
	str_clear(&text);
	free(path);
}

static void assert_list(const struct conf *conf, const char *wanted)
{
	struct error err = {0};

	ck_assert_msg(write_list(conf, &err), "%s", err.text);
	assert_file("list", wanted);
}

static void put_file(const char *name, const char *text)
{
	struct error err = {0};
	char *path = path_of(name);

	ck_assert_msg(file_write(path, span_of(text), false, &err), "%s",
		err.text);
	free(path);
}

static bool is_there(const char *name)
{
	char *path = path_of(name);
	bool there = file_exists(path);

	free(path);
	return there;
}

START_TEST(the_list_is_of_all_accounts_in_order)
{
	struct conf *conf = make_conf("enabled = yes\n");

	must_leave(conf, "B", "z INBOX");
	assert_list(conf, "<B/INBOX B/z>");
	must_leave(conf, "A", "b a B");
	assert_list(conf, "<A/B A/a A/b B/INBOX B/z>");
	must_leave(conf, "B", "only");
	assert_list(conf, "<A/B A/a A/b B/only>");
	conf_free(conf);
}
END_TEST

START_TEST(what_an_account_leaves_is_as_python_writes_it)
{
	struct conf *conf = make_conf("enabled = yes\n");

	must_leave(conf, "A", "INBOX Gr\303\266\303\237e \"q\\ "
		"\360\237\230\200/\342\202\254");
	assert_file("meta/mbnames/A.json",
		"[{\"accountname\": \"A\", \"foldername\": \"INBOX\", "
		"\"localfolders\": \"/m\"}, "
		"{\"accountname\": \"A\", \"foldername\": "
		"\"Gr\\u00f6\\u00dfe\", \"localfolders\": \"/m\"}, "
		"{\"accountname\": \"A\", \"foldername\": \"\\\"q\\\\\", "
		"\"localfolders\": \"/m\"}, "
		"{\"accountname\": \"A\", \"foldername\": "
		"\"\\ud83d\\ude00/\\u20ac\", \"localfolders\": \"/m\"}]");
	must_leave(conf, "A", "");
	assert_file("meta/mbnames/A.json", "[]");
	assert_list(conf, "<>");
	conf_free(conf);
}
END_TEST

START_TEST(a_name_that_is_no_utf8_is_left_out)
{
	struct conf *conf = make_conf("enabled = yes\n");

	must_leave(conf, "A", "a\377 b");
	assert_list(conf, "<A/b>");
	conf_free(conf);
}
END_TEST

START_TEST(a_run_of_some_folders_adds_to_what_is_known)
{
	struct conf *conf = make_conf("enabled = yes\n");
	struct error err = {0};

	must_leave(conf, "A", "x y");
	ck_assert(leave(conf, "A", "y z", true, &err));
	assert_list(conf, "<A/x A/y A/z>");
	conf_free(conf);
}
END_TEST

START_TEST(nothing_is_written_unless_enabled)
{
	struct conf *conf = make_conf("enabled = no\n");
	struct error err = {0};

	must_leave(conf, "A", "x");
	ck_assert(write_list(conf, &err));
	ck_assert(!is_there("list") && !is_there("meta"));
	conf_free(conf);
}
END_TEST

START_TEST(a_list_of_nothing_known_does_not_replace_one)
{
	struct conf *conf = make_conf("enabled = yes\n");

	put_file("list", "by hand");
	assert_list(conf, "by hand");
	conf_free(conf);
}
END_TEST

START_TEST(incremental_writes_the_list_after_each_account)
{
	struct conf *conf = make_conf("enabled = yes\nincremental = yes\n");

	must_leave(conf, "A", "x");
	assert_file("list", "<A/x>");
	must_leave(conf, "B", "y");
	assert_file("list", "<A/x B/y>");
	conf_free(conf);
}
END_TEST

START_TEST(what_has_not_changed_is_not_written_again)
{
	struct conf *conf = make_conf("enabled = yes\n");
	char *list = path_of("list"), *cache = path_of("meta/mbnames/A.json");
	struct stat before[2], after[2];

	must_leave(conf, "A", "x y");
	assert_list(conf, "<A/x A/y>");
	ck_assert(stat(list, &before[0]) == 0 && stat(cache, &before[1]) == 0);
	must_leave(conf, "A", "x y");
	assert_list(conf, "<A/x A/y>");
	ck_assert(stat(list, &after[0]) == 0 && stat(cache, &after[1]) == 0);
	ck_assert_uint_eq(before[0].st_ino, after[0].st_ino);
	ck_assert_uint_eq(before[1].st_ino, after[1].st_ino);
	free(list);
	free(cache);
	conf_free(conf);
}
END_TEST

START_TEST(a_link_stays_a_link_and_permissions_stay)
{
	struct conf *conf = make_conf("enabled = yes\n");
	char *list = path_of("list"), *real = path_of("real");
	struct stat st;

	put_file("real", "old");
	ck_assert_int_eq(chmod(real, 0644), 0);
	ck_assert_int_eq(symlink("real", list), 0);
	must_leave(conf, "A", "x");
	assert_list(conf, "<A/x>");
	ck_assert(lstat(list, &st) == 0 && S_ISLNK(st.st_mode));
	ck_assert(stat(real, &st) == 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0644);
	free(list);
	free(real);
	conf_free(conf);
}
END_TEST

static const char *const broken[] = {
	"", "[", "{}", "[1]", "[{}]", "[{\"accountname\": \"B\"}]",
	"[{\"accountname\": \"B\", \"foldername\": 1, \"localfolders\": \"\"}]",
	"[{\"accountname\": \"B\", \"foldername\": \"x\"}]",
	("[{\"accountname\": \"B\", \"foldername\": \"\\udc80\", "
		"\"localfolders\": null}]"),
};

START_TEST(a_file_that_cannot_be_read_costs_its_account_only)
{
	struct conf *conf = make_conf("enabled = yes\n");
	struct error err = {0};

	must_leave(conf, "A", "x");
	put_file("meta/mbnames/B.json", broken[_i]);
	ck_assert(!write_list(conf, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "mbnames/B.json"));
	assert_file("list", "<A/x>");
	must_leave(conf, "B", "y");
	assert_list(conf, "<A/x B/y>");
	conf_free(conf);
}
END_TEST

START_TEST(a_server_as_the_local_side_has_no_root)
{
	struct conf *conf = make_conf("enabled = yes\n");

	must_leave(conf, "A", "x");
	put_file("meta/mbnames/B.json", "[{\"accountname\":\"B\",\n"
		"\"foldername\":\"y\",\"localfolders\":null}]\n");
	assert_list(conf, "<A/x B/y>");
	conf_free(conf);
}
END_TEST

START_TEST(a_missing_directory_is_named)
{
	struct conf *conf = make_conf("enabled = yes\n");
	char *path = path_of("gone/list");
	struct error err = {0};

	must_leave(conf, "A", "x");
	conf->mbnames.filename = path;
	ck_assert(!write_list(conf, &err));
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, "there is no directory"));
	free(path);
	conf_free(conf);
}
END_TEST

START_TEST(nothing_but_a_file_is_replaced)
{
	struct conf *conf = make_conf("enabled = yes\n");
	struct error err = {0};

	must_leave(conf, "A", "x");
	conf->mbnames.filename = "/dev/null";
	ck_assert(!write_list(conf, &err));
	conf->mbnames.filename = directory;
	ck_assert(!write_list(conf, &err));
	conf_free(conf);
}
END_TEST

START_TEST(a_dry_run_writes_nothing)
{
	struct conf *conf = make_conf("enabled = yes\nincremental = yes\n");
	struct worker w = {.account = "A", .thread = "", .folder = ""};
	struct mbnames m = {conf, &w, true};
	struct vec none = VEC(char *);
	struct error err = {0};

	ck_assert(mbnames_account(&m, conf_account(conf, "A"), &none, false,
		&err));
	ck_assert(mbnames_write(&m, &err));
	ck_assert(!is_there("meta") && !is_there("list"));
	must_leave(conf, "C", "x");
	ck_assert(mbnames_prune(&m, &err));
	ck_assert(is_there("meta/mbnames/C.json"));
	conf_free(conf);
}
END_TEST

START_TEST(pruning_forgets_accounts_that_are_not_named)
{
	struct conf *conf = make_conf("enabled = yes\n");
	struct worker w = {.account = "", .thread = "", .folder = ""};
	struct mbnames m = {conf, &w, false};
	struct error err = {0};

	must_leave(conf, "A", "x");
	must_leave(conf, "C", "y");
	/* OfflineIMAP takes parts of names, and of the list, for names. */
	put_file("meta/mbnames/.json", "[]");
	put_file("meta/mbnames/A, B.json", "[]");
	put_file("meta/mbnames/other", "[]");
	assert_list(conf, "<A/x C/y>");
	ck_assert(mbnames_prune(&m, &err));
	assert_file("list", "<A/x>");
	ck_assert(is_there("meta/mbnames/A.json"));
	ck_assert(!is_there("meta/mbnames/C.json"));
	ck_assert(!is_there("meta/mbnames/A, B.json"));
	ck_assert(is_there("meta/mbnames/other"));
	ck_assert(mbnames_prune(&m, &err));
	conf_free(conf);
}
END_TEST

START_TEST(pruning_without_a_list_forgets_all)
{
	struct conf *conf = make_conf("enabled = yes\n");
	struct worker w = {.account = "", .thread = "", .folder = ""};
	struct mbnames m = {conf, &w, false};
	struct error err = {0};

	must_leave(conf, "A", "x");
	conf->mbnames.enabled = false;
	ck_assert(mbnames_prune(&m, &err));
	ck_assert(!is_there("meta/mbnames/A.json"));
	ck_assert(!is_there("list"));
	conf_free(conf);
}
END_TEST

struct writer {
	const struct conf *conf;
	const char *account;
	bool good;
};

static void *write_often(void *arg)
{
	struct writer *writer = arg;
	struct error err = {0};

	writer->good = true;
	for (int i = 0; i < 10; i++)
		writer->good = leave(writer->conf, writer->account,
			i % 2 == 0 ? "x y" : "x y z", false, &err) &&
			writer->good;
	return NULL;
}

START_TEST(accounts_that_end_together_are_all_in_the_list)
{
	static const char *const accounts[] = {"A", "B", "C"};
	struct conf *conf = make_conf("enabled = yes\nincremental = yes\n");
	struct writer writer[3];
	struct thread *thread[3];

	for (int i = 0; i < 3; i++) {
		writer[i] = (struct writer){conf, accounts[i], false};
		thread[i] = thread_start(write_often, &writer[i]);
	}
	for (int i = 0; i < 3; i++) {
		thread_join(thread[i]);
		ck_assert(writer[i].good);
	}
	assert_file("list", "<A/x A/y A/z B/x B/y B/z C/x C/y C/z>");
	conf_free(conf);
}
END_TEST

Suite *mbnames_suite(void)
{
	Suite *suite = suite_create("mbnames");
	TCase *tests = tcase_create("mbnames");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, the_list_is_of_all_accounts_in_order);
	tcase_add_test(tests, what_an_account_leaves_is_as_python_writes_it);
	tcase_add_test(tests, a_name_that_is_no_utf8_is_left_out);
	tcase_add_test(tests, a_run_of_some_folders_adds_to_what_is_known);
	tcase_add_test(tests, nothing_is_written_unless_enabled);
	tcase_add_test(tests, a_list_of_nothing_known_does_not_replace_one);
	tcase_add_test(tests, incremental_writes_the_list_after_each_account);
	tcase_add_test(tests, what_has_not_changed_is_not_written_again);
	tcase_add_test(tests, a_link_stays_a_link_and_permissions_stay);
	tcase_add_loop_test(tests,
		a_file_that_cannot_be_read_costs_its_account_only, 0,
		(int)(sizeof(broken) / sizeof(*broken)));
	tcase_add_test(tests, a_server_as_the_local_side_has_no_root);
	tcase_add_test(tests, a_missing_directory_is_named);
	tcase_add_test(tests, nothing_but_a_file_is_replaced);
	tcase_add_test(tests, a_dry_run_writes_nothing);
	tcase_add_test(tests, pruning_forgets_accounts_that_are_not_named);
	tcase_add_test(tests, pruning_without_a_list_forgets_all);
	tcase_add_test(tests, accounts_that_end_together_are_all_in_the_list);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	return suite;
}
