/*
 * A Maildir store on a fresh directory, for the tests of the Maildir.  One
 * test at a time; everything here is set up anew for each.
 */
#ifndef MAILDIR_FIXTURE_H
#define MAILDIR_FIXTURE_H

#include <check.h>

#include "base/worker.h"
#include "conf/conf.h"
#include "mail/store.h"

#define INBOX_FMD5 "7e33429f656f1e6e9d79b29c3f82c57e" /* of "INBOX" */
#define OTHER_FMD5 "d41d8cd98f00b204e9800998ecf8427e"

extern char md_root[64];
extern struct conf_repo md_repo;
extern struct worker md_worker;
extern struct store *md_store; /* with separator "." */
extern struct error md_err;
extern struct msglist md_list;
extern struct folder_info md_info;

void md_setup(void);
void md_teardown(void);
/* Opens the store anew. */
void md_open_store(const char *sep);
/* The path of something below the root, lent until the next call. */
const char *md_path(const char *name);
void md_make_dir(const char *name);
/* With cur, new and tmp. */
void md_make_folder(const char *name);
void md_make_file(const char *name, const char *text);
void md_rename_file(const char *from, const char *to);
/* Not counting those with a leading dot. */
size_t md_count_files(const char *dir);
/* Opens and lists, demanding a complete list. */
void md_load(const char *name);
/* The first message with this uid, which has to be there. */
struct msgset md_one(uint32_t uid);
/* Lent for a few calls. */
const char *md_name_of(uint32_t uid);
const char *md_name_at(size_t index);

/* tests/check_maildir_transfer.c */
TCase *maildir_transfer_case(void);

#endif
