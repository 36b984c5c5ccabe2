/*
 * The front ends as main.c sees them.  Main thread only.  A front end is one
 * file in ui/ and one row in ui.c; it sees include/ and nothing else.
 */
#ifndef UI_H
#define UI_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"

struct engine;
struct ui_ops;

struct ui_options {
	const struct ui_ops *ops;
	const char *log_file; /* -l; NULL: none; appended */
	bool log_syslog;      /* -s */
	const char *profile_dir; /* -P; NULL: none */
	unsigned debug;       /* -d: bit set of 1 << enum event_area; not 0:
	                         debug lines are shown */
	int signal_fd;        /* read end of the signal pipe: a byte per signal,
	                         its number */
	const char *version;  /* "8.1.0" */
	const char *arguments; /* the command line, for the log */
};

/* The front end of that name, in any case ("curses", "blinkenlights",
 * "ttyui", "basic", "quiet", "syslog", "machineui", "json"; dotted old names
 * are cut to their last part).  NULL and *err when there is none. */
const struct ui_ops *ui_find(const char *name, struct error *err);
/* Curses on a terminal that can, else basic. */
const struct ui_ops *ui_default(void);
const char *ui_name(const struct ui_ops *ops);
/* Whether it has a use for EVENT_FILE. */
bool ui_wants_files(const struct ui_ops *ops);

/* The one poll loop: events, keyboard, signals, until EVENT_FINISHED.
 * Returns the exit status told by it.  A second INT or TERM restores the
 * terminal and ends the process at once. */
int ui_run(struct engine *engine, const struct ui_options *options);

/* Gives the terminal back as it was, for a signal handler that is about to
 * end the process (QUIT, ABRT).  Async-signal-safe; does nothing when the
 * terminal was not changed. */
void ui_emergency(void);

#endif
