#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "imap/flag.h"
#include "imap/ops.h"
#include "imap/session_impl.h"
#include "suites.h"
#include "support/play.h"

/* Operations on the selected mailbox: who selected it does not matter. */
static void play_selected(struct play *p, const char *script)
{
	play_known(p, script);
	p->session->state = STATE_SELECTED;
}

static struct seqset set_of(const char *text)
{
	struct seqset set = {0};

	ck_assert(seqset_parse(span_of(text), 100, &set));
	return set;
}

static void assert_words(const struct error *err, const char *words)
{
	ck_assert_int_eq(err->kind, ERROR_REFUSED);
	ck_assert_int_eq(err->severity, ERROR_FOLDER);
	ck_assert_msg(strstr(err->text, words) != NULL, "%s", err->text);
}

static void assert_refused(const struct play *p, const char *words)
{
	assert_words(&p->err, words);
	ck_assert(session_alive(p->session));
}

static const struct mailbox *box(const struct vec *boxes, size_t i)
{
	return vec_at(boxes, i);
}

START_TEST(folders_are_listed_once_with_their_names_as_sent)
{
	struct vec boxes = VEC(struct mailbox);
	struct play p;

	play_known(&p, "ops_list");
	ck_assert_msg(ops_list(p.session, "", false, &boxes, &p.err), "%s",
		p.err.text);
	ck_assert_uint_eq(boxes.len, 5);
	ck_assert_str_eq(box(&boxes, 0)->name, "Flat");
	ck_assert_int_eq(box(&boxes, 0)->delimiter, 0);
	ck_assert_str_eq(box(&boxes, 1)->name, "INBOX");
	ck_assert_str_eq(box(&boxes, 2)->name, "[Gmail]");
	ck_assert(box(&boxes, 2)->attributes & MAILBOX_NOSELECT);
	ck_assert_str_eq(box(&boxes, 3)->name, "[Gmail]/Sent Mail");
	ck_assert(box(&boxes, 3)->attributes & MAILBOX_SENT);
	ck_assert_str_eq(box(&boxes, 4)->name, "a\"b\\c");
	ops_list_clear(&boxes);

	boxes = (struct vec)VEC(struct mailbox);
	ck_assert(ops_list(p.session, "Mail", true, &boxes, &p.err));
	ck_assert_uint_eq(boxes.len, 1);
	ck_assert_str_eq(box(&boxes, 0)->name, "Mail.x");
	ops_list_clear(&boxes);

	for (size_t i = 0; i < 2; i++) {
		char delimiter;

		/* With quotes, as OfflineIMAP's users write it. */
		ck_assert(ops_delimiter(p.session, "\"\"", &delimiter,
			&p.err));
		ck_assert_int_eq(delimiter, i == 0 ? '.' : 0);
	}
	boxes = (struct vec)VEC(struct mailbox);
	ck_assert(!ops_list(p.session, "", false, &boxes, &p.err));
	assert_refused(&p, "LIST: cannot");
	ops_list_clear(&boxes);
	play_end(&p);
}
END_TEST

START_TEST(a_folder_that_exists_is_as_good_as_created)
{
	struct play p;

	play_known(&p, "ops_create");
	ck_assert(ops_create(p.session, "new", &p.err));
	ck_assert(ops_create(p.session, "with blank", &p.err));
	ck_assert(!ops_create(p.session, "Files", &p.err));
	assert_refused(&p, "Folder name is reserved");
	ck_assert(!ops_create(p.session, "", &p.err));
	play_end(&p);
}
END_TEST

START_TEST(a_folder_is_deleted_or_the_server_says_why_not)
{
	struct play p;

	play_known(&p, "ops_delete_folder");
	ck_assert(ops_delete_folder(p.session, "with blank", &p.err));
	ck_assert(!ops_delete_folder(p.session, "INBOX", &p.err));
	assert_refused(&p, "INBOX stays");
	ck_assert(!ops_delete_folder(p.session, "", &p.err));
	play_end(&p);
}
END_TEST

START_TEST(the_personal_namespace_is_asked_once)
{
	const char *prefix;
	struct play p;

	play_known(&p, "ops_namespace");
	ck_assert(ops_namespace(p.session, &prefix, &p.err));
	ck_assert_str_eq(prefix, "INBOX.");
	ck_assert(ops_namespace(p.session, &prefix, &p.err));
	ck_assert_str_eq(prefix, "INBOX.");
	play_end(&p);

	play_known(&p, "ops_namespace_none");
	ck_assert(ops_namespace(p.session, &prefix, &p.err));
	ck_assert_str_eq(prefix, "");
	play_end(&p);
}
END_TEST

START_TEST(select_tells_what_the_folder_is)
{
	struct selected sel;
	struct play p;

	play_known(&p, "ops_select");
	ck_assert(ops_select(p.session, "INBOX", false, &sel, &p.err));
	ck_assert_uint_eq(sel.uidvalidity, 3857529045u);
	ck_assert_uint_eq(sel.uidnext, 4392);
	ck_assert_uint_eq(sel.exists, 3);
	ck_assert_uint_eq(sel.highestmodseq, 715194045007u);
	ck_assert(!sel.readonly);
	ck_assert_uint_eq(sel.flags_allowed, FLAG_ANSWERED | FLAG_SEEN);

	ck_assert(ops_select(p.session, "a b", true, &sel, &p.err));
	ck_assert_uint_eq(sel.exists, 7);
	ck_assert_uint_eq(sel.uidvalidity, 0);
	ck_assert(sel.readonly);
	ck_assert_uint_eq(sel.flags_allowed, FLAG_IMAP_ALL);

	ck_assert(ops_select(p.session, "shared", false, &sel, &p.err));
	ck_assert(sel.readonly);

	ck_assert(!ops_select(p.session, "nowhere", false, &sel, &p.err));
	ck_assert_int_eq(p.err.kind, ERROR_GONE);
	ck_assert(!ops_select(p.session, "throttled", false, &sel, &p.err));
	assert_refused(&p, "SELECT Unsafe Login");
	play_end(&p);
}
END_TEST

static const struct {
	const char *script;
	bool ok, complete;
	const char *seen; /* "uid:flags " of each message */
	uint32_t exists;
} lists[] = {
	{"ops_list_complete", true, true, "5:S 7: 9:F ", 3},
	{"ops_list_twice", true, false, "5:S 7: ", 3},
	{"ops_list_unordered", true, true, "9: 5: 7: ", 3},
	{"ops_list_short", true, false, "5:S 7: ", 3},
	{"ops_list_no_uid", true, false, "5: 9: ", 3},
	{"ops_list_expunged", true, true, "5: 7: ", 2},
	{"ops_list_grew", true, false, "5: 7: 9: ", 4},
	{"ops_list_old_folder", true, true, "5: ", 1},
	{"ops_list_bye", true, false, "5: 7: 9: ", 3},
	{"ops_list_empty", true, true, "", 0},
	{"ops_list_empty_refused", true, false, "", 0},
	{"ops_list_refused", false, false, "", 0},
	{"ops_list_not_selected", false, false, "", 0},
};

static bool note_message(void *arg, const struct response_fetch *f,
	struct error *err)
{
	(void)err;
	str_printf(arg, "%u:", f->uid);
	flag_letters(f->flags, arg);
	str_add_char(arg, ' ');
	return true;
}

START_TEST(a_list_is_complete_only_when_it_adds_up)
{
	struct str seen = {0};
	struct selected sel;
	bool complete = true, ok;
	struct play p;

	play_known(&p, lists[_i].script);
	ok = ops_select_list(p.session, "INBOX", true, &sel, note_message,
		&seen, &complete, &p.err);
	ck_assert_msg(ok == lists[_i].ok, "%s: %s", lists[_i].script,
		p.err.text);
	ck_assert_msg(complete == lists[_i].complete, "%s",
		lists[_i].script);
	ck_assert_str_eq(str_get(&seen), lists[_i].seen);
	if (ok)
		ck_assert_uint_eq(sel.exists, lists[_i].exists);
	str_clear(&seen);
	play_end(&p);
}
END_TEST

static bool give_up(void *arg, const struct response_fetch *f,
	struct error *err)
{
	(void)arg;
	(void)f;
	return error_set(err, ERROR_FOLDER, ERROR_OTHER, "enough");
}

START_TEST(a_caller_can_end_a_list)
{
	struct selected sel;
	bool complete;
	struct play p;

	play_known(&p, "ops_list_complete");
	ck_assert(!ops_select_list(p.session, "INBOX", true, &sel, give_up,
		NULL, &complete, &p.err));
	ck_assert_str_eq(p.err.text, "enough");
	ck_assert(!session_alive(p.session));
	play_end(&p);
}
END_TEST

START_TEST(status_is_matched_by_name)
{
	struct ops_status at[] = {{.name = "INBOX"}, {.name = "a b"},
		{.name = "gone"}, {.name = "silent"}, {.name = "liar"}};
	struct play p;

	play_known(&p, "ops_status");
	ck_assert_msg(ops_status(p.session, at, ARRAY_LEN(at), &p.err), "%s",
		p.err.text);
	ck_assert(at[0].ok && at[1].ok);
	ck_assert(!at[2].ok && !at[3].ok && !at[4].ok);
	ck_assert_uint_eq(at[0].messages, 1);
	ck_assert_uint_eq(at[0].uidnext, 10);
	ck_assert_uint_eq(at[0].uidvalidity, 100);
	ck_assert_uint_eq(at[0].highestmodseq, 0);
	ck_assert_uint_eq(at[1].highestmodseq, 2000);
	play_end(&p);
}
END_TEST

static bool note_size(void *arg, const struct response_fetch *f,
	struct error *err)
{
	(void)err;
	str_printf(arg, "%u:%llu ", f->uid, (unsigned long long)f->size);
	return true;
}

START_TEST(fetch_tells_only_of_what_was_asked)
{
	struct seqset uids = set_of("3:5,9");
	struct str seen = {0};
	struct play p;

	play_selected(&p, "ops_fetch");
	ck_assert(ops_fetch(p.session, &uids, "(UID RFC822.SIZE)", note_size,
		&seen, &p.err));
	ck_assert_str_eq(str_get(&seen), "3:30 4:40 9:90 ");
	ck_assert(!ops_fetch(p.session, &uids, "(UID RFC822.SIZE)", note_size,
		&seen, &p.err));
	assert_refused(&p, "[OVERQUOTA] Account exceeded");
	ck_assert(strstr(p.err.text, "daily limit") != NULL);
	str_clear(&seen);
	seqset_clear(&uids);
	play_end(&p);
}
END_TEST

static bool body_begin(void *arg, uint64_t size, struct error *err)
{
	(void)err;
	str_printf(arg, "<%llu ", (unsigned long long)size);
	return true;
}

static bool body_data(void *arg, struct span data, struct error *err)
{
	(void)err;
	str_add_span(arg, data);
	return true;
}

static bool body_end(void *arg, const struct response_fetch *f,
	struct error *err)
{
	(void)err;
	str_printf(arg, " %u>", f->has & FETCH_UID ? f->uid : 0);
	return true;
}

START_TEST(bodies_stream_and_one_refusal_stops_no_other)
{
	struct seqset uids = set_of("1:203");
	struct str seen = {0}, words = {0};
	struct body_sink sink = {body_begin, body_data, body_end, &seen,
		NULL};
	struct play p;

	play_selected(&p, "ops_bodies");
	ck_assert_msg(ops_fetch_bodies(p.session, &uids, &sink, &words,
		&p.err), "%s", p.err.text);
	ck_assert_str_eq(str_get(&seen),
		"<11 Hello\r\n\r\nxx 1><0  2><6 quoted 3>");
	ck_assert_str_eq(str_get(&words), "some failed");
	str_clear(&seen);
	str_clear(&words);
	seqset_clear(&uids);
	play_end(&p);
}
END_TEST

/* Twelve sets from 30 down, and a last one. */
struct giving {
	struct str seen;
	uint32_t left;
	bool late;
};

static bool giving_begin(void *arg, uint64_t size, struct error *err)
{
	return body_begin(&((struct giving *)arg)->seen, size, err);
}

static bool giving_data(void *arg, struct span data, struct error *err)
{
	return body_data(&((struct giving *)arg)->seen, data, err);
}

static bool giving_end(void *arg, const struct response_fetch *f,
	struct error *err)
{
	return body_end(&((struct giving *)arg)->seen, f, err);
}

static bool give_next(void *arg, struct seqset *uids)
{
	struct giving *g = arg;

	ck_assert(seqset_empty(uids));
	if (g->left == 18 && g->late)
		return false;
	g->late = g->left == 18;
	seqset_add(uids, g->late ? 7 : g->left--);
	return true;
}

START_TEST(bodies_are_asked_for_as_long_as_there_are_more)
{
	struct seqset uids = set_of("40");
	struct giving giving = {.left = 30};
	struct str words = {0};
	struct body_sink sink = {giving_begin, giving_data, giving_end,
		&giving, give_next};
	struct play p;

	play_selected(&p, "ops_bodies_next");
	ck_assert_msg(ops_fetch_bodies(p.session, &uids, &sink, &words,
		&p.err), "%s", p.err.text);
	ck_assert_str_eq(str_get(&giving.seen), "<2 hi 40>");
	ck_assert_str_eq(str_get(&words), "none of these");
	str_clear(&giving.seen);
	str_clear(&words);
	seqset_clear(&uids);
	play_end(&p);
}
END_TEST

static void store(struct play *p, const struct seqset *uids, uint32_t add,
	uint32_t remove, const char *refused)
{
	struct ops_change c = {.uids = uids, .add = add, .remove = remove};

	ck_assert_msg(ops_store(p->session, &c, 1, &p->err), "%s",
		p->err.text);
	ck_assert(seqset_empty(&c.modified));
	if (!refused)
		ck_assert_int_eq(c.problem.severity, ERROR_NONE);
	else
		assert_words(&c.problem, refused);
}

START_TEST(flags_are_stored_in_one_flight)
{
	struct seqset uids = set_of("1:3,7");
	struct play p;

	play_selected(&p, "ops_store");
	store(&p, &uids, FLAG_SEEN | FLAG_FLAGGED | FLAG_PASSED,
		FLAG_ANSWERED, NULL);
	/* What only a Maildir has is nothing to be sent. */
	store(&p, &uids, FLAG_PASSED, 0, NULL);
	store(&p, &uids, 0, FLAG_SEEN, "read-only");
	seqset_clear(&uids);
	play_end(&p);
}
END_TEST

START_TEST(one_refused_change_of_flags_stops_no_other)
{
	struct seqset uids[] = {set_of("1:2"), set_of("3"), set_of("4,6")};
	struct ops_change c[] = {
		{.uids = &uids[0], .add = FLAG_SEEN},
		{.uids = &uids[1], .add = FLAG_DRAFT, .remove = FLAG_SEEN},
		{.uids = &uids[2], .remove = FLAG_FLAGGED},
	};
	struct play p;

	play_selected(&p, "ops_store_groups");
	ck_assert(ops_store(p.session, c, 3, &p.err));
	ck_assert_int_eq(c[0].problem.severity, ERROR_NONE);
	assert_words(&c[1].problem, "no drafts here");
	ck_assert_int_eq(c[2].problem.severity, ERROR_NONE);
	for (size_t i = 0; i < 3; i++)
		seqset_clear(&uids[i]);
	play_end(&p);
}
END_TEST

/* RFC 7162 section 3.1.3: only the first command that touches a message asks;
 * what was not asked about is passed over. */
START_TEST(what_was_changed_meanwhile_is_told)
{
	struct seqset uids[] = {set_of("1:3,7"), set_of("9:10")};
	struct ops_change c[] = {
		{.uids = &uids[0], .add = FLAG_SEEN, .remove = FLAG_DRAFT,
			.since = 12345678901},
		{.uids = &uids[1], .remove = FLAG_SEEN, .since = 12345678901},
	};
	struct str told = {0};
	struct play p;

	play_selected(&p, "ops_store_since");
	ck_assert(ops_store(p.session, c, 2, &p.err));
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(c[i].problem.severity, ERROR_NONE);
		seqset_print(&c[i].modified, &told);
		str_add(&told, " ");
		seqset_clear(&c[i].modified);
		seqset_clear(&uids[i]);
	}
	ck_assert_str_eq(str_get(&told), "2,7 10 ");
	str_clear(&told);
	play_end(&p);
}
END_TEST

/* RFC 2683 section 3.2.1.5, RFC 7162 section 4. */
START_TEST(scattered_messages_fill_lines_as_long_as_the_server_takes)
{
	static const char *const servers[] = {"ops_store_short",
		"ops_store_long"};
	struct seqset uids = {0};
	struct play p;

	for (uint32_t i = 0; i < 1000; i++)
		seqset_add(&uids, 1000 + 2 * i);
	play_selected(&p, servers[_i]);
	store(&p, &uids, FLAG_SEEN, 0, NULL);
	seqset_clear(&uids);
	play_end(&p);
}
END_TEST

static struct flag_keywords keywords_of(const char *a, const char *b,
	const char *c)
{
	struct flag_keywords k = {0};

	ck_assert(flag_keywords_set(&k, 0, span_of(a)));
	ck_assert(!b || flag_keywords_set(&k, 1, span_of(b)));
	ck_assert(!c || flag_keywords_set(&k, 2, span_of(c)));
	return k;
}

static void list_keywords(struct play *p, struct selected *sel,
	const char *expected)
{
	struct str seen = {0};
	bool complete;

	ck_assert_msg(ops_select_list(p->session, "INBOX", false, sel,
		note_message, &seen, &complete, &p->err), "%s", p->err.text);
	ck_assert(complete);
	ck_assert_str_eq(str_get(&seen), expected);
	str_clear(&seen);
}

static uint32_t letters(const char *text)
{
	return flag_parse_letters(span_of(text));
}

/* A source over a constant text, three bytes at a time. */
struct text_source {
	const char *at, *whole;
};

static bool read_text(void *arg, void *buf, size_t cap, size_t *got,
	struct error *err)
{
	struct text_source *text = arg;
	size_t len = strlen(text->at);

	(void)err;
	*got = len < cap ? len : cap;
	if (*got > 3)
		*got = 3;
	memcpy(buf, text->at, *got);
	text->at += *got;
	return true;
}

static void read_again(void *arg)
{
	struct text_source *text = arg;

	text->at = text->whole;
}

static void make_append(struct append *item, struct text_source *text)
{
	text->whole = text->at;
	item->source = (struct source){strlen(text->at), read_text, text,
		read_again};
	item->date = 1577836800;
}

static bool note_append(void *arg, struct append *item, struct error *err)
{
	(void)err;
	str_printf(arg, "%d:%u:%u ", (int)item->result, item->uidvalidity,
		item->uid);
	return true;
}

static void clear_texts(struct append *item, size_t len)
{
	for (size_t i = 0; i < len; i++)
		str_clear(&item[i].text);
}

START_TEST(uploads_are_pipelined_with_literal_plus)
{
	struct text_source text[] = {{.at = "one\r\n"}, {.at = "two"},
		{.at = ""}};
	struct append item[3] = {{.flags = FLAG_SEEN}};
	struct str seen = {0};
	struct play p;

	for (size_t i = 0; i < 3; i++)
		make_append(&item[i], &text[i]);
	play_known(&p, "ops_append");
	ck_assert_msg(ops_append(p.session, "a b", item, 3, note_append,
		&seen, &p.err), "%s", p.err.text);
	ck_assert_str_eq(str_get(&seen), "2:0:0 1:7:70 1:0:0 ");
	ck_assert_str_eq(str_get(&item[1].text), "[OVERQUOTA] full");
	clear_texts(item, 3);
	str_clear(&seen);
	play_end(&p);
}
END_TEST

START_TEST(uploads_wait_for_the_server_where_they_must)
{
	struct text_source text[] = {{.at = "one\r\n"}, {.at = "two"},
		{.at = "four"}};
	struct append item[3] = {0};
	struct str seen = {0};
	struct play p;

	for (size_t i = 0; i < 3; i++)
		make_append(&item[i], &text[i]);
	play_known(&p, "ops_append_waits");
	ck_assert_msg(ops_append(p.session, "box", item, 3, note_append,
		&seen, &p.err), "%s", p.err.text);
	ck_assert_str_eq(str_get(&seen), "1:7:70 2:0:0 1:0:0 ");
	ck_assert_str_eq(text[1].at, "two");
	clear_texts(item, 3);
	str_clear(&seen);
	play_end(&p);
}
END_TEST

static char long_text[4098];

static const struct {
	const char *script;
	const char *third;    /* NULL: "four" */
	const char *expected; /* "result:validity:uid text, " of each */
} multi[] = {
	{"ops_append_multi", NULL, "1:7:70 done, 1:7:71 done, 1:7:75 done, "},
	{"ops_append_multi_halved", NULL,
		"1:7:71 done, 2:0:0 this one is bad, 1:7:70 done, "},
	{"ops_append_multi_full", NULL,
		"1:7:70 done, 2:0:0 [OVERQUOTA] full, 1:7:71 done, "},
	{"ops_append_multi_bad", NULL,
		"1:7:70 done, 3:0:0 what is this, 1:7:71 done, "},
	{"ops_append_multi_nowhere", NULL,
		"2:0:0 [TRYCREATE] no such folder, "
		"2:0:0 [TRYCREATE] no such folder, "
		"2:0:0 [TRYCREATE] no such folder, "},
	{"ops_append_multi_count", NULL,
		"1:0:0 done, 1:0:0 done, 1:0:0 done, "},
	{"ops_append_multi_order", NULL,
		"1:0:0 done, 1:0:0 done, 1:0:0 done, "},
	{"ops_append_multi_minus", long_text,
		"1:7:70 done, 1:7:71 done, 1:7:72 done, "},
	{"ops_append_limit", NULL,
		"2:0:0 it takes no message above 4 bytes (APPENDLIMIT), and "
		"this one has 5; it was not sent, 1:7:70 done, 1:7:71 done, "},
};

START_TEST(several_uploads_share_a_command)
{
	const char *third = multi[_i].third;
	struct text_source text[] = {{.at = "one\r\n"}, {.at = "two"},
		{.at = third ? third : "four"}};
	struct append item[3] = {{.flags = FLAG_SEEN}};
	struct str seen = {0}, done = {0};
	struct play p;

	memset(long_text, '~', sizeof(long_text) - 1);
	for (size_t i = 0; i < 3; i++)
		make_append(&item[i], &text[i]);
	play_known(&p, multi[_i].script);
	ck_assert_msg(ops_append(p.session, "box", item, 3, note_append,
		&done, &p.err), "%s", p.err.text);
	for (size_t i = 0; i < 3; i++) {
		str_printf(&seen, "%d:%u:%u ", (int)item[i].result,
			item[i].uidvalidity, item[i].uid);
		str_printf(&seen, "%s, ", str_get(&item[i].text));
	}
	ck_assert_str_eq(str_get(&seen), multi[_i].expected);
	clear_texts(item, 3);
	str_clear(&seen);
	str_clear(&done);
	play_end(&p);
}
END_TEST

/* Once without an answer, twice alone: a command that kills the connection
 * does not stop the others for ever. */
START_TEST(an_upload_that_was_sent_before_goes_alone)
{
	struct text_source text[] = {{.at = "one\r\n"}, {.at = "two"}};
	struct append item[2] = {{.alone = true}};
	struct str seen = {0};
	struct play p;

	for (size_t i = 0; i < 2; i++)
		make_append(&item[i], &text[i]);
	item[0].flags = FLAG_SEEN;
	play_known(&p, "ops_append_alone");
	ck_assert_msg(ops_append(p.session, "box", item, 2, note_append,
		&seen, &p.err), "%s", p.err.text);
	ck_assert_str_eq(str_get(&seen), "1:7:70 1:7:71 ");
	clear_texts(item, 2);
	str_clear(&seen);
	play_end(&p);
}
END_TEST

static bool flags_end(void *arg, const struct response_fetch *f,
	struct error *err)
{
	str_add(arg, "> ");
	return note_message(arg, f, err);
}

static void fetch_keywords(struct play *p)
{
	struct seqset uids = set_of("5");
	struct str seen = {0}, words = {0};
	struct body_sink sink = {body_begin, body_data, flags_end, &seen, NULL};

	ck_assert(ops_fetch(p->session, &uids, "(UID FLAGS)", note_message,
		&seen, &p->err));
	ck_assert(ops_fetch_bodies(p->session, &uids, &sink, &words,
		&p->err));
	ck_assert_str_eq(str_get(&seen), "5:b <2 hi> 5:ab ");
	str_clear(&seen);
	str_clear(&words);
	seqset_clear(&uids);
}

/* $mdnsent is there in another case: the server would keep that. */
START_TEST(keywords_come_and_go_as_letters)
{
	struct flag_keywords k = keywords_of("$Forwarded", "Todo", "$MDNSent");
	struct text_source text = {.at = "one\r\n"};
	struct append item = {.flags = letters("FPbz")};
	struct seqset uids = set_of("5");
	struct str seen = {0};
	struct selected sel;
	struct play p;

	play_known(&p, "ops_keywords");
	p.worker.debug = 1u << AREA_IMAP;
	session_keywords(p.session, &k);
	list_keywords(&p, &sel, "5:Sa 7: 9:bc ");
	ck_assert_uint_eq(sel.flags_allowed, letters("RSab"));
	store(&p, &uids, letters("SPabd"), letters("cz"), NULL);
	store(&p, &uids, letters("z"), letters("P"), NULL);
	make_append(&item, &text);
	ck_assert(ops_append(p.session, "box", &item, 1, note_append, &seen,
		&p.err));
	fetch_keywords(&p);
	ck_assert(ops_select(p.session, "limited", false, &sel, &p.err));
	ck_assert_uint_eq(sel.flags_allowed, letters("Sb"));
	ck_assert(ops_select(p.session, "silent", false, &sel, &p.err));
	ck_assert_uint_eq(sel.flags_allowed, FLAG_IMAP_ALL | letters("a"));
	ck_assert_uint_eq(play_count(&p, EVENT_LOG, "no letter stands"), 1);
	clear_texts(&item, 1);
	str_clear(&seen);
	seqset_clear(&uids);
	play_end(&p);
	flag_keywords_clear(&k);
}
END_TEST

START_TEST(unknown_keywords_get_letters_where_they_are_learnt)
{
	struct flag_keywords k = keywords_of("$Forwarded", "$junk", NULL);
	uint32_t any = ~(FLAG_IMAP_ALL | FLAG_PASSED);
	struct selected sel;
	struct play p;

	k.learning = true;
	play_known(&p, "ops_keywords_learnt");
	session_keywords(p.session, &k);
	list_keywords(&p, &sel, "5:Sac 7:c ");
	ck_assert_uint_eq(sel.flags_allowed, any | FLAG_SEEN);
	ck_assert(k.changed);
	ck_assert_str_eq(k.name[2], "NonJunk");
	ck_assert_ptr_null(k.name[3]);
	ck_assert(ops_select(p.session, "limited", false, &sel, &p.err));
	ck_assert_uint_eq(sel.flags_allowed, letters("Sd"));
	ck_assert_str_eq(k.name[3], "new");
	play_end(&p);
	flag_keywords_clear(&k);
}
END_TEST

START_TEST(an_upload_without_an_answer_has_no_result)
{
	struct text_source text[] = {{.at = "one\r\n"}, {.at = "two"}};
	struct append item[2] = {0};
	struct str seen = {0};
	struct play p;

	for (size_t i = 0; i < 2; i++)
		make_append(&item[i], &text[i]);
	play_known(&p, "ops_append_dies");
	ck_assert(!ops_append(p.session, "box", item, 2, note_append, &seen,
		&p.err));
	ck_assert_int_eq(p.err.kind, ERROR_NETWORK);
	ck_assert_str_eq(str_get(&seen), "1:7:70 ");
	ck_assert_int_eq(item[1].result, CONDITION_NONE);
	clear_texts(item, 2);
	str_clear(&seen);
	play_end(&p);
}
END_TEST

START_TEST(a_message_that_became_shorter_ends_the_session)
{
	struct text_source text = {.at = "one"};
	struct append item = {0};
	struct play p;

	make_append(&item, &text);
	item.source.size = 4;
	play_init(&p);
	p.options.tunnel = "x";
	play_text(&p, "S: * PREAUTH [CAPABILITY IMAP4rev1 LITERAL+] x\n"
		"CLOSE\n", NULL);
	ck_assert(!ops_append(p.session, "box", &item, 1, NULL, NULL,
		&p.err));
	ck_assert(!session_alive(p.session));
	play_end(&p);
}
END_TEST

static const struct {
	const char *script, *uids;
	bool expunge;
	const char *refused; /* NULL: it has to work */
} deletions[] = {
	{"ops_delete_uidplus", "1:2600", true, NULL},
	{"ops_delete_mark_only", "1:3", false, NULL},
	{"ops_delete_around", "1:3", true, NULL},
	{"ops_delete_around_none", "1:3", true, NULL},
	{"ops_delete_around_refused", "1:3", true, "not yours"},
};

START_TEST(exactly_the_named_messages_are_deleted)
{
	struct seqset uids = set_of(deletions[_i].uids);
	const char *refused = deletions[_i].refused;
	struct play p;
	bool ok;

	play_selected(&p, deletions[_i].script);
	ok = ops_delete(p.session, &uids, deletions[_i].expunge, &p.err);
	ck_assert_msg(ok == !refused, "%s: %s", deletions[_i].script,
		p.err.text);
	if (refused)
		assert_refused(&p, refused);
	seqset_clear(&uids);
	play_end(&p);
}
END_TEST

static void assert_found(struct play *p, const struct ops_search *what,
	const char *uids, const char *expected)
{
	struct seqset among = {0}, found = {0};
	struct str out = {0};

	if (uids)
		among = set_of(uids);
	ck_assert_msg(ops_search(p->session, what, uids ? &among : NULL,
		&found, &p->err), "%s", p->err.text);
	seqset_print(&found, &out);
	ck_assert_str_eq(str_get(&out), expected);
	str_clear(&out);
	seqset_clear(&among);
	seqset_clear(&found);
}

START_TEST(messages_are_searched_by_day_and_size)
{
	struct seqset found = {0};
	struct play p;

	play_selected(&p, "ops_search");
	assert_found(&p, &(struct ops_search){.year = 2026, .month = 2,
		.day = 7}, NULL, "4:5,9,77");
	/* what nobody asked about is passed over */
	assert_found(&p, &(struct ops_search){.larger = 1000}, "4:5,9",
		"5,9");
	assert_found(&p, &(struct ops_search){.year = 1999, .month = 12,
		.day = 31, .larger = UINT32_MAX}, NULL, "");
	ck_assert(!ops_search(p.session, &(struct ops_search){.larger = 3},
		NULL, &found, &p.err));
	assert_refused(&p, "SEARCH is out of order");
	seqset_clear(&found);
	play_end(&p);
}
END_TEST

static const struct {
	const char *script;
	bool refused;
	const char *moved; /* "from>to " of each */
} moves[] = {
	{"ops_move", false, "3>20 5>21 6>22 "},
	{"ops_move_untold", false, ""},
	{"ops_move_refused", true, ""},
	{"ops_move_refused_late", false, ""},
	{"ops_move_copy", false, "3>20 6>21 "},
};

START_TEST(a_move_tells_where_the_messages_are_now)
{
	struct seqset uids = set_of("3,5:6");
	struct vec moved = VEC(struct ops_moved);
	struct str told = {0};
	bool refused;
	struct play p;

	play_selected(&p, moves[_i].script);
	ck_assert_msg(ops_move(p.session, &uids, "other box", &moved,
		&refused, &p.err), "%s", p.err.text);
	ck_assert_int_eq(refused, moves[_i].refused);
	for (size_t i = 0; i < moved.len; i++) {
		const struct ops_moved *m = vec_at(&moved, i);

		ck_assert_uint_eq(m->uidvalidity, 77);
		str_printf(&told, "%u>%u ", m->from, m->to);
	}
	ck_assert_str_eq(str_get(&told), moves[_i].moved);
	str_clear(&told);
	vec_clear(&moved);
	seqset_clear(&uids);
	play_end(&p);
}
END_TEST

START_TEST(noop_asks_nothing)
{
	struct play p;

	play_known(&p, "ops_noop");
	ck_assert(ops_noop(p.session, &p.err));
	ck_assert(!ops_noop(p.session, &p.err));
	assert_refused(&p, "NOOP: User is authenticated but not connected.");
	ck_assert(strstr(p.err.text, "may not use IMAP") != NULL);
	play_end(&p);
}
END_TEST

Suite *ops_suite(void)
{
	Suite *suite = suite_create("ops");
	TCase *tc = tcase_create("ops");

	tcase_add_test(tc, folders_are_listed_once_with_their_names_as_sent);
	tcase_add_test(tc, a_folder_that_exists_is_as_good_as_created);
	tcase_add_test(tc, a_folder_is_deleted_or_the_server_says_why_not);
	tcase_add_test(tc, the_personal_namespace_is_asked_once);
	tcase_add_test(tc, select_tells_what_the_folder_is);
	tcase_add_loop_test(tc, a_list_is_complete_only_when_it_adds_up, 0,
		ARRAY_LEN(lists));
	tcase_add_test(tc, a_caller_can_end_a_list);
	tcase_add_test(tc, status_is_matched_by_name);
	tcase_add_test(tc, fetch_tells_only_of_what_was_asked);
	tcase_add_test(tc, bodies_stream_and_one_refusal_stops_no_other);
	tcase_add_test(tc, bodies_are_asked_for_as_long_as_there_are_more);
	tcase_add_test(tc, flags_are_stored_in_one_flight);
	tcase_add_test(tc, one_refused_change_of_flags_stops_no_other);
	tcase_add_test(tc, what_was_changed_meanwhile_is_told);
	tcase_add_loop_test(tc,
		scattered_messages_fill_lines_as_long_as_the_server_takes, 0,
		2);
	tcase_add_test(tc, uploads_are_pipelined_with_literal_plus);
	tcase_add_test(tc, uploads_wait_for_the_server_where_they_must);
	tcase_add_loop_test(tc, several_uploads_share_a_command, 0,
		ARRAY_LEN(multi));
	tcase_add_test(tc, an_upload_that_was_sent_before_goes_alone);
	tcase_add_test(tc, keywords_come_and_go_as_letters);
	tcase_add_test(tc, unknown_keywords_get_letters_where_they_are_learnt);
	tcase_add_test(tc, an_upload_without_an_answer_has_no_result);
	tcase_add_test(tc, a_message_that_became_shorter_ends_the_session);
	tcase_add_loop_test(tc, exactly_the_named_messages_are_deleted, 0,
		ARRAY_LEN(deletions));
	tcase_add_loop_test(tc, a_move_tells_where_the_messages_are_now, 0,
		ARRAY_LEN(moves));
	tcase_add_test(tc, messages_are_searched_by_day_and_size);
	tcase_add_test(tc, noop_asks_nothing);
	suite_add_tcase(suite, tc);
	return suite;
}
