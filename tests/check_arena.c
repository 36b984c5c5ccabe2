#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "suites.h"

START_TEST(memory_is_zeroed_and_aligned)
{
	struct arena *a = arena_new();

	for (size_t size = 0; size < 200; size++) {
		unsigned char *data = arena_alloc(a, size);

		ck_assert_uint_eq((uintptr_t)data % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			ck_assert_uint_eq(data[i], 0);
		memset(data, 0xff, size);
	}
	arena_free(a);
}
END_TEST

START_TEST(small_and_large_pieces_do_not_overlap)
{
	enum { PIECES = 300 };
	struct arena *a = arena_new();
	unsigned char *piece[PIECES];
	size_t size[PIECES];

	for (size_t i = 0; i < PIECES; i++) {
		size[i] = i % 7 == 0 ? 5000 * (i % 9) : i;
		piece[i] = arena_alloc(a, size[i]);
		memset(piece[i], (int)(i & 0xff), size[i]);
	}
	for (size_t i = 0; i < PIECES; i++)
		for (size_t k = 0; k < size[i]; k++)
			ck_assert_uint_eq(piece[i][k], i & 0xff);
	arena_free(a);
}
END_TEST

START_TEST(after_a_reset_all_is_forgotten_and_zeroed_again)
{
	struct arena *a = arena_new();
	char *text;

	ck_assert_uint_eq(arena_used(a), 0);
	memset(arena_alloc(a, 100), 'x', 100);
	arena_alloc(a, 1000000);
	ck_assert_uint_ge(arena_used(a), 1000100);
	arena_reset(a);
	ck_assert_uint_eq(arena_used(a), 0);
	text = arena_alloc(a, 100);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(text[i], 0);
	arena_reset(a);
	arena_reset(a);
	arena_free(a);
	arena_free(NULL);
}
END_TEST

START_TEST(texts_are_copied_with_a_nul_behind)
{
	struct arena *a = arena_new();
	char long_text[40000];

	memset(long_text, 'l', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	ck_assert_str_eq(arena_strdup(a, "text"), "text");
	ck_assert_str_eq(arena_span(a, (struct span){"text", 2}), "te");
	ck_assert_str_eq(arena_span(a, (struct span){NULL, 0}), "");
	ck_assert_str_eq(arena_printf(a, "%d.%s", 7, "x"), "7.x");
	ck_assert_str_eq(arena_strdup(a, long_text), long_text);
	arena_free(a);
}
END_TEST

/* FIPS 180-2 and RFC 1321 give these. */
START_TEST(digests_are_those_of_the_standards)
{
	static const unsigned char abc[] = {0xba, 0x78, 0x16, 0xbf};
	struct digest *d = digest_new();
	unsigned char out[DIGEST_SHA256_SIZE];
	char hex[DIGEST_MD5_HEX_SIZE];

	for (int again = 0; again < 2; again++) {
		digest_add(d, "a", 1);
		digest_add(d, "bc", 2);
		digest_end(d, out);
		ck_assert_mem_eq(out, abc, sizeof(abc));
	}
	digest_free(d);
	digest_free(NULL);
	digest_md5_hex("abc", 3, hex);
	ck_assert_str_eq(hex, "900150983cd24fb0d6963f7d28e17f72");
	digest_md5_hex("", 0, hex);
	ck_assert_str_eq(hex, "d41d8cd98f00b204e9800998ecf8427e");
}
END_TEST

Suite *arena_suite(void)
{
	Suite *suite = suite_create("arena");
	TCase *tcase = tcase_create("arena");

	tcase_add_test(tcase, memory_is_zeroed_and_aligned);
	tcase_add_test(tcase, small_and_large_pieces_do_not_overlap);
	tcase_add_test(tcase, after_a_reset_all_is_forgotten_and_zeroed_again);
	tcase_add_test(tcase, texts_are_copied_with_a_nul_behind);
	tcase_add_test(tcase, digests_are_those_of_the_standards);
	suite_add_tcase(suite, tcase);
	return suite;
}
