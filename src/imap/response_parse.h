/*
 * From the complete text of a response to a struct response.  parse.c calls
 * response_parse; the rest is what the response_*.c files share.  Belongs to
 * the parser's thread; nothing is owned here.
 */
#ifndef IMAP_RESPONSE_PARSE_H
#define IMAP_RESPONSE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "imap/lex.h"
#include "imap/response.h"
#include "imap/seqset.h"
#include "str.h"

/* Memory that the parser lends to its responses. */
struct response_sets {
	struct seqset set;         /* numbers taken as they came */
	struct seqset text;        /* ... and those that stand in the text */
	struct seqset code, code2;
};

struct response_input {
	struct lex lex; /* at the start of the text, without its line end */
	struct response_sets *sets;
	/* Here in the text may stand the last range of a set, with all of
	 * them in sets->set. */
	const char *range;
	size_t max_ranges;          /* of one set */
	struct span body;    /* out: a message body that was not streamed */
	bool has_body;       /* out */
};

/* Fills the zeroed r.  False: lex.error says what was wrong. */
bool response_parse(struct response_input *in, struct response *r)
	ATTR_MUST_CHECK;
/* What the beginning of a response tells about literals in it: free text
 * (tagged, continuation, OK, NO, BAD, BYE, PREAUTH) has none. */
enum response_head { HEAD_UNKNOWN, HEAD_TEXT, HEAD_FETCH, HEAD_OTHER };
enum response_head response_head(struct span text);

/* Which numbers may follow the first words of a response, behind a blank?  The
 * first seen bytes were said before to have a set behind them. */
enum response_numbers {
	NUMBERS_NONE,
	NUMBERS_LATER, /* not here, but perhaps behind the next word */
	NUMBERS_LIST,  /* those of SEARCH */
	NUMBERS_SET,
};
enum response_numbers response_numbers(struct span text, size_t seen);

/* resp-text, RFC 9051 section 9, for TAGGED and CONDITION. */
void response_text_parse(struct response_input *in, struct response *r);
bool response_fetch_parse(struct response_input *in, struct response *r)
	ATTR_MUST_CHECK;
bool response_list_parse(struct response_input *in, struct response *r)
	ATTR_MUST_CHECK;
bool response_status_parse(struct response_input *in, struct response *r)
	ATTR_MUST_CHECK;
bool response_search_parse(struct response_input *in, struct response *r)
	ATTR_MUST_CHECK;
bool response_esearch_parse(struct response_input *in, struct response *r)
	ATTR_MUST_CHECK;
bool response_vanished_parse(struct response_input *in, struct response *r)
	ATTR_MUST_CHECK;

/* What the value of a FETCH item is. */
enum fetch_item { ITEM_OTHER, ITEM_BODY, ITEM_SECTION };
/* "BODY[]" is a BODY, "BODY[HEADER]" a SECTION named "HEADER". */
enum fetch_item fetch_item_kind(struct span name, struct span *section);

/* Follows the text of a FETCH response as it grows, so that the parser knows
 * to which item a literal belongs before the response is complete. */
struct fetch_scan {
	size_t at;        /* offset of what was not looked at yet */
	unsigned depth;   /* open parentheses */
	struct span item; /* item name that stands last; empty: none does */
};
void fetch_scan(struct fetch_scan *scan, struct span text);

/* date-time, RFC 9051 section 9, to seconds since 1970. */
bool date_time_parse(struct span text, int64_t *seconds) ATTR_MUST_CHECK;

#endif
