/*
 * The list of all folders for a mail reader: [mbnames] (offlineimap-compat
 * 2.5, 3.7).  Each account leaves its folders in a file of its own; the list
 * is made of the files of all accounts, also of those that did not run.
 *
 *	mbnames_account    by each account's runner, at the end of a round
 *	mbnames_write      by whoever ends last, or after each account
 *	mbnames_prune      --mbnames-prune
 *
 * Every call has a Python of its own if it needs one, and may be made in any
 * thread: files are replaced whole, and who writes the list holds a lock.
 */
#ifndef RUN_MBNAMES_H
#define RUN_MBNAMES_H

#include <stdbool.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"

struct conf;
struct conf_account;
struct worker;

struct mbnames {
	const struct conf *conf;
	struct worker *w;
	bool dry_run; /* only say what would be written */
};

/* Nothing to do unless enabled, for all of these.
 * folders: local names, vec of char *.  some: they are not all (-f), what is
 * known of the others stays.  With incremental the list is written too. */
bool mbnames_account(const struct mbnames *m,
	const struct conf_account *account, const struct vec *folders,
	bool some, struct error *err) ATTR_MUST_CHECK;
/* The list, unless it is as it should be, or no account ever left folders.
 * A file of an account that cannot be read is an error, but the list is
 * written without it. */
bool mbnames_write(const struct mbnames *m, struct error *err)
	ATTR_MUST_CHECK;
/* Forgets the accounts that [general] accounts does not name (all of them when
 * there is no list), then writes the list unless incremental. */
bool mbnames_prune(const struct mbnames *m, struct error *err)
	ATTR_MUST_CHECK;

#endif
