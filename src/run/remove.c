#include "config.h"

#include "run/remove.h"

#include "base/worker.h"
#include "conf/conf.h"
#include "imap/ops.h"
#include "imap/session.h"
#include "imap/utf7.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "str.h"

static void wire_name(const struct conf_account *account, const char *name,
	struct str *out)
{
	if (!account->utf8foldernames || !utf7_encode(span_of(name), out))
		str_set(out, name);
}

static bool remove_on(struct session *session,
	const struct conf_account *account, const char *name,
	struct error *err)
{
	struct str wire = {0};
	bool good;

	wire_name(account, name, &wire);
	good = ops_delete_folder(session, str_get(&wire), err);
	str_clear(&wire);
	return good || error_add(err, "folder '%s'[%s] could not be deleted",
		name, account->remote->name);
}

static void tell_done(const struct conf_account *account, const char *name,
	struct worker *w)
{
	const char *root = account->local->localfolders;

	worker_log(w, EVENT_INFO, AREA_GENERAL, "Folder '%s' deleted.", name);
	worker_log(w, EVENT_NOTICE, AREA_GENERAL, "The local folder that "
		"belongs to '%s' stays where it is, in %s: the next run of "
		"account %s creates the folder on the server again and fills "
		"it from there.  If that is not wanted, move the local folder "
		"away before, or leave it out with folderfilter.", name,
		root != NULL ? root : account->local->name, account->name);
}

bool remove_folder(struct connector *c, struct worker *w, struct error *err)
{
	const struct run_options *options = engine_options(c->engine);
	struct session *session;
	bool good;

	if (options->dry_run) {
		worker_log(w, EVENT_INFO, AREA_GENERAL, "would try to remove "
			"'%s' on remote of '%s' account", options->folder,
			c->account->name);
		return true;
	}
	session = connector_session(c, CONNECTOR_REMOTE, w, err);
	if (session == NULL)
		return false;
	good = remove_on(session, c->account, options->folder, err);
	session_close(session);
	if (good)
		tell_done(c->account, options->folder, w);
	return good;
}
