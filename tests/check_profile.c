/*
 * The profile: which event begins which phase, what is counted for a folder,
 * and the text that is made of it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event.h"
#include "profile.h"
#include "suites.h"

static char directory[64];

static void make_directory(void)
{
	strcpy(directory, "/tmp/check_profile.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	setenv("TZ", "UTC", 1);
}

static struct profile *begin(void)
{
	struct error err = {0};
	bool was_there;
	struct profile *profile = profile_open(directory, &was_there, &err);

	ck_assert_ptr_nonnull(profile);
	ck_assert(was_there);
	return profile;
}

static void tell(struct profile *profile, const struct event *templ,
	int64_t time_ms, const char *folder)
{
	struct event ev = *templ;
	struct event *copy;

	ev.time_ms = time_ms;
	ev.account = "A";
	ev.thread = "";
	ev.folder = folder;
	copy = event_copy(&ev);
	profile_event(profile, copy);
	event_free(copy);
}

static void tell_kind(struct profile *profile, enum event_kind kind,
	int64_t time_ms)
{
	tell(profile, &(struct event){.kind = kind}, time_ms, "");
}

static void end(struct profile *profile, struct str *out)
{
	tell_kind(profile, EVENT_ACCOUNT_END, 3000);
	ck_assert(profile_print(profile, "A", out));
}

static void drop(struct profile *profile)
{
	struct error err = {0};
	char *command;

	ck_assert(profile_close(profile, &err));
	command = malloc(sizeof(directory) + 8);
	strcpy(command, "rm -r ");
	strcat(command, directory);
	ck_assert_int_eq(system(command), 0);
	free(command);
}

static void assert_has(const struct str *text, const char *line)
{
	ck_assert_msg(strstr(str_get(text), line) != NULL, "%s\nlacks %s",
		str_get(text), line);
}

static const struct {
	struct event event;
	const char *line; /* of the phase that lasts from it to the end */
} phases[] = {
	{{.kind = EVENT_CONNECTING}, "2.000    66.6  connecting\n"},
	{{.kind = EVENT_FOLDER_CREATE}, "2.000    66.6  listing folders\n"},
	{{.kind = EVENT_LOADING}, "2.000    66.6  loading message lists\n"},
	{{.kind = EVENT_LOADED}, "2.000    66.6  matching\n"},
	{{.kind = EVENT_DIRECTION}, "2.000    66.6  copying messages\n"},
	{{.kind = EVENT_COPY}, "2.000    66.6  copying messages\n"},
	{{.kind = EVENT_FLAGS}, "2.000    66.6  setting flags\n"},
	{{.kind = EVENT_DELETE}, "2.000    66.6  deleting messages\n"},
	{{.kind = EVENT_HOOK}, "2.000    66.6  hooks\n"},
	{{.kind = EVENT_PASSWORD}, "2.000    66.6  waiting\n"},
	{{.kind = EVENT_PROGRESS, .u.progress.phase = PHASE_LISTING},
		"2.000    66.6  listing folders\n"},
	{{.kind = EVENT_PROGRESS, .u.progress.phase = PHASE_MATCHING},
		"2.000    66.6  matching\n"},
	{{.kind = EVENT_LOG}, "3.000   100.0  other\n"},
};

START_TEST(an_event_begins_its_phase)
{
	struct profile *profile = begin();
	struct str text = {0};

	tell_kind(profile, EVENT_ACCOUNT_START, 0);
	tell(profile, &phases[_i].event, 1000, "");
	end(profile, &text);
	assert_has(&text, phases[_i].line);
	assert_has(&text, "total    3.000 s\n");
	str_clear(&text);
	drop(profile);
}
END_TEST

static void tell_folder(struct profile *profile, const char *name,
	int64_t start_ms, int64_t copy_ms)
{
	tell(profile, &(struct event){.kind = EVENT_FOLDER_START}, start_ms,
		name);
	tell(profile, &(struct event){.kind = EVENT_LOADED,
		.u.list.count = 12}, start_ms, name);
	tell(profile, &(struct event){.kind = EVENT_LOADED,
		.u.list.count = 7}, start_ms, name);
	tell(profile, &(struct event){.kind = EVENT_DIRECTION}, start_ms,
		name);
	tell(profile, &(struct event){.kind = EVENT_COPY,
		.u.copy = {.uid = 1, .bytes = 1500}}, start_ms + copy_ms / 2,
		name);
	tell(profile, &(struct event){.kind = EVENT_COPY,
		.u.copy = {.uid = -1, .bytes = 500}}, start_ms + copy_ms,
		name);
	tell(profile, &(struct event){.kind = EVENT_FOLDER_END, .u.end =
		{.downloaded = 1, .uploaded = 1, .deleted = 3, .flagged = 4}},
		start_ms + copy_ms, name);
}

START_TEST(folders_are_listed_with_the_slowest_first)
{
	struct profile *profile = begin();
	struct str text = {0};

	tell_kind(profile, EVENT_ACCOUNT_START, 0);
	tell_folder(profile, "fast", 100, 200);
	tell_folder(profile, "sl\now", 1000, 1000);
	end(profile, &text);
	assert_has(&text, "folder\n"
		"     1.000    33.3       12        2        3        4"
		"         2000       2.0        2.0  sl ow\n"
		"     0.200     6.6       12        2        3        4"
		"         2000      10.0       10.0  fast\n");
	str_clear(&text);
	drop(profile);
}
END_TEST

START_TEST(rounds_add_up_and_the_sleep_between_is_waiting)
{
	struct profile *profile = begin();
	struct str text = {0};

	tell_kind(profile, EVENT_ACCOUNT_START, 0);
	tell_folder(profile, "x", 0, 500);
	tell_kind(profile, EVENT_ACCOUNT_END, 500);
	tell(profile, &(struct event){.kind = EVENT_SLEEPING}, 600, "");
	tell_kind(profile, EVENT_ACCOUNT_START, 2000);
	tell_folder(profile, "x", 2000, 500);
	end(profile, &text);
	assert_has(&text, "rounds   2\n");
	assert_has(&text, "     1.500    50.0  waiting\n");
	assert_has(&text, "     1.000    33.3       12        4        6"
		"        8         4000       4.0        4.0  x\n");
	str_clear(&text);
	drop(profile);
}
END_TEST

START_TEST(a_clock_set_back_costs_no_more_than_its_gap)
{
	struct profile *profile = begin();
	struct str text = {0};

	tell_kind(profile, EVENT_ACCOUNT_START, 5000);
	tell_kind(profile, EVENT_CONNECTING, 1000);
	end(profile, &text);
	assert_has(&text, "total    2.000 s\n");
	assert_has(&text, "2.000   100.0  connecting\n");
	str_clear(&text);
	drop(profile);
}
END_TEST

START_TEST(an_account_without_folders_is_printed_too)
{
	struct profile *profile = begin();
	struct str text = {0};

	ck_assert(!profile_print(profile, "A", &text));
	tell_kind(profile, EVENT_CONNECTING, 0);
	ck_assert(!profile_print(profile, "A", &text));
	tell_kind(profile, EVENT_ACCOUNT_START, 3000);
	end(profile, &text);
	assert_has(&text, "total    0.000 s\n");
	assert_has(&text, "     0.000       -  connecting\n");
	str_clear(&text);
	drop(profile);
}
END_TEST

START_TEST(no_file_of_another_run_is_overwritten)
{
	static const char *const names[] = {"/19700101000001_A.prof",
		"/19700101000002_A.prof"};
	struct error err = {0};
	char path[128];

	for (int i = 0; i < 2; i++) {
		struct profile *profile = begin();

		tell_kind(profile, EVENT_ACCOUNT_START, 1000);
		ck_assert(profile_close(profile, &err));
		for (int j = 0; j < 2; j++) {
			strcat(strcpy(path, directory), names[j]);
			ck_assert_int_eq(access(path, R_OK) == 0, j <= i);
		}
	}
	drop(begin());
}
END_TEST

START_TEST(the_directory_is_made_or_refused)
{
	struct error err = {0};
	bool was_there = true;
	char path[80];
	struct profile *profile;

	strcat(strcpy(path, directory), "/new");
	profile = profile_open(path, &was_there, &err);
	ck_assert_ptr_nonnull(profile);
	ck_assert(!was_there);
	ck_assert(profile_close(profile, &err));
	strcat(path, "/a/b");
	ck_assert_ptr_null(profile_open(path, &was_there, &err));
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	drop(begin());
}
END_TEST

Suite *profile_suite(void)
{
	Suite *suite = suite_create("profile");
	TCase *tests = tcase_create("profile");

	tcase_add_checked_fixture(tests, make_directory, NULL);
	tcase_add_loop_test(tests, an_event_begins_its_phase, 0,
		(int)(sizeof(phases) / sizeof(*phases)));
	tcase_add_test(tests, folders_are_listed_with_the_slowest_first);
	tcase_add_test(tests, rounds_add_up_and_the_sleep_between_is_waiting);
	tcase_add_test(tests, a_clock_set_back_costs_no_more_than_its_gap);
	tcase_add_test(tests, an_account_without_folders_is_printed_too);
	tcase_add_test(tests, no_file_of_another_run_is_overwritten);
	tcase_add_test(tests, the_directory_is_made_or_refused);
	suite_add_tcase(suite, tests);
	return suite;
}
