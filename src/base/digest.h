/*
 * Digests by OpenSSL.  A struct digest belongs to one thread.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>

#define DIGEST_SHA256_SIZE 32
#define DIGEST_MD5_HEX_SIZE 33

struct digest;

/* Incremental SHA-256. */
struct digest *digest_new(void);
void digest_free(struct digest *d);
void digest_add(struct digest *d, const void *data, size_t len);
/* Writes the result; the object is ready for the next. */
void digest_end(struct digest *d, unsigned char out[DIGEST_SHA256_SIZE]);

/* Lower-case hexadecimal and NUL. */
void digest_md5_hex(const void *data, size_t len,
	char out[DIGEST_MD5_HEX_SIZE]);

#endif
