#include "config.h"

#include "run/paths.h"

#include <stdlib.h>

#include "base/file.h"
#include "conf/conf.h"
#include "mem.h"

void paths_init(struct paths *paths, const struct conf *conf,
	const struct conf_account *account)
{
	const char *root = conf->metadata;

	paths->lock = mem_printf("%s/%s.lock", root, account->name);
	paths->state = mem_printf("%s/Account-%s/LocalStatus-sqlite", root,
		account->name);
	paths->legacy = mem_printf("%s/Account-%s/LocalStatus", root,
		account->name);
	paths->cache = mem_printf("%s/Account-%s/offlineimap-cache", root,
		account->name);
	paths->remote_validity = mem_printf("%s/Repository-%s/FolderValidity",
		root, account->remote->name);
	paths->local_validity = mem_printf("%s/Repository-%s/FolderValidity",
		root, account->local->name);
	paths->remote_start = mem_printf("%s/Repository-%s/StartUID", root,
		account->remote->name);
	paths->local_start = mem_printf("%s/Repository-%s/StartUID", root,
		account->local->name);
}

bool paths_make(const struct paths *paths, const struct conf *conf,
	struct error *err)
{
	if (file_mkdirs(conf->metadata, err) &&
		file_mkdirs(paths->state, err) &&
		file_mkdirs(paths->remote_validity, err) &&
		file_mkdirs(paths->local_validity, err))
		return true;
	error_raise(err, ERROR_ACCOUNT);
	return error_add(err, "making the state directories (option metadata)");
}

void paths_clear(struct paths *paths)
{
	free(paths->lock);
	free(paths->state);
	free(paths->legacy);
	free(paths->cache);
	free(paths->remote_validity);
	free(paths->local_validity);
	free(paths->remote_start);
	free(paths->local_start);
	*paths = (struct paths){0};
}

char *paths_hosts(const struct conf *conf)
{
	return mem_printf("%s/offlineimap-hosts", conf->metadata);
}

char *paths_map(const struct conf *conf, const struct conf_repo *repo)
{
	return mem_printf("%s/Repository-%s/UIDMapping", conf->metadata,
		repo->name);
}
