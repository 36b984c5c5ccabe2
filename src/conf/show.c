#include "config.h"

#include "conf/show.h"

#include <string.h>

#include "conf/conf.h"
#include "conf/option.h"
#include "str.h"

static void add_bool(struct str *out, bool value)
{
	str_add(out, value ? "yes" : "no");
}

static void add_list(struct str *out, const char *const *list)
{
	for (size_t i = 0; list && list[i]; i++)
		str_printf(out, "%s%s", i > 0 ? ", " : "", list[i]);
}

static void add_text(struct str *out, const char *text)
{
	for (; text && *text; text++)
		str_add_char(out, *text == '\n' ? ' ' : *text);
}

/* An expression often holds what it evaluates to. */
static bool is_secret(const struct option *option)
{
	return option->type == OPTION_SECRET ||
		strcmp(option->name, "remotepasseval") == 0 ||
		strstr(option->name, "_secret") || strstr(option->name,
			"_token");
}

static void add_secret(struct str *out, const struct option *option,
	const void *field)
{
	const char *text = option->type == OPTION_RULE ?
		((const struct conf_rule *)field)->text :
		*(const char *const *)field;

	str_add(out, text && *text ? "***" : "");
}

static void add_value(struct str *out, const struct option *option,
	const void *field)
{
	int tristate;

	switch (option->type) {
	case OPTION_BOOL:
		add_bool(out, *(const bool *)field);
		break;
	case OPTION_TRISTATE:
		tristate = *(const int *)field;
		if (tristate >= 0)
			add_bool(out, tristate > 0);
		break;
	case OPTION_INT:
		str_printf(out, "%lld", (long long)*(const int64_t *)field);
		break;
	case OPTION_FLOAT:
		str_printf(out, "%g", *(const double *)field);
		break;
	case OPTION_LIST:
	case OPTION_MECHANISMS:
	case OPTION_FINGERPRINTS:
		add_list(out, *(const char *const *const *)field);
		break;
	case OPTION_ENUM:
		str_add(out, option->choices[*(const int *)field]);
		break;
	case OPTION_RULE:
		add_text(out, ((const struct conf_rule *)field)->text);
		break;
	case OPTION_STRING:
	case OPTION_BYTE:
	case OPTION_PATH:
	case OPTION_PATH_HOME:
	case OPTION_PATH_ABSOLUTE:
	case OPTION_CA_FILE:
	case OPTION_SHELL:
	case OPTION_PROXY:
	case OPTION_SECRET:
	case OPTION_AGE:
	case OPTION_DATE:
	case OPTION_RAW:
		add_text(out, *(const char *const *)field);
		break;
	}
}

static void show_one(const struct option *option, char letter,
	const void *field, show_fn *each, void *arg)
{
	struct str line = {0};

	str_add(&line, option->name);
	if (letter)
		line.data[line.len - 1] = letter;
	str_add(&line, " = ");
	if (is_secret(option))
		add_secret(&line, option, field);
	else
		add_value(&line, option, field);
	each(arg, str_get(&line));
	str_clear(&line);
}

/* Each letter of a series that is set. */
static void show_series(const struct option *option, const void *field,
	show_fn *each, void *arg)
{
	const char *const *at = field;

	for (int i = 0; i < CONF_CUSTOMFLAGS; i++)
		if (at[i])
			show_one(option, (char)('a' + i), &at[i], each, arg);
}

static void show(enum option_section section, unsigned repos,
	const void *base, show_fn *each, void *arg)
{
	for (size_t i = 0; i < option_count(); i++) {
		const struct option *option = option_at(i);
		const char *field = (const char *)base + option->offset;

		if (option->section != section ||
			option->support != OPTION_SUPPORTED ||
			(section == OPTION_REPOSITORY &&
			!(option->repos & repos)))
			continue;
		if (option->series)
			show_series(option, field, each, arg);
		else
			show_one(option, '\0', field, each, arg);
	}
}

void show_general(const struct conf *conf, show_fn *each, void *arg)
{
	show(OPTION_GENERAL, 0, conf, each, arg);
}

void show_account(const struct conf_account *account, show_fn *each,
	void *arg)
{
	struct option_account whole = {
		.account = *account,
		.localrepository = account->local->name,
		.remoterepository = account->remote->name,
	};

	show(OPTION_ACCOUNT, 0, &whole, each, arg);
}

void show_repo(const struct conf_repo *repo, show_fn *each, void *arg)
{
	show(OPTION_REPOSITORY, 1U << repo->type, repo, each, arg);
}
