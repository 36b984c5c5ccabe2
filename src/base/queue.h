/*
 * The one way from the workers to the main thread.  Any thread puts, the main
 * thread gets.  Facts keep their order; progress is one cell per worker.
 * The mutex lives here; nothing is called and no file is touched under it but
 * one byte into the wake-up pipe.
 */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

struct event;
struct queue;

struct queue *queue_new(void);
/* Frees what was not read. */
void queue_free(struct queue *q);
/* A number no other worker has. */
unsigned queue_cell_new(struct queue *q);
/* Takes the event. */
void queue_put(struct queue *q, struct event *ev);
/* Takes the event; replaces the one unread in cell ev->cell.  Read after the
 * facts that were put before it, dropped when a later one replaces it. */
void queue_put_progress(struct queue *q, struct event *ev);
/* The next fact, else the next progress cell, else NULL.  Caller frees. */
struct event *queue_get(struct queue *q);
/* Readable while queue_get would return something. */
int queue_fd(const struct queue *q);

#endif
