#include "config.h"

#include "support/parse_cases.h"

#include "attr.h"

const struct parse_case response_cases[] = {
	CASE("a tagged answer",
		"A001 OK LOGIN completed\r\n",
		"TAGGED A001 OK \"LOGIN completed\"\n"),
	CASE("a tagged answer without text",
		"A1 OK\r\n"
		"A2 NO\r\n"
		"A3 BAD \r\n",
		"TAGGED A1 OK \"\"\n"
		"TAGGED A2 NO \"\"\n"
		"TAGGED A3 BAD \"\"\n"),
	CASE("a tagged BYE is none",
		"A1 BYE bye\r\n",
		"error: not an IMAP response, in: A1 BYE bye..\n"),
	CASE("a word that only begins like OK",
		"A1 OKAY\r\n",
		"error: not an IMAP response, in: A1 OKAY..\n"),
	CASE("a code behind the text is text",
		"A1 OK Success [THROTTLED]\r\n",
		"TAGGED A1 OK \"Success [THROTTLED]\"\n"),
	CASE("continuations in all shapes",
		"+ \r\n"
		"+\r\n"
		"+ go ahead\r\n"
		"+idling\r\n"
		"+ YGg=\r\n",
		"CONTINUE \"\"\n"
		"CONTINUE \"\"\n"
		"CONTINUE \"go ahead\"\n"
		"CONTINUE \"idling\"\n"
		"CONTINUE \"YGg=\"\n"),
	CASE("BYE",
		"* BYE Session invalidated - AccessTokenExpired\r\n",
		"CONDITION BYE \"Session invalidated - AccessTokenExpired\"\n"),
	CASE("progress in mid-command",
		"* OK Searched 91% of the mailbox, ETA 0:01\r\n",
		"CONDITION OK \"Searched 91% of the mailbox, ETA 0:01\"\n"),
	CASE("codes with a number",
		"* OK [UIDVALIDITY 3857529045] UIDs valid\r\n"
		"* OK [UIDNEXT 4392] next\r\n"
		"* OK [UNSEEN 12] first\r\n"
		"* OK [HIGHESTMODSEQ 9223372036854775807]\r\n",
		"CONDITION OK [UIDVALIDITY 3857529045] \"UIDs valid\"\n"
		"CONDITION OK [UIDNEXT 4392] \"next\"\n"
		"CONDITION OK [UNSEEN 12] \"first\"\n"
		"CONDITION OK [HIGHESTMODSEQ 9223372036854775807] \"\"\n"),
	CASE("codes without anything",
		"* OK [READ-WRITE] a\r\n"
		"* OK [READ-ONLY]\r\n"
		"* OK [CLOSED] b\r\n"
		"* OK [NOMODSEQ] c\r\n"
		"* NO [ALERT] d\r\n"
		"* NO [TRYCREATE] e\r\n"
		"A1 NO [AUTHENTICATIONFAILED] f\r\n"
		"A1 NO [NONEXISTENT] g\r\n"
		"A1 NO [ALREADYEXISTS] h\r\n"
		"A1 NO [OVERQUOTA] i\r\n"
		"A1 NO [LIMIT] j\r\n"
		"A1 NO [UNAVAILABLE] k\r\n"
		"* NO [UIDNOTSTICKY] l\r\n",
		"CONDITION OK [READ-WRITE] \"a\"\n"
		"CONDITION OK [READ-ONLY] \"\"\n"
		"CONDITION OK [CLOSED] \"b\"\n"
		"CONDITION OK [NOMODSEQ] \"c\"\n"
		"CONDITION NO [ALERT] \"d\"\n"
		"CONDITION NO [TRYCREATE] \"e\"\n"
		"TAGGED A1 NO [AUTHENTICATIONFAILED] \"f\"\n"
		"TAGGED A1 NO [NONEXISTENT] \"g\"\n"
		"TAGGED A1 NO [ALREADYEXISTS] \"h\"\n"
		"TAGGED A1 NO [OVERQUOTA] \"i\"\n"
		"TAGGED A1 NO [LIMIT] \"j\"\n"
		"TAGGED A1 NO [UNAVAILABLE] \"k\"\n"
		"CONDITION NO [UIDNOTSTICKY] \"l\"\n"),
	CASE("APPENDUID and COPYUID",
		"A1 OK [APPENDUID 38505 3955] done\r\n"
		"A1 OK [APPENDUID 38505 5:3] many\r\n"
		"A2 OK [COPYUID 38505 304,319:320 3956:3958] done\r\n",
		"TAGGED A1 OK [APPENDUID 38505 3955] \"done\"\n"
		"TAGGED A1 OK [APPENDUID 38505 3:5] \"many\"\n"
		"TAGGED A2 OK [COPYUID 38505 304,319:320 3956:3958] \"done\""
		"\n"),
	CASE("the largest range in a code stays a range",
		"A1 OK [APPENDUID 1 1:4294967295] x\r\n"
		"A2 OK [COPYUID 1 1:4294967295 4294967295:1] x\r\n",
		"TAGGED A1 OK [APPENDUID 1 1:4294967295] \"x\"\n"
		"TAGGED A2 OK [COPYUID 1 1:4294967295 1:4294967295] \"x\"\n"),
	CASE("codes whose arguments are wrong",
		"A1 OK [APPENDUID 1 *] a\r\n"
		"A1 OK [APPENDUID 1 0] b\r\n"
		"A1 OK [APPENDUID 1] c\r\n"
		"A1 OK [COPYUID 1 2] d\r\n"
		"* OK [UIDNEXT 99999999999] e\r\n"
		"* OK [UIDNEXT] f\r\n"
		"* OK [UIDVALIDITY -1] g\r\n"
		"* OK [HIGHESTMODSEQ 18446744073709551616] h\r\n",
		"TAGGED A1 OK [?APPENDUID] \"a\"\n"
		"TAGGED A1 OK [?APPENDUID] \"b\"\n"
		"TAGGED A1 OK [?APPENDUID] \"c\"\n"
		"TAGGED A1 OK [?COPYUID] \"d\"\n"
		"CONDITION OK [?UIDNEXT] \"e\"\n"
		"CONDITION OK [?UIDNEXT] \"f\"\n"
		"CONDITION OK [?UIDVALIDITY] \"g\"\n"
		"CONDITION OK [?HIGHESTMODSEQ] \"h\"\n"),
	CASE("UIDVALIDITY 0",
		"* OK [UIDVALIDITY 0] none\r\n",
		"CONDITION OK [UIDVALIDITY] \"none\"\n"),
	CASE("PERMANENTFLAGS",
		"* OK [PERMANENTFLAGS (\\Answered \\Seen \\*)] Limited\r\n"
		"* OK [PERMANENTFLAGS ()] none\r\n",
		"CONDITION OK [PERMANENTFLAGS \\Answered \\Seen \\*] "
		"\"Limited\"\n"
		"CONDITION OK [PERMANENTFLAGS] \"none\"\n"),
	CASE("PERMANENTFLAGS with brackets and blanks in keywords",
		"* OK [PERMANENTFLAGS (\\Seen OIB-Seen-[Gmail]/All Mail a] "
		"[b $Junk)] Flags\r\n",
		"CONDITION OK [PERMANENTFLAGS \\Seen OIB-Seen-[Gmail]/All "
		"Mail a] [b $Junk] \"Flags\"\n"),
	CASE("PERMANENTFLAGS that are not closed",
		"* OK [PERMANENTFLAGS (\\Seen \\Draft] Flags\r\n",
		"CONDITION OK [?PERMANENTFLAGS] \"Flags\"\n"),
	CASE("unknown codes",
		"* NO [BADCHARSET (UTF-8)] x\r\n"
		"* OK [X-FOO] y\r\n"
		"* OK [REFERRAL imap://a/b;c] z\r\n",
		"CONDITION NO [?BADCHARSET] \"x\"\n"
		"CONDITION OK [?X-FOO] \"y\"\n"
		"CONDITION OK [?REFERRAL] \"z\"\n"),
	CASE("a code that is not closed",
		"* OK [FOO bar\r\n"
		"* OK [\r\n"
		"* OK []\r\n"
		"* OK [ALERT\r\n",
		"CONDITION OK [?FOO] \"[FOO bar\"\n"
		"CONDITION OK [?] \"[\"\n"
		"CONDITION OK [?] \"\"\n"
		"CONDITION OK [?ALERT] \"[ALERT\"\n"),
	CASE("a code without a blank around it",
		"* OK[ALERT]now\r\n",
		"CONDITION OK [ALERT] \"now\"\n"),
	CASE("CAPABILITY as a code",
		"A1 OK [CAPABILITY IMAP4rev1 LITERAL+ AUTH=PLAIN] Logged in\r"
		"\n",
		"TAGGED A1 OK [CAPABILITY IMAP4rev1 LITERAL+ AUTH=PLAIN] "
		"\"Logged in\"\n"),
	CASE("CAPABILITY",
		"* CAPABILITY IMAP4rev1 STARTTLS AUTH=GSSAPI LITERAL+ "
		"APPENDLIMIT=35651584\r\n"
		"* CAPABILITY\r\n",
		"CAPABILITY IMAP4rev1 STARTTLS AUTH=GSSAPI LITERAL+ "
		"APPENDLIMIT=35651584\n"
		"CAPABILITY\n"),
	CASE("ENABLED",
		"* ENABLED CONDSTORE QRESYNC\r\n"
		"* ENABLED\r\n",
		"ENABLED CONDSTORE QRESYNC\n"
		"ENABLED\n"),
	CASE("NAMESPACE",
		"* NAMESPACE ((\"INBOX.\" \".\")) NIL ((\"#shared.\" \".\" "
		"\"X-PARAM\" (\"a\" \"b\")))\r\n",
		"NAMESPACE ((\"INBOX.\" \".\")) NIL ((\"#shared.\" \".\" "
		"\"X-PARAM\" (\"a\" \"b\")))\n"),
	CASE("ID",
		"* ID (\"name\" \"Dovecot\" \"version\" NIL)\r\n"
		"* ID NIL\r\n",
		"ID (\"name\" \"Dovecot\" \"version\" NIL)\n"
		"ID NIL\n"),
	CASE("FLAGS",
		"* FLAGS (\\Answered \\Flagged $Forwarded)\r\n"
		"* FLAGS ()\r\n",
		"FLAGS \\Answered \\Flagged $Forwarded\n"
		"FLAGS\n"),
	CASE("FLAGS in quotes",
		"* FLAGS (\"\\\\Deleted\" \\Answered \"foo bar\")\r\n",
		"FLAGS \"\\\\Deleted\" \\Answered \"foo bar\"\n"),
	CASE("FLAGS with control bytes in a keyword",
		"* FLAGS (\\Seen foo\001bar \177 b\011c \\Draft)\r\n",
		"FLAGS \\Seen \\Draft\n"),
	CASE("FLAGS with brackets, blanks and quotes in keywords",
		"* FLAGS (\\Seen OIB-Seen-[Gmail]/All Mail [x a\"b)\r\n",
		"FLAGS \\Seen OIB-Seen-[Gmail]/All Mail [x a\"b\n"),
	CASE("FLAGS that are not closed",
		"* FLAGS (\\Seen \\Draft\r\n"
		"* FLAGS \\Seen\r\n"
		"* FLAGS\r\n"
		"* FLAGS (\\Seen \"a\r\n",
		"FLAGS \\Seen \\Draft\n"
		"FLAGS \\Seen\n"
		"FLAGS\n"
		"FLAGS \\Seen\n"),
	CASE("unknown responses",
		"* METADATA \"\" (/shared/comment)\r\n"
		"* SORT 3 1 2\r\n"
		"* 5 WHAT\r\n"
		"* THREAD (2)(3 6 (4 23)(44 7 96))\r\n"
		"* \"\r\n"
		"*\r\n"
		"* LIST2 foo\r\n",
		"OTHER \"\" (/shared/comment)\n"
		"OTHER 3 1 2\n"
		"OTHER\n"
		"OTHER (2) (3 6 (4 23) (44 7 96))\n"
		"OTHER\n"
		"OTHER\n"
		"OTHER 2 foo\n"),
	CASE("LIST",
		"* LIST (\\HasNoChildren) \"/\" INBOX\r\n"
		"* LIST (\\Noselect \\HasChildren) \".\" \"a.b\"\r\n"
		"* LSUB () NIL #news.comp\r\n",
		"LIST 0x0 \"/\" \"INBOX\"\n"
		"LIST 0x1 \".\" \"a.b\"\n"
		"LSUB 0x0 NIL \"#news.comp\"\n"),
	CASE("LIST with attributes of all kinds",
		"* LIST (\\Noselect \\NonExistent \\noinferiors \\Subscribed "
		"\\All \\Archive \\Drafts \\Flagged \\Junk \\Sent \\Trash "
		"\\Important \\Marked \\Foo) \"/\" x\r\n",
		"LIST 0xfff \"/\" \"x\"\n"),
	CASE("LIST with a lone backslash",
		"* LIST (\\HasChildren \\) \".\" \"Archive\"\r\n",
		"LIST 0x0 \".\" \"Archive\"\n"),
	CASE("LIST with escapes in quotes",
		"* LIST () \"\\\\\" \"a\\\\b \\\"c\\\"\"\r\n",
		"LIST 0x0 \"\\\\\" \"a\\\\b \\\"c\\\"\"\n"),
	CASE("LIST with a literal name",
		"* LIST () \"/\" {11}\r\n"
		"foo \"b\" \\x/\r\n",
		"LIST 0x0 \"/\" \"foo \\\"b\\\" \\\\x/\"\n"),
	CASE("LIST with extended items",
		"* LIST (\\Subscribed) \"/\" \"foo\" (\"CHILDINFO\" "
		"(\"SUBSCRIBED\"))\r\n"
		"* LIST () \"/\" foo (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n",
		"LIST 0x8 \"/\" \"foo\"\n"
		"LIST 0x0 \"/\" \"foo\"\n"),
	CASE("LIST with unquoted blanks",
		"* LIST () \"/\" Deleted Items\r\n"
		"* LIST () \"/\" Trailing \r\n",
		"LIST 0x0 \"/\" \"Deleted Items\"\n"
		"LIST 0x0 \"/\" \"Trailing\"\n"),
	CASE("LIST with 8-bit names and odd ones",
		"* LIST () \"/\" \"gr\303\274\337\"\r\n"
		"* LIST () \"/\" &Jjo-\r\n"
		"* LIST () \"/\" inbox\r\n"
		"* LIST () \"/\" NIL\r\n"
		"* LIST () \"/\" \"\"\r\n"
		"* LIST () \"\" a[b]{c}\r\n"
		"* LIST () / a\r\n",
		"LIST 0x0 \"/\" \"gr\\xc3\\xbc\\xdf\"\n"
		"LIST 0x0 \"/\" \"&Jjo-\"\n"
		"LIST 0x0 \"/\" \"inbox\"\n"
		"LIST 0x0 \"/\" \"NIL\"\n"
		"LIST 0x0 \"/\" \"\"\n"
		"LIST 0x0 NIL \"a[b]{c}\"\n"
		"LIST 0x0 \"/\" \"a\"\n"),
	CASE("LIST for the delimiter",
		"* LIST (\\Noselect) \"/\" \"\"\r\n",
		"LIST 0x1 \"/\" \"\"\n"),
	CASE("LIST that is cut short 1",
		"* LIST () \"/\"\r\n",
		"error: a mailbox name is missing, in: * LIST () \"/\"..\n"),
	CASE("LIST that is cut short 2",
		"* LIST () \r\n",
		"error: a value is missing, in: * LIST () ..\n"),
	CASE("LIST that is cut short 3",
		"* LIST\r\n",
		"error: a list is missing, in: * LIST..\n"),
	CASE("LIST that is cut short 4",
		"* LIST () \"/\" \"foo\r\n",
		"error: a quoted string is not closed, in: * LIST () \"/\" "
		"\"foo..\n"),
	CASE("LIST that is cut short 5",
		"* LIST (\\a \"/\" foo\r\n",
		"error: a list is not closed, in: * LIST (\\a \"/\" foo..\n"),
	CASE("LIST with a long delimiter",
		"* LIST () \"//\" foo\r\n",
		"error: a delimiter of more than one character, in: * LIST "
		"() \"//\" foo..\n"),
	CASE("STATUS",
		"* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292 "
		"UIDVALIDITY 5 UNSEEN 7 HIGHESTMODSEQ 7011231777)\r\n"
		"* STATUS \"a b\" ()\r\n",
		"STATUS \"blurdybloop\" MESSAGES 231 UIDNEXT 44292 "
		"UIDVALIDITY 5 UNSEEN 7 HIGHESTMODSEQ 7011231777\n"
		"STATUS \"a b\"\n"),
	CASE("STATUS with a MAILBOXID",
		"* STATUS x (MAILBOXID (F2212ea87-6097) UIDNEXT 3)\r\n"
		"* STATUS y (MAILBOXID () MESSAGES 1 MAILBOXID ((F2)) "
		"UIDNEXT 2 MAILBOXID F3)\r\n",
		"STATUS \"x\" UIDNEXT 3 MAILBOXID \"F2212ea87-6097\"\n"
		"STATUS \"y\" MESSAGES 1 UIDNEXT 2\n"),
	CASE("STATUS with unquoted blanks",
		"* STATUS Deleted Items (MESSAGES 0 UIDNEXT 1)\r\n"
		"* STATUS a (b) c (MESSAGES 3)\r\n",
		"STATUS \"Deleted Items\" MESSAGES 0 UIDNEXT 1\n"
		"STATUS \"a (b) c\" MESSAGES 3\n"),
	CASE("STATUS with a literal name",
		"* STATUS {3}\r\n"
		"a b (MESSAGES 231)\r\n",
		"STATUS \"a b\" MESSAGES 231\n"),
	CASE("STATUS with unknown and broken items",
		"* STATUS x (FOO (1 2) MESSAGES 3 SIZE \"7\" UIDNEXT "
		"4294967296 UIDVALIDITY abc UNSEEN NIL HIGHESTMODSEQ "
		"99999999999999999999 RECENT)\r\n",
		"STATUS \"x\" MESSAGES 3\n"),
	CASE("STATUS without a list",
		"* STATUS x\r\n",
		"STATUS \"x\"\n"),
	CASE("STATUS without a name",
		"* STATUS (MESSAGES 1)\r\n",
		"STATUS \"(MESSAGES 1)\"\n"),
	CASE("SEARCH",
		"* SEARCH 2 84 882\r\n"
		"* SEARCH\r\n"
		"* SEARCH \r\n"
		"* SEARCH 5  7 \r\n",
		"SEARCH 2,84,882\n"
		"SEARCH\n"
		"SEARCH\n"
		"SEARCH 5,7\n"),
	CASE("SEARCH in any order with doubles",
		"* SEARCH 9 1 3 2 9 8 4294967295 10\r\n",
		"SEARCH 1:3,8:10,4294967295\n"),
	CASE("SEARCH with MODSEQ",
		"* SEARCH 2 5 6 (MODSEQ 917162500)\r\n"
		"* SEARCH (MODSEQ 5)\r\n"
		"* SEARCH(MODSEQ 6)\r\n",
		"SEARCH 2,5:6 MODSEQ 917162500\n"
		"SEARCH MODSEQ 5\n"
		"SEARCH MODSEQ 6\n"),
	CASE("SEARCH with 0",
		"* SEARCH 1 0\r\n",
		"error: SEARCH with a number that is 0 or too large, in: * "
		"SEARCH \n"),
	CASE("SEARCH with a number too large",
		"* SEARCH 4294967296\r\n",
		"error: SEARCH with a number that is 0 or too large, in: * "
		"SEARCH \n"),
	CASE("SEARCH with a number far too large",
		"* SEARCH 184467440737095516170000000000000000001 2\r\n",
		"error: SEARCH with a number that is 0 or too large, in: * "
		"SEARCH \n"),
	CASE("SEARCH with a star",
		"* SEARCH 1 * 2\r\n",
		"error: SEARCH with something not a number, in: * SEARCH * "
		"2..\n"),
	CASE("SEARCH with a word",
		"* SEARCH 1 foo 2\r\n",
		"error: SEARCH with something not a number, in: * SEARCH foo "
		"2..\n"),
	CASE("SEARCH with a NUL",
		"* SEARCH 1 2\000 3\r\n",
		"error: a NUL byte in a line, in: * SEARCH \n"),
	CASE("SEARCH with a literal",
		"* SEARCH 1 {3}\r\n"
		"abc\r\n",
		"error: SEARCH with something not a number, in: * SEARCH "
		"{3}..abc..\n"),
	CASE("SEARCH with another list",
		"* SEARCH 1 (FOO)\r\n",
		"error: SEARCH with a list that is not MODSEQ, in: * SEARCH "
		"(FOO)..\n"),
	CASE("a word that only begins like SEARCH",
		"* SEARCHED 1 2\r\n"
		"* SEA\r\n",
		"OTHER 1 2\n"
		"OTHER\n"),
	CASE("an unfinished SEARCH waits",
		"* SEARCH 1 2",
		"more\n"),
	CASE("ESEARCH",
		"* ESEARCH (TAG \"A282\") MIN 2 COUNT 3 ALL 2,10:11\r\n"
		"* ESEARCH (TAG a) UID COUNT 0\r\n"
		"* ESEARCH UID ALL 3:1 MODSEQ 9\r\n"
		"* ESEARCH\r\n",
		"ESEARCH TAG \"A282\" COUNT 3 ALL 2,10:11\n"
		"ESEARCH TAG \"a\" UID COUNT 0\n"
		"ESEARCH UID ALL 1:3 MODSEQ 9\n"
		"ESEARCH\n"),
	CASE("ESEARCH with MODSEQ in a list",
		"* ESEARCH (TAG \"x\") UID ALL 1,3 (MODSEQ 9)\r\n"
		"* ESEARCH (TAG \"x\") UID ALL 1,3 MODSEQ (9)\r\n",
		"ESEARCH TAG \"x\" UID ALL 1,3 MODSEQ 9\n"
		"ESEARCH TAG \"x\" UID ALL 1,3 MODSEQ 9\n"),
	CASE("ESEARCH with MODSEQ in the middle",
		"* ESEARCH UID MODSEQ 9 COUNT 2 ALL 1,3\r\n"
		"* ESEARCH UID MODSEQ (9) COUNT 2 ALL 1,3\r\n",
		"ESEARCH UID COUNT 2 ALL 1,3 MODSEQ 9\n"
		"ESEARCH UID COUNT 2 ALL 1,3 MODSEQ 9\n"),
	CASE("ESEARCH with unknown items",
		"* ESEARCH (TAG \"x\") PARTIAL (1:500 1,3) ALL 7\r\n",
		"ESEARCH TAG \"x\" ALL 7\n"),
	CASE("ESEARCH with the largest range",
		"* ESEARCH UID ALL 1:4294967295\r\n",
		"ESEARCH UID ALL 1:4294967295\n"),
	CASE("ESEARCH with a star",
		"* ESEARCH UID ALL 1:*\r\n",
		"error: not a set of numbers, in: * ESEARCH UID ALL 1:*..\n"),
	CASE("ESEARCH with 0",
		"* ESEARCH UID ALL 0:3\r\n",
		"error: not a set of numbers, in: * ESEARCH UID ALL 0:3..\n"),
	CASE("ESEARCH with items around the set",
		"* ESEARCH (TAG \"A5\") UID MIN 1 MAX 33 COUNT 31 ALL 1:17,"
		"19,21:33 MODSEQ 9\r\n"
		"* esearch (tag A5) uid partial (1:2 1,5) all 1:17,19,21:33 "
		"count 31\r\n",
		"ESEARCH TAG \"A5\" UID COUNT 31 ALL 1:17,19,21:33 MODSEQ 9\n"
		"ESEARCH TAG \"A5\" UID COUNT 31 ALL 1:17,19,21:33\n"),
	CASE("ESEARCH with nothing behind ALL",
		"* ESEARCH UID ALL\r\n"
		"* ESEARCH UID ALL \r\n",
		"ESEARCH UID\n"
		"ESEARCH UID\n"),
	CASE("ESEARCH with a set in other places",
		"* ESEARCH UID  ALL  9:7,1\r\n"
		"* ESEARCH UID ALL \"9:7,1\"\r\n"
		"* ESEARCH ({3}\r\n"
		"TAG a) UID ALL 9:7,1\r\n"
		"* ESEARCH(TAG a) ALL 9:7,1\r\n",
		"ESEARCH UID ALL 1,7:9\n"
		"ESEARCH UID ALL 1,7:9\n"
		"ESEARCH TAG \"a\" UID ALL 1,7:9\n"
		"ESEARCH TAG \"a\" ALL 1,7:9\n"),
	CASE("ESEARCH with two sets",
		"* ESEARCH ALL 1,2 ALL 4,6\r\n"
		"* ESEARCH \"ALL\" 1,2 ALL 4,6\r\n"
		"* ESEARCH ALL \"1,2\" ALL 4,6\r\n",
		"ESEARCH ALL 4,6\n"
		"ESEARCH ALL 4,6\n"
		"ESEARCH ALL 4,6\n"),
	CASE("ESEARCH with a set where none can be",
		"* ESEARCH (TAG \"a ALL 1,2\") UID ALL 4,6\r\n"
		"* ESEARCH (TAG ALL 1,2) UID ALL 4,6\r\n"
		"* ESEARCH MIN ALL 1,2 ALL 4,6\r\n",
		"ESEARCH TAG \"a ALL 1,2\" UID ALL 4,6\n"
		"ESEARCH TAG \"ALL\" UID ALL 4,6\n"
		"ESEARCH\n"),
	CASE("ESEARCH with 0 behind numbers",
		"* ESEARCH UID ALL 1,3:0 COUNT 2\r\n",
		"error: not a set of numbers, in: * ESEARCH UID ALL 3:0 "
		"COUNT 2..\n"),
	CASE("ESEARCH with a number too large",
		"* ESEARCH UID ALL 4294967296 COUNT 2\r\n",
		"error: not a set of numbers, in: * ESEARCH UID ALL "
		"4294967296 COUNT 2..\n"),
	CASE("ESEARCH with half a range",
		"* ESEARCH UID ALL 1: COUNT 2\r\n",
		"error: not a set of numbers, in: * ESEARCH UID ALL 1: COUNT "
		"2..\n"),
	CASE("ESEARCH with two commas",
		"* ESEARCH UID ALL 1,,2 COUNT 2\r\n",
		"error: not a set of numbers, in: * ESEARCH UID ALL 1,,2 "
		"COUNT 2..\n"),
	CASE("ESEARCH with a comma too many",
		"* ESEARCH UID ALL 1, COUNT 2\r\n",
		"error: not a set of numbers, in: * ESEARCH UID ALL 1, COUNT "
		"2..\n"),
	CASE("ESEARCH with a range of three",
		"* ESEARCH UID ALL 1:2:3 COUNT 2\r\n",
		"error: not a set of numbers, in: * ESEARCH UID ALL 1:2:3 "
		"COUNT 2..\n"),
	CASE("ESEARCH with a word",
		"* ESEARCH UID ALL x COUNT 2\r\n",
		"error: not a set of numbers, in: * ESEARCH UID ALL x COUNT "
		"2..\n"),
	CASE("ESEARCH with a bad count",
		"* ESEARCH COUNT -1\r\n",
		"error: COUNT without a number, in: * ESEARCH COUNT -1..\n"),
	CASE("VANISHED",
		"* VANISHED 405,407,410:420\r\n"
		"* VANISHED (EARLIER) 300:310\r\n"
		"* VANISHED (EARLIER)\r\n",
		"VANISHED 405,407,410:420\n"
		"VANISHED EARLIER 300:310\n"
		"VANISHED EARLIER\n"),
	CASE("VANISHED with overlaps and turned ranges",
		"* VANISHED 9:5,6,1,4:2,10\r\n",
		"VANISHED 1:10\n"),
	CASE("VANISHED with rubbish",
		"* VANISHED 1,,2\r\n"
		"* VANISHED (EARLIER) 1 2 3\r\n"
		"* VANISHED (EARLIER) 0:3\r\n"
		"* VANISHED (EARLIER) 1:*\r\n"
		"* VANISHED ((\"x\r\n",
		"VANISHED unclear\n"
		"VANISHED EARLIER unclear\n"
		"VANISHED EARLIER unclear\n"
		"VANISHED EARLIER unclear\n"
		"error: a quoted string is not closed, in: * VANISHED "
		"((\"x..\n"),
	CASE("VANISHED without a set",
		"* VANISHED\r\n"
		"* VANISHED \r\n"
		"* vanished (earlier) \r\n",
		"VANISHED\n"
		"VANISHED\n"
		"VANISHED EARLIER\n"),
	CASE("VANISHED with a set in other places",
		"*  VANISHED 9,7\r\n"
		"* VANISHED  9,7\r\n"
		"* VANISHED(EARLIER) 9,7\r\n"
		"* VANISHED ( EARLIER)9,7\r\n",
		"VANISHED 7,9\n"
		"VANISHED 7,9\n"
		"VANISHED EARLIER 7,9\n"
		"VANISHED EARLIER 7,9\n"),
	CASE("VANISHED with a set that goes bad",
		"* VANISHED 1,3:0\r\n"
		"* VANISHED 4294967296\r\n"
		"* VANISHED 1:\r\n"
		"* VANISHED 1,\r\n"
		"* VANISHED 1:2:3\r\n"
		"* VANISHED 1,3x\r\n"
		"* VANISHED 1,3 x\r\n"
		"* VANISHED 1,3(\r\n"
		"* VANISHED x\r\n"
		"* VANISHED 2,4\r\n",
		"VANISHED unclear\n"
		"VANISHED unclear\n"
		"VANISHED unclear\n"
		"VANISHED unclear\n"
		"VANISHED unclear\n"
		"VANISHED unclear\n"
		"VANISHED unclear\n"
		"VANISHED unclear\n"
		"VANISHED unclear\n"
		"VANISHED 2,4\n"),
	CASE("a message number too large",
		"* 4294967296 EXISTS\r\n",
		"error: a message number too large, in: * 4294967296 EXISTS.."
		"\n"),
	CASE("numbers",
		"* 4294967295 EXISTS\r\n"
		"* 0 EXISTS\r\n"
		"* 1 EXPUNGE\r\n"
		"* 12 RECENT\r\n",
		"EXISTS 4294967295\n"
		"EXISTS 0\n"
		"EXPUNGE 1\n"
		"RECENT 12\n"),
};

const size_t response_cases_len = ARRAY_LEN(response_cases);
