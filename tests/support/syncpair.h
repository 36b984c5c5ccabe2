/*
 * A folder on both sides for tests of folder_sync: two memory trees, a state
 * directory of its own, and runs that can be ended at any effect.  One thread.
 *
 * A run that is to die is a child process that copies both trees to a file
 * just before the effect and ends there and then, so the state's file is left
 * as a killed program leaves it, and the trees as it has changed them.
 */
#ifndef SYNCPAIR_H
#define SYNCPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "memstore.h"
#include "str.h"
#include "sync/folder.h"
#include "sync/tree.h"

struct stop;

struct syncpair {
	char dir[64];
	struct memtree *remote, *local;
	struct mem_folder *r, *l; /* the folder "box" of each */
	bool mapped;              /* see syncpair_map */
	struct tree_pair pair;
	struct folder_job job;
	struct folder_result result;
	struct error err;
	/* Called before each effect of a run; may be NULL. */
	void (*meanwhile)(struct syncpair *p, const char *what);
	const struct stop *stop; /* may be NULL */
	struct str log; /* what the last run told, one line an event */
};

/* Empty folders, no state; deletions are carried both ways. */
void syncpair_init(struct syncpair *p);
void syncpair_clear(struct syncpair *p);
/* Before the first run: the local side becomes a server that talks IMAP, with
 * UID maps; its tree gives UIDs as the remote one does. */
void syncpair_map(struct syncpair *p);

/* folder_sync with new stores; what it returned. */
bool syncpair_run(struct syncpair *p);
/* The same, ended before effect number die (1 is the first).  False: there
 * were fewer, and it ran to its end. */
bool syncpair_die(struct syncpair *p, unsigned die);

/* A row in the state. */
void syncpair_row(struct syncpair *p, uint32_t uid, uint32_t flags);
void syncpair_save_validity(struct syncpair *p, uint32_t uidvalidity);
/* Row numbers and letters, "1:FS 2: ". */
void syncpair_rows(struct syncpair *p, struct str *out);
/* The metadata of the account is lost. */
void syncpair_lose_state(struct syncpair *p);

/* How often this is in the log of the last run. */
size_t syncpair_told(const struct syncpair *p, const char *text);
/* Whether the last run changed anything on either side, by what it told. */
bool syncpair_changed(const struct syncpair *p);
/* Both sides hold the same messages once each, with the same numbers and the
 * same flags.  False: *why says what differs. */
bool syncpair_equal(const struct syncpair *p, struct str *why);

#endif
