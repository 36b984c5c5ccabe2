#include "config.h"

#include "clean.h"

#include "attr.h"

struct code_range {
	uint32_t first, last;
};

/* What moves, hides or reorders other text.  The joiners U+200C and U+200D
 * are spelling in some scripts and stay. */
static const struct code_range hidden[] = {
	{ 0x0000, 0x0008 },
	{ 0x000b, 0x000c },
	{ 0x000e, 0x001f },
	{ 0x007f, 0x009f },
	{ 0x00ad, 0x00ad },   /* soft hyphen */
	{ 0x061c, 0x061c },   /* Arabic letter mark */
	{ 0x180e, 0x180e },
	{ 0x200b, 0x200b },   /* zero width space */
	{ 0x200e, 0x200f },   /* direction marks */
	{ 0x2028, 0x202e },   /* line separators, embeddings, overrides */
	{ 0x2060, 0x206f },   /* isolates, invisible operators */
	{ 0xd800, 0xdfff },   /* surrogates */
	{ 0xfdd0, 0xfdef },   /* never characters */
	{ 0xfeff, 0xfeff },   /* byte order mark */
	{ 0xfff0, 0xfffb },   /* interlinear annotation */
	{ 0xfffe, 0xffff },
	{ 0xe0000, 0xe0fff }, /* tags */
	{ 0x110000, UINT32_MAX },
};

static bool code_hidden(uint32_t code)
{
	if (code >= ' ' && code <= '~')
		return false;
	for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return true;
	return false;
}

/* How many bytes a sequence with this first byte has, 0 for none. */
static size_t sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	if (first >= 0xf0 && first < 0xf5)
		return 4;
	return 0;
}

size_t clean_next(struct span text, uint32_t *code)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)text.data[0];
	size_t length = sequence_length(first);

	*code = '?';
	if (length == 0 || length > text.len)
		return 1;
	uint32_t value = length == 1 ? first : first & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		if ((byte & 0xc0) != 0x80)
			return i;
		value = value << 6 | (byte & 0x3fu);
	}
	if (value >= smallest[length] && !code_hidden(value))
		*code = value;
	return length;
}

static bool code_is_blank(uint32_t code)
{
	return code == '\n' || code == '\r' || code == '\t';
}

void clean_add(struct str *out, const char *text)
{
	struct span rest = span_of(text);

	while (rest.len > 0) {
		uint32_t code;
		size_t used = clean_next(rest, &code);

		if (code_is_blank(code))
			str_add_char(out, ' ');
		else if (code == '?')
			str_add_char(out, '?');
		else
			str_add_mem(out, rest.data, used);
		rest.data += used;
		rest.len -= used;
	}
}

/* One line, with its TABs; a CR at its end belongs to the line end. */
static void add_line(struct str *out, struct span line)
{
	if (line.len > 0 && line.data[line.len - 1] == '\r')
		line.len--;
	while (line.len > 0) {
		uint32_t code;
		size_t used = clean_next(line, &code);

		if (code == '\r' || code == '\n' || code == '?')
			str_add_char(out, '?');
		else
			str_add_mem(out, line.data, used);
		line.data += used;
		line.len -= used;
	}
}

static size_t line_length(struct span text)
{
	size_t length = 0;

	while (length < text.len && text.data[length] != '\n')
		length++;
	return length;
}

void clean_add_lines(struct str *out, const char *text)
{
	struct span rest = span_of(text);

	while (rest.len > 0 && (rest.data[rest.len - 1] == '\n' ||
		rest.data[rest.len - 1] == '\r'))
		rest.len--;
	for (;;) {
		size_t length = line_length(rest);

		add_line(out, (struct span){ rest.data, length });
		if (length == rest.len)
			return;
		rest.data += length + 1;
		rest.len -= length + 1;
		str_add_char(out, '\n');
		if (rest.len > 0 && rest.data[0] != ' ' && rest.data[0] != '\t')
			str_add(out, "  ");
	}
}

void clean_add_block(struct str *out, const char *text)
{
	struct span rest = span_of(text);

	while (rest.len > 0) {
		size_t length = line_length(rest);

		add_line(out, (struct span){ rest.data, length });
		if (length == rest.len)
			return;
		rest.data += length + 1;
		rest.len -= length + 1;
		str_add_char(out, '\n');
	}
}

bool clean_is_utf8(const char *codeset)
{
	return ascii_casecmp(codeset, "UTF-8") == 0 ||
		ascii_casecmp(codeset, "UTF8") == 0;
}

void clean_ascii(struct str *text)
{
	struct span rest = span_str(text);
	size_t length = 0;

	while (rest.len > 0) {
		uint32_t code;
		size_t used = clean_next(rest, &code);

		text->data[length++] = code < 0x80 ? (char)code : '?';
		rest.data += used;
		rest.len -= used;
	}
	str_truncate(text, length);
}
