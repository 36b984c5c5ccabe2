/*
 * Whether a server's certificate is accepted, and the words when it is not
 * (N36).  Called by tls.c alone, within the handshake.
 */
#ifndef IMAP_TLS_CERT_H
#define IMAP_TLS_CERT_H

#include <openssl/x509_vfy.h>
#include <stdbool.h>

#include "imap/tls.h"
#include "str.h"

/* Chain, name, dates and purpose by OpenSSL, or fingerprint, or both, as the
 * options say.  A refusal's reason is appended to why. */
bool tls_cert_accept(X509_STORE_CTX *ctx, const struct tls_options *options,
	struct str *why) ATTR_MUST_CHECK;

#endif
