/*
 * Where the state of an account lies below the metadata directory:
 * OfflineIMAP's tree (compat 3.1).  Pure but for paths_make.
 */
#ifndef RUN_PATHS_H
#define RUN_PATHS_H

#include "attr.h"
#include "error.h"

struct conf;
struct conf_account;
struct conf_repo;

/* malloc'd; freed by paths_clear. */
struct paths {
	char *lock;            /* <metadata>/<account>.lock */
	char *state;           /* Account-<account>/LocalStatus-sqlite */
	char *legacy;          /* Account-<account>/LocalStatus, not made */
	char *cache;           /* Account-<account>/offlineimap-cache */
	char *remote_validity; /* Repository-<remote>/FolderValidity */
	char *local_validity;
	char *remote_start;    /* Repository-<remote>/StartUID, made when it
	                          is written to */
	char *local_start;
};

void paths_init(struct paths *paths, const struct conf *conf,
	const struct conf_account *account);
/* Makes the directories, 0700. */
bool paths_make(const struct paths *paths, const struct conf *conf,
	struct error *err) ATTR_MUST_CHECK;
void paths_clear(struct paths *paths);
/* What is remembered of the servers, for all accounts; malloc'd. */
char *paths_hosts(const struct conf *conf);
/* Where a server that is the local side has its UID maps; malloc'd. */
char *paths_map(const struct conf *conf, const struct conf_repo *repo);

#endif
