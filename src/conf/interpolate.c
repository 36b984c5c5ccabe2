#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "conf/ini.h"
#include "conf/interpolate.h"
#include "mem.h"

#define MAX_DEPTH 10
/* Ten levels of values that name each other many times grow without end. */
#define MAX_LENGTH ((size_t)1024 * 1024)

struct job {
	const struct ini *ini;
	const struct ini_section *section;
	struct str *out;
	struct error *err;
};

static bool bad(struct error *err, const char *why)
{
	return error_set(err, ERROR_FATAL, ERROR_CONFIG, "%s", why);
}

/* The "name" of a text that begins with "%(name)s"; empty when it does not. */
static struct span reference(const char *text)
{
	size_t len;

	if (text[0] != '%' || text[1] != '(')
		return (struct span){0};
	len = strcspn(text + 2, ")");
	if (text[2 + len] != ')' || text[2 + len + 1] != 's')
		return (struct span){0};
	return (struct span){text + 2, len};
}

/* "%(" + name + ")s" */
static size_t reference_len(struct span name)
{
	return name.len + 4;
}

static char *key_of(struct span name)
{
	char *key = span_dup(name);

	for (char *c = key; *c; c++)
		*c = ascii_lower(*c);
	return key;
}

static bool expand(const struct job *job, const char *text, int depth);

static bool expand_reference(const struct job *job, struct span name,
	int depth)
{
	char *key = key_of(name);
	const struct ini_row *row = ini_find(job->ini, job->section, key);
	bool ok;

	if (!row)
		ok = error_set(job->err, ERROR_FATAL, ERROR_CONFIG,
			"%%(%s)s names an option that is neither in this "
			"section nor in [" INI_DEFAULT "]", key);
	else if (strchr(row->value, '%'))
		ok = expand(job, row->value, depth + 1);
	else {
		str_add(job->out, row->value);
		ok = true;
	}
	free(key);
	return ok;
}

/* text begins with "%"; returns what comes behind, NULL on error. */
static const char *expand_percent(const struct job *job, const char *text,
	int depth)
{
	struct span name = reference(text);

	if (text[1] == '%') {
		str_add_char(job->out, '%');
		return text + 2;
	}
	if (name.len == 0) {
		bad(job->err, "\"%\" must be written \"%%\", or be part of "
			"\"%(option)s\"");
		return NULL;
	}
	if (!expand_reference(job, name, depth))
		return NULL;
	return text + reference_len(name);
}

static bool expand(const struct job *job, const char *text, int depth)
{
	if (depth > MAX_DEPTH)
		return bad(job->err, "%(option)s is nested too deep, or an "
			"option names itself");
	while (text && *text) {
		size_t plain = strcspn(text, "%");

		str_add_mem(job->out, text, plain);
		text += plain;
		if (job->out->len > MAX_LENGTH)
			return bad(job->err, "the value is too long");
		if (*text)
			text = expand_percent(job, text, depth);
	}
	return text != NULL;
}

bool interpolate(const struct ini *ini, const struct ini_section *section,
	const struct ini_row *row, struct str *out, struct error *err)
{
	struct job job = {ini, section, out, err};

	str_reset(out);
	return expand(&job, row->value, 1);
}

bool interpolate_valid(const char *raw)
{
	while ((raw = strchr(raw, '%')) != NULL) {
		struct span name = reference(raw);

		if (raw[1] != '%' && name.len == 0)
			return false;
		raw += raw[1] == '%' ? 2 : reference_len(name);
	}
	return true;
}

bool interpolate_uses(const char *raw, const char *key)
{
	while ((raw = strchr(raw, '%')) != NULL) {
		struct span name = reference(raw);

		if (span_is_nocase(name, key))
			return true;
		if (raw[1] == '%')
			raw += 2;
		else
			raw += name.len > 0 ? reference_len(name) : 1;
	}
	return false;
}
