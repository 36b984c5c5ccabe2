#include "config.h"

#include "view.h"

#include "str.h"

#define KEYS_WIDTH 14

void view_help_size(int *rows, int *columns)
{
	size_t count;

	keys_rows(&count);
	*rows = (int)count + 2;
	*columns = 64;
}

/* The frame is ASCII: line drawing differs between terminals. */
static void help_frame(const struct view *view)
{
	int height = getmaxy(view->win), width = getmaxx(view->win);

	draw_set(view->win, view->look, DRAW_TITLE, false);
	draw_text(view->win, view->look, 0, 0, width, " Keys");
	if (height > 2)
		draw_text(view->win, view->look, height - 1, 0, width,
			" any other key: back");
}

static void help_draw(struct view *view)
{
	size_t count;
	const struct key_row *rows = keys_rows(&count);
	int height = getmaxy(view->win), width = getmaxx(view->win);

	help_frame(view);
	draw_set(view->win, view->look, DRAW_NORMAL, false);
	for (int y = 1; y < height - (height > 2); y++) {
		size_t at = view->top + (size_t)y - 1;

		draw_text(view->win, view->look, y, 0, width, "");
		if (at >= count)
			continue;
		draw_text(view->win, view->look, y, 1, width - 1,
			rows[at].keys);
		if (width > KEYS_WIDTH)
			draw_text(view->win, view->look, y, KEYS_WIDTH,
				width - KEYS_WIDTH, rows[at].help);
	}
}

static bool help_request(struct view *view, enum key_request request)
{
	size_t count;

	keys_rows(&count);
	if (request == REQUEST_UP && view->top > 0)
		view->top--;
	if (request == REQUEST_DOWN && view->top + 1 < count)
		view->top++;
	return request == REQUEST_UP || request == REQUEST_DOWN;
}

const struct view_ops view_help = {
	.draw = help_draw,
	.request = help_request,
};
