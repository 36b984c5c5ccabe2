#include "config.h"

#include <assert.h>
#include <string.h>

#include "conf/option.h"
#include "str.h"


#define GENERAL(field) .section = OPTION_GENERAL, \
	.offset = offsetof(struct conf, field)
#define ACCOUNT(field) .section = OPTION_ACCOUNT, \
	.offset = offsetof(struct option_account, field)
#define MBNAMES(field) .section = OPTION_MBNAMES, \
	.offset = offsetof(struct conf, mbnames.field)
#define REPO(types, field) .section = OPTION_REPOSITORY, .repos = (types), \
	.offset = offsetof(struct conf_repo, field)
/* Rows that fill nothing. */
#define IN_GENERAL .section = OPTION_GENERAL
#define IN_ACCOUNT .section = OPTION_ACCOUNT
#define IN_REPO(types) .section = OPTION_REPOSITORY, .repos = (types)
#define NO_EFFECT .support = OPTION_NO_EFFECT
#define DEPENDENT .support = OPTION_DEPENDENT

/* In the order of enum conf_type. */
static const char *const types[] = {
	"Maildir", "GmailMaildir", "IMAP", "Gmail", NULL};
static const char *const mechanisms[] = {
	"GSSAPI", "XOAUTH2", "CRAM-MD5", "PLAIN", "LOGIN", NULL};
/* In the order of enum conf_tls_level. */
static const char *const tls_levels[] = {
	"tls_compat", "tls_no_ssl", "tls_secure", NULL};
/* In the order of enum conf_tls_version. */
static const char *const tls_versions[] = {
	"auto", "tls1_2", "tls1_1", "tls1", "ssl23", "ssl3", NULL};
static const char *const backends[] = {"sqlite", "plain", NULL};
static const char *const sqlite_only[] = {"sqlite", NULL};

static const struct option options[] = {
	/* ---- [general] ---- */
	{"metadata", GENERAL(metadata), .type = OPTION_PATH,
		.initial = "~/.offlineimap",
		.help = "The directory for state, locks and caches."},
	{"accounts", GENERAL(accounts), .type = OPTION_LIST, .required = true,
		.help = "The accounts to synchronise, in this order."},
	{"maxsyncaccounts", GENERAL(maxsyncaccounts), .type = OPTION_INT,
		.initial = "1", .min = 1, .max = 1000, .mercy = OPTION_NEAREST,
		.help = "How many accounts are synchronised at the same time."},
	{"ui", GENERAL(ui), .type = OPTION_STRING,
		.help = "The front end."},
	{"socktimeout", GENERAL(socktimeout_s), .type = OPTION_INT,
		.initial = "0", .min = 0, .max = 86400,
		.mercy = OPTION_NEAREST,
		.help = "Seconds of silence after which a connection is given "
			"up; 0 for the program's own choice."},
	{"fsync", GENERAL(fsync), .type = OPTION_BOOL, .initial = "yes",
		.help = "Whether messages are flushed to the disk before they "
			"count as stored."},
	{"ignore-readonly", GENERAL(ignore_readonly), .type = OPTION_BOOL,
		.mercy = OPTION_LENIENT,
		.help = "Whether warnings about read-only folders are left "
			"out."},
	{"pythonfile", GENERAL(pythonfile), .type = OPTION_PATH,
		.help = "A file of Python definitions for expressions."},
	{"filename_use_mail_timestamp", GENERAL(filename_use_mail_timestamp),
		.type = OPTION_BOOL,
		.help = "The default of the repositories' option."},
	{"utime_from_header", GENERAL(utime_from_header), .type = OPTION_BOOL,
		.help = "The default of the repositories' option."},
	{"dry-run", GENERAL(dry_run), .type = OPTION_BOOL,
		.help = "Whether only to show what would be done."},
	{"ignore-keyring", GENERAL(ignore_keyring), .type = OPTION_BOOL,
		.help = "Whether the system's keyring is left alone."},
	{"update-keyring", GENERAL(update_keyring), .type = OPTION_BOOL,
		.help = "Whether passwords are stored in the system's "
			"keyring."},

	/* ---- [mbnames] ---- */
	{"enabled", MBNAMES(enabled), .type = OPTION_BOOL,
		.help = "Whether a list of all folders is written."},
	{"filename", MBNAMES(filename), .type = OPTION_PATH, .required = true,
		.help = "The file that the list is written to."},
	{"header", MBNAMES(header), .type = OPTION_RULE, .required = true,
		.help = "The text before the list."},
	{"peritem", MBNAMES(peritem), .type = OPTION_RAW, .required = true,
		.help = "The text for one folder."},
	{"sep", MBNAMES(sep), .type = OPTION_RULE, .required = true,
		.help = "The text between two folders."},
	{"footer", MBNAMES(footer), .type = OPTION_RULE, .required = true,
		.help = "The text after the list."},
	{"incremental", MBNAMES(incremental), .type = OPTION_BOOL,
		.help = "Whether the list is written after each account."},
	{"folderfilter", MBNAMES(folderfilter), .type = OPTION_RULE,
		.help = "Which folders are listed."},
	{"sort_keyfunc", MBNAMES(sort_keyfunc), .type = OPTION_RULE,
		.help = "The order of the list."},

	/* ---- [Account X] ---- */
	{"localrepository", ACCOUNT(localrepository), .type = OPTION_STRING,
		.required = true,
		.help = "The name of the local repository's section."},
	{"remoterepository", ACCOUNT(remoterepository), .type = OPTION_STRING,
		.required = true,
		.help = "The name of the remote repository's section."},
	{"autorefresh", ACCOUNT(account.autorefresh_min), .type = OPTION_FLOAT,
		.initial = "0",
		.help = "Minutes between two synchronisations; 0 for just "
			"one."},
	{"quick", ACCOUNT(account.quick), .type = OPTION_INT, .initial = "0",
		.min = INT32_MIN, .max = INT32_MAX, .mercy = OPTION_NEAREST,
		.help = "How many quick synchronisations follow a full one; "
			"below 0 all are quick."},
	{"utf8foldernames", ACCOUNT(account.utf8foldernames),
		.type = OPTION_BOOL, .initial = "no",
		.help = "Whether local folder names are UTF-8."},
	{"presynchook", ACCOUNT(account.presynchook), .type = OPTION_SHELL,
		.initial = "",
		.help = "A command run before each synchronisation."},
	{"postsynchook", ACCOUNT(account.postsynchook), .type = OPTION_SHELL,
		.initial = "",
		.help = "A command run after each synchronisation."},
	{"maxsize", ACCOUNT(account.maxsize),
		.type = OPTION_INT, .max = INT64_MAX,
		.help = "The largest message copied, in bytes."},
	{"maxage", ACCOUNT(account.maxage), .type = OPTION_AGE,
		.help = "The oldest message synchronised."},
	{"maildir-windows-compatible",
		ACCOUNT(account.maildir_windows_compatible),
		.type = OPTION_BOOL,
		.help = "Whether file names have \"!\" in place of \":\"."},
	{"synclabels", IN_ACCOUNT, .type = OPTION_BOOL, NO_EFFECT,
		.help = "Whether Gmail's labels are synchronised."},
	{"labelsheader", IN_ACCOUNT, .type = OPTION_STRING, DEPENDENT,
		.help = "The header that holds Gmail's labels."},
	{"ignorelabels", IN_ACCOUNT, .type = OPTION_LIST, DEPENDENT,
		.help = "Labels that are left alone."},
	{"filterheaders", ACCOUNT(account.filterheaders), .type = OPTION_LIST,
		.help = "Headers removed before a message is uploaded."},
	{"proxy", ACCOUNT(account.proxy), .type = OPTION_PROXY,
		.help = "The proxy for connections."},
	{"authproxy", ACCOUNT(account.authproxy), .type = OPTION_PROXY,
		.help = "The proxy for OAuth2 requests."},
	{"status_backend", IN_ACCOUNT, .type = OPTION_ENUM, .choices = backends,
		.off = sqlite_only,
		NO_EFFECT,
		.help = "How state is kept."},
	{"skipsleep", IN_ACCOUNT, .type = OPTION_BOOL, NO_EFFECT,
		.help = "Internal to OfflineIMAP."},

	/* ---- [Repository X], all types ---- */
	{"type", REPO(OPTION_ALL, type), .type = OPTION_ENUM, .required = true,
		.choices = types,
		.help = "What kind of store this is."},
	{"readonly", REPO(OPTION_ALL, readonly), .type = OPTION_BOOL,
		.initial = "no",
		.help = "Whether nothing is ever changed in this repository."},
	{"createfolders", REPO(OPTION_ALL, createfolders), .type = OPTION_BOOL,
		.initial = "yes",
		.help = "Whether folders may be created in this repository."},
	{"sync_deletes", REPO(OPTION_ALL, sync_deletes), .type = OPTION_BOOL,
		.initial = "yes",
		.help = "Whether messages deleted in this repository are "
			"deleted on the other side."},
	{"nametrans", REPO(OPTION_ALL, nametrans), .type = OPTION_RULE,
		.help = "How folder names are translated."},
	{"folderfilter", REPO(OPTION_ALL, folderfilter), .type = OPTION_RULE,
		.help = "Which folders are synchronised."},
	{"folderincludes", REPO(OPTION_ALL, folderincludes),
		.type = OPTION_RULE,
		.help = "Folders synchronised in addition."},
	{"dynamic_folderfilter", REPO(OPTION_ALL, dynamic_folderfilter),
		.type = OPTION_BOOL,
		.help = "Whether the filter is asked again each time."},
	{"foldersort", REPO(OPTION_ALL, foldersort), .type = OPTION_RULE,
		.mercy = OPTION_LENIENT,
		.help = "The order of folders."},
	{"folders", REPO(OPTION_ALL, folders), .type = OPTION_RULE,
		.help = "Which folders are synchronised, as patterns."},
	{"rename", REPO(OPTION_ALL, rename), .type = OPTION_RULE,
		.help = "How folder names are translated, as s,FROM,TO, "
			"commands."},
	{"startdate", REPO(OPTION_ALL, startdate), .type = OPTION_DATE,
		.help = "The date of the oldest message synchronised."},

	/* ---- Maildir, GmailMaildir ---- */
	{"localfolders", REPO(OPTION_MAILDIRS, localfolders),
		.type = OPTION_PATH, .required = true,
		.help = "The directory that holds the folders."},
	{"sep", REPO(OPTION_MAILDIRS, sep), .type = OPTION_BYTE, .initial = ".",
		.help = "What separates the levels of folder names."},
	{"restoreatime", REPO(OPTION_MAILDIRS, restoreatime),
		.type = OPTION_BOOL,
		.help = "Whether access times are put back."},
	{"filename_use_mail_timestamp",
		REPO(OPTION_MAILDIRS, filename_use_mail_timestamp),
		.type = OPTION_BOOL,
		.help = "Whether file names begin with the message's date."},
	{"utime_from_header", REPO(OPTION_MAILDIRS, utime_from_header),
		.type = OPTION_BOOL,
		.help = "Whether files get the message's date."},
	{"customflag_a", REPO(OPTION_MAILDIRS, customflag),
		.type = OPTION_STRING,
		.series = true,
		.help = "The IMAP keyword that this letter stands for."},

	/* ---- IMAP, Gmail ---- */
	{"remotehost", REPO(OPTION_IMAPS, remotehost), .type = OPTION_STRING,
		.help = "The server's name or address."},
	{"remotehosteval", REPO(OPTION_IMAPS, remotehosteval),
		.type = OPTION_RULE,
		.help = "The same as an expression."},
	{"remoteport", REPO(OPTION_IMAPS, remoteport), .type = OPTION_INT,
		.min = 1, .max = 65535,
		.help = "The server's port; 993 with ssl, else 143."},
	{"remoteporteval", REPO(OPTION_IMAPS, remoteporteval),
		.type = OPTION_RULE,
		.help = "The same as an expression."},
	{"remoteuser", REPO(OPTION_IMAPS, remoteuser), .type = OPTION_STRING,
		.help = "The user to log in as."},
	{"remoteusereval", REPO(OPTION_IMAPS, remoteusereval),
		.type = OPTION_RULE,
		.help = "The same as an expression."},
	{"remotepass", REPO(OPTION_IMAPS, remotepass), .type = OPTION_SECRET,
		.help = "The password."},
	{"remotepassfile", REPO(OPTION_IMAPS, remotepassfile),
		.type = OPTION_PATH_HOME,
		.help = "A file whose first line is the password."},
	{"remotepasseval", REPO(OPTION_IMAPS, remotepasseval),
		.type = OPTION_RULE,
		.help = "The password as an expression."},
	{"remote_identity", REPO(OPTION_IMAPS, remote_identity),
		.type = OPTION_STRING,
		.help = "The identity to act as, when it is not the user."},
	{"auth_mechanisms", REPO(OPTION_IMAPS, auth_mechanisms),
		.type = OPTION_MECHANISMS, .choices = mechanisms,
		.initial = "GSSAPI, XOAUTH2, CRAM-MD5, PLAIN, LOGIN",
		.help = "Ways to log in, in the order they are tried."},
	{"ssl", REPO(OPTION_IMAPS, ssl), .type = OPTION_BOOL, .initial = "yes",
		.help = "Whether the connection begins with TLS."},
	{"starttls", REPO(OPTION_IMAPS, starttls), .type = OPTION_BOOL,
		.initial = "yes",
		.help = "Whether a connection without ssl must be changed to "
			"TLS."},
	{"sslcacertfile", REPO(OPTION_IMAPS, sslcacertfile),
		.type = OPTION_CA_FILE,
		.help = "The certificates to trust; OS-DEFAULT for the "
			"system's."},
	{"cert_fingerprint", REPO(OPTION_IMAPS, cert_fingerprint),
		.type = OPTION_FINGERPRINTS,
		.help = "Digests of the server's certificate, one of which "
			"must be right."},
	{"sslclientcert", REPO(OPTION_IMAPS, sslclientcert),
		.type = OPTION_PATH_ABSOLUTE,
		.help = "The client's certificate."},
	{"sslclientkey", REPO(OPTION_IMAPS, sslclientkey),
		.type = OPTION_PATH_ABSOLUTE,
		.help = "The client's private key."},
	{"ssl_version", REPO(OPTION_IMAPS, ssl_version), .type = OPTION_ENUM,
		.choices = tls_versions, .initial = "auto",
		.mercy = OPTION_LENIENT,
		.help = "The version of TLS."},
	{"tls_level", REPO(OPTION_IMAPS, tls_level), .type = OPTION_ENUM,
		.choices = tls_levels, .initial = "tls_compat",
		.mercy = OPTION_LENIENT,
		.help = "Which versions of TLS are allowed."},
	{"ipv6", REPO(OPTION_IMAPS, ipv6), .type = OPTION_TRISTATE,
		.initial = "",
		.help = "Whether to use only IPv6 or only IPv4."},
	{"preauthtunnel", REPO(1U << CONF_IMAP, preauthtunnel),
		.type = OPTION_SHELL,
		.help = "A command that speaks IMAP, logged in already."},
	{"preauthtunnel", IN_REPO(1U << CONF_GMAIL), .type = OPTION_SHELL,
		NO_EFFECT,
		.help = "The same; not used for Gmail."},
	{"transporttunnel", REPO(OPTION_IMAPS, transporttunnel),
		.type = OPTION_SHELL,
		.help = "A command that connects to the server."},
	{"reference", REPO(OPTION_IMAPS, reference), .type = OPTION_STRING,
		.initial = "",
		.help = "Where on the server the folders are."},
	{"subscribedonly", REPO(OPTION_IMAPS, subscribedonly),
		.type = OPTION_BOOL, .initial = "no",
		.help = "Whether only subscribed folders are synchronised."},
	{"maxconnections", REPO(OPTION_IMAPS, maxconnections),
		.type = OPTION_INT, .initial = "1", .min = 1, .max = 100,
		.mercy = OPTION_NEAREST,
		.help = "How many connections are open at the same time."},
	{"expunge", REPO(OPTION_IMAPS, expunge), .type = OPTION_BOOL,
		.initial = "yes",
		.help = "Whether deleted messages are expunged."},
	{"oauth2_client_id", REPO(OPTION_IMAPS, oauth2_client_id),
		.type = OPTION_STRING,
		.help = "OAuth2 client."},
	{"oauth2_client_id_eval", REPO(OPTION_IMAPS, oauth2_client_id_eval),
		.type = OPTION_RULE,
		.help = "The same as an expression."},
	{"oauth2_client_secret", REPO(OPTION_IMAPS, oauth2_client_secret),
		.type = OPTION_SECRET,
		.help = "OAuth2 client's secret."},
	{"oauth2_client_secret_eval",
		REPO(OPTION_IMAPS, oauth2_client_secret_eval),
		.type = OPTION_RULE,
		.help = "The same as an expression."},
	{"oauth2_request_url", REPO(OPTION_IMAPS, oauth2_request_url),
		.type = OPTION_STRING,
		.help = "Where tokens are asked for."},
	{"oauth2_refresh_token", REPO(OPTION_IMAPS, oauth2_refresh_token),
		.type = OPTION_SECRET,
		.help = "OAuth2 refresh token."},
	{"oauth2_refresh_token_eval",
		REPO(OPTION_IMAPS, oauth2_refresh_token_eval),
		.type = OPTION_RULE,
		.help = "The same as an expression."},
	{"oauth2_access_token", REPO(OPTION_IMAPS, oauth2_access_token),
		.type = OPTION_SECRET,
		.help = "OAuth2 access token."},
	{"oauth2_access_token_eval",
		REPO(OPTION_IMAPS, oauth2_access_token_eval),
		.type = OPTION_RULE,
		.help = "The same as an expression."},
	{"decodefoldernames", REPO(OPTION_IMAPS, decodefoldernames),
		.type = OPTION_BOOL,
		.help = "Whether folder names are decoded; use "
			"utf8foldernames."},
	{"idlefolders", REPO(OPTION_IMAPS, idlefolders), .type = OPTION_RULE,
		.help = "Folders watched for new mail."},
	{"newmail_hook", REPO(OPTION_IMAPS, newmail_hook), .type = OPTION_RULE,
		.mercy = OPTION_LENIENT,
		.help = "What is called for new mail."},
	{"copy_ignore_eval", REPO(OPTION_IMAPS, copy_ignore_eval),
		.type = OPTION_RULE,
		.help = "Messages that are not copied."},
	{"singlethreadperfolder", REPO(OPTION_IMAPS, singlethreadperfolder),
		.type = OPTION_BOOL,
		.help = "Whether a folder's messages are copied in turn."},
	{"holdconnectionopen", REPO(OPTION_IMAPS, holdconnectionopen),
		.type = OPTION_BOOL,
		.help = "Whether connections stay open between two "
			"synchronisations."},
	{"keepalive", REPO(OPTION_IMAPS, keepalive_s), .type = OPTION_INT,
		.max = 86400, .mercy = OPTION_LENIENT,
		.help = "Seconds between two signs of life."},
	{"usecompression", REPO(OPTION_IMAPS, usecompression),
		.type = OPTION_BOOL,
		.help = "Whether the connection is compressed."},
	{"allow_nonstandard_capabilities", IN_REPO(OPTION_IMAPS),
		.type = OPTION_BOOL, NO_EFFECT,
		.help = "Whether unusual capabilities are used."},
	{"retrycount", REPO(OPTION_IMAPS, retrycount), .type = OPTION_INT,
		.initial = "2", .min = 0, .max = 100, .mercy = OPTION_NEAREST,
		.help = "How often a message is fetched again."},
	{"sep", IN_REPO(OPTION_IMAPS), .type = OPTION_STRING, NO_EFFECT,
		.help = "The server says what separates levels."},
	{"trashfolder", IN_REPO(1U << CONF_GMAIL), .type = OPTION_STRING,
		NO_EFFECT, .help = "Read by nothing in OfflineIMAP either."},
	{"spamfolder", IN_REPO(1U << CONF_GMAIL), .type = OPTION_STRING,
		NO_EFFECT, .help = "Read by nothing in OfflineIMAP either."},
};

size_t option_count(void)
{
	return ARRAY_LEN(options);
}

const struct option *option_at(size_t index)
{
	assert(index < ARRAY_LEN(options));
	return &options[index];
}

static bool name_is(const struct option *option, const char *name)
{
	size_t stem = strlen(option->name) - 1;

	if (!option->series)
		return strcmp(option->name, name) == 0;
	return strlen(name) == stem + 1 &&
		strncmp(option->name, name, stem) == 0 &&
		name[stem] >= 'a' && name[stem] <= 'z';
}

const struct option *option_find(enum option_section section, unsigned repos,
	const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		const struct option *option = &options[i];

		if (option->section != section || !name_is(option, name))
			continue;
		if (section != OPTION_REPOSITORY || option->repos & repos)
			return option;
	}
	return NULL;
}

const struct option *option_find_anywhere(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (name_is(&options[i], name))
			return &options[i];
	return NULL;
}

const char *option_initial(const struct option *option, unsigned repos)
{
	static const struct {
		size_t offset;
		const char *initial;
	} gmail[] = {
		{offsetof(struct conf_repo, remotehost), "imap.gmail.com"},
		{offsetof(struct conf_repo, oauth2_request_url),
			"https://accounts.google.com/o/oauth2/token"},
	};

	if (repos != 1U << CONF_GMAIL ||
		option->section != OPTION_REPOSITORY)
		return option->initial;
	for (size_t i = 0; i < ARRAY_LEN(gmail); i++)
		if (option->offset == gmail[i].offset)
			return gmail[i].initial;
	return option->initial;
}

const char *option_section_title(enum option_section section)
{
	static const char *const titles[] = {
		[OPTION_GENERAL] = "[general]",
		[OPTION_MBNAMES] = "[mbnames]",
		[OPTION_ACCOUNT] = "[Account X]",
		[OPTION_REPOSITORY] = "[Repository X]",
	};

	return titles[section];
}

#define DISTANCE_MAX 64

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Levenshtein's, with two neighbours that changed places as one slip. */
size_t option_distance(const char *a, const char *b)
{
	size_t cost[DISTANCE_MAX + 1][DISTANCE_MAX + 1];
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len > DISTANCE_MAX || b_len > DISTANCE_MAX)
		return SIZE_MAX;
	for (size_t i = 0; i <= a_len; i++)
		cost[i][0] = i;
	for (size_t j = 0; j <= b_len; j++)
		cost[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		for (size_t j = 1; j <= b_len; j++) {
			bool swapped = i > 1 && j > 1 &&
				a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];

			cost[i][j] = min3(cost[i - 1][j] + 1,
				cost[i][j - 1] + 1,
				cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (swapped && cost[i - 2][j - 2] < cost[i][j])
				cost[i][j] = cost[i - 2][j - 2] + 1;
		}
	}
	return cost[a_len][b_len];
}

const struct option *option_nearest(enum option_section section,
	const char *name)
{
	const struct option *best = NULL;
	/* Two slips, but less than half of a short name. */
	size_t limit = strlen(name) < 6 ? 1 : 2, best_cost = SIZE_MAX;

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		size_t distance = option_distance(name, options[i].name);
		size_t cost;

		if (distance > limit)
			continue;
		cost = 2 * distance + (options[i].section != section);
		if (cost < best_cost) {
			best_cost = cost;
			best = &options[i];
		}
	}
	return best;
}
