#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "event.h"
#include "json_text.h"
#include "mem.h"
#include "out.h"
#include "terminal.h"
#include "ui_ops.h"

/* The longest line that a parent program may send. */
#define INPUT_SIZE 8192
/* One worker's progress is told no oftener. */
#define PROGRESS_EVERY_MS 500

/* What was last told of one worker's progress. */
struct told {
	int64_t time_ms;
	enum event_phase phase;
};

/*
 * One JSON object a line on standard output; answers and commands, one a
 * line, on standard input.  Questions are answered by their number, in any
 * order, while lines go on.
 */
struct json {
	struct out out;
	uint64_t *question; /* those not answered yet */
	size_t questions;
	struct told *told;  /* by cell */
	size_t cells;
	bool listens;       /* standard input may be read */
	bool ended;         /* there is no more input */
	bool too_long;      /* the rest of this line is skipped */
	size_t len;
	char input[INPUT_SIZE];
};

static bool json_open(struct ui *ui, struct error *err)
{
	struct json *json = mem_calloc(1, sizeof(*json));

	(void)err;
	out_init(&json->out, ui->io.out, &ui->wait);
	/* A program in the background of a terminal would be stopped. */
	json->listens = isatty(ui->io.in) != 1 || terminal_can_ask(ui->io.in);
	ui->data = json;
	json_add_hello(&json->out.pending, ui->options->version,
		ui_wall_ms());
	return true;
}

static void json_close(struct ui *ui)
{
	struct json *json = ui->data;

	json_add_finished(&json->out.pending, ui->status, ui_wall_ms());
	out_flush(&json->out);
	out_clear(&json->out);
	free(json->question);
	free(json->told);
	mem_wipe(json->input, sizeof(json->input));
	free(json);
}

/* ---- Telling ---- */

static struct told *told_of(struct json *json, unsigned cell)
{
	size_t before = json->cells;

	if (cell >= before) {
		json->cells = (size_t)cell + 1;
		json->told = mem_resize(
			json->told, json->cells, sizeof(*json->told));
		memset(json->told + before, 0,
			(json->cells - before) * sizeof(*json->told));
	}
	return &json->told[cell];
}

/* The last value of a piece of work is told in any case. */
static bool is_too_soon(struct json *json, const struct event *ev)
{
	const struct event_progress *p = &ev->u.progress;
	struct told *told = told_of(json, ev->cell);
	int64_t since_ms = ev->time_ms - told->time_ms;

	if (since_ms >= 0 && since_ms < PROGRESS_EVERY_MS &&
		p->phase == told->phase &&
		(p->total == 0 || p->done < p->total))
		return true;
	*told = (struct told){ ev->time_ms, p->phase };
	return false;
}

/* The last line is written when the exit status is final. */
static void json_event(struct ui *ui, const struct event *ev,
	const struct sentence *sentence)
{
	struct json *json = ui->data;
	bool hidden = ev->kind == EVENT_LOG && !ui_shows(ui, sentence->level);

	if (hidden || ev->kind == EVENT_FINISHED || json->out.broken ||
		(ev->kind == EVENT_PROGRESS && is_too_soon(json, ev)))
		return;
	json_add_event(&json->out.pending, ev);
}

static void json_say(struct ui *ui, const struct sentence *sentence)
{
	struct json *json = ui->data;

	if (ui_shows(ui, sentence->level) && !json->out.broken)
		json_add_say(&json->out.pending, sentence->level,
			sentence->text, ui_wall_ms());
}

static bool json_flush(struct ui *ui)
{
	struct json *json = ui->data;

	return out_flush(&json->out);
}

/* ---- Being told ---- */

static void complain(struct ui *ui, const char *why)
{
	json_say(ui, &(struct sentence){ TEXT_WARNING, why });
}

static void json_ask(struct ui *ui, const struct event *question)
{
	struct json *json = ui->data;
	uint64_t id = question->u.password.id;

	if (!json->listens || json->ended) {
		ui_answer(ui, id, NULL);
		return;
	}
	json->question = mem_resize(json->question, json->questions + 1,
		sizeof(*json->question));
	json->question[json->questions++] = id;
}

static bool take_question(struct json *json, uint64_t id)
{
	for (size_t i = 0; i < json->questions; i++) {
		if (json->question[i] != id)
			continue;
		json->question[i] = json->question[--json->questions];
		return true;
	}
	return false;
}

/* The parser's copy of a password does not stay in memory. */
static void wipe(json_t *value)
{
	const char *text = json_string_value(value);

	if (text != NULL)
		mem_wipe((void *)(uintptr_t)text, json_string_length(value));
}

static void take_answer(struct ui *ui, const json_t *line)
{
	const json_t *id = json_object_get(line, "answer");
	json_t *password = json_object_get(line, "password");
	json_int_t number = json_integer_value(id);

	if (!json_is_integer(id) || number < 0 ||
		!(json_is_null(password) || json_is_string(password)))
		complain(ui, "standard input: an answer needs the number of"
			" the question, and a password or null");
	else if (!take_question(ui->data, (uint64_t)number))
		complain(ui, "standard input: an answer to no question");
	else
		ui_answer(ui, (uint64_t)number, json_string_value(password));
	wipe(password);
}

static void take_first(struct ui *ui, const char *account,
	const char *folder)
{
	if (account == NULL || folder == NULL)
		complain(ui, "standard input: first needs an account and a"
			" folder");
	else
		ui_first(ui, account, folder);
}

static void take_command(struct ui *ui, const json_t *line)
{
	static const struct {
		const char *name;
		enum command_kind kind;
	} commands[] = {
		{ "sync", COMMAND_SYNC_NOW },
		{ "stop", COMMAND_STOP },
		{ "finish", COMMAND_STOP_AFTER },
	};
	const char *name = json_string_value(json_object_get(line, "command"));
	const char *account =
		json_string_value(json_object_get(line, "account"));
	const char *folder =
		json_string_value(json_object_get(line, "folder"));

	if (name != NULL && strcmp(name, "first") == 0) {
		take_first(ui, account, folder);
		return;
	}
	for (size_t i = 0; name != NULL && i < ARRAY_LEN(commands); i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		ui_send(ui, commands[i].kind, account);
		return;
	}
	complain(ui, "standard input: no command of that name; there are sync,"
		" first, stop and finish");
}

static void take_line(struct ui *ui, const char *text, size_t len)
{
	json_t *line = json_loadb(text, len, 0, NULL);

	/* What was sent is not repeated: it may be a password. */
	if (!json_is_object(line))
		complain(ui, "standard input: a line that is no JSON object");
	else if (json_object_get(line, "answer") != NULL)
		take_answer(ui, line);
	else
		take_command(ui, line);
	json_decref(line);
}

static void take_lines(struct ui *ui)
{
	struct json *json = ui->data;
	size_t at = 0;
	const char *end;

	while ((end = memchr(json->input + at, '\n', json->len - at)) != NULL) {
		size_t len = (size_t)(end - (json->input + at));

		if (!json->too_long && len > 0)
			take_line(ui, json->input + at, len);
		json->too_long = false;
		at += len + 1;
	}
	json->len -= at;
	memmove(json->input, json->input + at, json->len);
	mem_wipe(json->input + json->len, INPUT_SIZE - json->len);
	if (json->len < INPUT_SIZE)
		return;
	if (!json->too_long)
		complain(ui, "standard input: a line that is too long");
	json->too_long = true;
	json->len = 0;
}

/* Nobody will answer any more. */
static void end_input(struct ui *ui)
{
	struct json *json = ui->data;

	if (json->len > 0 && !json->too_long)
		take_line(ui, json->input, json->len);
	json->ended = true;
	while (json->questions > 0)
		ui_answer(ui, json->question[--json->questions], NULL);
}

static bool json_wants_key(struct ui *ui)
{
	const struct json *json = ui->data;

	return json->listens && !json->ended;
}

static bool json_key(struct ui *ui)
{
	struct json *json = ui->data;
	ssize_t n = read(ui->io.in, json->input + json->len,
		INPUT_SIZE - json->len);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n > 0) {
		json->len += (size_t)n;
		take_lines(ui);
		return true;
	}
	end_input(ui);
	return false;
}

const struct ui_ops ui_json = {
	.name = "json",
	.self_reporting = true,
	.wants_files = true,
	.open = json_open,
	.close = json_close,
	.event = json_event,
	.say = json_say,
	.ask = json_ask,
	.wants_key = json_wants_key,
	.key = json_key,
	.flush = json_flush,
};
