#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "base/thread.h"
#include "mem.h"
#include "suites.h"

/* Far beyond what any command here takes: reaching it is a failure. */
#define LONG_MS 30000

/* Runs with the long deadline and demands that it could be run. */
static struct process_result run(const char *command,
	const char *const *extra, size_t max)
{
	struct process_result result;
	struct error err = {0};

	ck_assert_msg(process_run(command, extra, LONG_MS, max, NULL, &result,
		&err), "%s", err.text);
	return result;
}

static void clear(struct process_result *result)
{
	str_clear(&result->out);
	str_clear(&result->err_out);
}

START_TEST(both_outputs_and_the_status_come_back)
{
	struct process_result r = run("echo out; echo bad >&2; exit 7", NULL,
		1000);

	ck_assert_int_eq(r.status, 7);
	ck_assert_str_eq(str_get(&r.out), "out\n");
	ck_assert_str_eq(str_get(&r.err_out), "bad\n");
	clear(&r);
}
END_TEST

static const struct status_case {
	const char *command;
	int status;
} status_cases[] = {
	{"true", 0},
	{"exit 3", 3},
	{"kill -KILL $$", 128 + SIGKILL},
	{"kill -TERM $$", 128 + SIGTERM},
	{"/no/such/program/here 2>/dev/null", 127},
};

START_TEST(the_status_is_that_of_a_shell)
{
	struct process_result r = run(status_cases[_i].command, NULL, 100);

	ck_assert_int_eq(r.status, status_cases[_i].status);
	clear(&r);
}
END_TEST

START_TEST(standard_input_is_empty)
{
	struct process_result r = run("cat; echo end", NULL, 100);

	ck_assert_str_eq(str_get(&r.out), "end\n");
	clear(&r);
}
END_TEST

START_TEST(the_environment_is_ours_plus_the_extra)
{
	const char *const extra[] = {"CHECK_A=new $(echo x) `y`", "CHECK_C=3",
		NULL};
	struct process_result r;

	setenv("CHECK_A", "old", 1);
	setenv("CHECK_B", "kept", 1);
	r = run("echo \"$CHECK_A|$CHECK_B|$CHECK_C\"; env | grep -c ^CHECK_A=",
		extra, 1000);
	ck_assert_str_eq(str_get(&r.out), "new $(echo x) `y`|kept|3\n1\n");
	clear(&r);
}
END_TEST

START_TEST(output_beyond_the_maximum_is_read_and_dropped)
{
	struct process_result r = run(
		"i=0; while [ $i -lt 3000 ]; do"
		" echo 0123456789012345678901234567890123456789;"
		" echo 9876 >&2; i=$((i + 1)); done; echo ok", NULL, 10000);

	ck_assert_int_eq(r.status, 0);
	ck_assert_uint_eq(r.out.len, 10000);
	ck_assert_uint_eq(r.err_out.len, 10000);
	ck_assert_mem_eq(r.err_out.data, "9876\n", 5);
	clear(&r);
}
END_TEST

START_TEST(an_overdue_command_is_killed_with_its_children)
{
	struct process_result r;
	struct error err = {0};
	char byte;
	int fds[2];

	/* The writing end lives in the children only; its end of file is the
	 * proof that none is left. */
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert(!process_run("trap '' TERM; sleep 1000 & sleep 1000", NULL,
		100, 100, NULL, &r, &err));
	close(fds[1]);
	ck_assert_ptr_nonnull(strstr(err.text, "within 100 ms"));
	ck_assert_uint_eq(r.out.len, 0);
	ck_assert_int_eq(poll(&(struct pollfd){.fd = fds[0], .events = POLLIN},
		1, LONG_MS), 1);
	ck_assert_int_eq(read(fds[0], &byte, 1), 0);
	close(fds[0]);
}
END_TEST

struct stopped_run {
	struct stop *stop;
	struct error err;
	bool ok;
};

static void *run_until_stopped(void *arg)
{
	struct stopped_run *run_arg = arg;
	struct process_result r;

	run_arg->ok = process_run("sleep 1000", NULL, LONG_MS, 100,
		run_arg->stop, &r, &run_arg->err);
	return NULL;
}

START_TEST(stopping_ends_a_command)
{
	struct stopped_run arg = {.stop = stop_new()};
	struct thread *thread = thread_start(run_until_stopped, &arg);

	stop_raise(arg.stop);
	thread_join(thread);
	ck_assert(!arg.ok);
	ck_assert_int_eq(arg.err.kind, ERROR_STOPPED);
	stop_free(arg.stop);
}
END_TEST

START_TEST(a_background_process_is_not_waited_for)
{
	struct process_result r = run("sleep 1000 & echo $!", NULL, 100);
	pid_t pid = (pid_t)strtol(str_get(&r.out), NULL, 10);

	ck_assert_int_eq(r.status, 0);
	ck_assert_int_gt(pid, 1);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	clear(&r);
}
END_TEST

static void *run_many(void *arg)
{
	for (int i = 0; i < 5; i++) {
		struct process_result r;
		struct error err;

		if (!process_run("echo x | cat", NULL, LONG_MS, 100, NULL, &r,
			&err) || strcmp(str_get(&r.out), "x\n") != 0)
			return NULL;
		clear(&r);
	}
	return arg;
}

START_TEST(commands_run_from_many_threads_at_once)
{
	struct thread *threads[4];
	int mark;

	for (int i = 0; i < 4; i++)
		threads[i] = thread_start(run_many, &mark);
	for (int i = 0; i < 4; i++)
		ck_assert_ptr_eq(thread_join(threads[i]), &mark);
}
END_TEST

/* The signals are blocked in our threads and SIGPIPE is ignored, but the
 * child must not inherit that: this pipeline would never end. */
static void *run_endless_writer(void *arg)
{
	struct process_result *r = arg;
	struct error err;

	return process_run("yes | head -n 1; kill -TERM $$; echo alive", NULL,
		LONG_MS, 100, NULL, r, &err) ? r : NULL;
}

START_TEST(a_child_has_the_usual_signals)
{
	struct process_result r;
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);

	ck_assert_ptr_eq(thread_join(thread_start(run_endless_writer, &r)),
		&r);
	signal(SIGPIPE, before);
	ck_assert_str_eq(str_get(&r.out), "y\n");
	ck_assert_int_eq(r.status, 128 + SIGTERM);
	clear(&r);
}
END_TEST

START_TEST(a_tunnel_connects_both_ways_and_is_ended)
{
	struct error err = {0};
	char buffer[16];
	pid_t pid;
	int fd;

	ck_assert_msg(process_tunnel("cat", &fd, &pid, &err), "%s", err.text);
	ck_assert_int_eq(write(fd, "ping", 4), 4);
	ck_assert_int_eq(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1,
		LONG_MS), 1);
	ck_assert_int_eq(read(fd, buffer, sizeof(buffer)), 4);
	ck_assert_mem_eq(buffer, "ping", 4);
	process_end(pid);
	ck_assert_int_eq(kill(pid, 0), -1);
	ck_assert_int_eq(errno, ESRCH);
	ck_assert_int_eq(read(fd, buffer, sizeof(buffer)), 0);
	file_close(&fd);
	ck_assert_int_eq(fd, -1);
	file_close(&fd);
}
END_TEST

START_TEST(a_tunnel_that_does_not_listen_is_killed)
{
	struct error err = {0};
	char byte;
	pid_t pid;
	int fd;

	ck_assert(process_tunnel("trap '' HUP; echo; while :; do sleep 1000;"
		" done", &fd, &pid, &err));
	ck_assert_int_eq(read(fd, &byte, 1), 1);
	process_end(pid);
	ck_assert_int_eq(read(fd, &byte, 1), 0);
	close(fd);
}
END_TEST

static struct process_pipes open_shell(const char *command)
{
	struct process_pipes p;
	struct error err = {0};

	ck_assert_msg(process_open((const char *[]){"/bin/sh", "-c", command,
		NULL}, &p, &err), "%s", err.text);
	return p;
}

static void read_from(int fd, const char *wanted)
{
	char buffer[16] = "";

	ck_assert_int_eq(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1,
		LONG_MS), 1);
	ck_assert_int_eq(read(fd, buffer, sizeof(buffer) - 1),
		(ssize_t)strlen(wanted));
	ck_assert_str_eq(buffer, wanted);
}

START_TEST(a_program_answers_on_its_pipes_until_they_are_closed)
{
	struct process_pipes p = open_shell(
		"read x; echo $x; echo bad >&2; read y; exit 5");
	char byte;

	ck_assert_int_eq(read(p.out, &byte, 1), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(write(p.in, "ping\n", 5), 5);
	read_from(p.out, "ping\n");
	read_from(p.err_out, "bad\n");
	ck_assert(!process_has_ended(p.pid));
	ck_assert_int_eq(process_close(&p, false), 5);
	ck_assert_int_eq(p.pid, -1);
	ck_assert_int_eq(p.in, -1);
	ck_assert_int_eq(p.out, -1);
	ck_assert_int_eq(p.err_out, -1);
}
END_TEST

START_TEST(a_program_that_does_not_end_by_itself_is_ended)
{
	struct process_pipes p = open_shell("echo; sleep 1000");

	read_from(p.out, "\n");
	ck_assert_int_eq(process_close(&p, false), 128 + SIGTERM);
	p = open_shell("trap '' TERM; echo; sleep 1000; sleep 1000");
	read_from(p.out, "\n");
	ck_assert_int_eq(process_close(&p, true), 128 + SIGKILL);
}
END_TEST

START_TEST(a_program_is_found_by_path)
{
	const char *path = getenv("PATH");
	char *before = mem_strdup(path ? path : ""), *found;

	setenv("PATH", "/nowhere::/etc:/bin", 1);
	found = process_find("sh");
	ck_assert_str_eq(found, "/bin/sh");
	free(found);
	/* Not there; there, but not to be run; a directory. */
	ck_assert_ptr_null(process_find("no.such.program"));
	ck_assert_ptr_null(process_find("group"));
	ck_assert_ptr_null(process_find("init.d"));
	unsetenv("PATH");
	ck_assert_ptr_null(process_find("sh"));
	setenv("PATH", before, 1);
	free(before);
}
END_TEST

Suite *process_suite(void)
{
	Suite *suite = suite_create("process");
	TCase *tcase = tcase_create("process");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, both_outputs_and_the_status_come_back);
	tcase_add_loop_test(tcase, the_status_is_that_of_a_shell, 0,
		(int)ARRAY_LEN(status_cases));
	tcase_add_test(tcase, standard_input_is_empty);
	tcase_add_test(tcase, the_environment_is_ours_plus_the_extra);
	tcase_add_test(tcase, output_beyond_the_maximum_is_read_and_dropped);
	tcase_add_test(tcase, an_overdue_command_is_killed_with_its_children);
	tcase_add_test(tcase, stopping_ends_a_command);
	tcase_add_test(tcase, a_background_process_is_not_waited_for);
	tcase_add_test(tcase, commands_run_from_many_threads_at_once);
	tcase_add_test(tcase, a_child_has_the_usual_signals);
	tcase_add_test(tcase, a_tunnel_connects_both_ways_and_is_ended);
	tcase_add_test(tcase, a_tunnel_that_does_not_listen_is_killed);
	tcase_add_test(tcase,
		a_program_answers_on_its_pipes_until_they_are_closed);
	tcase_add_test(tcase, a_program_that_does_not_end_by_itself_is_ended);
	tcase_add_test(tcase, a_program_is_found_by_path);
	suite_add_tcase(suite, tcase);
	return suite;
}
