#include "config.h"

#include "imap/cmd.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "imap/flag.h"
#include "imap/seqset.h"
#include "mem.h"

static bool is_printable(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c <= 0x7e;
}

static struct cmd_part *add_part(struct cmd *cmd, enum cmd_part_kind kind)
{
	struct cmd_part *part;

	if (cmd->len == cmd->cap) {
		cmd->cap = cmd->cap == 0 ? 4 : cmd->cap * 2;
		cmd->part =
			mem_resize(cmd->part, cmd->cap, sizeof(*cmd->part));
	}
	part = &cmd->part[cmd->len++];
	*part = (struct cmd_part){.kind = kind};
	return part;
}

/* Where text goes on: behind a literal that is a part of its own. */
static struct str *text_of(struct cmd *cmd)
{
	if (cmd->len == 0 || cmd->part[cmd->len - 1].kind != PART_TEXT)
		add_part(cmd, PART_TEXT);
	return &cmd->part[cmd->len - 1].text;
}

static struct str *next_argument(struct cmd *cmd)
{
	struct str *text = text_of(cmd);

	str_add_char(text, ' ');
	return text;
}

static void add_constant(struct str *out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		assert(is_printable(*c));
	str_add(out, text);
}

void cmd_init(struct cmd *cmd, const char *name)
{
	*cmd = (struct cmd){0};
	add_constant(text_of(cmd), name);
}

void cmd_copy(struct cmd *to, const struct cmd *from)
{
	*to = (struct cmd){.secret = from->secret};
	for (size_t i = 0; i < from->len; i++) {
		assert(from->part[i].kind != PART_SOURCE);
		str_add_span(&add_part(to, from->part[i].kind)->text,
			span_str(&from->part[i].text));
	}
}

void cmd_clear(struct cmd *cmd)
{
	for (size_t i = 0; i < cmd->len; i++) {
		if (cmd->secret)
			str_clear_secret(&cmd->part[i].text);
		else
			str_clear(&cmd->part[i].text);
	}
	free(cmd->part);
	*cmd = (struct cmd){0};
}

void cmd_raw(struct cmd *cmd, const char *text)
{
	add_constant(next_argument(cmd), text);
}

void cmd_number(struct cmd *cmd, uint64_t n)
{
	str_printf(next_argument(cmd), "%llu", (unsigned long long)n);
}

/*
 * ASTRING-CHAR = ATOM-CHAR / resp-specials
 * atom-specials = "(" / ")" / "{" / SP / CTL / list-wildcards /
 *                 quoted-specials / resp-specials
 * Besides, OfflineIMAP quotes "/" and "}".
 */
static bool is_atom(struct span text)
{
	if (text.len == 0 || span_is_nocase(text, "NIL"))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!is_printable(text.data[i]) ||
			strchr(" /(){}%*\"\\", text.data[i]))
			return false;
	return true;
}

static bool is_quotable(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_printable(text.data[i]))
			return false;
	return true;
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE */
static void add_quoted(struct str *out, struct span text)
{
	str_add_char(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			str_add_char(out, '\\');
		str_add_char(out, text.data[i]);
	}
	str_add_char(out, '"');
}

/* string = quoted / literal */
bool cmd_quoted(struct cmd *cmd, struct span text)
{
	struct str *out = next_argument(cmd);

	if (text.len > 0 && memchr(text.data, '\0', text.len))
		return false;
	if (is_quotable(text))
		add_quoted(out, text);
	else
		str_add_span(&add_part(cmd, PART_LITERAL)->text, text);
	return true;
}

/* astring = 1*ASTRING-CHAR / string */
bool cmd_string(struct cmd *cmd, struct span text)
{
	if (!is_atom(text))
		return cmd_quoted(cmd, text);
	str_add_span(next_argument(cmd), text);
	return true;
}

void cmd_seqset(struct cmd *cmd, const struct seqset *set)
{
	assert(!seqset_empty(set));
	seqset_print(set, next_argument(cmd));
}

void cmd_flags(struct cmd *cmd, uint32_t flags,
	const struct flag_keywords *keywords)
{
	struct str *out = next_argument(cmd);

	str_add_char(out, '(');
	flag_names(flags, keywords, out);
	str_add_char(out, ')');
}

/* Years 1 to 9999 in every zone: date-year has four digits. */
static int64_t clamp_date(int64_t seconds)
{
	const int64_t day = 86400;
	const int64_t first = INT64_C(-62135596800) + day;
	const int64_t last = INT64_C(253402300799) - day;

	if (seconds < first)
		return first;
	return seconds > last ? last : seconds;
}

/* date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP
 *             zone DQUOTE */
void cmd_date(struct cmd *cmd, int64_t seconds)
{
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct tm tm;
	int zone, away;

	clock_local(clamp_date(seconds), &tm, &zone);
	away = zone < 0 ? -zone : zone;
	str_printf(next_argument(cmd),
		"\"%02d-%s-%04d %02d:%02d:%02d %c%02d%02d\"", tm.tm_mday,
		months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
		tm.tm_sec, zone < 0 ? '-' : '+', away / 60, away % 60);
}

void cmd_source(struct cmd *cmd, const struct source *source)
{
	next_argument(cmd);
	add_part(cmd, PART_SOURCE)->source = *source;
}

void cmd_arguments(const struct cmd *cmd, struct str *out)
{
	const char *text = str_get(&cmd->part[0].text);

	text += strcspn(text, " ");
	str_add(out, text + (*text == ' '));
	for (size_t i = 1; i < cmd->len; i++)
		str_add_span(out, span_str(&cmd->part[i].text));
}
