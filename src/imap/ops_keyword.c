#include "config.h"

#include "base/worker.h"
#include "imap/flag.h"
#include "imap/ops_impl.h"
#include "imap/parse.h"
#include "imap/session_impl.h"

/* ---- What a message has ---- */

/* One line for a session: a server has keywords of its own, and mail readers
 * set more of them. */
static void tell_unknown(struct session *s, struct span name)
{
	if (s->keyword_told || name.len == 0 || name.data[0] == '\\')
		return;
	s->keyword_told = true;
	worker_log(s->worker, EVENT_DEBUG, AREA_IMAP, "%s: there are keywords "
		"that no letter stands for, such as %.*s; they stay on the "
		"server alone", s->repository,
		name.len > 80 ? 80 : (int)name.len, name.data);
}

struct response_fetch ops_fetched(struct session *s,
	const struct response_fetch *f)
{
	struct response_fetch out = *f;

	if (!s->keywords || !(f->has & FETCH_FLAGS))
		return out;
	for (const struct value *v = f->flag_names; v; v = v->next) {
		uint32_t letter = flag_of_keyword(s->keywords, v->text);

		if (!letter && !flag_of_imap(v->text))
			tell_unknown(s, v->text);
		out.flags |= letter;
	}
	return out;
}

/* ---- What a message may get ---- */

void ops_note_names(struct str *names, const struct value *v)
{
	str_reset(names);
	for (; v; v = v->next) {
		str_add_span(names, v->text);
		str_add_char(names, ' ');
	}
}

static bool next_name(struct span *rest, struct span *name)
{
	*name = (struct span){rest->data, 0};
	while (name->len < rest->len && rest->data[name->len] != ' ')
		name->len++;
	rest->data += name->len;
	rest->len -= name->len;
	if (rest->len > 0) {
		rest->data++;
		rest->len--;
	}
	return name->len > 0 || rest->len > 0;
}

/* The server may have the keyword in another case.  It keeps its own way of
 * writing, and what is stored would never be met again. */
static bool may_store(const struct flag_keywords *k, const char *keyword,
	struct span names, bool any)
{
	struct span name;

	while (next_name(&names, &name))
		if (span_is_nocase(name, keyword))
			return k->learning || span_is(name, keyword);
	return any;
}

static uint32_t letters_allowed(struct flag_keywords *k, struct span names,
	bool any)
{
	uint32_t allowed = 0;
	struct span rest = names, name;

	/* Where no new ones can be made, those that are there are few. */
	while (k->learning && !any && next_name(&rest, &name))
		flag_of_keyword(k, name);
	for (unsigned i = 0; i < FLAG_LETTERS; i++)
		if (k->name[i] ? may_store(k, k->name[i], names, any)
			: k->learning && any)
			allowed |= flag_letter(i);
	return allowed;
}

static bool is_searchable(const struct flag_keywords *k, struct span name)
{
	for (unsigned i = 0; i < FLAG_LETTERS; i++)
		if (k->name[i] && span_is_nocase(name, k->name[i]))
			return k->learning || span_is(name, k->name[i]);
	return !k->learning;
}

bool ops_keywords_searchable(const struct session *s, const struct str *names)
{
	struct span rest = span_str(names), name;

	while (s->keywords && next_name(&rest, &name))
		if (name.len > 0 && name.data[0] != '\\' &&
			!is_searchable(s->keywords, name))
			return false;
	return true;
}

uint32_t ops_flags_allowed(struct session *s, const struct str *names)
{
	struct span rest = span_str(names), name;
	uint32_t allowed = 0;
	bool any = false;

	while (next_name(&rest, &name)) {
		allowed |= flag_of_imap(name) & FLAG_IMAP_ALL;
		any = any || span_is(name, "\\*");
	}
	if (s->keywords)
		allowed |= letters_allowed(s->keywords, span_str(names), any);
	return allowed;
}
