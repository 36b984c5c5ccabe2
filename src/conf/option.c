#include "config.h"

#include <assert.h>
#include <string.h>

#include "conf/option.h"
#include "str.h"

#define WHY_MAIL "it would synchronise other mail than you asked for"
#define WHY_FOLDERS "it would synchronise other folders than you asked for"
#define WHY_CHANGE "it would write messages otherwise than you asked for"
#define WHY_CONNECT "it would connect otherwise than you asked for"
#define WHY_LOGIN "it could not log in the way you asked for"
#define WHY_NOTICE "it would leave out something that you rely on"
#define WHY_DRY "it would change mail; use --dry-run"
#define WHY_TLS "versions before TLS 1.2 are not safe"

#define GENERAL(field) .section = OPTION_GENERAL, \
	.offset = offsetof(struct conf, field)
#define ACCOUNT(field) .section = OPTION_ACCOUNT, \
	.offset = offsetof(struct option_account, field)
#define REPO(types, field) .section = OPTION_REPOSITORY, .repos = (types), \
	.offset = offsetof(struct conf_repo, field)
/* Rows that fill nothing. */
#define IN_GENERAL .section = OPTION_GENERAL
#define IN_MBNAMES .section = OPTION_MBNAMES, .support = OPTION_DEPENDENT
#define IN_ACCOUNT .section = OPTION_ACCOUNT
#define IN_REPO(types) .section = OPTION_REPOSITORY, .repos = (types)
#define NO_EFFECT .support = OPTION_NO_EFFECT
#define DEPENDENT .support = OPTION_DEPENDENT
#define UNSUPPORTED(reason) .support = OPTION_UNSUPPORTED, .why = (reason)

/* In the order of enum conf_type. */
static const char *const types[] = {
	"Maildir", "GmailMaildir", "IMAP", "Gmail", NULL};
static const char *const mechanisms[] = {
	"GSSAPI", "XOAUTH2", "CRAM-MD5", "PLAIN", "LOGIN", NULL};
static const char *const tls_levels[] = {
	"tls_compat", "tls_no_ssl", "tls_secure", NULL};
static const char *const tls_versions[] = {
	"tls1_2", "tls1_1", "tls1", "ssl23", "ssl3", NULL};
/* ssl23 is OfflineIMAP's word for "whatever both sides can". */
static const char *const tls_good[] = {"tls1_2", "ssl23", NULL};
static const char *const backends[] = {"sqlite", "plain", NULL};
static const char *const sqlite_only[] = {"sqlite", NULL};
static const char *const empty_list[] = {"[]", NULL};
/* The sample configuration of OfflineIMAP writes it so. */
static const char *const quotes_only[] = {"''", NULL};

static const struct option options[] = {
	/* ---- [general] ---- */
	{"metadata", GENERAL(metadata), .type = OPTION_PATH,
		.initial = "~/.offlineimap",
		.help = "The directory for state, locks and caches."},
	{"accounts", GENERAL(accounts), .type = OPTION_LIST, .required = true,
		.help = "The accounts to synchronise, in this order."},
	{"maxsyncaccounts", GENERAL(maxsyncaccounts), .type = OPTION_INT,
		.initial = "1", .min = 1, .max = 1000,
		.help = "How many accounts are synchronised at the same time."},
	{"ui", GENERAL(ui), .type = OPTION_STRING,
		.help = "The front end."},
	{"socktimeout", GENERAL(socktimeout_s), .type = OPTION_INT,
		.initial = "0", .min = 0, .max = 86400,
		.help = "Seconds of silence after which a connection is given "
			"up; 0 for the program's own choice."},
	{"fsync", GENERAL(fsync), .type = OPTION_BOOL, .initial = "yes",
		.help = "Whether messages are flushed to the disk before they "
			"count as stored."},
	{"ignore-readonly", IN_GENERAL, .type = OPTION_BOOL, NO_EFFECT,
		.help = "Whether warnings about read-only folders are left "
			"out."},
	{"pythonfile", IN_GENERAL, .type = OPTION_PATH, NO_EFFECT,
		.help = "A file of Python definitions for expressions."},
	{"filename_use_mail_timestamp", IN_GENERAL, .type = OPTION_BOOL,
		UNSUPPORTED(WHY_CHANGE),
		.help = "The default of the repositories' option."},
	{"utime_from_header", IN_GENERAL, .type = OPTION_BOOL,
		UNSUPPORTED(WHY_CHANGE),
		.help = "The default of the repositories' option."},
	{"dry-run", IN_GENERAL, .type = OPTION_BOOL, UNSUPPORTED(WHY_DRY),
		.help = "Whether only to show what would be done."},
	{"ignore-keyring", IN_GENERAL, .type = OPTION_BOOL, NO_EFFECT,
		.help = "Whether the system's keyring is left alone."},
	{"update-keyring", IN_GENERAL, .type = OPTION_BOOL, NO_EFFECT,
		.help = "Whether passwords are stored in the system's "
			"keyring."},

	/* ---- [mbnames] ---- */
	{"enabled", .section = OPTION_MBNAMES, .type = OPTION_BOOL,
		UNSUPPORTED(WHY_NOTICE),
		.help = "Whether a list of all folders is written."},
	{"filename", IN_MBNAMES, .type = OPTION_PATH,
		.help = "The file that the list is written to."},
	{"header", IN_MBNAMES, .type = OPTION_PYTHON,
		.help = "The text before the list."},
	{"peritem", IN_MBNAMES, .type = OPTION_STRING,
		.help = "The text for one folder."},
	{"sep", IN_MBNAMES, .type = OPTION_PYTHON,
		.help = "The text between two folders."},
	{"footer", IN_MBNAMES, .type = OPTION_PYTHON,
		.help = "The text after the list."},
	{"incremental", IN_MBNAMES, .type = OPTION_BOOL,
		.help = "Whether the list is written after each account."},
	{"folderfilter", IN_MBNAMES, .type = OPTION_PYTHON,
		.help = "Which folders are listed."},
	{"sort_keyfunc", IN_MBNAMES, .type = OPTION_PYTHON,
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
		.min = INT32_MIN, .max = INT32_MAX,
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
	{"maxsize", IN_ACCOUNT, .type = OPTION_STRING, UNSUPPORTED(WHY_MAIL),
		.help = "The largest message copied, in bytes."},
	{"maxage", IN_ACCOUNT, .type = OPTION_STRING, UNSUPPORTED(WHY_MAIL),
		.help = "The oldest message synchronised."},
	{"maildir-windows-compatible", IN_ACCOUNT, .type = OPTION_BOOL,
		UNSUPPORTED(WHY_CHANGE),
		.help = "Whether file names have \"!\" in place of \":\"."},
	{"synclabels", IN_ACCOUNT, .type = OPTION_BOOL, UNSUPPORTED(WHY_CHANGE),
		.help = "Whether Gmail's labels are synchronised."},
	{"labelsheader", IN_ACCOUNT, .type = OPTION_STRING, DEPENDENT,
		.help = "The header that holds Gmail's labels."},
	{"ignorelabels", IN_ACCOUNT, .type = OPTION_LIST, DEPENDENT,
		.help = "Labels that are left alone."},
	{"filterheaders", IN_ACCOUNT, .type = OPTION_LIST,
		UNSUPPORTED(WHY_CHANGE),
		.help = "Headers removed before a message is uploaded."},
	{"proxy", IN_ACCOUNT, .type = OPTION_STRING, UNSUPPORTED(WHY_CONNECT),
		.help = "The proxy for connections."},
	{"authproxy", IN_ACCOUNT, .type = OPTION_STRING, .off = quotes_only,
		UNSUPPORTED(WHY_CONNECT),
		.help = "The proxy for OAuth2 requests."},
	{"status_backend", IN_ACCOUNT, .type = OPTION_ENUM, .choices = backends,
		.off = sqlite_only,
		UNSUPPORTED("its state is always kept by SQLite"),
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
	{"nametrans", IN_REPO(OPTION_ALL), .type = OPTION_PYTHON,
		UNSUPPORTED(WHY_FOLDERS),
		.help = "How folder names are translated."},
	{"folderfilter", IN_REPO(OPTION_ALL), .type = OPTION_PYTHON,
		UNSUPPORTED(WHY_FOLDERS),
		.help = "Which folders are synchronised."},
	{"folderincludes", IN_REPO(OPTION_ALL), .type = OPTION_PYTHON,
		.off = empty_list, UNSUPPORTED(WHY_FOLDERS),
		.help = "Folders synchronised in addition."},
	{"dynamic_folderfilter", IN_REPO(OPTION_ALL), .type = OPTION_BOOL,
		DEPENDENT,
		.help = "Whether the filter is asked again each time."},
	{"foldersort", IN_REPO(OPTION_ALL), .type = OPTION_PYTHON, NO_EFFECT,
		.help = "The order of folders."},
	{"startdate", IN_REPO(OPTION_ALL), .type = OPTION_STRING,
		UNSUPPORTED(WHY_MAIL),
		.help = "The date of the oldest message synchronised."},

	/* ---- Maildir, GmailMaildir ---- */
	{"localfolders", REPO(OPTION_MAILDIRS, localfolders),
		.type = OPTION_PATH, .required = true,
		.help = "The directory that holds the folders."},
	{"sep", REPO(OPTION_MAILDIRS, sep), .type = OPTION_BYTE, .initial = ".",
		.help = "What separates the levels of folder names."},
	{"restoreatime", IN_REPO(OPTION_MAILDIRS), .type = OPTION_BOOL,
		NO_EFFECT,
		.help = "Whether access times are put back."},
	{"filename_use_mail_timestamp", IN_REPO(OPTION_MAILDIRS),
		.type = OPTION_BOOL, UNSUPPORTED(WHY_CHANGE),
		.help = "Whether file names begin with the message's date."},
	{"utime_from_header", IN_REPO(OPTION_MAILDIRS), .type = OPTION_BOOL,
		UNSUPPORTED(WHY_CHANGE),
		.help = "Whether files get the message's date."},
	{"customflag_a", IN_REPO(OPTION_MAILDIRS), .type = OPTION_STRING,
		.series = true, UNSUPPORTED(WHY_CHANGE),
		.help = "The IMAP keyword that this letter stands for."},

	/* ---- IMAP, Gmail ---- */
	{"remotehost", REPO(OPTION_IMAPS, remotehost), .type = OPTION_STRING,
		.help = "The server's name or address."},
	{"remotehosteval", IN_REPO(OPTION_IMAPS), .type = OPTION_PYTHON,
		UNSUPPORTED(WHY_CONNECT),
		.help = "The same as an expression."},
	{"remoteport", REPO(OPTION_IMAPS, remoteport), .type = OPTION_INT,
		.min = 1, .max = 65535,
		.help = "The server's port; 993 with ssl, else 143."},
	{"remoteporteval", IN_REPO(OPTION_IMAPS), .type = OPTION_PYTHON,
		UNSUPPORTED(WHY_CONNECT),
		.help = "The same as an expression."},
	{"remoteuser", REPO(OPTION_IMAPS, remoteuser), .type = OPTION_STRING,
		.help = "The user to log in as."},
	{"remoteusereval", IN_REPO(OPTION_IMAPS), .type = OPTION_PYTHON,
		UNSUPPORTED(WHY_LOGIN),
		.help = "The same as an expression."},
	{"remotepass", REPO(OPTION_IMAPS, remotepass), .type = OPTION_SECRET,
		.help = "The password."},
	{"remotepassfile", REPO(OPTION_IMAPS, remotepassfile),
		.type = OPTION_PATH_HOME,
		.help = "A file whose first line is the password."},
	{"remotepasseval", IN_REPO(OPTION_IMAPS), .type = OPTION_PYTHON,
		UNSUPPORTED(WHY_LOGIN),
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
	{"ssl_version", IN_REPO(OPTION_IMAPS), .type = OPTION_ENUM,
		.choices = tls_versions, .off = tls_good, UNSUPPORTED(WHY_TLS),
		.help = "The version of TLS."},
	{"tls_level", IN_REPO(OPTION_IMAPS), .type = OPTION_ENUM, NO_EFFECT,
		.choices = tls_levels,
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
		.help = "How many connections are open at the same time."},
	{"expunge", REPO(OPTION_IMAPS, expunge), .type = OPTION_BOOL,
		.initial = "yes",
		.help = "Whether deleted messages are expunged."},
	{"oauth2_client_id", IN_REPO(OPTION_IMAPS), .type = OPTION_STRING,
		UNSUPPORTED(WHY_LOGIN), .help = "OAuth2 client."},
	{"oauth2_client_id_eval", IN_REPO(OPTION_IMAPS), .type = OPTION_PYTHON,
		UNSUPPORTED(WHY_LOGIN), .help = "The same as an expression."},
	{"oauth2_client_secret", IN_REPO(OPTION_IMAPS), .type = OPTION_SECRET,
		UNSUPPORTED(WHY_LOGIN), .help = "OAuth2 client's secret."},
	{"oauth2_client_secret_eval", IN_REPO(OPTION_IMAPS),
		.type = OPTION_PYTHON, UNSUPPORTED(WHY_LOGIN),
		.help = "The same as an expression."},
	{"oauth2_request_url", IN_REPO(OPTION_IMAPS), .type = OPTION_STRING,
		UNSUPPORTED(WHY_LOGIN), .help = "Where tokens are asked for."},
	{"oauth2_refresh_token", IN_REPO(OPTION_IMAPS), .type = OPTION_SECRET,
		UNSUPPORTED(WHY_LOGIN), .help = "OAuth2 refresh token."},
	{"oauth2_refresh_token_eval", IN_REPO(OPTION_IMAPS),
		.type = OPTION_PYTHON, UNSUPPORTED(WHY_LOGIN),
		.help = "The same as an expression."},
	{"oauth2_access_token", IN_REPO(OPTION_IMAPS), .type = OPTION_SECRET,
		UNSUPPORTED(WHY_LOGIN), .help = "OAuth2 access token."},
	{"oauth2_access_token_eval", IN_REPO(OPTION_IMAPS),
		.type = OPTION_PYTHON, UNSUPPORTED(WHY_LOGIN),
		.help = "The same as an expression."},
	{"decodefoldernames", IN_REPO(OPTION_IMAPS), .type = OPTION_BOOL,
		UNSUPPORTED(WHY_FOLDERS),
		.help = "Whether folder names are decoded; use "
			"utf8foldernames."},
	{"idlefolders", IN_REPO(OPTION_IMAPS), .type = OPTION_PYTHON,
		.off = empty_list, UNSUPPORTED(WHY_NOTICE),
		.help = "Folders watched for new mail."},
	{"newmail_hook", IN_REPO(OPTION_IMAPS), .type = OPTION_PYTHON,
		UNSUPPORTED(WHY_NOTICE),
		.help = "What is called for new mail."},
	{"copy_ignore_eval", IN_REPO(OPTION_IMAPS), .type = OPTION_PYTHON,
		UNSUPPORTED(WHY_MAIL),
		.help = "Messages that are not copied."},
	{"singlethreadperfolder", IN_REPO(OPTION_IMAPS), .type = OPTION_BOOL,
		NO_EFFECT,
		.help = "Whether a folder's messages are copied in turn."},
	{"holdconnectionopen", IN_REPO(OPTION_IMAPS), .type = OPTION_BOOL,
		NO_EFFECT,
		.help = "Whether connections stay open between two "
			"synchronisations."},
	{"keepalive", IN_REPO(OPTION_IMAPS), .type = OPTION_INT, NO_EFFECT,
		.help = "Seconds between two signs of life."},
	{"usecompression", IN_REPO(OPTION_IMAPS), .type = OPTION_BOOL,
		NO_EFFECT,
		.help = "Whether the connection is compressed."},
	{"allow_nonstandard_capabilities", IN_REPO(OPTION_IMAPS),
		.type = OPTION_BOOL, NO_EFFECT,
		.help = "Whether unusual capabilities are used."},
	{"retrycount", IN_REPO(OPTION_IMAPS), .type = OPTION_INT, NO_EFFECT,
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
	if (repos == 1U << CONF_GMAIL &&
		option->section == OPTION_REPOSITORY &&
		option->offset == offsetof(struct conf_repo, remotehost))
		return "imap.gmail.com";
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
