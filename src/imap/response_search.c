#include "config.h"

#include "imap/response_parse.h"

static bool skip_token(struct lex *lex, size_t *depth)
{
	struct span inner;

	if (lex_peek(lex) == '"')
		return lex_quoted(lex, &inner);
	if (lex_take(lex, '('))
		++*depth;
	else if (*depth > 0 && lex_take(lex, ')'))
		--*depth;
	else
		return lex_atom(lex).len > 0;
	return true;
}

/* No list and no string is open at the end. */
static bool is_closed(struct span text)
{
	struct lex lex = {.at = text.data, .end = text.data + text.len};
	size_t depth = 0;

	for (lex_blanks(&lex); !lex_end(&lex); lex_blanks(&lex))
		if (!skip_token(&lex, &depth))
			return false;
	return depth == 0;
}

static bool ends_with_all(struct span text)
{
	static const char all[] = " ALL";
	size_t len = sizeof(all) - 1;

	return text.len > len &&
		span_is_nocase((struct span){text.data + text.len - len, len},
			all);
}

/*
 * mailbox-data =/ "SEARCH" *(SP nz-number)
 * expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids, RFC 7162
 * search-return-data = "ALL" SP sequence-set / ...
 * With one blank between the words; the numbers of other spellings are text.
 */
enum response_numbers response_numbers(struct span text, size_t seen)
{
	static const struct {
		const char *text;
		enum response_numbers numbers;
	} rows[] = {
		{"*", NUMBERS_LATER},
		{"* SEARCH", NUMBERS_LIST},
		{"* ESEARCH", NUMBERS_LATER},
		{"* VANISHED", NUMBERS_SET},
		{"* VANISHED (EARLIER)", NUMBERS_SET},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (span_is_nocase(text, rows[i].text))
			return rows[i].numbers;
	if (!span_starts_nocase(text, "* ESEARCH "))
		return NUMBERS_NONE;
	if (!ends_with_all(text))
		return NUMBERS_LATER;
	text.data += seen;
	text.len -= seen;
	return is_closed(text) ? NUMBERS_SET : NUMBERS_NONE;
}

/* The last range of the set that was taken before, or a set in the text. */
static bool parse_set(struct response_input *in, struct span text,
	struct seqset *out)
{
	struct response_sets *sets = in->sets;

	if (text.data != in->range) {
		if (!seqset_parse(text, in->max_ranges, &sets->text))
			return false;
		*out = sets->text;
		return true;
	}
	if (!seqset_push_text(&sets->set, text))
		return false;
	seqset_settle(&sets->set);
	*out = sets->set;
	return true;
}

/* "(MODSEQ 9)" or (Q100) "9": the number at the end of it */
static bool modseq_of(const struct value *v, uint64_t *modseq)
{
	if (v && v->kind == VALUE_LIST) {
		v = v->first;
		if (v && v->next)
			v = v->next;
	}
	return v && v->kind == VALUE_ATOM &&
		span_number(v->text, INT64_MAX, modseq);
}

/*
 * mailbox-data =/ "SEARCH" [1*(SP nz-number) SP search-sort-mod-seq]
 * search-sort-mod-seq = "(" "MODSEQ" SP mod-sequence-value ")", RFC 7162
 * The numbers are in the set already.
 */
bool response_search_parse(struct response_input *in, struct response *r)
{
	struct lex *lex = &in->lex;
	const struct value *v;

	seqset_settle(&in->sets->set);
	r->set = in->sets->set;
	if (lex_end(lex))
		return true;
	if (lex_peek(lex) != '(')
		return lex_fail(lex, "SEARCH with something not a number");
	v = lex_value(lex);
	return v && (modseq_of(v, &r->u.search.modseq) ||
		lex_fail(lex, "SEARCH with a list that is not MODSEQ"));
}

/* search-correlator = SP "(" "TAG" SP tag-string ")", or Q100's MODSEQ */
static void take_list(struct response_search *s, const struct value *list)
{
	const struct value *key = list->first;

	if (!key || !key->next)
		return;
	if (span_is_nocase(key->text, "TAG"))
		s->tag = key->next->text;
	else if (span_is_nocase(key->text, "MODSEQ"))
		modseq_of(list, &s->modseq);
}

/* search-return-data = "COUNT" SP number / "ALL" SP sequence-set / ... */
static bool take_pair(struct response_input *in, struct response_search *s,
	const struct value *key, const struct value *v)
{
	if (span_is_nocase(key->text, "ALL")) {
		s->has_all = true;
		return parse_set(in, v->text, &s->all) ||
			lex_fail(&in->lex, "not a set of numbers");
	}
	if (span_is_nocase(key->text, "MODSEQ"))
		return modseq_of(v, &s->modseq) ||
			lex_fail(&in->lex, "MODSEQ without a number");
	if (!span_is_nocase(key->text, "COUNT"))
		return true;
	s->has_count = span_number(v->text, UINT32_MAX, &s->count);
	return s->has_count || lex_fail(&in->lex, "COUNT without a number");
}

/*
 * esearch-response = "ESEARCH" [search-correlator] [SP "UID"]
 *                    *(SP search-return-data)
 */
bool response_esearch_parse(struct response_input *in, struct response *r)
{
	struct response_search *s = &r->u.search;
	const struct value *v;

	if (!lex_rest(&in->lex, &v))
		return false;
	for (; v; v = v->next) {
		if (v->kind == VALUE_LIST) {
			take_list(s, v);
		} else if (span_is_nocase(v->text, "UID")) {
			s->uid = true;
		} else if (v->next) {
			if (!take_pair(in, s, v, v->next))
				return false;
			v = v->next;
		}
	}
	return true;
}

/*
 * expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids, RFC 7162
 * Q52: there are servers that send rubbish here; nobody has to believe them,
 * but the session is as good as without it.
 */
bool response_vanished_parse(struct response_input *in, struct response *r)
{
	struct lex *lex = &in->lex;
	const struct value *v;

	if (lex_peek(lex) == '(') {
		if (!lex_list(lex, &v))
			return false;
		r->earlier = v && span_is_nocase(v->text, "EARLIER");
		lex_blanks(lex);
	}
	if (lex_end(lex))
		return true;
	r->unclear = !parse_set(in, lex_atom(lex), &r->set);
	lex_blanks(lex);
	r->unclear = r->unclear || !lex_end(lex);
	if (r->unclear)
		r->set = (struct seqset){0};
	return true;
}
