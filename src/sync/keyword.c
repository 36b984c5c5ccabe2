#include "config.h"

#include <assert.h>

#include "sync/keyword.h"
#include "sync/state_db.h"

static const char create_sql[] =
	"CREATE TABLE IF NOT EXISTS keyword"
	" (letter INTEGER PRIMARY KEY, name TEXT);"
	"CREATE TABLE IF NOT EXISTS keyword_row"
	" (id INTEGER PRIMARY KEY, flags INTEGER);";

static bool need_tables(struct state *s, struct error *err)
{
	assert(s->in_transaction);
	if (!s->has_keywords)
		s->has_keywords = state_exec(s, create_sql, err);
	return s->has_keywords;
}

/* ---- Names ---- */

static void add_name(sqlite3_stmt *stmt, struct flag_keywords *k)
{
	sqlite3_int64 letter = sqlite3_column_int64(stmt, 0);
	const void *name = sqlite3_column_text(stmt, 1);

	if (name && letter >= 0 && letter < FLAG_LETTERS)
		flag_keywords_set(k, (unsigned)letter, (struct span){name,
			(size_t)sqlite3_column_bytes(stmt, 1)});
}

bool keyword_attach(struct state *s, struct flag_keywords *keywords,
	struct error *err)
{
	sqlite3_stmt *stmt;
	int got;

	s->keywords = keywords;
	keywords->learning = true;
	if (!s->db || !s->has_keywords)
		return true;
	if (!state_prepare(s, SQL_KEYWORDS, &stmt, err))
		return false;
	while ((got = sqlite3_step(stmt)) == SQLITE_ROW)
		add_name(stmt, keywords);
	if (got != SQLITE_DONE)
		state_fail(s, "read", err);
	sqlite3_reset(stmt);
	return got == SQLITE_DONE;
}

static bool put_name(struct state *s, unsigned letter, const char *name,
	struct error *err)
{
	sqlite3_stmt *stmt;

	if (!state_prepare(s, SQL_KEYWORD_PUT, &stmt, err))
		return false;
	sqlite3_bind_int(stmt, 1, (int)letter);
	sqlite3_bind_text(stmt, 2, name, -1, SQLITE_TRANSIENT);
	return state_run(s, stmt, err);
}

bool keyword_save(struct state *s, struct error *err)
{
	struct flag_keywords *k = s->keywords;

	if (!k || !k->changed)
		return true;
	if (!need_tables(s, err))
		return false;
	for (unsigned i = 0; i < FLAG_LETTERS; i++)
		if (k->name[i] && !put_name(s, i, k->name[i], err))
			return false;
	/* should the commit fail, the folder is given up */
	k->changed = false;
	return true;
}

/* ---- Of the rows ---- */

static void add_letters(sqlite3_stmt *stmt, struct msglist *rows)
{
	sqlite3_int64 uid = sqlite3_column_int64(stmt, 0);
	const struct msg *row = uid > 0 && uid <= UINT32_MAX
		? msglist_find(rows, (uint32_t)uid) : NULL;

	if (row)
		rows->at[row - rows->at].flags |= KEYWORD_LETTERS &
			(uint32_t)sqlite3_column_int64(stmt, 1);
}

bool keyword_load(struct state *s, struct msglist *rows, struct error *err)
{
	sqlite3_stmt *stmt;
	int got;

	if (!s->keywords)
		return true;
	for (size_t i = 0; i < rows->len; i++)
		rows->at[i].flags &= ~KEYWORD_LETTERS;
	if (!s->has_keywords)
		return true;
	if (!state_prepare(s, SQL_KEYWORD_ROWS, &stmt, err))
		return false;
	while ((got = sqlite3_step(stmt)) == SQLITE_ROW)
		add_letters(stmt, rows);
	if (got != SQLITE_DONE)
		state_fail(s, "read", err);
	sqlite3_reset(stmt);
	return got == SQLITE_DONE;
}

bool keyword_put(struct state *s, uint32_t uid, uint32_t flags,
	struct error *err)
{
	sqlite3_stmt *stmt;

	if (!s->keywords)
		return true;
	flags &= KEYWORD_LETTERS;
	if (flags == 0)
		return keyword_drop(s, uid, err);
	if (!need_tables(s, err) ||
		!state_prepare(s, SQL_KEYWORD_ROW_PUT, &stmt, err))
		return false;
	sqlite3_bind_int64(stmt, 1, uid);
	sqlite3_bind_int64(stmt, 2, flags);
	return state_run(s, stmt, err);
}

bool keyword_drop(struct state *s, uint32_t uid, struct error *err)
{
	sqlite3_stmt *stmt;

	if (!s->keywords || !s->has_keywords)
		return true;
	if (!state_prepare(s, SQL_KEYWORD_ROW_DROP, &stmt, err))
		return false;
	sqlite3_bind_int64(stmt, 1, uid);
	return state_run(s, stmt, err);
}

bool keyword_replace(struct state *s, const struct vec *pairs,
	struct error *err)
{
	sqlite3_stmt *stmt;

	if (!s->keywords)
		return true;
	if (s->has_keywords && (!state_prepare(s, SQL_KEYWORD_ROWS_CLEAR,
		&stmt, err) || !state_run(s, stmt, err)))
		return false;
	for (size_t i = 0; i < pairs->len; i++) {
		const struct state_pair *p = vec_at(pairs, i);

		if (!keyword_put(s, p->uid, p->flags, err))
			return false;
	}
	return true;
}
