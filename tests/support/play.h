/*
 * A session over a socket pair with a fake server that plays
 * tests/imap/NAME.txt.  For the tests of the session and of its operations.
 */
#ifndef PLAY_H
#define PLAY_H

#include <stdbool.h>

#include "base/worker.h"
#include "error.h"
#include "imap/session.h"
#include "support/fake_server.h"

struct play {
	struct fake_server *server;
	struct worker worker;
	struct stop *stop;
	struct session_options options;
	struct session *session; /* NULL: could not be opened, see err */
	struct error err;
};

/* Fills in what a plain session needs; the test may change options. */
void play_init(struct play *p);
/* Starts the script's text and opens the session. */
void play_text(struct play *p, const char *script, SSL_CTX *tls);
/* The same for tests/imap/NAME.txt. */
void play_file(struct play *p, const char *name, SSL_CTX *tls);
/* Login with user "user", password "secret" by these mechanisms. */
bool play_login(struct play *p, const char *const *mechanisms);
/* A session that is logged in from the start: "* PREAUTH" in a tunnel. */
void play_known(struct play *p, const char *name);
/* Closes; fails the test when the client did not keep to the script. */
void play_end(struct play *p);
/* How many events of a kind were told; they are gone then. */
size_t play_count(struct play *p, enum event_kind kind, const char *part);

#endif
