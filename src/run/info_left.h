/*
 * Folders that are no pair although their own side's rules want them: what the
 * other side has against them.  A run says nothing of these, as it does what
 * was asked for; --info does.  Account runner.
 */
#ifndef RUN_INFO_LEFT_H
#define RUN_INFO_LEFT_H

struct naming;

typedef void info_left_fn(void *arg, const char *sentence);

/* Calls each with one sentence for each of them.  The names have been asked
 * about (naming_run). */
void info_left(const struct naming *n, info_left_fn *each, void *arg);

#endif
