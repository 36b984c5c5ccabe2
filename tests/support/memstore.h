/*
 * A store in memory, for tests: a tree of folders that plays the remote or
 * the local side, and stores opened on it.  The tree outlives its stores, as a
 * server outlives its connections: after a fault that loses the connection the
 * test opens another store on the same tree.  One thread.
 *
 *	struct memtree *server = memtree_new(false, '/');
 *	memtree_add(server, "INBOX", 0, FLAG_SEEN, "Subject: a\r\n\r\nhi\r\n");
 *	struct store *store = memstore_open(server, &worker);
 *
 * The remote flavour gives UIDs and has UIDVALIDITY and UIDNEXT.  The local
 * flavour keeps the remote UID of each message, or 0, and a name "m00000012".
 * Both have every operation of store.h.
 *
 * Steps: each operation counts one, those on many messages one for each
 * message, begun with these names: list create status load enter identify
 * search fetch append flags remove begin end commit open adopt detach.
 */
#ifndef MEMSTORE_H
#define MEMSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "error.h"
#include "mail/store.h"
#include "str.h"

struct worker;

struct mem_message {
	uint32_t uid;    /* local: the remote UID, or 0 */
	uint32_t flags;
	int64_t date;
	uint32_t number; /* unique in the tree */
	char *wire;      /* CRLF form, malloc'd */
	size_t len;
};

struct mem_folder {
	char *name;
	unsigned attributes;
	uint32_t uidvalidity, uidnext;
	uint32_t flags_allowed;
	bool readonly;
	struct vec message; /* of struct mem_message, oldest first */
};

/* A message that a dead connection has sent, not yet there. */
struct mem_late {
	struct mem_folder *folder;
	struct mem_message message;
};

enum mem_fault_kind {
	MEM_FAIL,       /* nothing happens, an error of .severity */
	MEM_LOST,       /* nothing happens, the connection is lost */
	MEM_LOST_AFTER, /* it happens, but the answer is lost */
	MEM_LOST_LATE,  /* append: lost, and it happens at memtree_land only */
};

struct mem_fault {
	uint64_t nth;   /* the nth step from now, 1 is the next; 0: none */
	const char *op; /* only steps of this name count; NULL: all */
	enum mem_fault_kind kind;
	enum error_severity severity; /* FAIL; NONE: ERROR_FOLDER */
};

struct memtree {
	bool local;
	char separator;
	struct vec folder; /* of struct mem_folder * */
	struct vec late;   /* of struct mem_late, see MEM_LOST_LATE */
	uint32_t last_number;
	/* to be set by tests at any time */
	struct mem_fault fault;
	const char *refuse;  /* messages containing this are refused: append NO,
	                        fetch NO, incoming and outgoing ERROR_MESSAGE */
	uint32_t withhold;   /* fetch passes this UID over without a word */
	uint64_t modseq;     /* of what is listed; 0: the server has none */
	uint64_t land_from;  /* from this step on, one late message lands at
	                        each; 0: at memtree_land only */
	uint32_t busy;       /* this UID has been changed since by somebody */
	bool no_appenduid;   /* append does not tell UIDs */
	bool no_expunge;     /* remove marks with FLAG_DELETED only */
	bool incomplete;     /* lists are not complete, and lack the last one */
	/* to be read by tests */
	uint64_t steps;      /* taken so far */
	uint64_t fetched, appended, removed, flagged; /* messages */
};

struct memtree *memtree_new(bool local, char separator);
void memtree_free(struct memtree *tree);

struct mem_folder *memtree_at(const struct memtree *tree, size_t i);
/* NULL: there is none. */
struct mem_folder *memtree_folder(const struct memtree *tree,
	const char *name);
/* The new empty folder, UIDVALIDITY 1 (remote) or 42 (local). */
struct mem_folder *memtree_add_folder(struct memtree *tree, const char *name);
void memtree_remove_folder(struct memtree *tree, const char *name);
/* A message arrives by another way; the folder is made when missing.  Remote:
 * uid 0 takes the next one.  Lent until the next change of the folder. */
struct mem_message *memtree_add(struct memtree *tree, const char *folder,
	uint32_t uid, uint32_t flags, const char *wire);
/* The same from a template; takes its wire. */
struct mem_message *memtree_put(struct memtree *tree,
	struct mem_folder *folder, const struct mem_message *message);
struct mem_message *mem_folder_at(const struct mem_folder *folder, size_t i);
/* NULL: there is none. */
struct mem_message *mem_folder_by_number(const struct mem_folder *folder,
	uint32_t number);
struct mem_message *mem_folder_find(const struct mem_folder *folder,
	uint32_t uid);
/* text NULL: false. */
bool mem_message_contains(const struct mem_message *m, const char *text);
/* The number of messages whose text contains this. */
size_t mem_folder_count(const struct mem_folder *folder, const char *text);
/* Another program deletes it. */
void mem_folder_remove(struct mem_folder *folder, uint32_t number);
/* Renumbers all messages from 1 under another UIDVALIDITY. */
void mem_folder_renumber(struct mem_folder *folder, uint32_t uidvalidity);
/* The date of a message of that day, for search alone. */
int64_t memtree_day(int year, int month, int day);
/* What a dead connection had sent arrives now: all, or the first of it. */
void memtree_land(struct memtree *tree);
void memtree_land_one(struct memtree *tree);
/* One line a message, "uid letters first-line", in the folder's order. */
void memtree_print(const struct memtree *tree, const char *folder,
	struct str *out);

extern const struct store_ops memstore_ops;

/* A connection to the tree; close with store_close. */
struct store *memstore_open(struct memtree *tree, struct worker *worker);

#endif
