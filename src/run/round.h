/*
 * One round of an account: structure first, then every folder pair once, by
 * the runner and the workers that it starts.  Runner's thread.
 */
#ifndef RUN_ROUND_H
#define RUN_ROUND_H

#include <stdbool.h>

#include "attr.h"
#include "error.h"
#include "run/jobs.h"

struct connector;
struct worker;

struct round_wish {
	bool quick;
	const char *only; /* the one remote folder to be done; NULL: all */
};

/* False: the account failed; *err is to be told.  *out holds what was done in
 * any case. */
bool round_run(struct connector *connector, struct worker *w,
	const struct round_wish *wish, struct jobs_result *out,
	struct error *err) ATTR_MUST_CHECK;

#endif
