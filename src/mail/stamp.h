/*
 * When a directory or a file last changed, as a value that is kept: equal and
 * settled stamps mean that nothing changed in between.  As with the index of
 * git, a time that is as young as the file system's clock is coarse says
 * nothing: a second change may leave the same one.  Any thread.
 */
#ifndef MAIL_STAMP_H
#define MAIL_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"

struct stat;
struct store_stamp;

/* After this long a stamp that is new now is settled, where the file system
 * keeps fractions of a second. */
#define STAMP_SETTLE_MS 25

/* Whether what changes later gets other times than these.  now_ms: the wall
 * clock from before the times were asked for. */
bool stamp_is_settled(const struct stat *st, int64_t now_ms);
/* A time of change in nanoseconds. */
int64_t stamp_mtime_ns(const struct stat *st);
int64_t stamp_ctime_ns(const struct stat *st);
/* Of a plain file: size, inode and both times.  False: there is none. */
bool stamp_file(const char *path, struct store_stamp *out) ATTR_MUST_CHECK;
/* Whatever is settled. */
bool stamp_equal(const struct store_stamp *a, const struct store_stamp *b);

#endif
