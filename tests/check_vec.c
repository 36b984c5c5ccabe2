#include "config.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/vec.h"
#include "mem.h"
#include "suites.h"

struct pair {
	int a, b;
};

START_TEST(elements_stay_in_order_while_it_grows)
{
	struct vec v = VEC(struct pair);

	for (int i = 0; i < 1000; i++) {
		struct pair *p = vec_add(&v);

		ck_assert_int_eq(p->b, 0);
		p->a = i;
	}
	ck_assert_uint_eq(v.len, 1000);
	for (int i = 0; i < 1000; i++) {
		const struct pair *p = vec_at(&v, (size_t)i);

		ck_assert_int_eq(p->a, i);
	}
	vec_clear(&v);
	ck_assert_uint_eq(v.len, 0);
}
END_TEST

START_TEST(a_reset_keeps_the_memory_and_zeroes_anew)
{
	struct vec v = VEC(int);

	*(int *)vec_add(&v) = 7;
	vec_reset(&v);
	ck_assert_uint_eq(v.len, 0);
	ck_assert_uint_gt(v.cap, 0);
	ck_assert_int_eq(*(int *)vec_add(&v), 0);
	vec_clear(&v);
	ck_assert_int_eq(*(int *)vec_add(&v), 0);
	vec_clear(&v);
}
END_TEST

START_TEST(pointers_are_freed_with_the_array)
{
	struct vec v = VEC(char *);

	for (int i = 0; i < 20; i++)
		*(char **)vec_add(&v) = mem_printf("%d", i);
	*(char **)vec_add(&v) = NULL;
	vec_clear_pointers(&v);
	ck_assert_ptr_null(v.data);
	vec_clear_pointers(&v);
}
END_TEST

START_TEST(time_goes_forward_and_has_a_zone)
{
	int64_t start_ms = clock_mono_ms();
	struct tm tm;
	int zone_min;

	ck_assert_int_ge(clock_mono_ms(), start_ms);
	ck_assert_int_gt(clock_wall_ms(), INT64_C(1600000000000));
	clock_local(0, &tm, &zone_min);
	ck_assert_int_ge(zone_min, -14 * 60);
	ck_assert_int_le(zone_min, 14 * 60);
	ck_assert_int_eq(tm.tm_hour * 60 + tm.tm_min,
		(zone_min + 24 * 60) % (24 * 60));
	clock_local(INT64_MAX, &tm, &zone_min);
	ck_assert_int_eq(tm.tm_year, 70);
}
END_TEST

Suite *vec_suite(void)
{
	Suite *suite = suite_create("vec");
	TCase *tcase = tcase_create("vec");

	tcase_add_test(tcase, elements_stay_in_order_while_it_grows);
	tcase_add_test(tcase, a_reset_keeps_the_memory_and_zeroes_anew);
	tcase_add_test(tcase, pointers_are_freed_with_the_array);
	tcase_add_test(tcase, time_goes_forward_and_has_a_zone);
	suite_add_tcase(suite, tcase);
	return suite;
}
