/*
 * FolderValidity files: the UIDVALIDITY of a folder when it was last
 * synchronised, one decimal line (offlineimap-compat 3.5).  Worker's thread.
 */
#ifndef SYNC_VALIDITY_H
#define SYNC_VALIDITY_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"

struct worker;

/* 0: there is none, or what stands there is not a number. */
bool validity_read(const char *dir, const char *base, uint32_t *out,
	struct error *err) ATTR_MUST_CHECK;
/* Announces the effect.  Makes the directory. */
bool validity_write(const char *dir, const char *base, uint32_t value,
	bool fsync, struct worker *w, struct error *err) ATTR_MUST_CHECK;

#endif
