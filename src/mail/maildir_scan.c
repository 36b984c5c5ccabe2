#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/worker.h"
#include "mail/maildir.h"
#include "mail/maildir_name.h"
#include "mem.h"

/* A listing that raced with a mail reader is repeated. */
#define TRIES 5
/* Two changes this close may leave the same time on a directory: the clock
 * of a file system ticks, at worst every two seconds when it has no
 * fractions. */
#define TICK_MS 50
#define COARSE_TICK_MS 2100

/* As FNV-1a, eight bytes at a time. */
#define HASH_START 14695981039346656037u
#define HASH_STEP 1099511628211u
#define HASH_FOLD 32

/* One attempt to list. */
struct scan {
	struct msglist *list;
	struct str name; /* being built, "cur/x" */
	uint64_t hash;   /* of all names, in whatever order */
	uint32_t foreign; /* numbered for another name of the folder */
	struct maildir_stamp stamp;
};

static uint64_t hash_name(const struct str *name)
{
	uint64_t hash = HASH_START ^ name->len;

	for (size_t i = 0; i < name->len; i += sizeof(hash)) {
		size_t left = name->len - i;
		uint64_t word = 0;

		memcpy(&word, name->data + i, left < sizeof(word) ? left
			: sizeof(word));
		hash = (hash ^ word) * HASH_STEP;
		hash ^= hash >> HASH_FOLD;
	}
	return hash;
}

static bool scan_failed(const struct maildir *md, enum maildir_dir dir,
	struct error *err)
{
	return error_set_errno(err, ERROR_FOLDER, ERROR_OTHER, errno,
		"cannot list %s/%s", md->path, maildir_dir_name(dir));
}

static void add_file(const struct maildir *md, struct scan *s,
	enum maildir_dir dir, const char *file)
{
	struct maildir_name name;

	maildir_name_parse(file, &md->naming, &name);
	str_reset(&s->name);
	str_add(&s->name, maildir_dir_name(dir));
	str_add_char(&s->name, '/');
	str_add(&s->name, file);
	s->hash += hash_name(&s->name);
	s->foreign += name.foreign ? 1 : 0;
	msglist_add(s->list, name.uid, name.flags, str_get(&s->name));
}

static bool scan_dir(const struct maildir *md, struct scan *s,
	enum maildir_dir which, struct error *err)
{
	/* Opened again: a duplicate would share its position. */
	int fd = openat(md->dir[which], ".", O_RDONLY | O_DIRECTORY |
		O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	int problem;

	if (!dir) {
		scan_failed(md, which, err);
		file_close(&fd);
		return false;
	}
	while ((errno = 0, entry = readdir(dir)))
		if (entry->d_name[0] != '.' && entry->d_type != DT_DIR)
			add_file(md, s, which, entry->d_name);
	problem = errno;
	closedir(dir);
	errno = problem;
	return problem == 0 || scan_failed(md, which, err);
}

static bool take_stamp(const struct maildir *md, struct maildir_stamp *out,
	struct error *err)
{
	struct stat st;

	for (unsigned i = 0; i < MAILDIR_VISIBLE; i++) {
		if (fstat(md->dir[i], &st) != 0)
			return scan_failed(md, i, err);
		/* A removed directory is still there for its holder. */
		if (st.st_nlink == 0)
			return error_set(err, ERROR_FOLDER, ERROR_GONE,
				"%s/%s was removed", md->path,
				maildir_dir_name(i));
		out->time[i] = st.st_mtim;
	}
	return true;
}

static bool same_stamp(const struct maildir_stamp *a,
	const struct maildir_stamp *b)
{
	for (unsigned i = 0; i < MAILDIR_VISIBLE; i++)
		if (a->time[i].tv_sec != b->time[i].tv_sec ||
			a->time[i].tv_nsec != b->time[i].tv_nsec)
			return false;
	return true;
}

/* Whether the directories changed so lately that a change during the listing
 * might not show in their times. */
static bool is_fresh(const struct maildir_stamp *stamp)
{
	int64_t now_ms = clock_wall_ms();

	for (unsigned i = 0; i < MAILDIR_VISIBLE; i++) {
		const struct timespec *t = &stamp->time[i];
		int64_t ms = (int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000;
		int64_t tick = t->tv_nsec == 0 ? COARSE_TICK_MS : TICK_MS;

		if (now_ms - ms < tick)
			return true;
	}
	return false;
}

/* Lists new, then cur: in that order a message read meanwhile is met twice
 * rather than never.  *stable: no directory changed on the way. */
static bool scan_once(const struct maildir *md, struct scan *s, bool *stable,
	struct error *err)
{
	struct maildir_stamp after;
	bool ok;

	msglist_restart(s->list, &md->naming);
	s->hash = 0;
	s->foreign = 0;
	ok = take_stamp(md, &s->stamp, err) &&
		scan_dir(md, s, MAILDIR_NEW, err) &&
		scan_dir(md, s, MAILDIR_CUR, err) &&
		take_stamp(md, &after, err);
	*stable = ok && same_stamp(&s->stamp, &after);
	return ok;
}

/* Lists until nothing changed meanwhile, or, where the times cannot tell,
 * until two listings are the same. */
static bool scan(const struct maildir *md, struct scan *s, struct error *err)
{
	struct scan last = {0};
	bool stable = false, was_stable = false;

	s->list->complete = false;
	for (int i = 0; i < TRIES && !s->list->complete; i++) {
		if (!scan_once(md, s, &stable, err))
			return false;
		s->list->complete = stable && (!is_fresh(&s->stamp) ||
			(was_stable && last.hash == s->hash &&
			same_stamp(&last.stamp, &s->stamp)));
		was_stable = stable;
		last.hash = s->hash;
		last.stamp = s->stamp;
	}
	return true;
}

/* A file without UID by the part of its name that does not change. */
struct base {
	char *file; /* malloc'd */
	size_t index;
};

static int by_base(const void *a, const void *b)
{
	const struct base *x = a, *y = b;
	int order = maildir_name_compare_base(x->file, y->file);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* A listing that raced may hold a new message under its old and its new name:
 * it would be sent twice. */
static void drop_met_twice(struct msglist *list)
{
	struct base *base = mem_calloc(list->len + 1, sizeof(*base));
	bool *again = mem_calloc(list->len + 1, sizeof(*again));
	struct str name = {0};
	size_t len = 0, to = 0;

	while (len < list->len && list->at[len].uid == 0)
		len++;
	for (size_t i = 0; i < len; i++)
		base[i] = (struct base){mem_strdup(maildir_file_of(
			msglist_name(list, &list->at[i], &name))), i};
	qsort(base, len, sizeof(*base), by_base);
	for (size_t i = 1; i < len; i++)
		again[base[i].index] = maildir_name_same_base(
			base[i - 1].file, base[i].file);
	for (size_t i = 0; i < list->len; i++)
		if (!again[i])
			list->at[to++] = list->at[i];
	list->len = to;
	for (size_t i = 0; i < len; i++)
		free(base[i].file);
	str_clear(&name);
	free(base);
	free(again);
}

static bool is_same_file(const struct msglist *list, const struct msg *a,
	const struct msg *b)
{
	struct str name_a = {0}, name_b = {0};
	bool same = maildir_name_same_base(
		maildir_file_of(msglist_name(list, a, &name_a)),
		maildir_file_of(msglist_name(list, b, &name_b)));

	str_clear(&name_a);
	str_clear(&name_b);
	return same;
}

static void tell_second(struct maildir *md, const struct msglist *list,
	const struct msg *m)
{
	struct str name = {0};

	worker_log(md->store.worker, EVENT_DEBUG, AREA_MAILDIR, "%s: a second "
		"file with UID %u, taken as a new message",
		maildir_file_of(msglist_name(list, m, &name)), m->uid);
	str_clear(&name);
}

/* Of several files with one UID the first by name keeps it.  Others are the
 * same file met twice (dropped), or copies: new messages (N32). */
static void settle_duplicates(struct maildir *md, struct msglist *list)
{
	size_t to = 0, kept = 0;
	bool copies = false;

	for (size_t i = 0; i < list->len; i++) {
		struct msg m = list->at[i];
		bool again = m.uid != 0 && to > 0 &&
			list->at[kept].uid == m.uid;

		if (again && is_same_file(list, &m, &list->at[kept]))
			continue;
		if (!again)
			kept = to;
		else
			tell_second(md, list, &m);
		list->at[to] = m;
		if (again)
			list->at[to].uid = 0;
		copies |= again;
		to++;
	}
	list->len = to;
	if (copies)
		msglist_sort(list);
}

bool maildir_load(struct store *store, const char *name, bool readonly,
	struct folder_info *info, struct msglist *out, struct error *err)
{
	struct maildir *md = (struct maildir *)store;
	struct scan s = {.list = out};
	bool ok;

	if (!maildir_open_folder(md, name, err))
		return false;
	md->readonly = readonly;
	maildir_note_atime(md);
	ok = scan(md, &s, err);
	str_clear(&s.name);
	if (!ok)
		return false;
	msglist_sort(out);
	settle_duplicates(md, out);
	if (!out->complete)
		drop_met_twice(out);
	worker_log(store->worker, EVENT_DEBUG, AREA_MAILDIR, "%s holds %zu "
		"messages%s", md->path, out->len, out->complete ? "" :
		", and changed while it was listed");
	*info = (struct folder_info){.uidvalidity = MAILDIR_VALIDITY,
		.exists = (uint32_t)out->len, .foreign = s.foreign,
		.flags_allowed = UINT32_MAX,
		.readonly = readonly};
	return true;
}

bool maildir_enter(struct store *store, const char *name, bool readonly,
	struct folder_info *info, struct error *err)
{
	struct maildir *md = (struct maildir *)store;

	if (!maildir_open_folder(md, name, err))
		return false;
	md->readonly = readonly;
	maildir_note_atime(md);
	*info = (struct folder_info){.uidvalidity = MAILDIR_VALIDITY};
	return true;
}

/* ---- Finding a file again ---- */

static bool refresh(struct maildir *md, struct error *err)
{
	struct scan s = {.list = &md->again};
	struct maildir_stamp now;
	bool ok;

	if (!take_stamp(md, &now, err))
		return false;
	if (md->again_valid && same_stamp(&now, &md->again_stamp))
		return true;
	ok = scan(md, &s, err);
	str_clear(&s.name);
	/* Only what cannot change without a trace is worth keeping. */
	md->again_valid = ok && md->again.complete && !is_fresh(&s.stamp);
	md->again_stamp = s.stamp;
	return ok;
}

/* How surely a file is the one that is looked for. */
enum likeness { OTHER, SAME_MESSAGE, SAME_UID, SAME_BASE };

static enum likeness compare(const struct msg *m, const char *name,
	const struct maildir_wanted *w)
{
	const char *file = maildir_file_of(w->name);
	const char *other = maildir_file_of(name);

	if (maildir_name_same_base(file, other))
		return SAME_BASE;
	if (m->uid == 0 || !maildir_name_same_message(file, other))
		return OTHER;
	return m->uid == w->uid ? SAME_UID : SAME_MESSAGE;
}

bool maildir_find_again(struct maildir *md, const struct maildir_wanted *w,
	struct str *found, struct error *err)
{
	enum likeness best = w->adopted ? OTHER : SAME_MESSAGE;
	struct str buf = {0};

	str_reset(found);
	if (!refresh(md, err))
		return false;
	for (size_t i = 0; i < md->again.len; i++) {
		const struct msg *m = &md->again.at[i];
		const char *name = msglist_name(&md->again, m, &buf);
		enum likeness now = compare(m, name, w);

		if (now <= best)
			continue;
		best = now;
		str_set(found, name);
	}
	str_clear(&buf);
	return found->len > 0 || md->again.complete ||
		maildir_unsettled(md, w->name, err);
}

bool maildir_unsettled(const struct maildir *md, const char *name,
	struct error *err)
{
	return error_set(err, ERROR_MESSAGE, ERROR_OTHER, "%s/%s: another "
		"program renames files there faster than they can be followed; "
		"the next run looks again", md->path, name);
}
