#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "imap/flag.h"
#include "suites.h"
#include "support/box.h"
#include "sync/intent.h"
#include "sync/state.h"

#define S FLAG_SEEN
#define F FLAG_FLAGGED

/* ---- Uploads whose fate is unknown ---- */

START_TEST(an_upload_stored_but_not_answered_is_found)
{
	box_upload_five();
	box_lose_upload(MEM_LOST_AFTER, 3);
	box_run_ok();
	box_assert_counts(6, 6);
	box_assert_settled();
}
END_TEST

START_TEST(an_upload_that_never_arrived_is_sent_again)
{
	box_upload_five();
	box_lose_upload(MEM_LOST, 3);
	box_run_ok();
	box_assert_counts(6, 6);
	box_assert_settled();
}
END_TEST

START_TEST(nothing_is_sent_again_while_the_list_is_not_whole)
{
	box_upload_five();
	box_lose_upload(MEM_LOST_AFTER, 1);
	box.remote->incomplete = true;
	box_run_ok();
	ck_assert_int_eq(box.result.outcome, OUTCOME_PARTIAL);
	box_assert_counts(2, 6);
	box.remote->incomplete = false;
	box_run_ok();
	box_assert_counts(6, 6);
	box_assert_settled();
}
END_TEST

START_TEST(new_numbers_after_a_lost_upload_make_no_second_copy)
{
	box_upload_five();
	box_lose_upload(MEM_LOST_AFTER, 3);
	mem_folder_renumber(box.r, 3);
	box_run_ok();
	box_assert_counts(6, 6);
	box_assert_settled();
}
END_TEST

START_TEST(a_copy_made_by_the_user_is_kept)
{
	box_upload_five();
	box_run_ok();
	box_there("a", 0);
	box_run_ok();
	box_assert_counts(7, 7);
	box_assert_settled();
}
END_TEST

/* Days go by. */
static void age_intents(void)
{
	char *path = folder_state_path(&box.job);
	struct vec intents = VEC(struct intent);
	struct worker w = {0};
	struct error err = {0};
	struct state *s = state_open(path, STATE_FAST, &w, &err);

	ck_assert(s && intent_load(s, &intents, &err) &&
		state_begin(s, &err));
	for (size_t i = 0; i < intents.len; i++) {
		struct intent *it = vec_at(&intents, i);

		it->created_ms -= (int64_t)2 * 24 * 3600 * 1000;
		ck_assert(intent_put(s, it, &err));
	}
	ck_assert(state_commit(s, &err));
	intent_clear(&intents);
	state_close(s);
	free(path);
}

/* Its intent has left the state, and its number there is the new one's. */
START_TEST(an_old_attempt_takes_nothing_from_a_new_one)
{
	box_there("old", 0);
	box_run_ok();
	box_here("a", 0, 0);
	box_here("b", 0, 0);
	box_lose_upload(MEM_LOST_AFTER, 1);
	age_intents();
	box_here("c", 0, 0);
	box_lose_upload(MEM_LOST_AFTER, 2);
	box_run_ok();
	box_assert_counts(4, 4);
	box_assert_settled();
}
END_TEST

/* Same header, same size: only the bytes tell that it was never sent. */
START_TEST(a_draft_saved_again_is_not_taken_for_the_one_sent)
{
	char *body;

	box_here("a", 0, 0);
	box_lose_upload(MEM_LOST_AFTER, 1);
	body = strstr(mem_folder_at(box.l, 0)->wire, "body");
	ck_assert_ptr_nonnull(body);
	memcpy(body, "BODY", 4);
	box_run_ok();
	box_assert_counts(2, 2);
	ck_assert_uint_eq(mem_folder_count(box.r, "BODY of a"), 1);
	ck_assert_uint_eq(mem_folder_count(box.l, "body of a"), 1);
	box_assert_settled();
}
END_TEST

/* D1: it would be sent and received once more. */
START_TEST(no_numbers_are_healed_past_a_message_that_cannot_be_read)
{
	memtree_add(box.remote, "box", 0, 0, "\r\nno header\r\n");
	box_there("a", 0);
	box_run_ok();
	mem_folder_renumber(box.r, 3);
	box.local->refuse = "no header";
	ck_assert(syncpair_run(&box));
	ck_assert_int_eq(box.result.outcome, OUTCOME_FAILED);
	ck_assert_uint_eq(syncpair_told(&box, "cannot be read"), 1);
	box_assert_counts(2, 2);
	box.local->refuse = NULL;
	box_run_ok();
	box_assert_counts(2, 2);
	box_assert_settled();
}
END_TEST

START_TEST(a_message_deleted_after_a_lost_upload_comes_back)
{
	box_upload_five();
	box_lose_upload(MEM_LOST_AFTER, 1);
	mem_folder_remove(box.l, ((struct mem_message *)
		vec_at(&box.l->message, 1))->number);
	box_run_ok();
	box_assert_counts(6, 6);
	box_assert_settled();
}
END_TEST

START_TEST(uploads_are_found_where_the_server_tells_no_number)
{
	box.remote->no_appenduid = true;
	box_upload_five();
	box_here("a", 0, 0);
	box_run_ok();
	ck_assert_msg(box.result.outcome == OUTCOME_OK, "%s",
		str_get(&box.log));
	box_assert_counts(7, 7);
	box_assert_settled();
}
END_TEST

static void eight_there(void)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g",
		"h"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		box_there(names[i], 0);
}

START_TEST(a_lost_download_goes_on_where_it_was)
{
	eight_there();
	box.remote->fault = (struct mem_fault){.nth = 5, .op = "fetch",
		.kind = MEM_LOST};
	ck_assert(!syncpair_run(&box));
	box_assert_counts(8, 4);
	box_run_ok();
	ck_assert_uint_eq(box.result.downloaded, 4);
	box_assert_settled();
}
END_TEST

START_TEST(an_interrupted_deletion_resumes_as_one)
{
	eight_there();
	box_run_ok();
	for (uint32_t uid = 1; uid <= 5; uid++)
		box_remove_uid(box.l, uid);
	box.remote->fault = (struct mem_fault){.nth = 3, .op = "remove",
		.kind = MEM_LOST_AFTER};
	ck_assert(!syncpair_run(&box));
	box_run_ok();
	ck_assert_uint_eq(box.result.downloaded, 0);
	box_assert_counts(3, 3);
	box_assert_settled();
}
END_TEST

/* ---- Rows of another folder ---- */

/* The state says whose the rows are: so it is when it came along with a folder
 * that was renamed by all appearances. */
static void three_rows_of(const char *folder)
{
	char *path = folder_state_path(&box.job);
	struct worker w = {0};
	struct error err = {0};
	struct state *s;

	box_there("a", S);
	box_there("b", F);
	box_there("c", 0);
	box_run_ok();
	s = state_open(path, STATE_FAST, &w, &err);
	ck_assert(s && state_begin(s, &err) &&
		state_set_folder(s, folder, &err) && state_commit(s, &err));
	state_close(s);
	free(path);
}

START_TEST(rows_of_another_folder_delete_nothing)
{
	three_rows_of("elsewhere");
	memtree_remove_folder(box.remote, "box");
	box.r = memtree_add_folder(box.remote, "box");
	box_there("x", 0);
	box_there("y", 0);
	box_there("z", 0);
	if (_i) {
		memtree_remove_folder(box.local, "box");
		box.l = memtree_add_folder(box.local, "box");
	}
	box_run_ok();
	ck_assert_uint_eq(syncpair_told(&box, "DELETE"), 0);
	box_assert_counts(_i ? 3 : 6, _i ? 3 : 6);
	box_assert_settled();
}
END_TEST

START_TEST(a_folder_that_only_got_another_name_costs_nothing)
{
	three_rows_of("elsewhere");
	box_run_ok();
	ck_assert(!syncpair_changed(&box));
	box_assert_rows("1:S 2:F 3: ");
	box_assert_settled();
}
END_TEST

/* ---- A sudden end at any moment ---- */

/* Something of everything: new, deleted and changed on both sides, two equal
 * messages, one without any header. */
static void mixed(void)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		box_there(names[i], 0);
	box_run_ok();
	box_remove_uid(box.r, 1);
	box_remove_uid(box.l, 2);
	mem_folder_find(box.r, 3)->flags = S;
	mem_folder_find(box.l, 4)->flags = F;
	box_there("r1", S);
	box_there("r2", 0);
	box_here("l1", 0, F);
	box_here("l2", 0, 0);
	box_here("l2", 0, 0);
	memtree_add(box.local, "box", 0, 0, "\r\n");
}

static void assert_mixed(void)
{
	box_assert_counts(11, 11);
	ck_assert_uint_eq(mem_folder_count(box.r, "body of l1"), 1);
	ck_assert_uint_eq(mem_folder_count(box.r, "body of l2"), 2);
	ck_assert_uint_eq(mem_folder_count(box.l, "body of r1"), 1);
	ck_assert_uint_eq(mem_folder_count(box.l, "body of r2"), 1);
	box_assert_settled();
}

static void make_mixed(void)
{
	box_setup();
	mixed();
}

static void make_mixed_without_uidplus(void)
{
	box_setup();
	box.remote->no_appenduid = true;
	mixed();
}

/* Numbers that go round in a circle. */
static void make_renumbered(void)
{
	box_setup();
	mixed();
	mem_folder_renumber(box.r, 5);
}

/* Nothing is deleted then: a and b are brought back. */
static void assert_renumbered(void)
{
	box_assert_counts(13, 13);
	ck_assert_uint_eq(mem_folder_count(box.r, "body of l2"), 2);
	box_assert_settled();
}

static void make_stateless(void)
{
	box_setup();
	mixed();
	syncpair_lose_state(&box);
}

static const struct scenario {
	void (*make)(void);
	void (*judge)(void);
} scenarios[] = {
	{make_mixed, assert_mixed},
	{make_mixed_without_uidplus, assert_mixed},
	{make_renumbered, assert_renumbered},
	{make_stateless, assert_renumbered},
};

START_TEST(a_run_that_dies_at_any_step_is_completed_by_the_next)
{
	const struct scenario *s = &scenarios[_i];
	bool died = true;

	for (unsigned k = 1; died; k++) {
		s->make();
		died = syncpair_die(&box, k);
		box_run_ok();
		s->judge();
		box_teardown();
	}
}
END_TEST

/* The second one dies at some step too. */
START_TEST(two_runs_that_die_are_completed_by_the_third)
{
	const struct scenario *s = &scenarios[_i];
	bool died = true;

	for (unsigned k = 1; died; k++) {
		s->make();
		died = syncpair_die(&box, k);
		syncpair_die(&box, 1 + k * 7 % 23);
		box_run_ok();
		s->judge();
		box_teardown();
	}
}
END_TEST

void apply_lost_add(Suite *suite)
{
	TCase *lost = tcase_create("lost"), *death = tcase_create("death");

	tcase_add_checked_fixture(lost, box_setup, box_teardown);
	tcase_add_test(lost, an_upload_stored_but_not_answered_is_found);
	tcase_add_test(lost, an_upload_that_never_arrived_is_sent_again);
	tcase_add_test(lost,
		nothing_is_sent_again_while_the_list_is_not_whole);
	tcase_add_test(lost,
		new_numbers_after_a_lost_upload_make_no_second_copy);
	tcase_add_test(lost, a_copy_made_by_the_user_is_kept);
	tcase_add_test(lost, an_old_attempt_takes_nothing_from_a_new_one);
	tcase_add_test(lost,
		a_draft_saved_again_is_not_taken_for_the_one_sent);
	tcase_add_test(lost,
		no_numbers_are_healed_past_a_message_that_cannot_be_read);
	tcase_add_test(lost,
		a_message_deleted_after_a_lost_upload_comes_back);
	tcase_add_test(lost,
		uploads_are_found_where_the_server_tells_no_number);
	tcase_add_test(lost, a_lost_download_goes_on_where_it_was);
	tcase_add_test(lost, an_interrupted_deletion_resumes_as_one);
	tcase_add_loop_test(lost, rows_of_another_folder_delete_nothing, 0, 2);
	tcase_add_test(lost, a_folder_that_only_got_another_name_costs_nothing);
	suite_add_tcase(suite, lost);

	tcase_set_timeout(death, 300);
	tcase_add_loop_test(death,
		a_run_that_dies_at_any_step_is_completed_by_the_next, 0,
		ARRAY_LEN(scenarios));
	tcase_add_loop_test(death,
		two_runs_that_die_are_completed_by_the_third, 0,
		ARRAY_LEN(scenarios));
	suite_add_tcase(suite, death);
	apply_random_add(suite);
}
