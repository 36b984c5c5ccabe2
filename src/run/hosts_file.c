#include "config.h"

#include "run/hosts_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/worker.h"
#include "mem.h"

static const char magic[] = "offlineimap hosts 1\n";
#define MAGIC_SIZE (sizeof(magic) - 1)
#define FILE_MAX ((size_t)1 << 20)
#define ALLOWED_MAX 100000

/* ---- Writing ---- */

/* A name comes from the configuration, or from an expression in it. */
static bool is_line(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < ' ')
			return false;
	return text.len > 0;
}

void hosts_file_head(struct str *out)
{
	str_set(out, magic);
}

void hosts_file_add(struct str *out, const struct hosts_row *row)
{
	if (is_line(span_of(row->key)))
		str_printf(out, "%u %u %s\n", row->allowed, row->patience,
			row->key);
}

void hosts_file_write(const char *path, const struct str *text,
	struct worker *w)
{
	struct error err = {0};

	worker_effect(w, "hosts");
	if (!file_write_shared(path, span_str(text), &err))
		worker_log(w, EVENT_DEBUG, AREA_GENERAL, "how many connections "
			"a server allows is not kept: %s", err.text);
}

/* ---- Reading ---- */

/* Up to this character, which is passed over. */
static bool take(struct span *rest, char end, struct span *out)
{
	const char *at = rest->len > 0 ? memchr(rest->data, end, rest->len)
		: NULL;

	if (at == NULL)
		return false;
	*out = (struct span){rest->data, (size_t)(at - rest->data)};
	rest->len -= out->len + 1;
	rest->data = at + 1;
	return true;
}

static bool take_number(struct span *rest, uint64_t max, unsigned *out)
{
	struct span text;
	uint64_t n;

	if (!take(rest, ' ', &text) || !span_number(text, max, &n))
		return false;
	*out = (unsigned)n;
	return true;
}

static bool is_new(const struct vec *rows, struct span key)
{
	for (size_t i = 0; i < rows->len; i++)
		if (span_is(key, ((struct hosts_row *)vec_at(rows, i))->key))
			return false;
	return true;
}

static bool parse_line(struct span line, struct vec *rows)
{
	struct hosts_row row, *to;

	/* what is left of the line after the numbers is the key */
	if (!take_number(&line, ALLOWED_MAX, &row.allowed) ||
		!take_number(&line, HOSTS_PATIENCE, &row.patience) ||
		row.allowed == 0 || !is_line(line) || !is_new(rows, line))
		return false;
	row.key = span_dup(line);
	to = vec_add(rows);
	*to = row;
	return true;
}

static bool parse(struct span file, struct vec *rows)
{
	struct span line;

	if (file.len < MAGIC_SIZE || memcmp(file.data, magic, MAGIC_SIZE) != 0)
		return false;
	file.data += MAGIC_SIZE;
	file.len -= MAGIC_SIZE;
	while (file.len > 0)
		if (!take(&file, '\n', &line) || !parse_line(line, rows))
			return false;
	return true;
}

void hosts_file_read(const char *path, struct vec *rows)
{
	struct str file = {0};
	struct error ignored = {0};

	if (file_read(path, FILE_MAX, &file, &ignored) &&
		!parse(span_str(&file), rows))
		hosts_file_clear(rows);
	str_clear(&file);
}

void hosts_file_clear(struct vec *rows)
{
	for (size_t i = 0; i < rows->len; i++)
		free(((struct hosts_row *)vec_at(rows, i))->key);
	vec_clear(rows);
}
