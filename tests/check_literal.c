#include "config.h"

#include "conf/literal.h"
#include "suites.h"

static const struct {
	const char *text;
	const char *wanted; /* a sign, then the value; "" : not a literal */
} cases[] = {
	{"None", "-"}, {" None", "-"}, {"None # why", "-"}, {"Nones", ""},
	{"True", "?1"}, {"False", "?0"}, {"true", ""}, {"", ""}, {" ", ""},
	{"993", "#993"}, {"-1", "#-1"}, {"+7", "#7"}, {"1_000", "#1000"},
	{"0", "#0"}, {"00", "#0"}, {"0993", ""}, {"0x10", ""}, {"5.0", ""},
	{"5.", ""}, {"1__0", ""}, {"1_", ""}, {"_1", ""}, {"1e3", ""},
	{"-", ""}, {"9223372036854775807", "#9223372036854775807"},
	{"9223372036854775808", ""}, {"5 + 3", ""}, {"(993)", "#993"},
	{"((None))", "-"}, {"5 5", ""}, {"5\n", "#5"}, {"5\n # x\n", "#5"},
	{"\n5", "#5"}, {"\n 5", ""}, {"# x\n5", "#5"},
	/* texts */
	{"'a'", "'a"}, {"\"a\"", "'a"}, {"''", "'"}, {"\"\"", "'"},
	{"'''a'b'''", "'a'b"}, {"\"\"\"a\n\"b\"\"\"", "'a\n\"b"},
	{"'a' 'b'", "'ab"}, {"'a'\"b\" '''c'''", "'abc"}, {"'a'\n'b'", ""},
	{"('a'\n'b')", "'ab"}, {"('a' # x\n\n  'b')", "'ab"}, {"'a", ""},
	{"'a\nb'", ""}, {"'a\\\nb'", "'ab"}, {"'a'b", ""}, {"a'b'", ""},
	{"'\\n\\t\\\\\\'\\\"'", "'\n\t\\'\""}, {"'\\x41\\101'", "'AA"},
	{"'\\xe9'", "'\xc3\xa9"}, {"'\\u00e9\\u20ac'",
		"'\xc3\xa9\xe2\x82\xac"}, {"'\\ud800'", ""}, {"'\\0'", ""},
	{"'\\x00'", ""}, {"'\\x4'", ""}, {"'\\400'", ""}, {"'\\q'", ""},
	{"'\\N{DASH}'", ""}, {"'\\U0001f600'", ""}, {"'\\", ""},
	{"r'a\\nb'", "'a\\nb"}, {"R'\\''", "'\\'"}, {"r'\\'", ""},
	{"u'a'", "'a"}, {"U'a'", "'a"}, {"ur'a'", ""}, {"b'a'", "'a"},
	{"rb'\\a'", "'\\a"}, {"Br'\\a'", "'\\a"}, {"bb'a'", ""},
	{"f'a'", ""}, {"b'a' 'b'", ""}, {"b'\\xc3\\xa9'", "'\xc3\xa9"},
	{"b'\\xe9'", ""}, {"b'\xc3\xa9'", ""}, {"'\xc3\xa9'", "'\xc3\xa9"},
	{"'\xe9'", ""}, {"'\xed\xa0\x80'", ""}, {"'a\rb'", ""},
	{"'a'.upper()", ""}, {"'a' % 1", ""}, {"'''a''''", ""},
	{"('a')", "'a"}, {"(('a'))", "'a"}, {"'#'", "'#"}, {"'a',", ""},
	/* lists */
	{"[]", "["}, {"()", "["}, {"{}", ""}, {"['a']", "[a,"},
	{"['a','b']", "[a,b,"}, {"['a', 'b',]", "[a,b,"}, {"[,]", ""},
	{"['a',,]", ""}, {"['a' 'b']", "[ab,"}, {"['a' ['b']]", ""},
	{"('a',)", "[a,"}, {"('a', 'b')", "[a,b,"}, {"(['a'])", "[a,"},
	{"((('a',)))", "[a,"}, {"{'a', 'b'}", "[a,b,"}, {"{'a': 'b'}", ""},
	{"['a', # one\n 'b' # two\n\n]", "[a,b,"}, {"[\n'INBOX',\n'Sent'\n]",
		"[INBOX,Sent,"}, {"['a', 1]", ""}, {"['a', None]", ""},
	{"['a', b'b']", ""}, {"[('a'), (('b' 'c'))]", "[a,bc,"},
	{"[('a',)]", ""}, {"['a'", ""}, {"['a')", ""}, {"['a']]", ""},
	{"['a'] + ['b']", ""}, {"lambda f: f", ""}, {"[x for x in y]", ""},
	{"['a'\n,'b']\n", "[a,b,"}, {"(", ""}, {"((((((((((((((((((((((((", ""},
};

static void describe(const struct literal *l, struct str *out)
{
	switch (l->kind) {
	case LITERAL_NONE:
		str_set(out, "-");
		return;
	case LITERAL_BOOL:
		str_printf(out, "?%d", (int)l->number);
		return;
	case LITERAL_NUMBER:
		str_printf(out, "#%lld", (long long)l->number);
		return;
	case LITERAL_TEXT:
		str_printf(out, "'%s", str_get(&l->text));
		return;
	case LITERAL_LIST:
		str_set(out, "[");
		for (size_t i = 0; i < l->list.len; i++)
			str_printf(out, "%s,",
				*(char **)vec_at(&l->list, i));
	}
}

START_TEST(literals_mean_what_python_says)
{
	struct literal literal;
	struct str got = {0};

	if (literal_read(cases[_i].text, &literal))
		describe(&literal, &got);
	ck_assert_msg(span_is(span_str(&got), cases[_i].wanted),
		"%s: got %s, wanted %s", cases[_i].text, str_get(&got),
		cases[_i].wanted);
	literal_clear(&literal);
	str_clear(&got);
}
END_TEST

Suite *literal_suite(void)
{
	Suite *suite = suite_create("literal");
	TCase *tc = tcase_create("literal");

	tcase_add_loop_test(tc, literals_mean_what_python_says, 0,
		ARRAY_LEN(cases));
	suite_add_tcase(suite, tc);
	return suite;
}
