#include "config.h"

#include <string.h>

#include "imap/flag.h"
#include "suites.h"
#include "support/store_fixture.h"

/* The conformance suite: what every row of the store table has to do. */

/* ---- What every row does ---- */

START_TEST(a_created_folder_is_listed_once_and_empty)
{
	st_open_row(_i);
	ck_assert_uint_eq(st_count_folder("A/B"), 0);
	st_create("A/B");
	st_create("A/B");
	ck_assert_uint_eq(st_count_folder("A/B"), 1);
	ck_assert_int_eq(st_store->ops->separator(st_store), '/');
	st_load("A/B");
	ck_assert_uint_eq(st_list.len, 0);
}
END_TEST

START_TEST(a_missing_folder_costs_that_folder_alone)
{
	st_open_row(_i);
	st_create("INBOX");
	ck_assert(!st_store->ops->load(
		st_store, "none", false, &st_info, &st_list, &st_err));
	ck_assert_int_eq(st_err.severity, ERROR_FOLDER);
	ck_assert_int_eq(st_err.kind, ERROR_GONE);
	st_load("INBOX");
}
END_TEST

START_TEST(messages_are_listed_by_uid_with_flags)
{
	static const uint32_t flags[] = {FLAG_SEEN, 0,
		FLAG_FLAGGED | FLAG_ANSWERED};

	st_open_filled(_i);
	for (uint32_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(st_list.at[i].uid, i + 1);
		ck_assert_uint_eq(st_list.at[i].flags, flags[i]);
		ck_assert_ptr_eq(msglist_find(&st_list, i + 1), &st_list.at[i]);
	}
	ck_assert_uint_eq(st_info.flags_allowed & FLAG_IMAP_ALL, FLAG_IMAP_ALL);
	ck_assert(!st_info.readonly);
	ck_assert_uint_ne(st_info.uidvalidity, 0);
}
END_TEST

START_TEST(flags_are_added_and_removed)
{
	const uint32_t which[] = {0, 2};
	const uint32_t other[] = {1};
	struct store_change c[] = {
		{.which = {&st_list, which, 2}, .add = FLAG_DRAFT,
			.remove = FLAG_SEEN | FLAG_ANSWERED},
		{.which = {&st_list, other, 1},
			.add = FLAG_ANSWERED},
	};

	st_open_filled(_i);
	ck_assert(st_store->ops->flags(st_store, c, 2, &st_err));
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(c[i].problem.severity, ERROR_NONE);
		ck_assert(seqset_empty(&c[i].missed));
	}
	st_load("INBOX");
	ck_assert_uint_eq(st_list.at[0].flags, FLAG_DRAFT);
	ck_assert_uint_eq(st_list.at[1].flags, FLAG_ANSWERED);
	ck_assert_uint_eq(st_list.at[2].flags, FLAG_FLAGGED | FLAG_DRAFT);
}
END_TEST

START_TEST(removing_twice_removes_once)
{
	const uint32_t which[] = {0, 2};
	const struct msgset set = {&st_list, which, 2};
	struct store_change c;
	struct msglist left = {0};

	st_open_filled(_i);
	for (int i = 0; i < 2; i++)
		ck_assert(st_store->ops->remove(st_store, &set,
			REMOVE_DELETED_ON_OTHER_SIDE, &st_err));
	c = (struct store_change){.which = set, .add = FLAG_SEEN};
	ck_assert(st_store->ops->flags(st_store, &c, 1, &st_err));
	ck_assert_int_eq(c.problem.severity, ERROR_NONE);
	ck_assert(st_store->ops->load(st_store, "INBOX", false, &st_info, &left,
		&st_err));
	ck_assert(left.complete);
	ck_assert_uint_eq(left.len, 1);
	ck_assert_uint_eq(left.at[0].uid, 2);
	msglist_clear(&left);
}
END_TEST

START_TEST(bytes_come_out_as_they_went_in)
{
	static const char *const texts[] = {ONE, TWO, THREE};
	struct str out = {0};

	st_open_filled(_i);
	for (uint32_t i = 0; i < 3; i++) {
		str_reset(&out);
		if (st_is_local())
			st_send_out(&st_list.at[i], &out);
		else
			st_fetch(i + 1, &out);
		ck_assert_str_eq(str_get(&out), texts[i]);
	}
	str_clear(&out);
}
END_TEST

struct seen {
	size_t count;
	struct identity id[3];
};

static bool take_identity(void *arg, const struct identity *id,
	struct error *problem)
{
	struct seen *seen = arg;

	(void)problem;
	ck_assert_uint_lt(id->index, 3);
	seen->count++;
	seen->id[id->index] = *id;
	return true;
}

START_TEST(identities_are_the_same_in_every_store)
{
	static const char *const texts[] = {ONE, TWO, THREE};
	const uint32_t which[] = {0, 1, 2};
	const struct msgset set = {&st_list, which, 3};
	struct seen seen = {0};
	struct header_id expect;

	st_open_filled(_i);
	ck_assert_msg(st_store->ops->identify(
			      st_store, &set, take_identity, &seen, &st_err),
		"%s", st_err.text);
	ck_assert_uint_eq(seen.count, 3);
	for (size_t i = 0; i < 3; i++) {
		header_id(span_of(texts[i]), &expect);
		ck_assert_uint_eq(seen.id[i].size, strlen(texts[i]));
		ck_assert_mem_eq(seen.id[i].id.key, expect.key,
			sizeof(expect.key));
		ck_assert(seen.id[i].id.has_message_id == (i == 0));
	}
}
END_TEST

/* The size is that of the CRLF form, and the limit itself is not above it. */
START_TEST(large_messages_are_the_same_in_every_store)
{
	static const char *const texts[] = {ONE, TWO, THREE};
	const uint32_t which[] = {0, 2}, every[] = {0, 1, 2};
	const struct msgset some = {&st_list, which, 2};
	const struct msgset all = {&st_list, every, 3};

	st_open_filled(_i);
	for (size_t i = 0; i < 3; i++) {
		const struct ops_search what = {.larger = strlen(texts[i])};
		const struct ops_search less = {.larger = what.larger - 1};
		bool out[3] = {true, true, true};

		ck_assert_msg(st_store->ops->search(st_store, &all, &what,
			out, &st_err), "%s", st_err.text);
		for (size_t j = 0; j < 3; j++)
			ck_assert(out[j] == (strlen(texts[j]) > what.larger));
		ck_assert(st_store->ops->search(st_store, &some, &less, out,
			&st_err));
		for (size_t j = 0; j < 2; j++)
			ck_assert(out[j] == (strlen(texts[which[j]]) >=
				what.larger));
	}
}
END_TEST

START_TEST(opened_for_reading_says_so)
{
	st_open_filled(_i);
	ck_assert(st_store->ops->load(
		st_store, "INBOX", true, &st_info, &st_list, &st_err));
	ck_assert(st_info.readonly);
	ck_assert_uint_eq(st_list.len, 3);
}
END_TEST

/* ---- What servers do ---- */

static const int servers[] = {ROW_MEMORY_REMOTE, ROW_IMAP};

START_TEST(a_server_gives_uids_and_status)
{
	struct ops_status at[] = {{.name = "INBOX"}, {.name = "none"}};

	st_open_filled(servers[_i]);
	ck_assert_uint_eq(st_info.uidnext, 4);
	st_put(4, 0, TWO);
	ck_assert_msg(st_store->ops->status(st_store, at, 2, &st_err), "%s",
		st_err.text);
	ck_assert(at[0].ok);
	ck_assert_str_eq(at[0].name, "INBOX");
	ck_assert_uint_eq(at[0].messages, 4);
	ck_assert_uint_eq(at[0].uidnext, 5);
	ck_assert_uint_eq(at[0].uidvalidity, st_info.uidvalidity);
	ck_assert(!at[1].ok);
}
END_TEST

/* ---- What local trees do ---- */

static const int locals[] = {ROW_MEMORY_LOCAL, ROW_MAILDIR, ROW_MAPPED};

START_TEST(a_message_loses_its_uid_and_gets_another)
{
	st_open_filled(locals[_i]);
	ck_assert(st_store->ops->detach(
		st_store, &st_list, &st_list.at[1], &st_err));
	st_load("INBOX");
	ck_assert_uint_eq(st_list.at[0].uid, 0);
	ck_assert_ptr_null(msglist_find(&st_list, 2));
	ck_assert(st_store->ops->adopt(
		st_store, &st_list, &st_list.at[0], 9, &st_err));
	st_load("INBOX");
	ck_assert_ptr_nonnull(msglist_find(&st_list, 9));
	ck_assert_uint_eq(st_list.len, 3);
}
END_TEST

START_TEST(a_dropped_message_never_appears)
{
	st_open_row(locals[_i]);
	st_create("INBOX");
	st_load("INBOX");
	ck_assert(st_store->ops->incoming_begin(st_store, 3, &st_err));
	ck_assert(
		st_store->ops->incoming_data(st_store, span_of("x"), &st_err));
	st_store->ops->incoming_drop(st_store);
	ck_assert(st_store->ops->incoming_begin(st_store, 3, &st_err));
	ck_assert(st_store->ops->incoming_data(
		st_store, span_of("y\r\n"), &st_err));
	ck_assert(
		st_store->ops->incoming_end(st_store, 5, 0, 0, &st_err));
	st_store->ops->incoming_drop(st_store);
	ck_assert(st_store->ops->incoming_commit(st_store, &st_err));
	st_load("INBOX");
	ck_assert_uint_eq(st_list.len, 0);
}
END_TEST

Suite *store_suite(void)
{
	Suite *suite = suite_create("store");
	TCase *tc = tcase_create("store");

	tcase_add_checked_fixture(tc, st_setup, st_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_created_folder_is_listed_once_and_empty, 0,
		ROWS);
	tcase_add_loop_test(tc, a_missing_folder_costs_that_folder_alone, 0,
		ROWS);
	tcase_add_loop_test(tc, messages_are_listed_by_uid_with_flags, 0,
		ROWS);
	tcase_add_loop_test(tc, flags_are_added_and_removed, 0, ROWS);
	tcase_add_loop_test(tc, removing_twice_removes_once, 0, ROWS);
	tcase_add_loop_test(tc, bytes_come_out_as_they_went_in, 0, ROWS);
	tcase_add_loop_test(tc, identities_are_the_same_in_every_store, 0,
		ROWS);
	tcase_add_loop_test(tc, large_messages_are_the_same_in_every_store, 0,
		ROWS);
	tcase_add_loop_test(tc, opened_for_reading_says_so, 0, ROWS);
	tcase_add_loop_test(tc, a_server_gives_uids_and_status, 0, 2);
	tcase_add_loop_test(tc, a_message_loses_its_uid_and_gets_another, 0,
		3);
	tcase_add_loop_test(tc, a_dropped_message_never_appears, 0, 3);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, store_imap_case());
	return suite;
}
