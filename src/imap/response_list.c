#include "config.h"

#include "imap/response_parse.h"

static const struct attribute_row {
	const char *name;
	unsigned bit;
} attribute_rows[] = {
	{"\\Noselect", MAILBOX_NOSELECT},
	{"\\NonExistent", MAILBOX_NONEXISTENT},
	{"\\Noinferiors", MAILBOX_NOINFERIORS},
	{"\\Subscribed", MAILBOX_SUBSCRIBED},
	{"\\All", MAILBOX_ALL},
	{"\\Archive", MAILBOX_ARCHIVE},
	{"\\Drafts", MAILBOX_DRAFTS},
	{"\\Flagged", MAILBOX_FLAGGED},
	{"\\Junk", MAILBOX_JUNK},
	{"\\Sent", MAILBOX_SENT},
	{"\\Trash", MAILBOX_TRASH},
	{"\\Important", MAILBOX_IMPORTANT},
};

static unsigned attribute_bits(const struct value *v)
{
	unsigned bits = 0;

	for (; v; v = v->next)
		for (size_t i = 0; i < ARRAY_LEN(attribute_rows); i++)
			if (span_is_nocase(v->text, attribute_rows[i].name))
				bits |= attribute_rows[i].bit;
	return bits;
}

/* DQUOTE QUOTED-CHAR DQUOTE / nil */
static bool parse_delimiter(struct lex *lex, char *delimiter)
{
	const struct value *v = lex_value(lex);

	if (!v)
		return false;
	if (v->kind == VALUE_NIL || v->text.len == 0)
		return true;
	if (v->text.len > 1)
		return lex_fail(lex, "a delimiter of more than one character");
	*delimiter = v->text.data[0];
	return true;
}

/* Where the parenthesised list begins that ends the text, with a blank before
 * it; the whole length if there is none. */
static size_t list_at_end(struct span text)
{
	size_t open = 0;

	for (size_t i = text.len; i > 1; i--) {
		if (text.data[i - 1] == ')')
			open++;
		else if (text.data[i - 1] == '(')
			open -= open > 0;
		if (open == 0)
			return i < text.len && text.data[i - 2] == ' '
				? i - 2
				: text.len;
	}
	return text.len;
}

/* A name without quotes goes up to the list behind it, or to the end: some
 * servers forget to quote blanks (Q103). */
static struct span bare_name(struct lex *lex)
{
	struct span rest = {lex->at, (size_t)(lex->end - lex->at)};
	struct span name = span_trim(rest);

	name.len = list_at_end(name);
	lex->at = name.data + name.len;
	return span_trim(name);
}

/* mailbox = "INBOX" / astring */
static bool parse_mailbox(struct lex *lex, struct span *name)
{
	lex_blanks(lex);
	if (lex_at_string(lex)) {
		const struct value *v = lex_value(lex);

		if (!v)
			return false;
		*name = v->text;
		return true;
	}
	*name = bare_name(lex);
	return name->len > 0 || lex_fail(lex, "a mailbox name is missing");
}

/*
 * mailbox-list = "(" [mbx-list-flags] ")" SP
 *                (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox
 *                [SP mbox-list-extended]
 */
bool response_list_parse(struct response_input *in, struct response *r)
{
	struct lex *lex = &in->lex;
	struct response_list *list = &r->u.list;
	const struct value *attributes;

	if (!lex_list(lex, &attributes))
		return false;
	list->attributes = attribute_bits(attributes);
	lex_blanks(lex);
	return parse_delimiter(lex, &list->delimiter) &&
		parse_mailbox(lex, &list->name);
}

/* status-att-val; a number that is too large counts as not there. */
static void take_status(struct response_status *s, struct span name,
	const struct value *v)
{
	const struct {
		const char *name;
		unsigned bit;
		uint32_t *out;
	} rows[] = {
		{"MESSAGES", STATUS_MESSAGES, &s->messages},
		{"UIDNEXT", STATUS_UIDNEXT, &s->uidnext},
		{"UIDVALIDITY", STATUS_UIDVALIDITY, &s->uidvalidity},
		{"UNSEEN", STATUS_UNSEEN, &s->unseen},
	};
	uint64_t n;

	/* status-att-val =/ "MAILBOXID" SP "(" objectid ")" */
	if (v->kind == VALUE_LIST && v->first &&
		v->first->kind == VALUE_ATOM &&
		span_is_nocase(name, "MAILBOXID")) {
		s->mailboxid = v->first->text;
		s->has |= STATUS_MAILBOXID;
	}
	if (v->kind != VALUE_ATOM || !span_number(v->text, INT64_MAX, &n))
		return;
	if (span_is_nocase(name, "HIGHESTMODSEQ")) {
		s->highestmodseq = n;
		s->has |= STATUS_HIGHESTMODSEQ;
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (n > UINT32_MAX || !span_is_nocase(name, rows[i].name))
			continue;
		*rows[i].out = (uint32_t)n;
		s->has |= rows[i].bit;
	}
}

/*
 * mailbox-data    =/ "STATUS" SP mailbox SP "(" [status-att-list] ")"
 * status-att-list = status-att-val *(SP status-att-val)
 */
bool response_status_parse(struct response_input *in, struct response *r)
{
	struct lex *lex = &in->lex;
	struct response_status *s = &r->u.status;
	const struct value *v;

	if (!parse_mailbox(lex, &s->name))
		return false;
	lex_blanks(lex);
	if (lex_end(lex))
		return true; /* nothing is known of it */
	if (!lex_list(lex, &v))
		return false;
	for (; v && v->next; v = v->next->next)
		take_status(s, v->text, v->next);
	return true;
}
