#include "config.h"

#include <stdlib.h>

#include "base/worker.h"
#include "conf/conf.h"
#include "imap/flag.h"
#include "imap/ops.h"
#include "imap/session.h"
#include "mail/imapstore.h"
#include "mem.h"

#define IDENTIFY_ITEMS \
	"(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (" HEADER_FIELDS ")])"

static struct imapstore *self(struct store *store)
{
	return (struct imapstore *)store;
}

bool imapstore_checked(struct imapstore *s, bool ok, struct error *err)
{
	if (ok)
		return true;
	s->store.unreached = !session_reached(s->session);
	if (session_alive(s->session)) {
		if (err->severity > ERROR_FOLDER)
			err->severity = ERROR_FOLDER;
		return false;
	}
	err->severity = ERROR_FOLDER_RETRY;
	return false;
}

/* The same where the caller's own function may have ended it, with an error
 * of its own. */
static bool checked_own(struct imapstore *s, bool ok, bool own,
	struct error *err)
{
	if (ok || !own)
		return imapstore_checked(s, ok, err);
	s->store.unreached = false;
	return session_alive(s->session) ? false
		: error_raise(err, ERROR_FOLDER_RETRY);
}

static bool is_maildir(const struct conf_repo *repo)
{
	return repo && (repo->type == CONF_MAILDIR ||
		repo->type == CONF_GMAIL_MAILDIR);
}

/* The keywords that the account's Maildir shows as letters. */
static void take_customflags(struct imapstore *s,
	const struct conf_account *account)
{
	const struct conf_repo *local = account ? account->local : NULL;

	for (unsigned i = 0; is_maildir(local) && i < CONF_CUSTOMFLAGS; i++)
		if (local->customflag[i] && !flag_keywords_set(&s->own, i,
			span_of(local->customflag[i])))
			worker_log(s->store.worker, EVENT_DEBUG, AREA_IMAP,
				"%s: customflag_%c: no server can have a "
				"keyword \"%s\"", local->name,
				"abcdefghijklmnopqrstuvwxyz"[i],
				local->customflag[i]);
}

void imapstore_keywords(struct store *store, struct flag_keywords *keywords)
{
	struct imapstore *s = self(store);

	s->keywords = keywords ? keywords : &s->own;
	store->letters = flag_keywords_mask(s->keywords);
	session_keywords(s->session, store->letters || s->keywords->learning
		? s->keywords : NULL);
}

static struct store *imap_open(const struct store_config *config,
	struct error *err)
{
	struct imapstore *s;

	if (!config->session) {
		error_set(err, ERROR_ACCOUNT, ERROR_OTHER,
			"%s: there is no connection", config->repo->name);
		return NULL;
	}
	s = mem_calloc(1, sizeof(*s));
	s->store.ops = &imapstore_ops;
	s->store.worker = config->worker;
	s->store.repository = config->repo->name;
	s->session = config->session;
	s->repo = config->repo;
	s->survey = config->survey;
	s->utf8 = config->utf8foldernames;
	s->store.filterheaders = config->account
		? config->account->filterheaders : NULL;
	take_customflags(s, config->account);
	/* Without UIDPLUS nobody tells where they went. */
	s->store.moves = session_has(s->session, CAP_UIDPLUS);
	imapstore_keywords(&s->store, config->keywords);
	return &s->store;
}

static void imap_close(struct store *store)
{
	struct imapstore *s = self(store);

	session_close(s->session);
	flag_keywords_clear(&s->own);
	free(s->open);
	free(s);
}

struct session *imapstore_detach(struct store *store)
{
	struct imapstore *s = self(store);
	struct session *session = s->session;

	if (!session_alive(session)) {
		imap_close(store);
		return NULL;
	}
	/* the table of keywords goes with the store */
	session_keywords(session, NULL);
	flag_keywords_clear(&s->own);
	free(s->open);
	free(s);
	return session;
}

/* ---- Messages ---- */

static void uids_of(const struct msgset *which, struct seqset *out)
{
	for (size_t i = 0; i < which->len; i++)
		if (msgset_at(which, i)->uid > 0)
			seqset_add(out, msgset_at(which, i)->uid);
}

struct identify {
	const struct msgset *which;
	const struct seqset *uids;
	store_identify_fn *each;
	void *arg;
	bool own; /* the caller's function failed */
};

static bool identify_message(void *arg, const struct response_fetch *f,
	struct error *err)
{
	struct identify *i = arg;
	const struct msglist *list = i->which->list;
	const struct msg *m;
	struct identity id = {0};

	/* Answers nobody asked for pass by, S21. */
	if (!(f->has & FETCH_UID) || !(f->has & FETCH_SECTION) ||
		!seqset_has(i->uids, f->uid))
		return true;
	m = msglist_find(list, f->uid);
	if (!m)
		return true;
	id.index = (uint32_t)(m - list->at);
	id.size = f->has & FETCH_SIZE ? f->size : 0;
	header_id(f->section_text, &id.id);
	i->own = !i->each(i->arg, &id, err);
	return !i->own;
}

static bool imap_identify(struct store *store, const struct msgset *which,
	store_identify_fn *each, void *arg, struct error *err)
{
	struct imapstore *s = self(store);
	struct seqset uids = {0};
	struct identify i = {which, &uids, each, arg, false};
	bool ok = true;

	uids_of(which, &uids);
	if (!seqset_empty(&uids))
		ok = ops_fetch(s->session, &uids, IDENTIFY_ITEMS,
			identify_message, &i, err);
	seqset_clear(&uids);
	return checked_own(s, ok, i.own, err);
}

/* A list asked about as a whole needs no set in the command. */
static bool imap_search(struct store *store, const struct msgset *which,
	const struct ops_search *what, bool *out, struct error *err)
{
	struct imapstore *s = self(store);
	struct seqset uids = {0}, found = {0};
	bool ok = true;

	uids_of(which, &uids);
	/* number = 1*DIGIT, 32 bits: nothing there is larger */
	if (!seqset_empty(&uids) && what->larger <= UINT32_MAX)
		ok = ops_search(s->session, what,
			which->len == which->list->len ? NULL : &uids, &found,
			err);
	for (size_t i = 0; i < which->len; i++)
		out[i] = ok && seqset_has(&found, msgset_at(which, i)->uid);
	seqset_clear(&uids);
	seqset_clear(&found);
	return imapstore_checked(s, ok, err);
}

/* The caller's sink, with a note when it was this that failed. */
struct own_sink {
	const struct body_sink *sink;
	bool failed;
};

static bool own_begin(void *arg, uint64_t size, struct error *err)
{
	struct own_sink *o = arg;

	o->failed = !o->sink->begin(o->sink->arg, size, err);
	return !o->failed;
}

static bool own_data(void *arg, struct span data, struct error *err)
{
	struct own_sink *o = arg;

	o->failed = !o->sink->data(o->sink->arg, data, err);
	return !o->failed;
}

static bool own_end(void *arg, const struct response_fetch *f,
	struct error *err)
{
	struct own_sink *o = arg;

	o->failed = !o->sink->end(o->sink->arg, f, err);
	return !o->failed;
}

static bool own_next(void *arg, struct seqset *uids)
{
	const struct own_sink *o = arg;

	return o->sink->next && o->sink->next(o->sink->arg, uids);
}

static bool imap_fetch(struct store *store, const struct seqset *uids,
	const struct body_sink *sink, struct str *refused, struct error *err)
{
	struct imapstore *s = self(store);
	struct own_sink own = {sink, false};
	const struct body_sink through = {own_begin, own_data, own_end, &own,
		own_next};
	bool ok;

	if (seqset_empty(uids))
		return true;
	ok = ops_fetch_bodies(s->session, uids, &through, refused, err);
	return checked_own(s, ok, own.failed, err);
}

struct appending {
	struct imapstore *store;
	ops_append_fn *done;
	void *arg;
	bool own;
};

static bool append_done(void *arg, struct append *item, struct error *err)
{
	struct appending *a = arg;

	/* The mailbox was made anew meanwhile: this UID is another's. */
	if (item->uid && a->store->uidvalidity != item->uidvalidity)
		item->uid = 0;
	a->own = !a->done(a->arg, item, err);
	return !a->own;
}

static bool has_folder(struct imapstore *s, struct error *err)
{
	return s->open || error_set(err, ERROR_FOLDER, ERROR_OTHER,
		"%s: no folder is open", s->store.repository);
}

static bool imap_append(struct store *store, struct append *item, size_t len,
	ops_append_fn *done, void *arg, struct error *err)
{
	struct imapstore *s = self(store);
	struct appending a = {s, done, arg, false};
	bool ok;

	if (!has_folder(s, err))
		return false;
	worker_effect(store->worker, "append");
	ok = ops_append(s->session, s->open, item, len, append_done, &a, err);
	return checked_own(s, ok, a.own, err);
}

bool imapstore_change(struct imapstore *s, struct store_change *at,
	const struct seqset *uids, size_t len, struct error *err)
{
	struct ops_change *change = mem_calloc(len, sizeof(*change));
	uint32_t known = FLAG_IMAP_ALL | flag_keywords_mask(s->keywords);
	size_t used = 0;
	bool ok = true;

	for (size_t i = 0; i < len; i++) {
		bool any = !seqset_empty(&uids[i]) &&
			(at[i].add | at[i].remove) & known;

		change[i] = (struct ops_change){.uids = &uids[i],
			.add = any ? at[i].add & known : 0,
			.remove = any ? at[i].remove & known : 0,
			.since = at[i].since};
		used += any;
	}
	if (used > 0) {
		worker_effect(s->store.worker, "flags");
		ok = ops_store(s->session, change, len, err);
	}
	for (size_t i = 0; i < len; i++) {
		at[i].problem = change[i].problem;
		at[i].missed = change[i].modified;
	}
	free(change);
	return imapstore_checked(s, ok, err);
}

static bool imap_flags(struct store *store, struct store_change *at,
	size_t len, struct error *err)
{
	struct seqset *uids = mem_calloc(len, sizeof(*uids));
	bool ok;

	for (size_t i = 0; i < len; i++)
		uids_of(&at[i].which, &uids[i]);
	ok = imapstore_change(self(store), at, uids, len, err);
	for (size_t i = 0; i < len; i++)
		seqset_clear(&uids[i]);
	free(uids);
	return ok;
}

static bool imap_remove(struct store *store, const struct msgset *which,
	enum remove_reason reason, struct error *err)
{
	struct imapstore *s = self(store);
	struct seqset uids = {0};
	bool ok = true;

	(void)reason;
	uids_of(which, &uids);
	if (!seqset_empty(&uids)) {
		worker_effect(store->worker, "remove");
		ok = ops_delete(s->session, &uids, s->repo->expunge, err);
	}
	seqset_clear(&uids);
	return imapstore_checked(s, ok, err);
}

const struct store_ops imapstore_ops = {
	.type = "IMAP",
	.open = imap_open,
	.close = imap_close,
	.list = imapstore_list,
	.separator = imapstore_separator,
	.create = imapstore_create,
	.rename = imapstore_rename,
	.status = imapstore_status,
	.load = imapstore_load,
	.enter = imapstore_enter,
	.identify = imap_identify,
	.search = imap_search,
	.fetch = imap_fetch,
	.append = imap_append,
	.flags = imap_flags,
	.remove = imap_remove,
	.move = imapstore_move,
};
