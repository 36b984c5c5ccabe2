#include "config.h"

#define ZLIB_CONST

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "imap/deflate.h"
#include "mem.h"

/* What one write takes of the caller's bytes. */
#define PIECE_MAX ((size_t)32 * 1024)
#define ROOM ((size_t)4 * 1024)
/* A window of 32 kB, the most there is; negative: no header (RFC 4978). */
#define WINDOW_BITS (-15)

struct deflate {
	struct layer base;
	z_stream in, out;
	unsigned char read[DEFLATE_IN_SIZE]; /* in.next_in points here */
	struct str packed; /* of one piece; written from packed_at on */
	size_t packed_at;
	size_t taken; /* bytes of the piece; 0: none is under way */
};

static enum layer_result damaged(struct error *err)
{
	error_set(err, ERROR_FOLDER_RETRY, ERROR_NETWORK,
		"the server's compressed data are damaged");
	return LAYER_FAILED;
}

static enum layer_result more_input(struct deflate *d, struct error *err)
{
	size_t got = 0;
	enum layer_result result = d->base.below->ops->read(d->base.below,
		d->read, sizeof(d->read), &got, err);

	if (result == LAYER_DONE) {
		d->in.next_in = d->read;
		d->in.avail_in = (uInt)got;
	}
	return result;
}

/* Output may be left inside of zlib when the last buffer was filled, so it is
 * asked before the socket. */
static enum layer_result deflate_read(struct layer *layer, void *buf,
	size_t cap, size_t *got, struct error *err)
{
	struct deflate *d = (struct deflate *)layer;

	d->in.next_out = buf;
	d->in.avail_out = cap > INT_MAX ? INT_MAX : (uInt)cap;
	cap = d->in.avail_out;
	for (;;) {
		int code = inflate(&d->in, Z_SYNC_FLUSH);
		enum layer_result result;

		*got = cap - d->in.avail_out;
		if (*got > 0)
			return LAYER_DONE;
		if (code == Z_STREAM_END)
			return LAYER_END;
		if (code != Z_OK && code != Z_BUF_ERROR)
			return damaged(err);
		if (d->in.avail_in > 0)
			return damaged(err);
		result = more_input(d, err);
		if (result != LAYER_DONE)
			return result;
	}
}

/* The whole piece, and up to a byte boundary: the server can read all of it
 * (RFC 4978 section 4). */
static void pack(struct deflate *d, const void *data, size_t len)
{
	struct str *packed = &d->packed;
	int code;

	d->taken = len < PIECE_MAX ? len : PIECE_MAX;
	d->packed_at = 0;
	str_reset(packed);
	d->out.next_in = data;
	d->out.avail_in = (uInt)d->taken;
	do {
		str_reserve(packed, ROOM);
		d->out.next_out = (unsigned char *)packed->data + packed->len;
		d->out.avail_out = (uInt)ROOM;
		code = deflate(&d->out, Z_SYNC_FLUSH);
		assert(code == Z_OK || code == Z_BUF_ERROR);
		packed->len += ROOM - d->out.avail_out;
	} while (d->out.avail_out == 0);
	packed->data[packed->len] = '\0';
}

/* A piece counts as written only when all that was made of it is: nobody
 * would come back for a rest. */
static enum layer_result deflate_write(struct layer *layer, const void *data,
	size_t len, size_t *put, struct error *err)
{
	struct deflate *d = (struct deflate *)layer;
	struct layer *below = d->base.below;

	if (d->taken == 0)
		pack(d, data, len);
	while (d->packed_at < d->packed.len) {
		size_t n = 0;
		enum layer_result result = below->ops->write(below,
			d->packed.data + d->packed_at,
			d->packed.len - d->packed_at, &n, err);

		if (result != LAYER_DONE)
			return result;
		d->packed_at += n;
	}
	*put = d->taken;
	d->taken = 0;
	return LAYER_DONE;
}

static bool deflate_pending(const struct layer *layer)
{
	const struct deflate *d = (const struct deflate *)layer;

	return d->in.avail_in > 0 ||
		d->base.below->ops->pending(d->base.below);
}

static void deflate_close(struct layer *layer)
{
	struct deflate *d = (struct deflate *)layer;

	inflateEnd(&d->in);
	deflateEnd(&d->out);
	str_clear_secret(&d->packed);
	free(d);
}

static const struct layer_ops ops = {
	.read = deflate_read,
	.write = deflate_write,
	.pending = deflate_pending,
	.close = deflate_close,
};

struct layer *deflate_new(struct layer *below, struct span early)
{
	struct deflate *d = mem_calloc(1, sizeof(*d));

	assert(early.len <= sizeof(d->read));
	d->base.ops = &ops;
	d->base.below = below;
	if (inflateInit2(&d->in, WINDOW_BITS) != Z_OK ||
		deflateInit2(&d->out, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
			WINDOW_BITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		mem_die("zlib");
	if (early.len > 0)
		memcpy(d->read, early.data, early.len);
	d->in.next_in = d->read;
	d->in.avail_in = (uInt)early.len;
	return &d->base;
}
