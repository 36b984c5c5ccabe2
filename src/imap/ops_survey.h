/*
 * What is there and what has changed, in one flight: the folder list with the
 * numbers of every folder (LIST-STATUS, RFC 5819; else LIST and STATUS of
 * those remembered; without CONDSTORE EXAMINE and exception sets of them).
 * It may leave together with the login, before anything is known of the server
 * but what is remembered.  Account runner.
 *
 *	survey_init(&v, reference, subscribed); add what is remembered
 *	session_login(... .survey = &v) or ops_survey(session, &v, &err)
 *	survey_find(&v, name)
 *	survey_clear(&v);
 */
#ifndef IMAP_OPS_SURVEY_H
#define IMAP_OPS_SURVEY_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "base/vec.h"
#include "error.h"

struct session;

/* A folder of the last run. */
struct survey_known {
	char *name;         /* as on the wire, malloc'd */
	uint32_t questions; /* exceptions.h: asked without CONDSTORE; 0: none */
};

/* What the server said of a folder, or nothing (ok false). */
struct survey_folder {
	char *name;         /* as on the wire, malloc'd */
	bool ok;            /* the three numbers are valid */
	uint32_t uidvalidity, uidnext, messages;
	uint64_t modseq;    /* 0: none */
	uint64_t digest;    /* of the exception sets; 0: not asked, or not all
	                       answered */
	char *mailboxid;    /* OBJECTID, RFC 8474, malloc'd; NULL: none */
};

struct survey {
	/* in */
	char *reference;    /* malloc'd */
	bool subscribed;    /* LSUB too */
	struct vec known;   /* of struct survey_known */
	char *capabilities; /* of after the last login, malloc'd; NULL: none.
	                       Trusted until the fresh ones come */
	bool early;         /* may leave with the login */
	/* out */
	bool done;
	bool was_early;     /* it left with the login and was answered */
	bool refused_early; /* the server lost what came with the login */
	bool challenged;    /* only a token was lost so; not to be remembered */
	struct vec mailboxes;  /* of struct mailbox, as ops_list */
	struct vec subscribed_ones; /* of struct mailbox, as ops_list */
	struct vec folder;  /* of struct survey_folder, by name */
};

void survey_init(struct survey *v, const char *reference, bool subscribed);
void survey_clear(struct survey *v);
/* Remembers; the name is copied. */
void survey_know(struct survey *v, const char *name, uint32_t questions);
/* Asks, unless it is done already.  Then as ops_list. */
bool ops_survey(struct session *s, struct survey *v, struct error *err)
	ATTR_MUST_CHECK;
/* NULL: not told. */
const struct survey_folder *survey_find(const struct survey *v,
	const char *name);

#endif
