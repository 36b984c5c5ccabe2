#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "box.h"
#include "imap/flag.h"
#include "mem.h"

struct syncpair box;

void box_setup(void)
{
	syncpair_init(&box);
}

void box_setup_mapped(void)
{
	syncpair_init(&box);
	syncpair_map(&box);
}

void box_teardown(void)
{
	syncpair_clear(&box);
}

/* A message with headers and a body that say its name. */
char *box_wire(const char *name)
{
	return mem_printf("Message-ID: <%s@x>\r\nSubject: %s\r\n\r\n"
		"body of %s\r\n", name, name, name);
}

void box_there(const char *name, uint32_t flags)
{
	char *text = box_wire(name);

	memtree_add(box.remote, "box", 0, flags, text);
	free(text);
}

void box_here(const char *name, uint32_t uid, uint32_t flags)
{
	char *text = box_wire(name);

	memtree_add(box.local, "box", uid, flags, text);
	free(text);
}

void box_remove_uid(struct mem_folder *f, uint32_t uid)
{
	mem_folder_remove(f, mem_folder_find(f, uid)->number);
}

void box_run_ok(void)
{
	bool ok = syncpair_run(&box);

	ck_assert_msg(ok, "%s\n%s", box.err.text, str_get(&box.log));
}

void box_assert_equal(void)
{
	struct str why = {0};

	ck_assert_msg(syncpair_equal(&box, &why), "%s", str_get(&why));
	str_clear(&why);
}

/* Equal now, and a further run finds nothing to do. */
void box_assert_settled(void)
{
	box_assert_equal();
	box_run_ok();
	ck_assert_msg(!syncpair_changed(&box), "%s", str_get(&box.log));
	ck_assert_int_eq(box.result.outcome, OUTCOME_OK);
	box_assert_equal();
}

void box_assert_counts(size_t remote, size_t local)
{
	ck_assert_uint_eq(box.r->message.len, remote);
	ck_assert_uint_eq(box.l->message.len, local);
}

void box_assert_rows(const char *expected)
{
	struct str rows = {0};

	syncpair_rows(&box, &rows);
	ck_assert_str_eq(str_get(&rows), expected);
	str_clear(&rows);
}

void box_lose_upload(enum mem_fault_kind kind, unsigned nth)
{
	box.remote->fault = (struct mem_fault){.nth = nth, .op = "append",
		.kind = kind};
	ck_assert(!syncpair_run(&box));
	ck_assert_int_eq(box.err.severity, ERROR_FOLDER_RETRY);
	box.remote->fault = (struct mem_fault){0};
}

void box_upload_five(void)
{
	static const char *const names[] = {"a", "b", "c", "d", "e"};

	box_there("old", 0);
	box_run_ok();
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		box_here(names[i], 0, FLAG_SEEN);
}
