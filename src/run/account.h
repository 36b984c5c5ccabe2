/*
 * One account: rounds of synchronisation in a thread of its own, with the
 * first connection; more connections are workers that it starts.  Made and
 * freed by the engine in the main thread.
 */
#ifndef RUN_ACCOUNT_H
#define RUN_ACCOUNT_H

struct account;
struct conf_account;
struct engine;

/* Starts the runner thread.  Both are borrowed. */
struct account *account_start(struct engine *engine,
	const struct conf_account *conf);
/* Ends the sleep of this account; any thread. */
void account_wake(struct account *account);
const char *account_name(const struct account *account);
/* Waits for the thread; frees. */
void account_free(struct account *account);

#endif
