#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "mem.h"
#include "support/memstore.h"
#include "suites.h"
#include "sync/match.h"

static struct worker worker;
static struct memtree *remote, *local;
static const char *const *names; /* fields that do not count */

static void setup(void)
{
	names = NULL;
	remote = memtree_new(false, '/');
	local = memtree_new(true, '/');
	memtree_add_folder(remote, "box");
	memtree_add_folder(local, "box");
}

static void teardown(void)
{
	memtree_free(remote);
	memtree_free(local);
}

static void load(struct store *store, struct msglist *list,
	struct match_side *side, bool fetched)
{
	struct folder_info info;
	struct error err = {0};

	ck_assert(store->ops->load(store, "box", true, &info, list, &err));
	match_side_init(side, store, list, fetched);
	for (uint32_t i = 0; i < list->len; i++)
		match_side_add(side, i);
}

/* "remote uid=local name" for each pair, in the order of the remote. */
static void find(struct str *out)
{
	struct store *rs = memstore_open(remote, &worker);
	struct store *ls = memstore_open(local, &worker);
	struct vec pairs = VEC(struct match_pair);
	struct match_side r, l;
	struct msglist rl = {0}, ll = {0};
	struct str buf = {0};
	struct error err = {0};

	load(rs, &rl, &r, true);
	load(ls, &ll, &l, false);
	r.names = names;
	ck_assert_msg(match_find(&r, &l, &pairs, &worker, &err), "%s",
		err.text);
	for (uint32_t i = 0; i < rl.len; i++)
		for (size_t j = 0; j < pairs.len; j++) {
			const struct match_pair *p = vec_at(&pairs, j);

			if (p->remote == i)
				str_printf(out, "%u=%s ", rl.at[i].uid,
					msglist_name(&ll,
						&ll.at[p->local], &buf) + 8);
		}
	str_clear(&buf);
	vec_clear(&pairs);
	match_side_clear(&r);
	match_side_clear(&l);
	msglist_clear(&rl);
	msglist_clear(&ll);
	store_close(rs);
	store_close(ls);
}

#define ID(name) "Message-ID: <" name "@x>\r\n"

/* Texts of both sides in the order in which they were made, separated by NULL;
 * local names are numbered from 1. */
static const struct match_case {
	const char *remote[4], *local[4];
	const char *expected;
	uint64_t fetched; /* bodies */
} cases[] = {
	{{NULL}, {NULL}, "", 0},
	{{ID("a") "\r\nx"}, {NULL}, "", 0},
	{{ID("a") "\r\nx", ID("b") "\r\ny"}, {ID("b") "\r\ny", ID("a") "\r\nx"},
		"1=2 2=1 ", 0},
	/* one is new on either side: read, because the other is left too */
	{{ID("a") "\r\nx", ID("c") "\r\nz"}, {ID("a") "\r\nx", ID("d") "\r\nw"},
		"1=1 ", 1},
	/* the same Message-ID and size: the bodies tell */
	{{ID("a") "\r\n1", ID("a") "\r\n2"}, {ID("a") "\r\n2", ID("a") "\r\n1"},
		"1=2 2=1 ", 2},
	/* no Message-ID: the bodies tell */
	{{"\r\n1", "\r\n2"}, {"\r\n2", "\r\n3"}, "2=1 ", 2},
	/* equal ones by order, and no more than there are */
	{{"\r\n1", "\r\n1", "\r\n1"}, {"\r\n1", "\r\n1"}, "1=1 2=2 ", 3},
	{{"\r\n1"}, {"\r\n1", "\r\n1"}, "1=1 ", 1},
	/* one Message-ID, other bytes */
	{{ID("a") "\r\nlong"}, {ID("a") "\r\nx"}, "", 1},
	/* nothing at all */
	{{""}, {""}, "1=1 ", 1},
};

START_TEST(messages_are_paired_as_in_the_table)
{
	const struct match_case *c = &cases[_i];
	struct str out = {0};

	for (size_t i = 0; i < 4 && c->remote[i]; i++)
		memtree_add(remote, "box", 0, 0, c->remote[i]);
	for (size_t i = 0; i < 4 && c->local[i]; i++)
		memtree_add(local, "box", 0, 0, c->local[i]);
	find(&out);
	ck_assert_str_eq(str_get(&out), c->expected);
	ck_assert_uint_eq(remote->fetched, c->fetched);
	str_clear(&out);
}
END_TEST

/* Local messages are told as they would be sent. */
START_TEST(fields_that_are_not_sent_do_not_count)
{
	static const char *const filtered[] = {"X-Foo", NULL};
	static const char *const keys[] = {"Message-ID", NULL};
	struct str out = {0};

	memtree_add(remote, "box", 0, 0, ID("a") "X-Foo: 1\r\n\r\nx");
	memtree_add(remote, "box", 0, 0, ID("b") "\r\nx");
	memtree_add(remote, "box", 0, 0, "X-Foo: 2\r\n\r\nz");
	memtree_add(local, "box", 0, 0, ID("b") "\r\nx");
	memtree_add(local, "box", 0, 0, ID("a") "\r\nx");
	memtree_add(local, "box", 0, 0, "\r\nz");
	find(&out);
	ck_assert_str_eq(str_get(&out), "2=1 ");
	str_reset(&out);
	names = filtered;
	find(&out);
	ck_assert_str_eq(str_get(&out), "1=2 2=1 3=3 ");
	str_reset(&out);
	memtree_add(local, "box", 0, 0, "X-Foo: 1\r\n\r\nx");
	names = keys;
	find(&out);
	ck_assert_str_eq(str_get(&out), "1=4 2=1 ");
	str_clear(&out);
}
END_TEST

START_TEST(among_equals_the_one_with_the_number_is_taken)
{
	struct str out = {0};

	memtree_add(remote, "box", 5, 0, "\r\nsame");
	memtree_add(remote, "box", 8, 0, "\r\nsame");
	memtree_add(local, "box", 0, 0, "\r\nsame");
	memtree_add(local, "box", 8, 0, "\r\nsame");
	find(&out);
	ck_assert_str_eq(str_get(&out), "5=1 8=2 ");
	str_clear(&out);
}
END_TEST

START_TEST(a_message_that_cannot_be_read_stays_alone)
{
	struct str out = {0};

	memtree_add(remote, "box", 0, 0, "\r\nbad");
	memtree_add(remote, "box", 0, 0, "\r\ngood");
	memtree_add(local, "box", 0, 0, "\r\nbad");
	memtree_add(local, "box", 0, 0, "\r\ngood");
	remote->refuse = "bad";
	find(&out);
	ck_assert_str_eq(str_get(&out), "2=2 ");
	str_reset(&out);
	remote->refuse = NULL;
	local->refuse = "good";
	find(&out);
	ck_assert_str_eq(str_get(&out), "1=1 ");
	str_clear(&out);
}
END_TEST

/* More than are compared body by body: those with another size and another
 * header are new mail, and are not read twice. */
START_TEST(many_left_over_are_not_all_read)
{
	struct str out = {0};
	char text[64];

	for (unsigned i = 0; i < 1500; i++) {
		snprintf(text, sizeof(text), "Subject: r%u\r\n\r\n%*u", i,
			(int)(i % 7), i);
		memtree_add(remote, "box", 0, 0, text);
		snprintf(text, sizeof(text), "Subject: l%u\r\n\r\n%30u", i, i);
		memtree_add(local, "box", 0, 0, text);
	}
	memtree_add(remote, "box", 0, 0, "Subject: z\r\n\r\nsame");
	memtree_add(local, "box", 0, 0, "Subject: z\r\n\r\nsame");
	find(&out);
	ck_assert_str_eq(str_get(&out), "1501=1 ");
	ck_assert_uint_lt(remote->fetched, 1500);
	str_clear(&out);
}
END_TEST

Suite *match_suite(void)
{
	Suite *suite = suite_create("match");
	TCase *tc = tcase_create("match");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, messages_are_paired_as_in_the_table, 0,
		ARRAY_LEN(cases));
	tcase_add_test(tc, fields_that_are_not_sent_do_not_count);
	tcase_add_test(tc, among_equals_the_one_with_the_number_is_taken);
	tcase_add_test(tc, a_message_that_cannot_be_read_stays_alone);
	tcase_add_test(tc, many_left_over_are_not_all_read);
	suite_add_tcase(suite, tc);
	return suite;
}
