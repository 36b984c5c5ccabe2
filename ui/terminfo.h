/*
 * What the terminal type (TERM) can, asked before curses starts, because
 * curses itself would end the program.  Main thread.
 */
#ifndef UI_TERMINFO_H
#define UI_TERMINFO_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"
#include "str.h"

/* Whether the terminal at fd can show a screen.  leave becomes what brings it
 * back to lines in an emergency. */
bool terminfo_check(int fd, struct str *leave, struct error *err)
	ATTR_MUST_CHECK;
/* Whether it shows UTF-8: a question of the locale, but for some old types. */
bool terminfo_utf8(void);

#endif
