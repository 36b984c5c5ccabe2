#include "config.h"

#include "json_text.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "mem.h"

/* How many bytes the UTF-8 character at the start has; 0: it is none.  No
 * overlong form, no surrogate, nothing beyond U+10FFFF (RFC 3629, section
 * 4). */
static size_t character_length(const unsigned char *text, size_t len)
{
	unsigned char first = text[0], low = 0x80, high = 0xbf;
	size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2
		: first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;

	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	if (size > len || (size > 1 && (text[1] < low || text[1] > high)))
		return 0;
	for (size_t i = 2; i < size; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return size;
}

/* False: something was replaced. */
static bool add_valid(struct str *out, const char *text)
{
	struct span rest = span_of(text);
	bool whole = true;

	while (rest.len > 0) {
		size_t size = character_length(
			(const unsigned char *)rest.data, rest.len);

		if (size > 0) {
			str_add_mem(out, rest.data, size);
		} else {
			str_add(out, "\357\277\275"); /* U+FFFD */
			whole = false;
			size = 1;
		}
		rest.data += size;
		rest.len -= size;
	}
	return whole;
}

/* RFC 4648, section 4. */
static void add_base64(struct str *out, const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/";
	struct span rest = span_of(text);

	while (rest.len > 0) {
		size_t n = rest.len < 3 ? rest.len : 3;
		uint32_t bits = 0;

		for (size_t i = 0; i < 3; i++)
			bits = bits << 8 |
				(i < n ? (unsigned char)rest.data[i] : 0u);
		for (size_t i = 0; i < 4; i++)
			str_add_char(out, i <= n ?
				digits[bits >> (18 - 6 * i) & 63] : '=');
		rest.data += n;
		rest.len -= n;
	}
}

/* ---- Objects ---- */

static void put(json_t *object, const char *name, json_t *value)
{
	if (value == NULL || json_object_set_new(object, name, value) != 0)
		mem_die("making JSON");
}

static void put_text(json_t *object, const char *name, const char *text)
{
	struct str value = { 0 };

	if (!add_valid(&value, text)) {
		struct str bytes = { 0 };
		char *second = mem_printf("%s_bytes", name);

		add_base64(&bytes, text);
		put(object, second, json_string(str_get(&bytes)));
		str_clear(&bytes);
		free(second);
	}
	put(object, name, json_stringn(str_get(&value), value.len));
	str_clear(&value);
}

static void put_number(json_t *object, const char *name, uint64_t number)
{
	put(object, name, json_integer(number < INT64_MAX ?
		(json_int_t)number : INT64_MAX));
}

static void put_enum(json_t *object, const struct json_field *field,
	const void *at)
{
	const char *name;
	unsigned value;

	memcpy(&value, at, sizeof(value));
	name = json_enum_name(field->type, value);
	put(object, field->name, json_string(name != NULL ? name : "other"));
}

static void put_field(json_t *object, const struct event *ev,
	const struct json_field *field)
{
	const void *at = (const char *)ev + field->offset;

	switch (field->type) {
	case JSON_TYPE_TEXT:
		put_text(object, field->name, *(const char *const *)at);
		return;
	case JSON_TYPE_INT64:
		put(object, field->name, json_integer(*(const int64_t *)at));
		return;
	case JSON_TYPE_UINT64:
		put_number(object, field->name, *(const uint64_t *)at);
		return;
	case JSON_TYPE_UINT32:
		put_number(object, field->name, *(const uint32_t *)at);
		return;
	case JSON_TYPE_BOOL:
		put(object, field->name, json_boolean(*(const bool *)at));
		return;
	case JSON_TYPE_LEVEL:
	case JSON_TYPE_AREA:
	case JSON_TYPE_OUTCOME:
	case JSON_TYPE_SEVERITY:
	case JSON_TYPE_REASON:
	case JSON_TYPE_PHASE:
	case JSON_TYPE_CHANGE:
		put_enum(object, field, at);
		return;
	}
}

static json_t *begin(const char *event, int64_t time_ms)
{
	json_t *object = json_object();

	put(object, "event", json_string(event));
	put(object, "time_ms", json_integer(time_ms));
	return object;
}

/* Takes the object. */
static void end(struct str *out, json_t *object)
{
	char *line = json_dumps(object, JSON_COMPACT);

	if (line == NULL)
		mem_die("making JSON");
	str_add(out, line);
	str_add_char(out, '\n');
	free(line);
	json_decref(object);
}

void json_kind_name(enum event_kind kind, struct str *out)
{
	str_reset(out);
	for (const char *c = event_kind_name(kind); *c != '\0'; c++)
		str_add_char(out, ascii_lower(*c));
}

void json_add_hello(struct str *out, const char *version, int64_t time_ms)
{
	json_t *object = begin("hello", time_ms);

	put(object, "version", json_integer(JSON_VERSION));
	put(object, "program", json_string("offlineimap"));
	put_text(object, "program_version", version);
	end(out, object);
}

void json_add_event(struct str *out, const struct event *ev)
{
	struct str name = { 0 };
	json_t *object;

	json_kind_name(ev->kind, &name);
	object = begin(str_get(&name), ev->time_ms);
	str_clear(&name);
	put_text(object, "thread", ev->thread);
	if (*ev->account != '\0')
		put_text(object, "account", ev->account);
	if (*ev->folder != '\0')
		put_text(object, "folder", ev->folder);
	for (const struct json_field *f = json_fields(ev->kind);
		f->name != NULL; f++)
		put_field(object, ev, f);
	end(out, object);
}

void json_add_say(struct str *out, enum text_level level, const char *text,
	int64_t time_ms)
{
	static const char *const names[] = {
		[TEXT_DEBUG] = "debug",
		[TEXT_INFO] = "info",
		[TEXT_WARNING] = "warning",
		[TEXT_ERROR] = "error",
		[TEXT_NONE] = "debug",
	};
	json_t *object = begin("log", time_ms);

	put(object, "thread", json_string("MainThread"));
	put(object, "level", json_string(names[level]));
	put(object, "area", json_string("general"));
	put_text(object, "text", text);
	end(out, object);
}

void json_add_finished(struct str *out, int exit_status, int64_t time_ms)
{
	json_t *object = begin("finished", time_ms);

	put(object, "exit_status", json_integer(exit_status));
	end(out, object);
}
