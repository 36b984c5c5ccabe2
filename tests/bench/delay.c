/*
 * A delay line for the benchmark: relays TCP connections to a port of this
 * machine, holds every byte back for half a round trip in each direction, and
 * counts connections, bytes and turns.  Throughput is not limited and order is
 * kept.
 *
 * A turn is a round trip in which nothing else could be going on; the rule is
 * that of tests/e2e/support/turns.py, where it is explained and tested: what
 * the client sends opens a turn if, when it reaches the server, the server has
 * sent nothing that the client had not been given before.  Without a delay
 * this cannot be told from a stream that is kept filled, and the number is an
 * upper bound.  Connecting is simulated too: the first byte reaches the server
 * one and a half round trips after the client has called.
 *
 * One thread.  It prints its port, then obeys lines on its standard input:
 *	target PORT	where the next connections go
 *	rtt MICROSECONDS
 *	reset		what there is so far counts no longer
 *	report		prints a line of JSON when no connection is left
 * and ends with its input.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"

enum {
	STEP = 1 << 16,
	/* What one direction holds at most: 75 ms at 3 GB/s; without a delay
	 * no more than a socket's buffer. */
	HELD_MAX = 1 << 28,
	HELD_MAX_DIRECT = 1 << 20,
	COMMAND_MAX = 100,
};

/* Bytes under way; none means the end of the stream. */
struct chunk {
	struct chunk *next;
	int64_t due;
	uint64_t seen;
	size_t len, done;
	bool begun;
	char data[];
};

/* One direction of a connection. */
struct way {
	int from, to;
	struct chunk *first, **last;
	size_t held;
	uint64_t total;
	bool finished; /* its end was read */
	bool ended;    /* its end was passed on */
};

struct link {
	struct link *next;
	struct way up, down;
	int64_t opens;
	uint64_t delivered; /* what the client was given */
	uint64_t mark;      /* of that, what was before the turn in progress */
	uint64_t turns;
	bool waiting; /* for the first byte of that turn */
	bool counted;
};

struct sums {
	uint64_t connections, turns, longest, up, down;
};

struct line {
	int listener;
	in_port_t target;
	int64_t rtt;
	struct link *links;
	struct sums sums; /* of connections that are over */
	char command[COMMAND_MAX];
	size_t command_len;
	bool asked; /* for a report */
	bool stop;
	char step[STEP];
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void make_ready(int fd)
{
	const int on = 1;

	if (fd >= FD_SETSIZE)
		die("delay: too many connections");
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static struct sockaddr_in loopback(in_port_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	return address;
}

static void line_listen(struct line *line)
{
	struct sockaddr_in address = loopback(0);
	socklen_t len = sizeof(address);

	line->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (line->listener < 0 ||
	    bind(line->listener, (struct sockaddr *)&address, len) ||
	    listen(line->listener, 128) ||
	    getsockname(line->listener, (struct sockaddr *)&address, &len))
		die("delay: listen");
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
}

static void way_init(struct way *way, int from, int to)
{
	way->from = from;
	way->to = to;
	way->last = &way->first;
}

static void line_accept(struct line *line)
{
	struct link *link;
	int client = accept(line->listener, NULL, NULL);

	if (client < 0)
		return;
	make_ready(client);
	link = mem_calloc(1, sizeof(*link));
	way_init(&link->up, client, -1);
	way_init(&link->down, -1, client);
	link->opens = now_ns() + line->rtt * 3 / 2;
	link->turns = 1;
	link->waiting = link->counted = true;
	link->next = line->links;
	line->links = link;
}

/* The handshake has taken its time: now the server sees it. */
static void link_open(const struct line *line, struct link *link)
{
	struct sockaddr_in address = loopback(line->target);
	int server = socket(AF_INET, SOCK_STREAM, 0);

	if (server < 0 || connect(server, (struct sockaddr *)&address,
			sizeof(address)))
		die("delay: connect");
	make_ready(server);
	link->up.to = link->down.from = server;
}

static void link_count(struct link *link, const struct way *way, size_t len,
	uint64_t seen)
{
	if (way == &link->down) {
		link->delivered += len;
		if (link->waiting && !link->up.finished)
			link->turns++;
		link->waiting = false;
	} else if (seen == link->down.total && seen > link->mark) {
		link->mark = seen;
		link->waiting = true;
	}
}

static bool may_read(const struct line *line, const struct way *way)
{
	size_t most = line->rtt ? HELD_MAX : HELD_MAX_DIRECT;

	return way->from >= 0 && !way->finished && way->held < most;
}

/* Takes what has come; it is due half a round trip from now. */
static void link_read(struct line *line, struct link *link, struct way *way)
{
	ssize_t len = read(way->from, line->step, sizeof(line->step));
	struct chunk *chunk;

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len < 0)
		len = 0;
	chunk = mem_alloc(sizeof(*chunk) + (size_t)len);
	*chunk = (struct chunk){
		.due = now_ns() + line->rtt / 2,
		.seen = link->delivered,
		.len = (size_t)len,
	};
	if (way == &link->up && chunk->due < link->opens)
		chunk->due = link->opens;
	memcpy(chunk->data, line->step, (size_t)len);
	way->total += (size_t)len;
	way->held += (size_t)len;
	way->finished = len == 0;
	*way->last = chunk;
	way->last = &chunk->next;
}

static void way_drop(struct way *way)
{
	struct chunk *chunk = way->first;

	way->held -= chunk->len;
	way->first = chunk->next;
	if (!way->first)
		way->last = &way->first;
	free(chunk);
}

/* Writes the first chunk or a part of it; false: no more for now. */
static bool chunk_write(struct link *link, struct way *way)
{
	struct chunk *chunk = way->first;
	ssize_t len;

	if (chunk->len == 0) {
		shutdown(way->to, SHUT_WR);
		way->ended = true;
		way_drop(way);
		return false;
	}
	if (!chunk->begun)
		link_count(link, way, chunk->len, chunk->seen);
	chunk->begun = true;
	len = write(way->to, chunk->data + chunk->done,
		chunk->len - chunk->done);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	chunk->done = len < 0 ? chunk->len : chunk->done + (size_t)len;
	if (chunk->done < chunk->len)
		return false;
	way_drop(way);
	return true;
}

static bool way_due(const struct way *way, int64_t now)
{
	return way->to >= 0 && way->first && way->first->due <= now;
}

static void link_step(const struct line *line, struct link *link, int64_t now)
{
	if (link->up.to < 0 && link->opens <= now)
		link_open(line, link);
	while (way_due(&link->up, now) && chunk_write(link, &link->up))
		;
	while (link->up.to >= 0 && way_due(&link->down, now) &&
		chunk_write(link, &link->down))
		;
}

static void way_clear(struct way *way)
{
	while (way->first)
		way_drop(way);
	close(way->from);
}

static void line_close(struct line *line, struct link **place)
{
	struct link *link = *place;
	struct sums *sums = &line->sums;

	*place = link->next;
	if (link->counted) {
		sums->connections++;
		sums->turns += link->turns;
		if (sums->longest < link->turns)
			sums->longest = link->turns;
		sums->up += link->up.total;
		sums->down += link->down.total;
	}
	way_clear(&link->up);
	way_clear(&link->down);
	free(link);
}

static void line_step(struct line *line)
{
	int64_t now = now_ns();
	struct link **place = &line->links;

	while (*place) {
		link_step(line, *place, now);
		if ((*place)->up.ended && (*place)->down.ended)
			line_close(line, place);
		else
			place = &(*place)->next;
	}
	if (line->asked && !line->links) {
		printf("{\"connections\": %ju, \"turns\": %ju, \"longest\": "
			"%ju, \"up\": %ju, \"down\": %ju}\n",
			(uintmax_t)line->sums.connections,
			(uintmax_t)line->sums.turns,
			(uintmax_t)line->sums.longest,
			(uintmax_t)line->sums.up, (uintmax_t)line->sums.down);
		fflush(stdout);
		line->asked = false;
	}
}

static void line_reset(struct line *line)
{
	struct link *link;

	memset(&line->sums, 0, sizeof(line->sums));
	for (link = line->links; link; link = link->next)
		link->counted = false;
}

static void line_obey(struct line *line, const char *command)
{
	long number;

	if (sscanf(command, "target %ld", &number) == 1)
		line->target = (in_port_t)number;
	else if (sscanf(command, "rtt %ld", &number) == 1)
		line->rtt = number * 1000;
	else if (strcmp(command, "reset") == 0)
		line_reset(line);
	else if (strcmp(command, "report") == 0)
		line->asked = true;
	else
		die("delay: unknown command");
}

static void line_command(struct line *line)
{
	size_t room = sizeof(line->command) - 1 - line->command_len;
	ssize_t len = read(STDIN_FILENO, line->command + line->command_len,
		room);
	char *end;

	if (len <= 0) {
		line->stop = true;
		return;
	}
	line->command_len += (size_t)len;
	line->command[line->command_len] = '\0';
	while ((end = strchr(line->command, '\n'))) {
		*end++ = '\0';
		line_obey(line, line->command);
		line->command_len = strlen(end);
		memmove(line->command, end, line->command_len + 1);
	}
}

struct wait {
	const struct line *line;
	fd_set read, write;
	int most;
	int64_t next;
};

static void wait_fd(struct wait *wait, fd_set *set, int fd)
{
	FD_SET(fd, set);
	if (wait->most < fd)
		wait->most = fd;
}

static void wait_way(struct wait *wait, const struct way *way, int64_t now)
{
	if (may_read(wait->line, way))
		wait_fd(wait, &wait->read, way->from);
	if (way->to < 0 || !way->first)
		return;
	if (way->first->due <= now)
		wait_fd(wait, &wait->write, way->to);
	else if (way->first->due < wait->next)
		wait->next = way->first->due;
}

static void wait_link(struct wait *wait, const struct link *link, int64_t now)
{
	if (link->up.to < 0 && link->opens < wait->next)
		wait->next = link->opens;
	wait_way(wait, &link->up, now);
	wait_way(wait, &link->down, now);
}

/* Until something can be read or written, or becomes due. */
static void line_wait(const struct line *line, struct wait *wait)
{
	const struct link *link;
	struct timespec left, *timeout = NULL;
	int64_t now = now_ns(), ns;

	*wait = (struct wait){.line = line, .next = INT64_MAX};
	FD_ZERO(&wait->read);
	FD_ZERO(&wait->write);
	wait_fd(wait, &wait->read, STDIN_FILENO);
	wait_fd(wait, &wait->read, line->listener);
	for (link = line->links; link; link = link->next)
		wait_link(wait, link, now);
	if (wait->next != INT64_MAX) {
		ns = wait->next > now ? wait->next - now : 0;
		left.tv_sec = ns / 1000000000;
		left.tv_nsec = ns % 1000000000;
		timeout = &left;
	}
	if (pselect(wait->most + 1, &wait->read, &wait->write, NULL, timeout,
			NULL) < 0) {
		if (errno != EINTR)
			die("delay: pselect");
		FD_ZERO(&wait->read);
	}
}

static void line_read(struct line *line, const struct wait *wait)
{
	struct link *link;

	for (link = line->links; link; link = link->next) {
		if (may_read(line, &link->up) &&
		    FD_ISSET(link->up.from, &wait->read))
			link_read(line, link, &link->up);
		if (may_read(line, &link->down) &&
		    FD_ISSET(link->down.from, &wait->read))
			link_read(line, link, &link->down);
	}
}

int main(void)
{
	struct line *line = mem_calloc(1, sizeof(*line));
	struct wait wait;

	signal(SIGPIPE, SIG_IGN);
	line_listen(line);
	while (!line->stop) {
		line_wait(line, &wait);
		if (FD_ISSET(STDIN_FILENO, &wait.read))
			line_command(line);
		line_read(line, &wait);
		if (FD_ISSET(line->listener, &wait.read))
			line_accept(line);
		line_step(line);
	}
	free(line);
	return 0;
}
