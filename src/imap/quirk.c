#include "config.h"

#include <stddef.h>

#include "attr.h"
#include "imap/quirk.h"

/* The first row whose text occurs in the server's words, case ignored. */
static const struct {
	const char *text;
	const char *advice;
} quirks[] = {
	{"maximum number of connections",
		"Other mail programs use connections too: lower "
		"maxconnections, or try again in some minutes."},
	{"too many simultaneous connections",
		"Other mail programs use connections too: lower "
		"maxconnections, or try again in some minutes."},
	{"too many connections",
		"Other mail programs use connections too: lower "
		"maxconnections, or try again in some minutes."},
	{"user is authenticated but not connected",
		"The password is right, but this account may not use IMAP or "
		"the mailbox cannot be reached; try again later."},
	{"accesstokenexpired",
		"The access token has run out: a new one is needed."},
	{"exceeded command or bandwidth limits",
		"The provider's daily limit (for Gmail 2500 MB down, 500 MB "
		"up) is used up; it is lifted within 24 hours."},
	{"session expired, please login again",
		"The provider may be limiting this account; try again later."},
	{"application-specific password required",
		"Create an application password in the account's web "
		"settings and use that one here."},
	{"please log in via your web browser",
		"The provider wants to see you in a web browser once; log in "
		"there, then try again."},
	{"unsafe login",
		"Allow this mail program in the provider's web settings (an "
		"authorisation code instead of the password)."},
	{"storage limit has been exceeded",
		"The mailbox is full; delete mail or enlarge the quota."},
	{"overquota",
		"The mailbox is full; delete mail or enlarge the quota."},
	{"too many identical emails",
		"The server has this message many times already."},
	{"country is blacklisted",
		"The provider refuses logins from this country."},
	{"maximum size of appendable message",
		"The message is larger than the server takes."},
	{"command line limit exceeded",
		"The message is probably larger than the server takes."},
	{"command argument error. 11",
		"Exchange refuses this one message, whatever the client."},
	{"folder name is reserved",
		"The server keeps this folder name for itself."},
	{"folder contains excess whitespace",
		"Gmail takes no folder names with blanks at an end or twice "
		"in a row."},
	{"authenticate failed.",
		"Some providers take no passwords over IMAP any more, or "
		"IMAP is switched off for the account."},
	{"server error - please try again later",
		"This is a fault of the server; try again later."},
	{"temporary unavailable",
		"This is a fault of the server; try again later."},
	{"prefixed with: inbox",
		"On this server folders lie below INBOX."},
	{"xoauth2handler got: invalid_grant",
		"The token was revoked, or the password changed: log in "
		"anew in the provider's web page."},
};

static bool contains(struct span words, const char *text)
{
	for (; words.len > 0; words.data++, words.len--)
		if (span_starts_nocase(words, text))
			return true;
	return false;
}

const char *quirk_advice(struct span words)
{
	for (size_t i = 0; i < ARRAY_LEN(quirks); i++)
		if (contains(words, quirks[i].text))
			return quirks[i].advice;
	return NULL;
}

bool quirk_too_many(struct span words)
{
	static const char *const texts[] = {"[limit]", "[unavailable]",
		"maximum number of connections",
		"too many simultaneous connections", "too many connections"};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (contains(words, texts[i]))
			return true;
	return false;
}
