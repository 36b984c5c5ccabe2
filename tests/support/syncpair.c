#include "config.h"

#include <assert.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/queue.h"
#include "base/worker.h"
#include "conf/conf.h"
#include "imap/flag.h"
#include "imap/session.h"
#include "imap_toy.h"
#include "mem.h"
#include "sync/state.h"
#include "sync/validity.h"
#include "syncpair.h"

#define STATUS_DIED 77

/* ---- Making ---- */

void syncpair_init(struct syncpair *p)
{
	*p = (struct syncpair){0};
	snprintf(p->dir, sizeof(p->dir), "/tmp/syncpair.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(p->dir));
	p->remote = memtree_new(false, '/');
	p->local = memtree_new(true, '/');
	p->r = memtree_add_folder(p->remote, "box");
	p->l = memtree_add_folder(p->local, "box");
	p->pair = (struct tree_pair){
		.remote = mem_strdup("box"), .local = mem_strdup("box"),
		.visible = mem_strdup("box"), .state_base = mem_strdup("box"),
		.remote_base = mem_strdup("box"),
		.local_base = mem_strdup("box")};
	p->job = (struct folder_job){.pair = &p->pair,
		.state_dir = mem_printf("%s/state", p->dir),
		.remote_validity_dir = mem_printf("%s/remote", p->dir),
		.local_validity_dir = mem_printf("%s/local", p->dir),
		.deletes_remote = true, .deletes_local = true,
		.expunge = true, .approve_command = "approve box",
		.settle_ms = 1};
}

void syncpair_map(struct syncpair *p)
{
	memtree_free(p->local);
	p->local = memtree_new(false, '/');
	p->l = memtree_add_folder(p->local, "box");
	p->mapped = true;
}

static void free_const(const char *text)
{
	union {
		const char *in;
		char *out;
	} u = {text};

	free(u.out);
}

void syncpair_lose_state(struct syncpair *p)
{
	char *command = mem_printf("rm -rf '%s'/*", p->dir);

	ck_assert_int_eq(system(command), 0);
	free(command);
}

void syncpair_clear(struct syncpair *p)
{
	struct vec pairs = VEC(struct tree_pair);

	syncpair_lose_state(p);
	rmdir(p->dir);
	memtree_free(p->remote);
	memtree_free(p->local);
	*(struct tree_pair *)vec_add(&pairs) = p->pair;
	tree_clear(&pairs);
	free_const(p->job.state_dir);
	free_const(p->job.remote_validity_dir);
	free_const(p->job.local_validity_dir);
	str_clear(&p->log);
}

/* ---- Running ---- */

static void log_event(struct str *log, const struct event *ev)
{
	const struct event_change *c = &ev->u.change;

	if (ev->kind == EVENT_COPY)
		str_printf(log, "COPY %lld to %s\n", (long long)ev->u.copy.uid,
			ev->u.copy.to_repository);
	else if (ev->kind == EVENT_IGNORED)
		str_printf(log, "IGNORED %lld\n", (long long)ev->u.copy.uid);
	else if (ev->kind == EVENT_DELETE)
		str_printf(log, "DELETE %s in %s\n", c->uids, c->repository);
	else if (ev->kind == EVENT_FLAGS)
		str_printf(log, "FLAGS %c%s %s in %s\n", c->add ? '+' : '-',
			c->flags, c->uids, c->repository);
	else if (ev->kind == EVENT_HELD)
		str_printf(log, "HELD %llu of %llu in %s: %s\n",
			(unsigned long long)ev->u.held.count,
			(unsigned long long)ev->u.held.total,
			ev->u.held.repository, ev->u.held.command);
	else if (ev->kind == EVENT_ERROR)
		str_printf(log, "ERROR %lld %s\n", (long long)ev->u.error.uid,
			ev->u.error.text);
	else if (ev->kind == EVENT_VALIDITY)
		str_printf(log, "VALIDITY %llu to %llu\n",
			(unsigned long long)ev->u.validity.saved,
			(unsigned long long)ev->u.validity.current);
	else if (ev->kind == EVENT_LOG)
		str_printf(log, "LOG %s\n", ev->u.log.text);
	else if (ev->kind != EVENT_PROGRESS)
		str_printf(log, "%s\n", event_kind_name(ev->kind));
}

static struct session *connect(const char *port, struct worker *w)
{
	static const char *const mechanisms[] = {"LOGIN", NULL};
	const struct session_login login = {.user = "u", .password = "p",
		.mechanisms = mechanisms};
	const struct session_options options = {.host = "127.0.0.1",
		.port = port, .ipv6 = -1, .security = SECURITY_NONE,
		.timeout_ms = 10000, .repository = "MemLocal"};
	struct error err = {0};
	struct session *session = session_open(&options, w, &err);

	ck_assert_msg(session && session_login(session, &login, &err), "%s",
		err.text);
	return session;
}

static struct store *open_mapped(struct syncpair *p, struct imap_toy *toy,
	struct worker *w)
{
	static const struct conf_repo repo = {.name = "MemLocal",
		.type = CONF_IMAP, .reference = "", .expunge = true,
		.sync_deletes = true};
	char *dir = mem_printf("%s/map/UIDMapping", p->dir);
	const struct store_config config = {.repo = &repo, .worker = w,
		.session = connect(imap_toy_port(toy), w), .map_dir = dir};
	struct error err = {0};
	struct store *store = store_open(&config, &err);

	ck_assert_msg(store != NULL, "%s", err.text);
	free(dir);
	return store;
}

static bool run(struct syncpair *p, struct worker *w)
{
	struct imap_toy *toy = NULL;
	struct event *ev;
	bool ok;

	w->queue = queue_new();
	w->cell = queue_cell_new(w->queue);
	w->thread = "test";
	w->account = "A";
	w->folder = "box";
	p->job.remote = memstore_open(p->remote, w);
	if (p->mapped)
		toy = imap_toy_start(p->local, NULL);
	p->job.local = toy ? open_mapped(p, toy, w)
		: memstore_open(p->local, w);
	error_clear(&p->err);
	ok = folder_sync(&p->job, w, &p->result, &p->err);
	store_close(p->job.remote);
	store_close(p->job.local);
	if (toy)
		imap_toy_end(toy);
	str_reset(&p->log);
	while ((ev = queue_get(w->queue))) {
		log_event(&p->log, ev);
		event_free(ev);
	}
	queue_free(w->queue);
	return ok;
}

static void call_meanwhile(void *arg, const char *what)
{
	struct syncpair *p = arg;

	if (p->meanwhile)
		p->meanwhile(p, what);
}

bool syncpair_run(struct syncpair *p)
{
	return run(p, &(struct worker){.stop = p->stop,
		.before_effect = call_meanwhile, .effect_arg = p});
}

/* ---- Dying ---- */

struct death {
	struct syncpair *p;
	unsigned left;
};

static void save_tree(FILE *to, const struct memtree *tree,
	const struct mem_folder *f)
{
	fprintf(to, "%u %u %u %zu\n", tree->last_number, f->uidvalidity,
		f->uidnext, f->message.len);
	for (size_t i = 0; i < f->message.len; i++) {
		const struct mem_message *m = vec_at(&f->message, i);

		fprintf(to, "%u %u %lld %u %zu\n", m->uid, m->flags,
			(long long)m->date, m->number, m->len);
		fwrite(m->wire, 1, m->len, to);
	}
}

static FILE *snapshot(const struct syncpair *p, const char *mode)
{
	char *path = mem_printf("%s.snapshot", p->dir);
	FILE *f = fopen(path, mode);

	free(path);
	ck_assert_ptr_nonnull(f);
	return f;
}

static void leave(struct syncpair *p, int status)
{
	FILE *f = snapshot(p, "w");

	save_tree(f, p->remote, p->r);
	save_tree(f, p->local, p->l);
	fclose(f);
	_exit(status);
}

static void before_effect(void *arg, const char *what)
{
	struct death *d = arg;

	(void)what;
	if (--d->left == 0)
		leave(d->p, STATUS_DIED);
}

static void load_message(FILE *from, struct mem_folder *f)
{
	struct mem_message *m = vec_add(&f->message);
	long long date;

	ck_assert_int_eq(fscanf(from, "%u %u %lld %u %zu", &m->uid, &m->flags,
		&date, &m->number, &m->len), 5);
	ck_assert_int_eq(fgetc(from), '\n');
	m->date = date;
	m->wire = mem_calloc(m->len + 1, 1);
	ck_assert_uint_eq(fread(m->wire, 1, m->len, from), m->len);
}

static void load_tree(FILE *from, struct memtree *tree, struct mem_folder *f)
{
	size_t len;

	for (size_t i = 0; i < f->message.len; i++)
		free(((struct mem_message *)vec_at(&f->message, i))->wire);
	vec_reset(&f->message);
	ck_assert_int_eq(fscanf(from, "%u %u %u %zu", &tree->last_number,
		&f->uidvalidity, &f->uidnext, &len), 4);
	for (size_t i = 0; i < len; i++)
		load_message(from, f);
}

bool syncpair_die(struct syncpair *p, unsigned die)
{
	struct death death = {p, die};
	struct worker w = {.before_effect = before_effect,
		.effect_arg = &death};
	char *path;
	int status;
	FILE *f;
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		run(p, &w);
		leave(p, 0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	status = WEXITSTATUS(status);
	ck_assert(status == 0 || status == STATUS_DIED);
	f = snapshot(p, "r");
	load_tree(f, p->remote, p->r);
	load_tree(f, p->local, p->l);
	fclose(f);
	path = mem_printf("%s.snapshot", p->dir);
	unlink(path);
	free(path);
	return status == STATUS_DIED;
}

/* ---- State ---- */

static struct state *open_state(struct syncpair *p, struct worker *w)
{
	char *path = file_join(p->job.state_dir, p->pair.state_base);
	struct error err = {0};
	struct state *s;

	ck_assert_msg(file_mkdirs(p->job.state_dir, &err), "%s", err.text);
	s = state_open(path, STATE_FAST, w, &err);
	free(path);
	ck_assert_msg(s != NULL, "%s", err.text);
	return s;
}

void syncpair_row(struct syncpair *p, uint32_t uid, uint32_t flags)
{
	struct worker w = {0};
	struct state *s = open_state(p, &w);
	struct error err = {0};

	ck_assert_msg(state_begin(s, &err) && state_put(s, uid, flags, &err) &&
		state_commit(s, &err), "%s", err.text);
	state_close(s);
}

void syncpair_save_validity(struct syncpair *p, uint32_t uidvalidity)
{
	struct worker w = {0};
	struct error err = {0};

	ck_assert(validity_write(p->job.remote_validity_dir, "box",
		uidvalidity, false, &w, &err));
	ck_assert(validity_write(p->job.local_validity_dir, "box", 42, false,
		&w, &err));
}

void syncpair_rows(struct syncpair *p, struct str *out)
{
	struct worker w = {0};
	struct state *s = open_state(p, &w);
	struct msglist rows = {0};
	struct error err = {0};

	ck_assert(state_load(s, &rows, &err));
	for (size_t i = 0; i < rows.len; i++) {
		str_printf(out, "%u:", rows.at[i].uid);
		flag_letters(rows.at[i].flags, out);
		str_add(out, " ");
	}
	msglist_clear(&rows);
	state_close(s);
}

/* ---- Judging ---- */

size_t syncpair_told(const struct syncpair *p, const char *text)
{
	const char *at = str_get(&p->log);
	size_t count = 0;

	while ((at = strstr(at, text))) {
		at += strlen(text);
		count++;
	}
	return count;
}

bool syncpair_changed(const struct syncpair *p)
{
	return syncpair_told(p, "COPY") + syncpair_told(p, "DELETE") +
		syncpair_told(p, "FLAGS") + syncpair_told(p, "HELD") +
		syncpair_told(p, "ERROR") > 0;
}

static bool same(const struct mem_message *a, const struct mem_message *b)
{
	return a->len == b->len && memcmp(a->wire, b->wire, a->len) == 0 &&
		(a->flags & FLAG_IMAP_ALL) == (b->flags & FLAG_IMAP_ALL);
}

/* The local one that goes with it: of a server it has a number of its own. */
static const struct mem_message *find(const struct syncpair *p,
	const struct mem_message *m)
{
	for (size_t i = 0; p->mapped && i < p->l->message.len; i++) {
		const struct mem_message *other = vec_at(&p->l->message, i);

		if (same(m, other))
			return other;
	}
	return p->mapped ? NULL : mem_folder_find(p->l, m->uid);
}

static size_t copies(const struct mem_folder *f, const struct mem_message *m)
{
	size_t count = 0;

	for (size_t i = 0; i < f->message.len; i++) {
		const struct mem_message *other = vec_at(&f->message, i);

		count += other->len == m->len &&
			memcmp(other->wire, m->wire, m->len) == 0;
	}
	return count;
}

bool syncpair_equal(const struct syncpair *p, struct str *why)
{
	if (p->r->message.len != p->l->message.len)
		str_printf(why, "%zu remote and %zu local messages\n",
			p->r->message.len, p->l->message.len);
	for (size_t i = 0; i < p->r->message.len; i++) {
		const struct mem_message *m = vec_at(&p->r->message, i);
		const struct mem_message *other = find(p, m);

		if (!other || !same(m, other))
			str_printf(why, "UID %u is not the same here\n",
				m->uid);
		if (copies(p->r, m) != copies(p->l, m))
			str_printf(why, "UID %u is there %zu and here %zu "
				"times\n", m->uid, copies(p->r, m),
				copies(p->l, m));
	}
	if (why->len > 0) {
		str_add(why, "remote:\n");
		memtree_print(p->remote, "box", why);
		str_add(why, "local:\n");
		memtree_print(p->local, "box", why);
		str_add(why, "last run:\n");
		str_add_span(why, span_str(&p->log));
	}
	return why->len == 0;
}
