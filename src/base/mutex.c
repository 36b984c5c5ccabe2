#include "config.h"

#include "base/mutex.h"

#include "mem.h"

static void check(int error, const char *what)
{
	if (error != 0)
		mem_die(what);
}

void mutex_init(pthread_mutex_t *mutex)
{
	check(pthread_mutex_init(mutex, NULL), "making a mutex");
}

void mutex_destroy(pthread_mutex_t *mutex)
{
	check(pthread_mutex_destroy(mutex), "a mutex is locked at its end");
}

void mutex_lock(pthread_mutex_t *mutex)
{
	check(pthread_mutex_lock(mutex), "locking a mutex");
}

void mutex_unlock(pthread_mutex_t *mutex)
{
	check(pthread_mutex_unlock(mutex), "unlocking a mutex");
}

void condition_init(pthread_cond_t *condition)
{
	check(pthread_cond_init(condition, NULL), "making a condition");
}

void condition_destroy(pthread_cond_t *condition)
{
	check(pthread_cond_destroy(condition), "a condition has waiters");
}

void condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
	check(pthread_cond_wait(condition, mutex), "waiting for a condition");
}

void condition_announce(pthread_cond_t *condition)
{
	check(pthread_cond_broadcast(condition), "announcing a condition");
}
