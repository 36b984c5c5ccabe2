/*
 * How many connections there are to each server, of all accounts together.
 * Once a server has refused one more (LIMIT, RFC 5530 section 3), those that
 * it had accepted are all that is opened to it, and a file remembers that
 * (hosts_file.h).  The engine owns it; account runners, their workers and
 * watchers use it, each in its own thread: accounts share the budget, so it
 * has a mutex, which every function here takes itself, and holds for no I/O.
 *
 * A guest is one side of one account, owned by its login (login.h).  It takes
 * a place before it connects:
 *
 *	place = hosts_take(guest, HOSTS_MORE);  NULL: there is none to be had
 *	connects; then one of
 *	hosts_connected(place) ... hosts_leave(place), when it is closed; or
 *		hosts_lost(place), and it connects again
 *	hosts_refused(place)    the server wants no further connection
 *	hosts_leave(place)      it failed otherwise
 *
 * Nobody waits for a place.  A guest's first connection always has one, and
 * while a limit is known, the others leave a place for each first connection
 * that may still come.
 */
#ifndef RUN_HOSTS_H
#define RUN_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

#include "attr.h"

struct hosts;
struct hosts_guest;
struct hosts_place;
struct worker;

enum hosts_wish {
	HOSTS_FIRST,   /* there always is a place */
	HOSTS_MORE,    /* until the round is over, at most */
	HOSTS_LASTING, /* for longer: those come that have no turn yet */
};

/* others: how many more accounts there may be in a round at the same time. */
struct hosts *hosts_new(const char *path, size_t others) ATTR_RETURNS_NONNULL;
/* All guests are gone. */
void hosts_free(struct hosts *h);
/* Writes the file, unless it says the same.  Runner's thread. */
void hosts_write(struct hosts *h, struct worker *w);

/* owner: stands for the account.  expected: its first connection will come;
 * those of one owner are made one after the other. */
struct hosts_guest *hosts_guest_new(struct hosts *h, const void *owner,
	bool expected) ATTR_RETURNS_NONNULL;
/* Another one of the same account at the same server, not expected. */
struct hosts_guest *hosts_guest_twin(struct hosts_guest *guest)
	ATTR_RETURNS_NONNULL;
/* All places are left; NULL is allowed. */
void hosts_guest_free(struct hosts_guest *guest);
/* Which server it connects to: its name, in lower case, and port. */
void hosts_guest_move(struct hosts_guest *guest, const char *key);
/* Its first connection comes no more. */
void hosts_guest_end(struct hosts_guest *guest);

/* How many connections of so many, at least one, this guest may have now.
 * other: the account's other side, where each worker needs one there, too;
 * NULL: none. */
size_t hosts_room(struct hosts_guest *guest, const struct hosts_guest *other,
	size_t wanted);
/* The account's round is over: if somebody had to do with fewer, it counts. */
void hosts_round(struct hosts_guest *guest);
/* Whether a connection may stay open when its round is over; guest NULL: it
 * may. */
bool hosts_may_stay(struct hosts_guest *guest);

struct hosts_place *hosts_take(struct hosts_guest *guest, enum hosts_wish wish)
	ATTR_MUST_CHECK;
void hosts_connected(struct hosts_place *place);
void hosts_lost(struct hosts_place *place);
/* These two free. */
void hosts_refused(struct hosts_place *place);
void hosts_leave(struct hosts_place *place);

#endif
