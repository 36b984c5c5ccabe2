#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/worker.h"
#include "mail/maildir.h"
#include "mem.h"

#define DEPTH_MAX 100 /* of nested folders */

/* One directory of the tree on the way down, to see links that lead back. */
struct level {
	const struct level *up;
	int fd;
	struct stat st;
	unsigned depth;
};

static int open_strictly(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
		O_CLOEXEC);
}

/* A link to another disk is the user's right, so it is followed; one that
 * somebody else put there is not (S8). */
static int open_dir(int at, const char *name)
{
	struct stat st;
	int fd = open_strictly(at, name);

	if (fd >= 0 || errno == ENOENT ||
		fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return fd;
	if (!S_ISLNK(st.st_mode))
		return -1;
	if (st.st_uid == geteuid())
		return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	errno = ELOOP;
	return -1;
}

/* Nothing is made behind a link, whoever put it there: the name is a
 * server's (S4). */
static int open_made(int at, const char *name)
{
	struct stat st;
	int fd = open_strictly(at, name);

	if (fd < 0 && fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		S_ISLNK(st.st_mode))
		errno = ELOOP;
	return fd;
}

static bool is_part(const char *name)
{
	for (unsigned i = 0; i < MAILDIR_DIRS; i++)
		if (strcmp(name, maildir_dir_name(i)) == 0)
			return true;
	return false;
}

bool maildir_open_root(struct maildir *md, struct error *err)
{
	file_close(&md->root_fd);
	md->root_fd = open(md->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Not there: a fresh start or a missing disk; not for us to decide. */
	if (md->root_fd >= 0 || errno == ENOENT)
		return true;
	return error_set_errno(err, ERROR_ACCOUNT, ERROR_OTHER, errno,
		"cannot open %s", md->root);
}

/* ---- Listing ---- */

static bool has_parts(int fd)
{
	struct stat st;

	for (unsigned i = 0; i < MAILDIR_DIRS; i++)
		if (fstatat(fd, maildir_dir_name(i), &st, 0) != 0 ||
			!S_ISDIR(st.st_mode))
			return false;
	return true;
}

static bool seen_above(const struct level *level)
{
	for (const struct level *l = level->up; l; l = l->up)
		if (l->st.st_dev == level->st.st_dev &&
			l->st.st_ino == level->st.st_ino)
			return true;
	return false;
}

static bool visit(struct maildir *md, const struct level *level,
	struct str *name, struct vec *folders, struct error *err);

static bool list_failed(struct maildir *md, const char *name,
	struct error *err)
{
	return error_set_errno(err, ERROR_ACCOUNT, ERROR_OTHER, errno,
		"cannot list folders in %s/%s", md->root, name);
}

/* Something in a directory: a folder below it, or nothing to us. */
static bool visit_entry(struct maildir *md, const struct level *up,
	struct str *name, struct vec *folders, struct error *err)
{
	const char *slash = strrchr(str_get(name), '/');
	struct level level = {.up = up, .depth = up->depth + 1};
	bool ok = true;

	level.fd = open_dir(up->fd, slash ? slash + 1 : str_get(name));
	if (level.fd < 0 && errno == EACCES)
		worker_log(md->store.worker, EVENT_WARNING, AREA_MAILDIR,
			"%s/%s may not be opened; it is left out", md->root,
			str_get(name));
	else if (level.fd < 0 && errno != ENOTDIR && errno != ENOENT &&
		errno != ELOOP)
		return list_failed(md, str_get(name), err);
	if (level.fd < 0)
		return true;
	if (fstat(level.fd, &level.st) != 0)
		ok = list_failed(md, str_get(name), err);
	else if (!seen_above(&level) && level.depth < DEPTH_MAX)
		ok = visit(md, &level, name, folders, err);
	file_close(&level.fd);
	return ok;
}

static bool maybe_dir(const struct dirent *entry)
{
	if (strcmp(entry->d_name, ".") == 0 ||
		strcmp(entry->d_name, "..") == 0 || is_part(entry->d_name))
		return false;
	return entry->d_type == DT_DIR || entry->d_type == DT_LNK ||
		entry->d_type == DT_UNKNOWN;
}

/* Directly below the root and a whole folder, seen without opening it; what
 * may be a link or a directory to be complained about is not. */
static bool is_plain_folder(const struct maildir *md, int at,
	const struct dirent *entry)
{
	bool is = md->separator != '/' && entry->d_type == DT_DIR;

	for (unsigned i = 0; is && i < MAILDIR_DIRS; i++) {
		char *path = file_join(entry->d_name, maildir_dir_name(i));
		struct stat st;

		is = fstatat(at, path, &st, 0) == 0 && S_ISDIR(st.st_mode);
		free(path);
	}
	return is;
}

static void add_folder(struct vec *folders, const char *name)
{
	((struct folder *)vec_add(folders))->name = mem_strdup(name);
}

static bool visit_below(struct maildir *md, const struct level *level,
	struct str *name, struct vec *folders, struct error *err)
{
	int fd = openat(level->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	size_t len = name->len;
	bool ok = true;

	if (!dir) {
		file_close(&fd);
		return list_failed(md, str_get(name), err);
	}
	while (ok && (errno = 0, entry = readdir(dir))) {
		if (!maybe_dir(entry))
			continue;
		if (is_plain_folder(md, level->fd, entry)) {
			add_folder(folders, entry->d_name);
			continue;
		}
		str_printf(name, "%s%s", len > 0 ? "/" : "", entry->d_name);
		ok = visit_entry(md, level, name, folders, err);
		str_truncate(name, len);
	}
	if (ok && errno != 0)
		ok = list_failed(md, str_get(name), err);
	closedir(dir);
	return ok;
}

static bool visit(struct maildir *md, const struct level *level,
	struct str *name, struct vec *folders, struct error *err)
{
	if (has_parts(level->fd))
		add_folder(folders, str_get(name));
	if (level->up && md->separator != '/')
		return true;
	return visit_below(md, level, name, folders, err);
}

bool maildir_list(struct store *store, struct vec *folders, struct error *err)
{
	struct maildir *md = (struct maildir *)store;
	struct level level = {0};
	struct str name = {0};
	bool ok;

	if (md->root_fd < 0 && !maildir_open_root(md, err))
		return false;
	if (md->root_fd < 0)
		return true;
	level.fd = md->root_fd;
	ok = fstat(level.fd, &level.st) == 0
		? visit(md, &level, &name, folders, err)
		: list_failed(md, "", err);
	str_clear(&name);
	return ok;
}

/* ---- One folder ---- */

static bool folder_failed(const struct maildir *md, struct error *err,
	const char *doing, const char *name)
{
	return error_set_errno(err, ERROR_FOLDER, ERROR_OTHER, errno,
		"cannot %s folder %s/%s", doing, md->root, name);
}

/* Takes the next component off a folder's name; false when it is not safe. */
static bool take_component(const struct maildir *md, const char **rest,
	char **out)
{
	size_t len = md->separator == '/' ? strcspn(*rest, "/")
					  : strlen(*rest);
	struct span part = {*rest, len};
	bool more = (*rest)[len] == '/' && md->separator == '/';

	*out = span_dup(part);
	*rest += len + more;
	if (file_name_safe(part) && !is_part(*out) && !(more && !**rest))
		return true;
	free(*out);
	return false;
}

static bool make_dir(struct maildir *md, int at, const char *name)
{
	struct stat st;

	if (fstatat(at, name, &st, 0) == 0 && S_ISDIR(st.st_mode))
		return true;
	worker_effect(md->store.worker, "create");
	if (mkdirat(at, name, 0700) != 0 && errno != EEXIST)
		return false;
	return !md->fsync || fsync(at) == 0 || errno == EINVAL;
}

/* Component by component. */
int maildir_open_dir(struct maildir *md, const char *name, bool make,
	struct error *err)
{
	const char *rest = name;
	int fd = openat(md->root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *part;

	while (fd >= 0 && *rest) {
		int below = -1, problem;

		if (!take_component(md, &rest, &part)) {
			error_set(err, ERROR_FOLDER, ERROR_OTHER, "folder %s: "
				"this name is not possible in a Maildir with "
				"separator %c", name, md->separator);
			file_close(&fd);
			return -1;
		}
		if (!make)
			below = open_dir(fd, part);
		else if (make_dir(md, fd, part))
			below = open_made(fd, part);
		problem = errno;
		free(part);
		close(fd);
		errno = problem;
		fd = below;
	}
	if (fd < 0)
		folder_failed(md, err, make ? "create" : "open", name);
	return fd;
}

bool maildir_create(struct store *store, const char *name, struct error *err)
{
	/* cur last: who sees it finds the folder complete. */
	static const enum maildir_dir order[] = {
		MAILDIR_TMP, MAILDIR_NEW, MAILDIR_CUR,
	};
	struct maildir *md = (struct maildir *)store;
	bool ok = true;
	int fd;

	if (md->root_fd < 0 && (!file_mkdirs(md->root, err) ||
		!maildir_open_root(md, err)))
		return error_raise(err, ERROR_ACCOUNT);
	fd = maildir_open_dir(md, name, true, err);
	if (fd < 0)
		return false;
	for (size_t i = 0; ok && i < MAILDIR_DIRS; i++)
		ok = make_dir(md, fd, maildir_dir_name(order[i])) ||
			folder_failed(md, err, "create", name);
	file_close(&fd);
	return ok;
}

static bool open_part(struct maildir *md, int fd, enum maildir_dir part,
	struct error *err)
{
	struct stat st;

	md->dir[part] = open_strictly(fd, maildir_dir_name(part));
	if (md->dir[part] >= 0)
		return true;
	if (errno != ENOENT && fstatat(fd, maildir_dir_name(part), &st,
		AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		return error_set(err, ERROR_FOLDER, ERROR_OTHER,
			"%s/%s is a symbolic link, which is not followed: "
			"make the link of the folder's directory instead",
			md->path, maildir_dir_name(part));
	return error_set_errno(err, ERROR_FOLDER, ERROR_OTHER, errno,
		"cannot open %s/%s", md->path, maildir_dir_name(part));
}

bool maildir_open_folder(struct maildir *md, const char *name,
	struct error *err)
{
	const char *visible;
	bool ok = true;
	int fd;

	maildir_forget_folder(md);
	if (md->root_fd < 0 && !maildir_open_root(md, err))
		return false;
	if (md->root_fd < 0)
		return error_set(err, ERROR_FOLDER, ERROR_GONE,
			"%s does not exist", md->root);
	fd = maildir_open_dir(md, name, false, err);
	if (fd < 0)
		return false;
	md->path = *name ? file_join(md->root, name) : mem_strdup(md->root);
	visible = md->store.visible ? md->store.visible : name;
	digest_md5_hex(visible, strlen(visible), md->fmd5);
	for (unsigned i = 0; ok && i < MAILDIR_DIRS; i++)
		ok = open_part(md, fd, i, err);
	file_close(&fd);
	if (!ok)
		maildir_forget_folder(md);
	return ok;
}
