/*
 * One folder's download while it lasts, shared by the download*.c files only:
 * download.c asks, download_take.c takes what comes.  Worker's thread.
 */
#ifndef SYNC_DOWNLOAD_IMPL_H
#define SYNC_DOWNLOAD_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"
#include "imap/ops.h"
#include "mail/msg.h"

struct apply;
struct delivery;
struct slices;

struct download {
	struct apply *a;
	const struct vec *index; /* of uint32_t, into a->now.remote */
	/* by place in index */
	bool *got;
	bool *asked;             /* for by this connection */
	struct vec turn;         /* of uint32_t: places, as they were asked
	                            for */
	size_t coming;           /* asked for, and may still come */
	struct slices *slices;   /* NULL: nothing is offered now */
	struct vec given;        /* of struct slices_row: of helpers, visible,
	                            not recorded */
	struct vec staged;       /* of struct plan_row: received, not durable */
	struct delivery *delivery; /* of the same; NULL: to a directory */
	uint64_t staged_bytes;
	uint64_t done, bytes;
	bool begun;       /* the local store has one open */
	bool refused;     /* the local store does not want this one */
	struct error why; /* ... because */
	uint64_t size;
};

const struct msg *download_wanted(const struct download *d, size_t at);
/* The place of a UID among those wanted, or their number. */
size_t download_find(const struct download *d, uint32_t uid);

/* download_take.c */
/* Never a row before its message is durable. */
bool download_finish_group(struct download *d, struct error *err)
	ATTR_MUST_CHECK;
/* The one begun. */
void download_drop(struct download *d);
/* The sink's functions; arg is the download. */
bool download_begin(void *arg, uint64_t size, struct error *err)
	ATTR_MUST_CHECK;
bool download_data(void *arg, struct span data, struct error *err)
	ATTR_MUST_CHECK;
bool download_end(void *arg, const struct response_fetch *f,
	struct error *err) ATTR_MUST_CHECK;

#endif
