/*
 * Names of Maildir files in few bytes, for lists of very large folders: what
 * this program writes itself ("cur/", ",U=", ",FMD5=", ":2,") is not kept as
 * text.  Any other name is kept whole.  Pure; any thread.
 *
 * Unpacked, a name is the same bytes again, whatever it was.
 */
#ifndef MAIL_PACKED_NAME_H
#define MAIL_PACKED_NAME_H

#include "mail/maildir_name.h"
#include "str.h"

/* Appends the packed form of "cur/<file>" or "new/<file>"; naming NULL: the
 * name is any text, kept whole. */
void packed_name_add(const char *name, const struct maildir_naming *naming,
	struct str *out);
/* The name, lent: of packed itself where it was kept whole, else of buf,
 * which it replaces. */
const char *packed_name_get(const char *packed,
	const struct maildir_naming *naming, struct str *buf);

#endif
