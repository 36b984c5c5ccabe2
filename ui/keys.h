/*
 * The keys of the screen: one table from which both the meaning and the help
 * come.  A view sees requests, never keys.  Main thread; constant data.
 * To add a key: one row in keys.c, and where a new request is handled, the
 * compiler asks for a case.
 */
#ifndef UI_KEYS_H
#define UI_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum key_request {
	REQUEST_NONE,
	REQUEST_UP,
	REQUEST_DOWN,
	REQUEST_PAGE_UP,
	REQUEST_PAGE_DOWN,
	REQUEST_HOME,
	REQUEST_END,
	REQUEST_TOGGLE,
	REQUEST_OPEN,
	REQUEST_CLOSE,
	REQUEST_BUSY_ONLY,
	REQUEST_NEXT_PANE,
	REQUEST_LOG_SIZE,
	REQUEST_HELP,
	REQUEST_REDRAW,
	REQUEST_SYNC_ACCOUNT,
	REQUEST_SYNC_ALL,
	REQUEST_FIRST, /* the selected folder */
	REQUEST_WAKE, /* the account of that digit */
	REQUEST_QUIT,
};

#define KEY_CODES_MAX 10

struct key_row {
	enum key_request request;
	const char *keys; /* as the help shows them */
	const char *help;
	int codes[KEY_CODES_MAX]; /* curses codes; 0 ends */
};

const struct key_row *keys_rows(size_t *count);
enum key_request keys_find(int code);
/* For requests that move: which way, and by how many lines (SIZE_MAX: all)
 * when a page has so many.  False for the others. */
bool keys_motion(enum key_request request, size_t page, bool *down,
	size_t *by);

#endif
