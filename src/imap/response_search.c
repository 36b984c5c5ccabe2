#include "config.h"

#include "imap/response_parse.h"

static bool parse_set(struct response_input *in, struct span text,
	struct seqset *out)
{
	if (!seqset_parse(text, in->max_ranges, &in->sets->set))
		return lex_fail(&in->lex, "not a set of numbers");
	*out = in->sets->set;
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
		return parse_set(in, v->text, &s->all);
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
	r->unclear = !seqset_parse(lex_atom(lex), in->max_ranges,
		&in->sets->set);
	lex_blanks(lex);
	if (r->unclear || !lex_end(lex)) {
		r->unclear = true;
		seqset_reset(&in->sets->set);
	}
	r->set = in->sets->set;
	return true;
}
