#include "config.h"

#include <string.h>

#include "suites.h"
#include "support/box.h"

/* ---- Copies that dead sessions have sent, and that land late ---- */

START_TEST(a_late_copy_is_recognised_and_removed)
{
	box_upload_five();
	box_lose_upload(MEM_LOST_LATE, 2);
	box_run_ok();
	box_assert_counts(6, 6);
	memtree_land(box.remote);
	box_assert_counts(7, 6);
	box_run_ok();
	ck_assert_uint_eq(syncpair_told(&box, "second copy"), 1);
	box_assert_counts(6, 6);
	box_assert_settled();
}
END_TEST

START_TEST(a_late_copy_that_lands_before_the_next_run_is_taken)
{
	box_upload_five();
	box_lose_upload(MEM_LOST_LATE, 2);
	memtree_land(box.remote);
	box_run_ok();
	ck_assert_uint_eq(box.result.uploaded, 3);
	box_assert_counts(6, 6);
	box_assert_settled();
}
END_TEST

START_TEST(two_lost_attempts_leave_one_copy)
{
	box_upload_five();
	box_lose_upload(MEM_LOST_LATE, 1);
	box_lose_upload(MEM_LOST_LATE, 1);
	box_run_ok();
	box_assert_counts(6, 6);
	memtree_land(box.remote);
	box_assert_counts(8, 6);
	box_run_ok();
	box_assert_counts(6, 6);
	box_assert_settled();
}
END_TEST

/* What two dead sessions have sent, and what a third has: one is there already
 * when the run begins. */
static void make_late(void (*setup)(void))
{
	setup();
	box_upload_five();
	box_lose_upload(MEM_LOST_LATE, 1);
	box_lose_upload(MEM_LOST_LATE, 3);
	box_lose_upload(MEM_LOST_LATE, 2);
	ck_assert_uint_eq(box.remote->late.len, 3);
	memtree_land_one(box.remote);
}

START_TEST(copies_that_land_one_by_one_at_any_step_are_single)
{
	static void (*const setups[])(void) = {box_setup, box_setup_mapped};
	uint64_t end = 1;

	for (uint64_t k = 1; k <= end; k++) {
		uint64_t before;

		make_late(setups[_i]);
		before = box.remote->steps;
		box.remote->land_from = before + k;
		box_run_ok();
		end = box.remote->steps - before + 1;
		box.remote->land_from = 0;
		memtree_land(box.remote);
		box_run_ok();
		box_assert_counts(6, 6);
		box_assert_settled();
		box_teardown();
	}
}
END_TEST

START_TEST(a_late_copy_whose_twin_is_gone_is_kept)
{
	box_upload_five();
	box_lose_upload(MEM_LOST_LATE, 1);
	box_run_ok();
	box_remove_uid(box.r, 2);
	memtree_land(box.remote);
	box_run_ok();
	ck_assert_uint_eq(mem_folder_count(box.r, "body of a"), 1);
	ck_assert_uint_eq(mem_folder_count(box.l, "body of a"), 1);
	box_assert_settled();
}
END_TEST

static void remove_body(struct mem_folder *f, const char *text)
{
	for (size_t i = 0; i < f->message.len; i++) {
		const struct mem_message *m = mem_folder_at(f, i);

		if (mem_message_contains(m, text)) {
			mem_folder_remove(f, m->number);
			return;
		}
	}
}

/* Who sees two of them deletes one. */
static void deletes_one(struct syncpair *p, const char *what)
{
	if (strcmp(what, "remove") != 0)
		return;
	remove_body(p->r, "body of b");
	p->meanwhile = NULL;
}

START_TEST(a_late_copy_does_not_go_with_its_twin)
{
	box_upload_five();
	box_lose_upload(MEM_LOST_LATE, 2);
	box_run_ok();
	memtree_land(box.remote);
	box.meanwhile = deletes_one;
	box_run_ok();
	ck_assert(!box.meanwhile);
	ck_assert_uint_eq(mem_folder_count(box.r, "body of b"), 1);
	box_assert_counts(6, 6);
	box_assert_settled();
}
END_TEST

/* It is new mail then, once; a copy that comes later still is known. */
START_TEST(late_copies_of_a_message_that_is_gone_here_are_one)
{
	for (unsigned at_once = 1; at_once <= 3; at_once++) {
		box_setup();
		box_upload_five();
		for (int i = 0; i < 3; i++)
			box_lose_upload(MEM_LOST_LATE, 1);
		remove_body(box.l, "body of a");
		for (unsigned i = 0; i < at_once; i++)
			memtree_land_one(box.remote);
		box_run_ok();
		memtree_land(box.remote);
		box_run_ok();
		ck_assert_uint_eq(mem_folder_count(box.r, "body of a"), 1);
		box_assert_counts(6, 6);
		box_assert_settled();
		box_teardown();
	}
}
END_TEST

START_TEST(a_late_copy_takes_only_one_message_away)
{
	box_upload_five();
	box_lose_upload(MEM_LOST_LATE, 1);
	box_run_ok();
	memtree_land(box.remote);
	box_there("a", 0);
	box_run_ok();
	box_assert_counts(7, 7);
	box_assert_settled();
}
END_TEST

void apply_late_add(Suite *suite)
{
	TCase *late = tcase_create("late"), *steps = tcase_create("steps");

	tcase_add_checked_fixture(late, box_setup, box_teardown);
	tcase_set_timeout(late, 60);
	tcase_add_test(late, a_late_copy_is_recognised_and_removed);
	tcase_add_test(late,
		a_late_copy_that_lands_before_the_next_run_is_taken);
	tcase_add_test(late, two_lost_attempts_leave_one_copy);
	tcase_add_test(late, a_late_copy_whose_twin_is_gone_is_kept);
	tcase_add_test(late, a_late_copy_does_not_go_with_its_twin);
	tcase_add_test(late, a_late_copy_takes_only_one_message_away);
	suite_add_tcase(suite, late);

	tcase_set_timeout(steps, 300);
	tcase_add_loop_test(steps,
		copies_that_land_one_by_one_at_any_step_are_single, 0, 2);
	tcase_add_test(steps,
		late_copies_of_a_message_that_is_gone_here_are_one);
	suite_add_tcase(suite, steps);
}
