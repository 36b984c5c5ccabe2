#include "config.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "mem.h"

#ifdef CLOCK_BOOTTIME
#define CLOCK_STEADY CLOCK_BOOTTIME
#else
#define CLOCK_STEADY CLOCK_MONOTONIC
#endif

static int64_t read_ms(clockid_t id)
{
	struct timespec now;

	if (clock_gettime(id, &now) != 0)
		mem_die("the system has no clock");
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_mono_ms(void)
{
	return read_ms(CLOCK_STEADY);
}

int64_t clock_wall_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

void clock_local(int64_t seconds, struct tm *out, int *zone_min)
{
	time_t when = (time_t)seconds;

	/* A year beyond int has no local time; show the epoch. */
	if (!localtime_r(&when, out)) {
		memset(out, 0, sizeof(*out));
		out->tm_mday = 1;
		out->tm_year = 70;
		out->tm_wday = 4;
	}
	*zone_min = (int)(out->tm_gmtoff / 60);
}
