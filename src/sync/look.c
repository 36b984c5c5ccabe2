#include "config.h"

#include "sync/look.h"

#include "base/worker.h"
#include "mail/store.h"
#include "sync/state.h"
#include "sync/tree.h"

static bool read_rows(const char *path, struct msglist *rows,
	struct worker *w, struct error *err)
{
	struct state *state = state_open(path, STATE_DRY, w, err);
	bool ok = state && state_load(state, rows, err);

	state_close(state);
	return ok;
}

static bool read_local(struct store *local, const struct tree_pair *pair,
	const struct msglist *rows, struct msglist *list, struct error *err)
{
	const struct store_known known = {rows, 0, pair->local_base};
	struct folder_info info = {0};
	bool ok;

	local->known = &known;
	local->visible = pair->hash_name;
	ok = local->ops->load(local, pair->local, true, &info, list, err);
	if (local->ops->leave)
		local->ops->leave(local);
	local->known = NULL;
	return ok && list->complete;
}

/* Each flag counts, whether the other side can have it or not: the worst that
 * may come of it is that the next run looks. */
static bool are_same(const struct msglist *a, const struct msglist *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++)
		if (a->at[i].uid != b->at[i].uid ||
			a->at[i].flags != b->at[i].flags)
			return false;
	return true;
}

bool look_same(const char *state_path, struct store *local,
	const struct tree_pair *pair, struct worker *w)
{
	struct msglist rows = {0}, list = {0};
	struct error err = {0};
	bool ok = read_rows(state_path, &rows, w, &err) &&
		read_local(local, pair, &rows, &list, &err);
	bool same = ok && are_same(&rows, &list);

	if (!same)
		worker_log(w, EVENT_DEBUG, AREA_THREAD, "folder %s is to be "
			"looked at again%s%s", pair->visible, ok ? "" : ": ",
			err.text);
	msglist_clear(&rows);
	msglist_clear(&list);
	return same;
}
