#include "config.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "imap/tls.h"
#include "imap/tls_bio.h"
#include "imap/tls_cert.h"
#include "mem.h"

struct tls {
	struct layer base;
	SSL_CTX *ctx;
	SSL *ssl;
	struct tls_bio bio;
	const struct tls_options *options; /* until the handshake is done */
	bool accepted;
	struct str refusal;
};

static const char *last_reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	return text ? text : "unknown error";
}

/* The first of the noted reasons tells most, and the system's is the
 * clearest. */
static bool config_failed(struct error *err, const char *what,
	const char *path)
{
	unsigned long code = ERR_peek_error();

	if (ERR_SYSTEM_ERROR(code))
		error_set_errno(err, ERROR_ACCOUNT, ERROR_CONFIG,
			ERR_GET_REASON(code), "%s %s", what, path);
	else
		error_set(err, ERROR_ACCOUNT, ERROR_CONFIG, "%s %s: %s", what,
			path, last_reason());
	ERR_clear_error();
	return false;
}

static bool failed(struct error *err, const char *what)
{
	error_set(err, ERROR_ACCOUNT, ERROR_NETWORK, "%s: %s", what,
		last_reason());
	ERR_clear_error();
	return false;
}

/* The judge of every certificate, called once within the handshake. */
static int judge(X509_STORE_CTX *ctx, void *arg)
{
	struct tls *t = arg;

	t->accepted = tls_cert_accept(ctx, t->options, &t->refusal);
	if (t->accepted)
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
	else if (X509_STORE_CTX_get_error(ctx) == X509_V_OK)
		X509_STORE_CTX_set_error(ctx, X509_V_ERR_CERT_UNTRUSTED);
	return t->accepted;
}

static bool load_store(SSL_CTX *ctx, const char *ca_file, struct error *err)
{
	if (!ca_file || strcmp(ca_file, "OS-DEFAULT") == 0) {
		if (SSL_CTX_set_default_verify_paths(ctx) == 1)
			return true;
		return failed(err, "the system's certificate store");
	}
	if (SSL_CTX_load_verify_locations(ctx, ca_file, NULL) == 1)
		return true;
	return config_failed(err, "sslcacertfile", ca_file);
}

static bool load_client(SSL_CTX *ctx, const struct tls_options *o,
	struct error *err)
{
	const char *key = o->client_key ? o->client_key : o->client_cert;

	if (!o->client_cert)
		return true;
	if (SSL_CTX_use_certificate_chain_file(ctx, o->client_cert) != 1)
		return config_failed(err, "sslclientcert", o->client_cert);
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_check_private_key(ctx) != 1)
		return config_failed(err, o->client_key ? "sslclientkey" :
			"sslclientkey is not set, and the client certificate "
			"holds no key that can be used:", key);
	return true;
}

/* An encrypted key would make OpenSSL ask on the terminal, which is not
 * ours. */
static int no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

static bool make_context(struct tls *t, struct error *err)
{
	t->ctx = SSL_CTX_new(TLS_client_method());
	if (!t->ctx)
		return failed(err, "OpenSSL");
	SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
	if (t->options->only_tls12)
		SSL_CTX_set_max_proto_version(t->ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(t->ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
		SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(t->ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(t->ctx, judge, t);
	SSL_CTX_set_default_passwd_cb(t->ctx, no_passphrase);
	return load_store(t->ctx, t->options->ca_file, err) &&
		load_client(t->ctx, t->options, err);
}

/* subjectAltName only; "*" only as the whole leftmost label; an address only
 * against address entries (S3). */
static bool set_name(struct tls *t, struct error *err)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(t->ssl);
	const char *host = t->options->host;
	char *sni;
	bool ok;

	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
	X509_VERIFY_PARAM_set_hostflags(param,
		X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
			X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (!host)
		return true;
	ERR_clear_error();
	if (X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1)
		return true;
	ERR_clear_error();
	sni = mem_strdup(host); /* OpenSSL's macro wants it writable */
	ok = X509_VERIFY_PARAM_set1_host(param, host, 0) == 1 &&
		SSL_set_tlsext_host_name(t->ssl, sni) == 1;
	free(sni);
	return ok || failed(err, host);
}

static bool make_connection(struct tls *t, struct error *err)
{
	const struct tls_options *o = t->options;
	bool pinned = o->fingerprints && o->fingerprints[0];

	if (!o->host && (!pinned || o->ca_file))
		return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
			"no host name is known that the server's certificate "
			"could be checked for: set remotehost, or "
			"cert_fingerprint");
	t->ssl = SSL_new(t->ctx);
	if (!t->ssl || !tls_bio_attach(&t->bio, t->ssl, t->base.below))
		return failed(err, "OpenSSL");
	SSL_set_connect_state(t->ssl);
	return set_name(t, err);
}

/* Remedies for the handshake failures that users meet. */
static const struct {
	int reason;
	const char *text;
} handshake_advice[] = {
	{SSL_R_UNSUPPORTED_PROTOCOL,
		"the server offers no TLS version from 1.2 on"},
	{SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
		"the server offers no TLS version from 1.2 on"},
	{SSL_R_VERSION_TOO_LOW,
		"the server offers no TLS version from 1.2 on"},
	{SSL_R_WRONG_VERSION_NUMBER,
		"the server does not speak TLS on this port (for STARTTLS "
		"set ssl = no and starttls = yes)"},
	{SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
		"the server wants a client certificate (sslclientcert)"},
};

static const char *advice_for(unsigned long code)
{
	if (ERR_GET_LIB(code) == ERR_LIB_SSL)
		for (size_t i = 0; i < ARRAY_LEN(handshake_advice); i++)
			if (handshake_advice[i].reason == ERR_GET_REASON(code))
				return handshake_advice[i].text;
	return NULL;
}

/* The end comes before a failed write: OpenSSL answers a cut with an alert,
 * which fails in turn. */
static enum layer_result broken(struct tls *t, struct error *err)
{
	unsigned long code = ERR_peek_error();
	const char *reason = ERR_reason_error_string(code);
	const char *advice = advice_for(code);

	if (t->refusal.len > 0)
		error_set(err, ERROR_ACCOUNT, ERROR_NETWORK,
			"the server's certificate is not accepted: %s",
			str_get(&t->refusal));
	else if (advice)
		error_set(err, ERROR_ACCOUNT, ERROR_NETWORK,
			"TLS: %s (%s)", advice, reason ? reason : "");
	else if (t->bio.ended)
		error_set(err, ERROR_FOLDER_RETRY, ERROR_NETWORK,
			"TLS: the connection was cut");
	else if (t->bio.failed)
		*err = t->bio.err;
	else
		error_set(err, ERROR_ACCOUNT, ERROR_NETWORK, "TLS: %s",
			reason ? reason : "unknown error");
	ERR_clear_error();
	return LAYER_FAILED;
}

static enum layer_result result_of(struct tls *t, int ret, struct error *err)
{
	switch (SSL_get_error(t->ssl, ret)) {
	case SSL_ERROR_WANT_READ:
		return LAYER_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return LAYER_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return LAYER_END;
	default:
		return broken(t, err);
	}
}

enum layer_result tls_handshake(struct layer *layer, struct error *err)
{
	struct tls *t = (struct tls *)layer;
	int ret;

	ERR_clear_error();
	ret = SSL_do_handshake(t->ssl);
	if (ret != 1)
		return result_of(t, ret, err);
	if (!t->accepted) {
		/* A handshake that never asked the judge is none. */
		str_add(&t->refusal, "it was not checked");
		return broken(t, err);
	}
	t->options = NULL;
	return LAYER_DONE;
}

static enum layer_result tls_read(struct layer *layer, void *buf, size_t cap,
	size_t *got, struct error *err)
{
	struct tls *t = (struct tls *)layer;
	int ret;

	ERR_clear_error();
	ret = SSL_read_ex(t->ssl, buf, cap, got);
	return ret == 1 ? LAYER_DONE : result_of(t, ret, err);
}

static enum layer_result tls_write(struct layer *layer, const void *data,
	size_t len, size_t *put, struct error *err)
{
	struct tls *t = (struct tls *)layer;
	int ret;

	ERR_clear_error();
	ret = SSL_write_ex(t->ssl, data, len, put);
	return ret == 1 ? LAYER_DONE : result_of(t, ret, err);
}

static bool tls_pending(const struct layer *layer)
{
	const struct tls *t = (const struct tls *)layer;

	return tls_bio_pending(&t->bio) || SSL_has_pending(t->ssl) == 1;
}

static void tls_close(struct layer *layer)
{
	struct tls *t = (struct tls *)layer;

	ERR_clear_error();
	if (t->ssl && SSL_is_init_finished(t->ssl))
		SSL_shutdown(t->ssl);
	SSL_free(t->ssl);
	tls_bio_clear(&t->bio);
	SSL_CTX_free(t->ctx);
	str_clear(&t->refusal);
	ERR_clear_error();
	free(t);
}

static const struct layer_ops tls_ops = {
	.read = tls_read,
	.write = tls_write,
	.pending = tls_pending,
	.close = tls_close,
};

struct layer *tls_new(struct layer *below, const struct tls_options *options,
	struct error *err)
{
	struct tls *t = mem_calloc(1, sizeof(*t));

	t->base.ops = &tls_ops;
	t->base.below = below;
	t->options = options;
	ERR_clear_error();
	if (!make_context(t, err) || !make_connection(t, err)) {
		tls_close(&t->base);
		return NULL;
	}
	return &t->base;
}

const char *tls_version(const struct layer *layer)
{
	const struct tls *t = (const struct tls *)layer;

	return SSL_get_version(t->ssl);
}
