#include "config.h"

#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "engine.h"
#include "event.h"
#include "json_text.h"
#include "support/fake_engine.h"
#include "ui_ops.h"

#define ACCOUNT .thread = "Account sync Test", .account = "Test"

/* ---- Lines ---- */

static void event_line(const struct event *templ, struct str *out)
{
	struct event *ev = event_copy(templ);

	str_reset(out);
	json_add_event(out, ev);
	event_free(ev);
}

static json_t *parse_line(const struct str *line)
{
	json_error_t error;
	json_t *object = json_loadb(line->data, line->len, 0, &error);

	ck_assert_msg(object != NULL, "%s: %s", error.text, str_get(line));
	ck_assert_int_eq(line->data[line->len - 1], '\n');
	ck_assert_ptr_eq(memchr(line->data, '\n', line->len),
		line->data + line->len - 1);
	return object;
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	ck_assert_msg(text != NULL, "no %s", name);
	return text;
}

START_TEST(every_kind_is_one_object_with_all_its_fields)
{
	enum event_kind kind = (enum event_kind)_i;
	struct event templ = { .kind = kind, .time_ms = 1234,
		.thread = "T", .account = "A", .folder = "F" };
	struct str line = { 0 }, name = { 0 };
	json_t *object;

	event_line(&templ, &line);
	object = parse_line(&line);
	json_kind_name(kind, &name);
	ck_assert_str_eq(text_of(object, "event"), str_get(&name));
	ck_assert_int_eq(json_integer_value(
		json_object_get(object, "time_ms")), 1234);
	ck_assert_str_eq(text_of(object, "thread"), "T");
	ck_assert_str_eq(text_of(object, "account"), "A");
	ck_assert_str_eq(text_of(object, "folder"), "F");
	for (const struct json_field *f = json_fields(kind);
		f->name != NULL; f++)
		ck_assert_msg(json_object_get(object, f->name) != NULL,
			"%s lacks %s", str_get(&name), f->name);
	json_decref(object);
	str_clear(&line);
	str_clear(&name);
}
END_TEST

START_TEST(a_file_is_told_as_it_is)
{
	struct event templ = { .kind = EVENT_FILE, .time_ms = 5,
		.thread = "T", .account = "A", .folder = "I",
		.u.file = { FILE_MOVED, "/m/cur/b\"\001", "/m/cur/a", 7,
			"FS" } };
	struct str line = { 0 };

	event_line(&templ, &line);
	ck_assert_str_eq(str_get(&line), "{\"event\":\"file\",\"time_ms\":5,"
		"\"thread\":\"T\",\"account\":\"A\",\"folder\":\"I\","
		"\"change\":\"moved\",\"path\":\"/m/cur/b\\\"\\u0001\","
		"\"old_path\":\"/m/cur/a\",\"uid\":7,\"flags\":\"FS\"}\n");
	str_clear(&line);
}
END_TEST

struct bytes_row {
	const char *path, *shown, *bytes; /* bytes NULL: no second field */
};

#define R "\357\277\275"

static const struct bytes_row bytes_rows[] = {
	{ "plain", "plain", NULL },
	{ "gr\303\274n \342\202\254 \360\237\230\200", "gr\303\274n "
		"\342\202\254 \360\237\230\200", NULL },
	{ "gr\374n", "gr" R "n", "Z3L8bg==" },
	{ "\303", R, "ww==" },
	{ "a\300\200", "a" R R, "YcCA" },               /* overlong */
	{ "\340\200\200", R R R, "4ICA" },
	{ "\355\240\200", R R R, "7aCA" },              /* surrogate */
	{ "\364\220\200\200", R R R R, "9JCAgA==" },    /* beyond the end */
	{ "\342\202", R R, "4oI=" },
	{ "\377x", R "x", "/3g=" },
};

START_TEST(what_is_no_utf8_has_its_bytes_beside_it)
{
	const struct bytes_row *row = &bytes_rows[_i];
	struct event templ = { .kind = EVENT_FILE, .thread = "T",
		.u.file = { .path = row->path } };
	struct str line = { 0 };
	json_t *object;
	const json_t *bytes;

	event_line(&templ, &line);
	object = parse_line(&line);
	ck_assert_str_eq(text_of(object, "path"), row->shown);
	bytes = json_object_get(object, "path_bytes");
	if (row->bytes == NULL)
		ck_assert_ptr_null(bytes);
	else
		ck_assert_str_eq(json_string_value(bytes), row->bytes);
	ck_assert_ptr_null(json_object_get(object, "old_path_bytes"));
	json_decref(object);
	str_clear(&line);
}
END_TEST

/* ---- The manual ---- */

static void read_page(struct str *page)
{
	FILE *file = fopen(SRCDIR "/man/offlineimap-json.7", "r");
	char bytes[4096];
	size_t n;

	ck_assert_ptr_nonnull(file);
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		str_add_mem(page, bytes, n);
	fclose(file);
}

/* "Va name" at the start of a line or in one, alone or before punctuation. */
static bool has_macro(const char *page, const char *macro, const char *name)
{
	struct str wanted = { 0 };
	size_t len;
	bool found = false;

	str_printf(&wanted, "%s %s", macro, name);
	len = wanted.len;
	for (const char *at = strstr(page, str_get(&wanted));
		at != NULL && !found; at = strstr(at + 1, str_get(&wanted)))
		found = at[len] == '\n' || at[len] == ' ';
	str_clear(&wanted);
	return found;
}

/* From the event's item to the next event that has an item. */
static char *item_of(const char *page, const char *kind)
{
	struct str head = { 0 };
	const char *from, *to;
	char *item;

	str_printf(&head, "\n.It Ic %s\n", kind);
	from = strstr(page, str_get(&head));
	ck_assert_msg(from != NULL, "the manual has no item %s", kind);
	to = strstr(from + head.len, "\n.It Ic ");
	/* Two items in a row share one text. */
	if (to == from + head.len - 1)
		to = strstr(to + 1, "\n.It Ic ");
	item = span_dup((struct span){ from,
		to != NULL ? (size_t)(to - from) : strlen(from) });
	str_clear(&head);
	return item;
}

/* Fields that are those of another event, by the words of the manual. */
static const char *model_of(enum event_kind kind)
{
	if (kind == EVENT_FOLDER_END)
		return "account_end";
	return kind == EVENT_DIRECTION ? "folder_start" : NULL;
}

START_TEST(every_kind_and_field_is_in_the_manual)
{
	struct str page = { 0 }, kind = { 0 };

	read_page(&page);
	json_kind_name((enum event_kind)_i, &kind);
	const char *model = model_of((enum event_kind)_i);
	char *item = item_of(str_get(&page), str_get(&kind));
	char *other = item_of(str_get(&page),
		model != NULL ? model : str_get(&kind));
	ck_assert(model == NULL || has_macro(item, ".Ic", model));
	for (const struct json_field *f = json_fields((enum event_kind)_i);
		f->name != NULL; f++)
		ck_assert_msg(has_macro(item, ".Va", f->name) ||
			has_macro(other, ".Va", f->name),
			"%s is missing at %s", f->name, str_get(&kind));
	free(item);
	free(other);
	str_clear(&page);
	str_clear(&kind);
}
END_TEST

START_TEST(every_value_is_in_the_manual)
{
	struct str page = { 0 };
	const char *name;

	read_page(&page);
	for (size_t i = 0; (name = json_enum_name((enum json_type)_i, i)) !=
		NULL; i++)
		ck_assert_msg(has_macro(str_get(&page), "Li", name), "%s",
			name);
	str_clear(&page);
}
END_TEST

/* ---- The front end ---- */

/* Runs a script with this on standard input; the lines that came out. */
struct stage {
	struct fake_engine fake;
	json_t *lines; /* array */
	int status;
};

static void collect(FILE *file, json_t *lines)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t n;

	rewind(file);
	while ((n = getline(&text, &size, file)) > 0) {
		json_t *line = json_loadb(text, (size_t)n, 0, NULL);

		ck_assert_msg(json_is_object(line), "%s", text);
		json_array_append_new(lines, line);
	}
	free(text);
}

static void play(struct stage *stage, const struct fake_step *steps,
	size_t count, const char *input)
{
	struct error err = { 0 };
	FILE *out = tmpfile();
	int keyboard[2], signals[2];

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(pipe(keyboard), 0);
	ck_assert_int_eq(pipe(signals), 0);
	ck_assert_int_eq(write(keyboard[1], input, strlen(input)),
		(ssize_t)strlen(input));
	close(keyboard[1]);
	fake_engine_init(&stage->fake, steps, count);
	struct ui_io io = { keyboard[0], fileno(out), fileno(out) };
	struct ui_options options = {
		.ops = ui_find("json", &err),
		.signal_fd = signals[0],
		.version = "9.0.0",
		.arguments = "",
	};
	ck_assert_ptr_nonnull(options.ops);
	stage->status = ui_run_with(&stage->fake.source, &io, &options);
	stage->lines = json_array();
	collect(out, stage->lines);
	fclose(out);
	close(keyboard[0]);
	close(signals[0]);
	close(signals[1]);
}

#define PLAY(stage, steps, input) \
	play((stage), (steps), ARRAY_LEN(steps), (input))

static void stage_clear(struct stage *stage)
{
	fake_engine_clear(&stage->fake);
	json_decref(stage->lines);
}

static size_t count_of(const struct stage *stage, const char *kind)
{
	size_t count = 0, i;
	json_t *line;

	json_array_foreach(stage->lines, i, line)
		count += strcmp(text_of(line, "event"), kind) == 0;
	return count;
}

#define FINISHED(status) \
	{ .event = { .kind = EVENT_FINISHED, .u.finished = { status } } }
#define QUESTION(number) \
	{ .event = { .kind = EVENT_PASSWORD, ACCOUNT, \
		  .u.password = { number, "Rem", "host", "joe", "" } } }

START_TEST(hello_comes_first_and_finished_last)
{
	static const struct fake_step steps[] = {
		{ .event = { .kind = EVENT_ACCOUNT_START, ACCOUNT } },
		FINISHED(EXIT_STATUS_HELD),
	};
	struct stage stage;

	PLAY(&stage, steps, "");
	size_t count = json_array_size(stage.lines);
	ck_assert_uint_eq(count, 3);
	const json_t *first = json_array_get(stage.lines, 0);
	const json_t *last = json_array_get(stage.lines, 2);
	ck_assert_str_eq(text_of(first, "event"), "hello");
	ck_assert_int_eq(json_integer_value(
		json_object_get(first, "version")), JSON_VERSION);
	ck_assert_str_eq(text_of(first, "program"), "offlineimap");
	ck_assert_str_eq(text_of(last, "event"), "finished");
	ck_assert_int_eq(json_integer_value(
		json_object_get(last, "exit_status")), EXIT_STATUS_HELD);
	stage_clear(&stage);
}
END_TEST

START_TEST(questions_are_answered_by_number_in_any_order)
{
	static const struct fake_step steps[] = {
		QUESTION(1),
		QUESTION(2),
		{ .after = FAKE_PASSWORD, .event = { .kind =
			EVENT_ACCOUNT_START, ACCOUNT } },
		{ .after = FAKE_PASSWORD, .event = { .kind = EVENT_FINISHED } },
	};
	struct stage stage;

	PLAY(&stage, steps, "{\"answer\":2,\"password\":\"a \\u00fc\"}\n"
		"{\"answer\":1,\"password\":null}\n");
	ck_assert_uint_eq(stage.fake.command_count, 2);
	ck_assert_uint_eq(stage.fake.commands[0].id, 2);
	ck_assert_str_eq(stage.fake.commands[0].password, "a \303\274");
	ck_assert_uint_eq(stage.fake.commands[1].id, 1);
	ck_assert(stage.fake.commands[1].no_password);
	ck_assert_uint_eq(count_of(&stage, "password"), 2);
	stage_clear(&stage);
}
END_TEST

START_TEST(the_end_of_input_answers_what_is_left_with_nothing)
{
	static const struct fake_step steps[] = {
		QUESTION(1),
		{ .after = FAKE_PASSWORD, .event = { .kind =
			EVENT_ACCOUNT_END, ACCOUNT } },
		QUESTION(2),
		{ .after = FAKE_PASSWORD, .event = { .kind = EVENT_FINISHED } },
	};
	struct stage stage;

	PLAY(&stage, steps, "");
	ck_assert_uint_eq(stage.fake.command_count, 2);
	ck_assert(stage.fake.commands[0].no_password);
	ck_assert(stage.fake.commands[1].no_password);
	stage_clear(&stage);
}
END_TEST

START_TEST(commands_reach_the_engine)
{
	static const struct fake_step steps[] = {
		QUESTION(9),
		{ .after = FAKE_SYNC_NOW, .event = { .kind =
			EVENT_ACCOUNT_START, ACCOUNT } },
		{ .after = FAKE_STOP_AFTER, .event = { .kind =
			EVENT_ACCOUNT_END, ACCOUNT } },
		{ .after = FAKE_STOP, .event = { .kind = EVENT_FINISHED } },
	};
	struct stage stage;

	PLAY(&stage, steps, "{\"command\":\"sync\",\"account\":\"Work\"}\n"
		"{\"command\":\"finish\"}\n{\"command\":\"first\","
		"\"account\":\"Work\",\"folder\":\"INBOX\"}\n"
		"{\"command\":\"first\",\"account\":\"Work\"}\n"
		"{\"command\":\"stop\"}\n");
	ck_assert_int_eq(stage.fake.commands[0].kind, COMMAND_SYNC_NOW);
	ck_assert_str_eq(stage.fake.commands[0].account, "Work");
	ck_assert_int_eq(stage.fake.commands[1].kind, COMMAND_STOP_AFTER);
	ck_assert_int_eq(stage.fake.commands[2].kind, COMMAND_FIRST);
	ck_assert_str_eq(stage.fake.commands[2].account, "Work");
	ck_assert_str_eq(stage.fake.commands[2].folder, "INBOX");
	ck_assert_int_eq(stage.fake.commands[3].kind, COMMAND_STOP);
	stage_clear(&stage);
}
END_TEST

static const char *const bad_lines[] = {
	"cAnArY\n",
	"[\"cAnArY\"]\n",
	"{\"cAnArY\":1}\n",
	"{\"command\":\"cAnArY\"}\n",
	"{\"command\":5}\n",
	"{\"answer\":7,\"password\":\"cAnArY\"}\n",
	"{\"answer\":\"1\",\"password\":\"cAnArY\"}\n",
	"{\"answer\":-1,\"password\":\"cAnArY\"}\n",
	"{\"answer\":1,\"password\":5}\n",
	"{\"answer\":1}\n",
	"{\"answer\":1,\"password\":\"cAnArY\"", /* and then the end */
};

START_TEST(a_bad_line_is_a_warning_that_does_not_repeat_it)
{
	static const struct fake_step steps[] = {
		QUESTION(1),
		{ .after = FAKE_PASSWORD, .event = { .kind = EVENT_FINISHED } },
	};
	struct stage stage;

	PLAY(&stage, steps, bad_lines[_i]);
	ck_assert_uint_eq(count_of(&stage, "log"), 1);
	ck_assert(stage.fake.commands[0].no_password);
	char *all = json_dumps(stage.lines, 0);
	ck_assert_ptr_null(strstr(all, "cAnArY"));
	free(all);
	stage_clear(&stage);
}
END_TEST

START_TEST(an_endless_line_is_passed_over)
{
	static const struct fake_step steps[] = {
		QUESTION(1),
		{ .after = FAKE_PASSWORD, .event = { .kind = EVENT_FINISHED } },
	};
	struct stage stage;
	struct str input = { 0 };

	str_add(&input, "{\"answer\":1,\"password\":\"");
	for (int i = 0; i < 20000; i++)
		str_add_char(&input, 'x');
	str_add(&input, "\"}\n{\"answer\":1,\"password\":\"right\"}\n");
	PLAY(&stage, steps, str_get(&input));
	ck_assert_uint_eq(count_of(&stage, "log"), 1);
	ck_assert_str_eq(stage.fake.commands[0].password, "right");
	str_clear(&input);
	stage_clear(&stage);
}
END_TEST

#define AT_WORK(ms, worker, n) \
	{ .event = { .kind = EVENT_PROGRESS, .time_ms = ms, .cell = worker, \
		  ACCOUNT, .u.progress = { PHASE_COPYING, n, 100, 0, 0 } } }

START_TEST(progress_is_told_twice_a_second_for_each_worker)
{
	static const struct fake_step steps[] = {
		AT_WORK(1000, 0, 1), AT_WORK(1100, 0, 2), AT_WORK(1100, 3, 1),
		AT_WORK(1499, 0, 3), AT_WORK(1500, 0, 4), AT_WORK(1501, 3, 2),
		AT_WORK(1502, 0, 100), FINISHED(0),
	};
	struct stage stage;

	PLAY(&stage, steps, "");
	ck_assert_uint_eq(count_of(&stage, "progress"), 4);
	stage_clear(&stage);
}
END_TEST

START_TEST(json_alone_wants_to_know_of_files)
{
	static const char *const others[] = { "curses", "ttyui", "basic",
		"quiet", "syslog", "machineui" };
	struct error err = { 0 };

	ck_assert(ui_wants_files(ui_find("json", &err)));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		ck_assert(!ui_wants_files(ui_find(others[i], &err)));
}
END_TEST

Suite *json_suite(void)
{
	Suite *suite = suite_create("json");
	TCase *tcase = tcase_create("json");

	tcase_add_loop_test(tcase,
		every_kind_is_one_object_with_all_its_fields, 0,
		EVENT_KIND_COUNT);
	tcase_add_test(tcase, a_file_is_told_as_it_is);
	tcase_add_loop_test(tcase, what_is_no_utf8_has_its_bytes_beside_it, 0,
		(int)ARRAY_LEN(bytes_rows));
	tcase_add_loop_test(tcase, every_kind_and_field_is_in_the_manual, 0,
		EVENT_KIND_COUNT);
	tcase_add_loop_test(tcase, every_value_is_in_the_manual,
		JSON_TYPE_LEVEL, JSON_TYPE_CHANGE + 1);
	tcase_add_test(tcase, hello_comes_first_and_finished_last);
	tcase_add_test(tcase, questions_are_answered_by_number_in_any_order);
	tcase_add_test(tcase,
		the_end_of_input_answers_what_is_left_with_nothing);
	tcase_add_test(tcase, commands_reach_the_engine);
	tcase_add_loop_test(tcase,
		a_bad_line_is_a_warning_that_does_not_repeat_it, 0,
		(int)ARRAY_LEN(bad_lines));
	tcase_add_test(tcase, an_endless_line_is_passed_over);
	tcase_add_test(tcase,
		progress_is_told_twice_a_second_for_each_worker);
	tcase_add_test(tcase, json_alone_wants_to_know_of_files);
	suite_add_tcase(suite, tcase);
	return suite;
}
