#include "config.h"

#include "imap/response_parse.h"

#include "imap/flag.h"

/* "NAME[" with nothing of the section in the name. */
static const char *const bracketed[] = {
	"BODY[", "BODY.PEEK[", "BINARY[", "BINARY.PEEK["};

/* The names of RFC 3501 for some sections. */
static const struct old_name {
	const char *name;
	enum fetch_item kind;
	struct span section;
} old_names[] = {
	{"RFC822", ITEM_BODY, {"", 0}},
	{"RFC822.HEADER", ITEM_SECTION, {"HEADER", 6}},
	{"RFC822.TEXT", ITEM_SECTION, {"TEXT", 4}},
};

/* msg-att-static =/ "BODY" section ["<" number ">"] SP nstring */
static bool bracketed_section(struct span name, struct span *section)
{
	size_t end = name.len;

	for (size_t i = 0; i < ARRAY_LEN(bracketed); i++) {
		size_t len = span_of(bracketed[i]).len;

		if (!span_starts_nocase(name, bracketed[i]))
			continue;
		while (end > len && name.data[end - 1] != ']')
			end--;
		if (end == len)
			return false;
		*section = span_trim(
			(struct span){name.data + len, end - 1 - len});
		return true;
	}
	return false;
}

enum fetch_item fetch_item_kind(struct span name, struct span *section)
{
	if (bracketed_section(name, section))
		return section->len == 0 ? ITEM_BODY : ITEM_SECTION;
	for (size_t i = 0; i < ARRAY_LEN(old_names); i++) {
		if (!span_is_nocase(name, old_names[i].name))
			continue;
		*section = old_names[i].section;
		return old_names[i].kind;
	}
	return ITEM_OTHER;
}

static void scan_token(struct fetch_scan *scan, struct lex *lex)
{
	scan->item = (struct span){0};
	if (lex_take(lex, '(')) {
		scan->depth++;
	} else if (lex_take(lex, ')')) {
		scan->depth -= scan->depth > 0;
	} else if (lex_peek(lex) == '"') {
		struct span inner;

		if (!lex_quoted(lex, &inner))
			lex->at = lex->end;
	} else if (scan->depth == 1) {
		scan->item = lex_item(lex);
	} else {
		lex_atom(lex);
	}
}

void fetch_scan(struct fetch_scan *scan, struct span text)
{
	struct lex lex = {
		.at = text.data + scan->at, .end = text.data + text.len};

	scan->item = (struct span){0};
	for (lex_blanks(&lex); !lex_end(&lex); lex_blanks(&lex))
		scan_token(scan, &lex);
	scan->at = text.len;
}

static bool value_number(const struct value *v, uint64_t max, uint64_t *n)
{
	return v->kind == VALUE_ATOM && span_number(v->text, max, n);
}

/* "UID" SP uniqueid; 0 is none */
static void take_uid(struct response_fetch *f, const struct value *v)
{
	uint64_t n;

	f->has &= ~FETCH_UID;
	if (!value_number(v, UINT32_MAX, &n) || n == 0)
		return;
	f->uid = (uint32_t)n;
	f->has |= FETCH_UID;
}

/* "FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")" */
static void take_flags(struct response_fetch *f, const struct value *v)
{
	f->has &= ~FETCH_FLAGS;
	if (v->kind != VALUE_LIST)
		return;
	f->flags = 0;
	f->flag_names = v->first;
	for (v = v->first; v; v = v->next)
		f->flags |= flag_of_imap(v->text);
	f->has |= FETCH_FLAGS;
}

/* "RFC822.SIZE" SP number64 */
static void take_size(struct response_fetch *f, const struct value *v)
{
	if (value_number(v, INT64_MAX, &f->size))
		f->has |= FETCH_SIZE;
}

/* "INTERNALDATE" SP date-time */
static void take_date(struct response_fetch *f, const struct value *v)
{
	if (v->kind == VALUE_STRING && date_time_parse(v->text, &f->date))
		f->has |= FETCH_DATE;
}

/* "MODSEQ" SP "(" permsg-modsequence ")", RFC 7162 section 7 */
static void take_modseq(struct response_fetch *f, const struct value *v)
{
	if (v->kind == VALUE_LIST && v->first)
		v = v->first;
	if (value_number(v, INT64_MAX, &f->modseq))
		f->has |= FETCH_MODSEQ;
}

static const struct item_row {
	const char *name;
	void (*take)(struct response_fetch *f, const struct value *v);
} item_rows[] = {
	{"UID", take_uid},
	{"FLAGS", take_flags},
	{"RFC822.SIZE", take_size},
	{"INTERNALDATE", take_date},
	{"MODSEQ", take_modseq},
};

/* A body that came as a quoted string, or as a literal in a place that the
 * scan did not expect, is handed on by the parser from its copy. */
static bool take_body(struct response_input *in, struct response_fetch *f,
	const struct value *v)
{
	if (v->kind != VALUE_STREAMED && v->kind != VALUE_STRING)
		return true;
	if (f->has & FETCH_STREAMED)
		return lex_fail(&in->lex, "a second body in one FETCH");
	f->has |= FETCH_STREAMED;
	f->streamed_size = v->size;
	if (v->kind == VALUE_STRING) {
		in->has_body = true;
		in->body = v->text;
		f->streamed_size = v->text.len;
	}
	return true;
}

static void take_section(struct response_fetch *f, struct span section,
	const struct value *v)
{
	f->section = section;
	f->section_text = v->text;
	f->has &= ~FETCH_SECTION;
	if (v->kind == VALUE_STRING)
		f->has |= FETCH_SECTION;
}

static bool take_item(struct response_input *in, struct response_fetch *f,
	struct span name, const struct value *v)
{
	struct span section;

	for (size_t i = 0; i < ARRAY_LEN(item_rows); i++) {
		if (span_is_nocase(name, item_rows[i].name)) {
			item_rows[i].take(f, v);
			return true;
		}
	}
	switch (fetch_item_kind(name, &section)) {
	case ITEM_BODY:
		return take_body(in, f, v);
	case ITEM_SECTION:
		take_section(f, section, v);
		return true;
	case ITEM_OTHER:
		return true;
	}
	return true;
}

/* One name and its value; a name without a value is tolerated at the end. */
static bool parse_item(struct response_input *in, struct response_fetch *f)
{
	struct lex *lex = &in->lex;
	struct span name = lex_item(lex);
	const struct value *v;

	if (name.len == 0)
		return lex_fail(lex, "the name of a FETCH item is missing");
	lex_blanks(lex);
	if (lex_peek(lex) == ')')
		return true;
	v = lex_value(lex);
	return v && take_item(in, f, name, v);
}

/*
 * message-data =/ nz-number SP "FETCH" SP msg-att
 * msg-att      = "(" (msg-att-dynamic / msg-att-static)
 *                *(SP (msg-att-dynamic / msg-att-static)) ")"
 * The items come in any order (Q61).
 */
bool response_fetch_parse(struct response_input *in, struct response *r)
{
	struct lex *lex = &in->lex;

	if (!lex_take(lex, '('))
		return lex_fail(lex, "FETCH without a list");
	for (lex_blanks(lex); !lex_take(lex, ')'); lex_blanks(lex)) {
		if (lex_end(lex))
			return lex_fail(lex, "the list of FETCH is not closed");
		if (!parse_item(in, &r->u.fetch))
			return false;
	}
	return true;
}
