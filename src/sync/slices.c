#include "config.h"

#include "sync/slices.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mutex.h"
#include "mem.h"
#include "sync/tree.h"

/* From so many messages or, by what those that came were like, bytes on a
 * further connection is worth its login. */
#define HELP_MESSAGES 1000
#define HELP_BYTES (32u << 20)
/* One connection is asked for at least this many ahead, even near the end,
 * where the rest is divided among all. */
#define AHEAD_MIN 400
/* How long the last helper is watched before another may join, and the
 * percentage of the former rate that it must bring. */
#define WATCH_MS 500
#define RATE_PERCENT 110

/* Of one round. */
struct share {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	/* guarded by mutex */
	struct vec offers; /* of struct slices * */
	size_t busy;       /* members that may offer */
};

struct slices {
	/* const */
	struct slices_offer offer;
	struct share *share;
	bool alone; /* the share is its own */
	/* guarded by the share's mutex */
	size_t next;        /* of order */
	struct vec back;    /* of uint32_t: places given back */
	struct vec given;   /* of struct slices_row */
	size_t helpers;
	bool withdrawn;
	bool spoilt;
	struct error why;
	uint64_t numbered;
	/* how fast it goes */
	uint64_t messages, bytes; /* that came */
	int64_t since_ms;         /* the last helper joined, or the begin */
	uint64_t since_bytes;
	uint64_t rate_before;     /* bytes a second, without the last helper */
};

static void lock(struct share *share)
{
	mutex_lock(&share->mutex);
}

static void unlock(struct share *share)
{
	mutex_unlock(&share->mutex);
}

static void wait_locked(struct share *share)
{
	condition_wait(&share->changed, &share->mutex);
}

static void announce_locked(struct share *share)
{
	condition_announce(&share->changed);
}

struct share *share_new(void)
{
	struct share *share = mem_calloc(1, sizeof(*share));

	mutex_init(&share->mutex);
	condition_init(&share->changed);
	share->offers = (struct vec)VEC(struct slices *);
	return share;
}

void share_free(struct share *share)
{
	if (!share)
		return;
	assert(share->offers.len == 0);
	vec_clear(&share->offers);
	condition_destroy(&share->changed);
	mutex_destroy(&share->mutex);
	free(share);
}

void share_enter(struct share *share)
{
	lock(share);
	share->busy++;
	unlock(share);
}

void share_leave(struct share *share)
{
	lock(share);
	assert(share->busy > 0);
	if (--share->busy == 0)
		announce_locked(share);
	unlock(share);
}

/* ---- Whom to help ---- */

static size_t waiting(const struct slices *s)
{
	return s->offer.len - s->next;
}

static uint64_t rate(const struct slices *s, int64_t now_ms)
{
	int64_t ms = now_ms > s->since_ms ? now_ms - s->since_ms : 1;

	return (s->bytes - s->since_bytes) * 1000 / (uint64_t)ms;
}

static bool is_much(const struct slices *s)
{
	size_t left = waiting(s);

	return left > HELP_MESSAGES || (s->messages > 0 &&
		left * (s->bytes / s->messages) > HELP_BYTES);
}

/* The first helper is welcome; each further one only when the one before has
 * made it faster, for a server or a line may be at its limit. */
static bool may_join(const struct slices *s, int64_t now_ms)
{
	if (s->withdrawn || s->spoilt || !is_much(s))
		return false;
	return s->helpers == 0 || (now_ms - s->since_ms >= WATCH_MS &&
		rate(s, now_ms) * 100 > s->rate_before * RATE_PERCENT);
}

static bool is_named(const struct slices *s, const char *name)
{
	return name && (strcmp(s->offer.pair->remote, name) == 0 ||
		strcmp(s->offer.pair->visible, name) == 0);
}

/* The one wanted first, else the one with most to do. */
static struct slices *choose_locked(const struct share *share,
	const char *first)
{
	struct slices *best = NULL;
	int64_t now_ms = clock_mono_ms();

	for (size_t i = 0; i < share->offers.len; i++) {
		struct slices *s = *(struct slices **)vec_at(&share->offers, i);

		if (!may_join(s, now_ms))
			continue;
		if (is_named(s, first))
			return s;
		if (!best || waiting(s) > waiting(best))
			best = s;
	}
	return best;
}

struct slices *slices_join(struct share *share, const char *first)
{
	struct slices *s;

	lock(share);
	while ((s = choose_locked(share, first)) == NULL && share->busy > 0)
		wait_locked(share);
	if (s) {
		int64_t now_ms = clock_mono_ms();

		s->helpers++;
		s->rate_before = rate(s, now_ms);
		s->since_ms = now_ms;
		s->since_bytes = s->bytes;
	}
	unlock(share);
	return s;
}

void slices_leave(struct slices *s, const struct vec *undone)
{
	lock(s->share);
	for (size_t i = 0; i < undone->len; i++)
		*(uint32_t *)vec_add(&s->back) =
			*(const uint32_t *)vec_at(undone, i);
	assert(s->helpers > 0);
	s->helpers--;
	announce_locked(s->share);
	unlock(s->share);
}

void slices_spoil(struct slices *s, const struct error *err)
{
	lock(s->share);
	if (!s->spoilt)
		s->why = *err;
	s->spoilt = true;
	announce_locked(s->share);
	unlock(s->share);
}

/* ---- Taking and giving ---- */

const struct slices_offer *slices_get(const struct slices *s)
{
	return &s->offer;
}

/* Near the end each gets its part, and no more. */
static size_t allowed_locked(const struct slices *s)
{
	size_t part = waiting(s) / (s->helpers + 1);

	if (s->helpers == 0)
		return SIZE_MAX;
	return part > AHEAD_MIN ? part : AHEAD_MIN;
}

static bool take_back_locked(struct slices *s, struct vec *out)
{
	size_t n;

	for (n = 0; s->back.len > 0 && n < SLICE_MESSAGES; n++)
		*(uint32_t *)vec_add(out) =
			((uint32_t *)s->back.data)[--s->back.len];
	return n > 0;
}

static bool take_locked(struct slices *s, bool helper, size_t outstanding,
	struct vec *out)
{
	size_t n;

	if (s->spoilt || s->withdrawn || outstanding >= allowed_locked(s))
		return false;
	for (n = 0; waiting(s) > 0 && n < SLICE_MESSAGES; n++)
		*(uint32_t *)vec_add(out) = s->offer.order[s->next++];
	return n > 0 || (!helper && take_back_locked(s, out));
}

bool slices_take(struct slices *s, bool helper, size_t outstanding,
	struct vec *out)
{
	bool got;

	lock(s->share);
	got = take_locked(s, helper, outstanding, out);
	unlock(s->share);
	return got;
}

uint64_t slices_number(struct slices *s)
{
	uint64_t number;

	lock(s->share);
	number = ++s->numbered;
	unlock(s->share);
	return number;
}

/* Who waits to join looks at how fast it goes. */
static void count_locked(struct slices *s, size_t messages, uint64_t bytes)
{
	s->messages += messages;
	s->bytes += bytes;
	announce_locked(s->share);
}

void slices_count(struct slices *s, size_t messages, uint64_t bytes)
{
	lock(s->share);
	count_locked(s, messages, bytes);
	unlock(s->share);
}

void slices_give(struct slices *s, const struct vec *rows, uint64_t bytes)
{
	lock(s->share);
	for (size_t i = 0; i < rows->len; i++)
		*(struct slices_row *)vec_add(&s->given) =
			*(const struct slices_row *)vec_at(rows, i);
	count_locked(s, rows->len, bytes);
	unlock(s->share);
}

/* ---- The owner ---- */

struct slices *slices_offer(struct share *share,
	const struct slices_offer *offer)
{
	struct slices *s = mem_calloc(1, sizeof(*s));

	s->offer = *offer;
	s->alone = share == NULL;
	s->share = share ? share : share_new();
	s->back = (struct vec)VEC(uint32_t);
	s->given = (struct vec)VEC(struct slices_row);
	s->since_ms = clock_mono_ms();
	s->numbered = offer->numbered;
	lock(s->share);
	*(struct slices **)vec_add(&s->share->offers) = s;
	announce_locked(s->share);
	unlock(s->share);
	return s;
}

void slices_collect(struct slices *s, struct vec *rows)
{
	lock(s->share);
	for (size_t i = 0; i < s->given.len; i++)
		*(struct slices_row *)vec_add(rows) =
			*(struct slices_row *)vec_at(&s->given, i);
	vec_reset(&s->given);
	unlock(s->share);
}

void slices_withdraw(struct slices *s)
{
	lock(s->share);
	s->withdrawn = true;
	while (s->helpers > 0)
		wait_locked(s->share);
	unlock(s->share);
}

bool slices_wait(struct slices *s)
{
	bool any;

	lock(s->share);
	while (s->helpers > 0 && s->back.len + waiting(s) == 0 && !s->spoilt)
		wait_locked(s->share);
	any = s->back.len + waiting(s) > 0;
	unlock(s->share);
	return any;
}

bool slices_good(struct slices *s, struct error *err)
{
	bool good;

	lock(s->share);
	good = !s->spoilt;
	if (!good)
		*err = s->why;
	unlock(s->share);
	return good;
}

static void remove_locked(struct share *share, const struct slices *s)
{
	struct slices **at = share->offers.data;
	size_t i = 0;

	while (at[i] != s)
		i++;
	at[i] = at[--share->offers.len];
}

void slices_close(struct slices *s)
{
	lock(s->share);
	assert(s->helpers == 0);
	remove_locked(s->share, s);
	unlock(s->share);
	if (s->alone)
		share_free(s->share);
	vec_clear(&s->back);
	vec_clear(&s->given);
	free(s);
}
