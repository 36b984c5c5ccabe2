#include "config.h"

#include "imap/response_parse.h"

#include <string.h>

/* One code with its arguments, from behind its name. */
typedef bool code_fn(struct lex *lex, struct response_input *in,
	struct code *code);

static bool parse_none(struct lex *lex, struct response_input *in,
	struct code *code)
{
	(void)lex, (void)in, (void)code;
	return true; /* what follows is nothing that we know */
}

static bool parse_number(struct lex *lex, struct response_input *in,
	struct code *code)
{
	(void)in;
	return lex_number(lex, INT64_MAX, &code->number);
}

static bool parse_number32(struct lex *lex, struct response_input *in,
	struct code *code)
{
	(void)in;
	return lex_number(lex, UINT32_MAX, &code->number);
}

static bool parse_set(struct lex *lex, struct response_input *in,
	struct seqset *memory, struct seqset *out)
{
	lex_blanks(lex);
	if (!seqset_parse(lex_atom(lex), in->max_ranges, memory))
		return false;
	*out = *memory;
	return true;
}

/* The number at the front of text, whose form is known to be right. */
static uint64_t next_number(struct span *text)
{
	uint64_t n = 0;

	for (; text->len > 0 && ascii_is_digit(*text->data); text->len--)
		n = n * 10 + (uint64_t)(*text->data++ - '0');
	if (text->len > 0) {
		text->data++;
		text->len--;
	}
	return n;
}

static bool is_ascending(struct span set)
{
	uint64_t last = 0;

	while (set.len > 0) {
		uint64_t n = next_number(&set);

		if (n <= last)
			return false;
		last = n;
	}
	return true;
}

/* resp-code-apnd = "APPENDUID" SP nz-number SP append-uid
 * The set names the messages in their order (RFC 4315 section 3), which a
 * struct seqset does not keep. */
static bool parse_appenduid(struct lex *lex, struct response_input *in,
	struct code *code)
{
	struct lex ahead;

	if (!parse_number32(lex, in, code))
		return false;
	ahead = *lex;
	lex_blanks(&ahead);
	code->ordered = is_ascending(lex_atom(&ahead));
	return parse_set(lex, in, &in->sets->code, &code->set);
}

/* The n-th UID of the one set became the n-th of the other, RFC 4315 section
 * 3: sets kept in order say that only when they came so. */
static bool same_order(struct lex lex)
{
	struct span from, to;
	uint64_t ignored;

	lex_blanks(&lex);
	if (!lex_number(&lex, UINT32_MAX, &ignored))
		return false;
	lex_blanks(&lex);
	from = lex_atom(&lex);
	lex_blanks(&lex);
	to = lex_atom(&lex);
	return seqset_ascends(from) && seqset_ascends(to);
}

/* resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set */
static bool parse_copyuid(struct lex *lex, struct response_input *in,
	struct code *code)
{
	return same_order(*lex) && parse_appenduid(lex, in, code) &&
		parse_set(lex, in, &in->sets->code2, &code->set2);
}

/* RFC 7162 section 7: resp-text-code =/ "MODIFIED" SP sequence-set */
static bool parse_modified(struct lex *lex, struct response_input *in,
	struct code *code)
{
	return parse_set(lex, in, &in->sets->code, &code->set);
}

static bool parse_values(struct lex *lex, struct response_input *in,
	struct code *code)
{
	(void)in;
	return lex_rest(lex, &code->values);
}

/* "PERMANENTFLAGS" SP "(" [flag-perm *(SP flag-perm)] ")" */
static bool parse_list(struct lex *lex, struct response_input *in,
	struct code *code)
{
	(void)in;
	return lex_list(lex, &code->values);
}

static const struct code_row {
	const char *name;
	enum code_kind kind;
	code_fn *parse;
	bool list; /* a "]" in its list does not end the code (Q32) */
} code_rows[] = {
	{"ALERT", CODE_ALERT, parse_none, false},
	{"ALREADYEXISTS", CODE_ALREADYEXISTS, parse_none, false},
	{"APPENDUID", CODE_APPENDUID, parse_appenduid, false},
	{"AUTHENTICATIONFAILED", CODE_AUTHENTICATIONFAILED, parse_none, false},
	{"CAPABILITY", CODE_CAPABILITY, parse_values, false},
	{"CLOSED", CODE_CLOSED, parse_none, false},
	{"COPYUID", CODE_COPYUID, parse_copyuid, false},
	{"HIGHESTMODSEQ", CODE_HIGHESTMODSEQ, parse_number, false},
	{"LIMIT", CODE_LIMIT, parse_none, false},
	{"MODIFIED", CODE_MODIFIED, parse_modified, false},
	{"NOMODSEQ", CODE_NOMODSEQ, parse_none, false},
	{"NONEXISTENT", CODE_NONEXISTENT, parse_none, false},
	{"OVERQUOTA", CODE_OVERQUOTA, parse_none, false},
	{"PERMANENTFLAGS", CODE_PERMANENTFLAGS, parse_list, true},
	{"READ-ONLY", CODE_READ_ONLY, parse_none, false},
	{"READ-WRITE", CODE_READ_WRITE, parse_none, false},
	{"TRYCREATE", CODE_TRYCREATE, parse_none, false},
	{"UIDNEXT", CODE_UIDNEXT, parse_number32, false},
	{"UIDNOTSTICKY", CODE_UIDNOTSTICKY, parse_none, false},
	{"UIDVALIDITY", CODE_UIDVALIDITY, parse_number32, false},
	{"UNAVAILABLE", CODE_UNAVAILABLE, parse_none, false},
	{"UNSEEN", CODE_UNSEEN, parse_number32, false},
};

static const struct code_row *code_row(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(code_rows); i++)
		if (span_is_nocase(name, code_rows[i].name))
			return &code_rows[i];
	return NULL;
}

static struct span code_name(struct lex *lex)
{
	const char *from = lex->at;

	while (!lex_end(lex) && *lex->at != ' ' && *lex->at != ']')
		lex->at++;
	return (struct span){from, (size_t)(lex->at - from)};
}

/* Points lex behind the next "]". */
static bool skip_close(struct lex *lex)
{
	const char *close =
		memchr(lex->at, ']', (size_t)(lex->end - lex->at));

	if (close)
		lex->at = close + 1;
	return close != NULL;
}

/* A code that is known and whose arguments are right; lex then stands behind
 * its "]".  Tried on a copy: what fails here is no error of the line. */
static bool parse_known(struct lex *lex, struct response_input *in,
	const struct code_row *row, struct code *code)
{
	struct lex arguments = *lex;
	struct code read = {.kind = row->kind, .name = code->name};

	if (!row->list) {
		if (!skip_close(lex))
			return false;
		arguments.end = lex->at - 1;
	}
	lex_blanks(&arguments);
	if (!row->parse(&arguments, in, &read))
		return false;
	if (row->list) {
		lex->at = arguments.at;
		if (!skip_close(lex))
			return false;
	}
	lex->values = arguments.values;
	*code = read;
	return true;
}

/*
 * resp-text-code = "ALERT" / ... / atom [SP 1*<any TEXT-CHAR except "]">]
 * Without its "]" it is left in the text.
 */
static void parse_code(struct lex *lex, struct response_input *in,
	struct code *code)
{
	const char *bracket = lex->at++;
	const struct code_row *row;
	struct lex arguments;

	code->kind = CODE_OTHER;
	code->name = code_name(lex);
	row = code_row(code->name);
	arguments = *lex;
	if (row && parse_known(&arguments, in, row, code)) {
		*lex = arguments;
		return;
	}
	if (!skip_close(lex))
		lex->at = bracket;
}

static struct span rest(struct lex *lex)
{
	lex_blanks(lex);
	return (struct span){lex->at, (size_t)(lex->end - lex->at)};
}

/* resp-text = ["[" resp-text-code "]" SP] [text] */
void response_text_parse(struct response_input *in, struct response *r)
{
	r->words = rest(&in->lex);
	if (lex_peek(&in->lex) == '[')
		parse_code(&in->lex, in, &r->code);
	r->text = rest(&in->lex);
}
