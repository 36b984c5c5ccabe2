#include "config.h"

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* F_OFD_SETLK, which POSIX has only since 2024 */
#endif

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif

#include "base/clock.h"
#include "base/file.h"
#include "base/lock.h"
#include "mem.h"

/* A record lock of the open file excludes everybody's record locks just as
 * one of the process does, but closing another descriptor of the same file
 * does not drop it: a second lock_open here would otherwise free the first. */
#ifdef F_OFD_SETLK
#define RECORD_LOCK F_OFD_SETLK
#else
#define RECORD_LOCK F_SETLK
#endif

/* How often the file may be unlinked under our hands before we give up. */
#define TRIES_MAX 100

struct lock {
	int fd;
};

static bool fail(struct error *err, const char *doing, const char *path)
{
	return error_set_errno(err, ERROR_ACCOUNT, ERROR_OTHER, errno,
		"cannot %s lock file %s", doing, path);
}

/* NFS makes a record lock of a BSD lock, which then stands in the way of our
 * own; there the one kind is the other (flock(2), since Linux 2.6.12). */
static bool is_nfs(int fd)
{
#ifdef __linux__
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == 0x6969;
#else
	(void)fd;
	return false;
#endif
}

static struct flock whole_file(void)
{
	return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

static bool take_both(int fd)
{
	struct flock record = whole_file();

	if (!is_nfs(fd) && flock(fd, LOCK_EX | LOCK_NB) != 0)
		return false;
	return fcntl(fd, RECORD_LOCK, &record) == 0;
}

/* The holder writes its number into the file, because the system does not
 * tell who has a BSD lock or the lock of an open file.  0: not known. */
static pid_t pid_in_file(int fd)
{
	char text[16] = "";
	struct span line = {text, 0};
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);
	uint64_t pid;

	if (got <= 0)
		return 0;
	line.len = strcspn(text, "\n");
	if (!span_number(line, INT32_MAX, &pid) || pid == 0)
		return 0;
	/* Left by an earlier holder that is dead? */
	if (kill((pid_t)pid, 0) != 0 && errno != EPERM)
		return 0;
	return (pid_t)pid;
}

static pid_t holder_of(int fd)
{
	struct flock record = whole_file();

	if (fcntl(fd, F_GETLK, &record) == 0 && record.l_type != F_UNLCK &&
		record.l_pid > 0)
		return record.l_pid;
	return pid_in_file(fd);
}

/* Reads /proc/PID/NAME as far as the limit; "" where there is none. */
static void read_proc(pid_t pid, const char *name, struct str *out)
{
	char *path = mem_printf("/proc/%" PRIdMAX "/%s", (intmax_t)pid, name);
	struct error ignored;

	/* What was read before a failure is as good as nothing. */
	if (!file_read(path, 65536, out, &ignored))
		str_reset(out);
	free(path);
}

static void add_command(struct str *text, pid_t pid)
{
	struct str args = {0};

	read_proc(pid, "cmdline", &args);
	while (args.len > 0 && args.data[args.len - 1] == '\0')
		str_truncate(&args, args.len - 1);
	for (size_t i = 0; i < args.len; i++)
		if (args.data[i] == '\0')
			args.data[i] = ' ';
	if (args.len > 200)
		str_truncate(&args, 200);
	if (args.len > 0)
		str_printf(text, " (%s)", str_get(&args));
	str_clear(&args);
}

/* Field 22 of /proc/PID/stat: the start, in ticks after the boot.  The name
 * in field 2 may hold blanks and parentheses; so count from its end. */
static bool start_ms_of(pid_t pid, int64_t *start_ms)
{
	struct str stat = {0};
	const char *at;
	long ticks = sysconf(_SC_CLK_TCK);

	read_proc(pid, "stat", &stat);
	at = strrchr(str_get(&stat), ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (at && ticks > 0)
		*start_ms = (int64_t)(strtoll(at, NULL, 10) * 1000 / ticks);
	str_clear(&stat);
	return at && ticks > 0;
}

static void add_age(struct str *text, pid_t pid)
{
	int64_t start_ms, age_s;

	if (!start_ms_of(pid, &start_ms))
		return;
	age_s = (clock_mono_ms() - start_ms) / 1000;
	if (age_s >= 86400)
		str_printf(text, ", started %" PRId64 " days ago",
			age_s / 86400);
	else if (age_s >= 3600)
		str_printf(text, ", started %" PRId64 " h %" PRId64
			" min ago", age_s / 3600, age_s % 3600 / 60);
	else
		str_printf(text, ", started %" PRId64 " min %" PRId64
			" s ago", age_s / 60, age_s % 60);
}

static bool fail_held(struct error *err, const char *path, pid_t pid)
{
	struct str who = {0};

	if (pid == getpid()) {
		str_add(&who, "this process itself");
	} else if (pid > 0) {
		str_printf(&who, "process %" PRIdMAX, (intmax_t)pid);
		add_command(&who, pid);
		add_age(&who, pid);
	} else {
		str_add(&who, "another process");
	}
	error_set(err, ERROR_ACCOUNT, ERROR_LOCKED,
		"lock file %s is held by %s", path, str_get(&who));
	str_clear(&who);
	return false;
}

/* OfflineIMAP unlinks its file after use: a lock on a file that has lost its
 * name keeps nobody out. */
static bool still_named(int fd, const char *path)
{
	struct stat ours, named;

	return fstat(fd, &ours) == 0 && lstat(path, &named) == 0 &&
		ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

static void write_pid(int fd)
{
	char *line = mem_printf("%" PRIdMAX "\n", (intmax_t)getpid());

	/* Only for the error message of others, so failing does not matter. */
	if (ftruncate(fd, 0) != 0 || pwrite(fd, line, strlen(line), 0) < 0)
		errno = 0;
	free(line);
}

/* -1 with *err set, or *again when the file lost its name meanwhile. */
static int open_locked(const char *path, bool *again, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	*again = false;
	if (fd < 0) {
		fail(err, "open", path);
	} else if (take_both(fd)) {
		if (still_named(fd, path))
			return fd;
		*again = true;
	} else if (errno == EAGAIN || errno == EACCES) {
		fail_held(err, path, holder_of(fd));
	} else {
		fail(err, "lock", path);
	}
	file_close(&fd);
	return -1;
}

struct lock *lock_open(const char *path, struct error *err)
{
	struct lock *lock;
	bool again = true;
	int fd = -1;

	for (int i = 0; again && i < TRIES_MAX; i++)
		fd = open_locked(path, &again, err);
	if (again)
		error_set(err, ERROR_ACCOUNT, ERROR_LOCKED,
			"lock file %s is removed again and again", path);
	if (fd < 0)
		return NULL;
	write_pid(fd);
	lock = mem_alloc(sizeof(*lock));
	lock->fd = fd;
	return lock;
}

void lock_close(struct lock *lock)
{
	if (!lock)
		return;
	/* The number is no longer true.  Closing gives both locks back. */
	if (ftruncate(lock->fd, 0) != 0)
		errno = 0;
	file_close(&lock->fd);
	free(lock);
}
