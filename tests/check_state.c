#include "config.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/worker.h"
#include "imap/flag.h"
#include "mem.h"
#include "suites.h"
#include "sync/intent.h"
#include "sync/state.h"
#include "sync/validity.h"

static char dir[] = "/tmp/check_state.XXXXXX";
static char *path;
static struct worker worker;

static void setup(void)
{
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	path = file_join(dir, "box");
}

static void teardown(void)
{
	char *command = mem_printf("rm -rf %s", dir);

	ck_assert_int_eq(system(command), 0);
	free(command);
	free(path);
}

static void write_file(const void *data, size_t len)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(data, 1, len, f), len);
	fclose(f);
}

/* As another program would. */
static void sql(const char *text)
{
	sqlite3 *db;
	char *message = NULL;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(db, text, NULL, NULL, &message) ==
		SQLITE_OK, "%s", message ? message : "");
	sqlite3_close(db);
}

static int add_columns(void *arg, int len, char **value, char **name)
{
	struct str *out = arg;

	(void)name;
	for (int i = 0; i < len; i++)
		str_printf(out, "%s|", value[i] ? value[i] : "NULL");
	return 0;
}

static void assert_sql(const char *text, const char *expected)
{
	struct str out = {0};
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, text, add_columns, &out, NULL),
		SQLITE_OK);
	ck_assert_str_eq(str_get(&out), expected);
	sqlite3_close(db);
	str_clear(&out);
}

static struct state *open_ok(enum state_mode mode)
{
	struct error err = {0};
	struct state *s = state_open(path, mode, &worker, &err);

	ck_assert_msg(s != NULL, "%s", err.text);
	return s;
}

static void put(struct state *s, uint32_t uid, uint32_t flags)
{
	struct error err = {0};

	ck_assert_msg(state_begin(s, &err) && state_put(s, uid, flags, &err) &&
		state_commit(s, &err), "%s", err.text);
}

static void assert_rows(struct state *s, const char *expected)
{
	struct msglist rows = {0};
	struct error err = {0};
	struct str out = {0};

	ck_assert_msg(state_load(s, &rows, &err), "%s", err.text);
	for (size_t i = 0; i < rows.len; i++) {
		str_printf(&out, "%u:", rows.at[i].uid);
		flag_letters(rows.at[i].flags, &out);
		str_add(&out, " ");
	}
	ck_assert_str_eq(str_get(&out), expected);
	str_clear(&out);
	msglist_clear(&rows);
}

START_TEST(a_new_file_has_the_tables_of_offlineimap)
{
	struct state *s = open_ok(STATE_FSYNC);
	struct stat st;

	put(s, 7, FLAG_SEEN | FLAG_DRAFT);
	state_close(s);
	assert_sql("SELECT key, value, typeof(value) FROM metadata",
		"db_version|2|text|");
	assert_sql("SELECT * FROM status", "7|DS|0||");
	assert_sql("SELECT name, type FROM pragma_table_info('status')",
		"id|INTEGER|flags|VARCHAR(50)|mtime|INTEGER|"
		"labels|VARCHAR(256)|");
	assert_sql("SELECT name, type FROM pragma_table_info('metadata')",
		"key|VARCHAR(50)|value|VARCHAR(128)|");
	assert_sql("SELECT count(*) FROM sqlite_master WHERE name = 'intent'",
		"0|");
	assert_sql("PRAGMA journal_mode", "delete|");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
}
END_TEST

START_TEST(an_empty_file_is_filled)
{
	struct state *s;

	write_file("", 0);
	s = open_ok(STATE_FAST);
	put(s, 1, 0);
	assert_rows(s, "1: ");
	state_close(s);
}
END_TEST

START_TEST(version_1_is_upgraded)
{
	struct state *s;

	sql("CREATE TABLE metadata (key VARCHAR(50) PRIMARY KEY,"
		" value VARCHAR(128));"
		"CREATE TABLE status (id INTEGER PRIMARY KEY,"
		" flags VARCHAR(50));"
		"INSERT INTO metadata VALUES ('db_version', '1');"
		"INSERT INTO status VALUES (3, 'FS'), (4, '')");
	s = open_ok(STATE_DRY);
	assert_rows(s, "3:FS 4: ");
	state_close(s);
	assert_sql("SELECT value FROM metadata", "1|");
	s = open_ok(STATE_FSYNC);
	assert_rows(s, "3:FS 4: ");
	state_close(s);
	assert_sql("SELECT * FROM status", "3|FS|0||4||0||");
	assert_sql("SELECT value FROM metadata", "2|");
}
END_TEST

START_TEST(labels_and_strange_rows_survive)
{
	struct state *s;

	state_close(open_ok(STATE_FAST));
	sql("INSERT INTO status VALUES (1, 'S', 99, 'a, b'), (2, NULL, 0, ''),"
		" (5000000000, 'S', 0, ''), (-1, 'S', 0, '')");
	s = open_ok(STATE_FAST);
	assert_rows(s, "1:S 2: ");
	put(s, 1, FLAG_FLAGGED);
	state_close(s);
	assert_sql("SELECT * FROM status WHERE id = 1", "1|F|99|a, b|");
}
END_TEST

START_TEST(what_is_no_database_is_an_error_that_helps)
{
	static const char text[] = "this is not a database, but long enough "
		"to be looked at as one; and a little more of it follows here "
		"so that there are a hundred bytes";
	struct error err = {0};

	write_file(text, sizeof(text));
	ck_assert_ptr_null(state_open(path, STATE_FSYNC, &worker, &err));
	ck_assert_int_eq(err.severity, ERROR_FOLDER);
	ck_assert_ptr_nonnull(strstr(err.text, "move it away"));
	ck_assert_ptr_nonnull(strstr(err.text, path));
	ck_assert(state_has_rows(path));
}
END_TEST

START_TEST(a_dry_run_makes_no_file)
{
	struct state *s = open_ok(STATE_DRY);

	assert_rows(s, "");
	state_close(s);
	ck_assert(!file_exists(path));
	ck_assert(!state_has_rows(path));
}
END_TEST

/* ---- What an old OfflineIMAP left ---- */

#define MAGIC "OFFLINEIMAP LocalStatus CACHE DATA - DO NOT MODIFY - FORMAT "

static char *write_legacy(const char *text)
{
	char *legacy = file_join(dir, "legacy");
	FILE *f = fopen(legacy, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	return legacy;
}

static struct state *open_over(const char *legacy, enum state_mode mode)
{
	struct error err = {0};
	struct state *s = state_open_over(path, legacy, mode, &worker, &err);

	ck_assert_msg(s != NULL, "%s", err.text);
	return s;
}

/* rows NULL: damaged, nothing is taken over. */
static const struct legacy_case {
	const char *text, *rows;
} legacies[] = {
	{MAGIC "1\n3:FS\n4:\n10:aS\n", "3|FS|0||4||0||10|Sa|0||"},
	{MAGIC "2\n3|SF|7|b,a\n4||0|\n", "3|FS|7|a, b|4||0||"},
	{MAGIC "2\n3|S|0| x y , ,w\n", "3|S|0|w, x y|"},
	{MAGIC "1\r\n3:FS\r\n", "3|FS|0||"},
	{MAGIC "2\n", ""},
	{MAGIC "1\n4294967295:S\n", "4294967295|S|0||"},
	{"", NULL},
	{"3:FS\n", NULL},
	{MAGIC "3\n3|FS|0|\n", NULL},
	{MAGIC "1\n3:FS\n4:S", NULL},
	{MAGIC "1\n3:FS\n4\n", NULL},
	{MAGIC "1\n3:FS\n\n", NULL},
	{MAGIC "1\n3|FS|0|\n", NULL},
	{MAGIC "1\n-3:FS\n", NULL},
	{MAGIC "1\n0:FS\n", NULL},
	{MAGIC "1\n4294967296:S\n", NULL},
	{MAGIC "2\n3|FS|x|\n", NULL},
	{MAGIC "2\n3|FS||\n", NULL},
	{MAGIC "2\n3|FS|0|a|b\n", NULL},
};

START_TEST(an_old_text_file_is_taken_over_whole_or_not_at_all)
{
	const struct legacy_case *c = &legacies[_i];
	char *legacy = write_legacy(c->text);
	struct msglist dry = {0}, rows = {0};
	struct error err = {0};
	struct state *s = open_over(legacy, STATE_DRY);

	ck_assert(state_load(s, &dry, &err));
	state_close(s);
	ck_assert(!file_exists(path));
	s = open_over(legacy, STATE_FSYNC);
	ck_assert(state_load(s, &rows, &err));
	state_close(s);
	assert_sql("SELECT * FROM status ORDER BY id", c->rows ? c->rows : "");
	ck_assert_uint_eq(rows.len, dry.len);
	for (size_t i = 0; i < rows.len; i++)
		ck_assert(rows.at[i].uid == dry.at[i].uid &&
			rows.at[i].flags == dry.at[i].flags);
	/* once; and it is left as it was */
	sql("DELETE FROM status");
	state_close(open_over(legacy, STATE_FSYNC));
	assert_sql("SELECT * FROM status", "");
	ck_assert(file_exists(legacy));
	free(legacy);
	msglist_clear(&dry);
	msglist_clear(&rows);
}
END_TEST

START_TEST(a_database_that_is_there_is_newer_than_a_text_file)
{
	char *legacy = write_legacy(MAGIC "1\n3:FS\n");
	struct state *s = open_ok(STATE_FSYNC);

	put(s, 7, FLAG_SEEN);
	state_close(s);
	s = open_over(legacy, STATE_DRY);
	assert_rows(s, "7:S ");
	state_close(s);
	s = open_over(legacy, STATE_FSYNC);
	assert_rows(s, "7:S ");
	state_close(s);
	free(legacy);
}
END_TEST

/* A run that ended while it took over. */
START_TEST(a_database_without_tables_is_taken_over_again)
{
	char *legacy = write_legacy(MAGIC "1\n3:FS\n");
	struct state *s;

	write_file("", 0);
	s = open_over(legacy, STATE_DRY);
	assert_rows(s, "3:FS ");
	state_close(s);
	s = open_over(legacy, STATE_FAST);
	assert_rows(s, "3:FS ");
	put(s, 3, FLAG_DRAFT);
	state_close(s);
	assert_sql("SELECT * FROM status", "3|D|0||");
	free(legacy);
}
END_TEST

START_TEST(what_is_not_committed_is_not_there)
{
	struct error err = {0};
	struct state *s = open_ok(STATE_FAST);

	put(s, 1, 0);
	ck_assert(state_begin(s, &err));
	ck_assert(state_put(s, 2, 0, &err) && state_drop(s, 1, &err));
	state_cancel(s);
	assert_rows(s, "1: ");
	ck_assert(state_begin(s, &err) && state_drop(s, 1, &err));
	state_close(s);
	s = open_ok(STATE_FAST);
	assert_rows(s, "1: ");
	state_close(s);
	ck_assert(state_has_rows(path));
}
END_TEST

START_TEST(rows_are_renumbered_in_a_circle)
{
	static const struct state_pair moved[] = {
		{1, 2, FLAG_SEEN}, {2, 3, 0}, {3, 1, FLAG_FLAGGED}, {0, 9, 0}};
	struct vec pairs = VEC(struct state_pair);
	struct error err = {0};
	struct state *s = open_ok(STATE_FAST);

	for (uint32_t uid = 1; uid <= 4; uid++)
		put(s, uid, 0);
	state_close(s);
	sql("UPDATE status SET labels = 'x' || id");
	s = open_ok(STATE_FAST);
	for (size_t i = 0; i < ARRAY_LEN(moved); i++)
		*(struct state_pair *)vec_add(&pairs) = moved[i];
	ck_assert_msg(state_begin(s, &err) && state_replace(s, &pairs, &err) &&
		state_commit(s, &err), "%s", err.text);
	assert_rows(s, "1:F 2:S 3: 9: ");
	state_close(s);
	assert_sql("SELECT labels FROM status ORDER BY id", "x3|x1|x2||");
	vec_clear(&pairs);
}
END_TEST

START_TEST(a_healing_that_died_is_remembered)
{
	struct error err = {0};
	struct state *s = open_ok(STATE_FAST);
	bool on;

	ck_assert(state_matching(s, &on, &err) && !on);
	ck_assert(state_begin(s, &err) && state_set_matching(s, true, &err) &&
		state_commit(s, &err));
	state_close(s);
	s = open_ok(STATE_FAST);
	ck_assert(state_matching(s, &on, &err) && on);
	ck_assert(state_begin(s, &err) && state_set_matching(s, false, &err) &&
		state_commit(s, &err));
	ck_assert(state_matching(s, &on, &err) && !on);
	state_close(s);
}
END_TEST

static struct intent an_intent(const char *name)
{
	struct intent it = {.status = INTENT_BEGUN, .name = mem_strdup(name),
		.size = UINT32_MAX + (uint64_t)5, .uidvalidity = 4000000000u,
		.uidnext = 17, .attempt = 2, .created_ms = 1234567890123,
		.twin = 3};

	memset(it.digest, 0xab, sizeof(it.digest));
	memset(it.header.key, 0xcd, sizeof(it.header.key));
	it.header.has_message_id = true;
	return it;
}

static void put_intent(struct intent *it)
{
	struct error err = {0};
	struct state *s = open_ok(STATE_FAST);

	ck_assert_msg(state_begin(s, &err) && intent_put(s, it, &err) &&
		state_commit(s, &err), "%s", err.text);
	state_close(s);
}

static size_t count_intents(struct vec *out)
{
	struct error err = {0};
	struct state *s = open_ok(STATE_FAST);
	size_t count;

	ck_assert(intent_load(s, out, &err));
	state_close(s);
	count = out->len;
	return count;
}

START_TEST(an_intent_comes_back_as_it_was)
{
	struct intent it = an_intent("new/1.x:2,S"), *back;
	struct vec got = VEC(struct intent);

	put_intent(&it);
	ck_assert_int_gt(it.id, 0);
	ck_assert_uint_eq(count_intents(&got), 1);
	back = vec_at(&got, 0);
	ck_assert_int_eq(back->id, it.id);
	ck_assert_str_eq(back->name, it.name);
	ck_assert_uint_eq(back->size, it.size);
	ck_assert_mem_eq(back->digest, it.digest, sizeof(it.digest));
	ck_assert_mem_eq(back->header.key, it.header.key,
		sizeof(it.header.key));
	ck_assert(back->header.has_message_id);
	ck_assert_uint_eq(back->uidvalidity, it.uidvalidity);
	ck_assert_uint_eq(back->uidnext, 17);
	ck_assert_uint_eq(back->attempt, 2);
	ck_assert_int_eq(back->created_ms, it.created_ms);
	ck_assert_uint_eq(back->twin, 3);
	ck_assert_int_eq(back->status, INTENT_BEGUN);
	intent_clear(&got);
	free(it.name);
}
END_TEST

START_TEST(a_damaged_intent_is_passed_over)
{
	static const char *const damage[] = {
		"UPDATE intent SET uidnext = uidnext + 1",
		"UPDATE intent SET twin = 99",
		"UPDATE intent SET name = 'other'",
		"UPDATE intent SET digest = zeroblob(32)",
		"UPDATE intent SET digest = zeroblob(3)",
		"UPDATE intent SET checksum = NULL",
		"UPDATE intent SET version = 2",
	};
	struct intent it = an_intent("x");
	struct vec got = VEC(struct intent);

	put_intent(&it);
	for (size_t i = 0; i < ARRAY_LEN(damage); i++) {
		sql(damage[i]);
		ck_assert_msg(count_intents(&got) == 0, "%s", damage[i]);
		put_intent(&it);
		ck_assert_uint_eq(count_intents(&got), 1);
		intent_clear(&got);
		got = (struct vec)VEC(struct intent);
	}
	free(it.name);
}
END_TEST

START_TEST(old_intents_are_pruned)
{
	struct intent old = an_intent("old"), young = an_intent("young");
	struct vec got = VEC(struct intent);
	struct error err = {0};
	struct state *s;

	young.created_ms++;
	put_intent(&old);
	put_intent(&young);
	s = open_ok(STATE_FAST);
	ck_assert(state_begin(s, &err) &&
		intent_prune(s, young.created_ms, &err) &&
		state_commit(s, &err));
	state_close(s);
	ck_assert_uint_eq(count_intents(&got), 1);
	ck_assert_str_eq(((struct intent *)vec_at(&got, 0))->name, "young");
	intent_clear(&got);
	free(old.name);
	free(young.name);
}
END_TEST

START_TEST(a_reset_state_is_empty)
{
	struct intent it = an_intent("x");
	struct vec got = VEC(struct intent);
	struct error err = {0};
	struct state *s = open_ok(STATE_FAST);

	put(s, 1, 0);
	state_close(s);
	put_intent(&it);
	ck_assert_msg(state_reset(path, &worker, &err), "%s", err.text);
	ck_assert(!state_has_rows(path));
	ck_assert_uint_eq(count_intents(&got), 0);
	write_file("no database at all, and yet more than nothing here", 40);
	ck_assert(state_reset(path, &worker, &err));
	ck_assert(!file_exists(path));
	ck_assert(state_reset(path, &worker, &err));
	vec_clear(&got);
	free(it.name);
}
END_TEST

START_TEST(a_reset_state_is_of_no_folder)
{
	struct error err = {0};
	struct state *s = open_ok(STATE_FAST);
	uint32_t validity = 1;
	char *folder = NULL;

	ck_assert(state_begin(s, &err));
	ck_assert(state_set_validity(s, 7, &err));
	ck_assert(state_set_folder(s, "Work", &err));
	ck_assert(state_commit(s, &err));
	ck_assert(state_folder(s, &folder, &err));
	ck_assert_str_eq(folder, "Work");
	free(folder);
	state_close(s);
	ck_assert(state_reset(path, &worker, &err));
	s = open_ok(STATE_FAST);
	ck_assert(state_folder(s, &folder, &err));
	ck_assert_ptr_null(folder);
	ck_assert(state_validity(s, &validity, &err));
	ck_assert_uint_eq(validity, 0);
	state_close(s);
}
END_TEST

START_TEST(a_validity_is_one_line)
{
	static const struct {
		const char *text;
		uint32_t value;
	} files[] = {{"42\n", 42}, {" 4294967295 \nrest\n", 4294967295u},
		{"", 0}, {"x\n", 0}, {"4294967296\n", 0}, {"7", 7}};
	struct error err = {0};
	struct str text = {0};
	uint32_t got;

	ck_assert(validity_read(dir, "box", &got, &err));
	ck_assert_uint_eq(got, 0);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		write_file(files[i].text, strlen(files[i].text));
		ck_assert(validity_read(dir, "box", &got, &err));
		ck_assert_uint_eq(got, files[i].value);
	}
	ck_assert(validity_write(dir, "box", 77, true, &worker, &err));
	ck_assert(file_read(path, 100, &text, &err));
	ck_assert_str_eq(str_get(&text), "77\n");
	str_clear(&text);
}
END_TEST

Suite *state_suite(void)
{
	Suite *suite = suite_create("state");
	TCase *tc = tcase_create("state");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_new_file_has_the_tables_of_offlineimap);
	tcase_add_test(tc, an_empty_file_is_filled);
	tcase_add_test(tc, version_1_is_upgraded);
	tcase_add_test(tc, labels_and_strange_rows_survive);
	tcase_add_test(tc, what_is_no_database_is_an_error_that_helps);
	tcase_add_test(tc, a_dry_run_makes_no_file);
	tcase_add_loop_test(tc,
		an_old_text_file_is_taken_over_whole_or_not_at_all, 0,
		ARRAY_LEN(legacies));
	tcase_add_test(tc,
		a_database_that_is_there_is_newer_than_a_text_file);
	tcase_add_test(tc, a_database_without_tables_is_taken_over_again);
	tcase_add_test(tc, what_is_not_committed_is_not_there);
	tcase_add_test(tc, rows_are_renumbered_in_a_circle);
	tcase_add_test(tc, a_healing_that_died_is_remembered);
	tcase_add_test(tc, an_intent_comes_back_as_it_was);
	tcase_add_test(tc, a_damaged_intent_is_passed_over);
	tcase_add_test(tc, old_intents_are_pruned);
	tcase_add_test(tc, a_reset_state_is_empty);
	tcase_add_test(tc, a_reset_state_is_of_no_folder);
	tcase_add_test(tc, a_validity_is_one_line);
	suite_add_tcase(suite, tc);
	return suite;
}
