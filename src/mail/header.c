#include "config.h"

#include <string.h>

#include "attr.h"
#include "mail/header.h"

#define TEXT_MAX 1048576

/* HEADER_FIELDS in lower case.  They are digested in this order, whatever
 * their order in the message: some servers answer in the order asked for. */
static const char *const fields[] = {
	"message-id", "date", "from", "to", "subject",
};

/* Takes the next line off, without its LF.  False at the end of the header. */
static bool take_line(struct span *rest, struct span *line)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->data, '\n', rest->len);
	line->data = rest->data;
	line->len = end ? (size_t)(end - rest->data) : rest->len;
	rest->data += line->len + (end ? 1 : 0);
	rest->len -= line->len + (end ? 1 : 0);
	return line->len > 1 || (line->len == 1 && line->data[0] != '\r');
}

static bool is_continuation(struct span rest)
{
	return rest.len > 0 && (rest.data[0] == ' ' || rest.data[0] == '\t');
}

/* Takes a line and those that continue it:
 *	header-field = field-name ":" unstructured CRLF  (RFC 5322 2.2) */
static bool take_field(struct span *rest, struct span *field)
{
	struct span more;

	if (!take_line(rest, field))
		return false;
	/* A "line" of blanks alone continues the field too. */
	while (is_continuation(*rest) && take_line(rest, &more))
		field->len = (size_t)(more.data + more.len - field->data);
	return true;
}

/* Splits at the colon; false when it is no field ("From " of an mbox). */
static bool split(struct span field, struct span *name, struct span *value)
{
	const char *colon = memchr(field.data, ':', field.len);

	if (!colon)
		return false;
	*name = (struct span){field.data, (size_t)(colon - field.data)};
	while (name->len > 0 && ascii_is_space(name->data[name->len - 1]))
		name->len--;
	*value = (struct span){colon + 1, field.len - 1 -
		(size_t)(colon - field.data)};
	return name->len > 0;
}

/* Runs of white space, folds among them, count as one blank. */
static void add_unfolded(struct span value, struct str *out)
{
	value = span_trim(value);
	for (size_t i = 0; i < value.len; i++) {
		if (!ascii_is_space(value.data[i]))
			str_add_char(out, value.data[i]);
		else if (!ascii_is_space(value.data[i - 1]))
			str_add_char(out, ' ');
	}
}

/* Adds each occurrence of the field; returns whether one had a value. */
static bool add_field(struct span header, const char *wanted, struct str *out)
{
	struct span field, name, value;
	bool any = false;

	while (take_field(&header, &field)) {
		if (!split(field, &name, &value) ||
			!span_is_nocase(name, wanted))
			continue;
		str_add(out, wanted);
		str_add_char(out, ':');
		any |= span_trim(value).len > 0;
		add_unfolded(value, out);
		str_add_char(out, '\n');
	}
	return any;
}

void header_id(struct span header, struct header_id *out)
{
	struct digest *digest = digest_new();
	struct str text = {0};

	out->has_message_id = add_field(header, fields[0], &text);
	for (size_t i = 1; i < ARRAY_LEN(fields); i++)
		add_field(header, fields[i], &text);
	digest_add(digest, str_get(&text), text.len);
	digest_end(digest, out->key);
	str_clear(&text);
	digest_free(digest);
}

bool header_is_key(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (ascii_casecmp(name, fields[i]) == 0)
			return true;
	return false;
}

bool header_find(struct span header, const char *wanted, struct span *value)
{
	struct span field, name;

	while (take_field(&header, &field))
		if (split(field, &name, value) &&
			span_is_nocase(name, wanted))
			return true;
	return false;
}

/* ---- In pieces ---- */

void header_text_add(struct header_text *h, struct span piece)
{
	size_t from = h->text.len > 2 ? h->text.len - 2 : 0;
	const char *text, *at;

	if (h->ended)
		return;
	if (piece.len > TEXT_MAX - h->text.len)
		piece.len = TEXT_MAX - h->text.len;
	str_add_span(&h->text, piece);
	text = str_get(&h->text);
	h->ended = h->text.len >= TEXT_MAX || text[0] == '\n' ||
		strncmp(text, "\r\n", 2) == 0;
	for (at = text + from; !h->ended && (at = strchr(at, '\n')); at++)
		h->ended = at[1] == '\n' || strncmp(at + 1, "\r\n", 2) == 0;
}

void header_text_clear(struct header_text *h)
{
	str_clear(&h->text);
	h->ended = false;
}
