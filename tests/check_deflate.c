#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <zlib.h>

#include "imap/deflate.h"
#include "imap/net.h"
#include "imap/stream.h"
#include "mem.h"
#include "suites.h"

#define SMALL 777

/* Two ends of a line; each compresses, or speaks plainly. */
struct pair {
	struct stream *end[2];
};

static void pair_open(struct pair *p, bool other_compresses)
{
	struct stream_options options = {.timeout_ms = 20000, .peer = "host"};
	int ends[2];

	ck_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	for (int i = 0; i < 2; i++) {
		p->end[i] = stream_new(net_take(ends[i]), &options);
		if (i == 0 || other_compresses)
			stream_push(p->end[i], deflate_new(
				stream_top(p->end[i]), span_of("")));
	}
}

static void pair_close(struct pair *p)
{
	stream_free(p->end[0]);
	stream_free(p->end[1]);
}

/* Half text, half noise, so that some pieces swell and others shrink. */
static char *make_data(size_t size)
{
	char *data = mem_alloc(size);
	uint32_t random = 1;

	for (size_t i = 0; i < size; i++) {
		random = random * 1103515245 + 12345;
		data[i] = i < size / 2 ? "Received: from "[i % 15] :
			(char)(random >> 16);
	}
	return data;
}

static size_t step(struct stream *s, const char *out, size_t len, char *in,
	size_t cap, size_t *put)
{
	struct stream_io io = {.out = {out, len}, .in = in, .cap = cap};
	struct error err = {0};

	ck_assert_msg(stream_exchange(s, &io, &err), "%s", err.text);
	*put += io.put;
	return io.got;
}

/* The layer's own calls, so that neither end waits for the other. */
static size_t try_write(struct stream *s, const char *data, size_t len)
{
	struct layer *top = stream_top(s);
	struct error err = {0};
	size_t put = 0;
	enum layer_result result = top->ops->write(top, data, len, &put, &err);

	ck_assert_msg(result != LAYER_FAILED, "%s", err.text);
	return result == LAYER_DONE ? put : 0;
}

static size_t try_read(struct stream *s, char *buf, size_t cap)
{
	struct layer *top = stream_top(s);
	struct error err = {0};
	size_t got = 0;
	enum layer_result result = top->ops->read(top, buf, cap, &got, &err);

	ck_assert_msg(result != LAYER_FAILED, "%s", err.text);
	return result == LAYER_DONE ? got : 0;
}

START_TEST(what_goes_in_comes_out)
{
	const size_t size = 4 << 20, cap = _i == 0 ? SMALL : 100000;
	char *data = make_data(size), *back = mem_alloc(size + cap);
	size_t put = 0, got = 0;
	struct pair p;

	pair_open(&p, true);
	while (got < size) {
		put += try_write(p.end[0], data + put, size - put);
		got += try_read(p.end[1], back + got, cap);
		ck_assert_uint_le(got, put + DEFLATE_IN_SIZE);
	}
	ck_assert_uint_eq(put, size);
	ck_assert_uint_eq(got, size);
	ck_assert(memcmp(data, back, size) == 0);
	pair_close(&p);
	free(data);
	free(back);
}
END_TEST

/* Nothing is kept back: each write can be answered. */
START_TEST(every_write_arrives_whole)
{
	struct pair p;
	char buf[64];
	size_t put = 0;

	pair_open(&p, true);
	for (int i = 0; i < 100; i++) {
		ck_assert_uint_eq(step(p.end[0], "A1 NOOP\r\n", 9, buf,
			sizeof(buf), &put), 0);
		ck_assert_uint_eq(step(p.end[1], "", 0, buf, sizeof(buf),
			&put), 9);
		ck_assert(memcmp(buf, "A1 NOOP\r\n", 9) == 0);
	}
	pair_close(&p);
}
END_TEST

/* One kilobyte of input that is a megabyte: given out in the reader's pieces
 * with no more input asked for. */
START_TEST(a_bomb_is_read_in_pieces)
{
	const size_t size = 1 << 20;
	char *zeros = mem_calloc(1, size), buf[SMALL];
	unsigned char packed[4096];
	z_stream z = {.next_in = (unsigned char *)zeros,
		.avail_in = (unsigned)size, .next_out = packed,
		.avail_out = sizeof(packed)};
	struct pair p;
	size_t put = 0, got = 0, len;

	ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, 0), Z_OK);
	ck_assert_int_eq(deflate(&z, Z_SYNC_FLUSH), Z_OK);
	len = sizeof(packed) - z.avail_out;
	deflateEnd(&z);
	pair_open(&p, false);
	ck_assert_uint_eq(try_write(p.end[1], (char *)packed, len), len);
	while (got < size)
		got += step(p.end[0], "", 0, buf, sizeof(buf), &put);
	ck_assert_uint_eq(got, size);
	pair_close(&p);
	free(zeros);
}
END_TEST

static const struct bad {
	const char *data;
	size_t len;
	const char *error;
} bad[] = {
	{"* OK this is not compressed at all\r\n", 36, "damaged"},
	{"\x07", 1, "damaged"},          /* a block of no known kind */
	{"\x03\x00", 2, "closed"},       /* an end, which never comes */
};

START_TEST(damaged_data_are_an_error)
{
	struct pair p;
	char buf[64];
	struct stream_io io = {.in = buf, .cap = sizeof(buf)};
	struct error err = {0};

	pair_open(&p, false);
	ck_assert_uint_eq(try_write(p.end[1], bad[_i].data, bad[_i].len),
		bad[_i].len);
	while (stream_exchange(p.end[0], &io, &err))
		ck_assert_uint_gt(io.got, 0);
	ck_assert_int_eq(err.kind, ERROR_NETWORK);
	ck_assert_msg(strstr(err.text, bad[_i].error) != NULL, "%s",
		err.text);
	pair_close(&p);
}
END_TEST

Suite *deflate_suite(void)
{
	Suite *suite = suite_create("deflate");
	TCase *tc = tcase_create("layer");

	tcase_add_loop_test(tc, what_goes_in_comes_out, 0, 2);
	tcase_add_test(tc, every_write_arrives_whole);
	tcase_add_test(tc, a_bomb_is_read_in_pieces);
	tcase_add_loop_test(tc, damaged_data_are_an_error, 0, ARRAY_LEN(bad));
	suite_add_tcase(suite, tc);
	return suite;
}
