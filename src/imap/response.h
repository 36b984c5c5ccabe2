/*
 * What a server says, typed.  Filled by the parser from its values; spans, sets
 * and values are lent until the next parser_feed.  RFC 9051 section 7.
 *
 * Every "const struct value *" here is the first of a chain through .next, or
 * NULL for none.  Where the grammar has one parenthesised list (FLAGS,
 * PERMANENTFLAGS, FETCH FLAGS), it is the chain inside the parentheses.
 */
#ifndef IMAP_RESPONSE_H
#define IMAP_RESPONSE_H

#include <stdbool.h>
#include <stdint.h>

#include "imap/seqset.h"
#include "str.h"

struct value;

enum response_kind {
	RESPONSE_TAGGED,     /* tag, condition, code, text */
	RESPONSE_CONTINUE,   /* "+": text */
	RESPONSE_CONDITION,  /* untagged OK, NO, BAD, BYE, PREAUTH */
	RESPONSE_CAPABILITY, /* values */
	RESPONSE_ENABLED,    /* values */
	RESPONSE_LIST,       /* list */
	RESPONSE_LSUB,       /* list */
	RESPONSE_STATUS,     /* status */
	RESPONSE_SEARCH,     /* set; search.modseq, 0: none */
	RESPONSE_ESEARCH,    /* search */
	RESPONSE_FLAGS,      /* values: the names */
	RESPONSE_EXISTS,     /* number */
	RESPONSE_RECENT,     /* number */
	RESPONSE_EXPUNGE,    /* number */
	RESPONSE_VANISHED,   /* set, earlier, unclear */
	RESPONSE_FETCH,      /* number (sequence), fetch */
	RESPONSE_NAMESPACE,  /* values */
	RESPONSE_ID,         /* values */
	RESPONSE_OTHER,      /* values; to be ignored */
	RESPONSE_KIND_COUNT,
};

enum condition { CONDITION_NONE, CONDITION_OK, CONDITION_NO, CONDITION_BAD,
	CONDITION_BYE, CONDITION_PREAUTH };

enum code_kind {
	CODE_NONE,
	CODE_OTHER,          /* unknown, or its arguments were not understood */
	CODE_ALERT,
	CODE_ALREADYEXISTS,
	CODE_APPENDUID,      /* number: UIDVALIDITY; set: UIDs */
	CODE_AUTHENTICATIONFAILED,
	CODE_CAPABILITY,     /* values */
	CODE_CLOSED,
	CODE_COPYUID,        /* number; set: source; set2: destination */
	CODE_HIGHESTMODSEQ,  /* number */
	CODE_LIMIT,
	CODE_MODIFIED,       /* set: UIDs */
	CODE_NOMODSEQ,
	CODE_NONEXISTENT,
	CODE_OVERQUOTA,
	CODE_PERMANENTFLAGS, /* values: the names */
	CODE_READ_ONLY,
	CODE_READ_WRITE,
	CODE_TRYCREATE,
	CODE_UIDNEXT,        /* number */
	CODE_UIDNOTSTICKY,
	CODE_UIDVALIDITY,    /* number */
	CODE_UNAVAILABLE,
	CODE_UNSEEN,         /* number */
};

struct code {
	enum code_kind kind;
	struct span name;            /* as sent, upper case not forced */
	uint64_t number;
	struct seqset set, set2;     /* lent */
	bool ordered;                /* set was told in ascending order, each
	                                number once */
	const struct value *values;
};

/* Mailbox attributes of LIST (RFC 9051 7.3.1, SPECIAL-USE RFC 6154). */
#define MAILBOX_NOSELECT 0x0001u
#define MAILBOX_NONEXISTENT 0x0002u
#define MAILBOX_NOINFERIORS 0x0004u
#define MAILBOX_SUBSCRIBED 0x0008u
#define MAILBOX_ALL 0x0010u
#define MAILBOX_ARCHIVE 0x0020u
#define MAILBOX_DRAFTS 0x0040u
#define MAILBOX_FLAGGED 0x0080u
#define MAILBOX_JUNK 0x0100u
#define MAILBOX_SENT 0x0200u
#define MAILBOX_TRASH 0x0400u
#define MAILBOX_IMPORTANT 0x0800u
/* Not of the server: it is there, and the user does not want to see it. */
#define MAILBOX_UNWANTED 0x8000u

struct response_list {
	unsigned attributes;
	char delimiter; /* 0: NIL */
	struct span name; /* raw bytes, unquoted */
};

#define STATUS_MESSAGES 0x01u
#define STATUS_UIDNEXT 0x02u
#define STATUS_UIDVALIDITY 0x04u
#define STATUS_UNSEEN 0x08u
#define STATUS_HIGHESTMODSEQ 0x10u
#define STATUS_MAILBOXID 0x20u

struct response_status {
	struct span name;
	unsigned has; /* STATUS_* */
	uint32_t messages, uidnext, uidvalidity, unseen;
	uint64_t highestmodseq;
	struct span mailboxid; /* RFC 8474 section 4.3 */
};

struct response_search {
	struct span tag; /* empty: none */
	bool uid;
	bool has_count, has_all;
	uint64_t count, modseq;
	struct seqset all;
};

#define FETCH_UID 0x01u
#define FETCH_FLAGS 0x02u
#define FETCH_SIZE 0x04u
#define FETCH_DATE 0x08u
#define FETCH_MODSEQ 0x10u
#define FETCH_SECTION 0x20u  /* section stored in .section_text */
#define FETCH_STREAMED 0x40u /* a BODY[] was streamed before this */

struct response_fetch {
	unsigned has; /* FETCH_* */
	uint32_t uid;
	uint32_t flags;          /* bit set of flag.h */
	const struct value *flag_names; /* as sent, keywords too */
	uint64_t size, modseq;
	int64_t date;            /* INTERNALDATE, seconds since 1970 */
	struct span section;     /* "HEADER.FIELDS (MESSAGE-ID DATE)" */
	struct span section_text; /* with FETCH_SECTION */
	uint64_t streamed_size;
};

struct response {
	enum response_kind kind;
	struct span tag;           /* TAGGED */
	enum condition condition;  /* TAGGED, CONDITION */
	struct code code;          /* TAGGED, CONDITION */
	struct span text;          /* TAGGED, CONDITION, CONTINUE: no code */
	struct span words;         /* the same with its code, "[ALERT] Bye" */
	uint32_t number;
	struct seqset set;         /* lent */
	bool earlier;              /* VANISHED (EARLIER) */
	bool unclear;              /* VANISHED: what stands there is no set */
	const struct value *values;
	union {
		struct response_list list;
		struct response_status status;
		struct response_search search;
		struct response_fetch fetch;
	} u;
};

const char *response_kind_name(enum response_kind kind);
/* For tests and debugging: one line, streamed literals as {n}. */
void response_print(const struct response *r, struct str *out);

#endif
