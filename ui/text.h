/*
 * An event as one sentence for people, in the words that OfflineIMAP's users
 * know and grep for.  Pure; called by the loop in ui.c and by the model.
 * Text from outside is cleaned on its way in (clean.h).
 */
#ifndef UI_TEXT_H
#define UI_TEXT_H

#include <stdint.h>

#include "str.h"

struct event;
struct event_password;

/* The order matters: larger is more urgent. */
enum text_level {
	TEXT_DEBUG,
	TEXT_INFO,
	TEXT_WARNING,
	TEXT_ERROR,
	TEXT_NONE, /* nothing to say */
};

/* Replaces *out by the sentence, without a line end; it may have several
 * lines.  TEXT_NONE: *out is empty. */
enum text_level text_event(const struct event *ev, struct str *out);

/* The two lines that open the output, without the last line end. */
void text_add_banner(struct str *out, const char *version);

/* "Enter password for user 'u': " */
void text_add_prompt(struct str *out, const struct event_password *question);

/* "INBOX: 400 of 7947 messages copied, 12 MB", from an EVENT_PROGRESS. */
void text_add_progress(struct str *out, const struct event *ev);

/* "INFO" and so on, for the log file. */
const char *text_level_name(enum text_level level);

#endif
