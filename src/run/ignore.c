#include "config.h"

#include "run/ignore.h"

#include <stdlib.h>

#include "conf/conf.h"
#include "conf/python.h"
#include "mem.h"
#include "sync/plan.h"
#include "sync/tree.h"

/* The name that OfflineIMAP gives: translated, with the separator of the
 * repository that is asked about (compat 2.3).  malloc'd. */
static char *visible_name(const struct tree_pair *pair, enum plan_side side,
	const char separator[2])
{
	char *name;

	if (side == PLAN_LOCAL)
		return mem_strdup(pair->hash_name);
	name = mem_strdup(pair->local);
	for (char *at = name; *at && separator[PLAN_REMOTE]; at++)
		if (*at == separator[PLAN_LOCAL])
			*at = separator[PLAN_REMOTE];
	return name;
}

static void take_uids(struct seqset *to, const struct vec *uids)
{
	for (size_t i = 0; i < uids->len; i++) {
		uint32_t uid = *(const uint32_t *)vec_at(uids, i);

		if (uid > 0)
			seqset_push(to, uid, uid);
	}
	seqset_settle(to);
}

static bool find_side(struct ignore *ignore, enum plan_side side,
	const struct conf_rule *rule, const struct vec *names,
	struct python *python, struct error *err)
{
	struct vec *uids = mem_calloc(names->len + 1, sizeof(*uids));
	bool ok = python_uids(python, rule,
		(const char *const *)names->data, names->len, uids, err);

	ignore->set[side] = mem_calloc(names->len + 1,
		sizeof(struct seqset));
	for (size_t i = 0; ok && i < names->len; i++) {
		take_uids(&ignore->set[side][i], &uids[i]);
		vec_clear(&uids[i]);
	}
	free(uids);
	return ok;
}

bool ignore_find(struct ignore *ignore, const struct conf_account *account,
	const struct vec *pairs, const char separator[2],
	struct python *python, struct error *err)
{
	const struct conf_repo *const repo[2] = {
		[PLAN_REMOTE] = account->remote,
		[PLAN_LOCAL] = account->local};
	bool ok = true;

	*ignore = (struct ignore){.len = pairs->len};
	for (int side = PLAN_REMOTE; ok && side <= PLAN_LOCAL; side++) {
		const struct conf_rule *rule = &repo[side]->copy_ignore_eval;
		struct vec names = VEC(char *);

		for (size_t i = 0; rule->text && i < pairs->len; i++)
			*(char **)vec_add(&names) = visible_name(
				vec_at(pairs, i), (enum plan_side)side,
				separator);
		if (names.len > 0)
			ok = find_side(ignore, (enum plan_side)side, rule,
				&names, python, err);
		vec_clear_pointers(&names);
	}
	return ok;
}

void ignore_clear(struct ignore *ignore)
{
	for (int side = PLAN_REMOTE; side <= PLAN_LOCAL; side++) {
		for (size_t i = 0; ignore->set[side] && i < ignore->len; i++)
			seqset_clear(&ignore->set[side][i]);
		free(ignore->set[side]);
	}
	*ignore = (struct ignore){0};
}

const struct seqset *ignore_get(const struct ignore *ignore, int side,
	size_t index)
{
	return ignore->set[side] ? &ignore->set[side][index] : NULL;
}
