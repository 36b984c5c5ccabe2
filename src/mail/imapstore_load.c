#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "imap/flag.h"
#include "imap/session.h"
#include "mail/imapstore.h"
#include "mem.h"

/* ---- Listing a folder ---- */

static bool list_message(void *arg, const struct response_fetch *f,
	struct error *err)
{
	(void)err;
	if ((f->has & FETCH_UID) && f->uid > 0)
		msglist_add(arg, f->uid, f->flags, NULL);
	return true;
}

/* out NULL: opened only. */
static bool select_list(struct imapstore *s, const char *wire, bool readonly,
	struct selected *selected, struct msglist *out, struct error *err)
{
	bool complete = false;
	bool ok;

	if (!out)
		return imapstore_checked(s, ops_select(s->session, wire,
			readonly, selected, err), err);
	out->len = 0;
	ok = ops_select_list(s->session, wire, readonly, selected,
		list_message, out, &complete, err);
	imapstore_tidy(out);
	out->complete = ok && complete;
	return imapstore_checked(s, ok, err);
}

/* A name that could not be decoded, but looks like UTF-8, goes out encoded
 * first and then as it was. */
static bool select_either(struct imapstore *s, const char *name,
	bool readonly, struct selected *selected, struct msglist *out,
	struct error *err)
{
	struct error again = {0};
	char *wire = imapstore_wire(s, name);
	bool ok = select_list(s, wire, readonly, selected, out, err);

	if (!ok && session_alive(s->session) && strcmp(wire, name) != 0) {
		free(wire);
		wire = mem_strdup(name);
		ok = select_list(s, wire, readonly, selected, out, &again);
		if (ok)
			error_clear(err);
	}
	if (ok)
		s->open = wire;
	else
		free(wire);
	return ok;
}

/* ---- Asking for changes ---- */

static const struct {
	unsigned bit;
	const char *name;
} shortcuts[] = {
	{CACHE_NO_QRESYNC, "QRESYNC"},
	{CACHE_NO_CONDSTORE, "CONDSTORE"},
	{CACHE_NO_SEARCH, "SEARCH"},
};

static void tell_distrust(struct imapstore *s, unsigned earned)
{
	for (size_t i = 0; i < ARRAY_LEN(shortcuts); i++)
		if (earned & ~s->distrust & shortcuts[i].bit)
			worker_log(s->store.worker, EVENT_WARNING, AREA_IMAP,
				"%s: the server's %s is not to be relied "
				"upon; it is asked the long way from now on",
				s->store.repository, shortcuts[i].name);
	s->distrust |= earned;
}

static bool load_changes(struct imapstore *s, const char *name, bool readonly,
	struct patch *p, bool *done, struct error *err)
{
	char *wire = imapstore_wire(s, name);
	bool ok = imapstore_changes(s, wire, readonly, p, done, err);

	if (ok && *done)
		s->open = wire;
	else
		free(wire);
	return imapstore_checked(s, ok, err);
}

static bool load_whole(struct imapstore *s, const char *name, bool readonly,
	struct patch *p, struct selected *selected, struct msglist *out,
	struct error *err)
{
	if (!select_either(s, name, readonly, selected, out, err))
		return false;
	tell_distrust(s, imapstore_judge(p, selected, out));
	return true;
}

/* A list that is none: only a glance was wanted. */
static void nothing_seen(struct msglist *out, struct folder_info *info,
	const struct patch *p)
{
	out->len = 0;
	out->complete = false;
	*info = (struct folder_info){
		.uidvalidity = p->changes.selected.uidvalidity};
}

static void take_patched(struct patch *p, struct selected *selected,
	struct msglist *out)
{
	msglist_clear(out);
	*out = p->list;
	p->list = (struct msglist){0};
	*selected = p->changes.selected;
}

/* Some tell HIGHESTMODSEQ though they do not offer CONDSTORE; then nothing can
 * be asked by it, and STATUS does not tell it (Q49). */
static uint64_t modseq_of(const struct imapstore *s,
	const struct selected *from)
{
	return from->nomodseq || !session_has(s->session, CAP_CONDSTORE) ? 0
		: from->highestmodseq;
}

static void fill_info(const struct imapstore *s, const struct selected *from,
	bool readonly, struct folder_info *info)
{
	*info = (struct folder_info){.uidvalidity = from->uidvalidity,
		.uidnext = from->uidnext, .exists = from->exists,
		.flags_allowed = from->flags_allowed,
		.readonly = from->readonly || readonly,
		.modseq = modseq_of(s, from),
		.distrust = s->distrust};
}

bool imapstore_load(struct store *store, const char *name, bool readonly,
	struct folder_info *info, struct msglist *out, struct error *err)
{
	struct imapstore *s = (struct imapstore *)store;
	struct patch p = {.since = store->since};
	struct selected selected = {0};
	bool done = false, ok;

	free(s->open);
	s->open = NULL;
	/* what it tells is of before; from now on that matters */
	s->survey = NULL;
	ok = load_changes(s, name, readonly, &p, &done, err);
	if (ok && !done && store->since && store->since->glance) {
		nothing_seen(out, info, &p);
		imapstore_patch_clear(&p);
		return true;
	}
	if (ok && done)
		take_patched(&p, &selected, out);
	else
		ok = ok && load_whole(s, name, readonly, &p, &selected, out,
			err);
	imapstore_patch_clear(&p);
	if (!ok)
		return false;
	s->uidvalidity = selected.uidvalidity;
	store->letters = flag_keywords_mask(s->keywords);
	fill_info(s, &selected, readonly, info);
	info->shortcut = done;
	return true;
}

bool imapstore_enter(struct store *store, const char *name, bool readonly,
	struct folder_info *info, struct error *err)
{
	struct imapstore *s = (struct imapstore *)store;
	struct selected selected = {0};

	free(s->open);
	s->open = NULL;
	if (!select_either(s, name, readonly, &selected, NULL, err))
		return false;
	s->uidvalidity = selected.uidvalidity;
	*info = (struct folder_info){.uidvalidity = selected.uidvalidity,
		.uidnext = selected.uidnext, .exists = selected.exists};
	return true;
}
