#include "config.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "mem.h"
#include "support/maildir_fixture.h"

char md_root[64];
struct conf_repo md_repo;
struct worker md_worker;
struct store *md_store;
struct error md_err;
struct msglist md_list;
struct folder_info md_info;

static int remove_entry(const char *md_path, const struct stat *st, int kind,
	struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(md_path);
}

void md_open_store(const char *sep)
{
	const struct store_config config = {
		.repo = &md_repo, .worker = &md_worker, .fsync = true};

	store_close(md_store);
	md_repo.sep = sep;
	md_store = store_open(&config, &md_err);
	ck_assert_msg(md_store != NULL, "%s", md_err.text);
}

void md_setup(void)
{
	strcpy(md_root, "/tmp/check_maildir.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(md_root));
	md_repo = (struct conf_repo){.name = "Local", .type = CONF_MAILDIR,
		.localfolders = md_root};
	md_worker = (struct worker){.thread = "t", .account = "a", .folder = "",
		.cell = 3};
	md_err = (struct error){0};
	md_open_store(".");
}

void md_teardown(void)
{
	store_close(md_store);
	md_store = NULL;
	msglist_clear(&md_list);
	nftw(md_root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *md_path(const char *name)
{
	static char text[400];

	snprintf(text, sizeof(text), "%s/%s", md_root, name);
	return text;
}

void md_make_dir(const char *name)
{
	ck_assert(file_mkdirs(md_path(name), &md_err));
}

void md_make_folder(const char *name)
{
	static const char *const parts[] = {"cur", "new", "tmp"};
	char part[100];

	for (size_t i = 0; i < 3; i++) {
		snprintf(part, sizeof(part), "%s/%s", name, parts[i]);
		md_make_dir(part);
	}
}

void md_make_file(const char *name, const char *text)
{
	ck_assert(file_write(md_path(name), span_of(text), false, &md_err));
}

void md_load(const char *name)
{
	bool ok = md_store->ops->load(
		md_store, name, false, &md_info, &md_list, &md_err);

	ck_assert_msg(ok, "%s", md_err.text);
	ck_assert(md_list.complete);
}

struct msgset md_one(uint32_t uid)
{
	static uint32_t index;

	for (index = 0; index < md_list.len; index++)
		if (md_list.at[index].uid == uid)
			break;
	ck_assert_uint_lt(index, md_list.len);
	return (struct msgset){&md_list, &index, 1};
}

const char *md_name_at(size_t index)
{
	static struct str buf[4];
	static size_t turn;

	ck_assert_uint_lt(index, md_list.len);
	return msglist_name(&md_list, &md_list.at[index],
		&buf[turn++ % ARRAY_LEN(buf)]);
}

const char *md_name_of(uint32_t uid)
{
	return md_name_at(md_one(uid).index[0]);
}

size_t md_count_files(const char *dir)
{
	DIR *d = opendir(md_path(dir));
	size_t count = 0;
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		count += entry->d_name[0] != '.';
	if (d)
		closedir(d);
	return count;
}

void md_rename_file(const char *from, const char *to)
{
	char *old = mem_strdup(md_path(from));

	ck_assert_int_eq(rename(old, md_path(to)), 0);
	free(old);
}
