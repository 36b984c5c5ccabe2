/*
 * The native way to choose and rename folders, without Python: the options
 * folders and rename.  Pure; any thread; compiled once and const then.
 *
 *	folders = INBOX, Lists/%, !Lists/spam*, !\Trash
 *	rename = s,^INBOX/,,; s,^Sent Items$,Sent,
 *
 * folders: patterns with commas between; the last one that fits a name decides
 * ("!" leaves it out).  When the first is an exclusion, all other folders are
 * in; else only what is named.  "*" fits any text, "%" any without the
 * server's separator, "?" one character; INBOX fits in any case; a name with a
 * comma or with blanks at its ends stands in double quotes ("\" before a
 * quote).  \Sent and the other names of RFC 6154 fit by the server's mark.
 *
 * rename: commands as of sed, with ";" or line ends between, each applied to
 * what the one before made: s, any delimiter, a regular expression (PCRE2,
 * UTF-8), the replacement (\1 or $1 for groups), flags g and i.
 */
#ifndef CONF_PATTERN_H
#define CONF_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "attr.h"
#include "error.h"

struct conf_rule;
struct folders_rule;
struct rename_rule;

/* NULL: kind CONFIG, with the rule's place, the piece that is wrong and why.
 * The place is borrowed. */
struct folders_rule *folders_rule_new(const struct conf_rule *rule,
	struct error *err) ATTR_MUST_CHECK;
void folders_rule_free(struct folders_rule *rule);
/* attributes: MAILBOX_* bits of SPECIAL-USE, passed through uses, the table of
 * names and bits that the caller knows.  why: NULL, or set to the pattern that
 * decided ("" when none fits), lent. */
struct pattern_use {
	const char *name; /* "\\Trash" */
	unsigned bit;
};
bool folders_rule_fits(const struct folders_rule *rule, const char *name,
	char separator, unsigned attributes, const struct pattern_use *uses,
	size_t use_count, const char **why);
/* The next special use that is named (index from 0), NULL at the end: to tell
 * the user of one that no folder of the server has. */
const char *folders_rule_use(const struct folders_rule *rule, size_t index);

struct rename_rule *rename_rule_new(const struct conf_rule *rule,
	struct error *err) ATTR_MUST_CHECK;
void rename_rule_free(struct rename_rule *rule);
/* malloc'd.  NULL: a limit of the matcher was reached, or the name is not
 * UTF-8; kind CONFIG. */
char *rename_rule_apply(const struct rename_rule *rule, const char *name,
	struct error *err) ATTR_MUST_CHECK;
/* A name that the rule may have made this one of, malloc'd; NULL when one of
 * its commands is not a plain text at the beginning or the end that becomes
 * another.  The caller applies the rule to it and compares. */
char *rename_rule_undo(const struct rename_rule *rule, const char *name)
	ATTR_MUST_CHECK;

#endif
