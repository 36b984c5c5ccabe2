#include "config.h"

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "conf/notes.h"
#include "str.h"

void notes_add(struct notes *notes, const char *fmt, ...)
{
	struct str text = {0};
	va_list args;

	va_start(args, fmt);
	str_vprintf(&text, fmt, args);
	va_end(args);
	*(const char **)vec_add(&notes->list) =
		arena_span(notes->arena, span_str(&text));
	str_clear(&text);
}

const char *const *notes_detach(struct notes *notes)
{
	size_t count = notes->list.len;
	const char **out = arena_alloc(notes->arena,
		(count + 1) * sizeof(*out));

	if (count > 0)
		memcpy(out, notes->list.data, count * sizeof(*out));
	notes_clear(notes);
	return out;
}

void notes_clear(struct notes *notes)
{
	vec_clear(&notes->list);
}
