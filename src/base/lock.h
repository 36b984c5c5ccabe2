/*
 * The lock of an account: both a POSIX record lock and a BSD lock on one file,
 * so that every OfflineIMAP is kept out.  Kernel locks only: they die with
 * their holder.  The file is never unlinked.  Account runner's thread.
 *
 * POSIX locks belong to the process: two locks on one path in one process are
 * refused by the BSD lock.
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "attr.h"
#include "error.h"

struct lock;

/* Never waits.  When held: ERROR_LOCKED with pid, command and age of the
 * holder where the system tells them. */
struct lock *lock_open(const char *path, struct error *err) ATTR_MUST_CHECK;
void lock_close(struct lock *lock);

#endif
