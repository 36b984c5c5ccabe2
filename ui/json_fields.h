/*
 * Which fields each kind of event has in JSON, and the names of their values:
 * the tables behind json_text.c, which the test of offlineimap-json(7) reads
 * too.  Const, pure.
 */
#ifndef UI_JSON_FIELDS_H
#define UI_JSON_FIELDS_H

#include <stddef.h>

#include "event.h"

enum json_type {
	JSON_TYPE_TEXT,
	JSON_TYPE_INT64,
	JSON_TYPE_UINT64,
	JSON_TYPE_UINT32,
	JSON_TYPE_BOOL,
	JSON_TYPE_LEVEL, /* and the following: an enum by its name */
	JSON_TYPE_AREA,
	JSON_TYPE_OUTCOME,
	JSON_TYPE_SEVERITY,
	JSON_TYPE_REASON,
	JSON_TYPE_PHASE,
	JSON_TYPE_CHANGE,
};

struct json_field {
	const char *name; /* NULL ends a list */
	enum json_type type;
	size_t offset;    /* in struct event */
};

/* Those that a kind has beside event, time_ms, thread, account and folder. */
const struct json_field *json_fields(enum event_kind kind);
/* The value of an enum by its name, as written; NULL: there is none.  value
 * counts from 0. */
const char *json_enum_name(enum json_type type, size_t value);

#endif
