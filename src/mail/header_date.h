/*
 * The date in a message's header, as people's programs write it.  Pure; any
 * thread.  RFC 5322 sections 3.3 and 4.3.
 *
 *	Mon, 2 Mar 2026 10:00:00 +0100 (CET)
 *	02-Mar-26 10:00 GMT            Mon Mar  2 10:00:00 2026
 *
 * A zone that says nothing about the offset (none, "-0000", an unknown name)
 * counts as UTC, as in OfflineIMAP.
 */
#ifndef MAIL_HEADER_DATE_H
#define MAIL_HEADER_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

/* value: the field's, folds and comments in it.  False: it is no date, or one
 * before 1970, which no message can have been sent at. */
bool header_date(struct span value, int64_t *seconds);

#endif
