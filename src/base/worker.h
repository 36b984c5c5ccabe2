/*
 * What a thread of the core carries with it: where to tell, when to stop, and
 * whom it works for.  Each belongs to one thread; the queue and the stop pipe
 * are shared.  Strings are borrowed and outlive the work they name.
 */
#ifndef BASE_WORKER_H
#define BASE_WORKER_H

#include <stdint.h>

#include "event.h"
#include "error.h"

struct queue;
struct stop;

struct worker {
	struct queue *queue;     /* NULL: nobody listens */
	const struct stop *stop; /* NULL: never stopped */
	unsigned cell;       /* progress cell, unique */
	unsigned debug;      /* bit set of 1 << enum event_area */
	bool files;          /* EVENT_FILE is wanted */
	const char *thread;  /* shown name, "Account sync A" */
	const char *account;
	const char *folder;  /* visible name, "" when none */
	/* Test seam: called before each effect on a store or the state; NULL in
	 * the program.  A test ends the process there. */
	void (*before_effect)(void *arg, const char *what);
	void *effect_arg;
	/* Private to worker_progress: the last value told, and when. */
	enum event_phase told_phase;
	int64_t told_ms;
};

/* Copies the template, fills in time, cell, thread, account and folder where
 * the template has none, and queues it (PROGRESS overwrites the cell). */
void worker_emit(struct worker *w, const struct event *templ);
/* A LOG event.  DEBUG ones only when the area is switched on. */
void worker_log(struct worker *w, enum event_level level, enum event_area area,
	const char *fmt, ...) ATTR_PRINTF(4, 5);
/* An ERROR event; nothing for ERROR_STOPPED.  uid 0: none. */
void worker_error(struct worker *w, const struct error *err, int64_t uid);
/* Bounded in rate by the cell: cheap enough for every message. */
void worker_progress(struct worker *w, const struct event_progress *progress);
/* Marks an effect for the test seam. */
void worker_effect(struct worker *w, const char *what);
/* Whether stop was asked for. */
bool worker_stopped(const struct worker *w);

#endif
