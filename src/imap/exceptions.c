#include "config.h"

#include "imap/exceptions.h"

#include <string.h>

#include "imap/session_impl.h"

void exceptions_clear(struct exceptions *e)
{
	for (size_t i = 0; i < EXCEPTIONS_MAX; i++)
		seqset_clear(&e->set[i]);
	*e = (struct exceptions){0};
}

/* ---- Questions ---- */

/*
 * search-key =/ "ANSWERED" / "DELETED" / "FLAGGED" / "SEEN" / "UNSEEN" /
 *               "DRAFT" / "KEYWORD" SP flag-keyword
 */
static const char *system_key(const struct exceptions *e, uint32_t flag)
{
	static const struct {
		uint32_t flag;
		const char *key;
	} rows[] = {
		{FLAG_DRAFT, "DRAFT"},
		{FLAG_FLAGGED, "FLAGGED"},
		{FLAG_ANSWERED, "ANSWERED"},
		{FLAG_DELETED, "DELETED"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].flag == flag)
			return rows[i].key;
	return e->asked & EXCEPTIONS_SEEN_ASKED ? "SEEN" : "UNSEEN";
}

static const char *keyword_of(const struct session *s, uint32_t flag)
{
	for (unsigned i = 0; s->keywords && i < FLAG_LETTERS; i++)
		if (flag_letter(i) == flag)
			return s->keywords->name[i];
	return NULL;
}

static void add_range(struct cmd *cmd, uint32_t end)
{
	struct seqset below = {0};

	if (end == 0)
		return;
	seqset_add_range(&below, 1, end - 1);
	cmd_raw(cmd, "UID");
	cmd_seqset(cmd, &below);
	seqset_clear(&below);
}

static void ask(struct exceptions *e, struct flight *f, struct session *s,
	unsigned bit, uint32_t end)
{
	uint32_t flag = (uint32_t)1 << bit;
	bool system = (flag & FLAG_IMAP_ALL) != 0;
	const char *keyword = system ? NULL : keyword_of(s, flag);
	struct cmd *cmd;

	if (!system && !keyword)
		return;
	e->command[e->count++].bit = (unsigned char)bit;
	cmd = &flight_add(f)->cmd;
	cmd_init(cmd, "UID SEARCH");
	if (session_has(s, CAP_ESEARCH))
		cmd_raw(cmd, "RETURN (ALL)");
	add_range(cmd, end);
	cmd_raw(cmd, system ? system_key(e, flag) : "KEYWORD");
	if (keyword)
		cmd_raw(cmd, keyword);
}

void exceptions_add(struct exceptions *e, struct flight *f,
	struct session *s, uint32_t asked, uint32_t end)
{
	e->asked = asked;
	e->first = f->len;
	for (unsigned bit = 0; bit < EXCEPTIONS_MAX; bit++) {
		uint32_t flag = (uint32_t)1 << bit;

		if (!(asked & flag) || flag == EXCEPTIONS_SEEN_ASKED)
			continue;
		if (end == 1)
			e->answered[bit] = true; /* there are none */
		else
			ask(e, f, s, bit, end);
	}
}

/* ---- Answers without a tag ---- */

static void add_set(struct seqset *to, const struct seqset *from)
{
	for (size_t i = 0; i < from->len; i++)
		seqset_push(to, from->range[i].first, from->range[i].last);
	seqset_settle(to);
}

/* SIZE_MAX: none. */
static size_t oldest_waiting(const struct exceptions *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (!e->command[i].ended)
			return i;
	return SIZE_MAX;
}

/* For the time being line n is that of command n. */
static void take_line(struct exceptions *e, const struct seqset *set)
{
	if (e->lines == e->count) {
		e->odd = true;
		return;
	}
	e->oldest[e->lines] = oldest_waiting(e);
	add_set(&e->set[e->command[e->lines].bit], set);
	e->lines++;
}

/* Is a line that came before an older command's end the older one's, or this
 * one's?  Nobody can tell. */
static void note_end(struct exceptions *e, size_t command)
{
	e->late = e->late || e->lines <= command;
	for (size_t i = 0; i < e->lines; i++)
		e->odd = e->odd || (e->oldest[i] < command &&
			!e->command[e->oldest[i]].ended);
}

/* Each line to the command that it stands next to. */
static void share_lines(struct exceptions *e)
{
	struct seqset line[EXCEPTIONS_MAX];
	bool used[EXCEPTIONS_MAX] = {false};

	for (size_t i = 0; i < e->lines; i++) {
		struct seqset *set = &e->set[e->command[i].bit];

		line[i] = *set;
		*set = (struct seqset){0};
	}
	for (size_t i = 0; i < e->lines; i++) {
		struct seqset *set = &e->set[e->command[e->oldest[i]].bit];

		e->odd = e->odd || used[e->oldest[i]];
		used[e->oldest[i]] = true;
		seqset_clear(set);
		*set = line[i];
	}
}

/*
 * As many lines as commands: they are in the commands' order, wherever the
 * tagged answers stand (RFC 3501 section 6.4.4 demands a line for each; some
 * servers send all lines first).  Fewer: those that found nothing had none,
 * and each line stands before the end of its command.
 */
static void settle_lines(struct exceptions *e)
{
	if (e->lines == 0 || oldest_waiting(e) != SIZE_MAX)
		return;
	if (e->lines < e->count)
		share_lines(e);
	else
		e->odd = e->odd || e->late;
}

/* ---- Answers with a tag ---- */

/* A tag that is too long is none of ours. */
static bool keep_tag(struct exceptions_command *c, struct span tag)
{
	if (tag.len >= sizeof(c->tag))
		return false;
	memcpy(c->tag, tag.data, tag.len);
	c->tag[tag.len] = '\0';
	return true;
}

/* A place for an answer whose command is not known yet. */
static struct exceptions_command *free_place(struct exceptions *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (!e->command[i].ended && !e->command[i].tag[0])
			return &e->command[i];
	return NULL;
}

static struct exceptions_command *same_tag(struct exceptions *e,
	struct span tag)
{
	for (size_t i = 0; tag.len > 0 && i < e->count; i++)
		if (!e->command[i].ended && span_is(tag, e->command[i].tag))
			return &e->command[i];
	return NULL;
}

/* Several with one tag are one answer. */
static void take_tagged(struct exceptions *e, struct span tag,
	const struct seqset *set)
{
	struct exceptions_command *c = same_tag(e, tag);

	if (!c)
		c = free_place(e);
	if (c && keep_tag(c, tag))
		add_set(&e->set[c->bit], set);
	else
		e->odd = true;
}

static void exchange(struct exceptions *e, struct exceptions_command *a,
	struct exceptions_command *b)
{
	struct exceptions_command kept = *a;
	struct seqset set = e->set[a->bit];

	e->set[a->bit] = e->set[b->bit];
	e->set[b->bit] = set;
	memcpy(a->tag, b->tag, sizeof(a->tag));
	memcpy(b->tag, kept.tag, sizeof(b->tag));
}

/* What ESEARCH said with this tag becomes this command's; what was kept in
 * its place for another one makes room. */
static void bring(struct exceptions *e, struct exceptions_command *c,
	struct span tag)
{
	struct exceptions_command *right = same_tag(e, tag);

	if (!right && c->tag[0])
		right = free_place(e);
	if (right && right != c)
		exchange(e, c, right);
	else if (!right && c->tag[0])
		e->odd = true;
}

/* ---- Both ---- */

bool exceptions_response(struct exceptions *e, const struct response *r)
{
	const struct response_search *s = &r->u.search;

	if ((r->kind != RESPONSE_SEARCH && r->kind != RESPONSE_ESEARCH) ||
		oldest_waiting(e) == SIZE_MAX)
		return false;
	if (r->kind == RESPONSE_SEARCH) {
		take_line(e, &r->set);
		return true;
	}
	/* numbers of places in the mailbox are no use */
	e->odd = e->odd || !s->uid;
	if (s->tag.len > 0)
		take_tagged(e, s->tag, &s->all);
	else
		take_line(e, &s->all);
	return true;
}

bool exceptions_tagged(struct exceptions *e, size_t index,
	const struct response *r)
{
	struct exceptions_command *c;

	if (index < e->first || index - e->first >= e->count)
		return false;
	c = &e->command[index - e->first];
	bring(e, c, r->tag);
	note_end(e, index - e->first);
	c->ended = true;
	e->answered[c->bit] = r->condition == CONDITION_OK;
	settle_lines(e);
	return true;
}

/* A server tells tags or it does not. */
static bool is_mixed(const struct exceptions *e)
{
	bool tags = false;

	for (size_t i = 0; i < e->count; i++)
		tags = tags || e->command[i].tag[0];
	return tags && e->lines > 0;
}

bool exceptions_complete(const struct exceptions *e)
{
	if (e->odd || is_mixed(e))
		return false;
	for (unsigned bit = 0; bit < EXCEPTIONS_MAX; bit++) {
		uint32_t flag = (uint32_t)1 << bit;

		if ((e->asked & flag) && flag != EXCEPTIONS_SEEN_ASKED &&
			!e->answered[bit])
			return false;
	}
	return true;
}

/* ---- What they tell ---- */

uint32_t exceptions_flags(const struct exceptions *e, uint32_t uid)
{
	uint32_t flags = 0;

	for (unsigned bit = 0; bit < EXCEPTIONS_MAX; bit++) {
		uint32_t flag = (uint32_t)1 << bit;
		bool turned = flag == FLAG_SEEN &&
			!(e->asked & EXCEPTIONS_SEEN_ASKED);

		if (!(e->asked & flag) || flag == EXCEPTIONS_SEEN_ASKED)
			continue;
		if (seqset_has(&e->set[bit], uid) != turned)
			flags |= flag;
	}
	return flags;
}

/* The product carries each bit upwards, the shift downwards. */
static uint64_t mix(uint64_t sum, uint64_t n)
{
	sum ^= n + 0x9e3779b97f4a7c15u;
	sum = (sum ^ sum >> 33) * 0xff51afd7ed558ccdu;
	sum = (sum ^ sum >> 33) * 0xc4ceb9fe1a85ec53u;
	return sum ^ sum >> 33;
}

uint64_t exceptions_digest(const struct exceptions *e)
{
	uint64_t sum = mix(0, e->asked);

	for (unsigned bit = 0; bit < EXCEPTIONS_MAX; bit++) {
		const struct seqset *set = &e->set[bit];

		sum = mix(sum, set->len);
		for (size_t i = 0; i < set->len; i++)
			sum = mix(sum, (uint64_t)set->range[i].first << 32 |
				set->range[i].last);
	}
	return sum ? sum : 1;
}
