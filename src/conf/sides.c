#include "config.h"

#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "conf/ini.h"
#include "conf/load.h"
#include "conf/names.h"
#include "conf/pattern.h"
#include "str.h"

/* ---- repositories ---- */

/* NULL when the name is none of the wanted kind. */
static const char *own_name(const struct ini_section *section,
	enum option_section wanted)
{
	enum option_section kind;
	const char *own;

	if (!names_section(section->name, &kind, &own) || kind != wanted)
		return NULL;
	return own;
}

static size_t count_sections(const struct ini *ini, enum option_section kind)
{
	size_t count = 0;

	for (size_t i = 0; i < ini_section_count(ini); i++)
		if (own_name(ini_section_at(ini, i), kind))
			count++;
	return count;
}

static bool fail_type(const struct load *load,
	const struct ini_section *section, struct error *err)
{
	const struct ini_row *row = ini_find(load->ini, section, "type");

	error_set(err, ERROR_FATAL, ERROR_CONFIG, "'%s': must be one of "
		"Maildir, GmailMaildir, IMAP, Gmail", row ? row->value : "");
	return load_locate(load, section, "type", err);
}

static bool check_tunnels(const struct load *load,
	const struct ini_section *section, const struct conf_repo *repo,
	struct error *err)
{
	if (!repo->preauthtunnel || !repo->transporttunnel)
		return true;
	error_set(err, ERROR_FATAL, ERROR_CONFIG, "there can be a "
		"preauthtunnel or a transporttunnel, not both");
	return load_locate(load, section, "preauthtunnel", err);
}

/* Older ones are broken, and OpenSSL's own settings refuse them. */
static bool check_tls(const struct load *load,
	const struct ini_section *section, const struct conf_repo *repo,
	struct error *err)
{
	enum conf_tls_version version = repo->ssl_version;

	if (version == TLS_VERSION_ANY || version == TLS_VERSION_1_2 ||
		version == TLS_VERSION_SSL23)
		return true;
	if (!repo->ssl && !repo->starttls)
		return true;
	error_set(err, ERROR_FATAL, ERROR_CONFIG, "TLS 1.2 is the least that "
		"is safe: use tls1_2, or leave the option out for the newest "
		"that both sides know");
	return load_locate(load, section, "ssl_version", err);
}

/* Two rules for one thing would leave open which one is meant. */
static bool check_rules(const struct load *load,
	const struct ini_section *section, const struct conf_repo *repo,
	struct error *err)
{
	const char *option = NULL;

	if (repo->folders.text && (repo->folderfilter.text ||
		repo->folderincludes.text))
		option = "folders";
	else if (repo->rename.text && repo->nametrans.text)
		option = "rename";
	if (!option)
		return true;
	error_set(err, ERROR_FATAL, ERROR_CONFIG, "%s", option[0] == 'f' ?
		"stands beside folderfilter or folderincludes; choose one way" :
		"stands beside nametrans; choose one way");
	return load_locate(load, section, option, err);
}

/* The native rules must be readable; they are read again by who uses them.
 * The error has their place already. */
static bool check_patterns(const struct conf_repo *repo, struct error *err)
{
	struct folders_rule *folders = repo->folders.text ?
		folders_rule_new(&repo->folders, err) : NULL;
	struct rename_rule *rename = NULL;
	bool good = folders || !repo->folders.text;

	if (good && repo->rename.text) {
		rename = rename_rule_new(&repo->rename, err);
		good = rename != NULL;
	}
	folders_rule_free(folders);
	rename_rule_free(rename);
	return good || error_raise(err, ERROR_FATAL);
}

static bool fill_repo(struct load *load, const struct ini_section *section,
	struct conf_repo *repo, struct error *err)
{
	unsigned repos = names_repos(load->ini, section);

	if (repos == OPTION_ALL && ini_find(load->ini, section, "type"))
		return fail_type(load, section, err);
	if (!load_required(load, section, OPTION_REPOSITORY, repos, err))
		return false;
	repo->name = arena_strdup(load->arena,
		own_name(section, OPTION_REPOSITORY));
	repo->filename_use_mail_timestamp =
		load->conf->filename_use_mail_timestamp;
	repo->utime_from_header = load->conf->utime_from_header;
	return load_section(load, section, OPTION_REPOSITORY, repos, repo,
		err) && check_tunnels(load, section, repo, err) &&
		check_tls(load, section, repo, err) &&
		check_rules(load, section, repo, err) &&
		check_patterns(repo, err);
}

/* ---- accounts ---- */

static const struct conf_repo *find_repo(const struct conf *conf,
	const char *name)
{
	for (size_t i = 0; i < conf->repo_count; i++)
		if (strcmp(conf->repo[i].name, name) == 0)
			return &conf->repo[i];
	return NULL;
}

static const struct ini_section *repo_section(const struct load *load,
	const char *name)
{
	for (size_t i = 0; i < ini_section_count(load->ini); i++) {
		const struct ini_section *section =
			ini_section_at(load->ini, i);
		const char *own = own_name(section, OPTION_REPOSITORY);

		if (own && strcmp(own, name) == 0)
			return section;
	}
	return NULL;
}

static bool fail_no_repo(const struct load *load, const char *name,
	struct error *err)
{
	struct str list = {0};

	for (size_t i = 0; i < ini_section_count(load->ini); i++) {
		const char *own = own_name(ini_section_at(load->ini, i),
			OPTION_REPOSITORY);

		if (own)
			str_printf(&list, "%s%s", list.len > 0 ? ", " : "",
				own);
	}
	error_set(err, ERROR_FATAL, ERROR_CONFIG,
		"there is no section [Repository %s]; repositories are: %s",
		name, list.len > 0 ? str_get(&list) : "none");
	str_clear(&list);
	return false;
}

static bool check_host(const struct load *load,
	const struct ini_section *section, const struct conf_repo *repo,
	struct error *err)
{
	bool imap = repo->type == CONF_IMAP || repo->type == CONF_GMAIL;

	if (!imap || repo->remotehost || repo->remotehosteval.text ||
		repo->preauthtunnel ||
		repo->transporttunnel)
		return true;
	return load_fail_missing(load, section, "remotehost", err);
}

static bool fail_side(const struct load *load,
	const struct ini_section *section, const char *option,
	const char *why, struct error *err)
{
	error_set(err, ERROR_FATAL, ERROR_CONFIG, "%s", why);
	return load_locate(load, section, option, err);
}

static const struct conf_repo *load_repo(struct load *load,
	const struct ini_section *section, struct error *err)
{
	struct conf *conf = load->conf;
	struct conf_repo *repo = &load->repos[conf->repo_count];

	/* Counted first, so that conf_free wipes it in any case. */
	conf->repo_count++;
	if (fill_repo(load, section, repo, err) &&
		check_host(load, section, repo, err))
		return repo;
	repo->name = "";
	repo->localfolders = NULL;
	return NULL;
}

/* The row of the repository, once for all accounts.  One that fails keeps
 * what is to be wiped, and no name. */
static const struct conf_repo *get_repo(struct load *load,
	const struct ini_section *section, const char *name,
	struct error *err)
{
	const struct conf_repo *known = find_repo(load->conf, name);

	return known ? known : load_repo(load, section, err);
}

/* Only repositories that an account names are read: OfflineIMAP does not look
 * at the others. */
static bool use_side(struct load *load, const struct ini_section *section,
	const char *option, const char *name, const struct conf_repo **out,
	struct error *err)
{
	const struct ini_section *repo = name ? repo_section(load, name) : NULL;

	if (!name)
		return load_fail_missing(load, section, option, err);
	if (!repo)
		return fail_no_repo(load, name, err) ||
			load_locate(load, section, option, err);
	if (!file_name_safe(span_of(name)))
		return fail_side(load, section, option, "the name of a "
			"repository must do as the name of a directory", err);
	*out = get_repo(load, repo, name, err);
	return *out != NULL;
}

static bool check_sides(const struct load *load,
	const struct ini_section *section, const struct conf_account *account,
	struct error *err)
{
	if (account->remote->type != CONF_IMAP &&
		account->remote->type != CONF_GMAIL)
		return fail_side(load, section, "remoterepository",
			"its type must be IMAP or Gmail", err);
	if (account->local == account->remote)
		return fail_side(load, section, "localrepository",
			"is the remote repository as well", err);
	if (account->local->type == CONF_GMAIL)
		return fail_side(load, section, "localrepository",
			"its type must be Maildir, GmailMaildir or IMAP", err);
	return true;
}

/* Each of them says where the list of messages begins, in its own way. */
static bool check_window(const struct load *load,
	const struct ini_section *section, const struct conf_account *account,
	struct error *err)
{
	bool imap = account->local->type == CONF_IMAP ||
		account->local->type == CONF_GMAIL;
	const struct conf_repo *repo = account->local->startdate
		? account->local : account->remote;

	if (account->maxage && imap)
		return fail_side(load, section, "maxage", "is not possible "
			"between two IMAP servers; use startdate", err);
	if ((account->maxage != NULL) + (account->local->startdate != NULL) +
		(account->remote->startdate != NULL) <= 1)
		return true;
	return fail_side(load, repo_section(load, repo->name), "startdate",
		"there can be only one of maxage, startdate of the local and "
		"startdate of the remote repository", err);
}

/* Both would decode the same names. */
static bool check_decoders(const struct load *load,
	const struct ini_section *section, const struct conf_account *account,
	struct error *err)
{
	if (!account->utf8foldernames || !account->remote->decodefoldernames)
		return true;
	return fail_side(load, section, "utf8foldernames", "stands beside "
		"decodefoldernames of the remote repository; choose one way, "
		"best this", err);
}

/* It becomes the name of a directory and of a lock below metadata. */
static bool check_name(const struct load *load,
	const struct ini_section *section, const char *name,
	struct error *err)
{
	if (name[0] != '.' && file_name_safe(span_of(name)))
		return true;
	return error_set(err, ERROR_FATAL, ERROR_CONFIG, "%s:%u: [%s]: the "
		"name of an account must do as the name of a directory: "
		"without \"/\", and not beginning with \".\"",
		ini_path(load->ini), section->line, section->name);
}

static void check_refresh(struct load *load,
	const struct ini_section *section, struct conf_account *account)
{
	if (account->autorefresh_min >= 0)
		return;
	notes_add(&load->notes, "%s:%u: [%s] autorefresh is below 0 and taken "
		"as 0, off", ini_path(load->ini), section->line,
		section->name);
	account->autorefresh_min = 0;
}

/* The maps of a server that is the local side are its repository's: they tell
 * of one remote server and no other (compat 3.1). */
static bool check_shared(const struct load *load,
	const struct ini_section *section, const struct conf_account *account,
	struct error *err)
{
	const struct conf *conf = load->conf;

	for (size_t i = 0; i < conf->account_count; i++) {
		const struct conf_account *other = &conf->account[i];

		if (other->local != account->local ||
			account->local->type != CONF_IMAP)
			continue;
		error_set(err, ERROR_FATAL, ERROR_CONFIG, "account %s has it "
			"too; an IMAP repository can be the local side of one "
			"account only, since its UID maps are kept by its "
			"name: write a second [Repository] section for the "
			"same server", other->name);
		return load_locate(load, section, "localrepository", err);
	}
	return true;
}

static bool load_account(struct load *load, const struct ini_section *section,
	const char *name, struct conf_account *out, struct error *err)
{
	struct option_account raw = {0};

	if (!check_name(load, section, name, err) ||
		!load_required(load, section, OPTION_ACCOUNT, 0, err) ||
		!load_section(load, section, OPTION_ACCOUNT, 0, &raw, err) ||
		!use_side(load, section, "localrepository",
			raw.localrepository, &raw.account.local, err) ||
		!use_side(load, section, "remoterepository",
			raw.remoterepository, &raw.account.remote, err))
		return false;
	raw.account.name = arena_strdup(load->arena, name);
	check_refresh(load, section, &raw.account);
	*out = raw.account;
	return check_sides(load, section, out, err) &&
		check_shared(load, section, out, err) &&
		check_decoders(load, section, out, err) &&
		check_window(load, section, out, err);
}

static void leave_out(struct load *load, struct conf_broken *broken,
	const char *name, const struct error *err)
{
	notes_add(&load->notes, "%s; account %s cannot be used", err->text,
		name);
	broken->name = arena_strdup(load->arena, name);
	broken->why = arena_strdup(load->arena, err->text);
	load->conf->broken_count++;
}

void load_sides(struct load *load)
{
	struct conf *conf = load->conf;
	size_t max = count_sections(load->ini, OPTION_ACCOUNT);
	struct conf_account *accounts = arena_alloc(load->arena,
		(max + 1) * sizeof(*accounts));
	struct conf_broken *broken = arena_alloc(load->arena,
		(max + 1) * sizeof(*broken));

	conf->account = accounts;
	conf->broken = broken;
	load->repos = arena_alloc(load->arena, (2 * max + 1) *
		sizeof(*load->repos));
	conf->repo = load->repos;
	for (size_t i = 0; i < ini_section_count(load->ini); i++) {
		const struct ini_section *section =
			ini_section_at(load->ini, i);
		const char *name = own_name(section, OPTION_ACCOUNT);
		struct error err = {0};

		if (!name)
			continue;
		if (load_account(load, section, name,
			&accounts[conf->account_count], &err))
			conf->account_count++;
		else
			leave_out(load, &broken[conf->broken_count], name,
				&err);
	}
}
