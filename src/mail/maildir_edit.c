#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/worker.h"
#include "imap/flag.h"
#include "mail/maildir.h"
#include "mail/maildir_name.h"

/* What a message's name is to become. */
struct change {
	bool uid_too;        /* it gets or loses its UID, else only flags */
	uint32_t uid;
	uint32_t add, remove;
};

/* Where flags were saved, what is unread goes to new, as in OfflineIMAP; a new
 * UID leaves the file in its directory. */
static void name_after(struct maildir *md, const struct change *change,
	const char *name, struct str *out)
{
	const char *file = maildir_file_of(name);
	struct maildir_name parts;
	struct str unique = {0};
	uint32_t flags;

	str_reset(out);
	maildir_name_parse(file, &md->naming, &parts);
	flags = (parts.flags | change->add) & ~change->remove;
	if (change->uid_too) {
		str_add_mem(out, name, (size_t)(file - name));
		maildir_name_with_uid(file, &md->naming, change->uid, out);
	} else if (flags == parts.flags) {
		str_add(out, name);
	} else {
		str_add(out, flags & FLAG_SEEN ? "cur/" : "new/");
		maildir_name_with_flags(file, &md->naming, flags, out);
	}
	if (out->len - (size_t)(file - name) <= MAILDIR_NAME_MAX)
		return;
	/* No room behind this name: another one. */
	str_truncate(out, (size_t)(file - name));
	maildir_unique(md, &unique);
	maildir_name_build(str_get(&unique), &md->naming, change->uid_too
		? change->uid : parts.uid, flags, out);
	str_clear(&unique);
}

/* 0, or errno; EEXIST rather than to overwrite another message. */
static int rename_to(struct maildir *md, enum event_file_change change,
	const char *from, const char *to)
{
	enum maildir_dir from_dir = maildir_dir_of(from);
	enum maildir_dir to_dir = maildir_dir_of(to);

	int problem = maildir_rename(md, from_dir, maildir_file_of(from),
		to_dir, maildir_file_of(to));

	if (problem != 0)
		return problem;
	md->dirty[from_dir] = md->dirty[to_dir] = true;
	maildir_tell(md, change, to, from);
	return 0;
}

/* Renames the file, found again where another program renamed it; *gone: it
 * does not exist any more. */
static bool apply(struct maildir *md, const struct maildir_wanted *wanted,
	const struct change *change, bool *gone, struct error *err)
{
	struct str name = {0}, target = {0};
	int problem = 0;
	bool ok = true;

	str_set(&name, wanted->name);
	for (int i = 0; ok && name.len > 0 && i < MAILDIR_TRIES; i++) {
		name_after(md, change, str_get(&name), &target);
		problem = 0;
		if (span_equal(span_str(&name), span_str(&target)) &&
			maildir_exists(md, maildir_dir_of(str_get(&name)),
			maildir_file_of(str_get(&name))))
			break;
		worker_effect(md->store.worker, change->uid_too
			? (change->uid ? "adopt" : "detach") : "flags");
		problem = rename_to(md, change->uid_too ? FILE_MOVED
			: FILE_FLAGGED, str_get(&name), str_get(&target));
		if (problem != ENOENT)
			break;
		ok = maildir_find_again(md, wanted, &name, err);
	}
	*gone = ok && problem == ENOENT && name.len == 0;
	if (ok && problem == ENOENT && !*gone) {
		ok = maildir_unsettled(md, str_get(&name), err);
	} else if (ok && problem != 0 && !*gone) {
		errno = problem;
		ok = maildir_fail(md, err, "rename", maildir_dir_of(
			str_get(&name)), maildir_file_of(str_get(&name)));
		if (problem == EEXIST)
			err->severity = ERROR_MESSAGE;
	}
	str_clear(&name);
	str_clear(&target);
	return ok;
}

/* One message that cannot be changed stops no other: its error is kept.  False
 * when the folder is to be given up. */
static bool change_flags(struct maildir *md, struct store_change *at,
	struct error *err)
{
	const struct change change = {.add = at->add, .remove = at->remove};
	struct str name = {0};
	bool gone, ok = true;

	for (size_t i = 0; ok && i < at->which.len; i++) {
		const struct msg *m = msgset_at(&at->which, i);
		const struct maildir_wanted wanted = {
			msglist_name(at->which.list, m, &name), m->uid,
			true};
		struct error problem = {0};

		if (apply(md, &wanted, &change, &gone, &problem))
			continue;
		if (problem.severity > ERROR_MESSAGE) {
			*err = problem;
			ok = false;
		} else if (at->problem.severity == ERROR_NONE) {
			at->problem = problem;
		}
	}
	str_clear(&name);
	return ok;
}

bool maildir_flags(struct store *store, struct store_change *at, size_t len,
	struct error *err)
{
	struct maildir *md = (struct maildir *)store;
	bool ok = maildir_may_change(md, err);

	for (size_t i = 0; ok && i < len; i++)
		ok = change_flags(md, &at[i], err);
	return ok && maildir_flush(md, err);
}

static bool change_uid(struct store *store, const struct msglist *list,
	const struct msg *m, uint32_t uid, struct error *err)
{
	struct maildir *md = (struct maildir *)store;
	const struct change change = {.uid_too = true, .uid = uid};
	struct str name = {0};
	const struct maildir_wanted wanted = {msglist_name(list, m, &name),
		m->uid, false};
	bool gone, ok;

	ok = maildir_may_change(md, err) &&
		apply(md, &wanted, &change, &gone, err);
	if (ok && gone)
		ok = error_set(err, ERROR_MESSAGE, ERROR_GONE,
			"%s/%s is gone", md->path, wanted.name);
	str_clear(&name);
	return ok;
}

bool maildir_adopt(struct store *store, const struct msglist *list,
	const struct msg *m, uint32_t uid, struct error *err)
{
	return change_uid(store, list, m, uid, err);
}

bool maildir_detach(struct store *store, const struct msglist *list,
	const struct msg *m, struct error *err)
{
	return change_uid(store, list, m, 0, err);
}

static const char *reason_text(enum remove_reason reason)
{
	switch (reason) {
	case REMOVE_DELETED_ON_OTHER_SIDE:
		return "deleted on the other side";
	case REMOVE_STRAGGLER:
		return "sent twice";
	}
	return "";
}

/* The one place that removes messages (D2).  0, or errno. */
static int unlink_message(struct maildir *md, const char *name,
	enum remove_reason reason)
{
	enum maildir_dir dir = maildir_dir_of(name);

	worker_log(md->store.worker, EVENT_DEBUG, AREA_MAILDIR,
		"removing %s/%s: %s", md->path, name, reason_text(reason));
	worker_effect(md->store.worker, "remove");
	if (unlinkat(md->dir[dir], maildir_file_of(name), 0) != 0)
		return errno;
	md->dirty[dir] = true;
	maildir_tell(md, FILE_DELETED, name, NULL);
	return 0;
}

static bool remove_one(struct maildir *md,
	const struct maildir_wanted *wanted, enum remove_reason reason,
	struct error *err)
{
	struct str name = {0};
	int problem = ENOENT;
	bool ok = true;

	str_set(&name, wanted->name);
	for (int i = 0; ok && name.len > 0 && problem == ENOENT &&
		i < MAILDIR_TRIES; i++) {
		problem = unlink_message(md, str_get(&name), reason);
		if (problem == ENOENT)
			ok = maildir_find_again(md, wanted, &name, err);
	}
	if (ok && problem == ENOENT && name.len > 0) {
		ok = maildir_unsettled(md, str_get(&name), err);
	} else if (ok && problem != 0 && problem != ENOENT) {
		errno = problem;
		ok = maildir_fail(md, err, "remove", maildir_dir_of(
			str_get(&name)), maildir_file_of(str_get(&name)));
	}
	str_clear(&name);
	return ok;
}

bool maildir_remove(struct store *store, const struct msgset *which,
	enum remove_reason reason, struct error *err)
{
	struct maildir *md = (struct maildir *)store;
	bool ok = maildir_may_change(md, err);
	struct str name = {0};

	for (size_t i = 0; ok && i < which->len; i++) {
		const struct msg *m = msgset_at(which, i);
		const struct maildir_wanted wanted = {
			msglist_name(which->list, m, &name), m->uid, false};

		ok = remove_one(md, &wanted, reason, err);
	}
	str_clear(&name);
	return ok && maildir_flush(md, err);
}
