/*
 * A function that can pause: it has a thread (a stack) of its own, but runs
 * only while the one who made it waits in task_resume, so the two never run at
 * the same time and share what they like.  The mutex lives in task.c.
 *
 *	t = task_new(run, arg);
 *	while (task_resume(t))
 *		do what it waits for
 *	task_free(t);
 *
 * Folder jobs are tasks, so that each reads top to bottom while the commands
 * of many of them leave in one flight (imap/trunk.h).
 */
#ifndef BASE_TASK_H
#define BASE_TASK_H

#include <stdbool.h>

#include "attr.h"

struct task;

/* run(arg) begins with the first task_resume; signals are blocked. */
struct task *task_new(void (*run)(void *arg), void *arg);
/* Lets it run until it pauses or ends.  False: it has ended. */
bool task_resume(struct task *t) ATTR_MUST_CHECK;
/* From inside the task: back to who resumed it. */
void task_pause(struct task *t);
/* One that has ended, or never begun; NULL is allowed. */
void task_free(struct task *t);

#endif
