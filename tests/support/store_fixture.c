#include "config.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "imap/flag.h"
#include "imap/session.h"
#include "mem.h"
#include "support/store_fixture.h"

char st_root[64];
struct conf_repo st_repo;
struct worker st_worker;
struct memtree *st_tree;
struct imap_toy *st_toy;
struct store *st_store;
struct error st_err;
struct msglist st_list;
struct folder_info st_info;

static int remove_entry(const char *path, const struct stat *st, int kind,
	struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void st_setup(void)
{
	strcpy(st_root, "/tmp/check_store.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(st_root));
	st_repo = (struct conf_repo){.name = "Repo", .localfolders = st_root,
		.sep = "/", .reference = "", .expunge = true};
	st_worker =
		(struct worker){.thread = "t", .account = "a", .folder = ""};
	st_err = (struct error){0};
}

void st_teardown(void)
{
	store_close(st_store);
	st_store = NULL;
	if (st_toy)
		imap_toy_end(st_toy);
	st_toy = NULL;
	if (st_tree)
		memtree_free(st_tree);
	st_tree = NULL;
	msglist_clear(&st_list);
	nftw(st_root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

struct session *st_connect_toy(const struct imap_toy_knobs *knobs)
{
	static const char *const mechanisms[] = {"LOGIN", NULL};
	const struct session_login login = {.user = "u", .password = "p",
		.mechanisms = mechanisms};
	struct session_options options = {.host = "127.0.0.1", .ipv6 = -1,
		.security = SECURITY_NONE, .timeout_ms = 10000,
		.repository = "Repo"};
	struct session *session;

	st_toy = imap_toy_start(st_tree, knobs);
	options.port = imap_toy_port(st_toy);
	session = session_open(&options, &st_worker, &st_err);
	ck_assert_msg(session != NULL, "%s", st_err.text);
	ck_assert_msg(
		session_login(session, &login, &st_err), "%s", st_err.text);
	return session;
}

void st_open_configured(enum conf_type type, struct session *session,
	bool utf8)
{
	const struct store_config config = {.repo = &st_repo,
		.worker = &st_worker,
		.session = session,
		.fsync = true,
		.utf8foldernames = utf8};

	st_repo.type = type;
	st_store = store_open(&config, &st_err);
	ck_assert_msg(st_store != NULL, "%s", st_err.text);
}

void st_open_mapped(struct session *session)
{
	char *dir = mem_printf("%s/Repository-Repo/UIDMapping", st_root);
	const struct store_config config = {.repo = &st_repo,
		.worker = &st_worker,
		.session = session,
		.fsync = true,
		.map_dir = dir};

	st_repo.type = CONF_IMAP;
	st_store = store_open(&config, &st_err);
	ck_assert_msg(st_store != NULL, "%s", st_err.text);
	free(dir);
}

void st_open_row(int row)
{
	switch ((enum row)row) {
	case ROW_MEMORY_REMOTE:
	case ROW_MEMORY_LOCAL:
		st_tree = memtree_new(row == ROW_MEMORY_LOCAL, '/');
		st_store = memstore_open(st_tree, &st_worker);
		break;
	case ROW_MAILDIR:
		st_open_configured(CONF_MAILDIR, NULL, false);
		break;
	case ROW_IMAP:
		st_tree = memtree_new(false, '/');
		st_open_configured(CONF_IMAP, st_connect_toy(NULL), false);
		break;
	case ROW_MAPPED:
		st_tree = memtree_new(false, '/');
		st_open_mapped(st_connect_toy(NULL));
		break;
	case ROWS:
		break;
	}
}

bool st_is_local(void)
{
	return st_store->ops->incoming_begin && (!st_tree || st_tree->local ||
		st_store->ops->incoming_send);
}

void st_load(const char *name)
{
	bool ok = st_store->ops->load(
		st_store, name, false, &st_info, &st_list, &st_err);

	ck_assert_msg(ok, "%s", st_err.text);
	ck_assert(st_list.complete);
	ck_assert_uint_eq(st_info.exists, st_list.len);
}

void st_create(const char *name)
{
	ck_assert_msg(st_store->ops->create(st_store, name, &st_err), "%s",
		st_err.text);
}

/* ---- Messages into a store and out again ---- */

bool st_read_text(void *arg, void *buf, size_t cap, size_t *got,
	struct error *problem)
{
	struct text *t = arg;

	(void)problem;
	*got = t->rest.len < cap ? t->rest.len : cap;
	memcpy(buf, t->rest.data, *got);
	t->rest.data += *got;
	t->rest.len -= *got;
	return true;
}

bool st_append_done(void *arg, struct append *item, struct error *problem)
{
	(void)arg;
	(void)problem;
	ck_assert_int_eq(item->result, CONDITION_OK);
	ck_assert_uint_eq(item->uidvalidity, st_info.uidvalidity);
	return true;
}

static void st_sent(void *arg, const struct store_sent *sent)
{
	(void)arg;
	ck_assert_int_eq(sent->result, CONDITION_OK);
	ck_assert(sent->placed);
}

void st_put(uint32_t uid, uint32_t flags, const char *wire)
{
	struct text text = {span_of(wire)};
	struct append item = {.source = {.size = text.rest.len,
		.read = st_read_text, .arg = &text},
		.flags = flags, .date = 1000000000};

	if (st_is_local()) {
		ck_assert(st_store->ops->incoming_begin(st_store, strlen(wire),
			&st_err));
		ck_assert(st_store->ops->incoming_data(st_store, span_of(wire),
			&st_err));
		ck_assert(st_store->ops->incoming_end(
			st_store, uid, flags, 0, &st_err));
		if (st_store->ops->incoming_send)
			ck_assert_msg(st_store->ops->incoming_send(st_store,
				st_sent, NULL, &st_err), "%s", st_err.text);
		ck_assert(st_store->ops->incoming_commit(st_store, &st_err));
		return;
	}
	ck_assert_msg(st_store->ops->append(st_store, &item, 1, st_append_done,
			      NULL, &st_err),
		"%s", st_err.text);
	ck_assert_uint_eq(item.uid, uid);
	str_clear(&item.text);
}

static bool sink_begin(void *arg, uint64_t size, struct error *problem)
{
	(void)arg;
	(void)size;
	(void)problem;
	return true;
}

static bool sink_data(void *arg, struct span data, struct error *problem)
{
	(void)problem;
	str_add_span(arg, data);
	return true;
}

static bool sink_end(void *arg, const struct response_fetch *f,
	struct error *problem)
{
	(void)problem;
	str_printf(arg, "|%u|", f->uid);
	return true;
}

void st_fetch(uint32_t uid, struct str *out)
{
	const struct body_sink sink = {sink_begin, sink_data, sink_end, out,
		NULL};
	struct seqset uids = {0};
	struct str refused = {0};
	size_t len = out->len;
	bool ok;

	seqset_add(&uids, uid);
	ok = st_store->ops->fetch(st_store, &uids, &sink, &refused, &st_err);
	ck_assert_msg(ok, "%s", st_err.text);
	ck_assert_uint_eq(refused.len, 0);
	ck_assert_uint_gt(out->len, len);
	str_truncate(out, strlen(str_get(out)) - 3);
	str_clear(&refused);
	seqset_clear(&uids);
}

void st_send_out(const struct msg *m, struct str *out)
{
	struct outgoing outgoing;
	size_t got;

	ck_assert_msg(st_store->ops->outgoing_open(
			      st_store, &st_list, m, &outgoing, &st_err),
		"%s", st_err.text);
	do {
		str_reserve(out, 5);
		ck_assert(outgoing.source.read(outgoing.source.arg,
			out->data + out->len, 5, &got, &st_err));
		out->len += got;
		out->data[out->len] = '\0';
	} while (got > 0);
	ck_assert_uint_eq(out->len, outgoing.source.size);
	st_store->ops->outgoing_close(st_store, &outgoing);
}

void st_open_filled(int row)
{
	st_open_row(row);
	st_create("INBOX");
	st_load("INBOX");
	st_put(1, FLAG_SEEN, ONE);
	st_put(2, 0, TWO);
	st_put(3, FLAG_FLAGGED | FLAG_ANSWERED, THREE);
	st_load("INBOX");
	ck_assert_uint_eq(st_list.len, 3);
}

size_t st_count_folder(const char *name)
{
	struct vec folders = VEC(struct folder);
	size_t count = 0;

	ck_assert_msg(st_store->ops->list(st_store, &folders, &st_err), "%s",
		st_err.text);
	for (size_t i = 0; i < folders.len; i++)
		count += strcmp(((struct folder *)vec_at(&folders, i))->name,
			name) == 0;
	store_folders_clear(&folders);
	return count;
}
