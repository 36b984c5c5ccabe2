/*
 * The engine behind a front end that shows nothing and records events: it
 * needs include/ alone, and the scripted server for what a login meets.
 */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "engine.h"
#include "imap/net.h"
#include "mem.h"
#include "run/approve.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "run/jobs.h"
#include "suites.h"
#include "support/fake_server.h"

#define GREETING "S: * OK [CAPABILITY IMAP4rev1] ready\n"
#define REFUSED "C? A1 LOGIN *\nC: A2 LIST \"\" \"*\"\n" \
	"S: A1 NO [AUTHENTICATIONFAILED] wrong\nS: A2 BAD\n"

/* The recording front end. */
struct record {
	unsigned count[EVENT_KIND_COUNT];
	int status;
	char error[ERROR_TEXT_SIZE];
	char reason[ERROR_TEXT_SIZE];
	char started[16]; /* the accounts' first letters */
	size_t started_len;
};

static char directory[] = "/tmp/check_engine.XXXXXX";

static void setup(void)
{
	struct error err = {0};

	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert(net_global_init(&err));
}

static void teardown(void)
{
	char *command = mem_printf("rm -rf '%s'", directory);

	ck_assert_int_eq(system(command), 0);
	free(command);
}

/* Many accounts of which none gets anywhere. */
static struct conf *make_crowd(const char *accounts)
{
	char *path = mem_printf("%s/rc", directory);
	FILE *file = fopen(path, "w");
	struct error err = {0};
	struct conf *conf;

	ck_assert_ptr_nonnull(file);
	fprintf(file, "[general]\naccounts = %s\nmetadata = %s/meta\n",
		accounts, directory);
	for (const char *name = accounts; *name != '\0'; name++)
		if (*name != ',')
			fprintf(file, "[Account %c]\nlocalrepository = L\n"
				"remoterepository = R\n", *name);
	fprintf(file, "[Repository L]\ntype = Maildir\n"
		"localfolders = %s/mail\n[Repository R]\ntype = IMAP\n"
		"remotehost = 127.0.0.1\nremoteport = 1\nremoteuser = u\n"
		"remotepass = p\nssl = no\nstarttls = no\n", directory);
	fclose(file);
	conf = conf_load(path, NULL, &err);
	ck_assert_msg(conf != NULL, "%s", err.text);
	free(path);
	return conf;
}

static struct conf *make_conf(const char *port, const char *password)
{
	char *path = mem_printf("%s/rc", directory);
	FILE *file = fopen(path, "w");
	struct error err = {0};
	struct conf *conf;

	ck_assert_ptr_nonnull(file);
	fprintf(file, "[general]\naccounts = A\nmetadata = %s/meta\n"
		"[Account A]\nlocalrepository = L\nremoterepository = R\n"
		"[Repository L]\ntype = Maildir\nlocalfolders = %s/mail\n"
		"[Repository R]\ntype = IMAP\nremotehost = 127.0.0.1\n"
		"remoteport = %s\nremoteuser = u\n%s%s\n"
		"ssl = no\nstarttls = no\n",
		directory, directory, port,
		password != NULL ? "remotepass = " : "",
		password != NULL ? password : "");
	fclose(file);
	conf = conf_load(path, NULL, &err);
	ck_assert_msg(conf != NULL, "%s", err.text);
	free(path);
	return conf;
}

typedef void on_event(struct engine *engine, const struct event *ev,
	struct record *record);

static void note(struct record *record, const struct event *ev)
{
	record->count[ev->kind]++;
	if (ev->kind == EVENT_ACCOUNT_START &&
		record->started_len + 1 < sizeof(record->started))
		record->started[record->started_len++] = ev->account[0];
	if (ev->kind == EVENT_FINISHED)
		record->status = ev->u.finished.exit_status;
	if (ev->kind == EVENT_ERROR)
		snprintf(record->error, sizeof(record->error), "%s",
			ev->u.error.text);
	if (ev->kind == EVENT_PASSWORD)
		snprintf(record->reason, sizeof(record->reason), "%s",
			ev->u.password.reason);
}

static void run_with(const struct conf *conf, const char *const *accounts,
	on_event *act, struct record *record)
{
	const struct run_options options = {.accounts = accounts};
	struct error err = {0};
	struct engine *engine = engine_start(conf, &options, &err);

	*record = (struct record){0};
	ck_assert_msg(engine != NULL, "%s", err.text);
	while (record->count[EVENT_FINISHED] == 0) {
		struct pollfd fd = {.fd = engine_fd(engine), .events = POLLIN};
		struct event *ev;

		ck_assert_int_eq(poll(&fd, 1, 60000), 1);
		while ((ev = engine_next(engine)) != NULL) {
			note(record, ev);
			if (act != NULL)
				act(engine, ev, record);
			event_free(ev);
		}
	}
	engine_free(engine);
}

static void run(const struct conf *conf, on_event *act, struct record *record)
{
	run_with(conf, NULL, act, record);
}

START_TEST(accounts_begin_in_the_order_asked_for)
{
	struct conf *conf = make_crowd("H,C,A,G,B,F,D,E");
	struct record record;

	run(conf, NULL, &record);
	ck_assert_str_eq(record.started, "HCAGBFDE");
	conf_free(conf);
}
END_TEST

START_TEST(an_account_named_twice_runs_once)
{
	static const char *const names[] = {"B", "A", "B", NULL};
	struct conf *conf = make_crowd("A,B");
	struct record record;

	run_with(conf, names, NULL, &record);
	ck_assert_str_eq(record.started, "BA");
	ck_assert_int_eq(record.status, EXIT_STATUS_NETWORK);
	conf_free(conf);
}
END_TEST

START_TEST(a_worker_keeps_its_cell_over_the_rounds)
{
	static const struct run_options options = {0};
	struct conf *conf = make_conf("1", "p");
	struct error err = {0};
	struct engine *engine = engine_start(conf, &options, &err);
	struct worker w = {0};
	struct connector c;
	unsigned cells[2];

	ck_assert_msg(engine != NULL, "%s", err.text);
	connector_init(&c, engine, &conf->account[0], &w);
	cells[1] = connector_cell(&c, 1);
	cells[0] = connector_cell(&c, 0);
	ck_assert_uint_ne(cells[0], cells[1]);
	ck_assert_uint_eq(connector_cell(&c, 1), cells[1]);
	ck_assert_uint_eq(connector_cell(&c, 0), cells[0]);
	connector_clear(&c);
	engine_free(engine);
	conf_free(conf);
}
END_TEST

START_TEST(an_unknown_account_is_refused_with_the_known_ones)
{
	static const char *const names[] = {"B", NULL};
	struct conf *conf = make_conf("1", "p");
	struct run_options options = {.accounts = names};
	struct error err = {0};

	ck_assert_ptr_null(engine_start(conf, &options, &err));
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, "'B'"));
	ck_assert_ptr_nonnull(strstr(err.text, "A"));
	conf_free(conf);
}
END_TEST

START_TEST(an_approval_for_an_unknown_account_is_refused)
{
	static const char *const given[] = {"A:INBOX", "B:INBOX", NULL};
	struct conf *conf = make_conf("1", "p");
	struct run_options options = {.approved = given};
	struct error err = {0};

	ck_assert_ptr_null(engine_start(conf, &options, &err));
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.text, "--approve-deletions: "));
	ck_assert_ptr_nonnull(strstr(err.text, "'B:INBOX'"));
	conf_free(conf);
}
END_TEST

START_TEST(a_refused_connection_ends_as_network)
{
	struct fake_server *server = fake_server_listen("", NULL);
	struct conf *conf = make_conf(fake_server_port(server), "p");
	struct record record;

	run(conf, NULL, &record);
	ck_assert_int_eq(record.status, EXIT_STATUS_NETWORK);
	ck_assert_uint_eq(record.count[EVENT_ERROR], 1);
	ck_assert_uint_eq(record.count[EVENT_ACCOUNT_START], 1);
	ck_assert_uint_eq(record.count[EVENT_ACCOUNT_END], 1);
	free(fake_server_end(server));
	conf_free(conf);
}
END_TEST

START_TEST(a_wrong_password_of_the_file_is_not_asked_again)
{
	struct fake_server *server = fake_server_listen(
		GREETING REFUSED "GONE\n", NULL);
	struct conf *conf = make_conf(fake_server_port(server), "p");
	struct record record;
	char *why;

	run(conf, NULL, &record);
	why = fake_server_end(server);
	ck_assert_msg(why == NULL, "%s", why);
	ck_assert_int_eq(record.status, EXIT_STATUS_AUTH);
	ck_assert_uint_eq(record.count[EVENT_PASSWORD], 0);
	ck_assert_ptr_nonnull(strstr(record.error, "wrong"));
	conf_free(conf);
}
END_TEST

static void answer(struct engine *engine, const struct event *ev,
	struct record *record)
{
	struct command command = {.kind = COMMAND_PASSWORD,
		.password = "secret"};

	if (ev->kind != EVENT_PASSWORD)
		return;
	command.id = ev->u.password.id;
	if (record->count[EVENT_PASSWORD] == 2)
		command.password = NULL;
	engine_command(engine, &command);
}

START_TEST(a_refused_typed_password_is_asked_for_again)
{
	struct fake_server *server = fake_server_listen(
		GREETING REFUSED "GONE\n", NULL);
	struct conf *conf = make_conf(fake_server_port(server), NULL);
	struct record record;

	run(conf, answer, &record);
	free(fake_server_end(server));
	ck_assert_uint_eq(record.count[EVENT_PASSWORD], 2);
	ck_assert_ptr_nonnull(strstr(record.reason, "wrong"));
	ck_assert_int_eq(record.status, EXIT_STATUS_AUTH);
	ck_assert_ptr_null(strstr(record.error, "secret"));
	/* The refusal stands, not that there was no other password. */
	ck_assert_ptr_nonnull(strstr(record.error, "wrong"));
	conf_free(conf);
}
END_TEST

static void stop_at_question(struct engine *engine, const struct event *ev,
	struct record *record)
{
	struct command command = {.kind = COMMAND_STOP};

	(void)record;
	if (ev->kind == EVENT_PASSWORD)
		engine_command(engine, &command);
}

START_TEST(stopping_ends_a_wait_for_a_password)
{
	struct conf *conf = make_conf("1", NULL);
	struct record record;

	run(conf, stop_at_question, &record);
	ck_assert_int_eq(record.status, EXIT_STATUS_INTERRUPTED);
	ck_assert_uint_eq(record.count[EVENT_ERROR], 0);
	conf_free(conf);
}
END_TEST

static const struct {
	enum exit_status a, b, worse;
} pairs[] = {
	{EXIT_STATUS_OK, EXIT_STATUS_OK, EXIT_STATUS_OK},
	{EXIT_STATUS_OK, EXIT_STATUS_INTERRUPTED, EXIT_STATUS_INTERRUPTED},
	{EXIT_STATUS_PARTIAL, EXIT_STATUS_HELD, EXIT_STATUS_HELD},
	{EXIT_STATUS_HELD, EXIT_STATUS_ERROR, EXIT_STATUS_ERROR},
	{EXIT_STATUS_AUTH, EXIT_STATUS_NETWORK, EXIT_STATUS_AUTH},
	{EXIT_STATUS_CONFIG, EXIT_STATUS_AUTH, EXIT_STATUS_CONFIG},
};

START_TEST(the_worse_status_counts)
{
	ck_assert_int_eq(engine_status_worse(pairs[_i].a, pairs[_i].b),
		pairs[_i].worse);
	ck_assert_int_eq(engine_status_worse(pairs[_i].b, pairs[_i].a),
		pairs[_i].worse);
}
END_TEST

START_TEST(approval_is_for_the_account_or_one_folder)
{
	static const char *const given[] = {"A:INBOX", "B", NULL};
	struct run_options options = {.approved = given};

	ck_assert(approve_given(&options, "A", "INBOX"));
	ck_assert(!approve_given(&options, "A", "Sent"));
	ck_assert(!approve_given(&options, "A", NULL));
	ck_assert(approve_given(&options, "B", "Sent"));
	ck_assert(approve_given(&options, "B", NULL));
	ck_assert(!approve_given(&options, "BB", "Sent"));
	ck_assert(approve_names(given[0], "A"));
	ck_assert(approve_names(given[1], "B"));
	ck_assert(!approve_names(given[1], "BB"));
}
END_TEST

START_TEST(the_suggested_command_is_safe_in_a_shell)
{
	struct run_options options = {.config_path = "/a b"};
	char *command = approve_command(&options, "A", "x'; rm -rf $HOME");

	ck_assert_str_eq(command, "offlineimap -c '/a b' -o -a 'A' "
		"--approve-deletions 'A:x'\\''; rm -rf $HOME'");
	free(command);
}
END_TEST

START_TEST(jobs_are_taken_once_and_none_after_closing)
{
	struct jobs *jobs = jobs_new(3);
	size_t index = 9;

	ck_assert(jobs_take(jobs, JOBS_ANY, &index) && index == 0);
	ck_assert(jobs_take(jobs, JOBS_ANY, &index) && index == 1);
	jobs_close(jobs);
	ck_assert(!jobs_take(jobs, JOBS_ANY, &index));
	jobs_free(jobs);
}
END_TEST

START_TEST(the_job_that_is_wanted_first_is_taken_next)
{
	struct jobs *jobs = jobs_new(4);
	size_t index = 9;

	ck_assert(jobs_take(jobs, 2, &index) && index == 2);
	ck_assert(jobs_take(jobs, 2, &index) && index == 0);
	ck_assert(jobs_take(jobs, 1, &index) && index == 1);
	ck_assert(jobs_take(jobs, 9, &index) && index == 3);
	ck_assert(!jobs_take(jobs, 0, &index));
	jobs_free(jobs);
}
END_TEST

START_TEST(jobs_are_taken_in_the_order_given)
{
	struct jobs *jobs = jobs_new(3);
	size_t *order = mem_calloc(3, sizeof(*order)), index = 9;

	order[0] = 2;
	order[2] = 1;
	jobs_order(jobs, order);
	ck_assert(jobs_take(jobs, JOBS_ANY, &index) && index == 2);
	ck_assert(jobs_take(jobs, 1, &index) && index == 1);
	ck_assert(jobs_take(jobs, JOBS_ANY, &index) && index == 0);
	ck_assert(!jobs_take(jobs, JOBS_ANY, &index));
	jobs_free(jobs);
}
END_TEST

Suite *engine_suite(void)
{
	Suite *suite = suite_create("engine");
	TCase *tc = tcase_create("engine");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, accounts_begin_in_the_order_asked_for);
	tcase_add_test(tc, an_account_named_twice_runs_once);
	tcase_add_test(tc, a_worker_keeps_its_cell_over_the_rounds);
	tcase_add_test(tc, an_unknown_account_is_refused_with_the_known_ones);
	tcase_add_test(tc,
		an_approval_for_an_unknown_account_is_refused);
	tcase_add_test(tc, a_refused_connection_ends_as_network);
	tcase_add_test(tc, a_wrong_password_of_the_file_is_not_asked_again);
	tcase_add_test(tc, a_refused_typed_password_is_asked_for_again);
	tcase_add_test(tc, stopping_ends_a_wait_for_a_password);
	tcase_add_loop_test(tc, the_worse_status_counts, 0,
		(int)ARRAY_LEN(pairs));
	tcase_add_test(tc, approval_is_for_the_account_or_one_folder);
	tcase_add_test(tc, the_suggested_command_is_safe_in_a_shell);
	tcase_add_test(tc, jobs_are_taken_once_and_none_after_closing);
	tcase_add_test(tc, the_job_that_is_wanted_first_is_taken_next);
	tcase_add_test(tc, jobs_are_taken_in_the_order_given);
	suite_add_tcase(suite, tc);
	return suite;
}
