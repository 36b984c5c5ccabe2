/*
 * What only saves time: what each folder's numbers were when both sides were
 * last found equal, and what is known of the server.  One file for each
 * account beside its state, read whole when a round begins, written whole
 * (renamed) when it ends.  Deleting it costs time, never correctness; one that
 * is damaged or of another version is as good as none.  Account runner; the
 * workers get lent rows and hand in new ones through their results.
 */
#ifndef SYNC_CACHE_H
#define SYNC_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/vec.h"
#include "mail/store.h"

struct worker;

/* A folder pair that was in step.  Numbers of the server: such that whatever
 * comes later changes one of them. */
struct cache_folder {
	char *remote, *local;   /* malloc'd; the pair's names */
	uint32_t uidvalidity, uidnext, messages;
	uint64_t modseq;        /* 0: the server has none */
	uint32_t questions;     /* exceptions.h; 0: none */
	uint64_t digest;        /* of their answers */
	struct store_stamp stamp; /* the local folder, see mail/store.h */
	struct store_stamp state; /* the state file: size and time */
	uint64_t rules;         /* of all names that the rules made for it */
	int64_t full_ms;        /* wall clock: everything was last compared */
	char *mailboxid;        /* malloc'd; NULL: none */
};

struct cache {
	char *key;           /* digest of the configuration that counts,
	                        malloc'd: another one forgets the folders */
	char *capabilities;  /* after the login, malloc'd; NULL */
	unsigned distrust;   /* CACHE_NO_* */
	struct vec folder;   /* of struct cache_folder, by both names */
	unsigned char was[DIGEST_SHA256_SIZE]; /* private: the file as read */
};

void cache_init(struct cache *c);
void cache_clear(struct cache *c);
/* A missing or useless file is an empty cache. */
void cache_read(struct cache *c, const char *path, const char *key);
/* Writes it, unless the file that was read says the same.  Failing is told in
 * a debug line, nothing more. */
void cache_write(const struct cache *c, const char *path, struct worker *w);
/* NULL: none. */
const struct cache_folder *cache_find(const struct cache *c,
	const char *remote, const char *local);
/* Replaces or adds; copies the strings. */
void cache_put(struct cache *c, const struct cache_folder *folder);
void cache_drop(struct cache *c, const char *remote, const char *local);

#endif
