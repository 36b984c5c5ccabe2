#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "imap/flag.h"
#include "mem.h"

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

/* ---- Keywords ---- */

uint32_t flag_letter(unsigned letter)
{
	assert(letter < FLAG_LETTERS);
	return (uint32_t)1 << (LOWER_SHIFT + letter);
}

/* flag-keyword = "$MDNSent" / ... / atom; ATOM-CHAR without "resp-specials" */
static bool is_keyword(struct span name)
{
	if (name.len == 0)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.data[i];

		if (c <= ' ' || c >= 0x7f || strchr("(){%*\"\\]", c))
			return false;
	}
	return true;
}

void flag_keywords_clear(struct flag_keywords *k)
{
	for (unsigned i = 0; i < FLAG_LETTERS; i++)
		free(k->name[i]);
	*k = (struct flag_keywords){0};
}

bool flag_keywords_set(struct flag_keywords *k, unsigned letter,
	struct span name)
{
	assert(letter < FLAG_LETTERS);
	if (!is_keyword(name))
		return false;
	for (unsigned i = 0; i < FLAG_LETTERS; i++) {
		if (i != letter && (!k->name[i] || !span_is(name, k->name[i])))
			continue;
		free(k->name[i]);
		k->name[i] = NULL;
	}
	k->name[letter] = mem_strndup(name.data, name.len);
	return true;
}

uint32_t flag_keywords_mask(const struct flag_keywords *k)
{
	uint32_t mask = 0;

	for (unsigned i = 0; k && i < FLAG_LETTERS; i++)
		if (k->name[i])
			mask |= flag_letter(i);
	return mask;
}

/* A letter that stands for nothing yet; FLAG_LETTERS: none is left. */
static unsigned free_letter(const struct flag_keywords *k)
{
	unsigned i = 0;

	while (i < FLAG_LETTERS && k->name[i])
		i++;
	return i;
}

uint32_t flag_of_keyword(struct flag_keywords *k, struct span name)
{
	unsigned letter;

	if (name.len == 0 || name.data[0] == '\\')
		return 0;
	for (unsigned i = 0; i < FLAG_LETTERS; i++)
		if (k->name[i] && (k->learning
			? span_is_nocase(name, k->name[i])
			: span_is(name, k->name[i])))
			return flag_letter(i);
	letter = k->learning ? free_letter(k) : FLAG_LETTERS;
	if (letter == FLAG_LETTERS || !flag_keywords_set(k, letter, name))
		return 0;
	k->changed = true;
	return flag_letter(letter);
}

void flag_names(uint32_t flags, const struct flag_keywords *k,
	struct str *out)
{
	size_t before = out->len;

	flag_imap_names(flags, out);
	for (unsigned i = 0; k && i < FLAG_LETTERS; i++) {
		if (!k->name[i] || !(flags & flag_letter(i)))
			continue;
		if (out->len > before)
			str_add_char(out, ' ');
		str_add(out, k->name[i]);
	}
}
