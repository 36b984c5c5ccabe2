#include "config.h"

#include "base/worker.h"
#include "imap/flight_impl.h"

/* RFC 7888: a literal that does not wait for the server's "+". */
#define LITERAL_MINUS_MAX 4096

static struct flight_cmd *current(const struct run *run)
{
	return &run->f->cmd[run->sending];
}

static size_t room(const struct session *s)
{
	return s->out.len < SESSION_OUT_SIZE
		? SESSION_OUT_SIZE - s->out.len : 0;
}

static size_t smaller(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

static void trace_part(const struct cmd_part *part, struct str *line)
{
	switch (part->kind) {
	case PART_TEXT:
		str_add_span(line, span_str(&part->text));
		break;
	case PART_LITERAL:
		str_printf(line, "{%zu}", part->text.len);
		break;
	case PART_SOURCE:
		str_printf(line, "{%llu}",
			(unsigned long long)part->source.size);
		break;
	}
}

static void trace_command(struct session *s, const struct cmd *cmd)
{
	struct str line = {0};

	if (!(s->worker->debug & 1u << AREA_IMAP))
		return;
	if (cmd->secret)
		str_add(&line, "(hidden)");
	for (size_t i = 0; i < cmd->len && !cmd->secret; i++)
		trace_part(&cmd->part[i], &line);
	worker_log(s->worker, EVENT_DEBUG, AREA_IMAP, "> A%u %s", s->tag,
		str_get(&line));
	str_clear(&line);
}

static void begin_command(struct run *run)
{
	struct session *s = run->s;

	s->tag++;
	trace_command(s, &current(run)->cmd);
	str_printf(&s->out, "A%u ", s->tag);
	run->begun = true;
	run->part = 0;
	run->offset = 0;
	run->announced = false;
	run->expected[accept_verb(&current(run)->cmd)]++;
}

static void next_command(struct run *run)
{
	run->sending++;
	run->begun = false;
}

void flight_skip(struct run *run)
{
	run->waiting = false;
	next_command(run);
}

static void next_part(struct run *run)
{
	run->part++;
	run->offset = 0;
	run->announced = false;
}

static void fill_bytes(struct run *run, const struct str *text)
{
	size_t n = smaller(text->len - run->offset, room(run->s));

	str_add_mem(&run->s->out, str_get(text) + run->offset, n);
	run->offset += n;
	if (run->offset == text->len)
		next_part(run);
}

bool session_literal_waits(const struct session *s, uint64_t size)
{
	return !session_has(s, CAP_LITERAL_PLUS) &&
		(!session_has(s, CAP_LITERAL_MINUS) ||
			size > LITERAL_MINUS_MAX);
}

/* literal = "{" number64 ["+"] "}" CRLF *CHAR8 */
static void announce(struct run *run, uint64_t size)
{
	struct session *s = run->s;
	bool plus = !session_literal_waits(s, size);

	str_printf(&s->out, plus ? "{%llu+}\r\n" : "{%llu}\r\n",
		(unsigned long long)size);
	run->announced = true;
	run->left = size;
	run->waiting = !plus;
}

static bool source_failed(struct run *run, struct error *err)
{
	(void)run;
	return error_set(err, ERROR_MESSAGE, ERROR_OTHER,
		"the message became shorter while it was sent");
}

/* Straight from the source into the output buffer. */
static bool fill_source(struct run *run, const struct source *source,
	struct error *err)
{
	struct str *out = &run->s->out;
	size_t want = smaller(run->left, room(run->s)), got = 0;

	if (run->left == 0) {
		next_part(run);
		return true;
	}
	str_reserve(out, want);
	if (!source->read(source->arg, out->data + out->len, want, &got, err))
		return false;
	if (got == 0 || got > want)
		return source_failed(run, err);
	out->len += got;
	out->data[out->len] = '\0';
	run->left -= got;
	return true;
}

static bool fill_part(struct run *run, const struct cmd_part *part,
	struct error *err)
{
	switch (part->kind) {
	case PART_TEXT:
		fill_bytes(run, &part->text);
		return true;
	case PART_LITERAL:
		if (!run->announced)
			announce(run, part->text.len);
		else
			fill_bytes(run, &part->text);
		return true;
	case PART_SOURCE:
		if (run->announced)
			return fill_source(run, &part->source, err);
		announce(run, part->source.size);
		return true;
	}
	return true;
}

static bool fill_some(struct run *run, struct error *err)
{
	const struct cmd *cmd = &current(run)->cmd;

	if (!run->begun) {
		begin_command(run);
		return true;
	}
	if (run->part < cmd->len)
		return fill_part(run, &cmd->part[run->part], err);
	str_add(&run->s->out, "\r\n");
	next_command(run);
	return true;
}

bool flight_fill(struct run *run, struct error *err)
{
	while (!run->waiting && run->sending < run->f->len &&
		room(run->s) > 0)
		if (!fill_some(run, err))
			return false;
	return true;
}
