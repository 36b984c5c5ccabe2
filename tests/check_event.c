#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "mem.h"
#include "suites.h"

#define FIELDS_MAX 7

/* For each kind the strings that it carries, written down a second time: a
 * string that is missing in event.c's table would travel as a borrowed
 * pointer. */
#define AT(field) offsetof(struct event, field)

static const struct string_case {
	enum event_kind kind;
	size_t at[FIELDS_MAX];
} string_cases[] = {
	{EVENT_THREAD_START, {0}},
	{EVENT_LOG, {AT(u.log.text)}},
	{EVENT_HOOK, {AT(u.log.text)}},
	{EVENT_CONNECTING, {AT(u.connect.host), AT(u.connect.port),
		AT(u.connect.repository)}},
	{EVENT_STRUCTURE, {AT(u.sides.from_type), AT(u.sides.from_folder),
		AT(u.sides.to_type), AT(u.sides.to_folder)}},
	{EVENT_FOLDER_START, {AT(u.sides.from_type), AT(u.sides.from_folder),
		AT(u.sides.to_type), AT(u.sides.to_folder)}},
	{EVENT_DIRECTION, {AT(u.sides.from_type), AT(u.sides.from_folder),
		AT(u.sides.to_type), AT(u.sides.to_folder)}},
	{EVENT_FOLDER_CREATE, {AT(u.create.name), AT(u.create.repository)}},
	{EVENT_IGNORED, {AT(u.copy.from_type), AT(u.copy.from_repository),
		AT(u.copy.from_folder), AT(u.copy.to_type),
		AT(u.copy.to_repository), AT(u.copy.to_folder)}},
	{EVENT_ACCOUNT_END, {AT(u.end.name)}},
	{EVENT_FOLDER_END, {AT(u.end.name)}},
	{EVENT_LOADING, {AT(u.list.type), AT(u.list.name), AT(u.list.visible)}},
	{EVENT_LOADED, {AT(u.list.type), AT(u.list.name), AT(u.list.visible)}},
	{EVENT_FILE, {AT(u.file.path), AT(u.file.old_path), AT(u.file.flags)}},
	{EVENT_COPY, {AT(u.copy.from_type), AT(u.copy.from_repository),
		AT(u.copy.from_folder), AT(u.copy.to_type),
		AT(u.copy.to_repository), AT(u.copy.to_folder)}},
	{EVENT_DELETE, {AT(u.change.type), AT(u.change.folder),
		AT(u.change.repository), AT(u.change.uids),
		AT(u.change.flags)}},
	{EVENT_FLAGS, {AT(u.change.type), AT(u.change.folder),
		AT(u.change.repository), AT(u.change.uids),
		AT(u.change.flags)}},
	{EVENT_HELD, {AT(u.held.repository), AT(u.held.command)}},
	{EVENT_VALIDITY, {AT(u.validity.repository), AT(u.validity.name)}},
	{EVENT_PASSWORD, {AT(u.password.repository), AT(u.password.host),
		AT(u.password.user), AT(u.password.reason)}},
	{EVENT_ERROR, {AT(u.error.text)}},
};

static const size_t common[] = {AT(thread), AT(account), AT(folder)};

static void set(struct event *ev, size_t at, const char *text)
{
	memcpy((char *)ev + at, &text, sizeof(text));
}

static const char *get(const struct event *ev, size_t at)
{
	const char *text;

	memcpy(&text, (const char *)ev + at, sizeof(text));
	return text;
}

/* Every string in one buffer, which is overwritten after the copy. */
START_TEST(every_string_travels_inside_the_event)
{
	const struct string_case *c = &string_cases[_i];
	struct event templ = {.kind = c->kind}, *ev;
	char texts[16][8];
	size_t at[16], n = 0;

	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		at[n++] = common[i];
	for (size_t i = 0; i < FIELDS_MAX && c->at[i]; i++)
		at[n++] = c->at[i];
	for (size_t i = 0; i < n; i++) {
		memcpy(texts[i], "text  ", 7);
		texts[i][5] = (char)('a' + i);
		set(&templ, at[i], texts[i]);
	}
	ev = event_copy(&templ);
	memset(texts, '!', sizeof(texts));
	for (size_t i = 0; i < n; i++) {
		const char *text = get(ev, at[i]);

		ck_assert_uint_eq(strlen(text), 6);
		ck_assert_int_eq(text[5], (int)('a' + i));
	}
	event_free(ev);
}
END_TEST

START_TEST(missing_strings_become_empty)
{
	const struct string_case *c = &string_cases[_i];
	struct event templ = {.kind = c->kind};
	struct event *ev = event_copy(&templ);

	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		ck_assert_str_eq(get(ev, common[i]), "");
	for (size_t i = 0; i < FIELDS_MAX && c->at[i]; i++)
		ck_assert_str_eq(get(ev, c->at[i]), "");
	event_free(ev);
}
END_TEST

START_TEST(numbers_are_copied)
{
	struct event templ = {.kind = EVENT_COPY, .time_ms = 5, .cell = 3};
	struct event *ev;

	templ.u.copy.uid = -7;
	templ.u.copy.bytes = UINT64_MAX;
	templ.u.copy.dry_run = true;
	ev = event_copy(&templ);
	ck_assert_int_eq(ev->kind, EVENT_COPY);
	ck_assert_int_eq(ev->time_ms, 5);
	ck_assert_uint_eq(ev->cell, 3);
	ck_assert_int_eq(ev->u.copy.uid, -7);
	ck_assert(ev->u.copy.bytes == UINT64_MAX);
	ck_assert(ev->u.copy.dry_run);
	event_free(ev);
	event_free(NULL);
}
END_TEST

START_TEST(a_very_long_string_is_copied_whole)
{
	char *text = mem_calloc(100001, 1);
	struct event templ = {.kind = EVENT_LOG}, *ev;

	memset(text, 'x', 100000);
	templ.u.log.text = text;
	ev = event_copy(&templ);
	ck_assert_str_eq(ev->u.log.text, text);
	free(text);
	event_free(ev);
}
END_TEST

START_TEST(every_kind_has_a_name)
{
	ck_assert_str_eq(event_kind_name(EVENT_COPY), "COPY");
	ck_assert_str_eq(event_kind_name(EVENT_FINISHED), "FINISHED");
	for (int kind = 0; kind < EVENT_KIND_COUNT; kind++)
		ck_assert_ptr_nonnull(event_kind_name((enum event_kind)kind));
}
END_TEST

Suite *event_suite(void)
{
	Suite *suite = suite_create("event");
	TCase *tcase = tcase_create("event");

	tcase_add_loop_test(tcase, every_string_travels_inside_the_event, 0,
		(int)ARRAY_LEN(string_cases));
	tcase_add_loop_test(tcase, missing_strings_become_empty, 0,
		(int)ARRAY_LEN(string_cases));
	tcase_add_test(tcase, numbers_are_copied);
	tcase_add_test(tcase, a_very_long_string_is_copied_whole);
	tcase_add_test(tcase, every_kind_has_a_name);
	suite_add_tcase(suite, tcase);
	return suite;
}
