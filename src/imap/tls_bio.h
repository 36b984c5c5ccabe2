/*
 * What OpenSSL reads from and writes to: the layer below, not a descriptor.
 * So TLS stacks on any layer, and no write of OpenSSL's raises SIGPIPE.
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
	bool ended;  /* the layer below came to its end */
	bool failed; /* err is what it said */
	struct error err;
};

/* Gives ssl a BIO that uses below. */
bool tls_bio_attach(struct tls_bio *b, SSL *ssl, struct layer *below)
	ATTR_MUST_CHECK;
/* After SSL_free. */
void tls_bio_clear(struct tls_bio *b);

#endif
