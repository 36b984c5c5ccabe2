/*
 * Every option of OfflineIMAP as one row of one const table: where it belongs,
 * what it may hold, which field it fills, and how far this version goes with
 * it.  The loader, the error messages and the check of the manual page read
 * it.  Const data, any thread.
 *
 * To add an option: one row here, one field in conf.h, one item in
 * offlineimap.conf(5); a test fails until the manual has it.
 */
#ifndef CONF_OPTION_H
#define CONF_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "conf/conf.h"

enum option_section {
	OPTION_GENERAL,    /* [general] */
	OPTION_MBNAMES,    /* [mbnames] */
	OPTION_ACCOUNT,    /* [Account X] */
	OPTION_REPOSITORY, /* [Repository X] */
};

enum option_type {
	OPTION_BOOL,
	OPTION_TRISTATE,      /* a boolean whose absence means something: int */
	OPTION_INT,           /* int64_t, from min to max */
	OPTION_FLOAT,         /* double, not negative */
	OPTION_STRING,
	OPTION_BYTE,          /* a string of exactly one byte */
	OPTION_PATH,          /* ~ and $VAR */
	OPTION_PATH_HOME,     /* ~ only */
	OPTION_PATH_ABSOLUTE, /* ~ and $VAR, then from / */
	OPTION_CA_FILE,       /* the same; OS-DEFAULT is NULL */
	OPTION_LIST,          /* separated by commas */
	OPTION_MECHANISMS,    /* a list of choices, in upper case */
	OPTION_FINGERPRINTS,  /* a list of hex digests */
	OPTION_ENUM,          /* enum: the index in choices */
	OPTION_SHELL,         /* a command for /bin/sh */
	OPTION_SECRET,
	OPTION_RULE,          /* struct conf_rule */
	OPTION_AGE,           /* days, or a date as of OPTION_DATE */
	OPTION_DATE,          /* YYYY-MM-DD, kept as text */
	OPTION_PROXY,         /* TYPE:host:port; may be empty */
	OPTION_RAW,           /* a string without interpolation of % */
};

enum option_support {
	OPTION_SUPPORTED,
	OPTION_NO_EFFECT,   /* tuning: accepted, and told once */
	OPTION_DEPENDENT,   /* speaks only through another row, which decides */
};

/* What becomes of a value that is none.  OfflineIMAP reads some options late,
 * or not at all, so that people have such values and do not know. */
enum option_mercy {
	OPTION_STRICT,  /* an error */
	OPTION_NEAREST, /* a number out of range: the nearest one, and a note */
	OPTION_LENIENT, /* that, or else the default; None is no rule */
};

/* Which types of repository know the option: bits of 1 << enum conf_type. */
#define OPTION_MAILDIRS (1U << CONF_MAILDIR | 1U << CONF_GMAIL_MAILDIR)
#define OPTION_IMAPS (1U << CONF_IMAP | 1U << CONF_GMAIL)
#define OPTION_ALL (OPTION_MAILDIRS | OPTION_IMAPS)

struct option {
	const char *name;
	enum option_section section;
	unsigned repos; /* only of OPTION_REPOSITORY */
	enum option_type type;
	enum option_support support;
	enum option_mercy mercy;
	bool required;
	bool series; /* stands for 26 names: the last letter is a to z; fills an
	                array of that many */
	size_t offset;       /* of the field, when supported */
	const char *initial; /* the default as text; NULL: zero */
	int64_t min, max;
	const char *const *choices; /* NULL-terminated */
	const char *const *off;     /* values beside "" and "no" that ask for
	                               nothing, when without effect */
	const char *help;           /* one sentence */
};

/* What the rows of OPTION_ACCOUNT fill: the account, which comes first, and
 * the names that the loader turns into pointers. */
struct option_account {
	struct conf_account account;
	const char *localrepository, *remoterepository;
};

size_t option_count(void);
const struct option *option_at(size_t index);
/* The row of that section, and, for repositories, of any of those types. */
const struct option *option_find(enum option_section section, unsigned repos,
	const char *name);
/* The first row of that name in any section. */
const struct option *option_find_anywhere(const char *name);
/* The most similar name, one of the same section first; NULL when none is
 * near enough to be meant. */
const struct option *option_nearest(enum option_section section,
	const char *name);
/* The default of a row for a repository type, which Gmail changes. */
const char *option_initial(const struct option *option, unsigned repos);
/* "[general]", "[Account X]" and so on. */
const char *option_section_title(enum option_section section);
/* How many single bytes have to be put in, taken out or changed; SIZE_MAX
 * for texts longer than any option. */
size_t option_distance(const char *a, const char *b);

#endif
