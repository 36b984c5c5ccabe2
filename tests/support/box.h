/*
 * The one folder pair that the tests of folder_sync work on, and short words
 * for what they do with it.  One thread; the tests run one after the other.
 */
#ifndef BOX_H
#define BOX_H

#include <check.h>
#include <stddef.h>
#include <stdint.h>

#include "syncpair.h"

extern struct syncpair box;

void box_setup(void);
void box_teardown(void);
/* The local side is a server, see syncpair_map. */
void box_setup_mapped(void);

/* The text of a message with a Message-ID and a body that say its name;
 * malloc'd. */
char *box_wire(const char *name);
/* A message arrives on the server, or here with that UID (0: none). */
void box_there(const char *name, uint32_t flags);
void box_here(const char *name, uint32_t uid, uint32_t flags);
void box_remove_uid(struct mem_folder *f, uint32_t uid);

/* A run that must not fail. */
void box_run_ok(void);
void box_assert_equal(void);
/* Equal now, and a further run finds nothing to do. */
void box_assert_settled(void);
void box_assert_counts(size_t remote, size_t local);
/* As syncpair_rows prints them. */
void box_assert_rows(const char *expected);

/* One message is on both sides, five new ones are here. */
void box_upload_five(void);
/* A run whose nth append ends with the connection. */
void box_lose_upload(enum mem_fault_kind kind, unsigned nth);

/* In check_apply_late.c: what lands when its session is dead. */
void apply_late_add(Suite *suite);
/* In check_apply_lost.c: interrupted and dying runs. */
void apply_lost_add(Suite *suite);
/* In check_apply_random.c: random states; added by the former. */
void apply_random_add(Suite *suite);
/* In check_download.c: the order of downloads, and helpers. */
void download_add(Suite *suite);
/* In check_apply_map.c: the local side is a server. */
void apply_map_add(Suite *suite);

#endif
