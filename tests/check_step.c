#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "imap/flag.h"
#include "mail/exceptions_of.h"
#include "suites.h"
#include "support/box.h"
#include "sync/step.h"

#define S FLAG_SEEN
#define F FLAG_FLAGGED

/* What a server without mod-sequences would answer now. */
static uint64_t digest_there(uint32_t questions)
{
	struct exceptions e = {0};
	struct msglist list = {0};
	uint64_t digest;

	for (size_t i = 0; i < box.r->message.len; i++) {
		const struct mem_message *m = mem_folder_at(box.r, i);

		msglist_add(&list, m->uid, m->flags, NULL);
	}
	msglist_sort(&list);
	exceptions_of(&list, questions, &e);
	digest = exceptions_digest(&e);
	exceptions_clear(&e);
	msglist_clear(&list);
	return digest;
}

/* The folder would be known by what the server tells now. */
static bool is_known(void)
{
	const struct cache_folder *seen = &box.result.seen;

	ck_assert(box.result.in_step);
	ck_assert(seen->questions != 0);
	return seen->uidvalidity == box.r->uidvalidity &&
		seen->uidnext == box.r->uidnext &&
		seen->messages == box.r->message.len &&
		seen->digest == digest_there(seen->questions);
}

START_TEST(what_was_carried_out_whole_is_in_step)
{
	box_there("a", S);
	box_there("b", F);
	box_here("c", 0, F);
	box_run_ok();
	ck_assert(is_known());
	box_run_ok();
	ck_assert(is_known());
	mem_folder_find(box.r, 1)->flags = S | F;
	mem_folder_find(box.l, 2)->flags = 0;
	box_here("d", 0, 0);
	box_remove_uid(box.l, 3);
	box_run_ok();
	ck_assert(is_known());
	box_remove_uid(box.r, 1);
	box_there("e", 0);
	box_run_ok();
	ck_assert(is_known());
	box_assert_counts(3, 3);
}
END_TEST

START_TEST(a_folder_that_was_healed_is_in_step)
{
	box_there("a", S);
	box_here("b", 0, S);
	box_run_ok();
	mem_folder_renumber(box.r, 99);
	box_run_ok();
	ck_assert(is_known());
	box_assert_counts(2, 2);
}
END_TEST

START_TEST(an_empty_folder_is_in_step)
{
	box_run_ok();
	ck_assert(is_known());
}
END_TEST

START_TEST(a_server_that_tells_no_uids_is_in_step_once_they_are_found)
{
	box.remote->no_appenduid = true;
	box_here("a", 0, F);
	box_run_ok();
	ck_assert(is_known());
}
END_TEST

START_TEST(flags_that_the_server_cannot_keep_do_not_matter)
{
	box.r->flags_allowed = S;
	box_here("a", 0, S | F);
	box_run_ok();
	box_run_ok();
	ck_assert(is_known());
}
END_TEST

/* Not everything was done. */

static void dry(void)
{
	box.job.dry_run = true;
}

static void hold(void)
{
	for (uint32_t uid = 1; uid <= 3; uid++)
		box_remove_uid(box.l, uid);
}

static void withhold(void)
{
	box_there("d", 0);
	box.remote->withhold = 4;
}

static void refuse(void)
{
	box_here("secret", 0, 0);
	box.remote->refuse = "secret";
}

static void deny(void)
{
	box_here("d", 0, 0);
	box.job.readonly_remote = true;
}

static void keep_deletions(void)
{
	box_remove_uid(box.r, 1);
	box.job.deletes_remote = false;
}

static void incomplete(void)
{
	box.remote->incomplete = true;
}

static void window(void)
{
	box.job.limits.maxage = (struct ops_search){.year = 1990, .month = 1,
		.day = 1};
}

static void mark(void)
{
	box.job.expunge = false;
	box.remote->no_expunge = true;
	box_remove_uid(box.l, 1);
}

static void (*const obstacles[])(void) = {dry, hold, withhold, refuse, deny,
	keep_deletions, incomplete, window, mark};

START_TEST(what_was_left_undone_is_not_in_step)
{
	box_there("a", S);
	box_there("b", F);
	box_there("c", F);
	box_run_ok();
	ck_assert(is_known());
	obstacles[_i]();
	ck_assert_msg(syncpair_run(&box), "%s", box.err.text);
	ck_assert(!box.result.in_step);
}
END_TEST

/* Somebody else, while this goes on. */

static void delivers(struct syncpair *p, const char *what)
{
	if (strcmp(what, "append") == 0)
		memtree_add(p->remote, "box", 0, 0, "Subject: x\r\n\r\nx\r\n");
}

static void flags(struct syncpair *p, const char *what)
{
	if (strcmp(what, "append") == 0)
		mem_folder_find(p->r, 1)->flags = F | S;
}

static void deletes(struct syncpair *p, const char *what)
{
	if (strcmp(what, "append") == 0)
		mem_folder_remove(p->r,
			mem_folder_find(p->r, 1)->number);
}

/* All numbers are then as if nobody had. */
static void replaces(struct syncpair *p, const char *what)
{
	if (strcmp(what, "append") != 0)
		return;
	memtree_add(p->remote, "box", 0, S, "Subject: x\r\n\r\nx\r\n");
	mem_folder_remove(p->r, mem_folder_find(p->r, 1)->number);
}

static void (*const others[])(struct syncpair *, const char *) = {delivers,
	flags, deletes, replaces};

START_TEST(what_others_do_meanwhile_is_seen_next_time)
{
	box_there("a", S);
	box_there("b", S);
	box_run_ok();
	box_here("c", 0, 0);
	box.meanwhile = others[_i];
	box_run_ok();
	box.meanwhile = NULL;
	ck_assert(!box.result.in_step || !is_known());
	box_run_ok();
	ck_assert(is_known());
	box_assert_settled();
}
END_TEST

START_TEST(everything_is_compared_now_and_then)
{
	int64_t now = clock_wall_ms(), day = INT64_C(24) * 3600 * 1000;

	ck_assert(!step_is_old(now - day));
	ck_assert(step_is_old(now - 8 * day));
	ck_assert(step_is_old(0));
	ck_assert(step_is_old(now + day));
}
END_TEST

Suite *step_suite(void)
{
	Suite *s = suite_create("step");
	TCase *t = tcase_create("step");

	tcase_add_checked_fixture(t, box_setup, box_teardown);
	tcase_add_test(t, what_was_carried_out_whole_is_in_step);
	tcase_add_test(t, a_folder_that_was_healed_is_in_step);
	tcase_add_test(t, an_empty_folder_is_in_step);
	tcase_add_test(t,
		a_server_that_tells_no_uids_is_in_step_once_they_are_found);
	tcase_add_test(t, flags_that_the_server_cannot_keep_do_not_matter);
	tcase_add_loop_test(t, what_was_left_undone_is_not_in_step, 0,
		(int)ARRAY_LEN(obstacles));
	tcase_add_loop_test(t, what_others_do_meanwhile_is_seen_next_time, 0,
		(int)ARRAY_LEN(others));
	tcase_add_test(t, everything_is_compared_now_and_then);
	suite_add_tcase(s, t);
	return s;
}
