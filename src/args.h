/*
 * The command line: OfflineIMAP's options as one table, which --help prints
 * too.  Main thread, before anything else is started.
 */
#ifndef ARGS_H
#define ARGS_H

#include <stdbool.h>

#include "attr.h"
#include "base/vec.h"
#include "engine.h"
#include "error.h"
#include "str.h"

enum args_action { ARGS_RUN, ARGS_HELP, ARGS_VERSION, ARGS_LONG_VERSION };

struct args {
	enum args_action action;
	struct run_options run; /* its lists point into the vecs below */
	const char *config;     /* -c */
	const char *ui;         /* -u */
	const char *log_file;   /* -l */
	bool log_syslog;        /* -s */
	const char *profile_dir; /* -P */
	struct vec accounts, folders, overrides, approved; /* of char *, with a
	                                                      NULL at the end */
	struct str joined;      /* the whole command line, for the log */
};

/* argv is borrowed until args_clear.  False: kind CONFIG, say it and exit with
 * EXIT_STATUS_USAGE. */
bool args_parse(int argc, char **argv, struct args *out, struct error *err)
	ATTR_MUST_CHECK;
void args_clear(struct args *args);
/* The text of --help. */
void args_help(const char *program, struct str *out);

#endif
