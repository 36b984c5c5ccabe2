#include "config.h"

#include "run/keyring.h"

#include <string.h>

#include "base/worker.h"
#include "conf/conf.h"
#include "conf/python.h"
#include "engine.h"
#include "mem.h"
#include "run/login.h"
#include "str.h"

static void warn(const struct login *l, const char *what,
	const struct error *err, struct worker *w)
{
	if (err->kind != ERROR_STOPPED)
		worker_log(w, EVENT_WARNING, AREA_GENERAL, "%s: the password "
			"could not be %s the keyring: %s", l->repo->name, what,
			err->text);
}

bool keyring_find(struct login *l, const struct run_options *options,
	struct python *python, struct worker *w, struct error *err)
{
	struct str password = {0};
	bool found = false;

	if (options->ignore_keyring || l->host == NULL ||
		l->secret.user == NULL || l->secret.password != NULL)
		return true;
	if (!python_keyring_get(python, l->host, l->secret.user, &password,
		&found, err)) {
		if (err->kind == ERROR_STOPPED)
			return false;
		warn(l, "read from", err, w);
		error_clear(err);
	}
	if (found) {
		l->secret.password = mem_strdup(str_get(&password));
		l->asked = true;
	}
	str_clear_secret(&password);
	return true;
}

/* Asks first: some keyrings bother the user at each change. */
static bool has_it(const struct login *l, struct python *python)
{
	struct error ignored = {0};
	struct str password = {0};
	bool found = false;
	bool same = python_keyring_get(python, l->host, l->secret.user,
		&password, &found, &ignored) && found &&
		strcmp(str_get(&password), l->secret.password) == 0;

	str_clear_secret(&password);
	return same;
}

void keyring_keep(const struct login *l, const struct run_options *options,
	struct python *python, struct worker *w)
{
	struct error err = {0};

	if (!options->update_keyring || options->dry_run || l->host == NULL ||
		l->secret.user == NULL || l->secret.password == NULL ||
		has_it(l, python))
		return;
	if (python_keyring_set(python, l->host, l->secret.user,
		l->secret.password, &err))
		worker_log(w, EVENT_INFO, AREA_GENERAL, "%s: the password of "
			"'%s' is in the keyring now", l->repo->name,
			l->secret.user);
	else
		warn(l, "stored in", &err, w);
}
