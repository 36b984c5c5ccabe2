#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "error.h"
#include "str.h"

/* Cuts at the start of a UTF-8 character, so that what is shown stays valid;
 * a sequence has at most three bytes after its first. */
static size_t fitting_length(struct span text)
{
	size_t cut = ERROR_TEXT_SIZE - 1;

	if (text.len <= cut)
		return text.len;
	for (int i = 0; i < 3; i++)
		if (((unsigned char)text.data[cut] & 0xc0) == 0x80)
			cut--;
	return cut;
}

/* The arguments of the formats below may lie in err->text, therefore every
 * text is built elsewhere and then moved in. */
static void take_text(struct error *err, struct str *text)
{
	size_t len = fitting_length(span_str(text));

	memcpy(err->text, str_get(text), len);
	err->text[len] = '\0';
	str_clear(text);
}

bool error_set(struct error *err, enum error_severity severity,
	enum error_kind kind, const char *fmt, ...)
{
	struct str text = {0};
	va_list args;

	va_start(args, fmt);
	str_vprintf(&text, fmt, args);
	va_end(args);
	take_text(err, &text);
	err->severity = severity;
	err->kind = kind;
	return false;
}

bool error_set_errno(struct error *err, enum error_severity severity,
	enum error_kind kind, int errnum, const char *fmt, ...)
{
	struct str text = {0};
	char reason[256];
	va_list args;

	va_start(args, fmt);
	str_vprintf(&text, fmt, args);
	va_end(args);
	if (strerror_r(errnum, reason, sizeof(reason)) == 0)
		str_printf(&text, ": %s", reason);
	else
		str_printf(&text, ": error number %d", errnum);
	take_text(err, &text);
	err->severity = severity;
	err->kind = kind == ERROR_OTHER && errnum == ENOENT ? ERROR_GONE : kind;
	return false;
}

bool error_add(struct error *err, const char *fmt, ...)
{
	struct str text = {0};
	va_list args;

	va_start(args, fmt);
	str_vprintf(&text, fmt, args);
	va_end(args);
	str_printf(&text, ": %s", err->text);
	take_text(err, &text);
	return false;
}

bool error_raise(struct error *err, enum error_severity severity)
{
	if (err->severity < severity)
		err->severity = severity;
	return false;
}

void error_clear(struct error *err)
{
	err->severity = ERROR_NONE;
	err->kind = ERROR_OTHER;
	err->text[0] = '\0';
}
