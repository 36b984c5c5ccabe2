#include "config.h"

#include "imap/response.h"

#include "attr.h"
#include "imap/parse.h"

const char *response_kind_name(enum response_kind kind)
{
	static const char *const names[RESPONSE_KIND_COUNT] = {
		[RESPONSE_TAGGED] = "TAGGED",
		[RESPONSE_CONTINUE] = "CONTINUE",
		[RESPONSE_CONDITION] = "CONDITION",
		[RESPONSE_CAPABILITY] = "CAPABILITY",
		[RESPONSE_ENABLED] = "ENABLED",
		[RESPONSE_LIST] = "LIST",
		[RESPONSE_LSUB] = "LSUB",
		[RESPONSE_STATUS] = "STATUS",
		[RESPONSE_SEARCH] = "SEARCH",
		[RESPONSE_ESEARCH] = "ESEARCH",
		[RESPONSE_FLAGS] = "FLAGS",
		[RESPONSE_EXISTS] = "EXISTS",
		[RESPONSE_RECENT] = "RECENT",
		[RESPONSE_EXPUNGE] = "EXPUNGE",
		[RESPONSE_VANISHED] = "VANISHED",
		[RESPONSE_FETCH] = "FETCH",
		[RESPONSE_NAMESPACE] = "NAMESPACE",
		[RESPONSE_ID] = "ID",
		[RESPONSE_OTHER] = "OTHER",
	};

	return names[kind];
}

static void print_number(const char *name, uint64_t n, struct str *out)
{
	str_printf(out, " %s %llu", name, (unsigned long long)n);
}

static void print_text(struct span text, struct str *out)
{
	str_add_char(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c < 0x20 || c > 0x7e)
			str_printf(out, "\\x%02x", (unsigned)c);
		else if (c == '"' || c == '\\')
			str_printf(out, "\\%c", c);
		else
			str_add_char(out, (char)c);
	}
	str_add_char(out, '"');
}

static void print_string(const char *name, struct span text, struct str *out)
{
	str_printf(out, " %s ", name);
	print_text(text, out);
}

static void print_set(const struct seqset *set, struct str *out)
{
	if (seqset_empty(set))
		return;
	str_add_char(out, ' ');
	seqset_print(set, out);
}

static void print_list(const struct value *v, struct str *out);

static void print_value(const struct value *v, struct str *out)
{
	switch (v->kind) {
	case VALUE_NIL:
		str_add(out, "NIL");
		break;
	case VALUE_ATOM:
		str_add_span(out, v->text);
		break;
	case VALUE_STRING:
		print_text(v->text, out);
		break;
	case VALUE_STREAMED:
		str_printf(out, "{%llu}", (unsigned long long)v->size);
		break;
	case VALUE_LIST:
		print_list(v->first, out);
		break;
	}
}

static void print_list(const struct value *v, struct str *out)
{
	str_add_char(out, '(');
	for (; v; v = v->next) {
		print_value(v, out);
		if (v->next)
			str_add_char(out, ' ');
	}
	str_add_char(out, ')');
}

static void print_values(const struct value *v, struct str *out)
{
	for (; v; v = v->next) {
		str_add_char(out, ' ');
		print_value(v, out);
	}
}

static void print_code(const struct code *code, struct str *out)
{
	if (code->kind == CODE_NONE)
		return;
	str_add(out, code->kind == CODE_OTHER ? " [?" : " [");
	str_add_span(out, code->name);
	if (code->number > 0)
		str_printf(out, " %llu", (unsigned long long)code->number);
	print_set(&code->set, out);
	print_set(&code->set2, out);
	print_values(code->values, out);
	str_add_char(out, ']');
}

static void print_condition(const struct response *r, struct str *out)
{
	static const char *const names[] = {
		[CONDITION_NONE] = "",
		[CONDITION_OK] = "OK",
		[CONDITION_NO] = "NO",
		[CONDITION_BAD] = "BAD",
		[CONDITION_BYE] = "BYE",
		[CONDITION_PREAUTH] = "PREAUTH",
	};

	if (r->tag.len > 0) {
		str_add_char(out, ' ');
		str_add_span(out, r->tag);
	}
	str_printf(out, " %s", names[r->condition]);
	print_code(&r->code, out);
	str_add_char(out, ' ');
	print_text(r->text, out);
}

static void print_mailbox(const struct response_list *list, struct str *out)
{
	str_printf(out, " 0x%x ", list->attributes);
	if (list->delimiter == '\0')
		str_add(out, "NIL");
	else
		print_text((struct span){&list->delimiter, 1}, out);
	str_add_char(out, ' ');
	print_text(list->name, out);
}

static void print_status(const struct response_status *s, struct str *out)
{
	const struct {
		const char *name;
		unsigned bit;
		uint64_t n;
	} rows[] = {
		{"MESSAGES", STATUS_MESSAGES, s->messages},
		{"UIDNEXT", STATUS_UIDNEXT, s->uidnext},
		{"UIDVALIDITY", STATUS_UIDVALIDITY, s->uidvalidity},
		{"UNSEEN", STATUS_UNSEEN, s->unseen},
		{"HIGHESTMODSEQ", STATUS_HIGHESTMODSEQ, s->highestmodseq},
	};

	str_add_char(out, ' ');
	print_text(s->name, out);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (s->has & rows[i].bit)
			print_number(rows[i].name, rows[i].n, out);
	if (s->has & STATUS_MAILBOXID)
		print_string("MAILBOXID", s->mailboxid, out);
}

static void print_search(const struct response_search *s, struct str *out)
{
	if (s->tag.len > 0)
		print_string("TAG", s->tag, out);
	if (s->uid)
		str_add(out, " UID");
	if (s->has_count)
		print_number("COUNT", s->count, out);
	if (s->has_all) {
		str_add(out, " ALL");
		print_set(&s->all, out);
	}
	if (s->modseq > 0)
		print_number("MODSEQ", s->modseq, out);
}

static void print_section(const struct response_fetch *f, struct str *out)
{
	if (f->has & FETCH_SECTION) {
		print_string("SECTION", f->section, out);
		str_add_char(out, ' ');
		print_text(f->section_text, out);
	}
	if (f->has & FETCH_STREAMED)
		str_printf(out, " STREAMED {%llu}",
			(unsigned long long)f->streamed_size);
}

static void print_fetch(const struct response *r, struct str *out)
{
	const struct response_fetch *f = &r->u.fetch;

	str_printf(out, " %lu", (unsigned long)r->number);
	if (f->has & FETCH_UID)
		print_number("UID", f->uid, out);
	if (f->has & FETCH_FLAGS) {
		str_printf(out, " FLAGS 0x%lx ", (unsigned long)f->flags);
		print_list(f->flag_names, out);
	}
	if (f->has & FETCH_SIZE)
		print_number("SIZE", f->size, out);
	if (f->has & FETCH_DATE)
		str_printf(out, " DATE %lld", (long long)f->date);
	if (f->has & FETCH_MODSEQ)
		print_number("MODSEQ", f->modseq, out);
	print_section(f, out);
}

void response_print(const struct response *r, struct str *out)
{
	str_add(out, response_kind_name(r->kind));
	switch (r->kind) {
	case RESPONSE_TAGGED:
	case RESPONSE_CONDITION:
		print_condition(r, out);
		break;
	case RESPONSE_CONTINUE:
		str_add_char(out, ' ');
		print_text(r->text, out);
		break;
	case RESPONSE_CAPABILITY:
	case RESPONSE_ENABLED:
	case RESPONSE_FLAGS:
	case RESPONSE_NAMESPACE:
	case RESPONSE_ID:
	case RESPONSE_OTHER:
		print_values(r->values, out);
		break;
	case RESPONSE_LIST:
	case RESPONSE_LSUB:
		print_mailbox(&r->u.list, out);
		break;
	case RESPONSE_STATUS:
		print_status(&r->u.status, out);
		break;
	case RESPONSE_SEARCH:
	case RESPONSE_VANISHED:
		str_add(out, r->earlier ? " EARLIER" : "");
		str_add(out, r->unclear ? " unclear" : "");
		print_set(&r->set, out);
		if (r->kind == RESPONSE_SEARCH)
			print_search(&r->u.search, out);
		break;
	case RESPONSE_ESEARCH:
		print_search(&r->u.search, out);
		break;
	case RESPONSE_EXISTS:
	case RESPONSE_RECENT:
	case RESPONSE_EXPUNGE:
		str_printf(out, " %lu", (unsigned long)r->number);
		break;
	case RESPONSE_FETCH:
		print_fetch(r, out);
		break;
	case RESPONSE_KIND_COUNT:
		break;
	}
}
