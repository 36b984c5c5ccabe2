#include "config.h"

#include "imap/survey_examine.h"

#include <stdlib.h>

#include "imap/ops_impl.h"
#include "imap/session_impl.h"
#include "mem.h"

void survey_examine_init(struct survey_examine *x)
{
	*x = (struct survey_examine){.folder = VEC(struct examined *)};
}

static struct examined *at(const struct survey_examine *x, size_t i)
{
	return *(struct examined **)vec_at(&x->folder, i);
}

void survey_examine_clear(struct survey_examine *x)
{
	for (size_t i = 0; i < x->folder.len; i++) {
		exceptions_clear(&at(x, i)->sets);
		free(at(x, i));
	}
	vec_clear(&x->folder);
}

bool survey_examine_add(struct survey_examine *x, struct session *s,
	struct flight *f, const char *name, uint32_t questions)
{
	struct cmd *cmd = &flight_add(f)->cmd;
	struct error ignored = {0};
	struct examined *folder;

	cmd_init(cmd, "EXAMINE");
	if (!ops_mailbox_arg(cmd, name, &ignored) || cmd->len > 1) {
		cmd_clear(&f->cmd[--f->len].cmd);
		return false;
	}
	folder = mem_calloc(1, sizeof(*folder));
	folder->name = name;
	folder->command = f->len - 1;
	exceptions_add(&folder->sets, f, s, questions, 0);
	*(struct examined **)vec_add(&x->folder) = folder;
	return true;
}

static bool has_ended(const struct examined *folder)
{
	for (size_t i = 0; i < folder->sets.count; i++)
		if (!folder->sets.command[i].ended)
			return false;
	return true;
}

/* Rule 2: what comes behind the last answer of one folder may be the next
 * one's; that tells EXISTS itself, so the last one before its OK is right. */
static void on_exists(struct survey_examine *x, uint32_t number)
{
	struct examined *folder = x->current;

	if ((!folder || has_ended(folder)) && x->next < x->folder.len)
		folder = at(x, x->next);
	if (!folder)
		return;
	folder->exists = number;
	folder->exists_told = true;
}

/* These codes are data of a SELECT that has no answer yet. */
static void on_code(struct survey_examine *x, const struct code *code)
{
	struct examined *folder;

	if (x->next == x->folder.len)
		return;
	folder = at(x, x->next);
	if (code->kind == CODE_UIDVALIDITY)
		folder->uidvalidity = (uint32_t)code->number;
	else if (code->kind == CODE_UIDNEXT)
		folder->uidnext = (uint32_t)code->number;
}

void survey_examine_response(struct survey_examine *x,
	const struct response *r)
{
	if (r->kind == RESPONSE_EXISTS)
		on_exists(x, r->number);
	else if (r->kind == RESPONSE_CONDITION)
		on_code(x, &r->code);
	else if (!x->current)
		return;
	else if (r->kind == RESPONSE_EXPUNGE || r->kind == RESPONSE_VANISHED)
		x->current->spoilt = true;
	else
		(void)exceptions_response(&x->current->sets, r);
}

/* Rule 1: behind a refused one nothing counts until the next OK.  One that is
 * opened before the last has all its answers: no such order was asked for. */
static void on_open(struct survey_examine *x, struct examined *folder,
	const struct response *r)
{
	bool mixed = x->current && !has_ended(x->current);

	if (mixed)
		x->current->spoilt = folder->spoilt = true;
	on_code(x, &r->code);
	folder->open = r->condition == CONDITION_OK;
	folder->spoilt = folder->spoilt || folder != at(x, x->next);
	x->current = folder->open ? folder : NULL;
	x->next++;
}

void survey_examine_tagged(struct survey_examine *x, size_t index,
	const struct response *r)
{
	for (size_t i = 0; i < x->folder.len; i++) {
		struct examined *folder = at(x, i);

		if (index == folder->command && x->next < x->folder.len)
			on_open(x, folder, r);
		else if (exceptions_tagged(&folder->sets, index, r))
			folder->spoilt |= folder != x->current;
		else
			continue;
		return;
	}
}

bool survey_examine_told(const struct examined *folder)
{
	return folder->open && !folder->spoilt && folder->exists_told &&
		folder->uidvalidity > 0 && folder->uidnext > 0;
}
