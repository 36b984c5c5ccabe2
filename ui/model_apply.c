#include "config.h"

#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "mem.h"

/* A cell number beyond this is not believed. */
#define CELLS_MAX 4096

static void replace(char **text, char *with)
{
	free(*text);
	*text = with;
}

static void forget_cells(struct model *model, const struct model_folder *folder)
{
	for (size_t i = 0; i < model->cell_count; i++)
		if (model->cells[i].folder == folder)
			model->cells[i] = (struct model_cell){ 0 };
}

/* The folder is about to be worked on; what it added to the account's meter
 * in this run stays there. */
static void folder_reset(struct model *model, struct model_folder *folder,
	int64_t time_ms)
{
	forget_cells(model, folder);
	meter_start(&folder->meter, time_ms);
	folder->told = folder->told_bytes = 0;
	folder->planned = false;
	folder->errors = 0;
	replace(&folder->last_error, NULL);
	replace(&folder->held, NULL);
}

/* New counters of a planned folder; the account's move with them. */
static void folder_advance(struct model_account *account,
	struct model_folder *folder, int64_t time_ms, struct meter to)
{
	struct meter *mine = &folder->meter, *all = &account->meter;

	if (to.done < mine->done)
		to.done = mine->done;
	if (to.bytes_done < mine->bytes_done)
		to.bytes_done = mine->bytes_done;
	uint64_t done = to.done - mine->done;
	uint64_t bytes = to.bytes_done - mine->bytes_done;
	meter_set(mine, time_ms, to.done, to.bytes_done);
	meter_set(all, time_ms, all->done + done, all->bytes_done + bytes);
}

static void folder_done(struct model_account *account,
	struct model_folder *folder, const struct event *ev, uint64_t messages,
	uint64_t bytes)
{
	struct meter *meter = &folder->meter;

	if (!folder->planned) {
		meter_start(meter, ev->time_ms);
		folder->planned = true;
	}
	folder->told += messages;
	folder->told_bytes += bytes;
	if (folder->told > meter->total) {
		account->meter.total += folder->told - meter->total;
		meter->total = folder->told;
	}
	folder_advance(account, folder, ev->time_ms,
		(struct meter){
			.done = folder->told,
			.bytes_done = folder->told_bytes,
		});
}

static bool apply_account_start(struct model *model, const struct event *ev)
{
	struct model_account *account = model_account(model, ev->account);

	account->running = true;
	account->state = MODEL_CONNECTING;
	account->wake_ms = 0;
	account->errors = 0;
	replace(&account->last_error, NULL);
	account->downloaded = account->uploaded = 0;
	account->deleted = account->flagged = 0;
	meter_start(&account->meter, ev->time_ms);
	return true;
}

static enum model_state state_of_outcome(enum event_outcome outcome)
{
	static const enum model_state states[] = {
		[OUTCOME_OK] = MODEL_OK,
		[OUTCOME_SKIPPED] = MODEL_SKIPPED,
		[OUTCOME_HELD] = MODEL_HELD,
		[OUTCOME_PARTIAL] = MODEL_PARTIAL,
		[OUTCOME_INTERRUPTED] = MODEL_INTERRUPTED,
		[OUTCOME_FAILED] = MODEL_FAILED,
	};

	return states[outcome];
}

static bool apply_account_end(struct model *model, const struct event *ev)
{
	struct model_account *account = model_account(model, ev->account);

	account->running = false;
	account->state = state_of_outcome(ev->u.end.outcome);
	account->ends++;
	account->elapsed_ms = ev->u.end.elapsed_ms;
	return true;
}

static bool apply_account_state(struct model *model, const struct event *ev,
	enum model_state state)
{
	struct model_account *account = model_account(model, ev->account);

	if (account->state != MODEL_SYNCING || !account->running)
		account->state = state;
	return true;
}

static bool apply_folder_found(struct model *model, const struct event *ev)
{
	struct model_account *account = model_account(model, ev->account);
	struct model_folder *folder = model_folder(account, ev->folder);

	apply_account_state(model, ev, MODEL_LISTING);
	if (folder->running)
		return true;
	folder_reset(model, folder, ev->time_ms);
	folder->state = MODEL_WAITING;
	return true;
}

static bool apply_folder_start(struct model *model, const struct event *ev)
{
	struct model_account *account = model_account(model, ev->account);
	struct model_folder *folder = model_folder(account, ev->folder);

	folder_reset(model, folder, ev->time_ms);
	folder->running = true;
	folder->state = MODEL_LOADING;
	account->state = MODEL_SYNCING;
	return true;
}

/* What was planned and done counts as a whole, also where the facts could
 * not be counted one by one. */
static void folder_complete(struct model_account *account,
	struct model_folder *folder, int64_t time_ms)
{
	if (!folder->planned)
		meter_start(&folder->meter, time_ms);
	else
		folder_advance(account, folder, time_ms,
			(struct meter){
				.done = folder->meter.total,
				.bytes_done = folder->meter.bytes_total,
			});
}

static bool apply_folder_end(struct model *model, const struct event *ev)
{
	struct model_account *account = model_account(model, ev->account);
	struct model_folder *folder = model_folder(account, ev->folder);
	const struct event_end *end = &ev->u.end;

	if (end->outcome == OUTCOME_OK || end->outcome == OUTCOME_SKIPPED)
		folder_complete(account, folder, ev->time_ms);
	folder->running = false;
	folder->state = state_of_outcome(end->outcome);
	forget_cells(model, folder);
	account->downloaded += end->downloaded;
	account->uploaded += end->uploaded;
	account->deleted += end->deleted;
	account->flagged += end->flagged;
	account->all.downloaded += end->downloaded;
	account->all.uploaded += end->uploaded;
	account->all.deleted += end->deleted;
	account->all.flagged += end->flagged;
	return true;
}

static bool apply_plan(struct model *model, const struct event *ev)
{
	struct model_account *account = model_account(model, ev->account);
	struct model_folder *folder = model_folder(account, ev->folder);
	const struct event_plan *plan = &ev->u.plan;

	if (account->meter.done >= account->meter.total)
		meter_resume(&account->meter, ev->time_ms);
	meter_start(&folder->meter, ev->time_ms);
	folder->planned = true;
	folder->meter.total = plan->download + plan->upload +
		plan->delete_remote + plan->delete_local + plan->flag_remote +
		plan->flag_local;
	folder->meter.bytes_total = plan->download_bytes + plan->upload_bytes;
	account->meter.total += folder->meter.total;
	account->meter.bytes_total += folder->meter.bytes_total;
	return true;
}

static bool apply_loading(struct model *model, const struct event *ev)
{
	struct model_folder *folder =
		model_folder(model_account(model, ev->account), ev->folder);

	if (folder->running)
		folder->state = MODEL_LOADING;
	return true;
}

static bool apply_copy(struct model *model, const struct event *ev)
{
	struct model_account *account = model_account(model, ev->account);
	struct model_folder *folder = model_folder(account, ev->folder);
	const struct event_copy *copy = &ev->u.copy;

	folder->state = MODEL_COPYING;
	folder_done(account, folder, ev, 1, copy->bytes);
	uint64_t total = folder->told;

	if (copy->count > copy->index)
		total += copy->count - copy->index;
	/* Without a plan, the copy says how many are to come. */
	if (total > folder->meter.total) {
		account->meter.total += total - folder->meter.total;
		folder->meter.total = total;
	}
	return true;
}

static bool apply_change(struct model *model, const struct event *ev,
	enum model_state state)
{
	struct model_account *account = model_account(model, ev->account);
	struct model_folder *folder = model_folder(account, ev->folder);

	folder->state = state;
	folder_done(account, folder, ev, ev->u.change.count, 0);
	return true;
}

static bool apply_held(struct model *model, const struct event *ev)
{
	struct model_folder *folder =
		model_folder(model_account(model, ev->account), ev->folder);
	struct str text = { 0 };

	text_event(ev, &text);
	replace(&folder->held, str_detach(&text));
	return true;
}

static bool apply_sleeping(struct model *model, const struct event *ev)
{
	struct model_account *account = model_account(model, ev->account);
	int64_t left = ev->u.sleep.seconds_left;

	account->wake_ms = left > 0 ? ev->time_ms + left * 1000 : 0;
	return true;
}

static bool apply_error(struct model *model, const struct event *ev)
{
	struct str text = { 0 };

	text_event(ev, &text);
	struct model_account *account = model_account(model, ev->account);
	account->errors++;
	replace(&account->last_error, mem_strdup(str_get(&text)));
	if (*ev->folder != '\0') {
		struct model_folder *folder = model_folder(account, ev->folder);
		folder->errors++;
		replace(&folder->last_error, mem_strdup(str_get(&text)));
	}
	str_clear(&text);
	return true;
}

static void cell_set(struct model *model, unsigned number,
	struct model_folder *folder, const struct event_progress *progress)
{
	if (number >= CELLS_MAX)
		return;
	if (number >= model->cell_count) {
		model->cells = mem_resize(
			model->cells, number + 1, sizeof(*model->cells));
		for (size_t i = model->cell_count; i <= number; i++)
			model->cells[i] = (struct model_cell){ 0 };
		model->cell_count = number + 1;
	}
	model->cells[number] = (struct model_cell){
		.folder = folder,
		.done = progress->done,
		.bytes_done = progress->bytes_done,
	};
}

/* The sum over the workers that serve this folder. */
static struct meter cells_sum(
	const struct model *model, const struct model_folder *folder)
{
	struct meter sum = { 0 };

	for (size_t i = 0; i < model->cell_count; i++) {
		if (model->cells[i].folder != folder)
			continue;
		sum.done += model->cells[i].done;
		sum.bytes_done += model->cells[i].bytes_done;
	}
	if (sum.done > folder->meter.total)
		sum.done = folder->meter.total;
	if (folder->meter.bytes_total > 0 &&
		sum.bytes_done > folder->meter.bytes_total)
		sum.bytes_done = folder->meter.bytes_total;
	return sum;
}

static enum model_state state_of_phase(enum event_phase phase)
{
	static const enum model_state states[] = {
		[PHASE_WAITING] = MODEL_WAITING,
		[PHASE_CONNECTING] = MODEL_CONNECTING,
		[PHASE_LISTING] = MODEL_LISTING,
		[PHASE_LOADING] = MODEL_LOADING,
		[PHASE_COPYING] = MODEL_COPYING,
		[PHASE_FLAGS] = MODEL_FLAGS,
		[PHASE_DELETING] = MODEL_DELETING,
		[PHASE_MATCHING] = MODEL_MATCHING,
	};

	return states[phase];
}

/* A cell may be read later than the fact that the work ended: what does not
 * run any more is left alone. */
static bool apply_progress(struct model *model, const struct event *ev)
{
	const struct event_progress *progress = &ev->u.progress;
	struct model_account *account = model_account(model, ev->account);

	if (*ev->folder == '\0') {
		if (account->running && account->state != MODEL_SYNCING)
			account->state = state_of_phase(progress->phase);
		return account->running;
	}
	struct model_folder *folder = model_folder(account, ev->folder);
	if (!folder->running)
		return false;
	folder->state = state_of_phase(progress->phase);
	if (folder->planned) {
		if (progress->phase != PHASE_COPYING)
			return true;
		cell_set(model, ev->cell, folder, progress);
		folder_advance(account, folder, ev->time_ms,
			cells_sum(model, folder));
		return true;
	}
	folder->meter.total = progress->total;
	folder->meter.bytes_total = progress->bytes_total;
	meter_set(&folder->meter, ev->time_ms, progress->done,
		progress->bytes_done);
	return true;
}

static bool apply_kind(struct model *model, const struct event *ev)
{
	if (*ev->account == '\0' && ev->kind != EVENT_PASSWORD &&
		ev->kind != EVENT_FINISHED)
		return false;
	switch (ev->kind) {
	case EVENT_ACCOUNT_START:
		return apply_account_start(model, ev);
	case EVENT_ACCOUNT_END:
		return apply_account_end(model, ev);
	case EVENT_CONNECTING:
		return apply_account_state(model, ev, MODEL_CONNECTING);
	case EVENT_STRUCTURE:
		return apply_account_state(model, ev, MODEL_LISTING);
	case EVENT_FOLDER_FOUND:
		return apply_folder_found(model, ev);
	case EVENT_FOLDER_START:
		return apply_folder_start(model, ev);
	case EVENT_FOLDER_END:
		return apply_folder_end(model, ev);
	case EVENT_LOADING:
	case EVENT_LOADED:
		return apply_loading(model, ev);
	case EVENT_PLAN:
		return apply_plan(model, ev);
	case EVENT_COPY:
		return apply_copy(model, ev);
	case EVENT_DELETE:
		return apply_change(model, ev, MODEL_DELETING);
	case EVENT_FLAGS:
		return apply_change(model, ev, MODEL_FLAGS);
	case EVENT_HELD:
		return apply_held(model, ev);
	case EVENT_SLEEPING:
		return apply_sleeping(model, ev);
	case EVENT_ERROR:
		return apply_error(model, ev);
	case EVENT_PASSWORD:
		ask_add(&model->questions, ev);
		return true;
	case EVENT_PROGRESS:
		return apply_progress(model, ev);
	case EVENT_FINISHED:
		model->finished = true;
		return true;
	case EVENT_LOG:
	case EVENT_THREAD_START:
	case EVENT_THREAD_END:
	case EVENT_FOLDER_CREATE:
	case EVENT_DIRECTION:
	case EVENT_IGNORED:
	case EVENT_VALIDITY:
	case EVENT_HOOK:
	case EVENT_FILE:
	case EVENT_KIND_COUNT:
		break;
	}
	return false;
}

/* A countdown is shown as such; only its beginning is worth a line. */
static bool worth_a_line(const struct model *model, const struct event *ev,
	enum text_level level)
{
	if (level == TEXT_NONE)
		return false;
	if (ev->kind != EVENT_SLEEPING)
		return level > TEXT_DEBUG || model->debug;
	for (size_t i = 0; i < model->account_count; i++)
		if (strcmp(model->accounts[i]->name, ev->account) == 0)
			return model->accounts[i]->wake_ms == 0;
	return true;
}

bool model_apply(struct model *model, const struct event *ev)
{
	struct str text = { 0 };
	enum text_level level = text_event(ev, &text);
	bool line = worth_a_line(model, ev, level);

	if (line)
		ring_add(&model->log, ev->time_ms,
			ev->kind == EVENT_SLEEPING ? TEXT_INFO : level,
			str_get(&text));
	str_clear(&text);
	return apply_kind(model, ev) || line;
}
