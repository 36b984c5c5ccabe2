#include "config.h"

#include <string.h>

#include "conf/netrc.h"

struct scanner {
	const char *path;
	struct span rest;
	unsigned line;
	struct str word;
	bool failed;
	struct error *err;
};

static bool at_end(const struct scanner *s)
{
	return s->rest.len == 0;
}

static char take(struct scanner *s)
{
	char c = s->rest.data[0];

	s->rest.data++;
	s->rest.len--;
	s->line += c == '\n';
	return c;
}

static void skip_line(struct scanner *s)
{
	while (!at_end(s) && take(s) != '\n')
		;
}

static bool fail(struct scanner *s, const char *why)
{
	s->failed = true;
	return error_set(s->err, ERROR_ACCOUNT, ERROR_CONFIG, "%s:%u: %s",
		s->path, s->line, why);
}

/* The rest of a word that began with a double quote; "\" takes the next
 * character as it is. */
static void quoted_rest(struct scanner *s)
{
	while (!at_end(s)) {
		char c = take(s);

		if (c == '"')
			return;
		if (c == '\\' && !at_end(s))
			c = take(s);
		str_add_char(&s->word, c);
	}
	fail(s, "a quoted word has no end");
}

static void plain_rest(struct scanner *s)
{
	while (!at_end(s) && !ascii_is_space(s->rest.data[0])) {
		char c = take(s);

		if (c == '\\' && !at_end(s))
			c = take(s);
		str_add_char(&s->word, c);
	}
}

/* The next word into s->word; false at the end or after an error. */
static bool next_word(struct scanner *s)
{
	str_reset(&s->word);
	while (!at_end(s) && ascii_is_space(s->rest.data[0]))
		take(s);
	if (at_end(s))
		return false;
	if (s->rest.data[0] == '"') {
		take(s);
		quoted_rest(s);
	} else {
		plain_rest(s);
	}
	return !s->failed;
}

/* A macro goes on to the next empty line. */
static void skip_macro(struct scanner *s)
{
	skip_line(s);
	while (!at_end(s) && s->rest.data[0] != '\n')
		skip_line(s);
}

/* ---- entries ---- */

static bool value_take(struct scanner *s, struct str *out)
{
	if (!next_word(s))
		return s->failed ? false :
			fail(s, "the value of the last word is missing");
	str_reset(out);
	str_add_span(out, span_str(&s->word));
	return true;
}

enum keyword {
	KEY_MACHINE, KEY_DEFAULT, KEY_LOGIN, KEY_ACCOUNT, KEY_PASSWORD,
	KEY_MACDEF, KEY_COMMENT, KEY_UNKNOWN,
};

static enum keyword keyword_of(const struct str *word)
{
	static const struct {
		const char *text;
		enum keyword key;
	} words[] = {
		{"machine", KEY_MACHINE}, {"default", KEY_DEFAULT},
		{"login", KEY_LOGIN}, {"user", KEY_LOGIN},
		{"account", KEY_ACCOUNT}, {"password", KEY_PASSWORD},
		{"macdef", KEY_MACDEF},
	};

	if (str_get(word)[0] == '#')
		return KEY_COMMENT;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (span_is(span_str(word), words[i].text))
			return words[i].key;
	return KEY_UNKNOWN;
}

/* The word was read up to its end, which may be the end of the comment. */
static void skip_comment(struct scanner *s)
{
	if (!at_end(s) && s->rest.data[0] != '\n')
		skip_line(s);
}

static bool entry_begin(struct scanner *s, bool is_default,
	struct netrc_entry *entry)
{
	netrc_entry_clear(entry);
	return is_default || value_take(s, &entry->machine);
}

/* One word with what belongs to it, into the entry that is being read. */
static bool entry_word(struct scanner *s, enum keyword key,
	struct netrc_entry *entry)
{
	struct str ignored = {0};
	bool ok = true;

	switch (key) {
	case KEY_MACHINE:
	case KEY_DEFAULT:
		return entry_begin(s, key == KEY_DEFAULT, entry);
	case KEY_LOGIN:
		return value_take(s, &entry->login);
	case KEY_PASSWORD:
		entry->has_password = true;
		return value_take(s, &entry->password);
	case KEY_ACCOUNT:
		ok = value_take(s, &ignored);
		break;
	case KEY_MACDEF:
		skip_macro(s);
		break;
	case KEY_COMMENT:
		skip_comment(s);
		break;
	case KEY_UNKNOWN:
		/* It may be half of a password with a blank: not shown. */
		return fail(s, "a word is none that netrc files know; "
			"passwords with blanks need double quotes");
	}
	str_clear_secret(&ignored);
	return ok;
}

/* ---- the search ---- */

struct search {
	const char *host, *login;
	struct netrc_entry *best;
	bool found, found_machine;
};

static bool matches(const struct search *search,
	const struct netrc_entry *entry, bool is_default)
{
	if (is_default ? search->found_machine :
		!span_is_nocase(span_str(&entry->machine), search->host))
		return false;
	return !search->login ||
		span_is(span_str(&entry->login), search->login);
}

/* Takes the entry when it is better than what there was. */
static void consider(struct search *search, struct netrc_entry *entry)
{
	bool is_default = entry->machine.len == 0;

	if (!matches(search, entry, is_default))
		return;
	search->found = true;
	search->found_machine = !is_default;
	netrc_entry_clear(search->best);
	*search->best = *entry;
	*entry = (struct netrc_entry){0};
}

enum netrc_result netrc_search(const char *path, struct span text,
	const char *host, const char *login, struct netrc_entry *out,
	struct error *err)
{
	struct scanner s = {.path = path, .rest = text, .line = 1, .err = err};
	struct search search = {.host = host, .login = login, .best = out};
	struct netrc_entry entry = {0};
	bool open = false;

	while (!s.failed && next_word(&s)) {
		enum keyword key = keyword_of(&s.word);
		bool begins = key == KEY_MACHINE || key == KEY_DEFAULT;

		if (begins && open)
			consider(&search, &entry);
		open = open || begins;
		if (!entry_word(&s, key, &entry))
			break;
	}
	if (open && !s.failed)
		consider(&search, &entry);
	netrc_entry_clear(&entry);
	str_clear_secret(&s.word);
	if (s.failed)
		return NETRC_ERROR;
	return search.found ? NETRC_FOUND : NETRC_NONE;
}

void netrc_entry_clear(struct netrc_entry *entry)
{
	str_clear_secret(&entry->machine);
	str_clear_secret(&entry->login);
	str_clear_secret(&entry->password);
	*entry = (struct netrc_entry){0};
}
