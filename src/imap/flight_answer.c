#include "config.h"

#include "base/worker.h"
#include "imap/flight_impl.h"
#include "imap/parse.h"

static bool broken(struct run *run, struct error *err, const char *why)
{
	return session_broken(run->s, err, why);
}

uint32_t flight_tag_number(struct span tag)
{
	uint64_t n;

	if (tag.len < 2 || tag.data[0] != 'A')
		return 0;
	tag.data++;
	tag.len--;
	return span_number(tag, UINT32_MAX, &n) ? (uint32_t)n : 0;
}

/* False: not the tag of a command of this flight that was begun. */
static bool find_command(const struct run *run, uint32_t tag, size_t *index)
{
	if (tag < run->first_tag || tag > run->s->tag)
		return false;
	*index = tag - run->first_tag;
	return true;
}

static void record(struct flight_cmd *c, const struct response *r, bool code)
{
	c->result = r->condition;
	str_add_span(&c->text,
		r->condition == CONDITION_OK ? r->text : r->words);
	if (!code)
		return;
	c->code = r->code.kind;
	if (r->code.kind == CODE_APPENDUID && r->code.set.len > 0 &&
		seqset_count(&r->code.set) == 1) {
		c->code_number = (uint32_t)r->code.number;
		c->code_uid = r->code.set.range[0].first;
	}
}

/* RFC 9051 section 3: from here on it is somebody's data. */
static void on_login(struct session *s, bool ok)
{
	if (s->state == STATE_STRANGER && ok)
		s->state = STATE_KNOWN;
}

/* RFC 9051 sections 6.3.2 and 6.4.1: what a SELECT or CLOSE leaves. */
static void change_state(struct session *s, const struct cmd *cmd,
	enum expect verb, bool ok)
{
	if (verb == EXPECT_LOGIN)
		on_login(s, ok);
	if (s->state < STATE_KNOWN)
		return;
	if (verb == EXPECT_SELECT)
		s->state = ok ? STATE_SELECTED : STATE_KNOWN;
	else if (verb == EXPECT_UNSELECT && ok)
		s->state = STATE_KNOWN;
	if (verb != EXPECT_SELECT && verb != EXPECT_UNSELECT)
		return;
	str_reset(&s->selected);
	if (s->state == STATE_SELECTED)
		cmd_arguments(cmd, &s->selected);
}

/* RFC 9051 section 7.1: an ALERT must be shown; not what came before TLS. */
static void show_alert(struct session *s, const struct response *r)
{
	struct str text = {0};

	if (r->code.kind != CODE_ALERT || s->state == STATE_CLEAR)
		return;
	str_add_span(&text, r->text);
	session_mask(s, &text);
	worker_log(s->worker, EVENT_WARNING, AREA_IMAP,
		"%s: the server says: %s", s->repository, str_get(&text));
	str_clear(&text);
}

static bool settle(struct run *run, size_t index, const struct response *r,
	struct error *err)
{
	struct flight_cmd *c = &run->f->cmd[index];
	enum expect verb = accept_verb(&c->cmd);
	struct response told = *r;
	bool code = accept_tagged_code(verb, r->code.kind);

	if (!code)
		told.code = (struct code){0};
	record(c, r, code);
	run->unanswered--;
	run->expected[verb]--;
	change_state(run->s, &c->cmd, verb, r->condition == CONDITION_OK);
	if (r->condition == CONDITION_OK)
		show_alert(run->s, r);
	if (code && r->code.kind == CODE_CAPABILITY &&
		r->condition == CONDITION_OK)
		caps_set(run->s, r->code.values);
	if (verb == EXPECT_COMPRESS && !session_compressed(run->s, r, err))
		return false;
	if (!run->handler || !run->handler->tagged)
		return true;
	return run->handler->tagged(run->handler->arg, index, &told, err);
}

static bool on_tagged(struct run *run, const struct response *r,
	struct error *err)
{
	uint32_t tag = flight_tag_number(r->tag);
	bool ok = r->condition == CONDITION_OK;
	size_t index;

	if (tag > 0 && tag == run->s->orphan) {
		run->s->orphan = 0;
		return true;
	}
	if (!find_command(run, tag, &index) ||
		run->f->cmd[index].result != CONDITION_NONE ||
		run->f->cmd[index].eaten)
		return broken(run, err,
			"the server answered a command that was not sent");
	if (!ok && r->condition != CONDITION_NO &&
		r->condition != CONDITION_BAD)
		return broken(run, err, "the server's answer is no answer");
	if (index == run->sending && ok)
		return broken(run, err,
			"the server answered before the command was sent");
	if (index == run->sending && run->waiting)
		flight_skip(run);
	return settle(run, index, r, err);
}

static bool answer_challenge(struct run *run, struct span challenge,
	struct error *err)
{
	struct str answer = {0};
	bool ok = run->challenge(run->challenge_arg, challenge, &answer, err);

	if (ok) {
		str_add_span(&run->s->out, span_str(&answer));
		str_add(&run->s->out, "\r\n");
	}
	str_clear_secret(&answer);
	return ok;
}

/* Behind an early login that has no answer yet: what follows it has been read
 * as the answer to this.  It is no base64, so the login is refused. */
static bool eat_command(struct run *run, struct error *err)
{
	size_t at = 1;

	while (at < run->sending &&
		(run->f->cmd[at].result != CONDITION_NONE ||
		run->f->cmd[at].eaten))
		at++;
	if (at >= run->sending || run->s->out_at < run->s->out.len)
		return broken(run, err,
			"the server wants to read where nothing is left");
	*run->eaten = true;
	run->f->cmd[at].eaten = true;
	run->unanswered--;
	run->expected[accept_verb(&run->f->cmd[at].cmd)]--;
	return true;
}

static bool on_continue(struct run *run, const struct response *r,
	struct error *err)
{
	if (run->waiting) {
		run->waiting = false;
		return true;
	}
	if (run->eaten && run->f->cmd[0].result == CONDITION_NONE)
		return eat_command(run, err);
	if (run->idle && !run->idling) {
		run->idling = true;
		return true;
	}
	if (run->challenge && run->sending == run->f->len &&
		run->unanswered > 0)
		return answer_challenge(run, r->text, err);
	return broken(run, err,
		"the server wants to read where nothing is to be sent");
}

static void on_bye(struct run *run, const struct response *r)
{
	struct session *s = run->s;

	s->dead = true;
	if (s->bye.len == 0)
		str_add_span(&s->bye, r->words);
	/* A tagged answer may still come; the end is not waited for long. */
	stream_limit(s->stream, 5000);
}

/* Q7: instead of "+" or a tagged answer, when there is no other command that
 * the BAD could be meant for. */
static bool refused_untagged(const struct run *run, const struct response *r)
{
	return r->condition == CONDITION_BAD && run->waiting &&
		run->unanswered == run->f->len - run->sending;
}

static bool refuse_untagged(struct run *run, const struct response *r,
	struct error *err)
{
	size_t index = run->sending;

	run->s->orphan = run->s->tag;
	flight_skip(run);
	return settle(run, index, r, err);
}

static bool hand_on(struct run *run, const struct response *r,
	struct error *err)
{
	if (!run->handler || !run->handler->response)
		return true;
	return run->handler->response(run->handler->arg, r, err);
}

static bool on_condition(struct run *run, const struct response *r,
	struct error *err)
{
	struct session *s = run->s;
	struct response told = *r;

	if (r->condition == CONDITION_BYE) {
		on_bye(run, r);
		return true;
	}
	if (r->condition == CONDITION_PREAUTH)
		return broken(run, err, "a second greeting");
	if (refused_untagged(run, r))
		return refuse_untagged(run, r, err);
	show_alert(s, r);
	if (!accept_code(s->state, r->code.kind, run->expected))
		told.code = (struct code){0};
	else if (r->code.kind == CODE_CAPABILITY)
		caps_set(s, r->code.values);
	return hand_on(run, &told, err);
}

/* enable-data = "ENABLED" *(SP capability), RFC 9051 section 7.2.1 */
static void note_enabled(struct session *s, const struct value *names)
{
	for (; names; names = names->next)
		if (span_is_nocase(names->text, "QRESYNC"))
			s->qresync = true;
}

/* S13c: before TLS nothing is legal that could be remembered. */
static bool legal_before_tls(const struct response *r)
{
	return r->kind == RESPONSE_TAGGED ||
		r->kind == RESPONSE_CAPABILITY ||
		(r->kind == RESPONSE_CONDITION &&
			r->condition == CONDITION_BYE);
}

bool flight_response(struct run *run, const struct response *r,
	struct error *err)
{
	struct session *s = run->s;

	session_trace(s, "<", r);
	s->patience_ms = 0;
	if (s->state == STATE_CLEAR && !legal_before_tls(r))
		return broken(run, err, "the server sent what must not come "
			"before TLS; somebody may be interfering");
	if (r->kind == RESPONSE_TAGGED)
		return on_tagged(run, r, err);
	if (r->kind == RESPONSE_CONTINUE)
		return on_continue(run, r, err);
	if (r->kind == RESPONSE_CONDITION)
		return on_condition(run, r, err);
	if (r->kind == RESPONSE_CAPABILITY) {
		caps_set(s, r->values);
		return true;
	}
	if (!accept_response(s->state, r->kind, run->expected))
		return true;
	if (r->kind == RESPONSE_ENABLED)
		note_enabled(s, r->values);
	return hand_on(run, r, err);
}

/* Bodies belong to a FETCH that was sent; others are dropped. */
bool flight_literal(struct run *run, enum literal_event what, uint64_t size,
	struct span data, struct error *err)
{
	const struct response_handler *h = run->handler;

	if (!h || !h->literal || run->expected[EXPECT_FETCH] == 0 ||
		!accept_response(run->s->state, RESPONSE_FETCH, run->expected))
		return true;
	return h->literal(h->arg, what, size, data, err);
}
