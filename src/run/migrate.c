#include "config.h"

#include "run/migrate.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "base/worker.h"
#include "conf/conf.h"
#include "mail/msg.h"
#include "mail/store.h"
#include "mem.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "run/rules.h"
#include "str.h"

struct migrate {
	struct worker *w;
	struct store *store;
	bool dry_run;
	uint64_t done, failed; /* files */
	uint64_t kept;         /* their UID is another's */
};

/* Both readings of one folder: a file has a UID in that whose name its FMD5=
 * is made from. */
struct readings {
	const char *name;
	struct msglist before, after;
};

static bool load(struct migrate *m, const char *name, const char *visible,
	bool readonly, struct msglist *out, struct error *err)
{
	struct folder_info info;

	m->store->visible = visible;
	return m->store->ops->load(m->store, name, readonly, &info, out, err);
}

static int by_file(const void *key, const void *other)
{
	return strcmp(*(const char *const *)key, *(const char *const *)other);
}

/* The names without a UID in the second reading, malloc'd, sorted. */
static void collect_new(const struct msglist *list, struct vec *files)
{
	for (size_t i = 0; i < list->len && list->at[i].uid == 0; i++)
		*(char **)vec_add(files) = msglist_name_dup(list,
			&list->at[i]);
	if (files->len > 0)
		qsort(files->data, files->len, sizeof(char *), by_file);
}

/* One file that cannot be renamed costs that one. */
static bool go_on(struct migrate *m, struct error *err)
{
	if (err->severity > ERROR_MESSAGE)
		return false;
	worker_error(m->w, err, 0);
	error_clear(err);
	m->failed++;
	return true;
}

static bool rename_one(struct migrate *m, const struct readings *r,
	const struct msg *old, const char *file, struct error *err)
{
	if (msglist_find(&r->after, old->uid) != NULL) {
		worker_log(m->w, EVENT_WARNING, AREA_MAILDIR, "%s: %s keeps "
			"its FMD5=: another file has its U=", r->name, file);
		m->kept++;
		return true;
	}
	if (m->dry_run)
		worker_log(m->w, EVENT_INFO, AREA_MAILDIR,
			"[DRYRUN] would migrate %s in folder %s", file,
			r->name);
	/* As in the first reading, but for the folder's name. */
	else if (!m->store->ops->adopt(m->store, &r->before, old, old->uid,
		err))
		return go_on(m, err);
	m->done++;
	return true;
}

static bool rename_all(struct migrate *m, const struct readings *r,
	struct error *err)
{
	struct vec files = VEC(char *);
	struct str name = {0};
	bool good = true;

	collect_new(&r->after, &files);
	for (size_t i = 0; good && i < r->before.len; i++) {
		const struct msg *old = &r->before.at[i];
		const char *file = msglist_name(&r->before, old, &name);

		if (old->uid != 0 && files.len > 0 && bsearch(&file,
			files.data, files.len, sizeof(char *), by_file))
			good = rename_one(m, r, old, file, err);
	}
	vec_clear_pointers(&files);
	str_clear(&name);
	if (m->dry_run || !good)
		return good;
	return m->store->ops->incoming_commit(m->store, err);
}

static bool migrate_folder(struct migrate *m, const char *name,
	const char *visible, struct error *err)
{
	struct readings r = {.name = name};
	bool good = load(m, name, name, true, &r.before, err) &&
		load(m, name, visible, m->dry_run, &r.after, err) &&
		rename_all(m, &r, err);

	m->store->visible = NULL;
	msglist_clear(&r.before);
	msglist_clear(&r.after);
	return good || error_add(err, "folder %s", name);
}

/* A name that becomes the separator is an empty one (compat 4.2). */
static bool migrate_folders(struct migrate *m, const char *const *names,
	char *const *visible, size_t len, struct error *err)
{
	char separator = m->store->ops->separator(m->store);

	for (size_t i = 0; i < len; i++) {
		char *to = visible[i];

		if (to != NULL && to[0] == separator && to[1] == '\0')
			to[0] = '\0';
		if (to != NULL && strcmp(names[i], to) != 0 &&
			!migrate_folder(m, names[i], to, err))
			return false;
	}
	return true;
}

static bool migrate_all(struct migrate *m, const struct rules *rules,
	const struct vec *folders, struct error *err)
{
	size_t len = folders->len;
	const char **names = mem_calloc(len + 1, sizeof(*names));
	char **visible = mem_calloc(len + 1, sizeof(*visible));
	bool good;

	for (size_t i = 0; i < len; i++)
		names[i] = ((struct folder *)vec_at(folders, i))->name;
	good = rules_translate(rules, names, len, visible, err) &&
		migrate_folders(m, names, visible, len, err);
	for (size_t i = 0; i < len; i++)
		free(visible[i]);
	free(visible);
	free(names);
	return good;
}

static bool migrate_store(struct migrate *m, const struct connector *c,
	struct error *err)
{
	struct vec folders = VEC(struct folder);
	struct rules rules;
	bool good = rules_init(&rules, c->account->local, c->python, false,
		err) && m->store->ops->list(m->store, &folders, err) &&
		migrate_all(m, &rules, &folders, err);

	rules_clear(&rules);
	store_folders_clear(&folders);
	return good;
}

static void tell(const struct migrate *m)
{
	worker_log(m->w, EVENT_INFO, AREA_GENERAL, "%s%llu files migrated, "
		"%llu left as they are", m->dry_run ? "[DRYRUN] " : "",
		(unsigned long long)m->done, (unsigned long long)m->kept);
}

bool migrate_run(struct connector *c, struct worker *w, struct error *err)
{
	struct migrate m = {.w = w,
		.dry_run = engine_options(c->engine)->dry_run};
	bool good;

	if (connector_is_server(c, CONNECTOR_LOCAL)) {
		worker_log(w, EVENT_INFO, AREA_GENERAL, "account %s has no "
			"Maildir: nothing to migrate", c->account->name);
		return true;
	}
	m.store = connector_store(c, CONNECTOR_LOCAL, w, err);
	if (m.store == NULL)
		return false;
	good = migrate_store(&m, c, err);
	store_close(m.store);
	tell(&m);
	if (!good || m.failed == 0)
		return good;
	return error_set(err, ERROR_ACCOUNT, ERROR_OTHER, "%llu files could "
		"not be migrated", (unsigned long long)m.failed);
}
