/*
 * The system's keyring as a place of passwords (offlineimap-compat 7.5): asked
 * last, before the front end is; and told, with --update-keyring, passwords
 * that a server has accepted.  Service is the host, as OfflineIMAP has it.
 * Runner's thread.
 */
#ifndef RUN_KEYRING_H
#define RUN_KEYRING_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"

struct login;
struct python;
struct run_options;
struct worker;

/* Fills in a password that is missing, if the keyring has one; it is asked for
 * again like one that was typed in when the server refuses it.  False: stopped;
 * other troubles are told and mean that there is none. */
bool keyring_find(struct login *l, const struct run_options *options,
	struct python *python, struct worker *w, struct error *err)
	ATTR_MUST_CHECK;
/* After a login with the password.  Troubles are told and cost nothing. */
void keyring_keep(const struct login *l, const struct run_options *options,
	struct python *python, struct worker *w);

#endif
