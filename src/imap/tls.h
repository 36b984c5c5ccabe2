/*
 * TLS as a layer of a stream: OpenSSL as a client, TLS 1.2 or newer, with the
 * certificate judged in one place (tls_cert.c) for implicit TLS and STARTTLS
 * alike (S1-S3, S10).  Worker's thread.  RFC 8446, RFC 5246; names RFC 9525.
 *
 *	stream_push(s, tls_new(stream_top(s), &options, err));
 *	stream_run(s, tls_handshake, err)
 */
#ifndef IMAP_TLS_H
#define IMAP_TLS_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"
#include "imap/stream.h"

struct tls_options {
	const char *host;    /* name or address to be checked, and SNI; NULL
	                        only together with fingerprints */
	const char *ca_file; /* NULL or "OS-DEFAULT": the system store */
	/* Hexadecimal SHA-1, -224, -256, -384 or -512 of the certificate, any
	 * of them; NULL: none.  Alone they suffice; with a ca_file both must
	 * pass. */
	const char *const *fingerprints;
	const char *client_cert, *client_key; /* PEM files, or NULL */
	bool only_tls12; /* no newer version either */
};

/* The options are borrowed until the handshake is done.  Errors: a file that
 * cannot be used (kind CONFIG). */
struct layer *tls_new(struct layer *below, const struct tls_options *options,
	struct error *err) ATTR_MUST_CHECK;
/* One step; done only when the certificate was accepted. */
enum layer_result tls_handshake(struct layer *layer, struct error *err);
/* "TLSv1.3", for information. */
const char *tls_version(const struct layer *layer);

#endif
