/*
 * Keywords between two servers: which letter stands for which in this folder,
 * and which of them the messages of the rows had.  OfflineIMAP carries none,
 * and would take letters in its rows for flags; so they are in tables of our
 * own beside its own, in the same file.  They are only worth something beside
 * a row: what is left of a row that is gone is passed over.  Worker's thread;
 * called by state.c and folder.c.
 */
#ifndef SYNC_KEYWORD_H
#define SYNC_KEYWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"
#include "imap/flag.h"
#include "sync/state.h"

/* The letters a to z. */
#define KEYWORD_LETTERS (~(FLAG_IMAP_ALL | FLAG_PASSED))

/* From now on the state keeps letters apart from rows; keywords is lent, takes
 * the names that are recorded, and learns.  Before state_load. */
bool keyword_attach(struct state *s, struct flag_keywords *keywords,
	struct error *err) ATTR_MUST_CHECK;

/* For state.c; nothing is done unless a table is attached. */
bool keyword_load(struct state *s, struct msglist *rows, struct error *err)
	ATTR_MUST_CHECK;
/* Inside a transaction. */
bool keyword_put(struct state *s, uint32_t uid, uint32_t flags,
	struct error *err) ATTR_MUST_CHECK;
bool keyword_drop(struct state *s, uint32_t uid, struct error *err)
	ATTR_MUST_CHECK;
bool keyword_replace(struct state *s, const struct vec *pairs,
	struct error *err) ATTR_MUST_CHECK;
/* Names learned since: before the transaction ends. */
bool keyword_save(struct state *s, struct error *err) ATTR_MUST_CHECK;

#endif
