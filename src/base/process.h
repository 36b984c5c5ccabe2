/*
 * Child processes: commands of the user run by /bin/sh, and programs that
 * answer on pipes.  Any thread of the core.  Server-controlled text is never
 * part of a command line (S16).
 *
 * A child has a session of its own: no terminal to ask on, no Ctrl-C from it.
 * Errors are ERROR_ACCOUNT and do not repeat the command, which may hold a
 * password; the caller names the option that it comes from.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "attr.h"
#include "error.h"
#include "str.h"

struct stop;

struct process_result {
	int status; /* exit status, or 128 + signal */
	struct str out, err_out; /* the caller clears them */
};

/* Runs the command with stdin empty, environment inherited plus the
 * NULL-terminated list extra ("NAME=value"; NULL: none), at most deadline_ms
 * (0: as long as it likes); then it and its children are killed.  At most max
 * bytes of each output are kept.  stop may be NULL.  A background process
 * that it leaves behind is not waited for.  *out is empty after a failure. */
bool process_run(const char *command, const char *const *extra,
	int64_t deadline_ms, size_t max, const struct stop *stop,
	struct process_result *out, struct error *err) ATTR_MUST_CHECK;

/* Starts the command with stdin and stdout connected to one socket, which is
 * returned in *fd; stderr inherited. */
bool process_tunnel(const char *command, int *fd, pid_t *pid,
	struct error *err) ATTR_MUST_CHECK;
/* Ends a tunnel's child: HUP, a moment, KILL; waits for it. */
void process_end(pid_t pid);

/* The path of a program by PATH, malloc'd; NULL: there is none. */
char *process_find(const char *name);

/* A child, and our ends of its stdin, stdout and stderr: O_NONBLOCK. */
struct process_pipes {
	pid_t pid;
	int in, out, err_out;
};

/* argv: NULL-terminated, [0] is the path of the program. */
bool process_open(const char *const *argv, struct process_pipes *out,
	struct error *err) ATTR_MUST_CHECK;
/* Closes its stdin and gives it a moment to end by itself; then, or at_once,
 * ends it and its children.  Closes the pipes.  The exit status, or 128 +
 * signal. */
int process_close(struct process_pipes *p, bool at_once);
/* Leaves the zombie, so that its number still names the process group. */
bool process_has_ended(pid_t pid);

#endif
