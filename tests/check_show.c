#include "config.h"

#include <string.h>

#include "conf/conf.h"
#include "conf/show.h"
#include "str.h"
#include "suites.h"

static void collect(void *arg, const char *line)
{
	str_printf(arg, "%s\n", line);
}

static const char *const mechanisms[] = {"PLAIN", "LOGIN", NULL};

START_TEST(settings_are_shown_without_secrets)
{
	struct conf_repo repo = {
		.name = "R",
		.type = CONF_IMAP,
		.remotehost = "imap.example.org",
		.remoteport = 993,
		.ssl = true,
		.ipv6 = -1,
		.auth_mechanisms = mechanisms,
		.remotepass = "canary",
		.remotepasseval = {"get('canary')", "f:1"},
		.oauth2_refresh_token_eval = {"'canary'", "f:2"},
		.nametrans = {"lambda f:\nf", "f:3"},
	};
	static const char *const lines[] = {
		"type = IMAP\n", "remotehost = imap.example.org\n",
		"remoteport = 993\n", "ssl = yes\n", "readonly = no\n",
		"ipv6 = \n", "auth_mechanisms = PLAIN, LOGIN\n",
		"remotepass = ***\n", "remotepasseval = ***\n",
		"oauth2_refresh_token_eval = ***\n",
		"oauth2_access_token = \n", "nametrans = lambda f: f\n",
		"tls_level = tls_compat\n", "remoteuser = \n",
	};
	struct str out = {0};

	show_repo(&repo, collect, &out);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		ck_assert_msg(strstr(str_get(&out), lines[i]), "%s%s",
			lines[i], str_get(&out));
	ck_assert_ptr_null(strstr(str_get(&out), "canary"));
	ck_assert_ptr_null(strstr(str_get(&out), "localfolders"));
	str_clear(&out);
}
END_TEST

START_TEST(letters_that_stand_for_something_are_shown)
{
	struct conf_repo repo = {.type = CONF_MAILDIR, .sep = ".",
		.localfolders = "/x", .customflag = {[1] = "$Work"}};
	struct str out = {0};

	show_repo(&repo, collect, &out);
	ck_assert_ptr_nonnull(strstr(str_get(&out), "customflag_b = $Work\n"));
	ck_assert_ptr_null(strstr(str_get(&out), "customflag_a"));
	ck_assert_ptr_nonnull(strstr(str_get(&out), "localfolders = /x\n"));
	str_clear(&out);
}
END_TEST

START_TEST(an_account_names_its_repositories)
{
	struct conf_repo local = {.name = "L"}, remote = {.name = "R"};
	struct conf_account account = {.name = "A", .local = &local,
		.remote = &remote, .autorefresh_min = 2.5, .quick = -1};
	struct str out = {0};

	show_account(&account, collect, &out);
	ck_assert_ptr_nonnull(strstr(str_get(&out), "localrepository = L\n"));
	ck_assert_ptr_nonnull(strstr(str_get(&out), "remoterepository = R\n"));
	ck_assert_ptr_nonnull(strstr(str_get(&out), "autorefresh = 2.5\n"));
	ck_assert_ptr_nonnull(strstr(str_get(&out), "quick = -1\n"));
	str_clear(&out);
}
END_TEST

Suite *show_suite(void)
{
	Suite *suite = suite_create("show");
	TCase *tc = tcase_create("show");

	tcase_add_test(tc, settings_are_shown_without_secrets);
	tcase_add_test(tc, letters_that_stand_for_something_are_shown);
	tcase_add_test(tc, an_account_names_its_repositories);
	suite_add_tcase(suite, tc);
	return suite;
}
