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

/* ---- Answers ---- */

/* A tag that is too long is none of ours. */
static bool keep_tag(struct exceptions_command *c, struct span tag)
{
	if (tag.len >= sizeof(c->tag))
		return false;
	if (tag.len > 0)
		memcpy(c->tag, tag.data, tag.len);
	c->tag[tag.len] = '\0';
	return true;
}

/* Where the next answer goes to: a plain SEARCH to the oldest command that
 * has not ended; one with a tag to the oldest that has none yet, for the time
 * being.  NULL: nothing is asked any more. */
static struct exceptions_command *waiting(struct exceptions *e, bool tagged)
{
	for (size_t i = 0; i < e->count; i++)
		if (!e->command[i].ended &&
			(!tagged || e->command[i].lines == 0))
			return &e->command[i];
	return NULL;
}

/* Several lines for one command are one answer. */
static struct exceptions_command *same_tag(struct exceptions *e,
	struct span tag)
{
	for (size_t i = 0; tag.len > 0 && i < e->count; i++)
		if (!e->command[i].ended && span_is(tag, e->command[i].tag))
			return &e->command[i];
	return NULL;
}

static void add_set(struct seqset *to, const struct seqset *from)
{
	for (size_t i = 0; i < from->len; i++)
		seqset_push(to, from->range[i].first, from->range[i].last);
	seqset_settle(to);
}

static bool any_waiting(const struct exceptions *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (!e->command[i].ended)
			return true;
	return false;
}

static void take(struct exceptions *e, struct span tag,
	const struct seqset *set)
{
	struct exceptions_command *c = same_tag(e, tag);

	if (!c)
		c = waiting(e, tag.len > 0);
	if (!c || !keep_tag(c, tag)) {
		e->odd = true;
		return;
	}
	c->lines++;
	add_set(&e->set[c->bit], set);
}

bool exceptions_response(struct exceptions *e, const struct response *r)
{
	const struct response_search *s = &r->u.search;

	if ((r->kind != RESPONSE_SEARCH && r->kind != RESPONSE_ESEARCH) ||
		!any_waiting(e))
		return false;
	if (r->kind == RESPONSE_SEARCH) {
		take(e, (struct span){"", 0}, &r->set);
		return true;
	}
	/* numbers of places in the mailbox are no use */
	e->odd = e->odd || !s->uid;
	take(e, s->tag, &s->all);
	return true;
}

/* The answer that was kept for a command is another's. */
static void exchange(struct exceptions *e, struct exceptions_command *a,
	struct exceptions_command *b)
{
	struct exceptions_command kept = *a;
	struct seqset set = e->set[a->bit];

	e->set[a->bit] = e->set[b->bit];
	e->set[b->bit] = set;
	a->lines = b->lines;
	memcpy(a->tag, b->tag, sizeof(a->tag));
	b->lines = kept.lines;
	memcpy(b->tag, kept.tag, sizeof(b->tag));
}

/* What ESEARCH said with this tag becomes this command's; what was kept here
 * for another makes room. */
static void bring(struct exceptions *e, struct exceptions_command *c,
	struct span tag)
{
	struct exceptions_command *right = same_tag(e, tag);

	if (!c->tag[0] || span_is(tag, c->tag)) {
		if (right && right != c)
			exchange(e, c, right);
		return;
	}
	if (!right) {
		c->ended = true;
		right = waiting(e, true);
		c->ended = false;
	}
	if (right)
		exchange(e, c, right);
	else
		e->odd = true;
}

bool exceptions_tagged(struct exceptions *e, size_t index,
	const struct response *r)
{
	struct exceptions_command *c;

	if (index < e->first || index - e->first >= e->count)
		return false;
	c = &e->command[index - e->first];
	bring(e, c, r->tag);
	/* Without tags: is what came before an older command's, or this one's?
	 * Nobody can tell. */
	for (size_t i = 0; i < index - e->first; i++)
		e->odd = e->odd || (!e->command[i].ended &&
			e->command[i].lines > 0 && !e->command[i].tag[0]);
	c->ended = true;
	e->answered[c->bit] = r->condition == CONDITION_OK;
	return true;
}

/* Two lines before one command's OK may be one answer in two parts, or two
 * answers; they are two when another command has none. */
static bool is_doubtful(const struct exceptions *e)
{
	bool many = false, none = false;

	for (size_t i = 0; i < e->count; i++) {
		many = many || (e->command[i].lines > 1 &&
			!e->command[i].tag[0]);
		none = none || e->command[i].lines == 0;
	}
	return e->odd || (many && none);
}

bool exceptions_complete(const struct exceptions *e)
{
	if (is_doubtful(e))
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
