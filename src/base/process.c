#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "base/thread.h"
#include "base/vec.h"
#include "mem.h"

/* There is no descriptor for "the child has ended", so a wait is cut in
 * slices that double up to this. */
#define SLICE_MAX_MS 50
/* What a child may still take after it was asked to end. */
#define MANNERS_MS 1000
/* For output that is on its way when the child has ended. */
#define GRACE_MS 500

extern char **environ; /* no header of POSIX declares it */

struct capture {
	int fd; /* -1: at its end */
	size_t max;
	struct str *text;
};

struct run {
	pid_t pid;
	struct capture captures[2]; /* stdout, stderr */
	int stop_fd;
	int64_t deadline_ms; /* by clock_mono_ms; 0: none */
};

enum ending { RUNNING, ENDED, OVERDUE, STOPPED };

static bool fail(struct error *err, const char *what)
{
	return error_set_errno(err, ERROR_ACCOUNT, ERROR_OTHER, errno,
		"cannot start a command: %s", what);
}

static bool same_name(const char *a, const char *b)
{
	size_t len = strcspn(a, "=");

	return strncmp(a, b, len) == 0 && (b[len] == '=' || b[len] == '\0');
}

static bool is_replaced(const char *entry, const char *const *extra)
{
	for (; extra && *extra; extra++)
		if (same_name(*extra, entry))
			return true;
	return false;
}

static void add_pointer(struct vec *list, const char *text)
{
	*(char **)vec_add(list) = text ? mem_strdup(text) : NULL;
}

static struct vec environment(const char *const *extra)
{
	struct vec list = VEC(char *);

	for (char **entry = environ; entry && *entry; entry++)
		if (!is_replaced(*entry, extra))
			add_pointer(&list, *entry);
	for (; extra && *extra; extra++)
		add_pointer(&list, *extra);
	add_pointer(&list, NULL);
	return list;
}

/* What the user told us to ignore (nohup) stays ignored; SIGPIPE we ignore
 * for ourselves, but pipelines of the shell live by it. */
static void reset_signals(void)
{
	const struct sigaction usual = {.sa_handler = SIG_DFL};
	struct sigaction action;
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		if (sigaction(number, NULL, &action) == 0 &&
			(action.sa_handler != SIG_IGN || number == SIGPIPE))
			sigaction(number, &usual, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child of a program with threads: a lock may be held by a thread that
 * is not here, so only async-signal-safe functions (POSIX 2.4.3). */
static void become(char *const *argv, char *const *envp, const int fds[3])
{
	setsid();
	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0 && dup2(fds[i], i) < 0)
			_exit(126);
	reset_signals();
	execve(argv[0], argv, envp);
	_exit(127);
}

/* argv[0] is a path; fds: what the child gets as 0, 1, 2; -1: ours. */
static pid_t spawn(const char *const *argv, const char *const *extra,
	const int fds[3])
{
	struct vec env = environment(extra), args = VEC(char *);
	sigset_t all, before;
	pid_t pid;

	do
		add_pointer(&args, *argv);
	while (*argv++);
	/* Or a handler of ours might run in the child. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		become(args.data, env.data, fds);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	vec_clear_pointers(&args);
	vec_clear_pointers(&env);
	return pid;
}

static pid_t spawn_shell(const char *command, const char *const *extra,
	const int fds[3])
{
	return spawn((const char *[]){"/bin/sh", "-c", command, NULL}, extra,
		fds);
}

bool process_has_ended(pid_t pid)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT)
		!= 0 || info.si_pid == pid;
}

static int reap(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 127;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static void signal_group(pid_t pid, int number)
{
	/* It may not have come to its setsid yet. */
	if (kill(-pid, number) != 0)
		kill(pid, number);
}

/* Whether the child ended in the time that it may take for it. */
static bool await_end(pid_t pid)
{
	int64_t until_ms = clock_mono_ms() + MANNERS_MS;
	int slice_ms = 1;

	while (!process_has_ended(pid) && clock_mono_ms() < until_ms) {
		poll(NULL, 0, slice_ms);
		if (slice_ms < SLICE_MAX_MS)
			slice_ms *= 2;
	}
	return process_has_ended(pid);
}

/* Asks the child and its children to end, then makes them. */
static int end_group(pid_t pid, int number)
{
	signal_group(pid, number);
	await_end(pid);
	signal_group(pid, SIGKILL);
	return reap(pid);
}

static bool capture_some(struct capture *c)
{
	char rest[4096];
	size_t room = c->max - c->text->len;
	ssize_t got;

	/* Straight to where it stays: it may be a password. */
	if (room > 0) {
		str_reserve(c->text, room < 4096 ? room : 4096);
		got = read(c->fd, c->text->data + c->text->len,
			room < 4096 ? room : 4096);
	} else {
		got = read(c->fd, rest, sizeof(rest));
	}
	if (got < 0 && errno == EINTR)
		return true;
	if (got <= 0)
		file_close(&c->fd);
	else if (room > 0)
		c->text->len += (size_t)got;
	if (room > 0)
		c->text->data[c->text->len] = '\0';
	return got > 0;
}

/* Waits at most timeout_ms, takes what came; *busy: something did. */
static enum ending wait_once(struct run *run, int timeout_ms, bool *busy)
{
	struct pollfd fds[3] = {
		{.fd = run->captures[0].fd, .events = POLLIN},
		{.fd = run->captures[1].fd, .events = POLLIN},
		{.fd = run->stop_fd, .events = POLLIN},
	};

	*busy = false;
	if (poll(fds, 3, timeout_ms) <= 0)
		return RUNNING;
	if (fds[2].revents)
		return STOPPED;
	for (int i = 0; i < 2; i++)
		if (fds[i].revents && capture_some(&run->captures[i]))
			*busy = true;
	return RUNNING;
}

static int next_slice(const struct run *run, int slice_ms, bool busy)
{
	int64_t left_ms = SLICE_MAX_MS;

	if (run->deadline_ms != 0)
		left_ms = run->deadline_ms - clock_mono_ms();
	slice_ms = busy ? 1 : slice_ms * 2;
	if (slice_ms > SLICE_MAX_MS)
		slice_ms = SLICE_MAX_MS;
	if (slice_ms > left_ms)
		slice_ms = left_ms > 1 ? (int)left_ms : 1;
	return slice_ms;
}

static bool all_read(const struct run *run)
{
	return run->captures[0].fd < 0 && run->captures[1].fd < 0;
}

/* *ended_ms: when the child was first seen to have ended, 0: not yet. */
static enum ending judge(const struct run *run, int64_t *ended_ms)
{
	int64_t now_ms = clock_mono_ms();

	if (*ended_ms == 0 && process_has_ended(run->pid))
		*ended_ms = now_ms;
	if (*ended_ms != 0 &&
		(all_read(run) || now_ms - *ended_ms >= GRACE_MS))
		return ENDED;
	if (*ended_ms == 0 && run->deadline_ms != 0 &&
		now_ms >= run->deadline_ms)
		return OVERDUE;
	return RUNNING;
}

static enum ending watch(struct run *run)
{
	enum ending ending = RUNNING;
	int64_t ended_ms = 0;
	int slice_ms = 1;
	bool busy;

	while (ending == RUNNING) {
		ending = wait_once(run, slice_ms, &busy);
		if (ending == RUNNING)
			ending = judge(run, &ended_ms);
		slice_ms = next_slice(run, slice_ms, busy);
	}
	return ending;
}

/* Starts the command on two pipes, of which run gets the reading ends. */
static bool start(struct run *run, const char *command,
	const char *const *extra, struct error *err)
{
	int out[2] = {-1, -1}, err_out[2] = {-1, -1};
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	bool ok = false;

	if (nothing < 0)
		fail(err, "/dev/null");
	else if (!file_pipe(out) || !file_pipe(err_out))
		fail(err, "pipe");
	else if ((run->pid = spawn_shell(command, extra,
			(int[]){nothing, out[1], err_out[1]})) < 0)
		fail(err, "fork");
	else
		ok = true;
	file_close(&nothing);
	file_close(&out[1]);
	file_close(&err_out[1]);
	if (!ok) {
		file_close(&out[0]);
		file_close(&err_out[0]);
	}
	run->captures[0].fd = out[0];
	run->captures[1].fd = err_out[0];
	return ok;
}

/* Ends what has not ended by itself and says what became of it. */
static bool finish(struct run *run, enum ending ending, int64_t limit_ms,
	int *status, struct error *err)
{
	if (ending == ENDED) {
		*status = reap(run->pid);
		return true;
	}
	end_group(run->pid, SIGTERM);
	if (ending == STOPPED)
		return error_set(err, ERROR_ACCOUNT, ERROR_STOPPED,
			"stopped while a command was running");
	return error_set(err, ERROR_ACCOUNT, ERROR_OTHER,
		"the command did not end within %" PRId64 " ms and was killed",
		limit_ms);
}

bool process_run(const char *command, const char *const *extra,
	int64_t deadline_ms, size_t max, const struct stop *stop,
	struct process_result *out, struct error *err)
{
	struct run run = {
		.captures = {{.max = max, .text = &out->out},
			{.max = max, .text = &out->err_out}},
		.stop_fd = stop ? stop_fd(stop) : -1,
	};
	bool ok;

	*out = (struct process_result){0};
	if (!start(&run, command, extra, err))
		return false;
	if (deadline_ms > 0)
		run.deadline_ms = clock_mono_ms() + deadline_ms;
	ok = finish(&run, watch(&run), deadline_ms, &out->status, err);
	file_close(&run.captures[0].fd);
	file_close(&run.captures[1].fd);
	if (!ok) {
		str_clear_secret(&out->out);
		str_clear_secret(&out->err_out);
	}
	return ok;
}

bool process_tunnel(const char *command, int *fd, pid_t *pid,
	struct error *err)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return fail(err, "socketpair");
	*pid = spawn_shell(command, NULL, (int[]){ends[1], ends[1], -1});
	if (*pid < 0)
		fail(err, "fork");
	file_close(&ends[1]);
	if (*pid < 0)
		file_close(&ends[0]);
	*fd = ends[0];
	return *pid >= 0;
}

void process_end(pid_t pid)
{
	end_group(pid, SIGHUP);
}

/* ---- a program on three pipes ---- */

char *process_find(const char *name)
{
	const char *path = getenv("PATH");

	while (path && *path) {
		size_t len = strcspn(path, ":");
		char *whole = mem_printf("%.*s/%s", len > 0 ? (int)len : 1,
			len > 0 ? path : ".", name);

		if (file_exists(whole) && !file_is_dir(whole) &&
			access(whole, X_OK) == 0)
			return whole;
		free(whole);
		path += len + (path[len] == ':');
	}
	return NULL;
}

static bool make_pipes(int pipes[3][2], struct error *err)
{
	for (int i = 0; i < 3; i++) {
		int *ours = &pipes[i][i == 0];

		if (!file_pipe(pipes[i]) ||
			fcntl(*ours, F_SETFL, O_NONBLOCK) != 0)
			return fail(err, "pipe");
	}
	return true;
}

bool process_open(const char *const *argv, struct process_pipes *out,
	struct error *err)
{
	int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
	pid_t pid = -1;

	if (make_pipes(pipes, err)) {
		pid = spawn(argv, NULL,
			(int[]){pipes[0][0], pipes[1][1], pipes[2][1]});
		if (pid < 0)
			fail(err, "fork");
	}
	for (int i = 0; i < 3; i++) {
		file_close(&pipes[i][i != 0]);
		if (pid < 0)
			file_close(&pipes[i][i == 0]);
	}
	*out = (struct process_pipes){.pid = pid, .in = pipes[0][1],
		.out = pipes[1][0], .err_out = pipes[2][0]};
	return pid >= 0;
}

int process_close(struct process_pipes *p, bool at_once)
{
	int status;

	file_close(&p->in);
	if (!at_once && await_end(p->pid))
		status = reap(p->pid);
	else
		status = end_group(p->pid, SIGTERM);
	file_close(&p->out);
	file_close(&p->err_out);
	p->pid = -1;
	return status;
}
