/*
 * One line of the mailbox list: the option peritem of [mbnames], Python's "%"
 * operator with a dict of texts (offlineimap-compat 2.3), done without Python.
 * Pure; any thread.
 *
 *	mailboxes "+%(accountname)s/%(foldername)-20s"
 *
 * %(key)[flags][width][.precision](s|r|a) and %%; width and precision count
 * characters.  The keys are accountname, foldername and localfolders.
 *
 * What reads the list (mutt, a shell) may take parts of a name for a command,
 * and names come from the server (S16).  So a folder's name is quoted for the
 * place where the format puts it: between double quotes the characters " \ `
 * and $ get a backslash; between single quotes ' becomes '\''; elsewhere a
 * name with a ` or a ; or a $( cannot be listed, and nowhere one with a
 * control character.
 */
#ifndef CONF_PERITEM_H
#define CONF_PERITEM_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"
#include "str.h"

struct peritem {
	const char *account, *folder;
	const char *localfolders; /* NULL: shown as Python's None */
};

/* Appends.  False, with nothing appended: the format is bad (kind CONFIG), or
 * the folder's name cannot be listed (kind OTHER). */
bool peritem_format(const char *format, const struct peritem *item,
	struct str *out, struct error *err) ATTR_MUST_CHECK;
/* Whether the format is a good one. */
bool peritem_check(const char *format, struct error *err) ATTR_MUST_CHECK;

#endif
