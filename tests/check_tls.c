#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/file.h"
#include "base/thread.h"
#include "imap/net.h"
#include "imap/session_impl.h"
#include "suites.h"
#include "support/play.h"
#include "support/test_certs.h"

enum pin { PIN_NONE, PIN_RIGHT, PIN_WRONG };

/* Every row over implicit TLS; S1 over STARTTLS is in check_session.c. */
static const struct row {
	const char *what;
	struct test_cert_options cert;
	const char *host;
	bool root;          /* ca_file is the test's root, else the system's */
	enum pin pin;
	const char *digest; /* of the pin; NULL: SHA256 */
	const char *error;  /* NULL: accepted */
} rows[] = {
	{"a good certificate", {"x", "DNS:imap.example.org", -1, 1, false,
		NULL}, "imap.example.org", true, PIN_NONE, NULL, NULL},
	{"case of the name", {"x", "DNS:IMAP.Example.ORG", -1, 1, false,
		NULL}, "imap.example.org", true, PIN_NONE, NULL, NULL},
	{"a whole wildcard", {"x", "DNS:*.example.org", -1, 1, false, NULL},
		"imap.example.org", true, PIN_NONE, NULL, NULL},
	{"an address", {"x", "IP:192.0.2.1", -1, 1, false, NULL},
		"192.0.2.1", true, PIN_NONE, NULL, NULL},
	{"an IPv6 address", {"x", "IP:2001:db8::1", -1, 1, false, NULL},
		"2001:db8::1", true, PIN_NONE, NULL, NULL},
	{"second name", {"x", "DNS:a.example.org,DNS:imap.example.org", -1, 1,
		false, NULL}, "imap.example.org", true, PIN_NONE, NULL, NULL},

	{"unknown issuer", {"x", "DNS:imap.example.org", -1, 1, false, NULL},
		"imap.example.org", false, PIN_NONE, NULL,
		"unable to get local issuer"},
	{"self-signed", {"x", "DNS:imap.example.org", -1, 1, true, NULL},
		"imap.example.org", true, PIN_NONE, NULL, "self-signed"},
	{"expired", {"x", "DNS:imap.example.org", -2, -1, false, NULL},
		"imap.example.org", true, PIN_NONE, NULL, "expired"},
	{"not yet valid", {"x", "DNS:imap.example.org", 1, 2, false, NULL},
		"imap.example.org", true, PIN_NONE, NULL, "not yet valid"},
	{"wrong purpose", {"x", "DNS:imap.example.org", -1, 1, false,
		"clientAuth"}, "imap.example.org", true, PIN_NONE, NULL,
		"purpose"},
	{"another name", {"x", "DNS:evil.example.org", -1, 1, false, NULL},
		"imap.example.org", true, PIN_NONE, NULL, "mismatch"},
	{"only a common name", {"imap.example.org", NULL, -1, 1, false, NULL},
		"imap.example.org", true, PIN_NONE, NULL, "mismatch"},
	{"a partial wildcard", {"x", "DNS:im*.example.org", -1, 1, false,
		NULL}, "imap.example.org", true, PIN_NONE, NULL, "mismatch"},
	{"a wildcard of two labels", {"x", "DNS:*.example.org", -1, 1, false,
		NULL}, "a.imap.example.org", true, PIN_NONE, NULL,
		"mismatch"},
	{"a wildcard elsewhere", {"x", "DNS:imap.*.org", -1, 1, false, NULL},
		"imap.example.org", true, PIN_NONE, NULL, "mismatch"},
	{"an address as a name", {"x", "DNS:192.0.2.1", -1, 1, false, NULL},
		"192.0.2.1", true, PIN_NONE, NULL, "mismatch"},
	{"another address", {"x", "IP:192.0.2.2", -1, 1, false, NULL},
		"192.0.2.1", true, PIN_NONE, NULL, "mismatch"},

	{"pinned SHA-1", {"x", NULL, -2, -1, true, NULL}, "imap.example.org",
		false, PIN_RIGHT, "SHA1", NULL},
	{"pinned SHA-224", {"x", NULL, -1, 1, true, NULL}, "imap.example.org",
		false, PIN_RIGHT, "SHA224", NULL},
	{"pinned SHA-256", {"x", NULL, -1, 1, true, NULL}, NULL,
		false, PIN_RIGHT, "SHA256", NULL},
	{"pinned SHA-384", {"x", NULL, -1, 1, true, NULL}, "imap.example.org",
		false, PIN_RIGHT, "SHA384", NULL},
	{"pinned SHA-512", {"x", NULL, -1, 1, true, NULL}, "imap.example.org",
		false, PIN_RIGHT, "SHA512", NULL},
	{"wrong pin", {"x", "DNS:imap.example.org", -1, 1, false, NULL},
		"imap.example.org", false, PIN_WRONG, NULL,
		"none of cert_fingerprint"},
	{"pin and chain", {"x", "DNS:imap.example.org", -1, 1, false, NULL},
		"imap.example.org", true, PIN_RIGHT, NULL, NULL},
	{"wrong pin, right chain", {"x", "DNS:imap.example.org", -1, 1, false,
		NULL}, "imap.example.org", true, PIN_WRONG, NULL,
		"none of cert_fingerprint"},
	{"right pin, wrong chain", {"x", "DNS:imap.example.org", -1, 1, true,
		NULL}, "imap.example.org", true, PIN_RIGHT, NULL,
		"self-signed"},
	{"no name to check", {"x", "DNS:imap.example.org", -1, 1, false, NULL},
		NULL, true, PIN_NONE, NULL, "remotehost"},
};

static const char greeting[] =
	"TLS\nS: * OK [CAPABILITY IMAP4rev1] ready\n";
/* Nothing may come from a client that does not like the certificate. */
static const char refused[] = "TLS?\nCLOSE\n";

static void set_row(struct play *p, const struct row *row,
	struct test_certs *certs)
{
	play_init(p);
	p->options.security = SECURITY_TLS;
	p->options.host = row->host;
	p->options.ca_file = row->root ? test_certs_root(certs) : NULL;
}

static void check_row(struct play *p, const struct row *row)
{
	ck_assert_msg((p->session != NULL) == !row->error, "%s: %s",
		row->what, p->err.text);
	if (!row->error)
		return;
	ck_assert_msg(strstr(p->err.text, row->error) != NULL, "%s: %s",
		row->what, p->err.text);
	ck_assert_int_eq(p->err.severity, ERROR_ACCOUNT);
}

START_TEST(a_certificate_is_accepted_or_refused)
{
	const struct row *row = &rows[_i];
	struct test_certs *certs = test_certs_new();
	SSL_CTX *tls = test_certs_server(certs, &row->cert);
	const char *pins[] = {"00", "11", NULL};
	struct str hex = {0};
	struct play p;

	set_row(&p, row, certs);
	test_certs_digest(certs, row->digest ? row->digest : "SHA256", &hex);
	if (row->pin == PIN_RIGHT)
		pins[1] = str_get(&hex);
	if (row->pin != PIN_NONE)
		p.options.fingerprints = pins;
	play_text(&p, row->error ? refused : greeting, tls);
	check_row(&p, row);
	play_end(&p);
	str_clear(&hex);
	SSL_CTX_free(tls);
	test_certs_free(certs);
}
END_TEST

static const struct test_cert_options good = {"x", "DNS:imap.example.org",
	-1, 1, false, NULL};
static const struct test_cert_options local = {"x",
	"DNS:localhost,IP:127.0.0.1", -1, 1, false, NULL};

START_TEST(a_refusal_shows_the_certificate_and_the_line_to_paste)
{
	struct test_certs *certs = test_certs_new();
	SSL_CTX *tls = test_certs_server(certs, &good);
	struct str hex = {0};
	struct play p;

	set_row(&p, &(struct row){.host = "imap.example.org"}, certs);
	play_text(&p, refused, tls);
	str_add(&hex, "cert_fingerprint = ");
	test_certs_digest(certs, "SHA256", &hex);
	ck_assert_msg(strstr(p.err.text, str_get(&hex)) != NULL, "%s",
		p.err.text);
	ck_assert(strstr(p.err.text, "subject: CN = x") != NULL);
	ck_assert(strstr(p.err.text, "issuer: CN = Test Root") != NULL);
	ck_assert(strstr(p.err.text, "valid from") != NULL);
	ck_assert(strstr(p.err.text, "imap.example.org:143") != NULL);
	str_clear(&hex);
	play_end(&p);
	SSL_CTX_free(tls);
	test_certs_free(certs);
}
END_TEST

START_TEST(a_session_runs_over_tls_and_loopback)
{
	struct test_certs *certs = test_certs_new();
	SSL_CTX *tls = test_certs_server(certs, &local);
	struct play p;

	play_init(&p);
	p.server = fake_server_listen(greeting, tls);
	p.options.security = SECURITY_TLS;
	p.options.host = "127.0.0.1";
	p.options.port = fake_server_port(p.server);
	p.options.ca_file = test_certs_root(certs);
	p.session = session_open(&p.options, &p.worker, &p.err);
	ck_assert_msg(p.session != NULL, "%s", p.err.text);
	ck_assert_uint_eq(play_count(&p, EVENT_CONNECTING, ""), 1);
	play_end(&p);
	SSL_CTX_free(tls);
	test_certs_free(certs);
}
END_TEST

static const struct {
	const char *end;
	const char *error;
} ends[] = {
	{"CLOSE", "closed the connection"},
	{"CUT", "was cut"},
};

START_TEST(a_cut_connection_is_told_from_a_closed_one)
{
	struct test_certs *certs = test_certs_new();
	SSL_CTX *tls = test_certs_server(certs, &good);
	struct str script = {0};
	struct play p;

	str_printf(&script, "TLS\nS: * OK hi\nC: A1 CAPABILITY\n%s\n",
		ends[_i].end);
	set_row(&p, &rows[0], certs);
	play_text(&p, str_get(&script), tls);
	ck_assert(p.session == NULL);
	ck_assert_int_eq(p.err.kind, ERROR_NETWORK);
	ck_assert_msg(strstr(p.err.text, ends[_i].error) != NULL, "%s",
		p.err.text);
	str_clear(&script);
	play_end(&p);
	SSL_CTX_free(tls);
	test_certs_free(certs);
}
END_TEST

START_TEST(old_versions_of_tls_are_refused_by_name)
{
	struct test_certs *certs = test_certs_new();
	SSL_CTX *tls = test_certs_server(certs, &good);
	struct play p;

	SSL_CTX_set_min_proto_version(tls, 0);
	SSL_CTX_set_max_proto_version(tls, TLS1_1_VERSION);
	SSL_CTX_set_security_level(tls, 0);
	SSL_CTX_set_cipher_list(tls, "ALL:@SECLEVEL=0");
	set_row(&p, &rows[0], certs);
	play_text(&p, refused, tls);
	ck_assert(p.session == NULL);
	ck_assert_msg(strstr(p.err.text, "TLS version from 1.2") != NULL,
		"%s", p.err.text);
	play_end(&p);
	SSL_CTX_free(tls);
	test_certs_free(certs);
}
END_TEST

START_TEST(a_server_without_tls_is_named_so)
{
	struct test_certs *certs = test_certs_new();
	SSL_CTX *tls = test_certs_server(certs, &good);
	struct play p;

	set_row(&p, &rows[0], certs);
	/* TLS? reads the hello away, so that the connection stays open. */
	play_text(&p, "S: * OK [CAPABILITY IMAP4rev1] plain\nTLS?\nCLOSE\n",
		tls);
	ck_assert(p.session == NULL);
	ck_assert_msg(strstr(p.err.text, "does not speak TLS") != NULL, "%s",
		p.err.text);
	play_end(&p);
	SSL_CTX_free(tls);
	test_certs_free(certs);
}
END_TEST

START_TEST(a_client_certificate_is_shown)
{
	struct test_certs *certs = test_certs_new();
	SSL_CTX *client, *tls;
	struct play p;

	client = test_certs_server(certs,
		&(struct test_cert_options){"me", NULL, -1, 1, false,
			"clientAuth"});
	set_row(&p, &rows[0], certs);
	p.options.client_cert = test_certs_last(certs);
	tls = test_certs_server(certs, &good);
	SSL_CTX_load_verify_locations(tls, test_certs_root(certs), NULL);
	SSL_CTX_set_verify(tls,
		SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	play_text(&p, greeting, tls);
	ck_assert_msg(p.session != NULL, "%s", p.err.text);
	play_end(&p);
	SSL_CTX_free(client);
	SSL_CTX_free(tls);
	test_certs_free(certs);
}
END_TEST

START_TEST(a_missing_client_certificate_is_named)
{
	struct test_certs *certs = test_certs_new();
	SSL_CTX *tls = test_certs_server(certs, &good);
	struct play p;

	set_row(&p, &rows[0], certs);
	SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION);
	SSL_CTX_set_verify(tls,
		SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	play_text(&p, refused, tls);
	ck_assert(p.session == NULL);
	ck_assert_msg(strstr(p.err.text, "sslclientcert") != NULL, "%s",
		p.err.text);
	play_end(&p);
	SSL_CTX_free(tls);
	test_certs_free(certs);
}
END_TEST

START_TEST(a_file_that_is_no_certificate_is_named)
{
	struct test_certs *certs = test_certs_new();
	struct play p;

	set_row(&p, &rows[0], certs);
	p.options.ca_file = "/nonexistent/ca.pem";
	play_text(&p, "GONE\n", NULL);
	ck_assert(p.session == NULL);
	ck_assert_int_eq(p.err.kind, ERROR_CONFIG);
	ck_assert_msg(strstr(p.err.text, "sslcacertfile /nonexistent/ca.pem: "
		"No such file") != NULL, "%s", p.err.text);
	play_end(&p);
	test_certs_free(certs);
}
END_TEST

/* A server that stops in the middle of its handshake (S10). */
struct stump {
	SSL_CTX *tls;
	int fd;
	size_t limit; /* bytes that it sends in all */
	bool heard;   /* something that was meant for the inside */
};

/* Moves what the server wants to say; false at the limit. */
static bool say(struct stump *stump, BIO *out, size_t *said)
{
	char buf[4096];
	size_t left = stump->limit - *said;
	int n = BIO_read(out, buf, left < sizeof(buf) ? (int)left
		: (int)sizeof(buf));

	if (n > 0 && send(stump->fd, buf, (size_t)n, MSG_NOSIGNAL) != n)
		return false;
	*said += n > 0 ? (size_t)n : 0;
	return *said < stump->limit;
}

static void *play_stump(void *arg)
{
	struct stump *stump = arg;
	SSL *ssl = SSL_new(stump->tls);
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	char buf[4096];
	size_t said = 0;

	SSL_set_bio(ssl, in, out);
	SSL_set_accept_state(ssl);
	for (;;) {
		ssize_t n = recv(stump->fd, buf, sizeof(buf), 0);

		if (n <= 0)
			break;
		BIO_write(in, buf, (int)n);
		if (SSL_do_handshake(ssl) == 1 &&
			SSL_read(ssl, buf, sizeof(buf)) > 0)
			stump->heard = true;
		if (!say(stump, out, &said))
			break;
	}
	file_close(&stump->fd);
	SSL_free(ssl);
	return NULL;
}

static void run_stump(struct test_certs *certs, SSL_CTX *tls, size_t limit)
{
	struct stump stump = {.tls = tls, .limit = limit};
	struct thread *thread;
	struct play p;
	int fds[2];

	set_row(&p, &rows[0], certs);
	ck_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	stump.fd = fds[0];
	thread = thread_start(play_stump, &stump);
	ck_assert(session_open_net(net_take(fds[1]), &p.options, &p.worker,
		&p.err) == NULL);
	thread_join(thread);
	ck_assert(!stump.heard);
	ck_assert_int_eq(p.err.kind, ERROR_NETWORK);
	p.server = fake_server_start("CLOSE\n", NULL);
	play_end(&p);
}

START_TEST(a_broken_handshake_leads_to_nothing_weaker)
{
	struct test_certs *certs = test_certs_new();
	SSL_CTX *tls = test_certs_server(certs, &good);

	for (size_t limit = 1; limit < 600; limit += 37)
		run_stump(certs, tls, limit);
	SSL_CTX_free(tls);
	test_certs_free(certs);
}
END_TEST

Suite *tls_suite(void)
{
	Suite *suite = suite_create("tls");
	TCase *tc = tcase_create("tls");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_certificate_is_accepted_or_refused, 0,
		ARRAY_LEN(rows));
	tcase_add_test(tc,
		a_refusal_shows_the_certificate_and_the_line_to_paste);
	tcase_add_test(tc, a_session_runs_over_tls_and_loopback);
	tcase_add_loop_test(tc, a_cut_connection_is_told_from_a_closed_one, 0,
		ARRAY_LEN(ends));
	tcase_add_test(tc, old_versions_of_tls_are_refused_by_name);
	tcase_add_test(tc, a_server_without_tls_is_named_so);
	tcase_add_test(tc, a_client_certificate_is_shown);
	tcase_add_test(tc, a_missing_client_certificate_is_named);
	tcase_add_test(tc, a_file_that_is_no_certificate_is_named);
	tcase_add_test(tc, a_broken_handshake_leads_to_nothing_weaker);
	suite_add_tcase(suite, tc);
	return suite;
}
