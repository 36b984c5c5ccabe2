#include "config.h"

#include "ring.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

static struct ring_line *slot(const struct ring *ring, uint64_t number)
{
	return &ring->lines[number % RING_LINES];
}

static void drop_oldest(struct ring *ring)
{
	struct ring_line *line = slot(ring, ring->first++);

	ring->bytes -= strlen(line->text) + 1;
	free(line->text);
	line->text = NULL;
}

void ring_clear(struct ring *ring)
{
	while (ring->first < ring->end)
		drop_oldest(ring);
	free(ring->lines);
	*ring = (struct ring){ 0 };
}

/* The longest prefix of at most max bytes that ends between characters. */
static size_t cut(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

static void add_line(struct ring *ring, struct ring_line line)
{
	size_t size = strlen(line.text) + 1;

	if (ring->lines == NULL)
		ring->lines = mem_calloc(RING_LINES, sizeof(*ring->lines));
	while (ring->first < ring->end &&
		(ring->end - ring->first >= RING_LINES ||
			ring->bytes + size > RING_BYTES))
		drop_oldest(ring);
	ring->bytes += size;
	*slot(ring, ring->end++) = line;
}

void ring_add(struct ring *ring, int64_t time_ms, enum text_level level,
	const char *text)
{
	for (;;) {
		size_t len = strcspn(text, "\n");
		size_t kept = cut(text, len, RING_LINE_BYTES);

		add_line(ring,
			(struct ring_line){
				.time_ms = time_ms,
				.level = level,
				.text = mem_strndup(text, kept),
			});
		if (text[len] == '\0')
			return;
		text += len + 1;
	}
}

const struct ring_line *ring_get(const struct ring *ring, uint64_t number)
{
	return slot(ring, number);
}
