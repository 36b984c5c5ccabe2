/*
 * The loop of ui.c on the real engine; tests run it on a script.
 */
#include "config.h"

#include <signal.h>
#include <unistd.h>

#include "engine.h"
#include "ui.h"
#include "ui_ops.h"

static int source_fd(void *arg)
{
	return engine_fd(arg);
}

static struct event *source_next(void *arg)
{
	return engine_next(arg);
}

static void source_command(void *arg, const struct command *command)
{
	engine_command(arg, command);
}

int ui_run(struct engine *engine, const struct ui_options *options)
{
	static const struct ui_io io = {
		.in = STDIN_FILENO,
		.out = STDOUT_FILENO,
		.err = STDERR_FILENO,
	};
	struct ui_source source = {
		.fd = source_fd,
		.next = source_next,
		.command = source_command,
		.arg = engine,
	};
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	/* A reader that goes away is an error of the write, not our end. */
	sigaction(SIGPIPE, &ignore, NULL);
	return ui_run_with(&source, &io, options);
}
