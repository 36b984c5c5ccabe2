#include "config.h"

#include "run/wanted.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

static struct wanted *find(const struct vec *list, const char *account)
{
	for (size_t i = 0; i < list->len; i++) {
		struct wanted *w = vec_at(list, i);

		if (strcmp(w->account, account) == 0)
			return w;
	}
	return NULL;
}

void wanted_set(struct vec *list, const char *account, const char *folder)
{
	struct wanted *w = find(list, account);

	if (w == NULL) {
		w = vec_add(list);
		w->account = mem_strdup(account);
	}
	free(w->folder);
	w->folder = mem_strdup(folder);
}

const char *wanted_get(const struct vec *list, const char *account)
{
	const struct wanted *w = find(list, account);

	return w != NULL ? w->folder : NULL;
}

void wanted_clear(struct vec *list)
{
	for (size_t i = 0; i < list->len; i++) {
		struct wanted *w = vec_at(list, i);

		free(w->account);
		free(w->folder);
	}
	vec_clear(list);
}
