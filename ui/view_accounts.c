#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "attr.h"
#include "mem.h"
#include "model.h"
#include "units.h"
#include "view.h"

#define BAR_CELLS 10

/* One row: an account, or one of its folders. */
struct row {
	size_t account_at, folder_at;
	const struct model_account *account;
	const struct model_folder *folder; /* NULL: the account's own row */
};

struct rows {
	struct row *rows;
	size_t count, selected;
};

static bool folder_is_busy(const struct model_folder *folder)
{
	return folder->state == MODEL_HELD || folder->state == MODEL_PARTIAL ||
		folder->state == MODEL_FAILED || folder->errors > 0 ||
		!model_state_ended(folder->state);
}

static void add_row(struct rows *rows, const struct view *view, size_t account,
	size_t folder)
{
	struct row *row = &rows->rows[rows->count];

	row->account_at = account;
	row->folder_at = folder;
	row->account = view->model->accounts[account];
	row->folder = folder == VIEW_NO_FOLDER ?
		NULL : row->account->folders[folder];
	/* A selected folder that is hidden selects its account. */
	if (account == view->account &&
		(folder == VIEW_NO_FOLDER || folder == view->folder))
		rows->selected = rows->count;
	rows->count++;
}

static struct rows rows_make(const struct view *view)
{
	const struct model *model = view->model;
	struct rows rows = { 0 };
	size_t most = 0;

	for (size_t a = 0; a < model->account_count; a++)
		most += 1 + model->accounts[a]->folder_count;
	rows.rows = mem_calloc(most + 1, sizeof(*rows.rows));
	for (size_t a = 0; a < model->account_count; a++) {
		const struct model_account *account = model->accounts[a];

		add_row(&rows, view, a, VIEW_NO_FOLDER);
		for (size_t f = 0; f < account->folder_count; f++)
			if (!account->closed && (!view->busy_only ||
				folder_is_busy(account->folders[f])))
				add_row(&rows, view, a, f);
	}
	return rows;
}

static const struct meter *row_meter(const struct row *row)
{
	return row->folder != NULL ? &row->folder->meter : &row->account->meter;
}

static enum model_state row_state(const struct row *row)
{
	return row->folder != NULL ? row->folder->state : row->account->state;
}

static bool row_moves(const struct row *row)
{
	return row->folder != NULL ? row->folder->running :
		row->account->running;
}

static void add_name(struct str *out, const struct view *view,
	const struct row *row)
{
	const char *mark = " ";

	if (row->folder != NULL) {
		str_add(out, "    ");
		str_add(out, row->folder->name);
		return;
	}
	if (row->account->folder_count > 0 && view->look->utf8)
		mark = row->account->closed ? "\u25b8" : "\u25be";
	else if (row->account->folder_count > 0)
		mark = row->account->closed ? "+" : "-";
	str_printf(out, "%s %zu ", mark, row->account_at + 1);
	str_add(out, row->account->name);
}

/* Asleep: the time left, by the minute, or by the second at the end. */
static void add_sleep(struct str *out, int64_t left_s)
{
	str_add(out, "next in ");
	if (left_s >= 3600)
		str_printf(out, "%" PRId64 "h", left_s / 3600);
	else if (left_s >= 60)
		str_printf(out, "%" PRId64 "m", left_s / 60);
	else
		str_printf(out, "%" PRId64 "s", left_s > 0 ? left_s : 0);
}

static void add_state(struct str *out, const struct view *view,
	const struct row *row)
{
	int64_t wake_ms = row->account->wake_ms;

	if (row->folder == NULL && wake_ms != 0)
		add_sleep(out, (wake_ms - view->now_ms) / 1000);
	else
		str_add(out, model_state_name(row_state(row)));
}

static void add_bar(struct str *out, const struct view *view,
	const struct row *row)
{
	const struct meter *meter = row_meter(row);
	unsigned full = meter_permille(meter) * BAR_CELLS / 1000;

	if (meter->total == 0 && meter->bytes_total == 0)
		return;
	for (unsigned i = 0; i < BAR_CELLS; i++) {
		if (view->look->utf8)
			str_add(out, i < full ? "\u2588" : "\u2591");
		else
			str_add(out, i < full ? "#" : ".");
	}
}

static void add_done(struct str *out, const struct view *view,
	const struct row *row)
{
	const struct meter *meter = row_meter(row);

	(void)view;
	if (meter->total == 0 && meter->done == 0)
		return;
	units_add_count(out, meter->done);
	if (meter->total > 0) {
		str_add_char(out, '/');
		units_add_count(out, meter->total);
	}
}

static void add_rate(struct str *out, const struct view *view,
	const struct row *row)
{
	const struct meter *meter = row_meter(row);

	(void)view;
	if (!row_moves(row))
		return;
	if (meter->byte_rate > 0) {
		units_add_bytes(out, meter->byte_rate);
		str_add(out, "/s");
	} else if (meter->milli_rate >= 1000) {
		units_add_count(out, meter->milli_rate / 1000);
		str_add(out, "/s");
	}
}

static void add_left(struct str *out, const struct view *view,
	const struct row *row)
{
	int64_t left = meter_left_s(row_meter(row));

	(void)view;
	if (row_moves(row) && left >= 0)
		units_add_duration(out, left);
}

static void add_errors(struct str *out, const struct view *view,
	const struct row *row)
{
	unsigned errors = row->folder != NULL ? row->folder->errors :
		row->account->errors;

	(void)view;
	if (errors == 0)
		return;
	units_add_count(out, errors);
	str_add(out, " err");
}

/* Right of the name, which takes what is left; a column shows when the window
 * has at least this many columns. */
static const struct column {
	const char *title;
	int width, from_columns;
	bool right;
	void (*add)(struct str *out, const struct view *view,
		const struct row *row);
} columns[] = {
	{ "State", 12, 22, false, add_state },
	{ "Progress", 11, 74, false, add_bar },
	{ "Done", 11, 46, true, add_done },
	{ "Rate", 10, 64, true, add_rate },
	{ "Left", 8, 54, true, add_left },
	{ "Errors", 9, 34, true, add_errors },
};

static enum draw_role row_role(const struct row *row)
{
	static const enum draw_role roles[] = {
		[MODEL_WAITING] = DRAW_DIM,
		[MODEL_CONNECTING] = DRAW_BUSY,
		[MODEL_LISTING] = DRAW_BUSY,
		[MODEL_LOADING] = DRAW_BUSY,
		[MODEL_MATCHING] = DRAW_BUSY,
		[MODEL_COPYING] = DRAW_BUSY,
		[MODEL_FLAGS] = DRAW_BUSY,
		[MODEL_DELETING] = DRAW_BUSY,
		[MODEL_SYNCING] = DRAW_BUSY,
		[MODEL_OK] = DRAW_OK,
		[MODEL_SKIPPED] = DRAW_NORMAL,
		[MODEL_HELD] = DRAW_WARNING,
		[MODEL_PARTIAL] = DRAW_WARNING,
		[MODEL_INTERRUPTED] = DRAW_WARNING,
		[MODEL_FAILED] = DRAW_ERROR,
	};

	return roles[row_state(row)];
}

static int name_width(int width)
{
	int rest = width;

	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		if (width >= columns[i].from_columns)
			rest -= columns[i].width;
	return rest;
}

static void draw_column(const struct view *view, int y, int x,
	const struct column *column, const char *text)
{
	/* One column stays free between two texts. */
	draw_text(view->win, view->look, y, x, column->width, "");
	if (column->right)
		draw_right(view->win, view->look, y, x + 1, column->width - 1,
			text);
	else
		draw_text(view->win, view->look, y, x + 1, column->width - 1,
			text);
}

static void draw_row(const struct view *view, int y, const struct row *row,
	bool selected)
{
	struct str text = { 0 };
	int width = getmaxx(view->win), x = name_width(width);

	draw_set(view->win, view->look, row_role(row), selected);
	add_name(&text, view, row);
	draw_text(view->win, view->look, y, 0, x, str_get(&text));
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		if (width < columns[i].from_columns)
			continue;
		str_reset(&text);
		columns[i].add(&text, view, row);
		draw_column(view, y, x, &columns[i], str_get(&text));
		x += columns[i].width;
	}
	str_clear(&text);
}

static void draw_titles(const struct view *view)
{
	int width = getmaxx(view->win), x = name_width(width);

	draw_set(view->win, view->look, DRAW_DIM, false);
	draw_text(view->win, view->look, 0, 0, x, "    Account, folder");
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		if (width < columns[i].from_columns)
			continue;
		draw_column(view, 0, x, &columns[i], columns[i].title);
		x += columns[i].width;
	}
}

/* Too low a window shows rows only. */
static size_t title_rows(const struct view *view)
{
	return getmaxy(view->win) >= 5 ? 1 : 0;
}

static size_t page_rows(const struct view *view)
{
	if (view->win == NULL)
		return 1;
	return (size_t)getmaxy(view->win) - title_rows(view);
}

/* The selected row stays in sight, and no room below is wasted. */
static void keep_in_sight(struct view *view, const struct rows *rows)
{
	size_t page = page_rows(view);

	if (rows->selected < view->top)
		view->top = rows->selected;
	if (rows->selected >= view->top + page)
		view->top = rows->selected - page + 1;
	if (view->top + page > rows->count)
		view->top = rows->count > page ? rows->count - page : 0;
}

static void accounts_draw(struct view *view)
{
	struct rows rows = rows_make(view);
	size_t first = title_rows(view), page = page_rows(view);

	keep_in_sight(view, &rows);
	if (first > 0)
		draw_titles(view);
	if (rows.count == 0) {
		draw_set(view->win, view->look, DRAW_DIM, false);
		draw_text(view->win, view->look, (int)first, 0,
			getmaxx(view->win), "    Starting...");
	}
	for (size_t i = 0; i < page && view->top + i < rows.count; i++)
		draw_row(view, (int)(first + i), &rows.rows[view->top + i],
			view->focused && view->top + i == rows.selected);
	free(rows.rows);
}

static size_t moved(size_t from, size_t count, size_t by, bool down)
{
	if (!down)
		return from > by ? from - by : 0;
	return count - 1 - from > by ? from + by : count - 1;
}

static bool accounts_move(struct view *view, enum key_request request)
{
	struct rows rows;
	bool down;
	size_t by;

	if (!keys_motion(request, page_rows(view), &down, &by))
		return false;
	rows = rows_make(view);
	if (rows.count > 0) {
		size_t to = moved(rows.selected, rows.count, by, down);
		view->account = rows.rows[to].account_at;
		view->folder = rows.rows[to].folder_at;
	}
	free(rows.rows);
	return true;
}

static void set_closed(struct view *view, bool closed)
{
	view->model->accounts[view->account]->closed = closed;
	if (closed)
		view->folder = VIEW_NO_FOLDER;
}

static bool accounts_request(struct view *view, enum key_request request)
{
	bool any = view->account < view->model->account_count;

	if (request == REQUEST_BUSY_ONLY)
		view->busy_only = !view->busy_only;
	else if (request == REQUEST_TOGGLE && any)
		set_closed(view, !view->model->accounts[view->account]->closed);
	else if (request == REQUEST_OPEN && any)
		set_closed(view, false);
	else if (request == REQUEST_CLOSE && any)
		set_closed(view, true);
	else
		return accounts_move(view, request);
	return true;
}

const char *view_accounts_note(const struct view *view)
{
	const struct model *model = view->model;

	if (view->account >= model->account_count)
		return NULL;
	const struct model_account *account = model->accounts[view->account];
	if (view->folder >= account->folder_count)
		return account->last_error;
	const struct model_folder *folder = account->folders[view->folder];
	return folder->held != NULL ? folder->held : folder->last_error;
}

const struct view_ops view_accounts = {
	.draw = accounts_draw,
	.request = accounts_request,
};
