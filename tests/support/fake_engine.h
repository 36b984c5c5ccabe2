/*
 * A core that only recites: events from a script, some of which wait for a
 * command.  What the front end commands is written down.  One thread.
 *
 *	static const struct fake_step script[] = {
 *		{ .event = { .kind = EVENT_PASSWORD, ... } },
 *		{ .after = FAKE_PASSWORD,
 *			.event = { .kind = EVENT_FINISHED } },
 *	};
 *	struct fake_engine fake;
 *	fake_engine_init(&fake, script, ARRAY_LEN(script));
 *	ui_run_with(&fake.source, &io, &options);
 *	fake_engine_clear(&fake);
 */
#ifndef FAKE_ENGINE_H
#define FAKE_ENGINE_H

#include <stddef.h>

#include "event.h"
#include "ui_ops.h"

enum fake_after {
	FAKE_AT_ONCE,
	FAKE_PASSWORD, /* after one more command of that kind than was used */
	FAKE_STOP,
	FAKE_SYNC_NOW,
	FAKE_STOP_AFTER,
	FAKE_FIRST,
	FAKE_AFTER_COUNT
};

struct fake_step {
	enum fake_after after;
	struct event event; /* NULL strings become "" */
};

#define FAKE_COMMANDS_MAX 32

struct fake_command {
	enum command_kind kind;
	char account[64], folder[64];
	uint64_t id;
	bool no_password;
	char password[64];
};

struct fake_engine {
	struct ui_source source; /* give this to ui_run_with */
	const struct fake_step *steps;
	size_t count, next;
	int pipe[2]; /* holds a byte while there is something to say */
	bool readable;
	unsigned arrived[FAKE_AFTER_COUNT], used[FAKE_AFTER_COUNT];
	struct fake_command commands[FAKE_COMMANDS_MAX];
	size_t command_count;
};

void fake_engine_init(struct fake_engine *fake, const struct fake_step *steps,
	size_t count);
void fake_engine_clear(struct fake_engine *fake);
/* Whether a command of that kind has come. */
bool fake_engine_got(const struct fake_engine *fake, enum command_kind kind);

#endif
