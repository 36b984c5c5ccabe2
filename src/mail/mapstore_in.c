#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "imap/flag.h"
#include "mail/mapstore.h"
#include "mem.h"

static struct map_staged *staged_at(const struct mapstore *s, size_t i)
{
	return vec_at(&s->staged, i);
}

bool mapstore_incoming_begin(struct store *store, uint64_t size,
	struct error *err)
{
	struct mapstore *s = mapstore_of(store);

	if (s->begun)
		spool_drop(&s->in);
	s->begun = spool_begin(&s->in, s->spool_dir, err);
	s->announced = size;
	return s->begun;
}

bool mapstore_incoming_data(struct store *store, struct span wire,
	struct error *err)
{
	struct mapstore *s = mapstore_of(store);

	assert(s->begun);
	return spool_add(&s->in, wire, err);
}

static bool is_whole(const struct mapstore *s, const struct spooled *body,
	struct error *err)
{
	if (s->announced > 0 && body->size != s->announced)
		return error_set(err, ERROR_MESSAGE, ERROR_OTHER,
			"%llu bytes were announced, %llu came",
			(unsigned long long)s->announced,
			(unsigned long long)body->size);
	return !body->has_nul || error_set(err, ERROR_MESSAGE, ERROR_OTHER,
		"it contains a NUL byte, which cannot be sent to a server");
}

bool mapstore_incoming_end(struct store *store, uint32_t uid, uint32_t flags,
	int64_t date, struct error *err)
{
	struct mapstore *s = mapstore_of(store);
	struct map_staged new = {.uid = uid, .date = date,
		.flags = flags & s->flags_allowed};

	assert(s->begun);
	s->begun = false;
	spool_end(&s->in, &new.body);
	if (!is_whole(s, &new.body, err)) {
		spool_cut(&s->in, &new.body);
		return false;
	}
	*(struct map_staged *)vec_add(&s->staged) = new;
	return true;
}

void mapstore_incoming_drop(struct store *store)
{
	struct mapstore *s = mapstore_of(store);

	if (s->begun) {
		spool_drop(&s->in);
	} else if (s->staged.len > 0) {
		spool_cut(&s->in, &staged_at(s, s->staged.len - 1)->body);
		s->staged.len--;
	}
	s->begun = false;
}

void mapstore_incoming_forget(struct mapstore *s)
{
	s->begun = false;
	vec_reset(&s->staged);
	spool_reset(&s->in);
}

void mapstore_incoming_identity(struct store *store, struct identity *id,
	unsigned char digest[DIGEST_SHA256_SIZE])
{
	struct mapstore *s = mapstore_of(store);
	const struct map_staged *last = staged_at(s, s->staged.len - 1);

	*id = (struct identity){.index = (uint32_t)(s->staged.len - 1),
		.size = last->body.size, .id = last->body.id};
	memcpy(digest, last->body.digest, sizeof(last->body.digest));
}

/* ---- Sending ---- */

struct sending {
	struct mapstore *s;
	struct append *item;
	store_sent_fn *each;
	void *arg;
};

/* A server that keeps one copy of equal messages gives the UID of the one it
 * has, which has its own partner, or is going to be sent there. */
static bool is_taken(const struct mapstore *s, uint32_t own)
{
	return own <= s->last || uidmap_remote(&s->map, own) != 0;
}

static bool answered(void *arg, struct append *item, struct error *err)
{
	struct sending *run = arg;
	struct mapstore *s = run->s;
	struct store_sent sent = {.index = (size_t)(item - run->item),
		.result = item->result, .text = str_get(&item->text)};

	(void)err;
	if (item->result == CONDITION_OK && item->uid != 0) {
		sent.placed = !is_taken(s, item->uid);
		if (sent.placed)
			uidmap_set(&s->map, item->uid,
				staged_at(s, sent.index)->uid);
		else {
			sent.result = CONDITION_NO;
			sent.text = "it was taken for one that is there";
		}
	}
	run->each(run->arg, &sent);
	return true;
}

static void fill(const struct mapstore *s, size_t i, struct append *item,
	struct spool_reader *reader)
{
	const struct map_staged *m = staged_at(s, i);

	spool_open(reader, &s->in, &m->body);
	*item = (struct append){
		.source = {m->body.size, spool_read, reader, spool_again},
		.flags = m->flags,
		.date = m->date ? m->date : clock_wall_ms() / 1000,
	};
}

static bool send_staged(struct mapstore *s, store_sent_fn *each, void *arg,
	struct error *err)
{
	size_t len = s->staged.len;
	struct append *item = mem_calloc(len, sizeof(*item));
	struct spool_reader *reader = mem_calloc(len, sizeof(*reader));
	struct sending run = {s, item, each, arg};
	bool ok;

	for (size_t i = 0; i < len; i++)
		fill(s, i, &item[i], &reader[i]);
	ok = imapstore_ops.append(&s->imap->store, item, len, answered, &run,
		err);
	for (size_t i = 0; i < len; i++)
		str_clear(&item[i].text);
	free(item);
	free(reader);
	return ok;
}

/* A folder whose map was never written has messages by other hands only: that
 * is on the disk before the first of ours is there. */
bool mapstore_incoming_send(struct store *store, store_sent_fn *each,
	void *arg, struct error *err)
{
	struct mapstore *s = mapstore_of(store);
	bool ok = !s->map.missing || uidmap_save(&s->map, s->path, s->fsync,
		store->worker, err);

	ok = ok && (s->staged.len == 0 || send_staged(s, each, arg, err));
	vec_reset(&s->staged);
	if (!s->begun)
		spool_reset(&s->in);
	return ok;
}

bool mapstore_incoming_commit(struct store *store, struct error *err)
{
	struct mapstore *s = mapstore_of(store);

	assert(s->staged.len == 0);
	if (!s->path)
		return true;
	if (!uidmap_save(&s->map, s->path, s->fsync, store->worker, err))
		return false;
	s->lost = false;
	return true;
}
