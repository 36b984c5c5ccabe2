/*
 * A connection as layers of bytes: the socket at the bottom, TLS above it.
 * Every wait for a server is the one poll in stream.c, on the socket and the
 * stop pipe, with a deadline that restarts with progress.  A layer never
 * waits: it says which way the socket has to become ready.  Belongs to the
 * worker's thread.
 *
 *	stream_new -> (stream_push, stream_run)* -> stream_exchange* ->
 *	stream_free
 *
 * Errors are of kind NETWORK or STOPPED; the stream is unusable after one.
 */
#ifndef IMAP_STREAM_H
#define IMAP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"
#include "str.h"

struct layer;
struct net;
struct stop;
struct stream;

enum layer_result {
	LAYER_DONE,       /* at least one byte, or the step is complete */
	LAYER_WANT_READ,  /* again when the socket is readable */
	LAYER_WANT_WRITE, /* again when it is writable */
	LAYER_END,        /* the other side closed in good order */
	LAYER_FAILED,     /* *err is set */
};

/* One row per layer: the seam at which tests can play a connection. */
struct layer_ops {
	enum layer_result (*read)(struct layer *layer, void *buf, size_t cap,
		size_t *got, struct error *err);
	enum layer_result (*write)(struct layer *layer, const void *data,
		size_t len, size_t *put, struct error *err);
	/* bytes can be read without the socket becoming readable */
	bool (*pending)(const struct layer *layer);
	/* says goodbye as far as that does not wait, and frees layer */
	void (*close)(struct layer *layer);
};

/* The head of each layer's own struct. */
struct layer {
	const struct layer_ops *ops;
	struct layer *below; /* NULL: the socket */
};

struct stream_options {
	const struct stop *stop; /* outlives the stream; NULL: none */
	int64_t timeout_ms;      /* without any progress; > 0 */
	const char *peer;        /* "host:port" for error texts; copied */
};

/* Takes net. */
struct stream *stream_new(struct net *net,
	const struct stream_options *options) ATTR_RETURNS_NONNULL;
/* Closes the layers from the top down. */
void stream_free(struct stream *s);

/* The layer that a new one is made upon. */
struct layer *stream_top(struct stream *s);
/* Takes layer, whose below is the top one. */
void stream_push(struct stream *s, struct layer *layer);
/* Calls step on the top layer until it is done (a handshake). */
bool stream_run(struct stream *s,
	enum layer_result (*step)(struct layer *layer, struct error *err),
	struct error *err) ATTR_MUST_CHECK;

/* From now on everything has to be over in this time, whatever the progress
 * (S21: one byte a minute); 0: no such limit. */
void stream_limit(struct stream *s, int64_t total_ms);

struct stream_io {
	struct span out; /* in: to be written; empty: only read */
	size_t put;      /* out: bytes of it that were taken */
	void *in;        /* in: where to read to */
	size_t cap;      /* in */
	size_t got;      /* out */
};
/* Waits until something was read or written, whichever comes first.  The end
 * of the connection is an error. */
bool stream_exchange(struct stream *s, struct stream_io *io,
	struct error *err) ATTR_MUST_CHECK;
/* Waits, with nothing to write, for at most ms: *heard tells whether bytes
 * came.  Silence is no error here. */
bool stream_listen(struct stream *s, struct stream_io *io, int64_t ms,
	bool *heard, struct error *err) ATTR_MUST_CHECK;
/* Writes the last that is said, even when stop was asked for, waiting for no
 * more than ms; 0: one try. */
void stream_farewell(struct stream *s, struct span text, int64_t ms);
bool stream_pending(const struct stream *s);
const char *stream_peer(const struct stream *s);

#endif
