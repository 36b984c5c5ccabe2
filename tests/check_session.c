#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/thread.h"
#include "check_flight.h"
#include "imap/net.h"
#include "imap/ops.h"
#include "imap/quirk.h"
#include "imap/session_impl.h"
#include "mem.h"
#include "suites.h"
#include "support/play.h"
#include "support/test_certs.h"

static const char *const plain_login[] = {"PLAIN", "LOGIN", NULL};
static const char *const cram_first[] = {"GSSAPI", "XOAUTH2", "CRAM-MD5",
	"PLAIN", "LOGIN", NULL};

/* Conversations that end, well or not, before the login. */
static const struct opening {
	const char *script;
	enum session_security security;
	bool tunnel, preauth;
	const char *error; /* part of the text; NULL: it has to work */
} openings[] = {
	{.script = "open_asks_capability", .security = SECURITY_NONE},
	{.script = "open_greeting_has_capability", .security = SECURITY_NONE},
	{.script = "open_bye", .security = SECURITY_NONE,
		.error = "lower maxconnections"},
	{.script = "open_garbage", .security = SECURITY_NONE, .error = ""},
	{.script = "open_closed", .security = SECURITY_NONE,
		.error = "closed the connection"},
	{.script = "open_preauth", .security = SECURITY_NONE,
		.error = "PREAUTH"},
	{.script = "open_preauth", .security = SECURITY_STARTTLS,
		.tunnel = true},
	{.script = "open_preauth", .security = SECURITY_TLS, .tunnel = true,
		.preauth = true},
	{.script = "open_no_preauth", .security = SECURITY_TLS, .tunnel = true,
		.preauth = true, .error = "transporttunnel"},
	{.script = "open_capability_refused", .security = SECURITY_NONE,
		.error = "what is that"},
	{.script = "starttls_stripped", .security = SECURITY_STARTTLS,
		.error = "does not offer STARTTLS"},
	{.script = "starttls_no", .security = SECURITY_STARTTLS,
		.error = "refuses STARTTLS: not today"},
	{.script = "starttls_bad", .security = SECURITY_STARTTLS,
		.error = "refuses STARTTLS: what"},
	{.script = "starttls_bye", .security = SECURITY_STARTTLS,
		.error = "leaving"},
	{.script = "starttls_closed", .security = SECURITY_STARTTLS,
		.error = "closed the connection"},
	{.script = "starttls_preauth", .security = SECURITY_STARTTLS,
		.error = "PREAUTH"},
	{.script = "starttls_injected_line", .security = SECURITY_STARTTLS,
		.error = "more before TLS"},
	{.script = "starttls_injected_half", .security = SECURITY_STARTTLS,
		.error = "more before TLS"},
	{.script = "starttls_injected_literal", .security = SECURITY_STARTTLS,
		.error = "more before TLS"},
	{.script = "starttls_early_1", .security = SECURITY_STARTTLS,
		.error = "must not come"},
	{.script = "starttls_early_2", .security = SECURITY_STARTTLS,
		.error = "must not come"},
	{.script = "starttls_early_3", .security = SECURITY_STARTTLS,
		.error = "must not come"},
	{.script = "starttls_early_4", .security = SECURITY_STARTTLS,
		.error = "must not come"},
	{.script = "starttls_early_5", .security = SECURITY_STARTTLS,
		.error = "must not come"},
	{.script = "starttls_early_6", .security = SECURITY_STARTTLS,
		.error = "must not come"},
	{.script = "starttls_early_7", .security = SECURITY_STARTTLS,
		.error = "must not come"},
	{.script = "starttls_early_8", .security = SECURITY_STARTTLS,
		.error = "must not come"},
};

START_TEST(a_connection_opens_or_says_why_not)
{
	const struct opening *o = &openings[_i];
	struct play p;

	play_init(&p);
	p.options.security = o->security;
	p.options.tunnel = o->tunnel ? "not started" : NULL;
	p.options.preauth = o->preauth;
	play_file(&p, o->script, NULL);
	if (o->error) {
		ck_assert_msg(p.session == NULL, "%s", o->script);
		ck_assert_msg(strstr(p.err.text, o->error) != NULL,
			"%s: %s", o->script, p.err.text);
		ck_assert_int_eq(p.err.severity, ERROR_ACCOUNT);
		ck_assert_int_eq(p.err.kind, ERROR_NETWORK);
	} else {
		ck_assert_msg(p.session != NULL, "%s: %s", o->script,
			p.err.text);
	}
	if (strncmp(o->script, "starttls", 8) == 0)
		ck_assert_uint_eq(play_count(&p, EVENT_LOG, "server says"), 0);
	play_end(&p);
}
END_TEST

START_TEST(greeting_and_capabilities_are_kept)
{
	struct play p;

	play_init(&p);
	play_file(&p, "open_asks_capability", NULL);
	ck_assert(p.session != NULL);
	ck_assert_str_eq(session_greeting(p.session), "Welcome");
	ck_assert_str_eq(session_capabilities(p.session),
		"IMAP4rev1 LITERAL+ APPENDLIMIT=1000");
	ck_assert(session_has(p.session, CAP_LITERAL_PLUS));
	ck_assert(session_has(p.session, CAP_APPENDLIMIT));
	ck_assert(!session_has(p.session, CAP_LITERAL_MINUS));
	ck_assert_uint_eq(play_count(&p, EVENT_LOG, "Welcome"), 1);
	play_end(&p);
}
END_TEST

START_TEST(imap4rev2_alone_implies_what_it_contains)
{
	struct play p;

	play_init(&p);
	play_file(&p, "open_rev2", NULL);
	ck_assert(session_has(p.session, CAP_UIDPLUS));
	ck_assert(session_has(p.session, CAP_LITERAL_MINUS));
	ck_assert(!session_has(p.session, CAP_CONDSTORE));
	play_end(&p);
}
END_TEST

static const struct login_row {
	const char *script;
	const char *const *mechanisms;
	const char *error; /* NULL: it has to work */
	enum error_kind kind;
} logins[] = {
	{"login_plain_at_once", plain_login, NULL, ERROR_OTHER},
	{"login_plain_waits", plain_login, NULL, ERROR_OTHER},
	{"login_cram_md5", cram_first, NULL, ERROR_OTHER},
	{"login_command", plain_login, NULL, ERROR_OTHER},
	{"login_id_with_capability", plain_login, NULL, ERROR_OTHER},
	{"login_tries_next", plain_login, NULL, ERROR_OTHER},
	{"login_hostile_data", plain_login, NULL, ERROR_OTHER},
	{"login_wrong_password", plain_login,
		"PLAIN: [AUTHENTICATIONFAILED] Authentication failed.",
		ERROR_AUTH},
	{"login_all_refused", plain_login,
		"PLAIN: first words; LOGIN: second words", ERROR_AUTH},
	{"login_busy", plain_login, "lower maxconnections", ERROR_NETWORK},
	{"login_disabled", plain_login, "LOGINDISABLED", ERROR_AUTH},
	{"login_nothing_weaker", cram_first, "CRAM-MD5: wrong", ERROR_AUTH},
	{"login_no_ticket", cram_first, NULL, ERROR_OTHER},
	{"login_bad_challenge", (const char *const[]){"PLAIN", NULL},
		"cancelled", ERROR_AUTH},
};

START_TEST(a_login_works_or_says_why_not)
{
	const struct login_row *row = &logins[_i];
	struct play p;
	bool ok;

	play_init(&p);
	play_file(&p, row->script, NULL);
	ck_assert_msg(p.session != NULL, "%s: %s", row->script, p.err.text);
	ok = play_login(&p, row->mechanisms);
	ck_assert_msg(ok == !row->error, "%s: %s", row->script, p.err.text);
	if (row->error) {
		ck_assert_msg(strstr(p.err.text, row->error) != NULL,
			"%s: %s", row->script, p.err.text);
		ck_assert_int_eq(p.err.kind, row->kind);
		ck_assert_int_eq(p.err.severity, ERROR_ACCOUNT);
	}
	ck_assert(session_alive(p.session));
	play_end(&p);
}
END_TEST

START_TEST(only_what_tells_the_identity_is_tried)
{
	struct session_login login = {.user = "user", .password = "secret",
		.authzid = "master", .mechanisms = cram_first};
	struct play p;

	play_init(&p);
	play_file(&p, "login_identity", NULL);
	ck_assert(!session_login(p.session, &login, &p.err));
	ck_assert_msg(strstr(p.err.text, "PLAIN: not for you") != NULL, "%s",
		p.err.text);
	ck_assert(session_alive(p.session));
	play_end(&p);
}
END_TEST

static const struct token_row {
	const char *script, *password;
	bool refused;
	const char *error;
} tokens[] = {
	{"login_token", "secret", false, NULL},
	{"login_token_waits", NULL, false, NULL},
	{"login_token_refused", "secret", true, NULL},
	{"login_token_alone", NULL, true,
		"XOAUTH2: [AUTHENTICATIONFAILED] (hidden) is expired"},
};

START_TEST(a_token_comes_before_the_password)
{
	const struct token_row *row = &tokens[_i];
	struct session_login login = {.user = "user", .token = "to-ken",
		.password = row->password, .mechanisms = cram_first};
	struct play p;
	bool ok;

	play_init(&p);
	p.worker.debug = 1u << AREA_IMAP;
	play_file(&p, row->script, NULL);
	ok = session_login(p.session, &login, &p.err);
	ck_assert_msg(ok == !row->error, "%s: %s", row->script, p.err.text);
	ck_assert(session_token_refused(p.session) == row->refused);
	if (row->error) {
		ck_assert_msg(strstr(p.err.text, row->error) != NULL, "%s",
			p.err.text);
		ck_assert_int_eq(p.err.kind, ERROR_AUTH);
	}
	ck_assert_uint_eq(play_count(&p, EVENT_LOG, "to-ken"), 0);
	play_end(&p);
}
END_TEST

START_TEST(without_a_ticket_there_is_none)
{
	struct session_login login = {.user = "user", .host = "localhost",
		.mechanisms = cram_first};

	ck_assert_int_eq(setenv("KRB5CCNAME", "FILE:/nonexistent/cc", 1), 0);
	ck_assert(!session_has_ticket(&login));
	login.mechanisms = plain_login;
	ck_assert(!session_has_ticket(&login));
}
END_TEST

static const struct idle_row {
	const char *script;
	int64_t ms;
	enum idle_end how;
	bool news; /* of the NOOP behind it */
} idles[] = {
	{"idle_news", 60000, IDLE_NEWS, true},
	{"idle_over", 0, IDLE_OVER, false},
	{"idle_refused", 60000, IDLE_REFUSED, false},
};

START_TEST(idle_ends_with_news_or_with_the_time)
{
	const struct idle_row *row = &idles[_i];
	struct selected selected;
	enum idle_end how = IDLE_OVER;
	struct play p;
	bool news = false;

	play_known(&p, row->script);
	ck_assert(ops_select(p.session, "INBOX", false, &selected, &p.err));
	ck_assert_msg(session_idle(p.session, row->ms, &how, &p.err), "%s",
		p.err.text);
	ck_assert_int_eq(how, row->how);
	ck_assert_msg(session_check(p.session, 20000, &news, &p.err), "%s",
		p.err.text);
	ck_assert(news == row->news);
	play_end(&p);
}
END_TEST

START_TEST(compression_begins_behind_the_login)
{
	static const char *const scripts[] = {"compress_works",
		"compress_refused", "compress_not_offered"};
	struct flight f = {0};
	struct play p;

	play_init(&p);
	p.options.compress = true;
	play_file(&p, scripts[_i], NULL);
	ck_assert_msg(play_login(&p, plain_login), "%s", p.err.text);
	cmd_init(&flight_add(&f)->cmd, "NOOP");
	ck_assert_msg(session_flight(p.session, &f, NULL, &p.err), "%s: %s",
		scripts[_i], p.err.text);
	flight_clear(&f);
	ck_assert_uint_eq(play_count(&p, EVENT_LOG, "does not compress"),
		_i == 1);
	play_end(&p);
}
END_TEST

static bool count_lists(void *arg, const struct response *r,
	struct error *err)
{
	(void)err;
	*(size_t *)arg += r->kind == RESPONSE_LIST;
	return true;
}

START_TEST(compression_may_begin_within_another_answer)
{
	size_t lists = 0;
	struct response_handler handler = {.response = count_lists,
		.arg = &lists};
	struct flight f = {0};
	struct play p;

	play_init(&p);
	p.options.tunnel = "x";
	play_file(&p, "compress_in_between", NULL);
	ck_assert_msg(p.session != NULL, "%s", p.err.text);
	cmd_init(&flight_add(&f)->cmd, "LIST \"\" \"*\"");
	cmd_init(&flight_add(&f)->cmd, "COMPRESS DEFLATE");
	ck_assert_msg(session_flight(p.session, &f, &handler, &p.err), "%s",
		p.err.text);
	ck_assert_int_eq(f.cmd[0].result, CONDITION_OK);
	ck_assert_str_eq(str_get(&f.cmd[0].text), "listed");
	ck_assert_uint_eq(lists, 2);
	flight_clear(&f);
	/* as any other connection: its LOGOUT is not waited for */
	p.session->tunnel = false;
	play_end(&p);
}
END_TEST

START_TEST(a_debug_trace_shows_no_secret)
{
	struct play p;

	play_init(&p);
	p.worker.debug = 1u << AREA_IMAP;
	play_file(&p, "login_tries_next", NULL);
	ck_assert(play_login(&p, plain_login));
	ck_assert_uint_eq(play_count(&p, EVENT_LOG, "AHVzZXIAc2VjcmV0"), 0);
	play_end(&p);

	play_init(&p);
	p.worker.debug = 1u << AREA_IMAP;
	play_file(&p, "login_command", NULL);
	ck_assert(play_login(&p, plain_login));
	ck_assert_uint_eq(play_count(&p, EVENT_LOG, "secret"), 0);
	play_end(&p);

	play_init(&p);
	p.worker.debug = 1u << AREA_IMAP;
	play_file(&p, "login_command", NULL);
	ck_assert(play_login(&p, plain_login));
	ck_assert_uint_eq(play_count(&p, EVENT_LOG, "> A2 CAPABILITY"), 1);
	play_end(&p);
}
END_TEST

static const struct test_cert_options good_cert = {
	.common_name = "x",
	.names = "DNS:imap.example.org",
	.from_days = -1,
	.to_days = 1,
};

static const struct test_cert_options bad_certs[] = {
	{"x", "DNS:imap.example.org", -1, 1, true, NULL},
	{"x", "DNS:imap.example.org", -2, -1, false, NULL},
	{"x", "DNS:imap.example.org", 1, 2, false, NULL},
	{"x", "DNS:other.example.org", -1, 1, false, NULL},
	{"x", "DNS:imap.example.org", -1, 1, false, "clientAuth"},
};

START_TEST(starttls_forgets_everything_said_before)
{
	struct test_certs *certs = test_certs_new();
	SSL_CTX *tls = test_certs_server(certs, &good_cert);
	struct play p;

	play_init(&p);
	p.options.security = SECURITY_STARTTLS;
	p.options.ca_file = test_certs_root(certs);
	play_file(&p, "starttls_works", tls);
	ck_assert_msg(p.session != NULL, "%s", p.err.text);
	ck_assert(!session_has(p.session, CAP_AUTH_CRAM_MD5));
	ck_assert(!session_has(p.session, CAP_LOGINDISABLED));
	ck_assert_msg(play_login(&p, cram_first), "%s", p.err.text);
	play_end(&p);
	SSL_CTX_free(tls);
	test_certs_free(certs);
}
END_TEST

START_TEST(starttls_with_a_bad_certificate_ends_without_a_password)
{
	struct test_certs *certs = test_certs_new();
	SSL_CTX *tls = test_certs_server(certs, &bad_certs[_i]);
	struct play p;

	play_init(&p);
	p.options.security = SECURITY_STARTTLS;
	p.options.ca_file = test_certs_root(certs);
	play_file(&p, "starttls_bad_certificate", tls);
	ck_assert(p.session == NULL);
	ck_assert_msg(strstr(p.err.text, "certificate") != NULL, "%s",
		p.err.text);
	play_end(&p);
	SSL_CTX_free(tls);
	test_certs_free(certs);
}
END_TEST

struct stopper {
	int fd;
	struct stop *stop;
};

static void *stop_when_asked(void *arg)
{
	static const char greeting[] = "* PREAUTH [CAPABILITY X] hi\r\n";
	struct stopper *stopper = arg;
	char buf[64];

	if (write(stopper->fd, greeting, strlen(greeting)) > 0 &&
		read(stopper->fd, buf, sizeof(buf)) > 0)
		stop_raise(stopper->stop);
	/* What the client says when it is stopped. */
	memset(buf, 0, sizeof(buf));
	return read(stopper->fd, buf, sizeof(buf)) > 0 ? mem_strdup(buf)
		: NULL;
}

START_TEST(stop_wakes_a_waiting_session)
{
	struct stopper stopper;
	struct thread *thread;
	struct session *s;
	struct flight f = {0};
	struct play p;
	int ends[2];

	play_init(&p);
	ck_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	stopper = (struct stopper){ends[0], p.stop};
	thread = thread_start(stop_when_asked, &stopper);
	p.options.tunnel = "x";
	s = session_open_net(net_take(ends[1]), &p.options, &p.worker,
		&p.err);
	ck_assert_msg(s != NULL, "%s", p.err.text);
	cmd_init(&flight_add(&f)->cmd, "NOOP");
	ck_assert(!session_flight(s, &f, NULL, &p.err));
	ck_assert_int_eq(p.err.kind, ERROR_STOPPED);
	flight_clear(&f);
	session_close(s);
	free(thread_join(thread));
	close(ends[0]);
	p.server = fake_server_start("CLOSE\n", NULL);
	play_end(&p);
}
END_TEST

START_TEST(a_stopped_session_says_goodbye_without_waiting)
{
	struct play p;

	play_init(&p);
	p.options.tunnel = "x";
	play_text(&p, "S: * PREAUTH [CAPABILITY X] hi\nC: A1 LOGOUT\nGONE\n",
		NULL);
	ck_assert_msg(p.session != NULL, "%s", p.err.text);
	stop_raise(p.stop);
	play_end(&p);
}
END_TEST

static void count(void *arg)
{
	(*(int *)arg)++;
}

START_TEST(its_close_is_told_once)
{
	struct play p;
	int closed = 0;

	play_init(&p);
	p.options.tunnel = "x";
	play_text(&p, "S: * PREAUTH [CAPABILITY X] hi\nC: A1 LOGOUT\nGONE\n",
		NULL);
	ck_assert_msg(p.session != NULL, "%s", p.err.text);
	session_at_close(p.session, count, &closed);
	play_end(&p);
	ck_assert_int_eq(closed, 1);
}
END_TEST

START_TEST(who_hangs_up_is_told_nothing)
{
	struct play p;
	struct flight f = {0};
	int closed = 0;

	play_init(&p);
	p.options.tunnel = "x";
	play_text(&p, "S: * PREAUTH [CAPABILITY X] hi\nC: A1 NOOP\nCLOSE\n",
		NULL);
	ck_assert_msg(p.session != NULL, "%s", p.err.text);
	session_at_close(p.session, count, &closed);
	cmd_init(&flight_add(&f)->cmd, "NOOP");
	ck_assert(!session_flight(p.session, &f, NULL, &p.err));
	flight_clear(&f);
	ck_assert_ptr_eq(session_hang_up(p.session), &closed);
	ck_assert_ptr_null(session_hang_up(p.session));
	play_end(&p);
	ck_assert_int_eq(closed, 0);
}
END_TEST

START_TEST(known_texts_have_advice)
{
	ck_assert(quirk_advice(span_of("nothing special")) == NULL);
	ck_assert(quirk_advice(span_of("")) == NULL);
	ck_assert(quirk_advice(span_of("[UNAVAILABLE] Maximum number of "
		"connections from user+IP exceeded")) != NULL);
	ck_assert(quirk_advice(span_of("SELECT Unsafe Login. Please contact "
		"kefu@188.com for help")) != NULL);
}
END_TEST

START_TEST(one_connection_too_many_is_known)
{
	ck_assert(quirk_too_many(span_of("x: NO [UNAVAILABLE] later")));
	ck_assert(quirk_too_many(span_of("Too many simultaneous "
		"connections. (Failure)")));
	ck_assert(!quirk_too_many(span_of("[AUTHENTICATIONFAILED] no")));
}
END_TEST

Suite *session_suite(void)
{
	Suite *suite = suite_create("session");
	TCase *tc = tcase_create("session");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_connection_opens_or_says_why_not, 0,
		ARRAY_LEN(openings));
	tcase_add_test(tc, greeting_and_capabilities_are_kept);
	tcase_add_test(tc, imap4rev2_alone_implies_what_it_contains);
	tcase_add_loop_test(tc, a_login_works_or_says_why_not, 0,
		ARRAY_LEN(logins));
	tcase_add_loop_test(tc, a_token_comes_before_the_password, 0,
		ARRAY_LEN(tokens));
	tcase_add_test(tc, without_a_ticket_there_is_none);
	tcase_add_loop_test(tc, idle_ends_with_news_or_with_the_time, 0,
		ARRAY_LEN(idles));
	tcase_add_loop_test(tc, compression_begins_behind_the_login, 0, 3);
	tcase_add_test(tc, compression_may_begin_within_another_answer);
	tcase_add_test(tc, only_what_tells_the_identity_is_tried);
	tcase_add_test(tc, a_debug_trace_shows_no_secret);
	tcase_add_test(tc, starttls_forgets_everything_said_before);
	tcase_add_loop_test(tc,
		starttls_with_a_bad_certificate_ends_without_a_password, 0,
		ARRAY_LEN(bad_certs));
	tcase_add_test(tc, stop_wakes_a_waiting_session);
	tcase_add_test(tc, a_stopped_session_says_goodbye_without_waiting);
	tcase_add_test(tc, its_close_is_told_once);
	tcase_add_test(tc, who_hangs_up_is_told_nothing);
	tcase_add_test(tc, known_texts_have_advice);
	tcase_add_test(tc, one_connection_too_many_is_known);
	suite_add_tcase(suite, tc);
	flight_tests(suite);
	return suite;
}
