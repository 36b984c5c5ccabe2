#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/worker.h"
#include "conf/conf.h"
#include "imap/ops.h"
#include "imap/ops_survey.h"
#include "imap/session.h"
#include "imap/utf7.h"
#include "mail/imapstore.h"
#include "mem.h"

static struct imapstore *self(struct store *store)
{
	return (struct imapstore *)store;
}

/* ---- Names ---- */

/* What is no UTF-8 is a name that the server gave and that could not be
 * decoded. */
char *imapstore_wire(const struct imapstore *s, const char *name)
{
	struct str wire = {0};

	if (s->utf8 && utf7_encode(span_of(name), &wire))
		return str_detach(&wire);
	return mem_strdup(name);
}

static char *own_name(const struct imapstore *s, const char *wire)
{
	struct str name = {0};

	if (s->utf8 && utf7_decode(span_of(wire), &name))
		return str_detach(&name);
	return mem_strdup(wire);
}

/* Whether a part of the name, between two separators, leads elsewhere as a
 * directory (S4).  Names are translated before they become directories, so
 * the local side looks at the result again. */
static bool is_unsafe(const char *name, char separator)
{
	const char stops[] = {'/', separator, '\0'};
	const char *at = name;

	if (!*name)
		return true;
	for (;;) {
		struct span by_slash = {at, strcspn(at, "/")};
		struct span by_any = {at, strcspn(at, stops)};

		if (span_is(by_slash, ".") || span_is(by_slash, "..") ||
			span_is(by_any, ".") || span_is(by_any, ".."))
			return true;
		at += by_any.len;
		if (!*at)
			return false;
		at++;
	}
}

/* ---- Folders ---- */

static void add_folder(struct imapstore *s, const struct mailbox *mailbox,
	struct vec *folders)
{
	struct folder *folder;
	char *name;

	if (mailbox->delimiter && !s->separator)
		s->separator = mailbox->delimiter;
	if (mailbox->attributes & (MAILBOX_NOSELECT | MAILBOX_NONEXISTENT))
		return;
	name = own_name(s, mailbox->name);
	if (is_unsafe(name, mailbox->delimiter) ||
		is_unsafe(mailbox->name, mailbox->delimiter)) {
		worker_log(s->store.worker, EVENT_WARNING, AREA_IMAP,
			"%s: the server has a folder named \"%s\"; such a "
			"name is not safe, it is left out",
			s->store.repository, name);
		free(name);
		return;
	}
	folder = vec_add(folders);
	folder->name = name;
	folder->attributes = mailbox->attributes;
}

static int by_name(const void *key, const void *mailbox)
{
	return strcmp(key, ((const struct mailbox *)mailbox)->name);
}

/* The list is sorted.  INBOX is the same in any case, RFC 9051 section 5.1. */
static bool is_in(const struct vec *mailboxes, const char *name)
{
	const struct mailbox *at = mailboxes->data;

	if (mailboxes->len == 0)
		return false;
	if (ascii_casecmp(name, "INBOX") != 0)
		return bsearch(name, at, mailboxes->len, sizeof(*at),
			by_name) != NULL;
	for (size_t i = 0; i < mailboxes->len; i++)
		if (ascii_casecmp(at[i].name, name) == 0)
			return true;
	return false;
}

/* N43: what is not subscribed is left alone on both sides, so it must be known
 * to be there: else its local folder would be created, and its state thrown
 * away, at every run (hazard 9.24). */
static void mark_unwanted(struct vec *mailboxes, const struct vec *wanted)
{
	for (size_t i = 0; i < mailboxes->len; i++) {
		struct mailbox *m = vec_at(mailboxes, i);

		if (!is_in(wanted, m->name))
			m->attributes |= MAILBOX_UNWANTED;
	}
}

static bool ask_lists(struct imapstore *s, const char *reference,
	struct vec *mailboxes, struct error *err)
{
	struct vec wanted = VEC(struct mailbox);
	bool ok = ops_list(s->session, reference, false, mailboxes, err);

	if (ok && s->repo->subscribedonly) {
		ok = ops_list(s->session, reference, true, &wanted, err);
		mark_unwanted(mailboxes, &wanted);
	}
	ops_list_clear(&wanted);
	return ok;
}

/* Once: who asks again wants to know what is there now. */
static bool survey_lists(struct imapstore *s, struct error *err)
{
	struct survey *v = s->survey;

	if (!ops_survey(s->session, v, err))
		return false;
	s->listed = true;
	if (s->repo->subscribedonly)
		mark_unwanted(&v->mailboxes, &v->subscribed_ones);
	return true;
}

bool imapstore_list(struct store *store, struct vec *folders,
	struct error *err)
{
	struct imapstore *s = self(store);
	struct vec own = VEC(struct mailbox);
	bool known = s->survey && !s->listed;
	const struct vec *mailboxes = known ? &s->survey->mailboxes : &own;
	const char *reference = s->repo->reference ? s->repo->reference : "";
	bool ok;

	ok = imapstore_checked(s, known ? survey_lists(s, err)
		: ask_lists(s, reference, &own, err), err);
	s->separator = '\0';
	for (size_t i = 0; ok && i < mailboxes->len; i++)
		add_folder(s, vec_at(mailboxes, i), folders);
	ops_list_clear(&own);
	if (!ok || s->separator)
		return ok;
	return imapstore_checked(s, ops_delimiter(s->session, reference,
		&s->separator, err), err);
}

char imapstore_separator(struct store *store)
{
	return self(store)->separator;
}

/* Q86: some servers have nothing outside the personal namespace, and let
 * clients find that out. */
static bool create_prefixed(struct imapstore *s, const char *name,
	const char *wire, struct error *err)
{
	struct error ignored = {0};
	const char *prefix = NULL;
	char *whole;
	bool ok;

	if (!ops_namespace(s->session, &prefix, &ignored) || !*prefix ||
		strncmp(wire, prefix, strlen(prefix)) == 0)
		return false;
	whole = mem_printf("%s%s", prefix, wire);
	ok = ops_create(s->session, whole, &ignored);
	if (ok)
		worker_log(s->store.worker, EVENT_WARNING, AREA_IMAP,
			"%s: the server refused to create %s (%s); it was "
			"created as %s, give the local folder that name too",
			s->store.repository, name, err->text, whole);
	free(whole);
	return ok;
}

bool imapstore_create(struct store *store, const char *name,
	struct error *err)
{
	struct imapstore *s = self(store);
	char *wire = imapstore_wire(s, name);
	bool ok;

	/* The server makes missing parents, RFC 9051 section 6.3.4. */
	worker_effect(store->worker, "create");
	ok = ops_create(s->session, wire, err);
	if (!ok && err->kind == ERROR_REFUSED && session_alive(s->session)) {
		ok = create_prefixed(s, name, wire, err);
		if (ok)
			error_clear(err);
	}
	if (ok && s->repo->subscribedonly)
		ok = ops_subscribe(s->session, wire, err);
	free(wire);
	return imapstore_checked(s, ok, err);
}

bool imapstore_rename(struct store *store, const char *from, const char *to,
	struct error *err)
{
	struct imapstore *s = self(store);
	char *old_wire = imapstore_wire(s, from), *wire = imapstore_wire(s, to);
	bool ok;

	worker_effect(store->worker, "rename");
	ok = ops_rename_folder(s->session, old_wire, wire, err);
	if (ok && s->repo->subscribedonly)
		ok = ops_subscribe(s->session, wire, err);
	free(old_wire);
	free(wire);
	return imapstore_checked(s, ok, err);
}

/* What the survey tells of it. */
static bool surveyed(const struct imapstore *s, const char *wire,
	struct ops_status *at)
{
	const struct survey_folder *told = s->survey && s->survey->done
		? survey_find(s->survey, wire) : NULL;

	if (!told || !told->ok)
		return false;
	*at = (struct ops_status){.name = at->name, .ok = true,
		.messages = told->messages, .uidnext = told->uidnext,
		.uidvalidity = told->uidvalidity,
		.highestmodseq = told->modseq};
	return true;
}

/* Those that are left, in one flight. */
static bool ask_status(struct imapstore *s, struct vec *wire,
	const struct vec *place, struct ops_status *at, struct error *err)
{
	bool ok = wire->len == 0 || imapstore_checked(s,
		ops_status(s->session, wire->data, wire->len, err), err);

	for (size_t i = 0; ok && i < wire->len; i++) {
		struct ops_status *to = &at[*(size_t *)vec_at(place, i)];
		const char *name = to->name;

		*to = *(struct ops_status *)vec_at(wire, i);
		to->name = name;
	}
	return ok;
}

bool imapstore_status(struct store *store, struct ops_status *at, size_t len,
	struct error *err)
{
	struct imapstore *s = self(store);
	struct vec wire = VEC(struct ops_status), place = VEC(size_t);
	struct vec names = VEC(char *);
	bool ok;

	for (size_t i = 0; i < len; i++) {
		char *name = imapstore_wire(s, at[i].name);

		*(char **)vec_add(&names) = name;
		if (surveyed(s, name, &at[i]))
			continue;
		((struct ops_status *)vec_add(&wire))->name = name;
		*(size_t *)vec_add(&place) = i;
	}
	ok = ask_status(s, &wire, &place, at, err);
	vec_clear_pointers(&names);
	vec_clear(&wire);
	vec_clear(&place);
	return ok;
}
