#include "config.h"

#include <string.h>

#include "base/digest.h"
#include "mail/packed_name.h"

/*
 * packed = %d0 name %d0
 *        / form uid unique %d0 tail %d0
 * form: the bits below; uid: four bytes of the machine's own order; tail: what
 * stands behind the digest, without ":2," where the form has it.
 */
#define FORM_WHOLE 0x00u
#define FORM_OURS 0x01u
#define FORM_CUR 0x02u
#define FORM_INFO 0x04u

#define FIELD_UID ",U="
#define FIELD_FMD5 ",FMD5="
#define DIR_LEN 4 /* bytes of "cur/" */
#define INFO_LEN 3

struct parts {
	unsigned char form;
	uint32_t uid;
	struct span unique;
	const char *tail;
};

/* A number as it is printed: no zero before it. */
static bool take_uid(const char **at, uint32_t *uid)
{
	struct span digits = {*at, 0};
	uint64_t n;

	while (ascii_is_digit(digits.data[digits.len]))
		digits.len++;
	if (digits.data[0] == '0' || !span_number(digits, UINT32_MAX, &n))
		return false;
	*at += digits.len;
	*uid = (uint32_t)n;
	return true;
}

static bool take_text(const char **at, const char *text, size_t len)
{
	if (strncmp(*at, text, len) != 0)
		return false;
	*at += len;
	return true;
}

static bool take_dir(const char **at, unsigned char *form)
{
	if (take_text(at, "cur/", DIR_LEN))
		*form = FORM_OURS | FORM_CUR;
	else if (take_text(at, "new/", DIR_LEN))
		*form = FORM_OURS;
	else
		return false;
	return true;
}

static void info_start(const struct maildir_naming *naming,
	char out[INFO_LEN])
{
	out[0] = naming->separator;
	memcpy(out + 1, "2,", INFO_LEN - 1);
}

/* False: it is not of the form that the folder's own files have. */
static bool split(const char *name, const struct maildir_naming *naming,
	struct parts *p)
{
	const char *at = name, *field;
	char info[INFO_LEN];

	if (!take_dir(&at, &p->form))
		return false;
	field = strstr(at, FIELD_UID);
	if (!field)
		return false;
	p->unique = (struct span){at, (size_t)(field - at)};
	at = field + strlen(FIELD_UID);
	if (!take_uid(&at, &p->uid) ||
		!take_text(&at, FIELD_FMD5, strlen(FIELD_FMD5)) ||
		!take_text(&at, naming->fmd5, DIGEST_MD5_HEX_SIZE - 1))
		return false;
	info_start(naming, info);
	if (take_text(&at, info, INFO_LEN))
		p->form |= FORM_INFO;
	p->tail = at;
	return true;
}

void packed_name_add(const char *name, const struct maildir_naming *naming,
	struct str *out)
{
	struct parts p;

	if (!naming || !split(name, naming, &p)) {
		str_add_char(out, FORM_WHOLE);
		str_add_mem(out, name, strlen(name) + 1);
		return;
	}
	str_add_char(out, (char)p.form);
	str_add_mem(out, &p.uid, sizeof(p.uid));
	str_add_span(out, p.unique);
	str_add_mem(out, "", 1);
	str_add_mem(out, p.tail, strlen(p.tail) + 1);
}

/* Decimal digits, without the cost of a format. */
static void add_number(uint32_t n, struct str *out)
{
	char digits[10];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	str_add_mem(out, digits + at, sizeof(digits) - at);
}

const char *packed_name_get(const char *packed,
	const struct maildir_naming *naming, struct str *buf)
{
	unsigned char form = (unsigned char)*packed++;
	char info[INFO_LEN];
	uint32_t uid;

	if (form == FORM_WHOLE)
		return packed;
	memcpy(&uid, packed, sizeof(uid));
	packed += sizeof(uid);
	str_set(buf, form & FORM_CUR ? "cur/" : "new/");
	str_add(buf, packed);
	str_add(buf, FIELD_UID);
	add_number(uid, buf);
	str_add(buf, FIELD_FMD5);
	str_add(buf, naming->fmd5);
	info_start(naming, info);
	if (form & FORM_INFO)
		str_add_mem(buf, info, INFO_LEN);
	str_add(buf, packed + strlen(packed) + 1);
	return str_get(buf);
}
