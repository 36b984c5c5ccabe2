#include "config.h"

#include "imap/flag.h"

/* In the order of their Maildir letters, which is that of file names. */
static const struct flag_row {
	uint32_t flag;
	char letter;
	const char *name; /* NULL: not known to IMAP */
} rows[] = {
	{FLAG_DRAFT, 'D', "\\Draft"},
	{FLAG_FLAGGED, 'F', "\\Flagged"},
	{FLAG_PASSED, 'P', NULL},
	{FLAG_ANSWERED, 'R', "\\Answered"},
	{FLAG_SEEN, 'S', "\\Seen"},
	{FLAG_DELETED, 'T', "\\Deleted"},
};

#define LOWER_SHIFT 6

/* The letters one by one: ASCII order is not ours to assume. */
static const char lower[] = "abcdefghijklmnopqrstuvwxyz";

uint32_t flag_of_letter(char letter)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].letter == letter)
			return rows[i].flag;
	for (unsigned i = 0; lower[i] != '\0'; i++)
		if (lower[i] == letter)
			return (uint32_t)1 << (LOWER_SHIFT + i);
	return 0;
}

void flag_letters(uint32_t flags, struct str *out)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (flags & rows[i].flag)
			str_add_char(out, rows[i].letter);
	for (unsigned i = 0; lower[i] != '\0'; i++)
		if (flags & (uint32_t)1 << (LOWER_SHIFT + i))
			str_add_char(out, lower[i]);
}

uint32_t flag_parse_letters(struct span letters)
{
	uint32_t flags = 0;

	for (size_t i = 0; i < letters.len; i++)
		flags |= flag_of_letter(letters.data[i]);
	return flags;
}

uint32_t flag_of_imap(struct span name)
{
	if (name.len == 0 || name.data[0] != '\\')
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].name && span_is_nocase(name, rows[i].name))
			return rows[i].flag;
	return 0;
}

void flag_imap_names(uint32_t flags, struct str *out)
{
	const char *blank = "";

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!rows[i].name || !(flags & rows[i].flag))
			continue;
		str_add(out, blank);
		str_add(out, rows[i].name);
		blank = " ";
	}
}
