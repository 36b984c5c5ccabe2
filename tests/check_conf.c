#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "conf/conf.h"
#include "mem.h"
#include "str.h"
#include "suites.h"

/* A directory that is also HOME while a test runs. */
struct place {
	char dir[32];
	char *old_home, *old_xdg;
	char *file;
};

static void variable_set(const char *name, const char *value)
{
	if (value)
		ck_assert_int_eq(setenv(name, value, 1), 0);
	else
		ck_assert_int_eq(unsetenv(name), 0);
}

static char *variable_keep(const char *name)
{
	const char *value = getenv(name);

	return value ? mem_strdup(value) : NULL;
}

static void place_open(struct place *p)
{
	strcpy(p->dir, "/tmp/check_conf.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(p->dir));
	p->old_home = variable_keep("HOME");
	p->old_xdg = variable_keep("XDG_CONFIG_HOME");
	variable_set("HOME", p->dir);
	variable_set("XDG_CONFIG_HOME", NULL);
	p->file = file_join(p->dir, "rc");
}

static void place_close(struct place *p)
{
	unlink(p->file);
	free(p->file);
	rmdir(p->dir);
	variable_set("HOME", p->old_home);
	variable_set("XDG_CONFIG_HOME", p->old_xdg);
	free(p->old_home);
	free(p->old_xdg);
}

static void put(const char *path, const char *text)
{
	struct error err = {0};

	ck_assert_msg(file_write(path, span_of(text), false, &err), "%s",
		err.text);
}

static struct conf *load_place(const char *text,
	const struct conf_request *request, struct error *err)
{
	struct place p;
	struct conf *conf;

	place_open(&p);
	put(p.file, text);
	conf = conf_load(p.file, request, err);
	place_close(&p);
	return conf;
}

static struct conf *load_with(const char *text, const char *const *overrides,
	struct error *err)
{
	const struct conf_request request = {.overrides = overrides};

	return load_place(text, &request, err);
}

static struct conf *load(const char *text)
{
	struct error err = {0};
	struct conf *conf = load_with(text, NULL, &err);

	ck_assert_msg(conf != NULL, "%s", err.text);
	return conf;
}

#define HEAD "[general]\naccounts = A\n"
#define ACCOUNT "[Account A]\nlocalrepository = L\nremoterepository = R\n"
#define LOCAL "[Repository L]\ntype = Maildir\nlocalfolders = /mail\n"
#define REMOTE "[Repository R]\ntype = IMAP\nremotehost = h\n"
#define ALL HEAD ACCOUNT LOCAL REMOTE
#define SHA1 "0123456789abcdef0123456789abcdef01234567"

/* ---- values ---- */

START_TEST(what_is_not_written_has_its_default)
{
	struct conf *conf = load(ALL);
	const struct conf_account *a = conf_account(conf, "A");
	const struct conf_repo *r = a->remote;

	ck_assert_ptr_null(conf->warnings[0]);
	ck_assert_ptr_nonnull(strstr(conf->metadata, "/.offlineimap"));
	ck_assert_int_eq(conf->metadata[0], '/');
	ck_assert_ptr_null(conf->ui);
	ck_assert_int_eq(conf->maxsyncaccounts, 1);
	ck_assert_int_eq(conf->socktimeout_s, 0);
	ck_assert(conf->fsync);
	ck_assert_str_eq(conf->accounts[0], "A");
	ck_assert_ptr_null(conf->accounts[1]);
	ck_assert_double_eq(a->autorefresh_min, 0);
	ck_assert_int_eq(a->quick, 0);
	ck_assert(!a->utf8foldernames);
	ck_assert_str_eq(a->presynchook, "");
	ck_assert_str_eq(a->postsynchook, "");
	ck_assert_str_eq(a->local->sep, ".");
	ck_assert(!r->readonly && r->createfolders && r->sync_deletes);
	ck_assert_int_eq(r->remoteport, 0);
	ck_assert_ptr_null(r->remoteuser);
	ck_assert_ptr_null(r->remotepass);
	ck_assert_ptr_null(r->sslcacertfile);
	ck_assert_ptr_null(r->cert_fingerprint);
	ck_assert_ptr_null(r->preauthtunnel);
	ck_assert(r->ssl && r->starttls && r->expunge && !r->subscribedonly);
	ck_assert_int_eq(r->ipv6, -1);
	ck_assert_str_eq(r->reference, "");
	ck_assert_int_eq(r->maxconnections, 1);
	ck_assert_str_eq(r->auth_mechanisms[0], "GSSAPI");
	ck_assert_str_eq(r->auth_mechanisms[4], "LOGIN");
	ck_assert_ptr_null(r->auth_mechanisms[5]);
	conf_free(conf);
}
END_TEST

START_TEST(all_kinds_of_values_are_read)
{
	struct conf *conf = load("[DEFAULT]\nhome = /h\n"
		"[general]\naccounts = B, A\n"
		"ui = basic\nmetadata = %(home)s/m\nmaxsyncaccounts = 2\n"
		"fsync = no\nsocktimeout = 60\n"
		ACCOUNT "autorefresh = 0.5\nquick = -1\npresynchook = a; b\n"
		"[Account B]\nlocalrepository = L\nremoterepository = G\n"
		LOCAL "sep = /\nreadonly = True\n"
		REMOTE "remoteport = 1_143\nremotepass = a;b # 100%%\n"
		"ipv6 = no\nssl = off\ncert_fingerprint = " SHA1 "\n"
		"auth_mechanisms = LOGIN,PLAIN\nsslcacertfile = /ca\n"
		"[Repository G]\ntype = Gmail\npreauthtunnel = x\n");
	const struct conf_account *a = conf_account(conf, "A");
	const struct conf_account *b = conf_account(conf, "B");

	ck_assert_str_eq(conf->metadata, "/h/m");
	ck_assert_str_eq(conf->ui, "basic");
	ck_assert(!conf->fsync);
	ck_assert_int_eq(conf->socktimeout_s, 60);
	ck_assert_str_eq(conf->accounts[0], "B");
	ck_assert_str_eq(conf->accounts[1], "A");
	ck_assert_double_eq(a->autorefresh_min, 0.5);
	ck_assert_int_eq(a->quick, -1);
	ck_assert_str_eq(a->presynchook, "a; b");
	ck_assert_ptr_eq(a->local, b->local);
	ck_assert_int_eq(a->local->type, CONF_MAILDIR);
	ck_assert_str_eq(a->local->localfolders, "/mail");
	ck_assert_str_eq(a->local->sep, "/");
	ck_assert(a->local->readonly);
	ck_assert_int_eq(a->remote->type, CONF_IMAP);
	ck_assert_int_eq(a->remote->remoteport, 1143);
	ck_assert_str_eq(a->remote->remotepass, "a;b # 100%");
	ck_assert_int_eq(a->remote->ipv6, 0);
	ck_assert(!a->remote->ssl);
	ck_assert_str_eq(a->remote->cert_fingerprint[0], SHA1);
	ck_assert_str_eq(a->remote->auth_mechanisms[1], "PLAIN");
	ck_assert_str_eq(a->remote->sslcacertfile, "/ca");
	ck_assert_int_eq(b->remote->type, CONF_GMAIL);
	ck_assert_str_eq(b->remote->remotehost, "imap.gmail.com");
	ck_assert_ptr_null(b->remote->preauthtunnel);
	ck_assert_uint_eq(conf->account_count, 2);
	ck_assert_uint_eq(conf->repo_count, 3);
	ck_assert_ptr_null(conf_account(conf, "C"));
	conf_free(conf);
}
END_TEST

START_TEST(paths_are_expanded)
{
	struct place p;
	struct error err = {0};
	struct conf *conf;
	char *wanted;

	place_open(&p);
	put(p.file, HEAD "metadata = $HOME/meta\n" ACCOUNT
		"[Repository L]\ntype = Maildir\nlocalfolders = ~/Mail\n"
		REMOTE "remotepassfile = ~/$HOME\nsslclientcert = rel.pem\n"
		"sslcacertfile = OS-DEFAULT\n");
	conf = conf_load(p.file, NULL, &err);
	ck_assert_msg(conf != NULL, "%s", err.text);
	wanted = file_join(p.dir, "meta");
	ck_assert_str_eq(conf->metadata, wanted);
	free(wanted);
	wanted = file_join(p.dir, "Mail");
	ck_assert_str_eq(conf->account->local->localfolders, wanted);
	free(wanted);
	wanted = file_join(p.dir, "$HOME");
	ck_assert_str_eq(conf->account->remote->remotepassfile, wanted);
	free(wanted);
	ck_assert_int_eq(conf->account->remote->sslclientcert[0], '/');
	ck_assert_ptr_null(conf->account->remote->sslcacertfile);
	conf_free(conf);
	place_close(&p);
}
END_TEST

START_TEST(dash_k_wins_over_the_file)
{
	static const char *const overrides[] = {"ui=quiet",
		"Repository_R:maxconnections=4", "DEFAULT:createfolders=no",
		NULL};
	struct error err = {0};
	struct conf *conf = load_with(ALL, overrides, &err);

	ck_assert_msg(conf != NULL, "%s", err.text);
	ck_assert_str_eq(conf->ui, "quiet");
	ck_assert_int_eq(conf->account->remote->maxconnections, 4);
	ck_assert(!conf->account->remote->createfolders);
	ck_assert(!conf->account->local->createfolders);
	conf_free(conf);
}
END_TEST

START_TEST(a_bad_value_of_dash_k_names_the_option)
{
	static const char *const overrides[] = {
		"Repository_R:maxconnections=many", NULL};
	struct error err = {0};

	ck_assert_ptr_null(load_with(ALL, overrides, &err));
	ck_assert_msg(strstr(err.text, "option -k: [Repository R] "
		"maxconnections: 'many': must be a whole number") != NULL,
		"%s", err.text);
}
END_TEST

/* ---- errors ---- */

static const struct {
	const char *text, *wanted;
} errors[] = {
	{"", "there is no section [general]"},
	{"[general]\n", "rc:1: [general] lacks the option 'accounts'"},
	{"[general]\naccounts = ,\n", "lacks the option 'accounts'"},
	{"[general]\nacounts = A\n", "is 'acounts' meant to be it?"},
	{"[general]\naccounts = A, B\n" ACCOUNT LOCAL REMOTE,
		"rc:2: [general] accounts: there is no section [Account B]; "
		"accounts are: A"},
	{HEAD "[Account A]\nremoterepository = R\n" LOCAL REMOTE,
		"rc:3: [Account A] lacks the option 'localrepository'"},
	{HEAD "[Account A]\nlocalrepository = %(e)s\ne =\n"
		"remoterepository = R\n" LOCAL REMOTE,
		"[Account A] lacks the option 'localrepository'"},
	{HEAD ACCOUNT LOCAL, "rc:5: [Account A] remoterepository: there is no "
		"section [Repository R]; repositories are: L"},
	{HEAD ACCOUNT "[Repository L]\nlocalfolders=/x\n" REMOTE,
		"rc:6: [Repository L] lacks the option 'type'"},
	{HEAD ACCOUNT "[Repository L]\ntype=Maildir\n" REMOTE,
		"rc:6: [Repository L] lacks the option 'localfolders'"},
	{HEAD ACCOUNT LOCAL "[Repository R]\ntype=IMAP\nremote_host = h\n",
		"lacks the option 'remotehost'; is 'remote_host' meant"},
	{HEAD ACCOUNT "[Repository L]\ntype = MH\n" REMOTE,
		"rc:7: [Repository L] type: 'MH': must be one of Maildir"},
	{HEAD "[Account A]\nlocalrepository=R\nremoterepository=R\n" REMOTE,
		"is the remote repository as well"},
	{HEAD "[Account A]\nlocalrepository=R\nremoterepository=L\n" LOCAL
		REMOTE, "remoterepository: its type must be IMAP or Gmail"},
	{"[general]\naccounts = B\n[Account A]\nlocalrepository=N\n"
		"remoterepository=R\n[Account B]\nlocalrepository=N\nremoterepository=R\n"
		"[Repository N]\ntype=IMAP\nremotehost=n\n" REMOTE,
		"localrepository: account A has it too"},
	{HEAD "[Account A]\nlocalrepository=G\nremoterepository=R\n"
		"[Repository G]\ntype=Gmail\n" REMOTE,
		"localrepository: its type must be Maildir"},
	{ALL "nametrans = f\nrename = s,a,b,\n", "rc:13: [Repository R] "
		"rename: stands beside nametrans"},
	{ALL "folders = *\nfolderincludes = ['x']\n", "rc:12: [Repository R] "
		"folders: stands beside folderfilter or folderincludes"},
	{ALL "startdate = 2024-02-30\n", "rc:12: [Repository R] startdate: "
		"'2024-02-30': must be a date"},
	{ALL "startdate = 2024-02-29\n[DEFAULT]\nmaxage = 3\n",
		"rc:12: [Repository R] startdate: there can be only one of "
		"maxage, startdate"},
	{ALL "[DEFAULT]\nstartdate = 2024-02-29\n",
		"[Repository L] startdate: there can be only one"},
	{HEAD "[Account A]\nlocalrepository=I\nremoterepository=R\n"
		"maxage=3\n[Repository I]\ntype=IMAP\nremotehost=h\n" REMOTE,
		"rc:6: [Account A] maxage: is not possible between two IMAP "
		"servers"},
	{ALL "[DEFAULT]\nmaxage = 0\n", "[Account A] maxage: '0': must be a "
		"number of days"},
	{ALL "[mbnames]\n", "rc:12: [mbnames] lacks the option 'filename'"},
	{ALL "[mbnames]\nenabled = yes\nheader = ''\nsep = ''\nfooter = ''\n"
		"filename = ~/m\nperitem = %(folder)s\n", "rc:18: [mbnames] "
		"peritem: there is no name 'folder'"},
	{"[general]\naccounts = ../x\n[Account ../x]\n", "rc:3: [Account ../x]: "
		"the name of an account"},
	{"[general]\naccounts = .x\n[Account .x]\n", "the name of an account"},
	{ALL "preauthtunnel = a\ntransporttunnel = b\n", "not both"},
	{ALL "remoteport = 70000\n", "rc:12: [Repository R] remoteport: "
		"'70000': must be a whole number from 1 to 65535"},
	{ALL "remoteuser = 50%\n", "rc:12: [Repository R] remoteuser: \"%\" "
		"must be written"},
	{ALL "ssl = maybe\n",
		"rc:12: [Repository R] ssl: 'maybe': must be yes or no"},
	{HEAD ACCOUNT "autorefresh = 5 # minutes\n" LOCAL REMOTE,
		"rc:6: [Account A] autorefresh: '5 # minutes': must be a "
		"number, such as 5 or 0.5"},
	{ALL "ssl =\n", "rc:12: [Repository R] ssl: '': must be yes or no"},
	{HEAD "metadata =\n" ACCOUNT LOCAL REMOTE,
		"rc:3: [general] metadata: '': must be a path, not empty"},
	{"[general]\naccounts = A, B\n" ACCOUNT LOCAL REMOTE
		"[Account B]\nlocalrepository = X\nremoterepository = R\n",
		"rc:13: [Account B] localrepository: there is no section "
		"[Repository X]"},
	{ALL "sep\n", "rc:12: this line is neither"},
};

START_TEST(mistakes_name_place_and_remedy)
{
	struct error err = {0};

	ck_assert_ptr_null(load_with(errors[_i].text, NULL, &err));
	ck_assert_msg(strstr(err.text, errors[_i].wanted) != NULL,
		"%s\nwanted: %s", err.text, errors[_i].wanted);
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ck_assert_int_eq(err.severity, ERROR_FATAL);
}
END_TEST

START_TEST(an_error_does_not_show_a_password)
{
	struct error err = {0};

	ck_assert_ptr_null(load_with(ALL "remotepass = hush%\n", NULL, &err));
	ck_assert_ptr_null(strstr(err.text, "hush"));
	ck_assert_ptr_nonnull(strstr(err.text, "[Repository R] remotepass"));
	ck_assert_ptr_null(load_with(ALL "remotepasseval = f('hush%')\n", NULL,
		&err));
	ck_assert_ptr_null(strstr(err.text, "hush"));
}
END_TEST

/* ---- values that ask for nothing ---- */

START_TEST(options_switched_off_are_accepted)
{
	struct conf *conf = load(ALL "nametrans =\nfolderincludes = []\n"
		"idlefolders = []\ndecodefoldernames = no\n"
		"ssl_version = tls1_2\nholdconnectionopen = no\n"
		"[mbnames]\nenabled = no\nperitem = \"%(accountname)s\"\n"
		"header = 'x'\nsep = ' '\nfooter = '\\n'\nfilename = ~/m\n"
		"[DEFAULT]\nmaildir-windows-compatible = no\nmaxage =\n"
		"synclabels = off\nstatus_backend = sqlite\n");

	ck_assert_msg(conf->warnings[0] == NULL, "%s", conf->warnings[0]);
	conf_free(conf);
}
END_TEST

/* ---- warnings ---- */

static const struct {
	const char *text, *wanted;
} notes[] = {
	{"[general]\naccounts = A\nsocktimemout = 5\n" ACCOUNT LOCAL REMOTE,
		"rc:3: unknown option 'socktimemout' in [general]; did you "
		"mean 'socktimeout'?"},
	{"[general]\naccounts = A\nsockettimeout = 5\n" ACCOUNT LOCAL REMOTE,
		"did you mean 'socktimeout'?"},
	{ALL "auth_mechanism = PLAIN\n", "rc:12: unknown option "
		"'auth_mechanism' in [Repository R]; did you mean "
		"'auth_mechanisms'?"},
	{HEAD "status-backend = sqlite\n" ACCOUNT LOCAL REMOTE,
		"did you mean 'status_backend', which belongs into [Account "
		"X]?"},
	{HEAD "maxage = 3\n" ACCOUNT LOCAL REMOTE,
		"rc:3: option 'maxage' in [general] is not read there; it "
		"belongs into [Account X]"},
	{ALL "localfolders = /x\n", "rc:12: option 'localfolders' means "
		"nothing in [Repository R]"},
	{ALL "wholly_strange = 1\n", "rc:12: unknown option 'wholly_strange' "
		"in [Repository R]"},
	{"[DEFAULT]\nremotehosst = h\n" ALL, "rc:2: unknown option "
		"'remotehosst' in [DEFAULT]; did you mean 'remotehost'?"},
	{ALL "[acount B]\nx = 1\n", "rc:12: unknown section [acount B] is "
		"left out; did you mean [Account B]?"},
	{ALL "[Account  B]\n", "did you mean [Account B]?"},
	{ALL "[General]\n", "did you mean [general]?"},
	{ALL "[folders]\n", "unknown section [folders] is left out"},
	{ALL "allow_nonstandard_capabilities = yes\n", "rc:12: [Repository "
		"R]: option 'allow_nonstandard_capabilities' has no effect in "
		"this version"},
	{"[DEFAULT]\nsynclabels = yes\n" ALL, "'synclabels' has no effect"},
	{"[general]\naccounts = A, A\n" ACCOUNT LOCAL REMOTE,
		"account A is listed twice"},
	{HEAD ACCOUNT "autorefresh = -5\n" LOCAL REMOTE,
		"autorefresh is below 0"},
	/* What OfflineIMAP goes on with (compat 2). */
	{HEAD "maxsyncaccounts = 0\n" ACCOUNT LOCAL REMOTE, "rc:3: [general] "
		"maxsyncaccounts: '0': must be a whole number from 1 to 1000; "
		"the nearest one is taken"},
	{HEAD "ignore-readonly = maybe\n" ACCOUNT LOCAL REMOTE,
		"must be yes or no (or 1, true, on, 0, false, off); it is "
		"left out"},
	{ALL "keepalive = 60 # s\n", "to 86400; it is left out"},
	{ALL "tls_level =\n", "tls_secure; it is left out"},
	{ALL "allow_nonstandard_capabilities = maybe\n", "it is left out"},
	{ALL "[Repository Unused]\ntype = MH\nssl = maybe\nseparator = x\n",
		"unknown option 'separator'"},
	{ALL "[Account B]\nlocalrepository = X\nremoterepository = R\n",
		"rc:13: [Account B] localrepository: there is no section "
		"[Repository X]; repositories are: L, R; account B cannot be "
		"used"},
	{ALL "[Account B]\nlocalrepository = L\nremoterepository = S\n"
		"[Repository S]\ntype = IMAP\nssl = maybe\n",
		"rc:17: [Repository S] ssl: 'maybe': must be yes or no (or 1, "
		"true, on, 0, false, off); account B cannot be used"},
};

START_TEST(what_is_left_out_is_told)
{
	struct conf *conf = load(notes[_i].text);

	ck_assert_ptr_nonnull(conf->warnings[0]);
	ck_assert_msg(strstr(conf->warnings[0], notes[_i].wanted) != NULL,
		"%s", conf->warnings[0]);
	ck_assert_ptr_null(conf->warnings[1]);
	conf_free(conf);
}
END_TEST

START_TEST(what_is_out_of_range_becomes_the_nearest)
{
	struct conf *conf = load(HEAD "maxsyncaccounts = 2000\n"
		"socktimeout = -1\n" ACCOUNT "quick = 99999999999\n" LOCAL
		REMOTE "maxconnections = 0\nretrycount = -1\n"
		"keepalive = x\nnewmail_hook = None\nremotepassfile =\n");
	const struct conf_account *a = conf_account(conf, "A");

	ck_assert_int_eq(conf->maxsyncaccounts, 1000);
	ck_assert_int_eq(conf->socktimeout_s, 0);
	ck_assert_int_eq(a->quick, INT32_MAX);
	ck_assert_int_eq(a->remote->maxconnections, 1);
	ck_assert_int_eq(a->remote->retrycount, 0);
	ck_assert_int_eq(a->remote->keepalive_s, 0);
	ck_assert_ptr_null(a->remote->newmail_hook.text);
	ck_assert_ptr_null(a->remote->remotepassfile);
	conf_free(conf);
}
END_TEST

START_TEST(a_single_run_does_not_look_at_autorefresh)
{
	static const struct conf_request request = {.once = true};
	struct error err = {0};
	struct conf *conf = load_place("[DEFAULT]\nautorefresh =\n" HEAD
		ACCOUNT "autorefresh = 5 # minutes\n" LOCAL REMOTE, &request,
		&err);

	ck_assert_msg(conf != NULL, "%s", err.text);
	ck_assert_double_eq(conf_account(conf, "A")->autorefresh_min, 0);
	ck_assert_ptr_null(conf->warnings[0]);
	conf_free(conf);
}
END_TEST

START_TEST(an_account_that_is_not_wanted_may_be_wrong)
{
	static const char *const chosen[] = {"A", NULL};
	static const struct conf_request request = {.chosen = chosen};
	struct error err = {0};
	struct conf *conf = load_place("[general]\naccounts = A, B, C\n"
		ACCOUNT LOCAL REMOTE "[Account B]\nlocalrepository = X\n"
		"remoterepository = R\n", &request, &err);

	ck_assert_msg(conf != NULL, "%s", err.text);
	ck_assert_ptr_nonnull(conf_account(conf, "A"));
	ck_assert_ptr_null(conf_account(conf, "B"));
	ck_assert_ptr_nonnull(strstr(conf_why_not(conf, "B"),
		"no section [Repository X]"));
	ck_assert_ptr_null(conf_why_not(conf, "A"));
	ck_assert_ptr_null(conf_why_not(conf, "C"));
	conf_free(conf);
}
END_TEST

START_TEST(an_option_without_effect_is_told_once)
{
	struct conf *conf = load(ALL "allow_nonstandard_capabilities = yes\n"
		"[Repository S]\ntype = IMAP\n"
		"allow_nonstandard_capabilities = yes\n");

	ck_assert_ptr_nonnull(conf->warnings[0]);
	ck_assert_ptr_null(conf->warnings[1]);
	conf_free(conf);
}
END_TEST

START_TEST(options_made_up_for_interpolation_are_no_mistake)
{
	struct conf *conf = load("[DEFAULT]\nbase = /h\n"
		HEAD "mydir = x\nmetadata = %(base)s/%(mydir)s\n"
		ACCOUNT LOCAL REMOTE);

	ck_assert_msg(conf->warnings[0] == NULL, "%s", conf->warnings[0]);
	ck_assert_str_eq(conf->metadata, "/h/x");
	conf_free(conf);
}
END_TEST

START_TEST(a_repository_that_no_account_names_is_not_read)
{
	struct conf *conf = load(ALL "[Repository S]\nremotehost = h\n"
		"[Repository T]\ntype = GmailMaildir\nsep = long\n");

	ck_assert_uint_eq(conf->repo_count, 2);
	conf_free(conf);
}
END_TEST

/* ---- the file ---- */

START_TEST(a_missing_file_is_an_error)
{
	struct error err = {0};

	ck_assert_ptr_null(conf_load("/nowhere/rc", NULL, &err));
	ck_assert_str_eq(err.text,
		"Config file '/nowhere/rc' does not exist; aborting!");
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
}
END_TEST

START_TEST(a_directory_is_no_configuration)
{
	struct error err = {0};

	ck_assert_ptr_null(conf_load("/tmp", NULL, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "must be a regular file"));
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
}
END_TEST

START_TEST(a_file_that_others_may_write_is_told)
{
	struct place p;
	struct error err = {0};
	struct conf *conf;

	place_open(&p);
	put(p.file, ALL);
	ck_assert_int_eq(chmod(p.file, 0620), 0);
	conf = conf_load(p.file, NULL, &err);
	ck_assert_msg(conf != NULL, "%s", err.text);
	ck_assert_ptr_nonnull(strstr(conf->warnings[0], "chmod go-w"));
	conf_free(conf);
	place_close(&p);
}
END_TEST

START_TEST(the_file_is_looked_for_where_offlineimap_does)
{
	struct place p;
	struct error err = {0};
	char *home_rc, *dir, *xdg_rc, *got;

	place_open(&p);
	home_rc = file_join(p.dir, ".offlineimaprc");
	dir = file_join(p.dir, ".config/offlineimap");
	xdg_rc = file_join(dir, "config");
	got = conf_find(NULL);
	ck_assert_str_eq(got, home_rc);
	free(got);
	ck_assert(file_mkdirs(dir, &err));
	put(xdg_rc, ALL);
	got = conf_find(NULL);
	ck_assert_str_eq(got, xdg_rc);
	free(got);
	variable_set("XDG_CONFIG_HOME", "/nowhere");
	got = conf_find(NULL);
	ck_assert_str_eq(got, home_rc);
	free(got);
	got = conf_find("~/$x");
	ck_assert_msg(strncmp(got, p.dir, strlen(p.dir)) == 0, "%s", got);
	ck_assert_ptr_nonnull(strstr(got, "/$x"));
	free(got);
	unlink(xdg_rc);
	rmdir(dir);
	*strrchr(dir, '/') = '\0';
	rmdir(dir);
	free(home_rc);
	free(dir);
	free(xdg_rc);
	place_close(&p);
}
END_TEST

static void add_file_tests(TCase *tc)
{
	tcase_add_test(tc, a_missing_file_is_an_error);
	tcase_add_test(tc, a_directory_is_no_configuration);
	tcase_add_test(tc, a_file_that_others_may_write_is_told);
	tcase_add_test(tc, the_file_is_looked_for_where_offlineimap_does);
}

Suite *conf_suite(void)
{
	Suite *suite = suite_create("conf");
	TCase *tc = tcase_create("conf");

	tcase_add_test(tc, what_is_not_written_has_its_default);
	tcase_add_test(tc, all_kinds_of_values_are_read);
	tcase_add_test(tc, paths_are_expanded);
	tcase_add_test(tc, dash_k_wins_over_the_file);
	tcase_add_test(tc, a_bad_value_of_dash_k_names_the_option);
	tcase_add_loop_test(tc, mistakes_name_place_and_remedy, 0,
		(int)ARRAY_LEN(errors));
	tcase_add_test(tc, an_error_does_not_show_a_password);
	tcase_add_test(tc, options_switched_off_are_accepted);
	tcase_add_loop_test(tc, what_is_left_out_is_told, 0,
		(int)ARRAY_LEN(notes));
	tcase_add_test(tc, an_option_without_effect_is_told_once);
	tcase_add_test(tc, what_is_out_of_range_becomes_the_nearest);
	tcase_add_test(tc, a_single_run_does_not_look_at_autorefresh);
	tcase_add_test(tc, an_account_that_is_not_wanted_may_be_wrong);
	tcase_add_test(tc, options_made_up_for_interpolation_are_no_mistake);
	tcase_add_test(tc,
		a_repository_that_no_account_names_is_not_read);
	add_file_tests(tc);
	suite_add_tcase(suite, tc);
	return suite;
}
