#include "config.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "mail/maildir.h"
#include "mail/stamp.h"

/* The golden ratio: spreads the bits of one number before another is added. */
#define SPREAD 0x9e3779b97f4a7c15u

/* The other time tells what a restored one hides: a backup may put files back
 * and the directory's old time with them.  But restoreatime sets times
 * itself, so that it would change with each look. */
static uint64_t place(const struct maildir *md, const struct stat *st)
{
	uint64_t inode = (uint64_t)st->st_ino;

	return md->restoreatime ? inode :
		(inode ^ (uint64_t)stamp_ctime_ns(st)) * SPREAD + inode;
}

bool maildir_stamp(struct store *store, const char *name,
	struct store_stamp *out)
{
	const struct maildir *md = (const struct maildir *)store;
	int64_t now_ms = clock_wall_ms();
	bool good = md->root_fd >= 0;

	*out = (struct store_stamp){.settled = true};
	for (unsigned i = 0; good && i < MAILDIR_VISIBLE; i++) {
		const char *dir = maildir_dir_name(i);
		char *path = file_join(name, dir);
		struct stat st;

		good = fstatat(md->root_fd, *name ? path : dir, &st, 0) == 0
			&& S_ISDIR(st.st_mode);
		free(path);
		if (!good)
			break;
		out->changed_ns[i] = stamp_mtime_ns(&st);
		out->place[i] = place(md, &st);
		out->settled &= stamp_is_settled(&st, now_ms);
	}
	return good;
}
