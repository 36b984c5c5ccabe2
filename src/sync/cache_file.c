#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/worker.h"
#include "mem.h"
#include "sync/cache.h"

/*
 * The file: a line that names the format, a digest of all that follows, then
 * numbers (eight bytes, the lowest first) and strings (a number, then so many
 * bytes; without any for none).  What stands in it is what a run believes
 * without a look, so one wrong bit makes all of it worthless.
 */
static const char magic[] = "offlineimap cache 3\n";
#define MAGIC_SIZE (sizeof(magic) - 1)
#define FILE_MAX ((size_t)64 << 20)
#define NUMBER_SIZE 8

/* ---- Writing ---- */

static void put_number(struct str *out, uint64_t n)
{
	for (int i = 0; i < NUMBER_SIZE; i++)
		str_add_char(out, (char)(unsigned char)(n >> 8 * i));
}

static void put_text(struct str *out, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	put_number(out, len);
	str_add_mem(out, text ? text : "", len);
}

static void put_stamp(struct str *out, const struct store_stamp *stamp)
{
	for (int i = 0; i < 2; i++) {
		put_number(out, (uint64_t)stamp->changed_ns[i]);
		put_number(out, stamp->place[i]);
	}
	put_number(out, stamp->settled);
}

static void put_folder(struct str *out, const struct cache_folder *row)
{
	put_text(out, row->remote);
	put_text(out, row->local);
	put_number(out, row->uidvalidity);
	put_number(out, row->uidnext);
	put_number(out, row->messages);
	put_number(out, row->modseq);
	put_number(out, row->questions);
	put_number(out, row->digest);
	put_stamp(out, &row->stamp);
	put_stamp(out, &row->state);
	put_number(out, row->rules);
	put_number(out, (uint64_t)row->full_ms);
	put_text(out, row->mailboxid);
}

static void put_all(struct str *out, const struct cache *c)
{
	put_text(out, c->key);
	put_text(out, c->capabilities);
	put_number(out, c->distrust);
	put_number(out, c->folder.len);
	for (size_t i = 0; i < c->folder.len; i++)
		put_folder(out, vec_at(&c->folder, i));
}

static void make_digest(struct span data,
	unsigned char out[DIGEST_SHA256_SIZE])
{
	struct digest *d = digest_new();

	digest_add(d, data.data, data.len);
	digest_end(d, out);
	digest_free(d);
}

void cache_write(const struct cache *c, const char *path, struct worker *w)
{
	unsigned char digest[DIGEST_SHA256_SIZE];
	struct str body = {0}, file = {0};
	struct error err = {0};

	put_all(&body, c);
	make_digest(span_str(&body), digest);
	if (memcmp(digest, c->was, sizeof(digest)) != 0) {
		str_add(&file, magic);
		str_add_mem(&file, digest, sizeof(digest));
		str_add_span(&file, span_str(&body));
		worker_effect(w, "cache");
		if (!file_write(path, span_str(&file), false, &err))
			worker_log(w, EVENT_DEBUG, AREA_GENERAL, "what saves "
				"time is not kept: %s", err.text);
	}
	str_clear(&file);
	str_clear(&body);
}

/* ---- Reading ---- */

/* What is left of the file; NULL: it ended too early, or says what no cache
 * says. */
struct reader {
	const char *at;
	size_t left;
};

static uint64_t get_number(struct reader *r, uint64_t max)
{
	uint64_t n = 0;

	if (r->at && r->left >= NUMBER_SIZE) {
		for (int i = 0; i < NUMBER_SIZE; i++)
			n |= (uint64_t)(unsigned char)r->at[i] << 8 * i;
		r->at += NUMBER_SIZE;
		r->left -= NUMBER_SIZE;
		if (n <= max)
			return n;
	}
	r->at = NULL;
	return 0;
}

/* malloc'd; NULL: an empty one.  A NUL inside is none of ours. */
static char *get_text(struct reader *r)
{
	size_t len = (size_t)get_number(r, r->left);
	char *text;

	if (!r->at || len > r->left || memchr(r->at, '\0', len))
		r->at = NULL;
	if (!r->at || len == 0)
		return NULL;
	text = mem_strndup(r->at, len);
	r->at += len;
	r->left -= len;
	return text;
}

/* The same, but there is always one: a folder's name may be empty. */
static char *get_name(struct reader *r)
{
	char *name = get_text(r);

	return name ? name : mem_strdup("");
}

static void get_stamp(struct reader *r, struct store_stamp *out)
{
	for (int i = 0; i < 2; i++) {
		out->changed_ns[i] = (int64_t)get_number(r, UINT64_MAX);
		out->place[i] = get_number(r, UINT64_MAX);
	}
	out->settled = get_number(r, 1) != 0;
}

static void get_folder(struct reader *r, struct cache_folder *row)
{
	row->remote = get_name(r);
	row->local = get_name(r);
	row->uidvalidity = (uint32_t)get_number(r, UINT32_MAX);
	row->uidnext = (uint32_t)get_number(r, UINT32_MAX);
	row->messages = (uint32_t)get_number(r, UINT32_MAX);
	row->modseq = get_number(r, UINT64_MAX);
	row->questions = (uint32_t)get_number(r, UINT32_MAX);
	row->digest = get_number(r, UINT64_MAX);
	get_stamp(r, &row->stamp);
	get_stamp(r, &row->state);
	row->rules = get_number(r, UINT64_MAX);
	row->full_ms = (int64_t)get_number(r, INT64_MAX);
	row->mailboxid = get_text(r);
}

/* A search relies on the order. */
static bool in_order(const struct vec *rows)
{
	const struct cache_folder *a, *b;
	int order;

	if (rows->len < 2)
		return true;
	a = vec_at(rows, rows->len - 2);
	b = vec_at(rows, rows->len - 1);
	order = strcmp(a->remote, b->remote);
	return order < 0 || (order == 0 && strcmp(a->local, b->local) < 0);
}

static bool get_all(struct cache *c, struct span body)
{
	struct reader r = {body.data, body.len};
	uint64_t count;

	c->key = get_text(&r);
	c->capabilities = get_text(&r);
	c->distrust = (unsigned)get_number(&r, UINT32_MAX);
	count = get_number(&r, UINT64_MAX);
	for (uint64_t i = 0; r.at && i < count; i++) {
		get_folder(&r, vec_add(&c->folder));
		if (!in_order(&c->folder))
			return false;
	}
	return r.at && r.left == 0;
}

static bool parse(struct cache *c, struct span file)
{
	const char *digest = file.data + MAGIC_SIZE;
	struct span body;

	if (file.len < MAGIC_SIZE + DIGEST_SHA256_SIZE ||
		memcmp(file.data, magic, MAGIC_SIZE) != 0)
		return false;
	body.data = digest + DIGEST_SHA256_SIZE;
	body.len = file.len - MAGIC_SIZE - DIGEST_SHA256_SIZE;
	make_digest(body, c->was);
	return memcmp(digest, c->was, DIGEST_SHA256_SIZE) == 0 &&
		get_all(c, body);
}

static void forget_folders(struct cache *c, const char *key)
{
	struct cache kept = *c;

	c->key = NULL;
	c->capabilities = NULL;
	cache_clear(c);
	free(kept.key);
	c->key = mem_strdup(key);
	c->capabilities = kept.capabilities;
	c->distrust = kept.distrust;
	memcpy(c->was, kept.was, sizeof(c->was));
}

void cache_read(struct cache *c, const char *path, const char *key)
{
	struct str file = {0};
	struct error ignored = {0};

	cache_clear(c);
	if (file_read(path, FILE_MAX, &file, &ignored) &&
		!parse(c, span_str(&file)))
		cache_clear(c);
	str_clear(&file);
	if (!c->key || strcmp(c->key, key) != 0)
		forget_folders(c, key);
}
