#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "mem.h"

/* The most strings that one kind has in its part of the union. */
#define STRINGS_MAX 8

/* Where the strings of an event lie; 0, where the kind is, ends a list. */
#define AT(field) offsetof(struct event, field)

static const size_t common_strings[] = {AT(thread), AT(account), AT(folder), 0};

static const size_t strings[EVENT_KIND_COUNT][STRINGS_MAX] = {
	[EVENT_LOG] = {AT(u.log.text)},
	[EVENT_HOOK] = {AT(u.log.text)},
	[EVENT_CONNECTING] = {AT(u.connect.host), AT(u.connect.port),
		AT(u.connect.repository)},
	[EVENT_STRUCTURE] = {AT(u.sides.from_type), AT(u.sides.from_folder),
		AT(u.sides.to_type), AT(u.sides.to_folder)},
	[EVENT_FOLDER_CREATE] = {AT(u.create.name), AT(u.create.repository)},
	[EVENT_ACCOUNT_END] = {AT(u.end.name)},
	[EVENT_FOLDER_END] = {AT(u.end.name)},
	[EVENT_FOLDER_START] = {AT(u.sides.from_type), AT(u.sides.from_folder),
		AT(u.sides.to_type), AT(u.sides.to_folder)},
	[EVENT_LOADING] = {AT(u.list.type), AT(u.list.name),
		AT(u.list.visible)},
	[EVENT_LOADED] = {AT(u.list.type), AT(u.list.name),
		AT(u.list.visible)},
	[EVENT_DIRECTION] = {AT(u.sides.from_type), AT(u.sides.from_folder),
		AT(u.sides.to_type), AT(u.sides.to_folder)},
	[EVENT_COPY] = {AT(u.copy.from_type), AT(u.copy.from_repository),
		AT(u.copy.from_folder), AT(u.copy.to_type),
		AT(u.copy.to_repository), AT(u.copy.to_folder)},
	[EVENT_IGNORED] = {AT(u.copy.from_type), AT(u.copy.from_repository),
		AT(u.copy.from_folder), AT(u.copy.to_type),
		AT(u.copy.to_repository), AT(u.copy.to_folder)},
	[EVENT_DELETE] = {AT(u.change.type), AT(u.change.folder),
		AT(u.change.repository), AT(u.change.uids),
		AT(u.change.flags)},
	[EVENT_FLAGS] = {AT(u.change.type), AT(u.change.folder),
		AT(u.change.repository), AT(u.change.uids),
		AT(u.change.flags)},
	[EVENT_FILE] = {AT(u.file.path), AT(u.file.old_path), AT(u.file.flags)},
	[EVENT_HELD] = {AT(u.held.repository), AT(u.held.command)},
	[EVENT_VALIDITY] = {AT(u.validity.repository), AT(u.validity.name)},
	[EVENT_PASSWORD] = {AT(u.password.repository), AT(u.password.host),
		AT(u.password.user), AT(u.password.reason)},
	[EVENT_ERROR] = {AT(u.error.text)},
};

static const char *string_get(const struct event *ev, size_t offset)
{
	const char *text;

	memcpy(&text, (const char *)ev + offset, sizeof(text));
	return text ? text : "";
}

static size_t strings_size(const struct event *ev, const size_t *offset)
{
	size_t size = 0;

	for (; *offset; offset++)
		size += strlen(string_get(ev, *offset)) + 1;
	return size;
}

/* Moves each string to room and returns the room that is left. */
static char *strings_move(struct event *ev, const size_t *offset, char *room)
{
	for (; *offset; offset++) {
		const char *text = string_get(ev, *offset);
		const char *moved = room;
		size_t size = strlen(text) + 1;

		memcpy(room, text, size);
		memcpy((char *)ev + *offset, &moved, sizeof(moved));
		room += size;
	}
	return room;
}

struct event *event_copy(const struct event *templ)
{
	const size_t *own;
	struct event *ev;
	char *room;

	assert(templ->kind < EVENT_KIND_COUNT);
	own = strings[templ->kind];
	ev = mem_alloc(sizeof(*ev) + strings_size(templ, common_strings) +
		strings_size(templ, own));
	*ev = *templ;
	room = strings_move(ev, common_strings, (char *)(ev + 1));
	strings_move(ev, own, room);
	return ev;
}

void event_free(struct event *ev)
{
	free(ev);
}

#define EVENT_NAME(name) [EVENT_##name] = #name,

const char *event_kind_name(enum event_kind kind)
{
	static const char *const names[] = {EVENT_KINDS(EVENT_NAME)};

	assert(kind < EVENT_KIND_COUNT);
	return names[kind];
}
