#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "str.h"
#include "sync/intent.h"
#include "sync/state.h"
#include "sync/state_db.h"

/* Of the row, and of how digest and header key are made (D11). */
#define INTENT_VERSION 1

/* In the column of the status: the message is sent to the local side. */
#define TO_LOCAL 2

static const char create_sql[] =
	"CREATE TABLE IF NOT EXISTS intent (id INTEGER PRIMARY KEY,"
	" version INTEGER, status INTEGER, name TEXT, size INTEGER,"
	" digest BLOB, header BLOB, has_message_id INTEGER,"
	" uidvalidity INTEGER, uidnext INTEGER, attempt INTEGER,"
	" created INTEGER, twin INTEGER, checksum BLOB)";

static int stored_status(const struct intent *it)
{
	return (int)it->status + (it->to_local ? TO_LOCAL : 0);
}

/* Everything but the id, in a form that does not depend on the machine. */
static void make_checksum(const struct intent *it,
	unsigned char out[DIGEST_SHA256_SIZE])
{
	struct digest *d = digest_new();
	struct str text = {0};

	str_printf(&text, "%d %d %llu %d %lu %lu %lu %lld %lu ",
		INTENT_VERSION, stored_status(it),
		(unsigned long long)it->size, it->header.has_message_id,
		(unsigned long)it->uidvalidity, (unsigned long)it->uidnext,
		(unsigned long)it->attempt, (long long)it->created_ms,
		(unsigned long)it->twin);
	str_add(&text, it->name);
	digest_add(d, text.data, text.len);
	digest_add(d, it->digest, sizeof(it->digest));
	digest_add(d, it->header.key, sizeof(it->header.key));
	digest_end(d, out);
	digest_free(d);
	str_clear(&text);
}

/* A blob of exactly this size, or false. */
static bool get_blob(sqlite3_stmt *stmt, int column, void *out, size_t size)
{
	const void *data = sqlite3_column_blob(stmt, column);

	if (!data || (size_t)sqlite3_column_bytes(stmt, column) != size)
		return false;
	memcpy(out, data, size);
	return true;
}

static uint32_t get_u32(sqlite3_stmt *stmt, int column)
{
	return (uint32_t)sqlite3_column_int64(stmt, column);
}

static bool get_fields(sqlite3_stmt *stmt, struct intent *it)
{
	const void *name = sqlite3_column_text(stmt, 3);
	int status;

	if (sqlite3_column_int(stmt, 1) != INTENT_VERSION || !name)
		return false;
	it->id = sqlite3_column_int64(stmt, 0);
	status = sqlite3_column_int(stmt, 2);
	it->to_local = status >= TO_LOCAL;
	it->status = (it->to_local ? status - TO_LOCAL : status) ==
		INTENT_BEGUN ? INTENT_BEGUN : INTENT_STRAGGLER;
	it->name = mem_strdup(name);
	it->size = (uint64_t)sqlite3_column_int64(stmt, 4);
	it->header.has_message_id = sqlite3_column_int(stmt, 7) != 0;
	it->uidvalidity = get_u32(stmt, 8);
	it->uidnext = get_u32(stmt, 9);
	it->attempt = get_u32(stmt, 10);
	it->created_ms = sqlite3_column_int64(stmt, 11);
	it->twin = get_u32(stmt, 12);
	return get_blob(stmt, 5, it->digest, sizeof(it->digest)) &&
		get_blob(stmt, 6, it->header.key, sizeof(it->header.key));
}

static void add_row(sqlite3_stmt *stmt, struct vec *out)
{
	unsigned char stored[DIGEST_SHA256_SIZE], sum[DIGEST_SHA256_SIZE];
	struct intent it = {0};
	bool good = get_fields(stmt, &it) &&
		get_blob(stmt, 13, stored, sizeof(stored));

	if (good)
		make_checksum(&it, sum);
	if (good && memcmp(stored, sum, sizeof(sum)) == 0)
		*(struct intent *)vec_add(out) = it;
	else
		free(it.name);
}

bool intent_load(struct state *s, struct vec *out, struct error *err)
{
	sqlite3_stmt *stmt;
	int got;

	if (!s->db || !s->has_intents)
		return true;
	if (!state_prepare(s, SQL_INTENTS, &stmt, err))
		return false;
	while ((got = sqlite3_step(stmt)) == SQLITE_ROW)
		add_row(stmt, out);
	if (got != SQLITE_DONE)
		state_fail(s, "read", err);
	sqlite3_reset(stmt);
	return got == SQLITE_DONE;
}

void intent_clear(struct vec *intents)
{
	for (size_t i = 0; i < intents->len; i++)
		free(((struct intent *)vec_at(intents, i))->name);
	vec_clear(intents);
}

static bool need_table(struct state *s, struct error *err)
{
	assert(s->in_transaction);
	if (!s->has_intents)
		s->has_intents = state_exec(s, create_sql, err);
	return s->has_intents;
}

static void bind_fields(sqlite3_stmt *stmt, const struct intent *it)
{
	unsigned char sum[DIGEST_SHA256_SIZE];

	make_checksum(it, sum);
	if (it->id > 0)
		sqlite3_bind_int64(stmt, 1, it->id);
	sqlite3_bind_int(stmt, 2, INTENT_VERSION);
	sqlite3_bind_int(stmt, 3, stored_status(it));
	sqlite3_bind_text(stmt, 4, it->name, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(stmt, 5, (sqlite3_int64)it->size);
	sqlite3_bind_blob(stmt, 6, it->digest, sizeof(it->digest),
		SQLITE_TRANSIENT);
	sqlite3_bind_blob(stmt, 7, it->header.key, sizeof(it->header.key),
		SQLITE_TRANSIENT);
	sqlite3_bind_int(stmt, 8, it->header.has_message_id);
	sqlite3_bind_int64(stmt, 9, it->uidvalidity);
	sqlite3_bind_int64(stmt, 10, it->uidnext);
	sqlite3_bind_int64(stmt, 11, it->attempt);
	sqlite3_bind_int64(stmt, 12, it->created_ms);
	sqlite3_bind_int64(stmt, 13, it->twin);
	sqlite3_bind_blob(stmt, 14, sum, sizeof(sum), SQLITE_TRANSIENT);
}

bool intent_put(struct state *s, struct intent *it, struct error *err)
{
	sqlite3_stmt *stmt;

	if (!need_table(s, err) ||
		!state_prepare(s, SQL_INTENT_PUT, &stmt, err))
		return false;
	bind_fields(stmt, it);
	if (!state_run(s, stmt, err))
		return false;
	it->id = sqlite3_last_insert_rowid(s->db);
	return true;
}

bool intent_drop(struct state *s, int64_t id, struct error *err)
{
	sqlite3_stmt *stmt;

	if (!need_table(s, err) ||
		!state_prepare(s, SQL_INTENT_DROP, &stmt, err))
		return false;
	sqlite3_bind_int64(stmt, 1, id);
	return state_run(s, stmt, err);
}

bool intent_prune(struct state *s, int64_t before_ms, struct error *err)
{
	sqlite3_stmt *stmt;

	if (!s->has_intents)
		return true;
	if (!state_prepare(s, SQL_INTENT_PRUNE, &stmt, err))
		return false;
	sqlite3_bind_int64(stmt, 1, before_ms);
	return state_run(s, stmt, err);
}
