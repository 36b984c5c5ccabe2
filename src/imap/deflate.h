/*
 * Compression as a layer of a stream, above TLS or the socket: DEFLATE
 * without a header in both directions, which never ends.  Worker's thread.
 * RFC 4978, RFC 1951.
 *
 * Bounded both ways: what a byte from the server may swell to is given out
 * in pieces of the reader's size and never collected.
 *
 *	stream_push(s, deflate_new(stream_top(s), behind));
 */
#ifndef IMAP_DEFLATE_H
#define IMAP_DEFLATE_H

#include "attr.h"
#include "imap/stream.h"
#include "str.h"

#define DEFLATE_IN_SIZE ((size_t)32 * 1024)

/* early: compressed bytes that were read before the layer was made; copied,
 * at most DEFLATE_IN_SIZE. */
struct layer *deflate_new(struct layer *below, struct span early)
	ATTR_RETURNS_NONNULL;

#endif
