#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/task.h"
#include "imap/session.h"
#include "imap/trunk.h"
#include "mem.h"
#include "suites.h"
#include "support/play.h"

/*
 * A scene: a few jobs that share a connection, and what the server says.  A
 * job's flights are separated by "|", their commands by ";".  What it hears is
 * written down, one thing a line: responses as response_print has them, pieces
 * of bodies in quotes, "#n" for the tagged answer to its command n, and how
 * each flight ended.
 */
enum { JOBS = 3 };

struct scene {
	const char *script; /* behind the greeting */
	const char *job[JOBS];
	const char *heard[JOBS];
	const char *refuses; /* job 0 gives up at a piece with this; NULL */
	const char *more;    /* commands that it adds on its way; NULL */
	const char *capabilities; /* NULL: none of interest */
	bool lost; /* the connection is, at the end */
};

struct job {
	struct trunk *trunk;
	struct task *task;
	struct worker worker;
	const char *flights;
	const char *refuses, *more;
	struct str heard;
	bool ended;
};

/* Up to one of stops; past it. */
static char *next_part(const char **at, const char *stops)
{
	size_t len = strcspn(*at, stops);
	char *part = mem_strndup(*at, len);

	*at += len;
	if (**at == stops[0])
		++*at;
	return part;
}

static bool hear(struct job *j, const char *what, struct error *err)
{
	str_printf(&j->heard, "%s\n", what);
	if (!j->refuses || !strstr(what, j->refuses))
		return true;
	return error_set(err, ERROR_FOLDER, ERROR_OTHER, "not wanted");
}

static bool on_response(void *arg, const struct response *r,
	struct error *err)
{
	struct str line = {0};
	bool ok;

	response_print(r, &line);
	ok = hear(arg, str_get(&line), err);
	str_clear(&line);
	return ok;
}

static bool on_literal(void *arg, enum literal_event what, uint64_t size,
	struct span data, struct error *err)
{
	char *text;
	bool ok;

	(void)size;
	if (what != LITERAL_DATA)
		return true;
	text = mem_printf("\"%.*s\"", (int)data.len, data.data);
	ok = hear(arg, text, err);
	free(text);
	return ok;
}

static bool on_tagged(void *arg, size_t index, const struct response *r,
	struct error *err)
{
	static const char *const words[] = {"NONE", "OK", "NO", "BAD"};
	char *text = mem_printf("#%zu %s", index, words[r->condition]);
	bool ok = hear(arg, text, err);

	free(text);
	return ok;
}

static void add(struct flight *f, const char **commands)
{
	char *command = next_part(commands, ";");

	cmd_init(&flight_add(f)->cmd, command);
	free(command);
}

static void on_more(void *arg, struct flight *f, size_t unanswered)
{
	struct job *j = arg;

	if (j->more && *j->more && unanswered < 2)
		add(f, &j->more);
}

static void fly(struct job *j, struct session *s, const char *commands)
{
	const struct response_handler handler = {.response = on_response,
		.literal = on_literal, .tagged = on_tagged, .more = on_more,
		.arg = j};
	struct flight f = {0};
	struct error err = {0};

	while (*commands)
		add(&f, &commands);
	if (session_flight(s, &f, &handler, &err))
		str_add(&j->heard, "done\n");
	else
		str_printf(&j->heard, "failed%s: %s\n", session_reached(s) ?
			"" : " unreached", err.text);
	flight_clear(&f);
}

static void run(void *arg)
{
	struct job *j = arg;
	struct session *s = trunk_branch(j->trunk, j->task, &j->worker);

	while (*j->flights) {
		char *commands = next_part(&j->flights, "|");

		fly(j, s, commands);
		free(commands);
	}
	session_close(s);
	j->ended = true;
}

/* As a member does. */
static void run_all(struct trunk *trunk, struct job *job, size_t len)
{
	bool any;

	do {
		any = false;
		for (size_t i = 0; i < len; i++) {
			if (!job[i].ended && !trunk_holds(trunk, job[i].task))
				ck_assert_int_eq(task_resume(job[i].task),
					!job[i].ended);
			any = any || !job[i].ended;
		}
		if (trunk_waiting(trunk) > 0)
			trunk_fly(trunk);
	} while (any);
}

static void open_scene(struct play *p, const struct scene *scene)
{
	char *script = mem_printf("S: * PREAUTH [CAPABILITY IMAP4rev1 %s] hi\n"
		"%s", scene->capabilities ? scene->capabilities : "UIDPLUS",
		scene->script);

	play_init(p);
	p->options.tunnel = "a tunnel that is not started";
	p->options.preauth = true;
	play_text(p, script, NULL);
	ck_assert_msg(p->session != NULL, "%s", p->err.text);
	free(script);
}

static void start_job(struct job *j, const struct scene *scene, size_t i,
	struct trunk *trunk, const struct worker *w)
{
	static const char *const folders[JOBS] = {"a", "b", "c"};

	*j = (struct job){.trunk = trunk, .worker = *w,
		.flights = scene->job[i],
		.refuses = i == 0 ? scene->refuses : NULL,
		.more = i == 0 ? scene->more : NULL};
	j->worker.folder = folders[i];
	j->task = task_new(run, j);
}

static void play_scene(const struct scene *scene)
{
	struct play p;
	struct job job[JOBS];
	struct trunk *trunk;
	size_t len = 0;

	open_scene(&p, scene);
	trunk = trunk_new(p.session);
	for (; len < JOBS && scene->job[len]; len++)
		start_job(&job[len], scene, len, trunk, &p.worker);
	run_all(trunk, job, len);
	for (size_t i = 0; i < len; i++) {
		ck_assert_str_eq(str_get(&job[i].heard), scene->heard[i]);
		str_clear(&job[i].heard);
		task_free(job[i].task);
	}
	ck_assert_int_eq(trunk_alive(trunk), !scene->lost);
	p.session = trunk_detach(trunk);
	ck_assert_int_eq(p.session != NULL, !scene->lost);
	play_end(&p);
}

START_TEST(two_folders_are_listed_in_one_write)
{
	play_scene(&(struct scene){
		.script =
		"C: A1 SELECT a\n"
		"C: A2 UID FETCH 1:9 (UID FLAGS)\n"
		"C: A3 EXAMINE b\n"
		"C: A4 UID FETCH 1:9 (UID FLAGS)\n"
		"S: * 1 EXISTS\n"
		"S: * OK [UIDVALIDITY 7] valid\n"
		"S: A1 OK done\n"
		"S: * 1 FETCH (UID 5 FLAGS ())\n"
		"S: A2 OK done\n"
		"S: * 2 EXISTS\n"
		"S: A3 OK done\n"
		"S: * 1 FETCH (UID 6 FLAGS ())\n"
		"S: * 2 FETCH (UID 8 FLAGS ())\n"
		"S: A4 NO perhaps\n",
		.job = {"SELECT a;UID FETCH 1:9 (UID FLAGS)",
			"EXAMINE b;UID FETCH 1:9 (UID FLAGS)"},
		.heard = {
		"EXISTS 1\nCONDITION OK [UIDVALIDITY 7] \"valid\"\n#0 OK\n"
		"FETCH 1 UID 5 FLAGS 0x0 ()\n#1 OK\ndone\n",
		"EXISTS 2\n#0 OK\nFETCH 1 UID 6 FLAGS 0x0 ()\n"
		"FETCH 2 UID 8 FLAGS 0x0 ()\n#1 NO\ndone\n"},
	});
}
END_TEST

#define OPEN_TWO \
	"C: A1 SELECT a\n" \
	"C: A2 EXAMINE \"b c\" (QRESYNC (1 2))\n" \
	"S: * OK [UIDVALIDITY 7] valid\n" \
	"S: A1 OK done\n" \
	"S: * OK [UIDVALIDITY 8] valid\n" \
	"S: A2 OK done\n"
#define TWO_OPEN_A "CONDITION OK [UIDVALIDITY 7] \"valid\"\n#0 OK\ndone\n"
#define TWO_OPEN_B "CONDITION OK [UIDVALIDITY 8] \"valid\"\n#0 OK\ndone\n"

START_TEST(a_mailbox_is_selected_again_without_its_parameters)
{
	play_scene(&(struct scene){
		.script = OPEN_TWO
		"C: A3 SELECT a\n"
		"C: A4 UID SEARCH DELETED\n"
		"C: A5 EXAMINE \"b c\"\n"
		"C: A6 UID SEARCH DELETED\n"
		"S: * 1 EXISTS\n"
		"S: * OK [UIDVALIDITY 7] valid\n"
		"S: A3 OK done\n"
		"S: * SEARCH 1\n"
		"S: A4 OK done\n"
		"S: * OK [UIDVALIDITY 8] valid\n"
		"S: A5 OK done\n"
		"S: * SEARCH 2\n"
		"S: A6 OK done\n"
		"C: A7 UID SEARCH DELETED\n"
		"S: * SEARCH\n"
		"S: A7 OK done\n",
		.job = {"SELECT a|UID SEARCH DELETED",
			"EXAMINE \"b c\" (QRESYNC (1 2))|UID SEARCH DELETED|"
			"UID SEARCH DELETED"},
		.heard = {
		TWO_OPEN_A "SEARCH 1\n#0 OK\ndone\n",
		TWO_OPEN_B "SEARCH 2\n#0 OK\ndone\nSEARCH\n#0 OK\ndone\n"},
	});
}
END_TEST

START_TEST(a_mailbox_is_left_first_where_the_server_can)
{
	play_scene(&(struct scene){
		.capabilities = "UNSELECT",
		.script =
		"C: A1 SELECT a\n"
		"C: A2 UNSELECT\n"
		"C: A3 SELECT b\n"
		"S: A1 OK done\n"
		"S: * 1 FETCH (UID 1 FLAGS ())\n"
		"S: A2 OK done\n"
		"S: * 1 FETCH (UID 2 FLAGS ())\n"
		"S: A3 OK done\n",
		.job = {"SELECT a", "SELECT b"},
		.heard = {"#0 OK\ndone\n",
			"FETCH 1 UID 2 FLAGS 0x0 ()\n#0 OK\ndone\n"},
	});
}
END_TEST

START_TEST(nothing_of_a_folder_that_was_replaced_is_delivered)
{
	play_scene(&(struct scene){
		.script = OPEN_TWO
		"C: A3 SELECT a\n"
		"C: A4 UID SEARCH DELETED\n"
		"S: * OK [UIDVALIDITY 9] valid\n"
		"S: A3 OK done\n"
		"S: * SEARCH 1\n"
		"S: A4 OK done\n",
		.job = {"SELECT a|UID SEARCH DELETED|UID SEARCH DELETED",
			"EXAMINE \"b c\" (QRESYNC (1 2))"},
		.heard = {
		TWO_OPEN_A "failed: folder a was replaced by another one "
		"during the run\n"
		"failed: Remote: no folder is selected\n",
		TWO_OPEN_B},
	});
}
END_TEST

START_TEST(what_deletes_waits_for_the_answer_to_its_select)
{
	play_scene(&(struct scene){
		.script =
		"C: A1 SELECT a\n"
		"C: A2 SELECT b\n"
		"C: A3 SELECT c\n"
		"S: A1 OK done\n"
		"S: A2 OK done\n"
		"S: A3 OK done\n"
		"C: A4 UID STORE 1 +FLAGS.SILENT (\\\\Deleted)\n"
		"C: A5 UID EXPUNGE 1\n"
		"C: A6 SELECT a\n"
		"S: * 4 EXPUNGE\n"
		"S: A4 OK done\n"
		"S: A5 OK done\n"
		"S: A6 OK done\n"
		"C: A7 UID STORE 1 +FLAGS.SILENT (\\\\Deleted)\n"
		"C: A8 SELECT b\n"
		"S: * 1 EXPUNGE\n"
		"S: A7 OK done\n"
		"S: A8 NO [NONEXISTENT] gone\n",
		.job = {"SELECT a|UID STORE 1 +FLAGS.SILENT (\\Deleted)",
			"SELECT b|UID MOVE 1 d",
			"SELECT c|UID STORE 1 +FLAGS.SILENT (\\Deleted);"
			"UID EXPUNGE 1"},
		.heard = {
		"#0 OK\ndone\nEXPUNGE 1\n#0 OK\ndone\n",
		"#0 OK\ndone\nfailed: SELECT: [NONEXISTENT] gone\n",
		"#0 OK\ndone\nEXPUNGE 4\n#0 OK\n#1 OK\ndone\n"},
	});
}
END_TEST

START_TEST(flags_do_not_wait)
{
	play_scene(&(struct scene){
		.script =
		"C: A1 SELECT a\n"
		"C: A2 SELECT b\n"
		"S: A1 OK done\n"
		"S: A2 OK done\n"
		"C: A3 SELECT a\n"
		"C: A4 UID STORE 1 +FLAGS.SILENT (\\\\Seen)\n"
		"C: A5 SELECT b\n"
		"C: A6 UID STORE 2 -FLAGS.SILENT (\\\\Deleted)\n"
		"S: A3 OK done\n"
		"S: A4 OK done\n"
		"S: A5 OK done\n"
		"S: A6 OK done\n",
		.job = {"SELECT a|UID STORE 1 +FLAGS.SILENT (\\Seen)",
			"SELECT b|UID STORE 2 -FLAGS.SILENT (\\Deleted)"},
		.heard = {"#0 OK\ndone\n#0 OK\ndone\n",
			"#0 OK\ndone\n#0 OK\ndone\n"},
	});
}
END_TEST

START_TEST(what_follows_a_refused_select_is_nobodys)
{
	play_scene(&(struct scene){
		.script =
		"C: A1 SELECT a\n"
		"C: A2 SELECT b\n"
		"C: A3 UID FETCH 1:9 (UID FLAGS)\n"
		"C: A4 SELECT c\n"
		"S: A1 OK done\n"
		"S: A2 NO not now\n"
		"S: * 1 FETCH (UID 5 FLAGS ())\n"
		"S: A3 OK of the old one\n"
		"S: * 2 FETCH (UID 6 FLAGS ())\n"
		"S: * 3 EXISTS\n"
		"S: A4 OK done\n",
		.job = {"SELECT a", "SELECT b;UID FETCH 1:9 (UID FLAGS)|"
			"UID SEARCH DELETED", "SELECT c"},
		.heard = {"#0 OK\ndone\n",
			"#0 NO\n#1 OK\ndone\n"
			"failed: Remote: no folder is selected\n",
			"EXISTS 3\n#0 OK\ndone\n"},
	});
}
END_TEST

START_TEST(who_gives_up_costs_nobody_else)
{
	play_scene(&(struct scene){
		.refuses = "\"x\"",
		.script =
		"C: A1 SELECT a\n"
		"C: A2 UID FETCH 1:2 (UID BODY.PEEK[])\n"
		"C: A3 SELECT b\n"
		"C: A4 UID FETCH 1:2 (UID BODY.PEEK[])\n"
		"S: A1 OK done\n"
		"S: * 1 FETCH (UID 1 BODY[] {1}\n"
		"S: x)\n"
		"S: * 2 FETCH (UID 2 BODY[] {1}\n"
		"S: y)\n"
		"S: A2 OK done\n"
		"S: A3 OK done\n"
		"S: * 1 FETCH (UID 1 BODY[] {1}\n"
		"S: z)\n"
		"S: A4 OK done\n"
		"C: A5 SELECT a\n"
		"C: A6 UID SEARCH DELETED\n"
		"S: A5 OK done\n"
		"S: * SEARCH 5\n"
		"S: A6 OK done\n",
		.job = {"SELECT a;UID FETCH 1:2 (UID BODY.PEEK[])|"
			"UID SEARCH DELETED",
			"SELECT b;UID FETCH 1:2 (UID BODY.PEEK[])"},
		.heard = {"#0 OK\n\"x\"\nfailed: not wanted\n"
			"SEARCH 5\n#0 OK\ndone\n",
			"#0 OK\n\"z\"\nFETCH 1 UID 1 STREAMED {1}\n#1 OK\n"
			"done\n"},
	});
}
END_TEST

START_TEST(bodies_that_nobody_wants_cost_the_connection)
{
	play_scene(&(struct scene){
		.refuses = "\"x\"",
		.lost = true,
		.script =
		"C: A1 SELECT a\n"
		"C: A2 UID FETCH 1:2 (UID BODY.PEEK[])\n"
		"C: A3 NOOP\n"
		"S: A1 OK done\n"
		"S: A3 OK done\n"
		"S: * 1 FETCH (UID 1 BODY[] {100000}\n"
		"S- x\n"
		"GONE\n",
		.job = {"SELECT a;UID FETCH 1:2 (UID BODY.PEEK[])", "NOOP"},
		.heard = {"#0 OK\n\"x\"\nfailed: not wanted\n",
			"#0 OK\ndone\n"},
	});
}
END_TEST

START_TEST(a_lost_connection_fails_those_without_an_answer)
{
	play_scene(&(struct scene){
		.lost = true,
		.script =
		"C: A1 SELECT a\n"
		"C: A2 SELECT b\n"
		"C: A3 UID SEARCH DELETED\n"
		"C: A4 SELECT c\n"
		"S: A1 OK done\n"
		"S: A2 OK done\n"
		"CLOSE\n",
		.job = {"SELECT a|UID SEARCH DELETED",
			"SELECT b;UID SEARCH DELETED", "SELECT c"},
		.heard = {"#0 OK\ndone\n"
			"failed unreached: Remote: the session is over\n",
			"#0 OK\nfailed: imap.example.org:143: the "
			"server closed the connection\n",
			"failed unreached: imap.example.org:143: the "
			"server closed the connection\n"},
	});
}
END_TEST

START_TEST(a_mailbox_ends_when_the_server_says_that_it_is_closed)
{
	play_scene(&(struct scene){
		.script =
		"C: A1 SELECT a\n"
		"C: A2 SELECT b\n"
		"C: A3 SELECT c\n"
		"S: A1 OK done\n"
		"S: * 1 FETCH (UID 1 FLAGS ())\n"
		"S: * OK [CLOSED] old one\n"
		"S: * 1 FETCH (UID 2 FLAGS ())\n"
		"S: A2 OK done\n"
		"S: * 1 FETCH (UID 3 FLAGS ())\n"
		"S: * VANISHED (EARLIER) 7\n"
		"S: A3 OK done\n",
		.job = {"SELECT a", "SELECT b", "SELECT c"},
		.heard = {"#0 OK\ndone\n",
			"CONDITION OK [CLOSED] \"old one\"\n"
			"FETCH 1 UID 2 FLAGS 0x0 ()\n#0 OK\ndone\n",
			"VANISHED EARLIER 7\n#0 OK\ndone\n"},
	});
}
END_TEST

START_TEST(an_extended_search_is_told_by_its_tag)
{
	play_scene(&(struct scene){
		.script =
		"C: A1 SELECT a\n"
		"C: A2 UID SEARCH RETURN (ALL) SEEN\n"
		"C: A3 SELECT b\n"
		"C: A4 UID SEARCH RETURN (ALL) SEEN\n"
		"C: A5 UID SEARCH RETURN (ALL) DRAFT\n"
		"S: A1 OK done\n"
		"S: * ESEARCH (TAG \"A4\") UID ALL 9\n"
		"S: * ESEARCH (TAG \"A2\") UID ALL 1\n"
		"S: A2 OK done\n"
		"S: A3 OK done\n"
		"S: * ESEARCH (TAG \"A5\") UID ALL 3\n"
		"S: * ESEARCH (TAG \"A4\") UID ALL 2\n"
		"S: A4 OK done\n"
		"S: A5 OK done\n",
		.job = {"SELECT a;UID SEARCH RETURN (ALL) SEEN",
			"SELECT b;UID SEARCH RETURN (ALL) SEEN;"
			"UID SEARCH RETURN (ALL) DRAFT"},
		.heard = {"#0 OK\nESEARCH TAG \"A2\" UID ALL 1\n#1 OK\ndone\n",
			"#0 OK\nESEARCH TAG \"A3\" UID ALL 3\n"
			"ESEARCH TAG \"A2\" UID ALL 2\n#1 OK\n#2 OK\ndone\n"},
	});
}
END_TEST

START_TEST(what_is_told_of_a_folder_between_its_flights_is_dropped)
{
	play_scene(&(struct scene){
		.script =
		"C: A1 SELECT a\n"
		"C: A2 STATUS x (MESSAGES)\n"
		"C: A3 STATUS y (MESSAGES)\n"
		"S: A1 OK done\n"
		"S: * 1 EXPUNGE\n"
		"S: * STATUS x (MESSAGES 1)\n"
		"S: A2 OK done\n"
		"S: * STATUS y (MESSAGES 2)\n"
		"S: A3 OK done\n",
		.job = {"SELECT a", "STATUS x (MESSAGES)",
			"STATUS y (MESSAGES)"},
		.heard = {"#0 OK\ndone\n",
			"STATUS \"x\" MESSAGES 1\n#0 OK\ndone\n",
			"STATUS \"x\" MESSAGES 1\nSTATUS \"y\" MESSAGES 2\n"
			"#0 OK\ndone\n"},
	});
}
END_TEST

START_TEST(one_that_is_alone_adds_commands_on_its_way)
{
	play_scene(&(struct scene){
		.more = "UID FETCH 3 (UID);UID FETCH 4 (UID)",
		.script =
		"C: A1 SELECT a\n"
		"C: A2 UID FETCH 1:2 (UID)\n"
		"C: A3 SELECT b\n"
		"S: A1 OK done\n"
		"S: A2 OK done\n"
		"S: A3 OK done\n"
		"C: A4 SELECT a\n"
		"C: A5 UID SEARCH SEEN\n"
		"S: A4 OK done\n"
		"C: A6 UID FETCH 3 (UID)\n"
		"S: A5 OK done\n"
		"C: A7 UID FETCH 4 (UID)\n"
		"S: * 3 FETCH (UID 3)\n"
		"S: A6 OK done\n"
		"S: A7 OK done\n",
		.job = {"SELECT a;UID FETCH 1:2 (UID)|UID SEARCH SEEN",
			"SELECT b"},
		.heard = {"#0 OK\n#1 OK\ndone\n"
			"#0 OK\nFETCH 3 UID 3\n#1 OK\n#2 OK\ndone\n",
			"#0 OK\ndone\n"},
	});
}
END_TEST

START_TEST(a_branch_without_a_task_flies_at_once)
{
	static const struct scene scene = {
		.script = "C: A1 SELECT a\nS: A1 OK done\n"
		"C: A2 SELECT b\nS: A2 OK done\n"
		"C: A3 SELECT a\nC: A4 UID SEARCH DELETED\n"
		"S: A3 OK done\nS: A4 OK done\n",
	};
	struct play p;
	struct trunk *trunk;
	struct job job[2] = {{0}, {0}};
	struct session *s[2];

	open_scene(&p, &scene);
	trunk = trunk_new(p.session);
	for (int i = 0; i < 2; i++)
		s[i] = trunk_branch(trunk, NULL, &p.worker);
	fly(&job[0], s[0], "SELECT a");
	fly(&job[1], s[1], "SELECT b");
	fly(&job[0], s[0], "UID SEARCH DELETED");
	ck_assert_str_eq(str_get(&job[0].heard), "#0 OK\ndone\n#0 OK\ndone\n");
	ck_assert_str_eq(str_get(&job[1].heard), "#0 OK\ndone\n");
	for (int i = 0; i < 2; i++) {
		ck_assert(session_alive(s[i]));
		session_close(s[i]);
		str_clear(&job[i].heard);
	}
	p.session = trunk_detach(trunk);
	play_end(&p);
}
END_TEST

Suite *trunk_suite(void)
{
	Suite *suite = suite_create("trunk");
	TCase *tc = tcase_create("trunk");

	tcase_add_test(tc, two_folders_are_listed_in_one_write);
	tcase_add_test(tc,
		a_mailbox_is_selected_again_without_its_parameters);
	tcase_add_test(tc, a_mailbox_is_left_first_where_the_server_can);
	tcase_add_test(tc, nothing_of_a_folder_that_was_replaced_is_delivered);
	tcase_add_test(tc, what_deletes_waits_for_the_answer_to_its_select);
	tcase_add_test(tc, flags_do_not_wait);
	tcase_add_test(tc, what_follows_a_refused_select_is_nobodys);
	tcase_add_test(tc, who_gives_up_costs_nobody_else);
	tcase_add_test(tc, bodies_that_nobody_wants_cost_the_connection);
	tcase_add_test(tc, a_lost_connection_fails_those_without_an_answer);
	tcase_add_test(tc,
		a_mailbox_ends_when_the_server_says_that_it_is_closed);
	tcase_add_test(tc, an_extended_search_is_told_by_its_tag);
	tcase_add_test(tc,
		what_is_told_of_a_folder_between_its_flights_is_dropped);
	tcase_add_test(tc, one_that_is_alone_adds_commands_on_its_way);
	tcase_add_test(tc, a_branch_without_a_task_flies_at_once);
	suite_add_tcase(suite, tc);
	return suite;
}
