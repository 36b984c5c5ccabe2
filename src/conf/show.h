/*
 * The settings in effect, one line an option, for people: --info.  Reads the
 * table of options; secrets are told as "***".  Any thread.
 */
#ifndef CONF_SHOW_H
#define CONF_SHOW_H

struct conf;
struct conf_account;
struct conf_repo;

/* One "option = value", lent for the call. */
typedef void show_fn(void *arg, const char *line);

void show_general(const struct conf *conf, show_fn *each, void *arg);
void show_account(const struct conf_account *account, show_fn *each,
	void *arg);
void show_repo(const struct conf_repo *repo, show_fn *each, void *arg);

#endif
