#include "config.h"

#include "conf/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "conf/conf.h"
#include "mem.h"
#include "str.h"

/* One pattern of folders=. */
struct glob {
	char *shown; /* as it was written, with "!" */
	char *text;  /* without "!" and quotes */
	bool exclude;
	bool use;    /* \Sent and so on */
};

struct folders_rule {
	struct vec globs; /* of struct glob */
};

/* RFC 6154 section 2, and \Important of RFC 8457. */
static const char *const uses[] = {
	"\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Important",
	"\\Junk", "\\Sent", "\\Trash",
};

static bool is_use(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(uses); i++)
		if (ascii_casecmp(uses[i], name) == 0)
			return true;
	return false;
}

/* ---- Reading ---- */

static bool fail(const struct conf_rule *rule, struct span piece,
	const char *why, struct error *err)
{
	return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG, "%s: \"%.*s\": %s",
		rule->where ? rule->where : "folders",
		(int)(piece.len < 200 ? piece.len : 200), piece.data, why);
}

/* Takes a quoted name off *at, behind its first quote. */
static bool take_quoted(const char **at, struct str *out)
{
	for (; **at && **at != '"'; (*at)++) {
		if (**at == '\\' && (*at)[1] == '"')
			(*at)++;
		str_add_char(out, **at);
	}
	if (**at != '"')
		return false;
	(*at)++;
	return true;
}

static void take_plain(const char **at, struct str *out)
{
	struct span plain = {*at, strcspn(*at, ",\n")};

	*at += plain.len;
	str_add_span(out, span_trim(plain));
}

static bool at_end(const char *at)
{
	return *at == '\0' || *at == ',' || *at == '\n';
}

/* One pattern from *at to the next comma or line end. */
static bool take_glob(struct folders_rule *folders,
	const struct conf_rule *rule, const char **at, struct error *err)
{
	const char *start = *at;
	struct str text = {0};
	struct glob *g;
	bool exclude = *start == '!', quoted, good = true;

	*at += exclude;
	*at += strspn(*at, " \t");
	quoted = **at == '"';
	*at += quoted;
	if (quoted)
		good = take_quoted(at, &text);
	else
		take_plain(at, &text);
	*at += strspn(*at, " \t\r");
	g = vec_add(&folders->globs);
	g->exclude = exclude;
	g->shown = span_dup(span_trim((struct span){start,
		(size_t)(*at - start)}));
	g->text = str_detach(&text);
	g->use = !quoted && g->text[0] == '\\';
	if (!good)
		return fail(rule, span_of(g->shown),
			"a double quote is missing", err);
	if (!at_end(*at))
		return fail(rule, span_of(start),
			"a comma is missing behind the quotes", err);
	if (!g->text[0])
		return fail(rule, span_of(g->shown), "a name is missing", err);
	if (g->use && !is_use(g->text))
		return fail(rule, span_of(g->shown), "is none of \\All, "
			"\\Archive, \\Drafts, \\Flagged, \\Important, \\Junk, "
			"\\Sent and \\Trash; a name that begins with a "
			"backslash stands in double quotes", err);
	return true;
}

struct folders_rule *folders_rule_new(const struct conf_rule *rule,
	struct error *err)
{
	struct folders_rule *folders = mem_calloc(1, sizeof(*folders));
	const char *at = rule->text;
	bool good = true;

	folders->globs = (struct vec)VEC(struct glob);
	while (good && *(at += strspn(at, ", \t\r\n")))
		good = take_glob(folders, rule, &at, err);
	if (good && folders->globs.len == 0)
		good = fail(rule, span_of(rule->text), "names no folder", err);
	if (good)
		return folders;
	folders_rule_free(folders);
	return NULL;
}

void folders_rule_free(struct folders_rule *rule)
{
	if (!rule)
		return;
	for (size_t i = 0; i < rule->globs.len; i++) {
		struct glob *g = vec_at(&rule->globs, i);

		free(g->shown);
		free(g->text);
	}
	vec_clear(&rule->globs);
	free(rule);
}

/* ---- Matching ---- */

/* Bytes of the UTF-8 character at; any other byte stands for itself. */
static size_t char_len(const char *at)
{
	unsigned char lead = (unsigned char)*at;
	size_t len = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;

	for (size_t i = 1; i < len; i++)
		if (((unsigned char)at[i] & 0xc0) != 0x80)
			return 1;
	return len;
}

/* All places of the pattern that the name's beginning can have led to: each
 * character costs one pass over the pattern, whatever stands in it. */
struct places {
	const char *pattern;
	size_t len;
	bool *now, *next;
};

/* A wildcard may also fit nothing. */
static void skip_wildcards(const struct places *p)
{
	for (size_t i = 0; i < p->len; i++)
		if (p->now[i] && (p->pattern[i] == '*' || p->pattern[i] == '%'))
			p->now[i + 1] = true;
}

static void step(struct places *p, const char *at, size_t len, char separator)
{
	bool *swap = p->now;

	memset(p->next, 0, p->len + 1);
	for (size_t i = 0; i < p->len; i++) {
		const char *token = p->pattern + i;

		if (!p->now[i])
			continue;
		if (*token == '*' || (*token == '%' &&
			(!separator || *at != separator)))
			p->next[i] = true;
		else if (*token == '?')
			p->next[i + 1] = true;
		else if (*token != '%' && p->len - i >= len &&
			strncmp(token, at, len) == 0)
			p->next[i + len] = true;
	}
	p->now = p->next;
	p->next = swap;
	skip_wildcards(p);
}

static bool glob_fits(const char *pattern, const char *name, char separator)
{
	struct places p = {.pattern = pattern, .len = strlen(pattern)};
	bool fits;

	if (ascii_casecmp(name, "INBOX") == 0 &&
		ascii_casecmp(pattern, name) == 0)
		return true;
	p.now = mem_calloc(p.len + 1, sizeof(bool));
	p.next = mem_calloc(p.len + 1, sizeof(bool));
	p.now[0] = true;
	skip_wildcards(&p);
	for (size_t len; *name; name += len) {
		len = char_len(name);
		step(&p, name, len, separator);
	}
	fits = p.now[p.len];
	free(p.now);
	free(p.next);
	return fits;
}

static bool has_use(const struct glob *g, unsigned attributes,
	const struct pattern_use *known, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if ((attributes & known[i].bit) != 0 &&
			ascii_casecmp(known[i].name, g->text) == 0)
			return true;
	return false;
}

bool folders_rule_fits(const struct folders_rule *rule, const char *name,
	char separator, unsigned attributes, const struct pattern_use *known,
	size_t use_count, const char **why)
{
	const struct glob *first = vec_at(&rule->globs, 0);

	for (size_t i = rule->globs.len; i-- > 0;) {
		const struct glob *g = vec_at(&rule->globs, i);

		if (g->use ? !has_use(g, attributes, known, use_count) :
			!glob_fits(g->text, name, separator))
			continue;
		if (why)
			*why = g->shown;
		return !g->exclude;
	}
	if (why)
		*why = "";
	return first->exclude;
}

const char *folders_rule_use(const struct folders_rule *rule, size_t index)
{
	for (size_t i = 0; i < rule->globs.len; i++) {
		const struct glob *g = vec_at(&rule->globs, i);

		if (g->use && index-- == 0)
			return g->text;
	}
	return NULL;
}
