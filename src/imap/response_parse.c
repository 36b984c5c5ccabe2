#include "config.h"

#include "imap/response_parse.h"

static bool parse_text(struct response_input *in, struct response *r);
static bool parse_values(struct response_input *in, struct response *r);
static bool parse_list(struct response_input *in, struct response *r);
static bool parse_nothing(struct response_input *in, struct response *r);

static const struct word_row {
	const char *name;
	enum response_kind kind;
	enum condition condition;
	bool numbered; /* "* 12 NAME" */
	bool (*parse)(struct response_input *in, struct response *r);
} word_rows[] = {
	{"FETCH", RESPONSE_FETCH, CONDITION_NONE, true, response_fetch_parse},
	{"EXISTS", RESPONSE_EXISTS, CONDITION_NONE, true, parse_nothing},
	{"RECENT", RESPONSE_RECENT, CONDITION_NONE, true, parse_nothing},
	{"EXPUNGE", RESPONSE_EXPUNGE, CONDITION_NONE, true, parse_nothing},
	{"OK", RESPONSE_CONDITION, CONDITION_OK, false, parse_text},
	{"NO", RESPONSE_CONDITION, CONDITION_NO, false, parse_text},
	{"BAD", RESPONSE_CONDITION, CONDITION_BAD, false, parse_text},
	{"BYE", RESPONSE_CONDITION, CONDITION_BYE, false, parse_text},
	{"PREAUTH", RESPONSE_CONDITION, CONDITION_PREAUTH, false, parse_text},
	{"CAPABILITY", RESPONSE_CAPABILITY, CONDITION_NONE, false,
		parse_values},
	{"ENABLED", RESPONSE_ENABLED, CONDITION_NONE, false, parse_values},
	{"NAMESPACE", RESPONSE_NAMESPACE, CONDITION_NONE, false, parse_values},
	{"ID", RESPONSE_ID, CONDITION_NONE, false, parse_values},
	{"FLAGS", RESPONSE_FLAGS, CONDITION_NONE, false, parse_list},
	{"LIST", RESPONSE_LIST, CONDITION_NONE, false, response_list_parse},
	{"LSUB", RESPONSE_LSUB, CONDITION_NONE, false, response_list_parse},
	{"STATUS", RESPONSE_STATUS, CONDITION_NONE, false,
		response_status_parse},
	{"SEARCH", RESPONSE_SEARCH, CONDITION_NONE, false,
		response_search_parse},
	{"ESEARCH", RESPONSE_ESEARCH, CONDITION_NONE, false,
		response_esearch_parse},
	{"VANISHED", RESPONSE_VANISHED, CONDITION_NONE, false,
		response_vanished_parse},
};

static const struct word_row other_row = {
	"", RESPONSE_OTHER, CONDITION_NONE, false, parse_values};

static const struct word_row *find_row(struct span word, bool numbered)
{
	for (size_t i = 0; i < ARRAY_LEN(word_rows); i++)
		if (word_rows[i].numbered == numbered &&
			span_is_nocase(word, word_rows[i].name))
			return &word_rows[i];
	return &other_row;
}

static bool parse_text(struct response_input *in, struct response *r)
{
	response_text_parse(in, r);
	return true;
}

static bool parse_nothing(struct response_input *in, struct response *r)
{
	(void)r;
	in->lex.at = in->lex.end;
	return true;
}

/* What cannot be split is left out; only a limit is an error.  A literal that
 * was not met is the caller's to find. */
static bool parse_values(struct response_input *in, struct response *r)
{
	return lex_rest(&in->lex, &r->values) || !in->lex.limit;
}

/* mailbox-data =/ "FLAGS" SP flag-list; tolerant, so that no strange keyword
 * keeps a folder from being opened (Q32, Q85) */
static bool parse_list(struct response_input *in, struct response *r)
{
	struct lex *lex = &in->lex;

	lex_take(lex, '(');
	return lex_rest(lex, &r->values) || !lex->limit;
}

/* The row of the word that comes next; a word that goes on in other
 * characters is none of ours. */
static const struct word_row *take_row(struct lex *lex, bool numbered)
{
	struct span word = lex_word(lex);
	char next = lex_peek(lex);

	if (next != '(' && next != '[' && next != ' ' && !lex_is_control(next))
		return &other_row;
	return find_row(word, numbered);
}

/* response-data = "*" SP (... / nz-number SP word ...): where the word is;
 * lex then stands behind it. */
static const struct word_row *take_word(struct lex *lex, bool *numbered,
	uint64_t *number)
{
	lex_take(lex, '*');
	lex_blanks(lex);
	*numbered = ascii_is_digit(lex_peek(lex));
	if (*numbered && !lex_number(lex, UINT32_MAX, number)) {
		lex_fail(lex, "a message number too large");
		return NULL;
	}
	lex_blanks(lex);
	return take_row(lex, *numbered);
}

static bool untagged(struct response_input *in, struct response *r)
{
	const struct word_row *row;
	uint64_t number = 0;
	bool numbered;

	row = take_word(&in->lex, &numbered, &number);
	if (!row)
		return false;
	r->kind = row->kind;
	r->condition = row->condition;
	r->number = (uint32_t)number;
	lex_blanks(&in->lex);
	return row->parse(in, r);
}

/* continue-req = "+" SP (resp-text / base64) CRLF; without the blank and
 * without text as well (Q101) */
static bool continuation(struct response_input *in, struct response *r)
{
	struct lex *lex = &in->lex;

	r->kind = RESPONSE_CONTINUE;
	lex_take(lex, '+');
	lex_take(lex, ' ');
	r->text = (struct span){lex->at, (size_t)(lex->end - lex->at)};
	r->words = r->text;
	return true;
}

/* response-tagged = tag SP resp-cond-state CRLF; the text may be missing */
static bool tagged(struct response_input *in, struct response *r)
{
	struct lex *lex = &in->lex;
	const struct word_row *row;

	r->kind = RESPONSE_TAGGED;
	r->tag = lex_atom(lex);
	lex_blanks(lex);
	row = take_row(lex, false);
	r->condition = row->condition;
	if (r->tag.len == 0 || r->condition == CONDITION_NONE ||
		r->condition > CONDITION_BAD)
		return lex_fail(lex, "not an IMAP response");
	return parse_text(in, r);
}

bool response_parse(struct response_input *in, struct response *r)
{
	struct lex *lex = &in->lex;
	bool ok;

	if (lex_peek(lex) == '+')
		return continuation(in, r);
	if (lex_peek(lex) != '*')
		return tagged(in, r);
	ok = untagged(in, r);
	if (!ok || lex->literals == 0)
		return ok;
	/* Their bytes may have been taken for tokens: believe nothing of it. */
	if (r->kind != RESPONSE_OTHER)
		return lex_fail(lex, "a literal where none can be");
	*r = (struct response){.kind = RESPONSE_OTHER};
	return true;
}

enum response_head response_head(struct span text)
{
	struct lex lex = {.at = text.data, .end = text.data + text.len};
	const struct word_row *row;
	uint64_t number;
	bool numbered;

	if (lex_peek(&lex) != '*')
		return HEAD_TEXT;
	row = take_word(&lex, &numbered, &number);
	if (!row || row->condition != CONDITION_NONE)
		return HEAD_TEXT;
	return row->kind == RESPONSE_FETCH ? HEAD_FETCH : HEAD_OTHER;
}
