/*
 * Held deletions: what the user approved on the command line, and the command
 * that is suggested.  Pure.
 */
#ifndef RUN_APPROVE_H
#define RUN_APPROVE_H

#include <stdbool.h>

#include "attr.h"

struct run_options;

/* Whether an argument of --approve-deletions is about this account. */
bool approve_names(const char *approval, const char *account);
/* folder NULL: the account as a whole was approved. */
bool approve_given(const struct run_options *options, const char *account,
	const char *folder);
/* A shell command, malloc'd; folder NULL: for the whole account.  Names are
 * quoted for the shell (S16). */
char *approve_command(const struct run_options *options, const char *account,
	const char *folder) ATTR_RETURNS_NONNULL;

#endif
