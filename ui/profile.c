#include "config.h"

#include "profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "clean.h"
#include "event.h"
#include "mem.h"

/* A file of that name is there: so many seconds later there is none. */
#define NAME_TRIES 1000

enum part {
	PART_CONNECTING,
	PART_LISTING,
	PART_LOADING,
	PART_MATCHING,
	PART_COPYING,
	PART_FLAGS,
	PART_DELETING,
	PART_HOOKS,
	PART_WAITING,
	PART_OTHER,
	PART_COUNT
};

static const char *const part_names[PART_COUNT] = {
	[PART_CONNECTING] = "connecting",
	[PART_LISTING] = "listing folders",
	[PART_LOADING] = "loading message lists",
	[PART_MATCHING] = "matching",
	[PART_COPYING] = "copying messages",
	[PART_FLAGS] = "setting flags",
	[PART_DELETING] = "deleting messages",
	[PART_HOOKS] = "hooks",
	[PART_WAITING] = "waiting",
	[PART_OTHER] = "other",
};

static const enum part of_phase[] = {
	[PHASE_WAITING] = PART_WAITING,
	[PHASE_CONNECTING] = PART_CONNECTING,
	[PHASE_LISTING] = PART_LISTING,
	[PHASE_LOADING] = PART_LOADING,
	[PHASE_COPYING] = PART_COPYING,
	[PHASE_FLAGS] = PART_FLAGS,
	[PHASE_DELETING] = PART_DELETING,
	[PHASE_MATCHING] = PART_MATCHING,
};

struct folder {
	char *name;
	int64_t ms, copying_ms;
	uint64_t listed;  /* messages of the longer list */
	uint64_t copied, deleted, flagged, bytes;
};

struct account {
	char *name;
	int64_t start_ms, last_ms, end_ms;
	int64_t part_ms[PART_COUNT];
	enum part now;
	bool running; /* between ACCOUNT_START and ACCOUNT_END */
	unsigned rounds;
	struct folder *folder;
	size_t folder_count;
	size_t open; /* the folder at work; folder_count: none */
};

struct profile {
	const char *dir;
	struct account *account;
	size_t account_count;
};

struct profile *profile_open(const char *dir, bool *was_there,
	struct error *err)
{
	struct profile *profile;
	struct stat st;

	*was_there = false;
	if (mkdir(dir, 0777) != 0) {
		int problem = errno;

		*was_there = stat(dir, &st) == 0 && S_ISDIR(st.st_mode);
		if (!*was_there) {
			error_set_errno(err, ERROR_FATAL, ERROR_CONFIG,
				problem, "-P: cannot make the directory %s",
				dir);
			return NULL;
		}
	}
	profile = mem_calloc(1, sizeof(*profile));
	profile->dir = dir;
	return profile;
}

/* ---- listening ---- */

static struct account *find_account(const struct profile *profile,
	const char *name)
{
	for (size_t i = 0; i < profile->account_count; i++)
		if (strcmp(profile->account[i].name, name) == 0)
			return &profile->account[i];
	return NULL;
}

static struct account *add_account(struct profile *profile,
	const struct event *ev)
{
	struct account *a;

	profile->account = mem_resize(profile->account,
		profile->account_count + 1, sizeof(*profile->account));
	a = &profile->account[profile->account_count++];
	*a = (struct account){
		.name = mem_strdup(ev->account),
		.start_ms = ev->time_ms,
		.last_ms = ev->time_ms,
		.now = PART_OTHER,
	};
	return a;
}

static void open_folder(struct account *a, const char *name)
{
	for (a->open = 0; a->open < a->folder_count; a->open++)
		if (strcmp(a->folder[a->open].name, name) == 0)
			return;
	a->folder = mem_resize(a->folder, a->folder_count + 1,
		sizeof(*a->folder));
	a->folder[a->folder_count++] = (struct folder){
		.name = mem_strdup(name) };
}

/* The clock may have been set back meanwhile. */
static void pass_time(struct account *a, int64_t now_ms)
{
	int64_t ms = now_ms > a->last_ms ? now_ms - a->last_ms : 0;

	a->last_ms = now_ms;
	a->part_ms[a->now] += ms;
	if (a->open >= a->folder_count)
		return;
	a->folder[a->open].ms += ms;
	if (a->now == PART_COPYING)
		a->folder[a->open].copying_ms += ms;
}

/* What the account is at from this event on. */
static enum part part_after(const struct account *a, const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_CONNECTING:
		return PART_CONNECTING;
	case EVENT_FOLDER_CREATE:
		return PART_LISTING;
	case EVENT_LOADING:
		return PART_LOADING;
	case EVENT_LOADED:
	case EVENT_PLAN:
		return PART_MATCHING;
	case EVENT_DIRECTION:
	case EVENT_COPY:
		return PART_COPYING;
	case EVENT_DELETE:
		return PART_DELETING;
	case EVENT_FLAGS:
		return PART_FLAGS;
	case EVENT_HOOK:
		return PART_HOOKS;
	case EVENT_PASSWORD:
	case EVENT_SLEEPING:
	case EVENT_ACCOUNT_END:
		return PART_WAITING;
	case EVENT_PROGRESS:
		return of_phase[ev->u.progress.phase];
	case EVENT_ACCOUNT_START:
	case EVENT_STRUCTURE:
	case EVENT_FOLDER_START:
	case EVENT_FOLDER_END:
		return PART_OTHER;
	case EVENT_LOG:
	case EVENT_THREAD_START:
	case EVENT_THREAD_END:
	case EVENT_FOLDER_FOUND:
	case EVENT_IGNORED:
	case EVENT_FILE:
	case EVENT_HELD:
	case EVENT_VALIDITY:
	case EVENT_ERROR:
	case EVENT_FINISHED:
	case EVENT_KIND_COUNT:
		break;
	}
	return a->now;
}

static void count(struct folder *f, const struct event *ev)
{
	if (ev->kind == EVENT_LOADED && ev->u.list.count > f->listed)
		f->listed = ev->u.list.count;
	if (ev->kind == EVENT_COPY && !ev->u.copy.dry_run)
		f->bytes += ev->u.copy.bytes;
	if (ev->kind != EVENT_FOLDER_END)
		return;
	f->copied += ev->u.end.downloaded + ev->u.end.uploaded;
	f->deleted += ev->u.end.deleted;
	f->flagged += ev->u.end.flagged;
}

void profile_event(struct profile *profile, const struct event *ev)
{
	struct account *a = find_account(profile, ev->account);

	if (ev->kind == EVENT_ACCOUNT_START) {
		if (a == NULL)
			a = add_account(profile, ev);
		a->running = true;
		a->rounds++;
	}
	if (a == NULL || !a->running)
		return;
	pass_time(a, ev->time_ms);
	a->now = part_after(a, ev);
	if (ev->kind == EVENT_FOLDER_START)
		open_folder(a, ev->folder);
	if (a->open < a->folder_count)
		count(&a->folder[a->open], ev);
	if (ev->kind == EVENT_FOLDER_END)
		a->open = a->folder_count;
	if (ev->kind == EVENT_ACCOUNT_END)
		a->running = false;
	a->end_ms = ev->time_ms;
}

/* ---- printing ---- */

/* Milliseconds as seconds, with a point whatever the locale says. */
static void add_seconds(struct str *out, int width, int64_t ms)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld.%03d", (long long)(ms / 1000),
		(int)(ms % 1000));
	str_printf(out, "%*s", width, text);
}

/* a / b with one decimal, "-" when there is nothing to divide by. */
static void add_ratio(struct str *out, int width, uint64_t a, int64_t b)
{
	char text[32] = "-";
	uint64_t tenths;

	if (b > 0) {
		tenths = a * 10 / (uint64_t)b;
		snprintf(text, sizeof(text), "%llu.%u",
			(unsigned long long)(tenths / 10),
			(unsigned)(tenths % 10));
	}
	str_printf(out, "%*s", width, text);
}

static void add_time(struct str *out, bool compact, int64_t time_ms)
{
	char text[64];
	time_t seconds = (time_t)(time_ms / 1000);
	struct tm local;

	if (localtime_r(&seconds, &local) != NULL &&
		strftime(text, sizeof(text), compact ? "%Y%m%d%H%M%S" :
			"%Y-%m-%d %H:%M:%S", &local) > 0)
		str_add(out, text);
}

static int64_t total_ms(const struct account *a)
{
	int64_t sum = 0;

	for (int i = 0; i < PART_COUNT; i++)
		sum += a->part_ms[i];
	return sum;
}

static void print_head(const struct account *a, struct str *out)
{
	str_add(out, "account  ");
	clean_add(out, a->name);
	str_add(out, "\nbegan    ");
	add_time(out, false, a->start_ms);
	str_add(out, "\nended    ");
	add_time(out, false, a->end_ms);
	str_printf(out, "\nrounds   %u\ntotal    ", a->rounds);
	add_seconds(out, 0, total_ms(a));
	str_add(out, " s\n");
}

static void print_parts(const struct account *a, struct str *out)
{
	int64_t total = total_ms(a);

	str_add(out, "\n   seconds       %  phase\n");
	for (int i = 0; i < PART_COUNT; i++) {
		add_seconds(out, 10, a->part_ms[i]);
		add_ratio(out, 8, (uint64_t)a->part_ms[i] * 100, total);
		str_printf(out, "  %s\n", part_names[i]);
	}
}

static int slowest_first(const void *left, const void *right)
{
	const struct folder *a = left, *b = right;

	if (a->ms != b->ms)
		return a->ms < b->ms ? 1 : -1;
	return strcmp(a->name, b->name);
}

static void print_folder(const struct account *a, const struct folder *f,
	struct str *out)
{
	add_seconds(out, 10, f->ms);
	add_ratio(out, 8, (uint64_t)f->ms * 100, total_ms(a));
	str_printf(out, " %8llu %8llu %8llu %8llu %12llu",
		(unsigned long long)f->listed, (unsigned long long)f->copied,
		(unsigned long long)f->deleted,
		(unsigned long long)f->flagged, (unsigned long long)f->bytes);
	add_ratio(out, 10, f->copied * 1000, f->copied > 0 ? f->copying_ms :
		0);
	/* bytes per millisecond are kilobytes per second */
	add_ratio(out, 11, f->bytes, f->bytes > 0 ? f->copying_ms : 0);
	str_add(out, "  ");
	clean_add(out, f->name);
	str_add(out, "\n");
}

static void print_folders(const struct account *a, struct str *out)
{
	size_t size = a->folder_count * sizeof(*a->folder);
	struct folder *sorted = mem_alloc(size + 1);

	if (a->folder_count > 0)
		memcpy(sorted, a->folder, size);
	qsort(sorted, a->folder_count, sizeof(*sorted), slowest_first);
	str_printf(out, "\n   seconds       %%   listed   copied  deleted  "
		"flagged        bytes  copied/s       kB/s  folder\n");
	for (size_t i = 0; i < a->folder_count; i++)
		print_folder(a, &sorted[i], out);
	free(sorted);
}

static void print(const struct account *a, struct str *out)
{
	print_head(a, out);
	print_parts(a, out);
	print_folders(a, out);
}

bool profile_print(const struct profile *profile, const char *account,
	struct str *out)
{
	const struct account *a = find_account(profile, account);

	if (a != NULL)
		print(a, out);
	return a != NULL;
}

/* ---- writing ---- */

/* A file that no other run has written. */
static FILE *create(const struct profile *profile, const struct account *a,
	struct str *path)
{
	FILE *file = NULL;

	errno = EEXIST;
	for (int i = 0; file == NULL && errno == EEXIST && i < NAME_TRIES;
		i++) {
		str_set(path, profile->dir);
		str_add(path, "/");
		add_time(path, true, a->start_ms + i * 1000);
		str_printf(path, "_%s.prof", a->name);
		file = fopen(str_get(path), "wx");
	}
	return file;
}

static bool write_account(const struct profile *profile,
	const struct account *a, struct error *err)
{
	struct str path = { 0 }, text = { 0 };
	FILE *file = create(profile, a, &path);
	bool good = file != NULL;

	print(a, &text);
	if (good)
		good = fputs(str_get(&text), file) >= 0;
	if (file != NULL && fclose(file) != 0)
		good = false;
	if (!good)
		error_set_errno(err, ERROR_FATAL, ERROR_OTHER, errno,
			"cannot write %s", str_get(&path));
	str_clear(&path);
	str_clear(&text);
	return good;
}

static void account_clear(struct account *a)
{
	for (size_t i = 0; i < a->folder_count; i++)
		free(a->folder[i].name);
	free(a->folder);
	free(a->name);
}

bool profile_close(struct profile *profile, struct error *err)
{
	bool good = true;

	if (profile == NULL)
		return true;
	for (size_t i = 0; i < profile->account_count; i++) {
		good = good && write_account(profile, &profile->account[i],
			err);
		account_clear(&profile->account[i]);
	}
	free(profile->account);
	free(profile);
	return good;
}
