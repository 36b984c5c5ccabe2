/*
 * The inside of struct state, for state*.c, intent.c and keyword.c alone: a
 * database and its statements, each prepared when first used.
 */
#ifndef SYNC_STATE_DB_H
#define SYNC_STATE_DB_H

#include <sqlite3.h>
#include <stdbool.h>

#include "attr.h"
#include "error.h"

struct flag_keywords;
struct worker;

enum state_sql {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_ROWS,
	SQL_ANY_ROW,
	SQL_PUT,
	SQL_TAKE_OVER,
	SQL_DROP,
	SQL_PARK,
	SQL_PARK_NEW,
	SQL_DROP_UNPARKED,
	SQL_UNPARK,
	SQL_MATCHING,
	SQL_MATCHING_ON,
	SQL_MATCHING_OFF,
	SQL_VALIDITY,
	SQL_VALIDITY_PUT,
	SQL_FOLDER,
	SQL_FOLDER_PUT,
	SQL_INTENTS,
	SQL_INTENT_PUT,
	SQL_INTENT_DROP,
	SQL_INTENT_PRUNE,
	SQL_KEYWORDS,
	SQL_KEYWORD_PUT,
	SQL_KEYWORD_ROWS,
	SQL_KEYWORD_ROW_PUT,
	SQL_KEYWORD_ROW_DROP,
	SQL_KEYWORD_ROWS_CLEAR,
	SQL_COUNT,
};

struct state {
	sqlite3 *db; /* NULL: dry run, and there is no file; then, with an
	                old one to be taken over, it is in memory */
	sqlite3_stmt *stmt[SQL_COUNT];
	char *path;
	const char *legacy; /* while it is opened; NULL: none */
	struct worker *worker;
	bool dry;
	bool in_transaction;
	bool has_intents; /* the table is there */
	struct flag_keywords *keywords; /* see keyword.h; NULL: letters are
	                                   part of the rows */
	bool has_keywords; /* the tables are there */
};

/* Sets *err from SQLite's last error; returns false. */
bool state_fail(const struct state *s, const char *doing, struct error *err);
/* The statement, reset, its old values gone. */
bool state_prepare(struct state *s, enum state_sql which, sqlite3_stmt **out,
	struct error *err) ATTR_MUST_CHECK;
/* Runs a statement that gives no rows, and resets it. */
bool state_run(struct state *s, sqlite3_stmt *stmt, struct error *err)
	ATTR_MUST_CHECK;
/* The same for one without values. */
bool state_run_plain(struct state *s, enum state_sql which, struct error *err)
	ATTR_MUST_CHECK;
/* Runs constant SQL without values. */
bool state_exec(struct state *s, const char *sql, struct error *err)
	ATTR_MUST_CHECK;
bool state_has_table(struct state *s, const char *name, bool *has,
	struct error *err) ATTR_MUST_CHECK;

#endif
