#include "config.h"

#include "keys.h"

#include <curses.h>
#include <stdint.h>

#include "attr.h"

#define CONTROL(c) ((c) & 0x1f)

static const struct key_row rows[] = {
	{ REQUEST_UP, "Up, k", "one line up", { KEY_UP, 'k' } },
	{ REQUEST_DOWN, "Down, j", "one line down", { KEY_DOWN, 'j' } },
	{ REQUEST_PAGE_UP, "PgUp", "one page up",
		{ KEY_PPAGE, CONTROL('B') } },
	{ REQUEST_PAGE_DOWN, "PgDn", "one page down",
		{ KEY_NPAGE, CONTROL('F') } },
	{ REQUEST_HOME, "Home, g", "to the beginning", { KEY_HOME, 'g' } },
	{ REQUEST_END, "End, G", "to the end", { KEY_END, 'G' } },
	{ REQUEST_TOGGLE, "Enter, Space", "show or hide folders",
		{ '\n', '\r', KEY_ENTER, ' ' } },
	{ REQUEST_OPEN, "Right", "show folders", { KEY_RIGHT } },
	{ REQUEST_CLOSE, "Left", "hide folders", { KEY_LEFT } },
	{ REQUEST_BUSY_ONLY, "b", "all folders, or only busy and failed ones",
		{ 'b' } },
	{ REQUEST_NEXT_PANE, "Tab", "accounts or log", { '\t' } },
	{ REQUEST_LOG_SIZE, "l", "size of the log", { 'l' } },
	{ REQUEST_SYNC_ACCOUNT, "s", "synchronise this account now", { 's' } },
	{ REQUEST_SYNC_ALL, "S", "synchronise all accounts now", { 'S' } },
	{ REQUEST_FIRST, "f", "this folder before the others of its account",
		{ 'f' } },
	{ REQUEST_WAKE, "1-9, 0", "synchronise the account of that number now",
		{ '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' } },
	{ REQUEST_HELP, "?, h, F1", "this help", { '?', 'h', KEY_F(1) } },
	{ REQUEST_REDRAW, "Ctrl-L", "draw the screen anew", { CONTROL('L') } },
	{ REQUEST_QUIT, "q", "stop; Ctrl-C after it ends at once", { 'q' } },
};

const struct key_row *keys_rows(size_t *count)
{
	*count = ARRAY_LEN(rows);
	return rows;
}

enum key_request keys_find(int code)
{
	if (code == 0)
		return REQUEST_NONE;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t k = 0; k < KEY_CODES_MAX; k++)
			if (rows[i].codes[k] == code)
				return rows[i].request;
	return REQUEST_NONE;
}

static const struct {
	enum key_request request;
	bool down;
	size_t lines; /* 0: a page */
} motions[] = {
	{ REQUEST_UP, false, 1 },
	{ REQUEST_DOWN, true, 1 },
	{ REQUEST_PAGE_UP, false, 0 },
	{ REQUEST_PAGE_DOWN, true, 0 },
	{ REQUEST_HOME, false, SIZE_MAX },
	{ REQUEST_END, true, SIZE_MAX },
};

bool keys_motion(enum key_request request, size_t page, bool *down, size_t *by)
{
	for (size_t i = 0; i < ARRAY_LEN(motions); i++) {
		if (motions[i].request != request)
			continue;
		*down = motions[i].down;
		*by = motions[i].lines != 0 ? motions[i].lines : page;
		return true;
	}
	return false;
}
