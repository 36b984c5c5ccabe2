#include "config.h"

#include <string.h>

#include "attr.h"
#include "conf/date.h"
#include "mail/header_date.h"

/* What was found so far; -1: not yet. */
struct found {
	int day, month, year, hour, minute, second;
	bool zone;
	int zone_min; /* east of UTC */
};

/* ---- Words ---- */

/* comment = "(" *([FWS] ccontent) [FWS] ")"; they nest. */
static void skip_comment(struct span *rest)
{
	unsigned depth = 0;
	size_t i = 0;

	for (; i < rest->len; i++) {
		char c = rest->data[i];

		depth += c == '(';
		depth -= c == ')';
		if (depth == 0)
			break;
	}
	i += i < rest->len;
	rest->data += i;
	rest->len -= i;
}

static bool is_between(char c)
{
	return ascii_is_space(c) || c == ',';
}

/* The next word, ended by white space, a comma or a comment. */
static bool next_word(struct span *rest, struct span *word)
{
	while (rest->len > 0 && (is_between(rest->data[0]) ||
		rest->data[0] == '(')) {
		if (rest->data[0] == '(') {
			skip_comment(rest);
			continue;
		}
		rest->data++;
		rest->len--;
	}
	*word = (struct span){rest->data, 0};
	while (word->len < rest->len && !is_between(word->data[word->len]) &&
		word->data[word->len] != '(')
		word->len++;
	rest->data += word->len;
	rest->len -= word->len;
	return word->len > 0;
}

/* What stands before the first of these characters; word goes on behind. */
static struct span split_at(struct span *word, const char *stops)
{
	struct span head = {word->data, 0};

	while (head.len < word->len && !strchr(stops, head.data[head.len]))
		head.len++;
	word->data += head.len + (head.len < word->len);
	word->len -= head.len + (head.len < word->len);
	return head;
}

static bool number(struct span digits, int max, int *out)
{
	uint64_t n;

	if (!span_number(digits, (uint64_t)max, &n))
		return false;
	*out = (int)n;
	return true;
}

/* ---- Parts ---- */

static bool take_month(struct found *f, struct span word)
{
	static const char names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	for (int i = 0; f->month < 0 && i < 12; i++)
		if (span_starts_nocase(word, names[i])) {
			f->month = i + 1;
			return true;
		}
	return false;
}

/* obs-year: two digits are of this century up to 49, three count from 1900 */
static bool take_year(struct found *f, struct span digits)
{
	int year;

	if (f->year >= 0 || !number(digits, 9999, &year))
		return false;
	if (digits.len <= 2)
		year += year < 50 ? 2000 : 1900;
	else if (digits.len == 3)
		year += 1900;
	f->year = year;
	return true;
}

static bool take_number(struct found *f, struct span digits)
{
	if (f->day < 0 && digits.len <= 2)
		return number(digits, 31, &f->day);
	return take_year(f, digits);
}

/* "02-Mar-26" of RFC 850 */
static bool take_dashed(struct found *f, struct span word)
{
	struct span day = split_at(&word, "-");
	struct span month = split_at(&word, "-");

	return f->day < 0 && number(day, 31, &f->day) && take_month(f, month)
		&& take_year(f, word);
}

/* zone = ("+" / "-") 4DIGIT; less digits are tolerated */
static bool take_offset(struct found *f, char sign, struct span digits)
{
	int n;

	if (digits.len > 4 || !number(digits, 9999, &n) || n % 100 > 59)
		return false;
	f->zone = true;
	f->zone_min = (n / 100 * 60 + n % 100) * (sign == '-' ? -1 : 1);
	return true;
}

/* time-of-day = hour ":" minute [ ":" second ]; dots, and a zone right behind
 * it, are tolerated. */
static bool take_time(struct found *f, struct span word)
{
	struct span time = split_at(&word, "+-");
	struct span hour = split_at(&time, ":.");
	struct span minute = split_at(&time, ":.");
	struct span second = split_at(&time, ".");

	if (f->hour >= 0 || !number(hour, 23, &f->hour) ||
		!number(minute, 59, &f->minute))
		return false;
	f->second = 0;
	if (second.len > 0 && !number(second, 60, &f->second))
		return false;
	return word.len == 0 || take_offset(f, word.data[-1], word);
}

/* obs-zone; the military ones say nothing, so many got them wrong. */
static void take_zone_name(struct found *f, struct span word)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = {
		{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5},
		{"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7},
		{"AST", -4}, {"ADT", -3},
	};

	f->zone = true;
	for (size_t i = 0; i < ARRAY_LEN(zones); i++)
		if (span_is_nocase(word, zones[i].name))
			f->zone_min = zones[i].hours * 60;
}

static bool is_day_name(struct span word)
{
	static const char names[7][4] = {"Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (span_starts_nocase(word, names[i]))
			return true;
	return false;
}

static bool holds(struct span word, const char *any)
{
	for (size_t i = 0; i < word.len; i++)
		if (strchr(any, word.data[i]))
			return true;
	return false;
}

/* False: the word makes the whole no date. */
static bool take_word(struct found *f, struct span word)
{
	char first = word.data[0];

	if (ascii_is_digit(first) && holds(word, ":."))
		return take_time(f, word);
	if (ascii_is_digit(first) && holds(word, "-"))
		return take_dashed(f, word);
	if (ascii_is_digit(first))
		return take_number(f, word);
	if ((first == '+' || first == '-') && f->hour >= 0 && !f->zone) {
		split_at(&word, "+-");
		return take_offset(f, first, word);
	}
	if (take_month(f, word))
		return true;
	if (f->hour >= 0 && !f->zone)
		take_zone_name(f, word);
	return f->zone || is_day_name(word);
}

/* ---- All of it ---- */

static bool exists(const struct found *f)
{
	struct date day = {f->year, f->month, f->day}, same;

	if (f->day < 1 || f->month < 0 || f->year < 1970 || f->hour < 0)
		return false;
	same = date_from_days(date_to_days(day));
	return same.day == day.day && same.month == day.month;
}

bool header_date(struct span value, int64_t *seconds)
{
	struct found f = {-1, -1, -1, -1, -1, -1, false, 0};
	struct span word;

	/* Behind the zone people write what they like. */
	while (!(f.zone && f.year >= 0) && next_word(&value, &word))
		if (!take_word(&f, word))
			return false;
	if (!exists(&f))
		return false;
	*seconds = date_to_days((struct date){f.year, f.month, f.day}) * 86400 +
		(int64_t)f.hour * 3600 + ((int64_t)f.minute - f.zone_min) * 60 +
		f.second;
	return *seconds >= 0;
}
