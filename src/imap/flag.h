/*
 * Message flags as a bit set of 32 bits: the five of IMAP that a Maildir can
 * show, 'P' and the letters a to z that only a Maildir has.  Pure.
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
/* 'a' is bit 6 ... 'z' bit 31 */

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

#endif
