#include "config.h"

#include "imap/seqset.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

/* The longest range: "4294967295:4294967295". */
#define RANGE_TEXT_MAX 21

void seqset_clear(struct seqset *set)
{
	free(set->range);
	*set = (struct seqset){0};
}

void seqset_reset(struct seqset *set)
{
	set->len = 0;
}

static void reserve_one(struct seqset *set)
{
	if (set->len < set->cap)
		return;
	set->cap = set->cap == 0 ? 8 : set->cap * 2;
	set->range = mem_resize(set->range, set->cap, sizeof(*set->range));
}

/* True when b starts inside a or right behind it; a starts first. */
static bool range_touches(const struct seqrange *a, const struct seqrange *b)
{
	return b->first <= a->last || b->first - a->last == 1;
}

static struct seqrange range_make(uint32_t a, uint32_t b)
{
	assert(a > 0 && b > 0);
	return a <= b ? (struct seqrange){a, b} : (struct seqrange){b, a};
}

static void append(struct seqset *set, struct seqrange r)
{
	reserve_one(set);
	set->range[set->len++] = r;
}

/* Joins r to the last range if it begins in it or touches it from above. */
static bool extend_last(struct seqset *set, struct seqrange r)
{
	struct seqrange *last;

	if (set->len == 0)
		return false;
	last = &set->range[set->len - 1];
	if (r.first < last->first || !range_touches(last, &r))
		return false;
	if (r.last > last->last)
		last->last = r.last;
	return true;
}

void seqset_push(struct seqset *set, uint32_t a, uint32_t b)
{
	struct seqrange r = range_make(a, b);

	if (!extend_last(set, r))
		append(set, r);
}

static int compare_first(const void *a, const void *b)
{
	const struct seqrange *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

static bool is_settled(const struct seqset *set)
{
	for (size_t i = 1; i < set->len; i++) {
		const struct seqrange *r = &set->range[i];

		if (r->first <= r[-1].first || range_touches(r - 1, r))
			return false;
	}
	return true;
}

void seqset_settle(struct seqset *set)
{
	size_t len = set->len;

	if (is_settled(set))
		return;
	qsort(set->range, len, sizeof(*set->range), compare_first);
	set->len = 0;
	for (size_t i = 0; i < len; i++) {
		struct seqrange r = set->range[i];

		if (!extend_last(set, r))
			set->range[set->len++] = r;
	}
}

void seqset_add(struct seqset *set, uint32_t n)
{
	seqset_add_range(set, n, n);
}

/* Index of the first range whose last number is not below n. */
static size_t find(const struct seqset *set, uint32_t n)
{
	size_t low = 0, high = set->len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (set->range[mid].last < n)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Replaces count ranges from index on by the one r. */
static void replace(struct seqset *set, size_t index, size_t count,
	struct seqrange r)
{
	struct seqrange *at;

	if (count == 0)
		reserve_one(set);
	at = set->range + index;
	memmove(at + 1, at + count, (set->len - index - count) * sizeof(*at));
	*at = r;
	set->len = set->len - count + 1;
}

void seqset_add_range(struct seqset *set, uint32_t a, uint32_t b)
{
	struct seqrange r = range_make(a, b);
	size_t from, to;

	if (set->len == 0 || r.first > set->range[set->len - 1].last) {
		seqset_push(set, a, b);
		return;
	}
	from = find(set, r.first - 1);
	for (to = from; to < set->len; to++) {
		const struct seqrange *old = &set->range[to];

		if (old->first > r.last && old->first - r.last > 1)
			break;
		if (old->first < r.first)
			r.first = old->first;
		if (old->last > r.last)
			r.last = old->last;
	}
	replace(set, from, to - from, r);
}

bool seqset_has(const struct seqset *set, uint32_t n)
{
	size_t i = find(set, n);

	return i < set->len && set->range[i].first <= n;
}

bool seqset_empty(const struct seqset *set)
{
	return set->len == 0;
}

static uint64_t range_count(const struct seqrange *r)
{
	return (uint64_t)r->last - r->first + 1;
}

uint64_t seqset_count(const struct seqset *set)
{
	uint64_t count = 0;

	for (size_t i = 0; i < set->len; i++)
		count += range_count(&set->range[i]);
	return count;
}

static void drop_front(struct seqset *set, size_t count)
{
	if (count == 0)
		return;
	set->len -= count;
	memmove(set->range, set->range + count, set->len * sizeof(*set->range));
}

void seqset_split(struct seqset *from, uint64_t max, struct seqset *to)
{
	size_t i;

	assert(seqset_empty(to));
	for (i = 0; i < from->len; i++) {
		if (range_count(&from->range[i]) > max)
			break;
		append(to, from->range[i]);
		max -= range_count(&from->range[i]);
	}
	if (i < from->len && max > 0) {
		struct seqrange *r = &from->range[i];
		uint32_t last = r->first + (uint32_t)(max - 1);

		append(to, (struct seqrange){r->first, last});
		r->first = last + 1;
	}
	drop_front(from, i);
}

/* seq-number / seq-range, RFC 9051 section 9 */
static void print_range(const struct seqrange *r, struct str *out)
{
	if (r->first == r->last)
		str_printf(out, "%lu", (unsigned long)r->first);
	else
		str_printf(out, "%lu:%lu", (unsigned long)r->first,
			(unsigned long)r->last);
}

void seqset_print(const struct seqset *set, struct str *out)
{
	for (size_t i = 0; i < set->len; i++) {
		if (i > 0)
			str_add_char(out, ',');
		print_range(&set->range[i], out);
	}
}

void seqset_print_part(const struct seqset *set, size_t *next, size_t max_len,
	struct str *out)
{
	size_t start = out->len;

	assert(max_len >= RANGE_TEXT_MAX);
	for (; *next < set->len; ++*next) {
		size_t before = out->len;

		if (before > start)
			str_add_char(out, ',');
		print_range(&set->range[*next], out);
		if (out->len - start > max_len) {
			str_truncate(out, before);
			return;
		}
	}
}

/* nz-number = digit-nz *DIGIT, 32 bits.  Zeros in front are tolerated. */
static bool parse_number(struct span *text, uint32_t *out)
{
	struct span digits = {text->data, 0};
	uint64_t n;

	while (digits.len < text->len && ascii_is_digit(text->data[digits.len]))
		digits.len++;
	if (!span_number(digits, UINT32_MAX, &n) || n == 0)
		return false;
	text->data += digits.len;
	text->len -= digits.len;
	*out = (uint32_t)n;
	return true;
}

static bool parse_char(struct span *text, char c)
{
	if (text->len == 0 || text->data[0] != c)
		return false;
	text->data++;
	text->len--;
	return true;
}

/* seq-range = seq-number ":" seq-number, or one number alone */
static bool parse_range(struct span *text, uint32_t *a, uint32_t *b)
{
	if (!parse_number(text, a))
		return false;
	*b = *a;
	return !parse_char(text, ':') || parse_number(text, b);
}

bool seqset_push_text(struct seqset *set, struct span text)
{
	uint32_t a, b;

	if (!parse_range(&text, &a, &b) || text.len > 0)
		return false;
	seqset_push(set, a, b);
	return true;
}

/* sequence-set = (seq-number / seq-range) ["," sequence-set] */
static bool parse_ranges(struct span text, size_t max, struct seqset *out)
{
	do {
		uint32_t a, b;

		if (!parse_range(&text, &a, &b))
			return false;
		seqset_push(out, a, b);
		if (out->len > max)
			return false;
	} while (parse_char(&text, ','));
	return text.len == 0;
}

bool seqset_parse(struct span text, size_t max_ranges, struct seqset *out)
{
	seqset_reset(out);
	if (!parse_ranges(text, max_ranges, out)) {
		seqset_reset(out);
		return false;
	}
	seqset_settle(out);
	return true;
}

/* Both orders of a range's ends mean the same, RFC 9051 section 9. */
bool seqset_ascends(struct span text)
{
	uint32_t last = 0, a, b;

	do {
		if (!parse_range(&text, &a, &b))
			return false;
		if (a <= last || b <= last)
			return false;
		last = a > b ? a : b;
	} while (parse_char(&text, ','));
	return text.len == 0;
}

struct seqset_iter seqset_iter(const struct seqset *set)
{
	return (struct seqset_iter){.set = set};
}

bool seqset_next(struct seqset_iter *iter, uint32_t *n)
{
	const struct seqrange *r;

	if (iter->index >= iter->set->len)
		return false;
	r = &iter->set->range[iter->index];
	if (iter->next == 0)
		iter->next = r->first;
	*n = (uint32_t)iter->next;
	if (iter->next == r->last) {
		iter->index++;
		iter->next = 0;
	} else {
		iter->next++;
	}
	return true;
}
