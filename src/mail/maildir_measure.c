#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "mail/maildir.h"

/* A piece as it is sent.  A file that grows meanwhile is not kept. */
static void add_wire(struct maildir_measure *m, const char *data, size_t len)
{
	digest_add(m->digest, data, len);
	if (m->text && m->text->len <= 2 * MAILDIR_KEEP)
		str_add_mem(m->text, data, len);
}

static void add_converted(struct maildir_measure *m, struct span in)
{
	char out[2 * MAILDIR_CHUNK];

	while (in.len > 0 || m->crlf.lf) {
		size_t len = crlf_out(&m->crlf, &in, out, sizeof(out));

		add_wire(m, out, len);
	}
}

/* One piece of the file.  False: line ends are not what the first ones
 * promised; to be begun again, converting. */
static bool measure_piece(struct maildir_measure *m, struct span in,
	bool first_pass)
{
	bool seen_line = m->lines.lf > 0;

	crlf_count(&m->lines, in);
	m->kept += in.len;
	if (first_pass && !seen_line && m->lines.lf > 0)
		m->as_is = m->lines.crlf == m->lines.lf;
	if (first_pass && m->as_is && m->lines.crlf != m->lines.lf)
		return false;
	header_text_add(&m->header, in);
	if (m->digest && m->as_is)
		add_wire(m, in.data, in.len);
	else if (m->digest)
		add_converted(m, in);
	return true;
}

/* The rest of the file's bytes that are sent, at its end too. */
static struct span cut(struct maildir_measure *m, struct span in,
	char out[MAILDIR_CHUNK + HEADER_CUT_HELD])
{
	m->bytes += in.len;
	if (!m->cut.names)
		return in;
	return (struct span){out, in.len > 0 ? header_cut(&m->cut, in, out)
		: header_cut_end(&m->cut, out)};
}

/* One pass; *again: it has to be repeated. */
static bool measure_pass(int fd, const char *name, bool first_pass,
	struct maildir_measure *m, bool *again, struct error *err)
{
	char buf[MAILDIR_CHUNK], rest[MAILDIR_CHUNK + HEADER_CUT_HELD];
	struct span piece;
	size_t got;

	*again = false;
	do {
		if (!maildir_read(fd, name, buf, &got, err))
			return false;
		piece = cut(m, (struct span){buf, got}, rest);
		/* RFC 9051 section 9: literal = ... *CHAR8, without NUL */
		if (m->digest && memchr(piece.data, '\0', piece.len))
			return error_set(err, ERROR_MESSAGE, ERROR_OTHER,
				"%s contains a NUL byte, which IMAP cannot "
				"carry; remove it to have the message "
				"uploaded", name);
		*again = !measure_piece(m, piece, first_pass);
	} while (got > 0 && !*again);
	return true;
}

static void begin_again(struct maildir_measure *m)
{
	const char *const *names = m->cut.names;
	struct digest *digest = m->digest;
	struct str *text = m->text;

	if (text)
		str_reset(text);
	if (digest) {
		digest_free(digest);
		digest = digest_new();
	}
	header_text_clear(&m->header);
	*m = (struct maildir_measure){.digest = digest, .text = text,
		.cut.names = names};
}

bool maildir_read(int fd, const char *name, char buf[MAILDIR_CHUNK],
	size_t *got, struct error *err)
{
	ssize_t len;

	do {
		len = read(fd, buf, MAILDIR_CHUNK);
	} while (len < 0 && errno == EINTR);
	*got = len > 0 ? (size_t)len : 0;
	return len >= 0 || error_set_errno(err, ERROR_MESSAGE, ERROR_OTHER,
		errno, "cannot read %s", name);
}

bool maildir_measure(int fd, const char *name, struct maildir_measure *m,
	struct error *err)
{
	bool again;

	if (!measure_pass(fd, name, true, m, &again, err))
		return false;
	if (again) {
		begin_again(m);
		if (lseek(fd, 0, SEEK_SET) < 0)
			return error_set_errno(err, ERROR_MESSAGE, ERROR_OTHER,
				errno, "cannot read %s", name);
		if (!measure_pass(fd, name, false, m, &again, err))
			return false;
	}
	m->wire = m->kept + (m->as_is ? 0 : m->lines.lf);
	return true;
}
