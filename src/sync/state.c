#include "config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/worker.h"
#include "imap/flag.h"
#include "mem.h"
#include "sync/keyword.h"
#include "sync/legacy.h"
#include "sync/state.h"
#include "sync/state_db.h"

/* How long another program may hold the file before we give up. */
#define BUSY_MS 10000

/* Rows of ours among the metadata; OfflineIMAP ignores them. */
#define MATCHING_KEY "'matching'"
#define VALIDITY_KEY "'uidvalidity'"
#define FOLDER_KEY "'folder'"

/* While rows are renumbered they are parked under negative numbers, so that
 * no new number meets an old one. */
static const char *const sql_text[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_ROWS] = "SELECT id, flags FROM status ORDER BY id",
	[SQL_ANY_ROW] = "SELECT 1 FROM status LIMIT 1",
	[SQL_PUT] = "INSERT INTO status (id, flags, mtime, labels)"
		" VALUES (?1, ?2, 0, '')"
		" ON CONFLICT (id) DO UPDATE SET flags = excluded.flags",
	[SQL_TAKE_OVER] = "INSERT OR REPLACE INTO status"
		" (id, flags, mtime, labels) VALUES (?1, ?2, ?3, ?4)",
	[SQL_DROP] = "DELETE FROM status WHERE id = ?1",
	[SQL_PARK] = "UPDATE status SET id = -?1, flags = ?2 WHERE id = ?3",
	[SQL_PARK_NEW] = "INSERT INTO status (id, flags, mtime, labels)"
		" VALUES (-?1, ?2, 0, '')",
	[SQL_DROP_UNPARKED] = "DELETE FROM status WHERE id >= 0",
	[SQL_UNPARK] = "UPDATE status SET id = -id",
	[SQL_MATCHING] = "SELECT 1 FROM metadata WHERE key = " MATCHING_KEY,
	[SQL_MATCHING_ON] = "INSERT OR REPLACE INTO metadata (key, value)"
		" VALUES (" MATCHING_KEY ", '1')",
	[SQL_MATCHING_OFF] = "DELETE FROM metadata WHERE key = " MATCHING_KEY,
	[SQL_VALIDITY] = "SELECT value FROM metadata WHERE key = " VALIDITY_KEY,
	[SQL_VALIDITY_PUT] = "INSERT OR REPLACE INTO metadata (key, value)"
		" VALUES (" VALIDITY_KEY ", CAST(?1 AS TEXT))",
	[SQL_FOLDER] = "SELECT value FROM metadata WHERE key = " FOLDER_KEY,
	[SQL_FOLDER_PUT] = "INSERT OR REPLACE INTO metadata (key, value)"
		" VALUES (" FOLDER_KEY ", ?1)",
	[SQL_INTENTS] = "SELECT id, version, status, name, size, digest,"
		" header, has_message_id, uidvalidity, uidnext, attempt,"
		" created, twin, checksum FROM intent ORDER BY id",
	[SQL_INTENT_PUT] = "INSERT OR REPLACE INTO intent (id, version,"
		" status, name, size, digest, header, has_message_id,"
		" uidvalidity, uidnext, attempt, created, twin, checksum)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
		" ?13, ?14)",
	[SQL_INTENT_DROP] = "DELETE FROM intent WHERE id = ?1",
	[SQL_INTENT_PRUNE] = "DELETE FROM intent WHERE created < ?1",
	[SQL_KEYWORDS] = "SELECT letter, name FROM keyword",
	[SQL_KEYWORD_PUT] = "INSERT OR REPLACE INTO keyword (letter, name)"
		" VALUES (?1, ?2)",
	[SQL_KEYWORD_ROWS] = "SELECT id, flags FROM keyword_row",
	[SQL_KEYWORD_ROW_PUT] = "INSERT OR REPLACE INTO keyword_row"
		" (id, flags) VALUES (?1, ?2)",
	[SQL_KEYWORD_ROW_DROP] = "DELETE FROM keyword_row WHERE id = ?1",
	[SQL_KEYWORD_ROWS_CLEAR] = "DELETE FROM keyword_row",
};

/* The tables as OfflineIMAP 8 makes them: it compares nothing, but it reads
 * the columns by position. */
static const char create_sql[] =
	"CREATE TABLE IF NOT EXISTS metadata"
	" (key VARCHAR(50) PRIMARY KEY, value VARCHAR(128));"
	"INSERT OR REPLACE INTO metadata VALUES ('db_version', '2');"
	"CREATE TABLE IF NOT EXISTS status"
	" (id INTEGER PRIMARY KEY, flags VARCHAR(50), mtime INTEGER,"
	" labels VARCHAR(256));";

static const char upgrade_sql[] =
	"BEGIN IMMEDIATE;"
	"ALTER TABLE status ADD mtime INTEGER DEFAULT 0;"
	"ALTER TABLE status ADD labels VARCHAR(256) DEFAULT '';"
	"INSERT OR REPLACE INTO metadata VALUES ('db_version', '2');"
	"COMMIT";

static const char reset_sql[] =
	"BEGIN IMMEDIATE;"
	"DELETE FROM status;"
	"DROP TABLE IF EXISTS intent;"
	"DROP TABLE IF EXISTS keyword;"
	"DROP TABLE IF EXISTS keyword_row;"
	"DELETE FROM metadata"
	" WHERE key IN (" MATCHING_KEY ", " VALIDITY_KEY ", "
	FOLDER_KEY ");"
	"COMMIT";

bool state_fail(const struct state *s, const char *doing, struct error *err)
{
	int code = sqlite3_errcode(s->db) & 0xff;
	const char *words = sqlite3_errmsg(s->db);

	if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
		return error_set(err, ERROR_FOLDER, ERROR_OTHER,
			"%s is not a usable state database (%s); move it away "
			"and both sides will be compared anew", s->path, words);
	return error_set(err, ERROR_FOLDER, ERROR_OTHER, "cannot %s %s: %s",
		doing, s->path, words);
}

bool state_exec(struct state *s, const char *sql, struct error *err)
{
	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	state_fail(s, "use", err);
	/* A script that failed half-way may have left its transaction open. */
	if (!s->in_transaction && !sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

bool state_prepare(struct state *s, enum state_sql which, sqlite3_stmt **out,
	struct error *err)
{
	sqlite3_stmt **stmt = &s->stmt[which];

	if (!*stmt && sqlite3_prepare_v2(s->db, sql_text[which], -1, stmt,
		NULL) != SQLITE_OK)
		return state_fail(s, "use", err);
	sqlite3_reset(*stmt);
	sqlite3_clear_bindings(*stmt);
	*out = *stmt;
	return true;
}

bool state_run(struct state *s, sqlite3_stmt *stmt, struct error *err)
{
	bool ok = sqlite3_step(stmt) == SQLITE_DONE ||
		state_fail(s, "write", err);

	sqlite3_reset(stmt);
	return ok;
}

bool state_run_plain(struct state *s, enum state_sql which,
	struct error *err)
{
	sqlite3_stmt *stmt = NULL;

	return state_prepare(s, which, &stmt, err) && state_run(s, stmt, err);
}

bool state_has_table(struct state *s, const char *name, bool *has,
	struct error *err)
{
	static const char sql[] = "SELECT 1 FROM sqlite_master"
		" WHERE type = 'table' AND name = ?1";
	sqlite3_stmt *stmt = NULL;
	int got;

	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return state_fail(s, "read", err);
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	got = sqlite3_step(stmt);
	*has = got == SQLITE_ROW;
	if (got != SQLITE_ROW && got != SQLITE_DONE)
		state_fail(s, "read", err);
	sqlite3_finalize(stmt);
	return got == SQLITE_ROW || got == SQLITE_DONE;
}

/* SQLite would make the file readable for others. */
static bool make_file(const char *path, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		0600);

	if (fd < 0 && errno != EEXIST)
		return error_set_errno(err, ERROR_FOLDER, ERROR_OTHER, errno,
			"cannot create %s", path);
	file_close(&fd);
	return true;
}

static bool open_db(struct state *s, struct error *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

	if (sqlite3_open_v2(s->path, &s->db, flags, NULL) != SQLITE_OK)
		return state_fail(s, "open", err);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	return true;
}

static bool is_version_1(struct state *s)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(s->db,
		"SELECT mtime, labels FROM status", -1, &stmt, NULL);

	sqlite3_finalize(stmt);
	return code == SQLITE_ERROR;
}

/* What of them stands in the row itself. */
static uint32_t row_letters(const struct state *s, uint32_t flags)
{
	return s->keywords ? flags & ~KEYWORD_LETTERS : flags;
}

static void bind_letters(sqlite3_stmt *stmt, int at, uint32_t flags)
{
	struct str letters = {0};

	flag_letters(flags, &letters);
	sqlite3_bind_text(stmt, at, str_get(&letters), (int)letters.len,
		SQLITE_TRANSIENT);
	str_clear(&letters);
}

static bool put_legacy(struct state *s, const struct legacy_row *row,
	struct error *err)
{
	sqlite3_stmt *stmt;

	if (!state_prepare(s, SQL_TAKE_OVER, &stmt, err))
		return false;
	sqlite3_bind_int64(stmt, 1, row->uid);
	bind_letters(stmt, 2, row->flags);
	sqlite3_bind_int64(stmt, 3, row->mtime);
	sqlite3_bind_text(stmt, 4, row->labels, -1, SQLITE_TRANSIENT);
	return state_run(s, stmt, err);
}

static bool take_over(struct state *s, struct error *err)
{
	struct vec rows = VEC(struct legacy_row);
	struct error damage = {0};
	bool ok = true;

	if (!s->legacy || !file_exists(s->legacy))
		return true;
	if (!legacy_read(s->legacy, &rows, &damage)) {
		worker_log(s->worker, EVENT_WARNING, AREA_GENERAL, "%s; it is "
			"not taken over, both sides are compared anew",
			damage.text);
		return true;
	}
	worker_log(s->worker, EVENT_INFO, AREA_GENERAL, "Taking over the "
		"LocalStatus of an old OfflineIMAP: %s", s->legacy);
	for (size_t i = 0; ok && i < rows.len; i++)
		ok = put_legacy(s, vec_at(&rows, i), err);
	legacy_clear(&rows);
	return ok;
}

/* A run that ends in between leaves a file without tables, which is taken
 * over again. */
static bool create_tables(struct state *s, struct error *err)
{
	bool ok = state_run_plain(s, SQL_BEGIN, err) &&
		state_exec(s, create_sql, err) && take_over(s, err) &&
		state_run_plain(s, SQL_COMMIT, err);

	if (!ok && !sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return ok;
}

static bool fill_db(struct state *s, enum state_mode mode, struct error *err)
{
	bool metadata = false, status = false;

	if (!state_exec(s, "PRAGMA journal_mode = DELETE", err) ||
		!state_exec(s, mode == STATE_FSYNC
			? "PRAGMA synchronous = FULL"
			: "PRAGMA synchronous = OFF", err) ||
		!state_has_table(s, "metadata", &metadata, err) ||
		!state_has_table(s, "status", &status, err))
		return false;
	if ((!metadata || !status) && !create_tables(s, err))
		return false;
	if (!is_version_1(s))
		return true;
	worker_log(s->worker, EVENT_INFO, AREA_GENERAL,
		"Upgrading LocalStatus cache from version 1 to version 2: %s",
		s->path);
	return state_exec(s, upgrade_sql, err);
}

/* What a real run would take over. */
static bool look_legacy(struct state *s, struct error *err)
{
	if (!s->legacy || !file_exists(s->legacy))
		return true;
	if (sqlite3_open_v2(":memory:", &s->db, SQLITE_OPEN_READWRITE |
		SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return state_fail(s, "open", err);
	return create_tables(s, err);
}

/* A dry run reads what is there; an empty file is as none. */
static bool look_db(struct state *s, struct error *err)
{
	bool status = false;

	if (!open_db(s, err) || !state_has_table(s, "status", &status, err))
		return false;
	if (!status) {
		sqlite3_close(s->db);
		s->db = NULL;
	}
	return status || look_legacy(s, err);
}

static bool open_any(struct state *s, enum state_mode mode, struct error *err)
{
	if (mode == STATE_DRY && !file_exists(s->path))
		return look_legacy(s, err);
	if (mode == STATE_DRY)
		return look_db(s, err);
	return make_file(s->path, err) && open_db(s, err) &&
		fill_db(s, mode, err);
}

struct state *state_open(const char *path, enum state_mode mode,
	struct worker *w, struct error *err)
{
	return state_open_over(path, NULL, mode, w, err);
}

struct state *state_open_over(const char *path, const char *legacy,
	enum state_mode mode, struct worker *w, struct error *err)
{
	struct state *s = mem_calloc(1, sizeof(*s));

	s->path = mem_strdup(path);
	s->worker = w;
	s->legacy = legacy;
	s->dry = mode == STATE_DRY;
	if (open_any(s, mode, err) && (!s->db ||
		(state_has_table(s, "intent", &s->has_intents, err) &&
		state_has_table(s, "keyword_row", &s->has_keywords, err))))
		return s;
	state_close(s);
	return NULL;
}

void state_close(struct state *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(s->stmt[i]);
	sqlite3_close(s->db);
	free(s->path);
	free(s);
}

/* Numbers that no server gives are passed over. */
static void add_row(sqlite3_stmt *stmt, struct msglist *rows)
{
	sqlite3_int64 uid = sqlite3_column_int64(stmt, 0);
	const void *letters = sqlite3_column_text(stmt, 1);
	int len = sqlite3_column_bytes(stmt, 1);

	if (uid <= 0 || uid > UINT32_MAX)
		return;
	msglist_add(rows, (uint32_t)uid, letters ? flag_parse_letters(
		(struct span){letters, (size_t)len}) : 0, NULL);
}

bool state_load(struct state *s, struct msglist *rows, struct error *err)
{
	sqlite3_stmt *stmt;
	int got;

	msglist_clear(rows);
	rows->complete = true;
	if (!s->db)
		return true;
	if (!state_prepare(s, SQL_ROWS, &stmt, err))
		return false;
	while ((got = sqlite3_step(stmt)) == SQLITE_ROW)
		add_row(stmt, rows);
	if (got != SQLITE_DONE)
		state_fail(s, "read", err);
	sqlite3_reset(stmt);
	msglist_sort(rows);
	return got == SQLITE_DONE && keyword_load(s, rows, err);
}

bool state_begin(struct state *s, struct error *err)
{
	assert(!s->dry && !s->in_transaction);
	s->in_transaction = state_run_plain(s, SQL_BEGIN, err);
	return s->in_transaction;
}

bool state_put(struct state *s, uint32_t uid, uint32_t flags,
	struct error *err)
{
	sqlite3_stmt *stmt;

	assert(uid > 0 && s->in_transaction);
	if (!state_prepare(s, SQL_PUT, &stmt, err))
		return false;
	sqlite3_bind_int64(stmt, 1, uid);
	bind_letters(stmt, 2, row_letters(s, flags));
	return state_run(s, stmt, err) && keyword_put(s, uid, flags, err);
}

bool state_drop(struct state *s, uint32_t uid, struct error *err)
{
	sqlite3_stmt *stmt;

	assert(s->in_transaction);
	if (!state_prepare(s, SQL_DROP, &stmt, err))
		return false;
	sqlite3_bind_int64(stmt, 1, uid);
	return state_run(s, stmt, err) && keyword_drop(s, uid, err);
}

bool state_commit(struct state *s, struct error *err)
{
	assert(s->in_transaction);
	worker_effect(s->worker, "state");
	if (!keyword_save(s, err) || !state_run_plain(s, SQL_COMMIT, err))
		return false;
	s->in_transaction = false;
	return true;
}

void state_cancel(struct state *s)
{
	struct error ignored = {0};

	if (!s->in_transaction)
		return;
	s->in_transaction = false;
	/* SQLite may have rolled back by itself already, on a full disk. */
	if (!sqlite3_get_autocommit(s->db) &&
		!state_run_plain(s, SQL_ROLLBACK, &ignored))
		worker_log(s->worker, EVENT_DEBUG, AREA_GENERAL, "%s",
			ignored.text);
	/* A table made in it is gone again. */
	if (!state_has_table(s, "intent", &s->has_intents, &ignored))
		s->has_intents = false;
	if (!state_has_table(s, "keyword_row", &s->has_keywords, &ignored))
		s->has_keywords = false;
}

static bool park(struct state *s, const struct state_pair *pair,
	struct error *err)
{
	sqlite3_stmt *stmt;

	if (pair->old_uid > 0) {
		if (!state_prepare(s, SQL_PARK, &stmt, err))
			return false;
		sqlite3_bind_int64(stmt, 3, pair->old_uid);
	} else if (!state_prepare(s, SQL_PARK_NEW, &stmt, err)) {
		return false;
	}
	sqlite3_bind_int64(stmt, 1, pair->uid);
	bind_letters(stmt, 2, row_letters(s, pair->flags));
	return state_run(s, stmt, err);
}

bool state_replace(struct state *s, const struct vec *pairs,
	struct error *err)
{
	assert(s->in_transaction);
	for (size_t i = 0; i < pairs->len; i++)
		if (!park(s, vec_at(pairs, i), err))
			return false;
	return state_run_plain(s, SQL_DROP_UNPARKED, err) &&
		state_run_plain(s, SQL_UNPARK, err) &&
		keyword_replace(s, pairs, err);
}

/* The journal first: one left behind would be played into the next file. */
static bool remove_file(const char *path, struct error *err)
{
	char *journal = mem_printf("%s-journal", path);
	bool ok = (unlink(journal) == 0 || errno == ENOENT) &&
		(unlink(path) == 0 || errno == ENOENT);

	free(journal);
	return ok || error_set_errno(err, ERROR_FOLDER, ERROR_OTHER, errno,
		"cannot remove %s", path);
}

bool state_reset(const char *path, struct worker *w, struct error *err)
{
	struct state *s;
	bool ok;

	if (!file_exists(path))
		return true;
	worker_effect(w, "reset");
	s = state_open(path, STATE_FSYNC, w, err);
	ok = s && state_exec(s, reset_sql, err);
	state_close(s);
	return ok || remove_file(path, err);
}

bool state_has_rows(const char *path)
{
	struct worker nobody = {0};
	struct error ignored = {0};
	struct state *s = state_open(path, STATE_DRY, &nobody, &ignored);
	sqlite3_stmt *stmt;
	bool has = true;

	if (s && !s->db)
		has = false;
	else if (s && state_prepare(s, SQL_ANY_ROW, &stmt, &ignored))
		has = sqlite3_step(stmt) != SQLITE_DONE;
	state_close(s);
	return has;
}
