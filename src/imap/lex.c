#include "config.h"

#include "imap/lex.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"

bool lex_fail(struct lex *lex, const char *why)
{
	if (!lex->error)
		lex->error = why;
	return false;
}

static bool fail_limit(struct lex *lex, const char *why)
{
	if (!lex->error)
		lex->limit = true;
	return lex_fail(lex, why);
}

bool lex_is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

char lex_peek(const struct lex *lex)
{
	return lex->at < lex->end ? *lex->at : '\0';
}

bool lex_end(const struct lex *lex)
{
	return lex->at == lex->end;
}

void lex_blanks(struct lex *lex)
{
	while (lex->at < lex->end && *lex->at == ' ')
		lex->at++;
}

bool lex_take(struct lex *lex, char c)
{
	if (lex->at == lex->end || *lex->at != c)
		return false;
	lex->at++;
	return true;
}

static struct span since(const struct lex *lex, const char *from)
{
	return (struct span){from, (size_t)(lex->at - from)};
}

struct span lex_word(struct lex *lex)
{
	const char *from = lex->at;

	for (; lex->at < lex->end; lex->at++) {
		char c = ascii_lower(*lex->at);

		if ((c < 'a' || c > 'z') && c != '-')
			break;
	}
	return since(lex, from);
}

/*
 * atom = 1*ATOM-CHAR.  Wider than that, as servers are: quotes, brackets,
 * 8-bit and control bytes belong to the atom in which they stand (Q32, Q85).
 */
struct span lex_atom(struct lex *lex)
{
	const char *from = lex->at;

	for (; lex->at < lex->end; lex->at++)
		if (*lex->at == ' ' || *lex->at == '(' || *lex->at == ')')
			break;
	return since(lex, from);
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE; "\" hides the next character */
bool lex_quoted(struct lex *lex, struct span *inner)
{
	const char *from = ++lex->at;

	for (; lex->at < lex->end; lex->at++) {
		if (*lex->at == '"') {
			*inner = since(lex, from);
			lex->at++;
			return true;
		}
		if (*lex->at == '\n')
			break;
		if (*lex->at == '\\' && lex->at + 1 < lex->end &&
			lex->at[1] != '\n')
			lex->at++;
	}
	return lex_fail(lex, "a quoted string is not closed");
}

/* section = "[" [section-spec] "]", with blanks, lists and strings inside */
static void skip_section(struct lex *lex)
{
	while (!lex_end(lex) && !lex_take(lex, ']')) {
		struct span inner;

		if (lex_peek(lex) != '"')
			lex->at++;
		else if (!lex_quoted(lex, &inner))
			return;
	}
}

struct span lex_item(struct lex *lex)
{
	const char *from = lex->at;

	while (!lex_end(lex) && !memchr(" ()[", *lex->at, 4))
		lex->at++;
	if (!lex_take(lex, '['))
		return since(lex, from);
	skip_section(lex);
	if (lex_take(lex, '<'))
		while (!lex_end(lex) && !lex_take(lex, '>'))
			lex->at++;
	return since(lex, from);
}

bool lex_number(struct lex *lex, uint64_t max, uint64_t *n)
{
	const char *from = lex->at;

	if (span_number(lex_atom(lex), max, n))
		return true;
	lex->at = from;
	return false;
}

/* Where the bytes of a framed literal begin whose announcement is next. */
static const char *literal_start(const struct lex *lex)
{
	const char *start;

	if (lex->literals == 0)
		return NULL;
	start = lex->start + lex->literal->at;
	if (lex->at >= start || (*lex->at != '{' && *lex->at != '~'))
		return NULL;
	return memchr(lex->at, '\n', (size_t)(start - lex->at)) == start - 1
		? start
		: NULL;
}

bool lex_at_string(const struct lex *lex)
{
	return lex_peek(lex) == '"' || literal_start(lex) != NULL;
}

static struct span unescape(struct arena *arena, struct span inner)
{
	char *text;
	size_t len = 0;

	if (inner.len == 0 || !memchr(inner.data, '\\', inner.len))
		return inner;
	text = arena_alloc(arena, inner.len);
	for (size_t i = 0; i < inner.len; i++) {
		if (inner.data[i] == '\\' && i + 1 < inner.len)
			i++;
		text[len++] = inner.data[i];
	}
	return (struct span){text, len};
}

static struct value *value_new(struct lex *lex, enum value_kind kind)
{
	struct value *value;

	if (lex->values == 0) {
		fail_limit(lex, "too many values in one response");
		return NULL;
	}
	lex->values--;
	value = arena_alloc(lex->arena, sizeof(*value));
	value->kind = kind;
	return value;
}

/* literal = "{" number64 ["+"] "}" CRLF *CHAR8, literal8 = "~" literal */
static struct value *literal_value(struct lex *lex, const char *start)
{
	const struct lex_literal *literal = lex->literal;
	struct value *value = value_new(lex,
		literal->streamed ? VALUE_STREAMED : VALUE_STRING);

	if (!value)
		return NULL;
	lex->literal++;
	lex->literals--;
	lex->at = start;
	value->size = literal->size;
	if (!literal->streamed) {
		assert(literal->size <= (size_t)(lex->end - start));
		value->text = (struct span){start, (size_t)literal->size};
		lex->at += literal->size;
	}
	return value;
}

static struct value *quoted_value(struct lex *lex)
{
	struct value *value = value_new(lex, VALUE_STRING);
	struct span inner;

	if (!value || !lex_quoted(lex, &inner))
		return NULL;
	value->text = unescape(lex->arena, inner);
	return value;
}

static struct value *atom_value(struct lex *lex)
{
	struct span text = lex_atom(lex);
	bool nil = span_is_nocase(text, "NIL");
	struct value *value;

	if (text.len == 0) {
		lex_fail(lex, "a value is missing");
		return NULL;
	}
	value = value_new(lex, nil ? VALUE_NIL : VALUE_ATOM);
	if (value)
		value->text = text;
	return value;
}

static struct value *list_value(struct lex *lex)
{
	struct value *value = value_new(lex, VALUE_LIST);

	return value && lex_list(lex, &value->first) ? value : NULL;
}

struct value *lex_value(struct lex *lex)
{
	const char *start = literal_start(lex);

	if (start)
		return literal_value(lex, start);
	if (lex_peek(lex) == '"')
		return quoted_value(lex);
	if (lex_peek(lex) == '(')
		return list_value(lex);
	return atom_value(lex);
}

/* An atom with a control byte in it, or a lone backslash, is nobody's name:
 * stepped over (Q85, Q92). */
static bool skip_bad_atom(struct lex *lex)
{
	const char *from = lex->at;
	struct span atom;

	if (lex_at_string(lex))
		return false;
	atom = lex_atom(lex);
	for (size_t i = 0; i < atom.len; i++)
		if (lex_is_control(atom.data[i]))
			return true;
	if (span_is(atom, "\\"))
		return true;
	lex->at = from;
	return false;
}

/* Values up to the end or a ")", which is not taken. */
static bool chain(struct lex *lex, const struct value **first)
{
	const struct value **tail = first;

	*first = NULL;
	for (lex_blanks(lex); !lex_end(lex) && *lex->at != ')';
		lex_blanks(lex)) {
		struct value *value;

		if (skip_bad_atom(lex))
			continue;
		value = lex_value(lex);
		if (!value)
			return false;
		*tail = value;
		tail = &value->next;
	}
	return true;
}

bool lex_list(struct lex *lex, const struct value **first)
{
	*first = NULL;
	if (!lex_take(lex, '('))
		return lex_fail(lex, "a list is missing");
	if (lex->depth == 0)
		return fail_limit(lex, "lists are nested too deep");
	lex->depth--;
	if (!chain(lex, first))
		return false;
	lex->depth++;
	return lex_take(lex, ')') || lex_fail(lex, "a list is not closed");
}

bool lex_rest(struct lex *lex, const struct value **first)
{
	return chain(lex, first) &&
		(lex_end(lex) || lex_fail(lex, "a ) too many"));
}
