#include "config.h"

#include "imap/flag.h"
#include "imap/session.h"
#include "mail/exceptions_of.h"
#include "mail/imapstore.h"

/* Below this the whole list is shorter than six questions and answers. */
#define SETS_MIN 20
/* What vanishes without being looked at again. */
#define VANISHED_FEW 3

void imapstore_patch_clear(struct patch *p)
{
	changes_clear(&p->changes);
	msglist_clear(&p->changed);
	msglist_clear(&p->fresh);
	msglist_clear(&p->list);
	seqset_clear(&p->left);
}

void imapstore_tidy(struct msglist *list)
{
	size_t to = 0;

	msglist_sort(list);
	for (size_t i = 0; i < list->len; i++) {
		if (to > 0 && list->at[to - 1].uid == list->at[i].uid)
			to--;
		list->at[to++] = list->at[i];
	}
	list->len = to;
}

/* ---- Asking ---- */

static const unsigned bit_of[] = {
	[CHANGES_QRESYNC] = CACHE_NO_QRESYNC,
	[CHANGES_CONDSTORE] = CACHE_NO_CONDSTORE,
	[CHANGES_SETS] = CACHE_NO_SEARCH,
};

static bool can_resync(const struct session *s,
	const struct store_since *since, enum changes_how how)
{
	if (since->modseq == 0)
		return false;
	return how == CHANGES_QRESYNC ? session_resyncs(s)
		: session_has(s, CAP_CONDSTORE);
}

/* The best way that this server has and deserves. */
static bool choose(const struct imapstore *s, const struct store_since *since,
	enum changes_how *how)
{
	unsigned distrust = since->distrust | s->distrust;

	for (*how = CHANGES_QRESYNC; *how < CHANGES_SETS; ++*how)
		if (!(distrust & bit_of[*how]) &&
			can_resync(s->session, since, *how))
			return true;
	return !(distrust & CACHE_NO_SEARCH) && since->rows->len >= SETS_MIN;
}

static uint32_t first_new(const struct store_since *since)
{
	const struct msglist *rows = since->rows;

	if (since->uidnext > 0)
		return since->uidnext;
	return rows->len > 0 && rows->at[rows->len - 1].uid < UINT32_MAX
		? rows->at[rows->len - 1].uid + 1 : 0;
}

static bool begin(const struct imapstore *s, struct patch *p)
{
	const struct store_since *since = p->since;
	struct changes *c = &p->changes;

	if (!since || since->full || since->uidvalidity == 0 ||
		since->rows->len == 0 || !choose(s, since, &c->how))
		return false;
	c->uidvalidity = since->uidvalidity;
	c->uidnext = first_new(since);
	c->modseq = since->modseq;
	c->asked = exceptions_wanted(since->rows, s->store.letters);
	return c->uidnext > 1;
}

/* With more messages told than there are, p is not going to add up. */
static bool note(void *arg, const struct response_fetch *f, struct error *err)
{
	struct patch *p = arg;

	(void)err;
	if (f->uid > 0)
		msglist_add(f->uid < p->changes.uidnext ? &p->changed
			: &p->fresh, f->uid, f->flags, NULL);
	return true;
}

/* ---- What was known, with the changes ---- */

static bool is_gone(const struct patch *p, uint32_t uid)
{
	if (seqset_has(&p->changes.vanished, uid))
		return true;
	return p->left_known && !seqset_has(&p->left, uid);
}

static uint32_t flags_now(const struct patch *p, const struct msg *row,
	uint32_t known)
{
	const struct changes *c = &p->changes;
	const struct msg *m = msglist_find(&p->changed, row->uid);

	if (m)
		return m->flags;
	return c->how == CHANGES_SETS ? exceptions_flags(&c->sets, row->uid)
		: row->flags & known;
}

static void add_known(struct patch *p, uint32_t known)
{
	const struct msglist *rows = p->since->rows;

	for (size_t i = 0; i < rows->len; i++) {
		const struct msg *row = &rows->at[i];

		if (row->uid > 0 && row->uid < p->changes.uidnext &&
			!is_gone(p, row->uid))
			msglist_add(&p->list, row->uid,
				flags_now(p, row, known), NULL);
	}
}

static void add_fresh(struct patch *p)
{
	for (size_t i = 0; i < p->fresh.len; i++)
		if (!seqset_has(&p->changes.vanished, p->fresh.at[i].uid))
			msglist_add(&p->list, p->fresh.at[i].uid,
				p->fresh.at[i].flags, NULL);
}

static void make_list(struct patch *p, uint32_t letters)
{
	p->list.len = 0;
	add_known(p, FLAG_IMAP_ALL | letters);
	add_fresh(p);
}

/* A message below UIDNEXT that was not there before: either it or what was
 * known is wrong. */
static bool any_stranger(const struct patch *p)
{
	struct seqset_iter iter = seqset_iter(&p->left);
	const struct msglist *rows = p->since->rows;
	uint32_t uid;

	for (size_t i = 0; i < p->changed.len; i++)
		if (!msglist_find(rows, p->changed.at[i].uid))
			return true;
	if (seqset_count(&p->left) > rows->len)
		return true;
	while (seqset_next(&iter, &uid))
		if (uid < p->changes.uidnext && !msglist_find(rows, uid))
			return true;
	return false;
}

static size_t known_before(const struct patch *p)
{
	const struct msglist *rows = p->since->rows;
	size_t len = rows->len;

	while (len > 0 && rows->at[len - 1].uid >= p->changes.uidnext)
		len--;
	return len;
}

/* Rule 12 of protocol.md 4.2; and what takes most of a folder away is not
 * believed without a look at it. */
static bool adds_up(const struct patch *p)
{
	uint32_t exists = p->changes.selected.exists;
	size_t before = known_before(p), after = 0;

	for (size_t i = 0; i < p->list.len; i++)
		after += p->list.at[i].uid < p->changes.uidnext;
	return p->list.len == exists && !any_stranger(p) &&
		(before - after <= VANISHED_FEW ||
		before - after <= exists / 2);
}

/* Fewer than there should be, and no word of which are missing. */
static bool must_count(const struct patch *p)
{
	return p->changes.how != CHANGES_QRESYNC &&
		p->list.len > p->changes.selected.exists;
}

static bool count_left(struct imapstore *s, struct patch *p,
	struct error *err)
{
	if (!ops_left(s->session, p->changes.uidnext, &p->left,
		&p->left_known, err))
		return false;
	make_list(p, s->store.letters);
	return true;
}

static bool try_changes(struct imapstore *s, const char *wire, bool readonly,
	struct patch *p, struct error *err)
{
	struct error refused = {0};

	if (ops_changes(s->session, wire, readonly, &p->changes, note, p,
		&refused))
		return true;
	if (session_alive(s->session))
		return true; /* the whole list will tell why */
	*err = refused;
	return false;
}

bool imapstore_changes(struct imapstore *s, const char *wire, bool readonly,
	struct patch *p, bool *done, struct error *err)
{
	*done = false;
	if (!begin(s, p)) {
		p->since = NULL;
		return true;
	}
	if (!try_changes(s, wire, readonly, p, err))
		return false;
	imapstore_tidy(&p->changed);
	imapstore_tidy(&p->fresh);
	if (!p->changes.valid)
		return true;
	make_list(p, s->store.letters);
	if (must_count(p) && !count_left(s, p, err))
		return false;
	*done = adds_up(p) && session_alive(s->session);
	p->list.complete = *done;
	return true;
}

/* ---- When it did not do ---- */

/* Said to be gone, and there: no later change can be the reason. */
static bool any_undead(const struct patch *p, const struct msglist *whole)
{
	const struct msglist *rows = p->since->rows;

	for (size_t i = 0; i < rows->len; i++) {
		uint32_t uid = rows->at[i].uid;

		if (uid > 0 && uid < p->changes.uidnext && is_gone(p, uid) &&
			msglist_find(whole, uid))
			return true;
	}
	return false;
}

/* Flags other than told, although nothing was changed in between. */
static bool any_other_flags(const struct patch *p,
	const struct selected *selected, const struct msglist *whole)
{
	if (p->changes.how == CHANGES_SETS || selected->highestmodseq == 0 ||
		selected->highestmodseq != p->changes.selected.highestmodseq)
		return false;
	for (size_t i = 0; i < p->list.len; i++) {
		const struct msg *told = &p->list.at[i];
		const struct msg *m = msglist_find(whole, told->uid);

		if (m && m->flags != told->flags)
			return true;
	}
	return false;
}

unsigned imapstore_judge(const struct patch *p,
	const struct selected *selected, const struct msglist *whole)
{
	const struct changes *c = &p->changes;

	if (!p->since || !whole->complete)
		return 0;
	if (c->refused || c->broken)
		return bit_of[c->how];
	if (selected->uidvalidity != c->uidvalidity ||
		c->selected.uidvalidity != c->uidvalidity)
		return 0;
	return any_undead(p, whole) || any_other_flags(p, selected, whole)
		? bit_of[c->how] : 0;
}
