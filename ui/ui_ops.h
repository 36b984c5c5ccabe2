/*
 * A front end as the loop in ui.c sees it: a table of functions.  All of them
 * run in the main thread, none waits.  A front end keeps what it owns in
 * ui->data, from open to close, and answers through the ui_* functions below.
 *
 *	open, (event | say | ask | key | resize | flush)*, leave, say*, close
 *
 * To add a front end: one file with one struct ui_ops, one row in ui.c.
 */
#ifndef UI_OPS_H
#define UI_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "command.h"
#include "error.h"
#include "log.h"
#include "out.h"
#include "profile.h"
#include "report.h"
#include "str.h"
#include "text.h"
#include "ui.h"

struct event;
struct ui;

/* An event in words. */
struct sentence {
	enum text_level level; /* TEXT_NONE: none */
	const char *text;
};

struct ui_ops {
	const char *name;
	const char *alias;      /* another name, or NULL */
	bool self_reporting;    /* errors are not repeated at the end */
	bool repeats_held;      /* but held deletions are */
	bool wants_files;       /* EVENT_FILE is to be told */
	/* Whether it would work here; NULL: always. */
	bool (*possible)(void);
	bool (*open)(struct ui *ui, struct error *err);
	/* The terminal is given back; what is said from now on is lines.
	 * NULL: nothing to do. */
	void (*leave)(struct ui *ui);
	void (*close)(struct ui *ui);
	void (*event)(struct ui *ui, const struct event *ev,
		const struct sentence *sentence);
	/* A sentence of the loop's own. */
	void (*say)(struct ui *ui, const struct sentence *sentence);
	/* EVENT_PASSWORD; NULL: cannot ask.  Ends in ui_answer. */
	void (*ask)(struct ui *ui, const struct event *question);
	/* Whether the keyboard is to be looked at; NULL: never. */
	bool (*wants_key)(struct ui *ui);
	/* The keyboard is readable.  False: there is no keyboard any more. */
	bool (*key)(struct ui *ui);
	/* The size of the terminal changed; NULL: does not matter. */
	void (*resize)(struct ui *ui);
	/* Until flush is wanted without anything happening; -1: never.
	 * NULL: never. */
	int (*timeout_ms)(struct ui *ui);
	/* The end of a round.  False: nobody reads any more. */
	bool (*flush)(struct ui *ui);
};

/* Where events come from and commands go: the engine, or a test's script. */
struct ui_source {
	int (*fd)(void *arg);
	struct event *(*next)(void *arg);
	void (*command)(void *arg, const struct command *command);
	void *arg;
};

/* Standard input, output and error, or a test's pipes. */
struct ui_io {
	int in, out, err;
};

struct ui {
	const struct ui_options *options;
	const struct ui_source *source;
	const struct ui_ops *ops;
	struct ui_io io;
	struct out_wait wait; /* for the front end's output */
	void *data; /* the front end's */
	struct log *log;
	struct profile *profile;
	struct report report;
	struct str sentence;
	int64_t said_ms;       /* event time of the last sentence */
	unsigned interrupts;   /* how often the user asked to stop */
	int busy_rounds;       /* rounds without a pause, up to a number */
	bool keyboard_gone;
	bool output_gone;
	bool finished;
	int status;
};

/* ui_run on any source; the tests' door. */
int ui_run_with(const struct ui_source *source, const struct ui_io *io,
	const struct ui_options *options);

/* Wall clock and a clock that never jumps, for drawing. */
int64_t ui_wall_ms(void);
int64_t ui_steady_ms(void);
/* Whether sentences of this level are shown at all. */
bool ui_shows(const struct ui *ui, enum text_level level);
/* To the front end and the log. */
void ui_say(struct ui *ui, enum text_level level, const char *text);
/* account may be NULL. */
void ui_send(struct ui *ui, enum command_kind kind, const char *account);
/* Reads the signal pipe and does what each signal asks for (ui_signal.c). */
void ui_take_signals(struct ui *ui);
/* The user wants to stop (q), as INT does. */
void ui_stop(struct ui *ui);
/* account NULL: all. */
void ui_sync_now(struct ui *ui, const char *account);
/* This folder of the account, by its visible name, before its others. */
void ui_first(struct ui *ui, const char *account, const char *folder);
/* password NULL: there will be none. */
void ui_answer(struct ui *ui, uint64_t id, const char *password);

extern const struct ui_ops ui_curses, ui_ttyui, ui_basic, ui_quiet, ui_syslog,
	ui_machine, ui_json;

#endif
