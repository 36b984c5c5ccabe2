#include "config.h"

#include "run/memory.h"

#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "base/digest.h"
#include "base/file.h"
#include "conf/conf.h"
#include "conf/show.h"
#include "imap/utf7.h"
#include "mail/stamp.h"
#include "mail/store.h"
#include "mem.h"
#include "run/connect.h"
#include "run/engine_core.h"
#include "run/paths.h"
#include "str.h"
#include "sync/tree.h"

/* FNV-1a. */
#define HASH_START 14695981039346656037u
#define HASH_STEP 1099511628211u

/* ---- What decides ---- */

/* Options that say when and how fast, not what: those who use the program by
 * hand as well as from a timer have others each time. */
static const char *const timing[] = {
	"autorefresh", "quick", "presynchook", "postsynchook",
	"holdconnectionopen", "keepalive", "maxconnections", "usecompression",
	"retrycount", "singlethreadperfolder", "idlefolders", "newmail_hook",
};

static bool is_timing(const char *line)
{
	struct span name = {line, strcspn(line, " ")};

	for (size_t i = 0; i < ARRAY_LEN(timing); i++)
		if (span_is(name, timing[i]))
			return true;
	return false;
}

static void add_line(void *arg, const char *line)
{
	if (!is_timing(line))
		digest_add(arg, line, strlen(line) + 1);
}

static void add_pythonfile(struct digest *d, const char *path)
{
	struct store_stamp stamp;

	if (!path)
		return;
	digest_add(d, path, strlen(path) + 1);
	if (stamp_file(path, &stamp))
		digest_add(d, stamp.changed_ns, sizeof(stamp.changed_ns));
}

/* A digest of the configuration, as far as it decides what is synchronised;
 * malloc'd. */
static char *make_key(const struct memory *m)
{
	const struct conf_account *account = m->connector->account;
	unsigned char sum[DIGEST_SHA256_SIZE];
	struct digest *d = digest_new();
	struct str key = {0};

	digest_add(d, PACKAGE_VERSION, sizeof(PACKAGE_VERSION));
	show_account(account, add_line, d);
	show_repo(account->remote, add_line, d);
	show_repo(account->local, add_line, d);
	add_pythonfile(d, engine_conf(m->connector->engine)->pythonfile);
	digest_end(d, sum);
	digest_free(d);
	for (size_t i = 0; i < sizeof(sum); i++)
		str_printf(&key, "%02x", sum[i]);
	return str_detach(&key);
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; text && *text; text++)
		hash = (hash ^ (unsigned char)*text) * HASH_STEP;
	return (hash ^ 0xff) * HASH_STEP;
}

uint64_t memory_rules(const struct memory *m, const struct tree_pair *pair)
{
	const char *const names[] = {
		pair->visible, pair->remote_visible, pair->state_base,
		pair->remote_base, pair->local_base, pair->hash_name,
	};
	uint64_t hash = HASH_START;

	for (int side = 0; side < CONNECTOR_SIDES; side++) {
		const struct login *l = &m->connector->login[side];

		hash = hash_text(hash, l->host);
		hash = hash_text(hash, l->secret.user);
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		hash = hash_text(hash, names[i]);
	return hash;
}

char *memory_state_path(const struct memory *m, const struct tree_pair *pair)
{
	return file_join(m->paths->state, pair->state_base);
}

/* ---- Beginning ---- */

void memory_begin(struct memory *m)
{
	const struct conf_account *account = m->connector->account;
	const char *reference = account->remote->reference;
	char *key = make_key(m);

	cache_init(&m->cache);
	cache_read(&m->cache, m->paths->cache, key);
	free(key);
	survey_init(&m->survey, reference ? reference : "",
		account->remote->subscribedonly);
	for (size_t i = 0; i < m->cache.folder.len; i++) {
		const struct cache_folder *row = vec_at(&m->cache.folder, i);
		char *wire = memory_wire_name(m, row->remote);

		survey_know(&m->survey, wire, row->questions);
		free(wire);
	}
	if (m->cache.capabilities)
		m->survey.capabilities = mem_strdup(m->cache.capabilities);
	m->survey.early = !(m->cache.distrust & CACHE_NO_EARLY);
	m->connector->survey = &m->survey;
}

char *memory_wire_name(const struct memory *m, const char *name)
{
	struct str wire = {0};

	if (m->connector->account->utf8foldernames &&
		utf7_encode(span_of(name), &wire))
		return str_detach(&wire);
	return mem_strdup(name);
}

void memory_server(struct memory *m, const struct store *remote)
{
	const char *capabilities = store_capabilities(remote);

	if (!capabilities || (m->cache.capabilities &&
		strcmp(capabilities, m->cache.capabilities) == 0))
		return;
	free(m->cache.capabilities);
	m->cache.capabilities = mem_strdup(capabilities);
}

const struct cache_folder *memory_get(const struct memory *m, size_t index)
{
	return m->pair ? m->pair[index].row : NULL;
}

unsigned memory_distrust(const struct memory *m)
{
	return m->cache.distrust;
}

void memory_clear(struct memory *m)
{
	if (m->connector->survey == &m->survey)
		m->connector->survey = NULL;
	survey_clear(&m->survey);
	cache_clear(&m->cache);
	free(m->pair);
	m->pair = NULL;
}
