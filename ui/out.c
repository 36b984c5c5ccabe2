#include "config.h"

#include "out.h"

#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "clean.h"

/* What a pipe that is ready takes without waiting. */
#define PIECE ((size_t)_POSIX_PIPE_BUF)
/* The moment of struct out_wait. */
#define BRIEF_MS 200

enum readiness { READY, LATER, STUCK };

void out_init(struct out *out, int fd, const struct out_wait *wait)
{
	*out = (struct out){ .fd = fd, .wait = wait };
	out->ascii = isatty(fd) == 1 && !clean_is_utf8(nl_langinfo(CODESET));
}

void out_clear(struct out *out)
{
	str_clear(&out->pending);
}

void out_add(struct out *out, const char *text)
{
	if (!out->broken)
		str_add(&out->pending, text);
}

void out_line(struct out *out, const char *text)
{
	out_add(out, text);
	out_add(out, "\n");
}

/* Whether a write would not wait. */
static enum readiness wait_ready(const struct out *out)
{
	bool brief = out->wait != NULL && out->wait->brief;
	struct pollfd fds[2] = {
		{ .fd = out->fd, .events = POLLOUT },
		{ .fd = out->wait != NULL ? out->wait->fd : -1,
			.events = POLLIN },
	};

	for (;;) {
		int n = poll(fds, 2, brief ? BRIEF_MS : -1);

		if (n == 0)
			return STUCK;
		if (n > 0 && fds[0].revents != 0)
			return READY;
		if (n > 0 || errno != EINTR)
			return LATER;
	}
}

/* 0 or errno; *done counts what was written, which may not be all when a
 * signal is to be looked at. */
static int write_pieces(const struct out *out, struct span text, size_t *done)
{
	while (text.len > 0) {
		enum readiness ready = wait_ready(out);
		ssize_t n;

		if (ready != READY)
			return ready == STUCK ? EPIPE : 0;
		n = write(out->fd, text.data,
			text.len < PIECE ? text.len : PIECE);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return errno;
		if (n < 0)
			continue;
		text.data += n;
		text.len -= (size_t)n;
		*done += (size_t)n;
	}
	return 0;
}

/* Takes size bytes off the front. */
static void take_off(struct str *text, size_t size)
{
	if (size < text->len)
		memmove(text->data, text->data + size, text->len - size);
	str_truncate(text, text->len - size);
}

bool out_flush(struct out *out)
{
	size_t done = 0;

	if (out->pending.len == 0)
		return !out->broken;
	if (out->ascii)
		clean_ascii(&out->pending);
	int failure = write_pieces(out, span_str(&out->pending), &done);
	take_off(&out->pending, failure == 0 ? done : out->pending.len);
	if (failure == 0)
		return true;
	if (out->failure == 0)
		out->failure = failure;
	/* A full disk may get room again; a closed pipe or a terminal that
	 * hung up will not come back. */
	out->broken = failure == EPIPE || failure == EIO || failure == EBADF;
	return !out->broken;
}
