#include "config.h"

#include "base/clock.h"
#include "conf/date.h"
#include "conf/number.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

/* Days from 0000-03-01, so that a leap day is the last of its year. */
int64_t date_to_days(struct date date)
{
	int64_t year = date.month > 2 ? date.year : date.year - 1;
	int64_t month = (date.month + 9) % 12;

	return 365 * year + year / 4 - year / 100 + year / 400 +
		(month * 306 + 5) / 10 + date.day - 1 - 719468;
}

static int64_t first_of_year(int year)
{
	return date_to_days((struct date){year, 1, 1});
}

struct date date_from_days(int64_t days)
{
	struct date d = {(int)(1970 + days / 366), 1, 1};

	while (first_of_year(d.year) > days)
		d.year--;
	while (first_of_year(d.year + 1) <= days)
		d.year++;
	while (d.month < 12 &&
		date_to_days((struct date){d.year, d.month + 1, 1}) <= days)
		d.month++;
	d.day = (int)(days - date_to_days(d)) + 1;
	return d;
}

struct date date_today(void)
{
	return date_from_days(clock_wall_ms() / DAY_MS);
}

static bool digits(struct span text, size_t from, size_t to, int *out)
{
	*out = 0;
	for (size_t i = from; i < to; i++) {
		if (!ascii_is_digit(text.data[i]))
			return false;
		*out = *out * 10 + (text.data[i] - '0');
	}
	return true;
}

bool date_parse(struct span text, struct date *out)
{
	struct date again;
	int64_t days;

	if (text.len != 10 || text.data[4] != '-' || text.data[7] != '-' ||
		!digits(text, 0, 4, &out->year) ||
		!digits(text, 5, 7, &out->month) ||
		!digits(text, 8, 10, &out->day) || out->year < 1900 ||
		out->month < 1 || out->month > 12 || out->day < 1)
		return false;
	days = date_to_days(*out);
	again = date_from_days(days);
	return again.month == out->month && again.day == out->day &&
		days <= date_to_days(date_today());
}

struct date date_of_age(const char *age)
{
	struct date date = {1970, 1, 1};
	int64_t days;

	if (number_int(span_of(age), &days))
		return date_from_days(date_to_days(date_today()) - days);
	/* The configuration was checked when it was loaded. */
	if (!date_parse(span_of(age), &date))
		return date_today();
	return date;
}
