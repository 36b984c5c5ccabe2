#include "config.h"

#include "machine_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "countdown.h"
#include "event.h"
#include "ui_ops.h"

#define MAIN_THREAD "MainThread"

static bool is_plain(char c)
{
	return ascii_is_digit(c) || (ascii_lower(c) >= 'a' &&
		ascii_lower(c) <= 'z') || (c != '\0' && strchr("_.-~", c));
}

static void add_encoded(struct str *out, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if (is_plain(*text)) {
			str_add_char(out, *text);
		} else if (*text == ' ') {
			str_add_char(out, '+');
		} else {
			str_add_char(out, '%');
			str_add_char(out, hex[byte >> 4]);
			str_add_char(out, hex[byte & 15]);
		}
	}
}

void machine_add_line(struct str *out, const char *severity,
	const char *command, const char *thread, const char *text)
{
	str_printf(out, "%s:%s:", severity, command);
	add_encoded(out, thread);
	str_add_char(out, ':');
	add_encoded(out, text);
	str_add_char(out, '\n');
}

static const char *severity_of(enum text_level level)
{
	static const char *const severities[] = {
		[TEXT_DEBUG] = "debug",
		[TEXT_INFO] = "msg",
		[TEXT_WARNING] = "warn",
		[TEXT_ERROR] = "error",
		[TEXT_NONE] = "debug",
	};

	return severities[level];
}

void machine_add_text(struct str *out, enum text_level level,
	const char *thread, const char *text)
{
	machine_add_line(out, severity_of(level), "", thread, text);
}

/* A further argument; the first one goes through clean_add.  None can hold a
 * LF of its own. */
static void add_argument(struct str *message, const char *argument)
{
	str_add_char(message, '\n');
	clean_add(message, argument);
}

static void add_number(struct str *message, uint64_t number)
{
	str_printf(message, "\n%" PRIu64, number);
}

/* uid or first:last at the start of text; how many bytes were used, 0 when
 * there is neither. */
static size_t parse_range(const char *text, int64_t *first, int64_t *last)
{
	char *end;

	*first = *last = strtoll(text, &end, 10);
	if (end == text)
		return 0;
	if (*end == ':') {
		const char *second = end + 1;
		*last = strtoll(second, &end, 10);
		if (end == second)
			return 0;
	}
	if (*last == INT64_MAX) /* no UID, and not to be counted up to */
		return 0;
	return (size_t)(end - text);
}

/* "1:3,7" as 1 FF 2 FF 3 FF 7, and never more than there are messages. */
static void add_uids(struct str *message, const char *uids, uint64_t count)
{
	int64_t first, last;
	size_t used;

	while (count > 0 && (used = parse_range(uids, &first, &last)) > 0) {
		for (int64_t uid = first; uid <= last && count > 0; uid++) {
			if (message->len > 0)
				str_add_char(message, '\f');
			str_printf(message, "%" PRId64, uid);
			count--;
		}
		uids += used;
		if (*uids++ != ',')
			return;
	}
}

static void message_sides(const struct event *ev, struct str *message)
{
	clean_add(message, ev->u.sides.from_type);
	add_argument(message, ev->u.sides.from_folder);
	add_argument(message, ev->u.sides.to_type);
	add_argument(message, ev->u.sides.to_folder);
	str_add_char(message, '\n');
}

static void message_account(const struct event *ev, struct str *message)
{
	clean_add(message, ev->account);
}

static void message_types(const struct event *ev, struct str *message)
{
	clean_add(message, ev->u.sides.from_type);
	add_argument(message, ev->u.sides.to_type);
}

static void message_connecting(const struct event *ev, struct str *message)
{
	clean_add(message, ev->u.connect.host);
	add_argument(message, ev->u.connect.port);
	add_argument(message, ev->u.connect.repository);
}

static void message_loading(const struct event *ev, struct str *message)
{
	const struct event_list *list = &ev->u.list;

	clean_add(message, list->type);
	add_argument(message, *list->visible != '\0' ? list->visible :
		list->name);
}

static void message_loaded(const struct event *ev, struct str *message)
{
	clean_add(message, ev->u.list.type);
	add_argument(message, ev->u.list.name);
	add_number(message, ev->u.list.count);
}

static void message_copy(const struct event *ev, struct str *message)
{
	const struct event_copy *copy = &ev->u.copy;

	str_printf(message, "%" PRId64, copy->uid);
	add_argument(message, copy->from_type);
	add_argument(message, copy->from_folder);
	add_argument(message, copy->to_type);
	str_add_char(message, '[');
	clean_add(message, copy->to_folder);
	str_add_char(message, ']');
}

static void message_delete(const struct event *ev, struct str *message)
{
	const struct event_change *change = &ev->u.change;

	add_uids(message, change->uids, change->count);
	add_argument(message, change->type);
	str_add_char(message, '\t');
	clean_add(message, change->folder);
}


static void message_validity(const struct event *ev, struct str *message)
{
	clean_add(message, *ev->u.validity.name != '\0' ?
		ev->u.validity.name : ev->folder);
	add_argument(message, ev->u.validity.repository);
	add_number(message, ev->u.validity.saved);
	add_number(message, ev->u.validity.current);
}

/* OfflineIMAP sleeps in pieces of ten seconds and says so. */
static void message_sleeping(const struct event *ev, struct str *message)
{
	int64_t left = ev->u.sleep.seconds_left;

	str_printf(message, "%d\n%" PRId64, left > 0 ? COUNTDOWN_STEP_S : 0,
		left > 0 ? left : 0);
}

static void message_password(const struct event *ev, struct str *message)
{
	clean_add(message, ev->u.password.user);
}

static void message_hook(const struct event *ev, struct str *message)
{
	clean_add_block(message, ev->u.log.text);
}

struct machine_row {
	const char *severity, *command;
	void (*add)(const struct event *ev, struct str *message);
};

/* The events that have a command of their own.  The others are told as plain
 * text, when there is a sentence for them. */
static const struct machine_row rows[EVENT_KIND_COUNT] = {
	[EVENT_THREAD_START] = { "msg", "registerthread", message_account },
	[EVENT_ACCOUNT_START] = { "msg", "acct", message_account },
	[EVENT_ACCOUNT_END] = { "msg", "acctdone", message_account },
	[EVENT_CONNECTING] = { "msg", "connecting", message_connecting },
	[EVENT_STRUCTURE] = { "msg", "syncfolders", message_types },
	[EVENT_FOLDER_START] = { "msg", "syncingfolder", message_sides },
	[EVENT_LOADING] = { "msg", "loadmessagelist", message_loading },
	[EVENT_LOADED] = { "msg", "messagelistloaded", message_loaded },
	[EVENT_DIRECTION] = { "msg", "syncingmessages", message_sides },
	[EVENT_COPY] = { "msg", "copyingmessage", message_copy },
	[EVENT_IGNORED] = { "msg", "ignorecopyingmessage", message_copy },
	[EVENT_DELETE] = { "msg", "deletingmessages", message_delete },
	[EVENT_VALIDITY] = { "warn", "validityproblem", message_validity },
	[EVENT_SLEEPING] = { "msg", "sleeping", message_sleeping },
	[EVENT_PASSWORD] = { "msg", "getpass", message_password },
	[EVENT_HOOK] = { "msg", "callhook", message_hook },
};

static void add_thread_end(struct str *out, const struct event *ev)
{
	struct str name = { 0 };

	clean_add(&name, ev->thread);
	machine_add_line(out, "msg", "threadExited", MAIN_THREAD,
		str_get(&name));
	machine_add_line(out, "msg", "unregisterthread", MAIN_THREAD,
		str_get(&name));
	str_clear(&name);
}

static void add_row(struct str *out, const struct event *ev,
	const struct machine_row *row)
{
	struct str message = { 0 }, thread = { 0 };

	row->add(ev, &message);
	clean_add(&thread, ev->thread);
	machine_add_line(out, row->severity, row->command, str_get(&thread),
		str_get(&message));
	str_clear(&message);
	str_clear(&thread);
}

/* OfflineIMAP changes one flag at a time, so a reader may know no list with
 * more than one. */
static void add_flags(struct str *out, const struct event *ev)
{
	const struct event_change *change = &ev->u.change;
	struct str message = { 0 }, thread = { 0 };

	clean_add(&thread, ev->thread);
	for (const char *flag = change->flags; *flag != '\0'; flag++) {
		str_reset(&message);
		add_uids(&message, change->uids, change->count);
		str_printf(&message, "\n%c", *flag);
		add_argument(&message, change->folder);
		machine_add_line(out, "msg",
			change->add ? "addingflags" : "deletingflags",
			str_get(&thread), str_get(&message));
	}
	str_clear(&message);
	str_clear(&thread);
}

void machine_add_debug(struct str *out, unsigned areas)
{
	static const char *const types[] = {
		[AREA_GENERAL] = "",
		[AREA_IMAP] = "imap",
		[AREA_MAILDIR] = "maildir",
		[AREA_THREAD] = "thread",
	};

	if (areas == 0)
		return;
	for (size_t i = 1; i < ARRAY_LEN(types); i++)
		if (areas & 1u << i)
			machine_add_line(out, "debug", "debugging",
				MAIN_THREAD, types[i]);
	machine_add_line(out, "debug", "debugging", MAIN_THREAD,
		types[AREA_GENERAL]);
}

void machine_add_event(struct str *out, const struct event *ev,
	const struct sentence *sentence, bool debug)
{
	const struct machine_row *row = &rows[ev->kind];
	struct str thread = { 0 };

	if (ev->kind == EVENT_THREAD_END) {
		add_thread_end(out, ev);
	} else if (ev->kind == EVENT_FLAGS) {
		add_flags(out, ev);
	} else if (row->command != NULL) {
		add_row(out, ev, row);
	} else if (ev->kind != EVENT_PROGRESS &&
		sentence->level != TEXT_NONE &&
		(sentence->level > TEXT_DEBUG || debug)) {
		clean_add(&thread, ev->thread);
		machine_add_text(out, sentence->level, str_get(&thread),
			sentence->text);
	}
	str_clear(&thread);
}
