#include "config.h"

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* pipe2, which POSIX has only since 2024 */
#endif

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "mem.h"

static bool fail(struct error *err, const char *doing, const char *path)
{
	return error_set_errno(err, ERROR_FOLDER, ERROR_OTHER, errno, "%s %s",
		doing, path);
}

bool file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

bool file_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool make_dir(const char *path, struct error *err)
{
	/* Look first: a read-only file system says EROFS where it should say
	 * EEXIST.  Look again: another thread may have been faster. */
	if (file_is_dir(path) || mkdir(path, 0700) == 0)
		return true;
	if (errno == EEXIST && file_is_dir(path))
		return true;
	return fail(err, "cannot make directory", path);
}

bool file_mkdirs(const char *path, struct error *err)
{
	char *part, *slash;
	bool ok = true;

	if (file_is_dir(path))
		return true;
	part = mem_strdup(path);
	slash = part;
	while (ok && *slash && (slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		ok = make_dir(part, err);
		*slash = '/';
	}
	free(part);
	return ok && make_dir(path, err);
}

/* Appends until the end or the limit; tells the number of errno, 0: done. */
static int read_fd(int fd, size_t max, struct str *out)
{
	for (;;) {
		ssize_t got;

		str_reserve(out, 16384);
		got = read(fd, out->data + out->len, 16384);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		if (got == 0)
			return 0;
		if ((size_t)got > max - out->len)
			return EFBIG;
		out->len += (size_t)got;
		out->data[out->len] = '\0';
	}
}

bool file_read(const char *path, size_t max, struct str *out,
	struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int problem;

	str_reset(out);
	if (fd < 0)
		return fail(err, "cannot open", path);
	problem = read_fd(fd, max, out);
	file_close(&fd);
	if (problem == EFBIG)
		return error_set(err, ERROR_FOLDER, ERROR_OTHER,
			"cannot read %s: it is larger than %zu bytes", path,
			max);
	errno = problem;
	return problem == 0 || fail(err, "cannot read", path);
}

bool file_write_all(int fd, const void *data, size_t len, struct error *err)
{
	const char *rest = data;

	while (len > 0) {
		ssize_t put = write(fd, rest, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return error_set_errno(err, ERROR_FOLDER, ERROR_OTHER,
				errno, "cannot write");
		rest += put;
		len -= (size_t)put;
	}
	return true;
}

/* The file's name is predictable: never through what already lies there. */
static int create_new(const char *path)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = open(path, flags, 0600);

	if (fd >= 0 || errno != EEXIST)
		return fd;
	/* Left by a run that was killed. */
	if (unlink(path) != 0)
		return -1;
	return open(path, flags, 0600);
}

static bool write_new(const char *path, struct span data, bool sync,
	struct error *err)
{
	int fd = create_new(path);
	bool ok;

	if (fd < 0)
		return fail(err, "cannot create", path);
	ok = file_write_all(fd, data.data, data.len, err) ||
		error_add(err, "%s", path);
	if (ok && sync && fsync(fd) != 0)
		ok = fail(err, "cannot write", path);
	/* Network file systems tell a full disk only now. */
	if (close(fd) != 0 && ok)
		ok = fail(err, "cannot write", path);
	return ok;
}

static bool sync_parent(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char *parent;
	bool ok;

	if (!slash)
		return file_sync_dir(".", err);
	parent = mem_strndup(path, slash == path ? 1 : (size_t)(slash - path));
	ok = file_sync_dir(parent, err);
	free(parent);
	return ok;
}

static bool write_through(const char *tmp, const char *path, struct span data,
	bool sync, struct error *err)
{
	bool ok = write_new(tmp, data, sync, err);

	if (ok && rename(tmp, path) != 0)
		ok = fail(err, "cannot replace", path);
	if (!ok)
		unlink(tmp);
	return ok && (!sync || sync_parent(path, err));
}

bool file_write(const char *path, struct span data, bool sync,
	struct error *err)
{
	char *tmp = mem_printf("%s.tmp", path);
	bool ok = write_through(tmp, path, data, sync, err);

	free(tmp);
	return ok;
}

bool file_write_shared(const char *path, struct span data, struct error *err)
{
	char *tmp = mem_printf("%s.%" PRIdMAX ".tmp", path, (intmax_t)getpid());
	bool ok = write_through(tmp, path, data, false, err);

	free(tmp);
	return ok;
}

bool file_sync_dir(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return fail(err, "cannot open", path);
	/* EINVAL: a file system that cannot, and need not. */
	ok = fsync(fd) == 0 || errno == EINVAL ||
		fail(err, "cannot write", path);
	file_close(&fd);
	return ok;
}

void file_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

bool file_pipe(int fds[2])
{
	return pipe2(fds, O_CLOEXEC) == 0;
}

char *file_join(const char *a, const char *b)
{
	size_t len = strlen(a);

	return mem_printf("%s%s%s", a,
		len > 0 && a[len - 1] != '/' ? "/" : "", b);
}

/* The home directory in the user database; NULL: no such user. */
static char *home_of(const char *user)
{
	struct passwd entry, *found = NULL;
	char *home, *space = NULL;
	size_t size = 512;
	int problem;

	do {
		size *= 2;
		space = mem_resize(space, size, 1);
		problem = *user
			? getpwnam_r(user, &entry, space, size, &found)
			: getpwuid_r(getuid(), &entry, space, size, &found);
	} while (problem == ERANGE);
	home = problem == 0 && found ? mem_strdup(entry.pw_dir) : NULL;
	free(space);
	return home;
}

char *file_expand_home(const char *path)
{
	const char *env = getenv("HOME");
	size_t len = strcspn(path, "/");
	char *user, *home, *whole;

	if (path[0] != '~')
		return mem_strdup(path);
	user = mem_strndup(path + 1, len - 1);
	home = !*user && env ? mem_strdup(env) : home_of(user);
	free(user);
	if (!home)
		return mem_strdup(path);
	/* "/" as home must not make "//x", which may mean a host. */
	for (size_t end = strlen(home); end > 0 && home[end - 1] == '/';)
		home[--end] = '\0';
	whole = mem_printf("%s%s", home, path + len);
	free(home);
	if (*whole)
		return whole;
	free(whole);
	return mem_strdup("/");
}

static bool is_name_char(char c)
{
	return ascii_is_digit(c) || c == '_' ||
		(ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

/* The variable at a "$": its name, and the length of the whole reference;
 * 0: there is none. */
static size_t variable_at(const char *at, struct span *name)
{
	size_t len = 0;

	if (at[1] == '{') {
		len = strcspn(at + 2, "}");
		*name = (struct span){at + 2, len};
		return at[2 + len] == '}' ? len + 3 : 0;
	}
	while (is_name_char(at[1 + len]))
		len++;
	*name = (struct span){at + 1, len};
	return len > 0 ? len + 1 : 0;
}

static const char *variable_value(struct span name)
{
	char *copy = span_dup(name);
	const char *value = getenv(copy);

	free(copy);
	return value;
}

char *file_expand(const char *path)
{
	char *home = file_expand_home(path);
	struct str out = {0};
	const char *at = home;

	while (*at) {
		struct span name = {0};
		size_t len = *at == '$' ? variable_at(at, &name) : 0;
		const char *value = len > 0 ? variable_value(name) : NULL;

		if (value)
			str_add(&out, value);
		else
			str_add_mem(&out, at, len > 0 ? len : 1);
		at += len > 0 ? len : 1;
	}
	free(home);
	return str_detach(&out);
}

bool file_name_safe(struct span name)
{
	if (name.len == 0 || name.len > 255)
		return false;
	if (span_is(name, ".") || span_is(name, ".."))
		return false;
	return !memchr(name.data, '/', name.len) &&
		!memchr(name.data, '\0', name.len);
}
