#include "config.h"

#include "run/hosts.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mutex.h"
#include "base/vec.h"
#include "mem.h"
#include "run/hosts_file.h"
#include "str.h"

struct host {
	struct hosts_row row; /* allowed 0: no limit is known */
	unsigned open;        /* places taken */
	unsigned connected;   /* of them, those that are logged in */
	bool wanted;          /* somebody did with fewer than it wanted */
};

struct hosts_guest {
	struct hosts *hosts; /* const */
	const void *owner;   /* const */
	/* guarded by the mutex */
	struct host *host; /* NULL: not known yet */
	unsigned open;     /* its places */
	bool expected;
};

struct hosts_place {
	/* const */
	struct hosts_guest *guest;
	struct host *host; /* of then; NULL: none */
	/* guarded by the mutex */
	bool connected;
};

struct hosts {
	/* const */
	char *path;
	size_t others;

	pthread_mutex_t mutex;
	/* guarded by mutex */
	struct vec host;  /* of struct host *, which stay where they are */
	struct vec guest; /* of struct hosts_guest * */
	struct str written; /* what the file says */
	bool writing;       /* somebody does */
};

static void lock(struct hosts *h)
{
	mutex_lock(&h->mutex);
}

static void unlock(struct hosts *h)
{
	mutex_unlock(&h->mutex);
}

/* ---- The hosts, and their file ---- */

static struct host *host_at(const struct hosts *h, size_t index)
{
	return *(struct host **)vec_at(&h->host, index);
}

static struct host *add_locked(struct hosts *h, const struct hosts_row *row)
{
	struct host *host = mem_calloc(1, sizeof(*host));

	host->row = *row;
	host->row.key = mem_strdup(row->key);
	*(struct host **)vec_add(&h->host) = host;
	return host;
}

static struct host *find_locked(struct hosts *h, char *key)
{
	for (size_t i = 0; i < h->host.len; i++)
		if (strcmp(host_at(h, i)->row.key, key) == 0)
			return host_at(h, i);
	return add_locked(h, &(struct hosts_row){.key = key});
}

static void compose_locked(const struct hosts *h, struct str *out)
{
	hosts_file_head(out);
	for (size_t i = 0; i < h->host.len; i++)
		if (host_at(h, i)->row.allowed > 0)
			hosts_file_add(out, &host_at(h, i)->row);
}

struct hosts *hosts_new(const char *path, size_t others)
{
	struct hosts *h = mem_calloc(1, sizeof(*h));
	struct vec rows = VEC(struct hosts_row);

	h->path = mem_strdup(path);
	h->others = others;
	h->host = (struct vec)VEC(struct host *);
	h->guest = (struct vec)VEC(struct hosts_guest *);
	mutex_init(&h->mutex);
	hosts_file_read(path, &rows);
	for (size_t i = 0; i < rows.len; i++)
		add_locked(h, vec_at(&rows, i));
	hosts_file_clear(&rows);
	compose_locked(h, &h->written);
	return h;
}

void hosts_free(struct hosts *h)
{
	assert(h->guest.len == 0);
	for (size_t i = 0; i < h->host.len; i++) {
		free(host_at(h, i)->row.key);
		free(host_at(h, i));
	}
	vec_clear(&h->host);
	vec_clear(&h->guest);
	str_clear(&h->written);
	mutex_destroy(&h->mutex);
	free(h->path);
	free(h);
}

/* False: there is nothing new, or somebody else writes, who looks again. */
static bool begin_writing(struct hosts *h, struct str *text)
{
	bool begun;

	lock(h);
	compose_locked(h, text);
	begun = !h->writing &&
		!span_equal(span_str(text), span_str(&h->written));
	if (begun) {
		h->writing = true;
		str_set(&h->written, str_get(text));
	}
	unlock(h);
	return begun;
}

static void end_writing(struct hosts *h)
{
	lock(h);
	h->writing = false;
	unlock(h);
}

void hosts_write(struct hosts *h, struct worker *w)
{
	struct str text = {0};

	while (begin_writing(h, &text)) {
		hosts_file_write(h->path, &text, w);
		end_writing(h);
	}
	str_clear(&text);
}

/* ---- Guests ---- */

struct hosts_guest *hosts_guest_new(struct hosts *h, const void *owner,
	bool expected)
{
	struct hosts_guest *guest = mem_calloc(1, sizeof(*guest));

	guest->hosts = h;
	guest->owner = owner;
	guest->expected = expected;
	lock(h);
	*(struct hosts_guest **)vec_add(&h->guest) = guest;
	unlock(h);
	return guest;
}

struct hosts_guest *hosts_guest_twin(struct hosts_guest *guest)
{
	struct hosts_guest *twin = hosts_guest_new(guest->hosts, guest->owner,
		false);

	lock(guest->hosts);
	twin->host = guest->host;
	unlock(guest->hosts);
	return twin;
}

void hosts_guest_free(struct hosts_guest *guest)
{
	struct vec *all;
	struct hosts_guest **at;
	size_t i = 0;

	if (guest == NULL)
		return;
	assert(guest->open == 0);
	all = &guest->hosts->guest;
	lock(guest->hosts);
	at = all->data;
	while (at[i] != guest)
		i++;
	all->len--;
	/* in their order */
	memmove(at + i, at + i + 1, (all->len - i) * all->size);
	unlock(guest->hosts);
	free(guest);
}

void hosts_guest_move(struct hosts_guest *guest, const char *key)
{
	char *own = mem_strdup(key);

	lock(guest->hosts);
	guest->host = find_locked(guest->hosts, own);
	unlock(guest->hosts);
	free(own);
}

void hosts_guest_end(struct hosts_guest *guest)
{
	lock(guest->hosts);
	guest->expected = false;
	unlock(guest->hosts);
}

/* ---- The budget ---- */

/* How many first connections of other guests are still to come, of so many
 * other accounts. */
static size_t to_come_locked(const struct hosts_guest *guest, size_t accounts)
{
	const struct vec *all = &guest->hosts->guest;
	const void *owner = NULL;
	size_t n = 0;

	for (size_t i = 0; i < all->len; i++) {
		const struct hosts_guest *other =
			*(struct hosts_guest **)vec_at(all, i);

		if (other == guest || other->host != guest->host ||
			!other->expected || other->open > 0)
			continue;
		if (other->owner != owner && accounts-- == 0)
			break;
		owner = other->owner;
		n++;
	}
	return n;
}

/* How many more connections there may be, when so many are kept for others.
 * More than the server allowed are tried only where they are in nobody's
 * way. */
static size_t free_locked(const struct host *host, size_t kept)
{
	size_t taken = host->open + kept;

	if (host->row.allowed == 0 || (host->row.patience == 0 && kept == 0))
		return SIZE_MAX;
	return taken < host->row.allowed ? host->row.allowed - taken : 0;
}

static size_t left_locked(const struct hosts_guest *guest,
	enum hosts_wish wish)
{
	if (wish == HOSTS_FIRST || guest->host == NULL)
		return SIZE_MAX;
	return free_locked(guest->host, to_come_locked(guest,
		wish == HOSTS_LASTING ? SIZE_MAX : guest->hosts->others));
}

size_t hosts_room(struct hosts_guest *guest, const struct hosts_guest *other,
	size_t wanted)
{
	size_t room = wanted, left;

	lock(guest->hosts);
	left = left_locked(guest, HOSTS_MORE);
	if (other != NULL && other->host == guest->host)
		left /= 2;
	if (wanted > guest->open && wanted - guest->open > left) {
		room = guest->open + left;
		guest->host->wanted = true;
	}
	unlock(guest->hosts);
	return room > 0 ? room : 1;
}

void hosts_round(struct hosts_guest *guest)
{
	struct host *host;

	lock(guest->hosts);
	host = guest->host;
	if (host != NULL && host->wanted && host->row.patience > 0)
		host->row.patience--;
	if (host != NULL)
		host->wanted = false;
	unlock(guest->hosts);
}

bool hosts_may_stay(struct hosts_guest *guest)
{
	const struct host *host;
	bool may = true;

	if (guest == NULL)
		return true;
	lock(guest->hosts);
	host = guest->host;
	if (host != NULL && host->row.allowed > 0)
		may = host->open + to_come_locked(guest, SIZE_MAX) <=
			host->row.allowed;
	unlock(guest->hosts);
	return may;
}

/* ---- Places ---- */

struct hosts_place *hosts_take(struct hosts_guest *guest, enum hosts_wish wish)
{
	struct hosts_place *place = NULL;

	lock(guest->hosts);
	if (left_locked(guest, wish) > 0) {
		place = mem_calloc(1, sizeof(*place));
		place->guest = guest;
		place->host = guest->host;
		guest->open++;
		if (place->host != NULL)
			place->host->open++;
	} else {
		guest->host->wanted = true;
	}
	unlock(guest->hosts);
	return place;
}

/* Others may have been under way when one was refused: what the server has
 * accepted counts.  Where more was tried on purpose, its limit is no more. */
static void accept_locked(struct host *host)
{
	host->connected++;
	if (host->row.allowed == 0 || host->connected <= host->row.allowed)
		return;
	host->row.allowed = host->row.patience > 0 ? host->connected : 0;
}

void hosts_connected(struct hosts_place *place)
{
	struct hosts *h = place->guest->hosts;

	lock(h);
	assert(!place->connected);
	place->connected = true;
	if (place->host != NULL)
		accept_locked(place->host);
	unlock(h);
}

static void lose_locked(struct hosts_place *place)
{
	if (place->host != NULL && place->connected)
		place->host->connected--;
	place->connected = false;
}

void hosts_lost(struct hosts_place *place)
{
	struct hosts *h = place->guest->hosts;

	lock(h);
	lose_locked(place);
	unlock(h);
}

static void leave_locked(struct hosts_place *place)
{
	lose_locked(place);
	place->guest->open--;
	if (place->host != NULL)
		place->host->open--;
}

/* Who refuses all is no help in telling how many it allows. */
void hosts_refused(struct hosts_place *place)
{
	struct hosts *h = place->guest->hosts;
	struct host *host = place->host;

	lock(h);
	leave_locked(place);
	if (host != NULL && host->connected > 0) {
		host->row.allowed = host->connected;
		host->row.patience = HOSTS_PATIENCE;
	}
	unlock(h);
	free(place);
}

void hosts_leave(struct hosts_place *place)
{
	struct hosts *h = place->guest->hosts;

	lock(h);
	leave_locked(place);
	unlock(h);
	free(place);
}
