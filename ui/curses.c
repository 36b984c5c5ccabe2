#include "config.h"

#include <curses.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clean.h"
#include "event.h"
#include "mem.h"
#include "model.h"
#include "out.h"
#include "screen.h"
#include "terminal.h"
#include "terminfo.h"
#include "ui_ops.h"

/* At most ten screens a second. */
#define DRAW_MS 100
#define PASSWORD_SIZE 1024
/* A readable terminal that gives nothing this often has gone. */
#define EMPTY_READS_MAX 3

/*
 * The interactive screen: events change the model, the screen shows it when
 * something changed, keys become requests and commands.
 */
struct curses {
	SCREEN *terminal; /* NULL after leave */
	FILE *in, *out;
	WINDOW *keyboard; /* a pad, so that reading keys draws nothing */
	struct model model;
	struct screen *screen;
	bool dirty, resized;
	int64_t drawn_ms;     /* steady clock */
	int64_t countdown_ms; /* when a countdown changes; 0: none runs */
	unsigned empty_reads;
	struct out lines;     /* what is said after leave */
	size_t typed;
	char password[PASSWORD_SIZE];
};

static bool curses_possible(void)
{
	struct str leave = { 0 };
	struct error err = { 0 };
	bool can = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 &&
		terminfo_check(STDOUT_FILENO, &leave, &err);

	str_clear(&leave);
	return can;
}

static FILE *open_stream(int fd, const char *mode, struct error *err)
{
	int copy = dup(fd);
	FILE *stream = copy < 0 ? NULL : fdopen(copy, mode);

	if (stream != NULL)
		return stream;
	error_set_errno(err, ERROR_FATAL, ERROR_OTHER, errno,
		"cannot use the terminal");
	if (copy >= 0)
		close(copy);
	return NULL;
}

static bool open_terminal(struct curses *curses, struct ui *ui,
	struct error *err)
{
	if (isatty(ui->io.in) != 1 || isatty(ui->io.out) != 1)
		return error_set(err, ERROR_FATAL, ERROR_CONFIG,
			"standard input and output are not a terminal");
	curses->in = open_stream(ui->io.in, "r", err);
	if (curses->in == NULL)
		return false;
	curses->out = open_stream(ui->io.out, "w", err);
	if (curses->out == NULL)
		return false;
	struct str leave = { 0 };
	bool ok = terminfo_check(ui->io.out, &leave, err);
	if (ok) {
		terminal_save(ui->io.out, str_get(&leave));
		curses->terminal = newterm(NULL, curses->out, curses->in);
		ok = curses->terminal != NULL || error_set(err, ERROR_FATAL,
			ERROR_CONFIG, "cannot set up the terminal");
	}
	str_clear(&leave);
	return ok;
}

static void start_screen(struct curses *curses, const struct ui *ui)
{
	cbreak();
	noecho();
	terminal_flow_off(ui->io.out);
	def_prog_mode(); /* comes back so after a suspension */
	set_escdelay(50);
	curs_set(0);
	curses->keyboard = newpad(1, 1);
	keypad(curses->keyboard, TRUE);
	nodelay(curses->keyboard, TRUE);
	curses->screen = screen_new(
		&curses->model, ui->options->version, terminfo_utf8());
	curses->dirty = true;
}

/* The screen took with it what it said: what was done is said again. */
static void add_farewell(struct curses *curses, const char *version)
{
	struct str text = { 0 };

	text_add_banner(&text, version);
	out_line(&curses->lines, str_get(&text));
	for (size_t i = 0; i < curses->model.account_count; i++) {
		str_reset(&text);
		model_add_summary(curses->model.accounts[i], &text);
		out_line(&curses->lines, str_get(&text));
	}
	str_clear(&text);
}

static void curses_leave(struct ui *ui)
{
	struct curses *curses = ui->data;

	if (curses->terminal == NULL)
		return;
	mem_wipe(curses->password, sizeof(curses->password));
	screen_free(curses->screen);
	delwin(curses->keyboard);
	endwin();
	delscreen(curses->terminal);
	curses->terminal = NULL;
	terminal_forget();
	add_farewell(curses, ui->options->version);
}

static void curses_close(struct ui *ui)
{
	struct curses *curses = ui->data;

	curses_leave(ui);
	terminal_restore();
	out_clear(&curses->lines);
	model_clear(&curses->model);
	if (curses->in != NULL)
		fclose(curses->in);
	if (curses->out != NULL)
		fclose(curses->out);
	free(curses);
	ui->data = NULL;
}

static bool curses_open(struct ui *ui, struct error *err)
{
	struct curses *curses = mem_calloc(1, sizeof(*curses));

	ui->data = curses;
	model_init(&curses->model);
	curses->model.debug = ui->options->debug;
	out_init(&curses->lines, ui->io.out, &ui->wait);
	if (!open_terminal(curses, ui, err)) {
		curses_close(ui);
		return false;
	}
	start_screen(curses, ui);
	return true;
}

static void curses_event(struct ui *ui, const struct event *ev,
	const struct sentence *sentence)
{
	struct curses *curses = ui->data;

	(void)sentence;
	if (model_apply(&curses->model, ev))
		curses->dirty = true;
}

static void curses_say(struct ui *ui, const struct sentence *sentence)
{
	struct curses *curses = ui->data;

	if (!ui_shows(ui, sentence->level))
		return;
	if (curses->terminal == NULL) {
		out_line(&curses->lines, sentence->text);
		return;
	}
	model_log(&curses->model, ui_wall_ms(), sentence->level,
		sentence->text);
	screen_message(curses->screen, sentence->text);
	curses->dirty = true;
}

/* The model has the question; the screen shows it. */
static void curses_ask(struct ui *ui, const struct event *question)
{
	struct curses *curses = ui->data;

	(void)ui;
	(void)question;
	curses->dirty = true;
	beep();
}

static bool curses_wants_key(struct ui *ui)
{
	const struct curses *curses = ui->data;

	return curses->terminal != NULL;
}

static void curses_resize(struct ui *ui)
{
	struct curses *curses = ui->data;

	curses->resized = true;
	curses->dirty = true;
}

/* However often it changed, the size is taken when the screen is drawn. */
static void take_size(struct curses *curses, int fd)
{
	struct winsize size;

	curses->resized = false;
	if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 ||
		size.ws_col == 0)
		return;
	resizeterm(size.ws_row, size.ws_col);
	screen_resize(curses->screen, size.ws_row, size.ws_col);
}

/* Takes the last character off, all its bytes. */
static void erase_typed(struct curses *curses)
{
	while (curses->typed > 0) {
		unsigned char byte =
			(unsigned char)curses->password[--curses->typed];
		curses->password[curses->typed] = '\0';
		if ((byte & 0xc0) != 0x80)
			return;
	}
}

static void answer(struct ui *ui, const char *password)
{
	struct curses *curses = ui->data;
	const struct event *question = ask_current(&curses->model.questions);

	ui_answer(ui, question->u.password.id, password);
	ask_next(&curses->model.questions);
	mem_wipe(curses->password, sizeof(curses->password));
	curses->typed = 0;
}

static void password_key(struct ui *ui, int key)
{
	struct curses *curses = ui->data;

	if (key == '\n' || key == '\r' || key == KEY_ENTER) {
		answer(ui, curses->password);
	} else if (key == '\x1b') {
		answer(ui, NULL);
	} else if (key == KEY_BACKSPACE || key == '\x7f' || key == '\b') {
		erase_typed(curses);
	} else if (key == ('U' & 0x1f)) {
		mem_wipe(curses->password, sizeof(curses->password));
		curses->typed = 0;
	} else if (key >= ' ' && key <= 0xff &&
		curses->typed + 1 < sizeof(curses->password)) {
		curses->password[curses->typed++] = (char)key;
	}
}

static void sync_account(struct ui *ui, const char *account)
{
	struct str text = { 0 };

	if (account == NULL)
		return;
	str_add(&text, "Requested synchronization for acc: ");
	clean_add(&text, account);
	ui_say(ui, TEXT_INFO, str_get(&text));
	str_clear(&text);
	ui_sync_now(ui, account);
}

/* 1 is the first account, 0 the tenth. */
static void wake_account(struct ui *ui, int key)
{
	const struct curses *curses = ui->data;
	size_t at = key == '0' ? 9 : (size_t)(key - '1');

	if (at < curses->model.account_count)
		sync_account(ui, curses->model.accounts[at]->name);
}

static void folder_first(struct ui *ui)
{
	struct curses *curses = ui->data;
	const char *folder = screen_folder(curses->screen);
	struct str text = { 0 };

	if (folder == NULL) {
		screen_message(curses->screen, "Select a folder first");
		return;
	}
	str_add(&text, "Requested before all others: ");
	clean_add(&text, folder);
	ui_say(ui, TEXT_INFO, str_get(&text));
	str_clear(&text);
	ui_first(ui, screen_account(curses->screen), folder);
}

static void sync_all(struct ui *ui)
{
	ui_say(ui, TEXT_INFO, "Requested synchronization of all accounts");
	ui_sync_now(ui, NULL);
}

static void plain_key(struct ui *ui, int key)
{
	const struct curses *curses = ui->data;
	enum key_request request = keys_find(key);

	if (screen_request(curses->screen, request))
		return;
	if (request == REQUEST_SYNC_ACCOUNT)
		sync_account(ui, screen_account(curses->screen));
	else if (request == REQUEST_SYNC_ALL)
		sync_all(ui);
	else if (request == REQUEST_FIRST)
		folder_first(ui);
	else if (request == REQUEST_WAKE)
		wake_account(ui, key);
	else if (request == REQUEST_QUIT && ui->interrupts == 0)
		ui_stop(ui);
	else if (request == REQUEST_QUIT)
		screen_message(curses->screen,
			"Stopping already; Ctrl-C ends at once");
}

static void take_key(struct ui *ui, int key)
{
	struct curses *curses = ui->data;

	curses->dirty = true;
	if (key == KEY_RESIZE)
		curses_resize(ui);
	else if (ask_current(&curses->model.questions) != NULL)
		password_key(ui, key);
	else
		plain_key(ui, key);
}

static bool curses_key(struct ui *ui)
{
	struct curses *curses = ui->data;
	bool any = false;
	int key;

	while ((key = wgetch(curses->keyboard)) != ERR) {
		take_key(ui, key);
		any = true;
	}
	curses->empty_reads = any ? 0 : curses->empty_reads + 1;
	if (curses->empty_reads < EMPTY_READS_MAX)
		return true;
	/* The terminal has hung up, and nobody could say so by a key. */
	ui_send(ui, COMMAND_STOP, NULL);
	return false;
}

/* The wall time at which a countdown shows another number: every minute, in
 * the last minute every second.  0: nothing counts. */
static int64_t next_countdown_ms(const struct model *model, int64_t now_ms)
{
	int64_t next = 0;

	for (size_t i = 0; i < model->account_count; i++) {
		int64_t left = model->accounts[i]->wake_ms - now_ms;
		if (left <= 0)
			continue;
		int64_t unit = left > 60000 ? 60000 : 1000;
		int64_t at = now_ms + (left - 1) % unit + 1;
		if (next == 0 || at < next)
			next = at;
	}
	return next;
}

static int curses_timeout_ms(struct ui *ui)
{
	const struct curses *curses = ui->data;
	int64_t left;

	if (curses->dirty)
		left = curses->drawn_ms + DRAW_MS - ui_steady_ms();
	else if (curses->countdown_ms != 0)
		left = curses->countdown_ms - ui_wall_ms();
	else
		return -1;
	if (left > 60000)
		left = 60000;
	return left > 0 ? (int)left : 0;
}

static void draw(struct ui *ui)
{
	struct curses *curses = ui->data;
	int64_t now_ms = ui_wall_ms();

	if (curses->resized)
		take_size(curses, ui->io.out);
	curs_set(ask_current(&curses->model.questions) != NULL ? 1 : 0);
	screen_draw(curses->screen, now_ms);
	doupdate();
	curses->dirty = false;
	curses->drawn_ms = ui_steady_ms();
	curses->countdown_ms = next_countdown_ms(&curses->model, now_ms);
}

static bool curses_flush(struct ui *ui)
{
	struct curses *curses = ui->data;

	if (curses->terminal == NULL)
		return out_flush(&curses->lines);
	if (curses->countdown_ms != 0 && ui_wall_ms() >= curses->countdown_ms)
		curses->dirty = true;
	if (curses->dirty && ui_steady_ms() >= curses->drawn_ms + DRAW_MS)
		draw(ui);
	return true;
}

const struct ui_ops ui_curses = {
	.name = "curses",
	.alias = "blinkenlights",
	.repeats_held = true,
	.possible = curses_possible,
	.open = curses_open,
	.leave = curses_leave,
	.close = curses_close,
	.event = curses_event,
	.say = curses_say,
	.ask = curses_ask,
	.wants_key = curses_wants_key,
	.key = curses_key,
	.resize = curses_resize,
	.timeout_ms = curses_timeout_ms,
	.flush = curses_flush,
};
