#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "suites.h"
#include "support/box.h"

struct dice {
	uint32_t seed;
};

static uint32_t roll(struct dice *d, uint32_t sides)
{
	d->seed = d->seed * 1664525u + 1013904223u;
	return (d->seed >> 16) % sides;
}

static uint32_t roll_flags(struct dice *d)
{
	return roll(d, 32) & roll(d, 32);
}

/* Each of the three may have it; the rule says who has it at the end. */
static bool place(struct dice *d, uint32_t uid)
{
	bool row = roll(d, 3) > 0, remote = roll(d, 4) > 0;
	bool local = roll(d, 4) > 0;
	char name[16], *text;

	snprintf(name, sizeof(name), "n%u.", uid);
	text = box_wire(name);
	if (row)
		syncpair_row(&box, uid, roll_flags(d));
	if (remote)
		memtree_add(box.remote, "box", uid, roll_flags(d), text);
	if (local)
		memtree_add(box.local, "box", uid, roll_flags(d), text);
	free(text);
	return row ? remote && local : remote || local;
}

START_TEST(any_state_settles_in_one_run_without_loss)
{
	struct dice d = {(uint32_t)_i * 7919u + 1};
	uint32_t count = 5 + roll(&d, 30);
	size_t expected = 0;

	box_setup();
	box.job.approved = true;
	syncpair_save_validity(&box, 1);
	for (uint32_t uid = 1; uid <= count; uid++)
		expected += place(&d, uid);
	box.r->uidnext = count + 1;
	for (uint32_t i = roll(&d, 5); i > 0; i--, expected++) {
		char name[16];

		snprintf(name, sizeof(name), "new%u.", i);
		box_here(name, 0, roll_flags(&d));
	}
	box_run_ok();
	box_assert_counts(expected, expected);
	box_assert_settled();
	box_teardown();
}
END_TEST

void apply_random_add(Suite *suite)
{
	TCase *any = tcase_create("random");

	tcase_set_timeout(any, 300);
	tcase_add_loop_test(any, any_state_settles_in_one_run_without_loss, 0,
		60);
	suite_add_tcase(suite, any);
}
