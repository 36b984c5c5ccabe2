#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "imap/flag.h"
#include "imap/seqset.h"
#include "mem.h"
#include "suites.h"
#include "support/box.h"
#include "sync/plan.h"
#include "sync/validity.h"

#define S FLAG_SEEN
#define F FLAG_FLAGGED

static char *start_dir;

static void setup(void)
{
	box_setup();
	start_dir = mem_printf("%s/start", box.dir);
	box.job.limits.start_dir[PLAN_REMOTE] = start_dir;
	box.job.limits.start_dir[PLAN_LOCAL] = start_dir;
}

static void teardown(void)
{
	box_teardown();
	free(start_dir);
}

static void there_on(const char *name, int day)
{
	box_there(name, 0);
	mem_folder_at(box.r, box.r->message.len - 1)->date =
		memtree_day(2026, 1, day);
}

static void here_on(const char *name, uint32_t uid, int day)
{
	box_here(name, uid, 0);
	mem_folder_at(box.l, box.l->message.len - 1)->date =
		memtree_day(2026, 1, day);
}

static void age(int day)
{
	box.job.limits.maxage = (struct ops_search){0};
	if (day > 0)
		box.job.limits.maxage = (struct ops_search){.year = 2026,
			.month = 1, .day = day};
}

static void start(enum plan_side side, int day)
{
	box.job.limits.start[side] = (struct ops_search){.year = 2026,
		.month = 1, .day = day};
}

static void three_days(void)
{
	there_on("a", 1);
	there_on("b", 2);
	there_on("c", 3);
}

static void assert_nothing_done(void)
{
	ck_assert_msg(!syncpair_changed(&box), "%s", str_get(&box.log));
}

/* ---- maxage ---- */

START_TEST(messages_that_are_too_old_are_nobody_s)
{
	three_days();
	age(2);
	box_run_ok();
	box_assert_counts(3, 2);
	box_assert_rows("2: 3: ");
	/* deleted, flagged, there and here: it stays as it is */
	mem_folder_find(box.r, 1)->flags = S;
	here_on("a2", 1, 1);
	box_run_ok();
	assert_nothing_done();
	box_remove_uid(box.r, 1);
	box_run_ok();
	assert_nothing_done();
	box_assert_counts(2, 3);
	ck_assert_int_eq(box.result.outcome, OUTCOME_OK);
}
END_TEST

START_TEST(a_window_that_moves_on_takes_nothing_along)
{
	three_days();
	box_run_ok();
	box_assert_rows("1: 2: 3: ");
	age(2);
	box_run_ok();
	assert_nothing_done();
	box_assert_rows("2: 3: ");
	age(3);
	/* both deleted in the same moment in which they leave */
	box_remove_uid(box.r, 2);
	box_run_ok();
	assert_nothing_done();
	box_assert_counts(2, 3);
	box_assert_rows("3: ");
	age(4);
	box_run_ok();
	assert_nothing_done();
	box_assert_rows("");
}
END_TEST

START_TEST(a_window_that_is_widened_brings_back_and_deletes_nothing)
{
	three_days();
	box_run_ok();
	age(3);
	box_run_ok();
	box_remove_uid(box.r, 1);
	box_remove_uid(box.l, 2);
	box_run_ok();
	assert_nothing_done();
	age(0);
	box_run_ok();
	ck_assert_uint_eq(syncpair_told(&box, "DELETE"), 0);
	box_assert_counts(3, 3);
	box_assert_settled();
	ck_assert_uint_eq(mem_folder_count(box.r, "body of a"), 1);
	ck_assert_uint_eq(mem_folder_count(box.l, "body of b"), 1);
}
END_TEST

START_TEST(inside_the_window_deletions_are_carried_over)
{
	three_days();
	there_on("d", 4);
	age(2);
	box_run_ok();
	box_remove_uid(box.r, 4);
	box_remove_uid(box.l, 3);
	box_run_ok();
	box_assert_counts(2, 1);
	box_assert_rows("2: ");
}
END_TEST

/* A number above that of the first one: the message is not old to us. */
START_TEST(an_old_message_with_a_high_number_is_inside)
{
	three_days();
	there_on("old", 1);
	age(3);
	box_run_ok();
	box_assert_counts(4, 2);
	box_assert_rows("3: 4: ");
}
END_TEST

START_TEST(new_local_messages_are_sent_however_old)
{
	three_days();
	here_on("new", 0, 1);
	age(3);
	box_run_ok();
	box_assert_counts(4, 2);
	box_assert_rows("3: 4: ");
	box_run_ok();
	assert_nothing_done();
}
END_TEST

START_TEST(without_a_recent_message_only_new_ones_are_ours)
{
	three_days();
	box_run_ok();
	age(9);
	here_on("new", 0, 9);
	mem_folder_find(box.l, 2)->flags = S;
	box_run_ok();
	box_assert_counts(4, 4);
	ck_assert_uint_eq(mem_folder_find(box.r, 2)->flags, 0);
	box_run_ok();
	assert_nothing_done();
	box_assert_rows("4: ");
	there_on("recent", 9);
	box_run_ok();
	box_assert_counts(5, 5);
}
END_TEST

/* The last recent message was deleted there: that it was one is known from
 * when it came here. */
START_TEST(the_last_recent_message_can_be_deleted)
{
	three_days();
	there_on("recent", 8);
	age(7);
	box_run_ok();
	box_assert_rows("4: ");
	box_remove_uid(box.r, 4);
	box_run_ok();
	box_assert_counts(3, 0);
	box_assert_rows("");
}
END_TEST

/* What the server deleted for its age stays here, as it does with OfflineIMAP:
 * some keep their archive so. */
START_TEST(what_the_server_drops_for_its_age_stays_here)
{
	three_days();
	age(1);
	box_run_ok();
	age(2);
	box_remove_uid(box.r, 1);
	box_run_ok();
	age(3);
	box_remove_uid(box.r, 2);
	box_run_ok();
	age(4);
	box_remove_uid(box.r, 3);
	box_run_ok();
	box_assert_counts(0, 3);
	age(9);
	box_run_ok();
	there_on("recent", 9);
	box_run_ok();
	box_assert_counts(1, 4);
}
END_TEST

START_TEST(quick_is_not_possible_with_a_window)
{
	three_days();
	age(1);
	box_run_ok();
	box.job.quick = true;
	mem_folder_find(box.r, 3)->flags = S;
	box_run_ok();
	ck_assert_uint_eq(mem_folder_find(box.l, 3)->flags, S);
	ck_assert_uint_eq(syncpair_told(&box, "Quick syncs (-q) not supported "
		"in conjunction with maxage or startdate; ignoring -q."), 1);
}
END_TEST

START_TEST(a_search_that_fails_costs_the_folder)
{
	three_days();
	age(2);
	box.remote->fault = (struct mem_fault){.nth = 1, .op = "search"};
	ck_assert(syncpair_run(&box));
	ck_assert_int_eq(box.result.outcome, OUTCOME_FAILED);
	box_assert_counts(3, 0);
}
END_TEST

/* ---- startdate ---- */

START_TEST(a_start_is_found_once)
{
	uint32_t saved = 0;

	three_days();
	start(PLAN_REMOTE, 2);
	box_run_ok();
	box_assert_counts(3, 2);
	ck_assert(validity_read(start_dir, "box", &saved, &box.err));
	ck_assert_uint_eq(saved, 2);
	there_on("later but old", 1);
	box_remove_uid(box.r, 2);
	box_run_ok();
	box_assert_counts(3, 2);
	box_assert_rows("3: 4: ");
}
END_TEST

START_TEST(with_a_start_the_other_side_must_be_empty_at_first)
{
	three_days();
	here_on("x", 0, 2);
	start(PLAN_REMOTE, 2);
	ck_assert(syncpair_run(&box));
	ck_assert_int_eq(box.result.outcome, OUTCOME_FAILED);
	ck_assert_uint_eq(syncpair_told(&box, "to use startdate on repository "
		"MemRemote, repository MemLocal must be empty"), 1);
	box_assert_counts(3, 1);
	ck_assert(!file_is_dir(start_dir));
}
END_TEST

/* OfflineIMAP writes 1 then, and brings all that is old in the next run. */
START_TEST(a_start_without_messages_brings_no_old_ones_later)
{
	three_days();
	start(PLAN_REMOTE, 9);
	box_run_ok();
	box_run_ok();
	box_assert_counts(3, 0);
	there_on("new", 9);
	box_run_ok();
	box_assert_counts(4, 1);
}
END_TEST

START_TEST(a_start_is_found_anew_when_numbers_change)
{
	uint32_t saved = 0;

	three_days();
	there_on("d", 4);
	start(PLAN_REMOTE, 3);
	box_run_ok();
	box_remove_uid(box.r, 1);
	mem_folder_renumber(box.r, 7);
	box_run_ok();
	ck_assert(validity_read(start_dir, "box", &saved, &box.err));
	ck_assert_uint_eq(saved, 2);
	box_assert_counts(3, 2);
	box_assert_rows("2: 3: ");
	box_run_ok();
	assert_nothing_done();
}
END_TEST

START_TEST(a_local_start_holds_old_new_messages_back)
{
	here_on("a", 0, 1);
	here_on("b", 0, 2);
	start(PLAN_LOCAL, 2);
	box_run_ok();
	box_assert_counts(1, 2);
	box_run_ok();
	assert_nothing_done();
	there_on("old there", 1);
	here_on("c", 0, 3);
	box_run_ok();
	box_assert_counts(3, 4);
	box_assert_rows("1: 2: 3: ");
	ck_assert_int_eq(box.result.outcome, OUTCOME_OK);
}
END_TEST

/* ---- maxsize and copy_ignore_eval ---- */

/* As long as the limit or not, the messages of box_there are that long. */
static size_t usual_size(void)
{
	char *wire = box_wire("a");
	size_t len = strlen(wire);

	free(wire);
	return len;
}

START_TEST(large_messages_are_not_copied_and_nothing_else)
{
	box.job.limits.maxsize = usual_size();
	box_there("a", 0);
	box_there("large", 0);
	box_here("b", 0, 0);
	box_here("large too", 0, 0);
	box_run_ok();
	box_assert_counts(3, 3);
	ck_assert_int_eq(box.result.outcome, OUTCOME_OK);
	box_run_ok();
	assert_nothing_done();
	/* without the limit they come */
	box.job.limits.maxsize = 0;
	box_run_ok();
	box_assert_counts(4, 4);
	/* and once known they are as any other */
	box.job.limits.maxsize = 1;
	mem_folder_find(box.r, 2)->flags = S;
	box_run_ok();
	ck_assert_uint_eq(mem_folder_find(box.l, 2)->flags, S);
	box_remove_uid(box.l, 2);
	box_remove_uid(box.r, 1);
	box_run_ok();
	box_assert_counts(2, 2);
	box_assert_settled();
}
END_TEST

START_TEST(sizes_are_asked_only_when_something_is_to_be_copied)
{
	box_there("a", 0);
	box_run_ok();
	box.job.limits.maxsize = 1;
	box.remote->fault = (struct mem_fault){.nth = 1, .op = "search"};
	box.local->fault = (struct mem_fault){.nth = 1, .op = "search"};
	mem_folder_find(box.r, 1)->flags = S;
	box_run_ok();
	ck_assert_int_eq(box.result.outcome, OUTCOME_OK);
	ck_assert_uint_eq(box.remote->fault.nth + box.local->fault.nth, 2);
}
END_TEST

START_TEST(ignored_messages_are_told_and_not_copied)
{
	struct seqset two = {0};

	seqset_add(&two, 2);
	box.job.limits.ignored[PLAN_REMOTE] = &two;
	box_there("a", 0);
	box_there("b", 0);
	box_run_ok();
	ck_assert_int_eq(box.result.outcome, OUTCOME_OK);
	ck_assert_uint_eq(syncpair_told(&box, "IGNORED 2"), 1);
	box_assert_counts(2, 1);
	box_run_ok();
	ck_assert_uint_eq(syncpair_told(&box, "IGNORED 2"), 1);
	box.job.limits.ignored[PLAN_REMOTE] = NULL;
	box_run_ok();
	box_assert_settled();
	/* known: the user's word comes too late */
	box.job.limits.ignored[PLAN_REMOTE] = &two;
	box_remove_uid(box.l, 2);
	box_run_ok();
	ck_assert_uint_eq(syncpair_told(&box, "IGNORED"), 0);
	box_assert_counts(1, 1);
	seqset_clear(&two);
}
END_TEST

/* ---- retrycount ---- */

/* One call after another, as a worker makes them. */
START_TEST(a_message_that_ends_connections_costs_one_message)
{
	struct folder_retry retry = {.limit = 3};

	for (int i = 0; i < 6; i++)
		box_there((const char[]){(char)('a' + i), '\0'}, 0);
	box.job.retry = &retry;
	/* at the third message, and then whenever it is asked for */
	box.remote->fault = (struct mem_fault){.nth = 3, .op = "fetch",
		.kind = MEM_LOST};
	ck_assert(!syncpair_run(&box));
	ck_assert_uint_eq(retry.uid, 3);
	box_assert_counts(6, 2);
	for (int i = 0; i < 2; i++) {
		box.remote->fault = (struct mem_fault){.nth = 1,
			.op = "fetch", .kind = MEM_LOST};
		ck_assert_uint_eq(syncpair_told(&box, "ERROR"), 0);
		ck_assert(!syncpair_run(&box));
	}
	ck_assert_uint_eq(syncpair_told(&box, "ERROR 3 "), 1);
	ck_assert_uint_eq(retry.blamed, 3);
	ck_assert_uint_eq(retry.row, 1);
	box_run_ok();
	ck_assert_int_eq(box.result.outcome, OUTCOME_PARTIAL);
	box_assert_counts(6, 5);
	ck_assert_uint_eq(retry.row, 0);
	seqset_clear(&retry.given_up);
	box.job.retry = NULL;
	box_run_ok();
	box_assert_settled();
}
END_TEST

START_TEST(a_message_that_comes_at_the_second_try_is_forgiven)
{
	struct folder_retry retry = {.limit = 2};

	box_there("a", 0);
	box_there("b", 0);
	box.job.retry = &retry;
	box.remote->fault = (struct mem_fault){.nth = 1, .op = "fetch",
		.kind = MEM_LOST};
	ck_assert(!syncpair_run(&box));
	box_run_ok();
	ck_assert_uint_eq(retry.uid, 0);
	ck_assert(seqset_empty(&retry.given_up));
	ck_assert_int_eq(box.result.outcome, OUTCOME_OK);
	box_assert_settled();
}
END_TEST

/* ---- All of it ---- */

/* The same events but for what only a real run has. */
static void operations(struct str *out)
{
	char *log = strdup(str_get(&box.log)), *save = NULL;

	str_reset(out);
	for (char *line = strtok_r(log, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, "COPY", 4) == 0 ||
			strncmp(line, "DELETE", 6) == 0 ||
			strncmp(line, "IGNORED", 7) == 0 ||
			strncmp(line, "FLAGS", 5) == 0)
			str_printf(out, "%s\n", line);
	free(log);
}

/* What a dry run tells is what the next real one does. */
static void run_twice(void)
{
	struct str dry = {0}, real = {0};

	box.job.dry_run = true;
	box_run_ok();
	operations(&dry);
	box.job.dry_run = false;
	box_run_ok();
	operations(&real);
	ck_assert_str_eq(str_get(&dry), str_get(&real));
	str_clear(&dry);
	str_clear(&real);
}

#define MESSAGES_MAX 40

struct history {
	char name[MESSAGES_MAX][16];
	bool deleted[MESSAGES_MAX]; /* by somebody, at some time */
	size_t len;
};

static void arrive(struct history *h)
{
	char *name = h->name[h->len];

	if (h->len == MESSAGES_MAX)
		return;
	snprintf(name, sizeof(h->name[0]), "m%02zu%s", h->len,
		rand() % 3 == 0 ? "-------" : "");
	if (rand() % 2)
		there_on(name, 1 + rand() % 28);
	else
		here_on(name, 0, 1 + rand() % 28);
	h->len++;
}

static void somebody_deletes(struct history *h)
{
	struct mem_folder *f = rand() % 2 ? box.r : box.l;
	const struct mem_message *m;

	if (f->message.len == 0)
		return;
	m = mem_folder_at(f, (size_t)rand() % f->message.len);
	for (size_t i = 0; i < h->len; i++) {
		char *body = mem_printf("body of %s\r", h->name[i]);

		if (mem_message_contains(m, body))
			h->deleted[i] = true;
		free(body);
	}
	mem_folder_remove(f, m->number);
}

static void check_history(const struct history *h, bool all)
{
	for (size_t i = 0; i < h->len; i++) {
		char *body = mem_printf("body of %s\r", h->name[i]);
		size_t r = mem_folder_count(box.r, body);
		size_t l = mem_folder_count(box.l, body);

		ck_assert_msg(r <= 1 && l <= 1, "%s is doubled", body);
		ck_assert_msg(h->deleted[i] || r + l > 0, "%s is lost", body);
		ck_assert_msg(h->deleted[i] || !all || r + l == 2,
			"%s is not on both sides", body);
		free(body);
	}
}

/* However the limits move, nothing is lost or doubled that nobody has
 * deleted. */
START_TEST(limits_that_move_lose_and_double_nothing)
{
	struct history h = {0};

	srand((unsigned)_i);
	box.job.approved = true;
	for (int i = 0; i < 40; i++) {
		int what = rand() % 8;

		if (what < 3)
			arrive(&h);
		else if (what < 5)
			somebody_deletes(&h);
		else if (what == 5)
			age(rand() % 30);
		else if (what == 6)
			box.job.limits.maxsize = rand() % 2 ? 0
				: usual_size() + 8;
		else
			run_twice();
		check_history(&h, false);
	}
	age(0);
	box.job.limits.maxsize = 0;
	box_run_ok();
	check_history(&h, true);
	box_assert_settled();
}
END_TEST

Suite *window_suite(void)
{
	Suite *suite = suite_create("window");
	TCase *tc = tcase_create("window");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, messages_that_are_too_old_are_nobody_s);
	tcase_add_test(tc, a_window_that_moves_on_takes_nothing_along);
	tcase_add_test(tc,
		a_window_that_is_widened_brings_back_and_deletes_nothing);
	tcase_add_test(tc, inside_the_window_deletions_are_carried_over);
	tcase_add_test(tc, an_old_message_with_a_high_number_is_inside);
	tcase_add_test(tc, new_local_messages_are_sent_however_old);
	tcase_add_test(tc, without_a_recent_message_only_new_ones_are_ours);
	tcase_add_test(tc, the_last_recent_message_can_be_deleted);
	tcase_add_test(tc, what_the_server_drops_for_its_age_stays_here);
	tcase_add_test(tc, quick_is_not_possible_with_a_window);
	tcase_add_test(tc, a_search_that_fails_costs_the_folder);
	tcase_add_test(tc, a_start_is_found_once);
	tcase_add_test(tc, with_a_start_the_other_side_must_be_empty_at_first);
	tcase_add_test(tc, a_start_without_messages_brings_no_old_ones_later);
	tcase_add_test(tc, a_start_is_found_anew_when_numbers_change);
	tcase_add_test(tc, a_local_start_holds_old_new_messages_back);
	tcase_add_test(tc, large_messages_are_not_copied_and_nothing_else);
	tcase_add_test(tc,
		sizes_are_asked_only_when_something_is_to_be_copied);
	tcase_add_test(tc, ignored_messages_are_told_and_not_copied);
	tcase_add_test(tc,
		a_message_that_ends_connections_costs_one_message);
	tcase_add_test(tc,
		a_message_that_comes_at_the_second_try_is_forgiven);
	tcase_add_loop_test(tc, limits_that_move_lose_and_double_nothing, 0,
		60);
	suite_add_tcase(suite, tc);
	return suite;
}
