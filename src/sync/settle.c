#include "config.h"

#include <string.h>

#include "sync/apply.h"
#include "sync/folder.h"
#include "sync/intent.h"
#include "sync/recover.h"
#include "sync/state.h"
#include "sync/tree.h"

static bool same_message(const struct intent *a, const struct intent *b)
{
	return a->to_local == b->to_local && memcmp(a->digest, b->digest,
		sizeof(a->digest)) == 0;
}

uint32_t settle_attempts(const struct apply *a, const struct intent *it)
{
	uint32_t most = 0;

	for (size_t i = 0; i < a->intents.len; i++) {
		const struct intent *old = vec_at(&a->intents, i);

		if (same_message(old, it) && old->attempt > most)
			most = old->attempt;
	}
	return most;
}

bool settle_older(struct apply *a, const struct intent *it, uint32_t twin,
	struct error *err)
{
	for (size_t i = 0; i < a->intents.len; i++) {
		struct intent *old = vec_at(&a->intents, i);

		if (old->id == 0 || !same_message(old, it))
			continue;
		old->twin = twin;
		if (!intent_put(a->state, old, err))
			return false;
	}
	return true;
}

bool settle_says_full(const char *text)
{
	static const char *const words[] = {"quota", "storage limit",
		"mailbox is full", "not enough disk", "too many identical"};

	for (; *text; text++)
		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (span_starts_nocase(span_of(text), words[i]))
				return true;
	return false;
}

/* ---- Messages stored without a word where ---- */

static void report_not_found(struct apply *a, enum plan_side side,
	const struct intent *it)
{
	struct error err = {0};

	error_set(&err, ERROR_MESSAGE, ERROR_OTHER, "folder %s: the server "
		"said that it stored message %s, but it is not to be found "
		"there; the next run looks again", apply_folder(a, side),
		it->name);
	report_problem(a, &err, 0);
}

/* Those of this run to this side; the others are not looked for now. */
static void choose(struct apply *look, enum plan_side side, struct vec *sent)
{
	for (size_t i = 0; i < look->intents.len; i++) {
		struct intent *it = vec_at(&look->intents, i);

		if (it->to_local != (side == PLAN_LOCAL))
			it->id = 0;
		else if (it->status == INTENT_BEGUN)
			*(size_t *)vec_add(sent) = i;
	}
}

/* Brings the copy of the run up to date, and settles what was sent. */
static bool look_again(struct apply *look, enum plan_side side,
	struct vec *sent, struct error *err)
{
	if (!state_load(look->state, &look->now.rows, err) ||
		!apply_load(look, PLAN_LOCAL, &look->now.local, err) ||
		!apply_load(look, PLAN_REMOTE, &look->now.remote, err) ||
		!intent_load(look->state, &look->intents, err))
		return false;
	choose(look, side, sent);
	return recover_run(look, err);
}

bool settle_stored(struct apply *a, enum plan_side side, struct error *err)
{
	struct apply look = *a;
	struct vec sent = VEC(size_t);
	bool ok;

	look.now = (struct apply_lists){0};
	look.intents = (struct vec)VEC(struct intent);
	ok = look_again(&look, side, &sent, err);
	for (size_t i = 0; ok && i < sent.len; i++) {
		const struct intent *it = vec_at(&look.intents,
			*(size_t *)vec_at(&sent, i));

		if (it->id != 0)
			report_not_found(a, side, it);
	}
	a->partial = a->partial || look.partial;
	a->remote_dead = a->remote_dead || look.remote_dead;
	vec_clear(&sent);
	intent_clear(&look.intents);
	apply_lists_clear(&look.now);
	return ok;
}
