/*
 * The state of the terminal: remembered before it is changed, given back at
 * any end, and a line typed without echo.  Main thread, but terminal_restore,
 * which is also for signal handlers.  What is remembered lives in static
 * storage, because a handler can be given nothing.
 */
#ifndef UI_TERMINAL_H
#define UI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#define TERMINAL_LINE_SIZE 4096

/* Remembers the state of the terminal at fd; leave is written before it is
 * given back (NULL: nothing).  False when fd is no terminal. */
bool terminal_save(int fd, const char *leave);
/* The state has been given back in the ordinary way. */
void terminal_forget(void);
/* Gives the terminal back now, at most once per terminal_save.  Async-signal-
 * safe; does nothing when nothing was saved. */
void terminal_restore(void);

/* A line that is typed without echo.  The terminal edits the line; reading
 * goes with the loop, so nothing waits here. */
struct terminal_line {
	int fd;
	size_t len;
	char text[TERMINAL_LINE_SIZE];
};

enum terminal_typed {
	TERMINAL_MORE, /* the line is not complete */
	TERMINAL_LINE, /* line->text is complete, without its end */
	TERMINAL_END,  /* there will be none */
};

/* Ctrl-S becomes a key like others: a screen that is held would hold the main
 * thread, and with it all signals. */
void terminal_flow_off(int fd);

/* Whether a line can be asked for at fd: a terminal, and ours to read. */
bool terminal_can_ask(int fd);
/* Echo off; what was typed before is thrown away. */
bool terminal_line_open(struct terminal_line *line, int fd);
/* When fd is readable. */
enum terminal_typed terminal_line_read(struct terminal_line *line);
/* Echo on again; the text is wiped. */
void terminal_line_close(struct terminal_line *line);

#endif
