/*
 * A store of any row on something fresh, for the conformance suite.  One test
 * at a time; everything here is set up anew for each.
 */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include <check.h>
#include <stdbool.h>

#include "base/worker.h"
#include "conf/conf.h"
#include "mail/store.h"
#include "support/imap_toy.h"
#include "support/memstore.h"

enum row { ROW_MEMORY_REMOTE, ROW_MEMORY_LOCAL, ROW_MAILDIR, ROW_IMAP,
	ROW_MAPPED, ROWS };

/* A body being read. */
struct text {
	struct span rest;
};

#define ONE "Message-ID: <1@x>\r\nSubject: one\r\n\r\nfirst\r\n"
#define TWO "Subject: two\r\n\r\nsecond\r\n"
#define THREE "Subject: three\r\n\r\nthird\r\n"

extern char st_root[64];
extern struct conf_repo st_repo;
extern struct worker st_worker;
extern struct memtree *st_tree; /* NULL: Maildir */
extern struct imap_toy *st_toy; /* NULL: not IMAP */
extern struct store *st_store;
extern struct error st_err;
extern struct msglist st_list;
extern struct folder_info st_info;

void st_setup(void);
void st_teardown(void);
void st_open_row(int row);
/* Messages ONE to THREE, UIDs 1 to 3, in INBOX, listed. */
void st_open_filled(int row);
/* A logged-in connection to a server over tree. */
struct session *st_connect_toy(const struct imap_toy_knobs *knobs);
void st_open_configured(
	enum conf_type type, struct session *session, bool utf8);
/* A server that is the local side; its maps are below st_root. */
void st_open_mapped(struct session *session);
/* The store receives and sends as a local tree does. */
bool st_is_local(void);
/* Opens and lists, demanding a complete list. */
void st_load(const char *name);
void st_create(const char *name);
/* How often it is listed. */
size_t st_count_folder(const char *name);
/* A message into the open folder; its UID is the next one of the server, or
 * uid in a local tree. */
void st_put(uint32_t uid, uint32_t flags, const char *wire);
/* Its bytes from a server, from a local tree. */
void st_fetch(uint32_t uid, struct str *out);
void st_send_out(const struct msg *m, struct str *out);
/* For source.read, arg a struct text. */
bool st_read_text(void *arg, void *buf, size_t cap, size_t *got,
	struct error *problem);
/* Demands success. */
bool st_append_done(void *arg, struct append *item, struct error *problem);

/* tests/check_store_imap.c */
TCase *store_imap_case(void);

#endif
