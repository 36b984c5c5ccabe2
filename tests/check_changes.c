#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "imap/session_impl.h"
#include "mail/exceptions_of.h"
#include "mail/imapstore.h"
#include "suites.h"
#include "support/play.h"

/* A folder "box" of UIDVALIDITY 7 was known with so many messages, all seen,
 * UIDs from 1 on, at modseq 100. */

#define HEAD(caps) "S: * PREAUTH [CAPABILITY IMAP4rev1 " caps "] hi\n"
/* What any SELECT brings; the message count follows. */
#define BOX \
	"S: * FLAGS (\\\\Answered \\\\Flagged \\\\Deleted " \
	"\\\\Seen \\\\Draft)\n" \
	"S: * OK [UIDVALIDITY 7] valid\n"
#define AT(uidnext, modseq) \
	"S: * OK [UIDNEXT " uidnext "] next\n" \
	"S: * OK [HIGHESTMODSEQ " modseq "] highest\n"

#define RESYNC HEAD("ENABLE QRESYNC CONDSTORE")
#define SELECT_Q "C: A1 SELECT box (QRESYNC (7 100 1:8))\n" \
	"C: A2 UID FETCH 9:4294967295 (UID FLAGS)\n"
#define CONDSTORE HEAD("CONDSTORE")
#define SELECT_C "C: A1 SELECT box (CONDSTORE)\n" \
	"C: A2 UID FETCH 1:8 (UID FLAGS) (CHANGEDSINCE 100)\n" \
	"C: A3 UID FETCH 9:4294967295 (UID FLAGS)\n"
#define SELECT_S "C: A1 SELECT box\n" \
	"C: A2 UID SEARCH UID 1:30 DRAFT\n" \
	"C: A3 UID SEARCH UID 1:30 FLAGGED\n" \
	"C: A4 UID SEARCH UID 1:30 ANSWERED\n" \
	"C: A5 UID SEARCH UID 1:30 UNSEEN\n" \
	"C: A6 UID SEARCH UID 1:30 DELETED\n" \
	"C: A7 UID FETCH 31:4294967295 (UID FLAGS)\n"
#define OKS_S "S: A2 OK\nS: A3 OK\nS: A4 OK\nS: A5 OK\nS: A6 OK\nS: A7 OK\n"
/* The long way, as command An; the list follows. */
#define WHOLE(n, m) "C: A" #n " SELECT box\n" \
	"C: A" #m " UID FETCH 1:4294967295 (UID FLAGS)\n"
#define SEEN(i, uid) "S: * " #i " FETCH (UID " #uid " FLAGS (\\\\Seen))\n"
#define ALL_8 "S: * 8 EXISTS\n" BOX AT("9", "105") "S: A3 OK\n" \
	SEEN(1, 1) SEEN(2, 2) SEEN(3, 3) SEEN(4, 4) SEEN(5, 5) SEEN(6, 6) \
	SEEN(7, 7) SEEN(8, 8) "S: A4 OK\n"

static const struct change_case {
	const char *name, *script;
	uint32_t known;   /* messages */
	const char *list; /* UIDs, and the flags of those not seen alone */
	bool shortcut;
	uint64_t modseq;
	unsigned distrust;
	bool enabled, glance;
} cases[] = {
	{"QRESYNC: nothing", RESYNC SELECT_Q
		"S: * 8 EXISTS\n" BOX AT("9", "100") "S: A1 OK\nS: A2 OK\n",
		8, "1:8", true, 100, 0, true, false},
	{"QRESYNC: gone, changed and new", RESYNC SELECT_Q
		"S: * OK [CLOSED]\n"
		"S: * 8 EXISTS\n" BOX AT("11", "120")
		"S: * VANISHED (EARLIER) 2,5\n"
		"S: * 3 FETCH (UID 4 FLAGS (\\\\Flagged) MODSEQ (117))\n"
		"S: A1 OK\n"
		"S: * 7 FETCH (UID 9 FLAGS () MODSEQ (118))\n"
		"S: * 8 FETCH (UID 10 FLAGS (\\\\Seen) MODSEQ (120))\n"
		"S: A2 OK\n",
		8, "1,3:4,6:10 4=F 9=", true, 120, 0, true, false},
	{"QRESYNC: words about the folder before", RESYNC SELECT_Q
		"S: * 2 FETCH (UID 2 FLAGS (\\\\Draft))\n"
		"S: * VANISHED 3\n"
		"S: * OK [CLOSED]\n"
		"S: * 8 EXISTS\n" BOX AT("9", "100") "S: A1 OK\nS: A2 OK\n",
		8, "1:8", true, 100, 0, true, false},
	{"QRESYNC: gone while it is read", RESYNC SELECT_Q
		"S: * 8 EXISTS\n" BOX AT("9", "100") "S: A1 OK\n"
		"S: * VANISHED 8\nS: A2 OK\n",
		8, "1:7", true, 100, 0, true, false},
	{"QRESYNC: more vanish than were known", RESYNC SELECT_Q
		"S: * 7 EXISTS\n" BOX AT("20", "100")
		"S: * VANISHED (EARLIER) 8:4294967295\n"
		"S: A1 OK\nS: A2 OK\n",
		8, "1:7", true, 100, 0, true, false},
	{"QRESYNC: offered, and not enabled", RESYNC SELECT_C
		"S: * 8 EXISTS\n" BOX AT("9", "100")
		"S: A1 OK\nS: A2 OK\nS: A3 OK\n",
		8, "1:8", true, 100, 0, false, false},
	{"QRESYNC: a lie about what vanished", RESYNC SELECT_Q
		"S: * 8 EXISTS\n" BOX AT("9", "105")
		"S: * VANISHED (EARLIER) 2\nS: A1 OK\nS: A2 OK\n"
		WHOLE(3, 4) ALL_8,
		8, "1:8", false, 105, CACHE_NO_QRESYNC, true, false},
	{"QRESYNC: most vanished, by a count that lies too", RESYNC SELECT_Q
		"S: * 2 EXISTS\n" BOX AT("9", "105")
		"S: * VANISHED (EARLIER) 1:6\nS: A1 OK\nS: A2 OK\n"
		WHOLE(3, 4) ALL_8,
		8, "1:8", false, 105, CACHE_NO_QRESYNC, true, false},
	{"QRESYNC: most vanished indeed", RESYNC SELECT_Q
		"S: * 1 EXISTS\n" BOX AT("9", "105")
		"S: * VANISHED (EARLIER) 2:8\nS: A1 OK\nS: A2 OK\n"
		WHOLE(3, 4) "S: * 1 EXISTS\n" BOX AT("9", "105") "S: A3 OK\n"
		SEEN(1, 1) "S: A4 OK\n",
		8, "1", false, 105, 0, true, false},
	{"QRESYNC: no word of what is missing", RESYNC SELECT_Q
		"S: * 7 EXISTS\n" BOX AT("9", "105")
		"S: A1 OK\nS: A2 OK\n"
		WHOLE(3, 4) ALL_8,
		8, "1:8", false, 105, 0, true, false},
	{"QRESYNC: VANISHED is rubbish", RESYNC SELECT_Q
		"S: * 8 EXISTS\n" BOX AT("9", "105")
		"S: * VANISHED (EARLIER) 2,,3\nS: A1 OK\nS: A2 OK\n"
		WHOLE(3, 4) ALL_8,
		8, "1:8", false, 105, CACHE_NO_QRESYNC, true, false},
	{"QRESYNC: the parameter is refused", RESYNC SELECT_Q
		"S: A1 BAD what?\nS: A2 BAD nothing is selected\n"
		WHOLE(3, 4) ALL_8,
		8, "1:8", false, 105, CACHE_NO_QRESYNC, true, false},
	{"QRESYNC: not now", RESYNC SELECT_Q
		"S: A1 NO later\nS: A2 NO later\n"
		WHOLE(3, 4) ALL_8,
		8, "1:8", false, 105, 0, true, false},
	{"QRESYNC: no mod-sequences here", RESYNC SELECT_Q
		"S: * 8 EXISTS\n" BOX "S: * OK [UIDNEXT 9] next\n"
		"S: * OK [NOMODSEQ] none\nS: A1 OK\nS: A2 OK\n"
		WHOLE(3, 4) "S: * 8 EXISTS\n" BOX
		"S: * OK [NOMODSEQ] none\nS: A3 OK\n"
		SEEN(1, 1) SEEN(2, 2) SEEN(3, 3) SEEN(4, 4) SEEN(5, 5)
		SEEN(6, 6) SEEN(7, 7) SEEN(8, 8) "S: A4 OK\n",
		8, "1:8", false, 0, 0, true, false},
	{"QRESYNC: the mod-sequence went back", RESYNC SELECT_Q
		"S: * 8 EXISTS\n" BOX AT("9", "99") "S: A1 OK\nS: A2 OK\n"
		WHOLE(3, 4) ALL_8,
		8, "1:8", false, 105, 0, true, false},
	{"QRESYNC: the next UID went back", RESYNC SELECT_Q
		"S: * 8 EXISTS\n" BOX AT("8", "101") "S: A1 OK\nS: A2 OK\n"
		WHOLE(3, 4) ALL_8,
		8, "1:8", false, 105, 0, true, false},
	{"QRESYNC: another folder of that name", RESYNC SELECT_Q
		"S: * 8 EXISTS\nS: * OK [UIDVALIDITY 8] valid\n"
		AT("9", "101") "S: A1 OK\nS: A2 OK\n"
		WHOLE(3, 4) ALL_8,
		8, "1:8", false, 105, 0, true, false},
	{"QRESYNC: a message nobody knew", RESYNC
		"C: A1 SELECT box (QRESYNC (7 100 1:11))\n"
		"C: A2 UID FETCH 12:4294967295 (UID FLAGS)\n"
		"S: * 8 EXISTS\n" BOX AT("12", "101")
		"S: * VANISHED (EARLIER) 8\n"
		"S: * 8 FETCH (UID 10 FLAGS (\\\\Seen) MODSEQ (101))\n"
		"S: A1 OK\nS: A2 OK\n"
		WHOLE(3, 4) ALL_8,
		11, "1:8", false, 105, CACHE_NO_QRESYNC, true, false},
	{"QRESYNC: more come while it is read", RESYNC SELECT_Q
		"S: * 7 EXISTS\n" BOX AT("9", "101") "S: A1 OK\n"
		"S: A2 OK\nS: * 8 EXISTS\n"
		WHOLE(3, 4) ALL_8,
		8, "1:8", false, 105, 0, true, false},
	{"QRESYNC: something changed, and no word of what", RESYNC SELECT_Q
		"S: * 8 EXISTS\n" BOX AT("9", "105") "S: A1 OK\nS: A2 OK\n"
		WHOLE(3, 4) ALL_8,
		8, "1:8", false, 105, 0, true, false},
	{"QRESYNC: a glance costs no second look", RESYNC SELECT_Q
		"S: * 8 EXISTS\n" BOX AT("9", "105")
		"S: * VANISHED (EARLIER) 2\nS: A1 OK\nS: A2 OK\n",
		8, "", false, 0, 0, true, true},

	{"CONDSTORE: nothing", CONDSTORE SELECT_C
		"S: * 8 EXISTS\n" BOX AT("9", "100")
		"S: A1 OK\nS: A2 OK\nS: A3 OK\n",
		8, "1:8", true, 100, 0, false, false},
	{"CONDSTORE: changed and new", CONDSTORE SELECT_C
		"S: * 9 EXISTS\n" BOX AT("10", "110") "S: A1 OK\n"
		"S: * 3 FETCH (UID 3 FLAGS () MODSEQ (105))\n"
		"S: A2 OK\n"
		"S: * 9 FETCH (UID 9 FLAGS (\\\\Draft))\nS: A3 OK\n",
		8, "1:9 3= 9=D", true, 110, 0, false, false},
	{"CONDSTORE: which are missing is asked for", CONDSTORE SELECT_C
		"S: * 7 EXISTS\n" BOX AT("10", "110") "S: A1 OK\nS: A2 OK\n"
		"S: * 7 FETCH (UID 9 FLAGS (\\\\Seen))\nS: A3 OK\n"
		"C: A4 UID SEARCH UID 1:8\n"
		"S: * SEARCH 1 2 3 6 7 8\nS: A4 OK\n",
		8, "1:3,6:9", true, 110, 0, false, false},
	{"CONDSTORE: which are missing is asked for, by ESEARCH",
		HEAD("CONDSTORE ESEARCH") SELECT_C
		"S: * 7 EXISTS\n" BOX AT("9", "110")
		"S: A1 OK\nS: A2 OK\nS: A3 OK\n"
		"C: A4 UID SEARCH RETURN (ALL) UID 1:8\n"
		"S: * ESEARCH (TAG \"A4\") UID ALL 1:3,5:8\nS: A4 OK\n",
		8, "1:3,5:8", true, 110, 0, false, false},
	{"CONDSTORE: an expunge while it is read", CONDSTORE SELECT_C
		"S: * 8 EXISTS\n" BOX AT("9", "110")
		"S: A1 OK\nS: A2 OK\nS: * 4 EXPUNGE\nS: A3 OK\n"
		"C: A4 UID SEARCH UID 1:8\n"
		"S: * SEARCH 1 2 3 5 6 7 8\nS: A4 OK\n",
		8, "1:3,5:8", true, 110, 0, false, false},
	{"CONDSTORE: a lie about what is left", CONDSTORE SELECT_C
		"S: * 7 EXISTS\n" BOX AT("9", "105")
		"S: A1 OK\nS: A2 OK\nS: A3 OK\n"
		"C: A4 UID SEARCH UID 1:8\n"
		"S: * SEARCH 1 2\nS: A4 OK\n"
		"C: A5 SELECT box\n"
		"C: A6 UID FETCH 1:4294967295 (UID FLAGS)\n"
		"S: * 4 EXISTS\n" BOX AT("9", "106") "S: A5 OK\n"
		SEEN(1, 1) SEEN(2, 2) SEEN(3, 3) SEEN(4, 4) "S: A6 OK\n",
		8, "1:4", false, 106, CACHE_NO_CONDSTORE, false, false},
	{"CONDSTORE: CHANGEDSINCE is refused", CONDSTORE SELECT_C
		"S: * 8 EXISTS\n" BOX AT("9", "105") "S: A1 OK\n"
		"S: A2 BAD what?\nS: A3 OK\n"
		"C: A4 SELECT box\n"
		"C: A5 UID FETCH 1:4294967295 (UID FLAGS)\n"
		"S: * 1 EXISTS\n" BOX AT("9", "106") "S: A4 OK\n"
		SEEN(1, 1) "S: A5 OK\n",
		8, "1", false, 106, CACHE_NO_CONDSTORE, false, false},
	{"CONDSTORE: flags other than told", CONDSTORE SELECT_C
		"S: * 9 EXISTS\n" BOX AT("9", "105") "S: A1 OK\n"
		"S: A2 OK\nS: A3 OK\n"
		"C: A4 SELECT box\n"
		"C: A5 UID FETCH 1:4294967295 (UID FLAGS)\n"
		"S: * 2 EXISTS\n" BOX AT("9", "105") "S: A4 OK\n"
		SEEN(1, 1) "S: * 2 FETCH (UID 2 FLAGS ())\nS: A5 OK\n",
		8, "1:2 2=", false, 105, CACHE_NO_CONDSTORE, false, false},

	{"sets: nothing", HEAD("") SELECT_S
		"S: * 30 EXISTS\n" BOX "S: * OK [UIDNEXT 31] next\n"
		"S: A1 OK\n" OKS_S,
		30, "1:30", true, 0, 0, false, false},
	{"sets: changed and new", HEAD("") SELECT_S
		"S: * 31 EXISTS\n" BOX "S: A1 OK\n"
		"S: * SEARCH\nS: A2 OK\nS: * SEARCH 3 4\nS: A3 OK\n"
		"S: * SEARCH 4\nS: A4 OK\nS: * SEARCH 4 5\nS: A5 OK\n"
		"S: * SEARCH\nS: A6 OK\n"
		"S: * 31 FETCH (UID 31 FLAGS (\\\\Deleted))\nS: A7 OK\n",
		30, "1:31 3=FS 4=FR 5= 31=T", true, 0, 0, false, false},
	{"sets: gone", HEAD("") SELECT_S
		"S: * 28 EXISTS\n" BOX "S: A1 OK\n" OKS_S
		"C: A8 UID SEARCH UID 1:30\n"
		"S: * SEARCH 1 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 "
		"21 22 23 24 25 26 27 28 29 30\nS: A8 OK\n",
		30, "1,4:30", true, 0, 0, false, false},
	{"sets: one SEARCH is refused", HEAD("") SELECT_S
		"S: * 30 EXISTS\n" BOX "S: A1 OK\n"
		"S: A2 OK\nS: A3 BAD what?\nS: A4 OK\nS: A5 OK\nS: A6 OK\n"
		"S: A7 OK\n"
		"C: A8 SELECT box\n"
		"C: A9 UID FETCH 1:4294967295 (UID FLAGS)\n"
		"S: * 1 EXISTS\n" BOX "S: A8 OK\n" SEEN(1, 1) "S: A9 OK\n",
		30, "1", false, 0, CACHE_NO_SEARCH, false, false},
	{"sets: keywords that no letter stands for", HEAD("") SELECT_S
		"S: * 30 EXISTS\n" BOX
		"S: * FLAGS (\\\\Seen junk)\nS: A1 OK\n" OKS_S,
		30, "1:30", true, 0, 0, false, false},
	{"sets: a small folder is listed", HEAD("") WHOLE(1, 2)
		"S: * 1 EXISTS\n" BOX "S: A1 OK\n" SEEN(1, 1) "S: A2 OK\n",
		8, "1", false, 0, 0, false, false},
};

static void remember(uint32_t count, struct msglist *rows)
{
	for (uint32_t uid = 1; uid <= count; uid++)
		msglist_add(rows, uid, FLAG_SEEN, NULL);
	rows->complete = true;
}

static void print(const struct msglist *list, struct str *out)
{
	struct seqset uids = {0};

	for (size_t i = 0; i < list->len; i++)
		seqset_add(&uids, list->at[i].uid);
	seqset_print(&uids, out);
	seqset_clear(&uids);
	for (size_t i = 0; i < list->len; i++) {
		if (list->at[i].flags == FLAG_SEEN)
			continue;
		str_printf(out, " %lu=", (unsigned long)list->at[i].uid);
		flag_letters(list->at[i].flags, out);
	}
}

/* A store over a scripted session. */
static struct store *open_store(struct play *p, const char *script)
{
	static const struct conf_repo repo = {.name = "Remote"};
	struct store_config config = {.repo = &repo, .worker = &p->worker};
	struct store *store;

	play_init(p);
	p->options.tunnel = "a tunnel that is not started";
	p->options.preauth = true;
	play_text(p, script, NULL);
	ck_assert_msg(p->session != NULL, "%s", p->err.text);
	config.session = p->session;
	store = imapstore_ops.open(&config, &p->err);
	ck_assert_ptr_nonnull(store);
	return store;
}

static void check_list(const struct change_case *c,
	const struct folder_info *info, const struct msglist *list)
{
	struct str text = {0};

	print(list, &text);
	ck_assert_msg(strcmp(str_get(&text), c->list) == 0,
		"%s: %s, not %s", c->name, str_get(&text), c->list);
	str_clear(&text);
	ck_assert_msg(info->shortcut == c->shortcut, "%s", c->name);
	ck_assert_msg(list->complete == !c->glance, "%s", c->name);
	ck_assert_msg(info->modseq == c->modseq, "%s", c->name);
	ck_assert_msg(info->distrust == c->distrust, "%s", c->name);
}

START_TEST(a_folder_is_listed_by_its_changes)
{
	const struct change_case *c = &cases[_i];
	struct msglist rows = {0}, list = {0};
	struct store_since since = {.rows = &rows, .uidvalidity = 7,
		.uidnext = c->known + 1, .modseq = c->known < 30 ? 100 : 0,
		.glance = c->glance};
	struct folder_info info = {0};
	struct play p;
	struct store *store = open_store(&p, c->script);

	if (c->known == 8 && strncmp(c->name, "sets", 4) == 0)
		since.modseq = 0;
	remember(c->known, &rows);
	p.session->qresync = c->enabled;
	store->since = &since;
	ck_assert_msg(imapstore_ops.load(store, "box", false, &info, &list,
		&p.err), "%s: %s", c->name, p.err.text);
	check_list(c, &info, &list);
	ck_assert_uint_eq(play_count(&p, EVENT_LOG, "not to be relied upon"),
		c->distrust ? 1 : 0);
	p.session = store_detach(store);
	play_end(&p);
	msglist_clear(&rows);
	msglist_clear(&list);
}
END_TEST

/* What makes even the best server be asked for everything. */
static const struct {
	bool full;
	unsigned distrust;
	uint32_t uidvalidity;
} long_ways[] = {
	{true, 0, 7},
	{false, CACHE_NO_QRESYNC | CACHE_NO_CONDSTORE | CACHE_NO_SEARCH, 7},
	{false, 0, 0},
};

START_TEST(the_whole_folder_is_listed_when_that_is_wanted)
{
	struct msglist rows = {0}, list = {0};
	struct store_since since = {.rows = &rows, .modseq = 100,
		.uidvalidity = long_ways[_i].uidvalidity, .uidnext = 31,
		.full = long_ways[_i].full,
		.distrust = long_ways[_i].distrust};
	struct folder_info info = {0};
	struct play p;
	struct store *store = open_store(&p, RESYNC WHOLE(1, 2)
		"S: * 1 EXISTS\n" BOX AT("31", "101") "S: A1 OK\n"
		SEEN(1, 1) "S: A2 OK\n");

	remember(30, &rows);
	p.session->qresync = true;
	store->since = &since;
	ck_assert(imapstore_ops.load(store, "box", false, &info, &list,
		&p.err));
	ck_assert(list.complete && list.len == 1 && !info.shortcut);
	p.session = store_detach(store);
	play_end(&p);
	msglist_clear(&rows);
	msglist_clear(&list);
}
END_TEST

START_TEST(a_server_that_lied_once_is_asked_the_next_best_way)
{
	struct msglist rows = {0}, list = {0};
	struct store_since since = {.rows = &rows, .modseq = 100,
		.uidvalidity = 7, .uidnext = 9};
	struct folder_info info = {0};
	struct play p;
	struct store *store = open_store(&p, RESYNC SELECT_Q
		"S: * 8 EXISTS\n" BOX AT("9", "105")
		"S: * VANISHED (EARLIER) 2\nS: A1 OK\nS: A2 OK\n"
		WHOLE(3, 4) ALL_8
		"C: A5 SELECT box\n"
		"C: A6 UID FETCH 1:8 (UID FLAGS) (CHANGEDSINCE 100)\n"
		"C: A7 UID FETCH 9:4294967295 (UID FLAGS)\n"
		"S: * 8 EXISTS\n" BOX AT("9", "105")
		"S: A5 OK\nS: A6 OK\nS: A7 OK\n");

	remember(8, &rows);
	p.session->qresync = true;
	store->since = &since;
	for (int i = 0; i < 2; i++) {
		ck_assert(imapstore_ops.load(store, "box", false, &info,
			&list, &p.err));
		ck_assert(list.complete && list.len == 8);
		ck_assert(info.shortcut == (i == 1));
		ck_assert_uint_eq(info.distrust, CACHE_NO_QRESYNC);
	}
	ck_assert_uint_eq(play_count(&p, EVENT_LOG, "not to be relied upon"),
		1);
	p.session = store_detach(store);
	play_end(&p);
	msglist_clear(&rows);
	msglist_clear(&list);
}
END_TEST

/* The table of letters: 'a' is Junk. */
static void check_keywords(const char *told, bool shortcut)
{
	struct msglist rows = {0}, list = {0};
	struct store_since since = {.rows = &rows, .uidvalidity = 7,
		.uidnext = 31};
	struct flag_keywords keywords = {0};
	struct folder_info info = {0};
	struct str script = {0};
	struct store *store;
	struct play p;

	str_printf(&script, HEAD("") "C: A1 SELECT box\n"
		"C: A2 UID SEARCH UID 1:30 DRAFT\n"
		"C: A3 UID SEARCH UID 1:30 FLAGGED\n"
		"C: A4 UID SEARCH UID 1:30 ANSWERED\n"
		"C: A5 UID SEARCH UID 1:30 UNSEEN\n"
		"C: A6 UID SEARCH UID 1:30 DELETED\n"
		"C: A7 UID SEARCH UID 1:30 KEYWORD Junk\n"
		"C: A8 UID FETCH 31:4294967295 (UID FLAGS)\n"
		"S: * FLAGS (\\\\Seen %s)\n"
		"S: * 30 EXISTS\nS: * OK [UIDVALIDITY 7]\nS: A1 OK\n"
		"S: A2 OK\nS: A3 OK\nS: A4 OK\nS: A5 OK\nS: A6 OK\n"
		"S: * SEARCH 2\nS: A7 OK\nS: A8 OK\n%s", told, shortcut ? ""
		: "C: A9 SELECT box\n"
		"C: A10 UID FETCH 1:4294967295 (UID FLAGS)\n"
		"S: * 1 EXISTS\nS: * OK [UIDVALIDITY 7]\nS: A9 OK\n"
		SEEN(1, 1) "S: A10 OK\n");
	store = open_store(&p, str_get(&script));
	ck_assert(flag_keywords_set(&keywords, 0, span_of("Junk")));
	store_keywords(store, &keywords);
	remember(30, &rows);
	store->since = &since;
	ck_assert_msg(imapstore_ops.load(store, "box", false, &info, &list,
		&p.err), "%s", p.err.text);
	ck_assert(info.shortcut == shortcut);
	ck_assert(!shortcut || list.at[1].flags ==
		(FLAG_SEEN | flag_letter(0)));
	store_keywords(store, NULL);
	p.session = store_detach(store);
	play_end(&p);
	flag_keywords_clear(&keywords);
	msglist_clear(&rows);
	msglist_clear(&list);
	str_clear(&script);
}

START_TEST(keywords_are_searched_where_search_means_the_same)
{
	check_keywords("Junk other", true);
	check_keywords("other", true);
	check_keywords("junk", false);
}
END_TEST

START_TEST(rows_give_the_sets_that_a_server_would)
{
	struct msglist rows = {0};
	struct exceptions e = {0}, all = {0};
	uint32_t asked;

	msglist_add(&rows, 3, FLAG_SEEN | FLAG_FLAGGED, NULL);
	msglist_add(&rows, 5, FLAG_SEEN | flag_letter(2), NULL);
	msglist_add(&rows, 9, FLAG_DELETED, NULL);
	asked = exceptions_wanted(&rows, flag_letter(2));
	ck_assert_uint_eq(asked, FLAG_IMAP_ALL | flag_letter(2));
	exceptions_of(&rows, asked, &e);
	ck_assert(exceptions_complete(&e));
	for (size_t i = 0; i < rows.len; i++)
		ck_assert_uint_eq(exceptions_flags(&e, rows.at[i].uid),
			rows.at[i].flags);
	rows.at[0].flags = rows.at[1].flags = 0;
	asked = exceptions_wanted(&rows, 0);
	ck_assert_uint_eq(asked, FLAG_IMAP_ALL | EXCEPTIONS_SEEN_ASKED);
	exceptions_of(&rows, asked, &all);
	ck_assert_uint_eq(exceptions_flags(&all, 3), 0);
	ck_assert(exceptions_digest(&all) != exceptions_digest(&e));
	exceptions_clear(&e);
	exceptions_clear(&all);
	msglist_clear(&rows);
}
END_TEST

Suite *changes_suite(void)
{
	Suite *s = suite_create("changes");
	TCase *t = tcase_create("changes");

	tcase_add_loop_test(t, a_folder_is_listed_by_its_changes, 0,
		(int)ARRAY_LEN(cases));
	tcase_add_loop_test(t, the_whole_folder_is_listed_when_that_is_wanted,
		0, (int)ARRAY_LEN(long_ways));
	tcase_add_test(t, a_server_that_lied_once_is_asked_the_next_best_way);
	tcase_add_test(t, keywords_are_searched_where_search_means_the_same);
	tcase_add_test(t, rows_give_the_sets_that_a_server_would);
	suite_add_tcase(s, t);
	return s;
}
