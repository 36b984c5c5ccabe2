#include "config.h"

#include "run/order.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "mem.h"
#include "run/memory.h"
#include "sync/tree.h"

struct entry {
	size_t index;
	bool inbox;
	uint64_t new;
};

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->inbox != y->inbox)
		return x->inbox ? -1 : 1;
	if (x->new != y->new)
		return x->new < y->new ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

size_t *order_pairs(const struct vec *pairs, const struct memory *m)
{
	struct entry *entry = mem_calloc(pairs->len + 1, sizeof(*entry));
	size_t *order = mem_calloc(pairs->len + 1, sizeof(*order));

	for (size_t i = 0; i < pairs->len; i++) {
		const struct tree_pair *pair = vec_at(pairs, i);

		entry[i] = (struct entry){i, strcmp(pair->remote, "INBOX") == 0,
			unchanged_new(m, i)};
	}
	qsort(entry, pairs->len, sizeof(*entry), compare);
	for (size_t i = 0; i < pairs->len; i++)
		order[i] = entry[i].index;
	free(entry);
	return order;
}
