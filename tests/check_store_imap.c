#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "support/store_fixture.h"

/* What only the IMAP store does, and the knobs of the memory store; part of
 * the store suite. */

/* ---- IMAP alone ---- */

START_TEST(what_cannot_be_opened_or_is_not_safe_is_left_out)
{
	const struct imap_toy_knobs knobs = {.list =
		"* LIST (\\Noselect) \"/\" parent\r\n"
		"* LIST (\\NonExistent) \"/\" ghost\r\n"
		"* LIST () \"/\" \"../../etc\"\r\n"
		"* LIST () \".\" \"a/../../b\"\r\n"
		"* LIST () \".\" \"..\"\r\n"
		"* LIST () \"/\" \"a/./b\"\r\n"
		"* LIST () \"\\\\\" \"a\\\\..\\\\b\"\r\n"
		"* LIST () NIL \"..\"\r\n"
		"* LIST (\\Sent) \"/\" \"a..b/...\"\r\n"};
	struct vec folders = VEC(struct folder);
	const struct folder *f;

	st_tree = memtree_new(false, '/');
	st_open_configured(CONF_IMAP, st_connect_toy(&knobs), false);
	ck_assert(st_store->ops->list(st_store, &folders, &st_err));
	ck_assert_uint_eq(folders.len, 1);
	f = vec_at(&folders, 0);
	ck_assert_str_eq(f->name, "a..b/...");
	ck_assert_uint_eq(f->attributes, MAILBOX_SENT);
	store_folders_clear(&folders);
}
END_TEST

START_TEST(folder_names_are_utf8_when_asked_for)
{
	struct ops_status at = {.name = "Entw\xc3\xbcrfe"};

	st_tree = memtree_new(false, '/');
	memtree_add(st_tree, "Entw&APw-rfe", 0, 0, ONE);
	memtree_add(st_tree, "odd&name", 0, 0, ONE);
	st_open_configured(CONF_IMAP, st_connect_toy(NULL), true);
	ck_assert_uint_eq(st_count_folder("Entw\xc3\xbcrfe"), 1);
	ck_assert_uint_eq(st_count_folder("odd&name"), 1);
	st_load("Entw\xc3\xbcrfe");
	st_put(2, 0, TWO);
	ck_assert(st_store->ops->status(st_store, &at, 1, &st_err));
	ck_assert(at.ok);
	st_load("odd&name");
	ck_assert_uint_eq(st_list.len, 1);
	st_create("\xc3\x84/x");
	ck_assert_uint_eq(st_count_folder("\xc3\x84/x"), 1);
	store_close(st_store);
	st_store = NULL;
	imap_toy_end(st_toy);
	st_toy = NULL;
	ck_assert_ptr_nonnull(memtree_folder(st_tree, "&AMQ-/x"));
}
END_TEST

START_TEST(a_refused_folder_is_created_in_the_personal_namespace)
{
	const struct imap_toy_knobs knobs = {.personal = "INBOX/"};

	st_tree = memtree_new(false, '/');
	st_open_configured(CONF_GMAIL, st_connect_toy(&knobs), false);
	ck_assert_str_eq(store_type_name(st_store), "Gmail");
	st_create("A");
	ck_assert_uint_eq(st_count_folder("INBOX/A"), 1);
	ck_assert_uint_eq(st_count_folder("A"), 0);
}
END_TEST

static const char *const moments[] = {
	"LIST", "STATUS", "SELECT", "UID FETCH", "UID STORE", "CREATE",
	"APPEND",
};

/* Runs everything until something fails. */
static bool try_all(void)
{
	struct vec folders = VEC(struct folder);
	struct ops_status at = {.name = "INBOX"};
	struct text text = {span_of(ONE)};
	struct append item = {.source = {.size = text.rest.len,
		.read = st_read_text, .arg = &text}};
	const uint32_t which[] = {0};
	const struct msgset set = {&st_list, which, 1};
	bool ok = st_store->ops->list(st_store, &folders, &st_err) &&
		  st_store->ops->status(st_store, &at, 1, &st_err) &&
		  st_store->ops->load(st_store, "INBOX", false, &st_info,
			  &st_list, &st_err) &&
		  st_store->ops->append(
			  st_store, &item, 1, st_append_done, NULL, &st_err) &&
		  st_store->ops->create(st_store, "A", &st_err) &&
		  st_store->ops->remove(
			  st_store, &set, REMOVE_STRAGGLER, &st_err);

	store_folders_clear(&folders);
	str_clear(&item.text);
	return ok;
}

START_TEST(a_lost_connection_asks_for_another_try)
{
	const struct imap_toy_knobs knobs = {.hang_up = moments[_i]};

	st_tree = memtree_new(false, '/');
	memtree_add(st_tree, "INBOX", 0, 0, ONE);
	st_open_configured(CONF_IMAP, st_connect_toy(&knobs), false);
	ck_assert(!try_all());
	ck_assert_int_eq(st_err.severity, ERROR_FOLDER_RETRY);
	ck_assert_int_eq(st_err.kind, ERROR_NETWORK);
}
END_TEST

static bool refuse_begin(void *arg, uint64_t size, struct error *problem)
{
	(void)arg;
	(void)size;
	return error_set(problem, ERROR_FOLDER, ERROR_OTHER, "disk full");
}

static bool no_data(void *arg, struct span data, struct error *problem)
{
	(void)arg;
	(void)data;
	(void)problem;
	return true;
}

static bool no_end(void *arg, const struct response_fetch *f,
	struct error *problem)
{
	(void)arg;
	(void)f;
	(void)problem;
	return true;
}

START_TEST(the_receivers_own_failure_keeps_its_words)
{
	const struct body_sink sink = {refuse_begin, no_data, no_end,
		NULL, NULL};
	struct seqset uids = {0};
	struct str refused = {0};

	st_open_filled(ROW_IMAP);
	seqset_add(&uids, 1);
	ck_assert(!st_store->ops->fetch(
		st_store, &uids, &sink, &refused, &st_err));
	ck_assert_ptr_nonnull(strstr(st_err.text, "disk full"));
	ck_assert_int_eq(st_err.severity, ERROR_FOLDER);
	seqset_clear(&uids);
	str_clear(&refused);
}
END_TEST

/* ---- The memory store's own knobs ---- */

static bool append_silent(void *arg, struct append *item,
	struct error *problem)
{
	(void)item;
	(void)problem;
	++*(unsigned *)arg;
	return true;
}

static const struct {
	enum mem_fault_kind kind;
	enum error_severity severity;
	size_t at_once, landed;
} faults[] = {
	{MEM_FAIL, ERROR_FOLDER, 0, 0},
	{MEM_LOST, ERROR_FOLDER_RETRY, 0, 0},
	{MEM_LOST_AFTER, ERROR_FOLDER_RETRY, 1, 1},
	{MEM_LOST_LATE, ERROR_FOLDER_RETRY, 0, 1},
};

START_TEST(a_memory_store_fails_when_told_to)
{
	struct text text = {span_of(ONE)};
	struct append item = {.source = {.size = text.rest.len,
		.read = st_read_text, .arg = &text}};
	struct mem_folder *inbox;
	unsigned told = 0;

	st_open_row(ROW_MEMORY_REMOTE);
	inbox = memtree_add_folder(st_tree, "INBOX");
	st_load("INBOX");
	st_tree->fault = (struct mem_fault){1, "append", faults[_i].kind,
		ERROR_NONE};
	ck_assert(!st_store->ops->append(
		st_store, &item, 1, append_silent, &told, &st_err));
	ck_assert_uint_eq(told, 0);
	ck_assert_int_eq(st_err.severity, faults[_i].severity);
	ck_assert_uint_eq(inbox->message.len, faults[_i].at_once);
	memtree_land(st_tree);
	ck_assert_uint_eq(mem_folder_count(inbox, "Subject: one"),
		faults[_i].landed);
}
END_TEST

START_TEST(a_memory_store_refuses_messages_when_told_to)
{
	struct text text = {span_of(ONE)};
	struct append item = {.source = {.size = text.rest.len,
		.read = st_read_text, .arg = &text}};
	unsigned told = 0;

	st_open_row(ROW_MEMORY_REMOTE);
	memtree_add_folder(st_tree, "INBOX");
	st_load("INBOX");
	st_tree->refuse = "first";
	ck_assert(st_store->ops->append(
		st_store, &item, 1, append_silent, &told, &st_err));
	ck_assert_uint_eq(told, 1);
	ck_assert_int_eq(item.result, CONDITION_NO);
	str_clear(&item.text);
}
END_TEST

TCase *store_imap_case(void)
{
	TCase *tc = tcase_create("imap");

	tcase_add_checked_fixture(tc, st_setup, st_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, what_cannot_be_opened_or_is_not_safe_is_left_out);
	tcase_add_test(tc, folder_names_are_utf8_when_asked_for);
	tcase_add_test(tc,
		a_refused_folder_is_created_in_the_personal_namespace);
	tcase_add_loop_test(tc, a_lost_connection_asks_for_another_try, 0,
		ARRAY_LEN(moments));
	tcase_add_test(tc, the_receivers_own_failure_keeps_its_words);
	tcase_add_loop_test(tc, a_memory_store_fails_when_told_to, 0,
		ARRAY_LEN(faults));
	tcase_add_test(tc, a_memory_store_refuses_messages_when_told_to);
	return tc;
}
