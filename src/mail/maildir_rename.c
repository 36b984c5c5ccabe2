#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/worker.h"
#include "mail/maildir.h"
#include "mem.h"

/* One end of the renaming: an entry of a directory. */
struct place {
	int fd;           /* the directory above */
	const char *name; /* lent */
};

static bool open_place(struct maildir *md, const char *name, bool make,
	struct place *out, struct error *err)
{
	const char *slash = md->separator == '/' ? strrchr(name, '/') : NULL;
	char *parent;

	*out = (struct place){-1, slash ? slash + 1 : name};
	if (!file_name_safe(span_of(out->name)))
		return error_set(err, ERROR_FOLDER, ERROR_OTHER, "folder %s: "
			"this name is not possible in a Maildir with "
			"separator %c", name, md->separator);
	parent = slash ? span_dup((struct span){name, (size_t)(slash - name)})
		: mem_strdup("");
	out->fd = maildir_open_dir(md, parent, make, err);
	free(parent);
	return out->fd >= 0;
}

static bool is_there(const struct place *p)
{
	struct stat st;

	return fstatat(p->fd, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
		errno != ENOENT;
}

static bool carry(struct maildir *md, const struct place *old,
	const struct place *new)
{
	if (is_there(new)) {
		errno = EEXIST;
		return false;
	}
	worker_effect(md->store.worker, "rename");
	if (renameat(old->fd, old->name, new->fd, new->name) != 0)
		return false;
	return !md->fsync || ((fsync(old->fd) == 0 || errno == EINVAL) &&
		(fsync(new->fd) == 0 || errno == EINVAL));
}

bool maildir_rename_folder(struct store *store, const char *from,
	const char *to, struct error *err)
{
	struct maildir *md = (struct maildir *)store;
	struct place old = {-1, NULL}, new = {-1, NULL};
	bool ok;

	if (md->root_fd < 0)
		return error_set(err, ERROR_FOLDER, ERROR_GONE,
			"%s does not exist", md->root);
	maildir_forget_folder(md);
	ok = open_place(md, from, false, &old, err) &&
		open_place(md, to, true, &new, err);
	if (ok && !carry(md, &old, &new))
		ok = error_set_errno(err, ERROR_FOLDER, ERROR_OTHER, errno,
			"cannot rename folder %s/%s to %s", md->root, from, to);
	file_close(&old.fd);
	file_close(&new.fd);
	return ok;
}
