/*
 * -k [section:]option=value of the command line, put over what the file says.
 * Main thread, between ini_load and the reading of values.
 */
#ifndef CONF_OVERRIDE_H
#define CONF_OVERRIDE_H

#include "attr.h"
#include "error.h"

struct ini;

/* OfflineIMAP's rules: split at the first "="; in the section part, which
 * ends at the first ":", every "_" stands for a blank; without that part it is
 * [general].  The section must exist.  Errors show the part left of "=" only,
 * as the value may be a password. */
bool override_apply(struct ini *ini, const char *argument, struct error *err)
	ATTR_MUST_CHECK;

#endif
