#include "config.h"

#include "imap/response_parse.h"

struct date {
	int year, month, day, hour, minute, second;
	int zone_min; /* east of UTC */
};

/* Digits to a number; moves on. */
static bool take_digits(struct span *in, size_t count, int *out)
{
	uint64_t n;

	if (in->len < count ||
		!span_number((struct span){in->data, count}, 9999, &n))
		return false;
	in->data += count;
	in->len -= count;
	*out = (int)n;
	return true;
}

static bool take_char(struct span *in, char c)
{
	if (in->len == 0 || in->data[0] != c)
		return false;
	in->data++;
	in->len--;
	return true;
}

/* date-day-fixed = (SP DIGIT) / 2DIGIT; one digit alone is tolerated. */
static bool take_day(struct span *in, int *day)
{
	bool one = take_char(in, ' ') || (in->len > 1 && in->data[1] == '-');

	return take_digits(in, one ? 1 : 2, day);
}

static bool take_month(struct span *in, int *month)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	if (in->len < 3)
		return false;
	for (int i = 0; i < 12; i++) {
		struct span name = {names + 3 * (ptrdiff_t)i, 3};

		if (!span_equal_nocase(name, (struct span){in->data, 3}))
			continue;
		in->data += 3;
		in->len -= 3;
		*month = i + 1;
		return true;
	}
	return false;
}

/* time = 2DIGIT ":" 2DIGIT ":" 2DIGIT */
static bool take_time(struct span *in, struct date *d)
{
	return take_digits(in, 2, &d->hour) && take_char(in, ':') &&
		take_digits(in, 2, &d->minute) && take_char(in, ':') &&
		take_digits(in, 2, &d->second);
}

/* zone = ("+" / "-") 4DIGIT */
static bool take_zone(struct span *in, int *minutes)
{
	bool west = take_char(in, '-');
	int hour, minute;

	if (!west && !take_char(in, '+'))
		return false;
	if (!take_digits(in, 2, &hour) || !take_digits(in, 2, &minute))
		return false;
	if (hour > 23 || minute > 59)
		return false;
	*minutes = (hour * 60 + minute) * (west ? -1 : 1);
	return true;
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool is_real(const struct date *d)
{
	static const int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int last = days[d->month - 1];

	if (d->month == 2 && is_leap(d->year))
		last++;
	return d->day >= 1 && d->day <= last && d->hour <= 23 &&
		d->minute <= 59 && d->second <= 60;
}

/* Days since 1970 in the calendar of today, also for years before it. */
static int64_t days_since_1970(const struct date *d)
{
	static const int before[] = {
		0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	/* Leap days are counted up to the end of the year before. */
	int64_t past = (int64_t)d->year - 1;
	int64_t days = past * 365 + past / 4 - past / 100 + past / 400;

	days += before[d->month - 1] + d->day - 1;
	if (d->month > 2 && is_leap(d->year))
		days++;
	return days - 719162; /* 1 January 1970 */
}

/* date-time = date-day-fixed "-" date-month "-" date-year SP time SP zone */
bool date_time_parse(struct span text, int64_t *seconds)
{
	struct date d = {0};

	if (!take_day(&text, &d.day) || !take_char(&text, '-') ||
		!take_month(&text, &d.month) || !take_char(&text, '-') ||
		!take_digits(&text, 4, &d.year) || !take_char(&text, ' ') ||
		!take_time(&text, &d) || !take_char(&text, ' ') ||
		!take_zone(&text, &d.zone_min) || text.len > 0)
		return false;
	if (d.year < 1 || !is_real(&d))
		return false;
	*seconds = days_since_1970(&d) * 86400 + (int64_t)d.hour * 3600 +
		((int64_t)d.minute - d.zone_min) * 60 + d.second;
	return true;
}
