#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "conf/ini.h"
#include "conf/interpolate.h"
#include "conf/override.h"
#include "mem.h"
#include "suites.h"

/* Everything that was read: "[section]" and "key=value" in order, newlines of
 * values as "~", each followed by "|".  An empty [DEFAULT] is left out. */
static void dump_section(const struct ini_section *section, struct str *out)
{
	str_printf(out, "[%s]|", section->name);
	for (size_t i = 0; i < section->rows.len; i++) {
		const struct ini_row *row = vec_at(&section->rows, i);

		str_printf(out, "%s=%s|", row->key, row->value);
	}
	for (size_t i = 0; i < out->len; i++)
		if (out->data[i] == '\n')
			out->data[i] = '~';
}

static void dump(const struct ini *ini, struct str *out)
{
	for (size_t i = 0; i < ini_section_count(ini); i++) {
		const struct ini_section *section = ini_section_at(ini, i);

		if (i > 0 || section->rows.len > 0)
			dump_section(section, out);
	}
}

static struct ini *load(const char *text)
{
	struct error err = {0};
	struct ini *ini = ini_load("rc", span_of(text), &err);

	ck_assert_msg(ini != NULL, "%s\nin: %s", err.text, text);
	return ini;
}

/* What Python 3.11's ConfigParser makes of the same texts, but for the byte
 * order mark, which it refuses. */
static const struct {
	const char *text, *wanted;
} grammar[] = {
	{"", ""},
	{"# nothing\n\n; here\n", ""},
	{"[a]\n", "[a]|"},
	{"[a]\nx=1\n", "[a]|x=1|"},
	{"[a]\nx = 1", "[a]|x=1|"},
	{"[a]\nx: 1\n", "[a]|x=1|"},
	{"[a]\nx : 1 = 2\n", "[a]|x=1 = 2|"},
	{"[a]\nx = y:z\n", "[a]|x=y:z|"},
	{"[a]\nX_Y = Z\n", "[a]|x_y=Z|"},
	{"[a]\nkey with blanks = v\n", "[a]|key with blanks=v|"},
	{"[a]\nx =\n", "[a]|x=|"},
	{"[a]\nx =   \ny=1\n", "[a]|x=|y=1|"},
	{"[a]\nx = 1 # c\n", "[a]|x=1 # c|"},
	{"[a]\nx = 1 ; c\n", "[a]|x=1 ; c|"},
	{"[a]\nx = ;#\n", "[a]|x=;#|"},
	{"[a]\nx = \"q\"\n", "[a]|x=\"q\"|"},
	{"[a]\n  # c\n\t; c\nx = 1\n", "[a]|x=1|"},
	{"[a]\nx = 1\n  2\n", "[a]|x=1~2|"},
	{"[a]\nx = 1\n\t2  \n   3\ny = 4\n", "[a]|x=1~2~3|y=4|"},
	{"[a]\nx =\n  1\n", "[a]|x=~1|"},
	{"[a]\nx = 1\n\n  2\n", "[a]|x=1~~2|"},
	{"[a]\nx = 1\n\n\ny = 2\n", "[a]|x=1|y=2|"},
	{"[a]\nx = 1\n  # c\n  2\n", "[a]|x=1~2|"},
	{"[a]\nx = 1\n# c\n  2\n", "[a]|x=1~2|"},
	{"[a]\nx = 1\n  y = 2\n", "[a]|x=1~y = 2|"},
	{"[a]\nx = 1\n  [b]\n", "[a]|x=1~[b]|"},
	{"[a]\n  x = 1\n  y = 2\n", "[a]|x=1|y=2|"},
	{"[a]\n  x = 1\n y = 2\n", "[a]|x=1|y=2|"},
	{"[a]\n  x = 1\n    2\n y = 3\n", "[a]|x=1~2|y=3|"},
	{"  [a]\nx = 1\n", "[a]|x=1|"},
	{"[a]\n  [b]\nx = 1\n", "[a]|[b]|x=1|"},
	{"[ a b ]\nx = 1\n", "[ a b ]|x=1|"},
	{"[a]b] c\nx = 1\n", "[a]b]|x=1|"},
	{"[a]=1\nx = 1\n", "[a]|x=1|"},
	{"[a]\n[]=1\n", "[a]|[]=1|"},
	{"[a]\nx=1\n[A]\nx=2\n", "[a]|x=1|[A]|x=2|"},
	{"[a]\r\nx = 1\r\n  2\r\ny = 3\r\n", "[a]|x=1~2|y=3|"},
	{"[a]\rx = 1\r\ry = 3", "[a]|x=1|y=3|"},
	{"[DEFAULT]\nx = 1\n[a]\ny = 2\n", "[DEFAULT]|x=1|[a]|y=2|"},
	{"[DEFAULT]\nx=1\n[a]\n[DEFAULT]\ny=2\n", "[DEFAULT]|x=1|y=2|[a]|"},
	{"[a]\nx = \xc3\xa9\n", "[a]|x=\xc3\xa9|"},
	{"\xef\xbb\xbf[a]\nx = 1\n", "[a]|x=1|"},
	{"[Account X]\nx = 100%\n", "[Account X]|x=100%|"},
};

START_TEST(files_are_read_as_python_reads_them)
{
	struct ini *ini = load(grammar[_i].text);
	struct str got = {0};

	dump(ini, &got);
	ck_assert_str_eq(str_get(&got), grammar[_i].wanted);
	str_clear(&got);
	ini_free(ini);
}
END_TEST

static const struct {
	const char *text, *wanted;
} broken[] = {
	{"x = 1\n", "rc:1: this line comes before the first [section]"},
	{"# c\n\nx\n", "rc:3: this line comes before"},
	{"[a]\nx\n", "rc:2: this line is neither"},
	{"[a]\n= 1\n", "rc:2: this line is neither"},
	{"[a]\n[]\n", "rc:2: this line is neither"},
	{"[a]\n[b\n", "rc:2: this line is neither"},
	{"[a]\nx=1\nx=2\n",
		"rc:3: option 'x' in [a] was already given in line 2"},
	{"[a]\nx=1\n\n\nX : 2\n",
		"rc:5: option 'x' in [a] was already given in line 2"},
	{"[a]\n[b]\n[a]\n",
		"rc:3: section [a] was already given in line 1"},
	{"[DEFAULT]\nx=1\n[DEFAULT]\nx=2\n",
		"rc:4: option 'x' in [DEFAULT] was already given in line 2"},
};

START_TEST(mistakes_are_errors_with_their_lines)
{
	struct error err = {0};

	ck_assert_ptr_null(ini_load("rc", span_of(broken[_i].text), &err));
	ck_assert_msg(strstr(err.text, broken[_i].wanted) != NULL, "%s",
		err.text);
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ck_assert_int_eq(err.severity, ERROR_FATAL);
}
END_TEST

START_TEST(a_nul_byte_is_an_error)
{
	static const char key[] = "[a]\nx\0y = 1\n";
	static const char value[] = "[a]\nx = 1\n  2\0\n";
	struct error err = {0};

	ck_assert_ptr_null(ini_load("rc",
		(struct span){key, sizeof(key) - 1}, &err));
	ck_assert_ptr_null(ini_load("rc",
		(struct span){value, sizeof(value) - 1}, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "rc:2: there is a NUL"));
}
END_TEST

/* inih as packaged cuts lines, names and sections at 200 and 50 bytes. */
START_TEST(long_names_and_values_are_kept_whole)
{
	char long_text[5001];
	struct str text = {0};
	struct ini *ini;
	const struct ini_row *row;

	for (size_t i = 0; i < sizeof(long_text) - 1; i++)
		long_text[i] = "abc;d #e"[i % 8];
	long_text[sizeof(long_text) - 1] = '\0';
	str_printf(&text, "[%s]\n%s = %s\n  %s", long_text, long_text,
		long_text, long_text);
	ini = load(str_get(&text));
	ck_assert_str_eq(ini_section_at(ini, 1)->name, long_text);
	row = ini_row(ini_section_at(ini, 1), long_text);
	ck_assert_ptr_nonnull(row);
	ck_assert_uint_eq(strlen(row->value), 2 * sizeof(long_text) - 1);
	ck_assert_mem_eq(row->value, long_text, sizeof(long_text) - 1);
	str_clear(&text);
	ini_free(ini);
}
END_TEST

START_TEST(sections_and_options_know_their_lines)
{
	struct ini *ini = load("# c\n[a]\n\nx = 1\n  2\n\n# c\ny = 3\n[b]\n");
	const struct ini_section *a = ini_section(ini, "a");

	ck_assert_uint_eq(a->line, 2);
	ck_assert_uint_eq(ini_row(a, "x")->line, 4);
	ck_assert_uint_eq(ini_row(a, "y")->line, 8);
	ck_assert_uint_eq(ini_section(ini, "b")->line, 9);
	ck_assert_ptr_null(ini_section(ini, "c"));
	ck_assert_ptr_null(ini_row(a, "z"));
	ini_free(ini);
}
END_TEST

START_TEST(options_of_default_show_through)
{
	struct ini *ini = load("[a]\nx=1\n[DEFAULT]\nx=2\ny=3\n");
	const struct ini_section *a = ini_section(ini, "a");

	ck_assert_str_eq(ini_find(ini, a, "x")->value, "1");
	ck_assert_str_eq(ini_find(ini, a, "y")->value, "3");
	ck_assert_ptr_null(ini_row(a, "y"));
	ck_assert_ptr_null(ini_find(ini, a, "z"));
	ini_free(ini);
}
END_TEST

/* ---- interpolation ---- */

static const char interpolated[] =
	"[DEFAULT]\nhome = /h\nname = d\nboth = %(name)s\n"
	"c10 = %(home)s%%\nc9 = %(c10)s\nc8 = %(c9)s\nc7 = %(c8)s\n"
	"c6 = %(c7)s\nc5 = %(c6)s\nc4 = %(c5)s\nc3 = %(c4)s\nc2 = %(c3)s\n"
	"c1 = %(c2)s\n"
	"[a]\nname = own\n"
	"v1 = plain\nv2 = %(home)s/x\nv3 = 100%%\nv4 = %%(home)s\n"
	"v5 = %(both)s\nv6 = %(HOME)s\nv7 = %%%(name)s%%\nv8 = %(c2)s\n"
	"e1 = 100%\ne2 = %s\ne3 = %(home)\ne4 = %(none)s\ne5 = %(e5)s\n"
	"e6 = %(c1)s\ne7 = %()s\ne8 = %(home\ne9 = x%\n";

static const struct {
	const char *key, *wanted; /* NULL: an error */
} interpolations[] = {
	{"v1", "plain"}, {"v2", "/h/x"}, {"v3", "100%"}, {"v4", "%(home)s"},
	{"v5", "own"}, {"v6", "/h"}, {"v7", "%own%"}, {"v8", "/h%"},
	{"e1", NULL}, {"e2", NULL}, {"e3", NULL}, {"e4", NULL}, {"e5", NULL},
	{"e6", NULL}, {"e7", NULL}, {"e8", NULL}, {"e9", NULL},
};

START_TEST(percent_stands_for_other_options)
{
	struct ini *ini = load(interpolated);
	const struct ini_section *a = ini_section(ini, "a");
	struct error err = {0};
	struct str out = {0};
	const char *wanted = interpolations[_i].wanted;
	bool ok = interpolate(ini, a, ini_row(a, interpolations[_i].key),
		&out, &err);

	ck_assert_int_eq(ok, wanted != NULL);
	if (wanted)
		ck_assert_str_eq(str_get(&out), wanted);
	else
		ck_assert_int_eq(err.kind, ERROR_CONFIG);
	str_clear(&out);
	ini_free(ini);
}
END_TEST

START_TEST(an_endless_interpolation_is_an_error)
{
	struct ini *ini = load("[a]\nx = %(y)s%(y)s\ny = %(x)s%(x)s\n");
	const struct ini_section *a = ini_section(ini, "a");
	struct error err = {0};
	struct str out = {0};

	ck_assert(!interpolate(ini, a, ini_row(a, "x"), &out, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "too deep"));
	str_clear(&out);
	ini_free(ini);
}
END_TEST

START_TEST(a_use_of_an_option_is_recognised)
{
	ck_assert(interpolate_uses("a%(Key)sb", "key"));
	ck_assert(interpolate_uses("%(x)s%(key)s", "key"));
	ck_assert(!interpolate_uses("%%(key)s", "key"));
	ck_assert(!interpolate_uses("% (key)", "key"));
	ck_assert(!interpolate_uses("%(keys)s", "key"));
}
END_TEST

/* ---- -k ---- */

static const struct {
	const char *argument, *section, *key, *value;
} overrides[] = {
	{"ui=basic", "general", "ui", "basic"},
	{"UI = basic ", "general", "ui", "basic"},
	{"x=a=b:c", "general", "x", "a=b:c"},
	{"general:ui=basic", "general", "ui", "basic"},
	{"Account_My_Own:quick=1", "Account My Own", "quick", "1"},
	{"DEFAULT:x=1", "DEFAULT", "x", "1"},
	{"x=50%%", "general", "x", "50%%"},
	{"x=%(ui)s", "general", "x", "%(ui)s"},
	{"x=", "general", "x", ""},
};

START_TEST(dash_k_sets_an_option)
{
	struct ini *ini = load("[general]\nui=old\n[Account My Own]\n");
	struct error err = {0};
	const struct ini_row *row;
	char *where;

	ck_assert_msg(override_apply(ini, overrides[_i].argument, &err),
		"%s", err.text);
	row = ini_row(ini_section(ini, overrides[_i].section),
		overrides[_i].key);
	ck_assert_str_eq(row->value, overrides[_i].value);
	ck_assert_uint_eq(row->line, 0);
	where = ini_where(ini, row->line);
	ck_assert_str_eq(where, "rc, option -k");
	free(where);
	ini_free(ini);
}
END_TEST

static const struct {
	const char *argument, *wanted;
} bad_overrides[] = {
	{"ui", "it must have the form [section:]option=value"},
	{"Account_B:x=1", "no section [Account B] in rc; there are: "
		"[general], [Account A]"},
	{"x=50%", "must be written \"%%\""},
	{"=1", "the name of the option is missing"},
	{"general:=1", "the name of the option is missing"},
};

START_TEST(a_bad_dash_k_is_an_error)
{
	struct ini *ini = load("[general]\nui=old\n[Account A]\n");
	struct error err = {0};

	ck_assert(!override_apply(ini, bad_overrides[_i].argument, &err));
	ck_assert_msg(strstr(err.text, bad_overrides[_i].wanted) != NULL,
		"%s", err.text);
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ini_free(ini);
}
END_TEST

START_TEST(a_bad_dash_k_does_not_show_its_value)
{
	struct ini *ini = load("[general]\n");
	struct error err = {0};

	ck_assert(!override_apply(ini, "remotepass=hush%", &err));
	ck_assert_ptr_null(strstr(err.text, "hush"));
	ck_assert_ptr_nonnull(strstr(err.text, "remotepass"));
	ini_free(ini);
}
END_TEST

Suite *ini_suite(void)
{
	Suite *suite = suite_create("ini");
	TCase *tc = tcase_create("ini");

	tcase_add_loop_test(tc, files_are_read_as_python_reads_them, 0,
		(int)ARRAY_LEN(grammar));
	tcase_add_loop_test(tc, mistakes_are_errors_with_their_lines, 0,
		(int)ARRAY_LEN(broken));
	tcase_add_test(tc, a_nul_byte_is_an_error);
	tcase_add_test(tc, long_names_and_values_are_kept_whole);
	tcase_add_test(tc, sections_and_options_know_their_lines);
	tcase_add_test(tc, options_of_default_show_through);
	tcase_add_loop_test(tc, percent_stands_for_other_options, 0,
		(int)ARRAY_LEN(interpolations));
	tcase_add_test(tc, an_endless_interpolation_is_an_error);
	tcase_add_test(tc, a_use_of_an_option_is_recognised);
	tcase_add_loop_test(tc, dash_k_sets_an_option, 0,
		(int)ARRAY_LEN(overrides));
	tcase_add_loop_test(tc, a_bad_dash_k_is_an_error, 0,
		(int)ARRAY_LEN(bad_overrides));
	tcase_add_test(tc, a_bad_dash_k_does_not_show_its_value);
	suite_add_tcase(suite, tc);
	return suite;
}
