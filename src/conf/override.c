#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "conf/ini.h"
#include "conf/interpolate.h"
#include "conf/override.h"
#include "mem.h"

#define DEFAULT_SECTION "general"

static char *section_of(struct span left)
{
	char *name = span_dup(left);

	for (char *c = name; *c; c++)
		if (*c == '_')
			*c = ' ';
	return name;
}

static char *key_of(struct span text)
{
	char *key = span_dup(span_trim(text));

	for (char *c = key; *c; c++)
		*c = ascii_lower(*c);
	return key;
}

static bool fail_section(const struct ini *ini, const char *section,
	struct error *err)
{
	struct str list = {0};

	for (size_t i = 1; i < ini_section_count(ini); i++)
		str_printf(&list, "%s[%s]", i > 1 ? ", " : "",
			ini_section_at(ini, i)->name);
	error_set(err, ERROR_FATAL, ERROR_CONFIG,
		"there is no section [%s] in %s; there are: %s", section,
		ini_path(ini), list.len > 0 ? str_get(&list) : "none");
	str_clear(&list);
	return false;
}

static bool set(struct ini *ini, struct span left, const char *value,
	struct error *err)
{
	const char *colon = memchr(left.data, ':', left.len);
	size_t len = colon ? (size_t)(colon - left.data) : 0;
	char *section = colon ? section_of((struct span){left.data, len}) :
		mem_strdup(DEFAULT_SECTION);
	char *key = key_of(colon ? (struct span){colon + 1,
		left.len - len - 1} : left);
	bool ok;

	if (*key == '\0')
		ok = error_set(err, ERROR_FATAL, ERROR_CONFIG,
			"the name of the option is missing");
	else if (!interpolate_valid(value))
		ok = error_set(err, ERROR_FATAL, ERROR_CONFIG, "\"%%\" in the "
			"value must be written \"%%%%\", or be part of "
			"\"%%(option)s\"");
	else
		ok = ini_set(ini, section, key, value) ||
			fail_section(ini, section, err);
	free(section);
	free(key);
	return ok;
}

bool override_apply(struct ini *ini, const char *argument, struct error *err)
{
	const char *equals = strchr(argument, '=');
	struct span left;
	char *value;
	bool ok;

	if (!equals)
		return error_set(err, ERROR_FATAL, ERROR_CONFIG, "-k '%s': it "
			"must have the form [section:]option=value", argument);
	left = (struct span){argument, (size_t)(equals - argument)};
	value = span_dup(span_trim(span_of(equals + 1)));
	ok = set(ini, left, value, err) ||
		error_add(err, "-k '%.*s'", (int)left.len, left.data);
	mem_free_secret(value);
	return ok;
}
