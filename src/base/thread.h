/*
 * Threads and the stop pipe.  Errors of the thread calls abort.
 */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <stdbool.h>
#include <stdint.h>

struct thread;
struct stop;

/* Starts run(arg) with all signals blocked. */
struct thread *thread_start(void *(*run)(void *arg), void *arg);
/* Waits, frees, returns what run returned. */
void *thread_join(struct thread *thread);

/* A pipe whose write end is closed to wake every poll on the read end.
 * stop_raise from any thread, any number of times. */
struct stop *stop_new(void);
void stop_free(struct stop *stop);
void stop_raise(struct stop *stop);
bool stop_raised(const struct stop *stop);
/* To be polled for POLLIN | POLLHUP; never to be read. */
int stop_fd(const struct stop *stop);

#endif
