#include "config.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/worker.h"
#include "sync/folder.h"
#include "sync/legacy.h"
#include "sync/state.h"
#include "sync/tree.h"

char *folder_state_path(const struct folder_job *job)
{
	return file_join(job->state_dir, job->pair->state_base);
}

char *folder_legacy_path(const struct folder_job *job)
{
	return job->legacy_dir ? file_join(job->legacy_dir,
		job->pair->state_base) : NULL;
}

/* With an empty database nothing is taken over later. */
static bool forget_legacy(const struct folder_job *job, const char *path,
	struct worker *w, struct error *err)
{
	char *legacy = folder_legacy_path(job);
	struct state *state = NULL;
	bool ok = true;

	if (legacy && file_exists(legacy)) {
		ok = file_mkdirs(job->state_dir, err);
		if (ok)
			state = state_open(path, STATE_FSYNC, w, err);
		ok = state != NULL;
		state_close(state);
	}
	free(legacy);
	return ok;
}

bool folder_forget(const struct folder_job *job, struct error *err)
{
	struct worker nobody = {0};
	struct worker *w = job->local ? job->local->worker : &nobody;
	char *path = folder_state_path(job);
	bool ok = state_reset(path, w, err) &&
		forget_legacy(job, path, w, err);

	free(path);
	return ok;
}

static bool is_journal(const char *name)
{
	static const char end[] = "-journal";
	size_t len = strlen(name);

	return len >= sizeof(end) &&
		strcmp(name + len - (sizeof(end) - 1), end) == 0;
}

bool folder_any_state(const char *state_dir)
{
	DIR *dir = opendir(state_dir);
	const struct dirent *entry;
	bool any = false;

	while (dir && !any && (entry = readdir(dir))) {
		char *path = file_join(state_dir, entry->d_name);

		any = !is_journal(entry->d_name) && !file_is_dir(path) &&
			state_has_rows(path);
		free(path);
	}
	if (dir)
		closedir(dir);
	return any;
}

static bool is_legacy_state(const char *state_dir, const char *legacy_dir,
	const char *name)
{
	char *path = file_join(legacy_dir, name);
	char *newer = file_join(state_dir, name);
	struct vec rows = VEC(struct legacy_row);
	struct error ignored = {0};
	bool is = !file_is_dir(path) && !file_exists(newer) &&
		legacy_read(path, &rows, &ignored) && rows.len > 0;

	legacy_clear(&rows);
	free(newer);
	free(path);
	return is;
}

bool folder_any_legacy(const char *state_dir, const char *legacy_dir)
{
	DIR *dir = opendir(legacy_dir);
	const struct dirent *entry;
	bool any = false;

	while (dir && !any && (entry = readdir(dir)))
		any = is_legacy_state(state_dir, legacy_dir, entry->d_name);
	if (dir)
		closedir(dir);
	return any;
}
