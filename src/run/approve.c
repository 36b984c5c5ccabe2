#include "config.h"

#include "run/approve.h"

#include <string.h>

#include "engine.h"
#include "str.h"

bool approve_names(const char *approval, const char *account)
{
	size_t len = strlen(account);

	return strncmp(approval, account, len) == 0 &&
		(approval[len] == '\0' || approval[len] == ':');
}

bool approve_given(const struct run_options *options, const char *account,
	const char *folder)
{
	size_t len = strlen(account);

	for (const char *const *a = options->approved; a != NULL && *a != NULL;
		a++) {
		if (strncmp(*a, account, len) != 0)
			continue;
		if ((*a)[len] == '\0')
			return true;
		if (folder != NULL && (*a)[len] == ':' &&
			strcmp(*a + len + 1, folder) == 0)
			return true;
	}
	return false;
}

/* In single quotes; a quote inside becomes '\''. */
static void quote(struct str *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '\'')
			str_add(out, "'\\''");
		else
			str_add_char(out, *text);
}

char *approve_command(const struct run_options *options, const char *account,
	const char *folder)
{
	struct str out = {0};

	str_add(&out, "offlineimap");
	if (options->config_path != NULL) {
		str_add(&out, " -c '");
		quote(&out, options->config_path);
		str_add(&out, "'");
	}
	str_add(&out, " -o -a '");
	quote(&out, account);
	str_add(&out, "' --approve-deletions '");
	quote(&out, account);
	if (folder != NULL) {
		str_add(&out, ":");
		quote(&out, folder);
	}
	str_add(&out, "'");
	return str_detach(&out);
}
