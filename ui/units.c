#include "config.h"

#include "units.h"

#include <inttypes.h>

#include "attr.h"

/* value with the first unit that leaves fewer than four digits; one decimal
 * while there is one digit before it. */
static void add_scaled(struct str *out, uint64_t value,
	const char *const *units, size_t count)
{
	uint64_t tenth = 0;
	size_t unit = 0;

	while (value >= 1000 && unit + 1 < count) {
		tenth = value % 1000 / 100;
		value /= 1000;
		unit++;
	}
	if (unit > 0 && value < 10)
		str_printf(out, "%" PRIu64 ".%" PRIu64 "%s", value, tenth,
			units[unit]);
	else
		str_printf(out, "%" PRIu64 "%s", value, units[unit]);
}

void units_add_bytes(struct str *out, uint64_t bytes)
{
	static const char *const units[] = { " B", " kB", " MB", " GB", " TB",
		" PB", " EB" };

	add_scaled(out, bytes, units, ARRAY_LEN(units));
}

void units_add_count(struct str *out, uint64_t count)
{
	static const char *const units[] = { "", "k", "M", "G", "T", "P", "E" };

	add_scaled(out, count, units, ARRAY_LEN(units));
}

void units_add_duration(struct str *out, int64_t seconds)
{
	if (seconds < 0)
		seconds = 0;
	if (seconds >= 3600)
		str_printf(out, "%" PRId64 ":%02d:%02d", seconds / 3600,
			(int)(seconds / 60 % 60), (int)(seconds % 60));
	else
		str_printf(out, "%d:%02d", (int)(seconds / 60),
			(int)(seconds % 60));
}

void units_add_minutes(struct str *out, int64_t seconds)
{
	if (seconds < 0)
		seconds = 0;
	str_printf(out, "%" PRId64 ".%d", seconds / 60,
		(int)(seconds % 60 / 6));
}
