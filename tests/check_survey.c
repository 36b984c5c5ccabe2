#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "imap/exceptions.h"
#include "imap/ops.h"
#include "imap/ops_survey.h"
#include "imap/session_impl.h"
#include "mem.h"
#include "suites.h"
#include "support/play.h"

#define GREETING "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN ID] hi\n"
#define PLAIN "AUTHENTICATE PLAIN AHVzZXIAc2VjcmV0\n"
#define ID "ID (\"name\" \"offlineimap\" \"version\" \"*\")\n"
#define FULL "IMAP4rev1 ID LIST-EXTENDED LIST-STATUS CONDSTORE"
#define LIST_STATUS "LIST \"\" \"*\" RETURN (STATUS (MESSAGES UIDNEXT " \
	"UIDVALIDITY HIGHESTMODSEQ))\n"
#define LIST "LIST \"\" \"*\"\n"
#define NUMBERS "(MESSAGES UIDNEXT UIDVALIDITY)\n"
#define INBOX_IS_THERE "S: * LIST () \"/\" INBOX\n" \
	"S: * STATUS INBOX (MESSAGES 3 UIDNEXT 8 UIDVALIDITY 1 " \
	"HIGHESTMODSEQ 77)\n"

static const char *const plain_login[] = {"PLAIN", "LOGIN", NULL};

/* A session at its greeting, and a survey that remembers two folders. */
struct desk {
	struct play p;
	struct survey v;
};

static void desk_open(struct desk *d, const char *script,
	const char *capabilities)
{
	play_init(&d->p);
	survey_init(&d->v, "", false);
	survey_know(&d->v, "INBOX", 0);
	survey_know(&d->v, "a b", 0);
	d->v.early = true;
	if (capabilities)
		d->v.capabilities = mem_strdup(capabilities);
	play_text(&d->p, script, NULL);
	ck_assert_msg(d->p.session != NULL, "%s", d->p.err.text);
}

static bool desk_login(struct desk *d)
{
	const struct session_login login = {
		.user = "user",
		.password = "secret",
		.mechanisms = plain_login,
		.survey = &d->v,
	};

	return session_login(d->p.session, &login, &d->p.err);
}

static void desk_close(struct desk *d)
{
	play_end(&d->p);
	survey_clear(&d->v);
}

static void assert_inbox(const struct survey *v, bool ok)
{
	const struct survey_folder *inbox = survey_find(v, "Inbox");

	ck_assert(v->done);
	ck_assert_uint_ge(v->mailboxes.len, 1);
	ck_assert(!ok == !(inbox && inbox->ok));
	if (!ok)
		return;
	ck_assert_uint_eq(inbox->messages, 3);
	ck_assert_uint_eq(inbox->uidnext, 8);
	ck_assert_uint_eq(inbox->uidvalidity, 1);
}

/* What is sent with the login, and answered, is a whole survey. */
static const struct early {
	const char *capabilities, *script;
	bool told; /* the INBOX's numbers */
	bool refused_early;
} early[] = {
	/* all numbers come with the list */
	{FULL, GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST_STATUS
		"S: A1 OK [CAPABILITY " FULL "] in\nS: A2 OK\n"
		INBOX_IS_THERE "S: A3 OK\n", true, false},
	/* they are asked for by folder */
	{"IMAP4rev1", GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST
		"C: A4 STATUS INBOX " NUMBERS "C: A5 STATUS \"a b\" " NUMBERS
		"S: A1 OK [CAPABILITY IMAP4rev1] in\nS: A2 BAD no\n"
		INBOX_IS_THERE "S: A3 OK\nS: A4 OK\nS: A5 NO not there\n",
		true, false},
	/* the answer to a refused one is not believed */
	{"IMAP4rev1", GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST
		"C: A4 STATUS INBOX " NUMBERS "C: A5 STATUS \"a b\" " NUMBERS
		"S: A1 OK [CAPABILITY IMAP4rev1] in\nS: A2 OK\n"
		INBOX_IS_THERE "S: A3 OK\nS: A4 NO\nS: A5 OK\n", false, false},
	/* a server whose greeting is silent is asked */
	{"IMAP4rev1", "S: * OK hi\nC: A1 CAPABILITY\n"
		"S: * CAPABILITY IMAP4rev1\nS: A1 OK\n"
		"C: A2 LOGIN \"user\" \"secret\"\nC: A3 CAPABILITY\n"
		"C: A4 " LIST "C: A5 STATUS INBOX " NUMBERS
		"C: A6 STATUS \"a b\" " NUMBERS
		"S: A2 OK in\nS: * CAPABILITY IMAP4rev1\nS: A3 OK\n"
		INBOX_IS_THERE "S: A4 OK\nS: A5 OK\nS: A6 OK\n", true, false},
	/* nothing is remembered: the list alone, and ENABLE for what a
	 * server may have */
	{NULL, "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN ENABLE] hi\n"
		"C: A1 " PLAIN "C: A2 ENABLE QRESYNC\nC: A3 " LIST
		"S: A1 OK [CAPABILITY IMAP4rev1 ENABLE QRESYNC] in\n"
		"S: * ENABLED QRESYNC\nS: A2 OK\n"
		INBOX_IS_THERE "S: A3 OK\n", true, false},
	/* a challenge takes the ID for its answer; then all goes as ever */
	{"IMAP4rev1", GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST
		"C: A4 STATUS INBOX " NUMBERS "C: A5 STATUS \"a b\" " NUMBERS
		"S: +\nS: A1 NO [AUTHENTICATIONFAILED] no base64\n"
		"S: A3 BAD\nS: A4 BAD\nS: A5 BAD\n"
		"C: A6 " PLAIN "S: A6 OK [CAPABILITY IMAP4rev1 ID] in\n"
		"C? A7 " ID "C: A8 " LIST
		"C: A9 STATUS INBOX " NUMBERS "C: A10 STATUS \"a b\" " NUMBERS
		"S: A7 OK\n" INBOX_IS_THERE "S: A8 OK\nS: A9 OK\nS: A10 OK\n",
		true, true},
	/* two turns of PLAIN are one of LOGIN; where that is refused, PLAIN */
	{"IMAP4rev1", "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\n"
		"C: A1 LOGIN \"user\" \"secret\"\nC: A2 " LIST
		"C: A3 STATUS INBOX " NUMBERS "C: A4 STATUS \"a b\" " NUMBERS
		"S: A1 NO not so\nS: A2 BAD\nS: A3 BAD\nS: A4 BAD\n"
		"C: A5 AUTHENTICATE PLAIN\nS: +\n"
		"C: AHVzZXIAc2VjcmV0\n"
		"S: A5 OK [CAPABILITY IMAP4rev1] in\nC: A6 " LIST
		"C: A7 STATUS INBOX " NUMBERS "C: A8 STATUS \"a b\" " NUMBERS
		INBOX_IS_THERE "S: A6 OK\nS: A7 OK\nS: A8 OK\n", true,
		false},
	/* refused: the next mechanism, and then the survey */
	{"IMAP4rev1", GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST
		"C: A4 STATUS INBOX " NUMBERS "C: A5 STATUS \"a b\" " NUMBERS
		"S: A1 NO not so\nS: A2 OK\nS: A3 BAD\nS: A4 BAD\nS: A5 BAD\n"
		"C: A6 LOGIN \"user\" \"secret\"\n"
		"S: A6 OK [CAPABILITY IMAP4rev1 ID] in\n"
		"C? A7 " ID "C: A8 " LIST
		"C: A9 STATUS INBOX " NUMBERS "C: A10 STATUS \"a b\" " NUMBERS
		"S: A7 OK\n" INBOX_IS_THERE "S: A8 OK\nS: A9 OK\nS: A10 OK\n",
		true, false},
};

START_TEST(a_survey_leaves_with_the_login)
{
	const struct early *row = &early[_i];
	struct desk d;

	desk_open(&d, row->script, row->capabilities);
	ck_assert_msg(desk_login(&d), "%d: %s", _i, d.p.err.text);
	assert_inbox(&d.v, row->told);
	ck_assert(d.v.refused_early == row->refused_early);
	ck_assert_msg(ops_survey(d.p.session, &d.v, &d.p.err), "%s",
		d.p.err.text);
	desk_close(&d);
}
END_TEST

/* What came with the login is not what it should be: asked again. */
static const struct early again[] = {
	/* other capabilities than were remembered */
	{"IMAP4rev1", GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST
		"C: A4 STATUS INBOX " NUMBERS "C: A5 STATUS \"a b\" " NUMBERS
		"S: A1 OK [CAPABILITY " FULL "] in\nS: A2 OK\n"
		"S: * LIST () \"/\" other\nS: A3 OK\nS: A4 OK\nS: A5 OK\n"
		"C: A6 " LIST_STATUS INBOX_IS_THERE "S: A6 OK\n", true, false},
	{FULL, GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST_STATUS
		"S: A1 OK [CAPABILITY IMAP4rev1] in\nS: A2 OK\nS: A3 BAD\n"
		"C: A4 " LIST "C: A5 STATUS INBOX " NUMBERS
		"C: A6 STATUS \"a b\" " NUMBERS
		INBOX_IS_THERE "S: A4 OK\nS: A5 OK\nS: A6 OK\n", true, false},
	/* answers from before the login: somebody else's, S5 */
	{FULL, GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST_STATUS
		"S: * LIST () \"/\" evil\nS: A3 OK\nS: A2 OK\n"
		"S: A1 OK [CAPABILITY " FULL "] in\n"
		"C: A4 " LIST_STATUS INBOX_IS_THERE "S: A4 OK\n", true, false},
	/* it offers what it then refuses */
	{FULL, GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST_STATUS
		"S: A1 OK [CAPABILITY " FULL "] in\nS: A2 OK\nS: A3 NO\n"
		"C: A4 " LIST_STATUS "S: A4 BAD\n"
		"C: A5 " LIST "C: A6 STATUS INBOX (MESSAGES UIDNEXT "
		"UIDVALIDITY HIGHESTMODSEQ)\nC: A7 STATUS \"a b\" (MESSAGES "
		"UIDNEXT UIDVALIDITY HIGHESTMODSEQ)\n"
		INBOX_IS_THERE "S: A5 OK\nS: A6 OK\nS: A7 OK\n", true, false},
};

START_TEST(a_survey_that_does_not_fit_is_made_again)
{
	const struct early *row = &again[_i];
	struct desk d;

	desk_open(&d, row->script, row->capabilities);
	ck_assert_msg(desk_login(&d), "%d: %s", _i, d.p.err.text);
	ck_assert(!d.v.done);
	ck_assert_msg(ops_survey(d.p.session, &d.v, &d.p.err), "%d: %s", _i,
		d.p.err.text);
	assert_inbox(&d.v, row->told);
	ck_assert_uint_eq(d.v.mailboxes.len, 1);
	desk_close(&d);
}
END_TEST

static const struct lost {
	const char *script;
	const char *error;
	enum error_kind kind;
	bool refused_early;
} lost[] = {
	/* a wrong password is one, though the rest costs the connection */
	{GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST_STATUS
		"S: A1 NO [AUTHENTICATIONFAILED] wrong\nS: A2 BAD\n"
		"S: * BYE too many commands that are none\nCLOSE\n",
		"wrong", ERROR_AUTH, false},
	{GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST_STATUS
		"S: A1 NO wrong\nCLOSE\n", "PLAIN: wrong", ERROR_AUTH, false},
	{GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST_STATUS
		"S: A1 NO [UNAVAILABLE] busy\nCLOSE\n", "busy", ERROR_NETWORK,
		false},
	/* it takes nothing behind a login */
	{GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST_STATUS
		"S: * BYE one at a time\nCLOSE\n", "one at a time",
		ERROR_NETWORK, true},
	{GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST_STATUS
		"S: +\nS: A1 NO\nCLOSE\n", "closed", ERROR_NETWORK, true},
	{GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST_STATUS
		"S: A1 OK [CAPABILITY " FULL "] in\nGONE\n",
		"does not answer", ERROR_NETWORK, true},
	{GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST_STATUS
		"S: A1 OK [CAPABILITY " FULL "] in\nS: A2 OK\nCLOSE\n",
		"closed", ERROR_NETWORK, true},
};

START_TEST(a_connection_lost_with_the_login_tells_whose_fault_it_was)
{
	const struct lost *row = &lost[_i];
	struct desk d;

	desk_open(&d, row->script, FULL);
	d.p.session->timeout_ms = 200;
	ck_assert(!desk_login(&d));
	ck_assert_msg(strstr(d.p.err.text, row->error) != NULL, "%d: %s", _i,
		d.p.err.text);
	ck_assert_int_eq(d.p.err.kind, row->kind);
	ck_assert_int_eq(d.p.err.severity, ERROR_ACCOUNT);
	ck_assert(d.v.refused_early == row->refused_early);
	ck_assert(!d.v.done);
	desk_close(&d);
}
END_TEST

#define ZIPPED "COMPRESS=DEFLATE"

START_TEST(compression_is_the_last_that_leaves_with_the_login)
{
	/* the answer to it comes first: all behind it is raw DEFLATE, here
	 * "A3 OK" and, from the client, "A5 LOGOUT" */
	static const char script[] = GREETING "C: A1 " PLAIN "C? A2 " ID
		"C: A3 " LIST "C: A4 COMPRESS DEFLATE\n"
		"S: A1 OK [CAPABILITY IMAP4rev1 " ZIPPED "] in\nS: A2 OK\n"
		INBOX_IS_THERE
		"S- A4 OK\\r\\n\\x72\\x34\\x56\\xF0\\xF7\\xE6\\xE5"
		"\\x02\\x00\\x00\\x00\\xFF\\xFF\n"
		"C- \\x72\\x34\\x55\\xF0\\xF1\\x77\\xF7\\x0F\\x0D\\xE1\\xE5"
		"\\x02\\x00\\x00\\x00\\xFF\\xFF\n";
	struct desk d;

	play_init(&d.p);
	d.p.options.compress = true;
	survey_init(&d.v, "", false);
	d.v.early = true;
	d.v.capabilities = mem_strdup("IMAP4rev1 " ZIPPED);
	play_text(&d.p, script, NULL);
	ck_assert_msg(desk_login(&d), "%s", d.p.err.text);
	assert_inbox(&d.v, true);
	desk_close(&d);
}
END_TEST

START_TEST(a_refused_login_has_not_compressed)
{
	struct desk d;

	play_init(&d.p);
	d.p.options.compress = true;
	survey_init(&d.v, "", false);
	d.v.early = true;
	d.v.capabilities = mem_strdup("IMAP4rev1 " ZIPPED);
	play_text(&d.p, GREETING "C: A1 " PLAIN "C? A2 " ID "C: A3 " LIST
		"C: A4 COMPRESS DEFLATE\n"
		"S: A1 NO\nS: A2 BAD\nS: A3 BAD\nS: A4 BAD\n"
		"C: A5 LOGIN \"user\" \"secret\"\n"
		"S: A5 OK [CAPABILITY IMAP4rev1 ID " ZIPPED "] in\n"
		"C? A6 " ID "C: A7 " LIST "C: A8 COMPRESS DEFLATE\n"
		"S: A6 OK\n" INBOX_IS_THERE "S: A7 OK\nS: A8 NO not now\n",
		NULL);
	ck_assert_msg(desk_login(&d), "%s", d.p.err.text);
	assert_inbox(&d.v, true);
	ck_assert_uint_eq(play_count(&d.p, EVENT_LOG, "does not compress"),
		1);
	desk_close(&d);
}
END_TEST

/* In a session that is held, something may be selected. */
static const struct held {
	const char *capabilities, *unselect;
	const char *answer;
	bool told;
} held[] = {
	{"IMAP4rev1 UNSELECT", "C: A2 UNSELECT\n", "S: A2 OK\n", true},
	{"IMAP4rev1 UNSELECT", "C: A2 UNSELECT\n", "S: A2 NO\n", false},
	{"IMAP4rev1", "", "", false},
};

START_TEST(the_numbers_of_a_selected_folder_are_not_believed)
{
	const struct held *row = &held[_i];
	char *script = mem_printf("S: * PREAUTH [CAPABILITY %s] hi\n"
		"C: A1 SELECT INBOX\nS: A1 OK\n%sC: A3 " LIST
		"C: A4 STATUS INBOX " NUMBERS "%s" INBOX_IS_THERE
		"S: A3 OK\nS: A4 OK\n", row->capabilities, row->unselect,
		row->answer);
	struct selected selected;
	struct survey v;
	struct play p;

	play_init(&p);
	p.options.tunnel = "x";
	play_text(&p, script, NULL);
	ck_assert_msg(p.session != NULL, "%s", p.err.text);
	ck_assert(ops_select(p.session, "INBOX", false, &selected, &p.err));
	survey_init(&v, "", false);
	survey_know(&v, "INBOX", 0);
	if (!session_has(p.session, CAP_UNSELECT))
		p.session->tag++; /* nothing is sent in its place */
	ck_assert_msg(ops_survey(p.session, &v, &p.err), "%s", p.err.text);
	assert_inbox(&v, row->told);
	survey_clear(&v);
	play_end(&p);
	free(script);
}
END_TEST

START_TEST(a_dead_connection_is_noticed_soon)
{
	struct survey v;
	struct play p;

	play_init(&p);
	p.options.tunnel = "x";
	play_text(&p, "S: * PREAUTH [CAPABILITY IMAP4rev1] hi\nC: A1 " LIST
		"GONE\n", NULL);
	survey_init(&v, "", false);
	session_patience(p.session, 50);
	ck_assert(!ops_survey(p.session, &v, &p.err));
	ck_assert(!session_alive(p.session));
	ck_assert_int_eq(p.err.kind, ERROR_NETWORK);
	survey_clear(&v);
	play_end(&p);
}
END_TEST

#define EXAMINED "C: A1 " LIST \
	"C: A2 EXAMINE INBOX\nC: A3 UID SEARCH FLAGGED\n" \
	"C: A4 UID SEARCH UNSEEN\n" \
	"C: A5 EXAMINE other\nC: A6 UID SEARCH FLAGGED\n" \
	"C: A7 UID SEARCH UNSEEN\nS: A1 OK\n"
#define OPENED "S: * 3 EXISTS\nS: * OK [UIDVALIDITY 1]\n" \
	"S: * OK [UIDNEXT 8]\n"
#define OTHER "S: * 9 EXISTS\nS: * OK [UIDVALIDITY 2]\n" \
	"S: * OK [UIDNEXT 10]\nS: A5 OK\n" \
	"S: * SEARCH\nS: A6 OK\nS: * SEARCH\nS: A7 OK\n"

static const struct examining {
	const char *script;
	bool inbox, other; /* told */
	const char *flagged, *unseen; /* the INBOX's; NULL: no digest */
} examining[] = {
	{EXAMINED OPENED "S: A2 OK\nS: * SEARCH 4 5\nS: A3 OK\n"
		"S: * SEARCH 7\nS: A4 OK\n" OTHER, true, true, "4:5", "7"},
	/* one search is refused */
	{EXAMINED OPENED "S: A2 OK\nS: * SEARCH 4 5\nS: A3 OK\n"
		"S: A4 NO\n" OTHER, true, true, NULL, NULL},
	/* refused, though the server goes on to answer from somewhere */
	{EXAMINED OPENED "S: A2 NO\nS: * SEARCH 4 5\nS: A3 OK\n"
		"S: * SEARCH 7\nS: A4 OK\n" OTHER, false, true, NULL, NULL},
	/* an answer that comes when another folder is open */
	{EXAMINED OPENED "S: A2 OK\nS: * SEARCH 4 5\nS: A3 OK\n"
		"S: * 9 EXISTS\nS: * OK [UIDVALIDITY 2]\n"
		"S: * OK [UIDNEXT 10]\nS: A5 OK\nS: * SEARCH 7\nS: A4 OK\n"
		"S: * SEARCH\nS: A6 OK\nS: * SEARCH\nS: A7 OK\n",
		false, false, NULL, NULL},
	/* it changes while it is looked at */
	{EXAMINED OPENED "S: A2 OK\nS: * SEARCH 4 5\nS: A3 OK\n"
		"S: * 2 EXPUNGE\nS: * SEARCH 7\nS: A4 OK\n" OTHER,
		false, true, NULL, NULL},
	/* without UIDNEXT nothing can be said */
	{EXAMINED "S: * 3 EXISTS\nS: * OK [UIDVALIDITY 1]\n"
		"S: A2 OK\nS: * SEARCH 4 5\nS: A3 OK\n"
		"S: * SEARCH 7\nS: A4 OK\n" OTHER, false, true, NULL, NULL},
};

static uint64_t digest_of(const struct examining *row)
{
	struct exceptions e = {.asked = FLAG_FLAGGED | FLAG_SEEN};
	uint64_t digest;

	for (unsigned bit = 0; bit < EXCEPTIONS_MAX; bit++) {
		const char *text = (uint32_t)1 << bit == FLAG_FLAGGED
			? row->flagged : row->unseen;

		if (e.asked & (uint32_t)1 << bit)
			ck_assert(seqset_parse(span_of(text), 9, &e.set[bit]));
	}
	digest = exceptions_digest(&e);
	exceptions_clear(&e);
	return digest;
}

START_TEST(without_condstore_flags_are_asked_for_by_sets)
{
	const struct examining *row = &examining[_i];
	char *script = mem_printf("S: * PREAUTH [CAPABILITY IMAP4rev1] hi\n%s",
		row->script);
	const struct survey_folder *other;
	struct survey v;
	struct play p;

	play_init(&p);
	p.options.tunnel = "x";
	play_text(&p, script, NULL);
	survey_init(&v, "", false);
	survey_know(&v, "INBOX", FLAG_FLAGGED | FLAG_SEEN);
	survey_know(&v, "other", FLAG_FLAGGED | FLAG_SEEN);
	ck_assert_msg(ops_survey(p.session, &v, &p.err), "%s", p.err.text);
	ck_assert(!survey_find(&v, "INBOX") == !row->inbox);
	if (row->inbox) {
		ck_assert_uint_eq(survey_find(&v, "INBOX")->messages, 3);
		ck_assert_uint_eq(survey_find(&v, "INBOX")->uidnext, 8);
		ck_assert_uint_eq(survey_find(&v, "INBOX")->digest,
			row->flagged ? digest_of(row) : 0);
	}
	other = survey_find(&v, "other");
	ck_assert(!other == !row->other);
	ck_assert(!other || (other->messages == 9 && other->digest != 0 &&
		other->uidvalidity == 2));
	survey_clear(&v);
	play_end(&p);
	free(script);
}
END_TEST

START_TEST(what_is_subscribed_is_told_apart)
{
	struct survey v;
	struct play p;

	play_init(&p);
	p.options.tunnel = "x";
	play_text(&p, "S: * PREAUTH [CAPABILITY IMAP4rev1] hi\n"
		"C: A1 LIST Mail \"*\"\nC: A2 LSUB Mail \"*\"\n"
		"S: * LIST () \"/\" Mail/b\nS: * LSUB () \"/\" Mail/b\n"
		"S: * LIST () \"/\" Mail/a\nS: A2 OK\nS: A1 OK\n", NULL);
	survey_init(&v, "\"Mail\"", true);
	ck_assert_msg(ops_survey(p.session, &v, &p.err), "%s", p.err.text);
	ck_assert_uint_eq(v.mailboxes.len, 2);
	ck_assert_str_eq(((struct mailbox *)vec_at(&v.mailboxes, 0))->name,
		"Mail/a");
	ck_assert_uint_eq(v.subscribed_ones.len, 1);
	ck_assert(survey_find(&v, "Mail/a") == NULL);
	survey_clear(&v);
	play_end(&p);
}
END_TEST

Suite *survey_suite(void)
{
	Suite *suite = suite_create("survey");
	TCase *tc = tcase_create("survey");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_survey_leaves_with_the_login, 0,
		ARRAY_LEN(early));
	tcase_add_loop_test(tc, a_survey_that_does_not_fit_is_made_again, 0,
		ARRAY_LEN(again));
	tcase_add_loop_test(tc,
		a_connection_lost_with_the_login_tells_whose_fault_it_was, 0,
		ARRAY_LEN(lost));
	tcase_add_test(tc,
		compression_is_the_last_that_leaves_with_the_login);
	tcase_add_test(tc, a_refused_login_has_not_compressed);
	tcase_add_loop_test(tc,
		the_numbers_of_a_selected_folder_are_not_believed, 0,
		ARRAY_LEN(held));
	tcase_add_test(tc, a_dead_connection_is_noticed_soon);
	tcase_add_loop_test(tc, without_condstore_flags_are_asked_for_by_sets,
		0, ARRAY_LEN(examining));
	tcase_add_test(tc, what_is_subscribed_is_told_apart);
	suite_add_tcase(suite, tc);
	return suite;
}
