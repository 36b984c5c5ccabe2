/*
 * Whether a disk takes names that differ in case alone for one.  Account
 * runner; asked only when two folders would be told apart by nothing else.
 */
#ifndef RUN_CASE_BLIND_H
#define RUN_CASE_BLIND_H

#include <stdbool.h>

/* Makes a file for the moment, in the directory or, where that is missing, in
 * the nearest one above it that is there.  False also when it cannot. */
bool case_blind(const char *directory);

#endif
