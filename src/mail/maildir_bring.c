#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/worker.h"
#include "mail/maildir.h"
#include "mail/maildir_name.h"
#include "mem.h"

/* The name it gets here: its own with the new UID, in the directory of the
 * same kind; where there is no room for that, or another has it, a new one. */
static void name_here(struct maildir *md, const char *name, uint32_t uid,
	struct str *out)
{
	const char *file = maildir_file_of(name);
	size_t dir = (size_t)(file - name);
	struct maildir_name parts;
	struct str unique = {0};

	str_add_mem(out, name, dir);
	maildir_name_with_uid(file, &md->naming, uid, out);
	if (out->len - dir <= MAILDIR_NAME_MAX && !maildir_exists(md,
		maildir_dir_of(name), str_get(out) + dir))
		return;
	maildir_name_parse(file, &md->naming, &parts);
	str_truncate(out, dir);
	maildir_unique(md, &unique);
	maildir_name_build(str_get(&unique), &md->naming, uid, parts.flags,
		out);
	str_clear(&unique);
}

/* 0, or errno. */
static int bring_file(struct maildir *md, struct maildir *from,
	const char *name, uint32_t uid)
{
	enum maildir_dir dir = maildir_dir_of(name);
	struct str here = {0};
	int problem = 0;

	name_here(md, name, uid, &here);
	worker_effect(md->store.worker, "bring");
	if (renameat(from->dir[dir], maildir_file_of(name), md->dir[dir],
		maildir_file_of(str_get(&here))) != 0)
		problem = errno;
	if (problem == 0) {
		md->dirty[dir] = from->dirty[dir] = true;
		maildir_tell_brought(md, str_get(&here), from, name);
	}
	str_clear(&here);
	return problem;
}

bool maildir_bring(struct store *store, struct store *from,
	const struct msglist *list, const struct msg *m, uint32_t uid,
	struct error *err)
{
	struct maildir *md = (struct maildir *)store;
	struct maildir *source = (struct maildir *)from;
	struct str listed = {0}, name = {0};
	const struct maildir_wanted wanted = {msglist_name(list, m, &listed),
		m->uid, false};
	int problem = ENOENT;
	bool ok = maildir_may_change(md, err) &&
		maildir_may_change(source, err);

	str_set(&name, wanted.name);
	for (int i = 0; ok && name.len > 0 && problem == ENOENT &&
		i < MAILDIR_TRIES; i++) {
		problem = bring_file(md, source, str_get(&name), uid);
		if (problem == ENOENT)
			ok = maildir_find_again(source, &wanted, &name, err);
	}
	if (ok && problem == ENOENT) {
		ok = error_set(err, ERROR_MESSAGE, ERROR_GONE,
			"%s/%s is gone", source->path, wanted.name);
	} else if (ok && problem != 0) {
		errno = problem;
		ok = maildir_fail(source, err, "move", maildir_dir_of(
			str_get(&name)), maildir_file_of(str_get(&name)));
		/* Another disk: that one is copied instead. */
		if (problem == EXDEV)
			err->severity = ERROR_MESSAGE;
	}
	str_clear(&name);
	str_clear(&listed);
	return ok;
}
