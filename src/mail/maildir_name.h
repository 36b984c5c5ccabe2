/*
 * File names of messages in a Maildir, as OfflineIMAP reads and writes them
 * (offlineimap-compat 3.8).  Pure; any thread.
 *
 *	1795380603_4.3227.vm,U=4,FMD5=7e33429f656f1e6e9d79b29c3f82c57e:2,FS
 *	'----- unique -----'                                         '-info'
 *	'--------------------------- base --------------------------'
 *
 * The FMD5 field says for which folder U= holds: a file that a mail reader
 * moved to another folder with its old name is a new message there.
 *
 * The info begins with ":2," or, for file systems of Windows, with "!2,".
 * Names of either kind are understood; one that is made anew gets the kind
 * that is wanted (hazard 9.26).
 */
#ifndef MAIL_MAILDIR_NAME_H
#define MAIL_MAILDIR_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

#define MAILDIR_NAME_MAX 255 /* NAME_MAX of every usual file system */

/* How names of a folder are to be. */
struct maildir_naming {
	const char *fmd5; /* the hexadecimal digest of this folder */
	char separator;   /* ':' or '!' */
};

struct maildir_name {
	uint32_t uid;   /* 0: none, or not of this folder */
	bool foreign;   /* it has one, of another folder */
	uint32_t flags; /* bit set of flag.h */
};

/* name without directory. */
void maildir_name_parse(const char *name, const struct maildir_naming *naming,
	struct maildir_name *out);

/* Both names have the same base: one file, flagged differently. */
bool maildir_name_same_base(const char *a, const char *b);
/* An order of bases, for sorting. */
int maildir_name_compare_base(const char *a, const char *b);
/* The same but for the fields U= and FMD5=. */
bool maildir_name_same_message(const char *a, const char *b);

/* Appended: the name with these flags.  Letters that are no flags to us, and
 * what other programs wrote behind the flags, stay. */
void maildir_name_with_flags(const char *name,
	const struct maildir_naming *naming, uint32_t flags, struct str *out);
/* Appended: the name with this UID of this folder, 0: with none.  Other
 * fields and the info stay. */
void maildir_name_with_uid(const char *name,
	const struct maildir_naming *naming, uint32_t uid, struct str *out);
/* Appended: "<unique>,U=<uid>,FMD5=<fmd5>:2,<flags>". */
void maildir_name_build(const char *unique,
	const struct maildir_naming *naming, uint32_t uid, uint32_t flags,
	struct str *out);

#endif
