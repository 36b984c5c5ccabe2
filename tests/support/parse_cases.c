#include "config.h"

#include "support/parse_cases.h"

#include "attr.h"

const struct parse_case parse_cases[] = {
	CASE("a greeting",
		"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n",
		"CONDITION OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] \"ready\"\n"),
	CASE("a PREAUTH greeting",
		"* PREAUTH IMAP4rev1 server logged in as Smith\r\n",
		"CONDITION PREAUTH \"IMAP4rev1 server logged in as Smith\"\n"),
	CASE("two responses in one piece",
		"* 3 EXISTS\r\n"
		"* 0 RECENT\r\n",
		"EXISTS 3\n"
		"RECENT 0\n"),
	CASE("a bare LF ends a line too",
		"* 3 EXISTS\n"
		"* 4 EXPUNGE\n",
		"EXISTS 3\n"
		"EXPUNGE 4\n"),
	CASE("empty lines are nothing",
		"\r\n"
		"\n"
		"* 3 EXISTS\r\n"
		"\r\n",
		"EXISTS 3\n"),
	CASE("an unfinished line waits",
		"* 3 EXIS",
		"more\n"),
	CASE("an unfinished literal waits",
		"* LIST () \"/\" {5}\r\n"
		"ab",
		"more\n"),
	CASE("an unfinished body waits",
		"* 1 FETCH (BODY[] {5}\r\n"
		"ab",
		"begin 5\n"
		"more\n"),
	CASE("an unfinished set waits",
		"* VANISHED 1:3,4",
		"more\n"),
	CASE("words come in any case",
		"* ok hello\r\n"
		"* 2 exists\r\n"
		"a1 No sorry\r\n"
		"* sEaRcH 4\r\n",
		"CONDITION OK \"hello\"\n"
		"EXISTS 2\n"
		"TAGGED a1 NO \"sorry\"\n"
		"SEARCH 4\n"),
	CASE("a NUL in a line",
		"* OK a\000b\r\n",
		"error: a NUL byte in a line, in: * OK a\n"),
	CASE("a NUL in a stored literal",
		"* LIST () \"/\" {3}\r\n"
		"a\000b\r\n",
		"LIST 0x0 \"/\" \"a\\x00b\"\n"),
	CASE("8-bit text",
		"* OK gr\303\274\337\r\n",
		"CONDITION OK \"gr\\xc3\\xbc\\xdf\"\n"),
	CASE("what is not IMAP",
		"HTTP/1.1 400 Bad Request\r\n",
		"error: not an IMAP response, in: HTTP/1.1 400 Bad Request.."
		"\n"),
	CASE("a line of one word",
		"hello\r\n",
		"error: not an IMAP response, in: hello..\n"),
	CASE("text that ends like a literal",
		"* OK see {5}\r\n"
		"a1 NO {3}\r\n"
		"+ {9}\r\n"
		"* 1 EXISTS\r\n",
		"CONDITION OK \"see {5}\"\n"
		"TAGGED a1 NO \"{3}\"\n"
		"CONTINUE \"{9}\"\n"
		"EXISTS 1\n"),
	CASE("an atom that ends like a literal",
		"* FLAGS (a b{5}\r\n"
		"* 1 EXISTS\r\n",
		"FLAGS a b{5}\n"
		"EXISTS 1\n"),
	CASE("a stored literal that ends like an announcement",
		"* LIST () \"/\" {7}\r\n"
		"ab  {3}\r\n"
		"* 1 EXISTS\r\n",
		"LIST 0x0 \"/\" \"ab  {3}\"\n"
		"EXISTS 1\n"),
	CASE("a stored literal with line ends and parentheses",
		"* 1 FETCH (BODY[HEADER] {18}\r\n"
		") UID 666 (\r\n"
		"\r\n"
		"abc UID 7)\r\n",
		"FETCH 1 UID 7 SECTION \"HEADER\" \") UID 666 "
		"(\\x0d\\x0a\\x0d\\x0aabc\"\n"),
	CASE("a stored literal that ends in CR before a bare LF",
		"* LIST () \"/\" {3}\r\n"
		"ab\r\n"
		"* LIST () \"/\" {2}\r\n"
		"\r\n"
		"\r\n",
		"LIST 0x0 \"/\" \"ab\\x0d\"\n"
		"LIST 0x0 \"/\" \"\\x0d\\x0a\"\n"),
	CASE("a body whose content looks like the rest",
		"* 1 FETCH (BODY[] {18}\r\n"
		" UID 6 FLAGS ())\r\n"
		" UID 7)\r\n",
		"begin 18\n"
		"body \" UID 6 FLAGS ())\\x0d\\x0a\"\n"
		"FETCH 1 UID 7 STREAMED {18}\n"),
	CASE("a literal with a plus",
		"* LIST () \"/\" {3+}\r\n"
		"abc\r\n",
		"LIST 0x0 \"/\" \"abc\"\n"),
	CASE("a literal8",
		"* 1 FETCH (BINARY[] ~{3}\r\n"
		"a\000b UID 2)\r\n"
		"* LIST () \"/\" ~{2}\r\n"
		"ab\r\n",
		"begin 3\n"
		"body \"a\\x00b\"\n"
		"FETCH 1 UID 2 STREAMED {3}\n"
		"LIST 0x0 \"/\" \"ab\"\n"),
	CASE("a literal of no bytes",
		"* LIST () \"/\" {0}\r\n"
		"\r\n"
		"* 1 FETCH (BODY[] {0}\r\n"
		")\r\n",
		"LIST 0x0 \"/\" \"\"\n"
		"begin 0\n"
		"body \"\"\n"
		"FETCH 1 STREAMED {0}\n"),
	CASE("a literal that stands where none can",
		"* 1 FETCH (UID BODY[] {3}\r\n"
		"abc FLAGS ())\r\n",
		"begin 3\n"
		"body \"abc\"\n"
		"error: the name of a FETCH item is missing, in: * 1 FETCH "
		"(UID BODY[] {3}.. FLAGS ())..\n"),
	CASE("a literal in a response nobody knows",
		"* X-THING a {3}\r\n"
		")(\" b\r\n"
		"* 1 EXISTS\r\n",
		"OTHER a \")(\\\"\" b\n"
		"EXISTS 1\n"),
	CASE("a literal that a broken response hides",
		"* X-THING \"a {3}\r\n"
		")(\" b\r\n"
		"* 1 EXISTS\r\n",
		"OTHER\n"
		"EXISTS 1\n"),
	CASE("literals of sizes at the edges of types 1",
		"* LIST () \"/\" {2147483647}\r\n",
		"error: a literal to be stored has more than 1048576 bytes, "
		"in: * LIST () \"/\" {2147483647}..\n"),
	CASE("literals of sizes at the edges of types 2",
		"* LIST () \"/\" {2147483648}\r\n",
		"error: a literal to be stored has more than 1048576 bytes, "
		"in: * LIST () \"/\" {2147483648}..\n"),
	CASE("literals of sizes at the edges of types 3",
		"* LIST () \"/\" {4294967295}\r\n",
		"error: a literal to be stored has more than 1048576 bytes, "
		"in: * LIST () \"/\" {4294967295}..\n"),
	CASE("literals of sizes at the edges of types 4",
		"* LIST () \"/\" {4294967296}\r\n",
		"error: a literal to be stored has more than 1048576 bytes, "
		"in: * LIST () \"/\" {4294967296}..\n"),
	CASE("literals of sizes at the edges of types 5",
		"* LIST () \"/\" {9223372036854775808}\r\n",
		"error: a literal has more than 9223372036854775807 bytes, "
		"in: * LIST () \"/\" {9223372036854775808}..\n"),
	CASE("literals of sizes at the edges of types 6",
		"* LIST () \"/\" {18446744073709551616}\r\n",
		"error: a literal has more than 9223372036854775807 bytes, "
		"in: * LIST () \"/\" {18446744073709551616}..\n"),
	CASE("literals of sizes at the edges of types 7",
		"* LIST () \"/\" {99999999999999999999999999999999}\r\n",
		"error: a literal has more than 9223372036854775807 bytes, "
		"in: * LIST () \"/\" {99999999999999999999999999999999}..\n"),
	CASE("a body of 2^31 bytes is begun",
		"* 1 FETCH (BODY[] {2147483648}\r\n"
		"ab",
		"begin 2147483648\n"
		"more\n"),
	CASE("a body of 2^63-1 bytes is begun",
		"* 1 FETCH (BODY[] {9223372036854775807}\r\n"
		"ab",
		"begin 9223372036854775807\n"
		"more\n"),
	CASE("a body of 2^63 bytes is refused",
		"* 1 FETCH (BODY[] {9223372036854775808}\r\n"
		"ab",
		"error: a literal has more than 9223372036854775807 bytes, "
		"in: * 1 FETCH (BODY[] {9223372036854775808}..\n"),
	CASE("a body of 2^64 bytes is refused",
		"* 1 FETCH (BODY[] {18446744073709551616}\r\n"
		"ab",
		"error: a literal has more than 9223372036854775807 bytes, "
		"in: * 1 FETCH (BODY[] {18446744073709551616}..\n"),
	CASE_LIMITS(CASE_SMALL,
		"a line over the limit",
		"* OK xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxx\r\n",
		"error: a response has more than 200 bytes, in: * OK "
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"),
	CASE_LIMITS(CASE_SMALL,
		"a line just below the limit",
		"* OK xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxx\r\n",
		"CONDITION OK \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxx\"\n"),
	CASE_LIMITS(CASE_SMALL,
		"a line just above the limit",
		"* OK xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxx\r\n",
		"error: a response has more than 200 bytes, in: * OK "
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"),
	CASE_LIMITS(CASE_SMALL,
		"a NUL beyond the limit",
		"* OK xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxx\000\r\n",
		"error: a response has more than 200 bytes, in: * OK "
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"),
	CASE_LIMITS(CASE_SMALL,
		"numbers of SEARCH do not count",
		"* SEARCH 1000 1001 1002 1003 1004 1005 1006 1007 1008 1009 "
		"1010 1011 1012 1013 1014 1015 1016 1017 1018 1019 1020 1021 "
		"1022 1023 1024 1025 1026 1027 1028 1029 1030 1031 1032 1033 "
		"1034 1035 1036 1037 1038 1039 1040 1041 1042 1043 1044 1045 "
		"1046 1047 1048 1049 1050 1051 1052 1053 1054 1055 1056 1057 "
		"1058 1059 1060 1061 1062 1063 1064 1065 1066 1067 1068 1069 "
		"1070 1071 1072 1073 1074 1075 1076 1077 1078 1079 1080 1081 "
		"1082 1083 1084 1085 1086 1087 1088 1089 1090 1091 1092 1093 "
		"1094 1095 1096 1097 1098 1099 1100 1101 1102 1103 1104 1105 "
		"1106 1107 1108 1109 1110 1111 1112 1113 1114 1115 1116 1117 "
		"1118 1119 1120 1121 1122 1123 1124 1125 1126 1127 1128 1129 "
		"1130 1131 1132 1133 1134 1135 1136 1137 1138 1139 1140 1141 "
		"1142 1143 1144 1145 1146 1147 1148 1149 1150 1151 1152 1153 "
		"1154 1155 1156 1157 1158 1159 1160 1161 1162 1163 1164 1165 "
		"1166 1167 1168 1169 1170 1171 1172 1173 1174 1175 1176 1177 "
		"1178 1179 1180 1181 1182 1183 1184 1185 1186 1187 1188 1189 "
		"1190 1191 1192 1193 1194 1195 1196 1197 1198 1199\r\n",
		"SEARCH 1000:1199\n"),
	CASE_LIMITS(CASE_SMALL,
		"too many ranges of SEARCH",
		"* SEARCH 2000 2002 2004 2006 2008 2010 2012 2014 2016 2018 "
		"2020 2022 2024 2026 2028 2030 2032 2034 2036 2038 2040 2042 "
		"2044 2046 2048 2050 2052 2054 2056 2058 2060 2062 2064 2066 "
		"2068 2070 2072 2074 2076 2078 2080 2082 2084 2086 2088 2090 "
		"2092 2094 2096 2098 2100 2102 2104 2106 2108 2110 2112 2114 "
		"2116 2118 2120 2122 2124 2126 2128 2130 2132 2134 2136 2138 "
		"2140 2142 2144 2146 2148 2150 2152 2154 2156 2158 2160 2162 "
		"2164 2166 2168 2170 2172 2174 2176 2178 2180 2182 2184 2186 "
		"2188 2190 2192 2194 2196 2198 2200 2202 2204 2206 2208 2210 "
		"2212 2214 2216 2218 2220 2222 2224 2226 2228 2230 2232 2234 "
		"2236 2238 2240 2242 2244 2246 2248 2250 2252 2254 2256 2258 "
		"2260 2262 2264 2266 2268 2270 2272 2274 2276 2278 2280 2282 "
		"2284 2286 2288 2290 2292 2294 2296 2298 2300 2302 2304 2306 "
		"2308 2310 2312 2314 2316 2318 2320 2322 2324 2326 2328 2330 "
		"2332 2334 2336 2338 2340 2342 2344 2346 2348 2350 2352 2354 "
		"2356 2358 2360 2362 2364 2366 2368 2370 2372 2374 2376 2378 "
		"2380 2382 2384 2386 2388 2390 2392 2394 2396 2398\r\n",
		"error: SEARCH finds too many, in: * SEARCH \n"),
	CASE_LIMITS(CASE_SMALL,
		"the set of ESEARCH does not count",
		"* ESEARCH (TAG \"A5\") UID MIN 1001 ALL 1001:1002,1004:1005,"
		"1007:1008,1010:1011,1013:1014,1016:1017,1019:1020,1022:1023,"
		"1025:1026,1028:1029,1031:1032,1034:1035,1037:1038,1040:1041,"
		"1043:1044,1046:1047,1049:1050,1052:1053,1055:1056,1058:1059,"
		"1061:1062,1064:1065,1067:1068,1070:1071,1073:1074,1076:1077,"
		"1079:1080,1082:1083,1085:1086,1088:1089 COUNT 60\r\n",
		"ESEARCH TAG \"A5\" UID COUNT 60 ALL 1001:1002,1004:1005,"
		"1007:1008,1010:1011,1013:1014,1016:1017,1019:1020,1022:1023,"
		"1025:1026,1028:1029,1031:1032,1034:1035,1037:1038,1040:1041,"
		"1043:1044,1046:1047,1049:1050,1052:1053,1055:1056,1058:1059,"
		"1061:1062,1064:1065,1067:1068,1070:1071,1073:1074,1076:1077,"
		"1079:1080,1082:1083,1085:1086,1088:1089\n"),
	CASE_LIMITS(CASE_SMALL,
		"the set of VANISHED does not count",
		"* VANISHED (EARLIER) 1001:1002,1004:1005,1007:1008,"
		"1010:1011,1013:1014,1016:1017,1019:1020,1022:1023,1025:1026,"
		"1028:1029,1031:1032,1034:1035,1037:1038,1040:1041,1043:1044,"
		"1046:1047,1049:1050,1052:1053,1055:1056,1058:1059,1061:1062,"
		"1064:1065,1067:1068,1070:1071,1073:1074,1076:1077,1079:1080,"
		"1082:1083,1085:1086,1088:1089\r\n"
		"* VANISHED 1001:1002,1004:1005,1007:1008,1010:1011,"
		"1013:1014,1016:1017,1019:1020,1022:1023,1025:1026,1028:1029,"
		"1031:1032,1034:1035,1037:1038,1040:1041,1043:1044,1046:1047,"
		"1049:1050,1052:1053,1055:1056,1058:1059,1061:1062,1064:1065,"
		"1067:1068,1070:1071,1073:1074,1076:1077,1079:1080,1082:1083,"
		"1085:1086,1088:1089\r\n",
		"VANISHED EARLIER 1001:1002,1004:1005,1007:1008,1010:1011,"
		"1013:1014,1016:1017,1019:1020,1022:1023,1025:1026,1028:1029,"
		"1031:1032,1034:1035,1037:1038,1040:1041,1043:1044,1046:1047,"
		"1049:1050,1052:1053,1055:1056,1058:1059,1061:1062,1064:1065,"
		"1067:1068,1070:1071,1073:1074,1076:1077,1079:1080,1082:1083,"
		"1085:1086,1088:1089\n"
		"VANISHED 1001:1002,1004:1005,1007:1008,1010:1011,1013:1014,"
		"1016:1017,1019:1020,1022:1023,1025:1026,1028:1029,1031:1032,"
		"1034:1035,1037:1038,1040:1041,1043:1044,1046:1047,1049:1050,"
		"1052:1053,1055:1056,1058:1059,1061:1062,1064:1065,1067:1068,"
		"1070:1071,1073:1074,1076:1077,1079:1080,1082:1083,1085:1086,"
		"1088:1089\n"),
	CASE_LIMITS(CASE_SMALL,
		"as many ranges of a set as may be",
		"* VANISHED 2000,2002,2004,2006,2008,2010,2012,2014,2016,"
		"2018,2020,2022,2024,2026,2028,2030,2032,2034,2036,2038,2040,"
		"2042,2044,2046,2048,2050,2052,2054,2056,2058,2060,2062,2064,"
		"2066,2068,2070,2072,2074,2076,2078,2080,2082,2084,2086,2088,"
		"2090,2092,2094,2096,2098,2100,2102,2104,2106,2108,2110,2112,"
		"2114,2116,2118,2120,2122,2124,2126,2128,2130,2132,2134,2136,"
		"2138,2140,2142,2144,2146,2148,2150,2152,2154,2156,2158,2160,"
		"2162,2164,2166,2168,2170,2172,2174,2176,2178,2180,2182,2184,"
		"2186,2188,2190,2192,2194,2196,2198\r\n",
		"VANISHED 2000,2002,2004,2006,2008,2010,2012,2014,2016,2018,"
		"2020,2022,2024,2026,2028,2030,2032,2034,2036,2038,2040,2042,"
		"2044,2046,2048,2050,2052,2054,2056,2058,2060,2062,2064,2066,"
		"2068,2070,2072,2074,2076,2078,2080,2082,2084,2086,2088,2090,"
		"2092,2094,2096,2098,2100,2102,2104,2106,2108,2110,2112,2114,"
		"2116,2118,2120,2122,2124,2126,2128,2130,2132,2134,2136,2138,"
		"2140,2142,2144,2146,2148,2150,2152,2154,2156,2158,2160,2162,"
		"2164,2166,2168,2170,2172,2174,2176,2178,2180,2182,2184,2186,"
		"2188,2190,2192,2194,2196,2198\n"),
	CASE_LIMITS(CASE_SMALL,
		"too many ranges of ESEARCH",
		"* ESEARCH UID ALL 2000,2002,2004,2006,2008,2010,2012,2014,"
		"2016,2018,2020,2022,2024,2026,2028,2030,2032,2034,2036,2038,"
		"2040,2042,2044,2046,2048,2050,2052,2054,2056,2058,2060,2062,"
		"2064,2066,2068,2070,2072,2074,2076,2078,2080,2082,2084,2086,"
		"2088,2090,2092,2094,2096,2098,2100,2102,2104,2106,2108,2110,"
		"2112,2114,2116,2118,2120,2122,2124,2126,2128,2130,2132,2134,"
		"2136,2138,2140,2142,2144,2146,2148,2150,2152,2154,2156,2158,"
		"2160,2162,2164,2166,2168,2170,2172,2174,2176,2178,2180,2182,"
		"2184,2186,2188,2190,2192,2194,2196,2198,2200\r\n",
		"error: a set has more than 100 ranges, in: * ESEARCH UID "
		"ALL 2200\n"),
	CASE_LIMITS(CASE_SMALL,
		"too many ranges of VANISHED",
		"* VANISHED 2000,2002,2004,2006,2008,2010,2012,2014,2016,"
		"2018,2020,2022,2024,2026,2028,2030,2032,2034,2036,2038,2040,"
		"2042,2044,2046,2048,2050,2052,2054,2056,2058,2060,2062,2064,"
		"2066,2068,2070,2072,2074,2076,2078,2080,2082,2084,2086,2088,"
		"2090,2092,2094,2096,2098,2100,2102,2104,2106,2108,2110,2112,"
		"2114,2116,2118,2120,2122,2124,2126,2128,2130,2132,2134,2136,"
		"2138,2140,2142,2144,2146,2148,2150,2152,2154,2156,2158,2160,"
		"2162,2164,2166,2168,2170,2172,2174,2176,2178,2180,2182,2184,"
		"2186,2188,2190,2192,2194,2196,2198,2200\r\n",
		"error: a set has more than 100 ranges, in: * VANISHED 2200\n"),
	CASE_LIMITS(CASE_SMALL,
		"what stands behind the set counts",
		"* ESEARCH UID ALL 1,3 X "
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxx\r\n",
		"error: a response has more than 200 bytes, in: * ESEARCH "
		"UID ALL 3 X xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"),
	CASE_LIMITS(CASE_SMALL,
		"a number of a set longer than a line",
		"* VANISHED 1,"
		"000000000000000000000000000000000000000000000000000000000000"
		"000000000000000000000000000000000000000000000000000000000000"
		"000000000000000000000000000000000000000000000000000000000000"
		"000000000000000000003\r\n",
		"error: a response has more than 200 bytes, in: * VANISHED "
		"0000000000000000000000000000000000000000000000000\n"),
	CASE_LIMITS(CASE_SMALL,
		"bytes of bodies do not count",
		"* 1 FETCH (BODY[] {300}\r\n"
		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
		" UID 3)\r\n",
		"begin 300\n"
		"body \"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
		"yyyyyyy\"\n"
		"FETCH 1 UID 3 STREAMED {300}\n"),
	CASE_LIMITS(CASE_SMALL,
		"a stored literal over its limit",
		"* LIST () \"/\" {33}\r\n",
		"error: a literal to be stored has more than 32 bytes, in: * "
		"LIST () \"/\" {33}..\n"),
	CASE_LIMITS(CASE_SMALL,
		"a stored literal at its limit",
		"* LIST () \"/\" {32}\r\n"
		"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\r\n",
		"LIST 0x0 \"/\" \"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\"\n"),
	CASE_LIMITS(CASE_SMALL,
		"stored literals over the limit of the line",
		"* 1 FETCH (X ({32}\r\n"
		"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz {32}\r\n"
		"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz {32}\r\n"
		"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz {32}\r\n"
		"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz {32}\r\n"
		"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz {32}\r\n"
		"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz))\r\n",
		"error: a response has more than 200 bytes, in: * 1 FETCH (X "
		"({32}..zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz {32}..z\n"),
	CASE_LIMITS(CASE_SMALL,
		"a section over the limit of stored literals",
		"* 1 FETCH (BODY[HEADER] {40}\r\n"
		"hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh UID 3)\r\n",
		"begin 40\n"
		"body \"hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh\"\n"
		"FETCH 1 UID 3\n"),
	CASE_LIMITS(CASE_SMALL,
		"an unknown item over the limit of stored literals",
		"* 1 FETCH (X-FOO {40}\r\n"
		"hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh UID 3)\r\n",
		"error: a literal to be stored has more than 32 bytes, in: * "
		"1 FETCH (X-FOO {40}..\n"),
	CASE_LIMITS(CASE_SMALL,
		"a body over the limit of literals",
		"* 1 FETCH (BODY[] {1001}\r\n",
		"error: a literal has more than 1000 bytes, in: * 1 FETCH "
		"(BODY[] {1001}..\n"),
	CASE_LIMITS(CASE_SMALL,
		"lists as deep as they may be",
		"* X ((((a))))\r\n"
		"* 1 FETCH (BODYSTRUCTURE ((((a)))) UID 1)\r\n",
		"OTHER ((((a))))\n"
		"FETCH 1 UID 1\n"),
	CASE_LIMITS(CASE_SMALL,
		"lists too deep",
		"* X (((((a)))))\r\n",
		"error: lists are nested too deep, in: * X (((((a)))))..\n"),
	CASE_LIMITS(CASE_SMALL,
		"lists too deep in FETCH",
		"* 1 FETCH (BODYSTRUCTURE (((((a))))))\r\n",
		"error: lists are nested too deep, in: * 1 FETCH "
		"(BODYSTRUCTURE (((((a))))))..\n"),
	CASE_LIMITS(CASE_SMALL,
		"too many values",
		"* CAPABILITY a a a a a a a a a a a a a a a a a a a a a \r\n",
		"error: too many values in one response, in: * CAPABILITY a "
		"a a a a a a a a a a a a a a a a a a a a ..\n"),
	CASE_LIMITS(CASE_SMALL,
		"too many literals",
		"* X ({0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" {0}\r\n"
		" )\r\n",
		"error: too many literals in one response, in: * X ({0}.. "
		"{0}.. {0}.. {0}.. {0}.. {0}.. {0}.. {0}.. {0}.. {\n"),
	CASE_LIMITS(CASE_LINE_4,
		"a limit smaller than the word SEARCH",
		"* SEARCH 1\r\n",
		"error: a response has more than 4 bytes, in: * SE\n"),
	CASE_LIMITS(CASE_LINE_8,
		"a limit as small as the word SEARCH",
		"* SEARCH 1\r\n",
		"error: a response has more than 8 bytes, in: * SEARCH \n"),
};

const size_t parse_cases_len = ARRAY_LEN(parse_cases);

void parse_case_run(const struct parse_case *c, size_t piece, struct str *out)
{
	const struct parse_limits limits[] = {
		[CASE_DEFAULT] = parse_limits_default,
		[CASE_SMALL] = {200, 32, 4, 20, 1000},
		[CASE_LINE_4] = {4, 32, 4, 20, 1000},
		[CASE_LINE_8] = {8, 32, 4, 20, 1000},
	};

	transcript(&limits[c->limits], c->input, piece, out);
}
