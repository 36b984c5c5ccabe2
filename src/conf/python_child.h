/*
 * The child process that python.h speaks with: start, one question and its
 * answer, end.  python.c alone calls it, in the thread of its struct python.
 *
 * A request and an answer are bytes; python_request.h makes and reads them.
 * All three pipes are served at once, so neither side can wait for the other
 * whatever the sizes.  What comes on stderr becomes log lines of the worker.
 */
#ifndef CONF_PYTHON_CHILD_H
#define CONF_PYTHON_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "base/process.h"
#include "error.h"
#include "str.h"

struct worker;

struct python_child {
	bool runs;
	struct process_pipes pipes;
	struct worker *worker; /* lends the stop, takes the log lines */
	struct str line;       /* of the log, not yet at its end */
	unsigned lines;        /* logged since the question */
};

/* What came back: a letter that says what it is, and the bytes. */
struct python_answer {
	char letter;
	struct str body; /* the owner clears it */
};

/* *found: whether there is a python3 at all; false: nothing is started and
 * that is no failure.  A child that has died is replaced. */
bool python_child_start(struct python_child *c, const char *pythonfile,
	bool *found, struct error *err) ATTR_MUST_CHECK;
/* After a failure the child is gone and out is empty and wiped. */
bool python_child_ask(struct python_child *c, struct span request,
	int64_t limit_ms, struct python_answer *out, struct error *err)
	ATTR_MUST_CHECK;
/* at_once: it is not given the time to end by itself. */
void python_child_end(struct python_child *c, bool at_once);

#endif
