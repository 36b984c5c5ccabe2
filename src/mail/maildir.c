#include "config.h"

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* renameat2, where configure found it */
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/worker.h"
#include "conf/conf.h"
#include "mail/maildir.h"
#include "mem.h"

#define HOST_MAX 64
/* Workers have different cells, so their names differ in the same second. */
#define CELLS 4096

static const char *const dir_names[MAILDIR_DIRS] = {
	[MAILDIR_NEW] = "new",
	[MAILDIR_CUR] = "cur",
	[MAILDIR_TMP] = "tmp",
};

const char *maildir_dir_name(enum maildir_dir dir)
{
	return dir_names[dir];
}

enum maildir_dir maildir_dir_of(const char *name)
{
	return name[0] == 'c' ? MAILDIR_CUR : MAILDIR_NEW;
}

const char *maildir_file_of(const char *name)
{
	return name + strlen("new/");
}

bool maildir_may_change(struct maildir *md, struct error *err)
{
	if (!md->path)
		return error_set(err, ERROR_FOLDER, ERROR_OTHER,
			"%s: no folder is open", md->store.repository);
	if (md->readonly)
		return error_set(err, ERROR_FOLDER, ERROR_READONLY,
			"%s is opened for reading only", md->path);
	return true;
}

void maildir_unique(struct maildir *md, struct str *out)
{
	unsigned long long seq = md->last++;
	unsigned cell = md->store.worker->cell % CELLS;

	str_printf(out, "%lld_%llu.%ld.%s",
		(long long)clock_wall_ms() / 1000, seq * CELLS + cell,
		md->pid, md->host);
}

bool maildir_exists(const struct maildir *md, enum maildir_dir dir,
	const char *file)
{
	struct stat st;

	return fstatat(md->dir[dir], file, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int maildir_rename(const struct maildir *md, enum maildir_dir from_dir,
	const char *from, enum maildir_dir to_dir, const char *to)
{
#ifdef HAVE_RENAMEAT2
	if (renameat2(md->dir[from_dir], from, md->dir[to_dir], to,
		RENAME_NOREPLACE) == 0)
		return 0;
	/* Not every file system can do that in one step. */
	if (errno != EINVAL && errno != ENOSYS)
		return errno;
#endif
	if (!maildir_exists(md, from_dir, from))
		return ENOENT;
	if (maildir_exists(md, to_dir, to))
		return EEXIST;
	return renameat(md->dir[from_dir], from, md->dir[to_dir], to) == 0
		? 0 : errno;
}

bool maildir_fail(const struct maildir *md, struct error *err,
	const char *doing, enum maildir_dir dir, const char *file)
{
	int problem = errno;
	bool one = problem == ENOENT || problem == ENAMETOOLONG ||
		problem == ELOOP;

	return error_set_errno(err, one ? ERROR_MESSAGE : ERROR_FOLDER,
		ERROR_OTHER, problem, "cannot %s %s/%s/%s", doing, md->path,
		dir_names[dir], file);
}

bool maildir_flush(struct maildir *md, struct error *err)
{
	for (size_t i = 0; i < MAILDIR_VISIBLE; i++) {
		/* EINVAL: a file system that cannot, and need not. */
		if (md->dirty[i] && md->fsync && fsync(md->dir[i]) != 0 &&
			errno != EINVAL)
			return error_set_errno(err, ERROR_FOLDER, ERROR_OTHER,
				errno, "cannot write %s/%s", md->path,
				dir_names[i]);
		md->dirty[i] = false;
	}
	return true;
}

void maildir_forget_folder(struct maildir *md)
{
	maildir_incoming_drop_all(md);
	for (size_t i = 0; i < MAILDIR_DIRS; i++)
		file_close(&md->dir[i]);
	msglist_clear(&md->again);
	md->again_valid = false;
	free(md->path);
	md->path = NULL;
	md->dirty[MAILDIR_NEW] = md->dirty[MAILDIR_CUR] = false;
}

/* The host's name without what has a meaning in file names here. */
static char *host_name(void)
{
	char host[HOST_MAX + 1] = "";

	if (gethostname(host, sizeof(host) - 1) != 0 || !host[0])
		strcpy(host, "localhost");
	for (char *c = host; *c; c++)
		if (strchr("/:,!", *c))
			*c = '-';
	return mem_strdup(host);
}

static void maildir_close(struct store *store)
{
	struct maildir *md = (struct maildir *)store;

	maildir_leave(store);
	maildir_forget_folder(md);
	file_close(&md->root_fd);
	vec_clear(&md->in.staged);
	header_text_clear(&md->in.header);
	free(md->in.buf);
	free(md->host);
	free(md->root);
	free(md);
}

static struct store *maildir_open(const struct store_config *config,
	struct error *err)
{
	struct maildir *md = mem_calloc(1, sizeof(*md));

	md->store.ops = &maildir_ops;
	md->store.worker = config->worker;
	md->store.repository = config->repo->name;
	md->root = mem_strdup(config->repo->localfolders);
	md->separator = config->repo->sep[0];
	md->fsync = config->fsync;
	md->naming = (struct maildir_naming){md->fmd5, config->account &&
		config->account->maildir_windows_compatible ? '!' : ':'};
	md->restoreatime = config->repo->restoreatime;
	md->date_names = config->repo->filename_use_mail_timestamp;
	md->date_files = config->repo->utime_from_header;
	md->store.filterheaders = config->account
		? config->account->filterheaders : NULL;
	md->host = host_name();
	md->pid = (long)getpid();
	md->root_fd = md->in.fd = -1;
	for (size_t i = 0; i < MAILDIR_DIRS; i++)
		md->dir[i] = -1;
	md->in.staged = (struct vec)VEC(struct maildir_staged);
	if (maildir_open_root(md, err))
		return &md->store;
	maildir_close(&md->store);
	return NULL;
}

static char maildir_separator(struct store *store)
{
	return ((struct maildir *)store)->separator;
}

const struct store_ops maildir_ops = {
	.type = "Maildir",
	.open = maildir_open,
	.close = maildir_close,
	.list = maildir_list,
	.separator = maildir_separator,
	.create = maildir_create,
	.rename = maildir_rename_folder,
	.load = maildir_load,
	.stamp = maildir_stamp,
	.enter = maildir_enter,
	.leave = maildir_leave,
	.identify = maildir_identify,
	.search = maildir_search,
	.flags = maildir_flags,
	.remove = maildir_remove,
	.incoming_begin = maildir_incoming_begin,
	.incoming_data = maildir_incoming_data,
	.incoming_end = maildir_incoming_end,
	.incoming_drop = maildir_incoming_drop,
	.incoming_commit = maildir_incoming_commit,
	.outgoing_open = maildir_outgoing_open,
	.outgoing_close = maildir_outgoing_close,
	.adopt = maildir_adopt,
	.detach = maildir_detach,
	.bring = maildir_bring,
};
