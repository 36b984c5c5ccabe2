#include "config.h"

#include "draw.h"

#include <wchar.h>

#include "attr.h"
#include "clean.h"

/* One row per role; the colour doubles what the attribute says, for terminals
 * without colours. */
static const struct {
	attr_t attribute;
	short pair, colour;
} looks[] = {
	[DRAW_NORMAL] = { A_NORMAL, 0, -1 },
	[DRAW_TITLE] = { A_REVERSE, 0, -1 },
	[DRAW_DIM] = { A_DIM, 0, -1 },
	[DRAW_BUSY] = { A_BOLD, 1, COLOR_CYAN },
	[DRAW_OK] = { A_NORMAL, 2, COLOR_GREEN },
	[DRAW_WARNING] = { A_BOLD, 3, COLOR_YELLOW },
	[DRAW_ERROR] = { A_BOLD, 4, COLOR_RED },
	[DRAW_ASK] = { A_BOLD, 5, COLOR_MAGENTA },
};

void draw_init(struct draw_look *look, bool utf8)
{
	short background = COLOR_BLACK;

	look->utf8 = utf8;
	look->colour = has_colors() && start_color() == OK;
	if (!look->colour)
		return;
	if (use_default_colors() == OK)
		background = -1;
	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		if (looks[i].pair != 0)
			init_pair(looks[i].pair, looks[i].colour, background);
}

void draw_set(WINDOW *win, const struct draw_look *look, enum draw_role role,
	bool selected)
{
	attr_t attribute = looks[role].attribute;

	if (selected)
		attribute |= A_REVERSE;
	wattr_set(win, attribute, look->colour ? looks[role].pair : 0, NULL);
}

/* The next character as it is drawn, and the columns it takes: 0 for one
 * that combines with the character before it. */
static wchar_t next_char(const struct draw_look *look, struct span *rest,
	int *columns)
{
	uint32_t code;
	size_t used = clean_next(*rest, &code);
	wchar_t c;

	rest->data += used;
	rest->len -= used;
	if (code == '\t' || code == '\n' || code == '\r')
		code = ' ';
	if (code >= 0x80 && !look->utf8)
		code = '?';
	c = (wchar_t)code;
	*columns = code < 0x80 ? 1 : wcwidth(c);
	if (*columns < 0) {
		*columns = 1;
		c = L'?';
	}
	return c;
}

int draw_columns(const struct draw_look *look, const char *text)
{
	struct span rest = span_of(text);
	int total = 0, columns;

	while (rest.len > 0) {
		next_char(look, &rest, &columns);
		total += columns;
	}
	return total;
}

int draw_text(WINDOW *win, const struct draw_look *look, int y, int x,
	int width, const char *text)
{
	struct span rest = span_of(text);
	int used = 0, columns;

	while (rest.len > 0) {
		wchar_t c = next_char(look, &rest, &columns);
		if (used + columns > width)
			break;
		/* A combining character belongs to the cell before. */
		if (columns == 0 && used == 0)
			continue;
		if (columns > 0)
			wmove(win, y, x + used);
		waddnwstr(win, &c, 1);
		used += columns;
	}
	for (int i = used; i < width; i++)
		mvwaddch(win, y, x + i, ' ');
	return used;
}

void draw_right(WINDOW *win, const struct draw_look *look, int y, int x,
	int width, const char *text)
{
	int columns = draw_columns(look, text);
	int pad = columns < width ? width - columns : 0;

	draw_text(win, look, y, x, pad, "");
	draw_text(win, look, y, x + pad, width - pad, text);
}

/* Walks the wrapped text; draws when win is given.  Returns the rows. */
static int wrap(WINDOW *win, const struct draw_look *look, int y, int width,
	const char *text)
{
	struct span rest = span_of(text);
	int height = win != NULL ? getmaxy(win) : 0;
	int row = 0, x = 0, columns;

	while (rest.len > 0 && width > 0) {
		wchar_t c = next_char(look, &rest, &columns);
		if (columns > width)
			continue;
		if (x + columns > width) {
			row++;
			x = 0;
		}
		if (columns == 0 && x == 0)
			continue;
		if (y + row >= 0 && y + row < height) {
			if (columns > 0)
				wmove(win, y + row, x);
			waddnwstr(win, &c, 1);
		}
		x += columns;
	}
	return row + 1;
}

int draw_rows(const struct draw_look *look, int width, const char *text)
{
	return wrap(NULL, look, 0, width, text);
}

void draw_wrapped(WINDOW *win, const struct draw_look *look, int y,
	const char *text)
{
	wrap(win, look, y, getmaxx(win), text);
}
