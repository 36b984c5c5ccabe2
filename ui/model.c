#include "config.h"

#include "model.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "clean.h"
#include "mem.h"

void model_init(struct model *model)
{
	*model = (struct model){ 0 };
}

static void folder_free(struct model_folder *folder)
{
	free(folder->name);
	free(folder->last_error);
	free(folder->held);
	free(folder);
}

static void account_free(struct model_account *account)
{
	for (size_t i = 0; i < account->folder_count; i++)
		folder_free(account->folders[i]);
	free(account->folders);
	free(account->by_name);
	free(account->name);
	free(account->last_error);
	free(account);
}

void model_clear(struct model *model)
{
	for (size_t i = 0; i < model->account_count; i++)
		account_free(model->accounts[i]);
	free(model->accounts);
	free(model->cells);
	ring_clear(&model->log);
	ask_clear(&model->questions);
	*model = (struct model){ 0 };
}

struct model_account *model_account(struct model *model, const char *name)
{
	for (size_t i = 0; i < model->account_count; i++)
		if (strcmp(model->accounts[i]->name, name) == 0)
			return model->accounts[i];

	struct model_account *account = mem_calloc(1, sizeof(*account));
	account->name = mem_strdup(name);
	model->accounts = mem_resize(model->accounts, model->account_count + 1,
		sizeof(*model->accounts));
	model->accounts[model->account_count++] = account;
	return account;
}

/* Where in by_name the folder is, or would be. */
static size_t folder_place(const struct model_account *account,
	const char *name, bool *found)
{
	size_t low = 0, high = account->folder_count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		size_t index = account->by_name[middle];
		int order = strcmp(account->folders[index]->name, name);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct model_folder *model_folder(
	struct model_account *account, const char *name)
{
	bool found;
	size_t place = folder_place(account, name, &found);
	size_t count = account->folder_count;

	if (found)
		return account->folders[account->by_name[place]];
	if (count == account->folder_cap) {
		account->folder_cap = count == 0 ? 16 : count * 2;
		account->folders = mem_resize(account->folders,
			account->folder_cap, sizeof(*account->folders));
		account->by_name = mem_resize(account->by_name,
			account->folder_cap, sizeof(*account->by_name));
	}
	memmove(account->by_name + place + 1, account->by_name + place,
		(count - place) * sizeof(*account->by_name));
	account->by_name[place] = count;
	account->folders[count] = mem_calloc(1, sizeof(struct model_folder));
	account->folders[count]->name = mem_strdup(name);
	account->folder_count++;
	return account->folders[count];
}

void model_log(struct model *model, int64_t time_ms, enum text_level level,
	const char *text)
{
	ring_add(&model->log, time_ms, level, text);
}

bool model_state_ended(enum model_state state)
{
	return state >= MODEL_OK;
}

const char *model_state_name(enum model_state state)
{
	static const char *const names[] = {
		[MODEL_WAITING] = "waiting",
		[MODEL_CONNECTING] = "connecting",
		[MODEL_LISTING] = "listing",
		[MODEL_LOADING] = "loading",
		[MODEL_MATCHING] = "matching",
		[MODEL_COPYING] = "copying",
		[MODEL_FLAGS] = "flags",
		[MODEL_DELETING] = "deleting",
		[MODEL_SYNCING] = "syncing",
		[MODEL_OK] = "ok",
		[MODEL_SKIPPED] = "unchanged",
		[MODEL_HELD] = "held",
		[MODEL_PARTIAL] = "partial",
		[MODEL_INTERRUPTED] = "stopped",
		[MODEL_FAILED] = "failed",
	};

	return names[state];
}

static void add_counts(const struct model_account *account, struct str *out)
{
	const struct {
		uint64_t count;
		const char *what;
	} parts[] = {
		{ account->all.downloaded, "downloaded" },
		{ account->all.uploaded, "uploaded" },
		{ account->all.deleted, "deleted" },
		{ account->all.flagged, "flagged" },
	};
	const char *separator = ": ", *noun = " messages";

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (parts[i].count == 0)
			continue;
		if (*noun != '\0' && parts[i].count == 1)
			noun = " message";
		str_printf(out, "%s%" PRIu64 "%s %s", separator,
			parts[i].count, noun, parts[i].what);
		separator = ", ";
		noun = "";
	}
	if (*separator == ':')
		str_add(out, ": no message copied, deleted or flagged");
}

void model_add_summary(const struct model_account *account, struct str *out)
{
	int64_t seconds = account->elapsed_ms / 1000;

	str_add(out, account->ends > 0 ? "*** Finished account '" :
		"*** Not finished: account '");
	clean_add(out, account->name);
	str_add_char(out, '\'');
	if (account->ends > 0)
		str_printf(out, " in %" PRId64 ":%02d", seconds / 60,
			(int)(seconds % 60));
	if (account->ends > 1)
		str_printf(out, ", after %" PRIu64 " rounds", account->ends);
	add_counts(account, out);
	if (account->state != MODEL_OK && account->state != MODEL_SKIPPED &&
		account->ends > 0 && !account->running)
		str_printf(out, " (%s)", model_state_name(account->state));
}

unsigned model_errors(const struct model *model)
{
	unsigned errors = 0;

	for (size_t i = 0; i < model->account_count; i++)
		errors += model->accounts[i]->errors;
	return errors;
}

int64_t model_next_wake_ms(const struct model *model)
{
	int64_t earliest = 0;

	for (size_t i = 0; i < model->account_count; i++) {
		int64_t wake = model->accounts[i]->wake_ms;
		if (wake != 0 && (earliest == 0 || wake < earliest))
			earliest = wake;
	}
	return earliest;
}
