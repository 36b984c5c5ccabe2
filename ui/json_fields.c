#include "config.h"

#include "json_fields.h"

#define U(field) offsetof(struct event, u.field)

static const struct json_field no_fields[] = { { NULL, 0, 0 } };

static const struct json_field log_fields[] = {
	{ "level", JSON_TYPE_LEVEL, U(log.level) },
	{ "area", JSON_TYPE_AREA, U(log.area) },
	{ "text", JSON_TYPE_TEXT, U(log.text) },
	{ NULL, 0, 0 },
};

static const struct json_field hook_fields[] = {
	{ "text", JSON_TYPE_TEXT, U(log.text) },
	{ "dry_run", JSON_TYPE_BOOL, U(log.dry_run) },
	{ NULL, 0, 0 },
};

#define END_FIELDS \
	{ "outcome", JSON_TYPE_OUTCOME, U(end.outcome) }, \
	{ "reason", JSON_TYPE_REASON, U(end.why) }, \
	{ "elapsed_ms", JSON_TYPE_INT64, U(end.elapsed_ms) }, \
	{ "downloaded", JSON_TYPE_UINT64, U(end.downloaded) }, \
	{ "uploaded", JSON_TYPE_UINT64, U(end.uploaded) }, \
	{ "deleted", JSON_TYPE_UINT64, U(end.deleted) }, \
	{ "flagged", JSON_TYPE_UINT64, U(end.flagged) }

static const struct json_field account_end_fields[] = {
	END_FIELDS,
	{ NULL, 0, 0 },
};

static const struct json_field folder_end_fields[] = {
	{ "name", JSON_TYPE_TEXT, U(end.name) },
	END_FIELDS,
	{ NULL, 0, 0 },
};

static const struct json_field connect_fields[] = {
	{ "host", JSON_TYPE_TEXT, U(connect.host) },
	{ "port", JSON_TYPE_TEXT, U(connect.port) },
	{ "repository", JSON_TYPE_TEXT, U(connect.repository) },
	{ NULL, 0, 0 },
};

static const struct json_field sides_fields[] = {
	{ "from_type", JSON_TYPE_TEXT, U(sides.from_type) },
	{ "from_folder", JSON_TYPE_TEXT, U(sides.from_folder) },
	{ "to_type", JSON_TYPE_TEXT, U(sides.to_type) },
	{ "to_folder", JSON_TYPE_TEXT, U(sides.to_folder) },
	{ NULL, 0, 0 },
};

static const struct json_field structure_fields[] = {
	{ "from_type", JSON_TYPE_TEXT, U(sides.from_type) },
	{ "to_type", JSON_TYPE_TEXT, U(sides.to_type) },
	{ NULL, 0, 0 },
};

static const struct json_field create_fields[] = {
	{ "name", JSON_TYPE_TEXT, U(create.name) },
	{ "repository", JSON_TYPE_TEXT, U(create.repository) },
	{ "dry_run", JSON_TYPE_BOOL, U(create.dry_run) },
	{ NULL, 0, 0 },
};

static const struct json_field list_fields[] = {
	{ "type", JSON_TYPE_TEXT, U(list.type) },
	{ "name", JSON_TYPE_TEXT, U(list.name) },
	{ "visible", JSON_TYPE_TEXT, U(list.visible) },
	{ "count", JSON_TYPE_UINT64, U(list.count) },
	{ NULL, 0, 0 },
};

static const struct json_field plan_fields[] = {
	{ "download", JSON_TYPE_UINT64, U(plan.download) },
	{ "upload", JSON_TYPE_UINT64, U(plan.upload) },
	{ "delete_remote", JSON_TYPE_UINT64, U(plan.delete_remote) },
	{ "delete_local", JSON_TYPE_UINT64, U(plan.delete_local) },
	{ "flag_remote", JSON_TYPE_UINT64, U(plan.flag_remote) },
	{ "flag_local", JSON_TYPE_UINT64, U(plan.flag_local) },
	{ "download_bytes", JSON_TYPE_UINT64, U(plan.download_bytes) },
	{ "upload_bytes", JSON_TYPE_UINT64, U(plan.upload_bytes) },
	{ "dry_run", JSON_TYPE_BOOL, U(plan.dry_run) },
	{ NULL, 0, 0 },
};

static const struct json_field copy_fields[] = {
	{ "uid", JSON_TYPE_INT64, U(copy.uid) },
	{ "index", JSON_TYPE_UINT64, U(copy.index) },
	{ "count", JSON_TYPE_UINT64, U(copy.count) },
	{ "from_type", JSON_TYPE_TEXT, U(copy.from_type) },
	{ "from_repository", JSON_TYPE_TEXT, U(copy.from_repository) },
	{ "from_folder", JSON_TYPE_TEXT, U(copy.from_folder) },
	{ "to_type", JSON_TYPE_TEXT, U(copy.to_type) },
	{ "to_repository", JSON_TYPE_TEXT, U(copy.to_repository) },
	{ "to_folder", JSON_TYPE_TEXT, U(copy.to_folder) },
	{ "bytes", JSON_TYPE_UINT64, U(copy.bytes) },
	{ "dry_run", JSON_TYPE_BOOL, U(copy.dry_run) },
	{ NULL, 0, 0 },
};

static const struct json_field delete_fields[] = {
	{ "type", JSON_TYPE_TEXT, U(change.type) },
	{ "name", JSON_TYPE_TEXT, U(change.folder) },
	{ "repository", JSON_TYPE_TEXT, U(change.repository) },
	{ "uids", JSON_TYPE_TEXT, U(change.uids) },
	{ "count", JSON_TYPE_UINT64, U(change.count) },
	{ "dry_run", JSON_TYPE_BOOL, U(change.dry_run) },
	{ NULL, 0, 0 },
};

static const struct json_field flags_fields[] = {
	{ "type", JSON_TYPE_TEXT, U(change.type) },
	{ "name", JSON_TYPE_TEXT, U(change.folder) },
	{ "repository", JSON_TYPE_TEXT, U(change.repository) },
	{ "uids", JSON_TYPE_TEXT, U(change.uids) },
	{ "count", JSON_TYPE_UINT64, U(change.count) },
	{ "flags", JSON_TYPE_TEXT, U(change.flags) },
	{ "add", JSON_TYPE_BOOL, U(change.add) },
	{ "dry_run", JSON_TYPE_BOOL, U(change.dry_run) },
	{ NULL, 0, 0 },
};

static const struct json_field file_fields[] = {
	{ "change", JSON_TYPE_CHANGE, U(file.change) },
	{ "path", JSON_TYPE_TEXT, U(file.path) },
	{ "old_path", JSON_TYPE_TEXT, U(file.old_path) },
	{ "uid", JSON_TYPE_UINT32, U(file.uid) },
	{ "flags", JSON_TYPE_TEXT, U(file.flags) },
	{ NULL, 0, 0 },
};

static const struct json_field held_fields[] = {
	{ "repository", JSON_TYPE_TEXT, U(held.repository) },
	{ "count", JSON_TYPE_UINT64, U(held.count) },
	{ "total", JSON_TYPE_UINT64, U(held.total) },
	{ "command", JSON_TYPE_TEXT, U(held.command) },
	{ NULL, 0, 0 },
};

static const struct json_field validity_fields[] = {
	{ "name", JSON_TYPE_TEXT, U(validity.name) },
	{ "repository", JSON_TYPE_TEXT, U(validity.repository) },
	{ "saved", JSON_TYPE_UINT64, U(validity.saved) },
	{ "current", JSON_TYPE_UINT64, U(validity.current) },
	{ NULL, 0, 0 },
};

static const struct json_field sleep_fields[] = {
	{ "seconds_left", JSON_TYPE_INT64, U(sleep.seconds_left) },
	{ NULL, 0, 0 },
};

static const struct json_field password_fields[] = {
	{ "id", JSON_TYPE_UINT64, U(password.id) },
	{ "repository", JSON_TYPE_TEXT, U(password.repository) },
	{ "host", JSON_TYPE_TEXT, U(password.host) },
	{ "user", JSON_TYPE_TEXT, U(password.user) },
	{ "reason", JSON_TYPE_TEXT, U(password.reason) },
	{ NULL, 0, 0 },
};

static const struct json_field error_fields[] = {
	{ "severity", JSON_TYPE_SEVERITY, U(error.severity) },
	{ "reason", JSON_TYPE_REASON, U(error.kind) },
	{ "uid", JSON_TYPE_INT64, U(error.uid) },
	{ "text", JSON_TYPE_TEXT, U(error.text) },
	{ NULL, 0, 0 },
};

static const struct json_field progress_fields[] = {
	{ "phase", JSON_TYPE_PHASE, U(progress.phase) },
	{ "done", JSON_TYPE_UINT64, U(progress.done) },
	{ "total", JSON_TYPE_UINT64, U(progress.total) },
	{ "bytes_done", JSON_TYPE_UINT64, U(progress.bytes_done) },
	{ "bytes_total", JSON_TYPE_UINT64, U(progress.bytes_total) },
	{ NULL, 0, 0 },
};

const struct json_field *json_fields(enum event_kind kind)
{
	static const struct json_field *const fields[EVENT_KIND_COUNT] = {
		[EVENT_LOG] = log_fields,
		[EVENT_ACCOUNT_END] = account_end_fields,
		[EVENT_CONNECTING] = connect_fields,
		[EVENT_STRUCTURE] = structure_fields,
		[EVENT_FOLDER_CREATE] = create_fields,
		[EVENT_FOLDER_START] = sides_fields,
		[EVENT_FOLDER_END] = folder_end_fields,
		[EVENT_LOADING] = list_fields,
		[EVENT_LOADED] = list_fields,
		[EVENT_PLAN] = plan_fields,
		[EVENT_DIRECTION] = sides_fields,
		[EVENT_COPY] = copy_fields,
		[EVENT_IGNORED] = copy_fields,
		[EVENT_DELETE] = delete_fields,
		[EVENT_FLAGS] = flags_fields,
		[EVENT_FILE] = file_fields,
		[EVENT_HELD] = held_fields,
		[EVENT_VALIDITY] = validity_fields,
		[EVENT_SLEEPING] = sleep_fields,
		[EVENT_PASSWORD] = password_fields,
		[EVENT_HOOK] = hook_fields,
		[EVENT_ERROR] = error_fields,
		[EVENT_PROGRESS] = progress_fields,
	};

	return fields[kind] != NULL ? fields[kind] : no_fields;
}

/* ---- Enums ---- */

static const char *const levels[] = {
	[EVENT_DEBUG] = "debug",
	[EVENT_INFO] = "info",
	[EVENT_NOTICE] = "notice",
	[EVENT_WARNING] = "warning",
};

static const char *const areas[] = {
	[AREA_GENERAL] = "general",
	[AREA_IMAP] = "imap",
	[AREA_MAILDIR] = "maildir",
	[AREA_THREAD] = "thread",
};

static const char *const outcomes[] = {
	[OUTCOME_OK] = "ok",
	[OUTCOME_SKIPPED] = "skipped",
	[OUTCOME_HELD] = "held",
	[OUTCOME_PARTIAL] = "partial",
	[OUTCOME_INTERRUPTED] = "interrupted",
	[OUTCOME_FAILED] = "failed",
};

static const char *const severities[] = {
	[ERROR_NONE] = "none",
	[ERROR_MESSAGE] = "message",
	[ERROR_FOLDER_RETRY] = "folder_retry",
	[ERROR_FOLDER] = "folder",
	[ERROR_ACCOUNT] = "account",
	[ERROR_FATAL] = "fatal",
};

static const char *const reasons[] = {
	[ERROR_OTHER] = "other",
	[ERROR_STOPPED] = "stopped",
	[ERROR_GONE] = "gone",
	[ERROR_AUTH] = "auth",
	[ERROR_NETWORK] = "network",
	[ERROR_CONFIG] = "config",
	[ERROR_LOCKED] = "locked",
	[ERROR_READONLY] = "readonly",
	[ERROR_REFUSED] = "refused",
};

static const char *const phases[] = {
	[PHASE_WAITING] = "waiting",
	[PHASE_CONNECTING] = "connecting",
	[PHASE_LISTING] = "listing",
	[PHASE_LOADING] = "loading",
	[PHASE_COPYING] = "copying",
	[PHASE_FLAGS] = "flags",
	[PHASE_DELETING] = "deleting",
	[PHASE_MATCHING] = "matching",
};

static const char *const changes[] = {
	[FILE_NEW] = "new",
	[FILE_MOVED] = "moved",
	[FILE_FLAGGED] = "flagged",
	[FILE_DELETED] = "deleted",
};

struct enum_names {
	const char *const *names;
	size_t count;
};

#define NAMES(list) { list, ARRAY_LEN(list) }

const char *json_enum_name(enum json_type type, size_t value)
{
	static const struct enum_names all[] = {
		[JSON_TYPE_LEVEL] = NAMES(levels),
		[JSON_TYPE_AREA] = NAMES(areas),
		[JSON_TYPE_OUTCOME] = NAMES(outcomes),
		[JSON_TYPE_SEVERITY] = NAMES(severities),
		[JSON_TYPE_REASON] = NAMES(reasons),
		[JSON_TYPE_PHASE] = NAMES(phases),
		[JSON_TYPE_CHANGE] = NAMES(changes),
	};

	return value < all[type].count ? all[type].names[value] : NULL;
}
