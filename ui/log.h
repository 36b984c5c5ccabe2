/*
 * The log beside the front end: a file (-l) and the system log (-s).  Main
 * thread; owns the descriptor.  Lines of the file are
 * "YYYY-mm-dd HH:MM:SS LEVEL: message", in local time; a message of several
 * lines stays one record whose further lines are indented.
 */
#ifndef UI_LOG_H
#define UI_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"
#include "text.h"

struct log;
struct ui_options;

/* Opens what the options ask for and writes the first record. */
struct log *log_open(const struct ui_options *options, int64_t time_ms,
	struct error *err) ATTR_MUST_CHECK;
void log_add(struct log *log, int64_t time_ms, enum text_level level,
	const char *text);
/* At the end of a round of the loop. */
void log_flush(struct log *log);
/* False when something could not be written.  NULL is allowed. */
bool log_close(struct log *log, struct error *err);

/* One record for syslog(3), also for the front end of that name. */
void log_syslog(enum text_level level, const char *text);

#endif
