/*
 * Every unit suite of the program, layer by layer: each layer's tests link
 * that layer and what lies below it, so that an upward call does not link.
 */
#ifndef SUITES_H
#define SUITES_H

#include <check.h>

#define SUITES_BASE(X) \
	X(str) \
	X(error) \
	X(arena) \
	X(vec) \
	X(queue) \
	X(file) \
	X(process) \
	X(event) \
	X(task)
#define SUITES_CONF(X) \
	X(ini) \
	X(option) \
	X(conf) \
	X(peritem) \
	X(secret) \
	X(show) \
	X(pattern) \
	X(literal) \
	X(python) \
	X(python_child) \
	X(python_errors)
#define SUITES_IMAP(X) \
	X(parse) \
	X(response) \
	X(cmd) \
	X(seqset) \
	X(utf7) \
	X(flag) \
	X(stream) \
	X(session) \
	X(trunk) \
	X(ops) \
	X(tls) \
	X(deflate) \
	X(exceptions) \
	X(survey)
#define SUITES_MAIL(X) \
	X(maildir_name) \
	X(packed_name) \
	X(header) \
	X(store) \
	X(maildir) \
	X(stamp) \
	X(header_date) \
	X(header_cut) \
	X(changes) \
	X(uidmap)
#define SUITES_SYNC(X) \
	X(cache) \
	X(state) \
	X(tree) \
	X(plan) \
	X(match) \
	X(apply) \
	X(step) \
	X(window)
#define SUITES_RUN(X) \
	X(engine) \
	X(hosts) \
	X(args) \
	X(mbnames)
#define SUITES_UI(X) \
	X(model) \
	X(text) \
	X(machine) \
	X(screen) \
	X(ui) \
	X(countdown) \
	X(json) \
	X(profile)

#define SUITE_DECLARE(name) Suite *name##_suite(void);
SUITES_BASE(SUITE_DECLARE)
SUITES_CONF(SUITE_DECLARE)
SUITES_IMAP(SUITE_DECLARE)
SUITES_MAIL(SUITE_DECLARE)
SUITES_SYNC(SUITE_DECLARE)
SUITES_RUN(SUITE_DECLARE)
SUITES_UI(SUITE_DECLARE)
#undef SUITE_DECLARE

#endif
