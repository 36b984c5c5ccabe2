#include "config.h"

#include <check.h>
#include <pthread.h>
#include <signal.h>

#include "base/task.h"
#include "suites.h"

struct steps {
	struct task *task;
	int done, wanted;
	bool blocked; /* signals were */
};

static void run(void *arg)
{
	struct steps *s = arg;
	sigset_t mask;

	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	s->blocked = sigismember(&mask, SIGTERM) == 1;
	while (s->done < s->wanted) {
		s->done++;
		task_pause(s->task);
	}
}

START_TEST(a_task_goes_on_where_it_paused)
{
	struct steps s = {.wanted = 3};

	s.task = task_new(run, &s);
	ck_assert_int_eq(s.done, 0);
	for (int i = 1; i <= 3; i++) {
		ck_assert(task_resume(s.task));
		ck_assert_int_eq(s.done, i);
	}
	ck_assert(!task_resume(s.task));
	ck_assert(!task_resume(s.task));
	ck_assert_int_eq(s.done, 3);
	ck_assert(s.blocked);
	task_free(s.task);
}
END_TEST

START_TEST(a_task_that_never_began_is_freed)
{
	struct steps s = {.wanted = 1};

	task_free(task_new(run, &s));
	task_free(NULL);
	ck_assert_int_eq(s.done, 0);
}
END_TEST

enum { MANY = 64 };

START_TEST(many_tasks_take_turns_on_what_they_share)
{
	struct steps s[MANY];
	int sum = 0;

	for (int i = 0; i < MANY; i++) {
		s[i] = (struct steps){.wanted = i % 5};
		s[i].task = task_new(run, &s[i]);
	}
	for (int round = 0; round < 6; round++)
		for (int i = 0; i < MANY; i++)
			ck_assert_int_eq(task_resume(s[i].task),
				round < i % 5);
	for (int i = 0; i < MANY; i++) {
		sum += s[i].done;
		task_free(s[i].task);
	}
	ck_assert_int_eq(sum, 126);
}
END_TEST

Suite *task_suite(void)
{
	Suite *suite = suite_create("task");
	TCase *tc = tcase_create("task");

	tcase_add_test(tc, a_task_goes_on_where_it_paused);
	tcase_add_test(tc, a_task_that_never_began_is_freed);
	tcase_add_test(tc, many_tasks_take_turns_on_what_they_share);
	suite_add_tcase(suite, tc);
	return suite;
}
