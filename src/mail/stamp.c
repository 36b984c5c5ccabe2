#include "config.h"

#include "mail/stamp.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "mail/store.h"

/* At worst the kernel's clock for files ticks a hundred times a second. */
#define TICK_MS 20
/* And that of a file system without fractions every two seconds. */
#define COARSE_TICK_MS 2100

/* A time from the future is a server's with another clock, or one from before
 * ours was set: nothing is known of what comes next. */
static bool is_old(const struct timespec *t, int64_t now_ms)
{
	int64_t ms = (int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000;

	return now_ms - ms > (t->tv_nsec == 0 ? COARSE_TICK_MS : TICK_MS);
}

bool stamp_is_settled(const struct stat *st, int64_t now_ms)
{
	return is_old(&st->st_mtim, now_ms) && is_old(&st->st_ctim, now_ms);
}

static int64_t in_ns(const struct timespec *t)
{
	return (int64_t)((uint64_t)t->tv_sec * 1000000000u +
		(uint64_t)t->tv_nsec);
}

int64_t stamp_mtime_ns(const struct stat *st)
{
	return in_ns(&st->st_mtim);
}

int64_t stamp_ctime_ns(const struct stat *st)
{
	return in_ns(&st->st_ctim);
}

bool stamp_file(const char *path, struct store_stamp *out)
{
	int64_t now_ms = clock_wall_ms();
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	*out = (struct store_stamp){
		.changed_ns = {stamp_mtime_ns(&st), stamp_ctime_ns(&st)},
		.place = {(uint64_t)st.st_size, (uint64_t)st.st_ino},
		.settled = stamp_is_settled(&st, now_ms),
	};
	return true;
}

bool stamp_equal(const struct store_stamp *a, const struct store_stamp *b)
{
	return a->changed_ns[0] == b->changed_ns[0] &&
		a->changed_ns[1] == b->changed_ns[1] &&
		a->place[0] == b->place[0] && a->place[1] == b->place[1];
}
