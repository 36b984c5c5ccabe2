#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "conf/conf.h"
#include "conf/netrc.h"
#include "conf/secret.h"
#include "mem.h"
#include "str.h"

#define PASSFILE_MAX ((size_t)64 * 1024)
#define NETRC_MAX ((size_t)1024 * 1024)
#define SYSTEM_NETRC "/etc/netrc"

static bool fail(struct error *err, const struct conf_repo *repo,
	const char *why)
{
	return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
		"[Repository %s]: %s", repo->name, why);
}

/* Whatever was wrong with the file, it is the configuration that named it. */
static bool fail_file(struct error *err, const struct conf_repo *repo,
	const char *option)
{
	err->severity = ERROR_ACCOUNT;
	err->kind = ERROR_CONFIG;
	return error_add(err, "[Repository %s] %s", repo->name, option);
}

/* ---- netrc ---- */

/* As Python's netrc: others must not be able to read the password, nor
 * another user have put it there. */
static bool check_private(const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return error_set_errno(err, ERROR_ACCOUNT, ERROR_CONFIG, errno,
			"%s", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
			"%s holds a password and belongs to another user",
			path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
			"%s holds a password and is open to other users; "
			"chmod 600 it", path);
	return true;
}

static enum netrc_result search_file(const char *path, const char *host,
	const char *login, struct netrc_entry *out, struct error *err)
{
	struct str text = {0};
	enum netrc_result result = NETRC_ERROR;

	if (file_read(path, NETRC_MAX, &text, err))
		result = netrc_search(path, span_str(&text), host, login, out,
			err);
	str_clear_secret(&text);
	return result;
}

static enum netrc_result search_own(const char *host, const char *login,
	struct netrc_entry *out, struct error *err)
{
	char *path = file_expand_home("~/.netrc");
	enum netrc_result result = NETRC_NONE;

	if (file_exists(path))
		result = search_file(path, host, login, out, err);
	if (result == NETRC_FOUND && out->has_password &&
		!check_private(path, err))
		result = NETRC_ERROR;
	free(path);
	return result;
}

/* The administrator's file is often not readable for users. */
static enum netrc_result search_system(const char *host, const char *login,
	struct netrc_entry *out, struct error *err)
{
	if (access(SYSTEM_NETRC, R_OK) != 0)
		return NETRC_NONE;
	return search_file(SYSTEM_NETRC, host, login, out, err);
}

static enum netrc_result search_both(const struct conf_repo *repo,
	const char *host, const char *login, struct netrc_entry *out,
	struct error *err)
{
	enum netrc_result result = NETRC_NONE;

	if (host)
		result = search_own(host, login, out, err);
	if (host && result == NETRC_NONE)
		result = search_system(host, login, out, err);
	if (result == NETRC_ERROR)
		fail_file(err, repo, "netrc");
	return result;
}

/* ---- user and password ---- */

bool secret_user(const struct conf_repo *repo, const char *host,
	struct secret *out, struct error *err)
{
	struct netrc_entry entry = {0};
	enum netrc_result result;

	if (out->user)
		return true;
	if (repo->remoteuser) {
		out->user = mem_strdup(repo->remoteuser);
		return true;
	}
	result = search_both(repo, host, NULL, &entry, err);
	if (result == NETRC_FOUND && entry.login.len > 0)
		out->user = mem_strdup(str_get(&entry.login));
	netrc_entry_clear(&entry);
	if (result == NETRC_ERROR)
		return false;
	return out->user || fail(err, repo, "there is no user: set the option "
		"'remoteuser', or name the host in ~/.netrc");
}

/* NULL when the file or its first line is empty. */
static char *first_line(const struct str *text)
{
	struct span line = span_str(text);
	const char *end = line.len > 0 ?
		memchr(line.data, '\n', line.len) : NULL;

	if (end)
		line.len = (size_t)(end - line.data);
	line = span_trim(line);
	if (line.len == 0 || memchr(line.data, '\0', line.len))
		return NULL;
	return span_dup(line);
}

static bool read_passfile(const struct conf_repo *repo, struct secret *out,
	struct error *err)
{
	struct str text = {0};
	bool ok = file_read(repo->remotepassfile, PASSFILE_MAX, &text, err);

	if (!ok) {
		fail_file(err, repo, "remotepassfile");
	} else {
		out->password = first_line(&text);
		ok = out->password || error_set(err, ERROR_ACCOUNT,
			ERROR_CONFIG, "[Repository %s] remotepassfile: the "
			"first line of %s is empty", repo->name,
			repo->remotepassfile);
	}
	str_clear_secret(&text);
	return ok;
}

bool secret_password(const struct conf_repo *repo, const char *host,
	struct secret *out, struct error *err)
{
	struct netrc_entry entry = {0};
	enum netrc_result result;

	if (out->password)
		return true;
	if (repo->remotepass) {
		out->password = mem_strdup(repo->remotepass);
		return true;
	}
	if (repo->remotepassfile)
		return read_passfile(repo, out, err);
	result = search_both(repo, host, out->user, &entry, err);
	if (result == NETRC_FOUND && entry.has_password)
		out->password = str_detach(&entry.password);
	netrc_entry_clear(&entry);
	return result != NETRC_ERROR;
}

void secret_clear(struct secret *s)
{
	mem_free_secret(s->user);
	mem_free_secret(s->password);
	*s = (struct secret){0};
}
