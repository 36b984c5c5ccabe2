/*
 * What the screen shows, computed from events alone: no I/O, no clock, no
 * terminal.  model_apply is the only way in; the views only read.  Main
 * thread; the model owns all its strings.  Names are as the core gave them;
 * they are cleaned where they are drawn.
 *
 *	model_init(&model);
 *	while ((ev = engine_next(engine)) != NULL)
 *		changed |= model_apply(&model, ev);
 *
 * Progress of a folder is counted from facts (PLAN gives the totals, COPY,
 * DELETE and FLAGS what is done) and helped by the workers' cells, which also
 * know the bytes of a message under way; several cells may serve one folder.
 */
#ifndef UI_MODEL_H
#define UI_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ask.h"
#include "meter.h"
#include "ring.h"
#include "str.h"

struct event;

enum model_state {
	MODEL_WAITING,
	MODEL_CONNECTING,
	MODEL_LISTING,
	MODEL_LOADING,
	MODEL_MATCHING,
	MODEL_COPYING,
	MODEL_FLAGS,
	MODEL_DELETING,
	MODEL_SYNCING, /* accounts: folders are being worked on */
	MODEL_OK,
	MODEL_SKIPPED,
	MODEL_HELD,
	MODEL_PARTIAL,
	MODEL_INTERRUPTED,
	MODEL_FAILED,
};

struct model_folder {
	char *name;
	enum model_state state;
	bool running;
	bool planned; /* the meter counts operations, not list entries */
	struct meter meter;
	uint64_t told, told_bytes; /* done, counted from facts alone */
	unsigned errors;
	char *last_error; /* a sentence; NULL: none */
	char *held;       /* a sentence that says how to approve; NULL: none */
};

struct model_account {
	char *name;
	enum model_state state;
	bool running;
	bool closed;       /* its folders are not shown */
	int64_t wake_ms;   /* asleep until then; 0: not asleep */
	struct meter meter;
	struct model_folder **folders; /* in order of first appearance */
	size_t *by_name;   /* indices into folders, sorted by name */
	size_t folder_count, folder_cap;
	uint64_t downloaded, uploaded, deleted, flagged; /* in this run */
	uint64_t ends;       /* runs that ended */
	int64_t elapsed_ms;  /* the last of them */
	struct {
		uint64_t downloaded, uploaded, deleted, flagged;
	} all;               /* in all runs */
	unsigned errors;
	char *last_error;
};

/* What a worker said last. */
struct model_cell {
	struct model_folder *folder;
	uint64_t done, bytes_done;
};

struct model {
	bool debug;                      /* debug sentences go to the log too */
	struct model_account **accounts; /* in order of first appearance */
	size_t account_count;
	struct model_cell *cells;
	size_t cell_count;
	struct ring log;
	struct ask questions;
	bool finished;
};

void model_init(struct model *model);
void model_clear(struct model *model);
/* Whether anything that is shown changed. */
bool model_apply(struct model *model, const struct event *ev);
/* A line of the front end's own. */
void model_log(struct model *model, int64_t time_ms, enum text_level level,
	const char *text);

/* The account or folder of that name, made when there is none. */
struct model_account *model_account(struct model *model, const char *name);
struct model_folder *model_folder(
	struct model_account *account, const char *name);

/* Whether a state is one of the final ones. */
bool model_state_ended(enum model_state state);
const char *model_state_name(enum model_state state);
/* One line for the time after the screen: how the account's runs ended, and
 * what they did together. */
void model_add_summary(const struct model_account *account, struct str *out);
/* Errors of all accounts in their last runs. */
unsigned model_errors(const struct model *model);
/* The earliest wake_ms of a sleeping account, 0 when none sleeps. */
int64_t model_next_wake_ms(const struct model *model);

#endif
