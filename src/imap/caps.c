#include "config.h"

#include <string.h>

#include "imap/session_impl.h"

static const struct {
	const char *name;
	enum capability cap;
} names[] = {
	{"IMAP4rev1", CAP_IMAP4REV1},
	{"IMAP4rev2", CAP_IMAP4REV2},
	{"STARTTLS", CAP_STARTTLS},
	{"LOGINDISABLED", CAP_LOGINDISABLED},
	{"AUTH=PLAIN", CAP_AUTH_PLAIN},
	{"AUTH=LOGIN", CAP_AUTH_LOGIN},
	{"AUTH=CRAM-MD5", CAP_AUTH_CRAM_MD5},
	{"AUTH=XOAUTH2", CAP_AUTH_XOAUTH2},
	{"AUTH=GSSAPI", CAP_AUTH_GSSAPI},
	{"SASL-IR", CAP_SASL_IR},
	{"ID", CAP_ID},
	{"NAMESPACE", CAP_NAMESPACE},
	{"LITERAL+", CAP_LITERAL_PLUS},
	{"LITERAL-", CAP_LITERAL_MINUS},
	{"UIDPLUS", CAP_UIDPLUS},
	{"MOVE", CAP_MOVE},
	{"SPECIAL-USE", CAP_SPECIAL_USE},
	{"LIST-EXTENDED", CAP_LIST_EXTENDED},
	{"LIST-STATUS", CAP_LIST_STATUS},
	{"ESEARCH", CAP_ESEARCH},
	{"ENABLE", CAP_ENABLE},
	{"CONDSTORE", CAP_CONDSTORE},
	{"QRESYNC", CAP_QRESYNC},
	{"MULTIAPPEND", CAP_MULTIAPPEND},
	{"COMPRESS=DEFLATE", CAP_COMPRESS_DEFLATE},
	{"IDLE", CAP_IDLE},
	{"UNSELECT", CAP_UNSELECT},
	{"APPENDLIMIT", CAP_APPENDLIMIT},
	{"OBJECTID", CAP_OBJECTID},
};

/* Part of IMAP4rev2 without being named (RFC 9051 appendix E); in force
 * without ENABLE only where IMAP4rev1 is not offered beside it. */
static const enum capability rev2_has[] = {CAP_SASL_IR, CAP_NAMESPACE,
	CAP_LITERAL_MINUS, CAP_UIDPLUS, CAP_MOVE, CAP_SPECIAL_USE,
	CAP_LIST_EXTENDED, CAP_LIST_STATUS, CAP_ESEARCH, CAP_ENABLE, CAP_IDLE,
	CAP_UNSELECT};

static void take_name(bool has[CAP_COUNT], struct span name)
{
	static const char limit[] = "APPENDLIMIT=";

	if (span_starts_nocase(name, limit))
		name.len = strlen(limit) - 1;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (span_is_nocase(name, names[i].name))
			has[names[i].cap] = true;
}

static void add_implied(bool has[CAP_COUNT])
{
	/* RFC 7162 section 3.2.3: QRESYNC brings CONDSTORE. */
	if (has[CAP_QRESYNC])
		has[CAP_CONDSTORE] = true;
	if (has[CAP_IMAP4REV2] && !has[CAP_IMAP4REV1])
		for (size_t i = 0; i < ARRAY_LEN(rev2_has); i++)
			has[rev2_has[i]] = true;
}

void caps_parse(const char *text, bool has[CAP_COUNT])
{
	memset(has, 0, CAP_COUNT * sizeof(*has));
	while (*text) {
		size_t len = strcspn(text, " ");

		take_name(has, (struct span){text, len});
		text += len + (text[len] == ' ');
	}
	add_implied(has);
}

void caps_forget(struct session *s)
{
	memset(s->has, 0, sizeof(s->has));
	str_reset(&s->capabilities);
	s->caps_known = false;
}

void caps_set(struct session *s, const struct value *values)
{
	caps_forget(s);
	for (; values; values = values->next) {
		if (values->kind != VALUE_ATOM)
			continue;
		if (s->capabilities.len > 0)
			str_add_char(&s->capabilities, ' ');
		str_add_span(&s->capabilities, values->text);
	}
	caps_parse(str_get(&s->capabilities), s->has);
	s->caps_known = true;
}

uint64_t session_append_limit(const struct session *s)
{
	static const char name[] = "APPENDLIMIT=";
	struct span left = span_str(&s->capabilities);
	uint64_t limit = 0;

	while (left.len > 0) {
		const char *blank = memchr(left.data, ' ', left.len);
		struct span word = {left.data, blank
			? (size_t)(blank - left.data) : left.len};

		left.data += word.len + (blank != NULL);
		left.len -= word.len + (blank != NULL);
		if (!span_starts_nocase(word, name))
			continue;
		word.data += strlen(name);
		word.len -= strlen(name);
		if (span_number(word, UINT64_MAX, &limit))
			return limit;
	}
	return 0;
}

bool caps_ask(struct session *s, struct error *err)
{
	struct flight f = {0};
	const struct flight_cmd *c;
	bool ok;

	c = session_simple(s, &f, "CAPABILITY", NULL, err);
	ok = c && c->result == CONDITION_OK;
	if (c && !ok)
		session_refused(err, ERROR_ACCOUNT, ERROR_NETWORK,
			"CAPABILITY", span_str(&c->text));
	flight_clear(&f);
	return ok;
}
