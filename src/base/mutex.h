/*
 * Mutexes and conditions.  An error of theirs is a bug, or a lack of memory,
 * and aborts here.  Which files may have one: design.md, "Threads".
 */
#ifndef BASE_MUTEX_H
#define BASE_MUTEX_H

#include <pthread.h>

void mutex_init(pthread_mutex_t *mutex);
void mutex_destroy(pthread_mutex_t *mutex);
void mutex_lock(pthread_mutex_t *mutex);
void mutex_unlock(pthread_mutex_t *mutex);

void condition_init(pthread_cond_t *condition);
void condition_destroy(pthread_cond_t *condition);
/* The caller holds the mutex; it may wake without a reason. */
void condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
/* Wakes all. */
void condition_announce(pthread_cond_t *condition);

#endif
