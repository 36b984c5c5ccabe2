#include "config.h"

#include <fcntl.h>
#include <ftw.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lock.h"
#include "mem.h"
#include "suites.h"

static struct str dir;
static mode_t old_umask;

/* Each test has a directory of its own and the most careless umask. */
static void set_up(void)
{
	const char *tmp = getenv("TMPDIR");

	str_reset(&dir);
	str_printf(&dir, "%s/check_file.XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir.data));
	old_umask = umask(0);
}

static int remove_one(const char *path, const struct stat *st, int type,
	struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void tear_down(void)
{
	umask(old_umask);
	nftw(str_get(&dir), remove_one, 16, FTW_DEPTH | FTW_PHYS);
	str_clear(&dir);
}

/* A path in the directory of the test; freed by the caller. */
static char *in_dir(const char *name)
{
	return file_join(str_get(&dir), name);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void expect_content(const char *path, const char *text)
{
	struct error err = {0};
	struct str content = {0};

	ck_assert_msg(file_read(path, 1000, &content, &err), "%s", err.text);
	ck_assert_str_eq(str_get(&content), text);
	str_clear(&content);
}

static void write_text(const char *path, const char *text)
{
	struct error err = {0};

	ck_assert_msg(file_write(path, span_of(text), false, &err), "%s",
		err.text);
}

START_TEST(directories_are_made_private_with_their_parents)
{
	struct error err = {0};
	char *path = in_dir("a/b//c/"), *parent = in_dir("a");

	ck_assert_msg(file_mkdirs(path, &err), "%s", err.text);
	ck_assert(file_is_dir(path));
	ck_assert_uint_eq(mode_of(path), 0700);
	ck_assert_uint_eq(mode_of(parent), 0700);
	ck_assert(file_mkdirs(path, &err));
	ck_assert(file_mkdirs("/", &err));
	free(path);
	free(parent);
}
END_TEST

START_TEST(a_file_in_the_way_of_a_directory_is_named)
{
	struct error err = {0};
	char *file = in_dir("file"), *path = in_dir("file/below");

	write_text(file, "x");
	ck_assert(!file_mkdirs(path, &err));
	ck_assert_ptr_nonnull(strstr(err.text, file));
	ck_assert(!file_mkdirs(file, &err));
	ck_assert(file_exists(file) && !file_is_dir(file));
	free(file);
	free(path);
}
END_TEST

START_TEST(a_written_file_is_private_and_read_back)
{
	struct error err = {0};
	char *path = in_dir("file");
	struct str content = {0};

	ck_assert(file_write(path, (struct span){"a\0b", 3}, true, &err));
	ck_assert_uint_eq(mode_of(path), 0600);
	str_add(&content, "old");
	ck_assert(file_read(path, 3, &content, &err));
	ck_assert_uint_eq(content.len, 3);
	ck_assert_mem_eq(content.data, "a\0b", 4);
	write_text(path, "");
	expect_content(path, "");
	str_clear(&content);
	free(path);
}
END_TEST

START_TEST(a_file_over_the_limit_is_refused)
{
	struct error err = {0};
	char *path = in_dir("file");
	struct str content = {0};

	write_text(path, "1234");
	ck_assert(!file_read(path, 3, &content, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "larger than 3 bytes"));
	ck_assert(file_read(path, 4, &content, &err));
	str_clear(&content);
	free(path);
}
END_TEST

START_TEST(a_missing_file_is_gone)
{
	struct error err = {0};
	char *path = in_dir("none");
	struct str content = {0};

	ck_assert(!file_read(path, 10, &content, &err));
	ck_assert_int_eq(err.kind, ERROR_GONE);
	ck_assert_ptr_nonnull(strstr(err.text, path));
	ck_assert(!file_exists(path));
	str_clear(&content);
	free(path);
}
END_TEST

START_TEST(a_leftover_temporary_file_is_replaced)
{
	char *path = in_dir("file"), *tmp = in_dir("file.tmp");

	write_text(tmp, "torn");
	write_text(path, "whole");
	expect_content(path, "whole");
	ck_assert(!file_exists(tmp));
	free(path);
	free(tmp);
}
END_TEST

START_TEST(a_link_planted_as_the_temporary_file_is_not_followed)
{
	char *path = in_dir("file"), *tmp = in_dir("file.tmp");
	char *victim = in_dir("victim");

	write_text(victim, "precious");
	ck_assert_int_eq(symlink(victim, tmp), 0);
	write_text(path, "new");
	expect_content(victim, "precious");
	expect_content(path, "new");
	free(path);
	free(tmp);
	free(victim);
}
END_TEST

START_TEST(a_failed_write_leaves_no_temporary_file)
{
	struct error err = {0};
	char *path = in_dir("directory"), *tmp = in_dir("directory.tmp");
	char *below = in_dir("directory/x");

	ck_assert(file_mkdirs(below, &err));
	ck_assert(!file_write(path, span_of("x"), false, &err));
	ck_assert_ptr_nonnull(strstr(err.text, path));
	ck_assert(!file_exists(tmp));
	free(path);
	free(tmp);
	free(below);
}
END_TEST

START_TEST(a_shared_file_is_written_beside_another_program)
{
	struct error err = {0};
	char *path = in_dir("file"), *other = in_dir("file.tmp");
	char *own = mem_printf("%s.%ld.tmp", path, (long)getpid());

	write_text(other, "half");
	ck_assert(file_write_shared(path, span_of("old"), &err));
	ck_assert(file_write_shared(path, span_of("new"), &err));
	ck_assert_uint_eq(mode_of(path), 0600);
	expect_content(path, "new");
	expect_content(other, "half");
	ck_assert(!file_exists(own));
	free(path);
	free(other);
	free(own);
}
END_TEST

START_TEST(paths_are_joined_with_one_slash)
{
	char *a = file_join("a", "b"), *b = file_join("a/", "b");
	char *c = file_join("", "b"), *d = file_join("/", "b");

	ck_assert_str_eq(a, "a/b");
	ck_assert_str_eq(b, "a/b");
	ck_assert_str_eq(c, "b");
	ck_assert_str_eq(d, "/b");
	free(a);
	free(b);
	free(c);
	free(d);
}
END_TEST

static const struct expand_case {
	const char *in, *out;
} expand_cases[] = {
	{"plain", "plain"},
	{"~", "/home/x"},
	{"~/Mail", "/home/x/Mail"},
	{"a~", "a~"},
	{"~no-such-user-here/x", "~no-such-user-here/x"},
	{"$CHECK_FILE_A/b", "va/b"},
	{"${CHECK_FILE_A}b", "vab"},
	{"x$CHECK_FILE_A$CHECK_FILE_A", "xvava"},
	{"$CHECK_FILE_NONE/${CHECK_FILE_NONE}", "$CHECK_FILE_NONE/"
		"${CHECK_FILE_NONE}"},
	{"a$", "a$"},
	{"$/x", "$/x"},
	{"${CHECK_FILE_A", "${CHECK_FILE_A"},
	{"~/$CHECK_FILE_A", "/home/x/va"},
	{"", ""},
};

START_TEST(home_and_variables_are_expanded)
{
	const struct expand_case *c = &expand_cases[_i];
	const char *home = getenv("HOME");
	char *saved = home ? mem_strdup(home) : NULL;
	char *path;

	setenv("HOME", "/home/x/", 1);
	setenv("CHECK_FILE_A", "va", 1);
	unsetenv("CHECK_FILE_NONE");
	path = file_expand(c->in);
	if (saved)
		setenv("HOME", saved, 1);
	free(saved);
	ck_assert_str_eq(path, c->out);
	free(path);
}
END_TEST

START_TEST(the_home_of_a_named_user_is_found)
{
	const struct passwd *entry = getpwuid(getuid());
	char *in, *path;

	if (!entry)
		return;
	in = mem_printf("~%s/x", entry->pw_name);
	path = file_expand_home(in);
	ck_assert_int_eq(path[0], '/');
	ck_assert_ptr_nonnull(strstr(path, "/x"));
	free(in);
	free(path);
}
END_TEST

START_TEST(only_plain_names_are_safe)
{
	char long_name[256];

	memset(long_name, 'a', sizeof(long_name));
	ck_assert(file_name_safe(span_of("a..b")));
	ck_assert(file_name_safe(span_of("...")));
	ck_assert(file_name_safe((struct span){long_name, 255}));
	ck_assert(!file_name_safe((struct span){long_name, 256}));
	ck_assert(!file_name_safe((struct span){NULL, 0}));
	ck_assert(!file_name_safe(span_of(".")));
	ck_assert(!file_name_safe(span_of("..")));
	ck_assert(!file_name_safe(span_of("a/b")));
	ck_assert(!file_name_safe(span_of("/")));
	ck_assert(!file_name_safe((struct span){"a\0b", 3}));
}
END_TEST

/* Ways for another process to take a lock; the descriptor stays open. */
static bool take_posix(const char *path)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	return fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0;
}

static bool take_bsd(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static bool take_ours(const char *path)
{
	struct error err;

	return lock_open(path, &err) != NULL;
}

struct holder {
	pid_t pid;
	int fd; /* closing it ends the process */
	bool ok;
};

/* Another process that takes a lock and keeps it until it is ended. */
static struct holder holder_start(bool (*take)(const char *), const char *path)
{
	struct holder holder = {0};
	char answer = 'n';
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	holder.pid = fork();
	if (holder.pid == 0) {
		close(fds[0]);
		answer = take(path) ? 'y' : 'n';
		if (write(fds[1], &answer, 1) != 1)
			_exit(1);
		/* Until the other end is closed. */
		_exit(read(fds[1], &answer, 1) != 0);
	}
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], &answer, 1), 1);
	holder.fd = fds[0];
	holder.ok = answer == 'y';
	return holder;
}

static void holder_end(const struct holder *holder)
{
	close(holder->fd);
	waitpid(holder->pid, NULL, 0);
}

static bool other_can(bool (*take)(const char *), const char *path)
{
	struct holder holder = holder_start(take, path);

	holder_end(&holder);
	return holder.ok;
}

START_TEST(a_lock_keeps_out_every_kind_of_offlineimap)
{
	struct error err = {0};
	char *path = in_dir("a.lock");
	struct lock *lock = lock_open(path, &err);

	ck_assert_msg(lock != NULL, "%s", err.text);
	ck_assert_uint_eq(mode_of(path), 0600);
	ck_assert(!other_can(take_posix, path));
	ck_assert(!other_can(take_bsd, path));
	ck_assert(!other_can(take_ours, path));
	lock_close(lock);
	ck_assert(file_exists(path));
	ck_assert(other_can(take_posix, path));
	ck_assert(other_can(take_bsd, path));
	ck_assert(other_can(take_ours, path));
	lock_close(NULL);
	free(path);
}
END_TEST

START_TEST(a_second_lock_in_one_process_is_refused_and_harms_nothing)
{
	struct error err = {0};
	char *path = in_dir("a.lock");
	struct lock *lock = lock_open(path, &err);

	ck_assert_ptr_nonnull(lock);
	ck_assert_ptr_null(lock_open(path, &err));
	ck_assert_int_eq(err.kind, ERROR_LOCKED);
	ck_assert_ptr_nonnull(strstr(err.text, "this process"));
	ck_assert(!other_can(take_posix, path));
	ck_assert(!other_can(take_bsd, path));
	lock_close(lock);
	free(path);
}
END_TEST

static bool (*const takers[])(const char *) = {take_posix, take_bsd, take_ours};

START_TEST(the_holder_of_a_lock_is_named)
{
	struct error err = {0};
	char *path = in_dir("a.lock");
	struct holder holder = holder_start(takers[_i], path);
	char *pid = mem_printf("process %ld", (long)holder.pid);

	ck_assert(holder.ok);
	ck_assert_ptr_null(lock_open(path, &err));
	ck_assert_int_eq(err.kind, ERROR_LOCKED);
	ck_assert_int_eq(err.severity, ERROR_ACCOUNT);
	ck_assert_ptr_nonnull(strstr(err.text, path));
	/* Nothing tells who has a BSD lock. */
	if (takers[_i] != take_bsd)
		ck_assert_ptr_nonnull(strstr(err.text, pid));
	holder_end(&holder);
	free(path);
	free(pid);
}
END_TEST

START_TEST(a_lock_dies_with_a_killed_holder)
{
	struct error err = {0};
	char *path = in_dir("a.lock");
	struct holder holder = holder_start(take_ours, path);
	struct lock *lock;

	ck_assert(holder.ok);
	kill(holder.pid, SIGKILL);
	holder_end(&holder);
	lock = lock_open(path, &err);
	ck_assert_msg(lock != NULL, "%s", err.text);
	lock_close(lock);
	free(path);
}
END_TEST

START_TEST(a_lock_file_may_hold_anything)
{
	struct error err = {0};
	char *path = in_dir("a.lock");
	struct lock *lock;

	write_text(path, "99999999999999999999\nnonsense");
	lock = lock_open(path, &err);
	ck_assert_msg(lock != NULL, "%s", err.text);
	lock_close(lock);
	free(path);
}
END_TEST

START_TEST(an_unlinked_lock_file_is_made_anew)
{
	struct error err = {0};
	char *path = in_dir("a.lock");
	struct lock *lost = lock_open(path, &err), *lock;

	ck_assert_int_eq(unlink(path), 0);
	lock = lock_open(path, &err);
	ck_assert_msg(lock != NULL, "%s", err.text);
	ck_assert(!other_can(take_posix, path));
	lock_close(lost);
	ck_assert(!other_can(take_posix, path));
	lock_close(lock);
	free(path);
}
END_TEST

START_TEST(a_link_planted_as_lock_file_is_refused)
{
	struct error err = {0};
	char *path = in_dir("a.lock"), *victim = in_dir("victim");

	write_text(victim, "precious");
	ck_assert_int_eq(symlink(victim, path), 0);
	ck_assert_ptr_null(lock_open(path, &err));
	ck_assert_int_ne(err.kind, ERROR_LOCKED);
	ck_assert_ptr_nonnull(strstr(err.text, path));
	expect_content(victim, "precious");
	free(path);
	free(victim);
}
END_TEST

static TCase *file_tcase(void)
{
	TCase *tcase = tcase_create("file");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, directories_are_made_private_with_their_parents);
	tcase_add_test(tcase, a_file_in_the_way_of_a_directory_is_named);
	tcase_add_test(tcase, a_written_file_is_private_and_read_back);
	tcase_add_test(tcase, a_file_over_the_limit_is_refused);
	tcase_add_test(tcase, a_missing_file_is_gone);
	tcase_add_test(tcase, a_leftover_temporary_file_is_replaced);
	tcase_add_test(tcase,
		a_link_planted_as_the_temporary_file_is_not_followed);
	tcase_add_test(tcase, a_failed_write_leaves_no_temporary_file);
	tcase_add_test(tcase,
		a_shared_file_is_written_beside_another_program);
	tcase_add_test(tcase, paths_are_joined_with_one_slash);
	tcase_add_loop_test(tcase, home_and_variables_are_expanded, 0,
		(int)ARRAY_LEN(expand_cases));
	tcase_add_test(tcase, the_home_of_a_named_user_is_found);
	tcase_add_test(tcase, only_plain_names_are_safe);
	return tcase;
}

static TCase *lock_tcase(void)
{
	TCase *tcase = tcase_create("lock");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_lock_keeps_out_every_kind_of_offlineimap);
	tcase_add_test(tcase,
		a_second_lock_in_one_process_is_refused_and_harms_nothing);
	tcase_add_loop_test(tcase, the_holder_of_a_lock_is_named, 0,
		(int)ARRAY_LEN(takers));
	tcase_add_test(tcase, a_lock_dies_with_a_killed_holder);
	tcase_add_test(tcase, a_lock_file_may_hold_anything);
	tcase_add_test(tcase, an_unlinked_lock_file_is_made_anew);
	tcase_add_test(tcase, a_link_planted_as_lock_file_is_refused);
	return tcase;
}

Suite *file_suite(void)
{
	Suite *suite = suite_create("file");

	suite_add_tcase(suite, file_tcase());
	suite_add_tcase(suite, lock_tcase());
	return suite;
}
