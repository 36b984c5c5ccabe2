#include "config.h"

#include "imap/trunk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/task.h"
#include "base/worker.h"
#include "imap/trunk_impl.h"
#include "mem.h"

/* ---- Trunks ---- */

static void take_session(struct trunk *t, struct session *session)
{
	assert(!session->branch);
	t->session = session;
	t->selected = NULL;
	t->open = session->state == STATE_SELECTED;
	t->lost_at_one = false;
}

struct trunk *trunk_new(struct session *session)
{
	struct trunk *t = mem_calloc(1, sizeof(*t));

	t->waiting = (struct vec)VEC(struct branch *);
	take_session(t, session);
	return t;
}

struct session *trunk_detach(struct trunk *t)
{
	struct session *session = t->session;

	assert(t->waiting.len == 0 && !t->selected);
	if (!session_alive(session)) {
		session_close(session);
		session = NULL;
	}
	vec_clear(&t->waiting);
	free(t);
	return session;
}

bool trunk_alive(const struct trunk *t)
{
	return session_alive(t->session);
}

int64_t trunk_turn_ms(const struct trunk *t)
{
	return session_turn_ms(t->session);
}

struct session *trunk_lost(const struct trunk *t)
{
	return trunk_alive(t) ? NULL : t->session;
}

void trunk_replace(struct trunk *t, struct session *session)
{
	assert(!trunk_alive(t) && !t->flying);
	session_close(t->session);
	t->generation++;
	take_session(t, session);
}

size_t trunk_waiting(const struct trunk *t)
{
	return t->waiting.len;
}

bool trunk_holds(const struct trunk *t, const struct task *task)
{
	for (size_t i = 0; i < t->waiting.len; i++)
		if ((*(struct branch **)vec_at(&t->waiting, i))->task == task)
			return true;
	return false;
}

/* ---- Branches ---- */

static char *copy_text(const char *text)
{
	return text ? mem_strdup(text) : NULL;
}

struct session *trunk_branch(struct trunk *t, struct task *task,
	struct worker *w)
{
	const struct session *root = t->session;
	struct session *s = mem_calloc(1, sizeof(*s));
	struct branch *b = mem_calloc(1, sizeof(*b));

	b->trunk = t;
	b->task = task;
	b->generation = t->generation;
	b->session = s;
	s->branch = b;
	s->worker = w;
	s->repository = mem_strdup(root->repository);
	s->state = root->state;
	s->timeout_ms = root->timeout_ms;
	memcpy(s->has, root->has, sizeof(s->has));
	s->caps_known = root->caps_known;
	s->qresync = root->qresync;
	s->namespace_known = root->namespace_known;
	s->namespace_prefix = copy_text(root->namespace_prefix);
	s->keyword_told = root->keyword_told;
	str_add_span(&s->greeting, span_str(&root->greeting));
	str_add_span(&s->capabilities, span_str(&root->capabilities));
	return s;
}

bool trunk_branch_alive(const struct session *s)
{
	const struct branch *b = s->branch;

	return b->generation == b->trunk->generation &&
		trunk_alive(b->trunk);
}

void trunk_branch_close(struct session *s)
{
	struct branch *b = s->branch;

	assert(!b->waiting);
	branch_unselect(b);
	free(b);
	s->branch = NULL;
	s->dead = true;
}

void branch_unselect(struct branch *b)
{
	b->selected = false;
	cmd_clear(&b->select);
	if (b->trunk->selected == b)
		b->trunk->selected = NULL;
}

/* ---- Their flights ---- */

static struct span verb_of(const struct cmd *cmd)
{
	struct span text = span_str(&cmd->part[0].text);
	size_t len = 0;

	while (len < text.len && (text.data[len] == ' ' ||
		(text.data[len] >= 'A' && text.data[len] <= 'Z')))
		len++;
	return span_trim((struct span){text.data, len});
}

static bool is_one_of(struct span verb, const char *const *names)
{
	for (; *names; names++) {
		size_t len = strlen(*names);

		if (span_starts_nocase(verb, *names) &&
			(verb.len == len || verb.data[len] == ' '))
			return true;
	}
	return false;
}

static bool needs_mailbox(struct span verb)
{
	static const char *const names[] = {"UID", "SEARCH", "FETCH", "STORE",
		"COPY", "MOVE", "EXPUNGE", "CLOSE", "UNSELECT", "CHECK", NULL};

	return is_one_of(verb, names);
}

/* D1: what a message is lost by, or doubled, in a wrong mailbox. */
static bool is_careful(const struct cmd *cmd, struct span verb)
{
	static const char *const names[] = {"EXPUNGE", "UID EXPUNGE", "MOVE",
		"UID MOVE", "COPY", "UID COPY", "CLOSE", NULL};
	static const char *const stores[] = {"STORE", "UID STORE", NULL};
	const char *text = str_get(&cmd->part[0].text);

	return is_one_of(verb, names) || (is_one_of(verb, stores) &&
		strstr(text, "\\Deleted") && !strstr(text, " -FLAGS"));
}

static enum segment_kind worse(enum segment_kind kind, const struct cmd *cmd)
{
	struct span verb = verb_of(cmd);
	enum expect expect = accept_verb(cmd);

	assert(expect != EXPECT_LOGIN && expect != EXPECT_LOGOUT &&
		expect != EXPECT_COMPRESS);
	if (kind == SEGMENT_CAREFUL || is_careful(cmd, verb))
		return SEGMENT_CAREFUL;
	if (needs_mailbox(verb) || expect == EXPECT_SELECT)
		return SEGMENT_MAILBOX;
	return expect == EXPECT_APPEND && kind == SEGMENT_FREE
		? SEGMENT_APPEND : kind;
}

/* Before any command that needs a mailbox. */
static bool selects_first(const struct flight *f)
{
	for (size_t i = 0; i < f->len; i++) {
		if (accept_verb(&f->cmd[i].cmd) == EXPECT_SELECT)
			return true;
		if (needs_mailbox(verb_of(&f->cmd[i].cmd)))
			return false;
	}
	return false;
}

void branch_count(struct branch *b, size_t from)
{
	for (size_t i = from; i < b->f->len; i++) {
		const struct cmd *cmd = &b->f->cmd[i].cmd;

		b->kind = worse(b->kind, cmd);
		b->expected[accept_verb(cmd)]++;
		b->left++;
	}
}

static void enter(struct branch *b, struct flight *f,
	const struct response_handler *handler)
{
	b->f = f;
	b->handler = handler;
	b->kind = SEGMENT_FREE;
	b->own_select = selects_first(f);
	b->failed = b->gave_up = false;
	b->left = 0;
	memset(b->expected, 0, sizeof(b->expected));
	branch_count(b, 0);
	/* Nothing is deleted in a mailbox whose SELECT was not answered. */
	assert(b->kind != SEGMENT_CAREFUL || !b->own_select);
}

/* One of those that find the connection dead counts the loss as its own, if
 * nobody else did: else nobody would ever give up. */
static bool may_leave(struct branch *b, struct error *err)
{
	const char *name = b->session->repository;
	bool mailbox = b->kind == SEGMENT_MAILBOX ||
		b->kind == SEGMENT_CAREFUL;

	b->reached = trunk_branch_alive(b->session) ||
		(b->generation == b->trunk->generation &&
			!b->trunk->lost_at_one);
	if (!trunk_branch_alive(b->session))
		return error_set(err, ERROR_FOLDER_RETRY, ERROR_NETWORK,
			"%s: the session is over", name);
	if (mailbox && !b->own_select && !b->selected)
		return error_set(err, ERROR_FOLDER, ERROR_OTHER,
			"%s: no folder is selected", name);
	return true;
}

static bool await(struct branch *b, struct error *err)
{
	b->waiting = true;
	*(struct branch **)vec_add(&b->trunk->waiting) = b;
	while (b->waiting)
		if (b->task)
			task_pause(b->task);
		else
			trunk_fly(b->trunk);
	b->session->tag += (uint32_t)b->f->len;
	if (b->failed)
		*err = b->err;
	return !b->failed;
}

bool trunk_flight(struct session *s, struct flight *f,
	const struct response_handler *handler, struct error *err)
{
	struct branch *b = s->branch;
	bool ok;

	enter(b, f, handler);
	ok = may_leave(b, err) && (f->len == 0 || await(b, err));
	b->f = NULL;
	b->handler = NULL;
	return ok;
}
