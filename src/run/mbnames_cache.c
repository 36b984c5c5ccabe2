#include "config.h"

#include "run/mbnames_cache.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/file.h"
#include "conf/conf.h"
#include "mem.h"
#include "str.h"

#define SUFFIX ".json"
#define CACHE_MAX ((size_t)64 * 1024 * 1024)

void mbnames_item_add(struct vec *items, const char *account,
	const char *folder, const char *localfolders)
{
	struct mbnames_item *item = vec_add(items);

	item->account = mem_strdup(account);
	item->folder = mem_strdup(folder);
	if (localfolders != NULL)
		item->localfolders = mem_strdup(localfolders);
}

void mbnames_items_clear(struct vec *items)
{
	for (size_t i = 0; i < items->len; i++) {
		struct mbnames_item *item = vec_at(items, i);

		free(item->account);
		free(item->folder);
		free(item->localfolders);
	}
	vec_clear(items);
}

char *mbnames_cache_dir(const struct conf *conf)
{
	return file_join(conf->metadata, "mbnames");
}

char *mbnames_cache_path(const struct conf *conf, const char *account)
{
	char *dir = mbnames_cache_dir(conf);
	char *path = mem_printf("%s/%s" SUFFIX, dir, account);

	free(dir);
	return path;
}

/* ---- the directory ---- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_account(struct vec *accounts, const char *file)
{
	size_t len = strlen(file), tail = strlen(SUFFIX);

	if (len > tail && strcmp(file + len - tail, SUFFIX) == 0)
		*(char **)vec_add(accounts) = mem_strndup(file, len - tail);
}

static bool read_all(DIR *dir, struct vec *accounts)
{
	struct dirent *entry;

	while ((errno = 0, entry = readdir(dir)) != NULL)
		add_account(accounts, entry->d_name);
	return errno == 0;
}

bool mbnames_cache_accounts(const struct conf *conf, struct vec *accounts,
	struct error *err)
{
	char *path = mbnames_cache_dir(conf);
	DIR *dir = opendir(path);
	bool good = dir != NULL ? read_all(dir, accounts) : errno == ENOENT;

	if (!good)
		error_set_errno(err, ERROR_ACCOUNT, ERROR_OTHER, errno,
			"cannot read %s", path);
	if (dir != NULL)
		closedir(dir);
	if (accounts->len > 0)
		qsort(accounts->data, accounts->len, sizeof(char *), by_text);
	free(path);
	return good;
}

/* ---- reading ---- */

/* What is not as it was written is left out as a whole: half a list would
 * look like a whole one. */
static bool take_item(const json_t *value, struct vec *items)
{
	const char *account = json_string_value(
		json_object_get(value, "accountname"));
	const char *folder = json_string_value(
		json_object_get(value, "foldername"));
	const json_t *root = json_object_get(value, "localfolders");

	if (account == NULL || folder == NULL ||
		(!json_is_null(root) && !json_is_string(root)))
		return false;
	mbnames_item_add(items, account, folder, json_string_value(root));
	return true;
}

static bool take_items(const json_t *list, struct vec *items)
{
	if (!json_is_array(list))
		return false;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!take_item(json_array_get(list, i), items))
			return false;
	return true;
}

static void move_items(struct vec *to, struct vec *from)
{
	for (size_t i = 0; i < from->len; i++)
		*(struct mbnames_item *)vec_add(to) =
			*(struct mbnames_item *)vec_at(from, i);
	vec_clear(from);
}

static bool parse(const struct str *text, struct vec *items, struct error *err)
{
	struct vec found = VEC(struct mbnames_item);
	json_error_t why;
	json_t *list = json_loadb(str_get(text), text->len,
		0, &why);
	bool good = list != NULL && take_items(list, &found);

	if (list == NULL)
		error_set(err, ERROR_ACCOUNT, ERROR_OTHER, "%s", why.text);
	else if (!good)
		error_set(err, ERROR_ACCOUNT, ERROR_OTHER,
			"it is no list of folders");
	if (good)
		move_items(items, &found);
	mbnames_items_clear(&found);
	json_decref(list);
	return good;
}

bool mbnames_cache_read(const struct conf *conf, const char *account,
	struct vec *items, struct error *err)
{
	char *path = mbnames_cache_path(conf, account);
	struct str text = {0};
	bool good = true;

	if (file_exists(path))
		good = file_read(path, CACHE_MAX, &text, err) &&
			(parse(&text, items, err) ||
				error_add(err, "%s", path));
	if (!good)
		error_raise(err, ERROR_ACCOUNT);
	str_clear(&text);
	free(path);
	return good;
}

/* ---- writing ---- */

static json_t *make_item(const struct mbnames_item *item)
{
	json_t *value = json_object();

	if (value == NULL || json_object_set_new(value, "accountname",
		json_string(item->account)) != 0 ||
		json_object_set_new(value, "foldername",
			json_string(item->folder)) != 0 ||
		json_object_set_new(value, "localfolders",
			item->localfolders != NULL ?
			json_string(item->localfolders) : json_null()) != 0)
		mem_die("writing JSON");
	return value;
}

/* Python writes the digits of \uXXXX small. */
static void lower_escapes(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text != '\\' || *++text != 'u')
			continue;
		for (int i = 1; i <= 4; i++)
			text[i] = ascii_lower(text[i]);
	}
}

static char *make_text(const struct vec *items)
{
	json_t *list = json_array();
	char *text;

	for (size_t i = 0; i < items->len; i++)
		if (json_array_append_new(list,
			make_item(vec_at(items, i))) != 0)
			mem_die("writing JSON");
	text = json_dumps(list, JSON_ENSURE_ASCII);
	if (text == NULL)
		mem_die("writing JSON");
	lower_escapes(text);
	json_decref(list);
	return text;
}

static bool holds(const char *path, const char *text)
{
	struct error ignored = {0};
	struct str now = {0};
	bool same = file_exists(path) &&
		file_read(path, CACHE_MAX, &now, &ignored) &&
		span_is(span_str(&now), text);

	str_clear(&now);
	return same;
}

bool mbnames_cache_write(const struct conf *conf, const char *account,
	const struct vec *items, struct error *err)
{
	char *dir = mbnames_cache_dir(conf);
	char *path = mbnames_cache_path(conf, account);
	char *text = make_text(items);
	bool good = file_mkdirs(dir, err) && (holds(path, text) ||
		file_write(path, span_of(text), conf->fsync, err));

	if (!good)
		error_raise(err, ERROR_ACCOUNT);
	free(text);
	free(path);
	free(dir);
	return good;
}
