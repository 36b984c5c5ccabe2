/*
 * What the engine lends to the threads it starts: the shared parts of a run.
 * The engine's mutex guards all that can change; every function here takes it
 * itself.  Account runners and their workers, each in its own thread.
 */
#ifndef RUN_ENGINE_CORE_H
#define RUN_ENGINE_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/worker.h"
#include "engine.h"
#include "error.h"
#include "str.h"

struct conf;
struct hosts;

/* const while the engine runs */
const struct conf *engine_conf(const struct engine *engine);
const struct run_options *engine_options(const struct engine *engine);

/* Its own lock guards it. */
struct hosts *engine_hosts(const struct engine *engine);

/* A progress cell, for one worker at a time; there are only ever more. */
unsigned engine_cell(struct engine *engine);
/* A worker of this engine.  thread and account are borrowed. */
void engine_worker(struct engine *engine, const char *thread,
	const char *account, unsigned cell, struct worker *out);

/* The next number in the line for the places; each is to be used once. */
uint64_t engine_ticket(struct engine *engine);
/* Waits for one of the maxsyncaccounts places, in the order of the tickets.
 * False: stop was asked for. */
bool engine_enter(struct engine *engine, uint64_t ticket) ATTR_MUST_CHECK;
void engine_leave(struct engine *engine);

/* Whether no further round is to begin (stop, or stop after this one). */
bool engine_ending(struct engine *engine);

/* The folder of the account (its visible name) that COMMAND_FIRST asked for
 * last, malloc'd; NULL: none was. */
char *engine_first(struct engine *engine, const char *account);

/* What an account was woken by: each byte read is 0, a call for a whole round,
 * or the number of a bell, from 1. */
#define ENGINE_BELLS 100

struct engine_wake {
	bool called;
	bool rung[ENGINE_BELLS]; /* bell 1 is the first */
	bool any;
};

/* Sleeps until the time is over, the account is woken, or the end.  wake_fd is
 * the account's; what it holds is read.  False: the end. */
bool engine_sleep(struct engine *engine, int wake_fd, int64_t ms,
	struct engine_wake *wake);

/* Asks the front end for a password and waits for the answer, which the
 * caller wipes.  False: stopped, or the front end has none (kind AUTH). */
bool engine_ask(struct engine *engine, struct worker *w,
	const struct event_password *question, struct str *out,
	struct error *err) ATTR_MUST_CHECK;

/* The runner of this account is done; the last one ends the engine. */
void engine_runner_done(struct engine *engine, struct worker *w,
	enum exit_status status);

/* The one that counts of two. */
enum exit_status engine_status_worse(enum exit_status, enum exit_status);

#endif
