/*
 * How a function says that it failed: a value of fixed size, the last
 * parameter, never NULL, set exactly when the function returns false or NULL.
 * Any thread; the caller owns the value, nothing in it is allocated.
 *
 *	struct error err = {0};
 *	if (!thing_open(path, &err))
 *		return error_add(&err, "account %s", name);
 *
 * The core never prints an error: it passes it up, and who gives up the work
 * emits it once as an event.
 */
#ifndef ERROR_H
#define ERROR_H

#include <stdbool.h>

#include "attr.h"

#define ERROR_TEXT_SIZE 1024

/* How much is to be given up.  The order matters: larger is more. */
enum error_severity {
	ERROR_NONE,
	ERROR_MESSAGE,      /* this message; the folder goes on */
	ERROR_FOLDER_RETRY, /* this folder now; trying again may help */
	ERROR_FOLDER,       /* this folder in this run */
	ERROR_ACCOUNT,      /* this account in this run */
	ERROR_FATAL,        /* the program */
};

/* What callers and the exit status branch on. */
enum error_kind {
	ERROR_OTHER,
	ERROR_STOPPED,  /* the stop pipe woke the wait; nothing to report */
	ERROR_GONE,     /* the thing (message, file, folder) is not there */
	ERROR_AUTH,     /* the credentials were refused, or there are none */
	ERROR_NETWORK,  /* name, connection, TLS, deadline, server closed */
	ERROR_CONFIG,   /* the configuration file or the command line */
	ERROR_LOCKED,   /* another process holds the account */
	ERROR_READONLY, /* this side may not be changed */
	ERROR_REFUSED,  /* the server said NO or BAD to this one thing */
};

struct error {
	enum error_severity severity;
	enum error_kind kind;
	char text[ERROR_TEXT_SIZE];
};

/* Sets *err, truncating on a character boundary.  Always returns false. */
bool error_set(struct error *err, enum error_severity, enum error_kind,
	const char *fmt, ...) ATTR_PRINTF(4, 5);

/* As error_set, and appends ": " and the text for errnum (thread-safe).
 * ENOENT becomes ERROR_GONE when kind is ERROR_OTHER. */
bool error_set_errno(struct error *err, enum error_severity, enum error_kind,
	int errnum, const char *fmt, ...) ATTR_PRINTF(5, 6);

/* Puts context and ": " in front of the text.  Always returns false. */
bool error_add(struct error *err, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Raises the severity to at least this much.  Always returns false. */
bool error_raise(struct error *err, enum error_severity);

void error_clear(struct error *err);

#endif
