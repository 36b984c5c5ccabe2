/*
 * Days of the calendar, for maxage and startdate.  Pure but for date_today;
 * any thread.
 */
#ifndef CONF_DATE_H
#define CONF_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

#define DATE_DAYS_MAX 40000 /* reaches back over a century */

struct date {
	int year, month, day; /* 1-12, 1-31 */
};

/* "YYYY-MM-DD": a day that exists, from 1900, not after today. */
bool date_parse(struct span text, struct date *out);
/* Today in UTC. */
struct date date_today(void);
/* Days since 1970-01-01, negative before; proleptic Gregorian. */
int64_t date_to_days(struct date date);
struct date date_from_days(int64_t days);
/* The day that maxage means: so many days before today, or the date. */
struct date date_of_age(const char *age);

#endif
