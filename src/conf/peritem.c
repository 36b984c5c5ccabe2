#include "config.h"

#include "conf/peritem.h"

#include <string.h>

/* More is a slip of the finger. */
#define WIDTH_MAX 10000

/* One conversion of the format. */
struct piece {
	struct span key;
	bool percent; /* only that: "%%" */
	bool has_key, left;
	size_t width, precision; /* precision SIZE_MAX: none */
	char type;
};

/* How the literal text around stands: '"', '\'' or 0. */
struct place {
	char quote;
	bool escaped;
};

static bool fail_format(struct error *err, const char *why)
{
	return error_set(err, ERROR_FATAL, ERROR_CONFIG, "%s; there are "
		"%%(accountname)s, %%(foldername)s, %%(localfolders)s and %%%%",
		why);
}

static bool fail_name(const struct peritem *item, struct error *err)
{
	return error_set(err, ERROR_FOLDER, ERROR_OTHER, "folder '%s' of "
		"account %s is left out of the mailbox list: a program that "
		"reads the list could take a part of its name for a command",
		item->folder, item->account);
}

/* ---- reading the format ---- */

/* Parentheses in a key are counted, as in Python. */
static const char *read_key(const char *at, struct piece *piece)
{
	const char *start = at;
	int depth = 1;

	for (; *at != '\0'; at++) {
		if (*at == '(')
			depth++;
		else if (*at == ')' && --depth == 0)
			break;
	}
	if (*at == '\0')
		return NULL;
	piece->has_key = true;
	piece->key = (struct span){start, (size_t)(at - start)};
	return at + 1;
}

/* NULL: too large. */
static const char *read_number(const char *at, size_t *out)
{
	*out = 0;
	for (; ascii_is_digit(*at); at++) {
		*out = *out * 10 + (size_t)(*at - '0');
		if (*out > WIDTH_MAX)
			return NULL;
	}
	return at;
}

static const char *read_size(const char *at, struct piece *piece,
	struct error *err)
{
	if (*at == '*' || (at = read_number(at, &piece->width)) == NULL) {
		fail_format(err, "a width after % is a number up to 10000");
		return NULL;
	}
	if (*at != '.')
		return at;
	at++;
	if (*at == '*' || (at = read_number(at, &piece->precision)) == NULL) {
		fail_format(err, "a precision is a number up to 10000");
		return NULL;
	}
	return at;
}

/* From behind the "%"; NULL: *err says why. */
static const char *read_piece(const char *at, struct piece *piece,
	struct error *err)
{
	*piece = (struct piece){.precision = SIZE_MAX, .percent = *at == '%'};
	if (piece->percent)
		return at + 1;
	if (*at == '(' && (at = read_key(at + 1, piece)) == NULL) {
		fail_format(err, "%( lacks its )");
		return NULL;
	}
	for (; *at != '\0' && strchr("-+ #0", *at) != NULL; at++)
		piece->left = piece->left || *at == '-';
	at = read_size(at, piece, err);
	if (at == NULL)
		return NULL;
	if (*at != '\0' && strchr("hlL", *at) != NULL)
		at++;
	piece->type = *at;
	if (*at == '\0') {
		fail_format(err, "% at the end lacks its letter, s");
		return NULL;
	}
	return at + 1;
}

static void pass_literal(struct place *place, char c)
{
	if (place->escaped)
		place->escaped = false;
	else if (c == '\\' && place->quote != '\'')
		place->escaped = true;
	else if (place->quote == c)
		place->quote = '\0';
	else if (place->quote == '\0' && (c == '"' || c == '\''))
		place->quote = c;
}

/* ---- values ---- */

static bool is_start(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += is_start(*text) ? 1 : 0;
	return n;
}

static size_t bytes_of(const char *text, size_t count)
{
	size_t at = 0;

	while (text[at] != '\0') {
		if (is_start(text[at]) && count-- == 0)
			break;
		at++;
	}
	return at;
}

/* Trusts that the text is UTF-8: whoever lists names sees to that. */
static unsigned long next_code(const char **at)
{
	unsigned long code = (unsigned char)*(*at)++;

	if (code >= 0xc0)
		code &= code >= 0xf0 ? 0x07 : code >= 0xe0 ? 0x0f : 0x1f;
	while (**at != '\0' && !is_start(**at))
		code = code << 6 | ((unsigned char)*(*at)++ & 0x3f);
	return code;
}

static bool is_printable(unsigned long code)
{
	return code >= 0x20 && !(code >= 0x7f && code <= 0xa0) && code != 0xad;
}

static void add_escape(struct str *out, unsigned long code)
{
	if (code <= 0xff)
		str_printf(out, "\\x%02lx", code);
	else
		str_printf(out, code > 0xffff ? "\\U%08lx" : "\\u%04lx", code);
}

/* Python's repr of a str; ascii: nothing but ASCII in it. */
static void add_repr(struct str *out, const char *text, bool ascii)
{
	char quote = strchr(text, '\'') != NULL && strchr(text, '"') == NULL ?
		'"' : '\'';

	str_add_char(out, quote);
	while (*text != '\0') {
		static const char named[] = "\n\r\t", letters[] = "nrt";
		const char *raw = text;
		unsigned long code = next_code(&text);
		const char *name = code < 0x80 ? strchr(named, (int)code) :
			NULL;

		if (name != NULL)
			str_printf(out, "\\%c", letters[name - named]);
		else if (code == (unsigned char)quote || code == '\\')
			str_printf(out, "\\%c", (char)code);
		else if (is_printable(code) && (code < 0x80 || !ascii))
			str_add_mem(out, raw, (size_t)(text - raw));
		else
			add_escape(out, code);
	}
	str_add_char(out, quote);
}

static bool find_value(const struct piece *piece, const struct peritem *item,
	const char **out)
{
	if (span_is(piece->key, "accountname"))
		*out = item->account;
	else if (span_is(piece->key, "foldername"))
		*out = item->folder;
	else if (span_is(piece->key, "localfolders"))
		*out = item->localfolders;
	else
		return false;
	return true;
}

static bool check_piece(const struct piece *piece, const struct peritem *item,
	const char **value, struct error *err)
{
	struct str why = {0};

	if (!piece->has_key)
		fail_format(err, "% is followed by no (name)");
	else if (!find_value(piece, item, value)) {
		str_add(&why, "there is no name '");
		str_add_span(&why, piece->key);
		str_add(&why, "'");
		fail_format(err, str_get(&why));
	} else if (strchr("sra", piece->type) == NULL)
		fail_format(err, "all names are texts: the letter is s, r or "
			"a");
	else
		return true;
	str_clear(&why);
	return false;
}

/* ---- quoting for the reader ---- */

static bool is_plain(const char *name)
{
	return strpbrk(name, "`;") == NULL && strstr(name, "$(") == NULL;
}

static bool has_control(const char *name)
{
	for (; *name != '\0'; name++)
		if ((unsigned char)*name < 0x20 || *name == 0x7f)
			return true;
	return false;
}

static bool can_list(const char *name, char quote, char type)
{
	if (has_control(name))
		return false;
	return (type == 's' && quote != '\0') || is_plain(name);
}

static void add_quoted(struct str *out, const char *text, char quote)
{
	for (; *text != '\0'; text++) {
		if (quote == '\'' && *text == '\'')
			str_add(out, "'\\'");
		else if (quote == '"' && strchr("\"\\`$", *text) != NULL)
			str_add_char(out, '\\');
		str_add_char(out, *text);
	}
}

/* ---- putting it together ---- */

static void convert(const struct piece *piece, const char *value,
	struct str *out)
{
	if (piece->type == 's' || value == NULL)
		str_add(out, value != NULL ? value : "None");
	else
		add_repr(out, value, piece->type == 'a');
	if (piece->precision < characters(str_get(out)))
		str_truncate(out, bytes_of(str_get(out), piece->precision));
}

static void add_padded(const struct piece *piece, const char *text,
	char quote, struct str *out)
{
	size_t len = characters(text);
	size_t pad = piece->width > len ? piece->width - len : 0;

	if (piece->left)
		add_quoted(out, text, quote);
	for (size_t i = 0; i < pad; i++)
		str_add_char(out, ' ');
	if (!piece->left)
		add_quoted(out, text, quote);
}

static bool add_piece(const struct piece *piece, const struct peritem *item,
	char quote, struct str *out, struct error *err)
{
	const char *value;
	struct str text = {0};
	bool foreign;

	if (!check_piece(piece, item, &value, err))
		return false;
	foreign = value != NULL && value == item->folder;
	if (foreign && !can_list(value, quote, piece->type))
		return fail_name(item, err);
	convert(piece, value, &text);
	add_padded(piece, str_get(&text), foreign && piece->type == 's' ?
		quote : '\0', out);
	str_clear(&text);
	return true;
}

static bool format_all(const char *at, const struct peritem *item,
	struct str *out, struct error *err)
{
	struct place place = {0};

	while (*at != '\0') {
		struct piece piece;

		if (*at != '%') {
			pass_literal(&place, *at);
			str_add_char(out, *at++);
			continue;
		}
		at = read_piece(at + 1, &piece, err);
		if (at == NULL)
			return false;
		place.escaped = false;
		if (piece.percent)
			str_add_char(out, '%');
		else if (!add_piece(&piece, item, place.quote, out, err))
			return false;
	}
	return true;
}

bool peritem_format(const char *format, const struct peritem *item,
	struct str *out, struct error *err)
{
	size_t start = out->len;
	bool good = format_all(format, item, out, err);

	if (!good)
		str_truncate(out, start);
	return good;
}

bool peritem_check(const char *format, struct error *err)
{
	static const struct peritem none = {"A", "F", NULL};
	struct str out = {0};
	bool good = peritem_format(format, &none, &out, err);

	str_clear(&out);
	return good;
}
