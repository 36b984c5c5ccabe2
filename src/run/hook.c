#include "config.h"

#include "run/hook.h"

#include <stdlib.h>

#include "base/process.h"
#include "base/worker.h"
#include "mem.h"
#include "str.h"

/* An indexer may well take its time; a hook that waits for ever must not hold
 * the account. */
#define HOOK_DEADLINE_MS ((int64_t)3600 * 1000)
#define HOOK_OUTPUT_MAX ((size_t)256 * 1024)

static void tell(struct worker *w, const struct str *text, bool dry_run)
{
	struct event ev = {.kind = EVENT_HOOK};

	ev.u.log.level = EVENT_INFO;
	ev.u.log.text = str_get(text);
	ev.u.log.dry_run = dry_run;
	worker_emit(w, &ev);
}

static void run(const char *command, const char *mode, struct worker *w)
{
	char *variable = mem_printf("OFFLINEIMAPSYNCMODE=%s", mode);
	const char *const extra[] = {variable, NULL};
	struct process_result result = {0};
	struct error err = {0};
	struct str text = {0};

	if (!process_run(command, extra, HOOK_DEADLINE_MS, HOOK_OUTPUT_MAX,
		w->stop, &result, &err)) {
		error_add(&err, "hook '%s'", command);
		worker_error(w, &err, 0);
	} else {
		str_printf(&text, "Hook stdout: %s\nHook stderr:%s\n",
			str_get(&result.out), str_get(&result.err_out));
		tell(w, &text, false);
		str_reset(&text);
		str_printf(&text, "Hook return code: %d", result.status);
		tell(w, &text, false);
	}
	str_clear(&result.out);
	str_clear(&result.err_out);
	str_clear(&text);
	free(variable);
}

void hook_run(const char *command, const char *mode, bool dry_run,
	struct worker *w)
{
	struct str text = {0};

	if (command == NULL || *command == '\0' || worker_stopped(w))
		return;
	str_printf(&text, "Calling hook: %s", command);
	tell(w, &text, dry_run);
	str_clear(&text);
	if (!dry_run)
		run(command, mode, w);
}
