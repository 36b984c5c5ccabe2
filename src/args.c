#include "config.h"

#include "args.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

enum {
	OPTION_VERSION = 256,
	OPTION_DRY_RUN,
	OPTION_INFO,
	OPTION_APPROVE,
	OPTION_DELETE_FOLDER,
	OPTION_MIGRATE,
	OPTION_PRUNE,
	OPTION_IGNORE_KEYRING,
	OPTION_UPDATE_KEYRING,
};

/* One row per option; the order is that of --help. */
static const struct option_row {
	int code;           /* the letter, or one of the codes above */
	const char *name;   /* long form, or NULL */
	const char *metavar; /* NULL: takes no argument */
	const char *help;
} rows[] = {
	{'h', "help", NULL, "show this help and exit"},
	{OPTION_VERSION, "version", NULL, "show the version and exit"},
	{'V', NULL, NULL, "show the libraries' versions as well and exit"},
	{OPTION_DRY_RUN, "dry-run", NULL, "say what would be done, change "
		"nothing"},
	{OPTION_INFO, "info", NULL, "show servers and folders, synchronise "
		"nothing"},
	{'1', NULL, NULL, "one account at a time, one connection each"},
	{'P', NULL, "DIR", "write a profile of each account to DIR; "
		"implies -1"},
	{'a', NULL, "ACCOUNT[,ACCOUNT...]", "these accounts instead of the "
		"configured ones"},
	{'c', NULL, "FILE", "the configuration file"},
	{'d', NULL, "TYPE[,TYPE...]", "debug messages: imap, maildir, thread, "
		"all"},
	{'f', NULL, "FOLDER[,FOLDER...]", "only these remote folders"},
	{'k', NULL, "[SECTION:]OPTION=VALUE", "override one option"},
	{'l', NULL, "FILE", "log to FILE as well"},
	{'o', NULL, NULL, "run once, whatever autorefresh says"},
	{'q', NULL, NULL, "skip folders whose message counts stand"},
	{'s', NULL, NULL, "log to syslog as well"},
	{'u', NULL, "INTERFACE",
		"curses ttyui basic quiet syslog machineui json"},
	{OPTION_DELETE_FOLDER, "delete-folder", "FOLDER", "delete this folder "
		"on the server of the one account"},
	{OPTION_MIGRATE, "migrate-fmd5-using-nametrans", NULL, "rename files "
		"with the FMD5= of untranslated names"},
	{OPTION_PRUNE, "mbnames-prune", NULL, "take accounts that are gone "
		"out of the mailbox list"},
	{OPTION_IGNORE_KEYRING, "ignore-keyring", NULL, "read no password from "
		"the system's keyring"},
	{OPTION_UPDATE_KEYRING, "update-keyring", NULL, "store passwords that "
		"were accepted in the keyring"},
	{OPTION_APPROVE, "approve-deletions", "ACCOUNT[:FOLDER]", "do the "
		"deletions that are held there"},
};

static const struct {
	const char *name;
	unsigned bits;
} debug_types[] = {
	{"imap", 1u << AREA_IMAP},
	{"maildir", 1u << AREA_MAILDIR},
	{"thread", 1u << AREA_THREAD},
	{"all", 1u << AREA_IMAP | 1u << AREA_MAILDIR | 1u << AREA_THREAD},
};

static void list_end(struct vec *list)
{
	*(const char **)vec_add(list) = NULL;
}

/* The pieces between commas; leading blanks of each are dropped, as
 * OfflineIMAP does with account names, when strip. */
static void list_split(struct vec *list, const char *text, bool strip)
{
	vec_clear_pointers(list);
	for (;;) {
		size_t len;

		while (strip && ascii_is_space(*text))
			text++;
		len = strcspn(text, ",");
		*(char **)vec_add(list) = mem_strndup(text, len);
		if (text[len] == '\0')
			break;
		text += len + 1;
	}
}

/* With several threads their lines would mix: only who debugs threads wants
 * that (compat 1.8). */
static bool parse_debug(const char *text, struct run_options *run,
	struct error *err)
{
	struct vec types = VEC(char *);
	bool good = true, threads = false;

	run->debug |= 1u << AREA_GENERAL;
	list_split(&types, text, true);
	for (size_t i = 0; good && i < types.len; i++) {
		const char *name = *(char **)vec_at(&types, i);
		unsigned bits = 0;

		for (size_t t = 0; t < ARRAY_LEN(debug_types); t++)
			if (ascii_casecmp(name, debug_types[t].name) == 0)
				bits = debug_types[t].bits;
		threads = threads || ascii_casecmp(name, "thread") == 0;
		run->debug |= bits;
		if (bits == 0)
			good = error_set(err, ERROR_FATAL, ERROR_CONFIG,
				"-d: '%s' is no debug type; there are: imap, "
				"maildir, thread, all", name);
	}
	run->single_thread = run->single_thread || !threads;
	vec_clear_pointers(&types);
	return good;
}

static void ask_for(struct args *out, enum run_mode mode)
{
	if (mode > out->run.mode)
		out->run.mode = mode;
}

/* Options that are something else to do than to synchronise. */
static void apply_mode(struct args *out, int code, const char *value)
{
	switch (code) {
	case OPTION_INFO:
		ask_for(out, RUN_INFO);
		break;
	case OPTION_MIGRATE:
		ask_for(out, RUN_MIGRATE);
		break;
	case OPTION_PRUNE:
		ask_for(out, RUN_PRUNE);
		break;
	case OPTION_DELETE_FOLDER:
		ask_for(out, RUN_DELETE_FOLDER);
		out->run.folder = value;
		break;
	}
}

/* Options that are a flag or one text. */
static void apply_simple(struct args *out, int code, const char *value)
{
	switch (code) {
	case 'h':
		out->action = ARGS_HELP;
		break;
	case OPTION_VERSION:
		out->action = ARGS_VERSION;
		break;
	case 'V':
		out->action = ARGS_LONG_VERSION;
		break;
	case OPTION_DRY_RUN:
		out->run.dry_run = true;
		break;
	case '1':
		out->run.single_thread = true;
		break;
	case 'P':
		out->profile_dir = value;
		out->run.single_thread = true;
		break;
	case OPTION_IGNORE_KEYRING:
		out->run.ignore_keyring = true;
		break;
	case OPTION_UPDATE_KEYRING:
		out->run.update_keyring = true;
		break;
	case 'c':
		out->config = value;
		break;
	case 'l':
		out->log_file = value;
		break;
	case 'o':
		out->run.once = true;
		break;
	case 'q':
		out->run.quick = true;
		break;
	case 's':
		out->log_syslog = true;
		break;
	case 'u':
		out->ui = value;
		break;
	}
}

static bool apply(struct args *out, int code, const char *value,
	struct error *err)
{
	switch (code) {
	case 'a':
		list_split(&out->accounts, value, true);
		return true;
	case 'f':
		list_split(&out->folders, value, false);
		return true;
	case 'd':
		return parse_debug(value, &out->run, err);
	case 'k':
		*(char **)vec_add(&out->overrides) = mem_strdup(value);
		return true;
	case OPTION_APPROVE:
		*(char **)vec_add(&out->approved) = mem_strdup(value);
		return true;
	}
	apply_mode(out, code, value);
	apply_simple(out, code, value);
	return true;
}

/* The table in getopt's forms: ":1a:c:..." and the long options. */
static void make_getopt(struct str *letters, struct option *longs)
{
	size_t n = 0;

	str_set(letters, ":");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int has_arg = rows[i].metavar != NULL ? required_argument :
			no_argument;

		if (rows[i].code < 256)
			str_printf(letters, "%c%s", rows[i].code,
				has_arg == required_argument ? ":" : "");
		if (rows[i].name != NULL)
			longs[n++] = (struct option){.name = rows[i].name,
				.has_arg = has_arg, .val = rows[i].code};
	}
	longs[n] = (struct option){0};
}

/* In a bundle of letters the one that is meant is named, not the bundle. */
static bool refuse(const char *argument, int code, struct error *err)
{
	char letter[] = {'-', (char)optopt, '\0'};
	bool is_letter = optopt > ' ' && optopt < 0x7f &&
		(argument[0] != '-' || argument[1] != '-');

	return error_set(err, ERROR_FATAL, ERROR_CONFIG, code == ':' ?
		"option %s needs an argument; see --help" :
		"no such option: %s; see --help",
		is_letter ? letter : argument);
}

static bool parse_all(int argc, char **argv, struct args *out,
	struct error *err)
{
	struct option longs[ARRAY_LEN(rows) + 1];
	struct str letters = {0};
	bool good = true;
	int code;

	make_getopt(&letters, longs);
	opterr = 0;
	optind = 1;
	while (good && (code = getopt_long(argc, argv, str_get(&letters), longs,
		NULL)) != -1) {
		if (code == '?' || code == ':')
			good = refuse(argv[optind - 1], code, err);
		else
			good = apply(out, code, optarg, err);
	}
	str_clear(&letters);
	return good;
}

static const char *const *list_get(const struct vec *list)
{
	return list->len > 1 ? list->data : NULL;
}

bool args_parse(int argc, char **argv, struct args *out, struct error *err)
{
	*out = (struct args){
		.accounts = VEC(char *), .folders = VEC(char *),
		.overrides = VEC(char *), .approved = VEC(char *),
	};
	for (int i = 0; i < argc; i++)
		str_printf(&out->joined, "%s%s", i == 0 ? "" : " ", argv[i]);
	if (!parse_all(argc, argv, out, err))
		return false;
	list_end(&out->accounts);
	list_end(&out->folders);
	list_end(&out->overrides);
	list_end(&out->approved);
	out->run.accounts = list_get(&out->accounts);
	out->run.folders = list_get(&out->folders);
	out->run.approved = list_get(&out->approved);
	return true;
}

void args_clear(struct args *args)
{
	vec_clear_pointers(&args->accounts);
	vec_clear_pointers(&args->folders);
	vec_clear_pointers(&args->overrides);
	vec_clear_pointers(&args->approved);
	str_clear(&args->joined);
}

void args_help(const char *program, struct str *out)
{
	str_printf(out, "Usage: %s [options]\n\n"
		"Keeps mail in step, both ways, between IMAP accounts and "
		"local Maildirs,\nor between two IMAP accounts."
		"\n\nOptions:\n", program);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str left = {0};
		const char *sep = "";

		if (rows[i].code < 256) {
			str_printf(&left, "-%c", rows[i].code);
			sep = ", ";
		}
		if (rows[i].name != NULL)
			str_printf(&left, "%s--%s", sep, rows[i].name);
		if (rows[i].metavar != NULL)
			str_printf(&left, " %s", rows[i].metavar);
		str_printf(out, "  %-26s%s%s\n", str_get(&left),
			left.len < 26 ? "" : "\n                            ",
			rows[i].help);
		str_clear(&left);
	}
	str_add(out, "\nSee offlineimap(1), offlineimap.conf(5).\n");
}
