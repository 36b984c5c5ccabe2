#include "config.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/thread.h"
#include "mem.h"
#include "str.h"
#include "support/fake_server.h"

/* A client that stops talking is a failed test, not a hanging one. */
#define PATIENCE_MS 10000

struct fake_server {
	struct thread *thread;
	char *script;
	SSL_CTX *tls;
	int listener, fd, client_fd;
	SSL *ssl;
	char *port;
	struct str got; /* read, not yet compared */
	struct str out; /* to be sent with the next step that is none */
	char *why;
};

static void fail(struct fake_server *s, const char *line, const char *what)
{
	if (!s->why)
		s->why = mem_printf("at \"%s\": %s; received: \"%s\"", line,
			what, str_get(&s->got));
}

static int hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, ascii_lower(c)) : NULL;

	return at ? (int)(at - digits) : 0;
}

static void unescape(const char *text, struct str *out)
{
	static const char from[] = "rnt\\", to[] = "\r\n\t\\";

	for (; *text; text++) {
		const char *at;

		if (*text != '\\' || !text[1]) {
			str_add_char(out, *text);
			continue;
		}
		text++;
		at = strchr(from, *text);
		if (*text == 'x' && text[1] && text[2]) {
			str_add_char(out,
				(char)(hex(text[1]) * 16 + hex(text[2])));
			text += 2;
		} else if (at) {
			str_add_char(out, to[at - from]);
		}
	}
}

static bool readable(struct fake_server *s, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	if (s->ssl && SSL_pending(s->ssl) > 0)
		return true;
	return poll(&p, 1, PATIENCE_MS) > 0;
}

/* False at the end of the connection. */
static bool receive(struct fake_server *s)
{
	char buf[4096];
	long n;

	if (s->fd < 0 || !readable(s, s->fd))
		return false;
	n = s->ssl ? SSL_read(s->ssl, buf, sizeof(buf))
		: recv(s->fd, buf, sizeof(buf), 0);
	if (n <= 0)
		return false;
	str_add_mem(&s->got, buf, (size_t)n);
	return true;
}

static void consume(struct fake_server *s, size_t len)
{
	memmove(s->got.data, s->got.data + len, s->got.len - len);
	str_truncate(&s->got, s->got.len - len);
}

/* A client that is gone is noticed by the next step that reads. */
static void flush(struct fake_server *s)
{
	size_t at = 0;
	long n = 1;

	while (s->fd >= 0 && at < s->out.len && n > 0) {
		const char *data = s->out.data + at;
		size_t len = s->out.len - at;

		n = s->ssl ? SSL_write(s->ssl, data, (int)len)
			: send(s->fd, data, len, MSG_NOSIGNAL);
		at += n > 0 ? (size_t)n : 0;
	}
	str_reset(&s->out);
}

static void expect(struct fake_server *s, const char *line,
	const struct str *want)
{
	for (;;) {
		size_t n = s->got.len < want->len ? s->got.len : want->len;

		if (n > 0 && memcmp(s->got.data, want->data, n) != 0) {
			fail(s, line, "the client sent something else");
			return;
		}
		if (n == want->len)
			break;
		if (!receive(s)) {
			fail(s, line, "the client did not send it");
			return;
		}
	}
	if (want->len > 0)
		consume(s, want->len);
}

/* The end of the first line that was received; NULL: there is none. */
static char *line_end(struct fake_server *s)
{
	for (;;) {
		char *end = s->got.len > 0
			? memchr(s->got.data, '\n', s->got.len) : NULL;

		if (end)
			return end;
		if (!receive(s))
			return NULL;
	}
}

static void expect_pattern(struct fake_server *s, const char *line,
	const char *pattern)
{
	char *end = line_end(s);
	char *text;

	if (!end) {
		fail(s, line, "the client did not send it");
		return;
	}
	text = span_dup(span_trim((struct span){s->got.data,
		(size_t)(end - s->got.data)}));
	if (fnmatch(pattern, text, 0) != 0)
		fail(s, line, "the client sent something else");
	free(text);
	consume(s, (size_t)(end - s->got.data) + 1);
}

static void start_tls(struct fake_server *s, const char *line)
{
	s->ssl = SSL_new(s->tls);
	SSL_set_fd(s->ssl, s->fd);
	if (SSL_accept(s->ssl) != 1 && !strchr(line, '?'))
		fail(s, line, "the handshake failed");
}

static void hang_up(struct fake_server *s)
{
	if (s->ssl && s->fd >= 0 && SSL_is_init_finished(s->ssl))
		SSL_shutdown(s->ssl);
	SSL_free(s->ssl);
	s->ssl = NULL;
	file_close(&s->fd);
}

/* The client may say goodbye; then it has to go. */
static void await_close(struct fake_server *s, const char *line)
{
	char *end = s->fd >= 0 ? line_end(s) : NULL;
	char tag[16];

	if (end && sscanf(s->got.data, "%15s LOGOUT\r", tag) == 1 &&
		strstr(s->got.data, " LOGOUT\r\n")) {
		consume(s, (size_t)(end - s->got.data) + 1);
		str_printf(&s->out, "* BYE\r\n%s OK\r\n", tag);
		flush(s);
		(void)receive(s);
	}
	if (s->got.len > 0)
		fail(s, line, "the client sent more than is written");
	hang_up(s);
}

static void accept_client(struct fake_server *s, const char *line)
{
	if (!readable(s, s->listener)) {
		fail(s, line, "nobody connects");
		return;
	}
	s->fd = accept(s->listener, NULL, NULL);
}

static void step_text(struct fake_server *s, const char *line)
{
	struct str text = {0};

	if (line[1] != '?')
		unescape(line[2] ? line + 3 : "", &text);
	if (line[1] == ':')
		str_add(&text, "\r\n");
	if (line[0] == 'S') {
		str_add_span(&s->out, span_str(&text));
	} else {
		flush(s);
		if (line[1] == '?')
			expect_pattern(s, line, line + 3);
		else
			expect(s, line, &text);
	}
	str_clear(&text);
}

static void step_word(struct fake_server *s, const char *line)
{
	flush(s);
	if (strncmp(line, "TLS", 3) == 0) {
		start_tls(s, line);
	} else if (strcmp(line, "CLOSE") == 0) {
		hang_up(s);
	} else if (strcmp(line, "CUT") == 0) {
		file_close(&s->fd);
		hang_up(s);
	} else if (strcmp(line, "GONE") == 0) {
		await_close(s, line);
	} else if (strcmp(line, "ACCEPT") == 0) {
		await_close(s, line);
		accept_client(s, line);
	} else {
		fail(s, line, "the script has a line that is none");
	}
}

static void step(struct fake_server *s, const char *line)
{
	if (line[0] == '#' || line[0] == '\0')
		return;
	if ((line[0] == 'S' || line[0] == 'C') && line[1] &&
		strchr(":-?", line[1]))
		step_text(s, line);
	else
		step_word(s, line);
}

static void *play(void *arg)
{
	struct fake_server *s = arg;
	char *at = s->script;

	if (s->listener >= 0)
		accept_client(s, "the first connection");
	while (at && !s->why) {
		char *line = at, *end = strchr(at, '\n');

		at = end ? end + 1 : NULL;
		if (end)
			*end = '\0';
		step(s, line);
	}
	if (!s->why) {
		flush(s);
		await_close(s, "the end");
	}
	hang_up(s);
	return NULL;
}

static struct fake_server *server_new(const char *script, SSL_CTX *tls)
{
	struct fake_server *s = mem_calloc(1, sizeof(*s));

	s->script = mem_strdup(script);
	s->tls = tls;
	s->listener = s->fd = s->client_fd = -1;
	return s;
}

struct fake_server *fake_server_start(const char *script, SSL_CTX *tls)
{
	struct fake_server *s = server_new(script, tls);
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		mem_die("socketpair");
	s->fd = ends[0];
	s->client_fd = ends[1];
	s->thread = thread_start(play, s);
	return s;
}

int fake_server_take_fd(struct fake_server *s)
{
	int fd = s->client_fd;

	s->client_fd = -1;
	return fd;
}

struct fake_server *fake_server_listen(const char *script, SSL_CTX *tls)
{
	struct fake_server *s = server_new(script, tls);
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (s->listener < 0 ||
		bind(s->listener, (struct sockaddr *)&at, len) != 0 ||
		listen(s->listener, 8) != 0 ||
		getsockname(s->listener, (struct sockaddr *)&at, &len) != 0)
		mem_die("a listening socket");
	s->port = mem_printf("%u", ntohs(at.sin_port));
	s->thread = thread_start(play, s);
	return s;
}

const char *fake_server_port(const struct fake_server *s)
{
	return s->port;
}

char *fake_server_end(struct fake_server *s)
{
	char *why;

	file_close(&s->client_fd);
	thread_join(s->thread);
	why = s->why;
	file_close(&s->listener);
	str_clear(&s->got);
	str_clear(&s->out);
	free(s->script);
	free(s->port);
	free(s);
	return why;
}

char *fake_server_script(const char *name)
{
	char *path = mem_printf("%s/tests/imap/%s.txt", SRCDIR, name);
	struct str text = {0};
	struct error err = {0};

	if (!file_read(path, 1 << 20, &text, &err))
		mem_die(err.text);
	free(path);
	return str_detach(&text);
}
