/*
 * Which message of a local server is which of the remote one, in the file that
 * OfflineIMAP keeps for it: UIDMapping/<basename> below the local repository,
 * one line "local UID:remote UID" for each pair, in the order in which they
 * were made (offlineimap-compat 3.6).  Worker's thread; used by mapstore*.c.
 *
 *	uidmap_load -> (uidmap_set | uidmap_drop)* -> uidmap_save
 *
 * The file is read and replaced under its lock, <basename>.lock, as
 * OfflineIMAP does.  Nothing in it is guessed: a line that is no pair, a
 * number given twice, or a last line that is not ended is an error, for a
 * wrong pair would have one message deleted in place of another.
 */
#ifndef MAIL_UIDMAP_H
#define MAIL_UIDMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"

struct worker;

struct uidmap_pair {
	uint32_t local, remote; /* remote 0: dropped, to be passed over */
};

struct uidmap {
	struct vec pair;  /* of struct uidmap_pair, in the file's order */
	struct vec order; /* of uint32_t: into pair, by local UID, without
	                     those that were dropped */
	bool missing;     /* there is no file */
	bool dirty;       /* changed since it was read or saved */
};

#define UIDMAP_EMPTY {.pair = VEC(struct uidmap_pair), .order = VEC(uint32_t)}

/* In place of what map held.  Without a file it is empty.  touch false: looks
 * only, a lock file is not made and nothing is removed (dry run). */
bool uidmap_load(struct uidmap *map, const char *path, bool touch,
	struct worker *w, struct error *err) ATTR_MUST_CHECK;
/* Makes its directory; durable when fsync. */
bool uidmap_save(struct uidmap *map, const char *path, bool fsync,
	struct worker *w, struct error *err) ATTR_MUST_CHECK;
void uidmap_clear(struct uidmap *map);

/* 0: none. */
uint32_t uidmap_remote(const struct uidmap *map, uint32_t local);
/* The pair by local UID, in ascending order; i < map->order.len. */
const struct uidmap_pair *uidmap_at(const struct uidmap *map, size_t i);
/* A new pair, or another remote UID for one that is there. */
void uidmap_set(struct uidmap *map, uint32_t local, uint32_t remote);
/* No such pair is nothing to do. */
void uidmap_drop(struct uidmap *map, uint32_t local);
/* All pairs. */
void uidmap_drop_all(struct uidmap *map);

#endif
