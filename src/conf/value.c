#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/vec.h"
#include "conf/date.h"
#include "conf/number.h"
#include "conf/value.h"
#include "str.h"

typedef bool value_reader(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err);

static bool bad(struct error *err, const char *why)
{
	return error_set(err, ERROR_FATAL, ERROR_CONFIG, "%s", why);
}

/* ---- booleans ---- */

static bool bool_parse(struct span text, bool *out)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{"1", true}, {"yes", true}, {"true", true}, {"on", true},
		{"0", false}, {"no", false}, {"false", false}, {"off", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!span_is_nocase(text, words[i].word))
			continue;
		*out = words[i].value;
		return true;
	}
	return false;
}

static bool read_bool(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	(void)option;
	(void)arena;
	return bool_parse(text, out) ||
		bad(err, "must be yes or no (or 1, true, on, 0, false, off)");
}

static bool read_tristate(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	bool flag;

	if (text.len == 0) {
		*(int *)out = -1;
		return true;
	}
	if (!read_bool(option, text, arena, &flag, err))
		return false;
	*(int *)out = flag;
	return true;
}

/* ---- numbers ---- */

static bool read_int(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	int64_t value;

	(void)arena;
	if (number_int(text, &value) && value >= option->min &&
		value <= option->max) {
		*(int64_t *)out = value;
		return true;
	}
	if (option->max == INT64_MAX)
		return error_set(err, ERROR_FATAL, ERROR_CONFIG,
			"must be a whole number, not below %lld",
			(long long)option->min);
	return error_set(err, ERROR_FATAL, ERROR_CONFIG,
		"must be a whole number from %lld to %lld",
		(long long)option->min, (long long)option->max);
}

static bool read_float(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	(void)option;
	(void)arena;
	return number_float(text, out) ||
		bad(err, "must be a number, such as 5 or 0.5");
}

/* ---- strings ---- */

static bool read_string(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	(void)err;
	/* Where nothing is the default, an empty value is nothing. */
	if (text.len == 0 && !option->initial)
		*(const char **)out = NULL;
	else
		*(const char **)out = arena_span(arena, text);
	return true;
}

/* The loader adds the place. */
static bool read_rule(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	struct conf_rule *rule = out;

	if (option->mercy == OPTION_LENIENT && span_is(text, "None"))
		text.len = 0;
	return read_string(option, text, arena, &rule->text, err);
}

static bool read_date(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	struct date date;

	if (text.len > 0 && !date_parse(text, &date))
		return bad(err, "must be a date, as 2024-12-31, not before "
			"1900 and not in the future");
	return read_string(option, text, arena, out, err);
}

static bool read_age(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	int64_t days;
	bool good = number_int(text, &days) ?
		days >= 1 && days <= DATE_DAYS_MAX :
		read_date(option, text, arena, out, err);

	if (!good)
		return bad(err, "must be a number of days from 1, or a date, "
			"as 2024-12-31, not before 1900 and not in the "
			"future");
	return read_string(option, text, arena, out, err);
}

static bool read_byte(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	if (text.len != 1)
		return bad(err, "must be a single character");
	return read_string(option, text, arena, out, err);
}

/* ---- paths ---- */

static char *home_and_variables(const char *path)
{
	return file_expand(path);
}

static char *home_only(const char *path)
{
	return file_expand_home(path);
}

static char *absolute(const char *path)
{
	char *expanded = file_expand(path);
	char *here = expanded[0] == '/' ? NULL : realpath(".", NULL);
	char *joined;

	if (!here)
		return expanded;
	joined = file_join(here, expanded);
	free(here);
	free(expanded);
	return joined;
}

/* An empty value is none, where there need not be one. */
static bool read_expanded(const struct option *option, struct span text,
	char *(*expand)(const char *), struct arena *arena, void *out,
	struct error *err)
{
	char *path;

	if (text.len == 0 && (option->required || option->initial))
		return bad(err, "must be a path, not empty");
	if (text.len == 0)
		return read_string(option, text, arena, out, err);
	path = expand(arena_span(arena, text));
	*(const char **)out = arena_strdup(arena, path);
	free(path);
	return true;
}

static bool read_path(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	return read_expanded(option, text, home_and_variables, arena, out, err);
}

static bool read_path_home(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	return read_expanded(option, text, home_only, arena, out, err);
}

static bool read_path_absolute(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	return read_expanded(option, text, absolute, arena, out, err);
}

static bool read_ca_file(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	if (span_is(text, "OS-DEFAULT")) {
		*(const char **)out = NULL;
		return true;
	}
	return read_path_absolute(option, text, arena, out, err);
}

/* ---- proxies ---- */

static bool is_proxy_type(struct span text)
{
	return span_is(text, "SOCKS4") || span_is(text, "SOCKS5") ||
		span_is(text, "HTTP");
}

/* It becomes a part of a URL. */
static bool is_proxy_host(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (ascii_is_space(text.data[i]) || !text.data[i] ||
			strchr("/?#@\\\"<>^`{|}%", text.data[i]))
			return false;
	return text.len > 0;
}

/* TYPE ":" host ":" port.  Anything else is an error: a connection that goes
 * past the proxy tells what the proxy is to hide. */
static bool is_proxy(struct span text)
{
	const char *first = memchr(text.data, ':', text.len);
	const char *end = text.data + text.len, *last = end;
	uint64_t port = 0;

	while (last > text.data && last[-1] != ':')
		last--;
	if (!first || last - 1 <= first)
		return false;
	return is_proxy_type((struct span){text.data,
		(size_t)(first - text.data)}) &&
		is_proxy_host((struct span){first + 1,
			(size_t)(last - 1 - (first + 1))}) &&
		span_number((struct span){last, (size_t)(end - last)}, 65535,
			&port) && port > 0;
}

/* Empty, or a Python programmer's empty: none. */
static bool read_proxy(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	(void)option;
	if (span_is(text, "''") || span_is(text, "\"\""))
		text.len = 0;
	if (text.len > 0 && !is_proxy(text))
		return bad(err, "must be TYPE:HOST:PORT, TYPE being SOCKS5, "
			"SOCKS4 or HTTP");
	*(const char **)out = arena_span(arena, text);
	return true;
}

/* ---- lists ---- */

/* Changes an item in place, which can only become shorter. */
typedef bool item_check(const struct option *option, char *item,
	struct error *err);

static bool any_item(const struct option *option, char *item,
	struct error *err)
{
	(void)option;
	(void)item;
	(void)err;
	return true;
}

static bool known_mechanism(const struct option *option, char *item,
	struct error *err)
{
	for (size_t i = 0; option->choices[i]; i++) {
		if (ascii_casecmp(option->choices[i], item) != 0)
			continue;
		memcpy(item, option->choices[i], strlen(item));
		return true;
	}
	return bad(err, "must be a list of GSSAPI, XOAUTH2, CRAM-MD5, PLAIN, "
		"LOGIN");
}

/* Hex digits of SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512. */
static bool is_digest_length(size_t digits)
{
	return digits == 40 || digits == 56 || digits == 64 || digits == 96 ||
		digits == 128;
}

static bool fingerprint(const struct option *option, char *item,
	struct error *err)
{
	size_t len = 0, junk = 0;

	(void)option;
	for (const char *c = item; *c; c++) {
		char lower = ascii_lower(*c);

		if (lower == ':' || ascii_is_space(lower))
			continue;
		junk += !(ascii_is_digit(lower) ||
			(lower >= 'a' && lower <= 'f'));
		item[len++] = lower;
	}
	item[len] = '\0';
	if (junk == 0 && is_digest_length(len))
		return true;
	return bad(err, "must be the hex digits of a SHA-1, SHA-224, SHA-256, "
		"SHA-384 or SHA-512 digest, or several of them with commas "
		"between");
}

static const char *const *list_keep(struct arena *arena, const struct vec *v)
{
	const char **list;

	if (v->len == 0)
		return NULL;
	list = arena_alloc(arena, (v->len + 1) * sizeof(*list));
	memcpy(list, v->data, v->len * sizeof(*list));
	return list;
}

/* Items are trimmed, empty ones left out; no items at all is NULL. */
static bool read_items(const struct option *option, struct span text,
	struct arena *arena, item_check *check, struct error *err,
	const char *const **out)
{
	struct vec items = VEC(const char *);
	bool ok = true;

	for (size_t pos = 0; ok && pos <= text.len; pos++) {
		size_t start = pos;
		struct span item;
		char *copy;

		while (pos < text.len && text.data[pos] != ',')
			pos++;
		item = span_trim((struct span){text.data + start, pos - start});
		if (item.len == 0)
			continue;
		copy = arena_span(arena, item);
		ok = check(option, copy, err);
		*(const char **)vec_add(&items) = copy;
	}
	*out = list_keep(arena, &items);
	vec_clear(&items);
	return ok;
}

static bool read_list(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	return read_items(option, text, arena, any_item, err, out);
}

static bool read_mechanisms(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	const char *const **list = out;

	if (!read_items(option, text, arena, known_mechanism, err, list))
		return false;
	return *list || bad(err, "must name at least one mechanism");
}

static bool read_fingerprints(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	return read_items(option, text, arena, fingerprint, err, out);
}

/* ---- enums ---- */

static bool fail_choice(const struct option *option, struct error *err)
{
	struct str list = {0};

	for (size_t i = 0; option->choices[i]; i++)
		str_printf(&list, "%s%s", i > 0 ? ", " : "",
			option->choices[i]);
	error_set(err, ERROR_FATAL, ERROR_CONFIG, "must be one of %s",
		str_get(&list));
	str_clear(&list);
	return false;
}

static bool read_enum(const struct option *option, struct span text,
	struct arena *arena, void *out, struct error *err)
{
	(void)arena;
	for (size_t i = 0; option->choices[i]; i++) {
		if (!span_is(text, option->choices[i]))
			continue;
		*(enum conf_type *)out = (enum conf_type)i;
		return true;
	}
	return fail_choice(option, err);
}

static value_reader *const readers[] = {
	[OPTION_BOOL] = read_bool,
	[OPTION_TRISTATE] = read_tristate,
	[OPTION_INT] = read_int,
	[OPTION_FLOAT] = read_float,
	[OPTION_STRING] = read_string,
	[OPTION_BYTE] = read_byte,
	[OPTION_PATH] = read_path,
	[OPTION_PATH_HOME] = read_path_home,
	[OPTION_PATH_ABSOLUTE] = read_path_absolute,
	[OPTION_CA_FILE] = read_ca_file,
	[OPTION_LIST] = read_list,
	[OPTION_MECHANISMS] = read_mechanisms,
	[OPTION_FINGERPRINTS] = read_fingerprints,
	[OPTION_ENUM] = read_enum,
	[OPTION_SHELL] = read_string,
	[OPTION_SECRET] = read_string,
	[OPTION_RULE] = read_rule,
	[OPTION_AGE] = read_age,
	[OPTION_DATE] = read_date,
	[OPTION_PROXY] = read_proxy,
	[OPTION_RAW] = read_string,
};

bool value_store(const struct option *option, const char *text,
	struct arena *arena, void *base, struct error *err)
{
	return readers[option->type](option, span_trim(span_of(text)), arena,
		(char *)base + option->offset, err);
}

bool value_nearest(const struct option *option, const char *text, void *base)
{
	int64_t *out = (int64_t *)(void *)((char *)base + option->offset);
	int64_t value;

	if (option->type != OPTION_INT || option->mercy == OPTION_STRICT ||
		!number_int(span_trim(span_of(text)), &value))
		return false;
	*out = value < option->min ? option->min : option->max;
	return true;
}

bool value_check(const struct option *option, const char *text,
	struct error *err)
{
	struct span trimmed = span_trim(span_of(text));
	enum conf_type choice;
	bool flag;

	if (trimmed.len == 0)
		return true;
	if (option->type == OPTION_BOOL)
		return read_bool(option, trimmed, NULL, &flag, err);
	if (option->type == OPTION_ENUM)
		return read_enum(option, trimmed, NULL, &choice, err);
	return true;
}

bool value_is_off(const struct option *option, const char *text)
{
	struct span trimmed = span_trim(span_of(text));
	bool flag;

	if (trimmed.len == 0)
		return true;
	if (option->type == OPTION_BOOL)
		return bool_parse(trimmed, &flag) && !flag;
	for (size_t i = 0; option->off && option->off[i]; i++)
		if (span_is(trimmed, option->off[i]))
			return true;
	return false;
}
