/*
 * What OpenSSL reads from and writes to: the layer below, not a descriptor.
 * So TLS stacks on any layer, and no write of OpenSSL's raises SIGPIPE.
 * What has come is read at once and kept: OpenSSL asks twice for each record,
 * and its own reading ahead moves all that is left to the front each time.
 * Belongs to one struct tls.
 */
#ifndef IMAP_TLS_BIO_H
#define IMAP_TLS_BIO_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "attr.h"
#include "error.h"

struct layer;

struct tls_bio {
	BIO_METHOD *method;
	struct layer *below;
	char *buf;       /* what was read and not yet asked for: */
	size_t at, end;  /* from here to there */
	bool ended;  /* the layer below came to its end */
	bool failed; /* err is what it said */
	struct error err;
};

/* Gives ssl a BIO that uses below. */
bool tls_bio_attach(struct tls_bio *b, SSL *ssl, struct layer *below)
	ATTR_MUST_CHECK;
/* Something can be read without the layer below. */
bool tls_bio_pending(const struct tls_bio *b);
/* After SSL_free. */
void tls_bio_clear(struct tls_bio *b);

#endif
