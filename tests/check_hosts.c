/* How many connections each server allows: the budget, and its file. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/thread.h"
#include "base/worker.h"
#include "mem.h"
#include "run/hosts.h"
#include "run/hosts_file.h"
#include "suites.h"

#define SERVER "imap.example.org:993"
#define MANY 64

static char dir[64];
static char *path;
static struct hosts *hosts;
static struct hosts_guest *guest[3]; /* of three accounts, at one server */
static struct hosts_place *place[MANY];
static size_t places;
static struct worker nobody;

/* others: see hosts_new */
static void open_hosts(size_t others)
{
	hosts = hosts_new(path, others);
	for (size_t i = 0; i < ARRAY_LEN(guest); i++) {
		guest[i] = hosts_guest_new(hosts, &guest[i], true);
		hosts_guest_move(guest[i], SERVER);
	}
}

static void leave_all(void)
{
	while (places > 0)
		hosts_leave(place[--places]);
}

static void close_hosts(void)
{
	leave_all();
	for (size_t i = 0; i < ARRAY_LEN(guest); i++)
		hosts_guest_free(guest[i]);
	hosts_free(hosts);
}

static void set_up(void)
{
	strcpy(dir, "/tmp/check_hosts.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	path = file_join(dir, "hosts");
	open_hosts(0);
}

static void tear_down(void)
{
	close_hosts();
	unlink(path);
	ck_assert_int_eq(rmdir(dir), 0);
	free(path);
}

/* What a new process finds. */
static void begin_anew(size_t others)
{
	close_hosts();
	open_hosts(others);
}

static bool take(struct hosts_guest *g, enum hosts_wish wish)
{
	struct hosts_place *p = hosts_take(g, wish);

	if (p == NULL)
		return false;
	hosts_connected(p);
	place[places++] = p;
	return true;
}

static void connect_some(struct hosts_guest *g, size_t count)
{
	ck_assert(take(g, HOSTS_FIRST));
	while (--count > 0)
		ck_assert(take(g, HOSTS_MORE));
}

static void be_refused(struct hosts_guest *g)
{
	struct hosts_place *p = hosts_take(g, HOSTS_MORE);

	ck_assert_ptr_nonnull(p);
	hosts_refused(p);
}

/* Four connections, of two accounts, and no more. */
static void learn_four(void)
{
	connect_some(guest[0], 3);
	connect_some(guest[1], 1);
	be_refused(guest[0]);
}

START_TEST(there_is_no_limit_before_a_refusal)
{
	connect_some(guest[0], 40);
	ck_assert_uint_eq(hosts_room(guest[1], NULL, 100), 100);
	ck_assert_uint_eq(hosts_room(guest[0], NULL, 100), 100);
	ck_assert(hosts_may_stay(guest[0]));
}
END_TEST

START_TEST(what_is_open_at_a_refusal_is_the_limit_for_all)
{
	learn_four();
	for (size_t i = 0; i < 2; i++) {
		ck_assert(!take(guest[i], HOSTS_MORE));
		ck_assert(!take(guest[i], HOSTS_LASTING));
	}
	ck_assert_uint_eq(hosts_room(guest[0], NULL, 10), 3);
	ck_assert_uint_eq(hosts_room(guest[1], NULL, 10), 1);
	ck_assert_uint_eq(hosts_room(guest[1], NULL, 1), 1);
}
END_TEST

START_TEST(a_place_that_is_left_is_anybodys)
{
	learn_four();
	hosts_leave(place[0]);
	place[0] = place[--places];
	ck_assert_uint_eq(hosts_room(guest[1], NULL, 10), 2);
	ck_assert(take(guest[1], HOSTS_MORE));
	ck_assert(!take(guest[0], HOSTS_MORE));
}
END_TEST

START_TEST(the_first_connection_always_has_a_place)
{
	learn_four();
	ck_assert_uint_eq(hosts_room(guest[2], NULL, 10), 1);
	ck_assert(take(guest[2], HOSTS_FIRST));
	/* the server has accepted it: so many are allowed, but no more */
	ck_assert(!take(guest[2], HOSTS_MORE));
	leave_all();
	connect_some(guest[0], 5);
	ck_assert(!take(guest[0], HOSTS_MORE));
}
END_TEST

START_TEST(a_server_that_refuses_all_tells_no_limit)
{
	struct hosts_place *p = hosts_take(guest[0], HOSTS_FIRST);

	hosts_refused(p);
	connect_some(guest[0], 40);
}
END_TEST

START_TEST(another_server_has_a_budget_of_its_own)
{
	learn_four();
	hosts_guest_move(guest[2], "imap.example.org:143");
	connect_some(guest[2], 40);
	ck_assert(!take(guest[0], HOSTS_MORE));
}
END_TEST

/* Three begin at once: the refusal of one may be read before the others'
 * success. */
START_TEST(those_under_way_at_a_refusal_count_when_they_are_in)
{
	struct hosts_place *slow[2], *p;

	connect_some(guest[0], 1);
	for (size_t i = 0; i < 2; i++)
		slow[i] = hosts_take(guest[0], HOSTS_MORE);
	p = hosts_take(guest[0], HOSTS_MORE);
	hosts_refused(p);
	ck_assert(!take(guest[0], HOSTS_MORE));
	for (size_t i = 0; i < 2; i++) {
		hosts_connected(slow[i]);
		place[places++] = slow[i];
	}
	leave_all();
	connect_some(guest[0], 3);
	ck_assert(!take(guest[0], HOSTS_MORE));
}
END_TEST

START_TEST(a_lost_connection_keeps_its_place_and_is_none)
{
	struct hosts_place *p;

	learn_four();
	hosts_lost(place[0]);
	ck_assert(!take(guest[1], HOSTS_MORE));
	hosts_connected(place[0]);
	ck_assert(!take(guest[1], HOSTS_MORE));
	/* one that failed is counted neither as open nor as accepted */
	p = place[0];
	place[0] = place[--places];
	hosts_lost(p);
	hosts_leave(p);
	ck_assert(take(guest[1], HOSTS_MORE));
	ck_assert(!take(guest[1], HOSTS_MORE));
}
END_TEST

START_TEST(a_place_is_kept_for_each_first_that_may_come)
{
	static const struct {
		size_t others, possible;
	} rows[] = {{0, 4}, {1, 3}, {2, 2}, {9, 2}};

	learn_four();
	hosts_write(hosts, &nobody);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		begin_anew(rows[i].others);
		ck_assert(take(guest[0], HOSTS_FIRST));
		ck_assert_uint_eq(hosts_room(guest[0], NULL, 10),
			rows[i].possible);
		while (take(guest[0], HOSTS_MORE))
			;
		ck_assert_uint_eq(places, rows[i].possible);
	}
}
END_TEST

START_TEST(both_sides_of_an_account_are_kept_a_place)
{
	struct hosts_guest *local;

	learn_four();
	hosts_write(hosts, &nobody);
	begin_anew(1);
	hosts_guest_free(guest[2]);
	guest[2] = hosts_guest_new(hosts, &guest[1], true);
	hosts_guest_move(guest[2], SERVER);
	local = hosts_guest_new(hosts, &nobody, true);
	hosts_guest_move(local, SERVER);
	ck_assert(take(guest[0], HOSTS_FIRST));
	ck_assert_uint_eq(hosts_room(guest[0], NULL, 10), 2);
	hosts_guest_free(local);
}
END_TEST

START_TEST(a_worker_between_two_sides_of_one_host_needs_two_places)
{
	connect_some(guest[1], 5);
	be_refused(guest[1]);
	leave_all();
	connect_some(guest[0], 1);
	connect_some(guest[1], 1);
	ck_assert_uint_eq(hosts_room(guest[0], guest[1], 10), 2);
	ck_assert_uint_eq(hosts_room(guest[1], guest[0], 10), 2);
	hosts_guest_move(guest[1], "other.example.org:993");
	ck_assert_uint_eq(hosts_room(guest[0], guest[1], 10), 4);
}
END_TEST

START_TEST(who_comes_no_more_is_kept_none)
{
	learn_four();
	hosts_write(hosts, &nobody);
	begin_anew(2);
	hosts_guest_end(guest[1]);
	hosts_guest_end(guest[2]);
	connect_some(guest[0], 4);
	ck_assert(!take(guest[0], HOSTS_MORE));
}
END_TEST

/* Between two rounds, and for watchers: all others may have a turn. */
START_TEST(what_stays_open_leaves_a_place_for_all)
{
	struct hosts_guest *watcher = hosts_guest_twin(guest[0]);

	learn_four();
	leave_all();
	connect_some(guest[0], 3);
	ck_assert(!hosts_may_stay(guest[0]));
	ck_assert(!take(watcher, HOSTS_LASTING));
	hosts_leave(place[--places]);
	ck_assert(hosts_may_stay(guest[0]));
	ck_assert(!take(watcher, HOSTS_LASTING));
	hosts_guest_end(guest[2]);
	ck_assert(take(watcher, HOSTS_LASTING));
	ck_assert(hosts_may_stay(guest[0]));
	ck_assert(!take(watcher, HOSTS_LASTING));
	leave_all();
	hosts_guest_free(watcher);
}
END_TEST

/* Rounds in which the limit stood in somebody's way. */
static void rounds(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_eq(hosts_room(guest[0], NULL, 10), 3);
		hosts_round(guest[0]);
	}
}

START_TEST(more_is_tried_after_some_rounds)
{
	learn_four();
	hosts_round(guest[0]);
	rounds(HOSTS_PATIENCE);
	ck_assert_uint_eq(hosts_room(guest[0], NULL, 10), 10);
	be_refused(guest[0]);
	rounds(HOSTS_PATIENCE);
	ck_assert(take(guest[0], HOSTS_MORE));
	/* it was accepted: there is no limit any more */
	connect_some(guest[1], 40);
}
END_TEST

START_TEST(rounds_that_want_no_more_do_not_count)
{
	learn_four();
	for (size_t i = 0; i < 2 * HOSTS_PATIENCE; i++) {
		ck_assert_uint_eq(hosts_room(guest[0], NULL, 3), 3);
		hosts_round(guest[0]);
	}
	ck_assert(!take(guest[0], HOSTS_MORE));
}
END_TEST

START_TEST(more_is_not_tried_in_the_way_of_others)
{
	learn_four();
	rounds(HOSTS_PATIENCE);
	hosts_write(hosts, &nobody);
	begin_anew(2);
	ck_assert(take(guest[0], HOSTS_FIRST));
	ck_assert_uint_eq(hosts_room(guest[0], NULL, 10), 2);
	ck_assert(take(guest[1], HOSTS_FIRST));
	ck_assert(take(guest[2], HOSTS_FIRST));
	ck_assert_uint_eq(hosts_room(guest[0], NULL, 10), 10);
}
END_TEST

START_TEST(a_limit_is_read_by_the_next_process)
{
	struct stat st;

	learn_four();
	rounds(3);
	hosts_write(hosts, &nobody);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	begin_anew(0);
	connect_some(guest[0], 4);
	ck_assert(!take(guest[0], HOSTS_MORE));
	hosts_leave(place[--places]);
	connect_some(guest[1], 1);
	rounds(HOSTS_PATIENCE - 3);
	ck_assert_uint_eq(hosts_room(guest[0], NULL, 10), 10);
}
END_TEST

START_TEST(the_file_is_written_when_something_changed)
{
	hosts_write(hosts, &nobody);
	ck_assert(!file_exists(path));
	learn_four();
	hosts_write(hosts, &nobody);
	ck_assert_int_eq(unlink(path), 0);
	hosts_write(hosts, &nobody);
	begin_anew(0);
	ck_assert(!file_exists(path));
}
END_TEST

static void read_file(struct str *out)
{
	struct error err = {0};

	ck_assert_msg(file_read(path, 4096, out, &err), "%s", err.text);
}

START_TEST(a_limit_that_is_no_more_leaves_the_file)
{
	struct str text = {0};

	learn_four();
	rounds(HOSTS_PATIENCE);
	hosts_write(hosts, &nobody);
	read_file(&text);
	ck_assert_str_eq(str_get(&text), "offlineimap hosts 1\n"
		"4 0 " SERVER "\n");
	ck_assert(take(guest[0], HOSTS_MORE));
	hosts_write(hosts, &nobody);
	read_file(&text);
	ck_assert_str_eq(str_get(&text), "offlineimap hosts 1\n");
	str_clear(&text);
}
END_TEST

START_TEST(the_other_hosts_stay_in_the_file)
{
	static const char there[] = "offlineimap hosts 1\n"
		"2 20 other.example.org:993\n" "9 0 the tunnel of R\n";
	struct str text = {0};
	struct error err = {0};

	ck_assert(file_write(path, span_of(there), false, &err));
	begin_anew(0);
	learn_four();
	/* one that would not be a line */
	hosts_guest_move(guest[0], "a\nb:993");
	be_refused(guest[0]);
	hosts_write(hosts, &nobody);
	read_file(&text);
	ck_assert_str_eq(str_get(&text), "offlineimap hosts 1\n"
		"2 20 other.example.org:993\n" "9 0 the tunnel of R\n"
		"4 20 " SERVER "\n");
	str_clear(&text);
}
END_TEST

#define HEAD "offlineimap hosts 1\n"

START_TEST(a_damaged_file_is_as_good_as_none)
{
	static const char *const files[] = {
		"", "\n", "offlineimap hosts 1", "offlineimap hosts 2\n1 2 a\n",
		"offlineimap cache 3\n1 2 a\n", HEAD "1 2 a", HEAD "1 2\n",
		HEAD "\n", HEAD "1\n", HEAD "1 2 \n", HEAD "0 2 a\n",
		HEAD "1 21 a\n", HEAD "-1 2 a\n", HEAD "1 -2 a\n",
		HEAD "99999999999999999999 2 a\n", HEAD "1 2 a\nb\n",
		HEAD "1 2 a\n1 2 a\n", HEAD "1 2 a\x01\n", HEAD "x y z\n",
		HEAD "1 2 a\n1 2 b\n3",
	};
	struct vec rows = VEC(struct hosts_row);
	struct error err = {0};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		ck_assert(file_write(path, span_of(files[i]), false, &err));
		hosts_file_read(path, &rows);
		ck_assert_msg(rows.len == 0, "%s", files[i]);
	}
	ck_assert(file_write(path, span_of(HEAD "1 2 a\n100 20 b c\n"), false,
		&err));
	hosts_file_read(path, &rows);
	ck_assert_uint_eq(rows.len, 2);
	hosts_file_clear(&rows);
}
END_TEST

struct crowd {
	struct hosts_guest *guest;
	struct worker w;
	unsigned denied, got;
};

static void *be_busy(void *arg)
{
	struct crowd *c = arg;

	for (int i = 0; i < 2000; i++) {
		struct hosts_place *first = hosts_take(c->guest, HOSTS_FIRST);
		struct hosts_place *p;

		hosts_connected(first);
		p = hosts_take(c->guest, HOSTS_MORE);
		c->denied += p == NULL;
		c->got += p != NULL;
		if (p != NULL && i % 3 == 0) {
			hosts_refused(p);
		} else if (p != NULL) {
			hosts_connected(p);
			hosts_leave(p);
		}
		hosts_leave(first);
		hosts_round(c->guest);
		if (i % 100 == 0)
			hosts_write(hosts, &c->w);
	}
	return NULL;
}

START_TEST(accounts_share_it_from_their_threads)
{
	struct crowd crowd[ARRAY_LEN(guest)] = {0};
	struct thread *thread[ARRAY_LEN(guest)];
	struct vec rows = VEC(struct hosts_row);

	for (size_t i = 0; i < ARRAY_LEN(guest); i++) {
		crowd[i].guest = guest[i];
		thread[i] = thread_start(be_busy, &crowd[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(guest); i++) {
		thread_join(thread[i]);
		ck_assert_uint_eq(crowd[i].denied + crowd[i].got, 2000);
	}
	/* all places were given back, and the file is whole */
	connect_some(guest[0], 1);
	hosts_refused(hosts_take(guest[0], HOSTS_FIRST));
	hosts_write(hosts, &nobody);
	hosts_file_read(path, &rows);
	ck_assert_uint_eq(rows.len, 1);
	ck_assert_uint_eq(
		((struct hosts_row *)vec_at(&rows, 0))->allowed, 1);
	hosts_file_clear(&rows);
}
END_TEST

static void add_budget(TCase *tc)
{
	tcase_add_test(tc, there_is_no_limit_before_a_refusal);
	tcase_add_test(tc, what_is_open_at_a_refusal_is_the_limit_for_all);
	tcase_add_test(tc, a_place_that_is_left_is_anybodys);
	tcase_add_test(tc, the_first_connection_always_has_a_place);
	tcase_add_test(tc, a_server_that_refuses_all_tells_no_limit);
	tcase_add_test(tc, another_server_has_a_budget_of_its_own);
	tcase_add_test(tc,
		those_under_way_at_a_refusal_count_when_they_are_in);
	tcase_add_test(tc, a_lost_connection_keeps_its_place_and_is_none);
	tcase_add_test(tc, a_place_is_kept_for_each_first_that_may_come);
	tcase_add_test(tc, both_sides_of_an_account_are_kept_a_place);
	tcase_add_test(tc,
		a_worker_between_two_sides_of_one_host_needs_two_places);
	tcase_add_test(tc, who_comes_no_more_is_kept_none);
	tcase_add_test(tc, what_stays_open_leaves_a_place_for_all);
	tcase_add_test(tc, more_is_tried_after_some_rounds);
	tcase_add_test(tc, rounds_that_want_no_more_do_not_count);
	tcase_add_test(tc, more_is_not_tried_in_the_way_of_others);
	tcase_add_test(tc, accounts_share_it_from_their_threads);
}

static void add_file(TCase *tc)
{
	tcase_add_test(tc, a_limit_is_read_by_the_next_process);
	tcase_add_test(tc, the_file_is_written_when_something_changed);
	tcase_add_test(tc, a_limit_that_is_no_more_leaves_the_file);
	tcase_add_test(tc, the_other_hosts_stay_in_the_file);
	tcase_add_test(tc, a_damaged_file_is_as_good_as_none);
}

Suite *hosts_suite(void)
{
	Suite *suite = suite_create("hosts");
	TCase *tc = tcase_create("hosts");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	add_budget(tc);
	add_file(tc);
	suite_add_tcase(suite, tc);
	return suite;
}
