/*
 * What mbnames remembers of each account between runs: one JSON file per
 * account in <metadata>/mbnames, as OfflineIMAP writes it (offlineimap-compat
 * 3.7).  Any thread; files are replaced whole, so a reader needs no lock.
 *
 *	[{"accountname": "A", "foldername": "INBOX", "localfolders": "/m"}]
 */
#ifndef RUN_MBNAMES_CACHE_H
#define RUN_MBNAMES_CACHE_H

#include <stdbool.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"

struct conf;

/* malloc'd. */
struct mbnames_item {
	char *account, *folder;
	char *localfolders; /* NULL: a server */
};

/* Copies. */
void mbnames_item_add(struct vec *items, const char *account,
	const char *folder, const char *localfolders);
/* A vec of struct mbnames_item. */
void mbnames_items_clear(struct vec *items);

/* <metadata>/mbnames, malloc'd. */
char *mbnames_cache_dir(const struct conf *conf) ATTR_RETURNS_NONNULL;
/* The file of an account, malloc'd. */
char *mbnames_cache_path(const struct conf *conf, const char *account)
	ATTR_RETURNS_NONNULL;
/* The names of the accounts that have a file, vec of char *, sorted.  No
 * directory is no account. */
bool mbnames_cache_accounts(const struct conf *conf, struct vec *accounts,
	struct error *err) ATTR_MUST_CHECK;

/* Appends what the account's file holds; no file is nothing. */
bool mbnames_cache_read(const struct conf *conf, const char *account,
	struct vec *items, struct error *err) ATTR_MUST_CHECK;
/* Replaces the account's file, unless it holds just that. */
bool mbnames_cache_write(const struct conf *conf, const char *account,
	const struct vec *items, struct error *err) ATTR_MUST_CHECK;

#endif
