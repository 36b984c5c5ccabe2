/*
 * The Maildir store's own insides, shared by the maildir*.c files only: a
 * tree of Maildirs on disk as in offlineimap-compat 3.8.  Worker's thread.
 *
 * Everything is opened relative to descriptors of directories that the store
 * holds (S4, S8): the root, and new, cur and tmp of the open folder.
 */
#ifndef MAIL_MAILDIR_H
#define MAIL_MAILDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/digest.h"
#include "base/vec.h"
#include "error.h"
#include "event.h"
#include "mail/crlf.h"
#include "mail/header_cut.h"
#include "mail/maildir_name.h"
#include "mail/msg.h"
#include "mail/store.h"
#include "str.h"

/* Those that hold messages come first. */
enum maildir_dir { MAILDIR_NEW, MAILDIR_CUR, MAILDIR_TMP, MAILDIR_DIRS };
#define MAILDIR_VISIBLE 2

/* The UIDVALIDITY of each. */
#define MAILDIR_VALIDITY 42

/* When new and cur last changed, around one listing. */
struct maildir_stamp {
	struct timespec time[MAILDIR_VISIBLE];
};

/* A message received but not yet visible. */
struct maildir_staged {
	char *unique; /* its name in tmp */
	uint32_t uid, flags;
	int64_t time; /* to begin its name with; 0: that of its name in tmp */
	int fd;       /* kept to be flushed; -1: closed */
};

struct maildir_incoming {
	bool begun;
	int fd;
	char *unique;
	uint64_t size, got;  /* bytes announced and received */
	struct crlf_in crlf;
	struct header_text header; /* kept where a date is wanted */
	char *buf;           /* converted, not yet written */
	size_t len;
	struct vec staged;   /* of struct maildir_staged */
	size_t open;         /* descriptors among them */
};

struct maildir {
	struct store store;
	char *root;
	int root_fd;     /* -1: the root is not there */
	char separator;
	bool fsync;
	bool restoreatime;
	bool date_names, date_files; /* filename_use_mail_timestamp,
	                                utime_from_header */
	char *host;
	long pid;
	uint64_t last;   /* unique names given */
	char *path;      /* of the open folder, for messages; NULL: none open */
	int dir[MAILDIR_DIRS];
	bool atime_known;   /* .atime is of the open folder */
	struct timespec atime[MAILDIR_VISIBLE];
	bool dirty[MAILDIR_VISIBLE]; /* names changed, not yet flushed */
	bool readonly;
	char fmd5[DIGEST_MD5_HEX_SIZE];
	struct maildir_naming naming; /* with fmd5 */
	struct maildir_incoming in;
	/* A later listing, to find files that were renamed meanwhile. */
	struct msglist again;
	struct maildir_stamp again_stamp;
	bool again_valid;
};

const char *maildir_dir_name(enum maildir_dir dir);
/* "new/x" to the directory; the file's own name begins behind the slash. */
enum maildir_dir maildir_dir_of(const char *name);
const char *maildir_file_of(const char *name);

/* maildir.c */
/* False: the store was opened for reading only, or has no folder open. */
bool maildir_may_change(struct maildir *md, struct error *err) ATTR_MUST_CHECK;
/* "<time>_<seq>.<pid>.<host>" appended: a name that no other file has. */
void maildir_unique(struct maildir *md, struct str *out);
bool maildir_exists(const struct maildir *md, enum maildir_dir dir,
	const char *file);
/* 0, or errno; EEXIST rather than to overwrite another message. */
int maildir_rename(const struct maildir *md, enum maildir_dir from_dir,
	const char *from, enum maildir_dir to_dir, const char *to);
/* Makes names changed in new and cur durable. */
bool maildir_flush(struct maildir *md, struct error *err) ATTR_MUST_CHECK;
/* The error for a call that failed on a file, by errno. */
bool maildir_fail(const struct maildir *md, struct error *err,
	const char *doing, enum maildir_dir dir, const char *file);
void maildir_forget_folder(struct maildir *md);

/* maildir_tell.c */
/* EVENT_FILE for a name that has changed, when somebody wants to know.  name
 * and before as in lists ("cur/x"); before: NULL but for another name. */
void maildir_tell(struct maildir *md, enum event_file_change change,
	const char *name, const char *before);

/* The same for a file that was in another folder. */
void maildir_tell_brought(struct maildir *md, const char *name,
	const struct maildir *from, const char *before);

/* maildir_tree.c */
bool maildir_open_root(struct maildir *md, struct error *err) ATTR_MUST_CHECK;
bool maildir_list(struct store *store, struct vec *folders, struct error *err)
	ATTR_MUST_CHECK;
bool maildir_create(struct store *store, const char *name, struct error *err)
	ATTR_MUST_CHECK;
/* The folder's own directory, made when make, as are its parents; "" is the
 * root.  The caller closes it; -1 with *err. */
int maildir_open_dir(struct maildir *md, const char *name, bool make,
	struct error *err) ATTR_MUST_CHECK;
/* maildir_rename.c */
bool maildir_rename_folder(struct store *store, const char *from,
	const char *to, struct error *err) ATTR_MUST_CHECK;
/* Opens new, cur and tmp of the folder. */
bool maildir_open_folder(struct maildir *md, const char *name,
	struct error *err) ATTR_MUST_CHECK;

/* maildir_scan.c */
bool maildir_load(struct store *store, const char *name, bool readonly,
	struct folder_info *info, struct msglist *out, struct error *err)
	ATTR_MUST_CHECK;
bool maildir_enter(struct store *store, const char *name, bool readonly,
	struct folder_info *info, struct error *err) ATTR_MUST_CHECK;
/* A file that is not where it was listed. */
struct maildir_wanted {
	const char *name; /* as listed */
	uint32_t uid;     /* what the caller takes it for */
	bool adopted;     /* another UID, given since, is as good */
};
/* A mail reader may rename a file once more while we look for it: so often
 * it is looked for. */
#define MAILDIR_TRIES 3
/* Its new name, "" when it is gone, which takes a listing that did not race
 * to tell (N26): else maildir_unsettled. */
bool maildir_find_again(struct maildir *md, const struct maildir_wanted *w,
	struct str *found, struct error *err) ATTR_MUST_CHECK;
/* Whether the file is there cannot be told now.  Always false. */
bool maildir_unsettled(const struct maildir *md, const char *name,
	struct error *err);

/* maildir_in.c */
bool maildir_incoming_begin(struct store *store, uint64_t size,
	struct error *err) ATTR_MUST_CHECK;
bool maildir_incoming_data(struct store *store, struct span wire,
	struct error *err) ATTR_MUST_CHECK;
bool maildir_incoming_end(struct store *store, uint32_t uid, uint32_t flags,
	int64_t date, struct error *err) ATTR_MUST_CHECK;
void maildir_incoming_drop(struct store *store);
bool maildir_incoming_commit(struct store *store, struct error *err)
	ATTR_MUST_CHECK;
/* Everything begun or staged. */
void maildir_incoming_drop_all(struct maildir *md);

/* maildir_time.c */
/* restoreatime: notes when new and cur were last read, before we do. */
void maildir_note_atime(struct maildir *md);
/* Puts that back, once. */
void maildir_leave(struct store *store);
/* Whether the header of what comes is to be kept. */
bool maildir_wants_date(const struct maildir *md);
/* Gives the file being received its times by its header; *name_time is what
 * its name is to begin with, 0: the time of its arrival. */
void maildir_date_incoming(struct maildir *md, uint32_t uid,
	int64_t *name_time);

/* maildir_measure.c */
#define MAILDIR_CHUNK 16384
/* A file up to this size is read once, to be measured, and then sent from
 * memory. */
#define MAILDIR_KEEP 32768

/* What one pass over a file finds out.  Whether line ends are to be converted
 * shows at the first LF, and may prove wrong at a later one.
 * digest: NULL, or the digest wanted of the wire form; then a NUL is an error
 * too. */
struct maildir_measure {
	struct crlf_count lines;
	bool as_is;            /* lines end in CRLF already */
	uint64_t bytes;        /* of the file */
	uint64_t kept;         /* of those that are sent */
	struct header_cut cut; /* with the names of what is not */
	uint64_t wire;         /* as sent */
	struct digest *digest;
	struct str *text;      /* with digest: takes the wire form; or NULL */
	struct crlf_out crlf;
	struct header_text header;
};

/* Reads the file from where fd stands to its end; name is for messages. */
bool maildir_measure(int fd, const char *name, struct maildir_measure *m,
	struct error *err) ATTR_MUST_CHECK;
/* *got is 0 at the end only. */
bool maildir_read(int fd, const char *name, char buf[MAILDIR_CHUNK],
	size_t *got, struct error *err) ATTR_MUST_CHECK;

/* maildir_out.c */
bool maildir_outgoing_open(struct store *store, const struct msglist *list,
	const struct msg *m, struct outgoing *out, struct error *err)
	ATTR_MUST_CHECK;
void maildir_outgoing_close(struct store *store, struct outgoing *out);
bool maildir_identify(struct store *store, const struct msgset *which,
	store_identify_fn *each, void *arg, struct error *err)
	ATTR_MUST_CHECK;

/* maildir_stamp.c */
bool maildir_stamp(struct store *store, const char *name,
	struct store_stamp *out) ATTR_MUST_CHECK;

/* maildir_search.c */
bool maildir_search(struct store *store, const struct msgset *which,
	const struct ops_search *what, bool *out, struct error *err)
	ATTR_MUST_CHECK;

/* maildir_edit.c */
bool maildir_flags(struct store *store, struct store_change *at, size_t len,
	struct error *err) ATTR_MUST_CHECK;
bool maildir_remove(struct store *store, const struct msgset *which,
	enum remove_reason reason, struct error *err) ATTR_MUST_CHECK;
bool maildir_adopt(struct store *store, const struct msglist *list,
	const struct msg *m, uint32_t uid, struct error *err) ATTR_MUST_CHECK;
bool maildir_detach(struct store *store, const struct msglist *list,
	const struct msg *m, struct error *err) ATTR_MUST_CHECK;

/* maildir_bring.c */
bool maildir_bring(struct store *store, struct store *from,
	const struct msglist *list, const struct msg *m, uint32_t uid,
	struct error *err) ATTR_MUST_CHECK;

#endif
