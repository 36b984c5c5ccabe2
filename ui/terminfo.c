#include "config.h"

#include "terminfo.h"

#include <curses.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>

#include "clean.h"

/* NULL when the terminal has no such capability. */
static const char *capability(const char *name)
{
	const char *text = tigetstr(name);

	return text == (const char *)-1 ? NULL : text;
}

/* The bytes without padding instructions ("$<5>"). */
static void add_capability(struct str *out, const char *name)
{
	const char *text = capability(name);

	while (text != NULL && *text != '\0') {
		const char *end = text[0] == '$' && text[1] == '<' ?
			strchr(text, '>') : NULL;
		if (end != NULL)
			text = end + 1;
		else
			str_add_char(out, *text++);
	}
}

static const char *terminal_type(void)
{
	const char *type = getenv("TERM");

	return type != NULL ? type : "";
}

bool terminfo_check(int fd, struct str *leave, struct error *err)
{
	int status;

	if (setupterm(NULL, fd, &status) != OK)
		return error_set(err, ERROR_FATAL, ERROR_CONFIG,
			"the terminal type '%s' (TERM) is not known",
			terminal_type());
	bool can = capability("cup") != NULL;
	str_reset(leave);
	add_capability(leave, "sgr0");
	add_capability(leave, "rmkx");
	add_capability(leave, "rmcup");
	add_capability(leave, "cnorm");
	del_curterm(cur_term);
	return can || error_set(err, ERROR_FATAL, ERROR_CONFIG,
		"a terminal of type '%s' (TERM) cannot show a screen",
		terminal_type());
}

bool terminfo_utf8(void)
{
	static const char *const old[] = { "dumb", "vt52", "vt100", "vt102",
		"vt220", "ansi" };

	for (size_t i = 0; i < ARRAY_LEN(old); i++)
		if (strcmp(terminal_type(), old[i]) == 0)
			return false;
	return clean_is_utf8(nl_langinfo(CODESET));
}
