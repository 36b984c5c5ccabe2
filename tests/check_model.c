#include "config.h"

#include "suites.h"

#include <stdio.h>
#include <string.h>

#include "event.h"
#include "model.h"

static bool apply(struct model *model, struct event templ)
{
	if (templ.thread == NULL)
		templ.thread = "T";
	if (templ.account == NULL)
		templ.account = "A";
	struct event *ev = event_copy(&templ);
	bool changed = model_apply(model, ev);
	event_free(ev);
	return changed;
}

#define APPLY(model, ...) apply((model), (struct event){ __VA_ARGS__ })

static void start_inbox(struct model *model)
{
	model_init(model);
	APPLY(model, .kind = EVENT_ACCOUNT_START, .time_ms = 1000);
	APPLY(model, .kind = EVENT_FOLDER_FOUND, .folder = "INBOX",
		.time_ms = 1000);
	APPLY(model, .kind = EVENT_FOLDER_START, .folder = "INBOX",
		.time_ms = 1000);
}

static const struct model_folder *inbox(const struct model *model)
{
	return model->accounts[0]->folders[0];
}

START_TEST(accounts_and_folders_stand_in_order_of_appearance)
{
	struct model model;

	model_init(&model);
	APPLY(&model, .kind = EVENT_ACCOUNT_START, .account = "Two");
	APPLY(&model, .kind = EVENT_ACCOUNT_START, .account = "One");
	APPLY(&model, .kind = EVENT_FOLDER_FOUND, .account = "One",
		.folder = "z");
	APPLY(&model, .kind = EVENT_FOLDER_FOUND, .account = "One",
		.folder = "a");
	APPLY(&model, .kind = EVENT_FOLDER_FOUND, .account = "One",
		.folder = "m");
	APPLY(&model, .kind = EVENT_FOLDER_FOUND, .account = "One",
		.folder = "a");
	ck_assert_uint_eq(model.account_count, 2);
	ck_assert_str_eq(model.accounts[0]->name, "Two");
	ck_assert_uint_eq(model.accounts[1]->folder_count, 3);
	ck_assert_str_eq(model.accounts[1]->folders[0]->name, "z");
	ck_assert_str_eq(model.accounts[1]->folders[1]->name, "a");
	ck_assert_str_eq(model.accounts[1]->folders[2]->name, "m");
	model_clear(&model);
}
END_TEST

START_TEST(a_folder_goes_through_its_states)
{
	struct model model;

	model_init(&model);
	APPLY(&model, .kind = EVENT_ACCOUNT_START);
	ck_assert_int_eq(model.accounts[0]->state, MODEL_CONNECTING);
	APPLY(&model, .kind = EVENT_STRUCTURE);
	ck_assert_int_eq(model.accounts[0]->state, MODEL_LISTING);
	APPLY(&model, .kind = EVENT_FOLDER_FOUND, .folder = "INBOX");
	ck_assert_int_eq(inbox(&model)->state, MODEL_WAITING);
	APPLY(&model, .kind = EVENT_FOLDER_START, .folder = "INBOX");
	ck_assert_int_eq(inbox(&model)->state, MODEL_LOADING);
	ck_assert_int_eq(model.accounts[0]->state, MODEL_SYNCING);
	APPLY(&model, .kind = EVENT_PLAN, .folder = "INBOX",
		.u.plan = { .download = 1, .flag_local = 1,
			.delete_local = 1 });
	APPLY(&model, .kind = EVENT_COPY, .folder = "INBOX",
		.u.copy = { .uid = 1, .index = 1, .count = 1 });
	ck_assert_int_eq(inbox(&model)->state, MODEL_COPYING);
	APPLY(&model, .kind = EVENT_FLAGS, .folder = "INBOX",
		.u.change = { .count = 1 });
	ck_assert_int_eq(inbox(&model)->state, MODEL_FLAGS);
	APPLY(&model, .kind = EVENT_DELETE, .folder = "INBOX",
		.u.change = { .count = 1 });
	ck_assert_int_eq(inbox(&model)->state, MODEL_DELETING);
	ck_assert_uint_eq(inbox(&model)->meter.done, 3);
	ck_assert_uint_eq(inbox(&model)->meter.total, 3);
	APPLY(&model, .kind = EVENT_FOLDER_END, .folder = "INBOX",
		.u.end = { .outcome = OUTCOME_OK, .downloaded = 1 });
	ck_assert_int_eq(inbox(&model)->state, MODEL_OK);
	APPLY(&model, .kind = EVENT_ACCOUNT_END,
		.u.end = { .outcome = OUTCOME_OK });
	ck_assert_int_eq(model.accounts[0]->state, MODEL_OK);
	ck_assert(!model.accounts[0]->running);
	ck_assert_uint_eq(model.accounts[0]->downloaded, 1);
	ck_assert_uint_eq(model.accounts[0]->meter.done, 3);
	model_clear(&model);
}
END_TEST

static const struct {
	enum event_outcome outcome;
	enum model_state state;
} outcomes[] = {
	{ OUTCOME_OK, MODEL_OK },
	{ OUTCOME_SKIPPED, MODEL_SKIPPED },
	{ OUTCOME_HELD, MODEL_HELD },
	{ OUTCOME_PARTIAL, MODEL_PARTIAL },
	{ OUTCOME_INTERRUPTED, MODEL_INTERRUPTED },
	{ OUTCOME_FAILED, MODEL_FAILED },
};

START_TEST(every_outcome_is_a_final_state)
{
	struct model model;

	start_inbox(&model);
	APPLY(&model, .kind = EVENT_FOLDER_END, .folder = "INBOX",
		.u.end = { .outcome = outcomes[_i].outcome });
	ck_assert_int_eq(inbox(&model)->state, outcomes[_i].state);
	ck_assert(model_state_ended(inbox(&model)->state));
	model_clear(&model);
}
END_TEST

static void check_summary(struct model *model, const char *expected)
{
	struct str text = { 0 };

	model_add_summary(model->accounts[0], &text);
	ck_assert_str_eq(str_get(&text), expected);
	str_clear(&text);
}

START_TEST(the_summary_says_what_all_runs_did)
{
	struct model model;

	start_inbox(&model);
	check_summary(&model, "*** Not finished: account 'A': "
		"no message copied, deleted or flagged");
	APPLY(&model, .kind = EVENT_FOLDER_END, .folder = "INBOX",
		.u.end = { .outcome = OUTCOME_HELD, .downloaded = 1,
			.flagged = 4 });
	APPLY(&model, .kind = EVENT_ACCOUNT_END,
		.u.end = { .outcome = OUTCOME_HELD, .elapsed_ms = 61999 });
	check_summary(&model, "*** Finished account 'A' in 1:01: "
		"1 message downloaded, 4 flagged (held)");
	APPLY(&model, .kind = EVENT_ACCOUNT_START);
	APPLY(&model, .kind = EVENT_FOLDER_END, .folder = "INBOX",
		.u.end = { .outcome = OUTCOME_OK, .downloaded = 2 });
	APPLY(&model, .kind = EVENT_ACCOUNT_END,
		.u.end = { .outcome = OUTCOME_OK, .elapsed_ms = 2000 });
	check_summary(&model, "*** Finished account 'A' in 0:02, after 2 "
		"rounds: 3 messages downloaded, 4 flagged");
	model_clear(&model);
}
END_TEST

START_TEST(rate_and_time_left_come_from_event_times)
{
	struct model model;

	start_inbox(&model);
	APPLY(&model, .kind = EVENT_PLAN, .folder = "INBOX", .time_ms = 1000,
		.u.plan = { .download = 100, .download_bytes = 100000 });
	for (uint64_t i = 1; i <= 50; i++)
		APPLY(&model, .kind = EVENT_COPY, .folder = "INBOX",
			.time_ms = 1000 + (int64_t)i * 100,
			.u.copy = { .uid = (int64_t)i, .index = i,
				.count = 100, .bytes = 1000 });
	/* Ten messages and 10 kB a second: half is done, 5 s are left. */
	const struct meter *meter = &inbox(&model)->meter;
	ck_assert_uint_eq(meter->done, 50);
	ck_assert_uint_eq(meter_permille(meter), 500);
	ck_assert_uint_ge(meter->byte_rate, 9500);
	ck_assert_uint_le(meter->byte_rate, 10500);
	ck_assert_int_ge(meter_left_s(meter), 5);
	ck_assert_int_le(meter_left_s(meter), 6);
	ck_assert_uint_eq(model.accounts[0]->meter.total, 100);
	ck_assert_uint_eq(model.accounts[0]->meter.bytes_done, 50000);
	model_clear(&model);
}
END_TEST

START_TEST(a_clock_set_back_does_no_harm)
{
	struct meter meter = { 0 };

	meter_start(&meter, 100000);
	meter_set(&meter, 101000, 10, 1000);
	uint64_t rate = meter.byte_rate;
	meter_set(&meter, 5, 20, 2000);
	ck_assert_uint_eq(meter.byte_rate, rate);
	meter_set(&meter, 1005, 30, 3000);
	ck_assert_uint_le(meter.byte_rate, 1001);
	ck_assert_uint_eq(meter.done, 30);
}
END_TEST

START_TEST(workers_of_one_folder_add_up)
{
	struct model model;

	start_inbox(&model);
	APPLY(&model, .kind = EVENT_PLAN, .folder = "INBOX",
		.u.plan = { .download = 10, .download_bytes = 1000 });
	APPLY(&model, .kind = EVENT_PROGRESS, .folder = "INBOX", .cell = 3,
		.u.progress = { PHASE_COPYING, 1, 5, 150, 500 });
	APPLY(&model, .kind = EVENT_PROGRESS, .folder = "INBOX", .cell = 8,
		.u.progress = { PHASE_COPYING, 2, 5, 250, 500 });
	ck_assert_uint_eq(inbox(&model)->meter.done, 3);
	ck_assert_uint_eq(inbox(&model)->meter.bytes_done, 400);
	/* A fact that says less takes nothing back. */
	APPLY(&model, .kind = EVENT_COPY, .folder = "INBOX",
		.u.copy = { .uid = 1, .index = 1, .count = 10, .bytes = 100 });
	ck_assert_uint_eq(inbox(&model)->meter.done, 3);
	ck_assert_uint_eq(inbox(&model)->meter.bytes_done, 400);
	/* And no cell goes beyond the plan. */
	APPLY(&model, .kind = EVENT_PROGRESS, .folder = "INBOX", .cell = 8,
		.u.progress = { PHASE_COPYING, 99, 5, 99999, 500 });
	ck_assert_uint_eq(inbox(&model)->meter.done, 10);
	ck_assert_uint_eq(inbox(&model)->meter.bytes_done, 1000);
	model_clear(&model);
}
END_TEST

START_TEST(late_progress_does_not_wake_an_ended_folder)
{
	struct model model;

	start_inbox(&model);
	APPLY(&model, .kind = EVENT_FOLDER_END, .folder = "INBOX",
		.u.end = { .outcome = OUTCOME_OK });
	ck_assert(!APPLY(&model, .kind = EVENT_PROGRESS, .folder = "INBOX",
		.u.progress = { PHASE_COPYING, 1, 2, 0, 0 }));
	ck_assert_int_eq(inbox(&model)->state, MODEL_OK);
	model_clear(&model);
}
END_TEST

START_TEST(an_absurd_cell_number_costs_no_memory)
{
	struct model model;

	start_inbox(&model);
	APPLY(&model, .kind = EVENT_PLAN, .folder = "INBOX",
		.u.plan = { .download = 10 });
	APPLY(&model, .kind = EVENT_PROGRESS, .folder = "INBOX",
		.cell = 4000000000u,
		.u.progress = { PHASE_COPYING, 1, 5, 0, 0 });
	ck_assert_uint_eq(model.cell_count, 0);
	model_clear(&model);
}
END_TEST

START_TEST(without_a_plan_the_copies_give_the_total)
{
	struct model model;

	start_inbox(&model);
	APPLY(&model, .kind = EVENT_COPY, .folder = "INBOX",
		.u.copy = { .uid = 1, .index = 1, .count = 4 });
	ck_assert_uint_eq(inbox(&model)->meter.done, 1);
	ck_assert_uint_eq(inbox(&model)->meter.total, 4);
	model_clear(&model);
}
END_TEST

START_TEST(loading_shows_the_list_and_leaves_the_account_alone)
{
	struct model model;

	start_inbox(&model);
	APPLY(&model, .kind = EVENT_PROGRESS, .folder = "INBOX",
		.u.progress = { PHASE_LOADING, 500, 1000, 0, 0 });
	ck_assert_uint_eq(meter_permille(&inbox(&model)->meter), 500);
	ck_assert_uint_eq(model.accounts[0]->meter.done, 0);
	APPLY(&model, .kind = EVENT_PLAN, .folder = "INBOX",
		.u.plan = { .upload = 2 });
	ck_assert_uint_eq(inbox(&model)->meter.done, 0);
	ck_assert_uint_eq(inbox(&model)->meter.total, 2);
	model_clear(&model);
}
END_TEST

START_TEST(errors_are_counted_and_forgotten_by_the_next_run)
{
	struct model model;

	start_inbox(&model);
	APPLY(&model, .kind = EVENT_ERROR, .folder = "INBOX",
		.u.error = { ERROR_MESSAGE, ERROR_REFUSED, 4, "no room" });
	APPLY(&model, .kind = EVENT_ERROR,
		.u.error = { ERROR_ACCOUNT, ERROR_NETWORK, 0, "lost" });
	ck_assert_uint_eq(model_errors(&model), 2);
	ck_assert_uint_eq(inbox(&model)->errors, 1);
	ck_assert_str_eq(inbox(&model)->last_error,
		"ERROR: account A, folder INBOX, UID 4: no room");
	ck_assert_str_eq(model.accounts[0]->last_error,
		"ERROR: account A: lost");
	APPLY(&model, .kind = EVENT_ACCOUNT_START);
	ck_assert_uint_eq(model_errors(&model), 0);
	ck_assert_ptr_null(model.accounts[0]->last_error);
	model_clear(&model);
}
END_TEST

START_TEST(what_is_held_says_how_to_approve)
{
	struct model model;

	start_inbox(&model);
	APPLY(&model, .kind = EVENT_HELD, .folder = "INBOX",
		.u.held = { "Rem", 9, 10, "offlineimap --approve" });
	ck_assert_ptr_nonnull(
		strstr(inbox(&model)->held, "offlineimap --approve"));
	model_clear(&model);
}
END_TEST

START_TEST(a_sleep_is_a_time_and_one_line)
{
	struct model model;

	start_inbox(&model);
	uint64_t lines = model.log.end;
	APPLY(&model, .kind = EVENT_SLEEPING, .time_ms = 50000,
		.u.sleep = { 120 });
	APPLY(&model, .kind = EVENT_SLEEPING, .time_ms = 60000,
		.u.sleep = { 110 });
	ck_assert_int_eq(model.accounts[0]->wake_ms, 170000);
	ck_assert_int_eq(model_next_wake_ms(&model), 170000);
	ck_assert_uint_eq(model.log.end, lines + 1);
	APPLY(&model, .kind = EVENT_SLEEPING, .u.sleep = { 0 });
	ck_assert_int_eq(model_next_wake_ms(&model), 0);
	model_clear(&model);
}
END_TEST

START_TEST(questions_wait_for_one_another)
{
	struct model model;

	model_init(&model);
	APPLY(&model, .kind = EVENT_PASSWORD, .u.password = { .id = 1 });
	APPLY(&model, .kind = EVENT_PASSWORD, .u.password = { .id = 2 });
	ck_assert_uint_eq(ask_current(&model.questions)->u.password.id, 1);
	ask_next(&model.questions);
	ck_assert_uint_eq(ask_current(&model.questions)->u.password.id, 2);
	ask_next(&model.questions);
	ck_assert_ptr_null(ask_current(&model.questions));
	model_clear(&model);
}
END_TEST

START_TEST(the_log_is_bounded_in_lines_and_bytes)
{
	struct model model;
	char text[3 * RING_LINE_BYTES];

	model_init(&model);
	for (int i = 0; i < RING_LINES + 10; i++)
		model_log(&model, 1, TEXT_INFO, "short");
	ck_assert_uint_eq(model.log.end - model.log.first, RING_LINES);
	ck_assert_uint_eq(model.log.first, 10);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < RING_LINES; i++)
		model_log(&model, 1, TEXT_INFO, text);
	ck_assert_uint_le(model.log.bytes, RING_BYTES);
	ck_assert_uint_eq(
		strlen(ring_get(&model.log, model.log.end - 1)->text),
		RING_LINE_BYTES);
	model_clear(&model);
}
END_TEST

START_TEST(debug_lines_are_kept_only_when_wanted)
{
	struct model model;

	model_init(&model);
	ck_assert(!APPLY(&model, .kind = EVENT_LOG,
		.u.log = { EVENT_DEBUG, AREA_IMAP, "x", false }));
	ck_assert_uint_eq(model.log.end, 0);
	model.debug = true;
	ck_assert(APPLY(&model, .kind = EVENT_LOG,
		.u.log = { EVENT_DEBUG, AREA_IMAP, "x", false }));
	ck_assert_uint_eq(model.log.end, 1);
	model_clear(&model);
}
END_TEST

START_TEST(many_folders_are_found_quickly)
{
	struct model model;
	char name[32];

	model_init(&model);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 5000; i++) {
			snprintf(name, sizeof(name), "f%d", i * 7919 % 5000);
			APPLY(&model, .kind = EVENT_FOLDER_FOUND,
				.folder = name);
		}
	ck_assert_uint_eq(model.accounts[0]->folder_count, 5000);
	model_clear(&model);
}
END_TEST

Suite *model_suite(void)
{
	Suite *suite = suite_create("model");
	TCase *tcase = tcase_create("model");

	tcase_add_test(tcase,
		accounts_and_folders_stand_in_order_of_appearance);
	tcase_add_test(tcase, a_folder_goes_through_its_states);
	tcase_add_loop_test(tcase, every_outcome_is_a_final_state, 0,
		(int)ARRAY_LEN(outcomes));
	tcase_add_test(tcase, the_summary_says_what_all_runs_did);
	tcase_add_test(tcase, rate_and_time_left_come_from_event_times);
	tcase_add_test(tcase, a_clock_set_back_does_no_harm);
	tcase_add_test(tcase, workers_of_one_folder_add_up);
	tcase_add_test(tcase, late_progress_does_not_wake_an_ended_folder);
	tcase_add_test(tcase, an_absurd_cell_number_costs_no_memory);
	tcase_add_test(tcase, without_a_plan_the_copies_give_the_total);
	tcase_add_test(tcase,
		loading_shows_the_list_and_leaves_the_account_alone);
	tcase_add_test(tcase,
		errors_are_counted_and_forgotten_by_the_next_run);
	tcase_add_test(tcase, what_is_held_says_how_to_approve);
	tcase_add_test(tcase, a_sleep_is_a_time_and_one_line);
	tcase_add_test(tcase, questions_wait_for_one_another);
	tcase_add_test(tcase, the_log_is_bounded_in_lines_and_bytes);
	tcase_add_test(tcase, debug_lines_are_kept_only_when_wanted);
	tcase_add_test(tcase, many_folders_are_found_quickly);
	suite_add_tcase(suite, tcase);
	return suite;
}
