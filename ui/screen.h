/*
 * The whole screen: a title, the accounts, the log, a status line, and the
 * help over them.  It divides the rows, draws the model through the views and
 * hands requests on.  It does not read keys, look at clocks or talk to the
 * core: curses.c does.  Main thread, between newterm and endwin.
 */
#ifndef UI_SCREEN_H
#define UI_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "keys.h"

struct model;
struct screen;

/* model is borrowed and may be changed between calls.  utf8: what the
 * terminal understands. */
struct screen *screen_new(struct model *model, const char *version, bool utf8);
void screen_free(struct screen *screen);
/* Takes the size of the terminal, any from 1x1 on. */
void screen_resize(struct screen *screen, int rows, int columns);
/* Puts everything where doupdate finds it. */
void screen_draw(struct screen *screen, int64_t now_ms);
/* Draws all of it anew the next time. */
void screen_redraw(struct screen *screen);
/* Moving, opening, panes, help.  False: not a matter of the screen. */
bool screen_request(struct screen *screen, enum key_request request);
/* A sentence in the status line, until the next request. */
void screen_message(struct screen *screen, const char *text);
/* The name of the selected account, or NULL. */
const char *screen_account(const struct screen *screen);
/* That of the selected folder of it, or NULL. */
const char *screen_folder(const struct screen *screen);

#endif
