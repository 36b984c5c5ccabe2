#include "config.h"

#include "support/parse_cases.h"

#include "attr.h"

const struct parse_case fetch_cases[] = {
	CASE("FETCH",
		"* 12 FETCH (UID 7 FLAGS (\\Seen \\Deleted $x) RFC822.SIZE "
		"44827 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" MODSEQ "
		"(624140003))\r\n",
		"FETCH 12 UID 7 FLAGS 0x18 (\\Seen \\Deleted $x) SIZE 44827 "
		"DATE 837596665 MODSEQ 624140003\n"),
	CASE("FETCH in any order and case",
		"* 12 FETCH (MODSEQ (1) flags () Uid 7)\r\n"
		"* 13 FETCH (UID 8)\r\n"
		"* 14 FETCH ()\r\n",
		"FETCH 12 UID 7 FLAGS 0x0 () MODSEQ 1\n"
		"FETCH 13 UID 8\n"
		"FETCH 14\n"),
	CASE("FETCH with much and with no blank",
		"* 1 FETCH  ( UID 7  FLAGS(\\Seen)  )\r\n"
		"* 2 FETCH(UID 8 FLAGS ( \\Draft ) )\r\n",
		"FETCH 1 UID 7 FLAGS 0x8 (\\Seen)\n"
		"FETCH 2 UID 8 FLAGS 0x1 (\\Draft)\n"),
	CASE("FETCH with quoted flags",
		"* 1 FETCH (FLAGS (\"\\\\Deleted\" \\Answered NIL a\001b \\))"
		"\r\n",
		"FETCH 1 FLAGS 0x14 (\"\\\\Deleted\" \\Answered NIL)\n"),
	CASE("FETCH with unusable values",
		"* 1 FETCH (UID 0 FLAGS NIL RFC822.SIZE -1 INTERNALDATE NIL "
		"MODSEQ NIL)\r\n"
		"* 1 FETCH (UID 4294967296 INTERNALDATE \"32-Jan-2020 "
		"00:00:00 +0000\" RFC822.SIZE 18446744073709551616 MODSEQ "
		"(18446744073709551616))\r\n",
		"FETCH 1\n"
		"FETCH 1\n"),
	CASE("FETCH with unknown items",
		"* 1 FETCH (X-GM-LABELS (\\Inbox \"a b\") X-GM-MSGID 12 "
		"ENVELOPE (NIL ((NIL NIL \"a\" {3}\r\n"
		"b c)) NIL) UID 5 EMAILID (M1) THREADID NIL PREVIEW \"x\")\r"
		"\n",
		"FETCH 1 UID 5\n"),
	CASE("FETCH with an item without value",
		"* 1 FETCH (UID 5 X-FOO)\r\n",
		"FETCH 1 UID 5\n"),
	CASE("FETCH with a body",
		"* 1 FETCH (UID 5 FLAGS (\\Seen) BODY[] {11}\r\n"
		"hello\r\n"
		"you\n"
		")\r\n"
		"* 2 EXISTS\r\n",
		"begin 11\n"
		"body \"hello\\x0d\\x0ayou\\x0a\"\n"
		"FETCH 1 UID 5 FLAGS 0x8 (\\Seen) STREAMED {11}\n"
		"EXISTS 2\n"),
	CASE("FETCH with UID and FLAGS behind the body",
		"* 1 FETCH (BODY[] {3}\r\n"
		"abc UID 5 FLAGS (\\Seen))\r\n",
		"begin 3\n"
		"body \"abc\"\n"
		"FETCH 1 UID 5 FLAGS 0x8 (\\Seen) STREAMED {3}\n"),
	CASE("FETCH with a lone parenthesis behind the body",
		"* 1 FETCH (UID 5 BODY[] {3}\r\n"
		"abc\r\n"
		")\r\n",
		"begin 3\n"
		"body \"abc\"\n"
		"error: the list of FETCH is not closed, in: * 1 FETCH (UID "
		"5 BODY[] {3}....\n"),
	CASE("FETCH with the other names of a body",
		"* 1 FETCH (RFC822 {1}\r\n"
		"a)\r\n"
		"* 1 FETCH (BINARY[] {1}\r\n"
		"b)\r\n"
		"* 1 FETCH (body[]<0> {1}\r\n"
		"c)\r\n"
		"* 1 FETCH (BODY.PEEK[] {1}\r\n"
		"d)\r\n"
		"* 1 FETCH (BODY[]{1}\r\n"
		"e)\r\n"
		"* 1 FETCH (BODY[ ] {1}\r\n"
		"f)\r\n",
		"begin 1\n"
		"body \"a\"\n"
		"FETCH 1 STREAMED {1}\n"
		"begin 1\n"
		"body \"b\"\n"
		"FETCH 1 STREAMED {1}\n"
		"begin 1\n"
		"body \"c\"\n"
		"FETCH 1 STREAMED {1}\n"
		"begin 1\n"
		"body \"d\"\n"
		"FETCH 1 STREAMED {1}\n"
		"begin 1\n"
		"body \"e\"\n"
		"FETCH 1 STREAMED {1}\n"
		"begin 1\n"
		"body \"f\"\n"
		"FETCH 1 STREAMED {1}\n"),
	CASE("FETCH with a quoted body",
		"* 1 FETCH (UID 5 BODY[] \"a \\\"b\\\"\" FLAGS ())\r\n"
		"* 2 EXISTS\r\n",
		"begin 5\n"
		"body \"a \"b\"\"\n"
		"FETCH 1 UID 5 FLAGS 0x0 () STREAMED {5}\n"
		"EXISTS 2\n"),
	CASE("FETCH with an empty quoted body",
		"* 1 FETCH (UID 5 BODY[] \"\")\r\n",
		"begin 0\n"
		"body \"\"\n"
		"FETCH 1 UID 5 STREAMED {0}\n"),
	CASE("FETCH with no body",
		"* 1 FETCH (UID 5 BODY[] NIL)\r\n",
		"FETCH 1 UID 5\n"),
	CASE("FETCH with two bodies",
		"* 1 FETCH (BODY[] {1}\r\n"
		"a BODY[] {1}\r\n"
		"b)\r\n",
		"begin 1\n"
		"body \"a\"\n"
		"error: a second body in one FETCH, in: * 1 FETCH (BODY[] "
		"{1}.. BODY[] {1}..\n"),
	CASE("FETCH with two bodies, the second quoted",
		"* 1 FETCH (BODY[] {1}\r\n"
		"a BODY[] \"b\")\r\n",
		"begin 1\n"
		"body \"a\"\n"
		"error: a second body in one FETCH, in: * 1 FETCH (BODY[] "
		"{1}.. BODY[] \"b\")..\n"),
	CASE("FETCH with a header",
		"* 1 FETCH (UID 5 BODY[HEADER.FIELDS (MESSAGE-ID DATE)] {19}"
		"\r\n"
		"Message-ID: <a@b>\r\n"
		")\r\n",
		"FETCH 1 UID 5 SECTION \"HEADER.FIELDS (MESSAGE-ID DATE)\" "
		"\"Message-ID: <a@b>\\x0d\\x0a\"\n"),
	CASE("FETCH with brackets and quotes in a section",
		"* 1 FETCH (BODY[HEADER.FIELDS (\"A]B\" C)] {2}\r\n"
		"xy BODY[]<5> {2}\r\n"
		"zz UID 3)\r\n",
		"begin 2\n"
		"body \"zz\"\n"
		"FETCH 1 UID 3 SECTION \"HEADER.FIELDS (\\\"A]B\\\" C)\" "
		"\"xy\" STREAMED {2}\n"),
	CASE("FETCH with a quoted and an absent section",
		"* 1 FETCH (BODY[TEXT] \"abc\" UID 3)\r\n"
		"* 1 FETCH (BODY[TEXT] NIL UID 3)\r\n"
		"* 1 FETCH (RFC822.HEADER {2}\r\n"
		"ab)\r\n"
		"* 1 FETCH (RFC822.TEXT \"x\")\r\n"
		"* 1 FETCH (BODY[1.MIME]<0> {2}\r\n"
		"ab)\r\n",
		"FETCH 1 UID 3 SECTION \"TEXT\" \"abc\"\n"
		"FETCH 1 UID 3\n"
		"FETCH 1 SECTION \"HEADER\" \"ab\"\n"
		"FETCH 1 SECTION \"TEXT\" \"x\"\n"
		"FETCH 1 SECTION \"1.MIME\" \"ab\"\n"),
	CASE("FETCH with a body structure",
		"* 1 FETCH (BODY (\"TEXT\" \"PLAIN\" (\"CHARSET\" "
		"\"US-ASCII\") NIL NIL \"7BIT\" 3028 92) UID 4)\r\n",
		"FETCH 1 UID 4\n"),
	CASE("a label that is called like a body",
		"* 1 FETCH (X-GM-LABELS (BODY[] {5}\r\n"
		"hello) UID 5)\r\n",
		"FETCH 1 UID 5\n"),
	CASE("a body announced in a string",
		"* 1 FETCH (X-FOO \"( BODY[]\" {5}\r\n"
		"hello UID 5)\r\n",
		"error: a literal where none can be, in: * 1 FETCH (X-FOO "
		"\"( BODY[]\" {5}..hello UID 5)..\n"),
	CASE("a body in a response that is no FETCH",
		"* X-FETCH (BODY[] {3}\r\n"
		"abc)\r\n"
		"* 1 EXISTS\r\n",
		"OTHER (BODY[] \"abc\")\n"
		"EXISTS 1\n"),
	CASE("FETCH without a list",
		"* 1 FETCH UID 5\r\n",
		"error: FETCH without a list, in: * 1 FETCH UID 5..\n"),
	CASE("FETCH that is not closed",
		"* 1 FETCH (UID 5\r\n",
		"error: the list of FETCH is not closed, in: * 1 FETCH (UID "
		"5..\n"),
	CASE("FETCH with a list that is not closed",
		"* 1 FETCH (FLAGS (\\Seen\r\n",
		"error: a list is not closed, in: * 1 FETCH (FLAGS (\\Seen.."
		"\n"),
	CASE("FETCH with a quoted string that is not closed",
		"* 1 FETCH (X \"abc)\r\n",
		"error: a quoted string is not closed, in: * 1 FETCH (X "
		"\"abc)..\n"),
	CASE("FETCH without a number",
		"* FETCH (UID 5)\r\n",
		"OTHER (UID 5)\n"),
};

const size_t fetch_cases_len = ARRAY_LEN(fetch_cases);
