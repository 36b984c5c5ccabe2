#include "config.h"

#include "suites.h"

#include "event.h"
#include "machine_text.h"
#include "text.h"
#include "ui_ops.h"

struct line_row {
	struct event event;
	const char *lines;
};

#define ACCOUNT_THREAD .thread = "Account sync Test", .account = "Test"
#define FOLDER_THREAD \
	.thread = "Folder INBOX [acc: Test]", .account = "Test", \
	.folder = "INBOX"
#define F "Folder+INBOX+%5Bacc%3A+Test%5D:"

/* The lines are those that OfflineIMAP 8.0.1 wrote. */
static const struct line_row line_rows[] = {
	{ { .kind = EVENT_THREAD_START, ACCOUNT_THREAD },
		"msg:registerthread:Account+sync+Test:Test\n" },
	{ { .kind = EVENT_THREAD_END, ACCOUNT_THREAD },
		"msg:threadExited:MainThread:Account+sync+Test\n"
		"msg:unregisterthread:MainThread:Account+sync+Test\n" },
	{ { .kind = EVENT_ACCOUNT_START, ACCOUNT_THREAD },
		"msg:acct:Account+sync+Test:Test\n" },
	{ { .kind = EVENT_ACCOUNT_END, ACCOUNT_THREAD },
		"msg:acctdone:Account+sync+Test:Test\n" },
	{ { .kind = EVENT_CONNECTING, ACCOUNT_THREAD,
		.u.connect = { "localhost", "21093", "Rem" } },
		"msg:connecting:Account+sync+Test:localhost%0A21093%0ARem\n" },
	{ { .kind = EVENT_FOLDER_CREATE, ACCOUNT_THREAD,
		.u.create = { "INBOX", "Loc", false } },
		"msg::Account+sync+Test:Creating+folder+INBOX%5BLoc%5D\n" },
	{ { .kind = EVENT_STRUCTURE, ACCOUNT_THREAD,
		.u.sides = { "IMAP", "", "Maildir", "" } },
		"msg:syncfolders:Account+sync+Test:IMAP%0AMaildir\n" },
	{ { .kind = EVENT_FOLDER_START, FOLDER_THREAD,
		.u.sides = { "IMAP", "INBOX", "Maildir", "INBOX" } },
		"msg:syncingfolder:" F
		"IMAP%0AINBOX%0AMaildir%0AINBOX%0A\n" },
	{ { .kind = EVENT_FOLDER_END, FOLDER_THREAD,
		.u.end = { .outcome = OUTCOME_SKIPPED, .quick = true } },
		"msg::" F "Skipping+INBOX+%28not+changed%29\n" },
	{ { .kind = EVENT_LOADING, FOLDER_THREAD,
		.u.list = { "Maildir", "INBOX", 0, "" } },
		"msg:loadmessagelist:" F "Maildir%0AINBOX\n" },
	{ { .kind = EVENT_LOADED, FOLDER_THREAD,
		.u.list = { "IMAP", "INBOX", 2, "" } },
		"msg:messagelistloaded:" F "IMAP%0AINBOX%0A2\n" },
	{ { .kind = EVENT_DIRECTION, FOLDER_THREAD,
		.u.sides = { "IMAP", "INBOX", "Maildir", "INBOX" } },
		"msg:syncingmessages:" F
		"IMAP%0AINBOX%0AMaildir%0AINBOX%0A\n" },
	{ { .kind = EVENT_COPY, FOLDER_THREAD,
		.u.copy = { 1, 1, 1, "IMAP", "Rem", "INBOX", "Maildir", "Loc",
			"INBOX", 9, false } },
		"msg:copyingmessage:" F
		"1%0AIMAP%0AINBOX%0AMaildir%5BINBOX%5D\n" },
	{ { .kind = EVENT_COPY, FOLDER_THREAD,
		.u.copy = { -1, 1, 1, "Maildir", "Loc", "INBOX", "IMAP", "Rem",
			"INBOX", 9, false } },
		"msg:copyingmessage:" F
		"-1%0AMaildir%0AINBOX%0AIMAP%5BINBOX%5D\n" },
	{ { .kind = EVENT_IGNORED, FOLDER_THREAD,
		.u.copy = { 4, 0, 0, "IMAP", "Rem", "INBOX", "Maildir", "Loc",
			"INBOX", 0, false } },
		"msg:ignorecopyingmessage:" F
		"4%0AIMAP%0AINBOX%0AMaildir%5BINBOX%5D\n" },
	{ { .kind = EVENT_DELETE, FOLDER_THREAD,
		.u.change = { "Maildir", "INBOX", "Loc", "2", 1, "", false,
			false } },
		"msg:deletingmessages:" F "2%0AMaildir%09INBOX\n" },
	{ { .kind = EVENT_DELETE, FOLDER_THREAD,
		.u.change = { "Maildir", "INBOX", "Loc", "1:3,7", 4, "", false,
			false } },
		"msg:deletingmessages:" F
		"1%0C2%0C3%0C7%0AMaildir%09INBOX\n" },
	{ { .kind = EVENT_FLAGS, FOLDER_THREAD,
		.u.change = { "Maildir", "INBOX", "Loc", "1", 1, "F", true,
			false } },
		"msg:addingflags:" F "1%0AF%0AINBOX\n" },
	{ { .kind = EVENT_FLAGS, FOLDER_THREAD,
		.u.change = { "Maildir", "INBOX", "Loc", "1,4", 2, "FS", false,
			false } },
		"msg:deletingflags:" F "1%0C4%0AF%0AINBOX\n"
		"msg:deletingflags:" F "1%0C4%0AS%0AINBOX\n" },
	{ { .kind = EVENT_VALIDITY, FOLDER_THREAD,
		.u.validity = { "Rem", 17, 18, "In/Box" } },
		"warn:validityproblem:" F "In%2FBox%0ARem%0A17%0A18\n" },
	{ { .kind = EVENT_SLEEPING, ACCOUNT_THREAD, .u.sleep = { 50 } },
		"msg:sleeping:Account+sync+Test:10%0A50\n" },
	{ { .kind = EVENT_SLEEPING, ACCOUNT_THREAD, .u.sleep = { 0 } },
		"msg:sleeping:Account+sync+Test:0%0A0\n" },
	{ { .kind = EVENT_PASSWORD, ACCOUNT_THREAD,
		.u.password = { .user = "u8" } },
		"msg:getpass:Account+sync+Test:u8\n" },
	{ { .kind = EVENT_HOOK, ACCOUNT_THREAD,
		.u.log = { .text = "Calling hook: ls" } },
		"msg:callhook:Account+sync+Test:Calling+hook%3A+ls\n" },
	{ { .kind = EVENT_HOOK, ACCOUNT_THREAD,
		.u.log = { .text = "Calling hook: ls", .dry_run = true } },
		"msg:callhook:Account+sync+Test:Calling+hook%3A+ls\n" },
	{ { .kind = EVENT_HOOK, ACCOUNT_THREAD,
		.u.log = { .text = "Hook stdout: a\n\nHook stderr:\n" } },
		"msg:callhook:Account+sync+Test:"
		"Hook+stdout%3A+a%0A%0AHook+stderr%3A%0A\n" },
	{ { .kind = EVENT_FILE, FOLDER_THREAD,
		.u.file = { .path = "/m/new/x" } }, "" },
	{ { .kind = EVENT_LOADING, FOLDER_THREAD,
		.u.list = { "IMAP", "[Gmail]/Sent", 0, "Sent" } },
		"msg:loadmessagelist:" F "IMAP%0ASent\n" },
	{ { .kind = EVENT_LOADED, FOLDER_THREAD,
		.u.list = { "IMAP", "[Gmail]/Sent", 3, "Sent" } },
		"msg:messagelistloaded:" F "IMAP%0A%5BGmail%5D%2FSent%0A3\n" },
	{ { .kind = EVENT_LOG, ACCOUNT_THREAD,
		.u.log = { EVENT_WARNING, 0,
			"PLAIN authentication failed: b'[X] y'", false } },
		"warn::Account+sync+Test:"
		"PLAIN+authentication+failed%3A+b%27%5BX%5D+y%27\n" },
	{ { .kind = EVENT_LOG, ACCOUNT_THREAD,
		.u.log = { EVENT_DEBUG, 0, "hidden", false } }, "" },
	{ { .kind = EVENT_ERROR, ACCOUNT_THREAD,
		.u.error = { ERROR_ACCOUNT, ERROR_AUTH, 0, "no:\n\tway" } },
		"error::Account+sync+Test:"
		"ERROR%3A+account+Test%3A+no%3A%0A%09way\n" },
	{ { .kind = EVENT_PROGRESS, FOLDER_THREAD }, "" },
	{ { .kind = EVENT_PLAN, FOLDER_THREAD }, "" },
	{ { .kind = EVENT_FOLDER_FOUND, FOLDER_THREAD }, "" },
};

static void machine_lines(const struct event *templ, struct str *out)
{
	struct event *ev = event_copy(templ);
	struct str text = { 0 };
	struct sentence sentence = { .level = text_event(ev, &text) };

	sentence.text = str_get(&text);
	machine_add_event(out, ev, &sentence, false);
	event_free(ev);
	str_clear(&text);
}

START_TEST(every_event_has_its_line)
{
	struct str out = { 0 };

	machine_lines(&line_rows[_i].event, &out);
	ck_assert_str_eq(str_get(&out), line_rows[_i].lines);
	str_clear(&out);
}
END_TEST

START_TEST(bytes_are_encoded_as_in_a_form)
{
	struct str out = { 0 };

	machine_add_line(&out, "msg", "x", "T", "aZ09_.-~ /\303\274\n\f\t%+");
	ck_assert_str_eq(str_get(&out),
		"msg:x:T:aZ09_.-~+%2F%C3%BC%0A%0C%09%25%2B\n");
	str_clear(&out);
}
END_TEST

START_TEST(debugging_is_told_by_type_and_the_general_one_last)
{
	struct str out = { 0 };

	machine_add_debug(&out, 0);
	ck_assert_str_eq(str_get(&out), "");
	machine_add_debug(&out, 1u << AREA_IMAP | 1u << AREA_THREAD);
	ck_assert_str_eq(str_get(&out), "debug:debugging:MainThread:imap\n"
		"debug:debugging:MainThread:thread\n"
		"debug:debugging:MainThread:\n");
	str_clear(&out);
}
END_TEST

START_TEST(a_folder_name_cannot_add_an_argument)
{
	struct event templ = { .kind = EVENT_LOADING, .thread = "T",
		.u.list = { "IMAP", "a\nb\fc", 0, "" } };
	struct str out = { 0 };

	machine_lines(&templ, &out);
	ck_assert_str_eq(str_get(&out), "msg:loadmessagelist:T:"
		"IMAP%0Aa+b%3Fc\n");
	str_clear(&out);
}
END_TEST

START_TEST(an_endless_range_of_uids_ends_with_the_count)
{
	struct event templ = { .kind = EVENT_DELETE, .thread = "T",
		.u.change = { "IMAP", "F", "R", "1:9223372036854775807", 3, "",
			false, false } };
	struct str out = { 0 };

	machine_lines(&templ, &out);
	ck_assert_str_eq(str_get(&out),
		"msg:deletingmessages:T:%0AIMAP%09F\n");
	templ.u.change.uids = "1:4294967295";
	str_reset(&out);
	machine_lines(&templ, &out);
	ck_assert_str_eq(str_get(&out),
		"msg:deletingmessages:T:1%0C2%0C3%0AIMAP%09F\n");
	str_clear(&out);
}
END_TEST

Suite *machine_suite(void)
{
	Suite *suite = suite_create("machine");
	TCase *tcase = tcase_create("machine");

	tcase_add_loop_test(tcase, every_event_has_its_line, 0,
		(int)ARRAY_LEN(line_rows));
	tcase_add_test(tcase, bytes_are_encoded_as_in_a_form);
	tcase_add_test(tcase,
		debugging_is_told_by_type_and_the_general_one_last);
	tcase_add_test(tcase, a_folder_name_cannot_add_an_argument);
	tcase_add_test(tcase, an_endless_range_of_uids_ends_with_the_count);
	suite_add_tcase(suite, tcase);
	return suite;
}
