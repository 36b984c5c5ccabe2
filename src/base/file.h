/*
 * Files and directories: the seam for effects on disk.  Any thread.  Paths
 * are the caller's; nothing here follows a link that an outsider could plant
 * where it says so.  Errors carry the path; their severity is ERROR_FOLDER,
 * which callers raise where more is lost.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "attr.h"
#include "error.h"
#include "str.h"

/* Makes the directory and its missing parents, 0700 whatever the umask. */
bool file_mkdirs(const char *path, struct error *err) ATTR_MUST_CHECK;
bool file_exists(const char *path);
bool file_is_dir(const char *path);
/* Whole file; more than max bytes is an error. */
bool file_read(const char *path, size_t max, struct str *out,
	struct error *err) ATTR_MUST_CHECK;
/* Through path.tmp (0600), fsync when sync, rename, directory fsync. */
bool file_write(const char *path, struct span data, bool sync,
	struct error *err) ATTR_MUST_CHECK;
/* The same without sync, of a file that other programs may write at the same
 * time, each through a file of its own: the last one wins. */
bool file_write_shared(const char *path, struct span data, struct error *err)
	ATTR_MUST_CHECK;
bool file_write_all(int fd, const void *data, size_t len, struct error *err)
	ATTR_MUST_CHECK;
bool file_sync_dir(const char *path, struct error *err) ATTR_MUST_CHECK;
/* Closes and forgets; -1 is allowed. */
void file_close(int *fd);
/* Both ends close on exec, so no child started meanwhile keeps one open;
 * false: errno. */
bool file_pipe(int fds[2]) ATTR_MUST_CHECK;
/* a/b as a malloc'd string. */
char *file_join(const char *a, const char *b) ATTR_RETURNS_NONNULL;
/* "~" and "~user", then $VAR and ${VAR}; unknown ones stay.  malloc'd. */
char *file_expand_home(const char *path) ATTR_RETURNS_NONNULL;
char *file_expand(const char *path) ATTR_RETURNS_NONNULL;
/* A component that is safe as a name below a directory of ours: not empty,
 * ".", "..", no slash, no NUL, at most 255 bytes. */
bool file_name_safe(struct span name);

#endif
