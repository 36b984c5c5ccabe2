/*
 * Certificates made for one test: a root, and what a server or a client shows.
 * Files lie in a directory that the test removes with the object.
 */
#ifndef TEST_CERTS_H
#define TEST_CERTS_H

#include <openssl/ssl.h>

#include "str.h"

struct test_certs;

struct test_cert_options {
	const char *common_name;
	const char *names;  /* subjectAltName, "DNS:a.example,IP:127.0.0.1";
	                       NULL: none */
	int from_days, to_days; /* from today on */
	bool self_signed;       /* else by the root */
	const char *purpose;    /* extendedKeyUsage; NULL: "serverAuth" */
};

struct test_certs *test_certs_new(void);
void test_certs_free(struct test_certs *c);
/* The root as a PEM file. */
const char *test_certs_root(const struct test_certs *c);
/* A server that shows such a certificate; the caller frees it. */
SSL_CTX *test_certs_server(struct test_certs *c,
	const struct test_cert_options *options);
/* Hexadecimal digest ("SHA256") of the certificate last made, appended. */
void test_certs_digest(const struct test_certs *c, const char *digest,
	struct str *hex);
/* Certificate and key of the one last made as one PEM file. */
const char *test_certs_last(struct test_certs *c);

#endif
