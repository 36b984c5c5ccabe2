#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "imap/flag.h"
#include "mem.h"
#include "suites.h"
#include "support/box.h"
#include "sync/help.h"
#include "sync/slices.h"

static void many_there(size_t count)
{
	char name[32];

	for (size_t i = 1; i <= count; i++) {
		snprintf(name, sizeof(name), "m%zu", i);
		box_there(name, i % 2 ? FLAG_SEEN : 0);
	}
}

/* The place of a message among those told, 0: never. */
static size_t copied_at(uint32_t uid)
{
	char *line = mem_printf("COPY %lu to ", (unsigned long)uid);
	const char *log = strstr(str_get(&box.log), "COPY ");
	const char *at = strstr(str_get(&box.log), line);
	size_t place = 0;

	for (; at && log && log <= at; log = strstr(log + 1, "COPY "))
		place++;
	free(line);
	return place;
}

/* ---- Order ---- */

START_TEST(the_newest_messages_come_first)
{
	many_there(450);
	box_run_ok();
	ck_assert_uint_lt(copied_at(450), copied_at(250));
	ck_assert_uint_lt(copied_at(250), copied_at(50));
	/* those of one command as the server sends them */
	ck_assert_uint_lt(copied_at(251), copied_at(450));
	box_assert_settled();
}
END_TEST

static void big_there(void)
{
	struct str text = {0};

	str_add(&text, "Message-ID: <big@x>\r\n\r\n");
	for (size_t i = 0; i < 20000; i++)
		str_add(&text, "a line of sixty bytes, so that it takes not "
			"so very many.\r\n");
	memtree_add(box.remote, "box", 0, 0, str_get(&text));
	str_clear(&text);
}

START_TEST(big_ones_wait_for_the_small_ones_of_their_time)
{
	many_there(600);
	big_there();
	many_there(1);
	box_run_ok();
	ck_assert_uint_eq(copied_at(601), 602);
	box_assert_settled();
}
END_TEST

START_TEST(of_a_few_messages_no_size_is_asked)
{
	many_there(30);
	big_there();
	box.remote->fault = (struct mem_fault){.nth = 1, .op = "search"};
	box_run_ok();
	ck_assert_uint_eq(box.remote->fault.nth, 1);
	box.remote->fault = (struct mem_fault){0};
	box_assert_settled();
}
END_TEST

/* ---- Helpers ---- */

#define MANY 2000

static struct share *share;
static struct error help_err;
static bool helped, help_good;

static void help_once(struct syncpair *p)
{
	struct worker w = {.thread = "helper", .account = "a", .folder = ""};
	struct slices *s = slices_join(share, NULL);
	struct store *remote = memstore_open(p->remote, &w);
	struct store *local = memstore_open(p->local, &w);

	ck_assert_ptr_nonnull(s);
	helped = true;
	help_good = help_run(s, remote, local, &w, &help_err);
	store_close(remote);
	store_close(local);
}

/* When the owner's first group has its names. */
static void meanwhile(struct syncpair *p, const char *what)
{
	if (!helped && strcmp(what, "commit") == 0)
		help_once(p);
}

static void helper_setup(void)
{
	box_setup();
	helped = help_good = false;
	error_clear(&help_err);
	share = share_new();
	share_enter(share);
	box.job.share = share;
	box.meanwhile = meanwhile;
	many_there(MANY);
}

static void helper_teardown(void)
{
	share_leave(share);
	share_free(share);
	box_teardown();
}

static void assert_all_once(void)
{
	ck_assert(helped);
	box.meanwhile = NULL;
	ck_assert_uint_eq(box.result.downloaded, MANY);
	box_assert_counts(MANY, MANY);
	box_assert_settled();
}

START_TEST(an_idle_worker_takes_slices_of_a_big_folder)
{
	box_run_ok();
	ck_assert_msg(help_good, "%s", help_err.text);
	/* the owner did the first command alone, or nearly so */
	ck_assert_uint_lt(syncpair_told(&box, "COPY"), MANY / 2);
	ck_assert_uint_eq(box.remote->fetched, MANY);
	assert_all_once();
}
END_TEST

static void lose_helper_at_step(struct syncpair *p, const char *what)
{
	if (helped || strcmp(what, "commit") != 0)
		return;
	p->remote->fault = (struct mem_fault){.nth = 350, .op = "fetch",
		.kind = MEM_LOST};
	help_once(p);
}

START_TEST(what_a_lost_helper_has_delivered_is_kept)
{
	box.meanwhile = lose_helper_at_step;
	box_run_ok();
	ck_assert(!help_good);
	ck_assert_uint_eq(box.remote->fetched, MANY);
	assert_all_once();
}
END_TEST

static void refuse_helper(struct syncpair *p, const char *what)
{
	if (helped || strcmp(what, "commit") != 0)
		return;
	p->remote->refuse = "body of m77\r\n";
	help_once(p);
	p->remote->refuse = NULL;
}

START_TEST(what_a_helper_does_not_get_is_asked_for_by_the_owner)
{
	box.meanwhile = refuse_helper;
	box_run_ok();
	ck_assert(help_good);
	ck_assert_uint_eq(syncpair_told(&box, "COPY 77 "), 1);
	assert_all_once();
}
END_TEST

static void fail_helper(struct syncpair *p, const char *what)
{
	if (helped || strcmp(what, "commit") != 0)
		return;
	p->local->fault = (struct mem_fault){.nth = 5, .op = "commit"};
	help_once(p);
}

/* Which of its group are there is not known: none may come again now. */
START_TEST(a_helper_that_cannot_store_costs_the_folder_this_run)
{
	box.meanwhile = fail_helper;
	box_run_ok();
	ck_assert(!help_good);
	ck_assert_int_eq(box.result.outcome, OUTCOME_FAILED);
	box.meanwhile = NULL;
	box_run_ok();
	box_assert_counts(MANY, MANY);
	box_assert_settled();
}
END_TEST

static void renumber_for_helper(struct syncpair *p, const char *what)
{
	uint32_t uidvalidity = p->r->uidvalidity;

	if (helped || strcmp(what, "commit") != 0)
		return;
	p->r->uidvalidity = uidvalidity + 1;
	help_once(p);
	p->r->uidvalidity = uidvalidity;
}

START_TEST(a_helper_takes_nothing_from_a_folder_with_other_numbers)
{
	box.meanwhile = renumber_for_helper;
	box_run_ok();
	ck_assert(help_good);
	ck_assert_ptr_nonnull(strstr(help_err.text, "replaced"));
	ck_assert_uint_eq(syncpair_told(&box, "COPY"), MANY);
	assert_all_once();
}
END_TEST

static void lose_owner(struct syncpair *p, const char *what)
{
	if (helped || strcmp(what, "commit") != 0)
		return;
	help_once(p);
	p->remote->fault = (struct mem_fault){.nth = 1, .kind = MEM_LOST};
}

/* The owner takes some before the helper begins, and is lost with them. */
START_TEST(what_helpers_have_delivered_is_recorded_when_the_owner_is_lost)
{
	uint64_t first;

	box.meanwhile = lose_owner;
	box.remote->withhold = 10;
	ck_assert(!syncpair_run(&box));
	first = box.result.downloaded;
	ck_assert_uint_gt(first, MANY / 2);
	box.remote->withhold = 0;
	box.meanwhile = NULL;
	box_run_ok();
	ck_assert_uint_eq(box.result.downloaded, MANY - first);
	box_assert_counts(MANY, MANY);
	box_assert_settled();
}
END_TEST

START_TEST(nobody_waits_for_slices_when_all_have_ended)
{
	share_leave(share);
	ck_assert_ptr_null(slices_join(share, NULL));
	share_enter(share);
}
END_TEST

/* ---- Slices ---- */

static char upper_a[] = "A", lower_a[] = "a", upper_b[] = "B", lower_b[] = "b";
static const struct tree_pair pair_a = {.remote = upper_a, .visible = lower_a},
	pair_b = {.remote = upper_b, .visible = lower_b};

static struct slices *offer(const struct tree_pair *pair,
	const uint32_t *order, size_t len)
{
	const struct slices_offer o = {.pair = pair, .order = order,
		.len = len};

	return slices_offer(share, &o);
}

START_TEST(the_folder_wanted_first_is_helped_first)
{
	uint32_t order[5000] = {0};
	const struct vec none = VEC(uint32_t);
	struct slices *a = offer(&pair_a, order, 5000);
	struct slices *b = offer(&pair_b, order, 1500), *got;

	got = slices_join(share, NULL);
	ck_assert_ptr_eq(got, a);
	slices_leave(got, &none);
	got = slices_join(share, "b");
	ck_assert_ptr_eq(got, b);
	slices_leave(got, &none);
	slices_close(a);
	slices_close(b);
}
END_TEST

START_TEST(near_the_end_each_gets_its_part_alone)
{
	uint32_t order[2000] = {0};
	struct vec taken = VEC(uint32_t), none = VEC(uint32_t);
	struct slices *a = offer(&pair_a, order, 2000);

	ck_assert(slices_take(a, false, 5000, &taken));
	ck_assert_uint_eq(taken.len, SLICE_MESSAGES);
	ck_assert_ptr_eq(slices_join(share, NULL), a);
	ck_assert(slices_take(a, true, 800, &taken));
	ck_assert(!slices_take(a, true, 1000, &taken));
	slices_leave(a, &none);
	ck_assert(slices_take(a, false, 5000, &taken));
	slices_close(a);
	vec_clear(&taken);
}
END_TEST

void download_add(Suite *suite)
{
	TCase *order = tcase_create("order of downloads");
	TCase *helpers = tcase_create("helpers");

	tcase_add_checked_fixture(order, box_setup, box_teardown);
	tcase_add_test(order, the_newest_messages_come_first);
	tcase_add_test(order, big_ones_wait_for_the_small_ones_of_their_time);
	tcase_add_test(order, of_a_few_messages_no_size_is_asked);
	suite_add_tcase(suite, order);

	tcase_set_timeout(helpers, 60);
	tcase_add_checked_fixture(helpers, helper_setup, helper_teardown);
	tcase_add_test(helpers, an_idle_worker_takes_slices_of_a_big_folder);
	tcase_add_test(helpers, what_a_lost_helper_has_delivered_is_kept);
	tcase_add_test(helpers,
		what_a_helper_does_not_get_is_asked_for_by_the_owner);
	tcase_add_test(helpers,
		a_helper_that_cannot_store_costs_the_folder_this_run);
	tcase_add_test(helpers,
		a_helper_takes_nothing_from_a_folder_with_other_numbers);
	tcase_add_test(helpers,
		what_helpers_have_delivered_is_recorded_when_the_owner_is_lost);
	tcase_add_test(helpers, nobody_waits_for_slices_when_all_have_ended);
	tcase_add_test(helpers, the_folder_wanted_first_is_helped_first);
	tcase_add_test(helpers, near_the_end_each_gets_its_part_alone);
	suite_add_tcase(suite, helpers);
}
