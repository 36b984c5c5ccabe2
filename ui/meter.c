#include "config.h"

#include "meter.h"

/* Shorter steps are gathered; a rate forgets within about this long. */
#define SAMPLE_MS 500
#define MEMORY_MS 5000
/* Longer than a hundred days is as good as not known. */
#define LEFT_MAX_S 8640000

void meter_start(struct meter *meter, int64_t time_ms)
{
	*meter = (struct meter){ .sample_ms = time_ms };
}

/* The old rate and the rate of the last step, weighted by the step's length:
 * an exponential mean that does not depend on how often events come. */
static uint64_t smooth(uint64_t old, uint64_t step, uint64_t step_ms)
{
	if (old == 0)
		return step;
	double weight = (double)step_ms / (double)(step_ms + MEMORY_MS);
	double rate = (double)old + ((double)step - (double)old) * weight;
	return rate > 0 ? (uint64_t)rate : 0;
}

static uint64_t per_second(uint64_t amount, uint64_t ms, double scale)
{
	return (uint64_t)((double)amount * scale / (double)ms);
}

static void take_sample(struct meter *meter, int64_t time_ms)
{
	meter->sample_ms = time_ms;
	meter->sample_done = meter->done;
	meter->sample_bytes = meter->bytes_done;
}

void meter_resume(struct meter *meter, int64_t time_ms)
{
	take_sample(meter, time_ms);
}

void meter_set(struct meter *meter, int64_t time_ms, uint64_t done,
	uint64_t bytes_done)
{
	meter->done = done;
	meter->bytes_done = bytes_done;
	/* A clock set back, or counters begun anew: start over. */
	if (meter->sample_ms == 0 || time_ms < meter->sample_ms ||
		done < meter->sample_done || bytes_done < meter->sample_bytes) {
		take_sample(meter, time_ms);
		return;
	}
	if (time_ms - meter->sample_ms < SAMPLE_MS)
		return;
	uint64_t ms = (uint64_t)(time_ms - meter->sample_ms);
	meter->byte_rate = smooth(meter->byte_rate,
		per_second(bytes_done - meter->sample_bytes, ms, 1000), ms);
	meter->milli_rate = smooth(meter->milli_rate,
		per_second(done - meter->sample_done, ms, 1e6), ms);
	take_sample(meter, time_ms);
}

static int64_t seconds_for(uint64_t rest, double rate)
{
	double seconds = (double)rest / rate;

	return seconds < LEFT_MAX_S ? (int64_t)seconds + 1 : -1;
}

int64_t meter_left_s(const struct meter *meter)
{
	if (meter->bytes_total > meter->bytes_done && meter->byte_rate > 0)
		return seconds_for(meter->bytes_total - meter->bytes_done,
			(double)meter->byte_rate);
	if (meter->total > meter->done && meter->milli_rate > 0)
		return seconds_for(meter->total - meter->done,
			(double)meter->milli_rate / 1000);
	return -1;
}

static unsigned permille(uint64_t done, uint64_t total)
{
	if (total == 0)
		return 0;
	if (done >= total)
		return 1000;
	return (unsigned)((double)done * 1000 / (double)total);
}

unsigned meter_permille(const struct meter *meter)
{
	if (meter->bytes_total > 0)
		return permille(meter->bytes_done, meter->bytes_total);
	return permille(meter->done, meter->total);
}
