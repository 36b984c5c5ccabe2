#include "config.h"

#include "suites.h"

#include <curses.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "event.h"
#include "model.h"
#include "screen.h"

#define NOW 1000000
#define COLUMNS_MAX 200

/* A screen on a terminal that is not there; what is drawn is read back. */
struct stage {
	FILE *null_in, *null_out;
	SCREEN *terminal;
	struct model model;
	struct screen *screen;
	int rows, columns;
	char line[COLUMNS_MAX * 4 + 1];
};

static void stage_resize(struct stage *stage, int rows, int columns)
{
	resizeterm(rows, columns);
	screen_resize(stage->screen, rows, columns);
	stage->rows = rows;
	stage->columns = columns;
}

static void stage_open(struct stage *stage, const char *type, bool utf8)
{
	*stage = (struct stage){ 0 };
	setlocale(LC_CTYPE, "C.UTF-8");
	stage->null_in = fopen("/dev/null", "r");
	stage->null_out = fopen("/dev/null", "w");
	ck_assert(stage->null_in != NULL && stage->null_out != NULL);
	stage->terminal = newterm(type, stage->null_out, stage->null_in);
	ck_assert_ptr_nonnull(stage->terminal);
	model_init(&stage->model);
	stage->screen = screen_new(&stage->model, "9.0.0", utf8);
	stage_resize(stage, 24, 80);
}

static void stage_close(struct stage *stage)
{
	screen_free(stage->screen);
	model_clear(&stage->model);
	endwin();
	delscreen(stage->terminal);
	fclose(stage->null_in);
	fclose(stage->null_out);
	setlocale(LC_CTYPE, "C");
}

static void stage_draw(struct stage *stage)
{
	screen_draw(stage->screen, NOW);
	doupdate();
}

/* A drawn row without the blanks at its end. */
static const char *stage_line(struct stage *stage, int y)
{
	wchar_t wide[COLUMNS_MAX + 1];
	size_t len;

	ck_assert_int_ne(mvwinnwstr(curscr, y, 0, wide, stage->columns), ERR);
	len = wcstombs(stage->line, wide, sizeof(stage->line) - 1);
	ck_assert(len != (size_t)-1);
	while (len > 0 && stage->line[len - 1] == ' ')
		len--;
	stage->line[len] = '\0';
	return stage->line;
}

static bool stage_shows(struct stage *stage, const char *text)
{
	for (int y = 0; y < stage->rows; y++)
		if (strstr(stage_line(stage, y), text) != NULL)
			return true;
	return false;
}

static void tell(struct stage *stage, struct event templ)
{
	templ.thread = "T";
	if (templ.account == NULL)
		templ.account = "Home";
	if (templ.time_ms == 0)
		templ.time_ms = NOW;
	struct event *ev = event_copy(&templ);
	model_apply(&stage->model, ev);
	event_free(ev);
}

#define TELL(stage, ...) tell((stage), (struct event){ __VA_ARGS__ })

static void tell_story(struct stage *stage)
{
	TELL(stage, .kind = EVENT_ACCOUNT_START, .time_ms = NOW - 20000);
	TELL(stage, .kind = EVENT_FOLDER_FOUND, .folder = "INBOX");
	TELL(stage, .kind = EVENT_FOLDER_FOUND, .folder = "Sent");
	TELL(stage, .kind = EVENT_FOLDER_START, .folder = "INBOX");
	TELL(stage, .kind = EVENT_PLAN, .folder = "INBOX",
		.time_ms = NOW - 10000,
		.u.plan = { .download = 40, .download_bytes = 40000 });
	for (uint64_t i = 1; i <= 10; i++)
		TELL(stage, .kind = EVENT_COPY, .folder = "INBOX",
			.time_ms = NOW - 10000 + (int64_t)i * 1000,
			.u.copy = { (int64_t)i, i, 40, "IMAP", "Rem", "INBOX",
				"Maildir", "Loc", "INBOX", 1000, false });
	TELL(stage, .kind = EVENT_ACCOUNT_START, .account = "Work");
	TELL(stage, .kind = EVENT_ACCOUNT_END, .account = "Work",
		.u.end = { .outcome = OUTCOME_FAILED });
	TELL(stage, .kind = EVENT_SLEEPING, .account = "Work",
		.u.sleep = { 300 });
}

START_TEST(the_tree_shows_state_progress_rate_and_time_left)
{
	struct stage stage;

	stage_open(&stage, "xterm", false);
	tell_story(&stage);
	stage_draw(&stage);
	ck_assert_str_eq(stage_line(&stage, 0),
		" OfflineIMAP 9.0.0"
		"                                        2 accounts, 1 running");
	ck_assert_str_eq(stage_line(&stage, 1),
		"    Account, folder State       Progress         Done"
		"      Rate    Left   Errors");
	ck_assert_str_eq(stage_line(&stage, 2),
		"- 1 Home            syncing     ##........      10/40"
		"  1.0 kB/s    0:31");
	ck_assert_str_eq(stage_line(&stage, 3),
		"    INBOX           copying     ##........      10/40"
		"  1.0 kB/s    0:31");
	ck_assert_str_eq(stage_line(&stage, 4), "    Sent            waiting");
	ck_assert_str_eq(
		stage_line(&stage, 5), "  2 Work            next in 5m");
	ck_assert(stage_shows(&stage,
		"Copy message UID 10 (10/40) Rem:INBOX -> Loc:INBOX"));
	stage_close(&stage);
}
END_TEST

START_TEST(a_utf8_terminal_gets_blocks_and_letters)
{
	struct stage stage;

	stage_open(&stage, "xterm", true);
	TELL(&stage, .kind = EVENT_FOLDER_START, .folder = "Entw\303\274rfe");
	TELL(&stage, .kind = EVENT_PLAN, .folder = "Entw\303\274rfe",
		.u.plan = { .upload = 2 });
	TELL(&stage, .kind = EVENT_FLAGS, .folder = "Entw\303\274rfe",
		.u.change = { .count = 1 });
	TELL(&stage, .kind = EVENT_FOLDER_FOUND,
		.folder = "\346\227\245\346\234\254\350\252\236\346\227\245"
			"\346\234\254\350\252\236\346\227\245\346\234\254"
			"\350\252\236\346\227\245");
	stage_draw(&stage);
	ck_assert(stage_shows(&stage, "Entw\303\274rfe"));
	ck_assert(stage_shows(&stage, "\u2588\u2588\u2588\u2588\u2588\u2591"));
	/* Wide letters are cut by columns, and the next column keeps its
	 * place. */
	ck_assert(stage_shows(&stage,
		"\346\227\245\346\234\254\350\252\236\346\227\245\346\234\254"
		"\350\252\236\346\227\245  waiting"));
	stage_close(&stage);
}
END_TEST

START_TEST(an_ascii_terminal_gets_ascii)
{
	struct stage stage;

	stage_open(&stage, "vt100", false);
	TELL(&stage, .kind = EVENT_FOLDER_START, .folder = "Entw\303\274rfe");
	stage_draw(&stage);
	ck_assert(stage_shows(&stage, "Entw?rfe"));
	for (int y = 0; y < stage.rows; y++)
		for (const char *p = stage_line(&stage, y); *p != '\0'; p++)
			ck_assert_int_lt((unsigned char)*p, 0x80);
	stage_close(&stage);
}
END_TEST

START_TEST(no_foreign_control_character_is_drawn)
{
	struct stage stage;

	stage_open(&stage, "xterm", true);
	TELL(&stage, .kind = EVENT_ACCOUNT_START, .account = "A\033[2J\nB");
	TELL(&stage, .kind = EVENT_PASSWORD,
		.u.password = { 1, "R\033c", "h\302\233", "u\342\200\256",
			"\033]0;x\007" });
	stage_draw(&stage);
	ck_assert(stage_shows(&stage, "A?[2J B"));
	ck_assert(stage_shows(&stage, "?]0;x?  Password for u? at h? (R?c):"));
	stage_close(&stage);
}
END_TEST

static const struct {
	int rows, columns;
} sizes[] = {
	{ 24, 80 },
	{ 40, 120 },
	{ 5, 20 },
	{ 1, 1 },
	{ 1, 80 },
	{ 24, 1 },
	{ 2, 2 },
	{ 3, 10 },
	{ 4, 40 },
	{ 100, 200 },
};

/* Every pane, the help and a question, at this size. */
static void draw_everything(struct stage *stage)
{
	static const enum key_request requests[] = { REQUEST_NONE,
		REQUEST_END, REQUEST_PAGE_UP, REQUEST_NEXT_PANE, REQUEST_HOME,
		REQUEST_PAGE_DOWN, REQUEST_LOG_SIZE, REQUEST_LOG_SIZE,
		REQUEST_LOG_SIZE, REQUEST_HELP, REQUEST_DOWN, REQUEST_UP,
		REQUEST_HELP, REQUEST_TOGGLE, REQUEST_OPEN, REQUEST_CLOSE,
		REQUEST_BUSY_ONLY, REQUEST_REDRAW };

	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		screen_request(stage->screen, requests[i]);
		stage_draw(stage);
	}
	TELL(stage, .kind = EVENT_PASSWORD,
		.u.password = { 1, "Rem", "localhost", "user", "" });
	stage_draw(stage);
	ask_next(&stage->model.questions);
	screen_message(stage->screen, "a message");
	stage_draw(stage);
}

START_TEST(any_size_can_be_drawn)
{
	static const char *const types[] = { "xterm", "vt100", "ansi" };

	for (size_t t = 0; t < ARRAY_LEN(types); t++) {
		struct stage stage;

		stage_open(&stage, types[t], t == 0);
		tell_story(&stage);
		stage_resize(&stage, sizes[_i].rows, sizes[_i].columns);
		draw_everything(&stage);
		stage_close(&stage);
	}
}
END_TEST

START_TEST(an_empty_model_can_be_drawn_and_moved_in)
{
	struct stage stage;

	stage_open(&stage, "xterm", false);
	stage_draw(&stage);
	ck_assert(stage_shows(&stage, "Starting..."));
	draw_everything(&stage);
	ck_assert_ptr_null(screen_account(stage.screen));
	stage_close(&stage);
}
END_TEST

START_TEST(resizing_a_thousand_times_does_no_harm)
{
	struct stage stage;
	unsigned random = 1;

	stage_open(&stage, "xterm", true);
	tell_story(&stage);
	for (int i = 0; i < 1000; i++) {
		random = random * 1103515245u + 12345u;
		stage_resize(&stage, (int)(random >> 16) % 60 + 1,
			(int)(random >> 8) % 150 + 1);
		if (i % 10 == 0)
			stage_draw(&stage);
	}
	stage_resize(&stage, 24, 80);
	stage_draw(&stage);
	ck_assert(stage_shows(&stage, "2 accounts, 1 running"));
	stage_close(&stage);
}
END_TEST

START_TEST(one_row_shows_the_account_and_a_question_when_there_is_one)
{
	struct stage stage;

	stage_open(&stage, "xterm", false);
	tell_story(&stage);
	stage_resize(&stage, 1, 40);
	stage_draw(&stage);
	ck_assert(strncmp(stage_line(&stage, 0), "- 1 Home", 8) == 0);
	TELL(&stage, .kind = EVENT_PASSWORD,
		.u.password = { 1, "Rem", "host", "joe", "refused before" });
	stage_draw(&stage);
	ck_assert_str_eq(stage_line(&stage, 0),
		"Password for joe at host (Rem):");
	ask_next(&stage.model.questions);
	stage_draw(&stage);
	ck_assert(strncmp(stage_line(&stage, 0), "- 1 Home", 8) == 0);
	stage_close(&stage);
}
END_TEST

START_TEST(folders_are_hidden_and_the_selection_moves_to_the_account)
{
	struct stage stage;

	stage_open(&stage, "xterm", false);
	tell_story(&stage);
	ck_assert_ptr_null(screen_folder(stage.screen));
	screen_request(stage.screen, REQUEST_DOWN);
	ck_assert_str_eq(screen_folder(stage.screen), "INBOX");
	screen_request(stage.screen, REQUEST_CLOSE);
	ck_assert_ptr_null(screen_folder(stage.screen));
	stage_draw(&stage);
	ck_assert(!stage_shows(&stage, "    Sent "));
	ck_assert(stage_shows(&stage, "+ 1 Home"));
	screen_request(stage.screen, REQUEST_DOWN);
	ck_assert_str_eq(screen_account(stage.screen), "Work");
	screen_request(stage.screen, REQUEST_UP);
	ck_assert_str_eq(screen_account(stage.screen), "Home");
	screen_request(stage.screen, REQUEST_TOGGLE);
	stage_draw(&stage);
	ck_assert(stage_shows(&stage, "    Sent "));
	stage_close(&stage);
}
END_TEST

START_TEST(the_status_line_tells_of_the_selected_row)
{
	struct stage stage;

	stage_open(&stage, "xterm", false);
	tell_story(&stage);
	TELL(&stage, .kind = EVENT_HELD, .folder = "Sent",
		.u.held = { "Rem", 9, 10, "approve-it" });
	stage_draw(&stage);
	ck_assert(strstr(stage_line(&stage, 23), "help") != NULL);
	screen_request(stage.screen, REQUEST_DOWN);
	screen_request(stage.screen, REQUEST_DOWN);
	stage_draw(&stage);
	ck_assert(strstr(stage_line(&stage, 23), "Held: 9 of 10") != NULL);
	screen_message(stage.screen, "Requested");
	stage_draw(&stage);
	ck_assert_str_eq(stage_line(&stage, 23), "Requested");
	stage_close(&stage);
}
END_TEST

START_TEST(the_log_scrolls_and_keeps_its_place)
{
	struct stage stage;
	char text[40];

	stage_open(&stage, "xterm", false);
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "line number %d.", i);
		model_log(&stage.model, NOW, TEXT_INFO, text);
	}
	stage_draw(&stage);
	ck_assert(stage_shows(&stage, "line number 99."));
	screen_request(stage.screen, REQUEST_NEXT_PANE);
	screen_request(stage.screen, REQUEST_HOME);
	stage_draw(&stage);
	ck_assert(stage_shows(&stage, "line number 0."));
	model_log(&stage.model, NOW, TEXT_INFO, "a new line");
	stage_draw(&stage);
	ck_assert(stage_shows(&stage, "line number 0."));
	ck_assert(!stage_shows(&stage, "a new line"));
	screen_request(stage.screen, REQUEST_END);
	stage_draw(&stage);
	ck_assert(stage_shows(&stage, "a new line"));
	stage_close(&stage);
}
END_TEST

START_TEST(a_long_line_of_the_log_is_wrapped)
{
	struct stage stage;

	stage_open(&stage, "xterm", false);
	stage_resize(&stage, 24, 30);
	model_log(&stage.model, NOW, TEXT_ERROR,
		"an error that is longer than the window is wide Z");
	stage_draw(&stage);
	ck_assert(stage_shows(&stage, "Z"));
	stage_close(&stage);
}
END_TEST

START_TEST(the_help_lists_every_key)
{
	struct stage stage;
	size_t count;
	const struct key_row *rows = keys_rows(&count);

	stage_open(&stage, "xterm", false);
	screen_request(stage.screen, REQUEST_HELP);
	stage_draw(&stage);
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(stage_shows(&stage, rows[i].help), "%s",
			rows[i].help);
	screen_request(stage.screen, REQUEST_HELP);
	stage_draw(&stage);
	ck_assert(!stage_shows(&stage, rows[0].help));
	stage_close(&stage);
}
END_TEST

START_TEST(no_key_means_two_things)
{
	size_t count;
	const struct key_row *rows = keys_rows(&count);

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < KEY_CODES_MAX; k++)
			if (rows[i].codes[k] != 0)
				ck_assert_int_eq(keys_find(rows[i].codes[k]),
					rows[i].request);
	ck_assert_int_eq(keys_find(0), REQUEST_NONE);
	ck_assert_int_eq(keys_find('~'), REQUEST_NONE);
}
END_TEST

Suite *screen_suite(void)
{
	Suite *suite = suite_create("screen");
	TCase *tcase = tcase_create("screen");

	tcase_add_test(tcase,
		the_tree_shows_state_progress_rate_and_time_left);
	tcase_add_test(tcase, a_utf8_terminal_gets_blocks_and_letters);
	tcase_add_test(tcase, an_ascii_terminal_gets_ascii);
	tcase_add_test(tcase, no_foreign_control_character_is_drawn);
	tcase_add_loop_test(
		tcase, any_size_can_be_drawn, 0, (int)ARRAY_LEN(sizes));
	tcase_add_test(tcase, an_empty_model_can_be_drawn_and_moved_in);
	tcase_add_test(tcase, resizing_a_thousand_times_does_no_harm);
	tcase_add_test(tcase,
		one_row_shows_the_account_and_a_question_when_there_is_one);
	tcase_add_test(tcase,
		folders_are_hidden_and_the_selection_moves_to_the_account);
	tcase_add_test(tcase, the_status_line_tells_of_the_selected_row);
	tcase_add_test(tcase, the_log_scrolls_and_keeps_its_place);
	tcase_add_test(tcase, a_long_line_of_the_log_is_wrapped);
	tcase_add_test(tcase, the_help_lists_every_key);
	tcase_add_test(tcase, no_key_means_two_things);
	suite_add_tcase(suite, tcase);
	return suite;
}
