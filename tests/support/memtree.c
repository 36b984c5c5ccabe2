#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "imap/flag.h"
#include "support/memstore.h"
#include "mem.h"

#define DATE 1000000000 /* of messages that a test does not date */

struct memtree *memtree_new(bool local, char separator)
{
	struct memtree *tree = mem_calloc(1, sizeof(*tree));

	tree->local = local;
	tree->separator = separator;
	tree->folder = (struct vec)VEC(struct mem_folder *);
	tree->late = (struct vec)VEC(struct mem_late);
	return tree;
}

struct mem_message *mem_folder_at(const struct mem_folder *f, size_t i)
{
	return vec_at(&f->message, i);
}

struct mem_folder *memtree_at(const struct memtree *tree, size_t i)
{
	return *(struct mem_folder **)vec_at(&tree->folder, i);
}

static void folder_free(struct mem_folder *f)
{
	for (size_t i = 0; i < f->message.len; i++)
		free(mem_folder_at(f, i)->wire);
	vec_clear(&f->message);
	free(f->name);
	free(f);
}

void memtree_free(struct memtree *tree)
{
	for (size_t i = 0; i < tree->folder.len; i++)
		folder_free(memtree_at(tree, i));
	for (size_t i = 0; i < tree->late.len; i++)
		free(((struct mem_late *)vec_at(&tree->late, i))->message.wire);
	vec_clear(&tree->folder);
	vec_clear(&tree->late);
	free(tree);
}

struct mem_folder *memtree_folder(const struct memtree *tree, const char *name)
{
	for (size_t i = 0; i < tree->folder.len; i++)
		if (strcmp(memtree_at(tree, i)->name, name) == 0)
			return memtree_at(tree, i);
	return NULL;
}

struct mem_folder *memtree_add_folder(struct memtree *tree, const char *name)
{
	struct mem_folder *f = mem_calloc(1, sizeof(*f));

	f->name = mem_strdup(name);
	f->uidvalidity = tree->local ? 42 : 1;
	f->uidnext = tree->local ? 0 : 1;
	f->flags_allowed = tree->local ? UINT32_MAX : FLAG_IMAP_ALL;
	f->message = (struct vec)VEC(struct mem_message);
	*(struct mem_folder **)vec_add(&tree->folder) = f;
	return f;
}

static void vec_remove(struct vec *v, size_t i)
{
	char *at = vec_at(v, i);

	v->len--;
	memmove(at, at + v->size, (v->len - i) * v->size);
}

void memtree_remove_folder(struct memtree *tree, const char *name)
{
	for (size_t i = 0; i < tree->folder.len; i++) {
		if (strcmp(memtree_at(tree, i)->name, name) != 0)
			continue;
		folder_free(memtree_at(tree, i));
		vec_remove(&tree->folder, i);
		return;
	}
}

struct mem_message *memtree_put(struct memtree *tree, struct mem_folder *f,
	const struct mem_message *message)
{
	struct mem_message *m = vec_add(&f->message);

	*m = *message;
	m->number = ++tree->last_number;
	if (tree->local)
		return m;
	if (m->uid == 0)
		m->uid = f->uidnext;
	if (m->uid >= f->uidnext)
		f->uidnext = m->uid + 1;
	return m;
}

struct mem_message *memtree_add(struct memtree *tree, const char *folder,
	uint32_t uid, uint32_t flags, const char *wire)
{
	struct mem_folder *f = memtree_folder(tree, folder);
	struct mem_message m = {.uid = uid, .flags = flags, .date = DATE,
		.wire = mem_strdup(wire), .len = strlen(wire)};

	return memtree_put(tree, f ? f : memtree_add_folder(tree, folder), &m);
}

struct mem_message *mem_folder_find(const struct mem_folder *f, uint32_t uid)
{
	for (size_t i = 0; i < f->message.len; i++)
		if (mem_folder_at(f, i)->uid == uid)
			return mem_folder_at(f, i);
	return NULL;
}

bool mem_message_contains(const struct mem_message *m, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	for (size_t i = 0; text && i + len <= m->len; i++)
		if (memcmp(m->wire + i, text, len) == 0)
			return true;
	return false;
}

size_t mem_folder_count(const struct mem_folder *f, const char *text)
{
	size_t count = 0;

	for (size_t i = 0; i < f->message.len; i++)
		count += mem_message_contains(mem_folder_at(f, i), text);
	return count;
}

struct mem_message *mem_folder_by_number(const struct mem_folder *f,
	uint32_t number)
{
	for (size_t i = 0; i < f->message.len; i++)
		if (mem_folder_at(f, i)->number == number)
			return mem_folder_at(f, i);
	return NULL;
}

void mem_folder_remove(struct mem_folder *f, uint32_t number)
{
	struct mem_message *m = mem_folder_by_number(f, number);

	if (!m)
		return;
	free(m->wire);
	vec_remove(&f->message, (size_t)(m - (struct mem_message *)
		f->message.data));
}

void mem_folder_renumber(struct mem_folder *f, uint32_t uidvalidity)
{
	f->uidvalidity = uidvalidity;
	f->uidnext = 1;
	for (size_t i = 0; i < f->message.len; i++)
		mem_folder_at(f, i)->uid = f->uidnext++;
}

void memtree_land_one(struct memtree *tree)
{
	struct mem_late late;

	if (tree->late.len == 0)
		return;
	late = *(struct mem_late *)vec_at(&tree->late, 0);
	for (size_t i = 1; i < tree->late.len; i++)
		*(struct mem_late *)vec_at(&tree->late, i - 1) =
			*(struct mem_late *)vec_at(&tree->late, i);
	tree->late.len--;
	memtree_put(tree, late.folder, &late.message);
}

void memtree_land(struct memtree *tree)
{
	while (tree->late.len > 0)
		memtree_land_one(tree);
}

void memtree_print(const struct memtree *tree, const char *folder,
	struct str *out)
{
	const struct mem_folder *f = memtree_folder(tree, folder);

	for (size_t i = 0; f && i < f->message.len; i++) {
		const struct mem_message *m = mem_folder_at(f, i);

		str_printf(out, "%u ", m->uid);
		flag_letters(m->flags, out);
		str_printf(out, " %.*s\n", (int)strcspn(m->wire, "\r\n"),
			m->wire);
	}
}

int64_t memtree_day(int year, int month, int day)
{
	return ((int64_t)year * 12 + month) * 31 + day;
}
