/*
 * Message flags as a bit set of 32 bits: the five of IMAP that a Maildir can
 * show, 'P' that only a Maildir has, and the letters a to z, each of which may
 * stand for an IMAP keyword (struct flag_keywords).  Pure; a table of keywords
 * belongs to one thread.
 * RFC 9051 section 2.3.2; Maildir letters as in offlineimap-compat 3.8.
 */
#ifndef IMAP_FLAG_H
#define IMAP_FLAG_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "str.h"

#define FLAG_DRAFT ((uint32_t)1 << 0)    /* D \Draft */
#define FLAG_FLAGGED ((uint32_t)1 << 1)  /* F \Flagged */
#define FLAG_ANSWERED ((uint32_t)1 << 2) /* R \Answered */
#define FLAG_SEEN ((uint32_t)1 << 3)     /* S \Seen */
#define FLAG_DELETED ((uint32_t)1 << 4)  /* T \Deleted */
#define FLAG_IMAP_ALL ((uint32_t)0x1f)
#define FLAG_PASSED ((uint32_t)1 << 5)   /* P, Maildir only */
#define FLAG_LETTERS 26          /* 'a' is bit 6 ... 'z' bit 31 */

/* Of the letter with this number, 0 for 'a'. */
uint32_t flag_letter(unsigned letter);

/* 0 for a letter that is none. */
uint32_t flag_of_letter(char letter);
/* Letters sorted by code point, as in file names and the state: D F P R S
 * T, a to z.  Appended. */
void flag_letters(uint32_t flags, struct str *out);
/* Unknown characters are ignored. */
uint32_t flag_parse_letters(struct span letters);
/* "\Seen" in any case to FLAG_SEEN; 0 for keywords, \Recent and others. */
uint32_t flag_of_imap(struct span name);
/* "\Answered \Seen" in a fixed order, appended; only FLAG_IMAP_ALL bits. */
void flag_imap_names(uint32_t flags, struct str *out);

/* Which letter stands for which keyword.  A zeroed value knows none. */
struct flag_keywords {
	char *name[FLAG_LETTERS]; /* malloc'd; NULL: stands for none */
	bool learning; /* a keyword that is not known gets a free letter */
	bool changed;  /* one did; for who saves the table */
};

void flag_keywords_clear(struct flag_keywords *k);
/* letter: 0 is 'a'.  As in OfflineIMAP the last letter with a name has it.
 * False: no server can have a keyword of this name, RFC 9051 flag-keyword. */
bool flag_keywords_set(struct flag_keywords *k, unsigned letter,
	struct span name);
/* The letters that stand for one; k may be NULL. */
uint32_t flag_keywords_mask(const struct flag_keywords *k);
/* The letter of a keyword, or 0; 0 for what begins with a backslash.  As in
 * OfflineIMAP the case counts, but not while learning: two servers may write
 * one keyword differently. */
uint32_t flag_of_keyword(struct flag_keywords *k, struct span name);
/* The names of flag_imap_names and those of the letters; k may be NULL. */
void flag_names(uint32_t flags, const struct flag_keywords *k,
	struct str *out);

#endif
