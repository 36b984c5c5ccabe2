#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "imap/cmd.h"
#include "imap/flag.h"
#include "imap/seqset.h"
#include "suites.h"

/* The bytes as they go to the server, literals without waiting. */
static void flatten(const struct cmd *cmd, struct str *out)
{
	for (size_t i = 0; i < cmd->len; i++) {
		const struct cmd_part *part = &cmd->part[i];

		if (part->kind == PART_LITERAL)
			str_printf(out, "{%zu}\r\n", part->text.len);
		if (part->kind == PART_SOURCE)
			str_printf(out, "{%llu}\r\n",
				(unsigned long long)part->source.size);
		str_add_span(out, span_str(&part->text));
	}
}

static void check_wire(const struct cmd *cmd, const char *expected)
{
	struct str wire = {0};

	flatten(cmd, &wire);
	ck_assert_str_eq(str_get(&wire), expected);
	str_clear(&wire);
}

typedef bool string_fn(struct cmd *cmd, struct span text);

static void check_string(string_fn *fn, const char *text, const char *expected)
{
	struct cmd cmd;

	cmd_init(&cmd, "X");
	ck_assert(fn(&cmd, span_of(text)));
	check_wire(&cmd, expected);
	cmd_clear(&cmd);
}

START_TEST(strings_are_atoms_where_that_is_safe)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{"INBOX", "X INBOX"},
		{"[Gmail]", "X [Gmail]"},
		{"&Jjo-", "X &Jjo-"},
		{"a.b-c_d~e+f=g", "X a.b-c_d~e+f=g"},
		{"", "X \"\""},
		{"NIL", "X \"NIL\""},
		{"nil", "X \"nil\""},
		{"a b", "X \"a b\""},
		{"a/b", "X \"a/b\""},
		{"*", "X \"*\""},
		{"a%b", "X \"a%b\""},
		{"(a)", "X \"(a)\""},
		{"{5}", "X \"{5}\""},
		{"{5}\r\n", "X {5}\r\n{5}\r\n"},
		{"a\\b", "X \"a\\\\b\""},
		{"say \"hi\"", "X \"say \\\"hi\\\"\""},
		{"gr\303\274n", "X {5}\r\ngr\303\274n"},
		{"a\r\nA1 DELETE INBOX", "X {18}\r\na\r\nA1 DELETE INBOX"},
		{"a\tb", "X {3}\r\na\tb"},
		{"\177", "X {1}\r\n\177"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_string(cmd_string, rows[i].text, rows[i].expected);
}
END_TEST

START_TEST(quoted_strings_are_never_atoms)
{
	check_string(cmd_quoted, "secret", "X \"secret\"");
	check_string(cmd_quoted, "", "X \"\"");
	check_string(cmd_quoted, "a\"b\\c", "X \"a\\\"b\\\\c\"");
	check_string(cmd_quoted, "\n", "X {1}\r\n\n");
}
END_TEST

START_TEST(a_string_with_nul_is_refused)
{
	struct cmd cmd;

	cmd_init(&cmd, "LOGIN");
	ck_assert(!cmd_string(&cmd, (struct span){"a\0b", 3}));
	ck_assert(!cmd_quoted(&cmd, (struct span){"\0", 1}));
	cmd_clear(&cmd);
}
END_TEST

START_TEST(arguments_follow_each_other_with_one_blank)
{
	struct seqset set = {0};
	struct cmd cmd;

	seqset_add_range(&set, 1, 3);
	seqset_add(&set, 7);
	cmd_init(&cmd, "UID STORE");
	cmd_seqset(&cmd, &set);
	cmd_raw(&cmd, "+FLAGS.SILENT");
	cmd_flags(&cmd, FLAG_SEEN | FLAG_FLAGGED | FLAG_PASSED, NULL);
	cmd_number(&cmd, UINT64_MAX);
	cmd_number(&cmd, 0);
	cmd_flags(&cmd, 0, NULL);
	check_wire(&cmd, "UID STORE 1:3,7 +FLAGS.SILENT (\\Flagged \\Seen) "
			 "18446744073709551615 0 ()");
	ck_assert_uint_eq(cmd.len, 1);
	cmd_clear(&cmd);
	seqset_clear(&set);
}
END_TEST

START_TEST(text_goes_on_behind_literals_and_sources)
{
	const struct source source = {.size = 310};
	struct cmd cmd;

	cmd_init(&cmd, "APPEND");
	ck_assert(cmd_string(&cmd, span_of("\303\274")));
	cmd_flags(&cmd, FLAG_SEEN, NULL);
	cmd_source(&cmd, &source);
	cmd_raw(&cmd, "x");
	check_wire(&cmd, "APPEND {2}\r\n\303\274 (\\Seen) {310}\r\n x");
	ck_assert_uint_eq(cmd.len, 5);
	ck_assert_int_eq(cmd.part[3].kind, PART_SOURCE);
	cmd_clear(&cmd);
	ck_assert_uint_eq(cmd.len, 0);
}
END_TEST

static void set_zone(const char *zone)
{
	if (zone)
		setenv("TZ", zone, 1);
	else
		unsetenv("TZ");
	tzset();
}

static void check_date(const char *zone, int64_t seconds, const char *expected)
{
	struct cmd cmd;

	set_zone(zone);
	cmd_init(&cmd, "X");
	cmd_date(&cmd, seconds);
	check_wire(&cmd, expected);
	cmd_clear(&cmd);
}

START_TEST(dates_are_local_time_with_its_zone)
{
	const char *before = getenv("TZ");
	struct str zone = {0};

	if (before)
		str_set(&zone, before);
	check_date("UTC0", 0, "X \"01-Jan-1970 00:00:00 +0000\"");
	check_date("AAA-1", 1795424400, "X \"23-Nov-2026 10:00:00 +0100\"");
	check_date("AAA3:30", 0, "X \"31-Dec-1969 20:30:00 -0330\"");
	check_date("AAA-5:45", 0, "X \"01-Jan-1970 05:45:00 +0545\"");
	check_date("UTC0", -2203891200, "X \"01-Mar-1900 00:00:00 +0000\"");
	set_zone(before ? str_get(&zone) : NULL);
	str_clear(&zone);
}
END_TEST

/* Whatever a file's time is, the year has four digits. */
START_TEST(dates_out_of_range_are_clamped)
{
	static const int64_t seconds[] = {INT64_MIN, -62135596801,
		253402300800, INT64_MAX};

	for (size_t i = 0; i < ARRAY_LEN(seconds); i++) {
		struct str wire = {0};
		struct cmd cmd;

		cmd_init(&cmd, "X");
		cmd_date(&cmd, seconds[i]);
		flatten(&cmd, &wire);
		ck_assert_uint_eq(wire.len,
			strlen("X \"01-Jan-1970 00:00:00 +0000\""));
		ck_assert(strstr(str_get(&wire),
			i < 2 ? "-Jan-0001 " : "-Dec-9999 "));
		str_clear(&wire);
		cmd_clear(&cmd);
	}
}
END_TEST

/* A reader of commands that shares nothing with the writer. */

static bool read_quoted(struct span *in, struct str *out)
{
	for (size_t i = 1; i < in->len; i++) {
		char c = in->data[i];

		if (c == '"') {
			in->data += i + 1;
			in->len -= i + 1;
			return true;
		}
		if (c == '\r' || c == '\n' || (unsigned char)c > 0x7e)
			return false;
		if (c == '\\') {
			c = ++i < in->len ? in->data[i] : '\0';
			if (c != '"' && c != '\\')
				return false;
		}
		str_add_char(out, c);
	}
	return false;
}

static bool read_literal(struct span *in, struct str *out)
{
	size_t size = 0, i = 1;

	for (; i < in->len && in->data[i] >= '0' && in->data[i] <= '9'; i++)
		size = size * 10 + (size_t)(in->data[i] - '0');
	if (i == 1 || in->len - i < 3 || memcmp(in->data + i, "}\r\n", 3) != 0)
		return false;
	i += 3;
	if (in->len - i < size)
		return false;
	str_add_mem(out, in->data + i, size);
	in->data += i + size;
	in->len -= i + size;
	return true;
}

static bool read_atom(struct span *in, struct str *out)
{
	size_t i = 0;

	for (; i < in->len && in->data[i] != ' '; i++)
		if (!strchr("!#$&'+,-.:;<=>?@[]^_`|~0123456789"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz",
			    in->data[i]))
			return false;
	str_add_mem(out, in->data, i);
	in->data += i;
	in->len -= i;
	return i > 0;
}

static bool read_argument(struct span *in, struct str *out)
{
	if (in->len < 2 || in->data[0] != ' ')
		return false;
	in->data++;
	in->len--;
	if (in->data[0] == '"')
		return read_quoted(in, out);
	if (in->data[0] == '{')
		return read_literal(in, out);
	return read_atom(in, out);
}

static uint32_t random_next(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Half of the characters are those that have hurt others. */
static void random_text(uint32_t *seed, struct str *out)
{
	static const char nasty[] = "\r\n\"\\ {}()%*+0123&\t\177\303\274]";
	size_t len = random_next(seed) % 12;

	while (len-- > 0) {
		uint32_t n = random_next(seed);

		if (n % 2)
			str_add_char(out,
				nasty[n / 2 % (sizeof(nasty) - 1)]);
		else
			str_add_char(out, (char)(n / 2 % 255 + 1));
	}
}

/* S14 */
START_TEST(any_arguments_come_back_from_the_wire)
{
	uint32_t seed = 3;

	for (int round = 0; round < 20000; round++) {
		struct str argument[3] = {{0}}, wire = {0};
		struct span in;
		struct cmd cmd;
		bool same = true;

		cmd_init(&cmd, "X");
		for (size_t i = 0; i < ARRAY_LEN(argument); i++) {
			string_fn *add = random_next(&seed) % 2 ? cmd_string
								: cmd_quoted;

			random_text(&seed, &argument[i]);
			same = same && add(&cmd, span_str(&argument[i]));
		}
		flatten(&cmd, &wire);
		in = (struct span){wire.data + 1, wire.len - 1};
		for (size_t i = 0; i < ARRAY_LEN(argument); i++) {
			struct str got = {0};

			same = same && read_argument(&in, &got) &&
				span_equal(span_str(&got),
					span_str(&argument[i]));
			str_clear(&got);
			str_clear(&argument[i]);
		}
		ck_assert_msg(same && in.len == 0, "%s", str_get(&wire));
		str_clear(&wire);
		cmd_clear(&cmd);
	}
}
END_TEST

Suite *cmd_suite(void)
{
	Suite *s = suite_create("cmd");
	TCase *t = tcase_create("cmd");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, strings_are_atoms_where_that_is_safe);
	tcase_add_test(t, quoted_strings_are_never_atoms);
	tcase_add_test(t, a_string_with_nul_is_refused);
	tcase_add_test(t, arguments_follow_each_other_with_one_blank);
	tcase_add_test(t, text_goes_on_behind_literals_and_sources);
	tcase_add_test(t, dates_are_local_time_with_its_zone);
	tcase_add_test(t, dates_out_of_range_are_clamped);
	tcase_add_test(t, any_arguments_come_back_from_the_wire);
	suite_add_tcase(s, t);
	return s;
}
