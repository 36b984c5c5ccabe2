#include "config.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "mem.h"

#define BLOCK_SIZE ((size_t)16 * 1024)
#define ALIGNMENT _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct block *head; /* small allocations come from here */
	size_t used;
};

struct arena *arena_new(void)
{
	return mem_calloc(1, sizeof(struct arena));
}

static void blocks_free(struct block *block)
{
	while (block) {
		struct block *next = block->next;

		free(block);
		block = next;
	}
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	blocks_free(a->head);
	free(a);
}

/* Takes one block of the usual size out of the list; a large one must not
 * stay for the sake of one large response. */
static struct block *detach_usual(struct block **list)
{
	for (; *list; list = &(*list)->next) {
		struct block *block = *list;

		if (block->size == BLOCK_SIZE) {
			*list = block->next;
			return block;
		}
	}
	return NULL;
}

void arena_reset(struct arena *a)
{
	struct block *kept = detach_usual(&a->head);

	blocks_free(a->head);
	a->head = kept;
	a->used = 0;
	if (kept) {
		kept->next = NULL;
		kept->used = 0;
	}
}

static struct block *block_new(size_t size)
{
	struct block *block = mem_alloc(sizeof(*block) + size);

	block->next = NULL;
	block->size = size;
	block->used = 0;
	return block;
}

static struct block *block_with_room(struct arena *a, size_t size)
{
	struct block *block;

	if (a->head && a->head->size - a->head->used >= size)
		return a->head;
	if (size <= BLOCK_SIZE / 4 || !a->head) {
		block = block_new(size > BLOCK_SIZE ? size : BLOCK_SIZE);
		block->next = a->head;
		a->head = block;
		return block;
	}
	/* Behind the head, whose room stays in use. */
	block = block_new(size);
	block->next = a->head->next;
	a->head->next = block;
	return block;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct block *block;
	void *data;

	if (size > SIZE_MAX / 2)
		mem_die("a request for impossibly much memory");
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (size == 0)
		size = ALIGNMENT;
	block = block_with_room(a, size);
	data = block->data + block->used;
	block->used += size;
	a->used += size;
	return memset(data, 0, size);
}

char *arena_span(struct arena *a, struct span s)
{
	char *copy = arena_alloc(a, s.len + 1);

	if (s.len > 0)
		memcpy(copy, s.data, s.len);
	return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
	return arena_span(a, span_of(text));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	struct str text = {0};
	char *copy;
	va_list args;

	va_start(args, fmt);
	str_vprintf(&text, fmt, args);
	va_end(args);
	copy = arena_span(a, span_str(&text));
	str_clear(&text);
	return copy;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}
