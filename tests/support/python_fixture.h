/*
 * A coprocess in a directory of its own for the tests of python.h: one at a
 * time, in f, between begin and end.  Single-threaded.
 */
#ifndef PYTHON_FIXTURE_H
#define PYTHON_FIXTURE_H

#include <check.h>

#include "base/thread.h"
#include "base/worker.h"
#include "conf/conf.h"
#include "conf/python.h"
#include "error.h"

#define WHERE "rc:7: [Repository X] option"
#define RULE(expression) (&(const struct conf_rule){(expression), WHERE})

struct python_fixture {
	struct worker worker;
	struct stop *stop;
	struct python *python;
	char dir[40];
	char *pythonfile;
	struct error err;
};

extern struct python_fixture f;
/* Two names, one not ASCII. */
extern const char *const two[2];
/* Listed folders, not in order. */
extern const struct python_item items[3];

/* Without a python3 a suite is skipped, which this says on stderr. */
bool has_python(const char *suite);
/* The text of the pythonfile; NULL: there is none. */
void begin(const char *text);
void end(void);
/* The lines logged so far, each with its line end; malloc'd. */
char *logged(void);
void assert_holds(const char *text, const char *wanted);
/* The last call failed as an error of the configuration with these words. */
void assert_error(const char *wanted);
/* The value, "None", or "! " and the error; malloc'd. */
char *text_of(const char *expression, bool secret);
void assert_text(const char *expression, const char *wanted);
/* Of the two names. */
bool translate(const char *expression, char *out[2]);
void assert_translated(const char *expression, const char *first,
	const char *second);

#endif
