#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "countdown.h"
#include "event.h"
#include "machine_text.h"
#include "mem.h"
#include "out.h"
#include "ui_ops.h"

#define MAIN_THREAD "MainThread"
/* The longest line that a parent program may send. */
#define INPUT_SIZE 8192

/*
 * Lines on standard output for a parent program, which answers "getpass" with
 * one line on standard input.  While an answer is awaited, nothing else is
 * said: what happens meanwhile is held back.
 */
struct machine {
	struct out out;
	struct str held;
	struct ask questions;
	struct countdown naps;
	bool asking;
	bool ended;    /* there is no more input */
	size_t len;
	char input[INPUT_SIZE];
};

static struct str *lines(struct machine *machine)
{
	return machine->asking ? &machine->held : &machine->out.pending;
}

static bool machine_open(struct ui *ui, struct error *err)
{
	struct machine *machine = mem_calloc(1, sizeof(*machine));
	struct str banner = { 0 };

	(void)err;
	out_init(&machine->out, ui->io.out, &ui->wait);
	ui->data = machine;
	text_add_banner(&banner, ui->options->version);
	out_line(&machine->out, str_get(&banner));
	machine_add_line(&machine->out.pending, "msg", "protocol", MAIN_THREAD,
		MACHINE_PROTOCOL);
	machine_add_line(&machine->out.pending, "msg", "initbanner",
		MAIN_THREAD, str_get(&banner));
	machine_add_debug(&machine->out.pending, ui->options->debug);
	str_clear(&banner);
	return true;
}

static void release(struct machine *machine)
{
	machine->asking = false;
	str_add_span(&machine->out.pending, span_str(&machine->held));
	str_reset(&machine->held);
}

static void machine_close(struct ui *ui)
{
	struct machine *machine = ui->data;
	struct str message = { 0 };

	release(machine);
	str_printf(&message, "%d\n\n", ui->status);
	machine_add_line(&machine->out.pending, "msg", "terminate",
		MAIN_THREAD, str_get(&message));
	out_flush(&machine->out);
	str_clear(&message);
	str_clear(&machine->held);
	ask_clear(&machine->questions);
	countdown_clear(&machine->naps);
	out_clear(&machine->out);
	mem_wipe(machine->input, sizeof(machine->input));
	free(machine);
}

static void machine_event(struct ui *ui, const struct event *ev,
	const struct sentence *sentence)
{
	struct machine *machine = ui->data;

	if (ev->kind == EVENT_SLEEPING)
		countdown_set(&machine->naps, ev, ui_steady_ms());
	/* A question is told when its turn comes. */
	if (ev->kind != EVENT_PASSWORD && !machine->out.broken)
		machine_add_event(lines(machine), ev, sentence,
			ui->options->debug != 0);
}

static void machine_say(struct ui *ui, const struct sentence *sentence)
{
	struct machine *machine = ui->data;

	if (ui_shows(ui, sentence->level) && !machine->out.broken)
		machine_add_text(lines(machine), sentence->level, MAIN_THREAD,
			sentence->text);
}

/* Takes size bytes off the front of the input. */
static void consume(struct machine *machine, size_t size)
{
	machine->len -= size;
	memmove(machine->input, machine->input + size, machine->len);
	mem_wipe(machine->input + machine->len,
		sizeof(machine->input) - machine->len);
}

/* Answers the current question with what has been read, if that is enough. */
static bool answer_from_input(struct ui *ui)
{
	struct machine *machine = ui->data;
	uint64_t id = ask_current(&machine->questions)->u.password.id;
	char *end = memchr(machine->input, '\n', machine->len);

	if (end != NULL) {
		*end = '\0';
		ui_answer(ui, id, machine->input);
		consume(machine, (size_t)(end - machine->input) + 1);
		return true;
	}
	/* One byte is kept free for this NUL. */
	if (machine->ended && machine->len > 0) {
		machine->input[machine->len] = '\0';
		ui_answer(ui, id, machine->input);
	} else if (machine->ended || machine->len == INPUT_SIZE - 1) {
		ui_answer(ui, id, NULL);
	} else {
		return false;
	}
	consume(machine, machine->len);
	return true;
}

static void ask_oldest(struct ui *ui)
{
	struct machine *machine = ui->data;
	const struct event *question;

	while (!machine->asking &&
		(question = ask_current(&machine->questions)) != NULL) {
		machine_add_event(&machine->out.pending, question,
			&(struct sentence){ .level = TEXT_NONE }, false);
		machine->asking = !answer_from_input(ui);
		if (!machine->asking)
			ask_next(&machine->questions);
	}
}

static void machine_ask(struct ui *ui, const struct event *question)
{
	struct machine *machine = ui->data;

	ask_add(&machine->questions, question);
	ask_oldest(ui);
}

static bool machine_wants_key(struct ui *ui)
{
	const struct machine *machine = ui->data;

	return machine->asking;
}

static bool machine_key(struct ui *ui)
{
	struct machine *machine = ui->data;
	ssize_t n = read(ui->io.in, machine->input + machine->len,
		INPUT_SIZE - 1 - machine->len);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n > 0)
		machine->len += (size_t)n;
	else
		machine->ended = true;
	if (answer_from_input(ui)) {
		ask_next(&machine->questions);
		release(machine);
		ask_oldest(ui);
	}
	return !machine->ended;
}

static int machine_timeout_ms(struct ui *ui)
{
	const struct machine *machine = ui->data;

	return countdown_timeout_ms(&machine->naps, ui_steady_ms());
}

static bool machine_flush(struct ui *ui)
{
	struct machine *machine = ui->data;
	const struct event *step;

	while ((step = countdown_next(&machine->naps, ui_steady_ms())) != NULL)
		machine_add_event(lines(machine), step,
			&(struct sentence){ .level = TEXT_NONE }, false);
	return out_flush(&machine->out);
}

const struct ui_ops ui_machine = {
	.name = "machineui",
	.self_reporting = true,
	.open = machine_open,
	.close = machine_close,
	.event = machine_event,
	.say = machine_say,
	.ask = machine_ask,
	.wants_key = machine_wants_key,
	.key = machine_key,
	.timeout_ms = machine_timeout_ms,
	.flush = machine_flush,
};
