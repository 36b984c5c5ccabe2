#include "config.h"

#include "conf/literal.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

/* Python's own parser allows more; nobody writes so many. */
#define NESTING_MAX 20

struct reader {
	const char *at;
	unsigned depth; /* of brackets: line ends count as blanks inside */
};

/* What a text is made of: adjacent literals must agree on it. */
struct text_kind {
	bool raw, bytes;
};

static void skip_comment(struct reader *r)
{
	if (*r->at == '#')
		r->at += strcspn(r->at, "\n");
}

static void skip_blanks(struct reader *r)
{
	for (;; r->at++) {
		skip_comment(r);
		if (*r->at != ' ' && *r->at != '\t' &&
			!(*r->at == '\n' && r->depth > 0))
			return;
	}
}

static bool is_name_char(char c)
{
	return ascii_is_digit(c) || c == '_' || (unsigned char)c >= 0x80 ||
		(ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

/* ---- texts ---- */

static void add_utf8(struct str *out, unsigned long code)
{
	if (code < 0x80) {
		str_add_char(out, (char)code);
	} else if (code < 0x800) {
		str_add_char(out, (char)(0xc0 | code >> 6));
		str_add_char(out, (char)(0x80 | (code & 0x3f)));
	} else {
		str_add_char(out, (char)(0xe0 | code >> 12));
		str_add_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
		str_add_char(out, (char)(0x80 | (code & 0x3f)));
	}
}

/* A byte of its own in bytes, a character else.  No NUL, no surrogate. */
static bool add_code(struct str *out, unsigned long code, bool bytes)
{
	if (code == 0 || (code >= 0xd800 && code < 0xe000))
		return false;
	if (bytes)
		str_add_char(out, (char)code);
	else
		add_utf8(out, code);
	return true;
}

static bool hex_digits(struct reader *r, size_t len, unsigned long *code)
{
	static const char hex[] = "0123456789abcdef";

	*code = 0;
	for (size_t i = 0; i < len; i++, r->at++) {
		const char *digit = *r->at ?
			strchr(hex, ascii_lower(*r->at)) : NULL;

		if (!digit)
			return false;
		*code = *code * 16 + (unsigned long)(digit - hex);
	}
	return true;
}

/* Up to three digits; Python warns above 0377. */
static bool octal_digits(struct reader *r, unsigned long *code)
{
	*code = 0;
	for (int i = 0; i < 3 && *r->at >= '0' && *r->at <= '7'; i++)
		*code = *code * 8 + (unsigned long)(*r->at++ - '0');
	return *code <= 0377;
}

/* Behind the backslash (2.4.1.1). */
static bool read_escape(struct reader *r, bool bytes, struct str *out)
{
	static const char letters[] = "\\'\"abfnrtv";
	static const char values[] = "\\'\"\a\b\f\n\r\t\v";
	const char *letter = *r->at ? strchr(letters, *r->at) : NULL;
	unsigned long code;

	if (letter) {
		str_add_char(out, values[letter - letters]);
		r->at++;
		return true;
	}
	if (*r->at >= '0' && *r->at <= '7')
		return octal_digits(r, &code) && add_code(out, code, bytes);
	switch (*r->at++) {
	case '\n':
		return true;
	case 'x':
		return hex_digits(r, 2, &code) && add_code(out, code, bytes);
	case 'u':
		return !bytes && hex_digits(r, 4, &code) &&
			add_code(out, code, bytes);
	default:
		return false;
	}
}

/* In a raw text the backslash stays, yet the quote behind it ends nothing. */
static bool read_char(struct reader *r, struct text_kind kind,
	struct str *out)
{
	char c = *r->at++;

	if (c == '\r' || (kind.bytes && (unsigned char)c >= 0x80))
		return false;
	if (c != '\\') {
		str_add_char(out, c);
		return true;
	}
	if (!kind.raw)
		return read_escape(r, kind.bytes, out);
	if (*r->at == '\0' || *r->at == '\r' ||
		(kind.bytes && (unsigned char)*r->at >= 0x80))
		return false;
	str_add_char(out, c);
	str_add_char(out, *r->at++);
	return true;
}

static bool read_quoted(struct reader *r, struct text_kind kind,
	struct str *out)
{
	char quote = *r->at;
	size_t len = r->at[1] == quote && r->at[2] == quote ? 3 : 1;
	char end[4] = {quote, len == 3 ? quote : '\0', quote, '\0'};

	r->at += len;
	while (strncmp(r->at, end, len) != 0) {
		if (*r->at == '\0' || (*r->at == '\n' && len == 1))
			return false;
		if (!read_char(r, kind, out))
			return false;
	}
	r->at += len;
	return true;
}

/* At most one of each of these letters, u alone. */
static bool read_prefix(struct reader *r, struct text_kind *kind)
{
	bool unicode = false;

	*kind = (struct text_kind){0};
	for (; *r->at != '\'' && *r->at != '"'; r->at++) {
		char c = ascii_lower(*r->at);
		bool *flag = c == 'r' ? &kind->raw : c == 'b' ? &kind->bytes :
			c == 'u' ? &unicode : NULL;

		if (!flag || *flag)
			return false;
		*flag = true;
	}
	return !unicode || (!kind->raw && !kind->bytes);
}

static bool is_text_next(const struct reader *r)
{
	size_t len = strspn(r->at, "rRbBuU");

	return len <= 2 && (r->at[len] == '\'' || r->at[len] == '"');
}

/* RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF. */
static size_t utf8_len(const unsigned char *at)
{
	static const struct {
		unsigned char first, last, low, high; /* low..high: second */
		size_t len;
	} forms[] = {
		{0x01, 0x7f, 0, 0, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	size_t i = 0;

	while (i < ARRAY_LEN(forms) &&
		(at[0] < forms[i].first || at[0] > forms[i].last))
		i++;
	if (i == ARRAY_LEN(forms) || (forms[i].len > 1 &&
		(at[1] < forms[i].low || at[1] > forms[i].high)))
		return 0;
	for (size_t k = 2; k < forms[i].len; k++)
		if ((at[k] & 0xc0) != 0x80)
			return 0;
	return forms[i].len;
}

static bool is_utf8(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	while (*at) {
		size_t len = utf8_len(at);

		if (len == 0)
			return false;
		at += len;
	}
	return true;
}

/* stringliteral+, all of one kind. */
static bool read_text(struct reader *r, bool *bytes, struct str *out)
{
	bool first = true;
	struct text_kind kind;

	*bytes = false;
	while (is_text_next(r)) {
		if (!read_prefix(r, &kind) ||
			(!first && kind.bytes != *bytes) ||
			!read_quoted(r, kind, out))
			return false;
		*bytes = kind.bytes;
		first = false;
		skip_blanks(r);
	}
	return !first && is_utf8(str_get(out));
}

/* ---- numbers and names ---- */

/* decinteger: digits with single underscores between, no leading zero. */
static bool read_number(struct reader *r, struct literal *out)
{
	bool minus = *r->at == '-';
	struct str digits = {0};
	uint64_t value = 0;
	bool ok;

	if (*r->at == '-' || *r->at == '+')
		r->at++;
	for (; ascii_is_digit(*r->at); r->at++) {
		str_add_char(&digits, *r->at);
		if (r->at[1] == '_' && ascii_is_digit(r->at[2]))
			r->at++;
	}
	ok = span_number(span_str(&digits), INT64_MAX, &value) &&
		(digits.data[0] != '0' || value == 0) &&
		!is_name_char(*r->at) && *r->at != '.';
	str_clear_secret(&digits);
	out->kind = LITERAL_NUMBER;
	out->number = minus ? -(int64_t)value : (int64_t)value;
	return ok;
}

static bool read_name(struct reader *r, struct literal *out)
{
	static const struct {
		const char *name;
		enum literal_kind kind;
		int64_t number;
	} names[] = {
		{"None", LITERAL_NONE, 0},
		{"True", LITERAL_BOOL, 1},
		{"False", LITERAL_BOOL, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t len = strlen(names[i].name);

		if (strncmp(r->at, names[i].name, len) != 0 ||
			is_name_char(r->at[len]))
			continue;
		out->kind = names[i].kind;
		out->number = names[i].number;
		r->at += len;
		return true;
	}
	return false;
}

/* ---- brackets ---- */

static void open_bracket(struct reader *r)
{
	r->at++;
	r->depth++;
	skip_blanks(r);
}

static void close_bracket(struct reader *r)
{
	r->at++;
	r->depth--;
	skip_blanks(r);
}

/* One text of a list, perhaps in parentheses of its own. */
static bool read_element(struct reader *r, struct str *out)
{
	unsigned outside = r->depth;
	bool bytes, ok;

	while (*r->at == '(' && r->depth < NESTING_MAX)
		open_bracket(r);
	ok = read_text(r, &bytes, out) && !bytes;
	while (ok && r->depth > outside) {
		ok = *r->at == ')';
		if (ok)
			close_bracket(r);
	}
	return ok;
}

/* After the opening bracket; *commas tells a tuple from parentheses. */
static bool read_elements(struct reader *r, char end, struct vec *list,
	size_t *commas)
{
	*commas = 0;
	while (*r->at != end) {
		struct str text = {0};
		bool ok = (list->len == *commas) && read_element(r, &text);

		if (!ok) {
			str_clear_secret(&text);
			return false;
		}
		*(char **)vec_add(list) = str_detach(&text);
		if (*r->at != ',')
			continue;
		++*commas;
		r->at++;
		skip_blanks(r);
	}
	close_bracket(r);
	return true;
}

static bool read_value(struct reader *r, struct literal *out);

/* '[' ... ']' and '{' ... '}'; {} is a dict, not a set. */
static bool read_list(struct reader *r, struct literal *out)
{
	char end = *r->at == '[' ? ']' : '}';
	size_t commas;

	out->kind = LITERAL_LIST;
	open_bracket(r);
	return read_elements(r, end, &out->list, &commas) &&
		(end == ']' || out->list.len > 0);
}

/* "()" and "(x," begin a tuple; else the parentheses mean nothing. */
static bool read_parentheses(struct reader *r, struct literal *out)
{
	const struct reader before = *r;
	size_t commas;

	if (r->depth >= NESTING_MAX)
		return false;
	open_bracket(r);
	if (read_elements(r, ')', &out->list, &commas) &&
		(commas > 0 || out->list.len == 0)) {
		out->kind = LITERAL_LIST;
		return true;
	}
	literal_clear(out);
	*r = before;
	open_bracket(r);
	if (!read_value(r, out) || *r->at != ')')
		return false;
	close_bracket(r);
	return true;
}

static bool read_value(struct reader *r, struct literal *out)
{
	bool bytes, ok;

	if (*r->at == '[' || *r->at == '{')
		return read_list(r, out);
	if (*r->at == '(')
		return read_parentheses(r, out);
	if (is_text_next(r)) {
		out->kind = LITERAL_TEXT;
		return read_text(r, &bytes, &out->text);
	}
	if (ascii_is_digit(*r->at) || *r->at == '-' || *r->at == '+')
		ok = read_number(r, out);
	else
		ok = read_name(r, out);
	skip_blanks(r);
	return ok;
}

/* Lines before the value may be empty, but then it must not be indented. */
static void skip_start(struct reader *r)
{
	r->at += strspn(r->at, " \t");
	while (*r->at == '\n' || *r->at == '#') {
		skip_comment(r);
		if (*r->at == '\n')
			r->at++;
	}
}

static void skip_end(struct reader *r)
{
	r->depth++;
	skip_blanks(r);
}

bool literal_read(const char *text, struct literal *out)
{
	struct reader r = {.at = text};

	*out = (struct literal){.list = VEC(char *)};
	/* A text only shrinks; a secret must leave no copies behind. */
	str_reserve(&out->text, strlen(text));
	skip_start(&r);
	if (read_value(&r, out)) {
		skip_end(&r);
		if (*r.at == '\0')
			return true;
	}
	literal_clear(out);
	return false;
}

void literal_clear(struct literal *l)
{
	str_clear_secret(&l->text);
	for (size_t i = 0; i < l->list.len; i++) {
		char **text = vec_at(&l->list, i);

		mem_free_secret(*text);
	}
	vec_clear(&l->list);
	*l = (struct literal){.list = VEC(char *)};
}
