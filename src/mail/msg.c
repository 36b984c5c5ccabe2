#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mail/msg.h"
#include "mail/packed_name.h"
#include "mem.h"

/* Below this many, moving elements one by one is the fastest. */
#define SMALL_RUN 12

void msglist_clear(struct msglist *list)
{
	free(list->at);
	str_clear(&list->names);
	*list = (struct msglist){0};
}

void msglist_restart(struct msglist *list,
	const struct maildir_naming *naming)
{
	list->len = 0;
	str_reset(&list->names);
	list->fmd5[0] = '\0';
	if (!naming || strlen(naming->fmd5) != sizeof(list->fmd5) - 1)
		return;
	memcpy(list->fmd5, naming->fmd5, sizeof(list->fmd5));
	list->separator = naming->separator;
}

static struct maildir_naming naming_of(const struct msglist *list)
{
	return (struct maildir_naming){list->fmd5, list->separator};
}

static uint32_t add_name(struct msglist *list, const char *name)
{
	const struct maildir_naming naming = naming_of(list);
	size_t offset;

	if (list->names.len == 0)
		str_add_char(&list->names, '\0');
	if (!name || !*name)
		return 0;
	offset = list->names.len;
	assert(offset <= UINT32_MAX);
	packed_name_add(name, *naming.fmd5 ? &naming : NULL, &list->names);
	return (uint32_t)offset;
}

void msglist_add(struct msglist *list, uint32_t uid, uint32_t flags,
	const char *name)
{
	if (list->len == list->cap) {
		/* By halves: a large folder must not cost twice its size. */
		list->cap += list->cap / 2 + 64;
		list->at = mem_resize(list->at, list->cap, sizeof(*list->at));
	}
	list->at[list->len++] = (struct msg){uid, flags, add_name(list, name)};
}

static bool in_order(const struct msglist *list, const struct msg *a,
	const struct msg *b)
{
	struct str name_a = {0}, name_b = {0};
	bool is;

	if (a->uid != b->uid)
		return a->uid < b->uid;
	is = strcmp(msglist_name(list, a, &name_a),
		msglist_name(list, b, &name_b)) <= 0;
	str_clear(&name_a);
	str_clear(&name_b);
	return is;
}

static bool is_sorted(const struct msglist *list)
{
	for (size_t i = 1; i < list->len; i++)
		if (!in_order(list, &list->at[i - 1], &list->at[i]))
			return false;
	return true;
}

static void sort_small(const struct msglist *list, struct msg *at, size_t len)
{
	for (size_t i = 1; i < len; i++) {
		struct msg m = at[i];
		size_t to = i;

		for (; to > 0 && !in_order(list, &at[to - 1], &m); to--)
			at[to] = at[to - 1];
		at[to] = m;
	}
}

/* Merge sort; half has room for len / 2 elements.  (qsort cannot be given the
 * names to compare.) */
static void sort(const struct msglist *list, struct msg *at, size_t len,
	struct msg *half)
{
	size_t left = len / 2, i = 0, j = left, to = 0;

	if (len <= SMALL_RUN) {
		sort_small(list, at, len);
		return;
	}
	sort(list, at, left, half);
	sort(list, at + left, len - left, half);
	if (in_order(list, &at[left - 1], &at[left]))
		return;
	memcpy(half, at, left * sizeof(*at));
	while (i < left && j < len)
		at[to++] = in_order(list, &half[i], &at[j]) ? half[i++]
							    : at[j++];
	memcpy(at + to, half + i, (left - i) * sizeof(*at));
}

void msglist_sort(struct msglist *list)
{
	struct msg *half;

	if (is_sorted(list))
		return;
	half = mem_calloc(list->len / 2 + 1, sizeof(*half));
	sort(list, list->at, list->len, half);
	free(half);
}

const struct msg *msglist_find(const struct msglist *list, uint32_t uid)
{
	size_t low = 0, high = list->len;

	if (uid == 0)
		return NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->at[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list->len && list->at[low].uid == uid ? &list->at[low]
							   : NULL;
}

const char *msglist_name(const struct msglist *list, const struct msg *m,
	struct str *buf)
{
	const struct maildir_naming naming = naming_of(list);

	assert(m->name == 0 || m->name < list->names.len);
	return m->name == 0 ? "" : packed_name_get(list->names.data + m->name,
		&naming, buf);
}

char *msglist_name_dup(const struct msglist *list, const struct msg *m)
{
	struct str buf = {0};
	const char *name = msglist_name(list, m, &buf);

	return buf.data && name == buf.data ? str_detach(&buf)
					    : mem_strdup(name);
}

const struct msg *msgset_at(const struct msgset *set, size_t i)
{
	assert(i < set->len && set->index[i] < set->list->len);
	return &set->list->at[set->index[i]];
}
