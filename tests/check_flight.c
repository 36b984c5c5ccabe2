#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "check_flight.h"
#include "imap/session_impl.h"
#include "mem.h"
#include "support/play.h"

static void add(struct flight *f, const char *text)
{
	cmd_init(&flight_add(f)->cmd, text);
}

static void add_literal(struct flight *f, char c, size_t len)
{
	struct cmd *cmd = &flight_add(f)->cmd;
	char *text = mem_alloc(len + 1);

	memset(text, c, len);
	/* One byte that cannot be quoted would change the length: the
	 * literal is made by hand, as cmd_quoted makes one. */
	cmd_init(cmd, "LOGIN");
	str_add(&cmd->part[0].text, " ");
	cmd->part = mem_resize(cmd->part, 4, sizeof(*cmd->part));
	cmd->part[1] = (struct cmd_part){.kind = PART_LITERAL};
	str_add_mem(&cmd->part[1].text, text, len);
	cmd->len = 2;
	cmd->cap = 4;
	free(text);
}

START_TEST(answers_are_matched_by_tag_in_any_order)
{
	struct play p;
	struct flight f = {0};

	play_known(&p, "flight_order");
	add(&f, "NOOP");
	add(&f, "NOOP");
	add(&f, "NOOP");
	ck_assert_msg(session_flight(p.session, &f, NULL, &p.err), "%s",
		p.err.text);
	ck_assert_int_eq(f.cmd[0].result, CONDITION_NO);
	ck_assert_int_eq(f.cmd[0].code, CODE_LIMIT);
	ck_assert_str_eq(str_get(&f.cmd[0].text), "[LIMIT] one");
	ck_assert_int_eq(f.cmd[1].result, CONDITION_BAD);
	ck_assert_int_eq(f.cmd[2].result, CONDITION_OK);
	ck_assert_str_eq(str_get(&f.cmd[2].text), "three");
	ck_assert_uint_eq(play_count(&p, EVENT_LOG, "look out"), 1);
	flight_clear(&f);
	play_end(&p);
}
END_TEST

static const struct {
	const char *script;
	const char *error;
} broken_flights[] = {
	{"flight_unknown_tag", "not sent"},
	{"flight_foreign_tag", "not sent"},
	{"flight_bye", "AccessTokenExpired"},
	{"flight_bye", "a new one is needed"},
	{"flight_closed", "closed the connection"},
	{"flight_plus", "wants to read"},
	{"flight_grammar", ""},
	{"flight_preauth_again", "greeting"},
};

START_TEST(a_broken_answer_ends_the_session)
{
	struct play p;
	struct flight f = {0};
	struct error err = {0};

	play_known(&p, broken_flights[_i].script);
	add(&f, "NOOP");
	ck_assert(!session_flight(p.session, &f, NULL, &p.err));
	ck_assert_msg(strstr(p.err.text, broken_flights[_i].error) != NULL,
		"%s", p.err.text);
	ck_assert_int_eq(p.err.kind, ERROR_NETWORK);
	ck_assert(!session_alive(p.session));
	ck_assert(!session_flight(p.session, &f, NULL, &err));
	ck_assert_int_eq(err.kind, ERROR_NETWORK);
	flight_clear(&f);
	play_end(&p);
}
END_TEST

START_TEST(a_second_answer_to_a_command_ends_the_session)
{
	struct play p;
	struct flight f = {0};

	play_known(&p, "flight_twice");
	add(&f, "NOOP");
	add(&f, "NOOP");
	ck_assert(!session_flight(p.session, &f, NULL, &p.err));
	flight_clear(&f);
	play_end(&p);
}
END_TEST

START_TEST(an_answer_behind_a_bye_still_counts)
{
	struct play p;
	struct flight f = {0};

	play_known(&p, "flight_bye_answered");
	add(&f, "NOOP");
	ck_assert(session_flight(p.session, &f, NULL, &p.err));
	ck_assert_int_eq(f.cmd[0].result, CONDITION_OK);
	ck_assert(!session_alive(p.session));
	flight_clear(&f);
	play_end(&p);
}
END_TEST

START_TEST(a_literal_waits_for_the_server_unless_it_need_not)
{
	static const char *const scripts[] = {"literal_waits", "literal_plus"};
	struct play p;
	struct flight f = {0};

	play_known(&p, scripts[_i]);
	add(&f, "NOOP");
	add_literal(&f, 'x', 3);
	add_literal(&f, 'x', 3);
	memcpy(f.cmd[1].cmd.part[1].text.data, "abc", 3);
	memcpy(f.cmd[2].cmd.part[1].text.data, "abc", 3);
	ck_assert_msg(session_flight(p.session, &f, NULL, &p.err), "%s",
		p.err.text);
	for (size_t i = 0; i < f.len; i++)
		ck_assert_int_eq(f.cmd[i].result, CONDITION_OK);
	flight_clear(&f);
	play_end(&p);
}
END_TEST

START_TEST(literal_minus_ends_at_4096_bytes)
{
	struct play p;
	struct flight f = {0};

	play_known(&p, "literal_minus");
	add_literal(&f, 'x', 4096);
	add_literal(&f, 'x', 4097);
	ck_assert_msg(session_flight(p.session, &f, NULL, &p.err), "%s",
		p.err.text);
	flight_clear(&f);
	play_end(&p);
}
END_TEST

START_TEST(a_refused_literal_is_not_sent)
{
	struct play p;
	struct flight f = {0};

	play_known(&p, "literal_refused");
	add_literal(&f, 'x', 3);
	add_literal(&f, 'x', 3);
	add(&f, "NOOP");
	ck_assert_msg(session_flight(p.session, &f, NULL, &p.err), "%s",
		p.err.text);
	ck_assert_int_eq(f.cmd[0].result, CONDITION_NO);
	ck_assert_int_eq(f.cmd[0].code, CODE_OVERQUOTA);
	ck_assert_int_eq(f.cmd[1].result, CONDITION_BAD);
	ck_assert_int_eq(f.cmd[2].result, CONDITION_OK);
	flight_clear(&f);
	play_end(&p);
}
END_TEST

START_TEST(an_untagged_bad_refuses_a_literal)
{
	struct play p;
	struct flight f = {0};

	play_known(&p, "literal_refused_untagged");
	add_literal(&f, 'x', 3);
	add(&f, "NOOP");
	ck_assert_msg(session_flight(p.session, &f, NULL, &p.err), "%s",
		p.err.text);
	ck_assert_int_eq(f.cmd[0].result, CONDITION_BAD);
	ck_assert_str_eq(str_get(&f.cmd[0].text),
		"command line limit exceeded");
	ck_assert_int_eq(f.cmd[1].result, CONDITION_OK);
	flight_clear(&f);
	play_end(&p);
}
END_TEST

START_TEST(ok_before_the_literal_is_no_answer)
{
	struct play p;
	struct flight f = {0};

	play_known(&p, "literal_early_ok");
	add_literal(&f, 'x', 3);
	ck_assert(!session_flight(p.session, &f, NULL, &p.err));
	flight_clear(&f);
	play_end(&p);
}
END_TEST

/* S5: which kinds of response reach the caller of which command. */
#define K(kind) (1u << RESPONSE_##kind)
#define FOLDER_KINDS (K(FLAGS) | K(EXISTS) | K(RECENT) | K(EXPUNGE) | \
	K(VANISHED) | K(FETCH))

static const struct {
	const char *script;
	const char *command[2];
	unsigned kinds;
	bool validity;
} accepted[] = {
	{"accept_noop", {"NOOP", NULL}, 0, false},
	{"accept_selected_noop", {"SELECT INBOX", "NOOP"}, FOLDER_KINDS,
		false},
	{"accept_select", {"SELECT INBOX", NULL}, FOLDER_KINDS, true},
	{"accept_search", {"SELECT INBOX", "UID SEARCH ALL"},
		FOLDER_KINDS | K(SEARCH) | K(ESEARCH), false},
	{"accept_list", {"LIST \"\" \"*\"", NULL}, K(LIST) | K(STATUS),
		false},
	{"accept_lsub", {"LSUB \"\" \"*\"", NULL}, K(LSUB), false},
	{"accept_status", {"STATUS INBOX (MESSAGES)", NULL}, K(STATUS),
		false},
	{"accept_namespace", {"NAMESPACE", NULL}, K(NAMESPACE), false},
	{"accept_id", {"ID NIL", NULL}, K(ID), false},
	{"accept_enable", {"ENABLE QRESYNC", NULL}, K(ENABLED), false},
};

struct heard {
	unsigned kinds;
	bool validity, appenduid;
};

static bool hear(void *arg, const struct response *r, struct error *err)
{
	struct heard *heard = arg;

	(void)err;
	heard->kinds |= 1u << r->kind;
	heard->validity |= r->code.kind == CODE_UIDVALIDITY;
	heard->appenduid |= r->code.kind == CODE_APPENDUID;
	return true;
}

static bool hear_tagged(void *arg, size_t index, const struct response *r,
	struct error *err)
{
	(void)index;
	return hear(arg, r, err);
}

START_TEST(responses_reach_only_those_who_asked)
{
	struct heard heard = {0};
	struct response_handler handler = {
		.response = hear,
		.tagged = hear_tagged,
		.arg = &heard,
	};
	struct play p;

	play_known(&p, accepted[_i].script);
	for (size_t i = 0; i < 2 && accepted[_i].command[i]; i++) {
		struct flight f = {0};

		heard = (struct heard){0};
		add(&f, accepted[_i].command[i]);
		ck_assert_msg(session_flight(p.session, &f, &handler, &p.err),
			"%s", p.err.text);
		ck_assert_int_eq(f.cmd[0].code, CODE_NONE);
		ck_assert_uint_eq(f.cmd[0].code_uid, 0);
		flight_clear(&f);
	}
	ck_assert_uint_eq(heard.kinds,
		accepted[_i].kinds | K(CONDITION) | K(TAGGED));
	ck_assert_int_eq(heard.validity, accepted[_i].validity);
	ck_assert(!heard.appenduid);
	play_end(&p);
}
END_TEST

/* The server says two megabytes before it reads two: both sides would block
 * if one of them only wrote. */
START_TEST(reading_goes_on_while_writing)
{
	const size_t size = 2 << 20;
	struct str script = {0};
	struct flight f = {0};
	struct play p;

	str_add(&script, "S: * PREAUTH [CAPABILITY IMAP4rev1 LITERAL+] x\n");
	for (size_t i = 0; i < size / 1024; i++) {
		str_add(&script, "S: * OK ");
		for (size_t j = 0; j < 1000; j++)
			str_add_char(&script, 'y');
		str_add(&script, "\n");
	}
	str_printf(&script, "C: A1 LOGIN {%zu+}\nC: ", size);
	for (size_t i = 0; i < size; i++)
		str_add_char(&script, 'x');
	str_add(&script, "\nS: A1 OK\n");
	play_init(&p);
	p.options.tunnel = "x";
	play_text(&p, str_get(&script), NULL);
	add_literal(&f, 'x', size);
	ck_assert_msg(session_flight(p.session, &f, NULL, &p.err), "%s",
		p.err.text);
	flight_clear(&f);
	str_clear(&script);
	play_end(&p);
}
END_TEST

void flight_tests(Suite *suite)
{
	TCase *tc = tcase_create("flight");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, answers_are_matched_by_tag_in_any_order);
	tcase_add_loop_test(tc, a_broken_answer_ends_the_session, 0,
		ARRAY_LEN(broken_flights));
	tcase_add_test(tc, a_second_answer_to_a_command_ends_the_session);
	tcase_add_test(tc, an_answer_behind_a_bye_still_counts);
	tcase_add_loop_test(tc,
		a_literal_waits_for_the_server_unless_it_need_not, 0, 2);
	tcase_add_test(tc, literal_minus_ends_at_4096_bytes);
	tcase_add_test(tc, a_refused_literal_is_not_sent);
	tcase_add_test(tc, an_untagged_bad_refuses_a_literal);
	tcase_add_test(tc, ok_before_the_literal_is_no_answer);
	tcase_add_loop_test(tc, responses_reach_only_those_who_asked, 0,
		ARRAY_LEN(accepted));
	tcase_add_test(tc, reading_goes_on_while_writing);
	suite_add_tcase(suite, tc);
}
