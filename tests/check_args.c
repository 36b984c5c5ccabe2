/*
 * The command line: OfflineIMAP's options, long ones abbreviated, bad ones
 * named.
 */
#include "config.h"

#include <string.h>

#include "args.h"
#include "suites.h"

enum { MAX_ARGS = 8 };

static bool parse(const char *const *words, struct args *out,
	struct error *err)
{
	static char name[] = "offlineimap";
	static char copy[MAX_ARGS][64];
	char *argv[MAX_ARGS + 2] = {name};
	int argc = 1;

	for (; *words != NULL; words++, argc++) {
		strncpy(copy[argc - 1], *words, sizeof(copy[0]) - 1);
		argv[argc] = copy[argc - 1];
	}
	return args_parse(argc, argv, out, err);
}

START_TEST(every_option_sets_its_field)
{
	static const char *const words[] = {"-1oqs", "-a", "A, B", "-fx,y z",
		"--dry-run", "-uquiet", NULL};
	struct args args;
	struct error err = {0};

	ck_assert(parse(words, &args, &err));
	ck_assert(args.run.single_thread && args.run.once && args.run.quick);
	ck_assert(args.log_syslog && args.run.dry_run);
	ck_assert_str_eq(args.run.accounts[0], "A");
	ck_assert_str_eq(args.run.accounts[1], "B");
	ck_assert_ptr_null(args.run.accounts[2]);
	ck_assert_str_eq(args.run.folders[1], "y z");
	ck_assert_str_eq(args.ui, "quiet");
	args_clear(&args);
}
END_TEST

START_TEST(debug_types_become_bits)
{
	static const char *const words[] = {"-d", "imap,thread", NULL};
	struct args args;
	struct error err = {0};

	ck_assert(parse(words, &args, &err));
	ck_assert_uint_eq(args.run.debug, 1u << AREA_GENERAL | 1u << AREA_IMAP |
		1u << AREA_THREAD);
	args_clear(&args);
}
END_TEST

static const struct {
	const char *words[3];
	const char *names; /* what the error must name */
} bad[] = {
	{{"--no-such-thing"}, "--no-such-thing"},
	{{"-a"}, "-a"},
	{{"-d", "mail"}, "mail"},
	{{"-k"}, "-k"},
	{{"-zo"}, "-z"},
	{{"-oz"}, "-z"},
};

START_TEST(a_bad_option_is_refused_and_named)
{
	struct args args;
	struct error err = {0};

	ck_assert(!parse(bad[_i].words, &args, &err));
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, bad[_i].names));
	args_clear(&args);
}
END_TEST

START_TEST(long_options_may_be_abbreviated)
{
	static const char *const words[] = {"--dry", "--appr=A:INBOX", NULL};
	struct args args;
	struct error err = {0};

	ck_assert(parse(words, &args, &err));
	ck_assert(args.run.dry_run);
	ck_assert_str_eq(args.run.approved[0], "A:INBOX");
	args_clear(&args);
}
END_TEST

static const struct {
	const char *words[4];
	bool single;
} debugs[] = {
	{{"-d", "imap"}, true},
	{{"-d", "all"}, true},
	{{"-d", "imap,thread"}, false},
	{{"-1", "-d", "thread"}, true},
};

START_TEST(debugging_has_one_thread_unless_threads_are_its_matter)
{
	struct args args;
	struct error err = {0};

	ck_assert(parse(debugs[_i].words, &args, &err));
	ck_assert_int_eq(args.run.single_thread, debugs[_i].single);
	args_clear(&args);
}
END_TEST

static const struct {
	const char *words[5];
	enum run_mode mode;
} modes[] = {
	{{"-o"}, RUN_SYNC},
	{{"--info"}, RUN_INFO},
	{{"--delete-folder", "X"}, RUN_DELETE_FOLDER},
	{{"--delete-folder", "X", "--info"}, RUN_INFO},
	{{"--info", "--delete-folder", "X"}, RUN_INFO},
	{{"--mbnames-prune", "--delete-folder", "X"}, RUN_PRUNE},
	{{"--mbnames-prune", "--info"}, RUN_INFO},
	{{"--migrate-fmd5-using-nametrans", "--mbnames-prune"}, RUN_MIGRATE},
	{{"--info", "--migrate"}, RUN_INFO},
};

START_TEST(of_several_modes_one_counts_whatever_their_order)
{
	struct args args;
	struct error err = {0};

	ck_assert(parse(modes[_i].words, &args, &err));
	ck_assert_int_eq(args.run.mode, modes[_i].mode);
	args_clear(&args);
}
END_TEST

START_TEST(the_folder_to_delete_is_taken_as_it_is)
{
	static const char *const words[] = {"--delete-folder= a,b ", NULL};
	struct args args;
	struct error err = {0};

	ck_assert(parse(words, &args, &err));
	ck_assert_str_eq(args.run.folder, " a,b ");
	args_clear(&args);
}
END_TEST

START_TEST(a_profile_needs_a_single_thread)
{
	static const char *const words[] = {"-P", "/tmp/x", NULL};
	struct args args;
	struct error err = {0};

	ck_assert(parse(words, &args, &err));
	ck_assert_str_eq(args.profile_dir, "/tmp/x");
	ck_assert(args.run.single_thread);
	args_clear(&args);
}
END_TEST

START_TEST(the_keyring_is_left_alone_or_updated)
{
	static const char *const words[] = {"--ignore-k", "--update-k", NULL};
	struct args args;
	struct error err = {0};

	ck_assert(parse(words, &args, &err));
	ck_assert(args.run.ignore_keyring && args.run.update_keyring);
	args_clear(&args);
}
END_TEST

START_TEST(help_names_every_option)
{
	static const char *const names[] = {"-h", "--version", "-V",
		"--dry-run", "--info", "-1", "-P", "-a", "-c", "-d", "-f", "-k",
		"-l",
		"-o", "-q", "-s", "-u", "--approve-deletions",
		"--delete-folder", "--mbnames-prune",
		"--ignore-keyring", "--update-keyring",
		"--migrate-fmd5-using-nametrans"};
	struct str text = {0};

	args_help("offlineimap", &text);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		ck_assert_msg(strstr(str_get(&text), names[i]) != NULL, "%s",
			names[i]);
	str_clear(&text);
}
END_TEST

Suite *args_suite(void)
{
	Suite *suite = suite_create("args");
	TCase *tc = tcase_create("args");

	tcase_add_test(tc, every_option_sets_its_field);
	tcase_add_test(tc, debug_types_become_bits);
	tcase_add_loop_test(tc, a_bad_option_is_refused_and_named, 0,
		(int)ARRAY_LEN(bad));
	tcase_add_test(tc, long_options_may_be_abbreviated);
	tcase_add_loop_test(tc,
		debugging_has_one_thread_unless_threads_are_its_matter, 0,
		(int)ARRAY_LEN(debugs));
	tcase_add_loop_test(tc,
		of_several_modes_one_counts_whatever_their_order, 0,
		(int)ARRAY_LEN(modes));
	tcase_add_test(tc, the_folder_to_delete_is_taken_as_it_is);
	tcase_add_test(tc, a_profile_needs_a_single_thread);
	tcase_add_test(tc, the_keyring_is_left_alone_or_updated);
	tcase_add_test(tc, help_names_every_option);
	suite_add_tcase(suite, tc);
	return suite;
}
