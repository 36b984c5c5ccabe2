#include "config.h"

#include <string.h>
#include <time.h>

#include "attr.h"
#include "model.h"
#include "view.h"

/* The first row of the window is a title. */
#define TITLE_ROWS 1

static const enum draw_role roles[] = {
	[TEXT_DEBUG] = DRAW_DIM,
	[TEXT_INFO] = DRAW_NORMAL,
	[TEXT_WARNING] = DRAW_WARNING,
	[TEXT_ERROR] = DRAW_ERROR,
	[TEXT_NONE] = DRAW_DIM,
};

static void add_line(struct str *out, const struct ring_line *line)
{
	char clock[sizeof("00:00:00 ")];
	time_t seconds = (time_t)(line->time_ms / 1000);
	struct tm local;

	if (localtime_r(&seconds, &local) != NULL &&
		strftime(clock, sizeof(clock), "%H:%M:%S ", &local) > 0)
		str_add(out, clock);
	str_add(out, line->text);
}

/* The number after the last line shown, within what the ring still holds. */
static uint64_t log_bottom(const struct view *view)
{
	const struct ring *ring = &view->model->log;

	if (!view->scrolled || view->bottom > ring->end)
		return ring->end;
	return view->bottom > ring->first ? view->bottom : ring->first;
}

static void log_draw_title(const struct view *view)
{
	int width = getmaxx(view->win);
	const char *title = view->scrolled ? " Log (End: newest) " : " Log ";

	draw_set(view->win, view->look,
		view->focused ? DRAW_TITLE : DRAW_DIM, false);
	for (int x = 0; x < width; x++)
		draw_text(view->win, view->look, 0, x, 1,
			view->look->utf8 ? "\u2500" : "-");
	if (width > 4)
		draw_text(view->win, view->look, 0, 2,
			(int)strlen(title) < width - 2 ? (int)strlen(title) :
			width - 2, title);
}

/* From the bottom up, so that the newest line is always whole. */
static void log_draw(struct view *view)
{
	const struct ring *ring = &view->model->log;
	struct str text = { 0 };
	uint64_t number = log_bottom(view);
	int y = getmaxy(view->win), width = getmaxx(view->win);

	while (y > TITLE_ROWS && number > ring->first) {
		const struct ring_line *line = ring_get(ring, --number);

		str_reset(&text);
		add_line(&text, line);
		y -= draw_rows(view->look, width, str_get(&text));
		draw_set(view->win, view->look, roles[line->level], false);
		draw_wrapped(view->win, view->look, y, str_get(&text));
	}
	/* Few lines stand at the top. */
	if (y > TITLE_ROWS) {
		scrollok(view->win, TRUE);
		wscrl(view->win, y - TITLE_ROWS);
		scrollok(view->win, FALSE);
	}
	draw_set(view->win, view->look, DRAW_NORMAL, false);
	wmove(view->win, 0, 0);
	wclrtoeol(view->win);
	log_draw_title(view);
	str_clear(&text);
}

static bool log_request(struct view *view, enum key_request request)
{
	const struct ring *ring = &view->model->log;
	size_t page = 1, by;
	bool down;

	if (view->win != NULL && getmaxy(view->win) > TITLE_ROWS)
		page = (size_t)(getmaxy(view->win) - TITLE_ROWS);
	if (!keys_motion(request, page, &down, &by))
		return false;
	/* The oldest page is the end of going up. */
	uint64_t lines = ring->end - ring->first;
	uint64_t lowest = lines > page ? ring->first + page : ring->end;
	uint64_t bottom = log_bottom(view);
	if (down)
		bottom = ring->end - bottom > by ? bottom + by : ring->end;
	else if (bottom > lowest)
		bottom = bottom - lowest > by ? bottom - by : lowest;
	view->bottom = bottom;
	view->scrolled = bottom != ring->end;
	return true;
}

const struct view_ops view_log = {
	.draw = log_draw,
	.request = log_request,
};
