/*
 * Events as lines for a parent program: OfflineIMAP's machineui protocol,
 * version 7.2.0, described in offlineimap-machineui(7).
 *
 *	line = severity ":" command ":" thread ":" message LF
 *
 * thread and message are encoded as in application/x-www-form-urlencoded, so
 * a line never holds foreign characters.  Pure; called by machine.c.
 */
#ifndef UI_MACHINE_TEXT_H
#define UI_MACHINE_TEXT_H

#include "str.h"
#include "text.h"

struct event;
struct sentence;

#define MACHINE_PROTOCOL "7.2.0"

/* One line; text is encoded as it is. */
void machine_add_line(struct str *out, const char *severity,
	const char *command, const char *thread, const char *text);
/* Plain text; TEXT_NONE is not allowed. */
void machine_add_text(struct str *out, enum text_level level,
	const char *thread, const char *text);
/* "debugging": one line for each area, the general one always. */
void machine_add_debug(struct str *out, unsigned areas);
/* Any number of lines.  debug: also debug sentences. */
void machine_add_event(struct str *out, const struct event *ev,
	const struct sentence *sentence, bool debug);

#endif
