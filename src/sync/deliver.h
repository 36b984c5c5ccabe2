/*
 * Messages on their way to a local side that is a server, group by group; each
 * is staged in its store already.  An APPEND cannot be repeated harmlessly, so
 * a group is announced in the state, sent, and recorded, as upload.c does for
 * the other direction.  Used by download.c, in the worker's thread.
 */
#ifndef SYNC_DELIVER_H
#define SYNC_DELIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"

struct apply;
struct delivery;

/* NULL: the local side is no server. */
struct delivery *delivery_new(struct apply *a);
void delivery_free(struct delivery *d);
/* The one staged last; flags: as the remote side has them. */
void delivery_add(struct delivery *d, uint32_t uid, uint32_t flags);
/* The group is announced, sent, and recorded. */
bool delivery_send(struct delivery *d, struct error *err) ATTR_MUST_CHECK;
/* Some are stored, and the server did not tell where: settle_stored.  NULL:
 * false. */
bool delivery_somewhere(const struct delivery *d);

#endif
