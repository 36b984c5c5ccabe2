#include "config.h"

#include "plain.h"

/* Sentences on standard output. */
const struct ui_ops ui_basic = {
	.name = "basic",
	.open = plain_open_banner,
	.close = plain_close,
	.event = plain_event,
	.say = plain_say,
	.flush = plain_flush,
};
