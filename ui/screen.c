#include "config.h"

#include "screen.h"

#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "event.h"
#include "mem.h"
#include "model.h"
#include "view.h"

enum { ACCOUNTS, LOG, HELP, VIEW_COUNT };

enum log_size { LOG_SOME, LOG_LARGE, LOG_NONE, LOG_SIZE_COUNT };

struct screen {
	struct model *model;
	char *version;
	struct draw_look look;
	struct view views[VIEW_COUNT];
	WINDOW *title, *status; /* NULL: no room */
	int rows, columns;
	size_t focus; /* ACCOUNTS or LOG */
	enum log_size log_size;
	bool help;
	bool question; /* the layout has room for one */
	char *message; /* NULL: none */
};

static const struct view_ops *const view_table[VIEW_COUNT] = {
	[ACCOUNTS] = &view_accounts,
	[LOG] = &view_log,
	[HELP] = &view_help,
};

struct screen *screen_new(struct model *model, const char *version, bool utf8)
{
	struct screen *screen = mem_calloc(1, sizeof(*screen));

	screen->model = model;
	screen->version = mem_strdup(version);
	draw_init(&screen->look, utf8);
	for (size_t i = 0; i < VIEW_COUNT; i++)
		screen->views[i] = (struct view){
			.ops = view_table[i],
			.model = model,
			.look = &screen->look,
			.folder = VIEW_NO_FOLDER,
		};
	screen_resize(screen, LINES, COLS);
	return screen;
}

static void window_delete(WINDOW **win)
{
	if (*win != NULL)
		delwin(*win);
	*win = NULL;
}

static void windows_delete(struct screen *screen)
{
	window_delete(&screen->title);
	window_delete(&screen->status);
	for (size_t i = 0; i < VIEW_COUNT; i++)
		window_delete(&screen->views[i].win);
}

void screen_free(struct screen *screen)
{
	windows_delete(screen);
	free(screen->version);
	free(screen->message);
	free(screen);
}

/* The whole width; no window without rows. */
static WINDOW *window_make(const struct screen *screen, int rows, int *y)
{
	WINDOW *win = rows > 0 ? newwin(rows, screen->columns, *y, 0) : NULL;

	*y += rows;
	return win;
}

static WINDOW *help_make(const struct screen *screen)
{
	int rows, columns;

	view_help_size(&rows, &columns);
	if (rows > screen->rows)
		rows = screen->rows;
	if (columns > screen->columns)
		columns = screen->columns;
	return newwin(rows, columns, (screen->rows - rows) / 2,
		(screen->columns - columns) / 2);
}

/* The log's share of the rows between title and status line. */
static int log_rows(const struct screen *screen, int rows)
{
	if (rows < 6)
		return 0;
	switch (screen->log_size) {
	case LOG_SOME:
		return rows * 2 / 5;
	case LOG_LARGE:
		return rows - 3;
	case LOG_NONE:
	case LOG_SIZE_COUNT:
		break;
	}
	return 0;
}

/* A question has the last row that there is, above all. */
static void layout(struct screen *screen)
{
	int title = screen->rows >= 4 ? 1 : 0;
	int status = screen->rows >= 2 || screen->question ? 1 : 0;
	int rest = screen->rows - title - status;
	int log = log_rows(screen, rest);
	int y = 0;

	windows_delete(screen);
	screen->title = window_make(screen, title, &y);
	screen->views[ACCOUNTS].win = window_make(screen, rest - log, &y);
	screen->views[LOG].win = window_make(screen, log, &y);
	screen->status = window_make(screen, status, &y);
	if (screen->help)
		screen->views[HELP].win = help_make(screen);
	if (log == 0)
		screen->focus = ACCOUNTS;
	screen_redraw(screen);
}

void screen_redraw(struct screen *screen)
{
	(void)screen;
	werase(stdscr);
	wnoutrefresh(stdscr);
	clearok(curscr, TRUE);
}

void screen_resize(struct screen *screen, int rows, int columns)
{
	screen->rows = rows > 0 ? rows : 1;
	screen->columns = columns > 0 ? columns : 1;
	layout(screen);
}

static unsigned accounts_running(const struct model *model)
{
	unsigned running = 0;

	for (size_t i = 0; i < model->account_count; i++)
		running += model->accounts[i]->running;
	return running;
}

static void add_plural(struct str *out, const char *separator, size_t count,
	const char *what)
{
	str_printf(out, "%s%zu %s%s", separator, count, what,
		count == 1 ? "" : "s");
}

static void draw_title(struct screen *screen)
{
	const struct model *model = screen->model;
	unsigned errors = model_errors(model);
	struct str left = { 0 }, right = { 0 };

	str_printf(&left, " OfflineIMAP %s", screen->version);
	add_plural(&right, " ", model->account_count, "account");
	str_printf(&right, ", %u running", accounts_running(model));
	if (errors > 0)
		add_plural(&right, ", ", errors, "error");
	str_add_char(&right, ' ');
	draw_set(screen->title, &screen->look, DRAW_TITLE, false);
	int used = draw_text(screen->title, &screen->look, 0, 0,
		screen->columns, str_get(&left));
	int width = draw_columns(&screen->look, str_get(&right));
	if (used + width <= screen->columns)
		draw_text(screen->title, &screen->look, 0,
			screen->columns - width, width, str_get(&right));
	str_clear(&left);
	str_clear(&right);
}

/* The end of a question matters most: it is where one types. */
static void draw_question(struct screen *screen, const struct event *ev)
{
	const struct event_password *q = &ev->u.password;
	struct str text = { 0 };

	if (*q->reason != '\0')
		str_printf(&text, "%s  ", q->reason);
	size_t reason = text.len;
	str_printf(&text, "Password for %s at %s (%s): ", q->user, q->host,
		q->repository);
	const char *shown = str_get(&text);
	if (draw_columns(&screen->look, shown) >= screen->columns)
		shown += reason;
	draw_set(screen->status, &screen->look, DRAW_ASK, false);
	int used = draw_text(screen->status, &screen->look, 0, 0,
		screen->columns, shown);
	wmove(screen->status, 0,
		used < screen->columns ? used : screen->columns - 1);
	str_clear(&text);
}

static void draw_status(struct screen *screen)
{
	const struct event *question = ask_current(&screen->model->questions);
	const char *note = view_accounts_note(&screen->views[ACCOUNTS]);
	const char *text = " ?: help  s: sync  S: sync all  Tab: log  q: quit";
	enum draw_role role = DRAW_DIM;

	if (question != NULL) {
		draw_question(screen, question);
		return;
	}
	if (screen->message != NULL) {
		text = screen->message;
		role = DRAW_BUSY;
	} else if (note != NULL) {
		text = note;
		role = DRAW_WARNING;
	}
	draw_set(screen->status, &screen->look, role, false);
	draw_text(screen->status, &screen->look, 0, 0, screen->columns, text);
}

static void draw_view(struct screen *screen, size_t number, int64_t now_ms)
{
	struct view *view = &screen->views[number];

	if (view->win == NULL)
		return;
	view->now_ms = now_ms;
	view->focused = number == screen->focus;
	werase(view->win);
	view->ops->draw(view);
	/* The help lies over the others and is put down last. */
	if (screen->help)
		touchwin(view->win);
	wnoutrefresh(view->win);
}

void screen_draw(struct screen *screen, int64_t now_ms)
{
	bool question = ask_current(&screen->model->questions) != NULL;

	if (question && screen->help)
		screen_request(screen, REQUEST_HELP);
	if (question != screen->question) {
		screen->question = question;
		layout(screen);
	}
	if (screen->title != NULL) {
		draw_title(screen);
		wnoutrefresh(screen->title);
	}
	for (size_t i = 0; i < VIEW_COUNT; i++)
		draw_view(screen, i, now_ms);
	if (screen->status != NULL && !(screen->help && screen->rows < 4)) {
		draw_status(screen);
		wnoutrefresh(screen->status);
	}
}

static bool request_log_size(struct screen *screen)
{
	screen->log_size = (screen->log_size + 1) % LOG_SIZE_COUNT;
	layout(screen);
	return true;
}

static bool request_next_pane(struct screen *screen)
{
	if (screen->views[LOG].win != NULL)
		screen->focus = screen->focus == LOG ? ACCOUNTS : LOG;
	return true;
}

static bool request_help(struct screen *screen)
{
	screen->help = !screen->help;
	screen->views[HELP].top = 0;
	layout(screen);
	return true;
}

static bool request_redraw(struct screen *screen)
{
	screen_redraw(screen);
	return true;
}

static const struct {
	enum key_request request;
	bool (*act)(struct screen *screen);
} actions[] = {
	{ REQUEST_LOG_SIZE, request_log_size },
	{ REQUEST_NEXT_PANE, request_next_pane },
	{ REQUEST_HELP, request_help },
	{ REQUEST_REDRAW, request_redraw },
};

bool screen_request(struct screen *screen, enum key_request request)
{
	struct view *view = &screen->views[screen->focus];

	free(screen->message);
	screen->message = NULL;
	if (screen->help && request != REQUEST_QUIT)
		return view_help.request(&screen->views[HELP], request) ||
			request_help(screen);
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (actions[i].request == request)
			return actions[i].act(screen);
	return view->ops->request(view, request);
}

void screen_message(struct screen *screen, const char *text)
{
	free(screen->message);
	screen->message = mem_strdup(text);
}

const char *screen_account(const struct screen *screen)
{
	size_t at = screen->views[ACCOUNTS].account;

	return at < screen->model->account_count ?
		screen->model->accounts[at]->name : NULL;
}

const char *screen_folder(const struct screen *screen)
{
	const struct view *view = &screen->views[ACCOUNTS];
	const struct model_account *account;

	if (view->account >= screen->model->account_count)
		return NULL;
	account = screen->model->accounts[view->account];
	return view->folder < account->folder_count ?
		account->folders[view->folder]->name : NULL;
}
