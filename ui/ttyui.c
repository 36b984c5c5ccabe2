#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "clean.h"
#include "countdown.h"
#include "event.h"
#include "mem.h"
#include "out.h"
#include "terminal.h"
#include "ui_ops.h"

/*
 * Sentences on standard error, grouped by thread: when another thread speaks
 * than before, its name comes first on a line of its own, and what it says is
 * set in by a blank.  Passwords are asked for on the terminal, while lines go
 * on appearing.
 */
struct ttyui {
	struct out out;
	char *thread;         /* who spoke last, the main thread left out */
	struct countdown naps;
	struct ask questions;
	struct terminal_line line;
	bool asking;          /* the terminal is without echo */
	bool prompted;        /* the prompt is the last thing on the terminal */
	struct out prompt;    /* where the prompt goes */
};

static bool ttyui_open(struct ui *ui, struct error *err)
{
	struct ttyui *tty = mem_calloc(1, sizeof(*tty));
	struct str banner = { 0 };

	(void)err;
	out_init(&tty->out, ui->io.err, &ui->wait);
	/* With the lines redirected, the prompt must still be seen. */
	out_init(&tty->prompt,
		isatty(ui->io.err) == 1 ? ui->io.err : ui->io.in, &ui->wait);
	ui->data = tty;
	text_add_banner(&banner, ui->options->version);
	out_line(&tty->out, str_get(&banner));
	str_clear(&banner);
	return true;
}

static void ttyui_leave(struct ui *ui)
{
	struct ttyui *tty = ui->data;

	if (!tty->asking)
		return;
	terminal_line_close(&tty->line);
	tty->asking = false;
	out_line(&tty->prompt, "");
	out_flush(&tty->prompt);
}

static void ttyui_close(struct ui *ui)
{
	struct ttyui *tty = ui->data;

	countdown_clear(&tty->naps);
	free(tty->thread);
	ask_clear(&tty->questions);
	out_clear(&tty->out);
	out_clear(&tty->prompt);
	free(tty);
}

static void add_thread(struct ttyui *tty, const char *thread)
{
	struct str name = { 0 };

	if (tty->thread != NULL && strcmp(tty->thread, thread) == 0)
		return;
	free(tty->thread);
	tty->thread = mem_strdup(thread);
	clean_add(&name, thread);
	str_add_char(&name, ':');
	out_line(&tty->out, str_get(&name));
	str_clear(&name);
}

/* A whole minute is passed in this step. */
static bool crosses_minute(const struct event *step)
{
	int64_t left = step->u.sleep.seconds_left;

	return left / 60 != (left - COUNTDOWN_STEP_S) / 60;
}

static void add_sentence(struct ttyui *tty, const struct event *ev,
	const char *text)
{
	if (strcmp(ev->thread, "MainThread") != 0) {
		add_thread(tty, ev->thread);
		out_add(&tty->out, " ");
	}
	out_line(&tty->out, text);
}

/* A sleep is announced when it begins, then at every minute. */
static void ttyui_event(struct ui *ui, const struct event *ev,
	const struct sentence *sentence)
{
	struct ttyui *tty = ui->data;
	bool shown = ev->kind == EVENT_SLEEPING ?
		countdown_set(&tty->naps, ev, ui_steady_ms()) :
		ui_shows(ui, sentence->level);

	if (shown)
		add_sentence(tty, ev, sentence->text);
}

static int ttyui_timeout_ms(struct ui *ui)
{
	const struct ttyui *tty = ui->data;

	return countdown_timeout_ms(&tty->naps, ui_steady_ms());
}

static void add_steps(struct ttyui *tty)
{
	const struct event *step;
	struct str text = { 0 };

	while ((step = countdown_next(&tty->naps, ui_steady_ms())) != NULL) {
		if (!crosses_minute(step))
			continue;
		text_event(step, &text);
		add_sentence(tty, step, str_get(&text));
	}
	str_clear(&text);
}

static void ttyui_say(struct ui *ui, const struct sentence *sentence)
{
	struct ttyui *tty = ui->data;

	if (ui_shows(ui, sentence->level))
		out_line(&tty->out, sentence->text);
}

/* Turns the echo off for the oldest question; those that cannot be asked are
 * answered with nothing. */
static void ask_oldest(struct ui *ui)
{
	struct ttyui *tty = ui->data;
	const struct event *question;

	while (!tty->asking &&
		(question = ask_current(&tty->questions)) != NULL) {
		tty->asking = !ui->keyboard_gone &&
			terminal_can_ask(ui->io.in) &&
			terminal_line_open(&tty->line, ui->io.in);
		tty->prompted = false;
		if (tty->asking)
			return;
		ui_say(ui, TEXT_WARNING,
			"A password is wanted, but standard input is not a"
			" terminal to ask on");
		ui_answer(ui, question->u.password.id, NULL);
		ask_next(&tty->questions);
	}
}

static void ttyui_ask(struct ui *ui, const struct event *question)
{
	struct ttyui *tty = ui->data;

	ask_add(&tty->questions, question);
	ask_oldest(ui);
}

static bool ttyui_wants_key(struct ui *ui)
{
	const struct ttyui *tty = ui->data;

	return tty->asking;
}

static bool ttyui_key(struct ui *ui)
{
	struct ttyui *tty = ui->data;
	enum terminal_typed typed = terminal_line_read(&tty->line);

	if (typed == TERMINAL_MORE)
		return true;
	ui_answer(ui, ask_current(&tty->questions)->u.password.id,
		typed == TERMINAL_LINE ? tty->line.text : NULL);
	ttyui_leave(ui);
	ask_next(&tty->questions);
	ask_oldest(ui);
	return true;
}

static void add_prompt(struct ttyui *tty)
{
	const struct event *question = ask_current(&tty->questions);
	struct str text = { 0 };

	/* With the lines elsewhere, the reason is not seen here. */
	if (*question->u.password.reason != '\0' &&
		tty->prompt.fd != tty->out.fd) {
		clean_add(&text, question->u.password.reason);
		str_add_char(&text, '\n');
	}
	text_add_prompt(&text, &question->u.password);
	out_add(&tty->prompt, str_get(&text));
	str_clear(&text);
}

/* Lines that come while the prompt stands go below it; then it is said
 * again. */
static bool ttyui_flush(struct ui *ui)
{
	struct ttyui *tty = ui->data;
	bool same = tty->prompt.fd == tty->out.fd;

	add_steps(tty);
	bool lines = tty->out.pending.len > 0;
	if (tty->asking && tty->prompted && lines && same) {
		out_line(&tty->prompt, "");
		out_flush(&tty->prompt);
		tty->prompted = false;
	}
	bool ok = out_flush(&tty->out);
	if (tty->asking && !tty->prompted) {
		add_prompt(tty);
		out_flush(&tty->prompt);
		tty->prompted = true;
	}
	return ok;
}

const struct ui_ops ui_ttyui = {
	.name = "ttyui",
	.open = ttyui_open,
	.leave = ttyui_leave,
	.close = ttyui_close,
	.event = ttyui_event,
	.say = ttyui_say,
	.ask = ttyui_ask,
	.wants_key = ttyui_wants_key,
	.key = ttyui_key,
	.timeout_ms = ttyui_timeout_ms,
	.flush = ttyui_flush,
};
