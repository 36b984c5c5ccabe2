#include "config.h"

#include <syslog.h>

#include "event.h"
#include "ui_ops.h"

static bool syslog_open(struct ui *ui, struct error *err)
{
	(void)ui;
	(void)err;
	openlog("offlineimap", LOG_PID, LOG_USER);
	return true;
}

static void syslog_close(struct ui *ui)
{
	(void)ui;
	closelog();
}

static void syslog_say(struct ui *ui, const struct sentence *sentence)
{
	if (ui_shows(ui, sentence->level))
		log_syslog(sentence->level, sentence->text);
}

static void syslog_event(struct ui *ui, const struct event *ev,
	const struct sentence *sentence)
{
	(void)ev;
	syslog_say(ui, sentence);
}

static bool syslog_flush(struct ui *ui)
{
	(void)ui;
	return true;
}

/* Sentences to the system log; nothing on standard output or error. */
const struct ui_ops ui_syslog = {
	.name = "syslog",
	.open = syslog_open,
	.close = syslog_close,
	.event = syslog_event,
	.say = syslog_say,
	.flush = syslog_flush,
};
