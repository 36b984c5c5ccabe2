#include "config.h"

#include "run/mbnames.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lock.h"
#include "base/thread.h"
#include "base/worker.h"
#include "conf/conf.h"
#include "conf/peritem.h"
#include "conf/python.h"
#include "mem.h"
#include "run/mbnames_cache.h"
#include "str.h"

#define LIST_MAX ((size_t)64 * 1024 * 1024)
/* The list is written in no time, but a sort_keyfunc may take its own. */
#define LOCK_TRIES 600
#define LOCK_WAIT_MS 100

static void say_would(const struct mbnames *m, const char *path)
{
	worker_log(m->w, EVENT_INFO, AREA_GENERAL, "mbnames would write %s",
		path);
}

/* Views of the items for Python; the texts are lent. */
static struct python_item *python_items(const struct vec *items)
{
	struct python_item *out = mem_calloc(items->len + 1, sizeof(*out));

	for (size_t i = 0; i < items->len; i++) {
		const struct mbnames_item *item = vec_at(items, i);

		out[i] = (struct python_item){item->account, item->folder,
			item->localfolders};
	}
	return out;
}

/* ---- what an account leaves ---- */

/* JSON holds UTF-8 only, and so do the programs that read the list. */
static void collect(const struct mbnames *m,
	const struct conf_account *account, const struct vec *folders,
	struct vec *out)
{
	for (size_t i = 0; i < folders->len; i++) {
		const char *name = *(char **)vec_at(folders, i);

		if (python_name_fits(name))
			mbnames_item_add(out, account->name, name,
				account->local->localfolders);
		else
			worker_log(m->w, EVENT_WARNING, AREA_GENERAL,
				"folder %s is left out of the mailbox list: "
				"its name is not UTF-8", name);
	}
}

static void keep_wanted(struct vec *items, const bool *wanted)
{
	struct vec kept = VEC(struct mbnames_item);
	struct vec others = VEC(struct mbnames_item);

	for (size_t i = 0; i < items->len; i++)
		*(struct mbnames_item *)vec_add(wanted[i] ? &kept : &others) =
			*(struct mbnames_item *)vec_at(items, i);
	vec_clear(items);
	mbnames_items_clear(&others);
	*items = kept;
}

static bool filter(const struct mbnames *m, struct vec *items,
	struct error *err)
{
	const struct conf_rule *rule = &m->conf->mbnames.folderfilter;
	struct python_item *asked;
	struct python *python;
	bool *wanted, good;

	if (rule->text == NULL || items->len == 0)
		return true;
	asked = python_items(items);
	wanted = mem_calloc(items->len, sizeof(*wanted));
	python = python_new(m->conf->pythonfile, m->w);
	good = python_item_filter(python, rule, asked, items->len, wanted,
		err);
	if (good)
		keep_wanted(items, wanted);
	python_free(python);
	free(wanted);
	free(asked);
	return good;
}

static bool is_in(const struct vec *items, const char *folder)
{
	for (size_t i = 0; i < items->len; i++)
		if (strcmp(((struct mbnames_item *)vec_at(items, i))->folder,
			folder) == 0)
			return true;
	return false;
}

/* Those that were known before and are not among the new ones.  A file that
 * cannot be read is replaced by what is known now. */
static void add_known(const struct mbnames *m, const char *account,
	struct vec *items)
{
	struct vec known = VEC(struct mbnames_item);
	struct error err = {0};

	if (!mbnames_cache_read(m->conf, account, &known, &err))
		worker_error(m->w, &err, 0);
	for (size_t i = 0; i < known.len; i++) {
		const struct mbnames_item *item = vec_at(&known, i);

		if (!is_in(items, item->folder))
			mbnames_item_add(items, item->account, item->folder,
				item->localfolders);
	}
	mbnames_items_clear(&known);
}

static void say_would_cache(const struct mbnames *m, const char *account)
{
	char *path = mbnames_cache_path(m->conf, account);

	say_would(m, path);
	free(path);
}

bool mbnames_account(const struct mbnames *m,
	const struct conf_account *account, const struct vec *folders,
	bool some, struct error *err)
{
	struct vec items = VEC(struct mbnames_item);
	bool good = true;

	if (!m->conf->mbnames.enabled)
		return true;
	if (m->dry_run) {
		say_would_cache(m, account->name);
	} else {
		collect(m, account, folders, &items);
		good = filter(m, &items, err);
		if (good && some)
			add_known(m, account->name, &items);
		good = good && mbnames_cache_write(m->conf, account->name,
			&items, err);
		mbnames_items_clear(&items);
	}
	if (good && m->conf->mbnames.incremental)
		return mbnames_write(m, err);
	return good || error_add(err, "writing the mailbox list");
}

/* ---- the list ---- */

/* The whole text in the making. */
struct list {
	const struct mbnames *m;
	struct python *python;
	struct vec items; /* of struct mbnames_item */
	bool known;       /* some account has left a file */
	struct str text;
};

/* False: *err is about files that could not be read; the others are there. */
static bool read_items(struct list *list, struct error *err)
{
	struct vec accounts = VEC(char *);
	bool good = mbnames_cache_accounts(list->m->conf, &accounts, err);

	for (size_t i = 0; i < accounts.len; i++) {
		const char *account = *(char **)vec_at(&accounts, i);
		struct error problem = {0};

		list->known = true;
		if (mbnames_cache_read(list->m->conf, account, &list->items,
			&problem))
			continue;
		*err = problem;
		good = false;
	}
	vec_clear_pointers(&accounts);
	return good;
}

static int by_name(const void *a, const void *b)
{
	const struct mbnames_item *one = a, *other = b;
	int order = strcmp(one->account, other->account);

	return order != 0 ? order : strcmp(one->folder, other->folder);
}

static void take_order(struct vec *items, const size_t *order)
{
	struct vec sorted = VEC(struct mbnames_item);

	for (size_t i = 0; i < items->len; i++)
		*(struct mbnames_item *)vec_add(&sorted) =
			*(struct mbnames_item *)vec_at(items, order[i]);
	vec_clear(items);
	*items = sorted;
}

static bool sort(struct list *list, struct error *err)
{
	const struct conf_rule *rule = &list->m->conf->mbnames.sort_keyfunc;
	struct python_item *asked;
	size_t *order;
	bool good;

	if (list->items.len == 0)
		return true;
	qsort(list->items.data, list->items.len, sizeof(struct mbnames_item),
		by_name);
	if (rule->text == NULL)
		return true;
	asked = python_items(&list->items);
	order = mem_calloc(list->items.len, sizeof(*order));
	good = python_item_sort(list->python, rule, asked, list->items.len,
		order, err);
	if (good)
		take_order(&list->items, order);
	free(order);
	free(asked);
	return good;
}

static bool add_text(struct list *list, const struct conf_rule *rule,
	struct str *out, struct error *err)
{
	struct str value = {0};
	bool none = false;
	bool good = python_text(list->python, rule, false, &value, &none, err);

	if (good && none)
		good = error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
			"%s: None is no text", rule->where);
	if (good)
		str_add_span(out, span_str(&value));
	str_clear(&value);
	return good;
}

static bool add_items(struct list *list, const char *sep, struct error *err)
{
	bool first = true;

	for (size_t i = 0; i < list->items.len; i++) {
		const struct mbnames_item *item = vec_at(&list->items, i);
		const struct peritem values = {item->account, item->folder,
			item->localfolders};
		struct str one = {0};

		if (peritem_format(list->m->conf->mbnames.peritem, &values,
			&one, err)) {
			str_add(&list->text, first ? "" : sep);
			str_add(&list->text, str_get(&one));
			first = false;
		} else if (err->kind == ERROR_CONFIG) {
			return false;
		} else {
			worker_log(list->m->w, EVENT_WARNING, AREA_GENERAL,
				"%s", err->text);
			error_clear(err);
		}
		str_clear(&one);
	}
	return true;
}

static bool make_text(struct list *list, struct error *err)
{
	const struct conf_mbnames *conf = &list->m->conf->mbnames;
	struct str sep = {0};
	bool good = sort(list, err) &&
		add_text(list, &conf->header, &list->text, err) &&
		add_text(list, &conf->sep, &sep, err) &&
		add_items(list, str_get(&sep), err) &&
		add_text(list, &conf->footer, &list->text, err);

	str_clear(&sep);
	return good;
}

static bool is_same(const char *path, const struct str *text)
{
	struct error ignored = {0};
	struct str now = {0};
	bool same = file_read(path, LIST_MAX, &now, &ignored) &&
		span_equal(span_str(&now), span_str(text));

	str_clear(&now);
	return same;
}

static bool check_parent(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char *parent;
	bool good;

	if (slash == NULL || slash == path)
		return true;
	parent = mem_strndup(path, (size_t)(slash - path));
	good = file_is_dir(parent) || error_set(err, ERROR_ACCOUNT,
		ERROR_CONFIG, "[mbnames] filename: there is no directory %s",
		parent);
	free(parent);
	return good;
}

/* What is there keeps its permissions. */
static bool replace(const char *path, const struct str *text, bool sync,
	struct error *err)
{
	struct stat st;
	bool is_there = stat(path, &st) == 0;

	if (is_there && !S_ISREG(st.st_mode))
		return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
			"%s is no file", path);
	if (is_there && is_same(path, text))
		return true;
	if (!check_parent(path, err))
		return false;
	if (!file_write(path, span_str(text), sync, err))
		return error_raise(err, ERROR_ACCOUNT);
	return !is_there || chmod(path, st.st_mode & 07777) == 0 ||
		error_set_errno(err, ERROR_ACCOUNT, ERROR_OTHER, errno,
			"cannot set the permissions of %s", path);
}

/* Through a link, which stays one. */
static bool put(const struct list *list, struct error *err)
{
	const struct conf *conf = list->m->conf;
	const char *path = conf->mbnames.filename;
	char *target = realpath(path, NULL);
	bool good = replace(target != NULL ? target : path, &list->text,
		conf->fsync, err);

	free(target);
	return good;
}

static bool write_locked(struct list *list, struct error *err)
{
	struct error unread = {0};
	bool complete = read_items(list, &unread);

	if (list->known && (!make_text(list, err) || !put(list, err)))
		return false;
	if (!complete)
		*err = unread;
	return complete;
}

/* Another thread or process may be writing the list just now. */
static struct lock *lock_list(const struct mbnames *m, struct error *err)
{
	char *dir = mbnames_cache_dir(m->conf);
	char *path = file_join(dir, "lock");
	struct pollfd fd = {.fd = m->w->stop != NULL ? stop_fd(m->w->stop) :
		-1, .events = POLLIN};
	struct lock *lock = NULL;
	bool again = file_mkdirs(dir, err);

	for (int i = 0; again && i < LOCK_TRIES; i++) {
		if (i > 0)
			poll(&fd, 1, LOCK_WAIT_MS);
		lock = lock_open(path, err);
		again = lock == NULL && err->kind == ERROR_LOCKED &&
			!worker_stopped(m->w);
	}
	free(path);
	free(dir);
	return lock;
}

bool mbnames_write(const struct mbnames *m, struct error *err)
{
	struct list list = {.m = m, .items = VEC(struct mbnames_item)};
	struct lock *lock;
	bool good;

	if (!m->conf->mbnames.enabled)
		return true;
	if (m->dry_run) {
		say_would(m, m->conf->mbnames.filename);
		return true;
	}
	lock = lock_list(m, err);
	list.python = python_new(m->conf->pythonfile, m->w);
	good = lock != NULL && write_locked(&list, err);
	lock_close(lock);
	python_free(list.python);
	mbnames_items_clear(&list.items);
	str_clear(&list.text);
	return good || error_add(err, "writing the mailbox list");
}

/* ---- accounts that are gone ---- */

static bool is_named(const struct conf *conf, const char *account)
{
	for (const char *const *a = conf->accounts; a != NULL && *a != NULL;
		a++)
		if (strcmp(*a, account) == 0)
			return true;
	return false;
}

static bool forget(const struct mbnames *m, const char *account,
	struct error *err)
{
	char *path = mbnames_cache_path(m->conf, account);
	bool good = true;

	if (m->dry_run)
		worker_log(m->w, EVENT_INFO, AREA_GENERAL,
			"mbnames would remove %s", path);
	else if (unlink(path) == 0)
		worker_log(m->w, EVENT_INFO, AREA_GENERAL, "removed %s", path);
	else
		good = error_set_errno(err, ERROR_ACCOUNT, ERROR_OTHER, errno,
			"cannot remove %s", path);
	free(path);
	return good;
}

bool mbnames_prune(const struct mbnames *m, struct error *err)
{
	struct vec accounts = VEC(char *);
	bool good = mbnames_cache_accounts(m->conf, &accounts, err);
	bool found = false;

	for (size_t i = 0; good && i < accounts.len; i++) {
		const char *account = *(char **)vec_at(&accounts, i);

		if (m->conf->mbnames.enabled && is_named(m->conf, account))
			continue;
		found = true;
		good = forget(m, account, err);
	}
	vec_clear_pointers(&accounts);
	if (good && !found)
		worker_log(m->w, EVENT_INFO, AREA_GENERAL,
			"no cache file to remove");
	if (!good || m->conf->mbnames.incremental)
		return good;
	return mbnames_write(m, err);
}
