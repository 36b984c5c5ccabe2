#include "config.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mem.h"
#include "support/test_certs.h"

struct test_certs {
	char *dir, *root_path, *last_path;
	EVP_PKEY *key, *root_key;
	X509 *root, *last;
	long serial;
};

static EVP_PKEY *make_key(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	if (!key)
		mem_die("a key for the test");
	return key;
}

static void add_extension(X509 *cert, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (!ext)
		mem_die(value);
	X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
}

static X509 *make_cert(struct test_certs *c, EVP_PKEY *key,
	const struct test_cert_options *o)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), ++c->serial);
	X509_time_adj_ex(X509_getm_notBefore(cert), o->from_days, 0, NULL);
	X509_time_adj_ex(X509_getm_notAfter(cert), o->to_days, 0, NULL);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
		(const unsigned char *)o->common_name, -1, -1, 0);
	X509_set_pubkey(cert, key);
	if (o->names)
		add_extension(cert, NID_subject_alt_name, o->names);
	return cert;
}

static void write_pem(const char *path, X509 *cert, EVP_PKEY *key)
{
	FILE *file = fopen(path, "w");

	if (!file)
		mem_die(path);
	PEM_write_X509(file, cert);
	if (key)
		PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
	fclose(file);
}

static void make_root(struct test_certs *c)
{
	const struct test_cert_options options = {
		.common_name = "Test Root",
		.from_days = -100,
		.to_days = 100,
	};

	c->root_key = make_key();
	c->root = make_cert(c, c->root_key, &options);
	X509_set_issuer_name(c->root, X509_get_subject_name(c->root));
	add_extension(c->root, NID_basic_constraints, "critical,CA:TRUE");
	add_extension(c->root, NID_key_usage, "critical,keyCertSign,cRLSign");
	X509_sign(c->root, c->root_key, EVP_sha256());
	write_pem(c->root_path, c->root, NULL);
}

struct test_certs *test_certs_new(void)
{
	struct test_certs *c = mem_calloc(1, sizeof(*c));
	const char *tmp = getenv("TMPDIR");

	c->dir = mem_printf("%s/certsXXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(c->dir))
		mem_die(c->dir);
	c->root_path = mem_printf("%s/root.pem", c->dir);
	c->last_path = mem_printf("%s/last.pem", c->dir);
	c->key = make_key();
	make_root(c);
	return c;
}

void test_certs_free(struct test_certs *c)
{
	unlink(c->root_path);
	unlink(c->last_path);
	rmdir(c->dir);
	free(c->dir);
	free(c->root_path);
	free(c->last_path);
	EVP_PKEY_free(c->key);
	EVP_PKEY_free(c->root_key);
	X509_free(c->root);
	X509_free(c->last);
	free(c);
}

const char *test_certs_root(const struct test_certs *c)
{
	return c->root_path;
}

SSL_CTX *test_certs_server(struct test_certs *c,
	const struct test_cert_options *o)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	X509_free(c->last);
	c->last = make_cert(c, c->key, o);
	X509_set_issuer_name(c->last, X509_get_subject_name(
		o->self_signed ? c->last : c->root));
	add_extension(c->last, NID_ext_key_usage,
		o->purpose ? o->purpose : "serverAuth");
	X509_sign(c->last, o->self_signed ? c->key : c->root_key,
		EVP_sha256());
	SSL_CTX_use_certificate(ctx, c->last);
	SSL_CTX_use_PrivateKey(ctx, c->key);
	return ctx;
}

void test_certs_digest(const struct test_certs *c, const char *digest,
	struct str *hex)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	X509_digest(c->last, EVP_get_digestbyname(digest), md, &len);
	for (unsigned i = 0; i < len; i++)
		str_printf(hex, "%02x", md[i]);
}

const char *test_certs_last(struct test_certs *c)
{
	write_pem(c->last_path, c->last, c->key);
	return c->last_path;
}
