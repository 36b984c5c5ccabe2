#include "config.h"

#include "run/renames.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/worker.h"
#include "conf/conf.h"
#include "mail/stamp.h"
#include "mail/store.h"
#include "mem.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "run/memory.h"
#include "run/naming.h"
#include "run/paths.h"
#include "sync/folder.h"
#include "sync/state.h"
#include "sync/validity.h"

/* Order of the effects, and what a sudden end in between leaves:
 *
 *	UIDVALIDITY's files  nothing is different
 *	state file           the same folders are found again, the state is
 *	                     seen to be there already
 *	folder               both sides have it; its state fits
 *	whose the rows are   the folder is compared by content all the same
 *
 * All states go first: a folder below another goes along with it. */

struct rename {
	const struct tree_pair *from, *to;
	const struct cache_folder *row;
	bool on_server; /* that is where the user did it */
	bool sure;      /* of what is the same; else only numbers are */
	bool given_up, done;
};

struct renames {
	struct memory *m;
	const struct naming *n;
	struct vec list; /* of struct rename */
};

static bool is_inbox(const char *name)
{
	return ascii_casecmp(name, "INBOX") == 0;
}

static const char *own_name(const struct tree_pair *pair, bool server)
{
	return server ? pair->remote : pair->local;
}

/* ---- Which ---- */

static const struct cache_folder *find_row(const struct memory *m,
	const struct tree_pair *pair)
{
	const struct cache_folder *row = cache_find(&m->cache, pair->remote,
		pair->local);

	return row && row->messages > 0 &&
		row->rules == memory_rules(m, pair) ? row : NULL;
}

/* Where the rows at this place came from; false: there are none, or nobody can
 * tell. */
static bool read_origin(const struct memory *m, const struct tree_pair *at,
	uint32_t *validity, char **folder)
{
	char *path = memory_state_path(m, at);
	struct error ignored = {0};
	struct state *state = NULL;
	bool ok;

	*folder = NULL;
	if (state_has_rows(path))
		state = state_open(path, STATE_DRY, m->w, &ignored);
	ok = state && state_validity(state, validity, &ignored) &&
		state_folder(state, folder, &ignored);
	state_close(state);
	free(path);
	return ok;
}

/* An earlier run died when it had moved the state. */
static bool is_half_done(const struct renames *x, const struct rename *r)
{
	char *old = memory_state_path(x->m, r->from), *folder = NULL;
	uint32_t validity = 0;
	bool is = !state_has_rows(old) &&
		read_origin(x->m, r->to, &validity, &folder) &&
		validity == r->row->uidvalidity && folder &&
		strcmp(folder, r->from->remote) == 0;

	free(folder);
	free(old);
	return is;
}

static bool ask_numbers(const struct renames *x, const char *name,
	struct ops_status *at)
{
	struct store *remote = x->n->remote.store;
	struct error ignored = {0};

	*at = (struct ops_status){.name = name};
	return remote->ops->status(remote, at, 1, &ignored) && at->ok;
}

static const char *find_id(const struct memory *m, const char *name)
{
	char *wire = memory_wire_name(m, name);
	const struct survey_folder *told = survey_find(&m->survey, wire);

	free(wire);
	return told ? told->mailboxid : NULL;
}

/* UIDVALIDITY alone is not enough, some servers give the same to many (Q89);
 * and a renaming may raise HIGHESTMODSEQ. */
static bool same_on_server(const struct renames *x, struct rename *r)
{
	const char *id = find_id(x->m, r->to->remote);
	struct ops_status at;

	if (id && r->row->mailboxid) {
		r->sure = true;
		return strcmp(id, r->row->mailboxid) == 0;
	}
	if (!ask_numbers(x, r->to->remote, &at) ||
		at.uidvalidity != r->row->uidvalidity)
		return false;
	return is_half_done(x, r) || (at.uidnext == r->row->uidnext &&
		at.messages == r->row->messages);
}

/* How many files of the new folder have numbers that were given in the old
 * one. */
static size_t count_numbered(const struct renames *x, const struct rename *r)
{
	struct store *local = x->n->local.store;
	const char *visible = local->visible;
	struct msglist list = {0};
	struct folder_info info = {0};
	struct error ignored = {0};
	size_t n = 0;

	local->visible = r->from->hash_name;
	if (local->ops->load(local, r->to->local, true, &info, &list,
		&ignored))
		for (size_t i = 0; i < list.len; i++)
			n += list.at[i].uid > 0 ? 1 : 0;
	local->visible = visible;
	if (local->ops->leave)
		local->ops->leave(local);
	msglist_clear(&list);
	return n;
}

static bool same_directory(const struct renames *x, struct rename *r)
{
	struct store *local = x->n->local.store;
	struct store_stamp now;
	struct ops_status at;

	r->sure = true;
	if (!local->ops->stamp(local, r->to->local, &now))
		return false;
	if (memcmp(now.place, r->row->stamp.place, sizeof(now.place)) != 0 &&
		count_numbered(x, r) < r->row->messages / 2 + 1)
		return false;
	return ask_numbers(x, r->from->remote, &at) &&
		at.uidvalidity == r->row->uidvalidity;
}

static bool is_match(const struct renames *x, struct rename *r)
{
	if (find_row(x->m, r->to) || is_inbox(r->to->remote) ||
		r->to->create_local != r->on_server ||
		r->to->create_remote == r->on_server)
		return false;
	return r->on_server ? same_on_server(x, r) : same_directory(x, r);
}

/* What two were, or what leads to two, is nobody's new name. */
static void find_one(struct renames *x, const struct tree_pair *from)
{
	const struct vec *pairs = &x->n->tree.pairs;
	struct rename found = {0}, r = {.from = from,
		.row = find_row(x->m, from), .on_server = from->create_remote};
	size_t matches = 0;

	if (!r.row || from->create_local == from->create_remote ||
		is_inbox(from->remote))
		return;
	for (size_t i = 0; i < pairs->len; i++) {
		r.to = vec_at(pairs, i);
		r.sure = false;
		if (!is_match(x, &r))
			continue;
		found = r;
		matches++;
	}
	if (matches != 1)
		return;
	for (size_t i = 0; i < x->list.len; i++) {
		struct rename *other = vec_at(&x->list, i);

		if (other->to == found.to)
			found.given_up = other->given_up = true;
	}
	*(struct rename *)vec_add(&x->list) = found;
}

static int parents_first(const void *a, const void *b)
{
	return strcmp(((const struct rename *)a)->from->remote,
		((const struct rename *)b)->from->remote);
}

/* ---- What goes along ---- */

/* Of the side where it is to be done; '\0': nothing goes along. */
static char nesting(const struct renames *x, const struct rename *r)
{
	char separator = r->on_server ? x->n->local.separator
		: x->n->remote.separator;

	return r->on_server && separator != '/' ? '\0' : separator;
}

/* The rest of a name that lies below; NULL: it does not. */
static const char *below(const char *name, const char *parent, char separator)
{
	size_t len = strlen(parent);

	return separator && strncmp(name, parent, len) == 0 &&
		name[len] == separator ? name + len : NULL;
}

static bool goes_along(const struct renames *x, const struct rename *parent,
	const struct rename *r)
{
	bool server = !parent->on_server;
	char separator = nesting(x, parent);
	const char *from, *to;

	if (r->on_server != parent->on_server)
		return false;
	from = below(own_name(r->from, server),
		own_name(parent->from, server), separator);
	to = below(own_name(r->to, server), own_name(parent->to, server),
		separator);
	return from && to && strcmp(from, to) == 0;
}

static bool name_goes_along(const struct renames *x,
	const struct rename *parent, const char *name)
{
	for (size_t i = 0; i < x->list.len; i++) {
		const struct rename *r = vec_at(&x->list, i);

		if (!r->given_up && strcmp(own_name(r->from,
			!parent->on_server), name) == 0)
			return goes_along(x, parent, r);
	}
	return false;
}

/* A folder below it that has not another name as well would come to have one
 * by this. */
static bool takes_others(const struct renames *x, const struct rename *r)
{
	const struct vec *names = r->on_server ? &x->n->local.names
		: &x->n->remote.names;
	const char *parent = own_name(r->from, !r->on_server);

	for (size_t i = 0; i < names->len; i++) {
		const struct tree_name *name = vec_at(names, i);

		if (!name->planned && below(name->name, parent,
			nesting(x, r)) && !name_goes_along(x, r, name->name))
			return true;
	}
	return false;
}

static void find_all(struct renames *x)
{
	const struct vec *pairs = &x->n->tree.pairs;

	for (size_t i = 0; i < pairs->len; i++)
		find_one(x, vec_at(pairs, i));
	if (x->list.len > 1)
		qsort(x->list.data, x->list.len, x->list.size, parents_first);
	for (size_t i = x->list.len; i-- > 0;) {
		struct rename *r = vec_at(&x->list, i);

		r->given_up |= takes_others(x, r);
	}
}

/* ---- State ---- */

static bool copy_validity(const struct renames *x, const char *dir,
	const char *from, const char *to, struct error *err)
{
	bool fsync = engine_conf(x->m->connector->engine)->fsync;
	uint32_t old, now;

	if (!validity_read(dir, from, &old, err) ||
		!validity_read(dir, to, &now, err))
		return false;
	return old == 0 || old == now ||
		validity_write(dir, to, old, fsync, x->m->w, err);
}

static bool rename_state(const struct renames *x, const struct tree_pair *from,
	const struct tree_pair *to, struct error *err)
{
	char *old = memory_state_path(x->m, from);
	char *new = memory_state_path(x->m, to);
	bool ok;

	worker_effect(x->m->w, "rename state");
	ok = rename(old, new) == 0 ? file_sync_dir(x->m->paths->state, err)
		: error_set_errno(err, ERROR_FOLDER, ERROR_OTHER, errno,
			"cannot rename %s to %s", old, new);
	free(old);
	free(new);
	return ok;
}

/* Opened, what a run that died has left is undone first: its journal would
 * not be found under the new name. */
static bool is_whole(const struct renames *x, const struct rename *r)
{
	char *path = memory_state_path(x->m, r->from);
	char *journal = mem_printf("%s-journal", path);
	struct error ignored = {0};
	struct state *state = state_open(path, STATE_FSYNC, x->m->w, &ignored);
	uint32_t validity = 0;
	bool ok = state && state_validity(state, &validity, &ignored);

	state_close(state);
	ok = ok && validity == r->row->uidvalidity && !file_exists(journal);
	free(journal);
	free(path);
	return ok;
}

static bool forget_old(const struct renames *x, const struct rename *r,
	struct error *err)
{
	const struct paths *paths = x->m->paths;
	const struct folder_job job = {.pair = r->from,
		.local = x->n->local.store, .state_dir = paths->state,
		.legacy_dir = paths->legacy};

	return folder_forget(&job, err);
}

/* The rows never replace others. */
static bool move_state(const struct renames *x, struct rename *r,
	struct error *err)
{
	const struct paths *paths = x->m->paths;
	char *old = memory_state_path(x->m, r->from);
	char *new = memory_state_path(x->m, r->to);
	bool here = file_exists(old) && state_has_rows(old);
	bool there = file_exists(new) && state_has_rows(new);

	free(old);
	free(new);
	if (!here && there && is_half_done(x, r))
		return true;
	r->given_up = !here || there || !is_whole(x, r);
	return r->given_up || (copy_validity(x, paths->remote_validity,
		r->from->remote_base, r->to->remote_base, err) &&
		copy_validity(x, paths->local_validity, r->from->local_base,
			r->to->local_base, err) &&
		rename_state(x, r->from, r->to, err) &&
		forget_old(x, r, err));
}

static bool sign_state(const struct renames *x, const struct rename *r,
	struct error *err)
{
	char *path = memory_state_path(x->m, r->to);
	struct state *state = state_open(path, STATE_FSYNC, x->m->w, err);
	bool ok = state && state_begin(state, err) &&
		state_set_folder(state, r->to->remote, err) &&
		state_commit(state, err);

	if (state)
		state_cancel(state);
	state_close(state);
	free(path);
	return ok;
}

/* ---- The folder ---- */

static bool went_along(const struct renames *x, const struct rename *r)
{
	for (size_t i = 0; i < x->list.len; i++) {
		const struct rename *parent = vec_at(&x->list, i);

		if (parent->done && goes_along(x, parent, r))
			return true;
	}
	return false;
}

static void tell(const struct renames *x, const struct rename *r)
{
	worker_log(x->m->w, EVENT_NOTICE, AREA_GENERAL, "folder %s was renamed "
		"to %s %s; it is renamed %s too", r->from->visible,
		r->to->visible, r->on_server ? "on the server" : "here",
		r->on_server ? "here" : "on the server");
}

static bool rename_folder(const struct renames *x, struct rename *r,
	struct error *err)
{
	struct store *store = r->on_server ? x->n->local.store
		: x->n->remote.store;
	bool server = !r->on_server;

	if (!went_along(x, r) && !store->ops->rename(store,
		own_name(r->from, server), own_name(r->to, server), err))
		return false;
	r->done = true;
	tell(x, r);
	return !r->sure || sign_state(x, r, err);
}

/* It stays as it was, and is done as if nobody had seen it. */
static bool take_back(const struct renames *x, const struct rename *r,
	struct error *err)
{
	worker_log(x->m->w, EVENT_WARNING, AREA_GENERAL, "folder %s was "
		"renamed to %s, but cannot be on the other side: %s",
		r->from->visible, r->to->visible, err->text);
	error_clear(err);
	return rename_state(x, r->to, r->from, err);
}

static bool carry(const struct renames *x, struct rename *r,
	struct error *err)
{
	if (r->given_up || worker_stopped(x->m->w))
		return true;
	if (rename_folder(x, r, err))
		cache_drop(&x->m->cache, r->from->remote, r->from->local);
	else if (r->done || err->severity == ERROR_FOLDER_RETRY ||
		err->severity >= ERROR_ACCOUNT || err->kind == ERROR_STOPPED)
		return false;
	else
		return take_back(x, r, err);
	return true;
}

static bool carry_all(struct renames *x, bool *changed, struct error *err)
{
	bool ok = true;

	for (size_t i = 0; ok && i < x->list.len; i++) {
		struct rename *r = vec_at(&x->list, i);

		ok = r->given_up || move_state(x, r, err);
	}
	for (size_t i = 0; ok && i < x->list.len; i++) {
		struct rename *r = vec_at(&x->list, i);

		ok = carry(x, r, err);
		*changed |= r->done;
	}
	return ok;
}

bool renames_run(struct memory *m, const struct naming *n, bool *changed,
	struct error *err)
{
	struct renames x = {.m = m, .n = n, .list = VEC(struct rename)};
	bool ok;

	*changed = false;
	if (!m->whole || engine_options(m->connector->engine)->dry_run ||
		n->local.server || m->cache.folder.len == 0)
		return true;
	find_all(&x);
	ok = carry_all(&x, changed, err);
	vec_clear(&x.list);
	return ok;
}
