/*
 * The sets of exceptions.h as the server would tell them, made from a list of
 * messages: so that a folder is recognised next time without CONDSTORE.
 * Pure; any thread.
 */
#ifndef MAIL_EXCEPTIONS_OF_H
#define MAIL_EXCEPTIONS_OF_H

#include <stdint.h>

#include "imap/exceptions.h"
#include "mail/msg.h"

/* What is to be asked about such a list: the flags of IMAP, SEEN or UNSEEN
 * whichever are fewer, and these letters. */
uint32_t exceptions_wanted(const struct msglist *list, uint32_t letters);
/* Fills the zeroed e as if all that is asked had been answered. */
void exceptions_of(const struct msglist *list, uint32_t asked,
	struct exceptions *e);

#endif
