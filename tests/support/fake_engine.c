#include "config.h"

#include "support/fake_engine.h"

#include <stdio.h>
#include <unistd.h>

#include "mem.h"

static const struct fake_step *ready_step(const struct fake_engine *fake)
{
	if (fake->next == fake->count)
		return NULL;
	const struct fake_step *step = &fake->steps[fake->next];
	if (step->after != FAKE_AT_ONCE &&
		fake->arrived[step->after] <= fake->used[step->after])
		return NULL;
	return step;
}

/* The descriptor tells the truth about the next step. */
static void update_pipe(struct fake_engine *fake)
{
	bool ready = ready_step(fake) != NULL;
	char byte = 0;

	if (ready && !fake->readable && write(fake->pipe[1], &byte, 1) != 1)
		mem_die("a test's pipe");
	if (!ready && fake->readable && read(fake->pipe[0], &byte, 1) != 1)
		mem_die("a test's pipe");
	fake->readable = ready;
}

static int fake_fd(void *arg)
{
	const struct fake_engine *fake = arg;

	return fake->pipe[0];
}

static struct event *fake_next(void *arg)
{
	struct fake_engine *fake = arg;
	const struct fake_step *step = ready_step(fake);

	if (step == NULL)
		return NULL;
	struct event templ = step->event;
	if (templ.thread == NULL)
		templ.thread = "MainThread";
	fake->used[step->after]++;
	fake->next++;
	update_pipe(fake);
	return event_copy(&templ);
}

static void fake_command(void *arg, const struct command *command)
{
	static const enum fake_after kinds[] = {
		[COMMAND_STOP] = FAKE_STOP,
		[COMMAND_STOP_AFTER] = FAKE_STOP_AFTER,
		[COMMAND_SYNC_NOW] = FAKE_SYNC_NOW,
		[COMMAND_PASSWORD] = FAKE_PASSWORD,
		[COMMAND_FIRST] = FAKE_FIRST,
	};
	struct fake_engine *fake = arg;

	fake->arrived[kinds[command->kind]]++;
	if (fake->command_count < FAKE_COMMANDS_MAX) {
		struct fake_command *to =
			&fake->commands[fake->command_count++];
		*to = (struct fake_command){
			.kind = command->kind,
			.id = command->id,
			.no_password = command->password == NULL,
		};
		snprintf(to->account, sizeof(to->account), "%s",
			command->account != NULL ? command->account : "");
		snprintf(to->folder, sizeof(to->folder), "%s",
			command->folder != NULL ? command->folder : "");
		snprintf(to->password, sizeof(to->password), "%s",
			command->password != NULL ? command->password : "");
	}
	update_pipe(fake);
}

void fake_engine_init(struct fake_engine *fake, const struct fake_step *steps,
	size_t count)
{
	*fake = (struct fake_engine){
		.source = {
			.fd = fake_fd,
			.next = fake_next,
			.command = fake_command,
			.arg = fake,
		},
		.steps = steps,
		.count = count,
	};
	if (pipe(fake->pipe) < 0)
		mem_die("a test's pipe");
	update_pipe(fake);
}

void fake_engine_clear(struct fake_engine *fake)
{
	close(fake->pipe[0]);
	close(fake->pipe[1]);
}

bool fake_engine_got(const struct fake_engine *fake, enum command_kind kind)
{
	for (size_t i = 0; i < fake->command_count; i++)
		if (fake->commands[i].kind == kind)
			return true;
	return false;
}
