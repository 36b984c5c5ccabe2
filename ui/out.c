#include "config.h"

#include "out.h"

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <unistd.h>

#include "clean.h"

void out_init(struct out *out, int fd)
{
	*out = (struct out){ .fd = fd };
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

/* 0 or errno.  A descriptor that another program made non-blocking is waited
 * for, as if it were not. */
static int write_all(int fd, struct span text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.data, text.len);

		if (n >= 0) {
			text.data += n;
			text.len -= (size_t)n;
		} else if (errno == EAGAIN) {
			struct pollfd wait = { .fd = fd, .events = POLLOUT };
			if (poll(&wait, 1, -1) < 0 && errno != EINTR)
				return errno;
		} else if (errno != EINTR) {
			return errno;
		}
	}
	return 0;
}

bool out_flush(struct out *out)
{
	if (out->pending.len == 0)
		return !out->broken;
	if (out->ascii)
		clean_ascii(&out->pending);
	int failure = write_all(out->fd, span_str(&out->pending));
	str_reset(&out->pending);
	if (failure == 0)
		return true;
	if (out->failure == 0)
		out->failure = failure;
	/* A full disk may get room again; a closed pipe or a terminal that
	 * hung up will not come back. */
	out->broken = failure == EPIPE || failure == EIO || failure == EBADF;
	return !out->broken;
}
