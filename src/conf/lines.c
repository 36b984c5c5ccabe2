#include "config.h"

#include <string.h>

#include "conf/lines.h"

/* One line of the file, its end cut off. */
struct physical {
	struct span content; /* trimmed */
	size_t indent;
	bool comment;
};

static bool at_end(const struct lines *lines)
{
	return lines->pos >= lines->text.len;
}

/* Python opens files with universal newlines: LF, CRLF and CR end a line. */
static struct span line_take(struct lines *lines)
{
	const char *start = lines->text.data + lines->pos;
	size_t rest = lines->text.len - lines->pos, len = 0;

	while (len < rest && start[len] != '\n' && start[len] != '\r')
		len++;
	lines->pos += len;
	if (!at_end(lines)) {
		bool pair = start[len] == '\r' && len + 1 < rest &&
			start[len + 1] == '\n';

		lines->pos += pair ? 2 : 1;
	}
	lines->line++;
	return (struct span){start, len};
}

static struct physical line_read(struct lines *lines)
{
	struct span raw = line_take(lines);
	struct physical line = {.content = span_trim(raw)};

	if (line.content.len > 0) {
		line.indent = (size_t)(line.content.data - raw.data);
		line.comment = strchr("#;", line.content.data[0]) != NULL;
	}
	return line;
}

/* As line_read, without moving on. */
static struct physical line_peek(const struct lines *lines)
{
	struct lines copy = *lines;

	return line_read(&copy);
}

/* A header is "[", at least one character, "]"; what follows the last "]" is
 * ignored, as Python does. */
static bool header_split(struct span content, struct span *name)
{
	size_t end = content.len;

	if (content.data[0] != '[')
		return false;
	while (end > 0 && content.data[end - 1] != ']')
		end--;
	if (end < 3)
		return false;
	*name = (struct span){content.data + 1, end - 2};
	return true;
}

/* At the first "=" or ":". */
static bool option_split(struct span content, struct span *key,
	struct span *value)
{
	size_t at = 0;

	while (at < content.len && content.data[at] != '=' &&
		content.data[at] != ':')
		at++;
	if (at == content.len)
		return false;
	*key = span_trim((struct span){content.data, at});
	*value = span_trim((struct span){content.data + at + 1,
		content.len - at - 1});
	return key->len > 0;
}

/* Blank lines inside a value are kept, trailing ones dropped: they are owed
 * until another line of the value comes. */
static void value_continue(struct lines *lines, size_t indent,
	struct str *value)
{
	size_t newlines = 1;

	while (!at_end(lines)) {
		struct physical next = line_peek(lines);

		if (next.content.len > 0 && !next.comment &&
			next.indent <= indent)
			return;
		(void)line_read(lines);
		if (next.comment)
			continue;
		if (next.content.len == 0) {
			newlines++;
			continue;
		}
		for (; newlines > 0; newlines--)
			str_add_char(value, '\n');
		str_add_span(value, next.content);
		newlines = 1;
	}
}

static void section_set(struct lines *lines, struct span name,
	struct lines_item *item)
{
	lines->in_section = true;
	item->kind = LINES_SECTION;
	str_add_span(&item->name, name);
}

static bool fail(const struct lines *lines, const struct lines_item *item,
	const char *why, struct error *err)
{
	return error_set(err, ERROR_FATAL, ERROR_CONFIG, "%s:%u: %s",
		lines->path, item->line, why);
}

static bool option_set(struct lines *lines, const struct physical *line,
	struct lines_item *item, struct error *err)
{
	struct span key, value;

	if (!lines->in_section)
		return fail(lines, item,
			"this line comes before the first [section]", err);
	if (!option_split(line->content, &key, &value))
		return fail(lines, item,
			"this line is neither \"option = value\", nor a "
			"[section], nor indented deeper than the option above",
			err);
	item->kind = LINES_OPTION;
	for (size_t i = 0; i < key.len; i++)
		str_add_char(&item->name, ascii_lower(key.data[i]));
	str_add_span(&item->value, value);
	value_continue(lines, line->indent, &item->value);
	return true;
}

static bool has_nul(struct span text)
{
	return text.len > 0 && memchr(text.data, '\0', text.len) != NULL;
}

/* Editors of other systems put it in front; it means nothing. */
static void bom_skip(struct lines *lines)
{
	if (lines->pos == 0 && lines->text.len >= 3 &&
		memcmp(lines->text.data, "\xef\xbb\xbf", 3) == 0)
		lines->pos = 3;
}

bool lines_next(struct lines *lines, struct lines_item *item,
	struct error *err)
{
	struct physical line = {0};
	struct span name;

	str_reset(&item->name);
	str_reset(&item->value);
	item->kind = LINES_END;
	bom_skip(lines);
	while (line.content.len == 0 || line.comment) {
		if (at_end(lines))
			return true;
		line = line_read(lines);
	}
	item->line = lines->line;
	if (has_nul(line.content))
		return fail(lines, item, "there is a NUL byte in this line",
			err);
	if (header_split(line.content, &name)) {
		section_set(lines, name, item);
		return true;
	}
	if (!option_set(lines, &line, item, err))
		return false;
	if (has_nul(span_str(&item->value)))
		return fail(lines, item, "there is a NUL byte in this value",
			err);
	return true;
}

void lines_item_clear(struct lines_item *item)
{
	str_clear_secret(&item->name);
	str_clear_secret(&item->value);
	*item = (struct lines_item){0};
}
