/*
 * What the front ends that write one sentence a line have in common: basic,
 * quiet and the lines that curses says after it has left the screen.
 */
#ifndef UI_PLAIN_H
#define UI_PLAIN_H

#include "ui_ops.h"

/* ui->data becomes a struct out on standard output. */
bool plain_open(struct ui *ui, struct error *err);
/* The same, with the banner. */
bool plain_open_banner(struct ui *ui, struct error *err);
void plain_close(struct ui *ui);
void plain_event(struct ui *ui, const struct event *ev,
	const struct sentence *sentence);
void plain_say(struct ui *ui, const struct sentence *sentence);
bool plain_flush(struct ui *ui);

#endif
