#include "config.h"

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* syncfs, where configure found it */
#endif

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/worker.h"
#include "imap/flag.h"
#include "mail/maildir.h"
#include "mail/maildir_name.h"
#include "mem.h"

/* Nearly every message fits, and is written at once. */
#define BUFFER_SIZE 131072
/* Descriptors held for the flush at commit. */
#define OPEN_MAX_STAGED 64
/* From so many files on, flushing the file system at once is cheaper. */
#define SYNCFS_FROM 8
/* To find a name that no other file has. */
#define NAME_TRIES 100

static struct maildir_staged *staged_at(const struct maildir *md, size_t i)
{
	return vec_at(&md->in.staged, i);
}

/* ---- One message ---- */

static int create_tmp(struct maildir *md, struct str *unique)
{
	int fd = -1;

	for (int i = 0; i < NAME_TRIES && fd < 0; i++) {
		str_reset(unique);
		maildir_unique(md, unique);
		fd = openat(md->dir[MAILDIR_TMP], str_get(unique), O_WRONLY |
			O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

bool maildir_incoming_begin(struct store *store, uint64_t size,
	struct error *err)
{
	struct maildir *md = (struct maildir *)store;
	struct maildir_incoming *in = &md->in;
	struct str unique = {0};

	if (!maildir_may_change(md, err))
		return false;
	if (in->begun)
		maildir_incoming_drop(store);
	in->fd = create_tmp(md, &unique);
	if (in->fd < 0) {
		maildir_fail(md, err, "create", MAILDIR_TMP, str_get(&unique));
		str_clear(&unique);
		/* Without tmp no message can be received. */
		return error_raise(err, ERROR_FOLDER);
	}
	if (!in->buf)
		in->buf = mem_alloc(BUFFER_SIZE);
	in->unique = str_detach(&unique);
	in->size = size;
	in->got = in->len = 0;
	in->crlf = (struct crlf_in){0};
	header_text_clear(&in->header);
	in->begun = true;
	return true;
}

static bool write_out(struct maildir *md, struct error *err)
{
	struct maildir_incoming *in = &md->in;
	size_t len = in->len;

	in->len = 0;
	return file_write_all(in->fd, in->buf, len, err) ||
		error_add(err, "%s/tmp/%s", md->path, in->unique);
}

bool maildir_incoming_data(struct store *store, struct span wire,
	struct error *err)
{
	struct maildir *md = (struct maildir *)store;
	struct maildir_incoming *in = &md->in;

	assert(in->begun);
	if (maildir_wants_date(md))
		header_text_add(&in->header, wire);
	in->got += wire.len;
	while (wire.len > 0) {
		struct span piece = {wire.data, wire.len};

		if (in->len > BUFFER_SIZE / 2 && !write_out(md, err))
			return false;
		/* One byte more may come out than goes in. */
		if (piece.len > BUFFER_SIZE - in->len - 1)
			piece.len = BUFFER_SIZE - in->len - 1;
		in->len += crlf_in(&in->crlf, piece, in->buf + in->len);
		wire.data += piece.len;
		wire.len -= piece.len;
	}
	return true;
}

static bool close_incoming(struct maildir *md, struct error *err)
{
	int fd = md->in.fd;

	md->in.fd = -1;
	/* Network file systems tell a full disk only now. */
	return close(fd) == 0 ||
		maildir_fail(md, err, "write", MAILDIR_TMP, md->in.unique);
}

/* The rest to disk; the descriptor stays when a flush is due at commit. */
static bool finish(struct maildir *md, uint32_t uid, int64_t *name_time,
	struct error *err)
{
	struct maildir_incoming *in = &md->in;

	if (in->len == BUFFER_SIZE && !write_out(md, err))
		return false;
	in->len += crlf_in_end(&in->crlf, in->buf + in->len);
	if (!write_out(md, err))
		return false;
	if (in->size > 0 && in->got != in->size)
		return error_set(err, ERROR_MESSAGE, ERROR_OTHER,
			"%llu bytes were announced, %llu came",
			(unsigned long long)in->size,
			(unsigned long long)in->got);
	maildir_date_incoming(md, uid, name_time);
	if (!md->fsync)
		return close_incoming(md, err);
	if (in->open < OPEN_MAX_STAGED)
		return true;
#ifndef HAVE_SYNCFS
	if (fsync(in->fd) != 0)
		return maildir_fail(md, err, "write", MAILDIR_TMP, in->unique);
#endif
	return close_incoming(md, err);
}

bool maildir_incoming_end(struct store *store, uint32_t uid, uint32_t flags,
	int64_t date, struct error *err)
{
	struct maildir *md = (struct maildir *)store;
	struct maildir_incoming *in = &md->in;
	int64_t name_time;

	(void)date; /* the file keeps the time of its arrival here */
	if (!finish(md, uid, &name_time, err)) {
		maildir_incoming_drop(store);
		return false;
	}
	*(struct maildir_staged *)vec_add(&in->staged) =
		(struct maildir_staged){in->unique, uid, flags, name_time,
			in->fd};
	in->open += in->fd >= 0;
	in->unique = NULL;
	in->fd = -1;
	in->begun = false;
	return true;
}

/* ---- Giving up ---- */

/* Only ever a file in tmp that this store made itself. */
static void unlink_tmp(struct maildir *md, const char *unique)
{
	unlinkat(md->dir[MAILDIR_TMP], unique, 0);
}

static void drop_staged(struct maildir *md, struct maildir_staged *s)
{
	md->in.open -= s->fd >= 0;
	file_close(&s->fd);
	if (s->unique)
		unlink_tmp(md, s->unique);
	free(s->unique);
}

void maildir_incoming_drop(struct store *store)
{
	struct maildir *md = (struct maildir *)store;
	struct maildir_incoming *in = &md->in;

	if (!in->begun) {
		if (in->staged.len > 0)
			drop_staged(md, staged_at(md, in->staged.len - 1));
		in->staged.len -= in->staged.len > 0;
		return;
	}
	file_close(&in->fd);
	unlink_tmp(md, in->unique);
	free(in->unique);
	in->unique = NULL;
	in->begun = false;
}

void maildir_incoming_drop_all(struct maildir *md)
{
	if (md->in.begun)
		maildir_incoming_drop(&md->store);
	for (size_t i = 0; i < md->in.staged.len; i++)
		drop_staged(md, staged_at(md, i));
	vec_reset(&md->in.staged);
}

/* ---- Commit ---- */

static bool flush_each(struct maildir *md, struct error *err)
{
	for (size_t i = 0; i < md->in.staged.len; i++) {
		struct maildir_staged *s = staged_at(md, i);

		if (s->fd >= 0 && fsync(s->fd) != 0)
			return maildir_fail(md, err, "write", MAILDIR_TMP,
				s->unique);
	}
	return true;
}

/* All staged files to disk, as a group before any gets its name. */
static bool flush_staged(struct maildir *md, struct error *err)
{
	if (!md->fsync)
		return true;
#ifdef HAVE_SYNCFS
	if (md->in.staged.len > SYNCFS_FROM ||
		md->in.staged.len > md->in.open) {
		if (syncfs(md->dir[MAILDIR_TMP]) == 0)
			return true;
		return error_set_errno(err, ERROR_FOLDER, ERROR_OTHER, errno,
			"cannot write %s", md->path);
	}
#endif
	return flush_each(md, err);
}

static void close_staged(struct maildir *md)
{
	for (size_t i = 0; i < md->in.staged.len; i++)
		file_close(&staged_at(md, i)->fd);
	md->in.open = 0;
}

/* A unique name, with the message's own time where that is wanted. */
static void dated_name(struct maildir *md, const struct maildir_staged *s,
	const char *unique, struct str *out)
{
	struct str dated = {0};

	str_reset(out);
	if (s->time > 0)
		str_printf(&dated, "%lld%s", (long long)s->time,
			strchr(unique, '_'));
	else
		str_add(&dated, unique);
	maildir_name_build(str_get(&dated), &md->naming, s->uid, s->flags,
		out);
	str_clear(&dated);
}

/* 0, or errno.  *name: what it is called then. */
static int move_visible(struct maildir *md, const struct maildir_staged *s,
	enum maildir_dir dir, struct str *name)
{
	struct str unique = {0};
	int problem;

	dated_name(md, s, s->unique, name);
	problem = maildir_rename(md, MAILDIR_TMP, s->unique, dir,
		str_get(name));
	/* Another store of this worker may have had the same idea. */
	for (int i = 0; i < NAME_TRIES && problem == EEXIST; i++) {
		str_reset(&unique);
		maildir_unique(md, &unique);
		dated_name(md, s, str_get(&unique), name);
		problem = maildir_rename(md, MAILDIR_TMP, s->unique, dir,
			str_get(name));
	}
	str_clear(&unique);
	return problem;
}

static void tell_new(struct maildir *md, enum maildir_dir dir,
	const char *file)
{
	char *name = mem_printf("%s/%s", maildir_dir_name(dir), file);

	maildir_tell(md, FILE_NEW, name, NULL);
	free(name);
}

static bool show(struct maildir *md, struct maildir_staged *s,
	struct error *err)
{
	enum maildir_dir dir = s->flags & FLAG_SEEN ? MAILDIR_CUR
						    : MAILDIR_NEW;
	struct str name = {0};
	bool ok;

	worker_effect(md->store.worker, "commit");
	errno = move_visible(md, s, dir, &name);
	ok = errno == 0;
	if (ok && md->store.worker->files)
		tell_new(md, dir, str_get(&name));
	if (!ok) {
		maildir_fail(md, err, "rename", MAILDIR_TMP, s->unique);
		error_raise(err, ERROR_FOLDER);
	} else {
		md->dirty[dir] = true;
		free(s->unique);
		s->unique = NULL;
	}
	str_clear(&name);
	return ok;
}

bool maildir_incoming_commit(struct store *store, struct error *err)
{
	struct maildir *md = (struct maildir *)store;
	bool ok = flush_staged(md, err);

	close_staged(md);
	for (size_t i = 0; ok && i < md->in.staged.len; i++)
		ok = show(md, staged_at(md, i), err);
	maildir_incoming_drop_all(md);
	return maildir_flush(md, err) && ok;
}
