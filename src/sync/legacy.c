#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "imap/flag.h"
#include "sync/legacy.h"

#define LEGACY_MAX ((size_t)1 << 28)
#define MAGIC "OFFLINEIMAP LocalStatus CACHE DATA - DO NOT MODIFY - FORMAT "

/* Takes what stands before the separator off the front of the line; all that
 * is left when there is none. */
static struct span take(struct span *line, char separator)
{
	const char *end = memchr(line->data, separator, line->len);
	struct span part = {line->data,
		end ? (size_t)(end - line->data) : line->len};

	line->data += part.len + (end != NULL);
	line->len -= part.len + (end != NULL);
	return part;
}

static size_t count_of(struct span text, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.data[i] == c;
	return count;
}

static int by_text(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	int order = memcmp(x->data, y->data, x->len < y->len ? x->len
		: y->len);

	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

/* "b,a" to "a, b". */
static char *parse_labels(struct span text)
{
	struct vec labels = VEC(struct span);
	struct str out = {0};

	while (text.len > 0) {
		struct span label = span_trim(take(&text, ','));

		if (label.len > 0)
			*(struct span *)vec_add(&labels) = label;
	}
	if (labels.len > 1)
		qsort(labels.data, labels.len, sizeof(struct span), by_text);
	str_add(&out, "");
	for (size_t i = 0; i < labels.len; i++) {
		str_add(&out, i > 0 ? ", " : "");
		str_add_span(&out, *(struct span *)vec_at(&labels, i));
	}
	vec_clear(&labels);
	return str_detach(&out);
}

static bool parse_mtime(struct span text, int64_t *out)
{
	bool below = text.len > 1 && text.data[0] == '-';
	uint64_t n;

	text = span_trim(text);
	if (below) {
		text.data++;
		text.len--;
	}
	if (text.len == 0 || !span_number(text, INT64_MAX, &n))
		return false;
	*out = below ? -(int64_t)n : (int64_t)n;
	return true;
}

static bool parse_line(struct span line, int format, struct vec *rows)
{
	struct legacy_row row = {0};
	struct span uid, flags, mtime = {"0", 1};
	uint64_t n;

	if (count_of(line, format == 1 ? ':' : '|') != (format == 1 ? 1 : 3))
		return false;
	uid = span_trim(take(&line, format == 1 ? ':' : '|'));
	flags = take(&line, '|');
	if (format == 2)
		mtime = take(&line, '|');
	if (uid.len == 0 || !span_number(uid, UINT32_MAX, &n) || n == 0 ||
		!parse_mtime(mtime, &row.mtime))
		return false;
	row.uid = (uint32_t)n;
	row.flags = flag_parse_letters(flags);
	row.labels = parse_labels(line);
	*(struct legacy_row *)vec_add(rows) = row;
	return true;
}

/* 0: of no format that there ever was. */
static int parse_magic(struct span line)
{
	line = span_trim(line);
	return span_is(line, MAGIC "1") ? 1 : span_is(line, MAGIC "2") ? 2 : 0;
}

/* A line without an end was cut: its last letters may be missing. */
static bool parse(const char *path, struct span text, struct vec *rows,
	struct error *err)
{
	unsigned long number = 1;
	struct span magic = take(&text, '\n');
	int format = parse_magic(magic);

	if (format == 0)
		return error_set(err, ERROR_FOLDER, ERROR_OTHER,
			"%s is not a LocalStatus of OfflineIMAP", path);
	while (text.len > 0) {
		bool ended = memchr(text.data, '\n', text.len) != NULL;

		number++;
		if (!parse_line(take(&text, '\n'), format, rows) || !ended)
			return error_set(err, ERROR_FOLDER, ERROR_OTHER,
				"%s is damaged in line %lu", path, number);
	}
	return true;
}

bool legacy_read(const char *path, struct vec *rows, struct error *err)
{
	struct str text = {0};
	bool ok = file_read(path, LEGACY_MAX, &text, err) &&
		parse(path, span_str(&text), rows, err);

	str_clear(&text);
	if (!ok)
		legacy_clear(rows);
	return ok;
}

void legacy_clear(struct vec *rows)
{
	for (size_t i = 0; i < rows->len; i++)
		free(((struct legacy_row *)vec_at(rows, i))->labels);
	vec_clear(rows);
}
