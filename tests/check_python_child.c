#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "base/thread.h"
#include "mem.h"
#include "suites.h"
#include "support/python_fixture.h"

/* What a test with a child that hangs waits. */
#define SHORT_MS 300
/* Far beyond what anything here takes: reaching it is a failure. */
#define LONG_MS 30000

static void assert_works(void)
{
	assert_translated("lambda f: f", two[0], two[1]);
}

/* ---- a child that ends, hangs or answers nonsense ---- */

static const struct {
	const char *expression, *wanted;
} deaths[] = {
	{"os._exit(3)", "python3 ended with status 3 before it answered"},
	{"os._exit(0)", "python3 ended with status 0 before it answered"},
	{"os.kill(os.getpid(), 9)", "python3 was ended by signal 9"},
	{"os.abort()", "python3 was ended by signal 6"},
	{"lambda f: f if f == 'INBOX' else os._exit(4)", "ended with status 4"},
	{"os.fork() or time.sleep(1000) and os._exit(5)",
		"its value must be a function, but is the int "},
	{"heir()", "python3 ended with status 6"},
	{"os.closerange(0, 100)", "python3 ended with status "},
	{"scribble(b'x' * 50)", "what python3 answered makes no sense"},
	{"scribble(b'j          2[]')", "makes no sense"},
	{"scribble(b'j          2{}')", "makes no sense"},
	{"scribble(b'r          2[]')", "makes no sense"},
	{"scribble(b'j          9[\"a\",[1]]')", "makes no sense"},
	{"scribble(b'j99999999999')", "makes no sense"},
	{"scribble(b'j')", "python3 ended with status 7"},
};

START_TEST(the_end_of_the_child_is_told_and_another_is_started)
{
	char *out[2], *got;

	begin("import os, stat, time\n"
		"open(__file__ + '.runs', 'a').write('x')\n"
		"def scribble(text):\n"
		"\tfor fd in range(3, 10):\n"
		"\t\ttry:\n\t\t\tif stat.S_ISFIFO(os.fstat(fd).st_mode):\n"
		"\t\t\t\tos.write(fd, text)\n"
		"\t\texcept OSError:\n\t\t\tpass\n"
		"\tos._exit(7)\n"
		"def heir():\n"
		"\tif os.fork() == 0:\n\t\ttime.sleep(1000)\n"
		"\tos._exit(6)\n");
	ck_assert(!translate(deaths[_i].expression, out));
	assert_error(deaths[_i].wanted);
	assert_works();
	got = text_of("open(__file__ + '.runs').read()", false);
	ck_assert_str_eq(got, strstr(deaths[_i].wanted, "function") ? "x" :
		"xx");
	free(got);
	end();
}
END_TEST

START_TEST(a_child_that_died_between_two_questions_is_replaced)
{
	char *got;
	pid_t pid;

	begin(NULL);
	got = text_of("str(__import__('os').getpid())", false);
	pid = (pid_t)atoi(got);
	ck_assert_int_gt(pid, 1);
	kill(pid, SIGKILL);
	while (!process_has_ended(pid))
		poll(NULL, 0, 1);
	assert_works();
	free(got);
	end();
}
END_TEST

/* A pipe whose other end a child of the child holds: at its end when that is
 * gone. */
static int open_fifo(char **path)
{
	int fd;

	*path = file_join(f.dir, "fifo");
	ck_assert_int_eq(mkfifo(*path, 0600), 0);
	fd = open(*path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static void await_end_of(int fd)
{
	char byte;

	ck_assert_int_eq(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1,
		LONG_MS), 1);
	ck_assert_int_eq(read(fd, &byte, 1), 0);
	close(fd);
}

START_TEST(a_child_that_hangs_is_ended_with_its_children)
{
	char *out[2], *path, *expression;
	int fd;

	begin(NULL);
	fd = open_fifo(&path);
	expression = mem_printf("__import__('os').system("
		"'sleep 1000 > %s & sleep 1000 > %s')", path, path);
	assert_works();
	python_set_deadline(f.python, SHORT_MS);
	ck_assert(!translate(expression, out));
	assert_error("python3 did not answer within 0.3 s and was ended");
	await_end_of(fd);
	python_set_deadline(f.python, LONG_MS);
	assert_works();
	free(expression);
	free(path);
	end();
}
END_TEST

static const char *const hangs[] = {
	"[0 for x in iter(int, 1)]",
	"print('x' * 10**9, end='') or [print(x) for x in iter(int, 1)]",
	"[__import__('sys').stderr.write('x') for x in iter(int, 1)]",
};

START_TEST(a_child_that_works_or_prints_without_end_is_ended)
{
	char *out[2];

	begin(NULL);
	python_set_deadline(f.python, SHORT_MS);
	ck_assert(!translate(hangs[_i], out));
	assert_error("python3 did not answer within 0.3 s and was ended");
	python_set_deadline(f.python, LONG_MS);
	assert_works();
	end();
}
END_TEST

static void *translate_late(void *arg)
{
	char *out[2];

	return translate("__import__('time').sleep(1000)", out) ? arg : NULL;
}

START_TEST(stopping_ends_the_wait_at_once)
{
	int64_t before_ms = clock_mono_ms();
	struct thread *thread;

	begin(NULL);
	thread = thread_start(translate_late, &f);
	stop_raise(f.stop);
	ck_assert_ptr_null(thread_join(thread));
	ck_assert_int_eq(f.err.kind, ERROR_STOPPED);
	ck_assert_int_lt(clock_mono_ms() - before_ms, LONG_MS);
	end();
}
END_TEST

/* ---- what the expressions do to their surroundings ---- */

START_TEST(printing_without_end_is_logged_in_part)
{
	char *got;
	size_t lines = 0;

	begin(NULL);
	assert_text("str([print('x' * 5000) for _ in range(2000)][0])",
		"None");
	got = logged();
	for (const char *at = got; *at; at += strcspn(at, "\n") + 1) {
		ck_assert_uint_lt(strcspn(at, "\n"), 1100);
		lines++;
	}
	ck_assert_uint_eq(lines, 201);
	assert_holds(got, "\npython: more was printed than is shown\n");
	free(got);
	assert_text("str(print('next'))", "None");
	got = logged();
	ck_assert_str_eq(got, "python: next\n");
	free(got);
	end();
}
END_TEST

static const char *const surroundings[][2] = {
	{"repr(sys.stdin.read())", "''"},
	{"repr(os.read(0, 10))", "b''"},
	{"str(os.system('read x') != 0)", "True"},
	{"str(os.getsid(0) == os.getpid())", "True"},
	{"str(sys.argv)", "['offlineimap']"},
	{"str(sys.stdout.close())", "None"},
	{"str(sys.stderr.close())", "None"},
	{"str(os.close(1))", "None"},
	{"str(os.close(2))", "None"},
};

START_TEST(an_expression_cannot_disturb_the_conversation)
{
	begin("import os, sys\n");
	assert_text("'before' + str()", "before");
	assert_text(surroundings[_i][0], surroundings[_i][1]);
	assert_works();
	end();
}
END_TEST

START_TEST(a_fork_that_comes_back_answers_nothing)
{
	begin("import os\n");
	assert_translated("lambda f: (os.fork(), f)[1]", two[0], two[1]);
	assert_works();
	assert_works();
	end();
}
END_TEST

START_TEST(what_is_left_running_is_not_waited_for)
{
	char *got;
	pid_t pid;

	begin("import subprocess\ndef start():\n"
		"\treturn str(subprocess.Popen(['sleep', '1000']).pid)\n");
	got = text_of("start()", false);
	pid = (pid_t)atoi(got);
	ck_assert_int_gt(pid, 1);
	end();
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	free(got);
}
END_TEST

START_TEST(the_child_ends_with_its_owner)
{
	char *got;
	pid_t pid;

	begin(NULL);
	got = text_of("str(__import__('os').getpid())", false);
	pid = (pid_t)atoi(got);
	ck_assert_int_gt(pid, 1);
	end();
	ck_assert_int_eq(kill(pid, 0), -1);
	free(got);
}
END_TEST

/* ---- sizes ---- */

#define MANY 50000

START_TEST(fifty_thousand_names_go_in_one_question)
{
	char **names = mem_calloc(MANY, sizeof(*names));
	char **out = mem_calloc(MANY, sizeof(*out));

	begin(NULL);
	for (size_t i = 0; i < MANY; i++)
		names[i] = mem_printf("Folder.%zu.%040d", i, 7);
	ck_assert_msg(python_translate(f.python, RULE("lambda f: "
		"print(f) or f[::-1]"), (const char *const *)names, MANY, out,
		&f.err), "%s", f.err.text);
	ck_assert_int_eq(out[MANY - 1][0], '7');
	assert_holds(out[MANY - 1], ".99994.redloF");
	for (size_t i = 0; i < MANY; i++) {
		free(names[i]);
		free(out[i]);
	}
	free(names);
	free(out);
	end();
}
END_TEST

/* ---- without python3 ---- */

/* The PATH from here on; malloc'd, the one before. */
static char *set_path(const char *path)
{
	const char *before = getenv("PATH");
	char *copy = mem_strdup(before ? before : "");

	setenv("PATH", path, 1);
	return copy;
}

static void restore_path(char *before)
{
	setenv("PATH", before, 1);
	free(before);
}

START_TEST(without_python3_the_error_says_what_to_do)
{
	char *before = set_path("/nowhere:");
	char *out[2];
	struct vec names = VEC(char *);
	bool fits[2];
	size_t order[2];

	begin(NULL);
	ck_assert(!translate("lambda f: f", out));
	assert_error(WHERE ": python3 was not found, which this expression "
		"needs; install python3, or use the options folders and "
		"rename");
	ck_assert(!python_filter(f.python, RULE("lambda f: f"), false, two, 2,
		fits, &f.err));
	assert_error("or use the options folders and rename");
	ck_assert(!python_sort(f.python, RULE("lambda f: f"), two, 2, order,
		&f.err));
	assert_error("install python3");
	ck_assert_ptr_null(strstr(f.err.text, "rename"));
	ck_assert(python_list(f.python, RULE("['a']"), &names, &f.err));
	ck_assert_uint_eq(names.len, 1);
	vec_clear_pointers(&names);
	assert_text("'literal'", "literal");
	restore_path(before);
	assert_works();
	end();
}
END_TEST

START_TEST(a_python3_that_does_not_start_is_told)
{
	char *out[2], *path, *before;

	begin(NULL);
	path = file_join(f.dir, "python3");
	ck_assert(file_write(path, span_of("#!/no/such/interpreter\n"), false,
		&f.err));
	ck_assert_int_eq(chmod(path, 0700), 0);
	before = set_path(f.dir);
	ck_assert(!translate("lambda f: f", out));
	assert_error("python3 ended with status 127 before it answered");
	restore_path(before);
	assert_works();
	free(path);
	end();
}
END_TEST

/* ---- the keyring ---- */

/* Python with these modules before its own; NULL: Debian's keyring with the
 * named backend and a HOME in f.dir. */
static char *use_keyring(const char *module, const char *backend)
{
	char *path;

	begin(NULL);
	setenv("HOME", f.dir, 1);
	setenv("XDG_DATA_HOME", f.dir, 1);
	setenv("XDG_CONFIG_HOME", f.dir, 1);
	if (module) {
		path = file_join(f.dir, "keyring.py");
		ck_assert(file_write(path, span_of(module), false, &f.err));
		setenv("PYTHONPATH", f.dir, 1);
		free(path);
	}
	if (backend)
		setenv("PYTHON_KEYRING_BACKEND", backend, 1);
	return set_path("/usr/bin:/bin");
}

static void leave_keyring(char *path)
{
	unsetenv("PYTHONPATH");
	unsetenv("PYTHON_KEYRING_BACKEND");
	restore_path(path);
	end();
}

#define TOY_KEYRING "import json\nPLACE = __file__ + '.json'\n" \
	"def all():\n\ttry:\n\t\treturn json.load(open(PLACE))\n" \
	"\texcept OSError:\n\t\treturn {}\n" \
	"def get_password(service, user):\n" \
	"\treturn all().get(service + ' ' + user)\n" \
	"def set_password(service, user, password):\n" \
	"\tbook = all()\n\tbook[service + ' ' + user] = password\n" \
	"\twith open(PLACE, 'w') as out:\n\t\tjson.dump(book, out)\n"

static const struct {
	const char *module, *backend;
} keyrings[] = {
	{TOY_KEYRING, NULL},
	{NULL, "keyrings.alt.file.PlaintextKeyring"},
};

static bool has_module(const char *module)
{
	char *command = mem_printf("/usr/bin/python3 -c 'import %s' 2>&1",
		module);
	bool has = system(command) == 0;

	free(command);
	return has;
}

START_TEST(the_keyring_gives_what_was_stored)
{
	char *path;
	struct str out;
	bool found;

	if (!keyrings[_i].module && !has_module("keyrings.alt.file"))
		return;
	path = use_keyring(keyrings[_i].module, keyrings[_i].backend);
	ck_assert_msg(python_keyring_get(f.python, "imap.example", "u", &out,
		&found, &f.err), "%s", f.err.text);
	ck_assert(!found);
	ck_assert_msg(python_keyring_set(f.python, "imap.example", "u",
		"pass\xc3\xa9 \"word\"", &f.err), "%s", f.err.text);
	ck_assert(python_keyring_get(f.python, "imap.example", "u", &out,
		&found, &f.err));
	ck_assert(found);
	ck_assert_str_eq(str_get(&out), "pass\xc3\xa9 \"word\"");
	str_clear_secret(&out);
	ck_assert(python_keyring_get(f.python, "imap.example", "v", &out,
		&found, &f.err));
	ck_assert(!found);
	leave_keyring(path);
}
END_TEST

#define RAISES(what) "class NoKeyringError(RuntimeError):\n\tpass\n" \
	"def get_password(a, b):\n\traise " what "\n" \
	"def set_password(a, b, c):\n\traise " what "\n"

static const struct {
	const char *module, *logged, *wanted;
} no_keyrings[] = {
	{"raise ImportError('no keyring here')", "keyring: no password for u "
		"at h: ImportError: no keyring here\n",
		"keyring: ImportError: no keyring here"},
	{RAISES("NoKeyringError('there is none')"), "keyring: no password for "
		"u at h: keyring.NoKeyringError: there is none\n",
		"keyring: keyring.NoKeyringError: there is none"},
	{RAISES("RuntimeError('No recommended backend was available')"),
		"keyring: no password for u at h: RuntimeError: No "
		"recommended backend was available\n",
		"keyring: RuntimeError: No recommended backend"},
	{RAISES("ValueError('locked')"), "python: keyring: ValueError: locked"
		"\nkeyring: no password for u at h: the keyring failed\n",
		"keyring: ValueError: locked"},
};

START_TEST(without_a_keyring_nothing_is_found_and_nothing_stored)
{
	char *path = use_keyring(no_keyrings[_i].module, NULL), *got;
	struct str out;
	bool found;

	ck_assert_msg(python_keyring_get(f.python, "h", "u", &out, &found,
		&f.err), "%s", f.err.text);
	ck_assert(!found);
	got = logged();
	ck_assert_str_eq(got, no_keyrings[_i].logged);
	free(got);
	ck_assert(!python_keyring_set(f.python, "h", "u", "hunter2", &f.err));
	ck_assert_int_eq(f.err.kind, ERROR_OTHER);
	assert_holds(f.err.text, no_keyrings[_i].wanted);
	leave_keyring(path);
}
END_TEST

START_TEST(without_python3_nothing_is_found_in_the_keyring)
{
	char *path = set_path("/nowhere");
	struct str out;
	bool found;

	begin(NULL);
	ck_assert(python_keyring_get(f.python, "h", "u", &out, &found,
		&f.err));
	ck_assert(!found);
	ck_assert(!python_keyring_set(f.python, "h", "u", "p", &f.err));
	ck_assert_int_eq(f.err.kind, ERROR_OTHER);
	assert_holds(f.err.text, "keyring: python3 was not found");
	restore_path(path);
	end();
}
END_TEST

START_TEST(a_password_that_cannot_be_stored_is_not_shown)
{
	char *path = use_keyring("def set_password(a, b, c):\n"
		"\traise ValueError('bad: ' + c)\n", NULL);

	ck_assert(!python_keyring_set(f.python, "h", "u", "hunter2", &f.err));
	assert_holds(f.err.text, "ValueError: bad: ***");
	leave_keyring(path);
}
END_TEST

Suite *python_child_suite(void)
{
	Suite *suite = suite_create("python_child");
	TCase *tc = tcase_create("python_child");

	suite_add_tcase(suite, tc);
	if (!has_python("python_child"))
		return suite;
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc,
		the_end_of_the_child_is_told_and_another_is_started, 0,
		ARRAY_LEN(deaths));
	tcase_add_test(tc, a_child_that_died_between_two_questions_is_replaced);
	tcase_add_test(tc, a_child_that_hangs_is_ended_with_its_children);
	tcase_add_loop_test(tc,
		a_child_that_works_or_prints_without_end_is_ended, 0,
		ARRAY_LEN(hangs));
	tcase_add_test(tc, stopping_ends_the_wait_at_once);
	tcase_add_test(tc, printing_without_end_is_logged_in_part);
	tcase_add_loop_test(tc,
		an_expression_cannot_disturb_the_conversation, 0,
		ARRAY_LEN(surroundings));
	tcase_add_test(tc, a_fork_that_comes_back_answers_nothing);
	tcase_add_test(tc, what_is_left_running_is_not_waited_for);
	tcase_add_test(tc, the_child_ends_with_its_owner);
	tcase_add_test(tc, fifty_thousand_names_go_in_one_question);
	tcase_add_test(tc, without_python3_the_error_says_what_to_do);
	tcase_add_test(tc, a_python3_that_does_not_start_is_told);
	tcase_add_loop_test(tc, the_keyring_gives_what_was_stored, 0,
		ARRAY_LEN(keyrings));
	tcase_add_loop_test(tc,
		without_a_keyring_nothing_is_found_and_nothing_stored, 0,
		ARRAY_LEN(no_keyrings));
	tcase_add_test(tc, without_python3_nothing_is_found_in_the_keyring);
	tcase_add_test(tc, a_password_that_cannot_be_stored_is_not_shown);
	return suite;
}
