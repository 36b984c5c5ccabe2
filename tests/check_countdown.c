#include "config.h"

#include "suites.h"

#include "countdown.h"
#include "event.h"

static struct event sleeping(const char *account, int64_t seconds)
{
	return (struct event){ .kind = EVENT_SLEEPING, .account = account,
		.thread = "T", .u.sleep = { seconds } };
}

START_TEST(a_sleep_is_counted_down_in_steps_of_ten_seconds)
{
	struct countdown c = { 0 };
	struct event ev = sleeping("A", 25);
	const struct event *step;

	ck_assert(countdown_set(&c, &ev, 1000));
	ck_assert_int_eq(countdown_timeout_ms(&c, 1000), 10000);
	ck_assert_ptr_null(countdown_next(&c, 10999));
	step = countdown_next(&c, 11000);
	ck_assert_ptr_nonnull(step);
	ck_assert_int_eq(step->u.sleep.seconds_left, 15);
	ck_assert_str_eq(step->account, "A");
	ck_assert_ptr_null(countdown_next(&c, 11000));
	step = countdown_next(&c, 21000);
	ck_assert_ptr_nonnull(step);
	ck_assert_int_eq(step->u.sleep.seconds_left, 5);
	ck_assert_int_eq(countdown_timeout_ms(&c, 21000), -1);
	ck_assert_ptr_null(countdown_next(&c, 99000));
	countdown_clear(&c);
}
END_TEST

START_TEST(steps_that_were_missed_are_made_up_for)
{
	struct countdown c = { 0 };
	struct event ev = sleeping("A", 60);
	int steps = 0;

	countdown_set(&c, &ev, 0);
	ck_assert_int_eq(countdown_timeout_ms(&c, 31000), 0);
	while (countdown_next(&c, 31000) != NULL)
		steps++;
	ck_assert_int_eq(steps, 3);
	ck_assert_int_eq(countdown_timeout_ms(&c, 31000), 9000);
	countdown_clear(&c);
}
END_TEST

START_TEST(who_is_awake_has_no_steps)
{
	struct countdown c = { 0 };
	struct event a = sleeping("A", 60), b = sleeping("B", 30);
	struct event awake = sleeping("A", 0);

	ck_assert(countdown_set(&c, &a, 0));
	ck_assert(countdown_set(&c, &b, 5000));
	ck_assert(!countdown_set(&c, &a, 0));
	ck_assert(!countdown_set(&c, &awake, 6000));
	ck_assert_int_eq(countdown_timeout_ms(&c, 6000), 9000);
	ck_assert_ptr_null(countdown_next(&c, 10000));
	ck_assert_str_eq(countdown_next(&c, 15000)->account, "B");
	countdown_clear(&c);
}
END_TEST

START_TEST(nobody_asleep_wants_no_timer)
{
	struct countdown c = { 0 };
	struct event ev = sleeping("A", 0);

	ck_assert_int_eq(countdown_timeout_ms(&c, 0), -1);
	ck_assert(!countdown_set(&c, &ev, 0));
	ck_assert_int_eq(countdown_timeout_ms(&c, 0), -1);
	countdown_clear(&c);
}
END_TEST

Suite *countdown_suite(void)
{
	Suite *suite = suite_create("countdown");
	TCase *tcase = tcase_create("countdown");

	tcase_add_test(tcase,
		a_sleep_is_counted_down_in_steps_of_ten_seconds);
	tcase_add_test(tcase, steps_that_were_missed_are_made_up_for);
	tcase_add_test(tcase, who_is_awake_has_no_steps);
	tcase_add_test(tcase, nobody_asleep_wants_no_timer);
	suite_add_tcase(suite, tcase);
	return suite;
}
