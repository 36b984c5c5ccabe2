#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/thread.h"
#include "imap/net.h"
#include "imap/stream.h"
#include "mem.h"

/* Slower than one byte in so many milliseconds, over some timeouts, is dead
 * (S21); a server that says "still here" every two minutes is not. */
#define SLOWEST_BYTE_MS 10000
#define SLOW_TIMEOUTS 5
/* How often a socket is read that is about to be closed. */
#define CLOSE_READS 16
/* While bytes come without a wait, a stop is looked for so often: each look
 * is a system call. */
#define LOOK_EVERY_MS 10

struct socket_layer {
	struct layer base;
	struct net *net;
	int fd;
};

struct stream {
	struct layer *top;
	int fd;
	const struct stop *stop;
	int64_t timeout_ms;
	int64_t limit_ms;  /* on the monotonic clock; 0: none */
	int64_t looked_ms; /* when it was last seen that no stop is asked */
	int64_t waited_ms; /* with moved: the rate of the present window */
	uint64_t moved;
	char *peer;
};

static enum layer_result socket_failed(struct error *err, const char *what)
{
	error_set_errno(err, ERROR_FOLDER_RETRY, ERROR_NETWORK, errno, "%s",
		what);
	return LAYER_FAILED;
}

static bool would_block(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static enum layer_result socket_read(struct layer *layer, void *buf,
	size_t cap, size_t *got, struct error *err)
{
	struct socket_layer *sock = (struct socket_layer *)layer;
	ssize_t n = recv(sock->fd, buf, cap, 0);

	if (n < 0)
		return would_block() ? LAYER_WANT_READ
			: socket_failed(err, "the connection was lost");
	*got = (size_t)n;
	return n > 0 ? LAYER_DONE : LAYER_END;
}

static enum layer_result socket_write(struct layer *layer, const void *data,
	size_t len, size_t *put, struct error *err)
{
	struct socket_layer *sock = (struct socket_layer *)layer;
	ssize_t n = send(sock->fd, data, len, MSG_NOSIGNAL);

	if (n < 0)
		return would_block() ? LAYER_WANT_WRITE
			: socket_failed(err, "the connection was lost");
	*put = (size_t)n;
	return LAYER_DONE;
}

static bool socket_pending(const struct layer *layer)
{
	(void)layer;
	return false;
}

/* A socket that is closed with bytes unread resets the connection, and what
 * was written last could be lost with it: our end is ended first, and what has
 * come is read. */
static void end_socket(int fd)
{
	char buf[4096];
	ssize_t n = sizeof(buf);

	(void)shutdown(fd, SHUT_WR);
	for (int i = 0; i < CLOSE_READS && n > 0; i++)
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
}

static void socket_close(struct layer *layer)
{
	struct socket_layer *sock = (struct socket_layer *)layer;

	end_socket(sock->fd);
	net_free(sock->net);
	free(sock);
}

static const struct layer_ops socket_ops = {
	.read = socket_read,
	.write = socket_write,
	.pending = socket_pending,
	.close = socket_close,
};

static struct layer *socket_new(struct net *net)
{
	struct socket_layer *sock = mem_calloc(1, sizeof(*sock));

	sock->base.ops = &socket_ops;
	sock->net = net;
	sock->fd = net_fd(net);
	return &sock->base;
}

struct stream *stream_new(struct net *net,
	const struct stream_options *options)
{
	struct stream *s = mem_calloc(1, sizeof(*s));

	s->top = socket_new(net);
	s->fd = net_fd(net);
	s->stop = options->stop;
	s->timeout_ms = options->timeout_ms;
	s->peer = mem_strdup(options->peer);
	fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL) | O_NONBLOCK);
	return s;
}

void stream_free(struct stream *s)
{
	if (!s)
		return;
	while (s->top) {
		struct layer *below = s->top->below;

		s->top->ops->close(s->top);
		s->top = below;
	}
	free(s->peer);
	free(s);
}

struct layer *stream_top(struct stream *s)
{
	return s->top;
}

void stream_push(struct stream *s, struct layer *layer)
{
	s->top = layer;
}

void stream_limit(struct stream *s, int64_t total_ms)
{
	s->limit_ms = total_ms > 0 ? clock_mono_ms() + total_ms : 0;
}

const char *stream_peer(const struct stream *s)
{
	return s->peer;
}

bool stream_pending(const struct stream *s)
{
	return s->top->ops->pending(s->top);
}

static bool stopped(const struct stream *s, struct error *err)
{
	if (s->stop && stop_raised(s->stop))
		return error_set(err, ERROR_FOLDER, ERROR_STOPPED, "stopped");
	return true;
}

static bool stopped_lately(struct stream *s, int64_t now_ms,
	struct error *err)
{
	if (now_ms - s->looked_ms < LOOK_EVERY_MS)
		return true;
	s->looked_ms = now_ms;
	return stopped(s, err);
}

static bool timed_out(const struct stream *s, struct error *err)
{
	if (s->limit_ms > 0 && clock_mono_ms() >= s->limit_ms)
		return error_set(err, ERROR_FOLDER_RETRY, ERROR_NETWORK,
			"%s: the server took too long", s->peer);
	return error_set(err, ERROR_FOLDER_RETRY, ERROR_NETWORK,
		"%s: no answer from the server for %lld seconds", s->peer,
		(long long)(s->timeout_ms / 1000));
}

/* Takes the time waited into the rate. */
static bool fast_enough(struct stream *s, int64_t waited_ms,
	struct error *err)
{
	bool slow;

	s->waited_ms += waited_ms;
	if (s->waited_ms < SLOW_TIMEOUTS * s->timeout_ms)
		return true;
	slow = s->moved < (uint64_t)(s->waited_ms / SLOWEST_BYTE_MS);
	s->waited_ms = 0;
	s->moved = 0;
	if (slow)
		return error_set(err, ERROR_FOLDER_RETRY, ERROR_NETWORK,
			"%s: the server sends next to nothing", s->peer);
	return true;
}

/* The one wait, on the connection and the stop pipe.  *ready: not only the
 * time was over. */
static bool poll_until(struct stream *s, short events, int64_t until_ms,
	bool *ready, struct error *err)
{
	struct pollfd fd[2] = {
		{.fd = s->fd, .events = events},
		{.fd = s->stop ? stop_fd(s->stop) : -1, .events = POLLIN},
	};
	int64_t left = until_ms - clock_mono_ms();
	int n = poll(fd, 2, left < 0 ? 0 : left > INT32_MAX ? INT32_MAX
		: (int)left);

	if (n < 0 && errno != EINTR)
		return error_set_errno(err, ERROR_FOLDER_RETRY, ERROR_NETWORK,
			errno, "%s: poll", s->peer);
	*ready = n != 0 || clock_mono_ms() < until_ms;
	return stopped(s, err);
}

static bool wait_for(struct stream *s, short events, int64_t until_ms,
	struct error *err)
{
	int64_t start = clock_mono_ms();
	bool ready = true;

	if (s->limit_ms > 0 && s->limit_ms < until_ms)
		until_ms = s->limit_ms;
	if (!poll_until(s, events, until_ms, &ready, err))
		return false;
	if (!ready)
		return timed_out(s, err);
	return fast_enough(s, clock_mono_ms() - start, err);
}

static short wanted(enum layer_result result)
{
	return result == LAYER_WANT_WRITE ? POLLOUT : POLLIN;
}

static bool closed(const struct stream *s, enum layer_result result,
	struct error *err)
{
	if (result == LAYER_FAILED)
		return error_add(err, "%s", s->peer);
	return error_set(err, ERROR_FOLDER_RETRY, ERROR_NETWORK,
		"%s: the server closed the connection", s->peer);
}

static bool over(enum layer_result result)
{
	return result == LAYER_FAILED || result == LAYER_END;
}

bool stream_run(struct stream *s,
	enum layer_result (*step)(struct layer *layer, struct error *err),
	struct error *err)
{
	int64_t until_ms = clock_mono_ms() + s->timeout_ms;

	if (!stopped(s, err))
		return false;
	for (;;) {
		enum layer_result result = step(s->top, err);

		if (result == LAYER_DONE)
			return true;
		if (over(result))
			return closed(s, result, err);
		if (!wait_for(s, wanted(result), until_ms, err))
			return false;
	}
}

/* Reads first: what a server says before it closes must be seen, though a
 * write would already fail.  *events: what to wait for when neither moved. */
static bool try_both(struct stream *s, struct stream_io *io, short *events,
	struct error *err)
{
	enum layer_result result;

	result = s->top->ops->read(s->top, io->in, io->cap, &io->got, err);
	if (over(result))
		return closed(s, result, err);
	*events = result == LAYER_DONE ? 0 : wanted(result);
	if (io->out.len == 0)
		return true;
	result = s->top->ops->write(s->top, io->out.data, io->out.len,
		&io->put, err);
	if (over(result))
		return io->got > 0 || closed(s, result, err);
	if (result != LAYER_DONE)
		*events |= wanted(result);
	return true;
}

bool stream_exchange(struct stream *s, struct stream_io *io,
	struct error *err)
{
	int64_t now_ms = clock_mono_ms();
	int64_t until_ms = now_ms + s->timeout_ms;

	io->put = io->got = 0;
	if (!stopped_lately(s, now_ms, err))
		return false;
	for (;;) {
		short events = 0;

		if (!try_both(s, io, &events, err))
			return false;
		s->moved += io->put + io->got;
		if (io->put > 0 || io->got > 0)
			break;
		if (!wait_for(s, events, until_ms, err))
			return false;
	}
	if (s->limit_ms > 0 && clock_mono_ms() >= s->limit_ms)
		return timed_out(s, err);
	return true;
}

bool stream_listen(struct stream *s, struct stream_io *io, int64_t ms,
	bool *heard, struct error *err)
{
	int64_t until_ms = clock_mono_ms() + ms;
	bool ready = true;

	io->put = io->got = 0;
	*heard = false;
	if (!stopped(s, err))
		return false;
	while (ready) {
		enum layer_result result = s->top->ops->read(s->top, io->in,
			io->cap, &io->got, err);

		*heard = result == LAYER_DONE;
		if (*heard)
			return true;
		if (over(result))
			return closed(s, result, err);
		if (!poll_until(s, wanted(result), until_ms, &ready, err))
			return false;
	}
	return true;
}

void stream_farewell(struct stream *s, struct span text, int64_t ms)
{
	int64_t end_ms = clock_mono_ms() + ms, left = ms;
	struct error ignored;

	while (text.len > 0) {
		size_t put = 0;
		enum layer_result result = s->top->ops->write(s->top,
			text.data, text.len, &put, &ignored);
		struct pollfd fd = {.fd = s->fd, .events = wanted(result)};

		if (over(result) || (result != LAYER_DONE && left <= 0))
			return;
		text.data += put;
		text.len -= put;
		if (result != LAYER_DONE)
			(void)poll(&fd, 1, (int)left);
		left = end_ms - clock_mono_ms();
	}
}
