#include "config.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/digest.h"
#include "mem.h"

struct digest {
	EVP_MD_CTX *ctx;
};

static void begin(struct digest *d)
{
	if (!EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL))
		mem_die("SHA-256 is not available");
}

struct digest *digest_new(void)
{
	struct digest *d = mem_alloc(sizeof(*d));

	d->ctx = EVP_MD_CTX_new();
	if (!d->ctx)
		mem_die("out of memory");
	begin(d);
	return d;
}

void digest_free(struct digest *d)
{
	if (!d)
		return;
	EVP_MD_CTX_free(d->ctx);
	free(d);
}

void digest_add(struct digest *d, const void *data, size_t len)
{
	if (!EVP_DigestUpdate(d->ctx, data, len))
		mem_die("SHA-256 failed");
}

void digest_end(struct digest *d, unsigned char out[DIGEST_SHA256_SIZE])
{
	if (!EVP_DigestFinal_ex(d->ctx, out, NULL))
		mem_die("SHA-256 failed");
	begin(d);
}

void digest_md5_hex(const void *data, size_t len,
	char out[DIGEST_MD5_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[16];
	/* MD5 names files here and protects nothing; "-fips" finds it also
	 * where the system's policy is to use approved digests. */
	EVP_MD *md5 = EVP_MD_fetch(NULL, "MD5", "-fips");

	if (!md5 || !EVP_Digest(data, len, raw, NULL, md5, NULL))
		mem_die("MD5 is not available");
	EVP_MD_free(md5);
	for (size_t i = 0; i < sizeof(raw); i++) {
		out[2 * i] = digits[raw[i] >> 4];
		out[2 * i + 1] = digits[raw[i] & 15];
	}
	out[2 * sizeof(raw)] = '\0';
}
