/*
 * In which order the folder pairs of a round are worked at: INBOX first, then
 * those with few new messages, as far as the server has told; so most folders
 * are up to date soon.  Where the user has an order (foldersort), that one.
 * Account's runner.
 */
#ifndef RUN_ORDER_H
#define RUN_ORDER_H

#include <stddef.h>

struct memory;
struct vec;

/* Indexes of the pairs (of struct tree_pair), malloc'd. */
size_t *order_pairs(const struct vec *pairs, const struct memory *m);

#endif
