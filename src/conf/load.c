#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/ini.h"
#include "conf/interpolate.h"
#include "conf/load.h"
#include "conf/names.h"
#include "conf/value.h"
#include "mem.h"
#include "str.h"

#define VALUE_SHOWN 60 /* bytes of a bad value in a message */

bool load_locate(const struct load *load, const struct ini_section *section,
	const char *name, struct error *err)
{
	const struct ini_row *row = ini_find(load->ini, section, name);
	char *where = ini_where(load->ini, row ? row->line : section->line);

	error_add(err, "%s: [%s] %s", where, section->name, name);
	free(where);
	return false;
}

bool load_fail_missing(const struct load *load,
	const struct ini_section *section, const char *name,
	struct error *err)
{
	const char *slip = names_slip(section, option_find_anywhere(name));

	error_set(err, ERROR_FATAL, ERROR_CONFIG,
		"%s:%u: [%s] lacks the option '%s'", ini_path(load->ini),
		section->line, section->name, name);
	if (slip)
		error_set(err, ERROR_FATAL, ERROR_CONFIG,
			"%s:%u: [%s] lacks the option '%s'; is '%s' meant "
			"to be it?", ini_path(load->ini), section->line,
			section->name, name, slip);
	return false;
}

/* Secrets, and expressions that may hold some, are not shown. */
static bool is_shown(const struct option *option)
{
	return option->type != OPTION_SECRET && option->type != OPTION_RULE;
}

static bool fail_value(const struct load *load,
	const struct ini_section *section, const struct option *option,
	const char *text, struct error *err)
{
	if (is_shown(option))
		error_add(err, "'%.*s%s'", VALUE_SHOWN, text,
			strlen(text) > VALUE_SHOWN ? "..." : "");
	return load_locate(load, section, option->name, err);
}

/* ---- options that fill a field ---- */

/* An expression that Python refuses is named with its place. */
static void keep_place(const struct load *load,
	const struct ini_section *section, const struct ini_row *row,
	struct conf_rule *rule)
{
	char *where = ini_where(load->ini, row->line);
	char *whole = mem_printf("%s: [%s] %s", where, section->name, row->key);

	rule->where = arena_strdup(load->arena, whole);
	free(whole);
	free(where);
}

static bool row_text(const struct load *load,
	const struct ini_section *section, const struct ini_row *row,
	const struct option *option, struct str *text, struct error *err)
{
	if (option->type != OPTION_RAW)
		return interpolate(load->ini, section, row, text, err);
	str_set(text, row->value);
	return true;
}

static bool load_default(struct load *load, const struct option *option,
	unsigned repos, void *base, struct error *err)
{
	const char *initial = option_initial(option, repos);

	return !initial || value_store(option, initial, load->arena, base, err);
}

/* What is wrong with a value becomes a note, where OfflineIMAP goes on with
 * such a value.  No option of a series is among those, or has a default that
 * Gmail changes. */
static bool mend(struct load *load, const struct option *option,
	const char *text, void *base, struct error *err)
{
	bool near = value_nearest(option, text, base);

	if (!near && option->mercy != OPTION_LENIENT)
		return false;
	notes_add(&load->notes, "%s; %s", err->text,
		near ? "the nearest one is taken" : "it is left out");
	*err = (struct error){0};
	return near || load_default(load, option, OPTION_ALL, base, err);
}

/* index: of a series, else 0. */
static bool load_option(struct load *load, const struct ini_section *section,
	const struct option *option, const struct ini_row *row, size_t index,
	void *base, struct error *err)
{
	char *at = (char *)base + index * sizeof(char *);
	struct str text = {0};
	bool ok;

	if (!row_text(load, section, row, option, &text, err))
		ok = load_locate(load, section, row->key, err);
	else
		ok = value_store(option, str_get(&text), load->arena, at,
			err) ||
			fail_value(load, section, option, str_get(&text),
				err) ||
			mend(load, option, str_get(&text), at, err);
	if (ok && option->type == OPTION_RULE)
		keep_place(load, section, row,
			(struct conf_rule *)(at + option->offset));
	str_clear_secret(&text);
	return ok;
}

static bool is_here(const struct option *option, enum option_section kind,
	unsigned repos)
{
	return option->section == kind &&
		(kind != OPTION_REPOSITORY || option->repos & repos);
}

static bool load_series(struct load *load, const struct ini_section *section,
	const struct option *option, void *base, struct error *err)
{
	char *name = mem_strdup(option->name);
	size_t last = strlen(name) - 1;
	bool ok = true;

	for (char letter = 'a'; ok && letter <= 'z'; letter++) {
		const struct ini_row *row;

		name[last] = letter;
		row = ini_find(load->ini, section, name);
		ok = !row || load_option(load, section, option, row,
			(size_t)(letter - 'a'), base, err);
	}
	free(name);
	return ok;
}

static bool load_field(struct load *load, const struct ini_section *section,
	const struct option *option, unsigned repos, void *base,
	struct error *err)
{
	const struct ini_row *row;

	if (option->series)
		return load_series(load, section, option, base, err);
	row = ini_find(load->ini, section, option->name);
	return row ? load_option(load, section, option, row, 0, base, err) :
		load_default(load, option, repos, base, err);
}

static bool load_fields(struct load *load, const struct ini_section *section,
	enum option_section kind, unsigned repos, void *base,
	struct error *err)
{
	for (size_t i = 0; i < option_count(); i++) {
		const struct option *option = option_at(i);

		if (is_here(option, kind, repos) &&
			option->support == OPTION_SUPPORTED &&
			!load_field(load, section, option, repos, base, err))
			return false;
	}
	return true;
}

/* ---- options that fill none ---- */

static bool is_noted(const struct notes *notes, const char *sentence)
{
	for (size_t i = 0; i < notes->list.len; i++) {
		const char **note = vec_at(&notes->list, i);

		if (strstr(*note, sentence))
			return true;
	}
	return false;
}

static void note_no_effect(struct load *load,
	const struct ini_section *section, const struct ini_row *row)
{
	struct str sentence = {0};
	char *where = ini_where(load->ini, row->line);

	str_printf(&sentence, "option '%s' has no effect in this version",
		row->key);
	if (!is_noted(&load->notes, str_get(&sentence)))
		notes_add(&load->notes, "%s: [%s]: %s", where, section->name,
			str_get(&sentence));
	free(where);
	str_clear(&sentence);
}

/* Where the right value has no effect, a wrong one has none either. */
static void note_wrong(struct load *load, const struct ini_section *section,
	const struct option *option, const char *text, struct error *wrong)
{
	if (!fail_value(load, section, option, text, wrong))
		notes_add(&load->notes, "%s; it is left out", wrong->text);
}

static bool judge(struct load *load, const struct ini_section *section,
	const struct ini_row *row, const struct option *option,
	struct error *err)
{
	struct str text = {0};
	struct error wrong = {0};
	bool ok = interpolate(load->ini, section, row, &text, err);

	if (!ok)
		load_locate(load, section, row->key, err);
	else if (!value_check(option, str_get(&text), &wrong))
		note_wrong(load, section, option, str_get(&text), &wrong);
	else if (!value_is_off(option, str_get(&text)))
		note_no_effect(load, section, row);
	str_clear_secret(&text);
	return ok;
}

/* Rows from one section, own or [DEFAULT], as the section sees them. */
static bool judge_rows(struct load *load, const struct ini_section *section,
	const struct ini_section *from, enum option_section kind,
	unsigned repos, struct error *err)
{
	for (size_t i = 0; i < from->rows.len; i++) {
		const struct ini_row *row = vec_at(&from->rows, i);
		const struct option *option = option_find(kind, repos,
			row->key);

		if (!option || option->support == OPTION_SUPPORTED ||
			option->support == OPTION_DEPENDENT ||
			ini_find(load->ini, section, row->key) != row)
			continue;
		if (!judge(load, section, row, option, err))
			return false;
	}
	return true;
}

bool load_section(struct load *load, const struct ini_section *section,
	enum option_section kind, unsigned repos, void *base,
	struct error *err)
{
	return load_fields(load, section, kind, repos, base, err) &&
		judge_rows(load, section, section, kind, repos, err) &&
		judge_rows(load, section, ini_section_at(load->ini, 0), kind,
			repos, err);
}

bool load_required(const struct load *load, const struct ini_section *section,
	enum option_section kind, unsigned repos, struct error *err)
{
	for (size_t i = 0; i < option_count(); i++) {
		const struct option *option = option_at(i);
		const struct ini_row *row;

		if (!is_here(option, kind, repos) || !option->required)
			continue;
		row = ini_find(load->ini, section, option->name);
		if (!row || row->value[0] == '\0')
			return load_fail_missing(load, section, option->name,
				err);
	}
	return true;
}
