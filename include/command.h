/*
 * What a front end tells the core.  Main thread; engine_command copies it.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stdint.h>

enum command_kind {
	COMMAND_STOP,       /* end as soon as the state is valid (TERM, q) */
	COMMAND_STOP_AFTER, /* end when the running rounds are done (USR2) */
	COMMAND_SYNC_NOW,   /* skip the sleep: .account, NULL: all (USR1) */
	COMMAND_PASSWORD,   /* the answer to EVENT_PASSWORD with this .id */
	COMMAND_FIRST,      /* .folder of .account before its others: in this
	                       round, where it was not begun yet, and in those
	                       that follow */
};

struct command {
	enum command_kind kind;
	const char *account;  /* SYNC_NOW, FIRST */
	const char *folder;   /* FIRST; visible name, as in events */
	uint64_t id;          /* PASSWORD */
	const char *password; /* PASSWORD; NULL: there will be none */
};

#endif
