#include "config.h"

#include "terminal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "mem.h"

#define LEAVE_SIZE 256

/* Written by the main thread while saved is 0, read by terminal_restore when it
 * is not: the one order that a handler can rely on. */
static volatile sig_atomic_t saved;
static int saved_fd;
static struct termios saved_state;
static char saved_leave[LEAVE_SIZE];
static size_t saved_leave_len;

bool terminal_save(int fd, const char *leave)
{
	saved = 0;
	if (tcgetattr(fd, &saved_state) < 0)
		return false;
	saved_fd = fd;
	saved_leave_len = leave == NULL ? 0 : strlen(leave);
	if (saved_leave_len > sizeof(saved_leave))
		saved_leave_len = 0;
	if (saved_leave_len > 0)
		memcpy(saved_leave, leave, saved_leave_len);
	saved = 1;
	return true;
}

void terminal_forget(void)
{
	saved = 0;
}

void terminal_restore(void)
{
	int errnum = errno;
	sigset_t set, old;
	size_t done = 0;

	if (!saved)
		return;
	saved = 0;
	/* From the background, setting the state would stop the process. */
	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, &old);
	while (done < saved_leave_len) {
		ssize_t n = write(saved_fd, saved_leave + done,
			saved_leave_len - done);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	tcsetattr(saved_fd, TCSANOW, &saved_state);
	sigprocmask(SIG_SETMASK, &old, NULL);
	errno = errnum;
}

void terminal_flow_off(int fd)
{
	struct termios state;

	if (tcgetattr(fd, &state) < 0)
		return;
	state.c_iflag &= ~(tcflag_t)IXON;
	tcsetattr(fd, TCSANOW, &state);
}

bool terminal_can_ask(int fd)
{
	return isatty(fd) == 1 && tcgetpgrp(fd) == getpgrp();
}

bool terminal_line_open(struct terminal_line *line, int fd)
{
	struct termios state;

	*line = (struct terminal_line){ .fd = fd };
	if (!terminal_save(fd, NULL))
		return false;
	state = saved_state;
	state.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	state.c_lflag |= ICANON | ISIG;
	/* A suspended program would leave the shell without echo. */
	state.c_cc[VSUSP] = _POSIX_VDISABLE;
	if (tcsetattr(fd, TCSAFLUSH, &state) == 0)
		return true;
	terminal_forget();
	return false;
}

enum terminal_typed terminal_line_read(struct terminal_line *line)
{
	size_t room = sizeof(line->text) - line->len;
	ssize_t n = read(line->fd, line->text + line->len, room);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return TERMINAL_MORE;
	if (n <= 0)
		return TERMINAL_END;
	line->len += (size_t)n;
	if (line->text[line->len - 1] == '\n') {
		line->text[line->len - 1] = '\0';
		return TERMINAL_LINE;
	}
	return line->len < sizeof(line->text) ? TERMINAL_MORE : TERMINAL_END;
}

void terminal_line_close(struct terminal_line *line)
{
	terminal_restore();
	mem_wipe(line->text, sizeof(line->text));
	line->len = 0;
}
