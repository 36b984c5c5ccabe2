#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "imap/flag.h"
#include "imap/seqset.h"
#include "suites.h"
#include "sync/plan.h"

/* A list written as "1:FS 2 -:S": a UID or "-" for a new message, and flags
 * after a colon.  "?" in front: not complete. */
static struct msglist list(const char *text)
{
	struct msglist out = {.complete = *text != '?'};
	char *copy = strdup(*text == '?' ? text + 1 : text), *save = NULL;

	for (char *word = strtok_r(copy, " ", &save); word;
		word = strtok_r(NULL, " ", &save)) {
		char *flags = strchr(word, ':');
		char *end;

		msglist_add(&out, (uint32_t)strtoul(word, &end, 10), flags
			? flag_parse_letters(span_of(flags + 1)) : 0,
			*word == '-' ? word : NULL);
	}
	msglist_sort(&out);
	free(copy);
	return out;
}

static void print_index(struct str *out, const char *what,
	const struct msglist *from, const struct vec *index)
{
	for (size_t i = 0; i < index->len; i++)
		str_printf(out, "%s %u; ", what,
			from->at[*(uint32_t *)vec_at(index, i)].uid);
}

static void print_side(struct str *out, const struct plan *p,
	enum plan_side side, const struct msglist *from)
{
	const char *name = side == PLAN_REMOTE ? "remote" : "local";
	const struct plan_deletes *d = &p->deletes[side];

	for (size_t i = 0; i < p->group[side].len; i++) {
		const struct plan_group *g = vec_at(&p->group[side], i);

		str_printf(out, "%s +", name);
		flag_letters(g->add, out);
		str_add(out, "-");
		flag_letters(g->remove, out);
		print_index(out, "", from, &g->index);
	}
	if (d->held > 0)
		str_printf(out, "hold %llu %s; ", (unsigned long long)d->held,
			name);
	if (d->deferred > 0)
		str_printf(out, "later %llu %s; ",
			(unsigned long long)d->deferred, name);
	if (d->denied > 0)
		str_printf(out, "denied %llu %s; ",
			(unsigned long long)d->denied, name);
	str_add(out, "");
	print_index(out, side == PLAN_REMOTE ? "delete remote" : "delete local",
		from, &d->index);
}

static void print(struct str *out, const struct plan_input *in)
{
	struct plan p;

	plan_make(in, &p);
	print_index(out, "down", in->remote, &p.download);
	print_index(out, "up", in->local, &p.upload);
	print_index(out, "ignore remote", in->remote,
		&p.ignored[PLAN_REMOTE]);
	print_index(out, "ignore local", in->local, &p.ignored[PLAN_LOCAL]);
	for (size_t i = 0; i < p.forget.len; i++)
		str_printf(out, "forget %u; ",
			*(uint32_t *)vec_at(&p.forget, i));
	for (size_t i = 0; i < p.row.len; i++) {
		const struct plan_row *row = vec_at(&p.row, i);

		str_printf(out, "row %u:", row->uid);
		flag_letters(row->flags, out);
		str_add(out, "; ");
	}
	print_side(out, &p, PLAN_REMOTE, in->remote);
	print_side(out, &p, PLAN_LOCAL, in->local);
	if (p.deferred > 0)
		str_printf(out, "wait %llu; ", (unsigned long long)p.deferred);
	plan_clear(&p);
}

/* Policies: what differs from "everything both ways". */
#define REMOTE_RO 1u
#define LOCAL_RO 2u
#define KEEP_LOCAL 4u    /* deletions on the remote are not carried over */
#define KEEP_REMOTE 8u
#define NO_EXPUNGE 16u
#define APPROVED 32u
#define ONLY_SEEN 64u    /* the remote keeps no other flag */
#define COPIES_WAIT 128u
#define DELETES_WAIT 256u
#define FROM_THREE 512u  /* the window begins with UID 3 */
#define IGNORE_FOUR 1024u /* UID 4 is not copied, from either side */
#define FIRST_LARGE 2048u /* the first of each side is left out */
#define MAPPED 4096u     /* a and b stand for keywords; the remote keeps a */

static const struct plan_case {
	const char *rows, *remote, *local;
	unsigned policy;
	const char *expected;
} cases[] = {
	{"", "", "", 0, ""},
	{"1:S", "1:S", "1:S", 0, ""},
	/* presence */
	{"", "1", "", 0, "down 1; "},
	{"", "", "-", 0, "up 0; "},
	{"", "", "5", 0, "up 5; "},
	{"1", "", "", 0, "forget 1; "},
	{"1 2", "2", "1 2", 0, "delete local 1; "},
	{"1 2", "1 2", "2", 0, "delete remote 1; "},
	{"1 2", "3", "4 -", 0, "down 3; up 0; up 4; forget 1; forget 2; "},
	/* the state was lost: recorded, and local flags win */
	{"", "1:S", "1:S", 0, "row 1:S; "},
	{"", "1:S", "1:F", 0, "row 1:F; remote +F-S 1; "},
	{"", "1:S", "1:F", REMOTE_RO, "row 1:S; "},
	{"", "1:S", "1:F", LOCAL_RO, "row 1:F; "},
	/* flags, three ways */
	{"1", "1:S", "1", 0, "row 1:S; local +S- 1; "},
	{"1", "1", "1:S", 0, "row 1:S; remote +S- 1; "},
	{"1:S", "1", "1:S", 0, "row 1:; local +-S 1; "},
	{"1:S", "1:S", "1", 0, "row 1:; remote +-S 1; "},
	{"1", "1:S", "1:F", 0, "row 1:FS; remote +F- 1; local +S- 1; "},
	{"1:FS", "1:F", "1:S", 0, "row 1:; remote +-F 1; local +-S 1; "},
	{"1", "1:S", "1:S", 0, "row 1:S; "},
	{"1 2", "1:S 2:S", "1 2", 0, "row 1:S; row 2:S; local +S- 1;  2; "},
	{"1", "1:S", "1:F", LOCAL_RO, "row 1:F; remote +F- 1; "},
	{"1", "1:S", "1:F", REMOTE_RO, "row 1:S; local +S- 1; "},
	{"1", "1:S", "1:F", REMOTE_RO | LOCAL_RO, ""},
	/* letters that only a Maildir has */
	{"1", "1", "1:Pa", 0, ""},
	{"1:a", "1", "1", 0, ""},
	{"1:P", "1:S", "1:Pb", 0, "row 1:PS; local +S- 1; "},
	/* letters that stand for keywords */
	{"1", "1:a", "1", MAPPED, "row 1:a; local +a- 1; "},
	{"1", "1", "1:a", MAPPED, "row 1:a; remote +a- 1; "},
	{"1:a", "1", "1:a", MAPPED, "row 1:; local +-a 1; "},
	{"1:a", "1:a", "1", MAPPED, "row 1:; remote +-a 1; "},
	{"1:Sa", "1:Sa", "1:Sa", MAPPED, ""},
	{"", "1:Sa", "1:S", MAPPED, "row 1:S; remote +-a 1; "},
	{"", "1:a", "1:a", MAPPED, "row 1:a; "},
	{"1", "1", "1:Pcz", MAPPED, ""},
	{"1:Pc", "1", "1", MAPPED, ""},
	{"1:c", "1:a", "1:c", MAPPED, "row 1:ac; local +a- 1; "},
	/* ... which the server tells and cannot keep */
	{"1", "1:b", "1", MAPPED, "row 1:b; local +b- 1; "},
	{"1", "1", "1:b", MAPPED, ""},
	{"1:b", "1", "1:b", MAPPED, "row 1:; "},
	{"1:b", "1:b", "1", MAPPED, ""},
	{"1", "1:a", "1:S", MAPPED | LOCAL_RO, "row 1:S; remote +S- 1; "},
	{"1", "1:S", "1:a", MAPPED | REMOTE_RO, "row 1:S; local +S- 1; "},
	/* flags that the server cannot keep */
	{"1", "1", "1:FS", ONLY_SEEN, "row 1:S; remote +S- 1; "},
	{"1:S", "1:S", "1:FS", ONLY_SEEN, ""},
	{"1:FS", "1:S", "1:FS", ONLY_SEEN, "row 1:S; "},
	/* a deletion wins over a change of flags */
	{"1 2", "1:S 2", "2", 0, "delete remote 1; "},
	{"1 2", "2", "1:S 2", 0, "delete local 1; "},
	/* policies */
	{"1 2", "2", "1 2", KEEP_LOCAL, ""},
	{"1 2", "1 2", "2", KEEP_REMOTE, ""},
	{"1 2", "2 3", "1 2", LOCAL_RO, "denied 1 local; "},
	{"1 2", "1 2", "2 -", REMOTE_RO, "denied 1 remote; "},
	{"1 2", "1 2", "2", NO_EXPUNGE, "delete remote 1; "},
	{"1:T 2", "1:T 2", "2", NO_EXPUNGE, ""},
	{"1:T 2", "1 2", "2", NO_EXPUNGE, "down 1; "},
	/* deletions without proof */
	{"1 2", "?2", "1 2", 0, "later 1 local; "},
	{"1 2", "1 2", "?2", 0, "later 1 remote; "},
	{"1 2", "?2", "2", 0, ""},
	{"", "?", "5 -", 0, "up 0; wait 1; "},
	{"", "5", "?", 0, "wait 1; "},
	{"1", "1 2", "-", COPIES_WAIT, "delete remote 1; wait 2; "},
	{"1", "1:S 2", "1 2", COPIES_WAIT,
		"row 1:S; local +S- 1; wait 1; "},
	{"1 2", "1 2", "2", DELETES_WAIT, "later 1 remote; "},
	/* an emptied side */
	{"1 2", "1 2", "", 0, "hold 2 remote; "},
	{"1 2", "", "1 2", 0, "hold 2 local; "},
	{"1 2", "", "1", 0, "forget 2; hold 1 local; "},
	{"1 2", "", "1 2", APPROVED, "delete local 1; delete local 2; "},
	{"1", "", "1", 0, "delete local 1; "},
	/* outside of the window nothing happens, whatever was known */
	{"1 2 3", "1 2 3", "1 2 3", FROM_THREE, "forget 1; forget 2; "},
	{"", "1:S 2 3", "1:F 2 3", FROM_THREE, "row 3:; "},
	{"1 2:S 3", "2:F 3", "1 3", FROM_THREE, "forget 1; forget 2; "},
	{"", "1 4", "2 5 -", FROM_THREE, "down 4; up 0; up 5; "},
	{"1 2", "", "", FROM_THREE, "forget 1; forget 2; "},
	{"1 2 3", "?", "?", FROM_THREE, "forget 1; forget 2; "},
	{"1 2", "1", "2", FROM_THREE | LOCAL_RO | REMOTE_RO,
		"forget 1; forget 2; "},
	{"1 2", "1", "2", FROM_THREE | KEEP_LOCAL | KEEP_REMOTE,
		"forget 1; forget 2; "},
	{"1:T", "1", "", FROM_THREE | NO_EXPUNGE, "forget 1; "},
	/* inside all is as ever */
	{"3 4 5", "3:S 5", "4 5", FROM_THREE, "delete remote 3; "
		"delete local 4; "},
	{"3 4", "3 4", "1 2", FROM_THREE, "delete remote 3; "
		"delete remote 4; "},
	/* it moves down: what both have is recorded, what one side lost in
	 * the meantime comes back */
	{"3", "1:S 2 3", "1 3 -", 0, "down 2; up 0; row 1:; remote +-S 1; "},
	{"3", "2 3", "1 2 3", 0, "up 1; row 2:; "},
	/* not copied by the user's word: told, and nothing is missing */
	{"", "4 5", "", IGNORE_FOUR, "down 5; ignore remote 4; "},
	{"", "5", "4 -", IGNORE_FOUR, "down 5; up 0; ignore local 4; "},
	{"", "4", "4", IGNORE_FOUR, "row 4:; "},
	{"4 5", "4:S 5", "4 5", IGNORE_FOUR, "row 4:S; local +S- 4; "},
	{"4 5", "4 5", "5", IGNORE_FOUR, "delete remote 4; "},
	{"4", "4", "", IGNORE_FOUR, "delete remote 4; "},
	{"", "4", "?", IGNORE_FOUR, "ignore remote 4; "},
	{"", "4", "", IGNORE_FOUR | LOCAL_RO, "ignore remote 4; "},
	{"4:T 5", "4 5", "5", IGNORE_FOUR | NO_EXPUNGE, "ignore remote 4; "},
	{"", "2 4", "", IGNORE_FOUR | FROM_THREE, "ignore remote 4; "},
	/* too large: as if it were not there, as long as nobody knows it */
	{"", "1 2", "", FIRST_LARGE, "down 2; "},
	{"", "", "-a -b 5", FIRST_LARGE, "up 0; up 5; "},
	{"", "1", "1", FIRST_LARGE, "row 1:; "},
	{"1 2", "2", "1 2", FIRST_LARGE, "delete local 1; "},
	{"1 2", "1 2", "2", FIRST_LARGE, "delete remote 1; "},
	{"1", "1:S", "1", FIRST_LARGE, "row 1:S; local +S- 1; "},
	{"", "1", "-a", FIRST_LARGE | LOCAL_RO | REMOTE_RO, ""},
	{"", "1", "?", FIRST_LARGE, ""},
	/* readonly and sync_deletes together */
	{"1 2 3", "1 3 4", "2 3 -", KEEP_LOCAL | REMOTE_RO,
		"down 4; denied 1 remote; "},
	{"1 2 3", "1 3 4", "2 3 -", KEEP_REMOTE | LOCAL_RO,
		"up 0; denied 1 local; "},
	{"1 2 3", "1 3 4", "2 3 -", KEEP_LOCAL | KEEP_REMOTE,
		"down 4; up 0; "},
	{"1 2 3", "1 3 4", "2 3 -", REMOTE_RO | LOCAL_RO,
		"denied 1 remote; denied 1 local; "},
	{"1 2", "", "", KEEP_LOCAL | KEEP_REMOTE | REMOTE_RO,
		"forget 1; forget 2; "},
	/* the largest number */
	{"4294967295", "4294967295:S", "4294967295", 0,
		"row 4294967295:S; local +S- 4294967295; "},
};

static struct plan_input input(const struct msglist *at, unsigned policy)
{
	return (struct plan_input){
		.rows = &at[0], .remote = &at[1], .local = &at[2],
		.remote_allowed = policy & ONLY_SEEN ? FLAG_SEEN
			: FLAG_IMAP_ALL | (policy & MAPPED ? flag_letter(0)
			: 0),
		.letters = policy & MAPPED ? flag_letter(0) | flag_letter(1)
			: 0,
		.local_allowed = UINT32_MAX,
		.remote_readonly = policy & REMOTE_RO,
		.local_readonly = policy & LOCAL_RO,
		.deletes_remote = !(policy & KEEP_LOCAL),
		.deletes_local = !(policy & KEEP_REMOTE),
		.expunge = !(policy & NO_EXPUNGE),
		.approved = policy & APPROVED,
		.copies_wait = policy & COPIES_WAIT,
		.deletes_wait = policy & DELETES_WAIT,
		.first_uid = policy & FROM_THREE ? 3 : 0,
	};
}

START_TEST(a_plan_follows_the_table)
{
	const struct plan_case *c = &cases[_i];
	struct msglist at[3] = {list(c->rows), list(c->remote),
		list(c->local)};
	static const bool first[3] = {true, false, false};
	struct plan_input in = input(at, c->policy);
	struct seqset four = {0};
	struct str out = {0};

	seqset_add(&four, 4);
	for (int side = PLAN_REMOTE; side <= PLAN_LOCAL; side++) {
		if (c->policy & IGNORE_FOUR)
			in.ignored[side] = &four;
		if (c->policy & FIRST_LARGE)
			in.left_out[side] = first;
	}

	print(&out, &in);
	ck_assert_msg(strcmp(str_get(&out), c->expected) == 0,
		"rows %s, remote %s, local %s: \"%s\", not \"%s\"", c->rows,
		c->remote, c->local, str_get(&out), c->expected);
	str_clear(&out);
	seqset_clear(&four);
	for (int i = 0; i < 3; i++)
		msglist_clear(&at[i]);
}
END_TEST

/* known rows, of which so many are gone on the remote. */
static bool is_held(uint32_t known, uint32_t gone)
{
	struct msglist at[3] = {{.complete = true}, {.complete = true},
		{.complete = true}};
	struct plan_input in;
	struct plan p;
	bool held;

	for (uint32_t uid = 1; uid <= known; uid++) {
		msglist_add(&at[0], uid, 0, NULL);
		if (uid > gone)
			msglist_add(&at[1], uid, 0, NULL);
		msglist_add(&at[2], uid, 0, NULL);
	}
	in = input(at, 0);
	plan_make(&in, &p);
	held = p.deletes[PLAN_LOCAL].held == gone;
	ck_assert_uint_eq(p.deletes[PLAN_LOCAL].index.len, held ? 0 : gone);
	plan_clear(&p);
	for (int i = 0; i < 3; i++)
		msglist_clear(&at[i]);
	return held;
}

START_TEST(only_many_deletions_at_once_are_held)
{
	ck_assert(!is_held(100, 20));
	ck_assert(!is_held(100, 25));
	ck_assert(is_held(100, 26));
	ck_assert(!is_held(30, 20));
	ck_assert(is_held(30, 21));
	ck_assert(!is_held(1000, 250));
	ck_assert(is_held(1000, 251));
	ck_assert(is_held(20, 20));
	ck_assert(!is_held(20, 19));
}
END_TEST

/* Carried out, every merge is stable: nothing is left to be done. */
START_TEST(a_merge_of_flags_is_settled_at_once)
{
	struct msglist none[3] = {{0}, {0}, {0}};

	for (unsigned policy = 0; policy < 4; policy++)
		for (uint32_t n = 0; n < 32 * 32 * 32; n++) {
			struct plan_input in = input(none, policy);
			struct plan_flags now = {n & 31, n >> 5 & 31, n >> 10};
			struct plan_flags end = plan_merge(&in, now);
			struct plan_flags again = plan_merge(&in, end);

			bool equal = end.remote == end.local &&
				end.row == end.local;

			if (again.row != end.row ||
				again.remote != end.remote ||
				again.local != end.local ||
				(policy == 0 && !equal))
				ck_abort_msg("policy %u, flags %x", policy, n);
		}
}
END_TEST

/* The bits n of a, b, c and P. */
static uint32_t spread(unsigned n)
{
	return (n & 1 ? flag_letter(0) : 0) | (n & 2 ? flag_letter(1) : 0) |
		(n & 4 ? flag_letter(2) : 0) | (n & 8 ? FLAG_PASSED : 0);
}

/* A server tells of letters that stand for keywords, and of no others. */
START_TEST(letters_without_a_keyword_never_move)
{
	struct msglist none[3] = {{0}, {0}, {0}};
	uint32_t own = flag_letter(2) | FLAG_PASSED;

	for (unsigned policy = 0; policy < 4; policy++)
		for (unsigned n = 0; n < 16 * 4 * 16; n++) {
			struct plan_input in = input(none, policy | MAPPED);
			struct plan_flags now = {spread(n & 15),
				spread(n >> 4 & 3), spread(n >> 6)};
			struct plan_flags end = plan_merge(&in, now);
			struct plan_flags again = plan_merge(&in, end);

			if (again.row != end.row ||
				again.remote != end.remote ||
				again.local != end.local ||
				((end.row ^ now.row) & own) != 0 ||
				((end.local ^ now.local) & own) != 0 ||
				(end.remote & own) != 0 ||
				((end.remote ^ now.remote) & flag_letter(1)))
				ck_abort_msg("policy %u, flags %x", policy, n);
		}
}
END_TEST

Suite *plan_suite(void)
{
	Suite *suite = suite_create("plan");
	TCase *tc = tcase_create("plan");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_plan_follows_the_table, 0, ARRAY_LEN(cases));
	tcase_add_test(tc, only_many_deletions_at_once_are_held);
	tcase_add_test(tc, a_merge_of_flags_is_settled_at_once);
	tcase_add_test(tc, letters_without_a_keyword_never_move);
	suite_add_tcase(suite, tc);
	return suite;
}
