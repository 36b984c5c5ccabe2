#include "config.h"

#include "mail/exceptions_of.h"

uint32_t exceptions_wanted(const struct msglist *list, uint32_t letters)
{
	size_t seen = 0;

	for (size_t i = 0; i < list->len; i++)
		seen += (list->at[i].flags & FLAG_SEEN) != 0;
	return FLAG_IMAP_ALL | (letters & ~FLAG_PASSED) |
		(seen < list->len - seen ? EXCEPTIONS_SEEN_ASKED : 0);
}

static void add_message(const struct msg *m, struct exceptions *e)
{
	uint32_t flags = m->flags;

	if (!(e->asked & EXCEPTIONS_SEEN_ASKED))
		flags ^= FLAG_SEEN;
	for (unsigned bit = 0; bit < EXCEPTIONS_MAX; bit++) {
		uint32_t flag = (uint32_t)1 << bit;

		if ((e->asked & flags & flag) && flag != EXCEPTIONS_SEEN_ASKED)
			seqset_add(&e->set[bit], m->uid);
	}
}

void exceptions_of(const struct msglist *list, uint32_t asked,
	struct exceptions *e)
{
	e->asked = asked;
	for (unsigned bit = 0; bit < EXCEPTIONS_MAX; bit++)
		e->answered[bit] = (asked & (uint32_t)1 << bit) != 0;
	for (size_t i = 0; i < list->len; i++)
		if (list->at[i].uid > 0)
			add_message(&list->at[i], e);
}
