#include "config.h"

#include "run/convoy.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <string.h>

#include "base/task.h"
#include "base/vec.h"
#include "base/worker.h"
#include "conf/conf.h"
#include "imap/session.h"
#include "imap/trunk.h"
#include "mem.h"
#include "run/engine_core.h"
#include "run/jobs.h"
#include "run/login.h"
#include "run/member.h"
#include "sync/moves.h"
#include "sync/tree.h"

/* So many folders at once: more would save nothing, and each has lists and
 * descriptors. */
#define PLACES_MAX 64
/* Of a turn: worth one more folder at once. */
#define PLACE_MS 10
/* So many descriptors each may need, and all else in the program. */
#define PLACE_FILES 12
#define OTHER_FILES 128

struct convoy_place {
	struct convoy *convoy;
	struct task *task;
	struct worker w;
	struct moves *moves; /* NULL: it takes no part */
	size_t index; /* of the pair */
};

struct convoy {
	const struct member_round *round;
	struct worker *w; /* the member's */
	convoy_fn *work;
	struct trunk *trunk[CONNECTOR_SIDES]; /* NULL: no connection yet, or a
	                                         directory */
	struct vec places; /* of struct convoy_place * */
	struct moves *moves; /* of those begun together at first */
	bool ended;
	struct error why;
};

struct convoy *convoy_new(const struct member_round *round, struct worker *w,
	convoy_fn *work)
{
	struct convoy *c = mem_calloc(1, sizeof(*c));

	c->round = round;
	c->w = w;
	c->work = work;
	c->places = (struct vec)VEC(struct convoy_place *);
	return c;
}

void convoy_take(struct convoy *c, enum connector_side side,
	struct session *session)
{
	if (session != NULL)
		c->trunk[side] = trunk_new(session);
}

struct session *convoy_detach(struct convoy *c, enum connector_side side)
{
	struct session *session = NULL;

	if (c->trunk[side] != NULL)
		session = trunk_detach(c->trunk[side]);
	c->trunk[side] = NULL;
	return session;
}

void convoy_free(struct convoy *c)
{
	assert(c->places.len == 0);
	for (int side = 0; side < CONNECTOR_SIDES; side++)
		session_close(convoy_detach(c, side));
	vec_clear(&c->places);
	moves_free(c->moves);
	free(c);
}

/* ---- From a task ---- */

struct worker *convoy_worker(struct convoy_place *place)
{
	return &place->w;
}

const struct member_round *convoy_round(const struct convoy_place *place)
{
	return place->convoy->round;
}

struct moves *convoy_moves(const struct convoy_place *place)
{
	return place->moves;
}

struct task *convoy_task(const struct convoy_place *place)
{
	return place->task;
}

unsigned convoy_peers(const struct convoy_place *place)
{
	return (unsigned)place->convoy->places.len;
}

void convoy_end(struct convoy_place *place, const struct error *why)
{
	place->convoy->ended = true;
	place->convoy->why = *why;
}

bool convoy_ended(const struct convoy_place *place, struct error *why)
{
	if (place->convoy->ended)
		*why = place->convoy->why;
	return place->convoy->ended;
}

/* The session tells things in the name of the member, whom it outlives the
 * tasks with. */
static bool connect_side(struct convoy *c, enum connector_side side,
	struct error *err)
{
	struct trunk *t = c->trunk[side];
	struct session *session;

	if (t != NULL && trunk_alive(t))
		return true;
	session = login_again(&c->round->connector->login[side],
		t != NULL ? trunk_lost(t) : NULL, c->w, err);
	if (session == NULL)
		return false;
	if (t != NULL)
		trunk_replace(t, session);
	else
		c->trunk[side] = trunk_new(session);
	return true;
}

/* What is asked of the local server is asked in the midst of the remote one's
 * answers, too: it cannot wait for others. */
struct store *convoy_store(struct convoy_place *place,
	enum connector_side side, struct error *err)
{
	struct convoy *c = place->convoy;
	const struct connector *connector = c->round->connector;
	struct task *task = side == CONNECTOR_REMOTE ? place->task : NULL;
	struct session *branch = NULL;

	if (connector_is_server(connector, side)) {
		if (!connect_side(c, side, err))
			return NULL;
		branch = trunk_branch(c->trunk[side], task, &place->w);
	}
	return connector_open(connector, side, &place->w, branch, err);
}

/* ---- The tasks ---- */

static void run(void *arg)
{
	struct convoy_place *place = arg;

	place->convoy->work(place, place->index);
}

static void start(struct convoy *c, size_t index)
{
	struct convoy_place *place = mem_calloc(1, sizeof(*place));

	place->convoy = c;
	place->w = *c->w;
	place->index = index;
	place->task = task_new(run, place);
	*(struct convoy_place **)vec_add(&c->places) = place;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* By the descriptors that the process may have, where all accounts that run
 * at once do the same. */
static size_t places_possible(const struct member_round *round)
{
	int64_t accounts =
		engine_conf(round->connector->engine)->maxsyncaccounts;
	struct rlimit limit;
	rlim_t files;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return PLACES_MAX;
	files = limit.rlim_cur > OTHER_FILES ? limit.rlim_cur - OTHER_FILES
		: 0;
	files /= PLACE_FILES * round->members *
		(accounts > 1 ? (size_t)accounts : 1);
	return files < PLACES_MAX ? (size_t)files : PLACES_MAX;
}

/* Each folder is asked for twice before its messages come: where that takes
 * long, so many share the wait. */
static size_t places_worth(const struct convoy *c)
{
	const struct trunk *t = c->trunk[CONNECTOR_REMOTE];

	return t != NULL ? (size_t)(trunk_turn_ms(t) / PLACE_MS) : 0;
}

/* Few enough that there is work for the other members, too. */
static size_t places_wanted(const struct convoy *c)
{
	const struct member_round *round = c->round;
	size_t most = places_possible(round);

	if (engine_options(round->connector->engine)->single_thread)
		return 1;
	if (round->members > 1)
		most = smaller(most, larger(places_worth(c),
			jobs_left(round->jobs) / (2 * round->members)));
	return most > 0 ? most : 1;
}

/* By what the user wants to have first. */
static bool take(const struct convoy *c, size_t *index)
{
	const struct vec *pairs = c->round->pairs;
	char *name = engine_first(c->round->connector->engine, c->w->account);
	size_t first = JOBS_ANY;
	bool got;

	for (size_t i = 0; name != NULL && i < pairs->len; i++)
		if (strcmp(((const struct tree_pair *)
			vec_at(pairs, i))->visible, name) == 0)
			first = i;
	got = jobs_take(c->round->jobs, first, index);
	free(name);
	return got;
}

static void start_some(struct convoy *c)
{
	size_t wanted = places_wanted(c), index;

	while (c->places.len < wanted && !c->ended && !worker_stopped(c->w) &&
		take(c, &index))
		if (!c->round->left_out[index])
			start(c, index);
}

static bool is_held(const struct convoy *c, const struct convoy_place *place)
{
	const struct trunk *t = c->trunk[CONNECTOR_REMOTE];

	return (t != NULL && trunk_holds(t, place->task)) ||
		(place->moves != NULL &&
		moves_holds(place->moves, place->task));
}

/* Those that need not wait for an answer; false: all do. */
static bool resume_some(struct convoy *c)
{
	struct convoy_place **at = c->places.data;
	size_t kept = 0;
	bool any = false;

	for (size_t i = 0; i < c->places.len; i++) {
		struct convoy_place *place = at[i];

		if (!is_held(c, place)) {
			any = true;
			if (!task_resume(place->task)) {
				task_free(place->task);
				free(place);
				continue;
			}
		}
		at[kept++] = place;
	}
	c->places.len = kept;
	return any;
}

/* A folder that is begun when others are done already cannot meet them. */
static void join(struct convoy *c)
{
	if (c->places.len < 2)
		return;
	c->moves = moves_new();
	for (size_t i = 0; i < c->places.len; i++) {
		struct convoy_place *place =
			*(struct convoy_place **)vec_at(&c->places, i);

		place->moves = c->moves;
		moves_join(c->moves);
	}
}

void convoy_run(struct convoy *c)
{
	start_some(c);
	join(c);
	for (;;) {
		start_some(c);
		if (c->places.len == 0)
			break;
		if (!resume_some(c))
			trunk_fly(c->trunk[CONNECTOR_REMOTE]);
	}
}
