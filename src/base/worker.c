#include "config.h"

#include <stdarg.h>

#include "base/clock.h"
#include "base/queue.h"
#include "base/thread.h"
#include "base/worker.h"
#include "str.h"

/* Twenty a second is more than an eye reads. */
#define PROGRESS_EVERY_MS 50

void worker_emit(struct worker *w, const struct event *templ)
{
	struct event ev = *templ;

	if (!w->queue)
		return;
	if (ev.time_ms == 0)
		ev.time_ms = clock_wall_ms();
	if (!ev.thread)
		ev.thread = w->thread;
	if (!ev.account)
		ev.account = w->account;
	if (!ev.folder)
		ev.folder = w->folder;
	ev.cell = w->cell;
	if (ev.kind == EVENT_PROGRESS)
		queue_put_progress(w->queue, event_copy(&ev));
	else
		queue_put(w->queue, event_copy(&ev));
}

void worker_log(struct worker *w, enum event_level level, enum event_area area,
	const char *fmt, ...)
{
	struct str text = {0};
	va_list args;

	if (level == EVENT_DEBUG && !(w->debug & 1u << area))
		return;
	va_start(args, fmt);
	str_vprintf(&text, fmt, args);
	va_end(args);
	worker_emit(w, &(struct event){.kind = EVENT_LOG,
		.u.log = {.level = level, .area = area,
			.text = str_get(&text)}});
	str_clear(&text);
}

void worker_error(struct worker *w, const struct error *err, int64_t uid)
{
	if (err->kind == ERROR_STOPPED)
		return;
	worker_emit(w, &(struct event){.kind = EVENT_ERROR,
		.u.error = {err->severity, err->kind, uid, err->text}});
}

void worker_progress(struct worker *w, const struct event_progress *progress)
{
	bool is_last = progress->total > 0 && progress->done == progress->total;
	int64_t now_ms = clock_mono_ms();

	/* The last value of a piece of work and the first of another phase
	 * must not be lost: nothing might follow for a long time. */
	if (now_ms - w->told_ms < PROGRESS_EVERY_MS &&
		progress->phase == w->told_phase && !is_last)
		return;
	w->told_ms = now_ms;
	w->told_phase = progress->phase;
	worker_emit(w, &(struct event){.kind = EVENT_PROGRESS,
		.u.progress = *progress});
}

void worker_effect(struct worker *w, const char *what)
{
	if (w->before_effect)
		w->before_effect(w->effect_arg, what);
}

bool worker_stopped(const struct worker *w)
{
	return w->stop && stop_raised(w->stop);
}
