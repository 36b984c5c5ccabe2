#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "conf/conf.h"
#include "conf/netrc.h"
#include "conf/secret.h"
#include "mem.h"
#include "suites.h"

/* ---- netrc ---- */

#define PLAIN "machine a login ua password pa\n" \
	"machine b\n\tlogin ub\n\tpassword pb\n" \
	"default login ud password pd\n"

static const struct {
	const char *text, *host, *login;
	const char *wanted_login, *wanted_password; /* NULL: none */
} searches[] = {
	{PLAIN, "a", NULL, "ua", "pa"},
	{PLAIN, "A", NULL, "ua", "pa"},
	{PLAIN, "b", NULL, "ub", "pb"},
	{PLAIN, "c", NULL, "ud", "pd"},
	{PLAIN, "a", "ua", "ua", "pa"},
	{PLAIN, "a", "ud", "ud", "pd"},
	{PLAIN, "a", "other", NULL, NULL},
	{"", "a", NULL, NULL, NULL},
	{"machine a login u password p", "b", NULL, NULL, NULL},
	{"machine a login u", "a", NULL, "u", NULL},
	{"machine a login \"u v\" password \"p \\\"q\\\\\"", "a", NULL,
		"u v", "p \"q\\"},
	{"machine a login u password p\\ q", "a", NULL, "u", "p q"},
	{"machine a login u password #p", "a", NULL, "u", "#p"},
	{"# machine a login x\nmachine a # b\n login u password p\n", "a",
		NULL, "u", "p"},
	{"#\nmachine a login u password p\n", "a", NULL, "u", "p"},
	{"machine a user u account x password p\n", "a", NULL, "u", "p"},
	{"macdef m\nmachine a login x\n\nmachine a login u password p\n", "a",
		NULL, "u", "p"},
	{"machine a login u password p\nmacdef m\nput x", "a", NULL, "u",
		"p"},
	{"machine a login u password p machine a login v password q", "a",
		NULL, "v", "q"},
	{"machine a login u password p machine a login v password q", "a",
		"u", "u", "p"},
	{"default login d password x machine a login u password p", "a", NULL,
		"u", "p"},
	{"machine a login u password \"\"", "a", NULL, "u", ""},
};

START_TEST(netrc_gives_login_and_password_of_a_host)
{
	struct netrc_entry entry = {0};
	struct error err = {0};
	const char *login = searches[_i].wanted_login;
	const char *password = searches[_i].wanted_password;
	enum netrc_result result = netrc_search("netrc",
		span_of(searches[_i].text), searches[_i].host,
		searches[_i].login, &entry, &err);

	ck_assert_msg(result != NETRC_ERROR, "%s", err.text);
	ck_assert_int_eq(result, login ? NETRC_FOUND : NETRC_NONE);
	if (login)
		ck_assert_str_eq(str_get(&entry.login), login);
	ck_assert_int_eq(entry.has_password, password != NULL);
	if (password)
		ck_assert_str_eq(str_get(&entry.password), password);
	netrc_entry_clear(&entry);
}
END_TEST

static const struct {
	const char *text, *wanted;
} bad_netrcs[] = {
	{"machine a\nlogin u password two hush\n", "netrc:2: a word is none"},
	{"hush\n", "netrc:1: a word is none"},
	{"machine", "netrc:1: the value of the last word is missing"},
	{"machine a login", "the value of the last word is missing"},
	{"machine a\nlogin \"hush", "netrc:2: a quoted word has no end"},
};

START_TEST(a_bad_netrc_is_an_error_that_shows_no_word)
{
	struct netrc_entry entry = {0};
	struct error err = {0};

	ck_assert_int_eq(netrc_search("netrc", span_of(bad_netrcs[_i].text),
		"a", NULL, &entry, &err), NETRC_ERROR);
	ck_assert_msg(strncmp(err.text, "netrc:", 6) == 0, "%s", err.text);
	ck_assert_msg(strstr(err.text, bad_netrcs[_i].wanted) != NULL, "%s",
		err.text);
	ck_assert_ptr_null(strstr(err.text, "hush"));
	netrc_entry_clear(&entry);
}
END_TEST

/* ---- user and password ---- */

struct place {
	char dir[32];
	char *old_home, *netrc, *pass;
};

static void place_open(struct place *p)
{
	const char *home = getenv("HOME");

	strcpy(p->dir, "/tmp/check_secret.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(p->dir));
	p->old_home = home ? mem_strdup(home) : NULL;
	ck_assert_int_eq(setenv("HOME", p->dir, 1), 0);
	p->netrc = file_join(p->dir, ".netrc");
	p->pass = file_join(p->dir, "pass");
}

static void place_close(struct place *p)
{
	unlink(p->netrc);
	unlink(p->pass);
	rmdir(p->dir);
	if (p->old_home)
		setenv("HOME", p->old_home, 1);
	else
		unsetenv("HOME");
	free(p->old_home);
	free(p->netrc);
	free(p->pass);
}

static void put(const char *path, const char *text)
{
	struct error err = {0};

	ck_assert_msg(file_write(path, span_of(text), false, &err), "%s",
		err.text);
	ck_assert_int_eq(chmod(path, 0600), 0);
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The host is "h"; in netrc it has user "nu" with password "np". */
static const struct {
	const char *user, *pass, *file; /* file: content of remotepassfile */
	const char *wanted_user, *wanted_password;
} cases[] = {
	{"u", "p", NULL, "u", "p"},
	{"u", "p", "f\n", "u", "p"},
	{"u", NULL, "f\n", "u", "f"},
	{"u", NULL, "  f g \r\nsecond\n", "u", "f g"},
	{"u", NULL, "f", "u", "f"},
	{"u", NULL, NULL, "u", NULL},
	{"nu", NULL, NULL, "nu", "np"},
	{NULL, NULL, NULL, "nu", "np"},
	{NULL, "p", NULL, "nu", "p"},
	{NULL, NULL, "f\n", "nu", "f"},
};

static bool get(const struct conf_repo *repo, struct secret *out,
	struct error *err)
{
	*out = (struct secret){0};
	if (secret_user(repo, repo->remotehost, out, err) &&
		secret_password(repo, repo->remotehost, out, err))
		return true;
	secret_clear(out);
	return false;
}

START_TEST(user_and_password_come_from_the_first_place_that_has_them)
{
	struct place p;
	struct conf_repo repo = {.name = "R", .remotehost = "h"};
	struct error err = {0};
	struct secret secret;

	place_open(&p);
	put(p.netrc, "machine h login nu password np\n");
	repo.remoteuser = cases[_i].user;
	repo.remotepass = cases[_i].pass;
	if (cases[_i].file) {
		put(p.pass, cases[_i].file);
		repo.remotepassfile = p.pass;
	}
	ck_assert_msg(get(&repo, &secret, &err), "%s", err.text);
	ck_assert(same(secret.user, cases[_i].wanted_user));
	ck_assert(same(secret.password, cases[_i].wanted_password));
	secret_clear(&secret);
	ck_assert_ptr_null(secret.user);
	ck_assert_ptr_null(secret.password);
	place_close(&p);
}
END_TEST

START_TEST(what_is_known_already_stays)
{
	struct conf_repo repo = {.name = "R", .remotehost = "h",
		.remoteuser = "u", .remotepass = "p"};
	struct secret secret = {mem_strdup("v"), mem_strdup("q")};
	struct error err = {0};

	ck_assert(secret_user(&repo, "h", &secret, &err));
	ck_assert(secret_password(&repo, "h", &secret, &err));
	ck_assert_str_eq(secret.user, "v");
	ck_assert_str_eq(secret.password, "q");
	secret_clear(&secret);
}
END_TEST

static void expect_failure(const struct conf_repo *repo, const char *wanted)
{
	struct error err = {0};
	struct secret secret;

	ck_assert(!get(repo, &secret, &err));
	ck_assert_ptr_null(secret.user);
	ck_assert_ptr_null(secret.password);
	ck_assert_msg(strstr(err.text, "[Repository R]") != NULL, "%s",
		err.text);
	ck_assert_msg(strstr(err.text, wanted) != NULL, "%s", err.text);
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ck_assert_int_eq(err.severity, ERROR_ACCOUNT);
}

START_TEST(no_user_at_all_is_an_error)
{
	struct place p;
	struct conf_repo repo = {.name = "R", .remotehost = "h"};

	place_open(&p);
	expect_failure(&repo, "'remoteuser'");
	repo.remotehost = NULL;
	expect_failure(&repo, "'remoteuser'");
	place_close(&p);
}
END_TEST

START_TEST(a_password_file_that_gives_none_is_an_error)
{
	struct place p;
	struct conf_repo repo = {.name = "R", .remotehost = "h",
		.remoteuser = "u"};

	place_open(&p);
	repo.remotepassfile = p.pass;
	expect_failure(&repo, "remotepassfile");
	put(p.pass, "\nsecond\n");
	expect_failure(&repo, "is empty");
	put(p.pass, "");
	expect_failure(&repo, "is empty");
	repo.remotepassfile = p.dir;
	expect_failure(&repo, "remotepassfile");
	place_close(&p);
}
END_TEST

START_TEST(a_netrc_open_to_others_is_refused_when_it_is_used)
{
	struct place p;
	struct conf_repo repo = {.name = "R", .remotehost = "h",
		.remoteuser = "nu"};
	struct error err = {0};
	struct secret secret;

	place_open(&p);
	put(p.netrc, "machine h login nu password np\n");
	ck_assert_int_eq(chmod(p.netrc, 0640), 0);
	expect_failure(&repo, "chmod 600");
	repo.remoteuser = "other";
	ck_assert_msg(get(&repo, &secret, &err), "%s", err.text);
	secret_clear(&secret);
	put(p.netrc, "machine h nonsense\n");
	expect_failure(&repo, ".netrc:1");
	place_close(&p);
}
END_TEST

Suite *secret_suite(void)
{
	Suite *suite = suite_create("secret");
	TCase *tc = tcase_create("secret");

	tcase_add_loop_test(tc, netrc_gives_login_and_password_of_a_host, 0,
		(int)ARRAY_LEN(searches));
	tcase_add_loop_test(tc, a_bad_netrc_is_an_error_that_shows_no_word, 0,
		(int)ARRAY_LEN(bad_netrcs));
	tcase_add_loop_test(tc,
		user_and_password_come_from_the_first_place_that_has_them, 0,
		(int)ARRAY_LEN(cases));
	tcase_add_test(tc, what_is_known_already_stays);
	tcase_add_test(tc, no_user_at_all_is_an_error);
	tcase_add_test(tc, a_password_file_that_gives_none_is_an_error);
	tcase_add_test(tc, a_netrc_open_to_others_is_refused_when_it_is_used);
	suite_add_tcase(suite, tc);
	return suite;
}
