#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "attr.h"
#include "base/file.h"
#include "base/queue.h"
#include "imap/flag.h"
#include "mem.h"
#include "support/maildir_fixture.h"

/* Messages into a Maildir and out of it; part of the maildir suite. */

/* ---- Receiving ---- */

static void receive(uint32_t uid, uint32_t flags, struct span wire,
	size_t piece)
{
	ck_assert_msg(
		md_store->ops->incoming_begin(md_store, wire.len, &md_err),
		"%s", md_err.text);
	while (wire.len > 0) {
		size_t len = wire.len < piece ? wire.len : piece;

		ck_assert(md_store->ops->incoming_data(md_store,
			(struct span){wire.data, len}, &md_err));
		wire.data += len;
		wire.len -= len;
	}
	ck_assert_msg(md_store->ops->incoming_end(
			      md_store, uid, flags, 0, &md_err),
		"%s", md_err.text);
}

START_TEST(a_received_message_appears_at_commit_only)
{
	md_make_folder("INBOX");
	md_make_file("INBOX/tmp/old", "left by another program");
	md_load("INBOX");
	receive(4, FLAG_SEEN, span_of("A: b\r\n\r\nx\r\n"), 100);
	receive(5, FLAG_FLAGGED, span_of("A: b\r\n\r\ny\r\n"), 1);
	ck_assert_uint_eq(md_count_files("INBOX/tmp"), 3);
	ck_assert_uint_eq(md_count_files("INBOX/cur"), 0);
	ck_assert(md_store->ops->incoming_commit(md_store, &md_err));
	ck_assert_uint_eq(md_count_files("INBOX/tmp"), 1);
	md_load("INBOX");
	ck_assert_uint_eq(md_list.len, 2);
	ck_assert_int_eq(strncmp(md_name_of(4), "cur/", 4), 0);
	ck_assert_ptr_nonnull(strstr(md_name_of(4),
		",U=4,FMD5=" INBOX_FMD5 ":2,S"));
	ck_assert_int_eq(strncmp(md_name_of(5), "new/", 4), 0);
	ck_assert_ptr_nonnull(strstr(md_name_of(5),
		",U=5,FMD5=" INBOX_FMD5 ":2,F"));
}
END_TEST

START_TEST(what_was_not_committed_leaves_nothing)
{
	md_make_folder("INBOX");
	md_load("INBOX");
	receive(4, 0, span_of("a\r\n"), 100);
	receive(5, 0, span_of("b\r\n"), 100);
	md_store->ops->incoming_drop(md_store);
	ck_assert_uint_eq(md_count_files("INBOX/tmp"), 1);
	ck_assert(md_store->ops->incoming_begin(md_store, 9, &md_err));
	ck_assert_uint_eq(md_count_files("INBOX/tmp"), 2);
	md_store->ops->incoming_drop(md_store);
	ck_assert_uint_eq(md_count_files("INBOX/tmp"), 1);
	ck_assert(md_store->ops->incoming_begin(md_store, 9, &md_err));
	ck_assert(md_store->ops->incoming_data(
		md_store, span_of("short"), &md_err));
	ck_assert(
		!md_store->ops->incoming_end(md_store, 6, 0, 0, &md_err));
	ck_assert_int_eq(md_err.severity, ERROR_MESSAGE);
	ck_assert_uint_eq(md_count_files("INBOX/tmp"), 1);
	ck_assert(md_store->ops->incoming_begin(md_store, 9, &md_err));
	md_open_store(".");
	ck_assert_uint_eq(md_count_files("INBOX/tmp"), 0);
	md_load("INBOX");
	ck_assert_uint_eq(md_list.len, 0);
}
END_TEST

START_TEST(many_messages_are_committed_as_a_group)
{
	struct stat st;
	mode_t mask = umask(0);
	char *name;

	md_make_folder("INBOX");
	md_load("INBOX");
	for (uint32_t uid = 1; uid <= 150; uid++)
		receive(uid, uid % 2 ? FLAG_SEEN : 0, span_of("x\r\n"), 9);
	ck_assert(md_store->ops->incoming_commit(md_store, &md_err));
	umask(mask);
	md_load("INBOX");
	ck_assert_uint_eq(md_list.len, 150);
	ck_assert_uint_eq(md_count_files("INBOX/cur"), 75);
	name = mem_printf("INBOX/%s", md_name_of(150));
	ck_assert_int_eq(stat(md_path(name), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	free(name);
}
END_TEST

/* What the options of dates make of a header. */
static const struct {
	const char *wire;
	bool names, files;
	const char *prefix; /* of the name; NULL: the time of arrival */
	int64_t mtime;      /* 0: likewise */
	unsigned warnings;
} dated[] = {
	{"Date: Mon, 2 Mar 2026 10:00:00 +0100\r\n\r\nx\r\n", false, false,
		NULL, 0, 0},
	{"Date: Mon, 2 Mar 2026 10:00:00 +0100\r\n\r\nx\r\n", true, false,
		"1772442000_", 0, 0},
	{"a: b\r\nDATE : Mon,\r\n 2 Mar 2026 09:00:00 GMT\r\n\r\n", true,
		true, "1772442000_", 1772442000, 0},
	{"Delivery-date: 2 Mar 2026 09:00:00 GMT\r\n\r\n", true, true,
		"1772442000_", 0, 0},
	{"Delivery-date: 2 Mar 2026 09:00:00 GMT\r\nDate: soon\r\n\r\n",
		true, true, "1772442000_", 0, 1},
	{"Date: 2 Mar 1969 09:00:00 GMT\r\n\r\n", true, true, NULL, 0, 1},
	{"Date:\r\n\r\n", false, true, NULL, 0, 1},
	/* what is no header */
	{"\r\nDate: 2 Mar 2026 09:00:00 GMT\r\n", true, true, NULL, 0, 0},
	{"x", true, true, NULL, 0, 0},
	{"", true, true, NULL, 0, 0},
};

static unsigned count_warnings(void)
{
	unsigned count = 0;
	struct event *ev;

	while ((ev = queue_get(md_worker.queue))) {
		count += ev->kind == EVENT_LOG &&
			ev->u.log.level == EVENT_WARNING;
		event_free(ev);
	}
	queue_free(md_worker.queue);
	md_worker.queue = NULL;
	return count;
}

/* In pieces of whatever size, another message before it. */
static void check_dated(size_t i, size_t piece)
{
	time_t now = time(NULL);
	struct stat st;
	char *name;

	md_make_folder("INBOX");
	md_repo.filename_use_mail_timestamp = dated[i].names;
	md_repo.utime_from_header = dated[i].files;
	md_worker.queue = queue_new();
	md_open_store(".");
	md_load("INBOX");
	receive(3, 0, span_of("Date: 1 Mar 2020 00:00:00 GMT\r\n\r\n"), 7);
	receive(4, 0, span_of(dated[i].wire), piece);
	ck_assert(md_store->ops->incoming_commit(md_store, &md_err));
	ck_assert_uint_eq(count_warnings(), dated[i].warnings);
	md_load("INBOX");
	name = mem_printf("INBOX/%s", md_name_of(4));
	ck_assert_int_eq(stat(md_path(name), &st), 0);
	if (dated[i].prefix)
		ck_assert_msg(strncmp(name + strlen("INBOX/new/"),
			dated[i].prefix, strlen(dated[i].prefix)) == 0, "%s",
			name);
	else
		ck_assert(strtoll(name + strlen("INBOX/new/"), NULL, 10) >=
			now);
	if (dated[i].mtime)
		ck_assert(st.st_mtime == dated[i].mtime &&
			st.st_atime == dated[i].mtime);
	else
		ck_assert(st.st_mtime >= now - 1);
	free(name);
	md_teardown();
	md_setup();
}

START_TEST(a_file_gets_the_date_of_its_message_where_that_is_wanted)
{
	check_dated((size_t)_i, 1000);
	check_dated((size_t)_i, 1);
}
END_TEST

START_TEST(messages_of_one_second_have_names_of_their_own)
{
	struct span wire = span_of("Date: 2 Mar 2026 09:00 GMT\r\n\r\n");

	md_make_folder("INBOX");
	md_repo.filename_use_mail_timestamp = true;
	md_open_store(".");
	md_load("INBOX");
	for (uint32_t uid = 1; uid <= 20; uid++)
		receive(uid, 0, wire, 9);
	ck_assert(md_store->ops->incoming_commit(md_store, &md_err));
	md_load("INBOX");
	ck_assert_uint_eq(md_list.len, 20);
	for (uint32_t uid = 1; uid <= 20; uid++)
		ck_assert_int_eq(strncmp(md_name_of(uid), "new/1772442000_",
			15), 0);
}
END_TEST

/* ---- Both ways ---- */

static void read_source(const struct source *source, size_t cap,
	struct str *out)
{
	size_t got;

	do {
		str_reserve(out, cap);
		ck_assert_msg(source->read(source->arg, out->data + out->len,
			cap, &got, &md_err), "%s", md_err.text);
		out->len += got;
	} while (got > 0);
}

/* Some of it, and then all of it from the beginning. */
static void read_source_again(const struct source *source, size_t cap,
	struct str *out)
{
	size_t got;

	str_reset(out);
	str_reserve(out, cap);
	source->again(source->arg);
	ck_assert(source->read(source->arg, out->data, cap, &got, &md_err));
	source->again(source->arg);
	read_source(source, cap, out);
}

/* Receives, then sends, and demands the same bytes, digest and size. */
static void round_trip(struct span wire, size_t piece)
{
	struct digest *digest = digest_new();
	unsigned char in[DIGEST_SHA256_SIZE];
	struct outgoing out;
	struct str got = {0};
	struct msgset set;

	md_make_folder("INBOX");
	md_load("INBOX");
	receive(1, 0, wire, piece);
	digest_add(digest, wire.data, wire.len);
	digest_end(digest, in);
	digest_free(digest);
	ck_assert(md_store->ops->incoming_commit(md_store, &md_err));
	md_load("INBOX");
	set = md_one(1);
	ck_assert_msg(md_store->ops->outgoing_open(md_store, &md_list,
		msgset_at(&set, 0), &out, &md_err), "%s", md_err.text);
	ck_assert_uint_eq(out.source.size, wire.len);
	ck_assert_mem_eq(out.digest, in, sizeof(in));
	read_source(&out.source, piece, &got);
	ck_assert_uint_eq(got.len, wire.len);
	ck_assert(span_equal(span_str(&got), wire));
	read_source_again(&out.source, piece, &got);
	ck_assert(span_equal(span_str(&got), wire));
	str_clear(&got);
	md_store->ops->outgoing_close(md_store, &out);
}

static const char *const degenerate[] = {
	"",
	"x",
	"\r\n",
	"\r\n\r\n",
	"Subject: only a header\r\n",
	"Subject: no line end",
	"\r\nno header\r\n",
	"A: b\r\n\r\nno final newline",
	"A: b\r\n\r\nbare\rcr\r\nat the end\r",
	"A: b\r\n\r\nline\r\n\r\r\ntwo\r\n",
	"\r",
	"\r\r\r\nx\r\n\r",
	"A: \xe4\xff\xfe\r\n\r\n\x01\x1b[31m\f\v\r\n",
	"From a@b Mon Jan 1\r\nno field\r\n continued\r\n\r\nx\r\n",
	"A:b\r\nC:\r\nD : e\r\n\r\n--x\r\n\r\n",
};

START_TEST(a_message_goes_both_ways_unchanged)
{
	static const size_t pieces[] = {1, 2, 3, 7, 4096};

	round_trip(span_of(degenerate[_i / 5]), pieces[_i % 5]);
}
END_TEST

START_TEST(large_messages_go_both_ways_unchanged)
{
	static const char *const units[] = {
		"x", "\r\n", "line of text\r\n", "\r", "A: b\r\n c\r\n",
	};
	struct str wire = {0};

	/* beyond every buffer, and the header alone beyond its limit */
	str_add(&wire, "Subject: large\r\n");
	while (wire.len < 1500000)
		str_add(&wire, units[_i]);
	str_add(&wire, "\r\n\r\nend\r\n");
	round_trip(span_str(&wire), 65000);
	str_clear(&wire);
}
END_TEST

/* ---- Sending ---- */

static struct outgoing out;

static bool open_new(void)
{
	struct msgset set = md_one(0);

	return md_store->ops->outgoing_open(
		md_store, &md_list, msgset_at(&set, 0), &out, &md_err);
}

static const struct {
	const char *file, *wire;
} line_ends[] = {
	{"a\nb\n", "a\r\nb\r\n"},
	{"a\r\nb\r\n", "a\r\nb\r\n"},
	{"a\r\nb", "a\r\nb"},
	{"a\r\nb\n", "a\r\r\nb\r\n"},
	{"a\nb\r\n", "a\r\nb\r\r\n"},
	{"a\rb", "a\rb"},
	{"a\rb\n", "a\rb\r\n"},
	{"\n", "\r\n"},
	{"\r\n", "\r\n"},
	{"", ""},
};

START_TEST(line_ends_become_crlf_unless_they_are)
{
	struct str got = {0};

	md_make_folder("INBOX");
	md_make_file("INBOX/new/m", line_ends[_i].file);
	md_load("INBOX");
	ck_assert(open_new());
	ck_assert_uint_eq(out.source.size, strlen(line_ends[_i].wire));
	read_source(&out.source, 1, &got);
	ck_assert(span_is(span_str(&got), line_ends[_i].wire));
	str_clear(&got);
	md_store->ops->outgoing_close(md_store, &out);
}
END_TEST

static const char *const private_fields[] = {"X-Private", "Bcc", NULL};

static const struct {
	const char *file, *wire;
} filtered[] = {
	{"A: b\nX-Private: c\n d\nBcc: e\n\nX-Private: f\n",
		"A: b\r\n\r\nX-Private: f\r\n"},
	{"A: b\r\nx-private: c\r\n\r\nx\r\n", "A: b\r\n\r\nx\r\n"},
	/* line ends are judged by what is sent */
	{"Bcc: c\nA: b\r\n\r\nx\r\n", "A: b\r\n\r\nx\r\n"},
	{"A: b\r\nBcc: c\r\n\r\nx\n", "A: b\r\r\n\r\r\nx\r\n"},
	{"Bcc: all of it\n", ""}, {"Bcc", "Bcc"},
	{"A: b\n\nx", "A: b\r\n\r\nx"},
};

static void check_sent(struct span wire, size_t piece)
{
	unsigned char digest[DIGEST_SHA256_SIZE];
	struct digest *d = digest_new();
	struct str got = {0};

	digest_add(d, wire.data, wire.len);
	digest_end(d, digest);
	ck_assert(open_new());
	ck_assert_uint_eq(out.source.size, wire.len);
	ck_assert_mem_eq(out.digest, digest, sizeof(digest));
	read_source(&out.source, piece, &got);
	ck_assert(span_equal(span_str(&got), wire));
	md_store->ops->outgoing_close(md_store, &out);
	str_clear(&got);
	digest_free(d);
}

START_TEST(filtered_fields_are_not_sent)
{
	md_make_folder("INBOX");
	md_make_file("INBOX/new/m", filtered[_i].file);
	md_store->filterheaders = private_fields;
	md_load("INBOX");
	check_sent(span_of(filtered[_i].wire), 1);
	check_sent(span_of(filtered[_i].wire), 7);
	check_sent(span_of(filtered[_i].wire), 70000);
	ck_assert_uint_eq(md_count_files("INBOX/new"), 1);
}
END_TEST

/* Longer than every buffer, so that whole pieces of the file are not sent. */
START_TEST(a_large_filtered_field_is_not_sent)
{
	struct str file = {0};

	str_add(&file, "A: b\nX-Private: c\n");
	for (int i = 0; i < 20000; i++)
		str_add(&file, " folded\n");
	str_add(&file, "C: d\n\nbody\n");
	md_make_folder("INBOX");
	md_make_file("INBOX/new/m", str_get(&file));
	md_store->filterheaders = private_fields;
	md_load("INBOX");
	check_sent(span_of("A: b\r\nC: d\r\n\r\nbody\r\n"), 70000);
	str_clear(&file);
}
END_TEST

START_TEST(a_message_is_described_before_it_is_sent)
{
	const char *text = "Subject: x\nMessage-ID: <1@2>\n\nbody\n";
	const struct timespec times[2] = {{1000000000, 0}, {1000000000, 0}};
	struct header_id expect;

	md_make_folder("INBOX");
	md_make_file("INBOX/new/m", text);
	ck_assert_int_eq(utimensat(AT_FDCWD, md_path("INBOX/new/m"), times, 0),
		0);
	md_load("INBOX");
	ck_assert(open_new());
	header_id(span_of(text), &expect);
	ck_assert_mem_eq(out.id.key, expect.key, sizeof(expect.key));
	ck_assert(out.id.has_message_id);
	ck_assert_int_eq(out.date, 1000000000);
	md_store->ops->outgoing_close(md_store, &out);
}
END_TEST

START_TEST(a_nul_byte_is_refused_with_the_file_named)
{
	md_make_folder("INBOX");
	ck_assert(file_write(md_path("INBOX/new/m"), (struct span){"a\0b\n", 4},
		false, &md_err));
	md_load("INBOX");
	ck_assert(!open_new());
	ck_assert_int_eq(md_err.severity, ERROR_MESSAGE);
	ck_assert_ptr_nonnull(strstr(md_err.text, "INBOX/new/m"));
	ck_assert_ptr_nonnull(strstr(md_err.text, "NUL"));
}
END_TEST

START_TEST(only_regular_files_are_sent)
{
	md_make_folder("INBOX");
	if (_i == 0)
		ck_assert_int_eq(mkfifo(md_path("INBOX/new/m"), 0600), 0);
	else
		ck_assert_int_eq(symlink("/etc/passwd",
			md_path("INBOX/new/m")), 0);
	md_load("INBOX");
	ck_assert(!open_new());
	ck_assert_int_eq(md_err.severity, ERROR_MESSAGE);
}
END_TEST

/* A large one: its bytes are not those that were announced any more. */
START_TEST(a_file_that_changes_while_it_is_sent_is_an_error)
{
	struct str file = {0};
	char buf[10];
	size_t got;

	while (file.len < 100000)
		str_add(&file, "a\nb\n");
	md_make_folder("INBOX");
	md_make_file("INBOX/new/m", str_get(&file));
	md_load("INBOX");
	ck_assert(open_new());
	ck_assert(out.open);
	ck_assert_int_eq(truncate(md_path("INBOX/new/m"), 2), 0);
	ck_assert(!out.source.read(out.source.arg, buf, sizeof(buf), &got,
		&md_err));
	ck_assert_int_eq(md_err.severity, ERROR_MESSAGE);
	md_store->ops->outgoing_close(md_store, &out);
	str_clear(&file);
}
END_TEST

START_TEST(a_small_file_is_sent_as_it_was_announced)
{
	struct str got = {0};

	md_make_folder("INBOX");
	md_make_file("INBOX/new/m", "a\nb\n");
	md_load("INBOX");
	ck_assert(open_new());
	ck_assert(!out.open);
	ck_assert_int_eq(truncate(md_path("INBOX/new/m"), 2), 0);
	read_source(&out.source, 10, &got);
	ck_assert(span_is(span_str(&got), "a\r\nb\r\n"));
	md_store->ops->outgoing_close(md_store, &out);
	str_clear(&got);
}
END_TEST

START_TEST(a_renamed_file_is_found_again_and_a_gone_one_not)
{
	md_make_folder("INBOX");
	md_make_file("INBOX/new/m", "a\n");
	md_load("INBOX");
	md_rename_file("INBOX/new/m", "INBOX/cur/m:2,S");
	ck_assert(open_new());
	md_store->ops->outgoing_close(md_store, &out);
	ck_assert_int_eq(unlink(md_path("INBOX/cur/m:2,S")), 0);
	ck_assert(!open_new());
	ck_assert_int_eq(md_err.kind, ERROR_GONE);
	ck_assert_int_eq(md_err.severity, ERROR_MESSAGE);
}
END_TEST

struct found {
	size_t count;
	struct identity last;
};

static bool take_identity(void *arg, const struct identity *id,
	struct error *problem)
{
	struct found *found = arg;

	(void)problem;
	found->count++;
	found->last = *id;
	return true;
}

START_TEST(identities_tell_the_size_on_the_wire)
{
	const uint32_t both[] = {0, 1};
	const struct msgset set = {&md_list, both, 2};
	struct found found = {0};
	struct header_id expect;

	md_make_folder("INBOX");
	md_make_file("INBOX/new/a", "");
	md_make_file("INBOX/new/b", "Message-ID: <x>\n\ny\n");
	md_load("INBOX");
	ck_assert_int_eq(unlink(md_path("INBOX/new/a")), 0);
	ck_assert(md_store->ops->identify(md_store, &set, take_identity, &found,
		&md_err));
	ck_assert_uint_eq(found.count, 1);
	ck_assert_uint_eq(found.last.index, 1);
	ck_assert_uint_eq(found.last.size, 22);
	header_id(span_of("Message-ID: <x>\r\n\r\n"), &expect);
	ck_assert_mem_eq(found.last.id.key, expect.key, sizeof(expect.key));
}
END_TEST

/* By the time that a name begins with, whatever the file's own. */
START_TEST(messages_are_searched_by_the_time_in_their_names)
{
	static const char *const files[] = {"INBOX/new/1769904000.a",
		"INBOX/new/1769903999.b", "INBOX/new/no-time",
		"INBOX/new/99999999999999999999.c"};
	const uint32_t which[] = {0, 1, 2, 3};
	const struct msgset set = {&md_list, which, ARRAY_LEN(files)};
	const struct ops_search what = {.year = 2026, .month = 2, .day = 1};
	bool is[ARRAY_LEN(files)];

	md_make_folder("INBOX");
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		md_make_file(files[i], "a\n");
	md_load("INBOX");
	ck_assert_uint_eq(md_list.len, ARRAY_LEN(files));
	ck_assert(md_store->ops->search(md_store, &set, &what, is, &md_err));
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		ck_assert(is[i] == !strstr(md_name_at(i),
			"1769903999"));
}
END_TEST

START_TEST(a_file_that_is_gone_is_not_large)
{
	const uint32_t which[] = {0, 1, 2};
	const struct msgset set = {&md_list, which, 3};
	const struct ops_search what = {.larger = 3};
	bool is[3];

	md_make_folder("INBOX");
	md_make_file("INBOX/new/1", "a\n");
	md_make_file("INBOX/new/2", "large\n");
	md_make_file("INBOX/new/3", "a\nb\n");
	md_load("INBOX");
	ck_assert_int_eq(unlink(md_path("INBOX/new/2")), 0);
	ck_assert(md_store->ops->search(md_store, &set, &what, is, &md_err));
	ck_assert(!is[0] && !is[1] && is[2]);
}
END_TEST

TCase *maildir_transfer_case(void)
{
	TCase *tc = tcase_create("transfer");

	tcase_add_checked_fixture(tc, md_setup, md_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_received_message_appears_at_commit_only);
	tcase_add_test(tc, what_was_not_committed_leaves_nothing);
	tcase_add_test(tc, many_messages_are_committed_as_a_group);
	tcase_add_loop_test(tc,
		a_file_gets_the_date_of_its_message_where_that_is_wanted, 0,
		ARRAY_LEN(dated));
	tcase_add_test(tc, messages_of_one_second_have_names_of_their_own);
	tcase_add_loop_test(tc, a_message_goes_both_ways_unchanged, 0,
		5 * ARRAY_LEN(degenerate));
	tcase_add_loop_test(tc, large_messages_go_both_ways_unchanged, 0, 5);
	tcase_add_loop_test(tc, line_ends_become_crlf_unless_they_are, 0,
		ARRAY_LEN(line_ends));
	tcase_add_loop_test(tc, filtered_fields_are_not_sent, 0,
		ARRAY_LEN(filtered));
	tcase_add_test(tc, a_large_filtered_field_is_not_sent);
	tcase_add_test(tc, a_message_is_described_before_it_is_sent);
	tcase_add_test(tc, a_nul_byte_is_refused_with_the_file_named);
	tcase_add_loop_test(tc, only_regular_files_are_sent, 0, 2);
	tcase_add_test(tc, a_file_that_changes_while_it_is_sent_is_an_error);
	tcase_add_test(tc, a_small_file_is_sent_as_it_was_announced);
	tcase_add_test(tc, a_renamed_file_is_found_again_and_a_gone_one_not);
	tcase_add_test(tc, identities_tell_the_size_on_the_wire);
	tcase_add_test(tc, messages_are_searched_by_the_time_in_their_names);
	tcase_add_test(tc, a_file_that_is_gone_is_not_large);
	return tc;
}
