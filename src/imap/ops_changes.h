/*
 * What has changed in a folder since it was last known, in one flight behind
 * its SELECT: by QRESYNC or CONDSTORE (RFC 7162), or by the sets of
 * exceptions.h on servers with neither (protocol.md 4.3 to 4.5).  The caller
 * makes the new list of it and asks for the second witness: as many messages
 * as EXISTS.  Worker's thread; as ops.h.
 */
#ifndef IMAP_OPS_CHANGES_H
#define IMAP_OPS_CHANGES_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"
#include "imap/exceptions.h"
#include "imap/ops.h"
#include "imap/seqset.h"

enum changes_how { CHANGES_QRESYNC, CHANGES_CONDSTORE, CHANGES_SETS };

struct changes {
	/* in; numbers of when the folder was known */
	enum changes_how how;
	uint32_t uidvalidity;
	uint32_t uidnext;  /* from here on all are new; at least 2 */
	uint64_t modseq;   /* not SETS */
	uint32_t asked;    /* SETS: see exceptions.h */
	/* out */
	struct selected selected;
	struct seqset vanished;  /* as the server told, new ones too */
	struct exceptions sets;
	bool valid;        /* everything was answered and makes sense */
	bool refused;      /* the server does not know the question */
	bool broken;       /* it was not answered as the RFC has it */
};

/* each is called for changed messages (not with SETS) and new ones, perhaps
 * more than once for one.  True also when the server refused: look at valid.
 * False: the connection, or the SELECT itself. */
bool ops_changes(struct session *s, const char *name, bool examine,
	struct changes *c, ops_message_fn *each, void *arg, struct error *err)
	ATTR_MUST_CHECK;
void changes_clear(struct changes *c);

/* Which UIDs below end there still are in the selected folder.  *told false:
 * the server refused. */
bool ops_left(struct session *s, uint32_t end, struct seqset *left, bool *told,
	struct error *err) ATTR_MUST_CHECK;

#endif
