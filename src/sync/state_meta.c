#include "config.h"

#include <assert.h>

#include "mem.h"
#include "sync/state.h"
#include "sync/state_db.h"

/* What is recorded of the folder as a whole: rows of ours among OfflineIMAP's
 * metadata. */

bool state_set_matching(struct state *s, bool on, struct error *err)
{
	assert(s->in_transaction);
	return state_run_plain(s, on ? SQL_MATCHING_ON : SQL_MATCHING_OFF, err);
}

/* The first column of the only row; 0: there is none. */
static bool get_number(struct state *s, enum state_sql which,
	sqlite3_int64 *out, struct error *err)
{
	sqlite3_stmt *stmt;
	int got;

	*out = 0;
	if (!s->db)
		return true;
	if (!state_prepare(s, which, &stmt, err))
		return false;
	got = sqlite3_step(stmt);
	if (got == SQLITE_ROW)
		*out = sqlite3_column_int64(stmt, 0);
	else if (got != SQLITE_DONE)
		state_fail(s, "read", err);
	sqlite3_reset(stmt);
	return got == SQLITE_ROW || got == SQLITE_DONE;
}

bool state_matching(struct state *s, bool *on, struct error *err)
{
	sqlite3_int64 n;
	bool ok = get_number(s, SQL_MATCHING, &n, err);

	*on = n != 0;
	return ok;
}

bool state_set_validity(struct state *s, uint32_t value, struct error *err)
{
	sqlite3_stmt *stmt;

	assert(s->in_transaction);
	if (!state_prepare(s, SQL_VALIDITY_PUT, &stmt, err))
		return false;
	sqlite3_bind_int64(stmt, 1, value);
	return state_run(s, stmt, err);
}

bool state_validity(struct state *s, uint32_t *value, struct error *err)
{
	sqlite3_int64 n;
	bool ok = get_number(s, SQL_VALIDITY, &n, err);

	*value = n > 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
	return ok;
}

bool state_set_folder(struct state *s, const char *name, struct error *err)
{
	sqlite3_stmt *stmt;

	assert(s->in_transaction);
	if (!state_prepare(s, SQL_FOLDER_PUT, &stmt, err))
		return false;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	return state_run(s, stmt, err);
}

bool state_folder(struct state *s, char **name, struct error *err)
{
	sqlite3_stmt *stmt;
	const char *text;
	int got;

	*name = NULL;
	if (!s->db)
		return true;
	if (!state_prepare(s, SQL_FOLDER, &stmt, err))
		return false;
	got = sqlite3_step(stmt);
	text = got == SQLITE_ROW ?
		(const char *)sqlite3_column_text(stmt, 0) : NULL;
	*name = text ? mem_strdup(text) : NULL;
	if (got != SQLITE_ROW && got != SQLITE_DONE)
		state_fail(s, "read", err);
	sqlite3_reset(stmt);
	return got == SQLITE_ROW || got == SQLITE_DONE;
}
