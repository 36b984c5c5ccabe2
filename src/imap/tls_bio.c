#include "config.h"

#include <openssl/bio.h>
#include <stdlib.h>
#include <string.h>

#include "imap/stream.h"
#include "imap/tls_bio.h"
#include "mem.h"

/* Many records in one read, where they are there. */
#define BUF_SIZE ((size_t)64 * 1024)

/* The count when done; else OpenSSL's signs for "again", "end", "broken". */
static int answer(BIO *bio, enum layer_result result, size_t count)
{
	struct tls_bio *b = BIO_get_data(bio);

	switch (result) {
	case LAYER_DONE:
		return (int)count;
	case LAYER_WANT_READ:
		BIO_set_retry_read(bio);
		return -1;
	case LAYER_WANT_WRITE:
		BIO_set_retry_write(bio);
		return -1;
	case LAYER_END:
		b->ended = true;
		return 0;
	case LAYER_FAILED:
		b->failed = true;
		return -1;
	}
	return -1;
}

static enum layer_result fill(struct tls_bio *b)
{
	size_t got = 0;
	enum layer_result result = b->below->ops->read(b->below, b->buf,
		BUF_SIZE, &got, &b->err);

	b->at = 0;
	b->end = result == LAYER_DONE ? got : 0;
	return result;
}

static int bio_read(BIO *bio, char *buf, int cap)
{
	struct tls_bio *b = BIO_get_data(bio);
	enum layer_result result = LAYER_DONE;
	size_t count;

	BIO_clear_retry_flags(bio);
	if (cap <= 0)
		return 0;
	if (b->at == b->end)
		result = fill(b);
	count = b->end - b->at < (size_t)cap ? b->end - b->at : (size_t)cap;
	memcpy(buf, b->buf + b->at, count);
	b->at += count;
	return answer(bio, result, count);
}

static int bio_write(BIO *bio, const char *data, int len)
{
	struct tls_bio *b = BIO_get_data(bio);
	enum layer_result result;
	size_t put = 0;

	BIO_clear_retry_flags(bio);
	if (len <= 0)
		return 0;
	result = b->below->ops->write(b->below, data, (size_t)len, &put,
		&b->err);
	return answer(bio, result, put);
}

static long bio_ctrl(BIO *bio, int command, long num, void *ptr)
{
	const struct tls_bio *b = BIO_get_data(bio);

	(void)num;
	(void)ptr;
	if (command == BIO_CTRL_EOF)
		return b->ended;
	return command == BIO_CTRL_FLUSH;
}

bool tls_bio_attach(struct tls_bio *b, SSL *ssl, struct layer *below)
{
	BIO *bio;

	b->below = below;
	b->buf = mem_calloc(1, BUF_SIZE);
	b->method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "layer");
	if (!b->method)
		return false;
	BIO_meth_set_read(b->method, bio_read);
	BIO_meth_set_write(b->method, bio_write);
	BIO_meth_set_ctrl(b->method, bio_ctrl);
	bio = BIO_new(b->method);
	if (!bio)
		return false;
	BIO_set_data(bio, b);
	BIO_set_init(bio, 1);
	SSL_set_bio(ssl, bio, bio);
	return true;
}

bool tls_bio_pending(const struct tls_bio *b)
{
	return b->at < b->end;
}

void tls_bio_clear(struct tls_bio *b)
{
	free(b->buf);
	BIO_meth_free(b->method);
}
