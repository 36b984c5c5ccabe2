/*
 * State as old releases of OfflineIMAP kept it: one text file per folder,
 * Account-X/LocalStatus/<basename> (offlineimap-compat 3.4).  It is read when
 * a folder's database is made, and stays as it is.  Worker's thread.
 *
 *	OFFLINEIMAP LocalStatus CACHE DATA - DO NOT MODIFY - FORMAT 2
 *	<uid>|<letters>|<mtime>|<label>, <label>
 *
 * Format 1 has lines of <uid>:<letters>.
 */
#ifndef SYNC_LEGACY_H
#define SYNC_LEGACY_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"
#include "str.h"

struct legacy_row {
	uint32_t uid;
	uint32_t flags;
	int64_t mtime;
	char *labels; /* as the database has them, malloc'd */
};

/* rows: an empty vec of struct legacy_row.  False: the file cannot be read, or
 * a line of it cannot; half of it would be taken for deletions.  Then rows is
 * empty again. */
bool legacy_read(const char *path, struct vec *rows, struct error *err)
	ATTR_MUST_CHECK;
void legacy_clear(struct vec *rows);

#endif
