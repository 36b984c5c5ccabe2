#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "imap/exceptions.h"
#include "imap/session_impl.h"
#include "suites.h"

#define ALL_ASKED FLAG_IMAP_ALL

struct asking {
	struct session *session;
	struct flag_keywords keywords;
	struct flight flight;
	struct exceptions e;
	size_t ours; /* untagged ones taken */
};

static void begin(struct asking *a, bool esearch, uint32_t asked,
	uint32_t end)
{
	*a = (struct asking){.session = calloc(1, sizeof(struct session))};
	ck_assert_ptr_nonnull(a->session);
	a->session->has[CAP_ESEARCH] = esearch;
	a->session->keywords = &a->keywords;
	ck_assert(flag_keywords_set(&a->keywords, 1, span_of("$Forwarded")));
	exceptions_add(&a->e, &a->flight, a->session, asked, end);
}

static void end(struct asking *a)
{
	exceptions_clear(&a->e);
	flight_clear(&a->flight);
	flag_keywords_clear(&a->keywords);
	free(a->session);
}

static void hand_on(struct asking *a, const struct response *r)
{
	if (r->kind == RESPONSE_TAGGED)
		ck_assert(exceptions_tagged(&a->e,
			(size_t)atoi(r->tag.data + 1) - 1, r));
	else if (exceptions_response(&a->e, r))
		a->ours++;
}

/* Command n of the flight has the tag An, from A1. */
static void hear(struct asking *a, const char *text)
{
	struct parser *p = parser_new(&parse_limits_default);
	struct span in = span_of(text);
	const struct response *r;
	size_t used;

	for (;;) {
		enum parse_result result = parser_feed(p, in, &used, &r);

		in.data += used;
		in.len -= used;
		if (result != PARSE_RESPONSE)
			break;
		hand_on(a, r);
	}
	ck_assert(parser_idle(p));
	parser_free(p);
}

static void assert_command(const struct asking *a, size_t i, const char *text)
{
	ck_assert_uint_lt(i, a->flight.len);
	ck_assert_str_eq(str_get(&a->flight.cmd[i].cmd.part[0].text), text);
}

START_TEST(one_question_is_asked_for_each_flag)
{
	struct asking a;

	begin(&a, false, ALL_ASKED | flag_letter(1), 0);
	ck_assert_uint_eq(a.flight.len, 6);
	assert_command(&a, 0, "UID SEARCH DRAFT");
	assert_command(&a, 1, "UID SEARCH FLAGGED");
	assert_command(&a, 2, "UID SEARCH ANSWERED");
	assert_command(&a, 3, "UID SEARCH UNSEEN");
	assert_command(&a, 4, "UID SEARCH DELETED");
	assert_command(&a, 5, "UID SEARCH KEYWORD $Forwarded");
	end(&a);
	begin(&a, true, FLAG_SEEN | EXCEPTIONS_SEEN_ASKED, 100);
	ck_assert_uint_eq(a.flight.len, 1);
	assert_command(&a, 0, "UID SEARCH RETURN (ALL) UID 1:99 SEEN");
	end(&a);
}
END_TEST

START_TEST(below_the_first_uid_there_is_nothing_to_ask)
{
	struct asking a;

	begin(&a, true, ALL_ASKED, 1);
	ck_assert_uint_eq(a.flight.len, 0);
	ck_assert(exceptions_complete(&a.e));
	end(&a);
}
END_TEST

START_TEST(a_letter_without_a_keyword_is_never_answered)
{
	struct asking a;

	begin(&a, false, FLAG_DRAFT | flag_letter(0), 0);
	ck_assert_uint_eq(a.flight.len, 1);
	hear(&a, "A1 OK\r\n");
	ck_assert(!exceptions_complete(&a.e));
	end(&a);
}
END_TEST

#define D FLAG_DRAFT
#define F FLAG_FLAGGED
#define R FLAG_ANSWERED
#define S FLAG_SEEN
#define UNSEEN 0

/* DRAFT is asked by A1, FLAGGED by A2, ANSWERED by A3, UNSEEN by A4. */
static const struct answer_case {
	const char *text;
	bool esearch, complete;
	uint32_t flags[4]; /* of the UIDs 1 to 4 */
} answers[] = {
	{"* SEARCH 1\r\nA1 OK\r\n* SEARCH 2\r\nA2 OK\r\n"
	 "* SEARCH 3\r\nA3 OK\r\n* SEARCH 1 2\r\nA4 OK\r\n",
		false, true, {D, F, R | S, S}},
	/* no line at all where nothing was found */
	{"A1 OK\r\n* SEARCH 2\r\nA2 OK\r\nA3 OK\r\nA4 OK\r\n",
		false, true, {S, F | S, S, S}},
	{"* SEARCH\r\nA1 OK\r\n* SEARCH 2\r\nA2 OK\r\n* SEARCH\r\nA3 OK\r\n"
	 "* SEARCH 4\r\nA4 OK\r\n", false, true, {S, F | S, S, UNSEEN}},
	/* all lines first */
	{"* SEARCH 1\r\n* SEARCH 4\r\nA1 OK\r\nA2 OK\r\n"
	 "* SEARCH\r\nA3 OK\r\n* SEARCH\r\nA4 OK\r\n",
		false, true, {D | S, S, S, F | S}},
	{"* SEARCH\r\n* SEARCH 1 3\r\n* SEARCH 1\r\n* SEARCH 4\r\nA1 OK\r\n"
	 "A2 OK\r\nA3 OK\r\nA4 OK\r\n",
		false, true, {F | R | S, S, F | S, UNSEEN}},
	/* an answer in two lines; or whose are they? */
	{"* SEARCH 1\r\n* SEARCH 4\r\nA1 OK\r\n* SEARCH\r\nA2 OK\r\n"
	 "* SEARCH\r\nA3 OK\r\n* SEARCH\r\nA4 OK\r\n",
		false, false, {0}},
	{"* SEARCH 1\r\n* SEARCH 4\r\nA1 OK\r\nA2 OK\r\nA3 OK\r\nA4 OK\r\n",
		false, false, {0}},
	{"A1 OK\r\n* SEARCH 1\r\n* SEARCH 2\r\nA2 OK\r\n* SEARCH 3\r\n"
	 "A3 OK\r\n* SEARCH 4\r\nA4 OK\r\n", false, false, {0}},
	{"* SEARCH 1\r\n* SEARCH 2\r\n* SEARCH 3\r\n* SEARCH 4\r\nA4 OK\r\n"
	 "A3 OK\r\nA2 OK\r\nA1 OK\r\n", false, false, {0}},
	/* whose is the 1? */
	{"* SEARCH 1\r\nA2 OK\r\nA1 OK\r\nA3 OK\r\nA4 OK\r\n",
		false, false, {0}},
	{"A2 OK\r\n* SEARCH 1\r\nA1 OK\r\nA3 OK\r\nA4 OK\r\n",
		false, true, {D | S, S, S, S}},
	{"A1 NO not now\r\nA2 OK\r\nA3 OK\r\nA4 OK\r\n",
		false, false, {0}},
	{"A1 OK\r\nA2 OK\r\nA3 OK\r\n", false, false, {0}},
	{"* ESEARCH (TAG \"A1\") UID ALL 1\r\nA1 OK\r\n"
	 "* ESEARCH (TAG \"A2\") UID ALL 2:3\r\nA2 OK\r\n"
	 "* ESEARCH (TAG \"A3\") UID\r\nA3 OK\r\n"
	 "* ESEARCH (TAG \"A4\") UID ALL 1:4\r\nA4 OK\r\n",
		true, true, {D, F, F, 0}},
	/* in whatever order */
	{"* ESEARCH (TAG \"A4\") UID ALL 1:4\r\n"
	 "* ESEARCH (TAG \"A2\") UID ALL 2:3\r\n"
	 "* ESEARCH (TAG \"A1\") UID ALL 1\r\n"
	 "A1 OK\r\nA2 OK\r\nA3 OK\r\nA4 OK\r\n", true, true, {D, F, F, 0}},
	{"* ESEARCH (TAG \"A4\") UID ALL 1:4\r\nA4 OK\r\nA3 OK\r\n"
	 "* ESEARCH (TAG \"A2\") UID ALL 2:3\r\nA2 OK\r\n"
	 "* ESEARCH (TAG \"A1\") UID ALL 1\r\nA1 OK\r\n",
		true, true, {D, F, F, 0}},
	{"* ESEARCH (TAG \"A4\") UID ALL 1:2\r\n"
	 "* ESEARCH (TAG \"A4\") UID ALL 3:4\r\n"
	 "A2 OK\r\nA1 OK\r\nA4 OK\r\nA3 OK\r\n", true, true, {0, 0, 0, 0}},
	/* without tags as the plain ones */
	{"* ESEARCH UID ALL 1\r\nA1 OK\r\n* ESEARCH UID ALL 2\r\nA2 OK\r\n"
	 "A3 OK\r\nA4 OK\r\n", true, true, {D | S, F | S, S, S}},
	/* numbers of places; tags of nobody */
	{"* ESEARCH (TAG \"A1\") ALL 1\r\n"
	 "A1 OK\r\nA2 OK\r\nA3 OK\r\nA4 OK\r\n", true, false, {0}},
	{"* ESEARCH (TAG \"A1\") UID ALL 1\r\n"
	 "* ESEARCH (TAG \"A2\") UID ALL 1\r\n"
	 "* ESEARCH (TAG \"A3\") UID ALL 1\r\n"
	 "* ESEARCH (TAG \"A4\") UID ALL 1\r\n"
	 "* ESEARCH (TAG \"A9\") UID ALL 1\r\n"
	 "A1 OK\r\nA2 OK\r\nA3 OK\r\nA4 OK\r\n", true, false, {0}},
	{"* ESEARCH (TAG \"A123456789012345\") UID ALL 1\r\n"
	 "A1 OK\r\nA2 OK\r\nA3 OK\r\nA4 OK\r\n", true, false, {0}},
	{"* SEARCH 1\r\nA1 OK\r\n* ESEARCH (TAG \"A2\") UID ALL 2\r\n"
	 "A2 OK\r\nA3 OK\r\nA4 OK\r\n", true, false, {0}},
	/* it knows no ESEARCH after all */
	{"* SEARCH 1\r\nA1 OK\r\nA2 OK\r\nA3 OK\r\nA4 OK\r\n",
		true, true, {D | S, S, S, S}},
};

START_TEST(answers_find_their_questions)
{
	const struct answer_case *c = &answers[_i];
	struct asking a;

	begin(&a, c->esearch, D | F | R | S, 0);
	hear(&a, c->text);
	ck_assert(exceptions_complete(&a.e) == c->complete);
	for (uint32_t uid = 1; c->complete && uid <= 4; uid++)
		ck_assert_uint_eq(exceptions_flags(&a.e, uid),
			c->flags[uid - 1]);
	end(&a);
}
END_TEST

START_TEST(an_answer_behind_the_last_is_not_ours)
{
	struct asking a;

	begin(&a, false, FLAG_DRAFT, 0);
	hear(&a, "* 4 EXISTS\r\n* SEARCH 3\r\nA1 OK\r\n* SEARCH 4\r\n");
	ck_assert_uint_eq(a.ours, 1);
	ck_assert(exceptions_complete(&a.e));
	ck_assert_uint_eq(exceptions_flags(&a.e, 3), FLAG_DRAFT);
	ck_assert_uint_eq(exceptions_flags(&a.e, 4), 0);
	end(&a);
}
END_TEST

START_TEST(seen_may_be_asked_either_way)
{
	struct asking a;

	begin(&a, false, FLAG_SEEN | EXCEPTIONS_SEEN_ASKED, 0);
	hear(&a, "* SEARCH 3\r\nA1 OK\r\n");
	ck_assert_uint_eq(exceptions_flags(&a.e, 3), FLAG_SEEN);
	ck_assert_uint_eq(exceptions_flags(&a.e, 4), 0);
	end(&a);
}
END_TEST

static uint64_t digest_of(uint32_t asked, const char *text)
{
	struct asking a;
	uint64_t digest;

	begin(&a, false, asked, 0);
	hear(&a, text);
	digest = exceptions_digest(&a.e);
	end(&a);
	return digest;
}

START_TEST(equal_sets_have_equal_digests)
{
	static const struct {
		uint32_t asked;
		const char *text;
	} others[] = {
		{D | F, "* SEARCH 1 3\r\nA1 OK\r\n* SEARCH 5\r\nA2 OK\r\n"},
		{D | F, "* SEARCH 1 2 3 5\r\nA1 OK\r\nA2 OK\r\n"},
		{D | F, "A1 OK\r\n* SEARCH 1 2 3 5\r\nA2 OK\r\n"},
		{D | R, "* SEARCH 1 2 3\r\nA1 OK\r\n* SEARCH 5\r\nA2 OK\r\n"},
		{D | F, "A1 OK\r\nA2 OK\r\n"},
	};
	uint64_t one = digest_of(D | F, "* SEARCH 1 2 3\r\nA1 OK\r\n"
		"* SEARCH 5\r\nA2 OK\r\n");

	ck_assert(one != 0);
	ck_assert(one == digest_of(D | F, "* SEARCH 3 1 2\r\nA1 OK\r\n"
		"* SEARCH 5\r\nA2 OK\r\n"));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		ck_assert(one != digest_of(others[i].asked, others[i].text));
}
END_TEST

Suite *exceptions_suite(void)
{
	Suite *s = suite_create("exceptions");
	TCase *t = tcase_create("exceptions");

	tcase_add_test(t, one_question_is_asked_for_each_flag);
	tcase_add_test(t, below_the_first_uid_there_is_nothing_to_ask);
	tcase_add_test(t, a_letter_without_a_keyword_is_never_answered);
	tcase_add_loop_test(t, answers_find_their_questions, 0,
		(int)ARRAY_LEN(answers));
	tcase_add_test(t, an_answer_behind_the_last_is_not_ours);
	tcase_add_test(t, seen_may_be_asked_either_way);
	tcase_add_test(t, equal_sets_have_equal_digests);
	suite_add_tcase(s, t);
	return s;
}
