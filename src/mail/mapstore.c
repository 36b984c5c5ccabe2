#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/worker.h"
#include "conf/conf.h"
#include "imap/flag.h"
#include "imap/ops.h"
#include "imap/session.h"
#include "mail/mapstore.h"
#include "mem.h"

/* Of an unsigned long, and more than a UID needs. */
#define NAME_SIZE 24

static struct store *inner(struct store *store)
{
	return &mapstore_of(store)->imap->store;
}

static struct store *map_open(const struct store_config *config,
	struct error *err)
{
	struct store *imap = imapstore_ops.open(config, err);
	struct mapstore *s;

	if (!imap)
		return NULL;
	s = mem_calloc(1, sizeof(*s));
	s->store.ops = &mapstore_ops;
	s->store.worker = config->worker;
	s->store.repository = config->repo->name;
	s->imap = (struct imapstore *)imap;
	s->repo = config->repo;
	s->fsync = config->fsync;
	s->store.filterheaders = s->imap->store.filterheaders;
	s->map_dir = mem_strdup(config->map_dir);
	/* beside the directories that OfflineIMAP knows (compat 10) */
	s->spool_dir = file_join(config->map_dir, "..");
	s->map = (struct uidmap)UIDMAP_EMPTY;
	s->in.fd = s->out.fd = -1;
	s->staged = (struct vec)VEC(struct map_staged);
	s->expected = (struct vec)VEC(uint32_t);
	s->ready = (struct vec)VEC(struct map_ready);
	return &s->store;
}

/* All but the inner store. */
static void free_self(struct mapstore *s)
{
	free(s->map_dir);
	free(s->spool_dir);
	free(s->path);
	uidmap_clear(&s->map);
	spool_clear(&s->in);
	spool_clear(&s->out);
	vec_clear(&s->staged);
	vec_clear(&s->expected);
	vec_clear(&s->ready);
	free(s);
}

static void map_close(struct store *store)
{
	store_close(inner(store));
	free_self(mapstore_of(store));
}

struct session *mapstore_detach(struct store *store)
{
	struct session *session = imapstore_detach(inner(store));

	free_self(mapstore_of(store));
	return session;
}

/* ---- Folders: as on any server ---- */

static bool map_list(struct store *store, struct vec *folders,
	struct error *err)
{
	return imapstore_list(inner(store), folders, err);
}

static char map_separator(struct store *store)
{
	return imapstore_separator(inner(store));
}

static bool map_create(struct store *store, const char *name,
	struct error *err)
{
	return imapstore_create(inner(store), name, err);
}

static bool map_status(struct store *store, struct ops_status *at, size_t len,
	struct error *err)
{
	return imapstore_status(inner(store), at, len, err);
}

/* ---- The map of a folder ---- */

static char *map_path(const struct mapstore *s, const char *name)
{
	char *base, *path;

	if (s->store.known)
		return file_join(s->map_dir, s->store.known->base);
	base = mem_strdup(name);
	for (char *c = base; *c; c++)
		if (*c == '/')
			*c = '.';
	path = file_join(s->map_dir, base);
	free(base);
	return path;
}

static uint32_t last_of(const struct msglist *list)
{
	return list->len > 0 ? list->at[list->len - 1].uid : 0;
}

/* D1: whether the map's own UIDs still mean what they meant. */
static bool holds(const struct mapstore *s, const struct folder_info *info,
	const struct msglist *real)
{
	const struct store_known *known = s->store.known;
	uint32_t last;

	if (s->map.order.len == 0)
		return true;
	if (!known || known->uidvalidity != info->uidvalidity)
		return false;
	/* A server that was restored from a backup gives them once more. */
	last = uidmap_at(&s->map, s->map.order.len - 1)->local;
	return info->uidnext == 0 || last < info->uidnext ||
		last <= last_of(real);
}

/* Takes the map of the folder into memory, unless it is there already. */
static bool take_map(struct mapstore *s, const char *name, bool touch,
	const struct folder_info *info, const struct msglist *real,
	struct error *err)
{
	char *path = map_path(s, name);

	if (s->path && strcmp(s->path, path) == 0 &&
		s->uidvalidity == info->uidvalidity) {
		free(path);
		return true;
	}
	free(s->path);
	s->path = NULL;
	if (!uidmap_load(&s->map, path, touch, s->store.worker, err)) {
		free(path);
		return false;
	}
	s->path = path;
	s->uidvalidity = info->uidvalidity;
	s->lost = s->map.missing;
	if (!holds(s, info, real)) {
		uidmap_drop_all(&s->map);
		s->lost = true;
	}
	return true;
}

static bool has_row(const struct mapstore *s, uint32_t uid)
{
	const struct store_known *known = s->store.known;

	return known && known->rows && msglist_find(known->rows, uid);
}

/* As OfflineIMAP does at each listing, but for those that the state knows. */
static void drop_vanished(struct mapstore *s, const struct msglist *real)
{
	for (size_t i = s->map.order.len; i-- > 0;) {
		const struct uidmap_pair *p = uidmap_at(&s->map, i);

		if (!msglist_find(real, p->local) && !has_row(s, p->remote))
			uidmap_drop(&s->map, p->local);
	}
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Whether each row has its pair.  Without sync_deletes rows outlive what was
 * deleted here, and OfflineIMAP keeps no pairs for them. */
static bool covers_rows(const struct mapstore *s)
{
	const struct store_known *known = s->store.known;
	size_t len = s->map.order.len;
	uint32_t *remote;
	bool covers = true;

	if (!known || !known->rows || !s->repo->sync_deletes)
		return true;
	remote = mem_calloc(len + 1, sizeof(*remote));
	for (size_t i = 0; i < len; i++)
		remote[i] = uidmap_at(&s->map, i)->remote;
	if (len > 1)
		qsort(remote, len, sizeof(*remote), by_number);
	for (size_t i = 0; covers && i < known->rows->len; i++)
		covers = len > 0 && bsearch(&known->rows->at[i].uid, remote,
			len, sizeof(*remote), by_number);
	free(remote);
	return covers;
}

/* ---- Listing ---- */

/* The list under remote UIDs; tells whether some have none. */
static bool translate(struct mapstore *s, const struct msglist *real,
	struct msglist *out)
{
	bool unmapped = false;

	out->len = 0;
	str_reset(&out->names);
	for (size_t i = 0; i < real->len; i++) {
		const struct msg *m = &real->at[i];
		uint32_t remote = uidmap_remote(&s->map, m->uid);
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), "%010lu", (unsigned long)m->uid);
		msglist_add(out, remote, m->flags, name);
		unmapped = unmapped || remote == 0;
	}
	msglist_sort(out);
	out->complete = real->complete;
	return unmapped;
}

static bool map_load(struct store *store, const char *name, bool readonly,
	struct folder_info *info, struct msglist *out, struct error *err)
{
	struct mapstore *s = mapstore_of(store);
	struct msglist real = {0};
	bool ok;

	mapstore_outgoing_forget(s);
	mapstore_incoming_forget(s);
	ok = imapstore_load(inner(store), name, readonly || s->repo->readonly,
		info, &real, err) &&
		take_map(s, name, !readonly, info, &real, err);
	if (ok) {
		if (real.complete)
			drop_vanished(s, &real);
		s->last = last_of(&real);
		s->flags_allowed = info->flags_allowed;
		store->letters = s->imap->store.letters;
		if (translate(s, &real, out) && !covers_rows(s))
			s->lost = true;
		info->numbers_lost = s->lost;
	}
	msglist_clear(&real);
	return ok;
}

/* ---- Messages ---- */

static void own_uids(const struct msgset *which, struct seqset *out)
{
	for (size_t i = 0; i < which->len; i++)
		seqset_add(out, store_own_uid(which->list,
			msgset_at(which, i)));
}

/* The messages asked about under their own UIDs. */
struct identifying {
	struct msglist own;
	const struct msgset *which;
	store_identify_fn *each;
	void *arg;
};

/* Names in the list of own UIDs are places in which. */
static bool identify_one(void *arg, const struct identity *id,
	struct error *err)
{
	struct identifying *run = arg;
	struct identity translated = *id;
	uint32_t at = store_own_uid(&run->own, &run->own.at[id->index]);

	translated.index = run->which->index[at];
	return run->each(run->arg, &translated, err);
}

/* Those messages as a list of their own, names: places in which.  The index
 * of all of it. */
static uint32_t *list_own(const struct msgset *which, struct msglist *out)
{
	uint32_t *index = mem_calloc(which->len + 1, sizeof(*index));

	for (size_t i = 0; i < which->len; i++) {
		char place[NAME_SIZE];

		snprintf(place, sizeof(place), "%lu",
			(unsigned long)(uint32_t)i);
		msglist_add(out, store_own_uid(which->list,
			msgset_at(which, i)), 0, place);
		index[i] = (uint32_t)i;
	}
	msglist_sort(out);
	return index;
}

static bool map_identify(struct store *store, const struct msgset *which,
	store_identify_fn *each, void *arg, struct error *err)
{
	struct identifying run = {.which = which, .each = each, .arg = arg};
	uint32_t *index = list_own(which, &run.own);
	const struct msgset all = {&run.own, index, which->len};
	bool ok = imapstore_ops.identify(inner(store), &all, identify_one,
		&run, err);

	msglist_clear(&run.own);
	free(index);
	return ok;
}

static bool map_search(struct store *store, const struct msgset *which,
	const struct ops_search *what, bool *out, struct error *err)
{
	struct msglist own = {0};
	uint32_t *index = list_own(which, &own);
	const struct msgset all = {&own, index, which->len};
	bool *found = mem_calloc(which->len + 1, sizeof(*found));
	bool ok = imapstore_ops.search(inner(store), &all, what, found, err);

	for (size_t i = 0; i < which->len; i++)
		out[store_own_uid(&own, &own.at[i])] = found[i];
	free(found);
	msglist_clear(&own);
	free(index);
	return ok;
}

/* Nobody else is asked about here: modseqs are the remote side's. */
static bool map_flags(struct store *store, struct store_change *at,
	size_t len, struct error *err)
{
	struct seqset *uids = mem_calloc(len, sizeof(*uids));
	bool ok;

	for (size_t i = 0; i < len; i++) {
		at[i].since = 0;
		own_uids(&at[i].which, &uids[i]);
	}
	ok = imapstore_change(mapstore_of(store)->imap, at, uids, len, err);
	for (size_t i = 0; i < len; i++)
		seqset_clear(&uids[i]);
	free(uids);
	return ok;
}

/* What is only marked is still there, and keeps its pair. */
static bool map_remove(struct store *store, const struct msgset *which,
	enum remove_reason reason, struct error *err)
{
	struct mapstore *s = mapstore_of(store);
	struct seqset uids = {0};
	bool ok = true;

	(void)reason;
	own_uids(which, &uids);
	if (!seqset_empty(&uids)) {
		worker_effect(store->worker, "remove");
		ok = ops_delete(s->imap->session, &uids, s->repo->expunge,
			err);
	}
	seqset_clear(&uids);
	for (size_t i = 0; ok && s->repo->expunge && i < which->len; i++)
		uidmap_drop(&s->map, store_own_uid(which->list,
			msgset_at(which, i)));
	return imapstore_checked(s->imap, ok, err);
}

/* ---- Numbers: nothing but the map changes ---- */

static bool map_adopt(struct store *store, const struct msglist *list,
	const struct msg *m, uint32_t uid, struct error *err)
{
	(void)err;
	uidmap_set(&mapstore_of(store)->map, store_own_uid(list, m), uid);
	return true;
}

static bool map_detach(struct store *store, const struct msglist *list,
	const struct msg *m, struct error *err)
{
	(void)err;
	uidmap_drop(&mapstore_of(store)->map, store_own_uid(list, m));
	return true;
}

const struct store_ops mapstore_ops = {
	.type = "IMAP",
	.open = map_open,
	.close = map_close,
	.list = map_list,
	.separator = map_separator,
	.create = map_create,
	.status = map_status,
	.load = map_load,
	.identify = map_identify,
	.search = map_search,
	.flags = map_flags,
	.remove = map_remove,
	.incoming_begin = mapstore_incoming_begin,
	.incoming_data = mapstore_incoming_data,
	.incoming_end = mapstore_incoming_end,
	.incoming_drop = mapstore_incoming_drop,
	.incoming_identity = mapstore_incoming_identity,
	.incoming_send = mapstore_incoming_send,
	.incoming_commit = mapstore_incoming_commit,
	.outgoing_expect = mapstore_outgoing_expect,
	.outgoing_open = mapstore_outgoing_open,
	.outgoing_close = mapstore_outgoing_close,
	.adopt = map_adopt,
	.detach = map_detach,
};
