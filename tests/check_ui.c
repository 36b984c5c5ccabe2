#include "config.h"

#include "suites.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "engine.h"
#include "mem.h"
#include "support/fake_engine.h"

#define DEADLINE_MS 20000
#define BANNER \
	"OfflineIMAP 9.0.0\n" \
	"  Licensed under the GNU GPL v2 or any later version" \
	" (with an OpenSSL exception)\n"

/* One run of a front end on files and pipes. */
struct bench {
	struct fake_engine fake;
	struct ui_options options;
	struct ui_io io;
	FILE *out, *err;
	int keyboard[2], signals[2];
	struct str written, complained;
	int status;
};

static void bench_open(struct bench *bench, const char *name,
	const struct fake_step *steps, size_t count)
{
	struct error err = { 0 };

	*bench = (struct bench){ 0 };
	fake_engine_init(&bench->fake, steps, count);
	bench->out = tmpfile();
	bench->err = tmpfile();
	ck_assert(bench->out != NULL && bench->err != NULL);
	ck_assert_int_eq(pipe(bench->keyboard), 0);
	ck_assert_int_eq(pipe(bench->signals), 0);
	bench->io = (struct ui_io){ bench->keyboard[0], fileno(bench->out),
		fileno(bench->err) };
	bench->options = (struct ui_options){
		.ops = ui_find(name, &err),
		.signal_fd = bench->signals[0],
		.version = "9.0.0",
		.arguments = "offlineimap -o",
	};
	ck_assert_ptr_nonnull(bench->options.ops);
}

static void read_file(FILE *file, struct str *to)
{
	char bytes[4096];
	size_t n;

	rewind(file);
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		str_add_mem(to, bytes, n);
}

static void bench_run(struct bench *bench)
{
	bench->status = ui_run_with(
		&bench->fake.source, &bench->io, &bench->options);
	read_file(bench->out, &bench->written);
	read_file(bench->err, &bench->complained);
}

static void bench_close(struct bench *bench)
{
	fake_engine_clear(&bench->fake);
	fclose(bench->out);
	fclose(bench->err);
	for (int i = 0; i < 2; i++) {
		close(bench->keyboard[i]);
		close(bench->signals[i]);
	}
	str_clear(&bench->written);
	str_clear(&bench->complained);
}

static void bench_type(struct bench *bench, const char *text)
{
	ck_assert_int_eq(write(bench->keyboard[1], text, strlen(text)),
		(ssize_t)strlen(text));
}

static void bench_signal(struct bench *bench, int number)
{
	unsigned char byte = (unsigned char)number;

	ck_assert_int_eq(write(bench->signals[1], &byte, 1), 1);
}

#define OPEN(bench, name, steps) \
	bench_open((bench), (name), (steps), ARRAY_LEN(steps))

#define ACCOUNT .thread = "Account sync Test", .account = "Test"
#define FOLDER(name) \
	.thread = "Folder " name " [acc: Test]", .account = "Test", \
	.folder = name
#define FINISHED(status) \
	{ .event = { .kind = EVENT_FINISHED, .u.finished = { status } } }
#define QUESTION(number, who) \
	{ .event = { .kind = EVENT_PASSWORD, ACCOUNT, \
		  .u.password = { number, "Rem", "localhost", who, "" } } }

static const struct fake_step change[] = {
	{ .event = { .kind = EVENT_ACCOUNT_START, ACCOUNT } },
	{ .event = { .kind = EVENT_CONNECTING, ACCOUNT,
		.u.connect = { "localhost", "21093", "Rem" } } },
	{ .event = { .kind = EVENT_FOLDER_START, FOLDER("A"),
		.u.sides = { "IMAP", "A", "Maildir", "A" } } },
	{ .event = { .kind = EVENT_FOLDER_START, FOLDER("INBOX"),
		.u.sides = { "IMAP", "INBOX", "Maildir", "INBOX" } } },
	{ .event = { .kind = EVENT_LOADING, FOLDER("INBOX"),
		.u.list = { "IMAP", "INBOX", 0, "" } } },
	{ .event = { .kind = EVENT_COPY, FOLDER("INBOX"),
		.u.copy = { 4, 1, 1, "IMAP", "Rem", "INBOX", "Maildir", "Loc",
			"INBOX", 10, false } } },
	{ .event = { .kind = EVENT_DELETE, FOLDER("INBOX"),
		.u.change = { "Maildir", "INBOX", "Loc", "1", 1, "", false,
			false } } },
	{ .event = { .kind = EVENT_SLEEPING, ACCOUNT, .u.sleep = { 60 } } },
	{ .event = { .kind = EVENT_ACCOUNT_END, ACCOUNT } },
	FINISHED(0),
};

START_TEST(basic_writes_the_known_lines)
{
	struct bench bench;

	OPEN(&bench, "basic", change);
	bench_run(&bench);
	ck_assert_str_eq(str_get(&bench.written), BANNER
		"*** Processing account Test\n"
		"Establishing connection to localhost:21093 (Rem)\n"
		"Syncing A: IMAP -> Maildir\n"
		"Syncing INBOX: IMAP -> Maildir\n"
		"Copy message UID 4 (1/1) Rem:INBOX -> Loc:INBOX\n"
		"Deleting 1 messages (1) in Maildir[INBOX]\n"
		"*** Finished account 'Test' in 0:00\n");
	ck_assert_str_eq(str_get(&bench.complained), "");
	ck_assert_int_eq(bench.status, 0);
	bench_close(&bench);
}
END_TEST

START_TEST(ttyui_groups_lines_by_thread_on_standard_error)
{
	struct bench bench;

	OPEN(&bench, "TTY.TTYUI", change);
	bench_run(&bench);
	ck_assert_str_eq(str_get(&bench.complained), BANNER
		"Account sync Test:\n"
		" *** Processing account Test\n"
		" Establishing connection to localhost:21093 (Rem)\n"
		"Folder A [acc: Test]:\n"
		" Syncing A: IMAP -> Maildir\n"
		"Folder INBOX [acc: Test]:\n"
		" Syncing INBOX: IMAP -> Maildir\n"
		" Copy message UID 4 (1/1) Rem:INBOX -> Loc:INBOX\n"
		" Deleting 1 messages (1) in Maildir[INBOX]\n"
		"Account sync Test:\n"
		" Next refresh in 1.0 minutes\n"
		" *** Finished account 'Test' in 0:00\n");
	ck_assert_str_eq(str_get(&bench.written), "");
	bench_close(&bench);
}
END_TEST

START_TEST(quiet_says_nothing_when_all_is_well)
{
	struct bench bench;

	OPEN(&bench, "quiet", change);
	bench_run(&bench);
	ck_assert_str_eq(str_get(&bench.written), "");
	ck_assert_str_eq(str_get(&bench.complained), "");
	bench_close(&bench);
}
END_TEST

START_TEST(debug_shows_what_is_otherwise_left_out)
{
	struct bench bench;

	OPEN(&bench, "basic", change);
	bench.options.debug = true;
	bench_run(&bench);
	ck_assert_ptr_nonnull(strstr(str_get(&bench.written),
		"Loading message list for IMAP[INBOX]\n"));
	bench_close(&bench);
}
END_TEST

static const struct fake_step failing[] = {
	{ .event = { .kind = EVENT_ACCOUNT_START, ACCOUNT } },
	{ .event = { .kind = EVENT_LOG, ACCOUNT,
		.u.log = { EVENT_WARNING, 0, "PLAIN failed", false } } },
	{ .event = { .kind = EVENT_ERROR, ACCOUNT,
		.u.error = { ERROR_ACCOUNT, ERROR_AUTH, 0, "no way in" } } },
	{ .event = { .kind = EVENT_ACCOUNT_END, ACCOUNT } },
	FINISHED(EXIT_STATUS_AUTH),
};

START_TEST(errors_are_told_again_at_the_end)
{
	struct bench bench;

	OPEN(&bench, "quiet", failing);
	bench_run(&bench);
	ck_assert_str_eq(str_get(&bench.written),
		"PLAIN failed\n"
		"ERROR: account Test: no way in\n"
		"ERROR: Exceptions occurred during the run!\n"
		"ERROR: account Test: no way in\n");
	ck_assert_int_eq(bench.status, EXIT_STATUS_AUTH);
	bench_close(&bench);
}
END_TEST

START_TEST(a_flood_of_errors_is_counted_not_kept)
{
	static struct fake_step steps[151];
	struct bench bench;

	for (size_t i = 0; i < 150; i++)
		steps[i] = failing[2];
	steps[150] = (struct fake_step)FINISHED(3);
	OPEN(&bench, "quiet", steps);
	bench_run(&bench);
	const char *report =
		strstr(str_get(&bench.written), "ERROR: Exceptions");
	ck_assert_ptr_nonnull(report);
	size_t lines = 0;
	for (const char *p = report; *p != '\0'; p++)
		lines += *p == '\n';
	ck_assert_uint_eq(lines, 102);
	ck_assert_ptr_nonnull(strstr(report, "(and 50 more errors)\n"));
	bench_close(&bench);
}
END_TEST

START_TEST(a_front_end_that_cannot_ask_says_so)
{
	static const struct fake_step steps[] = {
		QUESTION(7, "joe"),
		{ .after = FAKE_PASSWORD, .event = { .kind = EVENT_FINISHED } },
	};
	static const char *const names[] = { "basic", "quiet", "ttyui" };
	struct bench bench;

	OPEN(&bench, names[_i], steps);
	bench_run(&bench);
	ck_assert_uint_eq(bench.fake.commands[0].id, 7);
	ck_assert(bench.fake.commands[0].no_password);
	str_add_span(&bench.written, span_str(&bench.complained));
	ck_assert_ptr_nonnull(
		strstr(str_get(&bench.written), "password is wanted"));
	bench_close(&bench);
}
END_TEST

START_TEST(machineui_holds_its_lines_while_it_waits_for_a_password)
{
	static const struct fake_step steps[] = {
		QUESTION(1, "joe"),
		{ .event = { .kind = EVENT_ACCOUNT_START, ACCOUNT } },
		QUESTION(2, "ann"),
		{ .after = FAKE_PASSWORD,
			.event = { .kind = EVENT_ACCOUNT_END, ACCOUNT } },
		{ .after = FAKE_PASSWORD, .event = { .kind = EVENT_FINISHED,
			.u.finished = { 4 } } },
	};
	struct bench bench;

	OPEN(&bench, "machineui", steps);
	bench_type(&bench, "sec ret\n\n");
	bench_run(&bench);
	ck_assert_str_eq(str_get(&bench.written), BANNER
		"msg:protocol:MainThread:7.2.0\n"
		"msg:initbanner:MainThread:OfflineIMAP+9.0.0%0A++Licensed+"
		"under+the+GNU+GPL+v2+or+any+later+version+%28with+an+"
		"OpenSSL+exception%29\n"
		"msg:getpass:Account+sync+Test:joe\n"
		"msg:acct:Account+sync+Test:Test\n"
		"msg:getpass:Account+sync+Test:ann\n"
		"msg:acctdone:Account+sync+Test:Test\n"
		"msg:terminate:MainThread:4%0A%0A\n");
	ck_assert_uint_eq(bench.fake.command_count, 2);
	ck_assert_uint_eq(bench.fake.commands[0].id, 1);
	ck_assert_str_eq(bench.fake.commands[0].password, "sec ret");
	ck_assert(!bench.fake.commands[1].no_password);
	ck_assert_str_eq(bench.fake.commands[1].password, "");
	ck_assert_int_eq(bench.status, 4);
	bench_close(&bench);
}
END_TEST

static const struct fake_step two_questions[] = {
	QUESTION(1, "joe"),
	{ .after = FAKE_PASSWORD, .event = { .kind = EVENT_ACCOUNT_END,
		ACCOUNT } },
	QUESTION(2, "ann"),
	{ .after = FAKE_PASSWORD, .event = { .kind = EVENT_FINISHED } },
};

START_TEST(the_end_of_input_answers_all_questions)
{
	struct bench bench;

	OPEN(&bench, "machineui", two_questions);
	bench_type(&bench, "last");
	close(bench.keyboard[1]);
	bench_run(&bench);
	ck_assert_str_eq(bench.fake.commands[0].password, "last");
	ck_assert(bench.fake.commands[1].no_password);
	bench.keyboard[1] = dup(bench.keyboard[0]);
	bench_close(&bench);
}
END_TEST

START_TEST(an_endless_line_is_no_password)
{
	struct bench bench;
	char text[10000];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	OPEN(&bench, "machineui", two_questions);
	bench_type(&bench, text);
	close(bench.keyboard[1]);
	bench_run(&bench);
	ck_assert(bench.fake.commands[0].no_password);
	bench.keyboard[1] = dup(bench.keyboard[0]);
	bench_close(&bench);
}
END_TEST

static const struct {
	int number;
	enum fake_after after;
	enum command_kind kind;
	const char *text;
} signal_rows[] = {
	{ SIGINT, FAKE_STOP, COMMAND_STOP, "Preparing to shutdown after sync" },
	{ SIGTERM, FAKE_STOP, COMMAND_STOP, "Preparing to shutdown" },
	{ SIGHUP, FAKE_STOP, COMMAND_STOP, "Preparing to shutdown" },
	{ SIGUSR1, FAKE_SYNC_NOW, COMMAND_SYNC_NOW, "synchronization of all" },
	{ SIGUSR2, FAKE_STOP_AFTER, COMMAND_STOP_AFTER,
		"Terminating after this sync..." },
};

START_TEST(a_signal_becomes_a_command)
{
	struct fake_step steps[] = { { .after = signal_rows[_i].after,
		.event = { .kind = EVENT_FINISHED } } };
	struct bench bench;

	OPEN(&bench, "basic", steps);
	bench_signal(&bench, signal_rows[_i].number);
	bench_signal(&bench, SIGWINCH);
	bench_run(&bench);
	ck_assert(fake_engine_got(&bench.fake, signal_rows[_i].kind));
	ck_assert_ptr_nonnull(
		strstr(str_get(&bench.written), signal_rows[_i].text));
	bench_close(&bench);
}
END_TEST

/* The exit status of a run in a child, which gets these signals. */
static int status_after_signals(const struct fake_step *steps, size_t count,
	int first, int second)
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		struct bench bench;

		bench_open(&bench, "quiet", steps, count);
		bench_signal(&bench, first);
		bench_signal(&bench, second);
		bench_run(&bench);
		_exit(bench.status);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(the_second_interrupt_ends_the_process_at_once)
{
	static const struct fake_step never[] = { { .after = FAKE_PASSWORD } };

	ck_assert_int_eq(
		status_after_signals(never, 1, SIGINT, SIGTERM),
		EXIT_STATUS_INTERRUPTED);
}
END_TEST

START_TEST(a_hangup_is_no_second_interrupt)
{
	static const struct fake_step steps[] = {
		{ .after = FAKE_STOP, .event = { .kind = EVENT_FINISHED,
			.u.finished = { 3 } } },
	};

	ck_assert_int_eq(status_after_signals(steps, 1, SIGTERM, SIGHUP), 3);
	ck_assert_int_eq(status_after_signals(steps, 1, SIGHUP, SIGTERM), 3);
}
END_TEST

START_TEST(a_reader_that_goes_away_stops_the_run)
{
	static const struct fake_step steps[] = {
		{ .event = { .kind = EVENT_ACCOUNT_START, ACCOUNT } },
		{ .after = FAKE_STOP, .event = { .kind = EVENT_FINISHED,
			.u.finished = { 9 } } },
	};
	struct bench bench;
	int broken[2];
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);

	OPEN(&bench, "basic", steps);
	ck_assert_int_eq(pipe(broken), 0);
	close(broken[0]);
	bench.io.out = broken[1];
	bench_run(&bench);
	ck_assert_int_eq(bench.status, 9);
	ck_assert_uint_eq(bench.fake.command_count, 1);
	close(broken[1]);
	bench_close(&bench);
	signal(SIGPIPE, old);
}
END_TEST

/* The child's output goes into a pipe that is full and that nobody reads. */
static void stuck_child(const struct fake_step *steps, size_t count, int out)
{
	struct bench bench;

	alarm(DEADLINE_MS / 1000);
	bench_open(&bench, "basic", steps, count);
	bench.io.out = out;
	bench_signal(&bench, SIGTERM);
	bench_run(&bench);
	_exit(bench.status);
}

START_TEST(a_reader_that_takes_nothing_does_not_hold_the_end)
{
	static const struct fake_step steps[] = {
		{ .event = { .kind = EVENT_ACCOUNT_START, ACCOUNT } },
		{ .after = FAKE_STOP, .event = { .kind = EVENT_FINISHED,
			.u.finished = { 9 } } },
	};
	int ends[2], status;
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	while (write(ends[1], "x", 1) == 1)
		;
	ck_assert_int_eq(fcntl(ends[1], F_SETFL, 0), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		stuck_child(steps, ARRAY_LEN(steps), ends[1]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 9);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(the_log_file_has_a_time_and_a_level_on_each_record)
{
	char path[] = "/tmp/check_ui_log_XXXXXX";
	int fd = mkstemp(path);
	struct bench bench;
	struct str text = { 0 };

	ck_assert_int_ge(fd, 0);
	OPEN(&bench, "quiet", failing);
	bench.options.log_file = path;
	bench_run(&bench);
	FILE *file = fdopen(fd, "r");
	read_file(file, &text);
	fclose(file);
	unlink(path);
	const char *first = strstr(str_get(&text), " INFO: OfflineImap 9.0.0"
		" starting...\n  Platform: ");
	ck_assert_ptr_eq(first,
		str_get(&text) + strlen("2026-11-22 21:03:24"));
	ck_assert_ptr_nonnull(
		strstr(str_get(&text), "\n  Args: offlineimap -o\n"));
	ck_assert_ptr_nonnull(strstr(str_get(&text),
		" INFO: *** Processing account Test\n"));
	ck_assert_ptr_nonnull(
		strstr(str_get(&text), " WARNING: PLAIN failed\n"));
	ck_assert_ptr_nonnull(strstr(
		str_get(&text), " ERROR: ERROR: account Test: no way in\n"));
	str_clear(&text);
	bench_close(&bench);
}
END_TEST

START_TEST(a_log_that_cannot_be_opened_stops_the_run)
{
	static const struct fake_step steps[] = {
		{ .after = FAKE_STOP, .event = { .kind = EVENT_FINISHED } },
	};
	struct bench bench;

	OPEN(&bench, "basic", steps);
	bench.options.log_file = "/nonexistent/log";
	bench_run(&bench);
	ck_assert_int_eq(bench.status, EXIT_STATUS_CONFIG);
	ck_assert_ptr_nonnull(
		strstr(str_get(&bench.written), "/nonexistent/log"));
	bench_close(&bench);
}
END_TEST

START_TEST(a_log_that_cannot_be_written_is_no_success)
{
	static const struct fake_step steps[] = { FINISHED(0) };
	struct bench bench;

	OPEN(&bench, "quiet", steps);
	bench.options.log_file = "/dev/full";
	bench_run(&bench);
	ck_assert_int_eq(bench.status, EXIT_STATUS_ERROR);
	ck_assert_ptr_nonnull(strstr(str_get(&bench.complained), "/dev/full"));
	bench_close(&bench);
}
END_TEST

START_TEST(a_long_silence_is_broken_by_progress)
{
	static const struct fake_step steps[] = {
		{ .event = { .kind = EVENT_ACCOUNT_START, ACCOUNT,
			.time_ms = 1000 } },
		{ .event = { .kind = EVENT_PROGRESS, FOLDER("INBOX"),
			.time_ms = 50000,
			.u.progress = { PHASE_LOADING, 10, 90, 0, 0 } } },
		{ .event = { .kind = EVENT_PROGRESS, FOLDER("INBOX"),
			.time_ms = 62000,
			.u.progress = { PHASE_LOADING, 20, 90, 0, 0 } } },
		FINISHED(0),
	};
	struct bench bench;

	OPEN(&bench, "basic", steps);
	bench_run(&bench);
	ck_assert_str_eq(str_get(&bench.written), BANNER
		"*** Processing account Test\n"
		"INBOX: 20 of 90 messages listed\n");
	bench_close(&bench);
}
END_TEST

static const struct {
	const char *wanted, *name;
} names[] = {
	{ "curses", "curses" },
	{ "blinkenlights", "curses" },
	{ "Curses.Blinkenlights", "curses" },
	{ "TTYUI", "ttyui" },
	{ "Noninteractive.Basic", "basic" },
	{ "Noninteractive.Quiet", "quiet" },
	{ "Machine.MachineUI", "machineui" },
	{ "syslog", "syslog" },
};

START_TEST(front_ends_are_found_by_their_old_names)
{
	struct error err = { 0 };
	const struct ui_ops *ops = ui_find(names[_i].wanted, &err);

	ck_assert_ptr_nonnull(ops);
	ck_assert_str_eq(ui_name(ops), names[_i].name);
}
END_TEST

START_TEST(an_unknown_front_end_is_a_clear_error)
{
	struct error err = { 0 };

	ck_assert_ptr_null(ui_find("x\033", &err));
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, "'x?'"));
	ck_assert_ptr_nonnull(strstr(err.text, "blinkenlights"));
}
END_TEST

START_TEST(curses_without_a_terminal_becomes_basic)
{
	struct bench bench;

	OPEN(&bench, "curses", change);
	bench_run(&bench);
	ck_assert_ptr_nonnull(
		strstr(str_get(&bench.complained), "using basic"));
	ck_assert_ptr_nonnull(strstr(
		str_get(&bench.written), "*** Processing account Test\n"));
	ck_assert_int_eq(bench.status, 0);
	bench_close(&bench);
}
END_TEST

/* A front end on a terminal of its own: a child is the leader of a session
 * on a pseudo-terminal, the test sits at the other end. */
struct desk {
	pid_t child;
	int master;
	struct str seen;
	size_t from; /* what is before has been waited for */
	int status;
};

static void desk_child(const char *slave, const char *name,
	const struct fake_step *steps, size_t count)
{
	struct termios before, after;
	struct bench bench;
	bool same;
	int tty;

	alarm(DEADLINE_MS / 1000);
	signal(SIGHUP, SIG_IGN);
	setsid();
	tty = open(slave, O_RDWR);
	ioctl(tty, TIOCSCTTY, 0);
	setenv("TERM", "xterm", 1);
	tcgetattr(tty, &before);
	bench_open(&bench, name, steps, count);
	bench.io = (struct ui_io){ tty, tty, tty };
	bench.status = ui_run_with(
		&bench.fake.source, &bench.io, &bench.options);
	/* What was answered is told through the terminal. */
	tcgetattr(tty, &after);
	same = before.c_lflag == after.c_lflag &&
		before.c_iflag == after.c_iflag &&
		before.c_oflag == after.c_oflag;
	dprintf(tty, "status %d, terminal %s, password <%s>\n", bench.status,
		same ? "restored" : "changed",
		bench.fake.commands[0].password);
	bench_close(&bench);
	_exit(bench.status);
}

static void desk_open(struct desk *desk, const char *name,
	const struct fake_step *steps, size_t count)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	const char *slave;

	*desk = (struct desk){ .master = posix_openpt(O_RDWR | O_NOCTTY) };
	ck_assert_int_ge(desk->master, 0);
	ck_assert_int_eq(grantpt(desk->master), 0);
	ck_assert_int_eq(unlockpt(desk->master), 0);
	slave = ptsname(desk->master);
	ck_assert_ptr_nonnull(slave);
	ck_assert_int_eq(ioctl(desk->master, TIOCSWINSZ, &size), 0);
	desk->child = fork();
	ck_assert_int_ge(desk->child, 0);
	if (desk->child == 0) {
		close(desk->master);
		desk_child(slave, name, steps, count);
	}
}

static bool desk_read(struct desk *desk)
{
	struct pollfd wait = { .fd = desk->master, .events = POLLIN };
	char bytes[1024];
	ssize_t n;

	ck_assert_int_eq(poll(&wait, 1, DEADLINE_MS), 1);
	n = read(desk->master, bytes, sizeof(bytes));
	if (n <= 0)
		return false; /* EIO: the child has gone */
	str_add_mem(&desk->seen, bytes, (size_t)n);
	return true;
}

static void desk_wait(struct desk *desk, const char *text)
{
	const char *at;

	while ((at = strstr(str_get(&desk->seen) + desk->from, text)) == NULL)
		ck_assert_msg(desk_read(desk), "no '%s' in: %s", text,
			str_get(&desk->seen));
	desk->from = (size_t)(at - str_get(&desk->seen)) + strlen(text);
}

static void desk_type(struct desk *desk, const char *text)
{
	ck_assert_int_eq(write(desk->master, text, strlen(text)),
		(ssize_t)strlen(text));
}

static void desk_close(struct desk *desk)
{
	int status;

	while (desk_read(desk))
		continue;
	ck_assert_int_eq(waitpid(desk->child, &status, 0), desk->child);
	ck_assert(WIFEXITED(status));
	desk->status = WEXITSTATUS(status);
	close(desk->master);
	str_clear(&desk->seen);
}

START_TEST(ttyui_asks_without_echo_while_lines_go_on)
{
	static const struct fake_step steps[] = {
		QUESTION(1, "joe"),
		{ .event = { .kind = EVENT_ACCOUNT_START, ACCOUNT } },
		{ .after = FAKE_PASSWORD, .event = { .kind = EVENT_FINISHED,
			.u.finished = { 5 } } },
	};
	struct desk desk;

	desk_open(&desk, "ttyui", steps, ARRAY_LEN(steps));
	desk_wait(&desk, "*** Processing account Test");
	desk_wait(&desk, "Enter password for user 'joe': ");
	desk_type(&desk, "geheim\n");
	desk_wait(&desk, "status 5, terminal restored");
	/* Said once, by the test itself. */
	desk_wait(&desk, "password <geheim>");
	ck_assert_ptr_eq(strstr(str_get(&desk.seen), "geheim"),
		str_get(&desk.seen) + desk.from - strlen("geheim>"));
	desk_close(&desk);
	ck_assert_int_eq(desk.status, 5);
}
END_TEST

START_TEST(curses_draws_asks_and_gives_the_terminal_back)
{
	static const struct fake_step steps[] = {
		{ .event = { .kind = EVENT_ACCOUNT_START, ACCOUNT } },
		QUESTION(1, "joe"),
		{ .after = FAKE_PASSWORD, .event = { .kind = EVENT_FOLDER_END,
			FOLDER("INBOX"), .u.end = { .outcome = OUTCOME_OK,
				.downloaded = 12, .deleted = 3 } } },
		{ .event = { .kind = EVENT_ACCOUNT_END, ACCOUNT,
			.u.end = { .outcome = OUTCOME_FAILED,
				.elapsed_ms = 65000 } } },
		{ .event = { .kind = EVENT_ERROR, ACCOUNT,
			.u.error = { ERROR_ACCOUNT, 0, 0, "no way" } } },
		{ .after = FAKE_SYNC_NOW, .event = { .kind =
			EVENT_ACCOUNT_START, ACCOUNT } },
		{ .after = FAKE_STOP, .event = { .kind = EVENT_FINISHED,
			.u.finished = { 1 } } },
	};
	struct desk desk;

	desk_open(&desk, "curses", steps, ARRAY_LEN(steps));
	desk_wait(&desk, "Password for joe at localhost (Rem):");
	desk_type(&desk, "gx\177eheim\r");
	desk_wait(&desk, "failed");
	desk_type(&desk, "?");
	desk_wait(&desk, "draw the screen anew");
	desk_type(&desk, "x");
	desk_type(&desk, "s");
	desk_wait(&desk, "Requested synchronization for acc: Test");
	desk_type(&desk, "q");
	desk_wait(&desk, "\033[?1049l");
	desk_wait(&desk, "*** Finished account 'Test' in 1:05: "
		"12 messages downloaded, 3 deleted");
	desk_wait(&desk, "ERROR: Exceptions occurred during the run!");
	desk_wait(&desk, "ERROR: account Test: no way");
	desk_wait(&desk, "status 1, terminal restored");
	desk_wait(&desk, "password <geheim>");
	ck_assert_ptr_eq(strstr(str_get(&desk.seen), "geheim"),
		str_get(&desk.seen) + desk.from - strlen("geheim>"));
	desk_close(&desk);
}
END_TEST

START_TEST(curses_ends_when_its_terminal_is_gone)
{
	static const struct fake_step steps[] = {
		{ .event = { .kind = EVENT_ACCOUNT_START, ACCOUNT } },
		{ .after = FAKE_STOP, .event = { .kind = EVENT_FINISHED } },
	};
	struct desk desk;
	int status;

	desk_open(&desk, "curses", steps, ARRAY_LEN(steps));
	desk_wait(&desk, "Test");
	close(desk.master);
	ck_assert_int_eq(waitpid(desk.child, &status, 0), desk.child);
	ck_assert(WIFEXITED(status));
	str_clear(&desk.seen);
}
END_TEST

static void add_terminal_tests(TCase *tcase)
{
	tcase_add_test(tcase, ttyui_asks_without_echo_while_lines_go_on);
	tcase_add_test(tcase, curses_draws_asks_and_gives_the_terminal_back);
	tcase_add_test(tcase, curses_ends_when_its_terminal_is_gone);
	tcase_add_test(tcase, curses_without_a_terminal_becomes_basic);
}

Suite *ui_suite(void)
{
	Suite *suite = suite_create("ui");
	TCase *tcase = tcase_create("ui");

	tcase_add_test(tcase, basic_writes_the_known_lines);
	tcase_add_test(tcase, ttyui_groups_lines_by_thread_on_standard_error);
	tcase_add_test(tcase, quiet_says_nothing_when_all_is_well);
	tcase_add_test(tcase, debug_shows_what_is_otherwise_left_out);
	tcase_add_test(tcase, errors_are_told_again_at_the_end);
	tcase_add_test(tcase, a_flood_of_errors_is_counted_not_kept);
	tcase_add_loop_test(tcase, a_front_end_that_cannot_ask_says_so, 0, 3);
	tcase_add_test(tcase,
		machineui_holds_its_lines_while_it_waits_for_a_password);
	tcase_add_test(tcase, the_end_of_input_answers_all_questions);
	tcase_add_test(tcase, an_endless_line_is_no_password);
	tcase_add_loop_test(tcase, a_signal_becomes_a_command, 0,
		(int)ARRAY_LEN(signal_rows));
	tcase_add_test(tcase, the_second_interrupt_ends_the_process_at_once);
	tcase_add_test(tcase, a_hangup_is_no_second_interrupt);
	tcase_add_test(tcase, a_reader_that_goes_away_stops_the_run);
	tcase_add_test(tcase,
		a_reader_that_takes_nothing_does_not_hold_the_end);
	tcase_add_test(tcase,
		the_log_file_has_a_time_and_a_level_on_each_record);
	tcase_add_test(tcase, a_log_that_cannot_be_opened_stops_the_run);
	if (access("/dev/full", W_OK) == 0) /* Linux */
		tcase_add_test(tcase,
			a_log_that_cannot_be_written_is_no_success);
	tcase_add_test(tcase, a_long_silence_is_broken_by_progress);
	tcase_add_loop_test(tcase, front_ends_are_found_by_their_old_names, 0,
		(int)ARRAY_LEN(names));
	tcase_add_test(tcase, an_unknown_front_end_is_a_clear_error);
	add_terminal_tests(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}
