#include "config.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "conf/conf.h"
#include "conf/ini.h"
#include "conf/load.h"
#include "conf/names.h"
#include "conf/override.h"
#include "conf/peritem.h"
#include "mem.h"
#include "str.h"

#define FILE_MAX ((size_t)1024 * 1024)

/* What conf_load gives out is the first member. */
struct owner {
	struct conf conf;
	struct arena *arena;
};

/* ---- finding the file ---- */

char *conf_find(const char *given)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	char *base, *path;

	if (given)
		return file_expand_home(given);
	base = xdg && *xdg ? mem_strdup(xdg) : file_expand_home("~/.config");
	path = file_join(base, "offlineimap/config");
	free(base);
	if (file_exists(path))
		return path;
	free(path);
	return file_expand_home("~/.offlineimaprc");
}

/* Who may write the file decides which commands run and where mail goes
 * (D6). */
static void note_writers(const char *path, const struct stat *st,
	struct notes *notes)
{
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		notes_add(notes, "%s: other users may write this file, and so "
			"have commands run as you; chmod go-w it", path);
	if (st->st_uid != 0 && st->st_uid != geteuid())
		notes_add(notes, "%s: this file belongs to another user, who "
			"may have commands run as you", path);
}

static bool check_file(const char *path, struct notes *notes,
	struct error *err)
{
	struct stat st;

	if (stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR))
		return error_set(err, ERROR_FATAL, ERROR_CONFIG,
			"Config file '%s' does not exist; aborting!", path);
	if (stat(path, &st) != 0)
		return error_set_errno(err, ERROR_FATAL, ERROR_CONFIG, errno,
			"%s", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERROR_FATAL, ERROR_CONFIG,
			"%s: the configuration must be a regular file", path);
	note_writers(path, &st, notes);
	return true;
}

static struct ini *read_file(const char *path, struct notes *notes,
	struct error *err)
{
	struct str text = {0};
	struct ini *ini = NULL;

	if (!check_file(path, notes, err))
		return NULL;
	if (file_read(path, FILE_MAX, &text, err)) {
		ini = ini_load(path, span_str(&text), err);
	} else {
		err->severity = ERROR_FATAL;
		err->kind = ERROR_CONFIG;
	}
	str_clear_secret(&text);
	return ini;
}

/* ---- [general] ---- */

static bool is_listed(const char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

static bool fail_no_account(const struct load *load,
	const struct ini_section *general, const char *name,
	struct error *err)
{
	struct str list = {0};

	for (size_t i = 0; i < load->conf->account_count; i++)
		str_printf(&list, "%s%s", i > 0 ? ", " : "",
			load->conf->account[i].name);
	error_set(err, ERROR_FATAL, ERROR_CONFIG,
		"there is no section [Account %s]; accounts are: %s", name,
		list.len > 0 ? str_get(&list) : "none");
	str_clear(&list);
	return load_locate(load, general, "accounts", err);
}

static bool check_account(const struct load *load,
	const struct ini_section *general, const char *name,
	struct error *err)
{
	const char *why = conf_why_not(load->conf, name);

	if (why)
		return error_set(err, ERROR_FATAL, ERROR_CONFIG, "%s", why);
	return conf_account(load->conf, name) ||
		fail_no_account(load, general, name, err);
}

/* An account named twice would wait for its own lock. */
static bool check_accounts(struct load *load,
	const struct ini_section *general, struct error *err)
{
	const char *const *given = load->conf->accounts;
	const char **kept;
	size_t count = 0, total = 0;

	if (!given)
		return load_fail_missing(load, general, "accounts", err);
	while (given[total])
		total++;
	kept = arena_alloc(load->arena, (total + 1) * sizeof(*kept));
	for (size_t i = 0; i < total; i++) {
		if (!load->chosen &&
			!check_account(load, general, given[i], err))
			return false;
		if (is_listed(kept, count, given[i]))
			notes_add(&load->notes, "%s: account %s is listed "
				"twice", ini_path(load->ini), given[i]);
		else
			kept[count++] = given[i];
	}
	load->conf->accounts = kept;
	return true;
}

static bool load_accounts(struct load *load, const struct ini_section *general,
	struct error *err)
{
	load_sides(load);
	return check_accounts(load, general, err);
}

static bool load_general(struct load *load, struct error *err)
{
	const struct ini_section *general = ini_section(load->ini, "general");

	if (!general)
		return error_set(err, ERROR_FATAL, ERROR_CONFIG,
			"%s: there is no section [general]",
			ini_path(load->ini));
	return load_section(load, general, OPTION_GENERAL, 0, load->conf,
		err) && load_accounts(load, general, err);
}

static bool check_peritem(const struct load *load,
	const struct ini_section *mbnames, struct error *err)
{
	return !load->conf->mbnames.enabled ||
		peritem_check(load->conf->mbnames.peritem, err) ||
		load_locate(load, mbnames, "peritem", err);
}

/* As in OfflineIMAP the section must be whole even when it is not enabled. */
static bool load_mbnames(struct load *load, struct error *err)
{
	const struct ini_section *mbnames = ini_section(load->ini, "mbnames");

	return !mbnames || (load_required(load, mbnames, OPTION_MBNAMES, 0,
		err) && load_section(load, mbnames, OPTION_MBNAMES, 0,
		load->conf, err) && check_peritem(load, mbnames, err));
}

/* ---- all of it ---- */

static bool apply_overrides(struct ini *ini, const char *const *overrides,
	struct error *err)
{
	for (; overrides && *overrides; overrides++)
		if (!override_apply(ini, *overrides, err))
			return false;
	return true;
}

/* As in OfflineIMAP nothing of it is read with -o, whatever it holds. */
static void drop_autorefresh(struct ini *ini)
{
	static const char name[] = "autorefresh";

	for (size_t i = 0; i < ini_section_count(ini); i++) {
		const struct ini_section *section = ini_section_at(ini, i);

		bool gone = !ini_find(ini, section, name) ||
			ini_set(ini, section->name, name, "0");

		assert(gone);
	}
}

static bool load_all(struct load *load, const struct conf_request *request,
	struct error *err)
{
	struct ini *ini = read_file(load->conf->path, &load->notes, err);
	bool ok = false;

	if (!ini)
		return false;
	load->ini = ini;
	if (apply_overrides(ini, request->overrides, err)) {
		names_check(ini, &load->notes);
		if (request->once)
			drop_autorefresh(ini);
		ok = load_general(load, err) && load_mbnames(load, err);
	}
	ini_free(ini);
	load->ini = NULL;
	return ok;
}

struct conf *conf_load(const char *path, const struct conf_request *request,
	struct error *err)
{
	static const struct conf_request nothing;
	struct owner *owner = mem_calloc(1, sizeof(*owner));
	struct load load = {.conf = &owner->conf};

	owner->arena = arena_new();
	if (!request)
		request = &nothing;
	load.chosen = request->chosen != NULL;
	load.arena = owner->arena;
	load.notes = (struct notes){owner->arena, VEC(const char *)};
	owner->conf.path = arena_strdup(owner->arena, path);
	if (!load_all(&load, request, err)) {
		notes_clear(&load.notes);
		conf_free(&owner->conf);
		return NULL;
	}
	owner->conf.warnings = notes_detach(&load.notes);
	return &owner->conf;
}

/* The arena is ours alone, so its memory may be written to although the
 * fields that lead to it are const. */
static void wipe(const char *secret)
{
	if (secret)
		mem_wipe((char *)(uintptr_t)secret, strlen(secret));
}

void conf_free(struct conf *conf)
{
	struct owner *owner = (struct owner *)conf;

	if (!conf)
		return;
	for (size_t i = 0; i < conf->repo_count; i++) {
		const struct conf_repo *repo = &conf->repo[i];

		wipe(repo->remotepass);
		wipe(repo->remotepasseval.text);
		wipe(repo->oauth2_client_secret);
		wipe(repo->oauth2_refresh_token);
		wipe(repo->oauth2_access_token);
	}
	arena_free(owner->arena);
	free(owner);
}

const struct conf_account *conf_account(const struct conf *conf,
	const char *name)
{
	for (size_t i = 0; i < conf->account_count; i++)
		if (strcmp(conf->account[i].name, name) == 0)
			return &conf->account[i];
	return NULL;
}

const char *conf_why_not(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->broken_count; i++)
		if (strcmp(conf->broken[i].name, name) == 0)
			return conf->broken[i].why;
	return NULL;
}
