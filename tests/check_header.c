#include "config.h"

#include <string.h>

#include "attr.h"
#include "mail/header.h"
#include "mail/msg.h"
#include "suites.h"

static struct header_id id_of(const char *text)
{
	struct header_id id;

	header_id(span_of(text), &id);
	return id;
}

#define PLAIN \
	"Message-ID: <a@b>\r\nDate: Mon, 1 Jan 2024 10:00:00 +0100\r\n" \
	"From: A <a@b>\r\nTo: c@d\r\nSubject: one two\r\n"

/* Other texts of the same five fields. */
static const char *const same[] = {
	PLAIN "\r\n",
	PLAIN "\r\nSubject: in the body\r\n",
	"Message-ID: <a@b>\nDate: Mon, 1 Jan 2024 10:00:00 +0100\n"
	"From: A <a@b>\nTo: c@d\nSubject: one two\n\nbody\n",
	"Received: by x\r\n\tfrom y\r\nMESSAGE-ID:<a@b>  \r\n"
	"Date:\r\n Mon, 1 Jan 2024 10:00:00 +0100\r\nfrom: A <a@b>\r\n"
	"To: c@d\r\nX-Subject: no\r\nSubject:   one\r\n   two\r\n\r\n",
	/* the order asked for, not that of the message */
	"Subject: one two\r\nTo: c@d\r\nFrom: A <a@b>\r\n"
	"Date: Mon, 1 Jan 2024 10:00:00 +0100\r\nMessage-ID: <a@b>\r\n\r\n",
	/* an mbox line, a line that is no field, a blank before the colon */
	"From a@b Mon Jan  1 10:00:00 2024\n" PLAIN "\n",
	"no field\r\n" PLAIN,
	" continued from nowhere\r\n" PLAIN,
	"Message-ID : <a@b>\r\nDate: Mon, 1 Jan 2024 10:00:00 +0100\r\n"
	"From: A <a@b>\r\nTo: c@d\r\nSubject: one two",
};

START_TEST(the_same_fields_give_the_same_key)
{
	struct header_id expect = id_of(PLAIN), got = id_of(same[_i]);

	ck_assert_mem_eq(got.key, expect.key, sizeof(got.key));
	ck_assert(got.has_message_id);
}
END_TEST

static const char *const other[] = {
	"",
	"\r\n" PLAIN,
	"Message-ID: <a@b>\r\n",
	"Message-ID: <a@b>\r\nDate: Mon, 1 Jan 2024 10:00:00 +0100\r\n"
	"From: A <a@b>\r\nTo: c@d\r\nSubject: onetwo\r\n",
	PLAIN "Subject: one two\r\n",
	PLAIN " three\r\n",
};

START_TEST(other_fields_give_another_key)
{
	struct header_id expect = id_of(PLAIN), got = id_of(other[_i]);

	ck_assert_mem_ne(got.key, expect.key, sizeof(got.key));
}
END_TEST

START_TEST(an_empty_message_id_is_none)
{
	ck_assert(!id_of("").has_message_id);
	ck_assert(!id_of("Message-ID:\r\n \r\nDate: x\r\n").has_message_id);
	ck_assert(!id_of("Subject: Message-ID: x\r\n").has_message_id);
	ck_assert(id_of("message-id: x").has_message_id);
}
END_TEST

START_TEST(any_bytes_are_a_header)
{
	struct header_id id;
	const char odd[] = "\0:\r\n\r\r\nSubject\0: x\n\xff\xfe: y\n\t";

	for (size_t len = 0; len <= sizeof(odd); len++)
		header_id((struct span){odd, len}, &id);
}
END_TEST

START_TEST(a_list_is_sorted_by_uid_and_new_ones_by_name)
{
	struct msglist list = {0};
	struct str buf[2] = {{0}, {0}};
	char name[] = "cur/0";

	for (uint32_t i = 0; i < 1000; i++)
		msglist_add(&list, i % 10 == 0 ? 0 : i * 7919 % 4001, i,
			(name[4] = (char)('0' + i * 7 % 64), name));
	msglist_sort(&list);
	ck_assert_uint_eq(list.len, 1000);
	for (size_t i = 1; i < list.len; i++) {
		const struct msg *a = &list.at[i - 1], *b = &list.at[i];

		ck_assert_uint_le(a->uid, b->uid);
		if (a->uid == 0 && b->uid == 0)
			ck_assert_int_le(strcmp(msglist_name(&list, a,
				&buf[0]), msglist_name(&list, b, &buf[1])), 0);
	}
	for (size_t i = 100; i < list.len; i++)
		ck_assert_uint_eq(msglist_find(&list,
			list.at[i].uid)->uid, list.at[i].uid);
	ck_assert_ptr_null(msglist_find(&list, 0));
	ck_assert_ptr_null(msglist_find(&list, 4002));
	msglist_clear(&list);
}
END_TEST

START_TEST(an_empty_list_and_missing_names_are_fine)
{
	struct msglist list = {0};
	struct str buf = {0};

	msglist_sort(&list);
	ck_assert_ptr_null(msglist_find(&list, 1));
	msglist_add(&list, 5, 0, NULL);
	msglist_add(&list, 6, 0, "");
	msglist_add(&list, 7, 0, "cur/x");
	ck_assert_str_eq(msglist_name(&list, &list.at[0], &buf), "");
	ck_assert_str_eq(msglist_name(&list, &list.at[1], &buf), "");
	ck_assert_str_eq(msglist_name(&list, &list.at[2], &buf), "cur/x");
	msglist_clear(&list);
}
END_TEST

Suite *header_suite(void)
{
	Suite *suite = suite_create("header");
	TCase *tc = tcase_create("header");

	tcase_add_loop_test(tc, the_same_fields_give_the_same_key, 0,
		ARRAY_LEN(same));
	tcase_add_loop_test(tc, other_fields_give_another_key, 0,
		ARRAY_LEN(other));
	tcase_add_test(tc, an_empty_message_id_is_none);
	tcase_add_test(tc, any_bytes_are_a_header);
	tcase_add_test(tc, a_list_is_sorted_by_uid_and_new_ones_by_name);
	tcase_add_test(tc, an_empty_list_and_missing_names_are_fine);
	suite_add_tcase(suite, tc);
	return suite;
}
