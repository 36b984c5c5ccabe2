#include "config.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/worker.h"
#include "mail/header_date.h"
#include "mail/maildir.h"

/* ---- When directories were read ---- */

/* Mail readers tell from it whether the user has looked at a folder since mail
 * came.  A folder is listed more than once in a run: the first time counts. */
void maildir_note_atime(struct maildir *md)
{
	struct stat st;

	if (!md->restoreatime || md->atime_known)
		return;
	for (unsigned i = 0; i < MAILDIR_VISIBLE; i++) {
		if (fstat(md->dir[i], &st) != 0)
			return;
		md->atime[i] = st.st_atim;
	}
	md->atime_known = true;
}

void maildir_leave(struct store *store)
{
	struct maildir *md = (struct maildir *)store;

	for (unsigned i = 0; md->path && md->atime_known &&
		i < MAILDIR_VISIBLE; i++) {
		const struct timespec times[2] = {md->atime[i],
			{.tv_nsec = UTIME_OMIT}};
		struct error problem = {0};

		if (futimens(md->dir[i], times) == 0)
			continue;
		error_set_errno(&problem, ERROR_FOLDER, ERROR_OTHER, errno,
			"cannot put the access time of %s/%s back", md->path,
			maildir_dir_name(i));
		worker_log(store->worker, EVENT_DEBUG, AREA_MAILDIR, "%s",
			problem.text);
	}
	md->atime_known = false;
}

/* ---- When messages were written ---- */

bool maildir_wants_date(const struct maildir *md)
{
	return md->date_names || md->date_files;
}

static void warn(struct maildir *md, uint32_t uid, struct span date)
{
	worker_log(md->store.worker, EVENT_WARNING, AREA_MAILDIR,
		"%s, UID %lu: the date of the message (%.*s) cannot be that of "
		"its file", md->path, (unsigned long)uid,
		date.len > 80 ? 80 : (int)date.len, date.data);
}

static void date_file(struct maildir *md, uint32_t uid, struct span header)
{
	struct span value;
	int64_t time;

	/* A message without one is nothing to warn about. */
	if (!header_find(header, "Date", &value))
		return;
	value = span_trim(value);
	if (!header_date(value, &time) || futimens(md->in.fd,
		(const struct timespec[2]){{.tv_sec = time},
			{.tv_sec = time}}) != 0)
		warn(md, uid, value);
}

void maildir_date_incoming(struct maildir *md, uint32_t uid,
	int64_t *name_time)
{
	struct span header = span_str(&md->in.header.text), value;

	*name_time = 0;
	if (md->date_names && (!header_find(header, "Date", &value) ||
		!header_date(value, name_time)) &&
		(!header_find(header, "Delivery-date", &value) ||
		!header_date(value, name_time)))
		*name_time = 0;
	if (md->date_files)
		date_file(md, uid, header);
	header_text_clear(&md->in.header);
}
