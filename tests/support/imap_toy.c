#include "config.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/thread.h"
#include "imap/flag.h"
#include "imap/seqset.h"
#include "mem.h"
#include "str.h"
#include "support/imap_toy.h"
#include "support/memstore.h"

/* A client that stops talking is a failed test, not a hanging one. */
#define PATIENCE_MS 10000

struct imap_toy {
	struct thread *thread;
	struct memtree *tree;
	struct imap_toy_knobs knobs;
	int listener, fd;
	char *port;
	struct str in, out;
	struct mem_folder *open;
	char *tag;
	bool over;
};

/* ---- Bytes ---- */

static bool more(struct imap_toy *t)
{
	struct pollfd p = {.fd = t->fd, .events = POLLIN};
	ssize_t got;

	if (poll(&p, 1, PATIENCE_MS) <= 0)
		return false;
	str_reserve(&t->in, 65536);
	got = read(t->fd, t->in.data + t->in.len, 65536);
	if (got <= 0)
		return false;
	t->in.len += (size_t)got;
	t->in.data[t->in.len] = '\0';
	return true;
}

static void consume(struct imap_toy *t, size_t len)
{
	memmove(t->in.data, t->in.data + len, t->in.len - len + 1);
	t->in.len -= len;
}

/* The next line without its CRLF, malloc'd; NULL: the client is gone. */
static char *read_line(struct imap_toy *t)
{
	const char *end;
	char *line;

	while (!(end = t->in.len ? memchr(t->in.data, '\n', t->in.len) : NULL))
		if (!more(t))
			return NULL;
	line = mem_strndup(t->in.data, (size_t)(end - t->in.data));
	consume(t, (size_t)(end - t->in.data) + 1);
	line[strcspn(line, "\r")] = '\0';
	return line;
}

static void flush(struct imap_toy *t)
{
	struct error ignored = {0};

	if (t->out.len > 0 && !file_write_all(t->fd, t->out.data, t->out.len,
		&ignored))
		t->over = true;
	str_reset(&t->out);
}

static void answer(struct imap_toy *t, const char *text)
{
	str_printf(&t->out, "%s %s\r\n", t->tag, text);
}

/* Takes an astring (atom or quoted) off the front. */
static char *take_word(const char **rest)
{
	struct str word = {0};
	bool quoted = **rest == '"';

	*rest += quoted;
	for (; **rest && **rest != (quoted ? '"' : ' '); (*rest)++) {
		if (quoted && **rest == '\\')
			(*rest)++;
		str_add_char(&word, **rest);
	}
	*rest += quoted && **rest;
	*rest += **rest == ' ';
	return str_detach(&word);
}

/* ---- Commands; rest is what follows the command's name ---- */

static void toy_capability(struct imap_toy *t, const char *rest)
{
	(void)rest;
	str_add(&t->out, "* CAPABILITY IMAP4rev1 LITERAL+ UIDPLUS "
		"NAMESPACE\r\n");
	answer(t, "OK done");
}

static void toy_ok(struct imap_toy *t, const char *rest)
{
	(void)rest;
	answer(t, "OK done");
}

static void toy_logout(struct imap_toy *t, const char *rest)
{
	(void)rest;
	str_add(&t->out, "* BYE\r\n");
	answer(t, "OK done");
	t->over = true;
}

static void toy_namespace(struct imap_toy *t, const char *rest)
{
	(void)rest;
	str_printf(&t->out, "* NAMESPACE ((\"%s\" \"%c\")) NIL NIL\r\n",
		t->knobs.personal ? t->knobs.personal : "",
		t->tree->separator);
	answer(t, "OK done");
}

static void toy_list(struct imap_toy *t, const char *rest)
{
	(void)rest;
	if (t->knobs.list)
		str_add(&t->out, t->knobs.list);
	for (size_t i = 0; i < t->tree->folder.len; i++)
		str_printf(&t->out, "* LIST () \"%c\" \"%s\"\r\n",
			t->tree->separator, memtree_at(t->tree, i)->name);
	answer(t, "OK done");
}

static void toy_create(struct imap_toy *t, const char *rest)
{
	char *name = take_word(&rest);
	const char *personal = t->knobs.personal;

	if (personal && strncmp(name, personal, strlen(personal)) != 0) {
		answer(t, "NO Unknown namespace.");
	} else if (memtree_folder(t->tree, name)) {
		answer(t, "NO [ALREADYEXISTS] there");
	} else {
		memtree_add_folder(t->tree, name);
		answer(t, "OK created");
	}
	free(name);
}

static void toy_status(struct imap_toy *t, const char *rest)
{
	char *name = take_word(&rest);
	const struct mem_folder *f = memtree_folder(t->tree, name);

	if (f)
		str_printf(&t->out, "* STATUS \"%s\" (MESSAGES %zu UIDNEXT %u "
			"UIDVALIDITY %u)\r\n", name, f->message.len,
			f->uidnext, f->uidvalidity);
	answer(t, f ? "OK done" : "NO [NONEXISTENT] no such mailbox");
	free(name);
}

static void open_folder(struct imap_toy *t, const char *rest, bool readonly)
{
	char *name = take_word(&rest);

	t->open = memtree_folder(t->tree, name);
	free(name);
	if (!t->open) {
		answer(t, "NO [NONEXISTENT] no such mailbox");
		return;
	}
	str_printf(&t->out, "* FLAGS (\\Answered \\Seen)\r\n* %zu EXISTS\r\n"
		"* OK [UIDVALIDITY %u] x\r\n* OK [UIDNEXT %u] x\r\n"
		"* OK [PERMANENTFLAGS (", t->open->message.len,
		t->open->uidvalidity, t->open->uidnext);
	flag_imap_names(t->open->flags_allowed, &t->out);
	str_add(&t->out, ")] x\r\n");
	answer(t, readonly ? "OK [READ-ONLY] open" : "OK [READ-WRITE] open");
}

static void toy_select(struct imap_toy *t, const char *rest)
{
	open_folder(t, rest, false);
}

static void toy_examine(struct imap_toy *t, const char *rest)
{
	open_folder(t, rest, true);
}

static void add_literal(struct imap_toy *t, const char *item, const char *text,
	size_t len)
{
	str_printf(&t->out, " %s {%zu}\r\n", item, len);
	str_add_mem(&t->out, text, len);
}

static size_t header_len(const struct mem_message *m)
{
	const char *end = strstr(m->wire, "\r\n\r\n");

	return end ? (size_t)(end - m->wire) + 4 : m->len;
}

static void toy_fetch_one(struct imap_toy *t, size_t i, const char *items)
{
	const struct mem_message *m = mem_folder_at(t->open, i);

	str_printf(&t->out, "* %zu FETCH (UID %u FLAGS (", i + 1, m->uid);
	flag_imap_names(m->flags, &t->out);
	str_add(&t->out, ")");
	if (strstr(items, "INTERNALDATE"))
		str_add(&t->out,
			" INTERNALDATE \" 9-Sep-2001 01:46:40 +0000\"");
	if (strstr(items, "RFC822.SIZE"))
		str_printf(&t->out, " RFC822.SIZE %zu", m->len);
	if (strstr(items, "HEADER.FIELDS"))
		add_literal(t, "BODY[HEADER.FIELDS (" HEADER_FIELDS ")]",
			m->wire, header_len(m));
	if (strstr(items, "BODY.PEEK[]"))
		add_literal(t, "BODY[]", m->wire, m->len);
	str_add(&t->out, ")\r\n");
}

/* Takes the set; the messages in it, by number in the folder. */
static struct seqset take_set(const char **rest)
{
	struct seqset set = {0};
	char *word = take_word(rest);

	if (!seqset_parse(span_of(word), 1000000, &set))
		seqset_reset(&set);
	free(word);
	return set;
}

static void toy_fetch(struct imap_toy *t, const char *rest)
{
	struct seqset set = take_set(&rest);

	for (size_t i = 0; t->open && i < t->open->message.len; i++)
		if (seqset_has(&set, mem_folder_at(t->open, i)->uid))
			toy_fetch_one(t, i, rest);
	seqset_clear(&set);
	answer(t, "OK done");
}

/* [UID set] LARGER n */
static void toy_search(struct imap_toy *t, const char *rest)
{
	const char *larger = strstr(rest, "LARGER ");
	struct seqset set = {0};
	bool all = strncmp(rest, "UID ", 4) != 0;

	if (!larger) {
		answer(t, "BAD not understood");
		return;
	}
	if (!all) {
		rest += 4;
		set = take_set(&rest);
	}
	str_add(&t->out, "* SEARCH");
	for (size_t i = 0; t->open && i < t->open->message.len; i++) {
		const struct mem_message *m = mem_folder_at(t->open, i);

		if (m->len > strtoul(larger + 7, NULL, 10) &&
			(all || seqset_has(&set, m->uid)))
			str_printf(&t->out, " %u", m->uid);
	}
	str_add(&t->out, "\r\n");
	seqset_clear(&set);
	answer(t, "OK done");
}

static uint32_t take_flags(const char *text)
{
	uint32_t flags = 0;

	while ((text = strchr(text, '\\'))) {
		size_t len = strcspn(text, " )");

		flags |= flag_of_imap((struct span){text, len});
		text += len;
	}
	return flags;
}

static void toy_store(struct imap_toy *t, const char *rest)
{
	struct seqset set = take_set(&rest);
	uint32_t flags = take_flags(rest);

	for (size_t i = 0; t->open && i < t->open->message.len; i++) {
		struct mem_message *m = mem_folder_at(t->open, i);

		if (seqset_has(&set, m->uid))
			m->flags = *rest == '+' ? m->flags | flags
						: m->flags & ~flags;
	}
	seqset_clear(&set);
	answer(t, "OK done");
}

static void toy_expunge(struct imap_toy *t, const char *rest)
{
	struct seqset set = take_set(&rest);
	size_t i = 0;

	while (t->open && i < t->open->message.len) {
		const struct mem_message *m = mem_folder_at(t->open, i);

		if (!seqset_has(&set, m->uid) || !(m->flags & FLAG_DELETED)) {
			i++;
			continue;
		}
		mem_folder_remove(t->open, m->number);
		str_printf(&t->out, "* %zu EXPUNGE\r\n", i + 1);
	}
	seqset_clear(&set);
	answer(t, "OK done");
}

/* name (flags) "date" {n+} */
static void toy_append(struct imap_toy *t, const char *rest)
{
	char *name = take_word(&rest);
	struct mem_folder *f = memtree_folder(t->tree, name);
	const char *brace = strrchr(rest, '{');
	size_t len = brace ? strtoul(brace + 1, NULL, 10) : 0;
	struct mem_message m = {.flags = take_flags(rest), .len = len};

	free(name);
	while (t->in.len < len + 2)
		if (!more(t)) {
			t->over = true;
			return;
		}
	m.wire = mem_strndup(t->in.data, len);
	consume(t, len + 2);
	if (!f) {
		free(m.wire);
		answer(t, "NO [TRYCREATE] no such mailbox");
		return;
	}
	m.uid = memtree_put(t->tree, f, &m)->uid;
	if (t->tree->no_appenduid)
		answer(t, "OK there");
	else
		str_printf(&t->out, "%s OK [APPENDUID %u %u] there\r\n",
			t->tag, f->uidvalidity, m.uid);
}

static const struct {
	const char *name;
	void (*run)(struct imap_toy *t, const char *rest);
} commands[] = {
	{"CAPABILITY", toy_capability},
	{"LOGIN ", toy_ok},
	{"ID ", toy_ok},
	{"NOOP", toy_ok},
	{"LOGOUT", toy_logout},
	{"NAMESPACE", toy_namespace},
	{"LIST ", toy_list},
	{"CREATE ", toy_create},
	{"STATUS ", toy_status},
	{"SELECT ", toy_select},
	{"EXAMINE ", toy_examine},
	{"UID FETCH ", toy_fetch},
	{"UID SEARCH ", toy_search},
	{"UID STORE ", toy_store},
	{"UID EXPUNGE ", toy_expunge},
	{"APPEND ", toy_append},
};

static void obey(struct imap_toy *t, const char *line)
{
	const char *rest = line;

	t->tag = take_word(&rest);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		size_t len = strlen(commands[i].name);

		if (strncmp(rest, commands[i].name, len) != 0)
			continue;
		commands[i].run(t, rest + len);
		free(t->tag);
		return;
	}
	answer(t, "BAD not understood");
	free(t->tag);
}

static void serve(struct imap_toy *t)
{
	char *line;

	str_add(&t->out, "* OK toy\r\n");
	flush(t);
	while (!t->over && (line = read_line(t))) {
		if (t->knobs.hang_up && strstr(line, t->knobs.hang_up))
			t->over = true;
		else
			obey(t, line);
		free(line);
		flush(t);
	}
}

static void *run(void *arg)
{
	struct imap_toy *t = arg;
	struct pollfd p = {.fd = t->listener, .events = POLLIN};

	if (poll(&p, 1, PATIENCE_MS) > 0)
		t->fd = accept(t->listener, NULL, NULL);
	/* or each of several answers to one flight waits for the next */
	if (t->fd >= 0)
		setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1},
			sizeof(int));
	if (t->fd >= 0)
		serve(t);
	file_close(&t->fd);
	return NULL;
}

struct imap_toy *imap_toy_start(struct memtree *tree,
	const struct imap_toy_knobs *knobs)
{
	struct imap_toy *t = mem_calloc(1, sizeof(*t));
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);

	t->tree = tree;
	if (knobs)
		t->knobs = *knobs;
	t->fd = -1;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	t->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (t->listener < 0 ||
		bind(t->listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
		listen(t->listener, 1) != 0 ||
		getsockname(t->listener, (struct sockaddr *)&at, &len) != 0)
		mem_die("no port for the test server");
	t->port = mem_printf("%u", ntohs(at.sin_port));
	t->thread = thread_start(run, t);
	return t;
}

const char *imap_toy_port(const struct imap_toy *toy)
{
	return toy->port;
}

void imap_toy_end(struct imap_toy *t)
{
	thread_join(t->thread);
	file_close(&t->listener);
	str_clear(&t->in);
	str_clear(&t->out);
	free(t->port);
	free(t);
}
