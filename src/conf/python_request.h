/*
 * One question to the coprocess, as bytes, and its answer, for python.c and
 * python_names.c; in the thread of the struct python.
 *
 * A question is a head of two lengths in twelve characters each, a text as it
 * is (the expression, or a password) and a JSON object with the rest; the
 * answer is a letter, a length in eleven characters and the bytes:
 *
 *	'r' a text as it is    'j' a JSON array    'n' None, and perhaps why
 *	'e' the sentence that says what was wrong
 *
 * Secrets are in no JSON, whose library keeps copies of its own.
 */
#ifndef CONF_PYTHON_REQUEST_H
#define CONF_PYTHON_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "conf/python_child.h"
#include "error.h"

struct conf_rule;
struct worker;

struct python {
	const char *pythonfile; /* NULL: none */
	struct worker *worker;
	int64_t deadline_ms;    /* 0: the usual ones */
	struct python_child child;
};

struct python_question {
	const char *op;      /* a name that python_child.py knows */
	const char *where;   /* what an error begins with */
	const char *text;    /* the expression, or a password */
	bool secret;         /* the text, and what is answered */
	bool patient;        /* a person may have to be waited for */
	bool again;          /* the expression is evaluated anew */
	const char *instead; /* what needs no Python, for the error; or NULL */
	json_t *args;        /* array, taken; NULL: what json could not hold */
};

/* The question about a rule, without arguments. */
struct python_question python_about(const char *op,
	const struct conf_rule *rule);
/* *found: whether there is a python3; NULL: being without is an error.  Frees
 * the arguments.  The caller clears out->body. */
bool python_ask(struct python *p, struct python_question *q, bool *found,
	struct python_answer *out, struct error *err) ATTR_MUST_CHECK;
/* As python_ask for an answer that must be an array of len values (SIZE_MAX:
 * of any length); the caller lets it go with json_decref. */
json_t *python_ask_json(struct python *p, struct python_question *q,
	size_t len, struct error *err) ATTR_MUST_CHECK;
/* Ends the child for an answer that cannot be; returns false. */
bool python_nonsense(struct python *p, const char *where, struct error *err);

#endif
