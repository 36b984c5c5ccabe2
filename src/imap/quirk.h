/*
 * Known texts of servers and what they mean for the user: a data table, to be
 * extended by a row.  Pure; any thread.  The text itself is always shown
 * verbatim beside the advice.
 */
#ifndef IMAP_QUIRK_H
#define IMAP_QUIRK_H

#include <stdbool.h>

#include "str.h"

/* A sentence of advice for a server's words, or NULL. */
const char *quirk_advice(struct span words);
/* Whether they refuse one connection more; [LIMIT] and [UNAVAILABLE] as RFC
 * 5530 section 3 has them. */
bool quirk_too_many(struct span words);

#endif
