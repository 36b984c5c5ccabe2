/*
 * Lists of messages as packed arrays (12 bytes a message beside the names,
 * which are packed as well, see packed_name.h).  A list belongs to one thread.
 *
 * Order: by uid ascending; messages without a UID of ours (uid 0, new in a
 * Maildir) come first, by name.  No uid but 0 occurs twice.
 */
#ifndef MAIL_MSG_H
#define MAIL_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "str.h"

struct maildir_naming;

struct msg {
	uint32_t uid;   /* the remote UID; 0: none yet */
	uint32_t flags; /* bit set of flag.h */
	uint32_t name;  /* offset into names; Maildir: "cur/<file name>" */
};

/* A zeroed value is an empty list. */
struct msglist {
	struct msg *at;
	size_t len, cap;
	struct str names; /* packed, one behind the other; nothing is at offset
	                     0, which stands for an empty name */
	bool complete;    /* proven to be the whole folder (D9) */
	char separator;   /* with fmd5: as in struct maildir_naming */
	char fmd5[DIGEST_MD5_HEX_SIZE]; /* "": names are any text */
};

void msglist_clear(struct msglist *list);
/* Takes all messages out, keeps the memory.  naming: of the names to come,
 * copied; NULL: they are any text. */
void msglist_restart(struct msglist *list,
	const struct maildir_naming *naming);
/* Appends; name may be NULL.  Call msglist_sort before use. */
void msglist_add(struct msglist *list, uint32_t uid, uint32_t flags,
	const char *name);
void msglist_sort(struct msglist *list);
/* The message with this uid (not 0), or NULL. */
const struct msg *msglist_find(const struct msglist *list, uint32_t uid);
/* Lent until the list or buf changes, which may be what holds it; buf: an
 * initialised string. */
const char *msglist_name(const struct msglist *list, const struct msg *m,
	struct str *buf);

/* The same, malloc'd. */
char *msglist_name_dup(const struct msglist *list, const struct msg *m);

/* Some messages of a list, by index, ascending. */
struct msgset {
	const struct msglist *list;
	const uint32_t *index;
	size_t len;
};
const struct msg *msgset_at(const struct msgset *set, size_t i);

#endif
