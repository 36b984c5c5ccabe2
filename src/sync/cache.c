#include "config.h"

#include "sync/cache.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

void cache_init(struct cache *c)
{
	*c = (struct cache){.folder = VEC(struct cache_folder)};
}

static void folder_clear(struct cache_folder *folder)
{
	free(folder->remote);
	free(folder->local);
	free(folder->mailboxid);
}

void cache_clear(struct cache *c)
{
	for (size_t i = 0; i < c->folder.len; i++)
		folder_clear(vec_at(&c->folder, i));
	vec_clear(&c->folder);
	free(c->key);
	free(c->capabilities);
	cache_init(c);
}

static int compare(const struct cache_folder *row, const char *remote,
	const char *local)
{
	int order = strcmp(row->remote, remote);

	return order != 0 ? order : strcmp(row->local, local);
}

/* Where the row is, or where it belongs; *found says which. */
static size_t place(const struct cache *c, const char *remote,
	const char *local, bool *found)
{
	size_t low = 0, high = c->folder.len;

	*found = false;
	while (low < high && !*found) {
		size_t middle = low + (high - low) / 2;
		int order = compare(vec_at(&c->folder, middle), remote, local);

		*found = order == 0;
		if (order == 0)
			low = middle;
		else if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct cache_folder *cache_find(const struct cache *c,
	const char *remote, const char *local)
{
	bool found;
	size_t at = place(c, remote, local, &found);

	return found ? vec_at(&c->folder, at) : NULL;
}

static char *copy(const char *text)
{
	return text ? mem_strdup(text) : NULL;
}

void cache_put(struct cache *c, const struct cache_folder *folder)
{
	struct cache_folder own = *folder, *to;
	bool found;
	size_t at = place(c, folder->remote, folder->local, &found);

	own.remote = mem_strdup(folder->remote);
	own.local = mem_strdup(folder->local);
	own.mailboxid = copy(folder->mailboxid);
	if (!found)
		vec_add(&c->folder);
	to = vec_at(&c->folder, at);
	if (found)
		folder_clear(to);
	else
		memmove(to + 1, to, (c->folder.len - 1 - at) * sizeof(*to));
	*to = own;
}

void cache_drop(struct cache *c, const char *remote, const char *local)
{
	bool found;
	size_t at = place(c, remote, local, &found);
	struct cache_folder *row;

	if (!found)
		return;
	row = vec_at(&c->folder, at);
	folder_clear(row);
	c->folder.len--;
	memmove(row, row + 1, (c->folder.len - at) * sizeof(*row));
}
