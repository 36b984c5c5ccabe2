#include "config.h"

#include "conf/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "conf/conf.h"
#include "mem.h"
#include "str.h"

/* A rule is the user's own, but a slip in it must not hang the program: the
 * limits end what would take seconds. */
enum {
	MATCH_LIMIT = 200000,
	DEPTH_LIMIT = 20000,
	HEAP_LIMIT_KIB = 20000,
	REGEX_MAX = 4096, /* bytes of one expression */
	NAME_MAX_BYTES = 4096, /* of a result: more is no folder's name */
};

/* One s,FROM,TO,FLAGS. */
struct command {
	char *shown;
	pcre2_code *code;
	char *replacement; /* as pcre2_substitute reads it */
	bool all;
	/* What fits, when FROM is a plain text that stands at the beginning,
	 * at the end or for all, and TO a plain text; else NULL. */
	char *from, *to;
	bool at_start, at_end;
};

struct rename_rule {
	struct vec commands; /* of struct command */
	pcre2_match_context *limits;
	const char *where; /* the rule's, borrowed */
};

/* ---- Reading ---- */

static bool fail(const struct conf_rule *rule, const struct command *c,
	const char *why, struct error *err)
{
	return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG, "%s: \"%.200s\": %s",
		rule->where ? rule->where : "rename", c->shown, why);
}

static bool special(char c)
{
	return strchr("^$.[]|()?*+{}\\-", c) != NULL;
}

/* A part up to the delimiter.  "\" before the delimiter makes it a character
 * like others: in an expression a special one stays quoted. */
static bool take_part(const char **at, char delimiter, bool regex,
	struct str *out)
{
	for (; **at && **at != delimiter && **at != '\n'; (*at)++) {
		if (**at == '\\' && (*at)[1] == delimiter) {
			(*at)++;
			if (regex ? special(delimiter) : delimiter == '$')
				str_add_char(out, '\\');
		} else if (**at == '\\' && (*at)[1] && (*at)[1] != '\n') {
			str_add_char(out, *(*at)++);
		}
		str_add_char(out, **at);
	}
	if (**at != delimiter)
		return false;
	(*at)++;
	return true;
}

/* \1 and $1 become ${1}, the rest stands for itself.  plain: NULL, or set to
 * false when there is a group.  False: an unknown escape. */
static bool convert(const char *text, struct str *out, struct str *plain,
	bool *grouped)
{
	for (; *text; text++) {
		bool escape = *text == '\\';

		if ((escape || *text == '$') && ascii_is_digit(text[1])) {
			str_printf(out, "${%c}", *++text);
			*grouped = true;
			continue;
		}
		if (escape && !*++text)
			return false;
		if (escape && ((*text >= 'a' && *text <= 'z') ||
			(*text >= 'A' && *text <= 'Z')))
			return false;
		str_add(out, *text == '$' ? "$" : "");
		str_add_char(out, *text);
		str_add_char(plain, *text);
	}
	return true;
}

/* The text that a plain expression means, NULL when it is no such. */
static char *literal(struct span regex)
{
	struct str out = {0};

	for (size_t i = 0; i < regex.len; i++) {
		char c = regex.data[i];

		if (c == '\\') {
			c = ++i < regex.len ? regex.data[i] : 'd';
			if (ascii_is_digit(c) || (ascii_lower(c) >= 'a' &&
				ascii_lower(c) <= 'z')) {
				str_clear(&out);
				return NULL;
			}
		} else if (strchr("^$.[|()?*+{", c)) {
			str_clear(&out);
			return NULL;
		}
		str_add_char(&out, c);
	}
	return str_detach(&out);
}

/* Whether an unquoted "$" ends the expression. */
static bool ends_anchored(const char *regex)
{
	size_t len = strlen(regex), quotes = 0;

	if (len == 0 || regex[len - 1] != '$')
		return false;
	while (quotes < len - 1 && regex[len - 2 - quotes] == '\\')
		quotes++;
	return quotes % 2 == 0;
}

static void find_literal(struct command *c, const char *regex,
	const struct str *to)
{
	struct span middle = span_of(regex);

	c->at_start = regex[0] == '^';
	middle.data += c->at_start;
	middle.len -= c->at_start;
	c->at_end = middle.len > 0 && ends_anchored(regex);
	middle.len -= c->at_end;
	if (!c->at_start && !c->at_end)
		return;
	c->from = literal(middle);
	if (c->from)
		c->to = mem_strdup(str_get(to));
}

static bool compile(const struct conf_rule *rule, struct command *c,
	const char *regex, uint32_t options, struct error *err)
{
	PCRE2_UCHAR words[200];
	PCRE2_SIZE offset;
	int code;
	char *why;

	if (strlen(regex) > REGEX_MAX)
		return fail(rule, c, "the expression is too long", err);
	c->code = pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED,
		options | PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C |
		PCRE2_DOLLAR_ENDONLY, &code, &offset, NULL);
	if (c->code)
		return true;
	if (pcre2_get_error_message(code, words, sizeof(words)) < 0)
		words[0] = '\0';
	why = mem_printf("the expression is wrong at character %zu: %s",
		(size_t)offset, (const char *)words);
	fail(rule, c, why, err);
	free(why);
	return false;
}

static bool check_groups(const struct conf_rule *rule,
	const struct command *c, struct error *err)
{
	uint32_t count = 0;

	pcre2_pattern_info(c->code, PCRE2_INFO_CAPTURECOUNT, &count);
	for (const char *at = c->replacement; (at = strchr(at, '$')); at++) {
		if (at[1] == '$')
			at++;
		else if (at[1] == '{' && (uint32_t)(at[2] - '0') > count)
			return fail(rule, c, "the replacement names a group "
				"that the expression has not", err);
	}
	return true;
}

static bool finish(const struct conf_rule *rule, struct command *c,
	const char *regex, const char *to, const char *flags,
	struct error *err)
{
	struct str out = {0}, plain = {0};
	bool grouped = false, nocase = strchr(flags, 'i') != NULL, good;

	c->all = strchr(flags, 'g') != NULL;
	good = convert(to, &out, &plain, &grouped) || fail(rule, c,
		"the replacement has an unknown \"\\\": \\1 to \\9 and \\0 "
		"stand for groups, \\\\ for itself", err);
	if (good && !grouped && !nocase && !c->all)
		find_literal(c, regex, &plain);
	c->replacement = str_detach(&out);
	str_clear(&plain);
	return good && compile(rule, c, regex,
		nocase ? PCRE2_CASELESS : 0, err) && check_groups(rule, c, err);
}

static bool good_delimiter(char c)
{
	return c && !ascii_is_space(c) && !ascii_is_digit(c) && c != '\\' &&
		c != ';' && (ascii_lower(c) < 'a' || ascii_lower(c) > 'z') &&
		(unsigned char)c < 0x80;
}

/* Up to what may follow a command: ";" or a line end. */
static bool take_end(const char **at, struct str *flags)
{
	size_t len = strspn(*at, "gi");

	str_add_mem(flags, *at, len);
	*at += len;
	*at += strspn(*at, " \t\r");
	return !**at || **at == ';' || **at == '\n';
}

static bool take_command(struct rename_rule *out,
	const struct conf_rule *rule, const char **at, struct error *err)
{
	struct command *c = vec_add(&out->commands);
	const char *start = *at;
	struct str from = {0}, to = {0}, flags = {0};
	bool good;

	if (start[0] != 's' || !good_delimiter(start[1])) {
		c->shown = span_dup((struct span){start, strcspn(start, "\n")});
		return fail(rule, c, "a command is s, a delimiter, an "
			"expression, the delimiter, the replacement, the "
			"delimiter: s,^INBOX/,,", err);
	}
	*at += 2;
	good = take_part(at, start[1], true, &from) &&
		take_part(at, start[1], false, &to);
	c->shown = span_dup((struct span){start, good ?
		(size_t)(*at - start) : strcspn(start, "\n")});
	if (!good)
		fail(rule, c, "a delimiter is missing", err);
	else if (!take_end(at, &flags))
		good = fail(rule, c, "behind the last delimiter there may be g "
			"and i, then \";\" or a line end", err);
	good = good && finish(rule, c, str_get(&from), str_get(&to),
		str_get(&flags), err);
	str_clear(&from);
	str_clear(&to);
	str_clear(&flags);
	return good;
}

struct rename_rule *rename_rule_new(const struct conf_rule *rule,
	struct error *err)
{
	struct rename_rule *out = mem_calloc(1, sizeof(*out));
	const char *at = rule->text;
	bool good = true;

	out->commands = (struct vec)VEC(struct command);
	out->where = rule->where ? rule->where : "rename";
	out->limits = pcre2_match_context_create(NULL);
	if (!out->limits)
		mem_die("memory");
	pcre2_set_match_limit(out->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(out->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(out->limits, HEAP_LIMIT_KIB);
	while (good && *(at += strspn(at, "; \t\r\n")))
		good = take_command(out, rule, &at, err);
	if (good && out->commands.len == 0)
		good = error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
			"%s: there is no command", out->where);
	if (good)
		return out;
	rename_rule_free(out);
	return NULL;
}

void rename_rule_free(struct rename_rule *rule)
{
	if (!rule)
		return;
	for (size_t i = 0; i < rule->commands.len; i++) {
		struct command *c = vec_at(&rule->commands, i);

		free(c->shown);
		free(c->replacement);
		free(c->from);
		free(c->to);
		pcre2_code_free(c->code);
	}
	vec_clear(&rule->commands);
	pcre2_match_context_free(rule->limits);
	free(rule);
}

/* ---- Applying ---- */

static char *substitute(const struct rename_rule *rule,
	const struct command *c, const char *name, struct error *err)
{
	PCRE2_SIZE size = NAME_MAX_BYTES + 1;
	char *out = mem_alloc(size);
	PCRE2_UCHAR words[200];
	int code = pcre2_substitute(c->code, (PCRE2_SPTR)name,
		PCRE2_ZERO_TERMINATED, 0, PCRE2_SUBSTITUTE_UNSET_EMPTY |
		(c->all ? PCRE2_SUBSTITUTE_GLOBAL : 0), NULL, rule->limits,
		(PCRE2_SPTR)c->replacement, PCRE2_ZERO_TERMINATED,
		(PCRE2_UCHAR *)out, &size);

	if (code >= 0)
		return out;
	free(out);
	if (code == PCRE2_ERROR_NOMEMORY || pcre2_get_error_message(code,
		words, sizeof(words)) < 0)
		strcpy((char *)words, "the result is too long");
	error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
		"%s: \"%.200s\", asked about folder \"%.200s\": %s",
		rule->where, c->shown, name, (const char *)words);
	return NULL;
}

char *rename_rule_apply(const struct rename_rule *rule, const char *name,
	struct error *err)
{
	char *now = mem_strdup(name);

	for (size_t i = 0; now && i < rule->commands.len; i++) {
		char *next = substitute(rule, vec_at(&rule->commands, i), now,
			err);

		free(now);
		now = next;
	}
	return now;
}

/* ---- The way back ---- */

static bool starts_with(const char *text, const char *part)
{
	return strncmp(text, part, strlen(part)) == 0;
}

static bool ends_with(const char *text, const char *part)
{
	size_t len = strlen(text), part_len = strlen(part);

	return len >= part_len && strcmp(text + len - part_len, part) == 0;
}

/* What one command may have been given to make this name. */
static char *undo(const struct command *c, const char *name)
{
	size_t len = strlen(name), to_len = strlen(c->to);

	if (c->at_start && c->at_end)
		return mem_strdup(strcmp(name, c->to) == 0 ? c->from : name);
	if (c->at_start)
		return starts_with(name, c->to) ?
			mem_printf("%s%s", c->from, name + to_len) :
			mem_strdup(name);
	return ends_with(name, c->to) ?
		mem_printf("%.*s%s", (int)(len - to_len), name, c->from) :
		mem_strdup(name);
}

char *rename_rule_undo(const struct rename_rule *rule, const char *name)
{
	char *now = mem_strdup(name);

	for (size_t i = rule->commands.len; i-- > 0;) {
		const struct command *c = vec_at(&rule->commands, i);
		char *before;

		if (!c->from) {
			free(now);
			return NULL;
		}
		before = undo(c, now);
		free(now);
		now = before;
	}
	return now;
}
