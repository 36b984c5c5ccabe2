/*
 * The errors of a run, told again at its end: the first ones word for word,
 * the others counted, so that a run of months stays small.  Main thread.
 */
#ifndef UI_REPORT_H
#define UI_REPORT_H

#include <stddef.h>

#define REPORT_ERRORS_MAX 100
#define REPORT_HELD_MAX 100

struct report_list {
	char **texts;
	size_t kept, total;
};

struct report {
	struct report_list errors;
	struct report_list held; /* deletions not done, by folder */
};

void report_clear(struct report *report);
void report_error(struct report *report, const char *text);
void report_held(struct report *report, const char *text);

#endif
