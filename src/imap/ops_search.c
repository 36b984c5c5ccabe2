#include "config.h"

#include "imap/ops_impl.h"
#include "imap/session_impl.h"

struct searching {
	const struct seqset *uids; /* NULL: all */
	struct seqset *found;
};

static bool on_search(void *arg, const struct response *r, struct error *err)
{
	struct searching *searching = arg;
	struct seqset_iter iter;
	uint32_t uid;

	(void)err;
	if (r->kind != RESPONSE_SEARCH)
		return true;
	iter = seqset_iter(&r->set);
	while (seqset_next(&iter, &uid))
		if (!searching->uids || seqset_has(searching->uids, uid))
			seqset_push(searching->found, uid, uid);
	return true;
}

/*
 * search-key =/ "SINCE" SP date / "LARGER" SP number / "DELETED"
 * date-text  = date-day "-" date-month "-" date-year
 */
static void add_keys(struct cmd *cmd, const struct ops_search *what)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
		"May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct str date = {0};

	if (what->year > 0) {
		str_printf(&date, "SINCE %d-%s-%04d", what->day,
			months[what->month - 1], what->year);
		cmd_raw(cmd, str_get(&date));
	}
	if (what->larger > 0) {
		cmd_raw(cmd, "LARGER");
		cmd_number(cmd, what->larger);
	}
	if (what->deleted)
		cmd_raw(cmd, "DELETED");
	str_clear(&date);
}

static void add_part(struct flight *f, const struct ops_search *what,
	const struct seqset *uids, size_t *next)
{
	struct cmd *cmd = &flight_add(f)->cmd;
	struct str set = {0};

	cmd_init(cmd, "UID SEARCH");
	if (uids) {
		seqset_print_part(uids, next, OPS_SET_BYTES, &set);
		cmd_raw(cmd, "UID");
		cmd_raw(cmd, str_get(&set));
		str_clear(&set);
	}
	add_keys(cmd, what);
}

bool ops_search(struct session *s, const struct ops_search *what,
	const struct seqset *uids, struct seqset *found, struct error *err)
{
	struct searching searching = {uids, found};
	struct response_handler handler = {.response = on_search,
		.arg = &searching};
	struct flight f = {0};
	size_t next = 0;
	bool ok;

	seqset_reset(found);
	do {
		add_part(&f, what, uids, &next);
	} while (uids && next < uids->len);
	ok = session_flight(s, &f, &handler, err) &&
		ops_all_ok(&f, "UID SEARCH", err);
	seqset_settle(found);
	flight_clear(&f);
	return ok;
}
