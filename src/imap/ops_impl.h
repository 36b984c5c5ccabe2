/*
 * What the ops_*.c files share.  Worker's thread.
 */
#ifndef IMAP_OPS_IMPL_H
#define IMAP_OPS_IMPL_H

#include <stdbool.h>

#include "attr.h"
#include "imap/ops.h"

struct flag_keywords;
struct response_handler;
struct value;

/* SELECT or EXAMINE as the first command of a flight, ops_select.c. */
struct selecting {
	struct session *session;
	struct selected *out;
	bool flags_told;  /* by PERMANENTFLAGS, else by FLAGS */
	struct str names; /* of flags; the caller clears it */
	bool begun;       /* its UIDVALIDITY was told: no word of the folder
	                     before comes any more */
	bool open;        /* it was answered by OK */
	bool grew;        /* messages came after that */
};

/* Lines stay below the 8000 bytes that a server must take; RFC 2683 section
 * 3.2.1.5 asks clients for about 1000. */
#define OPS_SET_BYTES 1000
/* A server with one of the extensions of RFC 7162 takes lines of 8192 (its
 * section 4). */
#define OPS_SET_BYTES_LONG 7500
/* Q14: more at once make some servers cut the connection. */
#define OPS_DELETE_BATCH 500
/* So many such batches are under way at once. */
#define OPS_DELETE_FLIGHT 4

/* True when each command of the flight got OK; else kind REFUSED with the
 * words of the first that did not. */
bool ops_all_ok(const struct flight *f, const char *what, struct error *err)
	ATTR_MUST_CHECK;
/* How long a set in a command may be on this server. */
size_t ops_set_bytes(const struct session *s);
/* A mailbox name as an argument; names that cannot be sent are refused. */
bool ops_mailbox_arg(struct cmd *cmd, const char *name, struct error *err)
	ATTR_MUST_CHECK;
/* UID STORE commands for the whole set; item as in "+FLAGS.SILENT".  since:
 * for UNCHANGEDSINCE, 0: without. */
struct ops_storing {
	const char *item;
	uint32_t flags;
	uint64_t since;
};
void ops_add_store(const struct session *s, struct flight *f,
	const struct seqset *uids, const struct ops_storing *what);

/* parameter: constant text such as "(CONDSTORE)"; NULL: none. */
bool ops_select_add(struct flight *f, const char *name, bool examine,
	const char *parameter, struct error *err) ATTR_MUST_CHECK;
/* The handler hands on to the two below what is not its own. */
bool ops_select_fly(struct selecting *sel, struct flight *f, bool examine,
	const struct response_handler *handler, struct error *err)
	ATTR_MUST_CHECK;
void ops_select_response(struct selecting *sel, const struct response *r);
void ops_select_tagged(struct selecting *sel, size_t index,
	const struct response *r);
/* ops_list.c */
/* No account has more; a server that never ends its list is given up (S21). */
#define OPS_MAILBOXES_MAX 200000
/* Answers on their way into a list. */
struct ops_listing {
	struct vec *mailboxes;
	bool inbox; /* it is there, in whatever case */
};
/* LIST or LSUB; pattern constant text.  False: cmd is cleared. */
bool ops_list_make(struct cmd *cmd, const char *verb, const char *reference,
	const char *pattern, struct error *err) ATTR_MUST_CHECK;
bool ops_list_take(struct ops_listing *l, const struct response_list *list,
	struct error *err) ATTR_MUST_CHECK;
/* All were taken: sorted, each once. */
void ops_list_end(struct vec *mailboxes);

/* ops_keyword.c */
/* The same with the letters of the keywords it has. */
struct response_fetch ops_fetched(struct session *s,
	const struct response_fetch *f);
/* Replaces names by those of this chain, for ops_flags_allowed. */
void ops_note_names(struct str *names, const struct value *v);
/* What PERMANENTFLAGS of these names permits to store. */
uint32_t ops_flags_allowed(struct session *s, const struct str *names);
/* Whether searching for the table's keywords finds what listing flags would
 * tell: SEARCH does not mind the case, and asks for no others. */
bool ops_keywords_searchable(const struct session *s,
	const struct str *names);

#endif
