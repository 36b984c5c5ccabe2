/*
 * The file that remembers how many connections each server allowed.  For all
 * accounts, in the metadata directory:
 *
 *	offlineimap hosts 1
 *	4 20 imap.example.org:993
 *
 * for each server that has refused one more: how many it allowed, how many
 * rounds are still to go by with those, and its key (hosts.h).  It only saves
 * refusals: one that is damaged, or of another version, is as good as none.
 * hosts.c alone, at the engine's start and in account runners.
 */
#ifndef RUN_HOSTS_FILE_H
#define RUN_HOSTS_FILE_H

#include "base/vec.h"
#include "str.h"

struct worker;

struct hosts_row {
	char *key; /* malloc'd */
	unsigned allowed, patience;
};

/* So many rounds that want more connections go by with those allowed: a limit
 * may be of the day, or of other programs that were connected. */
#define HOSTS_PATIENCE 20

/* Adds to rows (of struct hosts_row) what is in the file; all or nothing. */
void hosts_file_read(const char *path, struct vec *rows);
void hosts_file_clear(struct vec *rows);
/* A file without rows, and a row at its end; a key that is not one line is
 * left out. */
void hosts_file_head(struct str *out);
void hosts_file_add(struct str *out, const struct hosts_row *row);
/* Failing is told in a debug line, nothing more. */
void hosts_file_write(const char *path, const struct str *text,
	struct worker *w);

#endif
