#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "imap/flag.h"
#include "support/memstore.h"
#include "mem.h"

struct memstore {
	struct store store;
	struct memtree *tree;
	bool dead;       /* the connection is lost */
	bool lost_after; /* it is lost with the answer to this step */
	struct mem_folder *open;
	struct vec staged; /* of struct mem_message */
	struct str wire;   /* of the one begun */
	bool begun;
};

/* ---- Steps and faults ---- */

static struct memstore *self(struct store *store)
{
	return (struct memstore *)store;
}

static bool lost(struct memstore *s, struct error *err)
{
	s->dead = true;
	return error_set(err, ERROR_FOLDER_RETRY, ERROR_NETWORK,
		"%s: the connection is lost", s->store.repository);
}

/* Whether the fault that a test ordered strikes at this step. */
static bool strikes(struct mem_fault *fault, const char *op)
{
	if (fault->nth == 0 || (fault->op && strcmp(fault->op, op) != 0))
		return false;
	return --fault->nth == 0;
}

/* Begins a step; true: it may take effect.  Then step_end says how it went. */
static bool step(struct memstore *s, const char *op, struct error *err)
{
	struct mem_fault *fault = &s->tree->fault;

	if (s->dead)
		return lost(s, err);
	s->tree->steps++;
	if (s->tree->land_from > 0 && s->tree->steps >= s->tree->land_from)
		memtree_land_one(s->tree);
	if (!strikes(fault, op))
		return true;
	switch (fault->kind) {
	case MEM_FAIL:
		return error_set(err, fault->severity != ERROR_NONE
			? fault->severity : ERROR_FOLDER, ERROR_OTHER,
			"%s: %s was made to fail", s->store.repository, op);
	case MEM_LOST:
	case MEM_LOST_LATE:
		return lost(s, err);
	case MEM_LOST_AFTER:
		s->lost_after = true;
		return true;
	}
	return true;
}

static bool step_end(struct memstore *s, struct error *err)
{
	return !s->lost_after || lost(s, err);
}

static bool may_change(struct memstore *s, const char *what, struct error *err)
{
	if (s->open && s->open->readonly)
		return error_set(err, ERROR_FOLDER, ERROR_READONLY,
			"%s: %s is read-only", s->store.repository,
			s->open->name);
	worker_effect(s->store.worker, what);
	return true;
}

/* ---- Folders ---- */

struct store *memstore_open(struct memtree *tree, struct worker *worker)
{
	struct memstore *s = mem_calloc(1, sizeof(*s));

	s->store.ops = &memstore_ops;
	s->store.worker = worker;
	s->store.repository = tree->local ? "MemLocal" : "MemRemote";
	s->store.type = "Memory";
	s->tree = tree;
	s->staged = (struct vec)VEC(struct mem_message);
	return &s->store;
}

static struct mem_message *staged_at(const struct memstore *s, size_t i)
{
	return vec_at(&s->staged, i);
}

static void drop_staged(struct memstore *s)
{
	for (size_t i = 0; i < s->staged.len; i++)
		free(staged_at(s, i)->wire);
	vec_reset(&s->staged);
}

static void mem_close(struct store *store)
{
	struct memstore *s = self(store);

	drop_staged(s);
	vec_clear(&s->staged);
	str_clear(&s->wire);
	free(s);
}

static bool mem_list(struct store *store, struct vec *folders,
	struct error *err)
{
	struct memstore *s = self(store);

	if (!step(s, "list", err))
		return false;
	for (size_t i = 0; i < s->tree->folder.len; i++) {
		const struct mem_folder *f = memtree_at(s->tree, i);

		*(struct folder *)vec_add(folders) = (struct folder){
			mem_strdup(f->name), f->attributes};
	}
	return step_end(s, err);
}

static char mem_separator(struct store *store)
{
	return self(store)->tree->separator;
}

static bool mem_create(struct store *store, const char *name,
	struct error *err)
{
	struct memstore *s = self(store);

	if (!step(s, "create", err))
		return false;
	worker_effect(store->worker, "create");
	if (!memtree_folder(s->tree, name))
		memtree_add_folder(s->tree, name);
	return step_end(s, err);
}

static bool mem_status(struct store *store, struct ops_status *at, size_t len,
	struct error *err)
{
	struct memstore *s = self(store);

	if (!step(s, "status", err))
		return false;
	for (size_t i = 0; i < len; i++) {
		const struct mem_folder *f =
			memtree_folder(s->tree, at[i].name);

		at[i].ok = f != NULL;
		if (!f)
			continue;
		at[i].messages = (uint32_t)f->message.len;
		at[i].uidnext = f->uidnext;
		at[i].uidvalidity = f->uidvalidity;
	}
	return step_end(s, err);
}

static void list_message(const struct memstore *s, const struct mem_message *m,
	struct msglist *out)
{
	char name[16];

	snprintf(name, sizeof(name), "m%08u", m->number);
	msglist_add(out, m->uid, m->flags, s->tree->local ? name : NULL);
}

static bool mem_load(struct store *store, const char *name, bool readonly,
	struct folder_info *info, struct msglist *out, struct error *err)
{
	struct memstore *s = self(store);
	struct mem_folder *f = memtree_folder(s->tree, name);
	size_t len;

	if (!step(s, "load", err))
		return false;
	s->open = f;
	if (!f)
		return error_set(err, ERROR_FOLDER, ERROR_GONE,
			"%s: there is no folder %s", store->repository, name);
	*info = (struct folder_info){.uidvalidity = f->uidvalidity,
		.uidnext = f->uidnext, .exists = (uint32_t)f->message.len,
		.flags_allowed = f->flags_allowed,
		.readonly = readonly || f->readonly, .modseq = s->tree->modseq};
	msglist_clear(out);
	len = f->message.len;
	if (s->tree->incomplete && len > 0)
		len--;
	for (size_t i = 0; i < len; i++)
		list_message(s, mem_folder_at(f, i), out);
	msglist_sort(out);
	out->complete = !s->tree->incomplete;
	return step_end(s, err);
}

static bool mem_enter(struct store *store, const char *name, bool readonly,
	struct folder_info *info, struct error *err)
{
	struct memstore *s = self(store);

	(void)readonly;
	if (!step(s, "enter", err))
		return false;
	s->open = memtree_folder(s->tree, name);
	if (!s->open)
		return error_set(err, ERROR_FOLDER, ERROR_GONE,
			"%s: there is no folder %s", store->repository, name);
	*info = (struct folder_info){.uidvalidity = s->open->uidvalidity,
		.uidnext = s->open->uidnext,
		.exists = (uint32_t)s->open->message.len};
	return step_end(s, err);
}

/* ---- Messages ---- */

/* The message that a list names; NULL: gone meanwhile.  To be asked for after
 * the step, at which others may come and go. */
static struct mem_message *resolve(const struct memstore *s,
	const struct msglist *list, const struct msg *m)
{
	struct str buf = {0};
	uint32_t number;

	if (!s->open)
		return NULL;
	if (!s->tree->local)
		return mem_folder_find(s->open, m->uid);
	number = (uint32_t)strtoul(msglist_name(list, m, &buf) + 1, NULL, 10);
	str_clear(&buf);
	return mem_folder_by_number(s->open, number);
}

static bool mem_identify(struct store *store, const struct msgset *which,
	store_identify_fn *each, void *arg, struct error *err)
{
	struct memstore *s = self(store);

	for (size_t i = 0; i < which->len; i++) {
		const struct mem_message *m;
		struct identity id = {.index = which->index[i]};

		if (!step(s, "identify", err))
			return false;
		m = resolve(s, which->list, msgset_at(which, i));
		if (!m)
			continue;
		id.size = m->len;
		header_id((struct span){m->wire, m->len}, &id.id);
		if (!each(arg, &id, err) || !step_end(s, err))
			return false;
	}
	return true;
}

/* Days are those of a calendar whose months have 31 and whose years have 372
 * days: tests make dates with memtree_day. */
static bool mem_search(struct store *store, const struct msgset *which,
	const struct ops_search *what, bool *out, struct error *err)
{
	struct memstore *s = self(store);
	int64_t since = memtree_day(what->year, what->month, what->day);

	if (!step(s, "search", err))
		return false;
	for (size_t i = 0; i < which->len; i++) {
		const struct mem_message *m = resolve(s, which->list,
			msgset_at(which, i));

		out[i] = m && (what->year == 0 || m->date >= since) &&
			(what->larger == 0 || m->len > what->larger);
	}
	return step_end(s, err);
}

static bool hand_over(const struct mem_message *m,
	const struct body_sink *sink, struct error *err)
{
	const struct response_fetch f = {
		.has = FETCH_UID | FETCH_FLAGS | FETCH_DATE | FETCH_STREAMED,
		.uid = m->uid, .flags = m->flags, .date = m->date,
		.streamed_size = m->len};
	size_t half = m->len / 2;

	return sink->begin(sink->arg, m->len, err) &&
		sink->data(sink->arg, (struct span){m->wire, half}, err) &&
		sink->data(sink->arg, (struct span){m->wire + half,
			m->len - half}, err) &&
		sink->end(sink->arg, &f, err);
}

static bool fetch_set(struct store *store, const struct seqset *uids,
	const struct body_sink *sink, struct str *refused, struct error *err)
{
	struct memstore *s = self(store);
	struct seqset_iter iter = seqset_iter(uids);
	uint32_t uid;

	while (seqset_next(&iter, &uid)) {
		const struct mem_message *m;

		if (!step(s, "fetch", err))
			return false;
		m = s->open ? mem_folder_find(s->open, uid) : NULL;
		if (!m || uid == s->tree->withhold)
			continue;
		if (mem_message_contains(m, s->tree->refuse)) {
			str_set(refused, "NO this message is refused");
			continue;
		}
		if (!hand_over(m, sink, err) || !step_end(s, err))
			return false;
		s->tree->fetched++;
	}
	return true;
}

static bool mem_fetch(struct store *store, const struct seqset *uids,
	const struct body_sink *sink, struct str *refused, struct error *err)
{
	struct seqset more = {0};
	bool ok = fetch_set(store, uids, sink, refused, err);

	while (ok && sink->next && sink->next(sink->arg, &more)) {
		ok = fetch_set(store, &more, sink, refused, err);
		seqset_reset(&more);
	}
	seqset_clear(&more);
	return ok;
}

/* The whole source; false: it failed, or its size was wrong. */
static bool read_source(const struct source *source, struct str *out,
	struct error *err)
{
	size_t got;

	do {
		str_reserve(out, 1000);
		if (!source->read(source->arg, out->data + out->len, 1000,
			&got, err))
			return false;
		out->len += got;
		out->data[out->len] = '\0';
	} while (got > 0);
	return out->len == source->size || error_set(err, ERROR_MESSAGE,
		ERROR_OTHER, "promised %llu bytes, read %zu",
		(unsigned long long)source->size, out->len);
}

static bool append_one(struct memstore *s, struct append *item,
	struct error *err)
{
	bool late = s->tree->fault.kind == MEM_LOST_LATE;
	struct str wire = {0};
	struct mem_message m = {.flags = item->flags & s->open->flags_allowed,
		.date = item->date};
	bool ok;

	if (!read_source(&item->source, &wire, err)) {
		str_clear(&wire);
		return lost(s, err);
	}
	m.len = wire.len;
	m.wire = str_detach(&wire);
	if (mem_message_contains(&m, s->tree->refuse)) {
		free(m.wire);
		item->result = CONDITION_NO;
		str_set(&item->text, "this message is refused");
		return true;
	}
	ok = step(s, "append", err);
	if (ok) {
		m.uid = memtree_put(s->tree, s->open, &m)->uid;
		s->tree->appended++;
	} else if (late && s->dead) {
		*(struct mem_late *)vec_add(&s->tree->late) =
			(struct mem_late){s->open, m};
	} else {
		free(m.wire);
	}
	if (!ok || !step_end(s, err))
		return false;
	item->result = CONDITION_OK;
	item->uid = s->tree->no_appenduid ? 0 : m.uid;
	item->uidvalidity = s->tree->no_appenduid ? 0 : s->open->uidvalidity;
	return true;
}

static bool mem_append(struct store *store, struct append *item, size_t len,
	ops_append_fn *done, void *arg, struct error *err)
{
	struct memstore *s = self(store);

	if (!s->open || s->dead)
		return lost(s, err);
	for (size_t i = 0; i < len; i++)
		if (!may_change(s, "append", err) ||
			!append_one(s, &item[i], err) ||
			!done(arg, &item[i], err))
			return false;
	return true;
}

static bool flag_one(struct memstore *s, struct store_change *c, size_t i,
	struct error *err)
{
	struct mem_message *m;

	if (!may_change(s, "flags", err) || !step(s, "flags", err))
		return false;
	m = resolve(s, c->which.list, msgset_at(&c->which, i));
	if (m && c->since > 0 && m->uid == s->tree->busy) {
		seqset_add(&c->missed, m->uid);
		return true;
	}
	if (m)
		m->flags = (m->flags | (c->add & s->open->flags_allowed))
			& ~c->remove;
	s->tree->flagged += m != NULL;
	return step_end(s, err);
}

static bool mem_flags(struct store *store, struct store_change *at, size_t len,
	struct error *err)
{
	struct memstore *s = self(store);

	for (size_t n = 0; n < len; n++)
		for (size_t i = 0; i < at[n].which.len; i++) {
			if (flag_one(s, &at[n], i, err))
				continue;
			if (err->severity > ERROR_MESSAGE)
				return false;
			at[n].problem = *err;
			error_clear(err);
		}
	return true;
}

static bool mem_remove(struct store *store, const struct msgset *which,
	enum remove_reason reason, struct error *err)
{
	struct memstore *s = self(store);

	(void)reason;
	for (size_t i = 0; i < which->len; i++) {
		struct mem_message *m;

		if (!may_change(s, "remove", err) || !step(s, "remove", err))
			return false;
		m = resolve(s, which->list, msgset_at(which, i));
		if (m && s->tree->no_expunge)
			m->flags |= FLAG_DELETED;
		else if (m)
			mem_folder_remove(s->open, m->number);
		s->tree->removed += m != NULL;
		if (!step_end(s, err))
			return false;
	}
	return true;
}

/* ---- Receiving ---- */

static bool mem_begin(struct store *store, uint64_t size, struct error *err)
{
	struct memstore *s = self(store);

	(void)size;
	if (!step(s, "begin", err))
		return false;
	str_reset(&s->wire);
	s->begun = true;
	return true;
}

static bool mem_data(struct store *store, struct span wire, struct error *err)
{
	(void)err;
	str_add_span(&self(store)->wire, wire);
	return true;
}

static void mem_drop(struct store *store)
{
	struct memstore *s = self(store);

	if (!s->begun && s->staged.len > 0) {
		free(staged_at(s, s->staged.len - 1)->wire);
		s->staged.len--;
	}
	s->begun = false;
}

static void digest_of(const char *data, size_t len,
	unsigned char out[DIGEST_SHA256_SIZE])
{
	struct digest *d = digest_new();

	digest_add(d, data, len);
	digest_end(d, out);
	digest_free(d);
}

static bool mem_end(struct store *store, uint32_t uid, uint32_t flags,
	int64_t date, struct error *err)
{
	struct memstore *s = self(store);
	struct mem_message m = {.uid = uid, .flags = flags, .date = date,
		.len = s->wire.len};

	if (!step(s, "end", err))
		return false;
	m.wire = str_detach(&s->wire);
	s->begun = false;
	*(struct mem_message *)vec_add(&s->staged) = m;
	if (!mem_message_contains(&m, s->tree->refuse))
		return true;
	mem_drop(store);
	return error_set(err, ERROR_MESSAGE, ERROR_OTHER,
		"%s: this message is refused", store->repository);
}

static bool mem_commit(struct store *store, struct error *err)
{
	struct memstore *s = self(store);
	bool ok = true;

	for (size_t i = 0; ok && i < s->staged.len; i++) {
		struct mem_message *m = staged_at(s, i);

		ok = may_change(s, "commit", err) && step(s, "commit", err);
		if (!ok)
			break;
		memtree_put(s->tree, s->open, m);
		m->wire = NULL;
		ok = step_end(s, err);
	}
	drop_staged(s);
	return ok;
}

/* ---- Sending ---- */

struct reading {
	char *wire;
	size_t len, at;
};

static bool mem_read(void *arg, void *buf, size_t cap, size_t *got,
	struct error *err)
{
	struct reading *r = arg;

	(void)err;
	*got = r->len - r->at < cap ? r->len - r->at : cap;
	memcpy(buf, r->wire + r->at, *got);
	r->at += *got;
	return true;
}

static bool mem_outgoing_open(struct store *store, const struct msglist *list,
	const struct msg *msg, struct outgoing *out, struct error *err)
{
	struct memstore *s = self(store);
	const struct mem_message *m;
	struct reading *r;

	if (!step(s, "open", err))
		return false;
	m = resolve(s, list, msg);
	if (!m)
		return error_set(err, ERROR_MESSAGE, ERROR_GONE,
			"%s: the message is gone", store->repository);
	if (mem_message_contains(m, s->tree->refuse))
		return error_set(err, ERROR_MESSAGE, ERROR_OTHER,
			"%s: this message is refused", store->repository);
	r = mem_calloc(1, sizeof(*r));
	r->wire = mem_strndup(m->wire, m->len);
	r->len = m->len;
	*out = (struct outgoing){.source = {.size = m->len,
		.read = mem_read, .arg = r},
		.date = m->date, .data = r};
	header_id((struct span){m->wire, m->len}, &out->id);
	digest_of(m->wire, m->len, out->digest);
	return true;
}

static void mem_outgoing_close(struct store *store, struct outgoing *out)
{
	struct reading *r = out->data;

	(void)store;
	if (!r)
		return;
	free(r->wire);
	free(r);
	*out = (struct outgoing){0};
}

static bool renumber(struct store *store, const struct msglist *list,
	const struct msg *msg, uint32_t uid, struct error *err)
{
	struct memstore *s = self(store);
	struct mem_message *m;
	const char *op = uid ? "adopt" : "detach";

	if (!may_change(s, op, err) || !step(s, op, err))
		return false;
	m = resolve(s, list, msg);
	if (!m)
		return error_set(err, ERROR_MESSAGE, ERROR_GONE,
			"%s: the message is gone", store->repository);
	m->uid = uid;
	return step_end(s, err);
}

static bool mem_adopt(struct store *store, const struct msglist *list,
	const struct msg *msg, uint32_t uid, struct error *err)
{
	return renumber(store, list, msg, uid, err);
}

static bool mem_detach(struct store *store, const struct msglist *list,
	const struct msg *msg, struct error *err)
{
	return renumber(store, list, msg, 0, err);
}

const struct store_ops memstore_ops = {
	.type = "Memory",
	.close = mem_close,
	.list = mem_list,
	.separator = mem_separator,
	.create = mem_create,
	.status = mem_status,
	.load = mem_load,
	.enter = mem_enter,
	.identify = mem_identify,
	.search = mem_search,
	.fetch = mem_fetch,
	.append = mem_append,
	.flags = mem_flags,
	.remove = mem_remove,
	.incoming_begin = mem_begin,
	.incoming_data = mem_data,
	.incoming_end = mem_end,
	.incoming_drop = mem_drop,
	.incoming_commit = mem_commit,
	.outgoing_open = mem_outgoing_open,
	.outgoing_close = mem_outgoing_close,
	.adopt = mem_adopt,
	.detach = mem_detach,
};
