#include "config.h"

#include "event.h"
#include "plain.h"

static void quiet_say(struct ui *ui, const struct sentence *sentence)
{
	if (sentence->level >= TEXT_WARNING)
		plain_say(ui, sentence);
}

static void quiet_event(struct ui *ui, const struct event *ev,
	const struct sentence *sentence)
{
	(void)ev;
	quiet_say(ui, sentence);
}

/* Warnings and errors on standard output; nothing when all went well. */
const struct ui_ops ui_quiet = {
	.name = "quiet",
	.open = plain_open,
	.close = plain_close,
	.event = quiet_event,
	.say = quiet_say,
	.flush = plain_flush,
};
