#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "mail/spool.h"
#include "mem.h"

#define HEADER_MAX ((size_t)1 << 20)

static bool fail(const char *doing, struct error *err)
{
	return error_set_errno(err, ERROR_FOLDER, ERROR_OTHER, errno,
		"cannot %s the file for messages on their way", doing);
}

static bool make_file(struct spool *s, const char *dir, struct error *err)
{
	char *path;

	if (!file_mkdirs(dir, err))
		return false;
	path = file_join(dir, "spool.XXXXXX");
	s->fd = mkstemp(path);
	if (s->fd >= 0) {
		unlink(path);
		fcntl(s->fd, F_SETFD, FD_CLOEXEC);
	}
	free(path);
	return s->fd >= 0 || fail("make", err);
}

bool spool_begin(struct spool *s, const char *dir, struct error *err)
{
	if (s->fd < 0 && !make_file(s, dir, err))
		return false;
	/* a new one forgets what a dropped message left in it */
	digest_free(s->digest);
	s->digest = digest_new();
	str_reset(&s->header);
	s->got = 0;
	s->header_ended = s->has_nul = false;
	return true;
}

/* Up to the empty line; a message may begin with it. */
static void add_header(struct spool *s, struct span wire)
{
	size_t from = s->header.len < 4 ? 0 : s->header.len - 3;
	size_t room = HEADER_MAX - s->header.len;
	const char *text;

	if (s->header_ended)
		return;
	str_add_mem(&s->header, wire.data, wire.len < room ? wire.len : room);
	text = str_get(&s->header);
	if (s->header.len >= 2 && memcmp(text, "\r\n", 2) == 0) {
		str_reset(&s->header);
		s->header_ended = true;
	}
	for (size_t i = from; !s->header_ended && i + 4 <= s->header.len; i++)
		if (memcmp(text + i, "\r\n\r\n", 4) == 0) {
			str_truncate(&s->header, i + 2);
			s->header_ended = true;
		}
	if (s->header.len == HEADER_MAX)
		s->header_ended = true;
}

bool spool_add(struct spool *s, struct span wire, struct error *err)
{
	size_t done = 0;

	digest_add(s->digest, wire.data, wire.len);
	add_header(s, wire);
	s->has_nul = s->has_nul || memchr(wire.data, '\0', wire.len);
	while (done < wire.len) {
		ssize_t put = pwrite(s->fd, wire.data + done, wire.len - done,
			(off_t)(s->end + s->got));

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return fail("write", err);
		done += (size_t)put;
		s->got += (uint64_t)put;
	}
	return true;
}

void spool_end(struct spool *s, struct spooled *out)
{
	*out = (struct spooled){.at = s->end, .size = s->got,
		.has_nul = s->has_nul};
	digest_end(s->digest, out->digest);
	header_id(span_str(&s->header), &out->id);
	s->end += s->got;
	s->got = 0;
}

void spool_drop(struct spool *s)
{
	s->got = 0;
}

void spool_cut(struct spool *s, const struct spooled *from)
{
	s->end = from->at;
	s->got = 0;
}

void spool_reset(struct spool *s)
{
	s->end = s->got = 0;
	/* a failure costs room and no more: what is there is written over */
	if (s->fd >= 0 && ftruncate(s->fd, 0) != 0)
		file_close(&s->fd);
}

void spool_clear(struct spool *s)
{
	file_close(&s->fd);
	digest_free(s->digest);
	str_clear(&s->header);
	*s = (struct spool){.fd = -1};
}

void spool_open(struct spool_reader *r, const struct spool *s,
	const struct spooled *m)
{
	*r = (struct spool_reader){s, m->at, m->size, m->size};
}

void spool_again(void *arg)
{
	struct spool_reader *r = arg;

	r->at -= r->size - r->left;
	r->left = r->size;
}

bool spool_read(void *arg, void *buf, size_t cap, size_t *got,
	struct error *err)
{
	struct spool_reader *r = arg;
	ssize_t n;

	if (cap > r->left)
		cap = (size_t)r->left;
	*got = 0;
	if (cap == 0)
		return true;
	do
		n = pread(r->spool->fd, buf, cap, (off_t)r->at);
	while (n < 0 && errno == EINTR);
	if (n <= 0) {
		errno = n < 0 ? errno : EIO;
		return fail("read", err);
	}
	r->at += (uint64_t)n;
	r->left -= (uint64_t)n;
	*got = (size_t)n;
	return true;
}
