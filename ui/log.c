#include "config.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "clean.h"
#include "mem.h"
#include "out.h"
#include "ui_ops.h"

struct log {
	char *path; /* NULL: no file */
	struct out out;
	bool syslog;
};

static void add_first_record(
	struct log *log, const struct ui_options *options, int64_t time_ms)
{
	struct str text = { 0 };
	struct utsname system;

	str_printf(&text, "OfflineImap %s starting...\n  Platform: ",
		options->version);
	clean_add(&text, uname(&system) >= 0 ? system.sysname : "?");
	str_add(&text, "\n  Args: ");
	clean_add(&text, options->arguments);
	log_add(log, time_ms, TEXT_INFO, str_get(&text));
	log_flush(log);
	str_clear(&text);
}

/* The file names folders and addresses: its owner's business alone. */
static bool open_file(struct log *log, const char *path, struct error *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set_errno(err, ERROR_FATAL, ERROR_CONFIG, errno,
			"cannot open the log file %s", path);
	log->path = mem_strdup(path);
	out_init(&log->out, fd, NULL);
	return true;
}

struct log *log_open(const struct ui_options *options, int64_t time_ms,
	struct error *err)
{
	struct log *log = mem_calloc(1, sizeof(*log));

	/* The front end of that name says it all itself. */
	log->syslog = options->log_syslog && options->ops != &ui_syslog;
	if (options->log_file != NULL &&
		!open_file(log, options->log_file, err)) {
		free(log);
		return NULL;
	}
	if (log->syslog)
		openlog("offlineimap", LOG_PID, LOG_USER);
	add_first_record(log, options, time_ms);
	return log;
}

static void add_time(struct str *out, int64_t time_ms)
{
	char text[sizeof("-2147483648-01-01 00:00:00")];
	time_t seconds = (time_t)(time_ms / 1000);
	struct tm local;

	if (localtime_r(&seconds, &local) == NULL ||
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local) == 0)
		return;
	str_add(out, text);
}

void log_add(struct log *log, int64_t time_ms, enum text_level level,
	const char *text)
{
	if (log->syslog)
		log_syslog(level, text);
	if (log->path == NULL || log->out.broken)
		return;
	add_time(&log->out.pending, time_ms);
	str_printf(&log->out.pending, " %s: %s\n", text_level_name(level),
		text);
}

void log_flush(struct log *log)
{
	if (log->path != NULL)
		out_flush(&log->out);
}

bool log_close(struct log *log, struct error *err)
{
	bool ok = true;

	if (log == NULL)
		return true;
	if (log->syslog)
		closelog();
	if (log->path != NULL) {
		out_flush(&log->out);
		if (close(log->out.fd) < 0 && log->out.failure == 0)
			log->out.failure = errno;
		ok = log->out.failure == 0;
		if (!ok)
			error_set_errno(err, ERROR_FATAL, ERROR_OTHER,
				log->out.failure,
				"cannot write to the log file %s", log->path);
		out_clear(&log->out);
	}
	free(log->path);
	free(log);
	return ok;
}

void log_syslog(enum text_level level, const char *text)
{
	static const int priorities[] = {
		[TEXT_DEBUG] = LOG_DEBUG,
		[TEXT_INFO] = LOG_INFO,
		[TEXT_WARNING] = LOG_WARNING,
		[TEXT_ERROR] = LOG_ERR,
		[TEXT_NONE] = LOG_DEBUG,
	};

	syslog(LOG_USER | priorities[level], "%s", text);
}
