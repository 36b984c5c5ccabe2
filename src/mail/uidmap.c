#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/worker.h"
#include "mail/uidmap.h"
#include "mem.h"
#include "str.h"

/* Room for some ten million pairs. */
#define FILE_MAX ((size_t)256 << 20)

/* Who holds the lock reads or writes one file: that is soon over. */
#define LOCK_TRIES 200
#define LOCK_PAUSE_MS 50

/* ---- Lock ---- */

static int open_lock(const char *path, bool touch)
{
	char *name = mem_printf("%s.lock", path);
	int fd = open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW |
		(touch ? O_CREAT : 0), 0600);

	free(name);
	return fd;
}

static bool take_lock(int fd, const struct worker *w)
{
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	for (int n = 0; n < LOCK_TRIES && !worker_stopped(w); n++) {
		if (fcntl(fd, F_SETLK, &range) == 0)
			return true;
		if (errno != EACCES && errno != EAGAIN && errno != EINTR)
			return false;
		poll(NULL, 0, LOCK_PAUSE_MS);
	}
	errno = EAGAIN;
	return false;
}

/* The lock ends when *fd is closed; -1: a dry run found no lock file. */
static bool lock(const char *path, bool touch, const struct worker *w, int *fd,
	struct error *err)
{
	*fd = open_lock(path, touch);
	if (*fd < 0 && !touch && errno == ENOENT)
		return true;
	if (*fd >= 0 && take_lock(*fd, w))
		return true;
	error_set_errno(err, ERROR_FOLDER, ERROR_OTHER, errno,
		"cannot lock %s.lock", path);
	file_close(fd);
	return false;
}

/* ---- Pairs in memory ---- */

static struct uidmap_pair *pair_at(const struct uidmap *map, size_t i)
{
	return vec_at(&map->pair, *(const uint32_t *)vec_at(&map->order, i));
}

const struct uidmap_pair *uidmap_at(const struct uidmap *map, size_t i)
{
	return pair_at(map, i);
}

/* The place of a local UID in order, or where it belongs. */
static size_t place_of(const struct uidmap *map, uint32_t local, bool *found)
{
	size_t low = 0, high = map->order.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (pair_at(map, middle)->local < local)
			low = middle + 1;
		else
			high = middle;
	}
	*found = low < map->order.len && pair_at(map, low)->local == local;
	return low;
}

uint32_t uidmap_remote(const struct uidmap *map, uint32_t local)
{
	bool found;
	size_t at = place_of(map, local, &found);

	return found ? pair_at(map, at)->remote : 0;
}

/* New messages have the highest UIDs, so next to nothing is moved. */
static void insert(struct uidmap *map, size_t at, uint32_t index)
{
	uint32_t *order;

	vec_add(&map->order);
	order = map->order.data;
	memmove(order + at + 1, order + at,
		(map->order.len - 1 - at) * sizeof(*order));
	order[at] = index;
}

void uidmap_set(struct uidmap *map, uint32_t local, uint32_t remote)
{
	bool found;
	size_t at = place_of(map, local, &found);

	map->dirty = true;
	if (found) {
		pair_at(map, at)->remote = remote;
		return;
	}
	*(struct uidmap_pair *)vec_add(&map->pair) =
		(struct uidmap_pair){local, remote};
	insert(map, at, (uint32_t)(map->pair.len - 1));
}

void uidmap_drop(struct uidmap *map, uint32_t local)
{
	bool found;
	size_t at = place_of(map, local, &found);
	uint32_t *order = map->order.data;

	if (!found)
		return;
	map->dirty = true;
	pair_at(map, at)->remote = 0;
	map->order.len--;
	memmove(order + at, order + at + 1,
		(map->order.len - at) * sizeof(*order));
}

void uidmap_drop_all(struct uidmap *map)
{
	map->dirty = map->dirty || map->order.len > 0;
	vec_reset(&map->pair);
	vec_reset(&map->order);
}

void uidmap_clear(struct uidmap *map)
{
	vec_clear(&map->pair);
	vec_clear(&map->order);
}

/* ---- Reading ---- */

/* How a file that cannot be used is told, and the way out. */
static bool fail_line(const char *path, size_t line, const char *what,
	struct error *err)
{
	return error_set(err, ERROR_FOLDER, ERROR_OTHER, "%s:%zu: %s; the "
		"folder is left alone.  Correct the file, or remove it: then "
		"the messages are paired by their content", path, line, what);
}

static bool parse_uid(struct span text, uint32_t *out)
{
	uint64_t n;

	if (!span_number(span_trim(text), UINT32_MAX, &n) || n == 0)
		return false;
	*out = (uint32_t)n;
	return true;
}

static bool parse_pair(struct span line, struct uidmap_pair *out)
{
	const char *colon = memchr(line.data, ':', line.len);
	size_t left = colon ? (size_t)(colon - line.data) : 0;

	return colon && parse_uid((struct span){line.data, left},
		&out->local) && parse_uid((struct span){colon + 1,
		line.len - left - 1}, &out->remote);
}

static bool parse(struct uidmap *map, const char *path, struct span text,
	struct error *err)
{
	size_t number = 1;

	for (; text.len > 0; number++) {
		const char *end = memchr(text.data, '\n', text.len);
		struct span line = {text.data,
			end ? (size_t)(end - text.data) : text.len};
		struct uidmap_pair pair;

		if (!end)
			return fail_line(path, number, "the line is not ended, "
				"so a part of it may be missing", err);
		if (!parse_pair(line, &pair))
			return fail_line(path, number, "this is not \"local "
				"UID:remote UID\"", err);
		*(struct uidmap_pair *)vec_add(&map->pair) = pair;
		text.data += line.len + 1;
		text.len -= line.len + 1;
	}
	return true;
}

static int compare(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int by_local(const void *a, const void *b)
{
	const struct uidmap_pair *x = *(struct uidmap_pair *const *)a;
	const struct uidmap_pair *y = *(struct uidmap_pair *const *)b;
	int order = compare(x->local, y->local);

	return order ? order : (x > y) - (x < y);
}

static int by_remote(const void *a, const void *b)
{
	const struct uidmap_pair *x = *(struct uidmap_pair *const *)a;
	const struct uidmap_pair *y = *(struct uidmap_pair *const *)b;
	int order = compare(x->remote, y->remote);

	return order ? order : (x > y) - (x < y);
}

/* Of two lines that tell the same number, the later one is named. */
static bool check_twice(const char *path, const struct uidmap *map,
	struct uidmap_pair *const *at, bool remote, struct error *err)
{
	const struct uidmap_pair *first = map->pair.data;

	for (size_t i = 1; i < map->pair.len; i++)
		if (remote ? at[i]->remote == at[i - 1]->remote
			: at[i]->local == at[i - 1]->local)
			return fail_line(path, (size_t)(at[i] - first) + 1,
				remote ? "this remote UID stands in an "
				"earlier line" : "this local UID stands in an "
				"earlier line", err);
	return true;
}

/* Makes order from the lines just read. */
static bool index_lines(struct uidmap *map, const char *path,
	struct error *err)
{
	size_t len = map->pair.len;
	struct uidmap_pair *first = map->pair.data;
	struct uidmap_pair **at = mem_calloc(len + 1, sizeof(*at));
	bool ok;

	for (size_t i = 0; i < len; i++)
		at[i] = &first[i];
	if (len > 1)
		qsort(at, len, sizeof(*at), by_remote);
	ok = check_twice(path, map, at, true, err);
	if (ok && len > 1)
		qsort(at, len, sizeof(*at), by_local);
	ok = ok && check_twice(path, map, at, false, err);
	for (size_t i = 0; ok && i < len; i++)
		*(uint32_t *)vec_add(&map->order) = (uint32_t)(at[i] - first);
	free(at);
	return ok;
}

/* It was to replace the file, by a program that died first: what it held was
 * not recorded anywhere else either. */
static void remove_leftover(const char *path, struct worker *w)
{
	char *left = mem_printf("%s.tmp", path);

	if (unlink(left) == 0)
		worker_log(w, EVENT_NOTICE, AREA_GENERAL, "%s was left by a "
			"program that was interrupted; it is removed", left);
	free(left);
}

static bool read_file(struct uidmap *map, const char *path, struct error *err)
{
	struct str text = {0};
	bool ok;

	map->missing = !file_exists(path);
	if (map->missing)
		return true;
	ok = file_read(path, FILE_MAX, &text, err) &&
		parse(map, path, span_str(&text), err) &&
		index_lines(map, path, err);
	str_clear(&text);
	return ok;
}

static bool make_dir(const char *path, struct error *err)
{
	char *dir = mem_strdup(path);
	char *slash = strrchr(dir, '/');
	bool ok = true;

	if (slash) {
		*slash = '\0';
		ok = file_mkdirs(dir, err);
	}
	free(dir);
	return ok;
}

bool uidmap_load(struct uidmap *map, const char *path, bool touch,
	struct worker *w, struct error *err)
{
	int fd;
	bool ok;

	uidmap_drop_all(map);
	map->dirty = false;
	if ((touch && !make_dir(path, err)) ||
		!lock(path, touch, w, &fd, err))
		return false;
	if (touch)
		remove_leftover(path, w);
	ok = read_file(map, path, err);
	file_close(&fd);
	if (!ok)
		uidmap_drop_all(map);
	map->dirty = false;
	return ok;
}

/* ---- Writing ---- */

/* Dropped pairs leave the memory as well. */
static void compact(struct uidmap *map)
{
	struct uidmap_pair *pair = map->pair.data;
	uint32_t *order = map->order.data;
	uint32_t *moved = mem_calloc(map->pair.len + 1, sizeof(*moved));
	size_t kept = 0;

	for (size_t i = 0; i < map->pair.len; i++) {
		moved[i] = (uint32_t)kept;
		if (pair[i].remote)
			pair[kept++] = pair[i];
	}
	for (size_t i = 0; i < map->order.len; i++)
		order[i] = moved[order[i]];
	map->pair.len = kept;
	free(moved);
}

static bool write_file(const struct uidmap *map, const char *path, bool fsync,
	struct error *err)
{
	struct str text = {0};
	bool ok;

	for (size_t i = 0; i < map->pair.len; i++) {
		const struct uidmap_pair *p = vec_at(&map->pair, i);

		str_printf(&text, "%lu:%lu\n", (unsigned long)p->local,
			(unsigned long)p->remote);
	}
	ok = file_write(path, span_str(&text), fsync, err);
	str_clear(&text);
	return ok;
}

bool uidmap_save(struct uidmap *map, const char *path, bool fsync,
	struct worker *w, struct error *err)
{
	int fd;
	bool ok;

	if (!map->dirty && !map->missing)
		return true;
	worker_effect(w, "map");
	if (!make_dir(path, err) || !lock(path, true, w, &fd, err))
		return false;
	compact(map);
	ok = write_file(map, path, fsync, err);
	file_close(&fd);
	map->dirty = map->dirty && !ok;
	map->missing = map->missing && !ok;
	return ok;
}
