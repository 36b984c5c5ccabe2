#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/thread.h"
#include "imap/net.h"
#include "imap/stream.h"
#include "mem.h"
#include "suites.h"
#include "support/fake_server.h"

struct line {
	struct stop *stop;
	struct stream *stream;
	int other; /* the other end */
	char buf[256];
	struct stream_io io;
	struct error err;
};

static void line_open(struct line *l, int64_t timeout_ms)
{
	struct stream_options options = {
		.timeout_ms = timeout_ms,
		.peer = "host:143",
	};
	int ends[2];

	*l = (struct line){0};
	ck_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	l->stop = stop_new();
	options.stop = l->stop;
	l->other = ends[0];
	l->stream = stream_new(net_take(ends[1]), &options);
	l->io = (struct stream_io){.in = l->buf, .cap = sizeof(l->buf)};
}

static void line_close(struct line *l)
{
	stream_free(l->stream);
	stop_free(l->stop);
	if (l->other >= 0)
		close(l->other);
}

static bool exchange(struct line *l, const char *text)
{
	l->io.out = span_of(text);
	return stream_exchange(l->stream, &l->io, &l->err);
}

START_TEST(bytes_go_both_ways)
{
	struct line l;
	char got[8];

	line_open(&l, 10000);
	ck_assert(exchange(&l, "ping"));
	ck_assert_uint_eq(l.io.put, 4);
	ck_assert_uint_eq(l.io.got, 0);
	ck_assert_int_eq(read(l.other, got, sizeof(got)), 4);
	ck_assert_int_eq(write(l.other, "pong", 4), 4);
	ck_assert(exchange(&l, ""));
	ck_assert_uint_eq(l.io.got, 4);
	ck_assert(memcmp(l.buf, "pong", 4) == 0);
	line_close(&l);
}
END_TEST

START_TEST(the_end_is_an_error_that_names_the_server)
{
	struct line l;

	line_open(&l, 10000);
	close(l.other);
	l.other = -1;
	ck_assert(!exchange(&l, ""));
	ck_assert_int_eq(l.err.kind, ERROR_NETWORK);
	ck_assert_str_eq(l.err.text,
		"host:143: the server closed the connection");
	line_close(&l);
}
END_TEST

START_TEST(last_words_are_heard_though_writing_fails)
{
	struct line l;

	line_open(&l, 10000);
	ck_assert_int_eq(write(l.other, "bye", 3), 3);
	close(l.other);
	l.other = -1;
	ck_assert(exchange(&l, "more"));
	ck_assert_uint_eq(l.io.got, 3);
	ck_assert(!exchange(&l, "more"));
	ck_assert_int_eq(l.err.kind, ERROR_NETWORK);
	line_close(&l);
}
END_TEST

START_TEST(stop_ends_every_exchange)
{
	struct line l;

	line_open(&l, 10000);
	ck_assert_int_eq(write(l.other, "data", 4), 4);
	stop_raise(l.stop);
	ck_assert(!exchange(&l, ""));
	ck_assert_int_eq(l.err.kind, ERROR_STOPPED);
	line_close(&l);
}
END_TEST

START_TEST(silence_ends_at_the_timeout)
{
	struct line l;

	line_open(&l, 1);
	ck_assert(!exchange(&l, ""));
	ck_assert_int_eq(l.err.kind, ERROR_NETWORK);
	ck_assert_int_eq(l.err.severity, ERROR_FOLDER_RETRY);
	ck_assert(strstr(l.err.text, "no answer") != NULL);
	line_close(&l);
}
END_TEST

START_TEST(a_total_limit_ends_the_wait_before_the_timeout)
{
	struct line l;

	line_open(&l, 3600000);
	stream_limit(l.stream, 1);
	ck_assert(!exchange(&l, ""));
	ck_assert(strstr(l.err.text, "too long") != NULL);
	line_close(&l);
}
END_TEST

/* Fills what the system buffers; the rest has to wait for the reader. */
START_TEST(a_full_socket_takes_what_it_can)
{
	const size_t size = 8 << 20;
	char *much = mem_calloc(1, size);
	struct line l;

	line_open(&l, 10000);
	l.io.out = (struct span){much, size};
	ck_assert(stream_exchange(l.stream, &l.io, &l.err));
	ck_assert_uint_gt(l.io.put, 0);
	ck_assert_uint_lt(l.io.put, size);
	line_close(&l);
	free(much);
}
END_TEST

START_TEST(a_tunnel_is_a_stream)
{
	struct stream_options options = {.timeout_ms = 10000, .peer = "cat"};
	struct error err = {0};
	struct stream *s;
	struct net *net;
	char buf[16];
	struct stream_io io = {.out = {"echo", 4}, .in = buf,
		.cap = sizeof(buf)};

	net = net_tunnel("exec cat", &err);
	ck_assert_msg(net != NULL, "%s", err.text);
	s = stream_new(net, &options);
	ck_assert(stream_exchange(s, &io, &err));
	ck_assert_uint_eq(io.put, 4);
	io.out.len = 0;
	ck_assert_msg(stream_exchange(s, &io, &err), "%s", err.text);
	ck_assert_uint_gt(io.got, 0);
	ck_assert(memcmp(buf, "echo", io.got) == 0);
	stream_free(s);
}
END_TEST

START_TEST(a_host_is_connected_to)
{
	struct fake_server *server = fake_server_listen("S: hi\nGONE\n", NULL);
	struct net_options options = {
		.host = "127.0.0.1",
		.port = fake_server_port(server),
		.ipv6 = -1,
		.timeout_ms = 10000,
	};
	struct stream_options stream_options = {
		.timeout_ms = 10000,
		.peer = "loop",
	};
	char buf[16], *why;
	struct stream_io io = {.in = buf, .cap = sizeof(buf)};
	struct error err = {0};
	struct stream *s;
	struct net *net = net_connect(&options, &err);

	ck_assert_msg(net != NULL, "%s", err.text);
	s = stream_new(net, &stream_options);
	ck_assert_msg(stream_exchange(s, &io, &err), "%s", err.text);
	ck_assert_uint_eq(io.got, 4);
	stream_free(s);
	why = fake_server_end(server);
	ck_assert_msg(why == NULL, "%s", why);
}
END_TEST

/* A port on which nobody listens: one that was just given back. */
static char *unused_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert(bind(fd, (struct sockaddr *)&at, len) == 0);
	ck_assert(getsockname(fd, (struct sockaddr *)&at, &len) == 0);
	close(fd);
	return mem_printf("%u", ntohs(at.sin_port));
}

START_TEST(a_refused_connection_names_host_and_port)
{
	char *port = unused_port();
	struct net_options options = {
		.host = "127.0.0.1",
		.port = port,
		.ipv6 = 0,
		.timeout_ms = 10000,
	};
	struct error err = {0};

	ck_assert(net_connect(&options, &err) == NULL);
	ck_assert_int_eq(err.kind, ERROR_NETWORK);
	ck_assert_int_eq(err.severity, ERROR_ACCOUNT);
	ck_assert(strstr(err.text, "127.0.0.1") != NULL);
	ck_assert(strstr(err.text, port) != NULL);
	ck_assert_msg(strstr(err.text, "refused") != NULL, "%s", err.text);
	free(port);
}
END_TEST

static const struct {
	const char *host, *port;
} no_hosts[] = {
	{"", "143"},
	{"a b", "143"},
	{"user@host", "143"},
	{"host/path", "143"},
	{"host#", "143"},
	{"host", "0"},
	{"host", "65536"},
	{"host", "imap"},
	{"host", ""},
};

START_TEST(what_is_no_host_is_not_connected_to)
{
	struct net_options options = {
		.host = no_hosts[_i].host,
		.port = no_hosts[_i].port,
		.ipv6 = -1,
		.timeout_ms = 10000,
	};
	struct error err = {0};

	ck_assert(net_connect(&options, &err) == NULL);
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
}
END_TEST

START_TEST(connecting_obeys_stop)
{
	struct stop *stop = stop_new();
	struct net_options options = {
		.host = "127.0.0.1",
		.port = "9",
		.ipv6 = -1,
		.timeout_ms = 10000,
		.stop = stop,
	};
	struct error err = {0};

	stop_raise(stop);
	ck_assert(net_connect(&options, &err) == NULL);
	ck_assert_int_eq(err.kind, ERROR_STOPPED);
	stop_free(stop);
}
END_TEST

Suite *stream_suite(void)
{
	Suite *suite = suite_create("stream");
	TCase *tc = tcase_create("stream");

	tcase_add_test(tc, bytes_go_both_ways);
	tcase_add_test(tc, the_end_is_an_error_that_names_the_server);
	tcase_add_test(tc, last_words_are_heard_though_writing_fails);
	tcase_add_test(tc, stop_ends_every_exchange);
	tcase_add_test(tc, silence_ends_at_the_timeout);
	tcase_add_test(tc, a_total_limit_ends_the_wait_before_the_timeout);
	tcase_add_test(tc, a_full_socket_takes_what_it_can);
	tcase_add_test(tc, a_tunnel_is_a_stream);
	tcase_add_test(tc, a_host_is_connected_to);
	tcase_add_test(tc, a_refused_connection_names_host_and_port);
	tcase_add_loop_test(tc, what_is_no_host_is_not_connected_to, 0,
		ARRAY_LEN(no_hosts));
	tcase_add_test(tc, connecting_obeys_stop);
	suite_add_tcase(suite, tc);
	return suite;
}
