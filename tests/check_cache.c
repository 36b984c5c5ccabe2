#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/worker.h"
#include "mem.h"
#include "suites.h"
#include "sync/cache.h"

static char dir[64];
static char *path;
static struct cache cache;
static struct worker nobody;

static void set_up(void)
{
	strcpy(dir, "/tmp/check_cache.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	path = file_join(dir, "cache");
	cache_init(&cache);
}

static void tear_down(void)
{
	cache_clear(&cache);
	unlink(path);
	rmdir(dir);
	free(path);
}

static struct cache_folder row_of(char *remote, char *local)
{
	return (struct cache_folder){
		.remote = remote, .local = local,
		.uidvalidity = 4294967295u, .uidnext = 17, .messages = 3,
		.modseq = 18446744073709551615u, .questions = 5, .digest = 99,
		.stamp = {{1, -2}, {3, 4}, true},
		.state = {{5, 6}, {7, 8}, true},
		.rules = 11, .full_ms = 1700000000000,
	};
}

static void fill(void)
{
	char inbox[] = "INBOX", odd[] = "a\n\xff\x01 b", empty[] = "";
	char id[] = "M123";
	struct cache_folder row = row_of(odd, empty);

	cache.key = mem_strdup("key");
	cache.capabilities = mem_strdup("IMAP4rev1 CONDSTORE");
	cache.distrust = CACHE_NO_EARLY | CACHE_NO_SEARCH;
	cache_put(&cache, &row);
	row = row_of(inbox, inbox);
	row.mailboxid = id;
	cache_put(&cache, &row);
}

static void same_row(const struct cache_folder *a,
	const struct cache_folder *b)
{
	ck_assert_uint_eq(a->uidvalidity, b->uidvalidity);
	ck_assert_uint_eq(a->uidnext, b->uidnext);
	ck_assert_uint_eq(a->messages, b->messages);
	ck_assert_uint_eq(a->modseq, b->modseq);
	ck_assert_uint_eq(a->questions, b->questions);
	ck_assert_uint_eq(a->digest, b->digest);
	ck_assert_int_eq(a->stamp.changed_ns[1], b->stamp.changed_ns[1]);
	ck_assert_uint_eq(a->stamp.place[0], b->stamp.place[0]);
	ck_assert(a->stamp.settled && a->state.settled);
	ck_assert_uint_eq(a->state.place[1], b->state.place[1]);
	ck_assert_uint_eq(a->rules, b->rules);
	ck_assert_int_eq(a->full_ms, b->full_ms);
}

START_TEST(what_was_written_is_read)
{
	struct cache_folder expected = row_of(NULL, NULL);
	const struct cache_folder *row;
	struct stat st;

	fill();
	cache_write(&cache, path, &nobody);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	cache_read(&cache, path, "key");
	ck_assert_str_eq(cache.capabilities, "IMAP4rev1 CONDSTORE");
	ck_assert_uint_eq(cache.distrust, CACHE_NO_EARLY | CACHE_NO_SEARCH);
	ck_assert_uint_eq(cache.folder.len, 2);
	row = cache_find(&cache, "INBOX", "INBOX");
	ck_assert_ptr_nonnull(row);
	same_row(row, &expected);
	ck_assert_str_eq(row->mailboxid, "M123");
	row = cache_find(&cache, "a\n\xff\x01 b", "");
	ck_assert_ptr_nonnull(row);
	same_row(row, &expected);
	ck_assert_ptr_null(row->mailboxid);
	ck_assert_ptr_null(cache_find(&cache, "INBOX", ""));
}
END_TEST

START_TEST(another_configuration_forgets_the_folders_alone)
{
	fill();
	cache_write(&cache, path, &nobody);
	cache_read(&cache, path, "another");
	ck_assert_str_eq(cache.key, "another");
	ck_assert_str_eq(cache.capabilities, "IMAP4rev1 CONDSTORE");
	ck_assert_uint_eq(cache.folder.len, 0);
}
END_TEST

START_TEST(a_missing_file_is_an_empty_cache)
{
	fill();
	cache_read(&cache, path, "key");
	ck_assert_uint_eq(cache.folder.len, 0);
	ck_assert_ptr_null(cache.capabilities);
	ck_assert_str_eq(cache.key, "key");
}
END_TEST

START_TEST(what_says_the_same_is_not_written_again)
{
	fill();
	cache_write(&cache, path, &nobody);
	cache_read(&cache, path, "key");
	ck_assert_int_eq(unlink(path), 0);
	cache_write(&cache, path, &nobody);
	ck_assert(!file_exists(path));
	cache_drop(&cache, "INBOX", "INBOX");
	cache_write(&cache, path, &nobody);
	ck_assert(file_exists(path));
}
END_TEST

static void is_worthless(const char *data, size_t len)
{
	struct error err = {0};

	ck_assert(file_write(path, (struct span){data, len}, false, &err));
	cache_read(&cache, path, "key");
	ck_assert_uint_eq(cache.folder.len, 0);
	ck_assert_ptr_null(cache.capabilities);
	ck_assert_uint_eq(cache.distrust, 0);
}

START_TEST(a_damaged_file_is_worthless_wherever_the_damage_is)
{
	struct str file = {0};
	struct error err = {0};

	fill();
	cache_write(&cache, path, &nobody);
	ck_assert(file_read(path, 1 << 20, &file, &err));
	for (size_t i = 0; i < file.len; i++) {
		is_worthless(file.data, i);
		file.data[i] ^= (char)(1 << i % 8);
		is_worthless(file.data, file.len);
		file.data[i] ^= (char)(1 << i % 8);
	}
	str_add_char(&file, '\0');
	is_worthless(file.data, file.len);
	str_clear(&file);
}
END_TEST

/* The digest is right, so that what stands behind it is read. */
static void seal(struct str *file)
{
	const size_t head = strlen("offlineimap cache 3\n");
	struct digest *d = digest_new();

	digest_add(d, file->data + head + DIGEST_SHA256_SIZE,
		file->len - head - DIGEST_SHA256_SIZE);
	digest_end(d, (unsigned char *)file->data + head);
	digest_free(d);
}

START_TEST(no_size_in_the_file_is_trusted)
{
	struct str file = {0};
	struct error err = {0};
	size_t begin = strlen("offlineimap cache 3\n") + DIGEST_SHA256_SIZE;

	fill();
	cache_write(&cache, path, &nobody);
	ck_assert(file_read(path, 1 << 20, &file, &err));
	for (size_t i = begin; i < file.len; i++) {
		for (unsigned bit = 0; bit < 8; bit += 7) {
			file.data[i] ^= (char)(1 << bit);
			seal(&file);
			ck_assert(file_write(path, span_str(&file), false,
				&err));
			cache_read(&cache, path, "key"); /* no crash */
			file.data[i] ^= (char)(1 << bit);
		}
	}
	while (file.len > begin) {
		str_truncate(&file, file.len - 1);
		seal(&file);
		is_worthless(file.data, file.len);
	}
	str_clear(&file);
}
END_TEST

START_TEST(many_rows_are_found_whatever_the_order_they_came_in)
{
	char remote[16], local[16];

	for (unsigned i = 0; i < 500; i++) {
		struct cache_folder row;

		snprintf(remote, sizeof(remote), "r%u", i * 7919 % 500);
		snprintf(local, sizeof(local), "l%u", i % 3);
		row = row_of(remote, local);
		row.uidnext = i * 7919 % 500;
		cache_put(&cache, &row);
		cache_put(&cache, &row);
	}
	ck_assert_uint_eq(cache.folder.len, 500);
	cache.key = mem_strdup("key");
	cache_write(&cache, path, &nobody);
	cache_read(&cache, path, "key");
	for (unsigned i = 0; i < 500; i++) {
		const struct cache_folder *row;

		snprintf(remote, sizeof(remote), "r%u", i * 7919 % 500);
		snprintf(local, sizeof(local), "l%u", i % 3);
		row = cache_find(&cache, remote, local);
		ck_assert_ptr_nonnull(row);
		ck_assert_uint_eq(row->uidnext, i * 7919 % 500);
		if (i % 2)
			cache_drop(&cache, remote, local);
	}
	ck_assert_uint_eq(cache.folder.len, 250);
	cache_drop(&cache, "none", "none");
	ck_assert_uint_eq(cache.folder.len, 250);
}
END_TEST

Suite *cache_suite(void)
{
	Suite *suite = suite_create("cache");
	TCase *tc = tcase_create("cache");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, what_was_written_is_read);
	tcase_add_test(tc, another_configuration_forgets_the_folders_alone);
	tcase_add_test(tc, a_missing_file_is_an_empty_cache);
	tcase_add_test(tc, what_says_the_same_is_not_written_again);
	tcase_add_test(tc,
		a_damaged_file_is_worthless_wherever_the_damage_is);
	tcase_add_test(tc, no_size_in_the_file_is_trusted);
	tcase_add_test(tc,
		many_rows_are_found_whatever_the_order_they_came_in);
	suite_add_tcase(suite, tc);
	return suite;
}
