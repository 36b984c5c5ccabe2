#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "imap/flag.h"
#include "mail/maildir_name.h"

#define FIELD_UID ",U="
#define FIELD_FMD5 ",FMD5="

#define INFO_START 3 /* bytes of ":2," */

static const char *info_or_null(const char *name, char separator)
{
	return strstr(name, separator == '!' ? "!2," : ":2,");
}

/* Where the info begins, at its separator; at the end when there is none.
 * OfflineIMAP writes the wanted kind behind the other, so that one counts. */
static const char *info_of(const char *name, char separator)
{
	const char *info = info_or_null(name, separator);

	if (!info)
		info = info_or_null(name, separator == '!' ? ':' : '!');
	return info ? info : name + strlen(name);
}

/* The end of what stays when flags change, whatever is wanted. */
static const char *base_end(const char *name)
{
	const char *colon = info_or_null(name, ':');
	const char *mark = info_or_null(name, '!');

	if (!colon || !mark)
		return colon ? colon : mark ? mark : name + strlen(name);
	return colon < mark ? colon : mark;
}

static bool is_letter(char c)
{
	char lower = ascii_lower(c);

	return (lower >= 'a' && lower <= 'z') || ascii_is_digit(c) || c == '_';
}

/* The characters that OfflineIMAP takes for flags: info = ":2," *letter */
static struct span letters_of(const char *info)
{
	struct span letters = {info, 0};

	if (!*info)
		return letters;
	letters.data = info + INFO_START;
	while (is_letter(letters.data[letters.len]))
		letters.len++;
	return letters;
}

/* The number at the first ",U=" that is followed by a digit; 0: none. */
static uint32_t uid_of(const char *name)
{
	const char *at = name;
	uint64_t uid;

	while ((at = strstr(at, FIELD_UID))) {
		struct span digits = {at + strlen(FIELD_UID), 0};

		while (ascii_is_digit(digits.data[digits.len]))
			digits.len++;
		if (digits.len > 0)
			return span_number(digits, UINT32_MAX, &uid)
				? (uint32_t)uid : 0;
		at = digits.data;
	}
	return 0;
}

static bool is_ours(const char *name, const char *fmd5)
{
	size_t len = strlen(fmd5);
	const char *at = name;

	while ((at = strstr(at, FIELD_FMD5))) {
		at += strlen(FIELD_FMD5);
		if (strncmp(at, fmd5, len) == 0)
			return true;
	}
	return false;
}

void maildir_name_parse(const char *name, const struct maildir_naming *naming,
	struct maildir_name *out)
{
	bool ours = is_ours(name, naming->fmd5);
	uint32_t uid = uid_of(name);

	out->uid = ours ? uid : 0;
	out->foreign = !ours && uid > 0 && strstr(name, FIELD_FMD5);
	out->flags = flag_parse_letters(letters_of(info_of(name,
		naming->separator)));
}

int maildir_name_compare_base(const char *a, const char *b)
{
	size_t a_len = (size_t)(base_end(a) - a);
	size_t b_len = (size_t)(base_end(b) - b);
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

bool maildir_name_same_base(const char *a, const char *b)
{
	return maildir_name_compare_base(a, b) == 0;
}

static bool is_our_field(const char *field)
{
	return strncmp(field, FIELD_UID, strlen(FIELD_UID)) == 0 ||
		strncmp(field, FIELD_FMD5, strlen(FIELD_FMD5)) == 0;
}

/* Appends the text without the fields U= and FMD5=. */
static void add_stripped(struct span text, struct str *out)
{
	size_t at = 0, end;

	for (; at < text.len; at = end) {
		for (end = at + 1; end < text.len && text.data[end] != ',';)
			end++;
		if (!is_our_field(text.data + at))
			str_add_mem(out, text.data + at, end - at);
	}
}

static void add_stripped_base(const char *name, struct str *out)
{
	add_stripped((struct span){name, (size_t)(base_end(name) - name)},
		out);
}

bool maildir_name_same_message(const char *a, const char *b)
{
	struct str core_a = {0}, core_b = {0};
	bool same;

	/* Nearly always they differ at once. */
	if (a[0] != b[0] || strncmp(a, b, strcspn(a, ",:!")) != 0)
		return false;
	add_stripped_base(a, &core_a);
	add_stripped_base(b, &core_b);
	same = span_equal(span_str(&core_a), span_str(&core_b));
	str_clear(&core_a);
	str_clear(&core_b);
	return same;
}

static int by_code_point(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

static void add_info_start(const struct maildir_naming *naming,
	struct str *out)
{
	str_add_char(out, naming->separator);
	str_add(out, "2,");
}

void maildir_name_with_flags(const char *name,
	const struct maildir_naming *naming, uint32_t flags, struct str *out)
{
	const char *info = info_of(name, naming->separator);
	struct span old = letters_of(info);
	size_t first;

	str_add_mem(out, name, (size_t)(info - name));
	add_info_start(naming, out);
	first = out->len;
	flag_letters(flags, out);
	for (size_t i = 0; i < old.len; i++)
		if (flag_of_letter(old.data[i]) == 0)
			str_add_char(out, old.data[i]);
	if (out->len > first)
		qsort(out->data + first, out->len - first, 1, by_code_point);
	str_add(out, old.data + old.len);
}

void maildir_name_with_uid(const char *name,
	const struct maildir_naming *naming, uint32_t uid, struct str *out)
{
	const char *info = info_of(name, naming->separator);
	struct span letters = letters_of(info);

	add_stripped((struct span){name, (size_t)(info - name)}, out);
	if (uid > 0)
		str_printf(out, FIELD_UID "%u" FIELD_FMD5 "%s", uid,
			naming->fmd5);
	if (*info)
		add_info_start(naming, out);
	str_add_span(out, letters);
	/* Behind the flags they would still be believed. */
	add_stripped(span_of(letters.data + letters.len), out);
}

void maildir_name_build(const char *unique,
	const struct maildir_naming *naming, uint32_t uid, uint32_t flags,
	struct str *out)
{
	str_printf(out, "%s" FIELD_UID "%u" FIELD_FMD5 "%s", unique, uid,
		naming->fmd5);
	add_info_start(naming, out);
	flag_letters(flags, out);
}
