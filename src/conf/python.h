/*
 * Expressions of the configuration, evaluated by the user's own python3 in a
 * child process (offlineimap-compat 2.3).  The child is started by the first
 * call that needs it; plain literals ("text", 993, ['INBOX', 'Sent'], None)
 * are read here and need no Python.  The pythonfile is executed once in it,
 * then its names and Python's builtins are visible to every expression; each
 * expression is evaluated once, at its first use, and its value kept.
 *
 * One account, one coprocess: it belongs to the account's runner and is used
 * in that thread alone.  All folder names of one question go in one request.
 *
 * Every call has a deadline; a child that is late, dies or answers nonsense is
 * ended, and the next call starts another.  What the child writes to its
 * standard output and error is logged, and can disturb nothing.
 *
 * Errors: severity ERROR_ACCOUNT, kind ERROR_CONFIG (ERROR_STOPPED when stop
 * was asked for), with the rule's place, Python's own words, the name that was
 * asked about, and the expression (but not that of a secret).  Without a
 * python3 the error names the option and the native way.
 */
#ifndef CONF_PYTHON_H
#define CONF_PYTHON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"
#include "str.h"

struct conf_rule;
struct python;
struct worker;

/* Starts nothing yet.  pythonfile may be NULL; both are borrowed; the worker
 * lends the stop and takes the log lines. */
struct python *python_new(const char *pythonfile, struct worker *w);
/* Ends the child.  NULL is allowed. */
void python_free(struct python *p);
/* For tests: milliseconds for one answer, in place of the usual. */
void python_set_deadline(struct python *p, int64_t ms);

/* A str or bytes; None: *none, and out stays empty.  secret: the value and the
 * expression are wiped wherever they were, the caller wipes *out; never kept
 * from call to call: each call evaluates anew. */
bool python_text(struct python *p, const struct conf_rule *rule, bool secret,
	struct str *out, bool *none, struct error *err) ATTR_MUST_CHECK;
/* An int, or digits as a str; None: 0.  Evaluated anew each time. */
bool python_number(struct python *p, const struct conf_rule *rule,
	int64_t *out, struct error *err) ATTR_MUST_CHECK;
/* Any iterable of str, or None for an empty one: appended to names, a vec of
 * char *, malloc'd. */
bool python_list(struct python *p, const struct conf_rule *rule,
	struct vec *names, struct error *err) ATTR_MUST_CHECK;

/* A callable, asked about len names.  A name that is not UTF-8 is an error
 * that says so; look at python_name_fits first. */
bool python_name_fits(const char *name);
/* callable(name) -> str; out: len malloc'd strings (none after a failure). */
bool python_translate(struct python *p, const struct conf_rule *rule,
	const char *const *names, size_t len, char **out, struct error *err)
	ATTR_MUST_CHECK;
/* callable(name) -> truth.  again: the expression is evaluated anew first
 * (dynamic_folderfilter). */
bool python_filter(struct python *p, const struct conf_rule *rule, bool again,
	const char *const *names, size_t len, bool *out, struct error *err)
	ATTR_MUST_CHECK;
/* callable(a, b) -> below 0, 0, above 0.  order: the indexes of the names,
 * sorted (stable). */
bool python_sort(struct python *p, const struct conf_rule *rule,
	const char *const *names, size_t len, size_t *order, struct error *err)
	ATTR_MUST_CHECK;
/* callable(name) -> iterable of UIDs or None; out: len vecs of uint32_t, made
 * here, cleared by the caller.  Numbers that no UID can be are left out. */
bool python_uids(struct python *p, const struct conf_rule *rule,
	const char *const *names, size_t len, struct vec *out,
	struct error *err) ATTR_MUST_CHECK;
/* callable(), for what it does. */
bool python_call(struct python *p, const struct conf_rule *rule,
	struct error *err) ATTR_MUST_CHECK;

/* [mbnames]: one folder that may be listed. */
struct python_item {
	const char *account, *folder, *localfolders; /* the last may be NULL */
};
/* callable(account, folder) -> truth. */
bool python_item_filter(struct python *p, const struct conf_rule *rule,
	const struct python_item *items, size_t len, bool *out,
	struct error *err) ATTR_MUST_CHECK;
/* callable({"accountname", "foldername", "localfolders"}) -> sort key. */
bool python_item_sort(struct python *p, const struct conf_rule *rule,
	const struct python_item *items, size_t len, size_t *order,
	struct error *err) ATTR_MUST_CHECK;

/* The system's keyring by Python's module keyring.  Without python3 or the
 * module nothing is found, and nothing can be stored (kind OTHER). */
bool python_keyring_get(struct python *p, const char *service,
	const char *user, struct str *out, bool *found, struct error *err)
	ATTR_MUST_CHECK;
bool python_keyring_set(struct python *p, const char *service,
	const char *user, const char *password, struct error *err)
	ATTR_MUST_CHECK;

#endif
