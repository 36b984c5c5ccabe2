#include "config.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "imap/tls_cert.h"

/* A name in a certificate can have any length; the line to paste must still
 * fit into the error. */
#define NAME_SHOWN_MAX 120

static bool digest_hex(X509 *cert, const char *digest, struct str *hex)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (!X509_digest(cert, EVP_get_digestbyname(digest), md, &len))
		return false;
	for (unsigned i = 0; i < len; i++)
		str_printf(hex, "%02x", md[i]);
	return true;
}

static bool digest_in_list(X509 *cert, const char *digest,
	const char *const *list)
{
	struct str hex = {0};
	bool found = false;

	if (digest_hex(cert, digest, &hex))
		for (; *list && !found; list++)
			found = ascii_casecmp(*list, str_get(&hex)) == 0;
	str_clear(&hex);
	return found;
}

static bool fingerprint_matches(X509 *cert, const char *const *list)
{
	static const char *const digests[] = {"SHA512", "SHA384", "SHA256",
		"SHA224", "SHA1"};

	for (size_t i = 0; i < ARRAY_LEN(digests); i++)
		if (digest_in_list(cert, digests[i], list))
			return true;
	return false;
}

static void add_bio(struct str *out, BIO *bio, size_t max)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	if (len > 0)
		str_add_mem(out, data, (size_t)len > max ? max : (size_t)len);
	BIO_free(bio);
}

static void add_name(struct str *out, const char *label,
	const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());

	str_add(out, label);
	if (!bio)
		return;
	X509_NAME_print_ex(bio, name, 0,
		XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
	add_bio(out, bio, NAME_SHOWN_MAX);
}

static void add_date(struct str *out, const char *label,
	const ASN1_TIME *date)
{
	BIO *bio = BIO_new(BIO_s_mem());

	str_add(out, label);
	if (!bio)
		return;
	ASN1_TIME_print(bio, date);
	add_bio(out, bio, NAME_SHOWN_MAX);
}

static void describe(X509 *cert, struct str *why)
{
	struct str hex = {0};

	digest_hex(cert, "SHA256", &hex);
	add_name(why, "; subject: ", X509_get_subject_name(cert));
	add_name(why, "; issuer: ", X509_get_issuer_name(cert));
	add_date(why, "; valid from ", X509_get0_notBefore(cert));
	add_date(why, " to ", X509_get0_notAfter(cert));
	str_printf(why, ".  If you are sure that it is the right one, put "
		"this line into the repository's section: "
		"cert_fingerprint = %s", str_get(&hex));
	str_clear(&hex);
}

static bool check_fingerprint(X509 *cert, const char *const *list,
	struct str *why)
{
	if (fingerprint_matches(cert, list))
		return true;
	str_printf(why, "its fingerprint is none of cert_fingerprint (%s%s)",
		list[0], list[1] ? ", ..." : "");
	return false;
}

static bool check_chain(X509_STORE_CTX *ctx, struct str *why)
{
	if (X509_verify_cert(ctx) == 1)
		return true;
	str_add(why, X509_verify_cert_error_string(
		X509_STORE_CTX_get_error(ctx)));
	return false;
}

static bool accept(X509_STORE_CTX *ctx, X509 *cert,
	const struct tls_options *o, struct str *why)
{
	bool pinned = o->fingerprints && o->fingerprints[0];

	if (pinned && !check_fingerprint(cert, o->fingerprints, why))
		return false;
	if (pinned && !o->ca_file)
		return true;
	return check_chain(ctx, why);
}

bool tls_cert_accept(X509_STORE_CTX *ctx, const struct tls_options *o,
	struct str *why)
{
	X509 *cert = X509_STORE_CTX_get0_cert(ctx);

	if (!cert) {
		str_add(why, "it sent none");
		return false;
	}
	if (accept(ctx, cert, o, why))
		return true;
	describe(cert, why);
	return false;
}
