/*
 * A command to a server, built from typed arguments (S14): no byte of an
 * argument can end the command or begin another.  Pure; belongs to one thread.
 * RFC 9051 section 2.2.1, literals section 4.3, LITERAL+ RFC 7888.
 *
 *	struct cmd cmd;
 *	cmd_init(&cmd, "UID FETCH");
 *	cmd_seqset(&cmd, &uids);
 *	cmd_raw(&cmd, "(UID FLAGS)");
 *
 * The tag and the line end are the session's.  Whether a literal waits for the
 * server ("{5}") or not ("{5+}") is decided when it is sent.
 */
#ifndef IMAP_CMD_H
#define IMAP_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"
#include "str.h"

struct flag_keywords;
struct seqset;

/* Bytes that are read while they are sent: the body of an APPEND. */
struct source {
	uint64_t size; /* exactly this many bytes will come */
	/* Up to cap bytes into buf; *got 0 only at the end.  False: *err. */
	bool (*read)(void *arg, void *buf, size_t cap, size_t *got,
		struct error *err);
	void *arg;
	/* From now on from the first byte again; NULL: it cannot be read
	 * twice. */
	void (*again)(void *arg);
};

enum cmd_part_kind { PART_TEXT, PART_LITERAL, PART_SOURCE };

struct cmd_part {
	enum cmd_part_kind kind;
	struct str text;      /* TEXT: sent as is; LITERAL: its bytes */
	struct source source; /* SOURCE; arg lives as long as the flight */
};

struct cmd {
	struct cmd_part *part;
	size_t len, cap;
	bool secret; /* never shown in a debug trace */
};

/* name is a constant of the program, "UID STORE". */
void cmd_init(struct cmd *cmd, const char *name);
/* Another one of the same bytes, of a command that streams none (asserted). */
void cmd_copy(struct cmd *to, const struct cmd *from);
/* Wipes secret ones. */
void cmd_clear(struct cmd *cmd);
/* A blank and this constant text of the program, asserted printable ASCII. */
void cmd_raw(struct cmd *cmd, const char *text);
/* A blank and the number. */
void cmd_number(struct cmd *cmd, uint64_t n);
/* A blank and an astring: atom where OfflineIMAP would send one, quoted when
 * that can carry it, else a literal (CR, LF, 8-bit).  NUL is refused: false,
 * the command is unusable. */
bool cmd_string(struct cmd *cmd, struct span text) ATTR_MUST_CHECK;
/* The same, always quoted or literal (passwords, ID values). */
bool cmd_quoted(struct cmd *cmd, struct span text) ATTR_MUST_CHECK;
/* A blank and the set; the set is not empty (asserted). */
void cmd_seqset(struct cmd *cmd, const struct seqset *set);
/* A blank and a parenthesised list of IMAP flag names, and of the letters'
 * keywords (may be NULL): "(\Seen \Flagged $Forwarded)". */
void cmd_flags(struct cmd *cmd, uint32_t flags,
	const struct flag_keywords *keywords);
/* A blank and a date-time of local time with zone: "23-Nov-2026 10:00:00
 * +0100" quoted (RFC 9051 date-time). */
void cmd_date(struct cmd *cmd, int64_t seconds);
/* What follows the command's first word, literals without their sizes: to be
 * compared with that of another one. */
void cmd_arguments(const struct cmd *cmd, struct str *out);
/* A blank and a literal streamed from source. */
void cmd_source(struct cmd *cmd, const struct source *source);

#endif
