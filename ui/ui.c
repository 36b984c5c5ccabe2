#include "config.h"

#include "ui.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clean.h"
#include "command.h"
#include "engine.h"
#include "event.h"
#include "out.h"
#include "terminal.h"
#include "ui_ops.h"

/* Events of one round: more wait until the keyboard and the signals have
 * been looked at. */
#define ROUND_EVENTS_MAX 2000
/* When events come without a pause, so many rounds long, they are left to
 * gather for a moment: nobody sees the difference, and the workers need not
 * wake this thread for each. */
#define BUSY_ROUNDS 8
#define PAUSE_MS 5
#define GATHER_MS 20
/* A front end that writes lines is not silent for longer than this while
 * something moves. */
#define SILENCE_MS 60000

static const struct ui_ops *const front_ends[] = {
	&ui_curses,
	&ui_ttyui,
	&ui_basic,
	&ui_quiet,
	&ui_syslog,
	&ui_machine,
	&ui_json,
};

const struct ui_ops *ui_find(const char *name, struct error *err)
{
	const char *dot = strrchr(name, '.');
	const char *wanted = dot != NULL ? dot + 1 : name;
	struct str clean = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(front_ends); i++) {
		const struct ui_ops *ops = front_ends[i];
		if (ascii_casecmp(ops->name, wanted) == 0 ||
			(ops->alias != NULL &&
				ascii_casecmp(ops->alias, wanted) == 0))
			return ops;
	}
	clean_add(&clean, name);
	error_set(err, ERROR_FATAL, ERROR_CONFIG,
		"there is no user interface '%s'; there are curses (also"
		" called blinkenlights), ttyui, basic, quiet, syslog,"
		" machineui and json", str_get(&clean));
	str_clear(&clean);
	return NULL;
}

const struct ui_ops *ui_default(void)
{
	return ui_curses.possible() ? &ui_curses : &ui_basic;
}

const char *ui_name(const struct ui_ops *ops)
{
	return ops->name;
}

bool ui_wants_files(const struct ui_ops *ops)
{
	return ops->wants_files;
}

void ui_emergency(void)
{
	terminal_restore();
}

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t ui_wall_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int64_t ui_steady_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

bool ui_shows(const struct ui *ui, enum text_level level)
{
	if (level == TEXT_NONE)
		return false;
	return level > TEXT_DEBUG || ui->options->debug != 0;
}

static void log_sentence(struct ui *ui, int64_t time_ms,
	const struct sentence *sentence)
{
	if (ui->log != NULL && ui_shows(ui, sentence->level))
		log_add(ui->log, time_ms, sentence->level, sentence->text);
}

void ui_say(struct ui *ui, enum text_level level, const char *text)
{
	struct sentence sentence = { .level = level, .text = text };

	ui->ops->say(ui, &sentence);
	log_sentence(ui, ui_wall_ms(), &sentence);
}

void ui_send(struct ui *ui, enum command_kind kind, const char *account)
{
	struct command command = { .kind = kind, .account = account };

	if (kind == COMMAND_STOP)
		ui->wait.brief = true;
	ui->source->command(ui->source->arg, &command);
}

void ui_sync_now(struct ui *ui, const char *account)
{
	ui_send(ui, COMMAND_SYNC_NOW, account);
}

void ui_first(struct ui *ui, const char *account, const char *folder)
{
	struct command command = { .kind = COMMAND_FIRST, .account = account,
		.folder = folder };

	ui->source->command(ui->source->arg, &command);
}

void ui_answer(struct ui *ui, uint64_t id, const char *password)
{
	struct command command = {
		.kind = COMMAND_PASSWORD,
		.id = id,
		.password = password,
	};

	ui->source->command(ui->source->arg, &command);
}

/* Why a password is wanted again is told by a sentence: a prompt may have no
 * room for it. */
static void say_reason(struct ui *ui, const struct event *ev)
{
	struct str text = { 0 };

	if (*ev->u.password.reason == '\0')
		return;
	clean_add_lines(&text, ev->u.password.reason);
	ui_say(ui, TEXT_WARNING, str_get(&text));
	str_clear(&text);
}

static void take_question(struct ui *ui, const struct event *ev)
{
	struct str text = { 0 };

	say_reason(ui, ev);
	if (ui->ops->ask != NULL) {
		ui->ops->ask(ui, ev);
		return;
	}
	str_add(&text, "A password is wanted for user '");
	clean_add(&text, ev->u.password.user);
	str_add(&text, "' (");
	clean_add(&text, ev->u.password.repository);
	str_printf(&text, "), but the user interface %s cannot ask for it",
		ui->ops->name);
	ui_say(ui, TEXT_WARNING, str_get(&text));
	str_clear(&text);
	ui_answer(ui, ev->u.password.id, NULL);
}

/* The event in words; progress becomes words only to break a long silence. */
static struct sentence make_sentence(struct ui *ui, const struct event *ev)
{
	struct sentence sentence = {
		.level = text_event(ev, &ui->sentence),
	};

	if (ui->said_ms == 0)
		ui->said_ms = ev->time_ms;
	if (ev->kind == EVENT_PROGRESS &&
		ev->time_ms - ui->said_ms >= SILENCE_MS) {
		text_add_progress(&ui->sentence, ev);
		sentence.level = TEXT_INFO;
	}
	if (ui_shows(ui, sentence.level))
		ui->said_ms = ev->time_ms;
	sentence.text = str_get(&ui->sentence);
	return sentence;
}

static void take_event(struct ui *ui, const struct event *ev)
{
	struct sentence sentence = make_sentence(ui, ev);

	log_sentence(ui, ev->time_ms, &sentence);
	if (ui->profile != NULL)
		profile_event(ui->profile, ev);
	if (ev->kind == EVENT_ERROR)
		report_error(&ui->report, sentence.text);
	if (ev->kind == EVENT_HELD)
		report_held(&ui->report, sentence.text);
	if (ev->kind == EVENT_FINISHED) {
		ui->finished = true;
		ui->status = ev->u.finished.exit_status;
	}
	ui->ops->event(ui, ev, &sentence);
	if (ev->kind == EVENT_PASSWORD)
		take_question(ui, ev);
}

static void take_events(struct ui *ui)
{
	for (int i = 0; i < ROUND_EVENTS_MAX && !ui->finished; i++) {
		struct event *ev = ui->source->next(ui->source->arg);
		if (ev == NULL)
			return;
		take_event(ui, ev);
		event_free(ev);
	}
}

static void take_key(struct ui *ui)
{
	if (!ui->ops->key(ui))
		ui->keyboard_gone = true;
}

static bool wants_key(struct ui *ui)
{
	return !ui->keyboard_gone && ui->ops->wants_key != NULL &&
		ui->ops->wants_key(ui);
}

static void flush(struct ui *ui)
{
	if (ui->log != NULL)
		log_flush(ui->log);
	if (ui->ops->flush(ui) || ui->output_gone)
		return;
	/* Whoever started us has stopped listening: end as on INT, but
	 * without a word, for there is nobody to say it to. */
	ui->output_gone = true;
	ui_send(ui, COMMAND_STOP, NULL);
}

static bool is_busy(const struct ui *ui)
{
	return ui->busy_rounds == BUSY_ROUNDS;
}

static int timeout_ms(struct ui *ui)
{
	int ms = ui->ops->timeout_ms != NULL ? ui->ops->timeout_ms(ui) : -1;

	return is_busy(ui) && (ms < 0 || ms > GATHER_MS) ? GATHER_MS : ms;
}

/* Once busy, every other round gathers, until one had to wait for events. */
static void count_busy(struct ui *ui, int64_t waited_ms)
{
	if (is_busy(ui))
		ui->busy_rounds--;
	else if (waited_ms < PAUSE_MS)
		ui->busy_rounds++;
	else
		ui->busy_rounds = 0;
}

/* One round: wait, then look at everything that there is. */
static void turn(struct ui *ui)
{
	enum { EVENTS, SIGNALS, KEYBOARD, COUNT };
	int64_t began_ms = ui_steady_ms();
	struct pollfd fds[COUNT] = {
		[EVENTS] = { .fd = is_busy(ui) ? -1 :
			ui->source->fd(ui->source->arg) },
		[SIGNALS] = { .fd = ui->options->signal_fd },
		[KEYBOARD] = { .fd = wants_key(ui) ? ui->io.in : -1 },
	};

	for (size_t i = 0; i < COUNT; i++)
		fds[i].events = POLLIN;
	if (poll(fds, COUNT, timeout_ms(ui)) < 0)
		return; /* EINTR: the signal's byte is in the pipe */
	count_busy(ui, ui_steady_ms() - began_ms);
	if (fds[SIGNALS].revents != 0)
		ui_take_signals(ui);
	if (fds[EVENTS].revents != 0)
		take_events(ui);
	if (fds[KEYBOARD].revents != 0 && wants_key(ui))
		take_key(ui);
	flush(ui);
}

static void say_list(struct ui *ui, enum text_level level,
	const struct report_list *list, const char *what)
{
	struct str text = { 0 };

	for (size_t i = 0; i < list->kept; i++)
		ui_say(ui, level, list->texts[i]);
	if (list->total > list->kept) {
		str_printf(&text, "(and %zu more %s)",
			list->total - list->kept, what);
		ui_say(ui, level, str_get(&text));
	}
	str_clear(&text);
}

static void say_report(struct ui *ui)
{
	if (ui->ops->self_reporting)
		return;
	if (ui->report.errors.total > 0) {
		ui_say(ui, TEXT_WARNING,
			"ERROR: Exceptions occurred during the run!");
		say_list(ui, TEXT_ERROR, &ui->report.errors, "errors");
	}
	if (ui->ops->repeats_held)
		say_list(ui, TEXT_WARNING, &ui->report.held, "folders");
}

/* A sentence on standard error, before or after the front end's life. */
static void complain(const struct ui_io *io, const char *text)
{
	struct out out;

	out_init(&out, io->err, NULL);
	out_add(&out, "offlineimap: ");
	clean_add_lines(&out.pending, text);
	out_line(&out, "");
	out_flush(&out);
	out_clear(&out);
}

static void open_front_end(struct ui *ui)
{
	struct error err = { 0 };

	if (ui->ops->open(ui, &err))
		return;
	error_add(&err, "the user interface %s does not work here, using %s",
		ui->ops->name, ui_basic.name);
	complain(&ui->io, err.text);
	ui->ops = &ui_basic;
	if (!ui->ops->open(ui, &err))
		complain(&ui->io, err.text);
}

/* Without what was asked for nothing is done: the engine is told to stop
 * before it could do much. */
static void refuse(struct ui *ui, const struct error *err)
{
	ui_say(ui, TEXT_ERROR, err->text);
	report_error(&ui->report, err->text);
	ui->status = EXIT_STATUS_CONFIG;
	ui_send(ui, COMMAND_STOP, NULL);
}

static void open_log(struct ui *ui)
{
	struct error err = { 0 };

	if (ui->options->log_file == NULL && !ui->options->log_syslog)
		return;
	ui->log = log_open(ui->options, ui_wall_ms(), &err);
	if (ui->log == NULL)
		refuse(ui, &err);
}

static void open_profile(struct ui *ui)
{
	const char *dir = ui->options->profile_dir;
	struct error err = { 0 };
	struct str text = { 0 };
	bool was_there;

	if (dir == NULL)
		return;
	ui->profile = profile_open(dir, &was_there, &err);
	if (ui->profile == NULL) {
		refuse(ui, &err);
	} else if (was_there) {
		str_add(&text, "The directory of profiles ");
		clean_add(&text, dir);
		str_add(&text, " is there already");
		ui_say(ui, TEXT_WARNING, str_get(&text));
	}
	str_clear(&text);
}

static void close_profile(struct ui *ui)
{
	struct error err = { 0 };

	if (profile_close(ui->profile, &err))
		return;
	ui_say(ui, TEXT_ERROR, err.text);
	if (ui->status == EXIT_STATUS_OK)
		ui->status = EXIT_STATUS_ERROR;
}

static void close_all(struct ui *ui)
{
	struct error err = { 0 };

	if (ui->ops->leave != NULL)
		ui->ops->leave(ui);
	close_profile(ui);
	say_report(ui);
	flush(ui);
	ui->ops->close(ui);
	if (!log_close(ui->log, &err)) {
		complain(&ui->io, err.text);
		if (ui->status == EXIT_STATUS_OK)
			ui->status = EXIT_STATUS_ERROR;
	}
	report_clear(&ui->report);
	str_clear(&ui->sentence);
}

int ui_run_with(const struct ui_source *source, const struct ui_io *io,
	const struct ui_options *options)
{
	struct ui ui = {
		.options = options,
		.source = source,
		.ops = options->ops,
		.io = *io,
		.wait = { .fd = options->signal_fd },
	};
	bool refused;

	open_front_end(&ui);
	open_log(&ui);
	open_profile(&ui);
	flush(&ui);
	refused = ui.status != 0;
	while (!ui.finished)
		turn(&ui);
	if (refused)
		ui.status = EXIT_STATUS_CONFIG;
	close_all(&ui);
	return ui.status;
}
