#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "imap/flag.h"
#include "mem.h"
#include "suites.h"
#include "support/box.h"

#define S FLAG_SEEN
#define F FLAG_FLAGGED

/* The lines of the map, in their order. */
static void assert_map(const char *expected)
{
	char *path = mem_printf("%s/map/UIDMapping/box", box.dir);
	struct str text = {0};
	struct error err = {0};

	ck_assert_msg(file_read(path, 4096, &text, &err), "%s", err.text);
	ck_assert_str_eq(str_get(&text), expected);
	str_clear(&text);
	free(path);
}

static void write_map(const char *text)
{
	char *path = mem_printf("%s/map/UIDMapping/box", box.dir);
	struct error err = {0};

	ck_assert(file_write(path, span_of(text), false, &err));
	free(path);
}

START_TEST(pairs_are_written_in_the_order_in_which_they_are_made)
{
	box_here("l1", 0, 0);
	box_here("l2", 0, F);
	box_there("r1", S);
	box_run_ok();
	box_assert_counts(3, 3);
	assert_map("3:1\n1:2\n2:3\n");
	box_assert_rows("1:S 2: 3:F ");
	box_assert_settled();
	assert_map("3:1\n1:2\n2:3\n");
}
END_TEST

START_TEST(changes_are_carried_over_between_two_servers)
{
	box_there("a", 0);
	box_there("b", 0);
	box_there("c", 0);
	box_here("d", 0, 0);
	box_run_ok();
	box_remove_uid(box.r, 1);
	box_remove_uid(box.l, 1); /* d */
	mem_folder_find(box.r, 2)->flags = S;
	mem_folder_find(box.l, 4)->flags = F; /* c */
	box_run_ok();
	box_assert_counts(2, 2);
	box_assert_rows("2:S 3:F ");
	box_assert_settled();
}
END_TEST

START_TEST(a_line_that_is_no_pair_costs_the_folder)
{
	box_there("a", 0);
	box_run_ok();
	box_there("b", 0);
	write_map("1:1\n2:x\n");
	ck_assert(syncpair_run(&box));
	ck_assert_int_eq(box.result.outcome, OUTCOME_FAILED);
	ck_assert_uint_eq(syncpair_told(&box, "UIDMapping/box:2: "), 1);
	box_assert_counts(2, 1);
	write_map("1:1\n");
	box_run_ok();
	box_assert_settled();
}
END_TEST

START_TEST(pairs_that_were_lost_are_found_by_content)
{
	box_there("a", 0);
	box_there("b", S);
	box_there("c", 0);
	box_run_ok();
	write_map("1:1\n");
	box_here("d", 0, 0);
	box_run_ok();
	box_assert_counts(4, 4);
	box_assert_rows("1: 2:S 3: 4: ");
	box_assert_settled();
}
END_TEST

/* D1 for the local side: the numbers mean other messages now. */
START_TEST(a_local_server_that_renumbers_keeps_its_messages)
{
	box_there("a", 0);
	box_there("b", S);
	box_there("c", 0);
	box_run_ok();
	box_remove_uid(box.l, 1);
	mem_folder_renumber(box.l, 7);
	box_run_ok();
	box_run_ok();
	box_assert_counts(3, 3);
	box_assert_settled();
}
END_TEST

START_TEST(a_local_server_from_a_backup_keeps_its_messages)
{
	box_there("a", 0);
	box_there("b", 0);
	box_run_ok();
	box_there("c", 0);
	box_run_ok();
	/* the backup is older than c, and its number is given once more */
	box_remove_uid(box.l, 3);
	box.l->uidnext = 3;
	box_run_ok();
	box_run_ok();
	box_assert_counts(3, 3);
	ck_assert_uint_eq(mem_folder_count(box.l, "body of c"), 1);
	box_assert_settled();
}
END_TEST

/* ---- A sudden end at any moment ---- */

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
	box_there("r2", 0);
	box_here("l1", 0, F);
	box_here("l2", 0, 0);
	box_here("l2", 0, 0);
	memtree_add(box.local, "box", 0, 0, "\r\n");
}

static void assert_names(size_t count)
{
	box_assert_counts(count, count);
	ck_assert_uint_eq(mem_folder_count(box.r, "body of l1"), 1);
	ck_assert_uint_eq(mem_folder_count(box.r, "body of l2"), 2);
	ck_assert_uint_eq(mem_folder_count(box.l, "body of r1"), 1);
	ck_assert_uint_eq(mem_folder_count(box.l, "body of r2"), 2);
	box_assert_settled();
}

static void assert_mixed(void)
{
	assert_names(12);
}

/* Nothing is deleted then: a and b are brought back. */
static void assert_healed(void)
{
	assert_names(14);
}

static void make_mixed(void)
{
	box_setup_mapped();
	mixed();
}

static void make_without_uidplus(void)
{
	box_setup_mapped();
	box.local->no_appenduid = true;
	mixed();
}

static void make_bare(void)
{
	box_setup_mapped();
	box.local->no_appenduid = box.remote->no_appenduid = true;
	mixed();
}

static void make_stateless(void)
{
	box_setup_mapped();
	mixed();
	syncpair_lose_state(&box);
}

static void make_renumbered(void)
{
	box_setup_mapped();
	mixed();
	mem_folder_renumber(box.l, 5);
}

static const struct scenario {
	void (*make)(void);
	void (*judge)(void);
} scenarios[] = {
	{make_mixed, assert_mixed},
	{make_without_uidplus, assert_mixed},
	{make_bare, assert_mixed},
	{make_stateless, assert_healed},
	{make_renumbered, assert_healed},
};

START_TEST(a_run_that_dies_between_two_servers_is_completed)
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

START_TEST(two_runs_that_die_between_two_servers_are_completed)
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

void apply_map_add(Suite *suite)
{
	TCase *tc = tcase_create("map");
	TCase *deaths = tcase_create("map_deaths");
	int count = (int)ARRAY_LEN(scenarios);

	tcase_add_checked_fixture(tc, box_setup_mapped, box_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc,
		pairs_are_written_in_the_order_in_which_they_are_made);
	tcase_add_test(tc, changes_are_carried_over_between_two_servers);
	tcase_add_test(tc, a_line_that_is_no_pair_costs_the_folder);
	tcase_add_test(tc, pairs_that_were_lost_are_found_by_content);
	tcase_add_test(tc, a_local_server_that_renumbers_keeps_its_messages);
	tcase_add_test(tc, a_local_server_from_a_backup_keeps_its_messages);
	suite_add_tcase(suite, tc);
	tcase_set_timeout(deaths, 300);
	tcase_add_loop_test(deaths,
		a_run_that_dies_between_two_servers_is_completed, 0, count);
	tcase_add_loop_test(deaths,
		two_runs_that_die_between_two_servers_are_completed, 0, count);
	suite_add_tcase(suite, deaths);
}
