#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "conf/number.h"
#include "conf/option.h"
#include "conf/value.h"
#include "str.h"
#include "suites.h"

/* ---- the table ---- */

START_TEST(every_row_is_complete)
{
	for (size_t i = 0; i < option_count(); i++) {
		const struct option *option = option_at(i);
		bool repo = option->section == OPTION_REPOSITORY;

		ck_assert_msg(option->help && *option->help, "%s",
			option->name);
		ck_assert_msg(repo == (option->repos != 0), "%s",
			option->name);
		ck_assert_msg(option->type != OPTION_ENUM || option->choices,
			"%s", option->name);
		for (const char *c = option->name; *c; c++)
			ck_assert(ascii_lower(*c) == *c);
	}
}
END_TEST

START_TEST(no_two_rows_claim_the_same_name)
{
	for (size_t i = 0; i < option_count(); i++) {
		const struct option *option = option_at(i);

		for (unsigned bit = 1; bit <= OPTION_ALL; bit <<= 1)
			if (option->section != OPTION_REPOSITORY ||
				option->repos & bit)
				ck_assert_msg(option_find(option->section, bit,
					option->name) == option, "%s",
					option->name);
	}
}
END_TEST

START_TEST(every_default_is_a_good_value)
{
	struct arena *arena = arena_new();

	for (size_t i = 0; i < option_count(); i++) {
		const struct option *option = option_at(i);
		union {
			struct conf conf;
			struct option_account account;
			struct conf_repo repo;
		} base = {0};
		struct error err = {0};

		if (option->initial)
			ck_assert_msg(value_store(option, option->initial,
				arena, &base, &err), "%s: %s", option->name,
				err.text);
	}
	arena_free(arena);
}
END_TEST

START_TEST(custom_flags_are_26_names)
{
	const struct option *a = option_find(OPTION_REPOSITORY,
		OPTION_MAILDIRS, "customflag_a");

	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_eq(option_find(OPTION_REPOSITORY, OPTION_MAILDIRS,
		"customflag_z"), a);
	ck_assert_ptr_null(option_find_anywhere("customflag_"));
	ck_assert_ptr_null(option_find_anywhere("customflag_1"));
	ck_assert_ptr_null(option_find_anywhere("customflag_aa"));
	ck_assert_ptr_null(option_find(OPTION_REPOSITORY, OPTION_IMAPS,
		"customflag_a"));
}
END_TEST

START_TEST(gmail_has_a_host_of_its_own)
{
	const struct option *host = option_find(OPTION_REPOSITORY,
		OPTION_IMAPS, "remotehost");

	ck_assert_str_eq(option_initial(host, 1U << CONF_GMAIL),
		"imap.gmail.com");
	ck_assert_ptr_null(option_initial(host, 1U << CONF_IMAP));
}
END_TEST

static const struct {
	enum option_section section;
	const char *name, *wanted;
} misspelt[] = {
	{OPTION_GENERAL, "socktimemout", "socktimeout"},
	{OPTION_GENERAL, "sockettimeout", "socktimeout"},
	{OPTION_GENERAL, "acounts", "accounts"},
	{OPTION_GENERAL, "fsnyc", "fsync"},
	{OPTION_ACCOUNT, "status-backend", "status_backend"},
	{OPTION_GENERAL, "status-backend", "status_backend"},
	{OPTION_REPOSITORY, "auth_mechanism", "auth_mechanisms"},
	{OPTION_REPOSITORY, "remote_host", "remotehost"},
	{OPTION_REPOSITORY, "ssl_cacertfile", "sslcacertfile"},
	{OPTION_REPOSITORY, "sslcacertfiles", "sslcacertfile"},
	{OPTION_ACCOUNT, "remote-repository", "remoterepository"},
	{OPTION_REPOSITORY, "nothing like it", NULL},
	{OPTION_REPOSITORY, "xyz", NULL},
	{OPTION_GENERAL, "", NULL},
};

START_TEST(the_right_spelling_is_found)
{
	const struct option *near = option_nearest(misspelt[_i].section,
		misspelt[_i].name);

	if (misspelt[_i].wanted) {
		ck_assert_ptr_nonnull(near);
		ck_assert_str_eq(near->name, misspelt[_i].wanted);
	} else {
		ck_assert_ptr_null(near);
	}
}
END_TEST

START_TEST(distance_counts_slips)
{
	char longer[100];

	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ck_assert_uint_eq(option_distance("", ""), 0);
	ck_assert_uint_eq(option_distance("abc", ""), 3);
	ck_assert_uint_eq(option_distance("", "abc"), 3);
	ck_assert_uint_eq(option_distance("abc", "abc"), 0);
	ck_assert_uint_eq(option_distance("kitten", "sitting"), 3);
	ck_assert_uint_eq(option_distance("fsnyc", "fsync"), 1);
	ck_assert_uint_eq(option_distance("ba", "ab"), 1);
	ck_assert_uint_eq(option_distance(longer, "a"), SIZE_MAX);
}
END_TEST

/* ---- numbers ---- */

static const struct {
	const char *text;
	bool ok;
	int64_t value;
} ints[] = {
	{"0", true, 0}, {"7", true, 7}, {"-7", true, -7}, {"+7", true, 7},
	{"1_000", true, 1000}, {"007", true, 7},
	{"9223372036854775807", true, INT64_MAX},
	{"9223372036854775808", false, 0}, {"", false, 0}, {"-", false, 0},
	{"0x10", false, 0}, {"5.0", false, 0}, {"1__0", false, 0},
	{"_1", false, 0}, {"1_", false, 0}, {"- 1", false, 0},
	{"1 2", false, 0}, {"one", false, 0},
};

START_TEST(whole_numbers_are_pythons)
{
	int64_t value = 0;

	ck_assert_int_eq(number_int(span_of(ints[_i].text), &value),
		ints[_i].ok);
	if (ints[_i].ok)
		ck_assert_int_eq(value, ints[_i].value);
}
END_TEST

static const struct {
	const char *text;
	bool ok;
	double value;
} floats[] = {
	{"0", true, 0}, {"5", true, 5}, {"3.25", true, 3.25},
	{"-1.5", true, -1.5}, {".5", true, 0.5}, {"5.", true, 5},
	{"1e2", true, 100}, {"25E-2", true, 0.25}, {"1_0.5", true, 10.5},
	{"", false, 0}, {".", false, 0}, {"1e", false, 0}, {"1,5", false, 0},
	{"inf", false, 0}, {"nan", false, 0}, {"1e999", false, 0},
	{"0x1p3", false, 0}, {"1.5.2", false, 0}, {"1 ", false, 0},
};

START_TEST(fractions_are_pythons_but_finite)
{
	double value = 0;

	ck_assert_int_eq(number_float(span_of(floats[_i].text), &value),
		floats[_i].ok);
	if (floats[_i].ok)
		ck_assert_double_eq_tol(value, floats[_i].value, 1e-12);
}
END_TEST

/* ---- values ---- */

static const struct option *row(const char *name)
{
	const struct option *option = option_find_anywhere(name);

	ck_assert_ptr_nonnull(option);
	return option;
}

#define SHA1 "0123456789abcdef0123456789abcdef01234567"

static const struct {
	const char *option, *text, *wanted; /* NULL: good; else in the error */
} values[] = {
	{"ssl", "yes", NULL}, {"ssl", "TRUE", NULL}, {"ssl", "oFf", NULL},
	{"ssl", "1", NULL}, {"ssl", "2", "must be yes or no"},
	{"ssl", "", "must be yes or no"}, {"ssl", "y", "must be yes or no"},
	{"ipv6", "", NULL}, {"ipv6", "no", NULL}, {"ipv6", "4", "yes or no"},
	{"remoteport", "993", NULL}, {"remoteport", "0", "from 1 to 65535"},
	{"remoteport", "65536", "from 1 to 65535"},
	{"remoteport", "imaps", "from 1 to 65535"},
	{"maxconnections", "0", "from 1 to 100"},
	{"autorefresh", "0.5", NULL}, {"autorefresh", "5m", "a number"},
	{"type", "IMAP", NULL}, {"type", "imap", "Maildir, GmailMaildir"},
	{"metadata", "", "must be a path"},
	{"maxage", "0", "number of days"}, {"maxage", "3d", "number of days"},
	{"maxage", "2999-01-01", "not in the future"},
	{"maxsize", "10M", "must be a whole number, not below 0"},
	{"sslcacertfile", "", NULL},
	{"localfolders", "", "must be a path"},
	{"sslcacertfile", "OS-DEFAULT", NULL},
	{"auth_mechanisms", "plain,LOGIN", NULL},
	{"auth_mechanisms", "PLAIN, NTLM", "must be a list of GSSAPI"},
	{"auth_mechanisms", " , ", "at least one"},
	{"cert_fingerprint", SHA1, NULL},
	{"cert_fingerprint", SHA1 "," SHA1, NULL},
	{"cert_fingerprint", "", NULL},
	{"cert_fingerprint", SHA1 "00", "SHA-1"},
	{"cert_fingerprint", "x" SHA1, "SHA-1"},
};

START_TEST(bad_values_say_what_is_allowed)
{
	union {
		struct conf conf;
		struct option_account account;
		struct conf_repo repo;
	} base = {0};
	struct arena *arena = arena_new();
	struct error err = {0};
	bool ok = value_store(row(values[_i].option), values[_i].text, arena,
		&base, &err);

	ck_assert_msg(ok == !values[_i].wanted, "%s = %s: %s",
		values[_i].option, values[_i].text, err.text);
	if (values[_i].wanted)
		ck_assert_msg(strstr(err.text, values[_i].wanted) != NULL,
			"%s", err.text);
	arena_free(arena);
}
END_TEST

START_TEST(fingerprints_lose_colons_and_capitals)
{
	struct arena *arena = arena_new();
	struct conf_repo repo = {0};
	struct error err = {0};

	ck_assert(value_store(row("cert_fingerprint"),
		"01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67,"
		"\n" SHA1, arena, &repo, &err));
	ck_assert_str_eq(repo.cert_fingerprint[0], SHA1);
	ck_assert_str_eq(repo.cert_fingerprint[1], SHA1);
	ck_assert_ptr_null(repo.cert_fingerprint[2]);
	arena_free(arena);
}
END_TEST

static const struct {
	const char *option, *text;
	bool off;
} offs[] = {
	{"synclabels", "no", true}, {"synclabels", "", true},
	{"synclabels", "0", true}, {"synclabels", "yes", false},
	{"status_backend", "sqlite", true}, {"status_backend", "plain", false},
};

START_TEST(values_that_ask_for_nothing_are_known)
{
	ck_assert_int_eq(value_is_off(row(offs[_i].option), offs[_i].text),
		offs[_i].off);
}
END_TEST

/* ---- the manual ---- */

static const char *heading(const struct option *option)
{
	static const char *const headings[] = {
		[OPTION_GENERAL] = "\n.Sh GENERAL OPTIONS\n",
		[OPTION_MBNAMES] = "\n.Sh MBNAMES OPTIONS\n",
		[OPTION_ACCOUNT] = "\n.Sh ACCOUNT OPTIONS\n",
	};

	if (option->section != OPTION_REPOSITORY)
		return headings[option->section];
	if (option->repos == OPTION_ALL)
		return "\n.Ss All types\n";
	if (option->repos & OPTION_MAILDIRS)
		return "\n.Ss Maildir and GmailMaildir\n";
	return "\n.Ss IMAP and Gmail\n";
}

/* From the heading to the next one. */
static char *manual_section(const char *page, const char *title)
{
	const char *start = strstr(page, title), *end, *sub;

	ck_assert_msg(start != NULL, "no %s", title);
	start += strlen(title) - 1;
	end = strstr(start, "\n.Sh ");
	sub = strstr(start, "\n.Ss ");
	if (sub && (!end || sub < end))
		end = sub;
	return span_dup((struct span){start,
		end ? (size_t)(end - start) + 1 : strlen(start)});
}

static bool has_item(const char *section, const char *name)
{
	struct str item = {0};
	const char *at = section;
	bool found = false;

	str_printf(&item, "\n.It Ic %s", name);
	while (!found && (at = strstr(at, str_get(&item))) != NULL) {
		at += item.len;
		found = *at == '\n' || *at == ' ';
	}
	str_clear(&item);
	return found;
}

START_TEST(every_option_is_in_the_manual)
{
	struct str page = {0};
	struct error err = {0};

	ck_assert_msg(file_read(SRCDIR "/man/offlineimap.conf.5",
		(size_t)1024 * 1024, &page, &err), "%s", err.text);
	for (size_t i = 0; i < option_count(); i++) {
		const struct option *option = option_at(i);
		char *section = manual_section(str_get(&page),
			heading(option));

		ck_assert_msg(has_item(section, option->name),
			"'%s' is missing under%s", option->name,
			heading(option));
		free(section);
	}
	str_clear(&page);
}
END_TEST

/* What the page says of an option that does not work must be true. */
START_TEST(the_manual_tells_what_is_not_supported)
{
	static const char *const titles[] = {
		[OPTION_NO_EFFECT] = "\nAccepted without effect:\n",
	};
	struct str page = {0};
	struct error err = {0};

	ck_assert(file_read(SRCDIR "/man/offlineimap.conf.5",
		(size_t)1024 * 1024, &page, &err));
	for (size_t i = 0; i < option_count(); i++) {
		const struct option *option = option_at(i);
		char *section = manual_section(str_get(&page),
			heading(option));
		const char *list;

		if (option->section != OPTION_MBNAMES &&
			option->support != OPTION_SUPPORTED &&
			option->support != OPTION_DEPENDENT &&
			strcmp(option->name, "preauthtunnel") != 0) {
			list = strstr(section, titles[option->support]);
			ck_assert_msg(list && has_item(list, option->name),
				"%s", option->name);
		}
		free(section);
	}
	str_clear(&page);
}
END_TEST

static void add_value_tests(TCase *tc)
{
	tcase_add_loop_test(tc, whole_numbers_are_pythons, 0,
		(int)ARRAY_LEN(ints));
	tcase_add_loop_test(tc, fractions_are_pythons_but_finite, 0,
		(int)ARRAY_LEN(floats));
	tcase_add_loop_test(tc, bad_values_say_what_is_allowed, 0,
		(int)ARRAY_LEN(values));
	tcase_add_test(tc, fingerprints_lose_colons_and_capitals);
	tcase_add_loop_test(tc, values_that_ask_for_nothing_are_known, 0,
		(int)ARRAY_LEN(offs));
}

Suite *option_suite(void)
{
	Suite *suite = suite_create("option");
	TCase *tc = tcase_create("option");

	tcase_add_test(tc, every_row_is_complete);
	tcase_add_test(tc, no_two_rows_claim_the_same_name);
	tcase_add_test(tc, every_default_is_a_good_value);
	tcase_add_test(tc, custom_flags_are_26_names);
	tcase_add_test(tc, gmail_has_a_host_of_its_own);
	tcase_add_loop_test(tc, the_right_spelling_is_found, 0,
		(int)ARRAY_LEN(misspelt));
	tcase_add_test(tc, distance_counts_slips);
	add_value_tests(tc);
	tcase_add_test(tc, every_option_is_in_the_manual);
	tcase_add_test(tc, the_manual_tells_what_is_not_supported);
	suite_add_tcase(suite, tc);
	return suite;
}
