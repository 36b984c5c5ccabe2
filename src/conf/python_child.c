#include "config.h"

#include "conf/python_child.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/thread.h"
#include "base/worker.h"

/* As in process.c: nothing tells when a child has ended. */
#define SLICE_MAX_MS 50
/* For an answer that is on its way when the child has ended. */
#define GRACE_MS 500
/* A letter and a length of eleven digits. */
#define HEAD_LEN 12
/* What a sane answer stays far below. */
#define ANSWER_MAX ((uint64_t)256 * 1024 * 1024)
#define LINE_MAX_LEN 1000
#define LINES_MAX 200

static const char *const program[] = {
#include "conf/python_child_text.h"
};

struct exchange {
	struct python_child *child;
	struct span unsent;
	char head[HEAD_LEN];
	size_t head_len;
	size_t wanted; /* bytes of the body, once the head is there */
	struct python_answer *answer;
	int64_t deadline_ms, ended_ms; /* by clock_mono_ms; ended 0: not yet */
};

enum progress { GOING, ANSWERED, NONSENSE, DIED, LATE, STOPPED };

/* ---- what is printed there ---- */

static void log_line(struct python_child *c)
{
	c->lines++;
	if (c->lines <= LINES_MAX)
		worker_log(c->worker, EVENT_INFO, AREA_GENERAL, "python: %s",
			str_get(&c->line));
	else if (c->lines == LINES_MAX + 1)
		worker_log(c->worker, EVENT_INFO, AREA_GENERAL,
			"python: more was printed than is shown");
	str_reset(&c->line);
}

static void log_bytes(struct python_child *c, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\n')
			log_line(c);
		else if (c->line.len < LINE_MAX_LEN && text.data[i] != '\0')
			str_add_char(&c->line, text.data[i]);
	}
}

/* At most one buffer, so that a child that prints without end does not keep
 * us from looking at the clock. */
static bool log_some(struct python_child *c)
{
	char buffer[4096];
	ssize_t got = read(c->pipes.err_out, buffer, sizeof(buffer));

	if (got > 0)
		log_bytes(c, (struct span){buffer, (size_t)got});
	else if (got == 0)
		file_close(&c->pipes.err_out);
	return got > 0;
}

/* All that is there now: what was printed before the answer was sent. */
static void log_rest(struct python_child *c)
{
	for (int i = 0; i < 64 && c->pipes.err_out >= 0; i++)
		if (!log_some(c))
			break;
	if (c->line.len > 0)
		log_line(c);
}

/* ---- start and end ---- */

static void add_program(struct str *text)
{
	for (size_t i = 0; i < ARRAY_LEN(program); i++)
		str_add(text, program[i]);
}

bool python_child_start(struct python_child *c, const char *pythonfile,
	bool *found, struct error *err)
{
	struct str text = {0};
	char *path;

	*found = true;
	if (c->runs && !process_has_ended(c->pipes.pid))
		return true;
	python_child_end(c, true);
	path = process_find("python3");
	*found = path != NULL;
	if (path) {
		add_program(&text);
		c->runs = process_open((const char *[]){path, "-c",
			str_get(&text), pythonfile, NULL}, &c->pipes, err);
	}
	str_clear(&text);
	free(path);
	return c->runs || !*found;
}

void python_child_end(struct python_child *c, bool at_once)
{
	if (c->runs) {
		log_rest(c);
		process_close(&c->pipes, at_once);
	}
	c->runs = false;
	str_clear(&c->line);
}

/* ---- a question and its answer ---- */

static enum progress send_some(struct exchange *x)
{
	ssize_t sent = write(x->child->pipes.in, x->unsent.data,
		x->unsent.len);

	if (sent > 0) {
		x->unsent.data += sent;
		x->unsent.len -= (size_t)sent;
	} else if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		/* It will be seen to have ended. */
		file_close(&x->child->pipes.in);
		x->unsent.len = 0;
	}
	return GOING;
}

/* The whole body's room at once: a secret must leave no copies behind. */
static enum progress read_head(struct exchange *x)
{
	struct span digits = {x->head + 1, HEAD_LEN - 1};
	uint64_t len;

	if (!span_number(span_trim(digits), ANSWER_MAX, &len))
		return NONSENSE;
	x->answer->letter = x->head[0];
	x->wanted = (size_t)len;
	str_reserve(&x->answer->body, x->wanted);
	return GOING;
}

static enum progress take(struct exchange *x, size_t got)
{
	struct str *body = &x->answer->body;

	if (x->head_len < HEAD_LEN) {
		x->head_len += got;
		if (x->head_len == HEAD_LEN && read_head(x) != GOING)
			return NONSENSE;
	} else {
		body->len += got;
		body->data[body->len] = '\0';
	}
	if (x->head_len < HEAD_LEN || body->len < x->wanted)
		return GOING;
	return ANSWERED;
}

static enum progress receive_some(struct exchange *x)
{
	struct python_child *c = x->child;
	struct str *body = &x->answer->body;
	ssize_t got;

	if (x->head_len < HEAD_LEN)
		got = read(c->pipes.out, x->head + x->head_len,
			HEAD_LEN - x->head_len);
	else
		got = read(c->pipes.out, body->data + body->len,
			x->wanted - body->len);
	if (got > 0)
		return take(x, (size_t)got);
	if (got == 0)
		file_close(&c->pipes.out);
	return GOING;
}

static enum progress wait_once(struct exchange *x, int timeout_ms, bool *busy)
{
	struct process_pipes *p = &x->child->pipes;
	const struct stop *stop = x->child->worker->stop;
	struct pollfd fds[4] = {
		{.fd = p->out, .events = POLLIN},
		{.fd = p->err_out, .events = POLLIN},
		{.fd = x->unsent.len > 0 ? p->in : -1, .events = POLLOUT},
		{.fd = stop ? stop_fd(stop) : -1, .events = POLLIN},
	};

	*busy = poll(fds, 4, timeout_ms) > 0;
	if (!*busy)
		return GOING;
	if (fds[3].revents)
		return STOPPED;
	if (fds[2].revents)
		send_some(x);
	if (fds[1].revents)
		log_some(x->child);
	return fds[0].revents ? receive_some(x) : GOING;
}

/* By the child itself, not by the end of its pipes: what it left running may
 * hold those. */
static enum progress judge(struct exchange *x)
{
	int64_t now_ms = clock_mono_ms();

	if (x->ended_ms == 0 && process_has_ended(x->child->pipes.pid))
		x->ended_ms = now_ms;
	if (x->ended_ms != 0 && (x->child->pipes.out < 0 ||
			now_ms - x->ended_ms >= GRACE_MS))
		return DIED;
	return now_ms >= x->deadline_ms ? LATE : GOING;
}

static enum progress serve(struct exchange *x)
{
	enum progress progress = GOING;
	int slice_ms = 1;
	bool busy;

	while (progress == GOING) {
		progress = wait_once(x, slice_ms, &busy);
		if (progress == GOING)
			progress = judge(x);
		slice_ms = busy ? 1 : slice_ms * 2;
		if (slice_ms > SLICE_MAX_MS)
			slice_ms = SLICE_MAX_MS;
	}
	return progress;
}

static bool fail(struct error *err, enum error_kind kind, const char *why)
{
	return error_set(err, ERROR_ACCOUNT, kind, "%s", why);
}

static bool tell_status(int status, struct error *err)
{
	if (status > 128)
		return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
			"python3 was ended by signal %d before it answered",
			status - 128);
	return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
		"python3 ended with status %d before it answered", status);
}

/* Why there is no answer; the child is ended for it. */
static bool give_up(struct python_child *c, enum progress progress,
	int64_t limit_ms, struct error *err)
{
	int status;

	log_rest(c);
	status = process_close(&c->pipes, true);
	c->runs = false;
	switch (progress) {
	case GOING:
	case ANSWERED:
	case NONSENSE:
		return fail(err, ERROR_CONFIG,
			"what python3 answered makes no sense");
	case DIED:
		return tell_status(status, err);
	case STOPPED:
		return fail(err, ERROR_STOPPED,
			"stopped while python3 was at work");
	case LATE:
		break;
	}
	return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG, "python3 did not "
		"answer within %g s and was ended", (double)limit_ms / 1000);
}

bool python_child_ask(struct python_child *c, struct span request,
	int64_t limit_ms, struct python_answer *out, struct error *err)
{
	struct exchange x = {.child = c, .unsent = request, .answer = out,
		.deadline_ms = clock_mono_ms() + limit_ms};
	enum progress progress;

	c->lines = 0;
	*out = (struct python_answer){0};
	progress = serve(&x);
	if (progress == ANSWERED) {
		log_rest(c);
		return true;
	}
	str_clear_secret(&out->body);
	return give_up(c, progress, limit_ms, err);
}
