#include "config.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/queue.h"
#include "base/thread.h"
#include "base/worker.h"
#include "event.h"
#include "suites.h"

#define SENDERS 4
#define EVENTS_EACH 500

static bool readable(int fd)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	return poll(&pfd, 1, 0) == 1;
}

static void put_fact(struct queue *q, int64_t number)
{
	queue_put(q, event_copy(&(struct event){.kind = EVENT_SLEEPING,
		.u.sleep.seconds_left = number}));
}

static void put_progress(struct queue *q, unsigned cell, uint64_t done)
{
	queue_put_progress(q, event_copy(&(struct event){
		.kind = EVENT_PROGRESS, .cell = cell,
		.u.progress.done = done}));
}

static void expect_fact(struct queue *q, int64_t number)
{
	struct event *ev = queue_get(q);

	ck_assert_ptr_nonnull(ev);
	ck_assert_int_eq(ev->kind, EVENT_SLEEPING);
	ck_assert_int_eq(ev->u.sleep.seconds_left, number);
	event_free(ev);
}

static void expect_progress(struct queue *q, unsigned cell, uint64_t done)
{
	struct event *ev = queue_get(q);

	ck_assert_ptr_nonnull(ev);
	ck_assert_int_eq(ev->kind, EVENT_PROGRESS);
	ck_assert_uint_eq(ev->cell, cell);
	ck_assert_uint_eq(ev->u.progress.done, done);
	event_free(ev);
}

START_TEST(facts_keep_their_order)
{
	struct queue *q = queue_new();

	ck_assert_ptr_null(queue_get(q));
	for (int i = 0; i < 10; i++)
		put_fact(q, i);
	for (int i = 0; i < 10; i++)
		expect_fact(q, i);
	ck_assert_ptr_null(queue_get(q));
	put_fact(q, 11);
	expect_fact(q, 11);
	queue_free(q);
}
END_TEST

START_TEST(newer_progress_replaces_what_was_not_read)
{
	struct queue *q = queue_new();
	unsigned a = queue_cell_new(q), b = queue_cell_new(q);

	ck_assert_uint_ne(a, b);
	put_progress(q, a, 1);
	put_progress(q, b, 7);
	put_progress(q, a, 2);
	expect_progress(q, a, 2);
	put_progress(q, a, 3);
	expect_progress(q, b, 7);
	expect_progress(q, a, 3);
	ck_assert_ptr_null(queue_get(q));
	queue_free(q);
}
END_TEST

START_TEST(facts_are_read_before_progress)
{
	struct queue *q = queue_new();
	unsigned cell = queue_cell_new(q);

	put_progress(q, cell, 1);
	put_fact(q, 1);
	expect_fact(q, 1);
	expect_progress(q, cell, 1);
	queue_free(q);
}
END_TEST

START_TEST(the_descriptor_is_readable_exactly_while_something_is_there)
{
	struct queue *q = queue_new();
	unsigned cell = queue_cell_new(q);

	ck_assert(!readable(queue_fd(q)));
	put_fact(q, 1);
	put_fact(q, 2);
	put_progress(q, cell, 1);
	put_progress(q, cell, 2);
	ck_assert(readable(queue_fd(q)));
	expect_fact(q, 1);
	expect_fact(q, 2);
	ck_assert(readable(queue_fd(q)));
	expect_progress(q, cell, 2);
	ck_assert(!readable(queue_fd(q)));
	put_progress(q, cell, 3);
	ck_assert(readable(queue_fd(q)));
	queue_free(q);
}
END_TEST

START_TEST(what_was_not_read_is_freed)
{
	struct queue *q = queue_new();

	put_fact(q, 1);
	put_progress(q, queue_cell_new(q), 1);
	queue_free(q);
	queue_free(NULL);
}
END_TEST

static void *send_many(void *arg)
{
	struct worker *w = arg;

	for (int i = 1; i <= EVENTS_EACH; i++) {
		struct event_progress progress = {.done = (uint64_t)i,
			.total = EVENTS_EACH};

		worker_emit(w, &(struct event){.kind = EVENT_SLEEPING,
			.u.sleep.seconds_left = i});
		worker_progress(w, &progress);
	}
	return w;
}

/* Reads until all facts have come, demanding order for each sender. */
static void receive_all(struct queue *q)
{
	int64_t last[SENDERS] = {0};
	uint64_t done[SENDERS] = {0};
	int left = SENDERS * EVENTS_EACH;

	while (left > 0) {
		struct pollfd pfd = {.fd = queue_fd(q), .events = POLLIN};
		struct event *ev;

		ck_assert_int_eq(poll(&pfd, 1, 20000), 1);
		ev = queue_get(q);
		ck_assert_ptr_nonnull(ev);
		if (ev->kind == EVENT_SLEEPING) {
			ck_assert_int_eq(ev->u.sleep.seconds_left,
				++last[ev->cell]);
			left--;
		} else {
			ck_assert_uint_gt(ev->u.progress.done, done[ev->cell]);
			done[ev->cell] = ev->u.progress.done;
		}
		event_free(ev);
	}
}

START_TEST(many_senders_lose_nothing)
{
	struct queue *q = queue_new();
	struct worker workers[SENDERS] = {0};
	struct thread *threads[SENDERS];

	for (int i = 0; i < SENDERS; i++) {
		workers[i].queue = q;
		workers[i].cell = queue_cell_new(q);
		threads[i] = thread_start(send_many, &workers[i]);
	}
	receive_all(q);
	for (int i = 0; i < SENDERS; i++)
		ck_assert_ptr_eq(thread_join(threads[i]), &workers[i]);
	queue_free(q);
}
END_TEST

static struct worker test_worker(struct queue *q)
{
	return (struct worker){.queue = q, .cell = queue_cell_new(q),
		.thread = "T", .account = "A", .folder = "F"};
}

START_TEST(a_worker_fills_in_who_it_is)
{
	struct queue *q = queue_new();
	struct worker w = test_worker(q);
	struct event *ev;

	worker_emit(&w, &(struct event){.kind = EVENT_FOLDER_FOUND,
		.folder = "Other"});
	ev = queue_get(q);
	ck_assert_str_eq(ev->thread, "T");
	ck_assert_str_eq(ev->account, "A");
	ck_assert_str_eq(ev->folder, "Other");
	ck_assert_uint_eq(ev->cell, w.cell);
	ck_assert_int_gt(ev->time_ms, 0);
	event_free(ev);
	queue_free(q);
}
END_TEST

START_TEST(debug_lines_come_only_when_asked_for)
{
	struct queue *q = queue_new();
	struct worker w = test_worker(q);
	struct event *ev;

	worker_log(&w, EVENT_DEBUG, AREA_IMAP, "not wanted");
	w.debug = 1u << AREA_IMAP;
	worker_log(&w, EVENT_DEBUG, AREA_MAILDIR, "not wanted");
	worker_log(&w, EVENT_DEBUG, AREA_IMAP, "line %d", 1);
	worker_log(&w, EVENT_WARNING, AREA_GENERAL, "line %d", 2);
	ev = queue_get(q);
	ck_assert_str_eq(ev->u.log.text, "line 1");
	event_free(ev);
	ev = queue_get(q);
	ck_assert_str_eq(ev->u.log.text, "line 2");
	ck_assert_int_eq(ev->u.log.level, EVENT_WARNING);
	event_free(ev);
	ck_assert_ptr_null(queue_get(q));
	queue_free(q);
}
END_TEST

START_TEST(errors_are_told_but_being_stopped_is_none)
{
	struct queue *q = queue_new();
	struct worker w = test_worker(q);
	struct error err = {0};
	struct event *ev;

	error_set(&err, ERROR_FOLDER, ERROR_STOPPED, "stopped");
	worker_error(&w, &err, 0);
	ck_assert_ptr_null(queue_get(q));
	error_set(&err, ERROR_MESSAGE, ERROR_REFUSED, "NO");
	worker_error(&w, &err, 17);
	ev = queue_get(q);
	ck_assert_int_eq(ev->kind, EVENT_ERROR);
	ck_assert_str_eq(ev->u.error.text, "NO");
	ck_assert_int_eq(ev->u.error.kind, ERROR_REFUSED);
	ck_assert_int_eq(ev->u.error.uid, 17);
	event_free(ev);
	queue_free(q);
}
END_TEST

START_TEST(the_last_progress_and_a_new_phase_are_always_told)
{
	struct queue *q = queue_new();
	struct worker w = test_worker(q);
	struct event_progress p = {PHASE_COPYING, 1, 1000, 0, 0};

	worker_progress(&w, &p);
	for (p.done = 2; p.done < 1000; p.done++)
		worker_progress(&w, &p);
	worker_progress(&w, &p);
	expect_progress(q, w.cell, 1000);
	p = (struct event_progress){PHASE_FLAGS, 0, 10, 0, 0};
	worker_progress(&w, &p);
	expect_progress(q, w.cell, 0);
	queue_free(q);
}
END_TEST

START_TEST(a_worker_without_a_queue_is_silent)
{
	struct worker w = {0};

	worker_log(&w, EVENT_WARNING, AREA_GENERAL, "x");
	worker_progress(&w, &(struct event_progress){0});
	worker_effect(&w, "x");
	ck_assert(!worker_stopped(&w));
}
END_TEST

static void remember(void *arg, const char *what)
{
	const char **last = arg;

	*last = what;
}

START_TEST(effects_are_announced_to_the_test)
{
	const char *last = NULL;
	struct worker w = {.before_effect = remember, .effect_arg = &last};

	worker_effect(&w, "rename");
	ck_assert_str_eq(last, "rename");
}
END_TEST

static void *wait_for_stop(void *arg)
{
	struct worker *w = arg;
	struct pollfd pfd = {.fd = stop_fd(w->stop),
		.events = POLLIN};

	if (poll(&pfd, 1, 20000) != 1 || !worker_stopped(w))
		return NULL;
	return arg;
}

START_TEST(stopping_wakes_every_wait)
{
	struct stop *stop = stop_new();
	struct worker w = {.stop = stop};
	struct thread *threads[3];

	ck_assert(!stop_raised(stop));
	for (int i = 0; i < 3; i++)
		threads[i] = thread_start(wait_for_stop, &w);
	stop_raise(stop);
	stop_raise(stop);
	ck_assert(stop_raised(stop));
	for (int i = 0; i < 3; i++)
		ck_assert_ptr_eq(thread_join(threads[i]), &w);
	stop_free(stop);
	stop_free(NULL);
}
END_TEST

static void *mask_of_thread(void *arg)
{
	pthread_sigmask(SIG_SETMASK, NULL, arg);
	return arg;
}

START_TEST(signals_are_blocked_in_a_thread_and_nowhere_else)
{
	sigset_t mask, own;

	sigemptyset(&mask);
	thread_join(thread_start(mask_of_thread, &mask));
	ck_assert_int_eq(sigismember(&mask, SIGINT), 1);
	ck_assert_int_eq(sigismember(&mask, SIGTERM), 1);
	pthread_sigmask(SIG_SETMASK, NULL, &own);
	ck_assert_int_eq(sigismember(&own, SIGTERM), 0);
}
END_TEST

Suite *queue_suite(void)
{
	Suite *suite = suite_create("queue");
	TCase *tcase = tcase_create("queue");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, facts_keep_their_order);
	tcase_add_test(tcase, newer_progress_replaces_what_was_not_read);
	tcase_add_test(tcase, facts_are_read_before_progress);
	tcase_add_test(tcase,
		the_descriptor_is_readable_exactly_while_something_is_there);
	tcase_add_test(tcase, what_was_not_read_is_freed);
	tcase_add_test(tcase, many_senders_lose_nothing);
	tcase_add_test(tcase, a_worker_fills_in_who_it_is);
	tcase_add_test(tcase, debug_lines_come_only_when_asked_for);
	tcase_add_test(tcase, errors_are_told_but_being_stopped_is_none);
	tcase_add_test(tcase,
		the_last_progress_and_a_new_phase_are_always_told);
	tcase_add_test(tcase, a_worker_without_a_queue_is_silent);
	tcase_add_test(tcase, effects_are_announced_to_the_test);
	tcase_add_test(tcase, stopping_wakes_every_wait);
	tcase_add_test(tcase,
		signals_are_blocked_in_a_thread_and_nowhere_else);
	suite_add_tcase(suite, tcase);
	return suite;
}
