#include "config.h"

#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "conf/ini.h"
#include "conf/lines.h"
#include "mem.h"

/*
 * inih as packaged cuts lines at 200 bytes and names at 50, takes text after
 * " ;" for a comment, repeats names for continuation lines and tells no line
 * numbers; other builds differ in each of these.  So what it is given holds
 * nothing that it could touch: short lines of one letter and hex digits.
 *
 *	n=67656e6572616c	a piece of the name of a section or an option
 *	v=6e6f			a piece of the value
 *	s=12			the section is complete; it began in line 12
 *	o=14			the option is complete
 */
#define PIECE 24                   /* bytes a line; twice that in hex */
#define WIRE_LINE (2 + 2 * PIECE + 2) /* "v=", hex, newline, NUL */

struct ini {
	char *path;
	struct vec sections; /* of struct ini_section */
};

/* What the reader and the handler share during ini_load. */
struct feed {
	struct ini *ini;
	struct lines lines;
	struct lines_item item;
	struct str wire; /* the item's lines, and how much inih has had */
	size_t wire_pos;
	struct str name, value; /* put together again by the handler */
	struct ini_section *current;
	struct error *err;
	bool failed;
};

/* ---- towards inih ---- */

static void wire_add(struct str *wire, char letter, const struct str *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < text->len; i++) {
		unsigned char byte = (unsigned char)text->data[i];

		if (i % PIECE == 0)
			str_printf(wire, "%s%c=", i > 0 ? "\n" : "", letter);
		str_add_char(wire, digits[byte >> 4]);
		str_add_char(wire, digits[byte & 15]);
	}
	if (text->len > 0)
		str_add_char(wire, '\n');
}

/* false: the end, or an error, which is noted. */
static bool feed_item(struct feed *feed)
{
	const struct lines_item *item = &feed->item;

	str_reset(&feed->wire);
	feed->wire_pos = 0;
	if (!lines_next(&feed->lines, &feed->item, feed->err)) {
		feed->failed = true;
		return false;
	}
	if (item->kind == LINES_END)
		return false;
	wire_add(&feed->wire, 'n', &item->name);
	wire_add(&feed->wire, 'v', &item->value);
	str_printf(&feed->wire, "%c=%u\n",
		item->kind == LINES_SECTION ? 's' : 'o', item->line);
	return true;
}

/* As fgets. */
static char *feed_read(char *line, int size, void *arg)
{
	struct feed *feed = arg;
	const char *start;
	size_t len;

	if (size < WIRE_LINE)
		feed->failed = !error_set(feed->err, ERROR_FATAL, ERROR_CONFIG,
			"%s: inih was built with lines of only %d bytes",
			feed->ini->path, size);
	if (feed->failed)
		return NULL;
	if (feed->wire_pos == feed->wire.len && !feed_item(feed))
		return NULL;
	start = feed->wire.data + feed->wire_pos;
	len = (size_t)(strchr(start, '\n') - start) + 1;
	memcpy(line, start, len);
	line[len] = '\0';
	feed->wire_pos += len;
	return line;
}

/* ---- from inih ---- */

static unsigned hex_digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10;
}

static void unhex(const char *hex, struct str *out)
{
	for (; hex[0] && hex[1]; hex += 2)
		str_add_char(out,
			(char)(hex_digit(hex[0]) << 4 | hex_digit(hex[1])));
}

static struct ini_section *section_mutable(struct ini *ini, const char *name)
{
	for (size_t i = 0; i < ini->sections.len; i++) {
		struct ini_section *section = vec_at(&ini->sections, i);

		if (strcmp(section->name, name) == 0)
			return section;
	}
	return NULL;
}

static struct ini_row *row_mutable(const struct ini_section *section,
	const char *key)
{
	for (size_t i = 0; i < section->rows.len; i++) {
		struct ini_row *row = vec_at(&section->rows, i);

		if (strcmp(row->key, key) == 0)
			return row;
	}
	return NULL;
}

static struct ini_section *section_add(struct ini *ini, const char *name)
{
	struct ini_section *section = vec_add(&ini->sections);

	section->name = mem_strdup(name);
	section->rows = (struct vec)VEC(struct ini_row);
	return section;
}

static void row_add(struct ini_section *section, const char *key, char *value,
	unsigned line)
{
	struct ini_row *row = vec_add(&section->rows);

	row->key = mem_strdup(key);
	row->value = value;
	row->line = line;
}

static bool fail_double(struct feed *feed, unsigned line, const char *what,
	unsigned before)
{
	feed->failed = true;
	return error_set(feed->err, ERROR_FATAL, ERROR_CONFIG,
		"%s:%u: %s was already given in line %u; remove one of them",
		feed->ini->path, line, what, before);
}

/* Python's ConfigParser lets [DEFAULT] alone be repeated. */
static bool section_done(struct feed *feed, unsigned line)
{
	const char *name = str_get(&feed->name);
	struct ini_section *old = section_mutable(feed->ini, name);
	char *what;

	if (old && strcmp(name, INI_DEFAULT) != 0) {
		what = mem_printf("section [%s]", name);
		fail_double(feed, line, what, old->line);
		free(what);
		return false;
	}
	feed->current = old ? old : section_add(feed->ini, name);
	if (feed->current->line == 0)
		feed->current->line = line;
	return true;
}

static bool option_done(struct feed *feed, unsigned line)
{
	const char *key = str_get(&feed->name);
	const struct ini_row *old = row_mutable(feed->current, key);
	char *what;

	if (old) {
		what = mem_printf("option '%s' in [%s]", key,
			feed->current->name);
		fail_double(feed, line, what, old->line);
		free(what);
		return false;
	}
	row_add(feed->current, key, str_detach(&feed->value), line);
	return true;
}

static bool item_done(struct feed *feed, char letter, const char *digits)
{
	unsigned line = (unsigned)strtoul(digits, NULL, 10);
	bool ok = letter == 's' ? section_done(feed, line) :
		option_done(feed, line);

	str_reset(&feed->name);
	str_reset(&feed->value);
	return ok;
}

/* Called by inih for each line of feed_read; 0 means failure. */
static int feed_pair(void *arg, const char *section, const char *name,
	const char *value)
{
	struct feed *feed = arg;

	(void)section;
	if (feed->failed || !name || !value)
		return !feed->failed;
	switch (name[0]) {
	case 'n':
		unhex(value, &feed->name);
		return 1;
	case 'v':
		unhex(value, &feed->value);
		return 1;
	default:
		return item_done(feed, name[0], value);
	}
}

static void feed_clear(struct feed *feed)
{
	lines_item_clear(&feed->item);
	str_clear_secret(&feed->wire);
	str_clear_secret(&feed->name);
	str_clear_secret(&feed->value);
}

/* ---- the document ---- */

static struct ini *ini_new(const char *path)
{
	struct ini *ini = mem_calloc(1, sizeof(*ini));

	ini->path = mem_strdup(path);
	ini->sections = (struct vec)VEC(struct ini_section);
	section_add(ini, INI_DEFAULT);
	return ini;
}

struct ini *ini_load(const char *path, struct span text, struct error *err)
{
	struct ini *ini = ini_new(path);
	struct feed feed = {.ini = ini, .err = err};
	int status;

	feed.lines = (struct lines)LINES(path, text);
	status = ini_parse_stream(feed_read, &feed, feed_pair, &feed);
	if (status != 0 && !feed.failed)
		feed.failed = !error_set(err, ERROR_FATAL, ERROR_CONFIG,
			"%s: the parser gave up (status %d)", path, status);
	if (feed.failed) {
		ini_free(ini);
		ini = NULL;
	}
	feed_clear(&feed);
	return ini;
}

static void section_clear(struct ini_section *section)
{
	for (size_t i = 0; i < section->rows.len; i++) {
		struct ini_row *row = vec_at(&section->rows, i);

		free(row->key);
		mem_free_secret(row->value);
	}
	vec_clear(&section->rows);
	free(section->name);
}

void ini_free(struct ini *ini)
{
	if (!ini)
		return;
	for (size_t i = 0; i < ini->sections.len; i++)
		section_clear(vec_at(&ini->sections, i));
	vec_clear(&ini->sections);
	free(ini->path);
	free(ini);
}

const char *ini_path(const struct ini *ini)
{
	return ini->path;
}

size_t ini_section_count(const struct ini *ini)
{
	return ini->sections.len;
}

const struct ini_section *ini_section_at(const struct ini *ini, size_t index)
{
	return vec_at(&ini->sections, index);
}

const struct ini_section *ini_section(const struct ini *ini, const char *name)
{
	for (size_t i = 0; i < ini->sections.len; i++) {
		const struct ini_section *section = vec_at(&ini->sections, i);

		if (strcmp(section->name, name) == 0)
			return section;
	}
	return NULL;
}

const struct ini_row *ini_row(const struct ini_section *section,
	const char *key)
{
	return row_mutable(section, key);
}

const struct ini_row *ini_find(const struct ini *ini,
	const struct ini_section *section, const char *key)
{
	const struct ini_row *row = ini_row(section, key);

	return row ? row : ini_row(ini_section_at(ini, 0), key);
}

bool ini_set(struct ini *ini, const char *section, const char *key,
	const char *value)
{
	struct ini_section *to = section_mutable(ini, section);
	struct ini_row *row;

	if (!to)
		return false;
	row = row_mutable(to, key);
	if (!row) {
		row_add(to, key, mem_strdup(value), 0);
		return true;
	}
	mem_free_secret(row->value);
	row->value = mem_strdup(value);
	row->line = 0;
	return true;
}

char *ini_where(const struct ini *ini, unsigned line)
{
	return line > 0 ? mem_printf("%s:%u", ini->path, line) :
		mem_printf("%s, option -k", ini->path);
}
