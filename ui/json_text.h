/*
 * Events as JSON, one object a line: offlineimap-json(7).  Which fields a kind
 * has stands in json_fields.c.  Pure; called by json.c, main thread.  RFC 8259.
 *
 * Text goes out as it is, escaped as JSON wants it.  What is no UTF-8 is
 * replaced by U+FFFD; then a second field, the same name with "_bytes", has
 * the true bytes in base64, so that a file can still be found.
 */
#ifndef UI_JSON_TEXT_H
#define UI_JSON_TEXT_H

#include <stdint.h>

#include "event.h"
#include "json_fields.h"
#include "str.h"
#include "text.h"

/* Raised when a reader of the old one would misunderstand the new one; new
 * events and new fields may come without. */
#define JSON_VERSION 1

/* "folder_start" for EVENT_FOLDER_START.  Replaces *out. */
void json_kind_name(enum event_kind kind, struct str *out);

/* Each appends one line. */
void json_add_hello(struct str *out, const char *version, int64_t time_ms);
void json_add_event(struct str *out, const struct event *ev);
/* A sentence of the front end's own, as a "log". */
void json_add_say(struct str *out, enum text_level level, const char *text,
	int64_t time_ms);
void json_add_finished(struct str *out, int exit_status, int64_t time_ms);

#endif
