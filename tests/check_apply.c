#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/thread.h"
#include "imap/flag.h"
#include "mem.h"
#include "suites.h"
#include "support/box.h"

#define S FLAG_SEEN
#define F FLAG_FLAGGED

/* ---- Ordinary runs ---- */

START_TEST(messages_are_copied_both_ways)
{
	box_there("a", S);
	box_there("b", 0);
	box_here("c", 0, F);
	box_run_ok();
	box_assert_counts(3, 3);
	ck_assert_uint_eq(box.result.downloaded, 2);
	ck_assert_uint_eq(box.result.uploaded, 1);
	box_assert_rows("1:S 2: 3:F ");
	box_assert_settled();
}
END_TEST

/* RFC 7162 section 3.1.3: what somebody changed on the server after the list
 * was read is left as it is, and compared again by the next run. */
START_TEST(flags_that_change_meanwhile_wait_for_the_next_run)
{
	for (uint32_t uid = 1; uid <= 3; uid++)
		memtree_add(box.remote, "box", uid, 0, "A: b\r\n\r\n");
	ck_assert(syncpair_run(&box));
	for (uint32_t uid = 1; uid <= 3; uid++)
		mem_folder_find(box.l, uid)->flags = S;
	box.remote->modseq = 5;
	box.remote->busy = 2;
	ck_assert(syncpair_run(&box));
	ck_assert_int_eq(box.result.outcome, OUTCOME_PARTIAL);
	ck_assert_uint_eq(box.result.flagged, 2);
	ck_assert_uint_eq(mem_folder_find(box.r, 1)->flags, S);
	ck_assert_uint_eq(mem_folder_find(box.r, 2)->flags, 0);
	ck_assert_uint_eq(syncpair_told(&box, "looks at them again (1)"), 1);
	box.remote->busy = 0;
	mem_folder_find(box.r, 2)->flags = F;
	ck_assert(syncpair_run(&box));
	ck_assert_int_eq(box.result.outcome, OUTCOME_OK);
	for (uint32_t uid = 1; uid <= 3; uid++) {
		uint32_t flags = uid == 2 ? S | F : S;

		ck_assert_uint_eq(mem_folder_find(box.r, uid)->flags, flags);
		ck_assert_uint_eq(mem_folder_find(box.l, uid)->flags, flags);
	}
}
END_TEST

START_TEST(deletions_and_flags_are_carried_over)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		box_there(names[i], 0);
	box_run_ok();
	box_remove_uid(box.r, 1);
	box_remove_uid(box.l, 2);
	mem_folder_find(box.r, 3)->flags = S;
	mem_folder_find(box.l, 4)->flags = F;
	mem_folder_find(box.r, 5)->flags = S;
	mem_folder_find(box.l, 5)->flags = F;
	box_run_ok();
	box_assert_counts(4, 4);
	ck_assert_uint_eq(box.result.deleted, 2);
	box_assert_rows("3:S 4:F 5:FS 6: ");
	box_assert_settled();
}
END_TEST

START_TEST(a_letter_without_counterpart_causes_no_traffic)
{
	box_there("a", S);
	box_run_ok();
	mem_folder_find(box.l, 1)->flags = S | FLAG_PASSED;
	box_run_ok();
	ck_assert(!syncpair_changed(&box));
	mem_folder_find(box.r, 1)->flags = S | F;
	box_run_ok();
	ck_assert_uint_eq(mem_folder_find(box.l, 1)->flags,
		S | F | FLAG_PASSED);
	box_assert_rows("1:FS ");
	box_run_ok();
	ck_assert(!syncpair_changed(&box));
}
END_TEST

START_TEST(a_flag_that_the_server_cannot_keep_is_not_sent_for_ever)
{
	box.r->flags_allowed = S;
	box_here("a", 0, S | F);
	box_run_ok();
	box_assert_rows("1:S ");
	box_run_ok();
	ck_assert(!syncpair_changed(&box));
	ck_assert_uint_eq(mem_folder_find(box.l, 1)->flags, S | F);
}
END_TEST

START_TEST(an_emptied_side_is_held_until_approved)
{
	box_there("a", 0);
	box_there("b", 0);
	box_run_ok();
	box_remove_uid(box.l, 1);
	box_remove_uid(box.l, 2);
	box_run_ok();
	ck_assert_int_eq(box.result.outcome, OUTCOME_HELD);
	ck_assert_uint_eq(syncpair_told(&box, "HELD 2 of 2 in MemRemote: "
		"approve box"), 1);
	box_assert_counts(2, 0);
	box.job.approved = true;
	box_run_ok();
	box_assert_counts(0, 0);
	box_assert_rows("");
}
END_TEST

START_TEST(an_incomplete_list_deletes_nothing)
{
	box_there("a", 0);
	box_there("b", 0);
	box_there("c", 0);
	box_run_ok();
	box.remote->incomplete = true;
	box_run_ok();
	ck_assert_int_eq(box.result.outcome, OUTCOME_PARTIAL);
	box_assert_counts(3, 3);
	box.remote->incomplete = false;
	box_assert_settled();
}
END_TEST

/* N11: the folder is not there, and the rows are of one that was. */
START_TEST(a_dry_run_tells_what_goes_into_a_folder_not_made)
{
	bool remote = _i == 1;

	box_there("a", S);
	box_here("b", 0, 0);
	box_run_ok();
	memtree_remove_folder(remote ? box.remote : box.local, "box");
	box.pair.create_remote = remote;
	box.pair.create_local = !remote;
	box.job.dry_run = true;
	ck_assert_msg(syncpair_run(&box), "%s", box.err.text);
	ck_assert_int_eq(box.result.outcome, OUTCOME_OK);
	ck_assert_uint_eq(syncpair_told(&box, remote ? "to MemRemote"
		: "to MemLocal"), 2);
	ck_assert_uint_eq(syncpair_told(&box, "DELETE"), 0);
	ck_assert_uint_eq(syncpair_told(&box, "HELD"), 0);
}
END_TEST

START_TEST(a_dry_run_tells_and_does_nothing)
{
	box_there("a", S);
	box_here("b", 0, 0);
	box.job.dry_run = true;
	box_run_ok();
	ck_assert_uint_eq(syncpair_told(&box, "COPY 1 to MemLocal"), 1);
	ck_assert_uint_eq(syncpair_told(&box, "COPY -1 to MemRemote"), 1);
	box_assert_counts(1, 1);
	ck_assert(!folder_any_state(box.job.state_dir));
	box.job.dry_run = false;
	box_run_ok();
	ck_assert_uint_eq(syncpair_told(&box, "COPY 1 to MemLocal"), 1);
	ck_assert_uint_eq(syncpair_told(&box, "COPY -1 to MemRemote"), 1);
	box_assert_settled();
	ck_assert(folder_any_state(box.job.state_dir));
}
END_TEST

START_TEST(a_quick_run_skips_what_the_numbers_say_is_equal)
{
	box_there("a", S);
	box_run_ok();
	box.job.quick = true;
	box_run_ok();
	ck_assert_int_eq(box.result.outcome, OUTCOME_SKIPPED);
	box_there("b", 0);
	box_run_ok();
	ck_assert_int_eq(box.result.outcome, OUTCOME_OK);
	box_assert_counts(2, 2);
	mem_folder_find(box.l, 2)->flags = S;
	box_run_ok();
	ck_assert_uint_eq(mem_folder_find(box.r, 2)->flags, S);
}
END_TEST

START_TEST(a_message_marked_where_nothing_is_expunged_stays_deleted)
{
	box_there("a", 0);
	box_there("b", 0);
	box.job.expunge = false;
	box.remote->no_expunge = true;
	box_run_ok();
	box_remove_uid(box.l, 1);
	box_run_ok();
	box_assert_counts(2, 1);
	box_assert_rows("1:T 2: ");
	box_run_ok();
	ck_assert(!syncpair_changed(&box));
	/* somebody takes the mark away: it is wanted back */
	mem_folder_find(box.r, 1)->flags = 0;
	box_run_ok();
	box_assert_counts(2, 2);
}
END_TEST

static void bring_back(struct syncpair *pair, const char *what)
{
	if (strcmp(what, "commit") == 0 && !mem_folder_find(pair->l, 1))
		box_here("a", 1, 0);
}

START_TEST(a_message_that_is_back_at_the_second_look_is_not_deleted)
{
	box_there("a", 0);
	box_there("b", 0);
	box_run_ok();
	box_remove_uid(box.l, 1);
	box_there("c", 0);
	box.meanwhile = bring_back;
	box_run_ok();
	ck_assert_uint_eq(syncpair_told(&box, "DELETE"), 0);
	box_assert_counts(3, 3);
	box.meanwhile = NULL;
	box_assert_settled();
}
END_TEST

START_TEST(a_side_that_is_read_only_is_not_changed)
{
	box_there("a", 0);
	box_there("b", 0);
	box_run_ok();
	box_remove_uid(box.l, 1);
	box_here("c", 0, 0);
	box_there("d", 0);
	mem_folder_find(box.l, 2)->flags = S;
	box.r->readonly = true;
	box_run_ok();
	ck_assert_uint_eq(syncpair_told(&box, "read-only on the server"), 1);
	box_assert_counts(3, 3);
	ck_assert_uint_eq(box.remote->removed + box.remote->appended +
		box.remote->flagged, 0);
	box.r->readonly = false;
	box.job.readonly_remote = true;
	box_run_ok();
	ck_assert(!syncpair_changed(&box));
	box.job.readonly_remote = false;
	box_run_ok();
	box_assert_counts(3, 3);
	box_assert_settled();
}
END_TEST

START_TEST(a_stopped_run_is_interrupted_and_says_nothing_else)
{
	struct stop *stop = stop_new();

	box_there("a", 0);
	stop_raise(stop);
	box.stop = stop;
	ck_assert(!syncpair_run(&box));
	ck_assert_int_eq(box.err.kind, ERROR_STOPPED);
	ck_assert_int_eq(box.result.outcome, OUTCOME_INTERRUPTED);
	ck_assert_uint_eq(syncpair_told(&box, "ERROR"), 0);
	ck_assert_uint_eq(syncpair_told(&box, "FOLDER_END"), 1);
	box.stop = NULL;
	stop_free(stop);
	box_run_ok();
	box_assert_settled();
}
END_TEST

START_TEST(a_folder_to_be_made_anew_forgets_its_state)
{
	struct error err = {0};

	box_there("a", 0);
	box_there("b", 0);
	box_run_ok();
	box_remove_uid(box.l, 1);
	box_remove_uid(box.l, 2);
	box.job.remote = box.job.local = NULL;
	ck_assert_msg(folder_forget(&box.job, &err), "%s", err.text);
	ck_assert(!folder_any_state(box.job.state_dir));
	box_run_ok();
	box_assert_counts(2, 2);
	box_assert_settled();
}
END_TEST

/* What an old release left would be taken for deletions in the new folder. */
START_TEST(a_folder_to_be_made_anew_forgets_an_old_text_file)
{
	static const char text[] = "OFFLINEIMAP LocalStatus CACHE DATA - DO "
		"NOT MODIFY - FORMAT 1\n1:\n";
	char *dir = mem_printf("%s/legacy", box.dir);
	char *path = mem_printf("%s/box", dir);
	struct error err = {0};

	ck_assert(file_mkdirs(dir, &err));
	ck_assert(file_write(path, span_of(text), false, &err));
	box.job.legacy_dir = dir;
	ck_assert(folder_any_legacy(box.job.state_dir, dir));
	box_there("a", 0);
	ck_assert_msg(folder_forget(&box.job, &err), "%s", err.text);
	ck_assert(!folder_any_legacy(box.job.state_dir, dir));
	box_run_ok();
	box_assert_counts(1, 1);
	box_assert_settled();
	/* but else it is as good as any state */
	syncpair_lose_state(&box);
	ck_assert(file_mkdirs(dir, &err));
	ck_assert(file_write(path, span_of(text), false, &err));
	syncpair_save_validity(&box, box.r->uidvalidity);
	box_remove_uid(box.l, 1);
	box_run_ok();
	box_assert_counts(0, 0);
	free(path);
	free(dir);
}
END_TEST

/* ---- One bad message ---- */

START_TEST(an_unfetchable_message_costs_one_message)
{
	box_there("a", 0);
	box_there("b", 0);
	box_there("c", 0);
	box.remote->withhold = 2;
	box_run_ok();
	ck_assert_int_eq(box.result.outcome, OUTCOME_PARTIAL);
	ck_assert_uint_eq(box.result.downloaded, 2);
	ck_assert_uint_eq(syncpair_told(&box, "ERROR 2 "), 1);
	box_run_ok();
	box_assert_counts(3, 2);
	box.remote->withhold = 0;
	box_run_ok();
	box_assert_settled();
}
END_TEST

START_TEST(a_refused_message_is_told_with_the_words_of_the_server)
{
	box_there("a", 0);
	box_there("bad", 0);
	box_here("worse", 0, 0);
	box_here("c", 0, 0);
	box.remote->refuse = "bad";
	box_run_ok();
	ck_assert_uint_eq(syncpair_told(&box, "NO this message is refused"), 1);
	box_assert_counts(4, 3 + 0);
	box.remote->refuse = NULL;
	box_run_ok();
	box_assert_settled();
	box_here("worse2", 0, 0);
	box_here("d", 0, 0);
	box.remote->refuse = "worse2";
	box_run_ok();
	ck_assert_int_eq(box.result.outcome, OUTCOME_PARTIAL);
	ck_assert_uint_eq(syncpair_told(&box, "this message is refused"), 1);
	box_assert_counts(5, 6);
}
END_TEST

START_TEST(a_local_message_that_cannot_be_read_costs_one_message)
{
	box_here("bad", 0, 0);
	box_here("good", 0, 0);
	box.local->refuse = "bad";
	box_run_ok();
	ck_assert_int_eq(box.result.outcome, OUTCOME_PARTIAL);
	box_assert_counts(1, 2);
}
END_TEST

/* ---- Numbers that mean nothing ---- */

static void three_synced(void)
{
	box_there("a", S);
	box_there("b", F);
	box_there("c", 0);
	box_there("d", 0);
	box_run_ok();
	/* the last one goes, so that later numbers differ */
	box_remove_uid(box.r, 1);
	box_run_ok();
	box_assert_counts(3, 3);
}

START_TEST(equal_messages_under_new_numbers_are_not_transferred)
{
	three_synced();
	mem_folder_renumber(box.r, 7);
	box_run_ok();
	ck_assert_uint_eq(syncpair_told(&box, "VALIDITY 1 to 7"), 1);
	ck_assert(!syncpair_changed(&box));
	box_assert_rows("1:F 2: 3: ");
	box_assert_settled();
	ck_assert_uint_eq(syncpair_told(&box, "VALIDITY"), 0);
}
END_TEST

START_TEST(other_messages_under_new_numbers_delete_nothing)
{
	three_synced();
	memtree_remove_folder(box.remote, "box");
	box.r = memtree_add_folder(box.remote, "box");
	box.r->uidvalidity = 9;
	box_there("x", 0);
	box_there("c", 0);
	box_there("y", 0);
	box_run_ok();
	ck_assert_uint_eq(syncpair_told(&box, "DELETE"), 0);
	box_assert_counts(5, 5);
	box_assert_settled();
}
END_TEST

START_TEST(an_emptied_server_under_new_numbers_is_filled_again)
{
	three_synced();
	memtree_remove_folder(box.remote, "box");
	box.r = memtree_add_folder(box.remote, "box");
	box.r->uidvalidity = 9;
	box_run_ok();
	box_assert_counts(3, 3);
	box_assert_settled();
}
END_TEST

START_TEST(a_server_restored_from_a_backup_loses_nothing)
{
	three_synced();
	box_there("late", 0);
	box_run_ok();
	/* the server is back at c, and has given d's number to another */
	box_remove_uid(box.r, 5);
	box_remove_uid(box.r, 4);
	box.r->uidnext = 4;
	box_there("other", 0);
	box_run_ok();
	ck_assert_uint_eq(syncpair_told(&box, "DELETE"), 0);
	box_assert_counts(5, 5);
	ck_assert_uint_eq(mem_folder_count(box.l, "body of late"), 1);
	ck_assert_uint_eq(mem_folder_count(box.l, "body of d"), 1);
	ck_assert_uint_eq(mem_folder_count(box.l, "body of other"), 1);
	box_assert_settled();
}
END_TEST

/* Another account with the same repository has seen it before us. */
START_TEST(new_numbers_are_noticed_though_the_file_is_up_to_date)
{
	three_synced();
	mem_folder_renumber(box.r, 7);
	mem_folder_find(box.r, 1)->uid = 50;
	box.r->uidnext = 51;
	syncpair_save_validity(&box, 7);
	box_run_ok();
	ck_assert(!syncpair_changed(&box));
	box_assert_settled();
}
END_TEST

START_TEST(a_lost_state_copies_nothing)
{
	three_synced();
	syncpair_lose_state(&box);
	box_run_ok();
	ck_assert(!syncpair_changed(&box));
	box_assert_settled();
}
END_TEST

START_TEST(equal_sides_without_any_number_are_paired)
{
	box_there("a", S);
	box_there("b", 0);
	box_here("b", 0, 0);
	box_here("a", 0, S);
	box_run_ok();
	ck_assert(!syncpair_changed(&box));
	box_assert_settled();
}
END_TEST

START_TEST(messages_that_differ_only_in_the_body_are_told_apart)
{
	static const char one[] = "Subject: x\r\n\r\n1\r\n";
	static const char two[] = "Subject: x\r\n\r\n2\r\n";

	memtree_add(box.remote, "box", 0, 0, one);
	memtree_add(box.remote, "box", 0, 0, two);
	memtree_add(box.remote, "box", 0, 0, two);
	box_run_ok();
	mem_folder_renumber(box.r, 2);
	/* the numbers are given the other way round */
	mem_folder_find(box.r, 1)->uid = 100;
	mem_folder_find(box.r, 3)->uid = 1;
	mem_folder_find(box.r, 100)->uid = 3;
	box_run_ok();
	ck_assert(!syncpair_changed(&box));
	box_assert_settled();
}
END_TEST

START_TEST(a_folder_without_uidvalidity_is_left_alone)
{
	box_there("a", 0);
	box_run_ok();
	box.r->uidvalidity = 0;
	box_remove_uid(box.l, 1);
	box_run_ok();
	ck_assert_int_eq(box.result.outcome, OUTCOME_FAILED);
	ck_assert_uint_eq(syncpair_told(&box, "no UIDVALIDITY"), 1);
	box_assert_counts(1, 0);
}
END_TEST

Suite *apply_suite(void)
{
	Suite *suite = suite_create("apply");
	TCase *runs = tcase_create("runs"), *bad = tcase_create("bad"),
		*heal = tcase_create("heal");

	tcase_add_checked_fixture(runs, box_setup, box_teardown);
	tcase_add_test(runs, messages_are_copied_both_ways);
	tcase_add_test(runs, deletions_and_flags_are_carried_over);
	tcase_add_test(runs,
		flags_that_change_meanwhile_wait_for_the_next_run);
	tcase_add_test(runs, a_letter_without_counterpart_causes_no_traffic);
	tcase_add_test(runs,
		a_flag_that_the_server_cannot_keep_is_not_sent_for_ever);
	tcase_add_test(runs, an_emptied_side_is_held_until_approved);
	tcase_add_test(runs, an_incomplete_list_deletes_nothing);
	tcase_add_loop_test(runs,
		a_dry_run_tells_what_goes_into_a_folder_not_made, 0, 2);
	tcase_add_test(runs, a_dry_run_tells_and_does_nothing);
	tcase_add_test(runs,
		a_quick_run_skips_what_the_numbers_say_is_equal);
	tcase_add_test(runs,
		a_message_marked_where_nothing_is_expunged_stays_deleted);
	tcase_add_test(runs,
		a_message_that_is_back_at_the_second_look_is_not_deleted);
	tcase_add_test(runs, a_side_that_is_read_only_is_not_changed);
	tcase_add_test(runs,
		a_stopped_run_is_interrupted_and_says_nothing_else);
	tcase_add_test(runs, a_folder_to_be_made_anew_forgets_its_state);
	tcase_add_test(runs,
		a_folder_to_be_made_anew_forgets_an_old_text_file);
	suite_add_tcase(suite, runs);

	tcase_add_checked_fixture(bad, box_setup, box_teardown);
	tcase_add_test(bad, an_unfetchable_message_costs_one_message);
	tcase_add_test(bad,
		a_refused_message_is_told_with_the_words_of_the_server);
	tcase_add_test(bad,
		a_local_message_that_cannot_be_read_costs_one_message);
	suite_add_tcase(suite, bad);

	tcase_add_checked_fixture(heal, box_setup, box_teardown);
	tcase_add_test(heal,
		equal_messages_under_new_numbers_are_not_transferred);
	tcase_add_test(heal, other_messages_under_new_numbers_delete_nothing);
	tcase_add_test(heal,
		an_emptied_server_under_new_numbers_is_filled_again);
	tcase_add_test(heal, a_server_restored_from_a_backup_loses_nothing);
	tcase_add_test(heal,
		new_numbers_are_noticed_though_the_file_is_up_to_date);
	tcase_add_test(heal, a_lost_state_copies_nothing);
	tcase_add_test(heal, equal_sides_without_any_number_are_paired);
	tcase_add_test(heal,
		messages_that_differ_only_in_the_body_are_told_apart);
	tcase_add_test(heal, a_folder_without_uidvalidity_is_left_alone);
	suite_add_tcase(suite, heal);

	apply_late_add(suite);
	apply_lost_add(suite);
	apply_map_add(suite);
	download_add(suite);
	return suite;
}
