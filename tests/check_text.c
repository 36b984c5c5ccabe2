#include "config.h"

#include "suites.h"

#include <string.h>

#include "clean.h"
#include "event.h"
#include "text.h"
#include "units.h"

struct sentence_row {
	struct event event;
	enum text_level level;
	const char *text;
};

#define FOLDER .account = "A", .folder = "INBOX"
#define SIDES { "IMAP", "INBOX", "Maildir", "INBOX" }

static const struct sentence_row sentence_rows[] = {
	{ { .kind = EVENT_ACCOUNT_START, .account = "A" }, TEXT_INFO,
		"*** Processing account A" },
	{ { .kind = EVENT_ACCOUNT_END, .account = "A",
		.u.end = { .elapsed_ms = 65999 } }, TEXT_INFO,
		"*** Finished account 'A' in 1:05" },
	{ { .kind = EVENT_ACCOUNT_END, .account = "A",
		.u.end = { .elapsed_ms = 3600000 } }, TEXT_INFO,
		"*** Finished account 'A' in 60:00" },
	{ { .kind = EVENT_CONNECTING, .account = "A",
		.u.connect = { "localhost", "993", "Rem" } }, TEXT_INFO,
		"Establishing connection to localhost:993 (Rem)" },
	{ { .kind = EVENT_STRUCTURE, .u.sides = SIDES }, TEXT_DEBUG,
		"Copying folder structure from IMAP to Maildir" },
	{ { .kind = EVENT_FOLDER_CREATE,
		.u.create = { "Sent", "Loc", false } }, TEXT_INFO,
		"Creating folder Sent[Loc]" },
	{ { .kind = EVENT_FOLDER_CREATE,
		.u.create = { "Sent", "Loc", true } }, TEXT_INFO,
		"[DRYRUN] Creating folder Sent[Loc]" },
	{ { .kind = EVENT_FOLDER_START, FOLDER, .u.sides = SIDES }, TEXT_INFO,
		"Syncing INBOX: IMAP -> Maildir" },
	{ { .kind = EVENT_FOLDER_END, FOLDER,
		.u.end = { .outcome = OUTCOME_SKIPPED, .quick = true } },
		TEXT_INFO, "Skipping INBOX (not changed)" },
	{ { .kind = EVENT_FOLDER_END, FOLDER,
		.u.end = { .outcome = OUTCOME_SKIPPED } }, TEXT_NONE, "" },
	{ { .kind = EVENT_FOLDER_END, FOLDER }, TEXT_NONE, "" },
	{ { .kind = EVENT_LOADING, FOLDER,
		.u.list = { "IMAP", "INBOX", 0, "" } },
		TEXT_DEBUG, "Loading message list for IMAP[INBOX]" },
	{ { .kind = EVENT_LOADED, FOLDER,
		.u.list = { "IMAP", "INBOX", 7, "" } },
		TEXT_DEBUG,
		"Message list for IMAP[INBOX] loaded: 7 messages" },
	{ { .kind = EVENT_DIRECTION, FOLDER, .u.sides = SIDES }, TEXT_DEBUG,
		"Syncing messages IMAP[INBOX] -> Maildir[INBOX]" },
	{ { .kind = EVENT_COPY, FOLDER,
		.u.copy = { 4, 1, 7, "IMAP", "Rem", "INBOX", "Maildir", "Loc",
			"INBOX", 100, false } }, TEXT_INFO,
		"Copy message UID 4 (1/7) Rem:INBOX -> Loc:INBOX" },
	{ { .kind = EVENT_COPY, FOLDER,
		.u.copy = { -1, 1, 1, "Maildir", "Loc", "INBOX", "IMAP", "Rem",
			"INBOX", 100, true } }, TEXT_INFO,
		"[DRYRUN] Copy message UID -1 (1/1) Loc:INBOX -> Rem:INBOX" },
	{ { .kind = EVENT_IGNORED, FOLDER,
		.u.copy = { 4, 0, 0, "IMAP", "Rem", "INBOX", "Maildir", "Loc",
			"INBOX", 0, false } }, TEXT_INFO,
		"IGNORED: Copy message UID 4 Rem:INBOX -> Loc" },
	{ { .kind = EVENT_DELETE, FOLDER,
		.u.change = { "Maildir", "INBOX", "Loc", "1:3,7", 4, "", false,
			false } }, TEXT_INFO,
		"Deleting 4 messages (1:3,7) in Maildir[INBOX]" },
	{ { .kind = EVENT_FLAGS, FOLDER,
		.u.change = { "Maildir", "INBOX", "Loc", "1", 1, "S", true,
			false } }, TEXT_INFO,
		"Adding flag S to 1 messages on INBOX" },
	{ { .kind = EVENT_FLAGS, FOLDER,
		.u.change = { "Maildir", "INBOX", "Loc", "1", 1, "FS", false,
			true } }, TEXT_INFO,
		"[DRYRUN] Deleting flag F, S from 1 messages on INBOX" },
	{ { .kind = EVENT_HELD, FOLDER,
		.u.held = { "Rem", 120, 130, "offlineimap --approve x" } },
		TEXT_WARNING,
		"Held: 120 of 130 messages in INBOX would be deleted on Rem;"
		" nothing was deleted. To approve: offlineimap --approve x" },
	{ { .kind = EVENT_VALIDITY, FOLDER, .u.validity = { "Rem", 1, 2, "" } },
		TEXT_WARNING,
		"UID validity problem for folder INBOX (repo Rem)"
		" (saved 1; got 2)" },
	{ { .kind = EVENT_SLEEPING, .account = "A", .u.sleep = { 150 } },
		TEXT_DEBUG, "Next refresh in 2.5 minutes" },
	{ { .kind = EVENT_SLEEPING, .account = "A", .u.sleep = { 0 } },
		TEXT_NONE, "" },
	{ { .kind = EVENT_HOOK, .u.log = { .text = "Calling hook: ls" } },
		TEXT_INFO, "Calling hook: ls" },
	{ { .kind = EVENT_PLAN, FOLDER, .u.plan = { .dry_run = true } },
		TEXT_INFO, "[DRYRUN] Plan for INBOX: nothing to do" },
	{ { .kind = EVENT_PLAN, FOLDER,
		.u.plan = { .download = 3, .download_bytes = 1234567,
			.delete_local = 2, .dry_run = true } }, TEXT_INFO,
		"[DRYRUN] Plan for INBOX: 3 to download (1.2 MB),"
		" 2 to delete locally" },
	{ { .kind = EVENT_PLAN, FOLDER, .u.plan = { .flag_remote = 1 } },
		TEXT_DEBUG, "Plan for INBOX: 1 to flag remotely" },
	{ { .kind = EVENT_ERROR, FOLDER,
		.u.error = { ERROR_MESSAGE, ERROR_OTHER, 17, "refused" } },
		TEXT_ERROR,
		"ERROR: account A, folder INBOX, UID 17: refused" },
	{ { .kind = EVENT_ERROR, .account = "A",
		.u.error = { ERROR_ACCOUNT, ERROR_AUTH, 0, "no\n\twhy" } },
		TEXT_ERROR, "ERROR: account A: no\n\twhy" },
	{ { .kind = EVENT_ERROR,
		.u.error = { ERROR_FATAL, ERROR_OTHER, 0, "all is lost" } },
		TEXT_ERROR, "ERROR: all is lost" },
	{ { .kind = EVENT_LOG,
		.u.log = { EVENT_DEBUG, AREA_IMAP, "* OK", false } },
		TEXT_DEBUG, "[imap]: * OK" },
	{ { .kind = EVENT_LOG,
		.u.log = { EVENT_WARNING, 0, "careful", false } },
		TEXT_WARNING, "careful" },
	{ { .kind = EVENT_PASSWORD, .u.password = { .user = "u" } }, TEXT_NONE,
		"" },
	{ { .kind = EVENT_PROGRESS, FOLDER }, TEXT_NONE, "" },
};

START_TEST(every_event_has_its_sentence)
{
	const struct sentence_row *row = &sentence_rows[_i];
	struct event templ = row->event;
	struct str text = { 0 };

	templ.thread = "T";
	struct event *ev = event_copy(&templ);
	enum text_level level = text_event(ev, &text);
	ck_assert_str_eq(str_get(&text), row->text);
	ck_assert_int_eq(level, row->level);
	event_free(ev);
	str_clear(&text);
}
END_TEST

struct clean_row {
	const char *in, *out;
};

static const struct clean_row clean_rows[] = {
	{ "INBOX", "INBOX" },
	{ "Entw\303\274rfe", "Entw\303\274rfe" },
	{ "\346\227\245\346\234\254", "\346\227\245\346\234\254" },
	{ "a\nb\rc\td", "a b c d" },
	{ "\033[31mred\033]0;title\007", "?[31mred?]0;title?" },
	{ "del\177", "del?" },
	{ "c1\302\233x", "c1?x" },           /* U+009B, CSI */
	{ "\233x", "?x" },                   /* the same as one byte */
	{ "a\342\200\256b", "a?b" },         /* U+202E override */
	{ "a\342\201\246b", "a?b" },         /* U+2066 isolate */
	{ "a\342\200\213b", "a?b" },         /* zero width space */
	{ "a\342\200\250b", "a?b" },         /* line separator */
	{ "a\357\273\277b", "a?b" },         /* byte order mark */
	{ "a\342\200\215b", "a\342\200\215b" }, /* joiner stays */
	{ "\300\257", "??" },                /* overlong slash */
	{ "\340\200\257", "?" },             /* overlong */
	{ "\355\240\200", "?" },             /* a surrogate */
	{ "\364\220\200\200", "?" },         /* beyond Unicode */
	{ "\377\376", "??" },
	{ "cut\342\202", "cut??" },
	{ "cut\342\202x", "cut?x" },
};

START_TEST(what_could_harm_a_terminal_becomes_a_question_mark)
{
	struct str out = { 0 };

	clean_add(&out, clean_rows[_i].in);
	ck_assert_str_eq(str_get(&out), clean_rows[_i].out);
	str_clear(&out);
}
END_TEST

START_TEST(further_lines_are_set_in)
{
	struct str out = { 0 };

	clean_add_lines(&out, "one\r\ntwo\n\tthree\n four\n\n");
	ck_assert_str_eq(str_get(&out), "one\n  two\n\tthree\n four");
	str_clear(&out);
}
END_TEST

START_TEST(a_terminal_without_utf8_gets_ascii)
{
	struct str out = { 0 };

	str_set(&out, "Entw\303\274rfe \346\227\245\n");
	clean_ascii(&out);
	ck_assert_str_eq(str_get(&out), "Entw?rfe ?\n");
	str_clear(&out);
}
END_TEST

START_TEST(a_folder_name_cannot_forge_a_sentence)
{
	struct event templ = { .kind = EVENT_FOLDER_START, .thread = "T",
		.folder = "INBOX", .u.sides = { "IMAP",
			"x\n*** Finished account 'A' in 0:00\n%s%n",
			"Maildir", "x" } };
	struct event *ev = event_copy(&templ);
	struct str text = { 0 };

	text_event(ev, &text);
	ck_assert_str_eq(str_get(&text),
		"Syncing x *** Finished account 'A' in 0:00 %s%n:"
		" IMAP -> Maildir");
	event_free(ev);
	str_clear(&text);
}
END_TEST

START_TEST(a_long_list_of_uids_is_cut_between_uids)
{
	struct str uids = { 0 }, text = { 0 };

	for (int i = 1; i <= 500; i++)
		str_printf(&uids, "%s%d", i > 1 ? "," : "", i * 2);
	struct event templ = { .kind = EVENT_DELETE, .thread = "T",
		.u.change = { "IMAP", "F", "Rem", str_get(&uids), 500, "",
			false, false } };
	struct event *ev = event_copy(&templ);
	text_event(ev, &text);
	ck_assert(strstr(str_get(&text), ",...) in IMAP[F]") != NULL);
	ck_assert(text.len < 500);
	event_free(ev);
	str_clear(&uids);
	str_clear(&text);
}
END_TEST

START_TEST(numbers_are_short_and_without_locale)
{
	struct str out = { 0 };

	units_add_bytes(&out, 999);
	str_add(&out, "|");
	units_add_bytes(&out, 1999);
	str_add(&out, "|");
	units_add_bytes(&out, 34567890);
	str_add(&out, "|");
	units_add_bytes(&out, UINT64_MAX);
	str_add(&out, "|");
	units_add_count(&out, 12345);
	str_add(&out, "|");
	units_add_duration(&out, 7);
	str_add(&out, "|");
	units_add_duration(&out, 3723);
	str_add(&out, "|");
	units_add_minutes(&out, 59);
	ck_assert_str_eq(str_get(&out),
		"999 B|1.9 kB|34 MB|18 EB|12k|0:07|1:02:03|0.9");
	str_clear(&out);
}
END_TEST

START_TEST(progress_breaks_a_silence)
{
	struct event templ = { .kind = EVENT_PROGRESS, .thread = "T",
		.folder = "INBOX",
		.u.progress = { PHASE_COPYING, 400, 7947, 12000000, 0 } };
	struct event *ev = event_copy(&templ);
	struct str text = { 0 };

	text_add_progress(&text, ev);
	ck_assert_str_eq(str_get(&text),
		"INBOX: 400 of 7947 messages copied, 12 MB");
	event_free(ev);
	str_clear(&text);
}
END_TEST

Suite *text_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *tcase = tcase_create("text");

	tcase_add_loop_test(tcase, every_event_has_its_sentence, 0,
		(int)ARRAY_LEN(sentence_rows));
	tcase_add_loop_test(tcase,
		what_could_harm_a_terminal_becomes_a_question_mark, 0,
		(int)ARRAY_LEN(clean_rows));
	tcase_add_test(tcase, further_lines_are_set_in);
	tcase_add_test(tcase, a_terminal_without_utf8_gets_ascii);
	tcase_add_test(tcase, a_folder_name_cannot_forge_a_sentence);
	tcase_add_test(tcase, a_long_list_of_uids_is_cut_between_uids);
	tcase_add_test(tcase, numbers_are_short_and_without_locale);
	tcase_add_test(tcase, progress_breaks_a_silence);
	suite_add_tcase(suite, tcase);
	return suite;
}
