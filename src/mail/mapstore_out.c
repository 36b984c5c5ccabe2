#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "imap/ops.h"
#include "imap/session.h"
#include "mail/header_cut.h"
#include "mail/mapstore.h"
#include "mem.h"

/* What is fetched together. */
#define CHUNK_MESSAGES 100
#define CHUNK_BYTES (4u << 20)

static uint32_t expected_at(const struct mapstore *s, size_t i)
{
	return *(const uint32_t *)vec_at(&s->expected, i);
}

void mapstore_outgoing_forget(struct mapstore *s)
{
	vec_reset(&s->expected);
	vec_reset(&s->ready);
	s->next = s->open = 0;
	spool_reset(&s->out);
}

void mapstore_outgoing_expect(struct store *store, const struct msgset *which)
{
	struct mapstore *s = mapstore_of(store);

	vec_reset(&s->expected);
	s->next = 0;
	for (size_t i = 0; i < which->len; i++)
		*(uint32_t *)vec_add(&s->expected) = store_own_uid(which->list,
			msgset_at(which, i));
}

/* ---- Which ones ---- */

/* Sizes of the next ones, as the server tells them. */
struct sizing {
	const struct mapstore *s;
	uint64_t size[CHUNK_MESSAGES]; /* by place from s->next on */
	bool there[CHUNK_MESSAGES];
	size_t len;
};

static bool note_size(void *arg, const struct response_fetch *f,
	struct error *err)
{
	struct sizing *run = arg;

	(void)err;
	for (size_t i = 0; i < run->len; i++)
		if ((f->has & FETCH_UID) &&
			f->uid == expected_at(run->s, run->s->next + i)) {
			run->there[i] = true;
			run->size[i] = f->has & FETCH_SIZE ? f->size : 0;
		}
	return true;
}

/* The place of this one among those expected; it may have to be looked for
 * once around. */
static bool seek(struct mapstore *s, uint32_t own)
{
	for (size_t n = 0; n < s->expected.len; n++) {
		size_t at = (s->next + n) % s->expected.len;

		if (expected_at(s, at) == own) {
			s->next = at;
			return true;
		}
	}
	return false;
}

static bool choose_next(struct mapstore *s, struct seqset *out,
	struct error *err)
{
	struct sizing run = {.s = s, .len = s->expected.len - s->next};
	struct seqset all = {0};
	uint64_t bytes = 0;
	size_t taken = 0;
	bool ok;

	if (run.len > CHUNK_MESSAGES)
		run.len = CHUNK_MESSAGES;
	for (size_t i = 0; i < run.len; i++)
		seqset_add(&all, expected_at(s, s->next + i));
	ok = ops_fetch(s->imap->session, &all, "(UID RFC822.SIZE)", note_size,
		&run, err);
	for (; ok && taken < run.len && bytes < CHUNK_BYTES; taken++) {
		bytes += run.size[taken];
		if (run.there[taken])
			seqset_add(out, expected_at(s, s->next + taken));
	}
	s->next += taken;
	seqset_clear(&all);
	return ok;
}

/* ---- Fetching ---- */

struct fetching {
	struct mapstore *s;
	const struct seqset *wanted;
	struct header_cut cut; /* filterheaders: what is sent is spooled */
};

/* Bytes that are cut at once. */
#define PIECE 4096

static struct map_ready *find_ready(const struct mapstore *s, uint32_t own)
{
	for (size_t i = 0; i < s->ready.len; i++) {
		struct map_ready *r = vec_at(&s->ready, i);

		if (r->own == own)
			return r;
	}
	return NULL;
}

static bool sink_begin(void *arg, uint64_t size, struct error *err)
{
	struct fetching *run = arg;

	(void)size;
	run->cut = (struct header_cut){
		.names = run->s->store.filterheaders};
	return spool_begin(&run->s->out, run->s->spool_dir, err);
}

static bool sink_data(void *arg, struct span data, struct error *err)
{
	struct fetching *run = arg;
	char kept[PIECE + HEADER_CUT_HELD];

	if (!run->cut.names)
		return spool_add(&run->s->out, data, err);
	while (data.len > 0) {
		struct span piece = {data.data,
			data.len < PIECE ? data.len : PIECE};
		struct span out = {kept, header_cut(&run->cut, piece, kept)};

		if (!spool_add(&run->s->out, out, err))
			return false;
		data.data += piece.len;
		data.len -= piece.len;
	}
	return true;
}

static bool add_held(struct fetching *run, struct error *err)
{
	char kept[HEADER_CUT_HELD];
	struct span out = {kept, 0};

	if (run->cut.names)
		out.len = header_cut_end(&run->cut, kept);
	return out.len == 0 || spool_add(&run->s->out, out, err);
}

static bool sink_end(void *arg, const struct response_fetch *f,
	struct error *err)
{
	struct fetching *run = arg;
	struct mapstore *s = run->s;
	struct map_ready new = {.own = f->uid,
		.date = f->has & FETCH_DATE ? f->date : 0};

	if (!add_held(run, err))
		return false;
	spool_end(&s->out, &new.body);
	if ((f->has & FETCH_UID) && seqset_has(run->wanted, f->uid) &&
		!find_ready(s, f->uid))
		*(struct map_ready *)vec_add(&s->ready) = new;
	else
		spool_cut(&s->out, &new.body);
	return true;
}

/* What was read of an earlier chunk and is not open any more goes first. */
static bool fetch_bodies(struct mapstore *s, const struct seqset *uids,
	struct error *err)
{
	struct fetching run = {.s = s, .wanted = uids};
	const struct body_sink sink = {sink_begin, sink_data, sink_end, &run,
		NULL};
	struct str refused = {0};
	bool ok;

	if (s->open == 0) {
		vec_reset(&s->ready);
		spool_reset(&s->out);
	}
	ok = seqset_empty(uids) || imapstore_ops.fetch(&s->imap->store, uids,
		&sink, &refused, err);
	str_clear(&refused);
	return ok;
}

static bool fetch_from(struct mapstore *s, uint32_t own, struct error *err)
{
	struct seqset uids = {0};
	bool ok = true;

	if (seek(s, own))
		ok = imapstore_checked(s->imap, choose_next(s, &uids, err),
			err);
	else
		seqset_add(&uids, own);
	ok = ok && fetch_bodies(s, &uids, err);
	seqset_clear(&uids);
	return ok;
}

/* ---- Opening ---- */

bool mapstore_outgoing_open(struct store *store, const struct msglist *list,
	const struct msg *m, struct outgoing *out, struct error *err)
{
	struct mapstore *s = mapstore_of(store);
	uint32_t own = store_own_uid(list, m);
	const struct map_ready *r = find_ready(s, own);
	struct spool_reader *reader;

	if (!r && !fetch_from(s, own, err))
		return false;
	r = find_ready(s, own);
	if (!r)
		return error_set(err, ERROR_MESSAGE, ERROR_GONE,
			"the server has not sent it");
	if (r->body.has_nul)
		return error_set(err, ERROR_MESSAGE, ERROR_OTHER,
			"it contains a NUL byte, which cannot be sent to a "
			"server");
	reader = mem_calloc(1, sizeof(*reader));
	spool_open(reader, &s->out, &r->body);
	*out = (struct outgoing){
		.source = {r->body.size, spool_read, reader, spool_again},
		.date = r->date,
		.id = r->body.id,
		.data = reader,
	};
	memcpy(out->digest, r->body.digest, sizeof(out->digest));
	s->open++;
	return true;
}

void mapstore_outgoing_close(struct store *store, struct outgoing *out)
{
	struct mapstore *s = mapstore_of(store);

	free(out->data);
	out->data = NULL;
	s->open -= s->open > 0;
}
