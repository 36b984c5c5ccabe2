/*
 * Modified UTF-7 of mailbox names (RFC 3501 section 5.1.3).  Pure.
 */
#ifndef IMAP_UTF7_H
#define IMAP_UTF7_H

#include <stdbool.h>

#include "attr.h"
#include "str.h"

/* UTF-8 to modified UTF-7, appended.  False for invalid UTF-8 and for U+0000;
 * then out is unchanged. */
bool utf7_encode(struct span utf8, struct str *out) ATTR_MUST_CHECK;
/* Modified UTF-7 to UTF-8, appended.  False for anything that utf7_encode
 * would not have made (so names always come back); then out is unchanged and
 * the caller keeps the raw name. */
bool utf7_decode(struct span utf7, struct str *out) ATTR_MUST_CHECK;

#endif
