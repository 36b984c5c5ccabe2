/*
 * Names of sections and options: which family a section belongs to, and what
 * to say about a name that is not known or stands in the wrong place (N38).
 * Main thread.
 */
#ifndef CONF_NAMES_H
#define CONF_NAMES_H

#include <stdbool.h>

#include "attr.h"
#include "conf/option.h"

struct ini;
struct ini_section;
struct notes;

/* False for [DEFAULT] and for names that mean nothing.  *own is X of
 * "Account X" and "Repository X", else "". */
bool names_section(const char *name, enum option_section *kind,
	const char **own);
/* 1 << type of a [Repository X], OPTION_ALL while that is not known. */
unsigned names_repos(const struct ini *ini, const struct ini_section *section);

/* Adds one sentence for each section or option that nobody will read. */
void names_check(const struct ini *ini, struct notes *notes);

/* A key of the section that could be a slip of the pen for this option, or
 * NULL. */
const char *names_slip(const struct ini_section *section,
	const struct option *option);

#endif
