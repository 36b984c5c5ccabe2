#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "mail/maildir.h"
#include "mem.h"

/* Larger messages have no number in IMAP4rev1: RFC 3501 section 9, number. */
#define WIRE_MAX UINT32_MAX

/* A file being sent, or what was kept of it. */
struct reading {
	int fd;           /* -1: all of it is in text */
	struct str text;  /* as it is sent */
	size_t text_at;
	struct stat st;   /* when it was measured */
	char *name;       /* whole path, for messages */
	bool as_is;       /* it was found to be in CRLF form */
	bool ended;       /* all of it was read */
	struct header_cut cut;
	struct crlf_out crlf;
	uint64_t left;    /* bytes of the file not yet read */
	char *buf;
	char *kept;       /* what is sent of buf; NULL: all */
	struct span rest; /* not yet sent, of one of these */
};

/* ---- Opening ---- */

static bool open_at(struct maildir *md, const char *name, struct reading *r,
	struct error *err)
{
	enum maildir_dir dir = maildir_dir_of(name);
	const char *file = maildir_file_of(name);

	r->name = mem_printf("%s/%s", md->path, name);
	/* Not to wait for a writer, should it be a pipe. */
	r->fd = openat(md->dir[dir], file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
		O_CLOEXEC);
	if (r->fd >= 0 && fstat(r->fd, &r->st) == 0 && S_ISREG(r->st.st_mode))
		return true;
	if (r->fd < 0 && errno == EACCES) {
		maildir_fail(md, err, "open", dir, file);
		err->severity = ERROR_MESSAGE;
	} else if (r->fd < 0) {
		maildir_fail(md, err, "open", dir, file);
	} else {
		error_set(err, ERROR_MESSAGE, ERROR_OTHER,
			"%s is not a regular file", r->name);
	}
	file_close(&r->fd);
	free(r->name);
	r->name = NULL;
	return false;
}

static bool open_message(struct maildir *md, const struct msglist *list,
	const struct msg *m, struct reading *r, struct error *err)
{
	struct str buf = {0};
	const char *name = msglist_name(list, m, &buf);
	const struct maildir_wanted wanted = {name, m->uid, m->uid > 0};
	struct str at = {0};
	struct error gone;
	bool ok = false;

	str_set(&at, name);
	for (int i = 0; i < MAILDIR_TRIES; i++) {
		ok = open_at(md, str_get(&at), r, err);
		if (ok || err->kind != ERROR_GONE)
			break;
		gone = *err;
		error_clear(err);
		if (!maildir_find_again(md, &wanted, &at, err))
			break;
		if (at.len == 0) {
			*err = gone;
			break;
		}
	}
	if (!ok && err->severity == ERROR_NONE)
		maildir_unsettled(md, str_get(&at), err);
	str_clear(&at);
	str_clear(&buf);
	return ok;
}

static void reading_close(struct reading *r)
{
	file_close(&r->fd);
	free(r->name);
	str_clear(&r->text);
	free(r->buf);
	free(r->kept);
	free(r);
}

/* ---- Sending ---- */

static bool changed(const struct reading *r, struct error *err)
{
	return error_set(err, ERROR_MESSAGE, ERROR_OTHER,
		"%s changed while it was being sent", r->name);
}

/* The same file as was measured. */
static bool begin_reading(struct reading *r, struct error *err)
{
	struct stat st;

	if (fstat(r->fd, &st) != 0 || lseek(r->fd, 0, SEEK_SET) < 0)
		return error_set_errno(err, ERROR_MESSAGE, ERROR_OTHER, errno,
			"cannot read %s", r->name);
	if (st.st_size != r->st.st_size ||
		st.st_mtim.tv_sec != r->st.st_mtim.tv_sec ||
		st.st_mtim.tv_nsec != r->st.st_mtim.tv_nsec)
		return changed(r, err);
	r->buf = mem_alloc(MAILDIR_CHUNK);
	if (r->cut.names)
		r->kept = mem_alloc(MAILDIR_CHUNK + HEADER_CUT_HELD);
	r->left = (uint64_t)st.st_size;
	r->rest = (struct span){r->buf, 0};
	r->crlf = (struct crlf_out){0};
	return true;
}

static bool refill(struct reading *r, struct error *err)
{
	size_t got;

	if (!maildir_read(r->fd, r->name, r->buf, &got, err))
		return false;
	if (got > r->left || (got == 0 && r->left > 0))
		return changed(r, err);
	r->left -= got;
	r->ended = got == 0;
	r->rest = (struct span){r->buf, got};
	if (r->kept)
		r->rest = (struct span){r->kept, r->ended
			? header_cut_end(&r->cut, r->kept)
			: header_cut(&r->cut, r->rest, r->kept)};
	return true;
}

static size_t take_rest(struct reading *r, char *out, size_t cap)
{
	size_t len = r->rest.len < cap ? r->rest.len : cap;

	if (!r->as_is)
		return crlf_out(&r->crlf, &r->rest, out, cap);
	memcpy(out, r->rest.data, len);
	r->rest.data += len;
	r->rest.len -= len;
	return len;
}

static size_t take_text(struct reading *r, char *out, size_t cap)
{
	size_t left = r->text.len - r->text_at;
	size_t len = left < cap ? left : cap;

	memcpy(out, str_get(&r->text) + r->text_at, len);
	r->text_at += len;
	return len;
}

static bool source_read(void *arg, void *buf, size_t cap, size_t *got,
	struct error *err)
{
	struct reading *r = arg;

	*got = r->fd < 0 ? take_text(r, buf, cap) : 0;
	if (r->fd < 0)
		return true;
	if (!r->buf && !begin_reading(r, err))
		return false;
	while (r->rest.len == 0 && !r->crlf.lf && !r->ended)
		if (!refill(r, err))
			return false;
	*got = take_rest(r, buf, cap);
	return true;
}

static void source_again(void *arg)
{
	struct reading *r = arg;

	r->text_at = 0;
	free(r->buf);
	free(r->kept);
	r->buf = r->kept = NULL;
	r->ended = false;
	r->cut = (struct header_cut){.names = r->cut.names};
}

static void describe(struct reading *r, struct maildir_measure *m,
	struct outgoing *out)
{
	if (m->text)
		file_close(&r->fd);
	*out = (struct outgoing){
		.source = {m->wire, source_read, r, source_again},
		.open = r->fd >= 0,
		.date = r->st.st_mtim.tv_sec, .data = r};
	r->as_is = m->as_is;
	header_id(span_str(&m->header.text), &out->id);
	digest_end(m->digest, out->digest);
}

bool maildir_outgoing_open(struct store *store, const struct msglist *list,
	const struct msg *m, struct outgoing *out, struct error *err)
{
	struct maildir *md = (struct maildir *)store;
	struct reading *r = mem_calloc(1, sizeof(*r));
	struct maildir_measure found = {0};
	bool ok;

	*out = (struct outgoing){0};
	r->fd = -1;
	found.cut.names = r->cut.names = store->filterheaders;
	found.digest = digest_new();
	ok = open_message(md, list, m, r, err);
	if (ok && r->st.st_size <= MAILDIR_KEEP)
		found.text = &r->text;
	ok = ok && maildir_measure(r->fd, r->name, &found, err);
	if (ok && found.wire > WIRE_MAX)
		ok = error_set(err, ERROR_MESSAGE, ERROR_OTHER,
			"%s is too large for IMAP: %llu bytes", r->name,
			(unsigned long long)found.wire);
	if (ok && found.bytes != (uint64_t)r->st.st_size)
		ok = changed(r, err);
	if (ok)
		describe(r, &found, out);
	else
		reading_close(r);
	header_text_clear(&found.header);
	digest_free(found.digest);
	return ok;
}

void maildir_outgoing_close(struct store *store, struct outgoing *out)
{
	(void)store;
	if (out->data)
		reading_close(out->data);
	*out = (struct outgoing){0};
}

/* Size and header of one message; *gone: it is not there any more. */
static bool identify_one(struct maildir *md, const struct msgset *which,
	size_t i, struct identity *out, bool *gone, struct error *err)
{
	struct reading *r = mem_calloc(1, sizeof(*r));
	struct maildir_measure found = {0};
	struct error problem = {0};
	bool ok;

	r->fd = -1;
	found.cut.names = md->store.filterheaders;
	ok = open_message(md, which->list, msgset_at(which, i), r, &problem) &&
		maildir_measure(r->fd, r->name, &found, &problem);
	/* One that cannot be read is not to be paired, no more than one that
	 * is gone. */
	*gone = !ok && problem.severity <= ERROR_MESSAGE;
	if (ok) {
		out->size = found.wire;
		header_id(span_str(&found.header.text), &out->id);
	} else if (!*gone) {
		*err = problem;
	}
	header_text_clear(&found.header);
	reading_close(r);
	return ok || *gone;
}

bool maildir_identify(struct store *store, const struct msgset *which,
	store_identify_fn *each, void *arg, struct error *err)
{
	struct maildir *md = (struct maildir *)store;

	for (size_t i = 0; i < which->len; i++) {
		struct identity id = {.index = which->index[i]};
		bool gone;

		if (!identify_one(md, which, i, &id, &gone, err))
			return false;
		if (!gone && !each(arg, &id, err))
			return false;
	}
	return true;
}
