#include "config.h"

#include "text.h"

#include <inttypes.h>
#include <string.h>

#include "clean.h"
#include "event.h"
#include "units.h"

/* A list of UIDs longer than this is cut: it is read by people. */
#define UIDS_SHOWN_MAX 400

/* Appends a template in which each %s stands for the next of the arguments,
 * cleaned.  Keeps foreign text out of printf and every sentence in one
 * piece. */
static void add_words(struct str *out, const char *template,
	const char *const *words)
{
	for (const char *p = template; *p != '\0'; p++) {
		if (p[0] == '%' && p[1] == 's') {
			clean_add(out, *words++);
			p++;
		} else {
			str_add_char(out, *p);
		}
	}
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__ })

static void add_dry(struct str *out, bool dry_run)
{
	if (dry_run)
		str_add(out, "[DRYRUN] ");
}

static enum text_level text_log(const struct event *ev, struct str *out)
{
	static const char *const areas[] = {
		[AREA_GENERAL] = "",
		[AREA_IMAP] = "imap",
		[AREA_MAILDIR] = "maildir",
		[AREA_THREAD] = "thread",
	};
	static const enum text_level levels[] = {
		[EVENT_DEBUG] = TEXT_DEBUG,
		[EVENT_INFO] = TEXT_INFO,
		[EVENT_NOTICE] = TEXT_INFO,
		[EVENT_WARNING] = TEXT_WARNING,
	};

	if (ev->u.log.level == EVENT_DEBUG)
		str_printf(out, "[%s]: ", areas[ev->u.log.area]);
	clean_add_lines(out, ev->u.log.text);
	return levels[ev->u.log.level];
}

static enum text_level text_hook(const struct event *ev, struct str *out)
{
	add_dry(out, ev->u.log.dry_run);
	clean_add_lines(out, ev->u.log.text);
	return TEXT_INFO;
}

static enum text_level text_account_start(
	const struct event *ev, struct str *out)
{
	add_words(out, "*** Processing account %s", WORDS(ev->account));
	return TEXT_INFO;
}

/* Minutes are not carried into hours here: the line is an old one. */
static enum text_level text_account_end(const struct event *ev, struct str *out)
{
	int64_t seconds = ev->u.end.elapsed_ms / 1000;

	add_words(out, "*** Finished account '%s' in ", WORDS(ev->account));
	str_printf(out, "%" PRId64 ":%02d", seconds / 60, (int)(seconds % 60));
	return TEXT_INFO;
}

static enum text_level text_connecting(const struct event *ev, struct str *out)
{
	const struct event_connect *c = &ev->u.connect;

	add_words(out, "Establishing connection to %s:%s (%s)",
		WORDS(c->host, c->port, c->repository));
	return TEXT_INFO;
}

static enum text_level text_structure(const struct event *ev, struct str *out)
{
	const struct event_sides *s = &ev->u.sides;

	add_words(out, "Copying folder structure from %s to %s",
		WORDS(s->from_type, s->to_type));
	return TEXT_DEBUG;
}

static enum text_level text_folder_create(
	const struct event *ev, struct str *out)
{
	const struct event_create *c = &ev->u.create;

	add_dry(out, c->dry_run);
	add_words(out, "Creating folder %s[%s]", WORDS(c->name, c->repository));
	return TEXT_INFO;
}

static enum text_level text_folder_start(
	const struct event *ev, struct str *out)
{
	const struct event_sides *s = &ev->u.sides;
	const char *name = *s->from_folder != '\0' ? s->from_folder :
		ev->folder;

	add_words(out, "Syncing %s: %s -> %s",
		WORDS(name, s->from_type, s->to_type));
	return TEXT_INFO;
}

static enum text_level text_folder_end(const struct event *ev, struct str *out)
{
	/* Nothing new is nothing to tell; that quick rounds do not look is. */
	if (ev->u.end.outcome != OUTCOME_SKIPPED || !ev->u.end.quick)
		return TEXT_NONE;
	add_words(out, "Skipping %s (not changed)",
		WORDS(*ev->u.end.name != '\0' ? ev->u.end.name : ev->folder));
	return TEXT_INFO;
}

static enum text_level text_loading(const struct event *ev, struct str *out)
{
	const struct event_list *l = &ev->u.list;

	add_words(out, "Loading message list for %s[%s]",
		WORDS(l->type, l->name));
	return TEXT_DEBUG;
}

static enum text_level text_loaded(const struct event *ev, struct str *out)
{
	const struct event_list *l = &ev->u.list;

	add_words(out, "Message list for %s[%s] loaded: ",
		WORDS(l->type, l->name));
	str_printf(out, "%" PRIu64 " messages", l->count);
	return TEXT_DEBUG;
}

static enum text_level text_direction(const struct event *ev, struct str *out)
{
	const struct event_sides *s = &ev->u.sides;

	add_words(out, "Syncing messages %s[%s] -> %s[%s]",
		WORDS(s->from_type, s->from_folder, s->to_type, s->to_folder));
	return TEXT_DEBUG;
}

static enum text_level text_plan(const struct event *ev, struct str *out)
{
	const struct event_plan *plan = &ev->u.plan;
	const struct {
		uint64_t count, bytes;
		const char *what;
	} parts[] = {
		{ plan->download, plan->download_bytes, "to download" },
		{ plan->upload, plan->upload_bytes, "to upload" },
		{ plan->delete_remote, 0, "to delete remotely" },
		{ plan->delete_local, 0, "to delete locally" },
		{ plan->flag_remote, 0, "to flag remotely" },
		{ plan->flag_local, 0, "to flag locally" },
	};
	const char *separator = "";

	add_dry(out, plan->dry_run);
	add_words(out, "Plan for %s: ", WORDS(ev->folder));
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (parts[i].count == 0)
			continue;
		str_printf(out, "%s%" PRIu64 " %s", separator, parts[i].count,
			parts[i].what);
		separator = ", ";
		if (parts[i].bytes == 0)
			continue;
		str_add(out, " (");
		units_add_bytes(out, parts[i].bytes);
		str_add(out, ")");
	}
	if (*separator == '\0')
		str_add(out, "nothing to do");
	return plan->dry_run ? TEXT_INFO : TEXT_DEBUG;
}

static enum text_level text_copy(const struct event *ev, struct str *out)
{
	const struct event_copy *c = &ev->u.copy;

	add_dry(out, c->dry_run);
	str_printf(out, "Copy message UID %" PRId64 " (%" PRIu64 "/%" PRIu64
		") ", c->uid, c->index, c->count);
	add_words(out, "%s:%s -> %s:%s",
		WORDS(c->from_repository, c->from_folder, c->to_repository,
			c->to_folder));
	return TEXT_INFO;
}

static enum text_level text_ignored(const struct event *ev, struct str *out)
{
	const struct event_copy *c = &ev->u.copy;

	str_printf(out, "IGNORED: Copy message UID %" PRId64 " ", c->uid);
	add_words(out, "%s:%s -> %s", WORDS(c->from_repository,
		c->from_folder, c->to_repository));
	return TEXT_INFO;
}

/* Cut after a whole UID or range. */
static void add_uids(struct str *out, const char *uids)
{
	size_t length = strlen(uids);

	if (length > UIDS_SHOWN_MAX) {
		length = UIDS_SHOWN_MAX;
		while (length > 0 && uids[length] != ',')
			length--;
	}
	for (size_t i = 0; i < length; i++)
		str_add_char(out, ascii_is_digit(uids[i]) || uids[i] == ':' ||
			uids[i] == ',' || uids[i] == '-' ? uids[i] : '?');
	if (uids[length] != '\0')
		str_add(out, ",...");
}

static enum text_level text_delete(const struct event *ev, struct str *out)
{
	const struct event_change *c = &ev->u.change;

	add_dry(out, c->dry_run);
	str_printf(out, "Deleting %" PRIu64 " messages (", c->count);
	add_uids(out, c->uids);
	add_words(out, ") in %s[%s]", WORDS(c->type, c->folder));
	return TEXT_INFO;
}

static enum text_level text_flags(const struct event *ev, struct str *out)
{
	const struct event_change *c = &ev->u.change;
	struct str letters = { 0 };

	for (const char *f = c->flags; *f != '\0'; f++) {
		if (f != c->flags)
			str_add(&letters, ", ");
		str_add_char(&letters, *f);
	}
	add_dry(out, c->dry_run);
	add_words(out, c->add ? "Adding flag %s to " : "Deleting flag %s from ",
		WORDS(str_get(&letters)));
	str_printf(out, "%" PRIu64 " messages on ", c->count);
	clean_add(out, c->folder);
	str_clear(&letters);
	return TEXT_INFO;
}

static enum text_level text_held(const struct event *ev, struct str *out)
{
	const struct event_held *h = &ev->u.held;

	str_printf(out, "Held: %" PRIu64 " of %" PRIu64, h->count, h->total);
	add_words(out,
		" messages in %s would be deleted on %s; nothing was deleted."
		" To approve: %s",
		WORDS(ev->folder, h->repository, h->command));
	return TEXT_WARNING;
}

static enum text_level text_validity(const struct event *ev, struct str *out)
{
	const struct event_validity *v = &ev->u.validity;

	add_words(out, "UID validity problem for folder %s (repo %s) ",
		WORDS(ev->folder, v->repository));
	str_printf(out, "(saved %" PRIu64 "; got %" PRIu64 ")", v->saved,
		v->current);
	return TEXT_WARNING;
}

/* Only front ends that show a countdown raise this one. */
static enum text_level text_sleeping(const struct event *ev, struct str *out)
{
	if (ev->u.sleep.seconds_left <= 0)
		return TEXT_NONE;
	str_add(out, "Next refresh in ");
	units_add_minutes(out, ev->u.sleep.seconds_left);
	str_add(out, " minutes");
	return TEXT_DEBUG;
}

static enum text_level text_error(const struct event *ev, struct str *out)
{
	const char *separator = "";

	str_add(out, "ERROR: ");
	if (*ev->account != '\0') {
		add_words(out, "account %s", WORDS(ev->account));
		separator = ", ";
	}
	if (*ev->folder != '\0') {
		str_add(out, separator);
		add_words(out, "folder %s", WORDS(ev->folder));
		separator = ", ";
	}
	if (ev->u.error.uid != 0) {
		str_printf(out, "%sUID %" PRId64, separator, ev->u.error.uid);
		separator = ", ";
	}
	if (*separator != '\0')
		str_add(out, ": ");
	clean_add_lines(out, ev->u.error.text);
	return TEXT_ERROR;
}

static enum text_level add_sentence(const struct event *ev, struct str *out)
{
	switch (ev->kind) {
	case EVENT_LOG:
		return text_log(ev, out);
	case EVENT_ACCOUNT_START:
		return text_account_start(ev, out);
	case EVENT_ACCOUNT_END:
		return text_account_end(ev, out);
	case EVENT_CONNECTING:
		return text_connecting(ev, out);
	case EVENT_STRUCTURE:
		return text_structure(ev, out);
	case EVENT_FOLDER_CREATE:
		return text_folder_create(ev, out);
	case EVENT_FOLDER_START:
		return text_folder_start(ev, out);
	case EVENT_FOLDER_END:
		return text_folder_end(ev, out);
	case EVENT_LOADING:
		return text_loading(ev, out);
	case EVENT_LOADED:
		return text_loaded(ev, out);
	case EVENT_PLAN:
		return text_plan(ev, out);
	case EVENT_DIRECTION:
		return text_direction(ev, out);
	case EVENT_COPY:
		return text_copy(ev, out);
	case EVENT_IGNORED:
		return text_ignored(ev, out);
	case EVENT_DELETE:
		return text_delete(ev, out);
	case EVENT_FLAGS:
		return text_flags(ev, out);
	case EVENT_HELD:
		return text_held(ev, out);
	case EVENT_VALIDITY:
		return text_validity(ev, out);
	case EVENT_SLEEPING:
		return text_sleeping(ev, out);
	case EVENT_HOOK:
		return text_hook(ev, out);
	case EVENT_ERROR:
		return text_error(ev, out);
	case EVENT_THREAD_START:
	case EVENT_THREAD_END:
	case EVENT_FOLDER_FOUND:
	case EVENT_PASSWORD:
	case EVENT_FILE:
	case EVENT_PROGRESS:
	case EVENT_FINISHED:
	case EVENT_KIND_COUNT:
		break;
	}
	return TEXT_NONE;
}

enum text_level text_event(const struct event *ev, struct str *out)
{
	str_reset(out);
	return add_sentence(ev, out);
}

void text_add_banner(struct str *out, const char *version)
{
	str_add(out, "OfflineIMAP ");
	clean_add(out, version);
	str_add(out, "\n  Licensed under the GNU GPL v2 or any later version"
		" (with an OpenSSL exception)");
}

void text_add_prompt(struct str *out, const struct event_password *question)
{
	add_words(out, "Enter password for user '%s': ",
		WORDS(question->user));
}

void text_add_progress(struct str *out, const struct event *ev)
{
	static const char *const doing[] = {
		[PHASE_WAITING] = "waiting",
		[PHASE_CONNECTING] = "connecting",
		[PHASE_LISTING] = "folders listed",
		[PHASE_LOADING] = "messages listed",
		[PHASE_COPYING] = "messages copied",
		[PHASE_FLAGS] = "messages flagged",
		[PHASE_DELETING] = "messages deleted",
		[PHASE_MATCHING] = "messages matched",
	};
	const struct event_progress *p = &ev->u.progress;

	clean_add(out, *ev->folder != '\0' ? ev->folder : ev->account);
	str_add(out, ": ");
	if (p->done > 0 || p->total > 0)
		str_printf(out, "%" PRIu64 " ", p->done);
	if (p->total > 0)
		str_printf(out, "of %" PRIu64 " ", p->total);
	str_add(out, doing[p->phase]);
	if (p->bytes_done > 0) {
		str_add(out, ", ");
		units_add_bytes(out, p->bytes_done);
	}
}

const char *text_level_name(enum text_level level)
{
	static const char *const names[] = {
		[TEXT_DEBUG] = "DEBUG",
		[TEXT_INFO] = "INFO",
		[TEXT_WARNING] = "WARNING",
		[TEXT_ERROR] = "ERROR",
		[TEXT_NONE] = "",
	};

	return names[level];
}
