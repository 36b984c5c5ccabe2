#include "config.h"

#include "conf/date.h"
#include "mail/maildir.h"

#define DAY_S 86400

/* A name begins with the second of its delivery; one that does not says
 * nothing. */
static bool is_since(const char *file, int64_t since_s)
{
	uint64_t second = 0;
	size_t i;

	for (i = 0; ascii_is_digit(file[i]) && second < INT64_MAX / 20; i++)
		second = second * 10 + (uint64_t)(file[i] - '0');
	return i == 0 || (int64_t)second >= since_s;
}

struct sizing {
	const struct msgset *which;
	uint64_t larger;
	size_t next;
	bool *out;
};

/* They come in the order of the set. */
static bool size_one(void *arg, const struct identity *id, struct error *err)
{
	struct sizing *sizing = arg;
	const struct msgset *which = sizing->which;

	(void)err;
	while (sizing->next < which->len &&
		which->index[sizing->next] != id->index)
		sizing->out[sizing->next++] = false;
	if (sizing->next == which->len)
		return true;
	if (id->size <= sizing->larger)
		sizing->out[sizing->next] = false;
	sizing->next++;
	return true;
}

bool maildir_search(struct store *store, const struct msgset *which,
	const struct ops_search *what, bool *out, struct error *err)
{
	struct sizing sizing = {which, what->larger, 0, out};
	struct str name = {0};
	int64_t since_s = 0;

	if (what->year > 0)
		since_s = DAY_S * date_to_days((struct date){what->year,
			what->month, what->day});
	for (size_t i = 0; i < which->len; i++)
		out[i] = what->year == 0 || is_since(maildir_file_of(
			msglist_name(which->list, msgset_at(which, i), &name)),
			since_s);
	str_clear(&name);
	if (what->larger == 0)
		return true;
	if (!maildir_identify(store, which, size_one, &sizing, err))
		return false;
	while (sizing.next < which->len)
		out[sizing.next++] = false;
	return true;
}
