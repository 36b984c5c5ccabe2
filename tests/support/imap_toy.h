/*
 * A small IMAP server over a tree of memstore.h, in a thread of its own, for
 * tests of stores: it understands what this program sends, no more.  Where the
 * exact bytes matter, fake_server.h is the tool.
 *
 * The tree and the knobs are the server's while a connection is open.
 */
#ifndef IMAP_TOY_H
#define IMAP_TOY_H

struct imap_toy;
struct memtree;

struct imap_toy_knobs {
	const char *list;     /* lines sent before others in answer to LIST */
	const char *hang_up;  /* the connection ends at a line with this */
	const char *personal; /* the only namespace, prefix of what may be
	                         created; NULL: everything may */
};

/* Serves one connection on a port of 127.0.0.1. */
struct imap_toy *imap_toy_start(struct memtree *tree,
	const struct imap_toy_knobs *knobs);
const char *imap_toy_port(const struct imap_toy *toy);
/* Waits until the client is gone; frees. */
void imap_toy_end(struct imap_toy *toy);

#endif
