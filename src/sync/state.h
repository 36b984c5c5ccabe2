/*
 * What both sides had when they were last equal: one SQLite file per folder,
 * in OfflineIMAP's own place and schema, so that an existing set-up is taken
 * over and can be handed back (offlineimap-compat 3.3).  Our own table stands
 * beside its tables, see intent.h.  Worker's thread; one state is open in one
 * worker at a time, the account's lock keeps other programs out.
 *
 *	state_open -> state_load ->
 *		(state_begin -> put* drop* -> state_commit)* -> state_close
 *
 * A transaction is on the disk when state_commit returns true.  After any
 * failure inside a transaction call state_cancel; it is harmless otherwise.
 * Errors: severity ERROR_FOLDER, with the path and SQLite's words.
 */
#ifndef SYNC_STATE_H
#define SYNC_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"
#include "mail/msg.h"

struct state;
struct worker;

enum state_mode {
	STATE_DRY,   /* nothing is written; a missing file is an empty state */
	STATE_FAST,  /* made when missing; never flushed: rows on the disk
	                before their messages would be worse */
	STATE_FSYNC, /* made when missing; durable at every commit */
};

/* A zero-length file or one without our tables is filled, version 1 is
 * brought to version 2.  A file that is not SQLite is an error. */
struct state *state_open(const char *path, enum state_mode mode,
	struct worker *w, struct error *err) ATTR_MUST_CHECK;
/* The same; where tables are made, their rows come from the file that an old
 * OfflineIMAP left, if it is there: in one transaction, and the file stays as
 * it is.  One that is damaged is told in a warning and left alone. */
struct state *state_open_over(const char *path, const char *legacy,
	enum state_mode mode, struct worker *w, struct error *err)
	ATTR_MUST_CHECK;
/* What was not committed is lost.  NULL is allowed. */
void state_close(struct state *s);

/* The rows, sorted; flags with all letters that are recorded. */
bool state_load(struct state *s, struct msglist *rows, struct error *err)
	ATTR_MUST_CHECK;

bool state_begin(struct state *s, struct error *err) ATTR_MUST_CHECK;
/* A new row, or other flags for one that is there; its labels stay. */
bool state_put(struct state *s, uint32_t uid, uint32_t flags,
	struct error *err) ATTR_MUST_CHECK;
/* No such row is success. */
bool state_drop(struct state *s, uint32_t uid, struct error *err)
	ATTR_MUST_CHECK;
/* Announces the effect, then commits. */
bool state_commit(struct state *s, struct error *err) ATTR_MUST_CHECK;
void state_cancel(struct state *s);

/* A message that was paired by content: its row under the old number, 0 for
 * none, lives on under the new one. */
struct state_pair {
	uint32_t old_uid, uid, flags;
};
/* All rows are replaced by these (vec of struct state_pair; no number occurs
 * twice as old_uid or as uid).  Inside a transaction. */
bool state_replace(struct state *s, const struct vec *pairs,
	struct error *err) ATTR_MUST_CHECK;

/* "Renaming by content has begun": set before the first rename, so that a
 * run that dies there is taken up by the next.  Inside a transaction. */
bool state_set_matching(struct state *s, bool on, struct error *err)
	ATTR_MUST_CHECK;
bool state_matching(struct state *s, bool *on, struct error *err)
	ATTR_MUST_CHECK;

/* The UIDVALIDITY under which the rows were made; 0: not recorded.  The file
 * in FolderValidity belongs to the repository, and another account that uses
 * it may have brought it up to date.  Setting: inside a transaction. */
bool state_set_validity(struct state *s, uint32_t value, struct error *err)
	ATTR_MUST_CHECK;
bool state_validity(struct state *s, uint32_t *value, struct error *err)
	ATTR_MUST_CHECK;

/* The server's folder whose messages the rows are of, *name malloc'd; NULL:
 * not recorded.  Rules may send another one here.  Setting: inside a
 * transaction. */
bool state_set_folder(struct state *s, const char *name, struct error *err)
	ATTR_MUST_CHECK;
bool state_folder(struct state *s, char **name, struct error *err)
	ATTR_MUST_CHECK;

/* All that is recorded is forgotten; a missing file stays missing, one that
 * cannot be read is removed. */
bool state_reset(const char *path, struct worker *w, struct error *err)
	ATTR_MUST_CHECK;
/* Whether the file holds a row; true when that cannot be told. */
bool state_has_rows(const char *path);

#endif
