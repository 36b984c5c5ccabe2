#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/worker.h"
#include "imap/flag.h"
#include "mail/maildir.h"
#include "mail/maildir_name.h"
#include "mem.h"

/* Who is told knows nothing of our working directory. */
static char *absolute(const struct maildir *md, const char *name)
{
	char here[PATH_MAX];

	if (md->path[0] == '/' || !getcwd(here, sizeof(here)))
		return mem_printf("%s/%s", md->path, name);
	return mem_printf("%s/%s/%s", here, md->path, name);
}

static void tell(struct maildir *md, enum event_file_change change,
	const char *name, const char *old_path)
{
	struct maildir_name parts;
	struct str flags = {0};
	char *path;

	maildir_name_parse(maildir_file_of(name), &md->naming, &parts);
	flag_letters(parts.flags, &flags);
	path = absolute(md, name);
	worker_emit(md->store.worker, &(struct event){.kind = EVENT_FILE,
		.u.file = {change, path, old_path, parts.uid,
			str_get(&flags)}});
	free(path);
	str_clear(&flags);
}

void maildir_tell(struct maildir *md, enum event_file_change change,
	const char *name, const char *before)
{
	char *old_path;

	if (!md->store.worker->files)
		return;
	old_path = before ? absolute(md, before) : NULL;
	tell(md, change, name, old_path);
	free(old_path);
}

void maildir_tell_brought(struct maildir *md, const char *name,
	const struct maildir *from, const char *before)
{
	char *old_path;

	if (!md->store.worker->files)
		return;
	old_path = absolute(from, before);
	tell(md, FILE_MOVED, name, old_path);
	free(old_path);
}
