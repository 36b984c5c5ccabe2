#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "conf/ini.h"
#include "conf/interpolate.h"
#include "conf/names.h"
#include "conf/notes.h"
#include "mem.h"
#include "str.h"

static const struct {
	const char *name;
	size_t prefix; /* this much is compared; 0: all */
	enum option_section kind;
} families[] = {
	{"general", 0, OPTION_GENERAL},
	{"mbnames", 0, OPTION_MBNAMES},
	{"Account ", 8, OPTION_ACCOUNT},
	{"Repository ", 11, OPTION_REPOSITORY},
};

/* OfflineIMAP takes "Account  X" for an account whose name begins with a
 * blank, which no list of accounts can name. */
static bool is_own_name(const char *text)
{
	struct span own = span_of(text);

	return own.len > 0 && span_trim(own).len == own.len;
}

bool names_section(const char *name, enum option_section *kind,
	const char **own)
{
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		size_t prefix = families[i].prefix;
		bool found = prefix > 0 ?
			strncmp(name, families[i].name, prefix) == 0 &&
				is_own_name(name + prefix) :
			strcmp(name, families[i].name) == 0;

		if (!found)
			continue;
		*kind = families[i].kind;
		*own = prefix > 0 ? name + prefix : "";
		return true;
	}
	return false;
}

unsigned names_repos(const struct ini *ini, const struct ini_section *section)
{
	const struct option *type = option_find(OPTION_REPOSITORY, OPTION_ALL,
		"type");
	const struct ini_row *row = ini_find(ini, section, "type");
	struct str value = {0};
	struct error ignored = {0};
	unsigned repos = OPTION_ALL;

	if (row && interpolate(ini, section, row, &value, &ignored))
		for (unsigned i = 0; type->choices[i]; i++)
			if (strcmp(str_get(&value), type->choices[i]) == 0)
				repos = 1U << i;
	str_clear(&value);
	return repos;
}

/* ---- sections ---- */

static char *lower_dup(struct span text)
{
	char *copy = span_dup(text);

	for (char *c = copy; *c; c++)
		*c = ascii_lower(*c);
	return copy;
}

/* Whether the word, in any case, is nearly that of the family. */
static bool word_near(struct span word, const char *family)
{
	char *given = lower_dup(word);
	char *wanted = lower_dup(span_trim(span_of(family)));
	bool near = option_distance(given, wanted) <= 2;

	free(given);
	free(wanted);
	return near;
}

/* The first word of a section's name, and what follows it. */
static struct span first_word(const char *name, struct span *rest)
{
	struct span all = span_trim(span_of(name));
	struct span word = {all.data, 0};

	while (word.len < all.len && !ascii_is_space(all.data[word.len]))
		word.len++;
	*rest = span_trim((struct span){all.data + word.len,
		all.len - word.len});
	return word;
}

static void note_section(const struct ini *ini,
	const struct ini_section *section, struct notes *notes)
{
	struct span rest, word = first_word(section->name, &rest);

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		bool named = families[i].prefix > 0;

		if (named != (rest.len > 0) ||
			!word_near(word, families[i].name))
			continue;
		notes_add(notes, "%s:%u: unknown section [%s] is left out; "
			"did you mean [%s%.*s]?", ini_path(ini), section->line,
			section->name, families[i].name, (int)rest.len,
			rest.data);
		return;
	}
	notes_add(notes, "%s:%u: unknown section [%s] is left out",
		ini_path(ini), section->line, section->name);
}

/* ---- options ---- */

/* Options of the user's own are allowed where a value uses them. */
static bool is_used_in(const struct ini_section *section, const char *key)
{
	for (size_t i = 0; i < section->rows.len; i++) {
		const struct ini_row *row = vec_at(&section->rows, i);

		if (interpolate_uses(row->value, key))
			return true;
	}
	return false;
}

static bool is_used(const struct ini *ini, const struct ini_section *section,
	const char *key)
{
	bool everywhere = section == ini_section_at(ini, 0);

	if (is_used_in(ini_section_at(ini, 0), key) ||
		is_used_in(section, key))
		return true;
	for (size_t i = 1; everywhere && i < ini_section_count(ini); i++)
		if (is_used_in(ini_section_at(ini, i), key))
			return true;
	return false;
}

static void note_similar(const char *where, const struct ini_section *section,
	const struct ini_row *row, const struct option *near,
	struct notes *notes)
{
	enum option_section kind;
	const char *own;
	bool here = !names_section(section->name, &kind, &own) ||
		(near && kind == near->section);

	if (!near)
		notes_add(notes, "%s: unknown option '%s' in [%s]", where,
			row->key, section->name);
	else if (here)
		notes_add(notes, "%s: unknown option '%s' in [%s]; did you "
			"mean '%s'?", where, row->key, section->name,
			near->name);
	else
		notes_add(notes, "%s: unknown option '%s' in [%s]; did you "
			"mean '%s', which belongs into %s?", where, row->key,
			section->name, near->name,
			option_section_title(near->section));
}

static void note_misplaced(const char *where,
	const struct ini_section *section, const struct ini_row *row,
	const struct option *known, struct notes *notes)
{
	enum option_section kind;
	const char *own;

	if (names_section(section->name, &kind, &own) &&
		option_find(kind, OPTION_ALL, row->key))
		notes_add(notes, "%s: option '%s' means nothing in [%s], as "
			"its type is another", where, row->key, section->name);
	else
		notes_add(notes, "%s: option '%s' in [%s] is not read there; "
			"it belongs into %s", where, row->key, section->name,
			option_section_title(known->section));
}

static bool is_in_place(const struct ini *ini,
	const struct ini_section *section, const char *key)
{
	enum option_section kind;
	const char *own;

	if (!names_section(section->name, &kind, &own))
		return option_find_anywhere(key) != NULL; /* [DEFAULT] */
	return option_find(kind, names_repos(ini, section), key) != NULL;
}

static void check_option(const struct ini *ini,
	const struct ini_section *section, const struct ini_row *row,
	struct notes *notes)
{
	const struct option *known = option_find_anywhere(row->key);
	enum option_section kind = OPTION_GENERAL;
	const char *own;
	char *where;

	if (is_in_place(ini, section, row->key) ||
		is_used(ini, section, row->key))
		return;
	names_section(section->name, &kind, &own);
	where = ini_where(ini, row->line);
	if (known)
		note_misplaced(where, section, row, known, notes);
	else
		note_similar(where, section, row,
			option_nearest(kind, row->key), notes);
	free(where);
}

void names_check(const struct ini *ini, struct notes *notes)
{
	enum option_section kind;
	const char *own;

	for (size_t i = 0; i < ini_section_count(ini); i++) {
		const struct ini_section *section = ini_section_at(ini, i);

		if (i > 0 && !names_section(section->name, &kind, &own)) {
			note_section(ini, section, notes);
			continue;
		}
		for (size_t j = 0; j < section->rows.len; j++)
			check_option(ini, section, vec_at(&section->rows, j),
				notes);
	}
}

const char *names_slip(const struct ini_section *section,
	const struct option *option)
{
	for (size_t i = 0; i < section->rows.len; i++) {
		const struct ini_row *row = vec_at(&section->rows, i);

		if (!option_find_anywhere(row->key) &&
			option_distance(row->key, option->name) <= 2)
			return row->key;
	}
	return NULL;
}
