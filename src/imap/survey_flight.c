#include "config.h"

#include "imap/survey_flight.h"

#include <stdlib.h>
#include <string.h>

#include "imap/ops_survey.h"
#include "imap/session_impl.h"
#include "mem.h"

#define NOWHERE SIZE_MAX
#define SPECIAL (MAILBOX_ALL | MAILBOX_ARCHIVE | MAILBOX_DRAFTS | \
	MAILBOX_FLAGGED | MAILBOX_JUNK | MAILBOX_SENT | MAILBOX_TRASH | \
	MAILBOX_IMPORTANT)

/* ---- Asking ---- */

static bool lists_status(const struct survey_flight *sf)
{
	return sf->has[CAP_LIST_STATUS] && sf->has[CAP_LIST_EXTENDED];
}

/* status-att; HIGHESTMODSEQ RFC 7162, MAILBOXID RFC 8474 */
static void add_items(const struct survey_flight *sf, struct str *text)
{
	str_add(text, "(MESSAGES UIDNEXT UIDVALIDITY");
	if (sf->has[CAP_CONDSTORE])
		str_add(text, " HIGHESTMODSEQ");
	if (sf->has[CAP_OBJECTID])
		str_add(text, " MAILBOXID");
	str_add_char(text, ')');
}

/* Nothing may be sent behind a literal that waits, and before the login it is
 * not sure what a server does with one that does not. */
static bool waits(const struct survey_flight *sf, const struct cmd *cmd)
{
	return sf->early && cmd->len > 1;
}

static void drop_last(struct flight *f)
{
	cmd_clear(&f->cmd[--f->len].cmd);
}

/* list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat
 *        [SP list-return-opts]; RFC 5258, STATUS in it RFC 5819 */
static bool add_list(struct survey_flight *sf, struct flight *f,
	struct error *err)
{
	struct cmd *cmd = &flight_add(f)->cmd;
	struct str options = {0};

	if (!ops_list_make(cmd, "LIST", sf->v->reference, "\"*\"", err))
		return false;
	if (!lists_status(sf))
		return true;
	str_add(&options, "RETURN (");
	if (sf->has[CAP_SPECIAL_USE])
		str_add(&options, "SPECIAL-USE ");
	str_add(&options, "STATUS ");
	add_items(sf, &options);
	str_add_char(&options, ')');
	cmd_raw(cmd, str_get(&options));
	str_clear(&options);
	return true;
}

static bool add_status(const struct survey_flight *sf, struct flight *f,
	const char *name)
{
	struct cmd *cmd = &flight_add(f)->cmd;
	struct error ignored = {0};
	struct str items = {0};
	bool ok;

	cmd_init(cmd, "STATUS");
	ok = ops_mailbox_arg(cmd, name, &ignored) && !waits(sf, cmd);
	if (ok) {
		add_items(sf, &items);
		cmd_raw(cmd, str_get(&items));
	} else {
		drop_last(f);
	}
	str_clear(&items);
	return ok;
}

/* Numbers without what else the server may have to tell are of no use. */
static bool asks_each(const struct survey_flight *sf)
{
	return !(sf->early && !sf->v->capabilities);
}

/* STATUS does not tell of flags: without CONDSTORE they are asked for. */
static bool is_examined(const struct survey_flight *sf,
	const struct survey_known *folder)
{
	return folder->questions != 0 && !sf->has[CAP_CONDSTORE];
}

static void add_statuses(struct survey_flight *sf, struct flight *f)
{
	const struct vec *known = &sf->v->known;

	for (size_t i = 0; !lists_status(sf) && i < known->len; i++) {
		const struct survey_known *folder = vec_at(known, i);

		if (!is_examined(sf, folder) &&
			add_status(sf, f, folder->name))
			*(size_t *)vec_add(&sf->asked) = i;
	}
}

/* Behind all STATUS, which may be wrong for what is selected (rule 8). */
static void add_examines(struct survey_flight *sf, struct flight *f)
{
	const struct vec *known = &sf->v->known;

	for (size_t i = 0; i < known->len; i++) {
		const struct survey_known *folder = vec_at(known, i);

		if (is_examined(sf, folder))
			(void)survey_examine_add(&sf->examine, sf->s, f,
				folder->name, folder->questions);
	}
}

/* Rule 8: STATUS may be wrong for the selected mailbox. */
static void add_unselect(struct survey_flight *sf, struct flight *f)
{
	const struct session *s = sf->s;

	sf->unselect = NOWHERE;
	if (s->state != STATE_SELECTED)
		return;
	str_add_span(&sf->selected, span_str(&s->selected));
	if (!sf->has[CAP_UNSELECT])
		return;
	sf->unselect = f->len;
	cmd_init(&flight_add(f)->cmd, "UNSELECT");
}

bool survey_flight_add(struct survey_flight *sf, struct flight *f,
	struct error *err)
{
	struct survey *v = sf->v;

	survey_forget(v);
	sf->listing.mailboxes = &v->mailboxes;
	sf->subscribed.mailboxes = &v->subscribed_ones;
	sf->asked = (struct vec)VEC(size_t);
	survey_examine_init(&sf->examine);
	add_unselect(sf, f);
	sf->list = f->len;
	if (!add_list(sf, f, err))
		return false;
	sf->lsub = NOWHERE;
	if (v->subscribed) {
		sf->lsub = f->len;
		if (!ops_list_make(&flight_add(f)->cmd, "LSUB", v->reference,
			"\"*\"", err))
			return false;
	}
	if (waits(sf, &f->cmd[sf->list].cmd))
		return error_set(err, ERROR_ACCOUNT, ERROR_OTHER,
			"the option reference cannot be sent at once");
	sf->status = f->len;
	if (asks_each(sf)) {
		add_statuses(sf, f);
		add_examines(sf, f);
	}
	sf->end = f->len;
	return true;
}

/* ---- Answers ---- */

static void take_status(struct survey *v, const struct response_status *told)
{
	const unsigned need = STATUS_MESSAGES | STATUS_UIDNEXT |
		STATUS_UIDVALIDITY;
	struct survey_folder *folder;

	if ((told->has & need) != need || v->folder.len == OPS_MAILBOXES_MAX ||
		memchr(told->name.data, '\0', told->name.len))
		return;
	folder = vec_add(&v->folder);
	*folder = (struct survey_folder){
		.name = span_dup(told->name),
		.ok = true,
		.uidvalidity = told->uidvalidity,
		.uidnext = told->uidnext,
		.messages = told->messages,
		.modseq = told->has & STATUS_HIGHESTMODSEQ
			? told->highestmodseq : 0,
		.mailboxid = told->has & STATUS_MAILBOXID
			? span_dup(told->mailboxid) : NULL,
	};
}

bool survey_flight_response(struct survey_flight *sf,
	const struct response *r, struct error *err)
{
	if (r->kind == RESPONSE_LIST)
		return ops_list_take(&sf->listing, &r->u.list, err);
	if (r->kind == RESPONSE_LSUB)
		return ops_list_take(&sf->subscribed, &r->u.list, err);
	if (r->kind == RESPONSE_STATUS)
		take_status(sf->v, &r->u.status);
	else
		survey_examine_response(&sf->examine, r);
	return true;
}

/* S5: what is answered before the login was is worth nothing. */
void survey_flight_tagged(struct survey_flight *sf, size_t index,
	const struct response *r)
{
	if (index < sf->list || index >= sf->end)
		return;
	sf->premature |= sf->s->state < STATE_KNOWN;
	survey_examine_tagged(&sf->examine, index, r);
}

static bool same(const char *a, const char *b)
{
	return strcmp(a, b) == 0 || (ascii_casecmp(a, "INBOX") == 0 &&
		ascii_casecmp(b, "INBOX") == 0);
}

static void distrust(struct survey *v, const char *name)
{
	for (size_t i = 0; i < v->folder.len; i++) {
		struct survey_folder *folder = vec_at(&v->folder, i);

		if (same(folder->name, name))
			folder->ok = false;
	}
}

/* The answer to a STATUS that got NO is not to be believed. */
static void distrust_refused(struct survey_flight *sf, const struct flight *f)
{
	for (size_t i = 0; i < sf->asked.len; i++) {
		size_t at = *(size_t *)vec_at(&sf->asked, i);
		const struct survey_known *known = vec_at(&sf->v->known, at);

		if (f->cmd[sf->status + i].result != CONDITION_OK)
			distrust(sf->v, known->name);
	}
}

static bool is_selected(const struct survey_flight *sf, const char *name)
{
	struct error ignored = {0};
	struct str argument = {0};
	struct cmd cmd;
	bool yes = true;

	cmd_init(&cmd, "SELECT");
	if (ops_mailbox_arg(&cmd, name, &ignored)) {
		cmd_arguments(&cmd, &argument);
		/* behind the name there may be more, "(CONDSTORE)" */
		yes = span_starts_nocase(span_str(&sf->selected),
			str_get(&argument));
	}
	str_clear(&argument);
	cmd_clear(&cmd);
	return yes;
}

static void distrust_selected(struct survey_flight *sf,
	const struct flight *f)
{
	if (sf->selected.len == 0 || (sf->unselect != NOWHERE &&
		f->cmd[sf->unselect].result == CONDITION_OK))
		return;
	for (size_t i = 0; i < sf->v->folder.len; i++) {
		struct survey_folder *folder = vec_at(&sf->v->folder, i);

		if (is_selected(sf, folder->name))
			folder->ok = false;
	}
}

/* One that is not told of is not there, so that none has two. */
static void drop_distrusted(struct survey *v)
{
	struct survey_folder *folder = v->folder.data;
	size_t kept = 0;

	for (size_t i = 0; i < v->folder.len; i++) {
		if (folder[i].ok) {
			folder[kept++] = folder[i];
			continue;
		}
		free(folder[i].name);
		free(folder[i].mailboxid);
	}
	v->folder.len = kept;
}

/* In place of what STATUS said of it. */
static void take_examined(struct survey *v, const struct examined *folder)
{
	distrust(v, folder->name);
	if (!survey_examine_told(folder))
		return;
	*(struct survey_folder *)vec_add(&v->folder) = (struct survey_folder){
		.name = mem_strdup(folder->name),
		.ok = true,
		.uidvalidity = folder->uidvalidity,
		.uidnext = folder->uidnext,
		.messages = folder->exists,
		.digest = exceptions_complete(&folder->sets)
			? exceptions_digest(&folder->sets) : 0,
	};
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct survey_folder *)a)->name,
		((const struct survey_folder *)b)->name);
}

static bool is_ok(const struct flight *f, size_t index)
{
	return index == NOWHERE || f->cmd[index].result == CONDITION_OK;
}

void survey_flight_end(struct survey_flight *sf, const struct flight *f)
{
	struct survey *v = sf->v;

	v->done = !sf->premature && sf->end > sf->list &&
		is_ok(f, sf->list) && is_ok(f, sf->lsub);
	if (v->done) {
		distrust_refused(sf, f);
		distrust_selected(sf, f);
		for (size_t i = 0; i < sf->examine.folder.len; i++)
			take_examined(v, *(struct examined **)vec_at(
				&sf->examine.folder, i));
		drop_distrusted(v);
		ops_list_end(&v->mailboxes);
		ops_list_end(&v->subscribed_ones);
		if (v->folder.len > 1)
			qsort(v->folder.data, v->folder.len,
				sizeof(struct survey_folder), by_name);
	} else {
		survey_forget(v);
	}
	survey_examine_clear(&sf->examine);
	vec_clear(&sf->asked);
	str_clear(&sf->selected);
}

/* A server that tells special uses in the plain LIST too needs not be asked
 * for them; what the folders are must not differ from run to run. */
static bool special_missing(const struct survey *v, const struct session *s)
{
	unsigned told = 0;

	for (size_t i = 0; i < v->mailboxes.len; i++) {
		const struct mailbox *box = vec_at(&v->mailboxes, i);

		told |= box->attributes;
	}
	return s->has[CAP_SPECIAL_USE] && s->has[CAP_LIST_STATUS] &&
		!(told & SPECIAL);
}

bool survey_fits(const struct survey *v, const struct session *s,
	const bool has[CAP_COUNT])
{
	static const enum capability matters[] = {CAP_LIST_STATUS,
		CAP_LIST_EXTENDED, CAP_SPECIAL_USE, CAP_CONDSTORE,
		CAP_OBJECTID, CAP_ESEARCH};

	/* Nothing was remembered: then no numbers are either. */
	if (!v->capabilities)
		return !special_missing(v, s);
	for (size_t i = 0; i < ARRAY_LEN(matters); i++)
		if (has[matters[i]] != s->has[matters[i]])
			return false;
	return true;
}
